"""Interval arithmetic in integers: end points are multiples of a power of two, operations round outwards."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, ClassVar

from .reading import require


class Interval:
    """A closed interval [lo, hi]·2^-bits of real numbers; a subclass sets the bits."""

    __slots__ = ("hi", "lo")
    bits: ClassVar[int]
    one: ClassVar[int]  # the number one, in units of 2^-bits

    def __init_subclass__(cls, bits: int) -> None:
        cls.bits, cls.one = bits, 1 << bits

    def __init__(self, lo: int, hi: int) -> None:
        self.lo, self.hi = lo, hi

    @classmethod
    def of(cls, value: Fraction | int) -> Any:
        """Return the smallest interval that contains a number."""
        units, denominator = value.numerator << cls.bits, value.denominator
        return cls(units // denominator, -(-units // denominator))

    def __neg__(self) -> Any:
        return type(self)(-self.hi, -self.lo)

    def __add__(self, other: Any) -> Any:
        kind = type(self)
        if type(other) is int:
            return kind(self.lo + (other << kind.bits), self.hi + (other << kind.bits))
        if type(other) is Fraction:
            other = kind.of(other)
        if type(other) is not kind:
            return NotImplemented
        return kind(self.lo + other.lo, self.hi + other.hi)

    def __sub__(self, other: Any) -> Any:
        return self + -other

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def __mul__(self, other: Any) -> Any:
        kind, a, b = type(self), self.lo, self.hi
        if type(other) is int:
            return kind(a * other, b * other) if other >= 0 else kind(b * other, a * other)
        if type(other) is Fraction:
            other = kind.of(other)
        if type(other) is not kind:
            return NotImplemented
        c, d, bits = other.lo, other.hi, kind.bits
        if a >= 0:
            return kind((a if c >= 0 else b) * c >> bits, -(-(b if d >= 0 else a) * d >> bits))
        if b <= 0:
            return kind((a if d >= 0 else b) * d >> bits, -(-(b if c >= 0 else a) * c >> bits))
        ends = (a * c, a * d, b * c, b * d)
        return kind(min(ends) >> bits, -(-max(ends) >> bits))

    __radd__, __rmul__ = __add__, __mul__

    def __truediv__(self, other: Any) -> Any:
        kind = type(self)
        if isinstance(other, int | Fraction):
            other = kind.of(other)
        if type(other) is not kind:
            return NotImplemented
        require(other.lo > 0 or other.hi < 0, "division by an interval that contains zero")
        ends = [(x << kind.bits, y) for x in (self.lo, self.hi) for y in (other.lo, other.hi)]
        return kind(min(x // y for x, y in ends), max(-(-x // y) for x, y in ends))

    def square(self) -> Any:
        """Return the squares of all numbers."""
        low, high = sorted((abs(self.lo), abs(self.hi)))
        bits = self.bits
        return type(self)(0 if self.lo <= 0 <= self.hi else low * low >> bits, -(-high * high >> bits))

    def sqrt(self) -> Any:
        """Return the square roots of all numbers, none of which is negative."""
        require(self.lo >= 0, "a square root of a negative number")
        low, high = math.isqrt(self.lo << self.bits), math.isqrt(self.hi << self.bits)
        return type(self)(low, high + (high * high != self.hi << self.bits))

    def hull(self, other: Interval) -> Any:
        """Return the smallest interval that contains both."""
        return type(self)(min(self.lo, other.lo), max(self.hi, other.hi))

    def widen(self, units: int) -> Any:
        """Return the interval, longer by so many units to both sides."""
        return type(self)(self.lo - units, self.hi + units)

    def middle(self) -> Any:
        """Return a point of the interval: its middle, rounded down."""
        return type(self)((self.lo + self.hi) >> 1, (self.lo + self.hi) >> 1)

    def size(self) -> int:
        """Return the largest absolute value, in units."""
        return max(self.hi, -self.lo)

    def sign(self) -> int:
        """Return the sign that all numbers have; 0 where there is none."""
        return (self.lo > 0) - (self.hi < 0)

    def within(self, lower: Fraction, upper: Fraction) -> bool:
        """Whether all numbers are strictly between two bounds."""
        return lower < Fraction(self.lo, self.one) and Fraction(self.hi, self.one) < upper

    @property
    def range(self) -> Any:
        """The interval itself, as a ``Series`` has a range too."""
        return self


class Interval96(Interval, bits=96):
    """For the many boxes of branches and of global minima."""

    __slots__ = ()


class Interval512(Interval, bits=512):
    """For k-gons, whose numbers are known to 30 digits and more."""

    __slots__ = ()


def dot(u: list[Any], v: list[Any]) -> Any:
    """Return Σ u_i v_i."""
    return sum(x * y for x, y in zip(u, v, strict=True))
