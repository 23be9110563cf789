"""Diagnostics against processes whose autocorrelation is known."""

import numpy as np
import pytest

from kgon.base.verdicts import KgonError
from kgon.sampling.diagnostics import ess, monte_carlo_error, rhat


def autoregressive(rng, rho, chains=200, n=500):
    """Stationary AR(1) chains of unit variance."""
    x = np.empty((chains, n))
    x[:, 0] = rng.standard_normal(chains)
    for k in range(1, n):
        x[:, k] = rho * x[:, k - 1] + np.sqrt(1 - rho**2) * rng.standard_normal(chains)
    return x


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9, -0.4])
def test_effective_size_of_an_autoregressive_process(rho):
    x = autoregressive(np.random.default_rng(1), rho)
    assert ess(x) == pytest.approx(x.size * (1 - rho) / (1 + rho), rel=0.15)


def test_the_error_is_that_of_repeated_means():
    # 200 independent chains: their means give the error without any autocorrelation.
    x = autoregressive(np.random.default_rng(2), 0.8)
    independent = x.mean(axis=1).std(ddof=1) / np.sqrt(len(x))
    assert monte_carlo_error(x) == pytest.approx(independent, rel=0.2)  # 5 % each: four deviations
    assert monte_carlo_error(x) > 2 * x.std() / np.sqrt(x.size)  # and not that of independent draws


def test_one_chain_elsewhere_and_a_drift_are_seen():
    x = autoregressive(np.random.default_rng(3), 0.3, chains=8)
    assert rhat(x) < 1.01
    assert rhat(x + 2 * (np.arange(8) == 0)[:, None]) > 1.05
    assert rhat(x + np.linspace(0, 2, x.shape[1])) > 1.05  # split: all chains drift alike
    assert rhat(x * np.where(np.arange(8) == 0, 5, 1)[:, None]) > 1.02  # same mean, another width


def test_constant_draws_say_nothing():
    x = np.full((4, 100), 3.0)
    assert rhat(x) is None and ess(x) is None
    assert monte_carlo_error(x) == 0


@pytest.mark.parametrize("x", [np.zeros(10), np.zeros((1, 10)), np.zeros((4, 3)), np.full((4, 9), np.nan)])
def test_unusable_draws_are_refused(x):
    with pytest.raises(KgonError, match="draws must be"):
        rhat(x)
