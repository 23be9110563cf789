"""Matrices of integers; approximate inverses and congruences in floats, which need not be good."""

from __future__ import annotations

from operator import mul

from ..intervals import BITS, ONE, ZERO, Interval
from ..reading import require

SHIFT = 48  # entries of approximate inverses are multiples of 2^-SHIFT
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
