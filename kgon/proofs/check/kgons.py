"""The independent checker of certificates: the standard library alone, no code of kgon, exact integers only.

It re-derives every claim of a certificate (docs/certificates.md) from the two integrals of the potential,

    off(a, b) = ∫₀¹ relu(aμ + b)² dμ,  diag(N, b) = ∫₀¹ (μ − relu(Nμ + b))² dμ = 1/3 − ∂off/∂a + off at a = N.

With b < 0 < a + b (region *rising*) the ReLU is active for μ > u = −b/a, and the integrals give
off = a²(1−u)³/3, ∂a off = a(1−u)²(2+u)/3, ∂b off = a(1−u)², and the second derivatives 2∫μ² = 2(1−u³)/3,
2∫μ = 1−u², 2∫1 = 2(1−u) over the active part; a third derivative with index a multiplies u³, u², u by 2/a.

Run it by itself: ``python check.py file.json …``. Exit status: 0 all proved, 1 some not, 2 unreadable file.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from itertools import zip_longest
from operator import mul as times
from operator import sub
from pathlib import Path
from typing import Any

FORMAT = "kgon-certificate/1"
BITS = 512  # intervals have end points in 2^-BITS ℤ
ONE = 1 << BITS
DIGITS, EXPONENT, COLUMNS, LENGTH = 2000, 4000, 64, 1 << 26  # the largest input that is looked at

Matrix = list[list[int]]
Poly = list[Fraction]  # coefficients of 1, u, u², …


@dataclass
class Report:
    """What the checker found."""

    verdict: str  # PROVED, UNDECIDED or REJECTED
    label: str = ""
    claims: list[str] = field(default_factory=list)
    reason: str = ""  # why it was rejected


def require(condition: bool, reason: str) -> None:
    """Reject unless the condition holds."""
    if not condition:
        raise ValueError(reason)


def parse(text: str) -> Any:
    """Read JSON; floats, duplicate keys and over-long integers are refused."""

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        require(len(dict(items)) == len(items), "a key occurs twice in one object")
        return dict(items)

    def whole(digits: str) -> int:
        require(len(digits) <= DIGITS and digits.lstrip("-").isdigit(), "a number is too long or no integer")
        return int(digits)

    require(len(text) <= LENGTH, "the file is too long")
    return json.loads(text, object_pairs_hook=pairs, parse_int=whole, parse_float=whole, parse_constant=whole)


def keys(value: Any, names: str, where: str) -> list[Any]:
    """Return the values of an object whose keys are exactly these."""
    require(type(value) is dict and set(value) == set(names.split()), f"{where}: the keys must be {names}")
    return [value[name] for name in names.split()]


def integer(value: Any, where: str) -> int:
    """Return an integer that is no boolean."""
    require(type(value) is int, f"{where} must be an integer")
    return int(value)


def vector(value: Any, length: int, read: Callable[[Any, str], Any], where: str) -> list[Any]:
    """Return a list of this length, read entry by entry."""
    require(type(value) is list and len(value) == length, f"{where} must be a list of {length}")
    return [read(entry, where) for entry in value]


def dyadic(value: Any, where: str) -> Fraction:
    """Return m·2^e from ``[m, e]``."""
    m, e = vector(value, 2, integer, where)
    require(abs(e) <= EXPONENT, f"{where}: an exponent is too large")
    return Fraction(m << max(e, 0), 1 << max(-e, 0))


def rational(value: Any, where: str) -> Fraction:
    """Return p/q from ``"p/q"`` or ``"p"``."""
    form = r"-?[0-9]+(/[0-9]*[1-9][0-9]*)?"
    good = type(value) is str and len(value) <= DIGITS and re.fullmatch(form, value)
    require(bool(good), f"{where} must be a rational in a string")
    return Fraction(value)


def matrix(value: Any, n: int, where: str) -> tuple[Matrix, int]:
    """Return an n × n matrix of dyadics as integers over one common denominator."""
    rows = vector(value, n, lambda row, where: vector(row, n, dyadic, where), where)
    common = max(entry.denominator for row in rows for entry in row)  # all are powers of two
    return [[int(entry * common) for entry in row] for row in rows], common


class Interval:
    """A closed interval [lo, hi]·2^-BITS of real numbers; every operation rounds outwards."""

    __slots__ = ("hi", "lo")

    def __init__(self, lo: int, hi: int) -> None:
        self.lo, self.hi = lo, hi

    @staticmethod
    def of(value: Interval | Fraction | int) -> Interval:
        if isinstance(value, Interval):
            return value
        p, q = value.numerator << BITS, value.denominator
        return Interval(p // q, -(-p // q))

    def __neg__(self) -> Interval:
        return Interval(-self.hi, -self.lo)

    def __add__(self, other: Interval | Fraction | int) -> Interval:
        other = Interval.of(other)
        return Interval(self.lo + other.lo, self.hi + other.hi)

    def __sub__(self, other: Interval | Fraction | int) -> Interval:
        return self + -Interval.of(other)

    def __rsub__(self, other: Fraction | int) -> Interval:
        return -self + other

    def __mul__(self, other: Interval | Fraction | int) -> Interval:
        other = Interval.of(other)
        ends = (self.lo * other.lo, self.lo * other.hi, self.hi * other.lo, self.hi * other.hi)
        return Interval(min(ends) >> BITS, -(-max(ends) >> BITS))

    __radd__, __rmul__ = __add__, __mul__

    def __truediv__(self, other: Interval | Fraction | int) -> Interval:
        other = Interval.of(other)
        require(other.lo > 0 or other.hi < 0, "division by an interval that contains zero")
        ends = [(x << BITS, y) for x in (self.lo, self.hi) for y in (other.lo, other.hi)]
        return Interval(min(x // y for x, y in ends), max(-(-x // y) for x, y in ends))

    def square(self) -> Interval:
        low, high = sorted((abs(self.lo), abs(self.hi)))
        return Interval(0 if self.lo <= 0 <= self.hi else low * low >> BITS, -(-high * high >> BITS))

    def sqrt(self) -> Interval:  # of a positive interval
        return Interval(math.isqrt(self.lo << BITS), math.isqrt(self.hi << BITS) + 1)

    def widen(self, radius: Interval | Fraction | int) -> Interval:
        high = Interval.of(radius).hi
        return Interval(self.lo - high, self.hi + high)

    def middle(self) -> Interval:
        return Interval((self.lo + self.hi) >> 1, (self.lo + self.hi) >> 1)

    def inside(self, lower: Fraction, upper: Fraction) -> bool:
        return lower < Fraction(self.lo, ONE) and Fraction(self.hi, ONE) < upper

    def sign(self) -> int:  # 0 if it is not the same for all numbers
        return (self.lo > 0) - (self.hi < 0)


ZERO = Interval(0, 0)


def roots_of_unity(k: int) -> list[tuple[Interval, Interval]]:
    """Return (cos, sin) of 2πj/k for j = 0 … k−1, k ≥ 5."""

    def arctan(n: int) -> Interval:  # of 1/n: the series alternates, so the next term bounds the rest
        terms = [Fraction((-1) ** i, (2 * i + 1) * n ** (2 * i + 1)) for i in range(BITS // 4)]
        return sum(map(Interval.of, terms), ZERO).widen(abs(terms[-1]))

    angle = 2 * (16 * arctan(5) - 4 * arctan(239)) / k  # Machin's π; the angle is below 1.3
    term, parts = Interval.of(1), [ZERO, ZERO, ZERO, ZERO]
    for i in range(160):
        parts[i % 4] += term
        term = term * angle / (i + 1)
    cos, sin = [(parts[i] - parts[i + 2]).widen(2 * term) for i in (0, 1)]  # the rest is below 2·term
    points = [(Interval.of(1), ZERO)]
    while len(points) < k:
        x, y = points[-1]
        points.append((x * cos - y * sin, x * sin + y * cos))
    return points


def region(a: Interval, b: Interval) -> str:
    """Return the region in which (a, b) certainly and strictly lies."""
    names = {(1, 1): "on", (-1, 1): "rising", (1, -1): "falling", (-1, -1): "off"}
    return names.get((b.sign(), (a + b).sign()), "undecided")


def jet(a: Any, b: Any, name: str, same: bool) -> list[Any]:
    """Return f, f_a, f_b, f_aa, f_ab, f_bb of off (of diag if ``same``) in a region."""
    if name == "off":
        return [Fraction(int(same), 3), 0, 0, 0, 0, 0]
    if name == "on":
        f, fa, fb = a * a / 3 + a * b + b * b, 2 * a / 3 + b, a + 2 * b
        second, third = [Fraction(2, 3), 1, 2], [0, 0, 0]
    else:
        require(name == "rising", "a pair term is in no allowed region")
        u, v = -b / a, 1 + b / a
        f, fa, fb = a * a * v * v * v / 3, a * v * v * (2 + u) / 3, a * v * v
        second = [2 * (1 - u * u * u) / 3, 1 - u * u, 2 * v]
        third = [2 * u * u * u / a, 2 * u * u / a, 2 * u / a]
    if not same:
        return [f, fa, fb, *second]
    return [Fraction(1, 3) - fa + f, fa - second[0], fb - second[1], *map(sub, second, third)]


def reduced(k: int, s: int, cosines: list[Interval], tau: Interval, b: Interval) -> list[Interval]:
    """Return R, R_τ, R_b, R_ττ, R_τb, R_bb; reject where the side conditions of s fail."""
    total = [ZERO] * 6
    for j, x in enumerate(cosines):
        name = region(tau * x, b)
        good = name == ("rising" if min(j, k - j) <= s else "off")
        require(good, f"claims.s or witness.box: neighbour {j} is {name}")
        f, fa, fb, faa, fab, fbb = jet(tau * x, b, name, j == 0)
        terms = [f, x * fa, fb, x * x * faa, x * fab, fbb]
        total = [p + q for p, q in zip(total, terms, strict=True)]
    return total


def krawczyk(k: int, s: int, cosines: list[Interval], box: list[Interval], Y: list[Any]) -> list[Interval]:
    """Return the image of the box; it contains every zero of ∇R in the box, whatever the matrix Y."""
    x = [side.middle() for side in box]
    _, F0, F1, _, _, _ = reduced(k, s, cosines, *x)
    _, _, _, tt, tb, bb = reduced(k, s, cosines, *box)
    spread, image = [side - y for side, y in zip(box, x, strict=True)], []
    for i, (p, q) in enumerate(Y):
        rest = (int(i == 0) - (p * tt + q * tb)) * spread[0] + (int(i == 1) - (p * tb + q * bb)) * spread[1]
        image.append(x[i] - (p * F0 + q * F1) + rest)
    return image


def solve(k: int, s: int, cosines: list[Interval], witness: list[Any]) -> list[Interval]:
    """Prove that ∇R has exactly one zero (τ, b) in the box, and enclose it as tightly as the bits allow."""
    sides = keys(witness[0], "midpoint radius", "witness.box")
    middle, radii = (vector(side, 2, dyadic, "witness.box") for side in sides)
    require(min(radii) > 0, "witness.box.radius must be positive")
    Y = vector(witness[1], 2, lambda row, where: vector(row, 2, dyadic, where), "witness.reduced_inverse")
    box = [Interval.of(x).widen(r) for x, r in zip(middle, radii, strict=True)]
    image = krawczyk(k, s, cosines, box, Y)
    for side, x, r in zip(image, middle, radii, strict=True):
        require(side.inside(x - r, x + r), "witness.box: the Krawczyk image leaves it")
    for _ in range(12):  # from here on only to sharpen: the zero stays in every image
        _, _, _, tt, tb, bb = (z.middle() for z in reduced(k, s, cosines, *(z.middle() for z in image)))
        det = tt * bb - tb * tb
        new = krawczyk(k, s, cosines, image, [[bb / det, -tb / det], [-tb / det, tt / det]])
        image = [Interval(max(x.lo, y.lo), min(x.hi, y.hi)) for x, y in zip(image, new, strict=True)]
    return image


def hessian(columns: list[Any], A: list[Any], regions: list[Any], unknowns: list[int]) -> list[Matrix]:
    """Return twice the midpoints and the widths, in units of 2^-BITS, of c times the Hessian of L."""
    H = [[ZERO] * (3 * len(columns)) for _ in range(3 * len(columns))]
    for i, (xi, yi, _) in enumerate(columns):
        for j, (xj, yj, bj) in enumerate(columns):
            if regions[i][j] == "off":
                continue
            first = {3 * i: xj, 3 * i + 1: yj, 3 * j: xi, 3 * j + 1: yi}
            if i == j:
                first = {3 * i: 2 * xi, 3 * i + 1: 2 * yi}
            _, fa, _, faa, fab, fbb = jet(A[i][j], bj, regions[i][j], i == j)
            for p, dp in first.items():  # the gradient of a, and b_j itself, are what the pair depends on
                for q, dq in first.items():
                    H[p][q] += faa * (dp.square() if p == q else dp * dq)
                H[p][3 * j + 2] += fab * dp
                H[3 * j + 2][p] += fab * dp
            H[3 * j + 2][3 * j + 2] += fbb
            for p, q in ((3 * i, 3 * j), (3 * i + 1, 3 * j + 1)):  # a = W_i·W_j has second derivatives one
                H[p][q] += fa
                H[q][p] += fa
    sub = [[H[p][q] for q in unknowns] for p in unknowns]
    return [[[h.lo + h.hi for h in row] for row in sub], [[h.hi - h.lo for h in row] for row in sub]]


def product(A: Matrix, B: Matrix) -> Matrix:
    """Return the matrix product A B."""
    turned = list(zip(*B, strict=True))
    return [[sum(map(times, row, column)) for column in turned] for row in A]


def check_smooth(k: int, sigma: int, c: int, claims: Any, witness: Any) -> list[str]:
    """Re-derive the claims about a regular k-gon, k ≥ 5."""
    names = "s length_squared bias loss radius regions flat_dimension negative positive verdict descent"
    s_, *enclosures, rho_, table, flat, negative, positive, verdict, descent = keys(claims, names, "claims")
    *reduced_part, inverse, congruence = keys(witness, "box reduced_inverse inverse congruence", "witness")
    delta, s = c - k - sigma, integer(s_, "claims.s")
    points = roots_of_unity(k)
    cosines = [x for x, _ in points]
    tau, b = solve(k, s, cosines, reduced_part)
    said = [f"the reduced equations have exactly one solution in the box, with s = {s}"]
    other = Fraction(delta, 3 * c) + sigma * (Fraction(1, 3 * c) - Fraction(1, 4 * c * c))
    loss = reduced(k, s, cosines, tau, b)[0] * Fraction(k, c) + other
    for name, claimed, own in zip(names.split()[1:4], enclosures, (tau, b, loss), strict=True):
        lower, upper = vector(claimed, 2, rational, f"claims.{name}")
        require(own.inside(lower, upper), f"claims.{name} is not certain to contain the exact value")
        require(upper - lower <= Fraction(1, 10**30), f"claims.{name} is wider than 10^-30")
        whole, digits = divmod(int(abs(lower) * 10**29), 10**29)
        said.append(f"{name} = {'-' if lower < 0 else ''}{whole}.{digits:029d}…")

    # B: all points within ρ. A critical point of B is compared with the exact point rotated to the same y_0,
    # within ρ(1 + ρ²/l²) as ρ < l, with the same dead columns; but if σ ≥ 1 the first is minus the sum of the
    # others, at most (δ−1)ρ. On the box widened by this much |I − Y H| < 1, the gradient is injective.
    rho = dyadic(rho_, "claims.radius")
    require(rho > 0 and (tau - rho * rho).sign() > 0, "claims.radius must be positive and below the length")
    length, turned = tau.sqrt(), Interval.of(rho**3) / tau + rho
    columns = [[(length * x).widen(turned), (length * y).widen(turned), b.widen(rho)] for x, y in points]
    for z in range(k, c):
        wide = rho * max(1, delta - 1) if z == k + sigma and sigma else rho
        bias = Fraction(1, 2 * c) if z < k + sigma else Fraction(-1, 2)
        columns.append([ZERO.widen(wide), ZERO.widen(wide), Interval.of(bias).widen(rho)])
    A = [[x * p + y * q for p, q, _ in columns] for x, y, _ in columns]  # W_i·W_j
    for j, (x, y, _) in enumerate(columns):
        A[j][j] = x.square() + y.square()
    regions = [[region(A[i][j], columns[j][2]) for j in range(c)] for i in range(c)]
    require(all("undecided" not in row for row in regions), "claims.radius: a pair can change its region")
    require(table == regions, "claims.regions is wrong")
    said.append(f"every pair term stays strictly inside its region within {rho} of the exact point")

    dead = 3 * (k + sigma)  # held are y_0 (rotations) and dead columns, but for x, y of the first if σ ≥ 1
    unknowns = [q for q in range(min(3 * c, dead + 2 * (sigma > 0))) if q != 1]
    n = len(unknowns)
    middle, width = hessian(columns, A, regions, unknowns)  # H = (middle ± width) / (2 c 2^BITS)
    Y, scale = matrix(inverse, n, "witness.inverse")
    one, M, R = scale * 2 * c * ONE, product(Y, middle), product([[*map(abs, row)] for row in Y], width)
    norm = max(sum(abs((i == j) * one - M[i][j]) + R[i][j] for j in range(n)) for i in range(n))
    require(norm < one, "witness.inverse, claims.radius: the norm of I - Y H is not below one")
    said.append("no other critical point there, apart from rotations and flat directions")

    C, scale = matrix(congruence, n, "witness.congruence")
    size, turned_C = [[*map(abs, row)] for row in C], [[*column] for column in zip(*C, strict=True)]
    M = product(turned_C, product(middle, C))
    R = product([[*column] for column in zip(*size, strict=True)], product(width, size))
    for i in range(n):
        rest = sum(abs(M[i][j]) for j in range(n) if j != i) + sum(R[i])
        require(abs(M[i][i]) > rest, f"witness.congruence: row {i} is not diagonally dominant")
    below = sum(M[i][i] < 0 for i in range(n))
    inertia = {"negative": below, "flat_dimension": 3 * c - n, "positive": n - below}
    for (name, count), claimed in zip(inertia.items(), (negative, flat, positive), strict=True):
        require(integer(claimed, f"claims.{name}") == count, f"claims.{name} is not {count}")
    said.append("inertia (negative, flat, positive) = " + str(tuple(inertia.values())))
    require(verdict == ("saddle" if negative else "minimum"), "claims.verdict contradicts the inertia")
    if not negative:
        require(descent is None, "claims.descent must be null for a minimum")
        return [*said, "a local minimum"]
    column_, reach_ = keys(descent, "column reach", "claims.descent")
    q, reach = integer(column_, "claims.descent.column"), rational(reach_, "claims.descent.reach")
    require(0 <= q < n and M[q][q] < 0, "claims.descent.column is no direction of descent")
    largest = Fraction(max(map(abs, turned_C[q])), scale)
    require(0 < reach <= rho / largest, "claims.descent.reach is not positive or leaves the box")
    return [*said, f"a saddle: L falls along column {q} of the congruence, up to {reach} to both sides"]


def add(p: Poly, q: Poly) -> Poly:
    """Return the sum."""
    return [x + y for x, y in zip_longest(p, q, fillvalue=Fraction(0))]


def mul(p: Poly, q: Poly) -> Poly:
    """Return the product."""
    return reduce(add, [[Fraction(0)] * i + [x * y for y in q] for i, x in enumerate(p)])


def holds(test: Callable[[Fraction], bool], p: Poly, reach: Fraction) -> bool:
    """Prove ≥ 0, ≤ 0 or < 0 for a polynomial on [0, reach], whose range its Bernstein coefficients bound."""
    n = len(p) - 1
    scaled = [coefficient * reach**i / math.comb(n, i) for i, coefficient in enumerate(p)]
    sums = (sum(math.comb(j, i) * x for i, x in enumerate(scaled[: j + 1])) for j in range(n + 1))
    return all(test(Fraction(x)) for x in sums)


def term(a: Poly, b: Poly, same: bool, reach: Fraction) -> Poly:
    """Return 3·off(a, b), or 3·diag, along 0 ≤ u ≤ reach if it stays in the region on or off."""
    total = add(a, b)
    if all(holds(lambda x: x >= 0, p, reach) for p in (b, total)):
        m = add(a, [Fraction(-same)])  # diag on: ∫((N−1)μ + b)²
        return add(mul(m, m), mul([Fraction(3)], mul(b, add(m, b))))
    outside = all(holds(lambda x: x <= 0, p, reach) for p in (b, total))
    require(outside, "witness: a pair term does not stay in the region on or off along the curve")
    return [Fraction(same)]


@dataclass
class Square:
    """A 4-gon: its columns W, biases b and slopes A = WᵀW."""

    c: int
    sigma: int
    phi: int
    W: list[tuple[int, int]]
    b: list[Fraction]
    A: list[list[Fraction]]
    loss: Fraction


Proof = tuple[str, int | None, Fraction | None, str]  # verdict, flat dimension, growth, statement
Term = tuple[int, int, Fraction, Fraction]  # output, multiplicity, k, τ of a dual function λ(μ) = k(μ − τ)₊


def lower_bound(at: Square, witness: Any) -> Proof:
    """L is at its lower bound; the cone of second-order zeros has a certified dimension."""
    live, other = [j for j in range(4) if at.b[j] == 0], [j for j in range(at.c) if at.b[j] != 0]
    silent = all(at.b[m] < 0 and at.A[m][m] + at.b[m] < 0 for m in other)  # so their diag is ⅓ near the point
    require(silent and at.sigma == 0, "claims.proof: no lower bound with a positive column")
    require(at.loss == Fraction(len(other), 3 * at.c), "claims.proof: the loss is above the lower bound")
    angle, place = {j: q for q, j in enumerate(live)}, {m: len(live) + 3 * q for q, m in enumerate(other)}
    size = len(live) + 3 * len(other)
    # The rows, by variable: live neighbours stay 90° apart, and other columns come no closer to a vertex.
    entries = [{angle[i]: 1, angle[(i + 1) % 4]: -1} for i in live if (i + 1) % 4 in live]
    for m, j in [(m, j) for m in other for j in live if at.A[m][j] == 0]:
        (x, y), (p, q) = at.W[j], at.W[m]
        entries.append({angle[j]: q * x - p * y, place[m]: x, place[m] + 1: y})
    rows = [[Fraction(entry.get(q, 0)) for q in range(size)] for entry in entries]
    multipliers, interior = keys(witness, "multipliers interior", "witness")
    y_ = vector(multipliers, len(rows), rational, "witness.multipliers")
    x_ = vector(interior, size, rational, "witness.interior")
    balanced = not any(sum(map(times, y_, column)) for column in zip(*rows, strict=True))
    require(balanced and all(z >= 0 for z in y_), "witness.multipliers do not annihilate the rows")
    values = [sum(map(times, row, x_)) for row in rows]
    inner = all(value == 0 if z else value < 0 for value, z in zip(values, y_, strict=True))
    require(inner, "witness.interior is not in the interior of the cone")
    rest, rank = [row for row, z in zip(rows, y_, strict=True) if z], 0
    while rest:  # Gauss: the rows with a multiplier are equations on the whole cone
        pivot = rest.pop()
        q = next((q for q in range(size) if pivot[q]), size)
        if q < size:
            rank += 1
            rest = [add(row, [-row[q] / pivot[q] * z for z in pivot]) if row[q] else row for row in rest]
    return "minimum", size - rank, None, "a local minimum: the loss is at its lower bound near the point"


def descent(at: Square, witness: Any) -> Proof:
    """L falls along an exact curve."""
    require(at.sigma >= 1 and at.phi >= 1, "claims.proof does not belong to the label")
    d_, p_, v_, pull_, lift_, reach_ = keys(witness, "moved pulled velocity pull lift reach", "witness")
    d, p = integer(d_, "witness.moved"), integer(p_, "witness.pulled")
    v = vector(v_, 2, rational, "witness.velocity")
    pull, lift, reach = (rational(x, "witness.pull, lift and reach") for x in (pull_, lift_, reach_))
    require(0 <= d < at.c and 0 <= p < at.c and d != p, "witness.moved, witness.pulled: no two columns")
    require(
        at.W[p] == (0, 0) and reach > 0, "witness.pulled is no zero column, or witness.reach not positive"
    )
    W = [[[Fraction(x)] for x in w] for w in at.W]
    W[d], W[p] = [[w[0], y] for w, y in zip(W[d], v, strict=True)], [[Fraction(0), -pull * y] for y in v]
    b = [[x] for x in at.b]
    b[d] = [at.b[d], -lift]
    change = [Fraction(0)]  # 3c(L − L*); pairs without d and p do not move
    for i, j in [(i, j) for i in range(at.c) for j in range(at.c) if {i, j} & {d, p}]:
        a = add(mul(W[i][0], W[j][0]), mul(W[i][1], W[j][1]))
        before = term([at.A[i][j]], [at.b[j]], i == j, reach)
        change = add(change, add(term(a, b[j], i == j, reach), [-x for x in before]))
    require(any(change), "witness: the loss does not change along the curve")
    while change[0] == 0:
        change = change[1:]
    require(holds(lambda x: x < 0, change, reach), "witness.reach: the loss does not fall on the whole curve")
    return "not a minimum", None, None, "not a local minimum: the loss falls along an exact curve"


def off(a: Fraction, b: Fraction) -> Fraction:
    """Return the pair function off."""
    if b >= 0:
        return a * a / 3 + a * b + b * b if a + b >= 0 else -(b**3) / (3 * a)
    return (a + b) ** 3 / (3 * a) if a + b > 0 else Fraction(0)


def direction(at: Square, witness: Any) -> Proof:
    """The leading function is negative along a direction."""
    require(at.sigma >= 1 and at.phi == 0, "claims.proof does not belong to the label")
    (values,) = keys(witness, "direction", "witness")
    p, w, f, g, n0, b0, n2, b2 = vector(values, 8, rational, "witness.direction")
    delta, total = at.c - 4 - at.sigma, at.sigma * p
    q = n0 * n0 / 3 + n0 * b0 + b0 * b0 + n2 * n2 / 3 + n2 * b2 + b2 * b2
    q += off(-2 * f, b0) + off(f - g, b0) + off(2 * g, b2) + off(f - g, b2)
    q += at.sigma * (off(p, b0) + off(-p, b2)) + delta * (off(-w, b0) + off(w, b2))
    q += total * (total + (n0 - n2) / 2 - f - g - delta * w) / (2 * at.c)  # all of it twice
    require(q < 0, "witness.direction: the leading function is not negative")
    return "not a minimum", None, None, "not a local minimum: the loss falls along a direction"


def node(at: Square, P: tuple[int, int], B: Fraction, value: Any) -> list[Term]:
    """Return the dual functions at P."""
    delta, where = at.c - 4 - at.sigma, "witness.nodes"
    names = "pos0 pos1 gap11 gap12 gap22 gap23 gap33 gap30" + " dead2 dead3" * (delta > 0)
    k_, tau_, share_ = keys(value, "k tau share", where)
    k = vector(k_, 2, rational, where)
    tau = [rational(x, where) for x in keys(tau_, names, where)]
    share = [rational(x, where) for x in keys(share_, "gap1 gap2 gap3", where)]
    require(min(k) >= 0 and all(0 <= t < 1 for t in tau), "witness.nodes: k or tau is out of range")
    require(all(0 <= x <= 1 for x in share), "witness.nodes: share is out of range")
    needs = []  # twice the first moments that cancel the linear terms in the angles and in the dead columns
    for part, need in zip(share, (P[0], P[0] + P[1], P[1]), strict=True):
        needs += [B * need * part, B * need * (1 - part)]
    needs += [B * P[0], B * P[1]]
    mult = [at.sigma] * 2 + [1] * 6 + [delta] * 2
    k += [3 * need / ((1 - t) ** 2 * (2 + t)) for need, t in zip(needs, tau[2:], strict=False)]
    return list(zip((0, 1, 1, 2, 2, 3, 3, 0, 2, 3), mult, k, tau, strict=False))


def cone(at: Square, witness: Any) -> Proof:
    """The leading function grows: relu(z)² ≥ 2λz − λ² with λ ≥ 0 bounds it by a form in P = ΣW_p."""
    require(at.sigma >= 1 and at.phi == 0, "claims.proof does not belong to the label")
    epsilon_, nodes_ = keys(witness, "epsilon nodes", "witness")
    epsilon = rational(epsilon_, "witness.epsilon")
    require(epsilon > 0, "witness.epsilon must be positive")
    B, P = (1 + epsilon) / (2 * at.c), ((1, 0), (1, 1))
    values = vector(nodes_, 2, lambda value, _: value, "witness.nodes")
    terms = [node(at, point, B, value) for point, value in zip(P, values, strict=True)]
    linear = [[B * x / 2 for x in (u, v, -u, -v)] for u, v in P]
    moment = [[sum(m * k * (1 - t) ** 2 for j, m, k, t in T if j == out) for out in range(4)] for T in terms]
    first = [[k * (1 - t) ** 2 * (2 + t) / 6 for _, _, k, t in T[:2]] for T in terms]

    def form(u: int, v: int) -> Fraction:
        total = B * (P[u][0] * P[v][0] + P[u][1] * P[v][1])
        total += sum(first[u][j] * P[v][j] + first[v][j] * P[u][j] for j in (0, 1))
        for (_, mult, k, t), (_, _, k2, t2) in zip(terms[u], terms[v], strict=True):
            low, high = sorted((t, t2))
            total -= mult * k * k2 * ((1 - high) ** 3 / 3 + (high - low) * (1 - high) ** 2 / 2)
        for p, p2, r, r2 in zip(linear[u], linear[v], moment[u], moment[v], strict=True):
            total -= 3 * p * p2 - Fraction(3, 2) * (p * r2 + p2 * r) + r * r2
        return total

    one, two, mixed = form(0, 0), form(1, 1), form(0, 1)
    positive = one > 0 and two > 0 and (mixed >= 0 or mixed * mixed < one * two)
    require(positive, "witness.nodes: the form is not strictly copositive")
    # The function is 1/(1+ε) times the one with B, which is ≥ 0 (in one eighth, so by symmetry in all), plus
    # ε/(1+ε) times the one without the term in P, which is at least dist²/(48(c−2)): derivation 2d, Lemma 3.
    growth = epsilon / (1 + epsilon) / (48 * (at.c - 2))
    return "minimum", at.c - 3 - at.sigma, growth, "a local minimum: the loss grows quadratically"


PROOFS = {"lower-bound": lower_bound, "descent": descent, "direction": direction, "cone": cone}


def check_exact(sigma: int, switched: list[int], c: int, claims: Any, witness: Any) -> list[str]:
    """Re-derive the claims about a 4-gon with these vertices switched off."""
    names = "length_squared bias loss regions verdict proof flat_dimension growth"
    *numbers, table, verdict, proof, flat, growth = keys(claims, names, "claims")
    W = [(1, 0), (0, 1), (-1, 0), (0, -1)] + [(0, 0)] * (c - 4)
    b = [Fraction(-2 if j in switched else 0) for j in range(4)]
    b += [Fraction(1, 2 * c) if z < 4 + sigma else Fraction(-1, 2) for z in range(4, c)]
    A = [[Fraction(x * p + y * q) for p, q in W] for x, y in W]
    regions = [[""] * c for _ in range(c)]
    loss, gradient = Fraction(0), [Fraction(0)] * (3 * c)
    for i, j in [(i, j) for i in range(c) for j in range(c)]:
        a, end = A[i][j], A[i][j] + b[j]
        name = "off" if b[j] <= 0 and end <= 0 else "rising" if b[j] < 0 else "falling"
        if b[j] >= 0 and end >= 0:
            name = "corner" if i != j and a == b[j] == 0 else "on"
        regions[i][j] = name
        f, fa, fb, *_ = jet(a, b[j], name.replace("corner", "off"), i == j)  # off is C¹ at the corner
        loss += f / c
        gradient[3 * j + 2] += fb
        for axis in (0, 1):
            gradient[3 * i + axis] += fa * W[j][axis]
            gradient[3 * j + axis] += fa * W[i][axis]
    require(table == regions, "claims.regions is wrong")
    require(not any(gradient), "the gradient is not zero")
    for name, claimed, own in zip(names.split(), numbers, (1, 0, loss), strict=False):
        require(rational(claimed, f"claims.{name}") == own, f"claims.{name} is not {own}")
    said = ["the gradient is exactly zero", f"the loss is {loss}"]
    result: Proof = ("UNDECIDED", None, None, "the kind of the point is left open")
    if proof is None:
        require(witness is None, "witness must be null")
    else:
        require(type(proof) is str and proof in PROOFS, "claims.proof is unknown")
        result = PROOFS[proof](Square(c, sigma, len(switched), W, b, A, loss), witness)
    require(verdict == result[0], f"claims.verdict is not {result[0]}")
    own_flat = None if flat is None else integer(flat, "claims.flat_dimension")
    require(own_flat == result[1], f"claims.flat_dimension is not {result[1]}")
    own_growth = None if growth is None else rational(growth, "claims.growth")
    require(own_growth == result[2], f"claims.growth is not {result[2]}")
    extra = [f"flat dimension {flat}"] * (flat is not None) + [f"growth {growth}"] * (growth is not None)
    return [*said, *extra, result[3]]


def check_parsed(data: Any) -> Report:
    """Check a parsed certificate; raise ValueError where it fails."""
    names = "format label configuration c kind claims witness digest"
    form, label, configuration, c_, kind, claims, witness, digest = keys(data, names, "the certificate")
    require(form == FORMAT, "format is unknown")
    others = {name: value for name, value in data.items() if name != "digest"}
    text = json.dumps(others, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    require(digest == hashlib.sha256(text.encode("ascii")).hexdigest(), "digest is wrong")
    good = type(label) is str and re.fullmatch(r"[1-9][0-9]{0,3}\+*-*", label)
    require(bool(good), "label is malformed")
    k, sigma, phi = int(label.rstrip("+-")), label.count("+"), label.count("-")
    c = integer(c_, "c")
    require(k + sigma <= c <= COLUMNS, f"c must be between the number of columns in the label and {COLUMNS}")
    require(k >= 4 and phi <= (4 if k == 4 else 0), "label: there is no certificate for it")
    require(configuration in ["adjacent", "opposite"][: 1 + (phi == 2)], "configuration is wrong")
    require(kind == ("exact" if k == 4 else "smooth"), "kind does not belong to the label")
    if k > 4:
        return Report("PROVED", label, check_smooth(k, sigma, c, claims, witness))
    switched = [0, 2] if configuration == "opposite" else list(range(phi))
    said = check_exact(sigma, switched, c, claims, witness)
    return Report("UNDECIDED" if claims["proof"] is None else "PROVED", label, said)


def check(certificate: str | bytes | dict[str, Any]) -> Report:
    """Check a certificate, given as JSON or as a dictionary; nothing raises, every error rejects."""
    label = ""
    try:
        if isinstance(certificate, bytes):
            certificate = certificate.decode()
        data = parse(certificate if isinstance(certificate, str) else json.dumps(certificate))
        found = data.get("label") if isinstance(data, dict) else None
        label = found[:40] if isinstance(found, str) else ""
        return check_parsed(data)
    except Exception as error:  # nothing that goes wrong may count as a proof
        return Report("REJECTED", label, reason=str(error)[:200] or type(error).__name__)


def main(argv: list[str] | None = None) -> int:
    """Check the files named on the command line, one line of output for each."""
    parser = argparse.ArgumentParser(prog="check", description="Verify certificates of kgon.")
    parser.add_argument("files", nargs="+", metavar="file.json")
    status = 0
    for name in parser.parse_args(argv).files:
        try:
            report = check(Path(name).read_bytes())
        except OSError as error:
            print(f"{name}: cannot be read: {error.strerror}", file=sys.stderr)
            status = 2
            continue
        said = report.reason if report.verdict == "REJECTED" else report.claims[-1]
        print(ascii(f"{name}: {report.verdict} {report.label}: {said}")[1:-1])
        status = max(status, int(report.verdict != "PROVED"))
    return status


if __name__ == "__main__":
    sys.exit(main())
