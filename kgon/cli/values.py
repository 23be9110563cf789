"""Values of options, read from text."""

from __future__ import annotations

import argparse

from kgon.base.verdicts import KgonError

MAX_VERTICES = 2000
"""Largest k of ``kgon exists``."""
MOST = 100_000
"""Most values of a range."""


def features(text: str) -> int:
    """Read the number of features (an argparse type)."""
    try:
        value = int(text)
    except ValueError:
        value = 0
    if not 4 <= value <= 64:
        raise argparse.ArgumentTypeError(f"the number of features is an integer from 4 to 64, got {text!r}")
    return value


def positive(text: str) -> float:
    """Read a positive, finite number, also as a fraction 1/2 (an argparse type)."""
    value = _number(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"a positive number is wanted, got {text!r}")
    return value


def not_negative(text: str) -> float:
    """Read 0 or a positive, finite number (an argparse type)."""
    value = _number(text)
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"a number of 0 or more is wanted, got {text!r}")
    return value


def _number(text: str) -> float:
    """The number that a decimal or a fraction is; −1 for anything else."""
    try:
        return _fraction(text)
    except (ValueError, ZeroDivisionError):
        return -1.0


def _fraction(text: str) -> float:
    """The number that a decimal or a fraction is; ValueError or ZeroDivisionError for anything else."""
    above, _, below = text.partition("/")
    return float(above) / float(below or 1)


def batch(text: str) -> int | str:
    """Read a number of samples, or ``all`` (an argparse type)."""
    if text == "all":
        return text
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"a number of samples or all is wanted, got {text!r}") from None


def numbers(option: str, text: str, *, step: float | None = None) -> list[float]:
    """Read numbers from a list ``1,2`` or a range ``a:b:step``, which includes b; the step may be missing."""
    try:
        if ":" not in text:
            return [float(part) for part in text.split(",")]
        first, last, *rest = (float(part) for part in text.split(":"))
        (width,) = rest or ([] if step is None else [step])
        if not width > 0 or not last >= first:
            raise ValueError
        count = int((last - first) / width * (1 + 1e-12)) + 1
    except (ValueError, OverflowError):
        shape = "a:b:step" if step is None else "a:b[:step]"
        raise KgonError(f"{option} is a number, a list 1,2 or a range {shape}, got {text!r}") from None
    if count > MOST:
        raise KgonError(f"{option} {text} asks for too many values; at most {MOST}")
    return [first + k * width for k in range(count)]


def fractions(option: str, text: str) -> list[float]:
    """Read numbers with commas between them, also as fractions 1/2."""
    try:
        return [_fraction(part) for part in text.split(",")]
    except (ValueError, ZeroDivisionError):
        raise KgonError(f"{option} is a list of numbers such as 1,1,1/2, got {text!r}") from None


def sizes(text: str) -> list[float]:
    """Read sample sizes, which are positive."""
    found = numbers("--n", text, step=1.0)
    if not all(0 < size < float("inf") for size in found):
        raise KgonError(f"--n must be positive and finite, got {text!r}")
    return found


def vertices(text: str) -> range:
    """Read numbers of vertices from ``k`` or a range ``a:b``, which includes b."""
    parts = text.split(":")
    try:
        first, last = int(parts[0]), int(parts[-1])
    except ValueError:
        first, last = 0, 0
    if len(parts) > 2 or not 3 <= first <= last <= MAX_VERTICES:
        raise KgonError(f"--k is a number or a range a:b with 3 <= a <= b <= {MAX_VERTICES}, got {text!r}")
    return range(first, last + 1)
