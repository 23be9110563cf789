"""The restricted density, against quadrature and against what the restriction must leave alone."""

import numpy as np
import pytest
from support import truth

from kgon.base.verdicts import KgonError
from kgon.kgons.catalogue import Catalogue
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.sampling.diagnostics import monte_carlo_error, rhat
from kgon.sampling.hmc import State
from kgon.sampling.restricted import sample_restricted

ONE = TMS(1, 1)
POINT = np.array([0.9, 0.1])


def everywhere(state: State) -> np.ndarray:
    return np.ones(len(state), dtype=bool)


EDGE = 0.7975
"""Where the set ends: between two columns of the grid."""


def long(state: State) -> np.ndarray:
    return state.w[:, 0] >= EDGE


def quadrature(strength, precision, holds):
    """E[s (L − L(w*))] for one feature in one dimension within a set, on a grid; the loss is not kgon's."""
    x, y = np.linspace(-2.5, 3.5, 1201), np.linspace(-3, 3, 1201)
    X, Y = np.meshgrid(x, y, indexing="ij")
    ones = np.ones(1)
    loss = truth.loss(X.reshape(-1, 1, 1), Y.reshape(-1, 1), ones, ones).reshape(X.shape)
    excess = loss - truth.loss(POINT[:1].reshape(1, 1), POINT[1:], ones, ones)
    square = (X - POINT[0]) ** 2 + (Y - POINT[1]) ** 2
    density = np.exp(-strength * excess - 0.5 * precision * square) * holds(X)
    return strength * np.sum(excess * density) / density.sum()


def test_means_are_those_of_quadrature_with_and_without_the_set():
    """Far from Gaussian; the border cuts the density, so that the mean without it is 0.19 away."""
    strength, precision = 60.0, 1.0
    free = quadrature(strength, precision, np.ones_like)
    cut = quadrature(strength, precision, lambda x: x >= EDGE)
    for seed, (inside, exact) in enumerate(((everywhere, free), (long, cut))):
        rng = np.random.default_rng(seed)
        found = sample_restricted(
            rng, Potential(ONE), POINT, inside, strength=strength, precision=precision, chains=256, draws=300
        )
        energy = strength * found.excess
        error = monte_carlo_error(energy)
        assert error < 0.01 and rhat(energy) < 1.02
        assert abs(energy.mean() - exact) < 4 * error
    assert abs(free - cut) > 0.1  # the near-miss: a sampler that forgets the set
    assert (found.w[:, 0] >= EDGE).all() and 0.5 < found.inside < 1


def test_lambda_of_a_quadratic_loss_comes_back():
    """The hexagon at n = 10⁹, γ = 10⁴, where L is quadratic: Σ ½ s h/(s h + γ) by the Hessian."""
    tms, point, s = TMS(6), Catalogue(6)["6"], 1e9 / np.log(1e9)
    values = np.linalg.eigvalsh(Potential(tms).hessian(point.W, point.biases))
    exact = np.sum(0.5 * s * values / (s * values + 1e4))
    found = sample_restricted(
        np.random.default_rng(1), Potential(tms), tms.pack(point.W, point.biases), everywhere,
        strength=s, precision=1e4, draws=60,
    )  # fmt: skip
    energy = s * found.excess
    assert monte_carlo_error(energy) < 0.08 and abs(energy.mean() - exact) < 0.25
    assert found.inside == 1.0 and 0.5 < found.acceptance < 0.95


def test_bad_calls_are_refused():
    rng, loss = np.random.default_rng(0), Potential(ONE)
    with pytest.raises(KgonError, match="chains must be an integer of at least 8, got 7"):
        sample_restricted(rng, loss, POINT, everywhere, strength=1.0, chains=7)
    for centre, words in (
        ([0.9, 0.1, 0.0], r"w must have shape \(\.\.\., 2\)"),
        ([0.9, np.nan], "b must be finite"),
    ):
        with pytest.raises(KgonError, match=words):
            sample_restricted(rng, loss, np.array(centre), everywhere, strength=1.0)
    with pytest.raises(KgonError, match="the centre is not in the set"):
        sample_restricted(rng, loss, -POINT, long, strength=1.0)
    with pytest.raises(KgonError, match="precision must be positive"):
        sample_restricted(rng, loss, POINT, everywhere, strength=1.0, precision=0.0)
