"""The table and the figure of the regular configurations of three hidden dimensions."""

import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from support.drawings import smallest_text

from kgon.base.verdicts import KgonError
from kgon.landscape import regular_solids
from kgon.report import figures, tables
from kgon.report.figures.style import INK, house_style


@pytest.fixture(scope="module")
def few():
    """The configurations of up to seven columns, and the icosahedron."""
    return [*regular_solids(7), *regular_solids(12, names=["icosahedron"])]


def check_rows(solids):
    """A row for each, with λ where it is proved a minimum."""
    table = tables.make_table("solids", solids=solids)
    rows = {row["name"]: row for row in table.rows}
    assert len(rows) == len(table.rows) == len(solids)
    for solid in solids:
        assert solid.verification.critical.value == "PROVED"
        assert bool(rows[solid.name]["lambda"]) == (rows[solid.name]["kind"] == "minimum")
    ico, seven = rows["icosahedron"], rows["capped octahedron"]
    assert (ico["group"], ico["contacts"], ico["loss"], ico["kind"], ico["lambda"]) == (
        "Ih", "30", "0.0443649719", "minimum", "22.5",
    )  # fmt: skip
    assert (seven["loss"], seven["kind"], seven["lambda"]) == ("0.0076397828", "minimum", "12.5")
    for form in ("markdown", "csv", "latex"):
        assert "icosahedron" in table.render(form)


def test_every_configuration_is_in_the_table_with_its_proof(few):
    check_rows(few)


@pytest.mark.slow
def test_the_whole_table_of_up_to_twelve_columns(study):
    solids = study("solids")
    assert len(solids) == 29
    sizes = [len(x.b) for x in solids]
    assert sizes == sorted(sizes) and set(sizes) == set(range(4, 13))
    check_rows(solids)


@pytest.mark.slow
def test_the_page_has_the_lowest_of_each_number_of_columns(study, quoted):
    """In its table; with the second of ten columns, whose loss is a difference there."""
    page = (Path(__file__).parents[2] / "docs/any-r.md").read_text(encoding="utf-8")
    page = re.sub(r"\{number\}`([^`]*)`", lambda role: quoted.shown(role[1]), page)
    _, _, *rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("|")]
    solids = study("solids")
    assert [row[0] for row in rows] == ["4, 5, 6", *map(str, range(7, 13))]
    for c, name, group, loss, lambda_ in rows[1:]:
        low, second, *_ = [x for x in solids if len(x.b) == int(c)]
        assert name.startswith(low.name) and group.replace("_", "").startswith(low.group)
        assert (loss, Fraction(lambda_)) == (f"{low.loss:.10f}", low.verification.lambda_)
        if c == "10":
            assert second.name in name and f"{second.loss - low.loss:.1e}".replace("e-0", "e-") in name
    zero = [x for x in solids if x.loss < 1e-12]
    assert [x.name for x in zero] == rows[0][1].partition("others ")[2].split(", ")
    assert [x.group for x in zero] == rows[0][2].replace("_", "").split(", ")
    assert [x.verification.lambda_ for x in zero] == [Fraction(x) for x in rows[0][4].split(", ")]


def test_the_figure_draws_columns_and_contacts(few):
    drawn = figures.make_figure("solids", solids=few)
    shown = [x for x in few if not x.positive]
    panels = [ax for ax in drawn.axes if any(x.get_gid() == "words" for x in ax.texts)]
    assert len(panels) == len(shown) == 7
    for ax, solid in zip(panels, shown, strict=True):
        words = re.sub(r"[$_{}]|\\mathrm", "", ax.texts[0].get_text())
        assert solid.name in words and f"c = {len(solid.b)}, {solid.group}, L" in words
        assert sum(line.get_gid() == "contact" for line in ax.lines) == solid.contacts
        (dots,) = [x for x in ax.collections if x.get_gid() == "column"]
        lengths = np.linalg.norm(solid.W[:, : solid.live], axis=0)
        assert len(dots.get_offsets()) == solid.live
        filled = np.allclose(dots.get_facecolors()[:, :3], to_rgb(INK))  # hollow, so that grey tells
        assert filled == (solid.kind == "minimum")
        assert filled or np.all(dots.get_facecolors()[:, :3] == 1)
        assert np.all(np.linalg.norm(dots.get_offsets(), axis=1) <= lengths + 1e-12)
    said = " ".join(text.get_text() for text in drawn.texts)
    assert "thin lines: to 0" in said and "Paler: farther away" in said
    with house_style():
        drawn.canvas.draw()
    assert smallest_text(drawn) >= 6.0
    boxes = [ax.texts[0].get_window_extent() for ax in panels]
    assert not any(a.overlaps(b) for k, a in enumerate(boxes) for b in boxes[:k])


def test_the_table_has_no_options():
    with pytest.raises(KgonError, match="does not depend on c"):
        tables.make_table("solids", c=7)
