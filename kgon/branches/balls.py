"""The systems of ``kgon.branches.systems`` in balls: L, ∇L, its Hessian and one derivative of that.

Where a ball lies on a border of two regions the hull over both is taken.  That encloses the derivatives
wherever they exist, and the generalised ones at kinks; where W_i·W_j and b_j may both vanish there is no
bound, nor for third derivatives where the second ones jump.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, arb_mat, fmpq

from kgon.base.verdicts import UndecidedError
from kgon.branches.systems import CriticalPoints, subspaces
from kgon.potential.kernels import _generated

Jet = list[Any]
"""f, f_a, f_b, f_aa, f_ab, f_bb and f_aaa, f_aab, f_abb, f_bbb of three times a pair integral."""
Bend = list[tuple[int, int, int]]
"""Second derivatives of a = W_i·W_j in a pair's coordinates: (place, place, value)."""
COUNTS = {False: 6, True: 10}
"""Entries of a jet without and with third derivatives."""


def rational(x: Fraction) -> fmpq:
    """A fraction as python-flint has them."""
    return fmpq(x.numerator, x.denominator)


def _jet_in(kind: str, region: str, a: arb, b: arb, third: bool) -> Jet:
    if region == "off":
        return [int(kind == "diag"), *[0] * (COUNTS[third] - 1)]
    t = {"on": 1, "rising": (a + b) / a, "falling": -b / a}[region]
    found = list(getattr(_generated, f"{kind}_{region}")(a, b, t))
    if third:
        high = f"{kind}_{region}_high"
        found += getattr(_generated, high)(a, b, t)[:4] if hasattr(_generated, high) else [0] * 4
    return found


def pair_jet(kind: str, a: arb, b: arb, *, third: bool = False) -> Jet:
    """Enclosure of the jet of ``off`` or ``diag`` over a ball of (a, b)."""
    end = a + b
    bias = [sign for sign, excluded in ((1, b < 0), (-1, b > 0)) if not excluded]
    ends = [sign for sign, excluded in ((1, end < 0), (-1, end > 0)) if not excluded]
    names = {(1, 1): "on", (-1, -1): "off", (-1, 1): "rising", (1, -1): "falling"}
    regions = [names[x, y] for x in bias for y in ends]
    if kind == "diag":  # a = ‖W_j‖² ≥ 0
        regions = [x for x in regions if x != "falling"]
    if len(regions) > 1 and a.contains(0):
        raise UndecidedError("a pair may lie at W_i·W_j = b_j = 0, where L has no second derivative")
    if third and kind == "diag" and len(set(ends)) > 1:
        raise UndecidedError("a column may lie at ‖W_j‖² + b_j = 0, where the second derivatives jump")
    jets = [_jet_in(kind, x, a, b, third) for x in regions]
    if len(jets) == 1:
        return jets[0]
    hull = [arb(x) for x in jets[0]]
    for other in jets[1:]:
        hull = [x.union(arb(y)) for x, y in zip(hull, other, strict=True)]
    return hull


@dataclass(frozen=True, slots=True)
class Enclosure:
    """Enclosures at a ball of points; vectors and matrices in the unknowns of the whole system.

    Attributes
    ----------
    loss, loss_slope : arb
        L and ∂L/∂p.
    gradient, slope : arb_mat, (n, 1)
        ∇L and ∂∇L/∂p.
    hessian, hessian_slope : arb_mat, (n, n)
        H and ∂H/∂p.
    turn : arb_mat or None, (n, n)
        dH along a vector v, if one was given.
    """

    loss: arb
    loss_slope: arb
    gradient: arb_mat
    slope: arb_mat
    hessian: arb_mat
    hessian_slope: arb_mat
    turn: arb_mat | None


class Balls:
    """A system in balls; its unknowns are coordinates of the mirror-symmetric subspace, if there is one.

    Critical points of L on the subspace are critical points of L (symmetric criticality), and there a
    branch passes without trouble the points where only the symmetry breaks.

    Parameters
    ----------
    system : CriticalPoints

    Attributes
    ----------
    even, odd : arb_mat
        Integer bases, (n, m) and (n, n − m), of the symmetric and the antisymmetric vectors.
    """

    def __init__(self, system: CriticalPoints) -> None:
        self.system = system
        even, odd = subspaces(system.reflection())
        self._even, self._odd = even, odd
        self.even, self.odd = arb_mat(even.tolist()), (arb_mat(odd.tolist()) if odd.size else None)
        self.size = even.shape[1]
        at, slope = system.parameter.affine()
        self._affine = [[[rational(x) for x in part] for part in weights] for weights in (at, slope)]
        self._place = {index: k for k, index in enumerate(system.order)}
        self._fixed = [[arb(float(row[j])) for row in (*system.W, system.b)] for j in range(len(system.b))]

    def null_vector(self, v: np.ndarray, *, odd: bool) -> np.ndarray:
        """Unit coordinates of the part of v in one of the two subspaces."""
        basis = self._odd if odd else self._even
        found = basis.T @ v / np.sum(basis**2, axis=0)
        return np.asarray(found / np.linalg.norm(found))

    def project(self, x: np.ndarray) -> np.ndarray:
        """Coordinates y of the symmetric part of x."""
        return np.asarray(self._even.T @ x / np.sum(self._even**2, axis=0))

    def lift(self, y: np.ndarray) -> np.ndarray:
        """x of coordinates y."""
        return np.asarray(self._even @ y)

    def columns(self, y: Sequence[arb]) -> list[list[arb]]:
        """W_0j, W_1j and b_j of every column."""
        x = self.even * arb_mat([[value] for value in y])
        values = [list(column) for column in self._fixed]
        for (j, i), k in self._place.items():
            values[j][i] = x[k, 0]
        return values

    def _weights(self, p: arb) -> tuple[list[list[arb]], list[list[arb]]]:
        """p_i I_j and its derivative."""
        # Rounded here and not once for all: balls are as good as the precision at which they are made.
        (p0, i0), (dp, di) = ([[arb(x) for x in part] for part in weights] for weights in self._affine)
        chance = [x + p * y for x, y in zip(p0, dp, strict=True)]
        importance = [x + p * y for x, y in zip(i0, di, strict=True)]
        weights = [[x * y for y in importance] for x in chance]
        slopes = [
            [x * v + u * y for y, v in zip(importance, di, strict=True)]
            for x, u in zip(chance, dp, strict=True)
        ]
        return weights, slopes

    def evaluate(self, y: Sequence[arb], p: arb, *, along: arb_mat | None = None) -> Enclosure:
        """Enclosures at (y, p); with ``along`` (n, 1) also the derivative of H in that direction."""
        columns = self.columns(y)
        if not columns[self.system.gauge][0] > 0:
            raise UndecidedError("the column that is held on the axis may vanish: rotations are not fixed")
        weights, slopes = self._weights(p)
        n, c = len(self.system.order), len(columns)
        H, K = ([[arb(0)] * n for _ in range(n)] for _ in range(2))
        T = [[arb(0)] * n for _ in range(n)]
        loss = slope = arb(0)
        gradient, gradient_slope = [arb(0)] * n, [arb(0)] * n
        for j in range(c):
            if j in self.system.idle:
                if not columns[j][2] < 0:
                    raise UndecidedError(f"column {j} may take part")
                loss, slope = loss + weights[j][j], slope + slopes[j][j]
                continue
            for i in range(c):
                if i in self.system.idle:
                    if not columns[j][2] < 0:
                        raise UndecidedError(f"column {i} may reach output {j}")
                    continue
                kind = "diag" if i == j else "off"
                a = columns[i][0] * columns[j][0] + columns[i][1] * columns[j][1]
                if i == j:
                    a = abs(a).nonnegative_part()
                jet = pair_jet(kind, a, columns[j][2], third=along is not None)
                if kind == "off" and not any(isinstance(x, arb) for x in jet[:3]) and not any(jet[:3]):
                    continue
                index, U, bend = self._chart(columns, i, j)
                w, dw = weights[i][j], slopes[i][j]
                loss, slope = loss + w * jet[0], slope + dw * jet[0]
                local = _second(jet, U, bend)
                turned = (
                    None
                    if along is None
                    else _third(jet, U, bend, [along[k, 0] if k >= 0 else arb(0) for k in index])
                )
                size = len(index)
                for s in range(size):
                    ks = index[s]
                    if ks < 0:
                        continue
                    g = jet[1] * U[s] if s < size - 1 else arb(jet[2])
                    gradient[ks] += w * g
                    gradient_slope[ks] += dw * g
                    for t in range(size):
                        kt = index[t]
                        if kt < 0:
                            continue
                        H[ks][kt] += w * local[s][t]
                        K[ks][kt] += dw * local[s][t]
                        if turned is not None:
                            T[ks][kt] += w * turned[s][t]
        third = arb(3)

        def vector(values: list[arb]) -> arb_mat:
            return arb_mat([[x / third] for x in values])

        def matrix(values: list[list[arb]]) -> arb_mat:
            return arb_mat([[x / third for x in row] for row in values])

        return Enclosure(
            loss=loss / 3, loss_slope=slope / 3, gradient=vector(gradient), slope=vector(gradient_slope),
            hessian=matrix(H), hessian_slope=matrix(K), turn=None if along is None else matrix(T),
        )  # fmt: skip

    def _chart(
        self, columns: list[list[arb]], i: int, j: int
    ) -> tuple[list[int], list[arb], list[tuple[int, int, int]]]:
        """Places of a pair's coordinates, the gradient of a = W_i·W_j in them, and its second derivative."""
        if i == j:
            index = [self._place.get((j, h), -1) for h in range(3)]
            return index, [2 * columns[j][0], 2 * columns[j][1], arb(0)], [(0, 0, 2), (1, 1, 2)]
        index = [self._place.get((i, h), -1) for h in (0, 1)] + [
            self._place.get((j, h), -1) for h in range(3)
        ]
        gradient = [columns[j][0], columns[j][1], columns[i][0], columns[i][1], arb(0)]
        return index, gradient, [(0, 2, 1), (2, 0, 1), (1, 3, 1), (3, 1, 1)]


def _second(jet: Jet, U: list[arb], bend: Bend) -> list[list[arb]]:
    """Second derivatives of f(a(u), b) in the pair's coordinates u, the last of which is b."""
    _, fa, _, faa, fab, fbb = jet[:6]
    last = len(U) - 1
    local = [[faa * x * y for y in U] for x in U]
    for s in range(last):
        local[s][last] = local[last][s] = fab * U[s]
    local[last][last] = arb(fbb)
    for s, t, factor in bend:
        local[s][t] = local[s][t] + factor * fa
    return local


def _third(jet: Jet, U: list[arb], bend: Bend, v: list[arb]) -> list[list[arb]]:
    """The derivative of ``_second`` along v."""
    _, _, _, faa, fab, _, faaa, faab, fabb, fbbb = jet
    last = len(U) - 1
    db = v[last]
    da = sum((x * y for x, y in zip(U, v, strict=True)), arb(0))
    dU = [arb(0)] * len(U)
    for s, t, factor in bend:
        dU[s] = dU[s] + factor * v[t]
    haa, hab, hbb = faaa * da + faab * db, faab * da + fabb * db, fabb * da + fbbb * db
    local = [
        [haa * U[s] * U[t] + faa * (dU[s] * U[t] + U[s] * dU[t]) for t in range(last + 1)]
        for s in range(last + 1)
    ]
    for s in range(last):
        local[s][last] = local[last][s] = hab * U[s] + fab * dU[s]
    local[last][last] = arb(hbb)
    slope = faa * da + fab * db
    for s, t, factor in bend:
        local[s][t] = local[s][t] + factor * slope
    return local
