"""Krawczyk's theorem in ball arithmetic: a box that is proved to hold exactly one zero."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import ParamSpec, TypeVar

import flint
import numpy as np
from flint import arb, arb_mat

from kgon.base.checks import Floats
from kgon.base.verdicts import UndecidedError

BITS = 128
"""Precision of the balls."""
EVENT_RADIUS = 2.0**-60
"""Radius of the boxes in which events are enclosed."""

P = ParamSpec("P")
T = TypeVar("T")
Function = Callable[[list[arb]], tuple[list[arb], arb_mat]]
"""Values and Jacobian at a ball of points."""


def at_precision(function: Callable[P, T]) -> Callable[P, T]:
    """A function that computes at ``BITS`` whatever the precision outside is."""

    @wraps(function)
    def inside(*args: P.args, **kwargs: P.kwargs) -> T:
        with flint.ctx.workprec(BITS):
            return function(*args, **kwargs)

    return inside


def column(values: Sequence[arb]) -> arb_mat:
    """A vector as a matrix."""
    return arb_mat([[x] for x in values])


def middle_of(matrix: arb_mat) -> Floats:
    """Midpoints as floats."""
    return np.array([[float(x.mid()) for x in row] for row in matrix.tolist()])


def inverse_of(matrix: arb_mat) -> tuple[arb_mat, Floats]:
    """An approximate inverse, as exact balls and as floats."""
    middle = middle_of(matrix)
    if not np.isfinite(middle).all() or np.linalg.cond(middle) > 1e13:
        raise UndecidedError("the linear system is singular")
    inverse: Floats = np.asarray(np.linalg.inv(middle), dtype=np.float64)
    return arb_mat(inverse.tolist()), inverse


@at_precision
def enclose_zero(function: Function, start: Sequence[float], *, radius: float = EVENT_RADIUS) -> list[arb]:
    """Krawczyk's theorem: a zero of the function near ``start`` exists, the only one within ``radius``.

    Parameters
    ----------
    function : callable
        Takes n balls, returns n values and their (n, n) Jacobian, both enclosed over the balls.
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
    point = [arb(float(x)) for x in start]
    size, previous = np.inf, np.inf
    for _ in range(40):
        values, jacobian = function(point)
        Y, _ = inverse_of(jacobian)
        step = Y * column(values)
        size = max(float(abs(step[i, 0]).mid()) for i in range(len(point)))
        point = [(x - step[i, 0]).mid() for i, x in enumerate(point)]
        if size < 1e-30 or (size < 1e-18 and size >= previous):
            break
        if not size < 1.0:
            break
        previous = size
    if not size < radius / 4:
        raise UndecidedError("Newton's method does not settle on a zero")
    values, jacobian = function(point)
    Y, _ = inverse_of(jacobian)
    n = len(point)
    spread = arb(0, radius)
    _, slopes = function([x + spread for x in point])
    defect = arb_mat([[int(i == j) for j in range(n)] for i in range(n)]) - Y * slopes
    image = column(point) - Y * column(values) + defect * column([spread] * n)
    if not all((x + spread).contains_interior(image[i, 0]) for i, x in enumerate(point)):
        raise UndecidedError("Krawczyk's image is not inside its box")
    # Once more on the image itself: the zero lies in it.
    spreads = [image[i, 0] - x for i, x in enumerate(point)]
    _, slopes = function([image[i, 0] for i in range(n)])
    defect = arb_mat([[int(i == j) for j in range(n)] for i in range(n)]) - Y * slopes
    finer = column(point) - Y * column(values) + defect * column(spreads)
    return [image[i, 0].intersection(finer[i, 0]) for i in range(n)]
