"""Tables of exact numbers and of the existence of polygons."""

import mpmath
import pytest
from support.exhaustive import exhaustive

from kgon.kgons.algebraic import exact
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.existence import prove_existence
from kgon.report import tables


@pytest.fixture(scope="module")
def made():
    """Both tables, made once."""
    return {name: tables.make_table(name) for name in ("existence", "exact")}


@pytest.mark.parametrize("form", tables.FORMATS)
def test_the_table_of_existence_renders_in_every_format(made, form):
    text = made["existence"].render(form)
    assert len(text.splitlines()) > 58
    assert "1.32052633" in text and "nan" not in text.lower()


def test_the_table_of_existence_shows_what_was_computed(made):
    rows = made["existence"].rows
    assert [row["k"] for row in rows] == [str(k) for k in range(3, 61)]
    assert {row["exists"] for row in rows} == {"PROVED"}
    assert [row["k"] for row in rows if row["fixed"] == "yes"] == ["3", "4", "5", "6", "7", "8", "12"]
    nine = next(row for row in rows if row["k"] == "9")
    assert (nine["s"], nine["length"], nine["bias"]) == ("1", "1.61711085", "-1.54232092")
    assert nine["rejected"] == str(len(prove_existence(9).rejected))


@pytest.mark.parametrize("form", tables.FORMATS)
def test_the_table_of_exact_numbers_renders_in_every_format(made, form):
    text = made["exact"].render(form)
    assert len(text.splitlines()) > 18
    assert "1.32052633" in text and "nan" not in text.lower()


def test_the_table_of_exact_numbers_shows_what_was_computed(made):
    rows = {row["label"]: row for row in made["exact"].rows}
    assert len(rows) == 18
    assert rows["6"]["degrees"] == "4, 4, 4" and rows["5+"]["degrees"] == "8, 8, 8"
    for label, row in rows.items():
        point = exact(label)
        with mpmath.workdps(40):
            length = mpmath.sqrt(mpmath.mpf(point.length_squared.decimal))
            values = {"length": length, "bias": mpmath.mpf(point.bias.decimal)}
            values["loss"] = mpmath.mpf(point.loss.decimal)
            assert all(abs(x - mpmath.mpf(row[name])) <= 5.1e-21 for name, x in values.items())


@pytest.mark.parametrize("c", exhaustive([9, 13], quick=[]))
def test_the_table_of_exact_numbers_for_more_features(c):
    labels = [row["label"] for row in tables.make_table("exact", c=c).rows]
    assert labels == list(dict.fromkeys(point.label for point in Catalogue(c)))
