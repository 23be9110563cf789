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
    require(
        good and len(value) <= most, f"{where} must be a list of {length if good else 'the right length'}"
    )
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


def dot(u: list[Interval], v: list[Interval]) -> Interval:
    """Return Σ u_i v_i."""
    return sum((x * y for x, y in zip(u, v, strict=True)), ZERO)


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
        rows = [
            top if i == k else [x - row[k] * y for x, y in zip(row, top, strict=True)]
            for i, row in enumerate(rows)
        ]
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
    negative: int | None


def piece(system: System, tube: Tube, low: int, high: int, inertia: bool) -> Piece | None:
    """Prove that for every s in [low, high] the tube has exactly one zero; None if that does not succeed."""
    s, reach, rho = (low + high) >> 1, (high - low + 3) >> 1, tube.radius
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
    way = direction(Y, sums, one)[-1]
    if tube.sense and (way.lo <= 0 if tube.sense > 0 else way.hi >= 0):
        return None
    return Piece(chord[-1].widen(off[-1]), count)


def direction(Y: Matrix, sums: list[int], one: int) -> list[Interval]:
    """Enclose dz/ds = u with A u = e: u = Y e + (I − Y A) u, of norm |Y e|/(1 − |I − Y A|) at most."""
    last = [row[-1] << (BITS - SHIFT) for row in Y]
    norm = max(map(abs, last)) * one // (one - max(sums)) + 1
    return [Interval(x, x).widen(-(-total * norm // one)) for x, total in zip(last, sums, strict=True)]


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


def curve(system: System, tube: Tube, s: int, enough: Callable[[list[Interval]], bool]) -> list[Interval]:
    """Enclose the zero at s, |s| ≤ h, of a proved tube until it is known well enough; return dz/ds there."""
    box = [x.widen(tube.radius) for x in tube.at(s)]
    for _ in range(6):
        Y, sums, one = defect(bordered(system, box, tube.tangent)[0])
        if enough(box):
            return direction(Y, sums, one) if max(sums) < one else []
        middle = [Interval((x.lo + x.hi) >> 1, (x.lo + x.hi) >> 1) for x in box]
        step = applied(Y, [*system.gradient(middle, False), tube.arc(middle) - Interval(s, s)])
        size = max((x.hi - x.lo + 1) >> 1 for x in box)
        for k, total in enumerate(sums):
            image = (middle[k] - step[k]).widen(-(-total * size // one))
            box[k] = Interval(max(box[k].lo, image.lo), min(box[k].hi, image.hi))
    return []


Weights = tuple[list[tuple[Fraction, Fraction]], list[tuple[Fraction, Fraction]], Fraction]


def weights_of(name: Any, c: int) -> tuple[Weights, int]:
    """Return p_i and I_j at 0 with their slopes in the parameter, its first value, and the first column varied."""
    match = re.fullmatch(r"(importance|probability)\[([0-9]{1,2}(?:,[0-9]{1,2})*)\]", str(name))
    require(type(name) is str and match is not None, "parameter is unknown")
    columns = [int(x) for x in match[2].split(",")] if match else []
    n = len(columns)
    require(columns == sorted(set(columns)) and columns[-1] < c, "parameter: the columns must be in order")
    one, zero, even = Fraction(1), Fraction(0), Fraction(1, c)
    inside = [j in columns for j in range(c)]
    if match and match[1] == "importance":
        return ([(even, zero)] * c, [(zero, one) if x else (one, zero) for x in inside], one), columns[0]
    require(n < c, "parameter: a probability must be left to give way")
    each, rest = (one if n == 1 else even), Fraction(1, c - n)  # the others share 1 − n·each·p
    p = [(zero, each) if x else (rest, -n * each * rest) for x in inside]
    return (p, [(one, zero)] * c, even if n == 1 else one), columns[0]


def layout(body: Any, k: int, sigma: int, c: int, first: int, where: str) -> tuple[list[int], list[int]]:
    """Return vertices, counter-clockwise from the one on the axis, and positive columns; the others are dead."""
    vertices = [integer(x, 0, c - 1, where) for x in items(body["vertices"], where, k)]
    positive = [integer(x, 0, c - 1, where) for x in items(body["positive"], where, sigma)]
    require(len({*vertices, *positive}) == k + sigma, f"{where}: a column has two roles")
    role = "vertex" if first in vertices else "positive" if first in positive else "dead"
    require(body["role"] == role, f"{where}: role must be {role}")
    return vertices, positive


def system_of(
    vertices: list[int], positive: list[int], mirror: Any, weights: Weights, c: int, where: str
) -> System:  # fmt: skip
    """Return the system on the mirror-symmetric points; the reflection is a symmetry for all p."""
    used, gauge, k = sorted([*vertices, *positive]), vertices[0], len(vertices)
    p, importance, _ = weights
    even, odd = [], []
    image = list(range(c))
    if mirror is not None:
        image = [integer(x, 0, c - 1, f"{where}: mirror") for x in items(mirror, f"{where}: mirror", c)]
        good = all(image[image[j]] == j and (p[j], importance[j]) == (p[image[j]], importance[image[j]])
                   and (j in used or image[j] == j) for j in range(c))  # fmt: skip
        good = good and all(image[vertices[q]] == vertices[-q % k] for q in range(k))
        require(good, f"{where}: mirror is no symmetry of the loss and of the polygon")
    for j in used:
        for h in range(3):
            sign, P, Q = 1 if h != 1 else -1, 3 * j + h, 3 * image[j] + h
            if P == Q and not (j == gauge and h == 1):
                (even if mirror is None or sign > 0 else odd).append([(P, 1)])
            elif P < Q:
                even.append([(P, 1), (Q, sign)])
                odd.append([(P, 1), (Q, -sign)])
    table = [
        [(Interval.of(x * y), Interval.of(x * v + u * y)) for y, v in importance] for x, u in p
    ]  # p_i I_j is affine: one of the two factors is constant
    return System(c, used, gauge, table, even, odd)


def roots_of_unity(k: int) -> list[tuple[Interval, Interval]]:
    """Return (cos, sin) of 2πj/k for j = 0 … k−1, k ≥ 5."""

    def arctan(n: int) -> Interval:  # of 1/n: the series alternates, so the next term bounds the rest
        terms = [Fraction((-1) ** i, (2 * i + 1) * n ** (2 * i + 1)) for i in range(BITS // 4)]
        return Interval.of(sum(terms)).widen(-down(-abs(terms[-1])))

    angle = (16 * arctan(5) - 4 * arctan(239)) * 2 / k  # Machin's π; the angle is below 1.3
    term, parts = ZERO + 1, [ZERO, ZERO, ZERO, ZERO]
    for i in range(40):
        parts[i % 4] += term
        term = term * angle / (i + 1)
    cos, sin = [(parts[i] - parts[i + 2]).widen(2 * term.hi) for i in (0, 1)]  # the rest is below 2·term
    points = [(ZERO + 1, ZERO)]
    while len(points) < k:
        x, y = points[-1]
        points.append((x * cos - y * sin, x * sin + y * cos))
    return points


def polygon(
    system: System, vertices: list[int], positive: list[int], at: Fraction, start: list[Fraction], where: str
) -> list[Interval]:  # fmt: skip
    """Enclose the regular polygon (y, p) near a length and a bias: a zero of the gradient in these two.

    All other derivatives of L vanish there, as its rotations and reflections are symmetries at equal weights,
    and d/db (∫(μ − b)² + (c − 1) b²) = 0 at b = 1/(2c) for a column at zero.
    """
    w = {3 * j + h: 0 for j in positive for h in (0, 1)}
    turn, lift = [ZERO] * len(system.even), [ZERO] * len(system.even)  # dy/dl and dy/db
    base = [Interval.of(Fraction(1, 2 * system.c)) if b[0][0] % 3 == 2 else ZERO for b in system.even]
    places = {3 * j + h: x for j, point in zip(vertices, roots_of_unity(len(vertices)), strict=True)
              for h, x in enumerate(point)}  # fmt: skip
    for n, basis in enumerate(system.even):
        P = basis[0][0]
        if P in places:
            turn[n] = places[P]
        elif P not in w and P // 3 in vertices:
            lift[n], base[n] = ZERO + 1, ZERO
    parameter = Interval.of(at)

    def lifted(box: list[Interval]) -> list[Interval]:
        return [*(x + t * box[0] + s * box[1] for x, t, s in zip(base, turn, lift, strict=True)), parameter]

    middle = [Interval.of(x) for x in start]
    size = -down(-START)
    for _ in range(2):
        H = block(system.derivatives(lifted([x.widen(size) for x in middle]))[0], system.even)
        forms = [[dot(u, [dot(row, v) for row in H]) for v in (turn, lift)] for u in (turn, lift)]
        Y, sums, one = defect(forms)
        g = system.gradient(lifted(middle), False)
        step = applied(Y, [dot(turn, g), dot(lift, g)])
        off = [x.size() + -(-total * size // one) for x, total in zip(step, sums, strict=True)]
        require(max(off) < size, f"{where}: there is no regular polygon near start")
        size = max(off) + 1  # the image, about the same middle
        middle_of = [x - y for x, y in zip(middle, step, strict=True)]
        image = [x.widen(-(-total * size // one)) for x, total in zip(middle_of, sums, strict=True)]
    return lifted(image)


@dataclass
class Curve:
    """A branch that is proved."""

    name: str
    system: System | None  # None for a 4-gon, which stays where it is
    tubes: list[Tube]
    loss: tuple[Fraction, Fraction]  # 3L = q + r·p of a 4-gon
    said: list[str]
    open: bool = False  # not followed to an end


def shown(x: Interval) -> str:
    """Return an interval with digits that are right."""
    return f"[{math.nextafter(x.lo / ONE, -math.inf)!r}, {math.nextafter(x.hi / ONE, math.inf)!r}]"


def tube_of(data: Any, n: int, where: str) -> Tube:
    """Read a tube."""
    middle, tangent, half, radius, sense, count = keys(
        data, "middle tangent half radius sense negative", where
    )
    vectors = [[Interval.of(real(x, where)) for x in items(v, where, n + 1)] for v in (middle, tangent)]
    h, rho = real(half, where), real(radius, where)
    require(0 < rho < 1 and 0 < h < 16, f"{where}: half and radius must be positive")
    sense_ = integer(sense, -1, 1, f"{where}: sense")
    claimed = None if count is None else integer(count, 0, 3 * COLUMNS, f"{where}: negative")
    return Tube(*vectors, -down(-h), -down(-rho), down(rho), sense_, claimed)


def check_chain(
    body: Any, name: tuple[int, int], c: int, weights: Weights, first: int, limits: Any, where: str
) -> Curve:
    """Prove a chain of tubes."""
    names = "label role ends vertices positive mirror start tubes joins"
    label, role, ends_, _, _, mirror, start, data, joins = keys(body, names, where)
    vertices, positive = layout(body, *name, c, first, where)
    system = system_of(vertices, positive, mirror, weights, c, where)
    tubes = [
        tube_of(x, len(system.even), f"{where}: tube {i}")
        for i, x in enumerate(items(data, where, most=TUBES))
    ]
    require(bool(tubes) and type(joins) is str and len(joins) == len(tubes) - 1, f"{where}: tubes and joins")
    begin = [real(x, f"{where}: start") for x in items(start, f"{where}: start", 2)]
    point = polygon(system, vertices, positive, weights[2], begin, where)
    require(any(tube.holds(point) for tube in tubes), f"{where}: the regular polygon is in no tube")
    pieces: list[list[Piece]] = []
    depth = 0
    for i, tube in enumerate(tubes):
        found, depth = walk(system, tube, max(depth - 1, 0), f"{where}: tube {i}")
        pieces.append(found)
        if i == 0:
            continue
        at, one = f"{where}: tubes {i - 1} and {i}", tubes[i - 1]
        require(joins[i - 1] in "+-0", f"{at}: unknown join")
        # The zero of one tube at s is in the other; the curve, which is the same, must run the same way in both.
        source, target = (tube, one) if joins[i - 1] == "-" else (one, tube)
        s = {"+": one.half, "-": -tube.half, "0": 0}[joins[i - 1]]
        u = curve(system, source, s, target.holds)
        require(bool(u), f"{at} are not certainly joined")
        require(dot(target.tangent, u).lo > 0, f"{at}: the second one runs backwards")
    hulls = [reduce(lambda x, y: x.hull(y), (x.p for x in found)) for found in pieces]
    low, high = limits
    inner = all(low.lo <= x.hi and x.lo <= high.hi for x in hulls[1:-1])
    require(inner, f"{where}: range: the chain leaves it between its ends")
    told = []
    for tube, sign, end in zip(
        (tubes[0], tubes[-1]), (-1, 1), items(ends_, f"{where}: ends", 2), strict=True
    ):
        reached = {"lower": lambda z: z[-1].hi < low.lo, "upper": lambda z: z[-1].lo > high.hi}
        if end == "start":
            require(tube.holds(point), f"{where}: ends: it does not begin at the regular polygon")
        elif end is not None:
            require(type(end) is str and end in reached, f"{where}: ends are unknown")
            good = curve(system, tube, sign * tube.half, reached[end])
            require(good, f"{where}: ends: the {end} end of the range is not reached")
        told.append(
            {"lower": "below the range", "upper": "above the range", "start": "its start"}.get(end, "inside")
        )
    hull = reduce(lambda x, y: x.hull(y), hulls)
    said = [
        f"{label} ({role}): {len(tubes)} tubes hold one curve of critical points through the regular polygon, "
        f"from {told[0]} to {told[1]}, parameter within {shown(hull)}",
        *changes(tubes, hulls),
    ]
    return Curve(f"{label} ({role})", system, tubes, (Fraction(0), Fraction(0)), said, None in ends_)


def changes(tubes: list[Tube], hulls: list[Interval]) -> list[str]:
    """Say where sense and inertia are certain, and between which values of the parameter they change."""
    said = []
    for text, values, none in (
        ("way", [tube.sense or None for tube in tubes], None),
        ("negative eigenvalues", [tube.negative for tube in tubes], None),
    ):
        last, gap = none, []
        for value_, hull in zip(values, hulls, strict=True):
            if value_ is None:
                gap.append(hull)
                continue
            if last is not None and value_ != last[0]:
                where = shown(reduce(lambda x, y: x.hull(y), gap, last[1].hull(hull) if not gap else gap[0]))
                what = "the parameter turns round" if text == "way" else f"{text} {last[0]} → {value_}"
                said.append(f"{what} within {where}")
            last, gap = (value_, hull), []
        known = [x for x in values if x is not None]
        if text != "way" and known:
            said.append(
                f"{text}: {min(known)} to {max(known)}, certain on {len(known)} of {len(values)} tubes"
            )
    return said


def check_square(body: Any, name: tuple[int, int], c: int, weights: Weights, first: int, where: str) -> Curve:
    """Prove that the gradient of a 4-gon is zero for all p; then its loss is affine."""
    (
        label,
        role,
        _,
        _,
        _,
    ) = keys(body, "label role vertices positive switched", where)
    vertices, positive = layout({**body, "role": body["role"]}, *name, c, first, where)
    switched = [integer(x, 0, c - 1, where) for x in items(body["switched"], where, label.count("-"))]
    require(set(switched) <= set(vertices) and len(set(switched)) == len(switched), f"{where}: switched")
    W = [(0, 0)] * c
    for j, w in zip(vertices, ((1, 0), (0, 1), (-1, 0), (0, -1)), strict=True):
        W[j] = w
    b = [Fraction(1, 2 * c) if j in positive else Fraction(-1, 2) for j in range(c)]
    for j in vertices:
        b[j] = Fraction(-2 if j in switched else 0)
    p, importance, _ = weights
    total = [[Fraction(0)] * (3 * c + 1) for _ in range(2)]  # 3∇L and 3L, at p = 0 and their slopes
    for i in range(c):
        for j in range(c):
            a = Fraction(W[i][0] * W[j][0] + W[i][1] * W[j][1])
            off = b[j] <= 0 and a + b[j] <= 0
            require(off or min(b[j], a + b[j]) >= 0, f"{where}: no 4-gon")
            kind = "off" if off else "on"
            f, (fa, fb) = value(a, b[j], kind, i == j), slopes(a, b[j], kind, i == j)
            (x, u), (y, v) = p[i], importance[j]
            for row, w in zip(total, (x * y, x * v + u * y), strict=True):
                row[-1] += w * f
                row[3 * j + 2] += w * fb
                for h in (0, 1):
                    row[3 * i + h] += w * fa * W[j][h]
                    row[3 * j + h] += w * fa * W[i][h]
    require(
        not any(x for row in total for x in row[:-1]), f"{where}: the gradient is not zero for all weights"
    )
    q, r = (row[-1] for row in total)
    said = [f"{label} ({role}): the gradient is zero for all weights, L = {q / 3} + {r / 3} p"]
    return Curve(f"{label} ({role})", None, [], (q, r), said)


def loss_of(system: System, z: list[Interval]) -> tuple[Interval, Interval]:
    """Return 3L and 3∂L/∂p."""
    w = system.columns(z)
    loss, slope = ZERO, ZERO
    for j in set(range(system.c)) - set(system.used):
        at, rate = system.weights[j][j]
        loss, slope = loss + at + z[-1] * rate, slope + rate
    for i in system.used:
        for j in system.used:
            a = w[i][0] * w[j][0] + w[i][1] * w[j][1] if i != j else w[j][0].square() + w[j][1].square()
            (f,) = over(regions(a, w[j][2], i == j, False), lambda *x: (value(*x),), a, w[j][2], i == j)
            at, rate = system.weights[i][j]
            loss, slope = loss + (at + z[-1] * rate) * f, slope + rate * f
    return loss, slope


def crossing(one: Curve, two: Curve, point: list[Fraction], where: str) -> str:
    """Prove that two curves have the same loss at one value of the parameter, near a point (y, y′, p)."""
    curves = [x for x in (one, two) if x.system is not None]
    sizes = [len(x.system.even) for x in curves if x.system]
    n = sum(sizes) + 1
    require(len(point) == n, f"{where}: point must have {n} numbers")

    def parts(box: list[Interval]) -> list[tuple[System, list[Interval], int, int]]:
        cut = [0, *sizes]
        return [(x.system, [*box[sum(cut[: k + 1]): sum(cut[: k + 2])], box[-1]], sum(cut[: k + 1]), 1 - 2 * k)
                for k, x in enumerate(curves) if x.system]  # fmt: skip

    def evaluated(box: list[Interval]) -> tuple[list[Interval], list[list[Interval]]]:
        values, rows, last = [], [[ZERO] * n for _ in range(n)], [ZERO] * n
        q, r = two.loss
        difference = -(Interval.of(q) + Interval.of(r) * box[-1])
        last[-1] = -Interval.of(r)
        for system, z, start, sign in parts(box):
            A, _ = bordered(system, z, [])
            g, (loss, slope) = system.gradient(z, False), loss_of(system, z)
            values += g
            for s, row in enumerate(A[:-1]):
                rows[start + s][start : start + len(g)], rows[start + s][-1] = row[:-1], row[-1]
                last[start + s] = g[s] * sign
            difference, last[-1] = difference + loss * sign, last[-1] + slope * sign
        return [*values, difference], [*rows[:-1], last]

    middle, size = [Interval.of(x) for x in point], ONE >> 36
    Y, sums, one_ = defect(evaluated([x.widen(size) for x in middle])[1])
    step = applied(Y, evaluated(middle)[0])
    require(max(sums) < one_, f"{where}: the system is singular")
    off = [x.size() + -(-total * size // one_) for x, total in zip(step, sums, strict=True)]
    require(max(off) < size, f"{where}: there is no zero near the point")
    most = max(x.size() for x in step) * one_ // (one_ - max(sums)) + 1  # how far the zero is from the point
    box = [
        (x - y).widen(-(-total * most // one_) + 1) for x, y, total in zip(middle, step, sums, strict=True)
    ]
    for curve_, (_, z, _, _) in zip(curves, parts(box), strict=True):
        require(any(tube.holds(z) for tube in curve_.tubes), f"{where}: the point is not on {curve_.name}")
    return f"{one.name} and {two.name} have the same loss at a parameter within {shown(box[-1])}"


def check_parsed(data: Any) -> Report:
    """Check a parsed certificate; raise ValueError where it fails."""
    names = "format c parameter range branch others maxwell digest"
    form, c_, parameter, range_, branch, others, maxwell, digest = keys(data, names, "the certificate")
    require(form == FORMAT, "format is unknown")
    rest = {name: value for name, value in data.items() if name != "digest"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    require(digest == hashlib.sha256(text.encode("ascii")).hexdigest(), "digest is wrong")
    c = integer(c_, 4, COLUMNS, "c")
    weights, first = weights_of(parameter, c)
    low, high = (real(x, "range") for x in items(range_, "range", 2))
    require(0 < low <= weights[2] <= high and low < high, "range must contain the value at the start")
    limits, curves = (Interval.of(low), Interval.of(high)), []
    for where, body in [
        ("branch", branch),
        *((f"others {i}", x) for i, x in enumerate(items(others, "others"))),
    ]:
        label = body.get("label") if type(body) is dict else None
        good = type(label) is str and re.fullmatch(r"[1-9][0-9]?\+*-*", label)
        require(bool(good), f"{where}: label is malformed")
        k, sigma, phi = int(str(label).rstrip("+-")), str(label).count("+"), str(label).count("-")
        require(4 <= k and k + sigma <= c and phi <= (4 if k == 4 else 0), f"{where}: label is impossible")
        if k == 4:
            curves.append(check_square(body, (k, sigma), c, weights, first, where))
        else:
            curves.append(check_chain(body, (k, sigma), c, weights, first, limits, where))
    said = [text for x in curves for text in x.said]
    for i, item in enumerate(items(maxwell, "maxwell")):
        at = f"maxwell {i}"
        index, point = keys(item, "other point", at)
        two = curves[1 + integer(index, 0, len(curves) - 2, f"{at}: other")]
        require(curves[0].system is not None, f"{at}: the branch must be followed")
        said.append(crossing(curves[0], two, [real(x, at) for x in items(point, at)], at))
    said.append(
        "not checked: where exactly folds, branch points and regions' borders are; that no Maxwell point is missing"
    )
    label = f"{curves[0].name} over {parameter}"
    return Report("UNDECIDED" if any(x.open for x in curves) else "PROVED", label, said)


def check(certificate: str | bytes | dict[str, Any]) -> Report:
    """Check a certificate, given as JSON or as a dictionary; nothing raises, every error rejects."""
    label = ""
    try:
        if isinstance(certificate, bytes):
            certificate = certificate.decode()
        data = parse(certificate if isinstance(certificate, str) else json.dumps(certificate))
        found = (
            data["branch"]["label"] if isinstance(data, dict) and type(data.get("branch")) is dict else None
        )
        label = found[:40] if isinstance(found, str) else ""
        return check_parsed(data)
    except Exception as error:  # nothing that goes wrong may count as a proof
        return Report("REJECTED", label, reason=str(error)[:300] or type(error).__name__)


def main(argv: list[str] | None = None) -> int:
    """Check the files named on the command line, one line of output for each."""
    parser = argparse.ArgumentParser(prog="check_branch", description="Verify branches proved by kgon.")
    parser.add_argument("files", nargs="+", metavar="file.json")
    status = 0
    for name in parser.parse_args(argv).files:
        try:
            report = check(Path(name).read_bytes())
        except OSError as error:
            print(f"{name}: cannot be read: {error.strerror}", file=sys.stderr)
            status = 2
            continue
        said = report.reason or "; ".join(report.claims)
        print(ascii(f"{name}: {report.verdict} {said}")[1:-1])
        status = max(status, int(report.verdict != "PROVED"))
    return status


if __name__ == "__main__":
    sys.exit(main())
