"""π, cosines and sines, enclosed by series with rational terms."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Any

from .intervals import Interval
from .reading import require

Kind = Any  # a class of intervals
Point = tuple[Any, Any]  # cosine and sine


def _arctan(n: int, kind: Kind) -> Any:
    """Enclose arctan(1/n): the series alternates, so that its last term bounds the rest."""
    terms = [Fraction((-1) ** i, (2 * i + 1) * n ** (2 * i + 1)) for i in range(kind.bits // 4)]
    return kind.of(sum(terms)).widen(kind.of(abs(terms[-1])).hi)


@lru_cache
def pi(kind: Kind) -> Any:
    """Enclose π by Machin's formula."""
    return 16 * _arctan(5, kind) - 4 * _arctan(239, kind)


@lru_cache(1 << 16)
def at_angle(x: int, kind: Kind) -> Point:
    """Enclose the cosine and the sine of an angle of x units in [0, 2]."""
    require(0 <= x <= 2 * kind.one, "an angle is out of range")
    low, high, i, parts = kind.one, kind.one, 0, [kind(0, 0)] * 4  # the bounds of the term xⁱ/i!
    while high > 1 or i < 4:
        parts[i % 4] += kind(low, high)
        i += 1
        low, high = low * x // (i << kind.bits), -(-high * x // (i << kind.bits))
    rest = kind(-2 * high, 2 * high)  # each following term is at most half of the one before
    return parts[0] - parts[2] + rest, parts[1] - parts[3] + rest


def cos_sin(angle: Interval) -> Point:
    """Enclose the cosine and the sine of all angles of an interval in [0, π/2], where both are monotone."""
    kind: Kind = type(angle)
    require(2 * angle.hi <= pi(kind).lo, "an angle is not acute")
    (cos_high, sin_low), (cos_low, sin_high) = at_angle(angle.lo, kind), at_angle(angle.hi, kind)
    return kind(cos_low.lo, cos_high.hi), kind(sin_low.lo, sin_high.hi)


def roots_of_unity(k: int, kind: Kind) -> list[Point]:
    """Enclose (cos, sin) of 2πj/k for j = 0 … k−1, k ≥ 5."""
    cos, sin = cos_sin(2 * pi(kind) / k)
    points: list[Point] = [(kind.of(1), kind.of(0))]
    while len(points) < k:
        x, y = points[-1]
        points.append((x * cos - y * sin, x * sin + y * cos))
    return points
