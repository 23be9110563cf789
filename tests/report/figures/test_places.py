"""Figures stand where they are wanted: in axes that are given, and as wide as a column."""

from __future__ import annotations

import io
from itertools import combinations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from support.drawings import ONE_COLUMN, TWO_COLUMNS, smallest_text, texts
from support.exhaustive import exhaustive

from kgon.base.verdicts import KgonError
from kgon.report import figures
from kgon.report.figures.grid import Panels
from kgon.report.figures.panels import Site, make_panels, placed
from kgon.report.figures.style import house_style

CHEAP = ["kgon", "free-energy", "toy-posterior", "lemma-two", "taxonomy", "empirical-cost"]
NAMES = exhaustive(list(figures.FIGURES), quick=CHEAP)
WHOLE = {
    "energy-levels", "loss-lambda", "stages", "branches", "loss-lambda-hat", "staircases", "landscape",
    "landscape-path", "taxonomy", "solids",
}  # fmt: skip
"""Figures whose parts belong together, for two columns."""


@pytest.fixture
def inputs(study):
    """The studies of a figure, by name."""
    return lambda name: {x.name: study(x.name) for x in figures.FIGURES[name].inputs}


def flat(axes):
    return list(np.ravel(np.array(axes, dtype=object)))


# --- axes that are given -------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_is_drawn_into_the_axes_that_are_given(name, inputs):
    there = flat(figures.make_figure(name, ax=Figure(figsize=(16, 16)), **inputs(name)))
    page = Figure(figsize=(16, 12))
    kinds = {"3d": {"projection": "3d"}}
    given = [page.add_subplot(5, 5, k + 1, **kinds.get(ax.name, {})) for k, ax in enumerate(there)]
    drawn = figures.make_figure(name, ax=given[0] if len(given) == 1 else given, **inputs(name))
    assert flat(drawn) == given
    assert set(given) <= set(page.axes) and not page.texts and not page.legends
    for ax, before in zip(given, there, strict=True):
        assert ax.get_children() and len(ax.lines) == len(before.lines)
        assert len(ax.texts) == len(before.texts)
    page.savefig(io.BytesIO(), format="png", dpi=40)
    with pytest.raises(
        KgonError, match=rf"figure {name} is drawn into {'one Axes' if len(given) == 1 else len(given)}"
    ):
        figures.make_figure(name, ax=[*given, given[0]], **inputs(name))


def test_axes_are_made_in_a_part_of_a_figure():
    page = Figure(figsize=(8, 8))
    spec = page.add_gridspec(1, 2)
    left, right = page.add_subfigure(spec[0]), spec[1]
    assert figures.make_figure("lemma-two", ax=left).figure is left
    assert figures.make_figure("free-energy", ax=right).shape == (2,)
    assert len(page.subfigs) == 2 and len(page.subfigs[1].axes) == 2


def test_other_axes_than_the_figure_has_are_refused():
    with pytest.raises(
        KgonError, match="taxonomy is drawn into axes with projection='3d', got 'rectilinear'"
    ):
        figures.make_figure("taxonomy", ax=list(Figure().subplots(2, 3).flat))
    with pytest.raises(KgonError, match="ax takes Axes"):
        figures.make_figure("lemma-two", ax="here")
    gone = Figure().add_subplot()
    gone.remove()
    with pytest.raises(KgonError, match="removed"):
        figures.make_figure("lemma-two", ax=gone)
    with pytest.raises(KgonError, match="without width"):
        figures.make_figure("lemma-two", ax=Figure().add_subplot(), width=3.4)


def test_a_legend_of_the_page_stands_under_the_last_axes():
    axes = Figure(figsize=(6, 9), layout="constrained").subplots(3, 2)
    figures.make_figure("kgon", ax=axes)
    legends = [ax.get_legend() for ax in axes.flat]
    assert legends[:-1] == [None] * 5 and len(legends[-1].get_texts()) == 3


# --- the width of a column -----------------------------------------------------------------------


def touching(figure):
    """Pairs of texts of the page and its panels that overlap; leader lines and numbers of ticks are none."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    axes = [axis for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)]
    ticks = {text for axis in axes for text in axis.get_ticklabels(which="both")}
    boxes = [(x.get_text(), Text.get_window_extent(x, renderer)) for x in texts(figure) if x not in ticks]
    return [
        (first, second)
        for (first, one), (second, two) in combinations(boxes, 2)
        if min(one.x1, two.x1) - max(one.x0, two.x0) > 0.5 and min(one.y1, two.y1) - max(one.y0, two.y0) > 0.5
    ]


@pytest.mark.parametrize("width", [ONE_COLUMN, TWO_COLUMNS])
@pytest.mark.parametrize("name", NAMES)
def test_every_figure_fits_a_column_or_says_what_it_needs(name, width, inputs):
    if name in WHOLE and width == ONE_COLUMN:
        with pytest.raises(KgonError, match=rf"figure {name} is at least [567]\.\d inches wide, got 3.4"):
            figures.make_figure(name, width=width, **inputs(name))
        return
    figure = figures.make_figure(name, width=width, **inputs(name))
    assert figure.get_figwidth() <= width + 1e-9 and smallest_text(figure) >= 6.0
    assert name == "taxonomy" or touching(figure) == []  # texts in space are moved as they are drawn
    box = figure.get_tightbbox(FigureCanvasAgg(figure).get_renderer())
    assert min(box.x0, box.y0) >= 0
    assert box.x1 <= figure.get_figwidth() and box.y1 <= figure.get_figheight()


def test_rows_of_panels_are_broken_where_they_are_too_wide():
    def rows(width):
        with house_style(), placed(Site(width=width)):
            panels = make_panels(2, 4, count=7, size=(1.4, 1.9), room=(0.5, 1.4, 0.8, 0.4), beside=1.2)
            figure = panels.finished(
                "A title that is longer than a column of a paper is wide", "Words. " * 40
            )
        tops = [round(ax.get_position().y0 * figure.get_figheight(), 6) for ax in panels.every]
        return [tops.count(y) for y in dict.fromkeys(tops)], figure

    assert rows(7.0)[0] == [4, 3]
    assert rows(3.4)[0] == [2, 2, 2, 1]
    title, words = rows(3.4)[1].texts
    assert "\n" in title.get_text() and words.get_text().count("\n") > 4
    with house_style():
        assert type(make_panels(size=(2.0, 2.0))) is Panels  # beyond the block as ever


def test_files_of_a_width(tmp_path):
    (path,) = figures.save_figure("lemma-two", tmp_path, formats=["svg"], width=3.4)
    assert 'width="244.8pt"' in path.read_text(encoding="utf-8")
    with pytest.raises(KgonError, match="animation"):
        figures.save_figure("stages", tmp_path, formats=["gif"], width=3.4)
    with pytest.raises(KgonError, match="width"):
        figures.make_figure("lemma-two", width=-1)
    with pytest.raises(KgonError, match="at most 20 inches, got 1000"):
        figures.make_figure("lemma-two", width=1000)


# --- fonts ---------------------------------------------------------------------------------------


def test_vector_files_have_the_small_fonts_in_them(tmp_path):
    (path,) = figures.save_figure("kgon", tmp_path, formats=["pdf"])
    data = path.read_bytes()
    assert b"+kgonSans" in data and b"/FontFile2" in data and b"/Type3" not in data
    assert b"DejaVu" not in data


def test_what_the_small_fonts_lack_the_whole_ones_have(tmp_path):
    with house_style(for_file=True):
        figure = Figure()
        figure.text(0.1, 0.5, "letters, then a snowman ☃")
        figures.save_drawn(figure, tmp_path / "snow", formats=["pdf"])
    data = (tmp_path / "snow.pdf").read_bytes()
    assert b"+kgonSans" in data and b"+DejaVuSans" in data


def test_figures_that_a_user_goes_on_with_have_fonts_that_matplotlib_knows():
    figure = figures.make_figure("kgon")
    assert {text.get_fontname() for text in figure.findobj(lambda x: hasattr(x, "get_fontname"))} == {
        "DejaVu Sans"
    }
