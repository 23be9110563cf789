"""Tempered draws against quadrature and the prior; broken exchanges and moves must be caught."""

import numpy as np
import pytest
from support import truth

from kgon.base.verdicts import KgonError
from kgon.potential.data import sample
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.sampling import hmc, tempering
from kgon.sampling.hmc import State
from kgon.sampling.smc import Ladder
from kgon.sampling.tempering import adapted_ladder, ladder_for, temper

SMALL = Potential(TMS(1, 1))
SIZES = (5.0, 40.0, 400.0)
# In standard deviations of the exact density: the effect that must not pass unseen, five standard errors of
# 2500 independent draws (64 × 150 are taken).
TOLERANCE = 0.1
FUNCTIONS = {
    "W": lambda w, loss: np.abs(w[..., 0]),
    "b": lambda w, loss: w[..., 1],
    "b²": lambda w, loss: w[..., 1] ** 2,
    "loss": lambda w, loss: loss,
}


def quadrature(strength):
    """Mean and standard deviation of every function under exp(−s L) φ, one feature, by the midpoint rule."""
    grid = np.linspace(-7, 7, 1401)[:-1] + 0.005
    w0, b = (x.ravel() for x in np.meshgrid(grid, grid, indexing="ij"))
    loss = truth.loss(w0[:, None, None], b[:, None], np.ones(1), np.ones(1))
    density = np.exp(-strength * loss - (w0**2 + b**2) / 2)
    density /= density.sum()
    found = {}
    for name, function in FUNCTIONS.items():
        values = function(np.stack([w0, b], axis=-1), loss)
        mean = density @ values
        found[name] = mean, np.sqrt(density @ (values - mean) ** 2)
    return found


def worst_error(seed=0, **options):
    """Largest error of a mean, in standard deviations of the exact density."""
    draws = temper(np.random.default_rng(seed), SMALL, SIZES, ensembles=64, draws=150, **options)
    worst = 0.0
    for k, s in enumerate(SIZES):
        for name, (mean, deviation) in quadrature(s).items():
            value = FUNCTIONS[name](draws.w[k], draws.loss[k]).mean()
            worst = max(worst, abs(value - mean) / deviation)
    return worst


def test_every_rung_has_the_moments_of_quadrature():
    assert worst_error() < TOLERANCE


def test_a_given_ladder_changes_nothing():
    rungs = np.array([0.0, 1.0, *SIZES])
    assert worst_error(ladder=Ladder(strengths=rungs, step_sizes=np.full(4, 0.1))) < TOLERANCE


class _Eager:
    """A generator whose exchanges (2d exponentials) are always accepted."""

    def __init__(self, rng):
        self.rng = rng

    def __getattr__(self, name):
        return getattr(self.rng, name)

    def standard_exponential(self, shape):
        return self.rng.standard_exponential(shape) if np.ndim(shape) == 0 else np.full(shape, np.inf)


class _Backwards(_Eager):
    """A generator whose exchanges are accepted where they should not be."""

    def standard_exponential(self, shape):
        if np.ndim(shape) == 0:
            return self.rng.standard_exponential(shape)
        return _Sign(self.rng.standard_exponential(shape))


class _Sign(np.ndarray):
    """An array x for which x > y means x > −y."""

    def __new__(cls, values):
        return np.asarray(values).view(cls)

    def __gt__(self, other):
        return np.asarray(self) > -np.asarray(other)


@pytest.mark.slow  # the right sampler is held against the same numbers each time
@pytest.mark.parametrize("wrong", [_Eager, _Backwards])
def test_wrong_exchanges_are_caught(wrong, monkeypatch):
    right = np.random.default_rng
    monkeypatch.setattr(np.random, "default_rng", lambda seed: wrong(right(seed)))
    assert worst_error() > 2 * TOLERANCE


@pytest.mark.slow  # the right sampler is held against the same numbers each time
def test_moves_that_are_always_accepted_are_caught(monkeypatch):
    monkeypatch.setattr(hmc.Target, "change", lambda self, old, new: np.full(len(new), -np.inf))
    monkeypatch.setattr(hmc, "ACCEPTANCE", 0.5)
    assert worst_error() > 2 * TOLERANCE


@pytest.mark.slow  # the right sampler is held against the same numbers each time
def test_the_rejected_move_keeps_its_own_rung(monkeypatch):
    """A target with the strength of the neighbour above is another density."""
    right = hmc.Target

    def wrong(*, loss, strength):
        return right(loss=loss, strength=1.5 * strength)

    monkeypatch.setattr(tempering, "Target", wrong)
    assert worst_error() > 2 * TOLERANCE


@pytest.mark.slow
def test_an_empirical_posterior_is_that_of_importance_sampling():
    """20 samples of two features: a million points of the prior, weighted, know the moments to 1 %."""
    tms = TMS(2, 1)
    loss = EmpiricalLoss(tms, *sample(tms, 20, seed=4))
    rng = np.random.default_rng(5)
    w = rng.standard_normal((1_000_000, 4))
    values = loss.flat(w)[0]
    weight = np.exp(-20 * (values - values.min()))
    weight /= weight.sum()
    draws = temper(rng, loss, [20.0], ensembles=64, draws=150)
    flat = draws.w[0].reshape(-1, 4)
    for power in (1, 2):
        mean = weight @ w**power
        deviation = np.sqrt(weight @ (w**power - mean) ** 2)
        assert np.all(np.abs((flat**power).mean(axis=0) - mean) < TOLERANCE * deviation)
    assert draws.loss[0].mean() == pytest.approx(weight @ values, rel=0.03)
    assert np.allclose(draws.loss[0].ravel(), loss.flat(flat)[0])


def test_replicas_travel_as_often_as_the_rejections_allow():
    """With rejections r_k an ideal scheme makes 1/(2 + 2Σ r/(1 − r)) round trips per iteration and ensemble
    (Syed et al. 2022); without local mixing in between it would be fewer, with reversals many fewer.
    """
    draws = temper(
        np.random.default_rng(1), Potential(TMS(6)), (150.0, 300.0), ensembles=32, draws=60, thin=10
    )
    assert draws.round_trips.shape == (32,)
    assert draws.barrier == pytest.approx(draws.rejection.sum())
    ideal = draws.iterations / (2 + 2 * np.sum(draws.rejection / (1 - draws.rejection)))
    assert 0.45 * ideal < draws.round_trips.mean() < 1.1 * ideal
    assert np.all(np.abs(draws.acceptance - hmc.ACCEPTANCE) < 0.1)


def climb(ensembles=64, rungs=(0.0, 5.0, 40.0)):
    ladder = Ladder(strengths=np.array(rungs), step_sizes=np.full(len(rungs) - 1, 0.3))
    return tempering._Climb(np.random.default_rng(3), SMALL, ladder, ensembles, 4)


def test_the_bottom_rung_is_drawn_from_the_prior():
    """Before an exchange, one iteration leaves N(0, I) at s = 0: 4000 draws, variance to 0.1 (4.5 errors)."""
    sampler = climb(ensembles=2000)
    sampler._exchange = lambda: None
    sampler.state = State.at(SMALL, np.full_like(sampler.state.w, 9.0))
    sampler.iterate(1)
    bottom = sampler.grid(sampler.state.w)[:, 0]
    assert np.abs(bottom.mean(axis=0)).max() < 0.1 and bottom.var(axis=0) == pytest.approx(1, abs=0.15)


def test_step_sizes_are_frozen_unless_they_adapt():
    sampler = climb()
    before = sampler.steps.copy()
    sampler.iterate(20)
    assert np.array_equal(sampler.steps, before)
    sampler.iterate(20, adapt=True)
    assert not np.array_equal(sampler.steps, before)


def test_neighbours_of_even_and_of_odd_rungs_take_turns():
    sampler = climb(rungs=(0.0, 1.0, 2.0, 3.0, 4.0))
    for expected in ([1, 0, 1, 0], [1, 1, 1, 1], [2, 1, 2, 1], [2, 2, 2, 2]):
        sampler._exchange()
        assert sampler.proposed.tolist() == expected


def test_round_trips_are_from_the_prior_to_the_top_and_back():
    """One ensemble of three rungs; the replicas are moved by hand."""
    sampler = climb(ensembles=1)

    def at(order):
        """Put the replicas in this order, without an exchange, and count."""
        sampler.replica = np.array([order])
        sampler.rng = _Never(np.random.default_rng(0))
        sampler._exchange()
        return int(sampler.trips[0])

    assert at([0, 1, 2]) == 0  # 0 starts at the prior; 2 is at the top, but never was at the prior
    assert at([2, 1, 0]) == 0  # 2 comes down without a journey up; 0 arrives at the top
    assert at([1, 0, 2]) == 0  # 2 has been down and is up again
    assert at([0, 1, 2]) == 1  # 0 is back
    assert at([0, 1, 2]) == 1  # and is counted once
    assert at([2, 1, 0]) == 2  # 2 is back
    assert at([1, 2, 0]) == 2
    assert at([0, 2, 1]) == 3  # 0, for the second time


class _Never:
    """A generator whose exchanges are never accepted."""

    def __init__(self, rng):
        self.rng = rng

    def standard_exponential(self, shape):
        return np.full(shape, -np.inf)


def test_the_adapted_ladder_shares_a_known_barrier():
    """Rejections 0.1 everywhere on a grid of s mean a barrier proportional to s."""
    grid = np.linspace(0.0, 100.0, 101)
    rungs = adapted_ladder(grid, np.full(100, 0.1), np.array([20.0, 100.0]))
    assert rungs[0] == 0 and rungs[-1] == 100 and 20.0 in rungs
    steps = 0.1 * np.diff(rungs)
    assert steps.max() <= tempering.REJECTION + 1e-9
    below, above = steps[: len(steps[rungs[1:] <= 20])], steps[rungs[:-1] >= 20]
    assert np.allclose(below, below[0]) and np.allclose(above, above[0])
    ladder = ladder_for(grid, np.full(100, 0.1), np.full(100, 0.2), [50.0])
    assert ladder.strengths[-1] == 50 and np.allclose(ladder.step_sizes, 0.2)


def test_the_seed_decides_everything():
    first, again, other = (
        temper(np.random.default_rng(s), SMALL, [10.0], ensembles=2, draws=8) for s in (1, 1, 2)
    )
    assert np.array_equal(first.w, again.w) and np.array_equal(first.ladder.strengths, again.ladder.strengths)
    assert not np.array_equal(first.w, other.w)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ensembles": 1}, "ensembles must be an integer of at least 2, got 1"),
        ({"draws": 3}, "draws must be an integer of at least 4, got 3"),
        ({"thin": 0}, "thin must be an integer of at least 1"),
        ({"leapfrogs": 1.5}, "leapfrogs must be an integer"),
        ({"sizes": []}, "positive, finite and increasing, got"),
        ({"sizes": [2.0, 1.0]}, "positive, finite and increasing"),
        ({"sizes": [np.inf]}, "positive, finite and increasing"),
        ({"ladder": Ladder(strengths=np.array([0.0, 2.0]), step_sizes=np.ones(1))}, "from 0 through"),
    ],
)
def test_options_are_checked(options, message):
    sizes = options.pop("sizes", [1.0])
    with pytest.raises(KgonError, match=message):
        temper(np.random.default_rng(0), SMALL, sizes, **options)
