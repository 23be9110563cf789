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

import numpy as np
from flint import arb, arb_mat
from scipy.linalg import qr

from kgon.base.checks import Floats
from kgon.base.results import Result, result
from kgon.base.verdicts import UndecidedError, Verdict
from kgon.numerics.balls import above, at_precision, below, exact_balls
from kgon.numerics.inertia import inertia_of
from kgon.numerics.krawczyk import ZeroBox, prove_zero, refined
from kgon.potential.enclosure import Coordinates, Index

BITS = 256
"""Precision of the balls."""
SMALLEST_PIVOT = 1e-6
"""Columns whose distance from the span of the longer ones is below this are taken to lie in it."""
RADII = tuple(2.0**-exponent for exponent in range(40, 8, -4))
"""Of Krawczyk's boxes: the smallest is the sharpest, the largest that works is reported as ``radius``."""


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
        return _certify_near(W, b)
    except UndecidedError as error:
        return NearbyPoint(
            verdict=Verdict.UNDECIDED, reason=str(error), distance=None, loss_lower=None,
            loss_upper=None, radius=None, negative=None, flat=None,
        )  # fmt: skip


@at_precision(BITS)
def _certify_near(W: Floats, b: Floats) -> NearbyPoint:
    gauge = _gauge(W, b)

    def system(at: list[arb]) -> tuple[list[arb], arb_mat]:
        found = gauge.enclose(gauge.columns(at), strict=True)
        return found.gradient, found.hessian

    start = [gauge.held[j][i] for j, i in gauge.unknowns]
    boxes = prove_zero(system, refined(system, start, within=RADII[0] / 4), exact_balls(RADII))
    widest, negative = _with_inertia(boxes)
    image = boxes[0].image
    loss = gauge.enclose(gauge.columns(image), order=0).loss
    gap = sum(((x - y) ** 2 for x, y in zip(image, start, strict=True)), arb(0))
    return NearbyPoint(
        verdict=Verdict.PROVED, reason="", distance=float(abs(gap).upper().sqrt().upper()),
        loss_lower=below(loss), loss_upper=above(loss), radius=float(widest.radius), negative=negative,
        flat=W.size + b.size - len(start),
    )  # fmt: skip


def _with_inertia(boxes: Sequence[ZeroBox]) -> tuple[ZeroBox, int]:
    """The largest of the boxes on which the signs of the Hessian's eigenvalues are certain."""
    reason = UndecidedError("there is no box")
    for box in reversed(boxes):
        try:
            return box, inertia_of(box.slopes)[0]
        except UndecidedError as error:
            reason = error
    raise reason


def _gauge(W: Floats, b: Floats) -> Coordinates:
    """The point in the gauge of its pivots; solved for is what is not idle, and not zero in the gauge."""
    turned, pivots = _triangular(W)
    r, c = W.shape
    idle = _idle(turned, b)
    zero = {(j, i) for k, j in enumerate(pivots) for i in range(k + 1, r)}
    unknowns = [(j, i) for j in range(c) for i in range(r + 1) if (j, i) not in zero | idle]
    if not unknowns:
        raise UndecidedError("no column takes part: L is constant near the point")
    held = [exact_balls([*turned[:, j], b[j]]) for j in range(c)]
    return Coordinates(held, unknowns, idle, [(j, k) for k, j in enumerate(pivots)])


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
