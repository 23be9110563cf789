"""Integrate by randomised quasi-Monte Carlo with heavy-tailed importance densities.

A mean over R independently shifted Sobol nets is unbiased, and its standard error is read off the R values.
The importance density is fitted to a pilot net whose shift is independent of the others, so that fitting
does not bias the result.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri
from scipy.stats import qmc

from kgon.base.checks import Floats
from kgon.base.streams import stream

BITS = 30
"""Binary digits of a Sobol point; the rest of its 53 bits is uniform jitter."""
PILOTS = 2
"""Nets used to fit the importance density, one after the other."""


def shifted_nets(dimension: int, log2_points: int, replicates: int, seed: int) -> list[Floats]:
    """Draw Sobol nets of 2^log2_points points in (0, 1)^dimension, each with its own digital shift.

    The shift of replicate i comes from the spawn key (i,) of ``seed`` and does not depend on their number.

    Returns
    -------
    list of (2^log2_points, dimension) arrays
    """
    net = qmc.Sobol(dimension, scramble=False, bits=BITS).random_base2(log2_points)
    digits = np.rint(net * 2.0**BITS).astype(np.int64)
    nets = []
    for i in range(replicates):
        rng = stream(seed, i)
        shift = rng.integers(0, 2**BITS, size=dimension)
        jitter = rng.uniform(1e-9, 1 - 1e-9, size=digits.shape)
        nets.append(((digits ^ shift) + jitter) / 2.0**BITS)
    return nets


@dataclass(frozen=True, slots=True)
class SplitSinh:
    """Product density of x = m ± s± sinh(τ|z|)/τ per coordinate, z standard normal: two-sided, heavy tails.

    The sides are chosen such that the density is continuous at the mode m.  It falls more slowly than any
    normal density, so that an integrand below some normal density has bounded weights.

    Attributes
    ----------
    mode, below, above, tail : (dimension,) arrays
        m, s⁻, s⁺, τ > 0.
    """

    mode: Floats
    below: Floats
    above: Floats
    tail: Floats

    def points(self, uniform: Floats) -> tuple[Floats, Floats]:
        """Turn ``uniform`` numbers (n, dimension) into points, and find their log density (n,)."""
        total = self.below + self.above
        left = uniform < self.below / total
        normal = ndtri(
            np.where(left, uniform * total / (2 * self.below), 1 - (1 - uniform) * total / (2 * self.above))
        )
        bent = self.tail * normal
        density = np.log(2 / total) - 0.5 * np.log(2 * np.pi) - normal**2 / 2 - np.log(np.cosh(bent))
        points = self.mode + np.sinh(bent) / self.tail * np.where(left, self.below, self.above)
        return points, density.sum(axis=1)

    def fitted(self, points: Floats, weight: Floats) -> SplitSinh:
        """Fit the density to ``points``: the weighted mean is the mode, one-sided spreads are s⁻ and s⁺."""
        weight = weight / weight.sum()
        mode = weight @ points
        away = points - mode
        low, high = weight @ (away < 0), weight @ (away >= 0)
        below = np.sqrt(weight @ np.where(away < 0, away**2, 0) / low)
        above = np.sqrt(weight @ np.where(away >= 0, away**2, 0) / high)
        return SplitSinh(mode, below, above, self.tail)


@dataclass(frozen=True, slots=True)
class IntegralEstimate:
    """An integral by importance sampling, from independent replicates.

    Attributes
    ----------
    value, stderr, ess : float
        The mean over the replicates, its standard error, and the effective number of samples.
    noise : tuple of float
        By how much the mean would change, relative to itself, without the deviation of each replicate, over
        √(1 − 1/R): the squares sum to the square of ``relative``.  Replicate i of two integrals with the same
        seed has the same random numbers; the sum of the products is the covariance of the logarithms.
    """

    value: float
    stderr: float
    ess: float
    noise: tuple[float, ...]

    @property
    def relative(self) -> float:
        """The standard error of the logarithm of the value."""
        return self.stderr / self.value

    def scaled(self, factor: float) -> IntegralEstimate:
        """Estimate ``factor`` times the integral."""
        return IntegralEstimate(factor * self.value, factor * self.stderr, self.ess, self.noise)


def integrate(
    log_integrand: Callable[[Floats], Floats],
    start: SplitSinh,
    *,
    log2_points: int = 9,
    replicates: int = 16,
    seed: int = 0,
) -> IntegralEstimate:
    """Estimate ∫ exp(log_integrand) over ℝ^dimension, with a standard error from independent replicates.

    Parameters
    ----------
    log_integrand : callable
        Maps (n, dimension) points to (n,) logarithms; −∞ is allowed.
    start : SplitSinh
        Importance density of the pilot; it must not be narrower than the integrand.
    log2_points, replicates : int
        Points per replicate and number of replicates.
    """
    dimension = start.mode.size
    density = start
    for net in shifted_nets(dimension, log2_points + 1, PILOTS, seed + 1):
        points, log_density = density.points(net)
        density = density.fitted(points, _weights(log_integrand(points) - log_density)[0])
    nets = shifted_nets(dimension, log2_points, replicates, seed)
    logs = np.empty((replicates, nets[0].shape[0]))
    for i, net in enumerate(nets):
        points, log_density = density.points(net)
        logs[i] = log_integrand(points) - log_density
    weight, top = _weights(logs)
    return _summary(weight).scaled(float(np.exp(top)))


def replicated_mean(
    value: Callable[[Floats], Floats],
    dimension: int,
    *,
    log2_points: int = 11,
    replicates: int = 16,
    seed: int = 0,
) -> IntegralEstimate:
    """Estimate the mean of ``value`` ≥ 0 over the unit cube, with its standard error."""
    nets = shifted_nets(dimension, log2_points, replicates, seed)
    return _summary(np.stack([value(net) for net in nets]))


def _summary(weight: Floats) -> IntegralEstimate:
    """Mean, standard error and effective sample size of weights (replicates, points)."""
    means = weight.mean(axis=1)
    ess, count = float(weight.sum() ** 2 / (weight**2).sum()), len(means)
    noise = (means / means.mean() - 1) / np.sqrt(count * (count - 1))
    stderr = float(means.std(ddof=1) / np.sqrt(count))
    return IntegralEstimate(float(means.mean()), stderr, ess, tuple(noise.tolist()))


def _weights(logs: Floats) -> tuple[Floats, float]:
    """exp(logs − top) and top = max(logs)."""
    top = float(logs.max())
    return np.exp(logs - top), top
