"""Prove by Krawczyk's theorem, in ball arithmetic, that a box holds exactly one zero.

Let F be Lipschitz on a box X that contains x, its slopes and derivatives on X all in the set F′(X) of
matrices, and Y any matrix, in practice close to F′(x)⁻¹.  The image ``K = x − Y F(x) + (1 − Y F′(X))(X − x)``
contains every zero of F in X; if it lies in the interior of X, there is exactly one (R. Krawczyk, Computing
4, 187 (1969); S. M. Rump, Acta Numerica 19, 287 (2010), section 13).  Floating point only proposes x and Y;
balls decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from flint import arb, arb_mat

from kgon.base.verdicts import UndecidedError
from kgon.numerics.balls import at_precision, column, entries, identity, middle_of

BITS = 128
"""Precision of the balls to begin with."""
MORE_BITS = 256
"""Precision where that does not suffice."""
SINGULAR = 1e13
"""Condition of a matrix above which its inverse in floats is of no use."""
EVENT_RADIUS = 2.0**-60
"""Radius of the boxes in which events are enclosed."""
NEWTON_STEPS = 40
SETTLED, ROUNDING = 1e-30, 1e-18
"""Newton's method ends with a step below the first, or below the second if the step before was shorter."""

Function = Callable[[list[arb]], tuple[list[arb], arb_mat]]
"""Values and Jacobian at a ball of points."""


def inverse_of(matrix: arb_mat) -> arb_mat:
    """Invert the midpoint of a matrix approximately: an exact matrix, whose entries are floats.

    Raises
    ------
    UndecidedError
        It is singular, as far as floats can tell.
    """
    middle = middle_of(matrix)
    condition = float(np.linalg.cond(middle))
    if not condition <= SINGULAR:
        raise UndecidedError(f"the linear system is singular in floats: condition {condition:.1e}")
    return arb_mat(np.linalg.inv(middle).tolist())


def defect_of(inverse: arb_mat, slopes: arb_mat) -> arb_mat:
    """Compute 1 − Y F′(X): if its norm is below one, F is injective on the box X."""
    return identity(inverse.nrows()) - inverse * slopes


@dataclass(frozen=True, slots=True, eq=False)
class Krawczyk:
    """Krawczyk's operator about a point.

    Attributes
    ----------
    point : sequence of n balls
        x.
    inverse : (n, n) arb_mat
        Y, exact.
    step : (n, 1) arb_mat
        Y F(x).
    """

    point: Sequence[arb]
    inverse: arb_mat
    step: arb_mat

    @classmethod
    def at(cls, point: Sequence[arb], values: Sequence[arb], inverse: arb_mat) -> Krawczyk:
        """Build the operator of a function with these values at the point."""
        return cls(point, inverse, inverse * column(values))

    def image(self, spread: Sequence[arb], defect: arb_mat) -> list[arb]:
        """Compute the image K of the box x + ``spread``, on which 1 − Y F′ lies in ``defect``."""
        return entries(column(self.point) - self.step + defect * column(spread))

    def proved(self, spread: Sequence[arb], defect: arb_mat) -> list[arb]:
        """Prove that the box x + ``spread`` holds exactly one zero: it lies in the image that is returned.

        Raises
        ------
        UndecidedError
            The image is not certain to lie in the interior of the box.
        """
        image = self.image(spread, defect)
        if not all((x + s).contains_interior(k) for x, s, k in zip(self.point, spread, image, strict=True)):
            raise UndecidedError("Krawczyk's image is not inside its box")
        return image

    def contracted(self, box: Sequence[arb], slopes: arb_mat) -> list[arb]:
        """Contract a box to a part that holds all its zeros; the derivative on it lies in ``slopes``."""
        spread = [z - x for x, z in zip(self.point, box, strict=True)]
        image = self.image(spread, defect_of(self.inverse, slopes))
        return [z.intersection(k) for z, k in zip(box, image, strict=True)]


@dataclass(frozen=True, slots=True, eq=False)
class ZeroBox:
    """A box that is proved to hold exactly one zero of a function.

    Attributes
    ----------
    operator : Krawczyk
        With the point about which the box lies, and the approximate inverse of the Jacobian there.
    radius : arb
        Of the box, in every coordinate.
    box, image : list of n balls
        The box, and the part of it in which the zero lies.
    slopes : (n, n) arb_mat
        Enclosure of the Jacobian on the box.
    """

    operator: Krawczyk
    radius: arb
    box: list[arb]
    image: list[arb]
    slopes: arb_mat


def prove_zero(function: Function, point: Sequence[arb], radii: Iterable[arb]) -> list[ZeroBox]:
    """Prove by Krawczyk's theorem that a function has exactly one zero in a box about a point.

    Parameters
    ----------
    function : callable
        Takes n balls; returns n values and their (n, n) Jacobian, both enclosed over the balls.  It may raise
        ``UndecidedError`` where it is not smooth enough on them.
    point : sequence of n exact balls
        Nearly a zero.
    radii : iterable of arb
        Radii of the boxes to try, from the smallest up; the first box that the function refuses ends it.

    Returns
    -------
    list of ZeroBox
        The boxes that hold exactly one zero, the same in all of them; at least one.

    Raises
    ------
    UndecidedError
        No box does; with the reason of the last one that was tried.
    """
    values, jacobian = function(list(point))
    operator = Krawczyk.at(point, values, inverse_of(jacobian))
    found: list[ZeroBox] = []
    reason = UndecidedError("there is no box to try")
    for radius in radii:
        spread = [arb(0, radius)] * len(point)
        box = [x + s for x, s in zip(point, spread, strict=True)]
        try:
            _, slopes = function(box)
        except UndecidedError as error:
            reason = error
            break
        try:
            image = operator.proved(spread, defect_of(operator.inverse, slopes))
        except UndecidedError as error:
            reason = error
        else:
            found.append(ZeroBox(operator, radius, box, image, slopes))
    if not found:
        raise reason
    return found


def refined(function: Function, start: Sequence[arb], *, within: float) -> list[arb]:
    """Improve a zero by Newton's method in the midpoints of balls.

    Parameters
    ----------
    function : callable
        As for ``prove_zero``.
    start : sequence of n balls
    within : float
        The last step must be shorter than this.

    Raises
    ------
    UndecidedError
        The method does not settle.
    """
    point = [x.mid() for x in start]
    size = previous = np.inf
    for _ in range(NEWTON_STEPS):
        values, jacobian = function(point)
        step = entries(inverse_of(jacobian) * column(values))
        size = max(float(abs(x).mid()) for x in step)
        point = [(x - move).mid() for x, move in zip(point, step, strict=True)]
        if size < SETTLED or (size < ROUNDING and size >= previous) or not size < 1.0:
            break
        previous = size
    if not size < within:
        raise UndecidedError(
            f"Newton's method does not settle: its last step is {size:.1e}, above {within:.1e}; begin nearer"
        )
    return point


@at_precision(BITS, MORE_BITS)
def enclose_zero(function: Function, start: Sequence[float], *, radius: float = EVENT_RADIUS) -> list[arb]:
    """Enclose the zero of a function near a point in floats; it is the only one within ``radius``.

    Parameters
    ----------
    function : callable
        As for ``prove_zero``.
    start : sequence of n floats
    radius : float

    Returns
    -------
    list of n balls
        The zero lies in them.

    Raises
    ------
    UndecidedError
        Not proved: Newton's method does not settle, or Krawczyk's image is not inside its box.
    """
    point = refined(function, [arb(float(x)) for x in start], within=radius / 4)
    (found,) = prove_zero(function, point, [arb(radius)])
    return found.operator.contracted(found.image, function(found.image)[1])
