"""Sums over the vertices of a regular polygon and their integrals, in balls; see derivation 2c."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from itertools import pairwise
from math import ceil, comb

import sympy as sp
from flint import arb, fmpq
from parts.exact import ball
from parts.polygon import F, G, H, M, g, m

TERMS, CELLS = 100, 100
"""Terms of the power series below, and intervals of y on which variations are bounded."""
GROWTH = [sum(Fraction(comb(2 * i, i), 4**i) * 2 ** (j - i) for i in range(j + 1)) for j in range(TERMS)]
"""The power series of 1/((1 − 2z)√(1 − z)), with coefficients of at most 2^(j + 1)."""


# --- balls ----------------------------------------------------------------------------------------------


def hull(low: arb, high: arb) -> arb:
    """A ball that contains two balls and all between them."""
    return low.union(high)


def boxes(low: Fraction, high: Fraction, count: int) -> Iterator[arb]:
    """Balls of equal width that together cover an interval."""
    borders = [low + (high - low) * i / count for i in range(count + 1)]
    return (hull(ball(x), ball(y)) for x, y in pairwise(borders))


def horner(coefficients: Sequence[arb], x: arb) -> arb:
    """The value of a polynomial, its coefficients from the lowest degree on."""
    total = arb(0)
    for coefficient in reversed(coefficients):
        total = total * x + coefficient
    return total


def slope(coefficients: Sequence[arb]) -> list[arb]:
    """The derivative of a polynomial, lowest degree first."""
    return [i * coefficient for i, coefficient in enumerate(coefficients)][1:]


@cache
def moments(power: int) -> list[Fraction]:
    """∫₀¹ v^(j + power) dy, v = y², times the coefficient of the growth series, for every j."""
    return [a / (2 * (j + power) + 1) for j, a in enumerate(GROWTH)]


def integral(N: Sequence[arb], rho: arb) -> arb:
    """Î of section 2c.2 for a polynomial N with |N| ≤ 1 on [0, 1], lowest degree first."""
    total = arb(0)
    for j in reversed(range(TERMS)):
        total = total * rho + sum((n * ball(moments(i)[j]) for i, n in enumerate(N)), arb(0))
    tail = 2 * (2 * rho) ** TERMS / (1 - 2 * rho)
    return total + arb(0, tail.upper())


def variation(N: Sequence[arb], rho: arb) -> arb:
    """An upper bound of V̂ of section 2c.2, lowest degree first."""
    N1, N2 = slope(N), slope(slope(N))
    total = arb(0)
    for i in range(CELLS):
        v = hull(ball(Fraction(i, CELLS) ** 2), ball(Fraction(i + 1, CELLS) ** 2))
        u, w = 1 - 2 * rho * v, 1 - rho * v
        uP1 = horner(N1, v) + 2 * rho * horner(N, v) / u
        P2_ = (horner(N2, v) + 4 * rho * uP1 / u) / u
        total += abs(2 / w.sqrt() * (uP1 + 2 * v * w * P2_)).upper()
    one = arb(1)
    end = (horner(N1, one) + 2 * rho * horner(N, one) / (1 - 2 * rho)) / (1 - 2 * rho)
    return (total / CELLS + abs(2 * (1 - rho).sqrt() * end)).upper()


def power(i: int) -> list[arb]:
    """The coefficients of (1 − v)^i, from the lowest degree on."""
    return [arb((-1) ** j * comb(i, j)) for j in range(i + 1)]


def theta_of(rho: arb) -> arb:
    """ϑ = m/(2(1 + m)) at m = 1 − 2ρ, increasing in m."""
    return (2 - 1 / (1 - rho)) / 4


def sign_numerator(rho: arb) -> list[arb]:
    """(1 − v)²(ϑ − v), lowest degree first."""
    t = theta_of(rho)
    return [t, -1 - 2 * t, 2 + t, arb(-1)]


def rho_of(value: Fraction) -> Fraction:
    """The scaled variable ρ = (1 − m)/2."""
    return (1 - value) / 2


def step(k: int) -> arb:
    """The angle α = 2π/k between neighbouring vertices."""
    return 2 * arb.pi() / k


# --- g ---

ROWS = [
    [int(sp.Poly(entry, F, G, H, M).coeff_monomial(z)) for z in (F, G, H, M)]
    for entry in reversed(sp.Poly(g, m).all_coeffs())
]
"""The coefficients of g in m, lowest first, as rows of coefficients of F, G, H, M."""


def cells(k: int) -> list[tuple[arb, arb, list[arb]]]:
    """The cells with s ≥ 1: their ends, and the quartic g on each, lowest degree first."""
    found, f, g_, h = [], arb(1), arb(1), arb(1)
    cosine = [arb.cos_pi_fmpq(fmpq(2 * j, k)) for j in range(ceil(k / 4) + 1)]
    for s in range(1, ceil(k / 4)):
        x = cosine[s]
        f, g_, h = f + 2 * x * x, g_ + 2 * x, h + 2 / x
        values = (f, g_, h, arb(1 + 2 * s))
        quartic = [sum((n * z for n, z in zip(row, values, strict=True)), arb(0)) for row in ROWS]
        found.append((cosine[s + 1].max(arb(0)), x, quartic))
    return found


def g_at(k: int, value: arb) -> arb:
    """g at a point whose cell is decided in balls."""
    for low, high, quartic in cells(k):
        if low <= value < high:
            return horner(quartic, value)
    raise AssertionError(f"k = {k}: the cell of {value} is not decided")


def rises(quartic: list[arb], low: arb, high: arb, depth: int = 0) -> bool:
    """Whether every zero between two points has a positive slope, by bisection."""
    box = hull(low, high)
    middle = arb(box.mid())
    first = horner(slope(quartic), box)
    if first > 0 or abs(horner(quartic, middle) + first * (box - middle)) > 0:
        return True
    return depth < 40 and rises(quartic, low, middle, depth + 1) and rises(quartic, middle, high, depth + 1)


def g_at_border(k: int, s: int) -> arb:
    """g at m = cos(sα), s ≥ 1, where the quartic of the cell of s is valid up to its end."""
    return horner(cells(k)[s - 1][2], arb.cos_pi_fmpq(fmpq(2 * s, k)))


def averages(value: arb) -> dict[sp.Symbol, arb]:
    """The limits of F/k, G/k, H/k and M/k at m, times π."""
    S, angle = (1 - value * value).sqrt(), value.acos()
    return {F: (angle + value * S) / 2, G: S, H: ((1 + S) / value).log(), M: angle}


def g_limit(value: arb) -> arb:
    """The limit of g/k as k → ∞, times π."""
    mean = averages(value)
    return horner(
        [sum((n * mean[z] for n, z in zip(row, (F, G, H, M), strict=True)), arb(0)) for row in ROWS], value
    )


def zero_of_limit(width: Fraction) -> arb:
    """The zero of g_limit between 2/5 and 3/5, where its sign changes from − to +, by bisection."""
    low, high = Fraction(2, 5), Fraction(3, 5)
    if not (g_limit(ball(low)) < 0 < g_limit(ball(high))):
        raise AssertionError("no change of sign")
    while high - low > width:
        middle = (low + high) / 2
        value = g_limit(ball(middle))
        if value < 0:
            low = middle
        elif value > 0:
            high = middle
        else:
            raise AssertionError("too few bits")
    return hull(ball(low), ball(high))


# --- tests of the formulas ---


def agrees_with_g(k: int, value: Fraction) -> bool:
    """Whether the sum with the fourth N gives the quartic g of derivation 2."""
    here = ball(value)
    N = sign_numerator(ball(rho_of(value)))
    total = sum((horner(N, (1 - x) / (1 - here)) / x for x in active_cosines(k, here)), arb(0))
    return bool((2 * (1 + here) * (1 - here) ** 3 * total).overlaps(g_at(k, here)))


def active_cosines(k: int, value: arb) -> list[arb]:
    """All cosines above m, both sides and j = 0."""
    cosines = [arb.cos_pi_fmpq(fmpq(2 * j, k)) for j in range(k)]
    return [x for x in cosines if x > value]


def inequality_one(k: int, value: Fraction) -> bool:
    """Whether (1) holds at one k and m."""
    rho, here = ball(rho_of(value)), ball(value)
    epsilon = step(k) ** 2 / (48 * rho)
    good = True
    for N in (power(1), power(2), power(3), sign_numerator(rho)):
        total = sum((horner(N, (1 - x) / (1 - here)) / x for x in active_cosines(k, here)), arb(0))
        error = abs(step(k) / (4 * rho.sqrt()) * total - integral(N, rho))
        good &= bool(error <= epsilon * variation(N, rho))
    return good
