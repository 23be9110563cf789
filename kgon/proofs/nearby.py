"""What can be proved about the exact critical point near an approximate one, whatever it is.

The point is rotated so that its longest column lies on the first axis, for r > 2 the next pivot in the
plane of the first two, and so on; refined by Newton's method; and Krawczyk's theorem is applied to the
gauge-fixed gradient in balls.  The equations that the gauge leaves out follow from the others, as L is
invariant: they are triangular in the pivots, which are not zero.  Columns that take no part (off as outputs,
reaching no output as inputs) are flat and stay where they are; so do the biases of outputs that are off.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import flint
import numpy as np
from flint import arb, arb_mat
from scipy.linalg import qr

from kgon.base.checks import Floats
from kgon.base.results import Result, result
from kgon.base.verdicts import UndecidedError, Verdict
from kgon.numerics.inertia import inertia_of
from kgon.potential.enclosure import Column, Index, interval_hessian, pair_jet, strict_regions
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.proofs.smooth import BITS

NEWTON_STEPS = 30
SMALLEST_PIVOT = 1e-6
"""Columns whose distance from the span of the longer ones is below this are taken to lie in it."""
BOX_EXPONENTS = range(40, 8, -4)
"""Krawczyk boxes of radius 2⁻⁴⁰ … 2⁻¹²: the largest that works is reported as the uniqueness radius."""


@result
class NearbyPoint(Result):
    """An exact critical point proved to exist near an approximate one (uniform p and I).

    Attributes
    ----------
    verdict : Verdict
        PROVED or UNDECIDED.
    reason : str
        What stands in the way, where undecided.
    distance : float or None
        Upper bound of the distance from the given point, after a rotation, to the exact one.
    loss_lower, loss_upper : float or None
        Enclosure of the exact loss.
    radius : float or None
        There is no other critical point this near in any coordinate, apart from rotations and flat
        directions.
    negative, flat : int or None
        Negative eigenvalues of the Hessian, and flat directions (rotation, the coordinates of columns that
        take no part, the biases of outputs that are off).
    """

    schema: ClassVar[str] = "nearby-point"

    verdict: Verdict
    reason: str
    distance: float | None
    loss_lower: float | None
    loss_upper: float | None
    radius: float | None
    negative: int | None
    flat: int | None

    def headline(self) -> str:
        if self.verdict is not Verdict.PROVED:
            return f"exact critical point nearby: {self.verdict} ({self.reason})"
        kind = "a local minimum" if self.negative == 0 else f"of index {self.negative}"
        return f"exact critical point {kind} within {self.distance:.1e}: PROVED"

    def rows(self) -> Sequence[tuple[str, str]]:
        if self.verdict is not Verdict.PROVED:
            return [("exact critical point nearby", f"{self.verdict}: {self.reason}")]
        return [
            ("exact critical point", f"PROVED, within {self.distance:.1e}"),
            ("  its loss", f"[{self.loss_lower!r}, {self.loss_upper!r}]"),
            ("  negative eigenvalues, flat directions", f"{self.negative}, {self.flat}"),
            ("  alone within", f"{self.radius:.1e} in each coordinate, up to symmetry"),
        ]


def certify_near(W: Floats, b: Floats) -> NearbyPoint:
    """Refine a point and prove an exact critical point near it, if it is isolated.

    Parameters
    ----------
    W : (r, c) array
    b : (c,) array

    Returns
    -------
    NearbyPoint
        UNDECIDED at the kinks of the gradient (the 4-gons), where more than the known directions are
        flat, or too far from a critical point.

    Examples
    --------
    >>> from kgon.kgons.catalogue import Catalogue
    >>> point = Catalogue(6)["6"]
    >>> found = certify_near(point.W + 1e-9, point.biases)
    >>> str(found.verdict), found.negative, found.distance < 1e-7
    ('PROVED', 0, True)
    """
    try:
        with flint.ctx.workprec(BITS):
            return _certify_near(W, b)
    except UndecidedError as error:
        return NearbyPoint(
            verdict=Verdict.UNDECIDED, reason=str(error), distance=None, loss_lower=None,
            loss_upper=None, radius=None, negative=None, flat=None,
        )  # fmt: skip


def _certify_near(W: Floats, b: Floats) -> NearbyPoint:
    turned, pivots = _triangular(W)
    r, c = W.shape
    idle = _idle(turned, b)
    fixed = {(j, i) for k, j in enumerate(pivots) for i in range(k + 1, r)}
    order = [(j, i) for j in range(c) for i in range(r + 1) if (j, i) not in fixed | idle]
    if not order:
        raise UndecidedError("no column takes part: L is constant near the point")
    start = np.array([turned[i, j] if i < r else b[j] for j, i in order])
    point = _refined(turned, b, order)
    columns = _columns(point, turned, b, order)
    gradient = _gradient(columns, order)
    middle = np.array([[float(x.mid()) for x in row] for row in _hessian(columns, order).tolist()])
    if np.linalg.cond(middle) > 1e12:
        raise UndecidedError("the Hessian is singular beyond rotation and unused columns")
    Y = arb_mat(np.linalg.inv(middle).tolist())
    n = len(order)
    identity = arb_mat([[int(i == j) for j in range(n)] for i in range(n)])
    step = Y * arb_mat([[x] for x in gradient])
    best: NearbyPoint | None = None
    reason = "Krawczyk's test fails"
    for exponent in BOX_EXPONENTS:
        radius = arb(2) ** -exponent
        box = [x + arb(0, radius) for x in point]
        try:
            around = _columns(box, turned, b, order)
            H = _hessian(around, order)
            _still(around, idle, pivots)
        except UndecidedError as error:
            reason = str(error)
            break
        shift = arb_mat([[arb(0, radius)] for _ in range(n)])
        image = arb_mat([[x] for x in point]) - step + (identity - Y * H) * shift
        if not all(x.contains_interior(image[i, 0]) for i, x in enumerate(box)):
            continue
        try:
            negative, _ = inertia_of(H)
        except UndecidedError as error:
            reason = str(error)
            continue
        exact = [image[i, 0] for i in range(n)]
        if best is None:
            steps = [x - arb(float(y)) for x, y in zip(exact, start, strict=True)]
            gap = sum((x * x for x in steps), arb(0))
            loss = _loss(_columns(exact, turned, b, order))
            distance, low, high = float(abs(gap).upper().sqrt().upper()), loss.lower(), loss.upper()
        best = NearbyPoint(
            verdict=Verdict.PROVED, reason="", distance=distance,
            loss_lower=float(np.nextafter(float(low), -1)), loss_upper=float(np.nextafter(float(high), 2)),
            radius=float(radius), negative=negative, flat=(r + 1) * c - n,
        )  # fmt: skip
    if best is None:
        raise UndecidedError(reason)
    return best


def _triangular(W: Floats) -> tuple[Floats, list[int]]:
    """W turned by O(r) so that the k-th pivot column ends at row k, with zeros below; and the pivots."""
    Q, R, order = qr(W, mode="economic", pivoting=True)
    pivots = [int(j) for j, size in zip(order, np.abs(np.diag(R)), strict=False) if size > SMALLEST_PIVOT]
    turned = Q.T @ W
    for k, j in enumerate(pivots):
        turned[k + 1 :, j] = 0.0
    return turned, pivots


def _idle(W: Floats, b: Floats) -> set[Index]:
    """Coordinates of columns that take no part, and biases of outputs that are off."""
    r, c = W.shape
    off = np.logical_and(W.T @ W + b < 0, b < 0)  # by input and output
    silent, unheard = np.all(off, axis=1), np.all(off, axis=0)
    found = {(j, r) for j in range(c) if unheard[j]}
    return found | {(j, i) for j in range(c) if unheard[j] and silent[j] for i in range(r)}


def _still(columns: Sequence[Column], idle: set[Index], pivots: Sequence[int]) -> None:
    """Refuse a box on which an idle coordinate may play a part, or a pivot be zero."""
    regions, c = strict_regions(columns), len(columns)
    for j, i in idle:
        used = [regions[k][j] for k in range(c)]
        if i < len(columns[0]) - 1:
            used += regions[j]
        if any(region != "off" for region in used):
            raise UndecidedError(f"column {j} does not stay off")
    if not all(columns[j][k] != 0 for k, j in enumerate(pivots)):
        raise UndecidedError("a pivot of the gauge may be zero")


def _refined(W: Floats, b: Floats, order: list[Index]) -> list[arb]:
    """Newton's method in balls' midpoints, with the float Hessian refreshed at each step."""
    r, c = W.shape
    potential = Potential(TMS(c, r))
    flat_index = [i * c + j for j, i in order]
    point = [arb(float(W[i, j] if i < r else b[j])) for j, i in order]
    size = np.inf
    for _ in range(NEWTON_STEPS):
        columns = _columns(point, W, b, order)
        gradient = _gradient(columns, order)
        new_size = max(float(abs(x).mid()) for x in gradient)
        if new_size < 1e-40:
            break
        if new_size >= size and new_size < 1e-30:
            break
        size = new_size
        here = np.array([[float(x) for x in column] for column in columns]).T
        H = potential.hessian(here[:r], here[r])[np.ix_(flat_index, flat_index)]
        move = np.linalg.lstsq(H, np.eye(len(order)), rcond=1e-12)[0]
        delta = arb_mat(move.tolist()) * arb_mat([[x.mid()] for x in gradient])
        point = [(x - delta[i, 0]).mid() for i, x in enumerate(point)]
        if not all(abs(float(x)) < 1e6 for x in point):
            raise UndecidedError("Newton's method diverges from here")
    else:
        raise UndecidedError("Newton's method does not converge from here")
    return point


def _columns(point: Sequence[arb], W: Floats, b: Floats, order: list[Index]) -> list[Column]:
    values = [[arb(float(x)) for x in (*W[:, j], b[j])] for j in range(len(b))]
    for (j, i), x in zip(order, point, strict=True):
        values[j][i] = x
    return [tuple(column) for column in values]


def _hessian(columns: Sequence[Column], order: list[Index]) -> arb_mat:
    return interval_hessian(columns, strict_regions(columns), order)


def _gradient(columns: Sequence[Column], order: list[Index]) -> list[arb]:
    c, r = len(columns), len(columns[0]) - 1
    regions = strict_regions(columns)
    total = {index: arb(0) for index in order}
    for i in range(c):
        for j in range(c):
            _, fa, fb, *_ = pair_jet(columns, regions, i, j)
            parts = [((j, r), fb)]
            for h in range(r):
                parts += [((i, h), fa * columns[j][h]), ((j, h), fa * columns[i][h])]
            for index, value in parts:
                if index in total:
                    total[index] = total[index] + value
    return [total[index] / (3 * c) for index in order]


def _loss(columns: Sequence[Column]) -> arb:
    c = len(columns)
    regions = strict_regions(columns)
    pairs = [pair_jet(columns, regions, i, j)[0] for i in range(c) for j in range(c)]
    return sum(pairs, arb(0)) / (3 * c)
