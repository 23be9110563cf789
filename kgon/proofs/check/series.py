"""Taylor series to second order along a line, with intervals as coefficients."""

from __future__ import annotations

from typing import Any


class Series:
    """f + f′s + rs²: r encloses f″/2 along a line; f and f′ belong to its middle, or to all of it."""

    __slots__ = ("f", "g", "r")

    def __init__(self, f: Any, g: Any, r: Any = None) -> None:
        self.f, self.g, self.r = f, g, f * 0 if r is None else r

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
        """Return the series of the square."""
        return Series(self.f.square(), self.f * self.g * 2, self.f * self.r * 2 + self.g.square())

    def hull(self, other: Series) -> Series:
        """Return the hull, coefficient by coefficient."""
        return Series(self.f.hull(other.f), self.g.hull(other.g), self.r.hull(other.r))

    @property
    def range(self) -> Any:
        """The values at the middle, or on all of the line."""
        return self.f
