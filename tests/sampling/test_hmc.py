"""Hamiltonian moves keep their target: exact moments, detailed balance, broken rules that must be caught."""

import numpy as np
import pytest
from support import truth

from kgon.base.verdicts import KgonError
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.sampling import hmc
from kgon.sampling.hmc import State, Target, step

SMALL = TMS(1, 1)


def _chains(rng, target, start, *, moves, step_size, leapfrogs, scale=None):
    state = State.at(target.loss, start)
    for _ in range(moves):
        state, accepted = step(rng, state, target, step_size=step_size, leapfrogs=leapfrogs, scale=scale)
    return state, accepted


def exact_draws(rng, strength, count):
    """Draws of exp(−s L) φ for one feature, by rejection from the prior; the loss is not kgon's."""
    found = np.empty((0, 2))
    while len(found) < count:
        w = rng.standard_normal((count, 2))
        loss = truth.loss(w[:, :1, None], w[:, 1:], np.ones(1), np.ones(1))
        found = np.concatenate([found, w[rng.random(count) < np.exp(-strength * loss)]])
    return found[:count]


def always_accepted(monkeypatch):
    monkeypatch.setattr(hmc.Target, "change", lambda self, old, new: np.full(len(new), -np.inf))


def without_loss(monkeypatch):
    right = hmc.Target.change

    def wrong(self, old, new):
        return right(self, State(old.w, new.loss, old.gradient), new)

    monkeypatch.setattr(hmc.Target, "change", wrong)


# --- moments -----------------------------------------------------------------------------------

# The step is so large that leapfrog alone, without acceptance, has the variance 1/(1 − ε²/4) ≈ 1.25 in place
# of 1.  Tolerance 0.03: 6 standard errors of the variance of 5000 × 18 normal numbers.
COARSE = {"step_size": 0.9, "leapfrogs": 2}


def _prior_variance():
    rng = np.random.default_rng(1)
    state, _ = _chains(
        rng, Target(loss=Potential(TMS(6)), strength=0.0), np.zeros((5000, 18)), moves=40, **COARSE
    )
    return float(np.mean(state.w**2)), float(np.abs(state.w.mean(axis=0)).max()), float(np.mean(state.w**4))


def test_the_prior_is_reached_from_the_origin():
    variance, mean, fourth = _prior_variance()
    assert abs(variance - 1) < 0.03
    assert mean < 0.07  # 5 standard errors
    assert abs(fourth - 3) < 0.2


def test_a_chain_that_accepts_everything_misses_the_prior(monkeypatch):
    always_accepted(monkeypatch)
    assert abs(_prior_variance()[0] - 1) > 0.06


@pytest.mark.parametrize("precision", [0.25, 30.0])
@pytest.mark.parametrize("preconditioned", [False, True])
def test_a_gaussian_about_a_centre(precision, preconditioned):
    tms, rng = TMS(4, 1), np.random.default_rng(2)
    centre = rng.standard_normal(8)
    target = Target(loss=Potential(tms), strength=0.0, precision=precision, centre=centre)
    width = precision**-0.5
    scale = None
    if preconditioned:  # any invertible S is right; this one is not symmetric
        scale = width * (np.eye(8) + 0.5 * np.triu(rng.standard_normal((8, 8)), 1))
    size = 0.5 if preconditioned else 0.9 * width
    start = np.tile(centre, (10000, 1))
    state, accepted = _chains(rng, target, start, moves=40, step_size=size, leapfrogs=3, scale=scale)
    z = (state.w - centre) / width
    assert 0.3 < accepted.mean() < 0.999
    assert np.abs(z.mean(axis=0)).max() < 5 / np.sqrt(10000)
    covariance = z.T @ z / len(z)
    assert np.abs(covariance - np.eye(8)).max() < 0.08  # 6 standard errors of a variance


# --- the loss in the target --------------------------------------------------------------------


def _moments(w):
    return np.array(
        [np.mean(w[:, 0] ** 2), np.mean(w[:, 1]), np.mean(w[:, 1] ** 2), np.mean(np.abs(w[:, 0]))]
    )


def _against_rejection():
    """Change of four moments by 40 moves that begin at exact draws, less the noise of fresh exact draws.

    The standard error of each is about 0.007.
    """
    rng = np.random.default_rng(3)
    start, exact = exact_draws(rng, 30.0, 20000), exact_draws(rng, 30.0, 20000)
    state, _ = _chains(
        rng, Target(loss=Potential(SMALL), strength=30.0), start, moves=40, step_size=0.2, leapfrogs=4
    )
    return float(np.abs(_moments(state.w) - _moments(exact)).max())


def test_moments_with_the_loss_are_those_of_rejection_sampling():
    assert _against_rejection() < 0.03


@pytest.mark.parametrize("broken", [always_accepted, without_loss])
def test_a_broken_acceptance_rule_is_caught_by_the_moments(monkeypatch, broken):
    broken(monkeypatch)
    assert _against_rejection() > 0.06


def _asymmetry():
    """Largest |z| of E[f(x) g(x′)] − E[g(x) f(x′)] over pairs of functions, x exact, x′ one move later."""
    rng = np.random.default_rng(4)
    x = exact_draws(rng, 30.0, 100_000)
    state, _ = _chains(
        rng, Target(loss=Potential(SMALL), strength=30.0), x, moves=1, step_size=0.45, leapfrogs=3
    )
    functions = [
        lambda w: w[:, 0] ** 2, lambda w: w[:, 1], lambda w: w[:, 1] ** 2, lambda w: np.ones(len(w)),
        lambda w: np.exp(w[:, 1]),
    ]  # fmt: skip
    largest = 0.0
    for i, f in enumerate(functions):
        for g in functions[:i]:
            gap = f(x) * g(state.w) - g(x) * f(state.w)
            largest = max(largest, abs(gap.mean()) / (gap.std() / np.sqrt(len(gap))))
    return largest


def test_detailed_balance():
    assert _asymmetry() < 4  # the largest of ten normal numbers


@pytest.mark.parametrize("broken", [always_accepted, without_loss])
def test_a_broken_acceptance_rule_breaks_detailed_balance(monkeypatch, broken):
    broken(monkeypatch)
    assert _asymmetry() > 10


# --- the pieces --------------------------------------------------------------------------------


def test_loss_and_gradient_of_a_state_are_right():
    tms, rng = TMS(5, 2), np.random.default_rng(5)
    w = rng.standard_normal((40, 15))
    state = State.at(Potential(tms), w)
    W, b = tms.unpack(w)
    assert np.allclose(state.loss, truth.loss(W, b, tms.probability, tms.importance), rtol=1e-12)
    grad_W, grad_b = truth.gradient(W, b, tms.probability, tms.importance)
    assert np.allclose(state.gradient, np.concatenate([grad_W.reshape(40, 10), grad_b], axis=1), atol=1e-11)


def test_the_change_of_the_target_keeps_its_digits():
    tms, rng = TMS(4, 1), np.random.default_rng(6)
    target = Target(loss=Potential(tms), strength=7.0, precision=3.0, centre=np.full(8, 0.5))
    old = State.at(Potential(tms), rng.standard_normal((5, 8)))
    new = State.at(Potential(tms), rng.standard_normal((5, 8)))

    def energy(s):
        return 7 * s.loss + 1.5 * np.sum((s.w - 0.5) ** 2, axis=1)

    assert np.allclose(target.change(old, new), energy(new) - energy(old), rtol=1e-12)
    gradient = target.gradient(old)
    assert np.allclose(gradient, 7 * old.gradient + 3 * (old.w - 0.5), rtol=1e-12)


def test_diverging_trajectories_are_rejected_in_silence():
    tms, rng = TMS(6), np.random.default_rng(7)
    start = rng.standard_normal((50, 18))
    state, accepted = _chains(
        rng, Target(loss=Potential(tms), strength=1e5), start, moves=1, step_size=1e4, leapfrogs=20
    )
    assert not accepted.any()
    assert np.array_equal(state.w, start)


def test_refused_chains_stay_and_the_others_carry_their_own_loss():
    tms, rng = TMS(6), np.random.default_rng(8)
    start = rng.standard_normal((300, 18))
    state, accepted = _chains(
        rng, Target(loss=Potential(tms), strength=50.0), start, moves=1, step_size=0.13, leapfrogs=8
    )
    assert 0.05 < accepted.mean() < 0.95
    assert np.array_equal((state.w == start).all(axis=1), ~accepted)
    fresh = State.at(Potential(tms), state.w)
    assert np.array_equal(fresh.loss, state.loss)
    assert np.array_equal(fresh.gradient, state.gradient)


def test_the_step_size_moves_towards_the_wanted_acceptance():
    low, high = np.zeros(10, dtype=bool), np.ones(10, dtype=bool)
    assert hmc.adapted_step_size(0.1, low) < 0.1 < hmc.adapted_step_size(0.1, high)
    wanted = np.arange(10) < 10 * hmc.ACCEPTANCE
    assert hmc.adapted_step_size(0.1, wanted) == pytest.approx(0.1, rel=1e-12)


@pytest.mark.parametrize("strength", [-1.0, np.inf, np.nan])
def test_the_strength_is_checked(strength):
    with pytest.raises(KgonError, match="the strength"):
        Target(loss=Potential(SMALL), strength=strength)


@pytest.mark.parametrize("precision", [0.0, -1.0, np.inf, np.nan])
def test_the_precision_is_checked(precision):
    with pytest.raises(KgonError, match="the precision must be positive"):
        Target(loss=Potential(SMALL), strength=1.0, precision=precision)
