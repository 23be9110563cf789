"""Figures of the plane, of kinds of critical points, of costs and of the lemma: what is computed is drawn."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure
from support.drawings import marked, overlaps, texts

from kgon.experiments import toy
from kgon.experiments.taxonomy import build_taxonomy
from kgon.report import figures


@pytest.fixture(scope="module")
def built() -> dict[str, Figure]:
    names = ("toy-posterior", "taxonomy", "empirical-cost", "lemma-two")
    return {name: figures.make_figure(name) for name in names}


def test_toy_panels_mark_the_regions(built: dict[str, Figure]) -> None:
    minimum, saddle, _ = toy.toy_critical_points()
    panels = [ax for ax in built["toy-posterior"].axes if marked(ax, "ball")]
    for ax, n in zip(panels, (10, 100), strict=True):
        at = toy.toy_posterior(n)
        (ball,), (strip,) = marked(ax, "ball"), marked(ax, "strip")
        assert ball.center == (minimum.w1, minimum.w2)
        assert ball.center[0] + ball.radius == pytest.approx(saddle.w1) == pytest.approx(strip.get_x())
        assert f"{at.mass_ball:.3f}" in " ".join(t.get_text() for t in ax.texts)
        image = ax.images[0].get_array()
        assert float(image.max()) == pytest.approx(1 / at.evidence, rel=1e-3)
        assert f"elsewhere {at.mass_rest:.3f}" in [t.get_text() for t in ax.texts]
        assert overlaps(built["toy-posterior"], list(ax.texts)) == []
    words = " ".join(text.get_text() for text in texts(built["toy-posterior"]))
    assert r"\beta = 1" in words and "uniform prior" in words


def test_taxonomy_panels_carry_the_inertia(built: dict[str, Figure]) -> None:
    shown = [text.get_text() for text in marked(built["taxonomy"], "inertia")]
    assert len(shown) == len(build_taxonomy()) == len(built["taxonomy"].axes)
    for text, entry in zip(shown, build_taxonomy(), strict=True):
        assert entry.inertia in text
        assert ("lambda" in text) == entry.is_minimum


def test_cost_figure_lies_under_its_bound(built: dict[str, Figure]) -> None:
    (ax,) = built["empirical-cost"].axes
    (bound,), (largest,) = marked(ax, "bound"), marked(ax, "largest")
    assert ax.get_xscale() == "log"
    assert "full size\nfrom $n = 98304$ on" in " ".join(
        text.get_text() for text in texts(built["empirical-cost"])
    )
    assert list(bound.get_xdata())[::6] == [1000, 1_000_000]
    assert (np.asarray(largest.get_ydata()) <= np.asarray(bound.get_ydata())).all()


def test_lemma_two_says_what_its_letters_are(built):
    words = " ".join(text.get_text() for text in built["lemma-two"].texts)
    assert "$H$: least cost" in words and r"$\kappa$, $T$:" in words


def test_lemma_two_touches_zero_at_the_polygon(built):
    for c, fails in ((5, None), (6, 0.1981), (7, 0.4428)):
        (curve,) = marked(built["lemma-two"], f"c{c}")
        (dot,) = marked(built["lemma-two"], f"dot{c}")
        degrees, slack = curve.get_data()
        assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (360 / c, 0.0)
        assert np.interp(360 / c, degrees, slack) == pytest.approx(0.0, abs=1e-5)
        negative = np.radians(degrees[slack < -1e-6])
        if fails is None:
            assert negative.size == 0
        else:  # where scanning the integrals says that one end of an edge does not cost enough
            assert negative.max() == pytest.approx(fails, abs=0.003)
