"""One result drawn into Axes: what is drawn is what was found."""

import json

import numpy as np
import pytest
from matplotlib.figure import Figure

from kgon.base.verdicts import KgonError
from kgon.branches import continue_branch
from kgon.experiments.training.checkpoints import read_series
from kgon.experiments.training.results import Plateau, TrainingRun
from kgon.free_energy.diagram import in_beta
from kgon.free_energy.dominance import occupancy_curves
from kgon.kgons.catalogue import Catalogue
from kgon.landscape import loss_landscape, regular_solids
from kgon.landscape.search import search_critical_points
from kgon.report import draw
from kgon.report.figures.style import colour
from kgon.sampling.sgd import Trajectory


def axes():
    return Figure().add_subplot()


def marked(where, gid):
    return where.findobj(lambda artist: artist.get_gid() == gid)


def arrows(ax):
    return sum(len(x.U) for x in ax.collections if hasattr(x, "U"))


@pytest.mark.parametrize("label", ["6", "5+", "4+--"])
def test_a_point_has_an_arrow_for_each_column_that_has_a_length(label):
    point = Catalogue(6)[label]
    ax = draw(point, axes())
    assert arrows(ax) == int(np.sum(np.hypot(*point.W) > 1e-9))
    assert f"{point.loss:.5f}" in ax.get_title(loc="left")


def test_arrays_and_points_of_a_search_are_drawn_alike():
    (point, *_) = search_critical_points(4, starts=60).points
    named, plain = draw(point, axes()), draw((point.W, point.b), axes())
    assert arrows(named) == arrows(plain) == int(np.sum(np.hypot(*point.W) > 1e-3))
    assert named.get_title(loc="left") and not plain.get_title(loc="left")


def test_a_point_on_a_line_is_b_over_w():
    W, b = np.array([[1.0, -1.0, 0.0, 0.0, 0.3]]), np.array([0.0, 0.0, -0.5, -0.5, 0.1])
    ax = draw((W, b), axes())
    (live,), (silent,) = marked(ax, "live"), marked(ax, "silent")
    assert live.get_offsets().tolist() == [[1.0, 0.0], [-1.0, 0.0], [0.3, 0.1]]
    assert silent.get_offsets().tolist() == [[0.0, -0.5]] * 2
    assert [x.get_text() for x in marked(ax, "column")] == ["0", "1", "2, 3", "4"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("$W_i$", "$b_i$")


def test_a_point_in_space_is_seen_from_one_side():
    """Lengths are not stretched, and what is seen of three axes at right angles has the squares of 2."""
    (solid, *_) = regular_solids(9, names=["square antiprism"])
    ax = draw(solid, axes())
    (dots,) = [x for x in marked(ax, "column") if hasattr(x, "get_sizes")]
    assert len(dots.get_offsets()) == solid.live and len(marked(ax, "contact")) == solid.contacts
    assert "square antiprism" in ax.get_title(loc="left")
    (words,) = marked(ax, "words")
    assert "1 positive at 0" in words.get_text() or "1 dead at 0" in words.get_text()
    (dots,) = [x for x in marked(draw((np.eye(3), np.zeros(3)), axes()), "column") if hasattr(x, "get_sizes")]
    assert np.sum(dots.get_offsets() ** 2) == pytest.approx(2)
    found = search_critical_points(7, r=3, starts=100, below=0.012).points[0]
    assert found.label in draw(found, axes()).get_title(loc="left")


def test_a_point_of_more_dimensions_is_its_products():
    W, b = np.hstack([np.eye(4), -np.eye(4)]), -0.25 * np.arange(8)
    ax = draw((W, b), axes())
    (image,) = marked(ax, "products")
    shown = np.ma.filled(image.get_array(), np.nan)
    assert np.array_equal(shown[:, :8], W.T @ W) and np.array_equal(shown[:, 9], b)
    assert np.isnan(shown[:, 8]).all()
    assert [x.get_text() for x in ax.get_xticklabels()] == [*"01234567", "$b$"]


def test_a_point_without_long_columns_is_drawn_in_space_too():
    (words,) = marked(draw((np.zeros((3, 4)), np.array([-1.0, -1.0, 0.2, -1.0])), axes()), "words")
    assert words.get_text().endswith("1 positive at 0; 3 dead at 0")


@pytest.mark.parametrize("r", [1, 2, 3, 4])
@pytest.mark.parametrize(
    ("value", "wish"), [(np.nan, "finite, got nan"), (np.inf, "finite, got inf"), (1e200, "at most 1e")]
)
def test_what_no_point_holds_is_not_drawn(r, value, wish):
    W = np.zeros((r, 5))
    W[0, 1] = value
    with pytest.raises(KgonError, match=f"W must be {wish}"):
        draw((W, np.zeros(5)), axes())


def test_a_branch_is_its_points():
    branch = continue_branch("6", lower=0.9, upper=1.0)
    ax = draw(branch, axes())
    drawn = np.concatenate([line.get_xydata() for line in marked(ax, "stable")])
    assert {tuple(x) for x in np.column_stack([branch.values, branch.losses])} == set(map(tuple, drawn))
    assert ax.get_xlabel() == branch.parameter


def test_a_run_is_drawn_over_its_plateaus():
    point, steps = Catalogue(6)["6"], np.array([0, 500, 1000])
    path = Trajectory(steps=steps, w=np.zeros((3, 18)), loss=steps / 1e4 + 0.05, empirical=steps / 1e4 + 0.06)
    plateau = Plateau(
        label="6", catalogued=True, alternatives=(), start=100, end=900, loss=point.loss,
        critical_loss=point.loss, gap=0.0, expected_gap=0.0, W=point.W, biases=point.biases,
    )  # fmt: skip
    run = TrainingRun(seed=0, index=0, start="random", plateaus=(plateau,))
    ax = draw((run, path), axes())
    (line,) = marked(ax, "loss")
    assert np.array_equal(line.get_ydata(), path.loss) and len(marked(ax, "plateau")) == 1
    assert not marked(draw(path, axes()), "plateau")


def test_a_series_of_checkpoints_is_drawn_over_its_nearest_kgons(tmp_path):
    catalogue, labels = Catalogue(6), ("4", "4", "5", "6")
    for k, label in enumerate(labels):
        np.savez(tmp_path / f"step-{100 * k}.npz", W=catalogue[label].W, b=catalogue[label].biases)
    ax = draw(read_series(tmp_path), axes())
    (line,) = marked(ax, "loss")
    assert line.get_xdata().tolist() == [0, 100, 200, 300]
    assert np.allclose(line.get_ydata(), [catalogue[label].loss for label in labels])
    assert [text.get_text() for text in marked(ax, "name")] == ["4", "5", "6"]
    spans = [(x.get_x(), x.get_x() + x.get_width()) for x in marked(ax, "stretch")]
    assert spans == [(0, 200), (200, 300), (300, 300)]


def test_occupancies_have_a_line_for_each_phase():
    found = occupancy_curves([100, 400, 900], 6)
    drawn = marked(draw(found, axes()), "phase")
    assert np.allclose([line.get_ydata() for line in drawn], np.array(found.probability).T)
    assert np.allclose(sum(line.get_ydata() for line in drawn), 1)


def test_a_phase_diagram_and_a_landscape_name_their_axes():
    ax = draw(in_beta(c=6, theory="prior"), axes())
    assert "n" in ax.get_xlabel() and "beta" in ax.get_ylabel()
    assert "loss" in draw(loss_landscape(4, starts=60, trials=1), axes()).get_ylabel()


def test_without_axes_pyplot_shows_a_new_figure():
    from matplotlib import pyplot

    before = pyplot.get_fignums()
    ax = draw(Catalogue(6)["6"])
    assert len(pyplot.get_fignums()) == len(before) + 1
    pyplot.close(ax.figure)


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ("6", "there is no drawing of str"),
        ((np.zeros((1, 3, 3)), np.zeros(3)), r"W of shape \(r, c\).*got shapes \(1, 3, 3\)"),
        ((np.zeros((3, 0)), np.zeros(0)), r"W of shape \(r, c\).*got shapes \(3, 0\)"),
        ((np.eye(2), np.zeros(3)), r"b of shape \(c,\), got shapes \(2, 2\) and \(3,\)"),
        ((1, 2, 3), "got 3 things"),
    ],
)
def test_what_has_no_drawing_is_one_clear_error(found, message):
    with pytest.raises(KgonError, match=message):
        draw(found, axes())


def test_pictures_in_notebooks_have_the_colours_of_the_figures():
    for label in ("4", "5+", "6"):
        assert colour(label) in Catalogue(6)[label]._repr_html_()


def test_a_catalogue_survives_json():
    written = Catalogue(5).to_json()
    assert list(Catalogue.from_json(written).labels) == list(Catalogue(5).labels)
    data = json.loads(written)["data"]
    assert [x["label"] for x in data] == [p.label for p in Catalogue(5)]
