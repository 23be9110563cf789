"""The loss of six columns with a mirror axis, to many digits, for section 6 of derivation 4.

Only the closed forms of derivation 1 are shared with the package.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import sympy as sp

from kgon.potential.symbolic import DIAG_REGIONS, OFF_REGIONS, a, b, diag_integral, off_integral

Vector = list[Any]
Matrix = list[list[Any]]
Basis = tuple[tuple[tuple[int, int, int], ...], ...]
"""Coordinates as sums of entries (column, 0, 1 or 2 for x, y, b; sign) of the six columns."""

EVEN: Basis = (
    ((0, 0, 1),), ((0, 2, 1),), ((3, 0, 1),), ((3, 2, 1),),
    ((1, 0, 1), (5, 0, 1)), ((1, 1, 1), (5, 1, -1)), ((1, 2, 1), (5, 2, 1)),
    ((2, 0, 1), (4, 0, 1)), ((2, 1, 1), (4, 1, -1)), ((2, 2, 1), (4, 2, 1)),
)  # fmt: skip
"""The even coordinates."""
ODD: Basis = (
    ((3, 1, 1),),
    ((1, 0, 1), (5, 0, -1)), ((1, 1, 1), (5, 1, 1)), ((1, 2, 1), (5, 2, -1)),
    ((2, 0, 1), (4, 0, -1)), ((2, 1, 1), (4, 1, 1)), ((2, 2, 1), (4, 2, -1)),
)  # fmt: skip
"""The odd ones, without the rotation: y of column 0 stays 0."""


def _jets(kind: str) -> dict[str, Callable[..., Vector]]:
    regions = OFF_REGIONS if kind == "off" else DIAG_REGIONS
    forms = {}
    for region in regions:
        value = off_integral(region) if kind == "off" else diag_integral(region)
        entries = [value, *(sp.diff(value, *v) for v in ((a,), (b,), (a, a), (a, b), (b, b)))]
        forms[region.name] = sp.lambdify((a, b), [sp.together(x) for x in entries], modules="mpmath")
    return forms


_JETS = {kind: _jets(kind) for kind in ("off", "diag")}


def jet(kind: str, slope: Any, bias: Any) -> Vector:
    """off or diag and its derivatives (f, a, b, aa, ab, bb), in the region decided by comparison."""
    name = {
        (True, True): "on", (False, True): "rising", (True, False): "falling", (False, False): "off",
    }[bool(bias > 0), bool(slope + bias > 0)]  # fmt: skip
    if name == "off":
        return [mpmath.mpf(0) if kind == "off" else mpmath.mpf(1) / 3, *[mpmath.mpf(0)] * 5]
    return [mpmath.mpf(x) for x in _JETS[kind][name](slope, bias)]


def columns(y: Sequence[Any]) -> Matrix:
    """x, y and b of each of the six columns, from their even coordinates."""
    found = [[mpmath.mpf(0)] * 3 for _ in range(6)]
    for value, entries in zip(y, EVEN, strict=True):
        for column, place, sign in entries:
            found[column][place] = sign * value
    return found


def loss(y: Sequence[Any], importance: Any) -> tuple[Any, Vector, Matrix]:
    """L with column 0's importance, its gradient and its Hessian in all 18 coordinates."""
    at = columns(y)
    weights = [importance, *[mpmath.mpf(1)] * 5]
    total = mpmath.mpf(0)
    gradient = [mpmath.mpf(0)] * 18
    hessian = [[mpmath.mpf(0)] * 18 for _ in range(18)]
    for j in range(6):
        for i in range(6):
            weight = weights[j] / 6
            slope = at[i][0] * at[j][0] + at[i][1] * at[j][1]
            f, fa, fb, faa, fab, fbb = (weight * x for x in jet("diag" if i == j else "off", slope, at[j][2]))
            total += f
            first: dict[int, Any] = {}
            for k in (0, 1):
                for index, value in ((3 * i + k, at[j][k]), (3 * j + k, at[i][k])):
                    first[index] = first.get(index, mpmath.mpf(0)) + value
                hessian[3 * i + k][3 * j + k] += fa
                hessian[3 * j + k][3 * i + k] += fa
            place = 3 * j + 2
            for s, value in first.items():
                gradient[s] += fa * value
                hessian[s][place] += fab * value
                hessian[place][s] += fab * value
                for t, other in first.items():
                    hessian[s][t] += faa * value * other
            gradient[place] += fb
            hessian[place][place] += fbb
    return total, gradient, hessian


def projected(basis: Basis, vector: Vector) -> Vector:
    """The coordinates Eᵀv of a vector of all 18 entries on a basis E."""
    return [sum(sign * vector[3 * column + k] for column, k, sign in entries) for entries in basis]


def block(basis: Basis, matrix: Matrix) -> Matrix:
    """The block EᵀHE of a matrix of all 18 × 18 entries on a basis E."""
    half = [projected(basis, row) for row in matrix]
    return [projected(basis, [half[s][t] for s in range(18)]) for t in range(len(basis))]


def slopes(y: Sequence[Any], importance: Any) -> tuple[Any, Vector, Matrix]:
    """∂L/∂I, ∂∇L/∂I on the even coordinates, and ∂H/∂I, from two importances (L is affine in I)."""
    low, high = loss(y, importance), loss(y, importance + 1)
    change = [x - z for x, z in zip(high[1], low[1], strict=True)]
    turn = [[x - z for x, z in zip(u, w, strict=True)] for u, w in zip(high[2], low[2], strict=True)]
    return high[0] - low[0], projected(EVEN, change), turn


def newton(function: Callable[[Vector], tuple[Vector, Matrix]], start: Sequence[Any], digits: int) -> Vector:
    """Newton's method until a step is smaller than 10^−digits.

    Raises
    ------
    AssertionError
        It does not settle.
    """
    z = [mpmath.mpf(x) for x in start]
    for _ in range(40):
        values, matrix = function(z)
        move = mpmath.lu_solve(mpmath.matrix(matrix), mpmath.matrix(values))
        z = [x - move[k] for k, x in enumerate(z)]
        if max(abs(x) for x in move) < mpmath.mpf(10) ** -digits:
            return z
    raise AssertionError("Newton's method does not settle")


def critical(start: Sequence[Any], importance: Any, digits: int) -> Vector:
    """The critical point with the mirror symmetry near a start, at one importance."""

    def function(y: Vector) -> tuple[Vector, Matrix]:
        _, gradient, hessian = loss(y, importance)
        return projected(EVEN, gradient), block(EVEN, hessian)

    return newton(function, start, digits)


def equal_loss(start: Sequence[Any], line: Callable[[Any], Any], slope: Any, digits: int) -> Vector:
    """The pair (y, I) near a start at which y is critical and its loss lies on a line of that slope."""

    def function(z: Vector) -> tuple[Vector, Matrix]:
        y, importance = z[:-1], z[-1]
        value, gradient, hessian = loss(y, importance)
        rise, side, _ = slopes(y, importance)
        even = projected(EVEN, gradient)
        matrix = [[*row, s] for row, s in zip(block(EVEN, hessian), side, strict=True)]
        return [*even, value - line(importance)], [*matrix, [*even, rise - slope]]

    return newton(function, start, digits)


def singular(start: Sequence[Any], null: Sequence[Any], odd: bool, digits: int) -> Vector:
    """The triple (y, I, v) at which y is critical and H v = 0, |v| = 1, on the even (or odd) coordinates.

    The derivative of H along y is a central difference with a step of 10^−(digits/2): it only guides Newton.
    """
    basis = ODD if odd else EVEN
    n = len(EVEN)
    step = mpmath.mpf(10) ** -(digits // 2)

    def function(z: Vector) -> tuple[Vector, Matrix]:
        y, importance, v = z[:n], z[n], z[n + 1 :]
        _, gradient, hessian = loss(y, importance)
        second = block(basis, hessian)
        _, side, turn = slopes(y, importance)
        applied = mpmath.matrix(second) * mpmath.matrix(v)
        columns_ = []
        for k in range(n):
            ends = []
            for sign in (1, -1):
                moved = [x + sign * step * (s == k) for s, x in enumerate(y)]
                ends.append(mpmath.matrix(block(basis, loss(moved, importance)[2])) * mpmath.matrix(v))
            columns_.append((ends[0] - ends[1]) / (2 * step))
        along = mpmath.matrix(block(basis, turn)) * mpmath.matrix(v)
        m = len(basis)
        zeros = [mpmath.mpf(0)] * m
        matrix = [[*row, s, *zeros] for row, s in zip(block(EVEN, hessian), side, strict=True)]
        matrix += [[*(x[t] for x in columns_), along[t], *second[t]] for t in range(m)]
        matrix.append([mpmath.mpf(0)] * (n + 1) + [2 * x for x in v])
        norm = sum(x * x for x in v) - 1
        return [*projected(EVEN, gradient), *list(applied), norm], matrix

    return newton(function, [*start, *null], digits)
