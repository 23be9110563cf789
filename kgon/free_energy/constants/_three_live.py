"""Integrate over the flat sets of three live vertices, or two opposite ones, where columns slide on a line.

Live columns at the angles 90° + θ₁, 180° + θ₂ and 270° + θ₃, gaps a₁ = θ₁ − θ₂, a₂ = θ₂ − θ₃, ω = θ₃ − θ₁ =
−(a₁ + a₂); movable columns (x, y), x ≥ 0.  To first order W·e₁ = u = y − xθ₁ and W·e₃ = −u + xω, so that

    q = Σ_live (ν² + 3νβ + 3β²)/3 + off(a₁, β₁) + off(a₁, β₂) + off(a₂, β₂) + off(a₂, β₃)
        + Σ_m [off(u_m, β₁) + off(−u_m + x_m ω, β₃)].

The x_m are flat coordinates.  With every x_m near 0 nothing but the terms x_m ω > 0 keeps the gaps from
opening: the integral over ω and the gaps grows like 1/x², and ∫x^{u−1} x^{−2} dx converges only for
u = c − 3 ≥ 3 movable columns.  For u = 2 it diverges logarithmically; for u = 1 another stratum leads,
``opened_integral``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from scipy.special import log_ndtr, ndtr

from kgon.base.checks import Floats
from kgon.base.verdicts import KgonError
from kgon.free_energy.constants._four_live import off_values
from kgon.numerics.quasi_monte_carlo import IntegralEstimate, SplitSinh, integrate

MARGIN = 10.0
"""Distance beyond the last kink at which exp(−off) is negligible: off(|β| + 10, β) > 20 for −7 < β."""
STEPS = 128
"""Points of the trapezoid rule across a column's coordinate u."""
BEND = 15.0
"""The nodes of a gap are uniform up to this distance from the edge, then logarithmic."""


def _unit_rule(count: int) -> tuple[Floats, Floats]:
    """Gauss–Legendre nodes and weights on [0, 1]."""
    nodes, weights = np.polynomial.legendre.leggauss(count)
    return (nodes + 1) / 2, weights / 2


EDGE_NODES, EDGE_WEIGHTS = _unit_rule(64)
COLUMN_NODES, COLUMN_WEIGHTS = _unit_rule(12)
CHUNK = 64
LOG_LIVE = 0.5 * np.log(3 * np.pi)
"""log ∫exp(−(ν² + 3νβ + 3β²)/3) dν = this − β²/4."""


def _kink(beta: Floats) -> Floats:
    return np.asarray(np.maximum(-beta, 0) + MARGIN)


def slide_integral(beta: Floats, opposite: Floats, shift: Floats) -> Floats:
    """Integrate exp(−off(u, β) − off(−u + shift, β′)) over u; the arguments broadcast."""
    beta, opposite, shift = (x[..., None] for x in np.broadcast_arrays(beta, opposite, shift))
    # exp(−off) of the first is negligible above ``high``, of the second below ``low``.
    high, low = _kink(beta), shift - _kink(opposite)
    width = np.maximum(high - low, 0)
    u = low + width * (np.arange(STEPS) + 0.5) / STEPS
    values = np.exp(-off_values(u, beta) - off_values(shift - u, opposite))
    return np.asarray(width[..., 0] * values.mean(axis=-1))


def gap_pair_integral(beta: Floats, omega: Floats) -> Floats:
    """Integrate exp(−off(a₁, β₁) − off(a₁, β₂) − off(a₂, β₂) − off(a₂, β₃)) over a₁, where a₂ = −ω − a₁.

    Parameters
    ----------
    beta : (3, n) array
    omega : (n,) array

    Returns
    -------
    (n,) array
    """
    total = np.zeros_like(omega)
    first, middle, last = beta[:, :, None]
    for outer, inner in ((first, last), (last, first)):
        # From the largest value of one gap, where its factor is negligible, to where both gaps are −ω/2.
        edge = np.maximum(_kink(outer), _kink(middle))
        other_edge = np.maximum(_kink(inner), _kink(middle))
        # The two halves meet at the middle of the interval on which both factors count.
        half = np.maximum((omega[:, None] + edge + other_edge) / 2, 0)
        bend = np.arcsinh(half / BEND)
        distance = BEND * np.sinh(bend * EDGE_NODES)
        slope = BEND * bend * np.cosh(bend * EDGE_NODES)
        a = edge - distance
        b = -omega[:, None] - a
        exponent = off_values(a, outer) + off_values(a, middle) + off_values(b, middle) + off_values(b, inner)
        total += (slope * np.exp(-exponent)) @ EDGE_WEIGHTS
    return total


def _chunked(function: Callable[[Floats], Floats], points: Floats) -> Floats:
    return np.concatenate([function(points[i : i + CHUNK]) for i in range(0, len(points), CHUNK)])


def _log_three(points: Floats, u: int) -> Floats:
    """Logarithm of the integrand in (β₁, β₂, β₃, v, ξ): X = e^ξ the largest x_m, ω = v(1 + 1/X)."""
    beta = points[:, :3].T
    X = np.exp(points[:, 4])
    omega = points[:, 3] * (1 + 1 / X)
    x = np.append(COLUMN_NODES, 1.0) * X[:, None]
    slide = slide_integral(beta[0][:, None], beta[2][:, None], x * omega[:, None])
    # Prior densities of x_m and of y_m = 0, prior mass of b_m ≤ −x_m X.
    f = np.exp(-(x**2) / 2 + log_ndtr(-x * X[:, None])) / (2 * np.pi) * slide
    below = X * (f[:, :-1] @ COLUMN_WEIGHTS)
    jacobian = (1 + 1 / X) * X
    with np.errstate(divide="ignore"):
        inner = np.log(gap_pair_integral(beta, omega)) + np.log(u * f[:, -1] * jacobian)
        inner = inner + (u - 1) * np.log(below)
    return np.asarray(inner + np.sum(LOG_LIVE - beta**2 / 4, axis=0))


def three_integral(u: int, *, log2_points: int = 10, replicates: int = 16) -> IntegralEstimate:
    """Estimate ∫ exp(−q) over the normal coordinates and the u ≥ 3 positions x_m, with their prior.

    The biases are off, b_m ≤ −x_m max_i x_i, so that the integral over the positions is one over the largest,
    u ∫ f(X; X) [∫₀^X f(x; X) dx]^{u−1} dX, f(x; X) the prior density at W = (x, 0) times Φ(−xX) times the
    integral over u_m.
    """
    start = SplitSinh(
        np.array([-1.0, -1.0, -1.0, 0.5, -0.5]), np.array([1.4, 1.4, 1.4, 1.0, 0.7]),
        np.array([1.2, 1.2, 1.2, 3.0, 0.5]), np.array([0.3, 0.3, 0.3, 0.6, 0.6]),
    )  # fmt: skip
    return integrate(
        partial(_chunked, partial(_log_three, u=u)), start, log2_points=log2_points, replicates=replicates
    )


def _log_opened(points: Floats) -> Floats:
    """Logarithm of the integrand of ``opened_integral`` in (β₁, β₂, β₃, u, v, Φ⁻¹(s), Φ⁻¹(t)), t = h₁/ω.

    s is ω in units of its largest value at t, where the largest of h₁ and h₂ reaches h₃.
    """
    beta, (u, v) = points[:, :3].T, points[:, 3:5].T
    s, t = ndtr(points[:, 5:]).T
    widest = np.pi / 2 / (1 + np.maximum(t, 1 - t))
    omega = s * widest
    middle = -(u * np.cos((1 - t) * omega) + v * np.cos(t * omega)) / np.sin(omega)
    score = -(points[:, 5:] ** 2) / 2 - 0.5 * np.log(2 * np.pi)
    return np.asarray(
        np.sum(LOG_LIVE - beta**2 / 4, axis=0)
        - off_values(u, beta[0]) - off_values(v, beta[2]) - off_values(middle, beta[1])
        + np.log(3 * omega * widest / np.sin(omega)) + score.sum(axis=1)
    )  # fmt: skip


def opened_integral(*, log2_points: int = 12, replicates: int = 16) -> IntegralEstimate:
    """Estimate ∫ exp(−q) for three live vertices and one other column at W = 0, over the gaps as well.

    The gaps are 90° + h_i, h_i ≥ 0, Σ h_i = 90°: a triangle of flat points.  Near h₁ = h₂ = 0 the other
    column is held along one direction by the small angle ω = h₁ + h₂ only; its two slopes u = W·e₁ and
    v = W·e₃ are used as coordinates, dx dy = du dv/sin ω.  By symmetry the part with h₃ ≥ h₁, h₂ is a third
    of the whole.
    """
    start = SplitSinh(
        np.array([-1.0, -1.0, -1.0, 0.5, 0.5, 0.0, 0.0]), np.array([1.4, 1.4, 1.4, 2.0, 2.0, 1.0, 1.0]),
        np.array([1.2, 1.2, 1.2, 1.5, 1.5, 1.0, 1.0]), np.full(7, 0.3),
    )  # fmt: skip
    return integrate(_log_opened, start, log2_points=log2_points, replicates=replicates)


def opposite_integral(x: Floats, *, log2_points: int = 10, replicates: int = 16) -> IntegralEstimate:
    """Estimate ∫ exp(−q) for two opposite live vertices, at fixed positions x_m on the line across.

    q = Σ_live (ν² + 3νβ + 3β²)/3 + Σ_m [off(u_m, β₁) + off(−u_m + x_m ω, β₃)]; x_m of both signs pin ω.  As
    the x_m of one sign tend to 0 together, ω is held on one side by them only, and the integral grows like
    |x|^{−(p+1)}, p the number of the others: it has no finite integral over all x, and 4--:opposite no
    constant.

    Parameters
    ----------
    x : (u,) array
        Positions, with at least one of each sign.
    """
    reach = np.array([-x.min(), x.max()])
    if not (reach > 0).all():
        raise KgonError(f"the positions must have both signs, got {x.tolist()}")

    def log_integrand(points: Floats) -> Floats:
        beta, v = points[:, :2].T, points[:, 2]
        stretch = np.where(v < 0, 1 / reach[0], 1 / reach[1])
        slides = slide_integral(beta[0][:, None], beta[1][:, None], np.outer(v * stretch, x))
        return np.asarray(
            np.log(slides).sum(axis=1) + np.sum(LOG_LIVE - beta**2 / 4, axis=0) + np.log(stretch)
        )

    start = SplitSinh(np.array([-1.0, -1.0, 0.0]), np.full(3, 1.5), np.full(3, 1.5), np.full(3, 0.3))
    return integrate(partial(_chunked, log_integrand), start, log2_points=log2_points, replicates=replicates)
