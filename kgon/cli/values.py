"""Values of options, read from text."""

from __future__ import annotations

import argparse

MAX_VERTICES = 2000
"""Largest k of ``kgon exists``."""


def features(text: str) -> int:
    """The number of features."""
    try:
        value = int(text)
    except ValueError:
        value = 0
    if not 4 <= value <= 64:
        raise argparse.ArgumentTypeError(f"the number of features is an integer from 4 to 64, got {text!r}")
    return value


def sizes(text: str) -> list[float]:
    """Sample sizes from a list ``100,200`` or a range ``a:b[:step]``, which includes b."""
    from kgon.base.verdicts import KgonError

    try:
        if ":" not in text:
            sizes = [float(part) for part in text.split(",")]
        else:
            first, last, *rest = (float(part) for part in text.split(":"))
            step = rest[0] if rest else 1.0
            if len(rest) > 1 or not step > 0 or not last >= first:
                raise ValueError
            count = int((last - first) / step * (1 + 1e-12)) + 1
            if count > 100_000:
                raise KgonError(f"--n {text} asks for {count} sizes; at most 100000")
            sizes = [first + k * step for k in range(count)]
    except (ValueError, OverflowError) as error:
        if isinstance(error, KgonError):
            raise
        raise KgonError(f"--n is a number, a list 100,200 or a range a:b[:step], got {text!r}") from None
    if not all(0 < size < float("inf") for size in sizes):
        raise KgonError(f"--n must be positive, got {text!r}")
    return sizes


def vertices(text: str) -> range:
    """Numbers of vertices from ``k`` or a range ``a:b``, which includes b."""
    from kgon.base.verdicts import KgonError

    parts = text.split(":")
    try:
        first, last = int(parts[0]), int(parts[-1])
    except ValueError:
        first, last = 0, 0
    if len(parts) > 2 or not 3 <= first <= last <= MAX_VERTICES:
        raise KgonError(f"--k is a number or a range a:b with 3 <= a <= b <= {MAX_VERTICES}, got {text!r}")
    return range(first, last + 1)


def positive(text: str) -> float:
    """A positive, finite number, also as a fraction 1/2 (an argparse type)."""
    try:
        above, _, below = text.partition("/")
        value = float(above) / float(below or 1)
    except (ValueError, ZeroDivisionError):
        value = -1.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"a positive number is wanted, got {text!r}")
    return value


def numbers(text: str, option: str) -> list[float]:
    """Numbers from a list ``1,2`` or a range ``a:b:step``."""
    from kgon.base.verdicts import KgonError

    try:
        if ":" not in text:
            return [float(part) for part in text.split(",")]
        first, last, step = (float(part) for part in text.split(":"))
        if not step > 0 or not last >= first or (last - first) / step > 10_000:
            raise ValueError
        return [first + k * step for k in range(int((last - first) / step * (1 + 1e-12)) + 1)]
    except (ValueError, OverflowError):
        raise KgonError(f"{option} is a list 1,2 or a range a:b:step, got {text!r}") from None
