"""The table of the landscape has a row for each edge."""

import pytest

from kgon.kgons.catalogue import Catalogue
from kgon.report import tables

C = 6


def test_the_table_has_a_row_for_each_edge(landscape):
    table = tables.make_table("landscape", landscape=landscape)
    assert len(table.rows) == len(landscape.edges)
    assert tables.TABLES["landscape"].options == ("c", "full")
    row = next(row for row in table.rows if (row["first"], row["second"]) == ("5+", "6"))
    assert float(row["loss"]) == pytest.approx(float(row["barrier"]) + Catalogue(C)["5+"].loss, abs=1e-6)
    for form in ("text", "latex", "markdown", "csv"):
        assert "5+" in table.render(form) or "5^{+}" in table.render(form)
