"""Figures of the landscape: every k-gon is named, nothing overlaps, heights are losses."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from support.drawings import marked, overlaps, smallest_text

from kgon.experiments.sweep import sweep_importance
from kgon.kgons.catalogue import Catalogue
from kgon.landscape import loss_landscape
from kgon.report import draw, figures
from kgon.report.figures.landscape import branches, trunk_of
from kgon.report.figures.style import colour, name_text


@pytest.fixture(scope="module")
def built(landscape):
    return {name: figures.make_figure(name, landscape=landscape) for name in ("landscape", "landscape-path")}


@pytest.fixture(scope="module")
def small():
    """The landscape of five features, whose graph is narrow."""
    return loss_landscape(5, starts=100, trials=0)


def test_every_k_gon_is_named_once(built):
    names = sorted(text.get_text().split("  ")[0] for text in marked(built["landscape"], "label"))
    assert names == sorted(name_text(p.name) for p in Catalogue(6) if p.configuration == "adjacent")


def test_names_and_pictures_do_not_overlap(built, landscape):
    figure = built["landscape"]
    pictures = [axes for axes in figure.findobj(type(figure.axes[0])) if axes.get_gid() == "picture"]
    found = [x for gid in ("label", "loss", "edge", "barrier") for x in marked(figure, gid)]
    assert len(pictures) == 18 + len(landscape.saddles)
    assert overlaps(figure, found) == []
    assert overlaps(figure, pictures) == []


@pytest.mark.parametrize("name", ["landscape", "landscape-path"])
@pytest.mark.parametrize("c", [5, 6])
def test_nothing_is_cut_off(built, small, name, c):
    figure = built[name] if c == 6 else figures.make_figure(name, landscape=small)
    box = figure.get_tightbbox(FigureCanvasAgg(figure).get_renderer())
    width, height = figure.get_size_inches()
    assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height


@pytest.mark.parametrize("name", ["landscape", "landscape-path"])
def test_words_can_be_read_across_two_columns(built, name):
    assert smallest_text(built[name]) >= 6.0


def test_the_legend_tells_a_joint_from_a_ledge(built):
    figure = built["landscape"]
    legend = figure.axes[1].get_legend()
    names = [text.get_text().split(":")[0] for text in legend.get_texts()]
    wide = {n: line.get_linewidth() for n, line in zip(names, legend.legend_handles, strict=True)}
    assert {line.get_linewidth() for line in marked(figure, "joint")} == {wide["height where two wells join"]}
    assert {line.get_linewidth() for line in marked(figure, "ledge")} == {wide["ledge"]}
    assert wide["ledge"] > 2 * wide["height where two wells join"]


def test_no_barrier_is_written_over_the_curve_and_dots_have_a_legend(built):
    figure = built["landscape-path"]
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    ax = figure.axes[0]
    curve = ax.transData.transform(np.concatenate([line.get_xydata() for line in marked(figure, "piece")]))
    for text in marked(figure, "barrier"):
        assert not text.get_window_extent(renderer).padded(2).count_contains(curve)
    assert {"positive", "dead"} <= {x.get_gid() for x in figure.findobj() if x.get_gid()}
    words = {x.get_text() for x in ax.get_legend().get_texts()}
    assert {"$W_i = 0$, $b_i > 0$", "$W_i = 0$, $b_i < 0$ (dead)"} <= words


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


def test_without_an_exchange_there_is_one_panel_and_no_word_of_another(hexagon):
    figure = figures.make_figure("branches", branches=[hexagon], exchanges=[])
    assert len(figure.axes) == 1 and "on the right" not in " ".join(x.get_text() for x in figure.texts)
    assert len(marked(figure, "unstable")) and len(marked(figure, "fold"))
    box = figure.get_tightbbox(FigureCanvasAgg(figure).get_renderer())
    width, height = figure.get_size_inches()
    assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height


@pytest.mark.slow  # proves the branches
def test_both_ends_of_a_branch_are_named_and_no_words_lie_on_a_curve(study):
    figure = figures.make_figure("branches", branches=study("branches"), exchanges=study("exchanges"))
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    whole, near = figure.axes
    names = [text.get_text() for text in whole.texts]
    assert names.count("6 vertex") == 2 and names.count("5 vertex") == 1
    assert "$c = 6$" in " ".join(text.get_text() for text in figure.texts)
    curves = [line for gid in ("stable", "unstable") for line in marked(near, gid)]
    steps = [np.linspace(0, len(line.get_xdata()) - 1, 4001) for line in curves]
    for text in near.texts:
        box = text.get_window_extent(renderer)
        for line, at in zip(curves, steps, strict=True):
            x, y = (np.interp(at, np.arange(len(z)), z) for z in line.get_data())
            assert not box.count_contains(near.transData.transform(np.column_stack([x, y])))
    assert smallest_text(figure) >= 6.0


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
    assert "drawn a little lower" in " ".join(text.get_text() for text in figure.texts)
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
    assert {"dead 4", "pos. 4", "4⁺", "5"} <= written
