"""The regular polygon, where lemma two is tight: H(m, cos θ), and why H + κθ is least only there."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from ..budget import MINIMA
from ..circle import cos_sin, pi
from ..intervals import Interval96 as Interval
from ..reading import require
from .bounds import Box

PI = pi(Interval)
Jet = list[Any]  # of intervals: f, f_m, f_θ, f_mm, f_mθ, f_θθ


def product(f: Jet, g: Jet) -> Jet:
    """Return the jet of f·g."""
    first = [f[i] * g[0] + f[0] * g[i] for i in range(1, 6)]
    mixed = [2 * f[1] * g[1], f[1] * g[2] + f[2] * g[1], 2 * f[2] * g[2]]
    return [f[0] * g[0], *first[:2], *(x + y for x, y in zip(first[2:], mixed, strict=True))]


def ratio(f: Jet, g: Jet) -> Jet:
    """Return the jet of f/g."""
    h = [f[0] / g[0]]
    h += [(f[i] - h[0] * g[i]) / g[0] for i in (1, 2)]
    mixed = [2 * h[1] * g[1], h[1] * g[2] + h[2] * g[1], 2 * h[2] * g[2]]
    return h + [(f[i + 3] - mixed[i] - h[0] * g[i + 3]) / g[0] for i in range(3)]


def reduced(m: Interval, theta: Interval) -> Jet:
    """Enclose H(m, t) = 1/3 − q(2 + m)²/(12 + 24y³/t), t = cos θ > m, q = 1 − m, y = 1 + (t − 1)/q."""
    cos, sin = cos_sin(theta)
    require(cos.lo > m.hi, "near: cos θ must be above m")
    zero, one = Interval(0, 0), Interval.of(1)
    t = [cos, zero, -sin, zero, zero, -cos]
    p = [m + 2, one, zero, zero, zero, zero]
    q = [1 - m, -one, zero, zero, zero, zero]
    y = ratio([cos - 1, *t[1:]], q)
    y[0] += 1
    bottom = [24 * x for x in ratio(product(product(y, y), y), t)]
    bottom[0] += 12
    H = [-x for x in ratio(product(q, product(p, p)), bottom)]
    return [H[0] + Fraction(1, 3), *H[1:]]


def convex(near: Box, most: int) -> None:
    """Prove that the Hessian of H(m, cos θ) is positive definite on near, cut into so many cells at most."""
    cells, seen = [near], 0
    while cells:
        m0, m1, t0, t1 = cells.pop()
        seen += 1
        require(seen <= most, "near: the Hessian is not seen to be positive definite on all of it")
        *_, mm, mt, tt = reduced(Interval(m0, m1), Interval(t0, t1))
        if mm.lo <= 0 or (mm * tt - mt * mt).lo <= 0:
            m, t = (m0 + m1) >> 1, (t0 + t1) >> 1
            halves = [(m0, m, t0, t1), (m, m1, t0, t1)], [(m0, m1, t0, t), (m0, m1, t, t1)]
            cells += halves[m1 - m0 < t1 - t0]


def polygon(c: int, near: Box, most: int = MINIMA.cells) -> tuple[Any, Any]:
    """Enclose φ and κ of the regular c-gon; prove that on near H(m, cos θ) + κθ is least only there.

    At (m*, θ*), θ* = 2π/c, m* a zero of ∂H/∂m and κ = −∂H/∂θ, the gradient is zero. φ = H is what a column of
    it costs, if only next neighbours are active (m* < cos θ*, as on all of near, and cos 2θ* ≤ m*).
    """
    m0, m1, t0, t1 = near
    theta = 2 * PI / c
    require(0 <= m0 < m1 and 0 <= t0 < t1, "near must be a box with m ≥ 0 and θ ≥ 0")
    convex(near, most)

    def slope(m: int) -> int:  # the sign of ∂H/∂m at θ*, 0 if unknown
        sign: int = reduced(Interval(m, m), theta)[1].sign()
        return sign

    inside = t0 < theta.lo and theta.hi < t1 and slope(m0) < 0 < slope(m1)
    require(inside, "near: the regular polygon is not inside")
    while m1 - m0 > 1 and (sign := slope((m0 + m1) >> 1)):
        m0, m1 = (m0, (m0 + m1) >> 1) if sign > 0 else ((m0 + m1) >> 1, m1)
    cos, _ = cos_sin(theta)
    require((2 * cos * cos - 1).hi <= m0, "near: a second neighbour in the regular polygon is active")
    phi, _, fall, *_ = reduced(Interval(m0, m1), theta)
    return phi, -fall
