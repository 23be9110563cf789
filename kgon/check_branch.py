"""The independent checker of proved branches: the standard library alone, no code of kgon, integers only.

A branch is a curve of critical points of L = Σ_ij p_i I_j ∫₀¹ (δ_ij μ − relu(W_i·W_j μ + b_j))² dμ over a
parameter p of the weights. With off(a, b) = ∫₀¹ relu(aμ + b)² dμ its terms are off(W_i·W_j, b_j), i ≠ j, and
diag(N, b) = 1/3 − ∂off/∂a + off at a = N = |W_j|². Where b < 0 < a + b (*rising*) the ReLU is active for μ > u,
where a + b < 0 < b (*falling*) for μ < u, u = −b/a; second derivatives of off are 2∫μ², 2∫μ, 2∫1 over the
active part. All pair terms, gradients and Hessians here are three times those of L.

Unknowns are y, coordinates of the points that are their own mirror image in the first axis, and p. A tube is
|(y, p) − (m + s t)| ≤ ρ in every coordinate, |s| ≤ h. It is cut along s, until Krawczyk's theorem for ∇L = 0,
t·((y, p) − m) = s proves on each piece that there is exactly one zero for every s. The second derivatives of
L are bounded by the hull over the regions that a box meets. This is right though they may jump there, as ∇L is
Lipschitz: its increments are integrals of generalised derivatives, which are in the hull. So are those of
the third ones, except at |W_j|² + b_j = 0; nothing is bounded where W_i·W_j = 0 and the region is not certain.

Run it alone: ``python check_branch.py file.json …``. Exit status: 0 all proved, 1 some not, 2 unreadable.
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
from operator import mul
from pathlib import Path
from typing import Any

FORMAT = "kgon-branch/1"
BITS = 96  # intervals have end points in 2^-BITS ℤ
ONE = 1 << BITS
SHIFT = 48  # entries of approximate inverses are multiples of 2^-SHIFT
DIGITS, COLUMNS, LENGTH, TUBES, DEPTH = 40, 64, 1 << 26, 1 << 14, 12  # the largest that is looked at
START = Fraction(1, 10**9)  # how well the regular polygon must be known


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


def integer(value: Any, low: int, high: int, where: str) -> int:
    """Return an integer of [low, high] that is no boolean."""
    require(type(value) is int and low <= value <= high, f"{where} must be an integer from {low} to {high}")
    return int(value)


def items(value: Any, where: str, length: int | None = None, most: int = COLUMNS) -> list[Any]:
    """Return a list of this length."""
    good = type(value) is list and len(value) == length if length is not None else type(value) is list
    require(good and len(value) <= most, f"{where} must be a list of {length if good else 'the right length'}")
    return list(value)


def real(value: Any, where: str) -> Fraction:
    """Return the exact value of a float in hexadecimal, below 2^20."""
    form = r"-?0x[01]\.[0-9a-f]{1,13}p[+-][0-9]{1,4}"
    good = type(value) is str and re.fullmatch(form, value) and abs(float.fromhex(value)) < 1 << 20
    require(bool(good), f"{where} must hold floats in hexadecimal, as strings")
    return Fraction(float.fromhex(value))


def down(x: Fraction) -> int:
    """Return the largest multiple of 2^-BITS that is not above x."""
    return (x.numerator << BITS) // x.denominator


class Interval:
    """A closed interval [lo, hi]·2^-BITS of real numbers; every operation rounds outwards."""

    __slots__ = ("hi", "lo")

    def __init__(self, lo: int, hi: int) -> None:
        self.lo, self.hi = lo, hi

    @staticmethod
    def of(value: Any) -> Interval:
        return value if isinstance(value, Interval) else Interval(down(value), -down(-value))

    def __neg__(self) -> Interval:
        return Interval(-self.hi, -self.lo)

    def __add__(self, other: Any) -> Any:
        if type(other) is int:
            return Interval(self.lo + (other << BITS), self.hi + (other << BITS))
        if type(other) is Interval:
            return Interval(self.lo + other.lo, self.hi + other.hi)
        return NotImplemented

    def __sub__(self, other: Any) -> Any:
        return self + -other

    def __rsub__(self, other: int) -> Interval:
        return -self + other

    def __mul__(self, other: Any) -> Any:
        a, b = self.lo, self.hi
        if type(other) is int:
            return Interval(a * other, b * other) if other >= 0 else Interval(b * other, a * other)
        if type(other) is not Interval:
            return NotImplemented
        c, d = other.lo, other.hi
        if a >= 0:
            return Interval((a if c >= 0 else b) * c >> BITS, -(-(b if d >= 0 else a) * d >> BITS))
        if b <= 0:
            return Interval((a if d >= 0 else b) * d >> BITS, -(-(b if c >= 0 else a) * c >> BITS))
        ends = (a * c, a * d, b * c, b * d)
        return Interval(min(ends) >> BITS, -(-max(ends) >> BITS))

    __radd__, __rmul__ = __add__, __mul__

    def __truediv__(self, other: Any) -> Any:
        if type(other) is int:
            return Interval(self.lo // other, -(-self.hi // other))  # by positive integers only
        if type(other) is not Interval:
            return NotImplemented
        require(other.lo > 0 or other.hi < 0, "division by an interval that contains zero")
        ends = [(x << BITS, y) for x in (self.lo, self.hi) for y in (other.lo, other.hi)]
        return Interval(min(x // y for x, y in ends), max(-(-x // y) for x, y in ends))

    def square(self) -> Interval:
        low, high = sorted((abs(self.lo), abs(self.hi)))
        return Interval(0 if self.lo <= 0 <= self.hi else low * low >> BITS, -(-high * high >> BITS))

    def hull(self, other: Interval) -> Interval:
        return Interval(min(self.lo, other.lo), max(self.hi, other.hi))

    def widen(self, radius: int) -> Interval:
        return Interval(self.lo - radius, self.hi + radius)

    def size(self) -> int:
        return max(self.hi, -self.lo)

    def contains(self, other: Interval) -> bool:
        return self.lo <= other.lo and other.hi <= self.hi

    @property
    def range(self) -> Interval:
        return self


ZERO = Interval(0, 0)


class Series:
    """f + f′s + rs²: r encloses f″/2 along a chord; f and f′ belong to its middle, or to all of it."""

    __slots__ = ("f", "g", "r")

    def __init__(self, f: Interval, g: Interval = ZERO, r: Interval = ZERO) -> None:
        self.f, self.g, self.r = f, g, r

    @staticmethod
    def of(value: Any) -> Series:
        return value if isinstance(value, Series) else Series(ZERO + value)

    def __neg__(self) -> Series:
        return Series(-self.f, -self.g, -self.r)

    def __add__(self, other: Any) -> Series:
        if type(other) is not Series:
            return Series(self.f + other, self.g, self.r)
        return Series(self.f + other.f, self.g + other.g, self.r + other.r)

    def __sub__(self, other: Any) -> Series:
        return self + -other

    def __rsub__(self, other: Any) -> Series:
        return -self + other

    def __mul__(self, other: Any) -> Series:
        if type(other) is not Series:
            return Series(self.f * other, self.g * other, self.r * other)
        f, g = self.f, self.g
        return Series(f * other.f, f * other.g + g * other.f, f * other.r + g * other.g + self.r * other.f)

    __radd__, __rmul__ = __add__, __mul__

    def __truediv__(self, other: Series) -> Series:
        f = self.f / other.f
        g = (self.g - f * other.g) / other.f
        return Series(f, g, (self.r - f * other.r - g * other.g) / other.f)

    def square(self) -> Series:
        return Series(self.f.square(), self.f * self.g * 2, self.f * self.r * 2 + self.g.square())

    def hull(self, other: Series) -> Series:
        return Series(self.f.hull(other.f), self.g.hull(other.g), self.r.hull(other.r))

    @property
    def range(self) -> Interval:
        return self.f


def regions(a: Interval, b: Interval, same: bool, smooth: bool) -> list[str]:
    """Return the regions that a box meets; refuse it where derivatives are not bounded by theirs."""
    names = {(1, 1): "on", (0, 1): "rising", (1, 0): "falling", (0, 0): "off"}
    bias = [x for x, out in ((1, b.hi < 0), (0, b.lo > 0)) if not out]
    ends = [x for x, out in ((1, a.hi + b.hi < 0), (0, a.lo + b.lo > 0)) if not out]
    found = [names[x, y] for x in bias for y in ends if not (same and (x, y) == (1, 0))]
    require(len(found) == 1 or a.lo > 0 or a.hi < 0, "a pair may lie at W_i·W_j = b_j = 0")
    require(not (same and smooth and len(ends) > 1), "a column may lie at |W_j|² + b_j = 0")
    return found


def value(a: Any, b: Any, name: str, same: bool) -> Any:
    """Return 3·off, or 3·diag if ``same``, in a region."""
    off = {
        "off": lambda: a * 0, "on": lambda: a * a + a * b * 3 + b * b * 3,
        "rising": lambda: (a + b) * (a + b) * (a + b) / a, "falling": lambda: -(b * b * b / a),
    }[name]()  # fmt: skip
    return off if not same else off - slopes(a, b, name, False)[0] + 1


def slopes(a: Any, b: Any, name: str, same: bool) -> tuple[Any, Any]:
    """Return the derivatives of ``value`` with respect to a and b."""
    if name == "off":
        return a * 0, a * 0
    if name == "on":
        return a * 2 + b * 3 - 2 * same, a * 3 + b * 6 - 3 * same
    u = -(b / a)
    if name == "falling":
        return b * u.square(), b * u * 3
    v = 1 - u
    w = a * v.square()
    if not same:
        return w * (2 + u), w * 3
    return w * (2 + u) - 2 + u * u.square() * 2, w * 3 - 3 + u.square() * 3


def curvatures(a: Interval, b: Interval, name: str, same: bool) -> list[Interval]:
    """Return the second derivatives, by aa, ab, bb."""
    if name == "off":
        return [ZERO, ZERO, ZERO]
    if name == "on":
        return [ZERO + 2, ZERO + 3, ZERO + 6]
    u = -(b / a)
    s = u.square()
    if name == "falling":
        return [u * s * 2, s * 3, u * 6]
    found = [2 - u * s * 2, 3 - s * 3, 6 - u * 6]
    if same:  # less the third derivatives with one more a
        found = [x - z * 6 / a for x, z in zip(found, (u * s, s, u), strict=True)]
    return found


def over(names: list[str], function: Callable[..., Any], a: Any, b: Any, same: bool) -> list[Any]:
    """Return the hull of a function's values over regions."""
    found = [function(a, b, name, same) for name in names]
    return [reduce(lambda x, y: x.hull(y), entries) for entries in zip(*found, strict=True)]


@dataclass
class System:
    """∇L = 0 on the points that are mirror images of themselves, over a parameter of the weights."""

    c: int
    used: list[int]
    gauge: int
    weights: list[list[tuple[Interval, Interval]]]  # of output j for input i: at p = 0, and the slope
    even: list[list[tuple[int, int]]]  # basis vectors: places 3j + (0, 1, 2) in W_j, b_j with signs
    odd: list[list[tuple[int, int]]]

    @property
    def idle(self) -> bool:
        return len(self.used) < self.c

    def columns(self, y: list[Any]) -> list[list[Any]]:
        """Return W_0j, W_1j, b_j of all columns, if the gauge is fixed and idle columns take no part."""
        w = [[y[0] * 0] * 3 for _ in range(self.c)]
        for basis, x in zip(self.even, y, strict=False):
            for place, sign in basis:
                w[place // 3][place % 3] = x if sign > 0 else -x
        require(w[self.gauge][0].range.lo > 0, "the column on the axis may vanish")
        quiet = all(w[j][2].range.hi < 0 for j in self.used)
        require(not self.idle or quiet, "a column that takes no part may begin to")
        return w

    def pairs(self, w: list[list[Any]], smooth: bool) -> list[tuple[int, int, Any, list[str]]]:
        """Return i, j, W_i·W_j and regions of all pairs that are not certainly off."""
        found = []
        for k, i in enumerate(self.used):
            for j in self.used[k:]:
                same = i == j
                if same:
                    a = w[i][0].square() + w[i][1].square()
                else:
                    a = w[i][0] * w[j][0] + w[i][1] * w[j][1]
                for p, q in [(i, j)] if same else [(i, j), (j, i)]:
                    names = regions(a.range, w[q][2].range, same, smooth)
                    if names != ["off"]:
                        found.append((p, q, a, names))
        return found

    def gradient(self, z: list[Any], smooth: bool) -> list[Any]:
        """Return 3∇L on the symmetric points at (y, p), of intervals or of series along a chord."""
        w, zero = self.columns(z), z[0] * 0
        g = [zero] * (3 * self.c)
        for i, j, a, names in self.pairs(w, smooth):
            fa, fb = over(names, slopes, a, w[j][2], i == j)
            at, slope = self.weights[i][j]
            weight = z[-1] * slope + at
            q = fa * weight
            for h in (0, 1):
                g[3 * i + h] += q * w[j][h]
                g[3 * j + h] += q * w[i][h]
            g[3 * j + 2] += fb * weight
        return [sum((g[k] * sign for k, sign in basis), zero) for basis in self.even]

    def derivatives(self, z: list[Interval]) -> tuple[list[list[Interval]], list[Interval]]:
        """Return 3H (upper triangle) and 3∂∇L/∂p, in all places."""
        w = self.columns(z)
        H = [[ZERO] * (3 * self.c) for _ in range(3 * self.c)]
        slope = [ZERO] * (3 * self.c)
        outer: dict[tuple[int, int], tuple[Interval, Interval]] = {}
        for i, j, a, names in self.pairs(w, False):
            same, b = i == j, w[j][2]
            fa, fb = over(names, slopes, a, b, same)
            faa, fab, fbb = over(names, curvatures, a, b, same)
            at, rate = self.weights[i][j]
            weight = z[-1] * rate + at
            key = (min(i, j), max(i, j))
            first, second = outer.get(key, (ZERO, ZERO))
            outer[key] = (first + weight * fa, second + weight * faa)
            q, B = weight * fab, 3 * j + 2
            for k, other in [(j, j)] if same else [(i, j), (j, i)]:
                for h in (0, 1):
                    P, x = 3 * k + h, w[other][h] * (1 + same)
                    H[min(P, B)][max(P, B)] += q * x
                    if rate.lo or rate.hi:
                        slope[P] += rate * fa * x
            H[B][B] += weight * fbb
            if rate.lo or rate.hi:
                slope[B] += rate * fb
        for (i, j), (f, ff) in outer.items():
            if i == j:
                places, U = [3 * i, 3 * i + 1], [w[i][0] * 2, w[i][1] * 2]
                bends = [(3 * i, 3 * i), (3 * i + 1, 3 * i + 1)]
                f = f * 2
            else:
                places, U = [3 * i, 3 * i + 1, 3 * j, 3 * j + 1], [*w[j][:2], *w[i][:2]]
                bends = [(3 * i, 3 * j), (3 * i + 1, 3 * j + 1)]
            for s, P in enumerate(places):
                row, x = H[P], ff * U[s]
                for t in range(s, len(places)):
                    row[places[t]] += x * U[t] if t > s else ff * U[s].square()
            for P, Q in bends:
                H[P][Q] += f
        return H, slope


def block(H: list[list[Interval]], basis: list[list[tuple[int, int]]]) -> list[list[Interval]]:
    """Return the Hessian on the span of a basis."""
    n = len(basis)
    out = [[ZERO] * n for _ in range(n)]
    for s in range(n):
        for t in range(s, n):
            x = ZERO
            for P, e in basis[s]:
                for Q, f in basis[t]:
                    x = x + H[min(P, Q)][max(P, Q)] * (e * f)
            out[s][t] = out[t][s] = x
    return out


Matrix = list[list[int]]


def product(A: Matrix, B: Matrix) -> Matrix:
    """Return the matrix product A B."""
    turned = list(zip(*B, strict=True))
    return [[sum(map(mul, row, column)) for column in turned] for row in A]


def size_of(A: Matrix) -> Matrix:
    """Return the absolute values."""
    return [[*map(abs, row)] for row in A]


def rounded(A: list[list[float]]) -> Matrix:
    """Return multiples of 2^-SHIFT."""
    return [[round(x * (1 << SHIFT)) for x in row] for row in A]


def parts_of(A: list[list[Interval]]) -> tuple[list[list[float]], Matrix, Matrix]:
    """Return midpoints in floats, and twice the midpoints and the widths in units."""
    twice = [[x.lo + x.hi for x in row] for row in A]
    return [[x / (2 * ONE) for x in row] for row in twice], twice, [[x.hi - x.lo for x in row] for row in A]


def inverse(A: list[list[float]]) -> list[list[float]]:
    """Return an inverse by elimination, in floats; it need not be good."""
    n = len(A)
    rows = [[*row, *(float(i == j) for j in range(n))] for i, row in enumerate(A)]
    for k in range(n):
        best = max(range(k, n), key=lambda i: abs(rows[i][k]))
        rows[k], rows[best] = rows[best], rows[k]
        require(rows[k][k] != 0, "a matrix is singular")
        top = [x / rows[k][k] for x in rows[k]]
        rows = [top if i == k else [x - row[k] * y for x, y in zip(row, top, strict=True)] for i, row in enumerate(rows)]
    return [row[n:] for row in rows]


def negative(H: list[list[Interval]]) -> int | None:
    """Return the negative eigenvalues of all symmetric matrices in H: CᵀHC is diagonally dominant."""
    middle, twice, width = parts_of(H)
    n, left, rows = len(H), list(range(len(H))), middle
    C = [[float(i == j) for j in range(n)] for i in range(n)]
    while left:  # Gauss with the largest diagonal entry as pivot, on both sides
        k = max(left, key=lambda i: abs(rows[i][i]))
        if rows[k][k] == 0:
            return None
        left.remove(k)
        for i in left:
            x = rows[i][k] / rows[k][k]
            rows[i] = [p - x * q for p, q in zip(rows[i], rows[k], strict=True)]
            C[i] = [p - x * q for p, q in zip(C[i], C[k], strict=True)]
        scale = abs(rows[k][k]) ** -0.5
        C[k] = [x * scale for x in C[k]]
    turned = rounded(C)
    across = [[*x] for x in zip(*turned, strict=True)]
    M = product(turned, product(twice, across))
    R = product(size_of(turned), product(width, size_of(across)))
    for i in range(n):
        if abs(M[i][i]) <= sum(map(abs, M[i])) - abs(M[i][i]) + sum(R[i]):
            return None
    return sum(M[i][i] < 0 for i in range(n))


@dataclass
class Tube:
    """|z − (middle + s·tangent)| ≤ radius, |s| ≤ half."""

    middle: list[Interval]
    tangent: list[Interval]
    half: int  # rounded up, in units
    radius: int  # rounded up
    least: int  # the radius rounded down
    sense: int
    negative: int | None

    def at(self, s: int) -> list[Interval]:
        """Return the point of the chord."""
        return [x + t * Interval(s, s) for x, t in zip(self.middle, self.tangent, strict=True)]

    def arc(self, z: list[Interval]) -> Interval:
        """Return t·(z − m)."""
        return sum((t * (u - x) for t, u, x in zip(self.tangent, z, self.middle, strict=True)), ZERO)

    def holds(self, z: list[Interval]) -> bool:
        """Whether all of a box is in the tube."""
        s = self.arc(z)
        chord = [x + t * s for x, t in zip(self.middle, self.tangent, strict=True)]
        near = all((u - v).size() <= self.least for u, v in zip(z, chord, strict=True))
        return near and s.size() < self.half - 1


def bordered(system: System, z: list[Interval], tangent: list[Interval]) -> tuple[Any, Any]:
    """Return the Jacobian of (3∇L, t·z) on the symmetric points over a box, and 3H."""
    H, slope = system.derivatives(z)
    A = block(H, system.even)
    for row, basis in zip(A, system.even, strict=True):
        row.append(sum((slope[P] * e for P, e in basis), ZERO))
    return [*A, tangent], H


def defect(A: list[list[Interval]]) -> tuple[Matrix, list[int], int]:
    """Return Y, row sums of |I − Y A| and what is one in their unit."""
    middle, twice, width = parts_of(A)
    Y = rounded(inverse(middle))
    one, M, R = 1 << BITS + 1 + SHIFT, product(Y, twice), product(size_of(Y), width)
    sums = [
        sum(map(abs, row)) - abs(row[i]) + abs(one - row[i]) + sum(rest)
        for i, (row, rest) in enumerate(zip(M, R, strict=True))
    ]
    return Y, sums, one


def applied(Y: Matrix, values: list[Interval]) -> list[Interval]:
    """Return Y v."""
    out = []
    for row in Y:
        x = sum((v * y for v, y in zip(values, row, strict=True)), ZERO)
        out.append(Interval(x.lo >> SHIFT, -(-x.hi >> SHIFT)))
    return out


@dataclass
class Piece:
    """What is proved on a part of a tube."""

    p: Interval  # on the curve
    direction: list[Interval]  # of the curve
    negative: int | None


def piece(system: System, tube: Tube, low: int, high: int, inertia: bool) -> Piece | None:
    """Prove that for every s in [low, high] the tube has exactly one zero; None if that does not succeed."""
    s, reach, rho, n = (low + high) >> 1, (high - low + 3) >> 1, tube.radius, len(tube.middle)
    middle, span = tube.at(s), Interval(-reach, reach)
    chord = [x + t * span for x, t in zip(middle, tube.tangent, strict=True)]
    A, H = bordered(system, [x.widen(rho) for x in chord], tube.tangent)
    Y, sums, one = defect(A)
    if max(sums) >= one:
        return None
    series = system.gradient([Series(x, t) for x, t in zip(middle, tube.tangent, strict=True)], True)
    whole = system.gradient([Series(x, t) for x, t in zip(chord, tube.tangent, strict=True)], True)
    length = tube.arc([x + t for x, t in zip(tube.middle, tube.tangent, strict=True)])  # |t|²
    terms = [
        applied(Y, [*(x.f for x in series), tube.arc(middle) - Interval(s, s)]),
        applied(Y, [*(x.g for x in series), length - 1]),
        applied(Y, [*(x.r for x in whole), ZERO]),
    ]
    gap = [f + (g + r * span) * span for f, g, r in zip(*terms, strict=True)]
    off = [x.size() + -(-total * rho // one) for x, total in zip(gap, sums, strict=True)]
    if max(off) >= tube.least:
        return None
    count = None
    if inertia:
        counts = [negative(block(H, basis)) for basis in (system.even, system.odd) if basis]
        if None in counts:
            return None
        count = sum(x for x in counts if x is not None)
    # dz/ds = u solves A u = e: u = Y e + (I − Y A) u, of norm |Y e|/(1 − |I − Y A|) at most.
    last = [row[-1] << (BITS - SHIFT) for row in Y]
    norm = max(map(abs, last)) * one // (one - max(sums)) + 1
    direction = [Interval(x, x).widen(-(-total * norm // one)) for x, total in zip(last, sums, strict=True)]
    if tube.sense and (direction[-1].lo <= 0 if tube.sense > 0 else direction[-1].hi >= 0):
        return None
    return Piece(chord[-1].widen(off[-1]), direction, count) if n else None


def walk(system: System, tube: Tube, depth: int, where: str) -> tuple[list[Piece], int]:
    """Prove a tube piece by piece, in the order of s; return the pieces, and how often it was cut."""
    size = -(-2 * tube.half >> depth)
    ends = [-tube.half + k * size for k in range((1 << depth) + 1)]
    stack = [(x, y, depth) for x, y in zip(ends, ends[1:], strict=False)][::-1]
    found, deepest = [], depth
    while stack:
        low, high, level = stack.pop()
        deepest = max(deepest, level)
        try:
            one = piece(system, tube, low, high, tube.negative is not None)
            why = "what is claimed of it is not seen to hold"
        except ValueError as error:
            one, why = None, str(error)
        if one is None:
            require(level < DEPTH, f"{where}: {why}")
            cut = (low + high) >> 1
            stack += [(cut, high, level + 1), (low, cut, level + 1)]
            continue
        require(one.negative == tube.negative, f"{where}: {one.negative} negative eigenvalues")
        found.append(one)
    return found, deepest


def curve(system: System, tube: Tube, s: int, enough: Callable[[list[Interval]], bool]) -> bool:
    """Enclose the zero at s, |s| ≤ h, of a proved tube ever better, until it is known well enough."""
    box = [x.widen(tube.radius) for x in tube.at(s)]
    for _ in range(6):
        middle = [Interval((x.lo + x.hi) >> 1, (x.lo + x.hi) >> 1) for x in box]
        Y, sums, one = defect(bordered(system, box, tube.tangent)[0])
        step = applied(Y, [*system.gradient(middle, False), tube.arc(middle) - Interval(s, s)])
        size = max((x.hi - x.lo + 1) >> 1 for x in box)
        for k, total in enumerate(sums):
            image = (middle[k] - step[k]).widen(-(-total * size // one))
            box[k] = Interval(max(box[k].lo, image.lo), min(box[k].hi, image.hi))
        if enough(box):
            return True
    return False
