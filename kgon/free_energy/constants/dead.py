"""Measure where a dead column beside a regular k-gon, k ≥ 5, may move at no cost: prior mass, and its edge.

A column (x, b) with W = x leaves L unchanged exactly where x·W_j ≤ −b* for every live vertex (its input
reaches no output) and b ≤ −max(0, max_j x·W_j) (its output is off): a cone cut by a polygon of inradius
h = −b*/l.  Outside the faces the cost grows like the cube of the distance (docs, derivation 5a).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import flint
import numpy as np
from flint import acb, arb, fmpq

from kgon.base.checks import Floats, check_positive
from kgon.base.verdicts import KgonError, UndecidedError
from kgon.kgons.labels import Label
from kgon.kgons.values import polygon, standard_point
from kgon.potential.loss import Potential
from kgon.potential.model import TMS

BITS = 192
"""Working precision of what is enclosed."""
REACH = 7.0
"""Coordinates of the finite-n mass run to this many prior standard deviations."""
NODES = 14
"""Gauss–Legendre nodes of one panel of the finite-n mass."""
STRENGTHS = (1.0, 1e12)
"""Range of βn over which the finite-n mass is interpolated."""
DEGREE = 48
"""Degree of that interpolation."""


def _density(u: acb) -> acb:
    """Standard normal density."""
    return (-u * u / 2).exp() / (2 * acb.pi()).sqrt()


def _tail(u: acb) -> acb:
    """Φ(−u), the standard normal probability beyond u."""
    return (u / acb(2).sqrt()).erfc() / 2


def _half(u: acb) -> acb:
    """Φ(u) − ½."""
    return (u / acb(2).sqrt()).erf() / 2


def _integral(f: Callable[[acb], acb], end: arb) -> arb:
    """∫₀^end of an entire function, with a proved error."""
    value = acb.integral(lambda x, _: f(x), 0, end)
    if not value.is_finite():
        raise UndecidedError("the integral over the dead region was not enclosed")
    return value.real


def _shape(k: int) -> tuple[arb, arb, arb, acb]:
    """l, |b|, h = |b|/l and tan(π/k)."""
    if k < 5:
        raise KgonError(f"dead columns of a k-gon move in an open region for k >= 5, got k = {k}")
    found = polygon(k)
    size = -found.bias
    # The corners lie at h/cos(π/k), and columns x, x′ there reach each other only if x·x′ > |b|.
    if not size / found.length_squared < arb.cos_pi_fmpq(fmpq(1, k)) ** 2:
        raise UndecidedError(f"k = {k}: two dead columns may reach each other inside their regions")
    angle = fmpq(1, k)
    return found.length, size, size / found.length, acb(arb.sin_pi_fmpq(angle) / arb.cos_pi_fmpq(angle))


@lru_cache(maxsize=64)
def dead_mass(k: int) -> arb:
    """Enclose the prior mass of the region in which one dead column moves at no cost.

    ``P = 2k ∫₀^h φ(u) Φ(−l u) [Φ(u tan π/k) − ½] du``: 2k triangles, u the distance along a vertex.

    Examples
    --------
    >>> print(dead_mass(5).str(8, radius=False))
    0.014077253
    """
    with flint.ctx.workprec(BITS):
        length, _, h, tangent = _shape(k)
        return 2 * k * _integral(lambda u: _density(u) * _tail(u * length) * _half(u * tangent), h)


@lru_cache(maxsize=64)
def dead_edge(k: int, c: int) -> arb:
    """Enclose the coefficient A of the edge: the mass at finite n is P + A (βn)^{−1/3} + O(n^{−2/3}).

    A face with cost ε³/(3ca) at distance ε of the pre-activation adds Γ(4/3)(3ca/βn)^{1/3} times the
    prior density there; a = −b* where the column's input reaches a vertex, a = x·W_j where a vertex
    reaches its output.
    """
    with flint.ctx.workprec(BITS):
        length, size, h, tangent = _shape(k)
        face = _density(acb(h)) * 2 * _half(acb(h) * tangent) * _tail(acb(size))
        reaching = k * size.root(3) / length * face.real

        def along(t: acb) -> acb:  # u = t³ makes the integrand entire
            return 3 * t**3 * _density(t**3) * _half(t**3 * tangent) * _density(t**3 * length)

        reached = 2 * k * length.root(3) * _integral(along, h.root(3))
        return (arb(4) / 3).gamma() * arb(3 * c).root(3) * (reaching + reached)


# --- at finite n -----------------------------------------------------------------------------------


def _panels(edges: Floats) -> tuple[Floats, Floats]:
    """Gauss–Legendre nodes and weights on consecutive panels."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    half = np.diff(edges)[:, None] / 2
    return (edges[:-1, None] + half * (1 + nodes)).ravel(), (half * weights).ravel()


@lru_cache(maxsize=16)
def _grid(k: int, c: int) -> tuple[Floats, Floats]:
    """Cost L − L* of a column at nodes of the wedge of half an angle, b ≤ −‖x‖², and the prior weights.

    Panels end at the faces r cos θ = h and b = −l r cos θ and shrink towards them from outside.
    """
    length, _, h, _ = (float(x.real) for x in _shape(k))
    base_W, base_b = standard_point(Label(k), c)
    potential = Potential(TMS(c))
    level = float(potential.loss(base_W, base_b))
    away = np.concatenate([[0.0], np.geomspace(1e-3, 1.0, 8)])  # from a face, in units of the room there
    radius, w_radius = _panels(np.concatenate([[0.0, h / 2], h + (REACH - h) * away**2]))
    below, w_below = _panels(REACH * away**2)
    above, w_above = _panels(away)
    costs, weights = [], []
    for theta, w_theta in zip(*_panels(np.linspace(0.0, np.pi / k, 3)), strict=True):
        r = (radius / np.cos(theta))[:, None]
        face, own = length * radius[:, None], r * r
        room = np.maximum(face - own, 0.0)
        b = -np.concatenate([face - room * above, np.maximum(face, own) + below], axis=1)
        w_b = np.concatenate([room * w_above, np.broadcast_to(w_below, (len(r), len(below)))], axis=1)
        W = np.repeat(base_W[None], b.size, axis=0)
        B = np.repeat(base_b[None], b.size, axis=0)
        flat = np.broadcast_to(r, b.shape).ravel()
        W[:, 0, k], W[:, 1, k], B[:, k] = flat * np.cos(theta), flat * np.sin(theta), b.ravel()
        costs.append(np.asarray(potential.loss(W, B)) - level)
        density = np.exp(-(r * r + b * b) / 2) / (2 * np.pi) ** 1.5
        measure = 2 * k * w_theta * (w_radius / np.cos(theta))[:, None] * r
        weights.append((measure * w_b * density).ravel())
    return np.concatenate(costs), np.concatenate(weights)


def dead_mass_at(k: int, c: int, strength: float) -> float:
    """Integrate φ(x, b) e^{−s (L − L*)} over ‖x‖² + b ≤ 0, with the live columns at their places and s = βn.

    The domain is where a column does not see its own input: there it gains nothing, L ≥ L*, and the
    dead region lies inside.  The mass falls to ``dead_mass(k)`` like (βn)^{−1/3}.  Deterministic
    quadrature in float64.

    Raises
    ------
    KgonError
        ``strength`` is not positive and finite, or there is no dead column (c ≤ k).
    """
    check_positive("the strength beta n", strength)
    if c <= k:
        raise KgonError(f"a {k}-gon of c = {c} features has no dead column")
    cost, weight = _grid(k, c)
    return float(np.sum(weight * np.exp(-strength * cost)))


@lru_cache(maxsize=16)
def _log_mass(k: int, c: int) -> np.polynomial.Chebyshev:
    """log M as a polynomial in log s: M is smooth there, and the quadrature need not be repeated."""

    def values(x: Floats) -> Floats:
        return np.array([np.log(dead_mass_at(k, c, float(s))) for s in np.exp(x)])

    return np.polynomial.Chebyshev.interpolate(values, DEGREE, [np.log(s) for s in STRENGTHS])


def at_strength(k: int, c: int, strengths: Any) -> Floats:
    """Interpolate ``dead_mass_at`` for many strengths from 1 to 1e12, to a few 1e-6 of its value."""
    s = np.asarray(strengths, dtype=np.float64)
    if not ((s >= STRENGTHS[0]) & (s <= STRENGTHS[1])).all():
        raise KgonError(f"the strength beta n must be from 1 to 1e12, got {s.min():g} to {s.max():g}")
    return np.asarray(np.exp(_log_mass(k, c)(np.log(s))))
