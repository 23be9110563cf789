"""Checks of the theory, of β and of n, which everything about free energies shares."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kgon.base.checks import Floats, check_choice, exact_fraction, real_array, refusal
from kgon.free_energy.theories import THEORIES


def check_theory(theory: str, allowed: Sequence[str] | None = None) -> str:
    """Return the name of a theory as it is, or refuse it with those allowed: by default all declared."""
    return check_choice("theory", theory, THEORIES if allowed is None else allowed)


def name_basis(theory: str, *, given: bool) -> str:
    """Say where constants come from: a theory, or the user, who gave those of every phase.

    Of a theory whose n enters through βn this is said even then.
    """
    if not given:
        return f"theory {theory}"
    by_strength = theory in THEORIES and THEORIES[theory].by_strength
    return "given phases" + (", n through βn" if by_strength else "")


def check_beta(beta: Any) -> Fraction:
    """Read β as an exact fraction, from text such as ``0.1`` or ``1/2`` too; it must be positive."""
    exact = exact_fraction(beta)
    if exact is None or exact <= 0:
        raise refusal("beta", "a positive number from 1e-100 to 1e100", beta)
    return exact


def check_sizes(n: ArrayLike) -> Floats:
    """Read sample sizes as floats, and refuse any that is not positive and finite."""
    size = real_array("n", n)
    if not (np.isfinite(size).all() and (size > 0).all()):
        raise refusal("n", "positive and finite", n)
    return size


def covered(theory: str, n: ArrayLike, beta: Any) -> NDArray[np.bool_]:
    """Say at which n a theory holds: from its ``least_strength`` on."""
    with np.errstate(over="ignore"):  # the free energy refuses what overflows
        return np.asarray(strengths(n, beta) >= THEORIES[theory].least_strength)


def strengths(n: ArrayLike, beta: Any) -> Floats:
    """Return the strength s = βn of the posterior in float64, for valid n and β."""
    return np.asarray(float(check_beta(beta)) * check_sizes(n))
