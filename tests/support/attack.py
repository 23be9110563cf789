"""Attacks on inequalities: integrals written from their definition, and searches for the lowest value.

A pair's integral is taken by Simpson's rule where its output is not zero; there the integrand is a
polynomial of degree 2, for which the rule is exact.  Of the package only the polygons' length, bias and
cost are used: these are what is claimed.  All functions broadcast over arrays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from kgon.kgons.polygons import regular_polygons


def moments(slope, bias):
    """∫₀¹ μ·y dμ and ∫₀¹ y² dμ of an output y = relu(slope·μ + bias)."""
    start, end = bias, slope + bias
    on_first, on_last = start > 0, end > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        kink = np.where(on_first == on_last, 1.0, -bias / slope)
    low, high = np.where(on_first, 0.0, kink), np.where(on_last, 1.0, kink)  # where y > 0; empty if never
    y_low, y_high = slope * low + bias, slope * high + bias
    weight = (high - low) / 6
    first = weight * (low * y_low + (low + high) * (y_low + y_high) + high * y_high)
    return first, weight * (y_low**2 + (y_low + y_high) ** 2 + y_high**2)


def off(a, b):
    """∫₀¹ relu(aμ + b)² dμ."""
    return moments(a, b)[1]


def diagonal(N, b):
    """D(N, b) = ∫₀¹ (μ − relu(Nμ + b))² dμ."""
    first, second = moments(N, b)
    return 1 / 3 - 2 * first + second


def cheapest(m, t):
    """H(m, t), the minimum over A of D(A, −mA) + 2 off(tA, −mA) = 1/3 − 2pA + qA², for 0 ≤ m < 1."""
    p, q = moments(1.0, -m)
    return 1 / 3 - p**2 / (q + 2 * off(t, -m))


@dataclass(frozen=True, kw_only=True)
class Claim:
    """c·L ≥ V = c·φ, where an edge with angle α costs at least T − κα."""

    c: int
    A: float
    b: float
    phi: float
    kappa: float

    @property
    def angle(self):
        return 2 * np.pi / self.c

    @property
    def T(self):  # noqa: N802
        return self.phi + self.kappa * self.angle

    @property
    def V(self):  # noqa: N802
        return self.c * self.phi


def claim(c):
    """What the regular c-gon with one active neighbour on either side claims.

    κ = −∂H/∂θ; A minimises the loss, so that only the neighbours' off(A cos θ, b) moves with θ.
    """
    (polygon,) = regular_polygons(c)
    A, b, angle = float(polygon.length_squared), float(polygon.bias), 2 * np.pi / c
    slope = 2 * moments(A * np.cos(angle), b)[0]  # of off, by its first argument
    return Claim(c=c, A=A, b=b, phi=float(polygon.cost), kappa=float(2 * A * np.sin(angle) * slope))


def lowest(function, lower, upper, *, seed, islands=30, members=50, generations=150):
    """Lowest value that a search of a box finds, and where.

    Differential evolution of separate populations, the best end polished by Nelder and Mead's simplex in
    the box: neither needs a derivative, as the function under attack may be a maximum of several.

    Parameters
    ----------
    function : callable
        Values (m,) of points (n, m), the coordinates first.
    lower, upper : sequence of float
        The box.
    """
    rng = np.random.default_rng(seed)
    low, high = np.array(lower, dtype=float)[:, None], np.array(upper, dtype=float)[:, None]
    n, m = len(low), islands * members
    x = low + (high - low) * rng.random((n, m))
    value = function(x)
    island = np.arange(m) // members * members
    for _ in range(generations):
        leader = island + np.repeat(np.argmin(value.reshape(islands, members), axis=1), members)
        first, second, third = island + rng.integers(members, size=(3, m))
        base = np.where(rng.random(m) < 0.5, x[:, leader], x[:, first])
        moved = base + rng.uniform(0.4, 1.0, m) * (x[:, second] - x[:, third])
        there = np.clip(np.where(rng.random((n, m)) < 0.8, moved, x), low, high)
        new = function(there)
        better = new < value
        x[:, better], value[better] = there[:, better], new[better]
    polished = minimize(
        lambda x: float(function(x[:, None])[0]),
        x[:, np.argmin(value)],
        bounds=list(zip(lower, upper, strict=True)),
        method="Nelder-Mead",
        options={"maxiter": 200 * n, "maxfev": 200 * n, "xatol": 1e-10, "fatol": 1e-15},
    )
    return float(polished.fun), polished.x


def trials(function, x, *, seed, steps):
    """Move every point (a column of x) by random steps that lower the function; points and values.

    Each point's step grows when it succeeds and shrinks when it fails; every second step moves a few of the
    coordinates alone.
    """
    rng = np.random.default_rng(seed)
    x, size = x.copy(), np.full(x.shape[1], 0.3)
    value = function(x)
    for k in range(steps):
        move = rng.standard_normal(x.shape)
        if k % 2:
            move *= 2 * (rng.random(x.shape) < 2 / len(x))
        there = x + size * move
        new = function(there)
        better = new < value
        x[:, better], value[better] = there[:, better], new[better]
        size = np.maximum(np.where(better, 1.6 * size, 0.9 * size), 1e-8)
    return x, value
