"""Critical points of a potential in two variables: place, signs of the Hessian, learning coefficient."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
import sympy as sp

from kgon.base.checks import Floats
from kgon.base.results import Result, result

W1, W2 = sp.symbols("w1 w2", real=True)
"""SymPy symbols of the two coordinates, in which potentials of the plane are written."""


@result
class PlanePoint(Result):
    """A critical point of a potential in the plane: where it is, its Hessian, and λ if it is a minimum.

    Attributes
    ----------
    name : str
        What the point is called in its figure and table.
    w1, w2 : float
        Its coordinates.
    eigenvalues : (2,) array
        The eigenvalues of the Hessian, ascending.
    negative, zero, positive : int
        How many eigenvalues have each sign, decided exactly by SymPy.
    is_minimum : bool
        Whether it is a local minimum, which whoever makes the record decides: zero eigenvalues leave it open.
    lambda_ : Fraction or None
        The learning coefficient at a minimum; None elsewhere.
    """

    json_names: ClassVar[dict[str, str]] = {"lambda_": "lambda"}

    name: str
    w1: float
    w2: float
    eigenvalues: Floats
    negative: int
    zero: int
    positive: int
    is_minimum: bool
    lambda_: Fraction | None


def describe_point(expression: sp.Expr, at: tuple[sp.Expr, sp.Expr]) -> dict[str, Any]:
    """Compute the fields of a ``PlanePoint`` that follow from its place and its Hessian.

    Parameters
    ----------
    expression : SymPy expression
        The potential, in ``W1`` and ``W2``.
    at : tuple of two SymPy expressions
        The critical point, exact.
    """
    hessian = sp.hessian(expression, (W1, W2)).subs({W1: at[0], W2: at[1]})
    values = [sp.simplify(v) for v, count in hessian.eigenvals().items() for _ in range(count)]
    return {
        "w1": float(at[0]),
        "w2": float(at[1]),
        "eigenvalues": np.array(sorted(float(v) for v in values)),
        "negative": sum(bool(v < 0) for v in values),
        "zero": sum(bool(sp.Eq(v, 0)) for v in values),
        "positive": sum(bool(v > 0) for v in values),
    }
