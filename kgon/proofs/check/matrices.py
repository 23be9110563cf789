"""Matrices of intervals: inertia, and Krawczyk's theorem with an approximate inverse.

Approximate inverses and congruences are computed in floats; they need not be good for a proof to be right.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from operator import mul
from typing import Any

from .reading import require

Matrix = list[list[int]]
Intervals = Sequence[Sequence[Any]]
SCALE = 1 << 48  # what is one in approximate inverses and congruences
SWEEPS = 8  # over all pairs of rows, until eigenvectors are known


def product(A: Matrix, B: Matrix) -> Matrix:
    """Return the matrix product A B."""
    turned = transposed(B)
    return [[sum(map(mul, row, column)) for column in turned] for row in A]


def transposed(A: Matrix) -> Matrix:
    """Return the transpose."""
    return [[*column] for column in zip(*A, strict=True)]


def absolute(A: Matrix) -> Matrix:
    """Return the absolute values."""
    return [[*map(abs, row)] for row in A]


def twice(A: Intervals) -> tuple[Matrix, Matrix]:
    """Return a matrix of intervals as centres ± radii, in half units."""
    return [[x.lo + x.hi for x in row] for row in A], [[x.hi - x.lo for x in row] for row in A]


def middles(A: Intervals) -> list[list[float]]:
    """Return the middles of intervals in floats."""
    return [[(x.lo + x.hi) / (2 * x.one) for x in row] for row in A]


def rounded(A: list[list[float]]) -> Matrix:
    """Return multiples of 1/SCALE."""
    return [[round(x * SCALE) for x in row] for row in A]


def signs(C: Matrix, A: Intervals) -> list[int]:
    """Return the sign of each diagonal entry of C A Cᵀ that outweighs its row for all matrices in A, else 0.

    If none is 0, these are the signs of the eigenvalues of every symmetric matrix in A.
    """
    (centres, radii), size = twice(A), absolute(C)
    across = product(C, product(centres, transposed(C)))
    spread = product(size, product(radii, transposed(size)))
    rest = [sum(map(abs, x)) - abs(x[i]) + sum(spread[i]) for i, x in enumerate(across)]
    return [(x[i] > rest[i]) - (x[i] < -rest[i]) for i, x in enumerate(across)]


def negative(H: Intervals) -> int | None:
    """Return the number of negative eigenvalues of all symmetric matrices in H; None if it is not certain."""
    for basis in (congruence, eigenvectors):  # the second costs more, and is certain more often
        C = basis(middles(H))
        found = [0] if C is None else signs(rounded(C), H)
        if 0 not in found:
            return found.count(-1)
    return None


def congruence(H: list[list[float]]) -> list[list[float]] | None:
    """Return C with C H Cᵀ = ±1 on the diagonal, by elimination; None if a pivot is zero."""
    n, left, rows = len(H), list(range(len(H))), H
    C = [[float(i == j) for j in range(n)] for i in range(n)]
    while left:  # the largest diagonal entry is the pivot, on both sides
        k = max(left, key=lambda i: abs(rows[i][i]))
        if rows[k][k] == 0:
            return None
        left.remove(k)
        for i in left:
            x = rows[i][k] / rows[k][k]
            rows[i] = [p - x * q for p, q in zip(rows[i], rows[k], strict=True)]
            C[i] = [p - x * q for p, q in zip(C[i], C[k], strict=True)]
        C[k] = [x * abs(rows[k][k]) ** -0.5 for x in C[k]]
    return C


def eigenvectors(H: list[list[float]]) -> list[list[float]] | None:
    """Return C with orthogonal rows and C H Cᵀ about ±1 on the diagonal; None if an eigenvalue is zero."""
    n = len(H)
    H, V = [[*row] for row in H], [[float(i == j) for j in range(n)] for i in range(n)]
    for p, q in SWEEPS * list(combinations(range(n), 2)):  # Jacobi's rotations
        gap = H[q][q] - H[p][p]
        angle = math.atan2(2 * math.copysign(1, gap) * H[p][q], abs(gap)) / 2
        cos, sin = math.cos(angle), math.sin(angle)
        for rows in (H, V):
            pairs = list(zip(rows[p], rows[q], strict=True))
            rows[p], rows[q] = [cos * x - sin * y for x, y in pairs], [sin * x + cos * y for x, y in pairs]
        for row in H:
            row[p], row[q] = cos * row[p] - sin * row[q], sin * row[p] + cos * row[q]
    if not all(H[i][i] for i in range(n)):
        return None
    return [[x * abs(H[i][i]) ** -0.5 for x in row] for i, row in enumerate(V)]


def inverse(A: list[list[float]]) -> list[list[float]]:
    """Return the inverse, by elimination."""
    n = len(A)
    rows = [[*row, *(float(i == j) for j in range(n))] for i, row in enumerate(A)]
    for k in range(n):
        best = max(range(k, n), key=lambda i: abs(rows[i][k]))
        rows[k], rows[best] = rows[best], rows[k]
        require(rows[k][k] != 0, "a matrix is singular")
        top = [x / rows[k][k] for x in rows[k]]
        rows = [[x - row[k] * y for x, y in zip(row, top, strict=True)] for row in rows]
        rows[k] = top
    return [row[n:] for row in rows]


@dataclass(frozen=True)
class Contraction:
    """An approximate inverse Y of all matrices in A, and bounds of the row sums of |I − Y A|."""

    Y: Matrix
    scale: int  # what is one in Y
    sums: list[int]
    one: int  # what is one in the sums

    @classmethod
    def of(cls, A: Intervals, Y: Matrix | None = None, scale: int = SCALE) -> Contraction:
        """Bound |I − Y A|, with an inverse of the middle of A if none is given."""
        Y, one, (centres, radii) = Y or rounded(inverse(middles(A))), 2 * scale * A[0][0].one, twice(A)
        rows = zip(product(Y, centres), product(absolute(Y), radii), strict=True)
        sums = [sum(map(abs, x)) - abs(x[i]) + abs(one - x[i]) + sum(r) for i, (x, r) in enumerate(rows)]
        return cls(Y, scale, sums, one)

    @property
    def good(self) -> bool:
        """Whether |I − Y A| < 1 in the maximum norm: every matrix in A is invertible."""
        return max(self.sums) < self.one

    def defects(self, size: int) -> list[int]:
        """Bound the components of (I − Y A) x for |x| ≤ size."""
        return [-(-total * size // self.one) for total in self.sums]

    def applied(self, values: list[Any]) -> list[Any]:
        """Return Y v."""
        sums = (sum(v * y for v, y in zip(values, row, strict=True)) for row in self.Y)
        return [type(x)(x.lo // self.scale, -(-x.hi // self.scale)) for x in sums]

    def image(self, middle: list[Any], values: list[Any], size: int) -> list[Any]:
        """Return the Krawczyk image of |x − middle| ≤ size: every zero there of what has these values."""
        moved = zip(middle, self.applied(values), self.defects(size), strict=True)
        return [(x - y).widen(defect) for x, y, defect in moved]
