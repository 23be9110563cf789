"""The gauge of a point: what holds it against rotations, and Krawczyk's theorem for what is left, for any r.

The point is turned so that its longest column lies on the first axis, for r > 2 the next pivot in the plane
of the first two, and so on; refined by Newton's method; and Krawczyk's theorem is applied to the gauge-fixed
gradient in balls.  The equations that the gauge leaves out follow from the others, as L is
invariant: they are triangular in the pivots, which are not zero.  Columns that take no part (off as outputs,
reaching no output as inputs) are flat and stay where they are; so do the biases of outputs that are off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from flint import arb, arb_mat
from scipy.linalg import qr

from kgon.base.checks import Floats
from kgon.base.verdicts import UndecidedError
from kgon.numerics.balls import exact_balls
from kgon.numerics.krawczyk import ZeroBox, prove_zero, refined
from kgon.potential.enclosure import Column, Coordinates, Enclosure, Index

BITS = 256
"""Precision of the balls."""
SMALLEST_PIVOT = 1e-6
"""Columns whose distance from the span of the longer ones is below this are taken to lie in it."""
RADII = tuple(2.0**-exponent for exponent in range(40, 8, -4))
"""Of Krawczyk's boxes: the smallest is the sharpest, the largest that works is reported as ``radius``."""
Weights = Sequence[Sequence[arb]]
"""p_i I_j, by input and output."""


@dataclass(frozen=True, slots=True, eq=False)
class GaugedZero:
    """An exact critical point in a gauge, alone in boxes about an approximate one.

    Attributes
    ----------
    gauge : Coordinates
        Held at the approximate point.
    start : list of columns
        The point that was given, turned into the gauge.
    boxes : list of ZeroBox
        The smallest first.
    """

    gauge: Coordinates
    start: list[list[arb]]
    boxes: list[ZeroBox]

    @property
    def exact(self) -> list[list[arb]]:
        """Balls that hold the columns of the exact point, in the gauge."""
        return self.gauge.columns(self.boxes[0].image)

    @property
    def loss(self) -> arb:
        """The loss there."""
        return arb(self.gauge.enclose(self.exact, order=0).loss)

    @property
    def flat(self) -> int:
        """Coordinates that the gauge holds, of rotations and of what takes no part."""
        return sum(map(len, self.start)) - len(self.gauge.unknowns)


def prove_in_gauge(given: Sequence[Column], weights: Weights | None) -> GaugedZero:
    """Prove an exact critical point near the columns given, by Krawczyk's theorem in their gauge.

    Raises
    ------
    UndecidedError
        At the kinks of the gradient, where more than the known directions are flat, or too far from one.
    """
    middle = np.array([[float(x.mid()) for x in column[:-1]] for column in given]).T
    return proved_in(*gauge_of(middle, given, weights))


def proved_in(gauge: Coordinates, start: list[list[arb]]) -> GaugedZero:
    """Prove an exact critical point near the one at which a gauge is held; ``start`` is the point turned."""

    def system(at: list[arb]) -> tuple[list[arb], arb_mat]:
        found = gauge.enclose(gauge.columns(at), strict=True)
        return found.gradient, found.hessian

    first = [gauge.held[j][i] for j, i in gauge.unknowns]
    return GaugedZero(
        gauge, start, prove_zero(system, refined(system, first, within=RADII[0] / 4), exact_balls(RADII))
    )


def gauge_of(
    W: Floats, given: Sequence[Column], weights: Weights | None = None
) -> tuple[Coordinates, list[list[arb]]]:
    """The gauge of a point, held at its midpoint, and the point turned into it, exactly but for the balls.

    Solved for is what is not idle and not zero in the gauge.
    """
    r, c = W.shape
    idle = _idle(given)
    active = [j for j in range(c) if (j, 0) not in idle]
    pivots = [(active[j], k) for k, j in enumerate(pivots_of(W[:, active]))]
    zero = {(j, i) for j, k in pivots for i in range(k + 1, r)}
    unknowns = [(j, i) for j in range(c) for i in range(r + 1) if (j, i) not in zero | idle]
    if not unknowns:
        raise UndecidedError("no column takes part: L is constant near the point")
    start = turned(given, pivots)
    held = [[x.mid() for x in column] for column in start]
    return Coordinates(held, unknowns, idle, pivots, weights), start


def pivots_of(W: Floats) -> list[int]:
    """Choose columns (positions), the longest first, each the farthest from the span of those before."""
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
