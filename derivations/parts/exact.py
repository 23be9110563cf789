"""Points of the model in exact fractions, and fractions as balls: what several derivations share."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from flint import arb, fmpq

Matrix = list[list[Fraction]]
Point = tuple[Matrix, list[Fraction]]
"""W as two rows, and b."""

SQUARE = ((1, 0), (0, 1), (-1, 0), (0, -1))
"""Vertices of the 4-gon."""


def inner(W: Sequence[Sequence[Fraction]], i: int, j: int) -> Fraction:
    """The inner product of columns i and j of W."""
    return W[0][i] * W[0][j] + W[1][i] * W[1][j]


def ball(value: Fraction | int) -> arb:
    """The smallest ball at the working precision that contains a fraction."""
    value = Fraction(value)
    return arb(fmpq(value.numerator, value.denominator))
