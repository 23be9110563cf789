"""Basins with irregular minima: nothing is left over, and near-misses are not named."""

import numpy as np
import pytest

from kgon.kgons.basins import ARRIVED, Basins
from kgon.kgons.irregular import irregular_minima
from kgon.potential.descent import descend
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.sampling import smc


@pytest.fixture(scope="module", params=[7, 8])
def posterior(request):
    """600 points of the posterior at s = βn = 200, of as many features."""
    c = request.param
    rng, potential = np.random.default_rng(2), Potential(TMS(c))
    kept = smc.pilot(rng, smc.prior(rng, potential, 600), potential, 0.0, (200.0,), keep=(200.0,)).kept
    return c, kept[200.0].w


def test_nothing_is_left_over_where_irregular_minima_hold_a_tenth_of_the_posterior(posterior):
    c, w = posterior
    basins = Basins(c)
    found = basins.of(w)
    names = [str(point.name) for point in irregular_minima(c)]
    irregular = np.isin(found, [basins.index(name) for name in names])
    assert np.mean(found < 0) <= 0.005
    assert np.mean(irregular) > 0.1


def test_a_basin_is_where_a_long_descent_without_levels_ends(posterior):
    c, w = posterior
    basins = Basins(c)
    some = w[:40]
    found = basins.of(some)
    ends = descend(basins.tms, some, levels=[], max_steps=300_000)
    for k in np.flatnonzero(ends.gradient_norm <= 1e-6):
        assert found[k] == np.argmin(np.abs(basins.levels - ends.loss[k]))
    assert np.sum(ends.gradient_norm <= 1e-6) > 30


@pytest.mark.parametrize(
    ("c", "count"),
    [(4, 400), (5, 400), (6, 400), *(pytest.param(c, 600, marks=pytest.mark.slow) for c in (7, 8))],
)
def test_names_are_those_of_a_tenth_of_the_gradient(c, count):
    """So is the posterior at s = 50, where draws are farthest from the minima, and the prior."""
    rng, potential, basins = np.random.default_rng(c), Potential(TMS(c)), Basins(c)
    prior = smc.prior(rng, potential, count)
    kept = smc.pilot(rng, prior, potential, 0.0, (50.0,), keep=(50.0,)).kept
    for w in (rng.standard_normal((count, 3 * c)), kept[50.0].w):
        ends = basins.descend(w)
        nearer = basins.descend(w, tolerance=ARRIVED / 10)
        assert np.array_equal(basins.named(ends), basins.named(nearer))
        assert ends.steps.sum() < nearer.steps.sum()


@pytest.mark.parametrize("c", [7, 8])
def test_short_cuts_of_the_indicator_change_nothing_beside_irregular_minima(c):
    rng, basins = np.random.default_rng(c), Basins(c)
    w = 0.8 * rng.standard_normal((60, 3 * c))
    whole = basins.of(w)

    class At:
        pass

    state = At()
    state.w = w
    for labels in (basins.labels[:1], ("6:211111",), ("5", "5+:mute") if c == 7 else ("6+:mute", "8")):
        wanted = [basins.index(label) for label in labels]
        assert np.array_equal(basins.inside(labels)(state), np.isin(whole, wanted))


def test_minima_are_in_their_own_basin_by_increasing_loss():
    for c in (7, 8):
        basins = Basins(c)
        w = np.array([basins.tms.pack(point.W, point.b) for point in irregular_minima(c)])
        assert [basins.labels[k] for k in basins.of(w)] == [str(point.name) for point in irregular_minima(c)]
        assert np.all(np.diff(basins.levels) > 0)


def test_columns_of_another_structure_at_the_loss_of_a_minimum_are_other():
    basins = Basins(7)
    ends = basins.descend(0.8 * np.random.default_rng(1).standard_normal((200, 21)))
    found = basins.named(ends)
    assert np.mean(found >= 0) > 0.95
    ends.loss[:] = np.roll(basins.levels, 1)[found]  # the same points under the losses of other minima
    assert np.all(basins.named(ends)[basins.levels[found] < 0.11] == -1)
