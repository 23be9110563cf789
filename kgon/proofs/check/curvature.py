"""The second derivatives of the loss of columns in intervals, or in series along a chord."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .pairs import curvatures, over, slopes

Rows = list[list[Any]]  # of intervals, or of series along a chord
Pair = tuple[int, int, Any, list[str]]  # input i, output j, W_i·W_j, the regions that it may be in
Basis = list[list[tuple[int, int]]]  # vectors: places 3j + (0, 1, 2) of W_j, b_j, each with a sign


def hessian(columns: Rows, terms: Iterable[tuple[Pair, Any]]) -> Rows:
    """Enclose the upper triangle of three times the Hessian of Σ weight·pair term, in all places."""
    zero, size = columns[0][0] * 0, 3 * len(columns)
    H = [[zero] * size for _ in range(size)]
    by_product: dict[tuple[int, int], tuple[Any, Any]] = {}  # both derivatives, of the pairs i, j and j, i
    for (i, j, a, names), weight in terms:
        same, b, bias = i == j, columns[j][2], 3 * j + 2
        first, _ = over(names, slopes, a, b, same)
        second, mixed, last = (x * weight for x in over(names, curvatures, a, b, same))
        one, two = by_product.get((min(i, j), max(i, j)), (zero, zero))
        by_product[min(i, j), max(i, j)] = one + first * weight, two + second
        for place, x in slope_of_product(columns, i, j).items():
            H[min(place, bias)][max(place, bias)] += mixed * x
        H[bias][bias] += last
    for (i, j), (first, second) in by_product.items():
        slope = slope_of_product(columns, i, j)
        for P, x in slope.items():
            along = second * x
            for Q, y in slope.items():
                if P <= Q:
                    H[P][Q] += along * y if P < Q else second * x.square()
        for h in (0, 1):
            H[3 * i + h][3 * j + h] += first * (1 + (i == j))
    return H


def slope_of_product(columns: Rows, i: int, j: int) -> dict[int, Any]:
    """Return the derivatives of W_i·W_j by their places."""
    if i == j:
        return {3 * i + h: columns[i][h] * 2 for h in (0, 1)}
    return {3 * k + h: columns[other][h] for k, other in ((i, j), (j, i)) for h in (0, 1)}


def block(H: Rows, basis: Basis) -> Rows:
    """Return the Hessian on the span of a basis, from its upper triangle."""
    n = len(basis)
    out: Rows = [[None] * n for _ in range(n)]
    for s in range(n):
        for t in range(s, n):
            entries = (H[min(P, Q)][max(P, Q)] * (e * f) for P, e in basis[s] for Q, f in basis[t])
            out[s][t] = out[t][s] = sum(entries)
    return out
