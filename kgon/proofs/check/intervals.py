"""Intervals with end points in 2^-BITS ℤ, and Taylor series along a chord with such coefficients."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from .reading import require

BITS = 96  # intervals have end points in 2^-BITS ℤ
ONE = 1 << BITS


def down(x: Fraction | int) -> int:
    """Return the largest multiple of 2^-BITS that is not above x."""
    return (x.numerator << BITS) // x.denominator


class Interval:
    """A closed interval [lo, hi]·2^-BITS of real numbers; every operation rounds outwards."""

    __slots__ = ("hi", "lo")

    def __init__(self, lo: int, hi: int) -> None:
        self.lo, self.hi = lo, hi

    @staticmethod
    def of(value: Fraction | int) -> Interval:
        return Interval(down(value), -down(-value))

    def __neg__(self) -> Interval:
        return Interval(-self.hi, -self.lo)

    def __add__(self, other: Any) -> Any:
        if type(other) is int:
            return Interval(self.lo + (other << BITS), self.hi + (other << BITS))
        if type(other) is Interval:
            return Interval(self.lo + other.lo, self.hi + other.hi)
        return NotImplemented

    def __sub__(self, other: Any) -> Any:
        return self + -other

    def __rsub__(self, other: int) -> Any:
        return -self + other

    def __mul__(self, other: Any) -> Any:
        a, b = self.lo, self.hi
        if type(other) is int:
            return Interval(a * other, b * other) if other >= 0 else Interval(b * other, a * other)
        if type(other) is not Interval:
            return NotImplemented
        c, d = other.lo, other.hi
        if a >= 0:
            return Interval((a if c >= 0 else b) * c >> BITS, -(-(b if d >= 0 else a) * d >> BITS))
        if b <= 0:
            return Interval((a if d >= 0 else b) * d >> BITS, -(-(b if c >= 0 else a) * c >> BITS))
        ends = (a * c, a * d, b * c, b * d)
        return Interval(min(ends) >> BITS, -(-max(ends) >> BITS))

    __radd__, __rmul__ = __add__, __mul__

    def __truediv__(self, other: Any) -> Any:
        if type(other) is int:
            return Interval(self.lo // other, -(-self.hi // other))  # by positive integers only
        if type(other) is not Interval:
            return NotImplemented
        require(other.lo > 0 or other.hi < 0, "division by an interval that contains zero")
        ends = [(x << BITS, y) for x in (self.lo, self.hi) for y in (other.lo, other.hi)]
        return Interval(min(x // y for x, y in ends), max(-(-x // y) for x, y in ends))

    def square(self) -> Interval:
        low, high = sorted((abs(self.lo), abs(self.hi)))
        return Interval(0 if self.lo <= 0 <= self.hi else low * low >> BITS, -(-high * high >> BITS))

    def hull(self, other: Interval) -> Interval:
        return Interval(min(self.lo, other.lo), max(self.hi, other.hi))

    def widen(self, radius: int) -> Interval:
        return Interval(self.lo - radius, self.hi + radius)

    def size(self) -> int:
        return max(self.hi, -self.lo)

    @property
    def range(self) -> Interval:
        return self


ZERO = Interval(0, 0)


def dot(u: list[Interval], v: list[Interval]) -> Interval:
    """Return Σ u_i v_i."""
    return sum((x * y for x, y in zip(u, v, strict=True)), ZERO)


class Series:
    """f + f′s + rs²: r encloses f″/2 along a chord; f and f′ belong to its middle, or to all of it."""

    __slots__ = ("f", "g", "r")

    def __init__(self, f: Interval, g: Interval = ZERO, r: Interval = ZERO) -> None:
        self.f, self.g, self.r = f, g, r

    def __neg__(self) -> Series:
        return Series(-self.f, -self.g, -self.r)

    def __add__(self, other: Any) -> Series:
        if type(other) is not Series:
            return Series(self.f + other, self.g, self.r)
        return Series(self.f + other.f, self.g + other.g, self.r + other.r)

    def __sub__(self, other: Any) -> Any:
        return self + -other

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def __mul__(self, other: Any) -> Series:
        if type(other) is not Series:
            return Series(self.f * other, self.g * other, self.r * other)
        f, g = self.f, self.g
        return Series(f * other.f, f * other.g + g * other.f, f * other.r + g * other.g + self.r * other.f)

    __radd__, __rmul__ = __add__, __mul__

    def __truediv__(self, other: Series) -> Series:
        f = self.f / other.f
        g = (self.g - f * other.g) / other.f
        return Series(f, g, (self.r - f * other.r - g * other.g) / other.f)

    def square(self) -> Series:
        return Series(self.f.square(), self.f * self.g * 2, self.f * self.r * 2 + self.g.square())

    def hull(self, other: Series) -> Series:
        return Series(self.f.hull(other.f), self.g.hull(other.g), self.r.hull(other.r))

    @property
    def range(self) -> Interval:
        return self.f
