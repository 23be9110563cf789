"""Three times the gradient, the Hessian and the loss, on the mirror-symmetric points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..curvature import Basis, Pair, hessian
from ..intervals import Interval96 as Interval
from ..intervals import dot
from ..pairs import over, regions, slopes, value
from ..reading import require

Vector = list[Any]


@dataclass(frozen=True)
class System:
    """∇L = 0 on the points that are mirror images of themselves, over a parameter of the weights.

    Of two pairs of columns that are mirror images of each other one is evaluated, with twice the weight: on
    symmetric vectors both have the same derivatives, and on antisymmetric ones the same second derivatives.
    """

    c: int
    used: list[int]
    gauge: int
    weights: dict[tuple[int, int], tuple[Interval, Interval]]  # of pairs: at p = 0, and the slope
    idle: tuple[Interval, Interval]  # of the columns that take no part, together
    even: Basis
    odd: Basis

    def columns(self, y: Vector) -> list[Vector]:
        """Return W_0j, W_1j, b_j of all columns, if the gauge is fixed and idle columns take no part."""
        columns = [[y[0] * 0] * 3 for _ in range(self.c)]
        for basis, x in zip(self.even, y, strict=False):
            for place, sign in basis:
                columns[place // 3][place % 3] = x if sign > 0 else -x
        require(columns[self.gauge][0].range.lo > 0, "the column on the axis may vanish")
        quiet = len(self.used) == self.c or all(columns[j][2].range.hi < 0 for j in self.used)
        require(quiet, "a column that takes no part may begin to")
        return columns

    def pairs(self, columns: list[Vector], smooth: bool) -> list[Pair]:
        """Return all pairs that are not certainly off."""
        found = []
        for i, j in self.weights:
            a = slope_of(columns, i, j)
            names = regions(a.range, columns[j][2].range, i == j, smooth)
            if names != ["off"]:
                found.append((i, j, a, names))
        return found

    def weight(self, i: int, j: int, p: Any) -> Any:
        """Return the weight of a pair at a value of the parameter."""
        at, slope = self.weights[i, j]
        return p * slope + at

    def on_even(self, g: Vector) -> Vector:
        """Return the components of a vector of all places along the symmetric ones."""
        return [sum(g[place] * sign for place, sign in basis) for basis in self.even]

    def weighted_slopes(self, columns: list[Vector], terms: list[tuple[Pair, Any]]) -> Vector:
        """Return the first derivatives of a weighted sum of pair terms, in all places."""
        g = [columns[0][0] * 0] * (3 * self.c)
        for (i, j, a, names), weight in terms:
            first, bias = over(names, slopes, a, columns[j][2], i == j)
            first = first * weight
            for h in (0, 1):
                g[3 * i + h] += first * columns[j][h]
                g[3 * j + h] += first * columns[i][h]
            g[3 * j + 2] += bias * weight
        return g

    def gradient(self, z: Vector, smooth: bool) -> Vector:
        """Return 3∇L on the symmetric points at (y, p), of intervals or of series along a chord."""
        columns = self.columns(z)
        terms = [(pair, self.weight(*pair[:2], z[-1])) for pair in self.pairs(columns, smooth)]
        return self.on_even(self.weighted_slopes(columns, terms))

    def derivatives(self, z: Vector, smooth: bool) -> tuple[list[Vector], Vector]:
        """Return 3H (upper triangle) on symmetric and antisymmetric vectors, 3∂∇L/∂p on symmetric ones."""
        columns = self.columns(z)
        pairs = self.pairs(columns, smooth)
        H = hessian(columns, [(pair, self.weight(*pair[:2], z[-1])) for pair in pairs])
        rates = [(pair, self.weights[pair[:2]][1]) for pair in pairs]
        slope = self.weighted_slopes(columns, [(pair, rate) for pair, rate in rates if rate.size()])
        return H, self.on_even(slope)

    def loss(self, z: Vector) -> tuple[Any, Any]:
        """Return 3L and 3∂L/∂p."""
        columns, p = self.columns(z), z[-1]
        at, slope = self.idle
        loss = at + p * slope
        for (i, j), (_, rate) in self.weights.items():
            a, b = slope_of(columns, i, j), columns[j][2]
            (f,) = over(regions(a, b, i == j, False), lambda *x: (value(*x),), a, b, i == j)
            loss, slope = loss + self.weight(i, j, p) * f, slope + rate * f
        return loss, slope


def slope_of(columns: list[Vector], i: int, j: int) -> Any:
    """Return W_i·W_j."""
    if i == j:
        return columns[i][0].square() + columns[i][1].square()
    return dot(columns[i][:2], columns[j][:2])
