"""Handle balls: their precision, vectors, midpoints, and floats on the safe side of a ball."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import ParamSpec, TypeVar

import flint
import numpy as np
from flint import arb, arb_mat

from kgon.base.checks import Floats
from kgon.base.verdicts import UndecidedError

MAX_BITS = 2**17
"""Precision at which a question is given up that more bits might decide."""
P = ParamSpec("P")
T = TypeVar("T")


def at_precision(*precisions: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Let a function compute at the first of these precisions, in bits, at which it is decided.

    Whatever the precision outside is; the last ``UndecidedError`` is the one that is raised.
    """

    def decorated(function: Callable[P, T]) -> Callable[P, T]:
        @wraps(function)
        def inside(*args: P.args, **kwargs: P.kwargs) -> T:
            for bits in precisions[:-1]:
                try:
                    with flint.ctx.workprec(bits):
                        return function(*args, **kwargs)
                except UndecidedError:
                    continue
            with flint.ctx.workprec(precisions[-1]):
                return function(*args, **kwargs)

        return inside

    return decorated


def exact_balls(values: Iterable[float]) -> list[arb]:
    """Turn floats into exact balls."""
    return [arb(float(x)) for x in values]


def column(values: Sequence[arb]) -> arb_mat:
    """Write a vector as a matrix of one column."""
    return arb_mat([[x] for x in values])


def entries(vector: arb_mat) -> list[arb]:
    """List the entries of a matrix of one column."""
    return [row[0] for row in vector.tolist()]


def identity(n: int) -> arb_mat:
    """Build the identity matrix."""
    return arb_mat([[int(i == j) for j in range(n)] for i in range(n)])


def middle_of(matrix: arb_mat) -> Floats:
    """Take the midpoints of a matrix as floats.

    Raises
    ------
    UndecidedError
        One of them is beyond the range of floats.
    """
    middle = np.array([[float(x.mid()) for x in row] for row in matrix.tolist()])
    if not np.isfinite(middle).all():
        raise UndecidedError("an entry of a matrix is beyond the range of floats")
    return middle


def row_sums(matrix: arb_mat) -> list[arb]:
    """Sum |entry| over each row; the largest is the norm that belongs to the maximum norm of vectors."""
    return [sum((abs(x) for x in row), arb(0)) for row in matrix.tolist()]


def below(x: arb) -> float:
    """Find a float below all of a ball."""
    return math.nextafter(float(x.lower()), -math.inf)


def above(x: arb) -> float:
    """Find a float above all of a ball."""
    return math.nextafter(float(x.upper()), math.inf)
