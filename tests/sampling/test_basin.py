"""The posterior about a minimum: exact moments, and a length of trajectories that pays."""

from dataclasses import replace

import numpy as np
import pytest
from support import truth

from kgon.base.verdicts import KgonError
from kgon.kgons.catalogue import Catalogue
from kgon.potential.data import sample
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.sampling.basin import LENGTHS, effective_share, tune_chains
from kgon.sampling.diagnostics import ess

CHAINS = 128


@pytest.fixture(scope="module")
def hexagon():
    """Chains about the hexagon at βn = 1000."""
    tms = TMS(6)
    point = next(iter(Catalogue(6).phases()))
    return tune_chains(
        np.random.default_rng(1), Potential(tms), tms.pack(point.W, point.biases), strength=1e3, chains=CHAINS
    )


def _least(tms, w):
    """Effective draws of the worst of ‖W_i‖² and b_i, per draw."""
    W, b = tms.unpack(w)
    numbers = np.concatenate([np.sum(W**2, axis=-2), b], axis=-1)
    return min(ess(numbers[..., k]) for k in range(numbers.shape[-1])) / w[..., 0].size


def _worst_moment(strength):
    """Largest |z| of four moments: independent chains at s = 30 against exact draws at another s."""
    rng = np.random.default_rng(2)
    w = rng.standard_normal((400_000, 2))
    loss = truth.loss(w[:, :1, None], w[:, 1:], np.ones(1), np.ones(1))
    w = w[rng.random(len(w)) < np.exp(-strength * loss)]
    moves = tune_chains(rng, Potential(TMS(1, 1)), np.array([1.0, 0.0]), strength=30.0, chains=2000)
    found = moves.draw(rng, 30).w[:, -1]
    moments = [
        np.concatenate([np.abs(x[:, :1]), x[:, :1] ** 2, x[:, 1:], x[:, 1:] ** 2], axis=1) for x in (w, found)
    ]
    errors = np.hypot(*(x.std(axis=0) / len(x) ** 0.5 for x in moments))
    return float(np.max(np.abs(moments[0].mean(axis=0) - moments[1].mean(axis=0)) / errors))


def test_moments_are_those_of_rejection_sampling():
    assert _worst_moment(30.0) < 4  # the largest of four normal numbers


def test_moments_of_another_strength_are_told_apart():
    assert _worst_moment(60.0) > 8


def test_the_length_chosen_brings_several_times_the_effective_draws_of_the_shortest(hexagon):
    """Per leapfrog step; about six times in a trial, so that 2.5 is far from chance."""
    rng, tms = np.random.default_rng(3), TMS(6)
    worth = {}
    for leapfrogs in (min(LENGTHS), hexagon.leapfrogs):
        moves = replace(hexagon, leapfrogs=leapfrogs)
        worth[leapfrogs] = _least(tms, moves.draw(rng, 40).w) / leapfrogs
    assert min(LENGTHS) < hexagon.leapfrogs < max(LENGTHS)
    assert worth[hexagon.leapfrogs] > 2.5 * worth[min(LENGTHS)]


def test_draws_come_from_the_state_and_leave_it(hexagon):
    first, again = (hexagon.draw(np.random.default_rng(4), 5) for _ in range(2))
    assert first.w.shape == (CHAINS, 5, 18) and np.array_equal(first.w, again.w)
    assert 0.65 < first.acceptance < 0.95
    assert np.array_equal(first.loss, Potential(TMS(6)).flat(first.w.reshape(-1, 18))[0].reshape(CHAINS, 5))


def test_the_loss_of_a_sample_is_sampled_too():
    tms, rng = TMS(2), np.random.default_rng(5)
    loss = EmpiricalLoss(tms, *sample(tms, 200, seed=1))
    moves = tune_chains(rng, loss, np.array([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]), strength=200.0, chains=24)
    found = moves.draw(rng, 5)
    assert np.array_equal(found.loss[:, -1], loss.flat(found.w[:, -1])[0])


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_the_effective_share_of_autoregressive_numbers(rho):
    """The worst of three: the others are independent.  A correlation of 10⁵ pairs is good to 0.004."""
    rng = np.random.default_rng(6)
    x = rng.standard_normal((51, 2000, 3))
    for k in range(1, 51):
        x[k, :, 1] = rho * x[k - 1, :, 1] + np.sqrt(1 - rho**2) * x[k, :, 1]
    assert effective_share(x) == pytest.approx((1 - rho) / (1 + rho), rel=0.1, abs=0.01)


def test_numbers_that_come_back_count_no_more_than_once():
    rng = np.random.default_rng(7)
    x = rng.standard_normal((1, 500, 1)) * (-1.0) ** np.arange(20)[:, None, None]
    assert effective_share(x) == 1.0


def test_options_are_checked():
    rng, potential = np.random.default_rng(8), Potential(TMS(2))
    with pytest.raises(KgonError, match="chains must be an integer of at least 24, got 23"):
        tune_chains(rng, potential, np.zeros(6), strength=1.0, chains=23)
    with pytest.raises(KgonError, match="the precision must be positive"):
        tune_chains(rng, potential, np.zeros(6), strength=1.0, precision=0.0)
    with pytest.raises(KgonError, match="the strength"):
        tune_chains(rng, potential, np.zeros(6), strength=-1.0)
