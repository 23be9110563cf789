"""Critical points of a potential in two variables: place, signs of the Hessian, learning coefficient."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
import sympy as sp

from kgon.base.checks import Floats
from kgon.base.results import Result, result

W1, W2 = sp.symbols("w1 w2", real=True)
"""Coordinates of the plane."""


@result
class PlanePoint(Result):
    """A critical point in the plane, with what its kind follows from.

    Attributes
    ----------
    name : str
    w1, w2 : float
    eigenvalues : (2,) array
        Of the Hessian, ascending.
    negative, zero, positive : int
        Their signs, exact.
    is_minimum : bool
    lambda_ : Fraction or None
        Learning coefficient at a minimum; None elsewhere.
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


def hessian_at(expression: sp.Expr, at: tuple[sp.Expr, sp.Expr]) -> dict[str, Any]:
    """Compute the fields of a ``PlanePoint`` that its Hessian gives, with exact signs, and its place."""
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
