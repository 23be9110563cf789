"""Figures of sampled λ̂: what is drawn is what was sampled."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from support.drawings import smallest_text

from kgon.base.verdicts import KgonError
from kgon.experiments.llc.against_loss import measure_loss_lambda_hat
from kgon.experiments.llc.along import estimate_llc_along
from kgon.experiments.llc.settings import PUBLISHED, SGLD, Localiser
from kgon.kgons.catalogue import Catalogue
from kgon.potential.data import sample
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.model import TMS
from kgon.report import figures, tables
from kgon.report.figures import llc_convergence as convergence_figure
from kgon.report.figures import loss_lambda_hat as ranks_figure
from kgon.report.figures.layout import new_figure
from kgon.report.figures.staircases import LAMBDA_HAT, draw_staircases
from kgon.report.figures.style import house_style


def marked(where, gid):
    return where.findobj(lambda artist: artist.get_gid() == gid)


@pytest.fixture
def found(llc):
    return llc


def test_convergence_marks_what_left_and_shows_the_published_value(found):
    figure = new_figure(9, 4)
    for k, label in enumerate(PUBLISHED):
        ax = convergence_figure.convergence(figure.add_subplot(1, 3, k + 1), found, label)
        gone = [x for x in found.points if x.label == label and x.gone]
        assert len(marked(ax, "left")) == len(gone)
        (star,) = marked(ax, "published")
        assert star.get_xdata()[0] == 5000 * 10**convergence_figure.STAR_SHIFT
        assert star.get_xdata()[0] > 1.5 * ax.get_xlim()[0]  # it does not lie on the axis
        assert star.get_ydata()[0] == PUBLISHED[label].value
        value, error = PUBLISHED[label]
        (bar,) = marked(ax, "published error")
        assert np.allclose(bar.get_segments()[0][:, 1], [value - error, value + error])
        (line,) = marked(ax, "exact")
        assert line.get_ydata()[0] == {"5": 7, "5+": 8.5, "6": 8.5}[label]
        low, high = ax.get_ylim()
        assert all(low < x.lambda_hat < high for x in found.points)  # none is hidden


def test_convergence_figure_and_tables_are_built_from_the_quick_run(found):
    figure = figures.make_figure("llc-convergence", llc_convergence=found)
    FigureCanvasAgg(figure).draw()
    text = " ".join(t.get_text() for t in figure.texts)
    assert r"\beta = 1/\log n" in text and "500 steps" in text
    assert r"$\gamma = 0.1$, $\epsilon = 5\cdot 10^{-5}$, 10000 steps" in text and "moved apart" in text
    assert smallest_text(figure) >= 6.0
    table = tables.make_table("llc-convergence", llc_convergence=found)
    assert list(dict.fromkeys(row["label"] for row in table.rows)) == list(PUBLISHED)
    assert "left" in table.rows[0]["sgld"] and "left" not in table.rows[0]["narrow"]


def test_loss_against_lambda_hat_has_a_name_for_every_kgon_and_a_line_for_every_transition():
    found = measure_loss_lambda_hat(SGLD.but(chains=2, steps=12))
    figure = new_figure(6, 5)
    ax = figure.add_subplot()
    places = ranks_figure.losses(ax, found.phases, lambda x: x.lambda_hat)
    ranks_figure.levels(ax, found.phases, names=True)
    ranks_figure.transition_arrows(ax, {pair: 7 + k for k, pair in enumerate(found.transitions)}, places)
    assert len(marked(ax, "label")) == len(marked(ax, "level")) == 18
    arrows = marked(ax, "transition")
    assert [x.get_text() for x in marked(ax, "count")] == [f"{7 + k}×" for k in range(len(arrows))]
    assert [(x.xyann[1], x.xy[1]) for x in arrows] == [
        tuple(next(p.loss for p in found.phases if p.label == name) for name in pair)
        for pair in found.transitions
    ]
    FigureCanvasAgg(figure).draw()
    boxes = sorted((t.get_window_extent() for t in marked(ax, "label")), key=lambda box: box.y0)
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_transitions_that_share_an_end_are_bent_apart():
    found = measure_loss_lambda_hat(SGLD.but(chains=2, steps=12))
    ax = new_figure(4, 5).add_subplot()
    places = ranks_figure.losses(ax, found.phases, lambda x: x.lambda_hat)
    counts = {("4++-", "4+"): 1, ("4++-", "4++"): 2, ("4+", "5"): 1}
    ranks_figure.transition_arrows(ax, counts, places)
    bends = [x.arrowprops["connectionstyle"].split("=")[1] for x in marked(ax, "transition")]
    assert sorted(map(float, bends)) == [-ranks_figure.BEND, 0.0, ranks_figure.BEND]
    assert "undecided" in ranks_figure.rank_words(found.sampled)  # so short chains are not healthy
    assert "undecided" not in ranks_figure.rank_words(found.exact)


def descent(start, data, *, rate=0.5, steps=400):
    """Plain full-batch gradient descent: every twentieth point."""
    tms = data.tms
    point = Catalogue(tms.c)[start]
    w = tms.pack(point.W, point.biases) + 0.01 * np.random.default_rng(1).standard_normal(tms.dimension)
    path = []
    for k in range(steps + 1):
        loss, gradient = data.flat(w[None])
        if k % 20 == 0:
            path.append((k, loss[0], w.copy()))
        w = w - rate * gradient[0]
    return tuple(np.array(column) for column in zip(*path, strict=True))


def test_staircases_of_a_gradient_descent():
    tms = TMS(6)
    data = EmpiricalLoss(tms, *sample(tms, 1000, seed=2))
    steps, loss, w = descent("4++-", data)
    series = estimate_llc_along(data, w, Localiser.of(data), SGLD.but(steps=100, chains=4))
    W, b = tms.unpack(w)
    snapshots = [(float(steps[k]), W[k], b[k], f"point {k}") for k in (0, 10, 20)]
    with house_style():
        figure = new_figure(7, 5)
        ax, right = draw_staircases(
            figure.add_axes((0.1, 0.15, 0.8, 0.5)), steps=steps, loss=loss, lambda_hat=series.lambda_hat,
            stderr=series.stderr, snapshots=snapshots,
        )  # fmt: skip
        FigureCanvasAgg(figure).draw()
    (falling,) = marked(ax, "loss")
    assert np.array_equal(falling.get_ydata(), loss) and np.array_equal(falling.get_xdata(), steps / 1000)
    (rising,) = marked(right, "lambda-hat")
    assert np.array_equal(rising.get_ydata(), series.lambda_hat) and rising.get_color() == LAMBDA_HAT
    drawn = marked(figure, "snapshot")
    assert [x.get_title() for x in drawn] == ["a:  point 0", "b:  point 10", "c:  point 20"]
    assert [x.get_text() for x in marked(ax, "letter")] == ["a", "b", "c"]
    assert [(x.get_xdata()[0], x.get_ydata()[0]) for x in marked(ax, "dot")] == [
        (steps[k] / 1000, loss[k]) for k in (0, 10, 20)
    ]
    top = ax.get_window_extent().y1
    assert all(x.get_window_extent().y0 > top for x in drawn)
    assert loss[-1] < loss[0] - 0.01


def test_staircases_figure_names_its_settings():
    figure = figures.make_figure("staircases")
    text = " ".join(t.get_text() for t in figure.texts)
    for part in ("n = 1000", r"\beta = 1/\log n", r"\gamma = 1", "500 steps", r"exact $\lambda$"):
        assert part in text
    titles = [x.get_title() for x in marked(figure, "snapshot")]
    assert [r"$\lambda = 8$" in x for x in titles] == [False, True, False]
    assert [r"$\lambda = 7$" in x for x in titles] == [False, False, True]
    assert smallest_text(figure) >= 6.0
    with pytest.raises(KgonError):
        figures.make_figure("staircases", label="3")
