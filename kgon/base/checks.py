"""Checks of options: each refuses with one sentence that names the value and what would be right."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kgon.base.verdicts import KgonError

Floats = NDArray[np.float64]


def real_array(name: str, value: ArrayLike) -> Floats:
    """A contiguous float64 array; text, complex numbers and ragged lists are refused."""
    try:
        array = np.asarray(value)
    except ValueError:
        raise KgonError(f"{name} is not a rectangular array") from None
    if array.dtype.kind not in "iufb":
        raise KgonError(f"{name} must hold real numbers, it holds {array.dtype}")
    return np.asarray(array, dtype=np.float64, order="C")


def check_integer(name: str, value: Any, least: int, most: int | None = None) -> int:
    """A whole number within its bounds, as an int; a bool is none."""
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not whole or value < least or (most is not None and value > most):
        bounds = f"of at least {least}" if most is None else f"from {least} to {most}"
        raise KgonError(f"{name} must be an integer {bounds}, got {value!r}")
    return int(value)
