"""Three times the gradient, the Hessian and the loss, on the mirror-symmetric points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..intervals import ZERO, Interval
from ..reading import require
from .pairs import curvatures, over, regions, slopes, value

Basis = list[list[tuple[int, int]]]


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
