"""Normalising constants against quadrature and plain Monte Carlo; broken weights and moves must be caught."""

import numpy as np
import pytest
from support import truth

from kgon.base.verdicts import KgonError
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.sampling import smc
from kgon.sampling.hmc import State, Target
from kgon.sampling.smc import Ladder, Moves

SMALL = TMS(1, 1)
SIZES = (5.0, 20.0, 100.0)


def quadrature(strength, inside=lambda w0, b: np.ones_like(b, dtype=bool)):
    """Z, E[L] of exp(−s L) φ restricted to a set, for one feature: the plane by the midpoint rule."""
    grid = np.linspace(-7, 7, 1401)[:-1] + 0.005
    w0, b = (x.ravel() for x in np.meshgrid(grid, grid, indexing="ij"))
    loss = truth.loss(w0[:, None, None], b[:, None], np.ones(1), np.ones(1))
    density = np.exp(-strength * loss - (w0**2 + b**2) / 2) / (2 * np.pi) * inside(w0, b)
    return density.sum() * 1e-4, (density * loss).sum() / density.sum()


@pytest.fixture(scope="module")
def ladder():
    rng = np.random.default_rng(0)
    return smc.pilot(rng, smc.prior(rng, Potential(SMALL), 1000), Potential(SMALL), 0.0, SIZES).ladder


def _masses(ladder, *, inside=None, replicates=20, particles=1000, moves=None):
    """Z(s) at ``SIZES``, averaged over replicates on its own scale, and E[L]; relative stderr about 1 %."""
    runs = []
    for r in range(replicates):
        rng = np.random.default_rng([1, r])
        state = smc.prior(rng, Potential(SMALL), particles)
        share = 1.0
        if inside is not None:
            members = inside(state)
            share = members.mean()
            state = state.take(smc.resampled(rng, members.astype(float), particles))
        run = smc.run_smc(rng, state, Potential(SMALL), ladder, inside=inside, moves=moves)
        runs.append([(share * np.exp(run.log_z[run.at(s)]), run.loss[run.at(s)]) for s in SIZES])
    return np.mean(runs, axis=0).T


# A factor 1 ± 0.05 in Z, 5 standard errors, is the effect that must not pass unseen.
TOLERANCE = 0.05


def test_the_constant_is_that_of_quadrature(ladder):
    masses, losses = _masses(ladder)
    for s, mass, loss in zip(SIZES, masses, losses, strict=True):
        exact, mean_loss = quadrature(s)
        assert mass == pytest.approx(exact, rel=TOLERANCE)
        assert loss == pytest.approx(mean_loss, rel=TOLERANCE)


def test_quadrature_is_converged():
    """At s = 0 the mass is 1, and that of a half plane one half."""
    assert quadrature(0.0)[0] == pytest.approx(1, rel=1e-9)
    assert quadrature(0.0, lambda w0, b: b > 0)[0] == pytest.approx(0.5, rel=1e-9)


def _wrong(masses):
    exact = np.array([quadrature(s)[0] for s in SIZES])
    return np.abs(masses / exact - 1).max() > 2 * TOLERANCE


def test_a_constant_without_resampling_weights_is_caught(ladder, monkeypatch):
    """Resampling that forgets the weights leaves the particles where they were."""
    monkeypatch.setattr(smc, "resampled", lambda rng, weights, count=None: np.arange(len(weights)))
    monkeypatch.setattr(smc, "move", lambda rng, state, target, *rest, **options: (state, 1.0, 1.0, 1.0))
    assert _wrong(_masses(ladder)[0])


@pytest.mark.slow  # the right sampler is held against the same numbers each time
def test_weights_of_the_wrong_strength_are_caught(ladder, monkeypatch):
    right = smc.log_weights
    monkeypatch.setattr(smc, "log_weights", lambda state, change: right(state, 1.05 * change))
    assert _wrong(_masses(ladder)[0])


@pytest.mark.slow  # the right sampler is held against the same numbers each time
def test_moves_for_the_wrong_target_are_caught(ladder, monkeypatch):
    right = smc.move

    def wrong(rng, state, target, *rest, **options):
        return right(rng, state, Target(loss=target.loss, strength=0.7 * target.strength), *rest, **options)

    monkeypatch.setattr(smc, "move", wrong)
    assert _wrong(_masses(ladder)[0])


# --- restriction to a set ----------------------------------------------------------------------


def in_wedge(w0, b):
    """A set whose border runs through the bulk, and that moves leave often."""
    return (b > 0.1 * w0 - 0.1) & (w0 > -0.3)


def inside(state):
    return in_wedge(state.w[:, 0], state.w[:, 1])


def _wrong_in_wedge(masses):
    exact = np.array([quadrature(s, in_wedge)[0] for s in SIZES])
    return np.abs(masses / exact - 1).max()


def test_the_constant_of_a_restricted_target(ladder):
    masses, losses = _masses(ladder, inside=inside)
    assert _wrong_in_wedge(masses) < TOLERANCE
    for s, loss in zip(SIZES, losses, strict=True):
        assert loss == pytest.approx(quadrature(s, in_wedge)[1], rel=TOLERANCE)


@pytest.mark.slow  # the right sampler is held against the same numbers each time
def test_particles_that_may_leave_the_set_are_caught(ladder, monkeypatch):
    right = smc.move

    def wrong(*arguments, inside=None, **options):
        return right(*arguments, **options)

    monkeypatch.setattr(smc, "move", wrong)
    assert _wrong_in_wedge(_masses(ladder, inside=inside)[0]) > 2 * TOLERANCE


def test_a_particle_outside_goes_back_to_the_start_and_the_rest_carry_on():
    rng = np.random.default_rng(3)
    state = smc.prior(rng, Potential(SMALL), 500)
    state = state.take(inside(state))
    moved, acceptance, fraction, _ = smc.move(
        rng, state, Target(loss=Potential(SMALL), strength=1.0), Moves(count=3), 0.3, inside=inside
    )
    assert inside(moved).all()
    stayed = (moved.w == state.w).all(axis=1)
    assert 0.1 < stayed.mean() < 0.9
    assert stayed.mean() == pytest.approx(1 - fraction, abs=0.02)  # but for moves that were all refused
    assert 0.5 < acceptance <= 1


# --- six features ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def six():
    """Ladder at c = 6, with rungs on both sides of 20 for the derivative."""
    tms, rng = TMS(6), np.random.default_rng(10)
    sizes = (5.0, 19.0, 20.0, 21.0)
    return tms, smc.pilot(rng, smc.prior(rng, Potential(tms), 500), Potential(tms), 0.0, sizes).ladder


@pytest.mark.slow
def test_the_constant_at_six_features_is_that_of_plain_monte_carlo(six):
    tms, ladder = six
    rng = np.random.default_rng(11)
    loss = np.concatenate(
        [State.at(Potential(tms), rng.standard_normal((100_000, 18))).loss for _ in range(8)]
    )
    runs = []
    for r in range(12):
        rng = np.random.default_rng([12, r])
        runs.append(smc.run_smc(rng, smc.prior(rng, Potential(tms), 2000), Potential(tms), ladder))
    for s, tolerance in ((5.0, 0.05), (20.0, 0.12)):
        plain = np.exp(-s * loss)
        stderr = plain.std() / plain.mean() / np.sqrt(len(plain))
        masses = np.exp([run.log_z[run.at(s)] for run in runs])
        stderr = np.hypot(stderr, masses.std(ddof=1) / masses.mean() / np.sqrt(12))
        assert 4 * stderr < tolerance  # else the comparison says little
        assert np.log(masses.mean() / plain.mean()) == pytest.approx(0, abs=tolerance)


def test_the_derivative_of_the_constant_is_the_mean_loss(six):
    """−d log Z/ds = E[L]: a central difference over [19, 21] (its error is about 1e-4)."""
    tms, ladder = six
    rng = np.random.default_rng(13)
    run = smc.run_smc(rng, smc.prior(rng, Potential(tms), 8000), Potential(tms), ladder)
    slope = -(run.log_z[run.at(21.0)] - run.log_z[run.at(19.0)]) / 2
    stderr = 0.15 / np.sqrt(8000)
    assert slope == pytest.approx(run.loss[run.at(20.0)], abs=5 * stderr)
    assert abs(slope - run.loss[run.at(5.0)]) > 20 * stderr


# --- the pieces --------------------------------------------------------------------------------


def test_systematic_resampling_keeps_every_count_within_one():
    rng = np.random.default_rng(20)
    weights = rng.random(50) ** 4
    weights[[0, 7, 49]] = 0.0
    expected = 200 * weights / weights.sum()
    total = np.zeros(50)
    for _ in range(400):
        counts = np.bincount(smc.resampled(rng, weights, 200), minlength=50)
        assert counts.sum() == 200
        assert (counts >= np.floor(expected)).all()
        assert (counts <= np.ceil(expected)).all()
        total += counts
    # A count is within one of its mean, so that the mean of 400 has a standard error of at most 0.025.
    assert np.abs(total / 400 - expected).max() < 0.125


def test_equal_weights_keep_every_particle():
    rng = np.random.default_rng(21)
    assert np.array_equal(np.sort(smc.resampled(rng, np.full(1000, 0.1))), np.arange(1000))


def test_weights_survive_a_large_change():
    state = State(np.zeros((3, 2)), np.array([1.0, 2.0, 1.5]), np.zeros((3, 2)))
    weights, log_mean, ess = smc.log_weights(state, 1e4)
    assert weights.tolist() == [1.0, 0.0, 0.0]
    assert log_mean == pytest.approx(-1e4 - np.log(3), rel=1e-14)
    assert ess == pytest.approx(1 / 3)


def test_the_pilot_has_a_rung_at_every_size_and_keeps_the_sample_size():
    rng = np.random.default_rng(22)
    run = smc.pilot(
        rng, smc.prior(rng, Potential(SMALL), 1000), Potential(SMALL), 0.0, SIZES, ess=0.9, keep=(20.0,)
    )
    assert set(SIZES) <= set(run.ladder.strengths.tolist())
    assert run.ladder.strengths[-1] == SIZES[-1]
    assert run.ess.min() > 0.9 - 1e-3
    assert 0.6 < run.acceptance[-1] < 0.95
    assert list(run.kept) == [20.0]
    assert run.loss[run.at(20.0)] == np.mean(run.kept[20.0].loss)
    coarse = smc.pilot(rng, smc.prior(rng, Potential(SMALL), 1000), Potential(SMALL), 0.0, SIZES, ess=0.3)
    assert len(coarse.ladder.step_sizes) < len(run.ladder.step_sizes)


def test_the_seed_decides_everything(ladder):
    first, again, other = (
        smc.run_smc(
            np.random.default_rng(s),
            smc.prior(np.random.default_rng(s), Potential(SMALL), 50),
            Potential(SMALL),
            ladder,
        )
        for s in (1, 1, 2)
    )
    assert np.array_equal(first.log_z, again.log_z)
    assert not np.array_equal(first.log_z, other.log_z)


@pytest.mark.parametrize(
    ("strengths", "step_sizes", "message"),
    [
        ([0.0, 1.0], [0.1, 0.1], "t \\+ 1 strengths"),
        ([0.0, 2.0, 1.0], [0.1, 0.1], "must increase"),
        ([-1.0, 1.0], [0.1], "must increase"),
        ([0.0, np.nan], [0.1], "must increase"),
    ],
)
def test_ladders_are_checked(strengths, step_sizes, message):
    with pytest.raises(KgonError, match=message):
        Ladder(strengths=np.array(strengths), step_sizes=np.array(step_sizes))


def test_options_are_checked(ladder):
    rng = np.random.default_rng(0)
    state = smc.prior(rng, Potential(SMALL), 10)
    with pytest.raises(KgonError, match="count of the moves must be an integer of at least 1, got 0"):
        Moves(count=0)
    with pytest.raises(KgonError, match="leapfrogs of the moves must be an integer of at least 1, got -1"):
        Moves(leapfrogs=-1)
    with pytest.raises(KgonError, match="particles must be an integer of at least 2, got 1"):
        smc.prior(rng, Potential(SMALL), 1)
    with pytest.raises(KgonError, match=r"between 0 and 1, got 1\.5"):
        smc.pilot(rng, state, Potential(SMALL), 0.0, SIZES, ess=1.5)
    with pytest.raises(KgonError, match="sizes must increase from 10"):
        smc.pilot(rng, state, Potential(SMALL), 10.0, SIZES)
    with pytest.raises(KgonError, match="not a rung"):
        smc.run_smc(rng, state, Potential(SMALL), ladder).at(3.3)
