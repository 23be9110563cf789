"""What can be proved about the exact critical point near an approximate one, whatever it is.

The point is rotated so that its longest column lies on the first axis, refined by Newton's method,
and Krawczyk's theorem is applied to the gauge-fixed gradient in balls.  The bias of an
output that is off is flat and stays where it is, and so does a column that reaches no output either.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import flint
import numpy as np
from flint import arb, arb_mat

from kgon.certify import BITS, Column, Index, inertia_of, interval_hessian, pair_jet, strict_regions
from kgon.geometry import rotate
from kgon.model import TMS, Floats
from kgon.potential import Potential
from kgon.results import Result, UndecidedError, Verdict, result

NEWTON_STEPS = 30
BOX_EXPONENTS = range(40, 8, -4)
"""Krawczyk boxes of radius 2⁻⁴⁰ … 2⁻¹²: the largest that works is reported as the uniqueness radius."""


@result
class NearbyPoint(Result):
    """An exact critical point proved to exist near an approximate one (r = 2, uniform p and I).

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
        Negative eigenvalues of the Hessian, and flat directions (rotation, biases of outputs that are
        off, and columns that take no part).
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
    """Refine a point with r = 2 and prove an exact critical point near it, if it is isolated.

    Parameters
    ----------
    W : (2, c) array
    b : (c,) array

    Returns
    -------
    NearbyPoint
        UNDECIDED at the kinks of the gradient (the 4-gons), where more than the known directions are
        flat, or too far from a critical point.

    Examples
    --------
    >>> from kgon.catalogue import Catalogue
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
    c = len(b)
    first = int(np.argmax(np.hypot(*W)))
    turned = rotate(W, -float(np.arctan2(W[1, first], W[0, first])))
    turned[1, first] = 0.0
    if not turned[0, first] > 0:
        raise UndecidedError("every W_i is zero")
    order = _unknowns(turned, b, first)
    if not order:
        raise UndecidedError("no column takes part: L is constant near the point")
    start = np.array([turned[i, j] if i < 2 else b[j] for j, i in order])
    point = _refined(turned, b, order)
    columns = _columns(point, turned, b, order)
    gradient = _gradient(columns, order)
    middle = np.array([[float(x.mid()) for x in row] for row in _hessian(columns, order).tolist()])
    if np.linalg.cond(middle) > 1e12:
        raise UndecidedError("the Hessian is singular beyond rotation and unused coordinates")
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
            radius=float(radius), negative=negative, flat=3 * c - n,
        )  # fmt: skip
    if best is None:
        raise UndecidedError(reason)
    return best


def _unknowns(W: Floats, b: Floats, first: int) -> list[Index]:
    """All coordinates but the gauge, the biases of outputs that are off, and columns that take no part."""
    gram = W.T @ W
    c = len(b)
    off_output = (b < 0) & (gram + b[None, :] < 0).all(axis=0)
    reaches_nothing = ((gram + b[None, :] < 0) & (b[None, :] < 0)).all(axis=1)
    unused = off_output & reaches_nothing
    return [
        (j, i)
        for j in range(c)
        for i in range(3)
        if not (off_output[j] if i == 2 else unused[j]) and (j, i) != (first, 1)
    ]


def _refined(W: Floats, b: Floats, order: list[Index]) -> list[arb]:
    """Newton's method in balls' midpoints, with the float Hessian refreshed at each step."""
    potential = Potential(TMS(len(b)))
    c = len(b)
    flat_index = [i * c + j for j, i in order]
    point = [arb(float(W[i, j] if i < 2 else b[j])) for j, i in order]
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
        here_W = np.array([[float(column[i]) for column in columns] for i in (0, 1)])
        here_b = np.array([float(column[2]) for column in columns])
        H = potential.hessian(here_W, here_b)[np.ix_(flat_index, flat_index)]
        move = np.linalg.lstsq(H, np.eye(len(order)), rcond=1e-12)[0]
        delta = arb_mat(move.tolist()) * arb_mat([[x.mid()] for x in gradient])
        point = [(x - delta[i, 0]).mid() for i, x in enumerate(point)]
        if not all(abs(float(x)) < 1e6 for x in point):
            raise UndecidedError("Newton's method diverges from here")
    else:
        raise UndecidedError("Newton's method does not converge from here")
    return point


def _columns(point: Sequence[arb], W: Floats, b: Floats, order: list[Index]) -> list[Column]:
    values = [[arb(float(W[0, j])), arb(float(W[1, j])), arb(float(b[j]))] for j in range(len(b))]
    for (j, i), x in zip(order, point, strict=True):
        values[j][i] = x
    return [(x, y, z) for x, y, z in values]


def _hessian(columns: Sequence[Column], order: list[Index]) -> arb_mat:
    return interval_hessian(columns, strict_regions(columns), order)


def _gradient(columns: Sequence[Column], order: list[Index]) -> list[arb]:
    c = len(columns)
    regions = strict_regions(columns)
    total = {index: arb(0) for index in order}
    for i in range(c):
        for j in range(c):
            _, fa, fb, *_ = pair_jet(columns, regions, i, j)
            for index, value in (
                ((j, 2), fb), ((i, 0), fa * columns[j][0]), ((i, 1), fa * columns[j][1]),
                ((j, 0), fa * columns[i][0]), ((j, 1), fa * columns[i][1]),
            ):  # fmt: skip
                if index in total:
                    total[index] = total[index] + value
    return [total[index] / (3 * c) for index in order]


def _loss(columns: Sequence[Column]) -> arb:
    c = len(columns)
    regions = strict_regions(columns)
    pairs = [pair_jet(columns, regions, i, j)[0] for i in range(c) for j in range(c)]
    return sum(pairs, arb(0)) / (3 * c)
