"""Localised chains against quadrature, and against a density that is exactly Gaussian."""

import numpy as np
import pytest

from kgon.base.verdicts import KgonError
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.sampling import ensemble, hmc
from kgon.sampling import localised as sampling_localised
from kgon.sampling.diagnostics import monte_carlo_error
from kgon.sampling.ensemble import scales
from kgon.sampling.hmc import Target
from kgon.sampling.localised import sample_localised

ONE = TMS(1, 1)
CENTRE = np.array([0.9, 0.05])


def quadrature(strength, precision):
    """E[s (L − L(w*))] for one feature in one dimension, on a grid."""
    x, y = np.linspace(-2.5, 3.5, 1201), np.linspace(-3, 3, 1201)
    X, Y = np.meshgrid(x, y, indexing="ij")
    loss = Potential(ONE).loss(X.reshape(-1, 1, 1), Y.reshape(-1, 1)).reshape(X.shape)
    excess = loss - Potential(ONE).loss([[CENTRE[0]]], [CENTRE[1]])
    log = -strength * excess - 0.5 * precision * ((X - CENTRE[0]) ** 2 + (Y - CENTRE[1]) ** 2)
    density = np.exp(log - log.max())
    return strength * np.sum(excess * density) / np.sum(density)


def energies(strength=60.0, precision=4.0, seed=0, draws=600):
    found = sample_localised(
        np.random.default_rng(seed),
        Potential(ONE),
        CENTRE,
        strength=strength,
        precision=precision,
        chains=256,
        draws=draws,
    )
    return strength * found.excess


@pytest.mark.parametrize(("strength", "precision"), [(60.0, 4.0), (500.0, 4.0), (5.0, 9.0)])
def test_mean_energy_against_quadrature(strength, precision):
    energy = energies(strength, precision)
    error = monte_carlo_error(energy)
    exact = quadrature(strength, precision)
    assert error < 0.01 * abs(exact)
    assert abs(energy.mean() - exact) < 4 * error


def test_the_test_would_see_a_wrong_acceptance(monkeypatch):
    right = Target.change
    monkeypatch.setattr(Target, "change", lambda self, old, new: 0.8 * right(self, old, new))
    energy = energies()
    assert abs(energy.mean() - quadrature(60.0, 4.0)) > 6 * monte_carlo_error(energy)


def test_without_loss_the_density_is_the_localiser():
    """All outputs off: L is constant, p = N(w*, γ⁻¹), though the chains start in a far smaller ball."""
    tms, centre = TMS(4), np.concatenate([np.eye(2, 4).ravel(), np.full(4, -2.0)])
    found = sample_localised(
        np.random.default_rng(1), Potential(tms), centre, strength=1e8, precision=1e4, chains=400, draws=60
    )
    assert np.all(found.excess == 0)
    spread = (found.w - centre) / 0.01
    assert abs(np.mean(spread**2) - 1) < 5 * np.sqrt(2 / spread.size)
    assert np.abs(spread.mean(axis=0)).max() < 5 / np.sqrt(400)


def test_scales_are_roots_of_the_covariance_cut_at_the_reach():
    rng = np.random.default_rng(2)
    points = rng.standard_normal((500, 3)) * [1, 10, 1000] @ np.linalg.qr(rng.standard_normal((3, 3)))[0]
    full, cut = scales(points, (np.inf, 5.0))
    covariance = np.cov(points.T)
    np.testing.assert_allclose(full @ full.T, covariance, rtol=1e-9, atol=1e-9 * covariance.max())
    smallest = np.sqrt(np.linalg.eigvalsh(covariance)[0])
    deviations = np.sqrt(np.linalg.eigvalsh(cut @ cut.T))
    np.testing.assert_allclose(deviations, smallest * np.array([1, 5, 5]), rtol=1e-9)


def test_the_same_seed_gives_the_same_bits():
    a, b, other = (energies(seed=seed, draws=12) for seed in (5, 5, 6))
    assert np.array_equal(a, b)
    assert not np.array_equal(a, other)


def test_nothing_adapts_while_drawing(monkeypatch):
    calls = []
    step = hmc.step
    monkeypatch.setattr(
        sampling_localised,
        "step",
        lambda *a, **k: (calls.append((k["step_size"], k["scale"].tobytes())), step(*a, **k))[1],
    )
    energies(draws=30)
    assert len(set(calls[-30:])) == len(ensemble.REACHES)
    assert len(set(calls)) > len(ensemble.REACHES)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"chains": 7}, "chains must be an integer of at least 8, got 7"),
        ({"chains": 64.0}, "chains"),
        ({"draws": 2}, "draws must be an integer of at least 3, got 2"),
        ({"strength": 0.0}, "strength"),
        ({"strength": 1e15}, "1e\\+14"),
        ({"precision": 0.0}, "precision"),
    ],
)
def test_bad_options_are_refused(change, words):
    options = {"strength": 1.0, "precision": 1.0, "chains": 64, "draws": 12} | change
    with pytest.raises(KgonError, match=words):
        sample_localised(np.random.default_rng(0), Potential(ONE), CENTRE, **options)
