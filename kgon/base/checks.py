"""Checks of options: each refuses with one sentence that names the option, the wish and the value.

Numbers of NumPy count as Python's do, a bool counts as no number, and a check returns what it has accepted as
a plain ``int``, ``float`` or ``str``.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kgon.base.verdicts import KgonError

Floats = NDArray[np.float64]
"""An array of floating-point numbers."""
LONGEST = 100
"""Characters of a value that an error shows."""


def shown(value: Any) -> str:
    """Write a value as errors name it: on one line, not too long, numbers of NumPy as plain ones."""
    text = " ".join((str(value) if isinstance(value, numbers.Number) else repr(value)).split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


def refusal(name: str, wish: str, value: Any) -> KgonError:
    """Make the error that says of an option what it must be and what it is."""
    return KgonError(f"{name} must be {wish}, got {shown(value)}")


def rectangular(name: str, value: ArrayLike) -> NDArray[Any]:
    """Read an array of any type, of a trained tensor its values; refuse ragged lists and masked entries."""
    if np.ma.is_masked(value):
        raise KgonError(f"{name} has masked entries: give the numbers that are meant")
    try:
        return np.asarray(value.detach() if hasattr(value, "detach") else value)
    except ValueError:
        raise KgonError(f"{name} is not a rectangular array") from None
    except (TypeError, RuntimeError) as error:  # a tensor in bfloat16, or on another device
        raise KgonError(
            f"{name} must be an array that NumPy reads, such as tensor.float().cpu(), got "
            f"{type(value).__name__} ({error})"
        ) from None


def real_array(name: str, value: ArrayLike) -> Floats:
    """Read a contiguous float64 array; refuse text, complex numbers and ragged lists."""
    if type(value) is np.ndarray and value.dtype == np.float64 and value.flags.c_contiguous:
        return value
    array = rectangular(name, value)
    if array.dtype.kind not in "iufb":
        raise KgonError(f"{name} must hold real numbers, it holds {array.dtype}")
    return np.asarray(array, dtype=np.float64, order="C")


def rounding_of(*values: ArrayLike) -> float:
    """Find the spacing of floats at 1 in the narrowest type among arrays; whole numbers count as float64.

    Examples
    --------
    >>> rounding_of([0.5], np.float32([0.5])) == 2**-23, rounding_of([1, 2]) == 2**-52
    (True, True)
    """
    kinds = [rectangular("an array", value).dtype for value in values]
    widths = [float(np.finfo(kind).eps) for kind in kinds if kind.kind == "f"]
    return max([*widths, float(np.finfo(np.float64).eps)])


def check_integer(name: str, value: Any, least: int, most: int | None = None) -> int:
    """Read a whole number from ``least`` to ``most``, both included; refuse anything else, bools among it."""
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not whole or value < least or (most is not None and value > most):
        bounds = f"of at least {least}" if most is None else f"from {least} to {most}"
        raise refusal(name, f"an integer {bounds}", value)
    return int(value)


def check_seed(value: Any, name: str = "seed") -> int:
    """Read a seed of random numbers, an integer of at least 0; refuse anything else."""
    return check_integer(name, value, 0)


def _finite(value: Any) -> float:
    """A finite real number as a float; NaN for anything else."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return math.nan
    try:
        return float(value) if math.isfinite(value) else math.nan
    except OverflowError:  # an int beyond the floats
        return math.nan


def check_number(name: str, value: Any, least: float = -math.inf, most: float = math.inf) -> float:
    """Read a finite number from ``least`` to ``most``, both included; refuse anything else."""
    number = _finite(value)
    if not least <= number <= most:
        if most < math.inf:
            raise refusal(name, f"a number from {least:g} to {most:g}", value)
        bound = f" of at least {least:g}" if least > -math.inf else ""
        raise refusal(name, f"a finite number{bound}", value)
    return number


def check_positive(name: str, value: Any, least: float = 0.0) -> float:
    """Read a finite number above ``least``; refuse anything else."""
    number = _finite(value)
    if not number > least:
        raise refusal(name, f"a finite number above {least:g}" if least else "positive and finite", value)
    return number


MOST_EXACT = Fraction(10**100)
"""Largest number, and inverse of the smallest above 0, that is read exactly."""


def exact_fraction(value: Any) -> Fraction | None:
    """Read a number exactly, from text such as ``0.1`` or ``1/2`` too; None for anything else.

    Beside 0 its size is from 1e-100 to 1e100.

    Examples
    --------
    >>> exact_fraction("0.1"), exact_fraction(0.5), exact_fraction("1e999999999"), exact_fraction("one")
    (Fraction(1, 10), Fraction(1, 2), None, None)
    """
    exact = value.item() if isinstance(value, np.generic) else value
    if isinstance(exact, bool):
        return None
    try:
        if isinstance(exact, str) and "/" not in exact:
            exact = Decimal(exact)
        # The fraction of 1e999999999 would fill the memory before its size could be tested.
        if isinstance(exact, Decimal) and exact and not (exact.is_finite() and abs(exact.adjusted()) <= 101):
            return None
        found = Fraction(exact)
    except (ValueError, TypeError, ArithmeticError):
        return None
    return found if not found or 1 / MOST_EXACT <= abs(found) <= MOST_EXACT else None


def check_increasing(name: str, values: ArrayLike, *, zero: bool = False) -> Floats:
    """Read one or more positive, finite, increasing numbers (k,); with ``zero`` the first may be 0."""
    array = real_array(name, values)
    rises = array.ndim == 1 and array.size > 0 and np.isfinite(array).all() and (np.diff(array) > 0).all()
    if not rises or array[0] < 0 or (array[0] == 0 and not zero):
        wish = "finite and increasing from 0 or more" if zero else "positive, finite and increasing"
        raise refusal(name, wish, array.tolist())
    return array


def check_choice(name: str, value: Any, choices: Iterable[str]) -> str:
    """Read one of several words; refuse anything else, naming them."""
    known = tuple(choices)
    if not isinstance(value, str) or value not in known:
        raise refusal(name, f"one of {', '.join(known)}", value)
    return str(value)


def assign(record: object, **values: Any) -> None:
    """Put checked values into a frozen record, from its ``__init__`` or ``__post_init__``."""
    for name, value in values.items():
        object.__setattr__(record, name, value)
