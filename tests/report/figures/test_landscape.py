"""Figures of the landscape: every k-gon is named, nothing overlaps, heights are losses."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from support.drawings import marked, overlaps

from kgon.experiments.sweep import sweep_importance
from kgon.kgons.catalogue import Catalogue
from kgon.report import draw, figures
from kgon.report.figures.landscape import branches, trunk_of
from kgon.report.figures.style import colour, math_label


@pytest.fixture(scope="module")
def built(landscape):
    return {name: figures.make_figure(name, landscape=landscape) for name in ("landscape", "landscape-path")}


def test_every_k_gon_is_named_once(built):
    names = sorted(text.get_text().split("  ")[0] for text in marked(built["landscape"], "label"))
    assert names == sorted(math_label(p.name) for p in Catalogue(6) if p.configuration == "adjacent")


def test_names_and_pictures_do_not_overlap(built, landscape):
    figure = built["landscape"]
    pictures = [axes for axes in figure.findobj(type(figure.axes[0])) if axes.get_gid() == "picture"]
    found = [x for gid in ("label", "loss", "edge", "barrier") for x in marked(figure, gid)]
    assert len(pictures) == 18 + len(landscape.saddles)
    assert overlaps(figure, found) == []
    assert overlaps(figure, pictures) == []


@pytest.mark.parametrize("name", ["landscape", "landscape-path"])
def test_nothing_is_cut_off(built, name):
    figure = built[name]
    box = figure.get_tightbbox(FigureCanvasAgg(figure).get_renderer())
    width, height = figure.get_size_inches()
    assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height


def test_branches_run_from_their_minimum_to_where_they_join(built, landscape):
    found = branches(landscape)
    assert set(found) == {"6", "5+", "4++"} and found["6"] == (0, None)
    for label in ("5+", "4++"):
        assert found[label][1] == landscape.meeting(label, "6")
    lines = sorted(tuple(line.get_ydata()) for line in marked(built["landscape"], "branch"))
    bottoms = sorted(landscape.node(label).loss for label in found)
    assert [low for low, _ in lines] == bottoms
    assert trunk_of(landscape, "5", landscape.node("5").loss) == "5+"
    assert trunk_of(landscape, "4", landscape.node("4").loss) == "6"


def test_the_profile_is_drawn_in_pieces_that_meet(built, landscape):
    along = landscape.profile("4", "6")
    pieces = [line.get_xydata() for line in marked(built["landscape-path"], "piece")]
    assert len(pieces) == 5
    assert np.array_equal(
        np.concatenate([piece[:-1] for piece in pieces[:-1]] + [pieces[-1]])[:, 1], along.loss
    )
    assert len(marked(built["landscape-path"], "barrier")) == 2


@pytest.mark.slow  # proves the branches
def test_the_posterior_jumps_at_equal_loss_and_descent_at_the_fold(study):
    branches, exchanges, sweep = study("branches"), study("exchanges"), sweep_importance()
    figure = figures.make_figure(
        "landscape-changes", branches=branches, exchanges=exchanges, importance_sweep=sweep
    )
    left, right = figure.axes
    lower, upper = sorted(marked(left, "state"), key=lambda x: max(x.get_ydata()))
    assert min(upper.get_xdata()) == max(lower.get_xdata()) == pytest.approx(0.658197813, abs=1e-8)
    assert min(upper.get_ydata()) > 1.2 and max(lower.get_ydata()) < 1e-9
    (arrow,) = marked(right, "jump")
    assert arrow.xyann[0] == arrow.xy[0] == pytest.approx(0.390358, abs=1e-6)
    assert len(marked(right, "minimum")) >= 2 and marked(right, "saddle")
    (vertex,) = [x for x in (line.get_ydata() for line in marked(right, "minimum")) if max(x) > 0.5]
    (saddle,) = marked(right, "saddle")
    assert min(vertex) > 1.05 and max(saddle.get_ydata()[:-1]) < min(vertex)
    for way, part in (("<", slice(0, 41)), (">", slice(41, None))):
        drawn = {line.get_color(): line.get_xdata() for line in marked(right, f"descent {way}")}
        at, long = sweep.importance[part], sweep.last_column[part] > 1.05
        assert np.array_equal(drawn[colour("6")], at[long])
        assert np.array_equal(drawn[colour("5+")], at[~long])


def test_the_drawing_says_which_columns_play_which_part(five):
    from matplotlib.figure import Figure

    ax = draw(five, Figure(figsize=(10, 9)).add_subplot())
    words = {text.get_text() for text in ax.figure.findobj() if getattr(text, "get_gid", str)() == "columns"}
    assert {"pos. 3", "pos. 4", "dead 3", "dead 4"} <= words
    assert any("→" in word or "to" in word for word in words)


def test_the_path_of_least_climb_names_the_columns(five):
    figure = figures.make_figure("landscape-path", landscape=five)
    written = {text.get_text() for text in figure.findobj() if hasattr(text, "get_text")}
    assert {"dead 4", "pos. 4", "$4^{{+}}$", "$5$"} <= written
