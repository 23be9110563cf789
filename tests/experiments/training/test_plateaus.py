"""Plateaus and their critical points: brute force, known points, and the shift of a finite sample."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from kgon.base.verdicts import KgonError
from kgon.experiments.training.plateaus import (
    CRITICAL,
    critical_points,
    expected_gap,
    flat_segments,
    level_spacing,
    noise_of,
)
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.names import RESTED, identify
from kgon.potential.data import draw
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.loss import Potential
from kgon.potential.model import TMS

SIX = TMS(6)
L = Potential(SIX)


def plainly(steps, loss, low, high, band, least):
    """The same by trying every pair of ends."""
    pairs = [
        (steps[e] - steps[s], -s, e)
        for s in range(low, high + 1)
        for e in range(s, high + 1)
        if np.ptp(loss[s : e + 1]) <= band
    ]
    if not pairs or max(pairs)[0] < least:
        return []
    _, s, e = max(pairs)
    before = plainly(steps, loss, low, -s - 1, band, least)
    return [*before, (-s, e), *plainly(steps, loss, e + 1, high, band, least)]


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 12)), min_size=1, max_size=25),
    st.integers(0, 6),
    st.integers(1, 12),
)
def test_segments_are_those_of_brute_force(records, band, least):
    steps = np.cumsum([gap for gap, _ in records])
    loss = np.array([float(value) for _, value in records])
    found = flat_segments(steps, loss, band=band, least=least)
    assert found == plainly(steps, loss, 0, len(loss) - 1, band, least)


def test_noise_is_measured_about_the_trend():
    rng = np.random.default_rng(1)
    loss = np.repeat([3.0, 2.0, 1.0], 200) + 1e-3 * rng.standard_normal(600)
    assert noise_of(loss) == pytest.approx(1e-3, rel=0.15)  # 600 differences give the MAD to 5 %


@pytest.mark.parametrize("label", ["6", "5+", "5", "4++", "4+", "4", "4-", "4++-"])
def test_root_finding_returns_to_the_kgon_from_a_distance_of_finite_samples(label):
    rng, point = np.random.default_rng(2), Catalogue(6)[label]
    w = SIX.pack(point.W, point.biases)
    named = []
    for _ in range(5):
        roots = critical_points(L, [w + 0.02 * rng.standard_normal(18)])
        losses, gradients = L.flat(np.array(roots))
        assert np.linalg.norm(gradients, axis=1).max() <= CRITICAL
        assert len(roots) == 1 or np.diff(np.sort(losses)).min() > RESTED.loss
        names = [identify(x, float(y), within=RESTED) for x, y in zip(roots, losses, strict=True)]
        named.append(point.label in {name.name for name in names})
    assert all(named)


@pytest.mark.parametrize("label", ["6", "5+"])
def test_the_expected_gap_is_where_the_minimum_of_a_large_sample_lies(label):
    # To leading order in n^(−1/2), that is to about 10 % at n = 20 000; at n = 1000 to about half.
    point = Catalogue(6)[label]
    w = SIX.pack(point.W, point.biases)
    for n, share in ((20_000, 0.25), (1000, 0.7)):
        empirical = EmpiricalLoss(SIX, *draw(np.random.default_rng(n), SIX, n))

        def both(x, empirical=empirical):
            value, gradient = empirical.flat(x[None])
            return value[0], gradient[0]

        end = minimize(both, w, jac=True, method="BFGS", options={"gtol": 1e-10, "maxiter": 2000}).x
        gap = float(L.flat(end[None])[0][0]) - point.loss
        assert gap == pytest.approx(expected_gap(L, empirical, w), rel=share)


@pytest.mark.parametrize("c", [6, 7, 8])
def test_a_common_factor_of_the_importances_is_one_of_the_spacing(c):
    """Between the k-gons' levels at c = 7 and 8 lie those of irregular minima, which do not count."""
    assert level_spacing(TMS(c, importance=[2.0] * c)) == 2 * level_spacing(TMS(c))


def test_where_all_losses_are_zero_there_are_no_levels():
    with pytest.raises(
        KgonError, match="at importance 0,0,0,0,0,0 no two k-gons of different loss are known"
    ):
        level_spacing(TMS(6, importance=[0] * 6))
