"""Integrate the prior over movable columns in a cone, as the 4-gons of at most two live vertices need.

u movable columns W_m stand in a cone of opening w at the origin, and are off: b_m ≤ −max_i W_i·W_m over all
movable i, m included.  In polar coordinates the prior mass is

    (w/2π)^u · E ∏_m Φ(−r_m max_i r_i cos(θ_i − θ_m)),   θ uniform in the cone, r Rayleigh.
"""

from __future__ import annotations

import numpy as np
from scipy.special import log_ndtr

from kgon.base.checks import Floats
from kgon.numerics.quasi_monte_carlo import IntegralEstimate, replicated_mean

NARROW = 0.6
"""Scale of the sampled radii: Φ(−r²) keeps them below those of the prior."""


def log_off_mass(W: Floats) -> Floats:
    """Compute the logarithm of the prior probability that all columns are off, ∏_m Φ(−max_i W_i·W_m).

    Parameters
    ----------
    W : (n, 2, u) array

    Returns
    -------
    (n,) array
    """
    gram = np.einsum("nai,nam->nim", W, W)
    return np.asarray(log_ndtr(-gram.max(axis=1)).sum(axis=1))


def _columns(uniform: Floats, opening: Floats | float) -> tuple[Floats, Floats]:
    """Columns (n, 2, u) in a cone from 2u uniform numbers, and the log weight (n,) of their narrow radii."""
    u = uniform.shape[1] // 2
    angle = np.reshape(opening, (-1, 1)) * uniform[:, :u]
    square = -2 * np.log(uniform[:, u:])
    radius = NARROW * np.sqrt(square)
    weight = np.sum(np.log(NARROW**2) + (1 - NARROW**2) * square / 2, axis=1)
    return radius[:, None, :] * np.stack([np.cos(angle), np.sin(angle)], axis=1), weight


def cone_mass(u: int, opening: float, *, log2_points: int = 13, replicates: int = 16) -> IntegralEstimate:
    """Estimate the prior mass of u movable columns in a cone; its opening is 2π for the plane."""

    def value(uniform: Floats) -> Floats:
        W, weight = _columns(uniform, opening)
        return np.asarray(np.exp(weight + log_off_mass(W)))

    mean = replicated_mean(value, 2 * u, log2_points=log2_points, replicates=replicates)
    return mean.scaled((opening / (2 * np.pi)) ** u)


def opening_mass(u: int, *, log2_points: int = 13, replicates: int = 16) -> IntegralEstimate:
    """Integrate over α, π/2 to 3π/2, the prior mass of u columns that meet neither of two directions α apart.

    They stand in a cone of opening w = |π − α| < π/2 on the other side, where w is sampled with density
    (u + 1) w^u/(π/2)^{u+1}.
    """
    widest = np.pi / 2

    def value(uniform: Floats) -> Floats:
        W, weight = _columns(uniform[:, 1:], widest * uniform[:, 0] ** (1 / (u + 1)))
        return np.asarray(np.exp(weight + log_off_mass(W)))

    mean = replicated_mean(value, 2 * u + 1, log2_points=log2_points, replicates=replicates)
    return mean.scaled(2 * widest ** (u + 1) / ((u + 1) * (2 * np.pi) ** u))
