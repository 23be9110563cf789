"""The function H in balls: the constants of a regular polygon, and coverings by boxes (derivation 6)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import sympy as sp
from flint import arb
from parts.exact import ball

from kgon.kgons import polygons

m, t = sp.symbols("m t", positive=True)
q = 1 - m
H = sp.Rational(1, 3) * (1 - q**4 * (2 + m) ** 2 / (4 * (q**3 + 2 * (t - m) ** 3 / t)))
"""H(m, t) where t > m."""
BITS = 192
SMALLEST = 2.0**-40
"""Boxes with no longer side are given up."""

Number = arb | sp.Expr
Corners = tuple[tuple[arb, arb], tuple[arb, arb]]
"""Smallest and largest m, smallest and largest θ."""


def bottom(m: arb, t: arb) -> arb:
    """The expression q³ + 2(t − m)₊³/t in the denominator of H, in balls."""
    over = (t - m).max(arb(0))
    return (1 - m) ** 3 + 2 * over**3 / t


def h(m: arb, t: arb) -> arb:
    """The function H(m, t) for m < 1, in balls."""
    return (1 - (1 - m) ** 4 * (2 + m) ** 2 / (4 * bottom(m, t))) / 3


def slope_in_t(m: Number, t: Number) -> Number:
    """The derivative ∂H/∂t where t > m, in balls or symbols."""
    q, u = 1 - m, (t - m) / t
    V = q**3 + 2 * t**2 * u**3
    return q**4 * (2 + m) ** 2 * (6 * t * u**2 - 2 * t * u**3) / (12 * V**2)


def lower_bound(low: arb, high: arb, t: arb) -> arb:
    """The larger of the two bounds of Lemma 8: H(m, t′) is not below it for low ≤ m ≤ high and t′ ≤ t."""
    q = 1 - low
    alone = (1 - q * (2 + low) ** 2 / 4) / 3
    if not high < 1:  # the other bound divides by 0
        return alone
    return alone.max((1 - q**4 * (2 + low) ** 2 / (4 * bottom(high, t))) / 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Constants:
    """Balls: m*, θ*, A*, b*, φ, κ and T of the regular c-gon."""

    c: int
    m: arb
    theta: arb
    length_squared: arb
    bias: arb
    cost: arb
    kappa: arb
    level: arb

    @property
    def total(self) -> arb:
        """The loss of the regular polygon times c, V = cφ."""
        return self.c * self.cost

    @property
    def bonus(self) -> arb:
        """The bonus δ that the step to one more column may use."""
        return (self.kappa * arb.pi() / 2 - self.level).min(arb(1) / 6 - self.total)


def constants(c: int) -> Constants:
    """The constants from H and the root m* of the polygon's quartic; the rest of the package is not used."""
    at = polygons.regular_polygons(c)[0].m
    theta = 2 * arb.pi() / c
    cosine = theta.cos()
    length = (1 - at) ** 2 * (2 + at) / (2 * bottom(at, cosine))
    slope = slope_in_t(at, cosine)
    kappa, cost = theta.sin() * slope, h(at, cosine)
    return Constants(
        c=c, m=at, theta=theta, length_squared=length, bias=-at * length, cost=cost, kappa=kappa,
        level=cost + kappa * theta,
    )  # fmt: skip


def halves(box: Corners) -> tuple[Corners, Corners]:
    """The box, cut in two across its longer side."""
    (m0, m1), (x0, x1) = box
    if m1 - m0 > x1 - x0:
        middle = (m0 + m1) / 2
        return ((m0, middle), (x0, x1)), ((middle, m1), (x0, x1))
    middle = (x0 + x1) / 2
    return ((m0, m1), (x0, middle)), ((m0, m1), (middle, x1))


def cover(
    box: Corners, holds: Callable[[Corners], bool], fails: Callable[[arb, arb], bool] = lambda m, x: False
) -> int | None:
    """Number of boxes that cover the given one and on each of which ``holds`` is certain.

    Returns
    -------
    int or None
        None: the statement fails at the middle of some box, or is not decided on a very small one.
    """
    waiting, done = [box], 0
    while waiting:
        at = waiting.pop()
        if holds(at):
            done += 1
            continue
        (m0, m1), (x0, x1) = at
        if fails((m0 + m1) / 2, (x0 + x1) / 2) or (m1 - m0 < SMALLEST and x1 - x0 < SMALLEST):
            return None
        waiting += halves(at)
    return done


def corners(m0: object, m1: object, x0: object, x1: object) -> Corners:
    """A box with dyadic corners, so that halving is exact.

    Raises
    ------
    ValueError
        A corner is not dyadic.
    """
    values = [Fraction(str(x)) for x in (m0, m1, x0, x1)]
    if any(x.denominator & (x.denominator - 1) for x in values):
        raise ValueError(f"the corners {values} are not dyadic")
    a, b, c, d = map(ball, values)
    return (a, b), (c, d)


def lemma_two(at: Constants, theta: tuple[Fraction, Fraction], near: Sequence[Fraction]) -> int | None:
    """Boxes in a covering that proves H(m, cos θ) + κθ > T on 0 ≤ m ≤ 1, θ₀ ≤ θ ≤ θ₁, outside ``near``.

    A box inside ``near`` is left to :func:`convex`.
    """
    (n0, n1), (y0, y1) = corners(*near)

    def holds(box: Corners) -> bool:
        (m0, m1), (x0, x1) = box
        if n0 <= m0 and m1 <= n1 and y0 <= x0 and x1 <= y1:
            return True
        return bool(lower_bound(m0, m1, x1.cos()) + at.kappa * x0 > at.level)

    def fails(m: arb, x: arb) -> bool:
        return bool(h(m, x.cos()) + at.kappa * x < at.level)

    return cover(corners(0, 1, *theta), holds, fails)


def convex(near: Sequence[Fraction]) -> bool:
    """Whether (m, θ) ↦ H(m, cos θ) has a positive definite Hessian on all of ``near``, where cos θ > m.

    With P = q²(2 + m), V = q³ + 2(t − m)³/t and r = P²/V, H = (1 − r/4)/3; the derivatives of r are
    composed from those of P and V; the page compares them with SymPy's.
    """

    def positive(box: Corners) -> bool:
        (m0, m1), (x0, x1) = box
        at, x = m0.union(m1), x0.union(x1)
        if not x.cos() > at:
            return False
        mm, mx, xx = hessian(at, x.cos(), x.sin())
        return bool(mm < 0 and mm * xx - mx**2 > 0)

    return cover(corners(*near), positive) is not None


def hessian(m: Number, t: Number, s: Number) -> tuple[Number, Number, Number]:
    """The three second derivatives of −12 H(m, cos θ), in any number type; t = cos θ, s = sin θ."""
    q, u = 1 - m, (t - m) / t
    P, P1, P2 = q**2 * (2 + m), -3 * q * (1 + m), 6 * m
    n, n1, n2 = P**2, 2 * P * P1, 2 * P1**2 + 2 * P * P2
    V = q**3 + 2 * t**2 * u**3
    V_m, V_t = -3 * q**2 - 6 * t * u**2, 6 * t * u**2 - 2 * t * u**3
    V_mm, V_mt, V_tt = 6 * q + 12 * u, -12 * u + 6 * u**2, 12 * u - 12 * u**2 + 4 * u**3
    r = n / V
    r_m, r_t = (n1 - r * V_m) / V, -r * V_t / V
    r_mm = (n2 - 2 * r_m * V_m - r * V_mm) / V
    r_mt = -(r_m * V_t + r_t * V_m + r * V_mt) / V
    r_tt = -(2 * r_t * V_t + r * V_tt) / V
    return r_mm, -s * r_mt, s**2 * r_tt - t * r_t
