"""What can be proved about the exact critical point near an approximate one, whatever it is.

The point is turned so that its longest column lies on the first axis, for r > 2 the next pivot in the plane
of the first two, and so on; refined by Newton's method; and Krawczyk's theorem is applied to the gauge-fixed
gradient in balls.  The equations that the gauge leaves out follow from the others, as L is
invariant: they are triangular in the pivots, which are not zero.  Columns that take no part (off as outputs,
reaching no output as inputs) are flat and stay where they are; so do the biases of outputs that are off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from operator import sub
from typing import Any

import flint
import numpy as np
from flint import arb, arb_mat
from scipy.linalg import qr

from kgon.base import text
from kgon.base.checks import Floats
from kgon.base.results import Result, result
from kgon.base.verdicts import UndecidedError, Verdict
from kgon.numerics.balls import above, at_precision, below, exact_balls
from kgon.numerics.inertia import inertia_of
from kgon.numerics.krawczyk import ZeroBox, prove_zero, refined
from kgon.potential.enclosure import Column, Coordinates, Enclosure, Index
from kgon.potential.model import TMS

BITS = 256
"""Precision of the balls."""
SMALLEST_PIVOT = 1e-6
"""Columns whose distance from the span of the longer ones is below this are taken to lie in it."""
RADII = tuple(2.0**-exponent for exponent in range(40, 8, -4))
"""Of Krawczyk's boxes: the smallest is the sharpest, the largest that works is reported as ``radius``."""


@result
class NearbyPoint(Result):
    """An exact critical point proved to exist near an approximate one.

    Attributes
    ----------
    verdict : Verdict
        PROVED or UNDECIDED.
    reason : str
        What stands in the way, where undecided.
    distance : float or None
        Upper bound of the distance from the given point, after a rotation, to the exact one.
    distance_W : float or None
        The same of W alone.
    loss_lower, loss_upper : float or None
        Enclosure of the exact loss.
    radius : float or None
        There is no other critical point this near in every coordinate, apart from those that rotations and
        flat directions make of this one.  None where that is not known, as at kinks of the gradient.
    negative, flat : int or None
        Negative eigenvalues of the Hessian, and flat directions (rotation, the coordinates of columns that
        take no part, the biases of outputs that are off).
    """

    verdict: Verdict
    reason: str = ""
    distance: float | None = None
    distance_W: float | None = None
    loss_lower: float | None = None
    loss_upper: float | None = None
    radius: float | None = None
    negative: int | None = None
    flat: int | None = None

    @classmethod
    def rounded(
        cls, given: Sequence[Sequence[arb]], exact: Sequence[Sequence[arb]], loss: arb, **more: Any
    ) -> NearbyPoint:
        """State what is proved of an exact point: its loss, and how far its rows, W and then b, are moved."""
        *moves, last = [
            sum((x * x for x in map(sub, p, q)), arb(0)) for p, q in zip(given, exact, strict=True)
        ]
        of_W = sum(moves, arb(0))
        # A sum of squares of balls about 0 reaches below 0.
        distances = [0.0 if x == 0 else above(x.nonnegative_part().sqrt()) for x in (of_W, of_W + last)]
        return cls(
            verdict=Verdict.PROVED,
            distance=distances[1],
            distance_W=distances[0],
            loss_lower=below(loss),
            loss_upper=above(loss),
            **more,
        )

    def headline(self) -> str:
        if self.distance is None:
            return f"exact critical point nearby: {self.verdict} ({self.reason})"
        kind = {None: "", 0: " a local minimum"}.get(self.negative, f" of index {self.negative}")
        return f"exact critical point{kind} {self.within}: PROVED"

    def times(self, factor: float) -> NearbyPoint:
        """The same point of the model whose importances are larger by a factor."""
        if self.loss_lower is None or self.loss_upper is None:
            return self
        return replace(
            self,
            loss_lower=below(arb(self.loss_lower) * factor),
            loss_upper=above(arb(self.loss_upper) * factor),
        )

    @property
    def within(self) -> str:
        """The proved distance in words, rounded up."""
        if self.distance is None:
            return "at no known distance"
        return f"within {text.at_most(self.distance)}" if self.distance else "at the point itself"

    def rows(self) -> Sequence[tuple[str, str]]:
        if self.distance is None:
            return [("an exact critical point near by", f"{self.verdict}: {self.reason}")]
        lines = [
            ("an exact critical point", f"PROVED to lie {self.within}"),
            ("  its loss", f"[{self.loss_lower!r}, {self.loss_upper!r}]"),
        ]
        if self.negative is not None:
            lines.append(("  negative eigenvalues, flat directions", f"{self.negative}, {self.flat}"))
        if self.radius is not None:
            alone = f"{text.at_least(self.radius)} in each coordinate, up to symmetry"
            lines.append(("  alone within", alone))
        return lines


def certify_near(W: Floats, b: Floats, *, tms: TMS | None = None) -> NearbyPoint:
    """Refine a point and prove an exact critical point near it, if it is isolated.

    Parameters
    ----------
    W : (r, c) array
    b : (c,) array
    tms : TMS, optional
        The model, with probabilities and importances that are exactly these floats.  Default: uniform.

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
        return _certify_near(W, b, None if tms is None or tms.uniform else _weights(tms))
    except UndecidedError as error:
        return NearbyPoint(verdict=Verdict.UNDECIDED, reason=str(error))


def _weights(tms: TMS) -> list[list[arb]]:
    """The weights p_i I_j by input and output, enclosed."""
    with flint.ctx.workprec(BITS):
        return [[p * x for x in exact_balls(tms.importance)] for p in exact_balls(tms.probability)]


@at_precision(BITS)
def _certify_near(W: Floats, b: Floats, weights: list[list[arb]] | None) -> NearbyPoint:
    given = [exact_balls([*W[:, j], b[j]]) for j in range(len(b))]
    gauge, start = _gauge(W, given)
    gauge = replace(gauge, weights=weights)

    def system(at: list[arb]) -> tuple[list[arb], arb_mat]:
        found = gauge.enclose(gauge.columns(at), strict=True)
        return found.gradient, found.hessian

    first = [gauge.held[j][i] for j, i in gauge.unknowns]
    boxes = prove_zero(system, refined(system, first, within=RADII[0] / 4), exact_balls(RADII))
    radius, negative = _alone(gauge, boxes)
    point = gauge.columns(boxes[0].image)
    loss = gauge.enclose(point, order=0).loss
    before, after = ([*zip(*columns, strict=True)] for columns in (start, point))
    flat = W.size + b.size - len(first)
    return NearbyPoint.rounded(before, after, loss, radius=radius, negative=negative, flat=flat)


def _gauge(W: Floats, given: Sequence[Column]) -> tuple[Coordinates, list[list[arb]]]:
    """The gauge of a point, held at its midpoint, and the point turned into it, exactly but for the balls.

    Solved for is what is not idle and not zero in the gauge.
    """
    r, c = W.shape
    idle = _idle(given)
    active = [j for j in range(c) if (j, 0) not in idle]
    pivots = [(active[j], k) for k, j in enumerate(_pivots(W[:, active]))]
    zero = {(j, i) for j, k in pivots for i in range(k + 1, r)}
    unknowns = [(j, i) for j in range(c) for i in range(r + 1) if (j, i) not in zero | idle]
    if not unknowns:
        raise UndecidedError("no column takes part: L is constant near the point")
    start = turned(given, pivots)
    held = [[x.mid() for x in column] for column in start]
    return Coordinates(held, unknowns, idle, pivots), start


def _pivots(W: Floats) -> list[int]:
    """Columns, the longest first, each the farthest from the span of those before."""
    if not W.size:
        return []
    R, order = qr(W, mode="r", pivoting=True)
    sizes = np.abs(np.diag(R))
    return [int(j) for j, size in zip(order, sizes, strict=False) if size > SMALLEST_PIVOT]


def _idle(columns: Sequence[Column]) -> set[Index]:
    """Coordinates of columns that take no part, and biases of outputs that are off."""
    regions = Enclosure.at(columns, order=0).regions
    r = len(columns[0]) - 1
    unheard = [j for j in range(len(columns)) if all(row[j] == "off" for row in regions)]
    silent = [j for j in unheard if set(regions[j]) == {"off"}]
    return {(j, r) for j in unheard} | {(j, i) for j in silent for i in range(r)}


def turned(columns: Sequence[Column], pivots: Sequence[Index]) -> list[list[arb]]:
    """Turn columns into a gauge: below its pivot (j, k), in row k, column j is zero.

    Each rotation turns two rows.  Over balls of points the columns enclose those of each point, turned by a
    rotation of its own.

    Raises
    ------
    UndecidedError
        A pivot may be zero.
    """
    out = [list(column) for column in columns]
    for j, k in pivots:
        for i in range(k + 1, len(out[j]) - 1):
            cosine, sine = _rotation(out[j][k], out[j][i])
            for column in out:
                x, y = column[k], column[i]
                column[k], column[i] = cosine * x + sine * y, cosine * y - sine * x
            out[j][i] = arb(0)
    return out


def _rotation(x: arb, y: arb) -> tuple[arb, arb]:
    """Cosine and sine of a rotation that turns (x, y) to the first axis."""
    if y == 0:
        return arb(1), arb(0)
    if x != 0:
        t = y / x
        cosine = 1 / (1 + t * t).sqrt()
        return cosine, t * cosine
    if y != 0:
        t = x / y
        sine = 1 / (1 + t * t).sqrt()
        return t * sine, sine
    raise UndecidedError("a pivot of the gauge may be zero")


def _alone(gauge: Coordinates, boxes: Sequence[ZeroBox]) -> tuple[float, int]:
    """The radius ρ within which the critical point is alone, and its index.

    A critical point within ρ in every coordinate, turned into the gauge, lies in the box of Krawczyk's
    theorem, and L depends on none of its idle coordinates: it is the one zero in the box, but for these.
    """
    reason = UndecidedError("there is no box")
    for box in reversed(boxes):
        try:
            negative, _ = inertia_of(box.slopes)
        except UndecidedError as error:
            reason = error
            continue
        for eighths in range(7, 0, -1):
            radius = box.radius * eighths / 8
            fat = [[x + arb(0, radius) for x in column] for column in gauge.columns(box.image)]
            try:
                moved = turned(fat, gauge.pivots)
                gauge.enclose(moved, order=0)
            except UndecidedError as error:
                reason = error
                continue
            if all(z.contains(moved[j][i]) for (j, i), z in zip(gauge.unknowns, box.box, strict=True)):
                return float(radius), negative
    raise reason
