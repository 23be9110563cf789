"""Theories of the free energy by name, and the checks of β and n that all of them share."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from kgon.base.checks import Floats, check_choice, real_array, refusal

THEORIES = ("none", "prior", "laplace", "laplace2")
"""Choices of the constant c_α that need no sampling of the posterior."""
MEANINGS = {
    "none": "c_α = 0",
    "prior": "c_α = ½‖w*‖²",
    "laplace": "the true leading constant",
    "laplace2": "laplace and the next order",
    "evidence": "sampled",
}
"""What each theory takes for c_α, in words."""


def check_theory(theory: str, allowed: Sequence[str] = THEORIES) -> str:
    """The theory itself, or an error that lists those allowed."""
    return check_choice("theory", theory, allowed)


BETA_RANGE = (Fraction(1, 10**100), Fraction(10**100))
"""Smallest and largest β."""


def check_beta(beta: Any) -> Fraction:
    """β as an exact fraction; positive.  Text such as ``0.1`` or ``1/2`` is read exactly."""
    value = beta.item() if isinstance(beta, np.generic) else beta
    try:
        if isinstance(value, str) and "/" not in value:
            value = Decimal(value)
            # The fraction of 1e999999999 would fill the memory before its size could be tested.
            if not (value.is_finite() and abs(value.adjusted()) <= 101):
                raise ValueError
        exact = Fraction(value)
    except (ValueError, TypeError, ArithmeticError):
        exact = Fraction(0)
    if not BETA_RANGE[0] <= exact <= BETA_RANGE[1]:
        raise refusal("beta", "a positive number from 1e-100 to 1e100", beta)
    return exact


def check_sizes(n: ArrayLike) -> Floats:
    """Sample sizes as floats: positive and finite."""
    size = real_array("n", n)
    if not (np.isfinite(size).all() and (size > 0).all()):
        raise refusal("n", "positive and finite", n)
    return size


def strengths(n: ArrayLike, beta: Any) -> Floats:
    """s = βn in float64, for valid n and β."""
    return np.asarray(float(check_beta(beta)) * check_sizes(n))
