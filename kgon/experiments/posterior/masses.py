"""Average, join and interpolate the masses of basins that independent replicates have found.

Every replicate has an unbiased estimate of each mass Z(s), so that replicates are averaged on the scale of
Z.  Standard errors are the jackknife's over replicates: the covariance of basins and sizes is in them.
``Masses`` holds what was found, ``nodes`` and ``curve`` give F at the sizes and between them, ``crossing``
where two are equal, and ``jackknife`` the error of anything that is computed from them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from kgon.base.checks import Floats
from kgon.base.results import Record, result
from kgon.sampling.diagnostics import jackknife_error


class MassEstimate(NamedTuple):
    """A free energy, or the s of a crossing, and its standard error."""

    value: float
    stderr: float


@result
class Masses(Record):
    """Masses ∫_basin exp(−s L) φ of some basins, the rows, at some sizes s, in every replicate.

    Attributes
    ----------
    sizes : tuple of float
        Increasing.
    reference : (rows, sizes) array
        Logarithm that ``relative`` is relative to.
    relative : (replicates, rows, sizes) array
        Mass over exp(reference).
    loss : (replicates, rows, sizes) array
        E[L] within the row; any number where the mass is 0.
    known : (rows, sizes) bool array
        Where the mass was measured.
    """

    sizes: tuple[float, ...]
    reference: Floats
    relative: Floats
    loss: Floats
    known: np.ndarray

    @classmethod
    def of(cls, sizes: tuple[float, ...], log_mass: Floats, loss: Floats) -> Masses:
        """Scale log masses (replicates, rows, sizes), of which −inf is no mass and NaN not measured."""
        seen = np.isfinite(log_mass)
        reference = np.max(np.where(seen, log_mass, -np.inf), axis=0)
        reference = np.where(np.isfinite(reference), reference, 0.0)
        relative = np.where(seen, np.exp(np.where(seen, log_mass - reference, 0.0)), 0.0)
        known = np.logical_not(np.isnan(log_mass).any(axis=0))
        return cls(
            sizes=sizes,
            reference=reference,
            relative=relative,
            loss=np.where(seen, loss, 0.0),
            known=known,
        )

    @property
    def replicates(self) -> int:
        """Number of independent replicates."""
        return len(self.relative)

    def nodes(self, rows: Sequence[int], weights: Floats) -> tuple[Floats, Floats]:
        """F = −log Z of the rows together, and dF/ds = E[L], at the sizes.

        Parameters
        ----------
        rows : sequence of int
        weights : (replicates,) array
            Of the replicates in the mean.

        Returns
        -------
        free, slope : (sizes,) arrays
            NaN where a row was not measured; F is infinite without mass.
        """
        index = list(rows)
        share = weights / weights.sum()
        mass = np.einsum("r,ras->as", share, self.relative[:, index])
        moment = np.einsum("r,ras->as", share, self.relative[:, index] * self.loss[:, index])
        reference = self.reference[index]
        # Masses are added relative to the largest that there is, so that none overflows.
        top = np.max(np.where(mass > 0, reference, -np.inf), axis=0)
        top = np.where(np.isfinite(top), top, 0.0)
        scale = np.where(mass > 0, np.exp(np.minimum(reference - top, 0.0)), 0.0)
        total, first = np.sum(scale * mass, axis=0), np.sum(scale * moment, axis=0)
        known = self.known[index].all(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            free, slope = -np.log(total) - top, first / total
        return np.where(known, free, np.nan), np.where(known, slope, np.nan)

    def curve(self, rows: Sequence[int], s: ArrayLike, weights: Floats) -> Floats:
        """F of the rows together at one or many s within the sizes, interpolated (see ``hermite``).

        NaN next to a size where it was not measured, infinite next to one without mass.
        """
        nodes = self.nodes(rows, weights)
        return np.reshape([self._between(nodes, float(x)) for x in np.ravel(s)], np.shape(s))

    def _between(self, nodes: tuple[Floats, Floats], s: float) -> float:
        """F at any s, from F and its slope at the sizes."""
        free, slope = nodes
        j = int(np.searchsorted(self.sizes, s, side="right")) - 1
        if self.sizes[j] == s:
            return float(free[j])
        ends = free[j : j + 2]
        if not np.isfinite(ends).all():
            return float(ends.max())  # NaN before infinity
        return hermite(s, (self.sizes[j], self.sizes[j + 1]), ends, slope[j : j + 2])

    def crossing(self, first: Sequence[int], second: Sequence[int], weights: Floats) -> float:
        """The smallest s with F of ``first`` = F of ``second``; NaN if there is none."""
        here, there = self.nodes(first, weights), self.nodes(second, weights)

        def gap(s: float) -> float:
            return self._between(here, s) - self._between(there, s)

        one, other = here[0], there[0]
        both = np.isfinite(one) & np.isfinite(other)
        gaps = np.subtract(one, other, where=both, out=np.full_like(one, np.nan))
        for j, (low, high) in enumerate(pairwise(self.sizes)):
            if gaps[j] * gaps[j + 1] <= 0:  # false where one is not a number
                return float(brentq(gap, low, high, xtol=1e-9))
        return math.nan

    def free_energy(self, rows: Sequence[int], s: float) -> MassEstimate:
        """F of the rows together at any s within the sizes; its error is NaN where nothing was measured."""
        return self.jackknife(lambda weights: float(self.curve(rows, s, weights)))

    def jackknife(self, estimate: Callable[[Floats], float]) -> MassEstimate:
        """Evaluate a function of the replicates' weights, and its error by leaving out one at a time."""
        value, error = self.jackknife_array(lambda weights: np.array(estimate(weights)))
        return MassEstimate(float(value), float(error) if math.isfinite(value) else math.nan)

    def jackknife_array(self, estimate: Callable[[Floats], Floats]) -> tuple[Floats, Floats]:
        """Evaluate a function with arrays as values in the same way; NaN where an error is not finite."""
        with np.errstate(invalid="ignore"):  # infinite where nothing has a mass
            return estimate(np.ones(self.replicates)), jackknife_error(self._without(estimate))

    def noise(self, estimate: Callable[[Floats], Floats]) -> Floats:
        """Find the error by replicate: by how much the mean of those with one left out differs from each.

        The sum of squares is the variance of the jackknife; the sum of products of two is their covariance.
        """
        without = self._without(estimate)
        return np.asarray((without.mean(axis=0) - without) * math.sqrt(1 - 1 / self.replicates))

    def _without(self, estimate: Callable[[Floats], Floats]) -> Floats:
        """A function of the weights with each of the replicates left out."""
        return np.array([estimate(weights) for weights in 1.0 - np.eye(self.replicates)])


def shares_of(free: Floats) -> Floats:
    """Turn the free energies of all parts of a whole, (rows, sizes), into their shares of it.

    The whole is the sum of the same estimates, so that the shares at one size sum to 1.  F is infinite
    without mass, where the share is 0; NaN where it was not measured, and left out of the sum.
    """
    mass = np.exp(np.nanmin(free, axis=0) - free)
    return np.asarray(mass / np.nansum(mass, axis=0))


def hermite(s: float, ends: tuple[float, float], values: Floats, slopes: Floats) -> float:
    """Cubic Hermite interpolation in log s of F − E s, where E is the slope dF/ds at the upper end.

    The multiple of s is put back exactly.  What is left of F = s L + λ log s + const bends as little as
    λ log s does, and is interpolated without error but for the curvature of s in log s, of size λ.

    Parameters
    ----------
    s : float
    ends : (float, float)
        0 < low <= s <= high.
    values, slopes : (2,) arrays
        F and dF/ds at the ends.
    """
    slope = slopes[1]
    low, high = ends
    width = math.log(high / low)
    t = math.log(s / low) / width
    left, right = values[0] - slope * low, values[1] - slope * high
    tangent = width * low * (slopes[0] - slope)  # that at the upper end is 0
    cubic = left * (1 + 2 * t) * (1 - t) ** 2 + right * t * t * (3 - 2 * t) + tangent * t * (1 - t) ** 2
    return float(cubic + slope * s)
