"""Numbers of a phase as exactly as they are known: rationals, enclosures, estimates with standard errors.

The difference of two numbers depends on the numbers alone, not on where they come from: a phase given by hand
and the same phase of the catalogue cross others at the same n.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import numpy as np
from flint import arb, fmpq

from kgon.base.checks import exact_fraction, refusal
from kgon.numerics.balls import at_precision
from kgon.potential.any_number import exact_ball

BITS = 256
"""Precision of the balls that enclose numbers given by their two ends."""
WISH = (
    "a number such as 0.07 or 15/2, an estimate 0.07±0.001 or an enclosure [0.069, 0.071], of size 0 or "
    "1e-100 to 1e100"
)
"""What a number of a phase may be."""
_ESTIMATE = re.compile(r"(.*?)(?:±|\+/?-)(.*)", re.S)
_NOTHING: Mapping[Any, Any] = MappingProxyType({})
End = Fraction | arb
"""An end of an enclosure: a fraction where it is a known one, so that ends that cancel leave 0."""


def same_ball(x: arb, y: arb) -> bool:
    """Whether two balls are the same: midpoint and radius, not only the number that they hold."""
    return bool(x.mid() == y.mid()) and bool(x.rad() == y.rad())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Quantity:
    """A real number, as exactly as it is known.

    Attributes
    ----------
    ball : flint.arb
        Encloses the number tightly: of an estimate the value that was estimated, of an enclosure its middle.
    ends : tuple of Fraction or flint.arb, or None
        Both ends of an enclosure, of which the number may be any; None where it is one number.
    terms : mapping or None
        The number as a sum of rationals times named constants, where it is known as one; 1 has no name.
    errors : mapping
        Error by replicate of the sampling, by what was sampled: errors of one source are common to all
        numbers that name it, different sources are independent.

    Examples
    --------
    >>> [str(Quantity.read("loss", text)) for text in ("15/2", "0.07 +- 0.001", "[0.069, 0.071]")]
    ['7.5', '0.07 ± 0.001', '[0.069, 0.071]']
    """

    ball: arb
    ends: tuple[End, End] | None = None
    terms: Mapping[str, Fraction] | None = None
    errors: Mapping[str, Sequence[float]] = field(default_factory=lambda: _NOTHING)

    @classmethod
    @at_precision(BITS)
    def of(cls, value: Fraction | int) -> Quantity:
        """Take an exact rational."""
        return cls(ball=exact_ball(Fraction(value)), terms={"": Fraction(value)})

    @classmethod
    def combination(cls, q: Fraction, r: Fraction, name: str, ball: arb) -> Quantity:
        """Take q + r·x, where x is a constant with a name, and a ball encloses the number itself."""
        return cls.of(q) if r == 0 else cls(ball=ball, terms={"": q, name: r})

    @classmethod
    def read(cls, name: str, value: Any, source: str = "") -> Quantity:
        """Read what a user writes for a number; floats are the decimals that they print as.

        Parameters
        ----------
        name : str
            As errors call the number.
        value : number, str, pair, arb or Quantity
            A pair of numbers is an enclosure, and so is a ball.
        source : str
            Names the error of an estimate.

        Raises
        ------
        KgonError
            It is no such number.
        """
        if isinstance(value, cls):
            return value
        if isinstance(value, arb):
            if not value.is_finite():
                raise refusal(name, WISH, str(value))
            value = value.lower().fmpq(), value.upper().fmpq()
        if isinstance(value, (float, np.floating)):
            value = str(value)
        if isinstance(value, str):
            text = value.strip()
            if text.startswith("[") and text.endswith("]"):
                value = text[1:-1].split(",")
            elif match := _ESTIMATE.fullmatch(text):
                return cls._estimate(name, value, match[1], match[2], source)
        if isinstance(value, Sequence) and not isinstance(value, str):
            return cls._enclosure(name, value)
        exact = exact_fraction(value)
        if exact is None:
            raise refusal(name, WISH, value)
        return cls.of(exact)

    @classmethod
    def _estimate(cls, name: str, given: Any, value: str, error: str, source: str) -> Quantity:
        middle, sigma = exact_fraction(value), exact_fraction(error)
        if middle is None or sigma is None or not 0 <= float(sigma) < math.inf:
            raise refusal(name, WISH, given)
        exact = cls.of(middle)
        errors = {source or name: (float(sigma),)} if sigma else _NOTHING
        return cls(ball=exact.ball, terms=exact.terms, errors=errors)

    @classmethod
    def _enclosure(cls, name: str, given: Sequence[Any]) -> Quantity:
        ends = [Fraction(int(x.p), int(x.q)) if isinstance(x, fmpq) else exact_fraction(x) for x in given]
        if len(ends) != 2 or ends[0] is None or ends[1] is None:
            raise refusal(name, WISH, given)
        if ends[0] > ends[1]:
            raise refusal(name, "an enclosure whose first end is not above the second", given)
        if ends[0] == ends[1]:
            return cls.of(ends[0])
        return cls(ball=cls.of((ends[0] + ends[1]) / 2).ball, ends=(ends[0], ends[1]))

    @property
    def exact(self) -> Fraction | None:
        """The number, where it is a known rational."""
        rational = self.terms is not None and not any(r for name, r in self.terms.items() if name)
        return self.terms.get("", Fraction(0)) if rational and self.terms is not None else None

    @property
    def both_ends(self) -> tuple[End, End]:
        """Both ends of an enclosure, fractions where they are known ones; of one number, the number twice."""
        one = self.ball if self.exact is None else self.exact
        return self.ends or (one, one)

    @property
    def bounds(self) -> tuple[arb, arb]:
        """The same as balls, at the working precision where they are rational."""
        low, high = self.both_ends
        return _as_ball(low), _as_ball(high)

    @property
    def sign(self) -> int | None:
        """−1, 0 or 1; None where an enclosure, or the precision at hand, leaves it open."""
        low, high = self.bounds
        return 1 if low > 0 else -1 if high < 0 else 0 if low == 0 and high == 0 else None

    @property
    def width(self) -> float:
        """Upper end less lower end of an enclosure; 0 of one number."""
        low, high = self.bounds
        return 0.0 if self.ends is None else float(high - low)

    @property
    def stderr(self) -> float:
        """The standard error; 0 where nothing was sampled."""
        return math.hypot(*(x for errors in self.errors.values() for x in errors))

    def within(self, deviations: int) -> Quantity:
        """Enclose an estimate by so many standard errors either way; any other number is itself."""
        if not self.stderr:
            return self
        return self._spread(deviations)

    @at_precision(BITS)
    def _spread(self, deviations: int) -> Quantity:
        reach = arb(deviations) * arb(self.stderr)
        low, high = self.bounds
        return Quantity(ball=self.ball, ends=(low - reach, high + reach))

    def enclosure(self) -> arb:
        """Enclose the number at the working precision where it is rational, else as it was given."""
        return self.ball if self.exact is None else exact_ball(self.exact)

    def agrees(self, other: Quantity) -> bool:
        """Whether another is known as the very same number."""
        mine, theirs = ({x: tuple(e) for x, e in one.errors.items()} for one in (self, other))
        same = all(same_ball(x, y) for x, y in zip(self.bounds, other.bounds, strict=True))
        return same and self.terms == other.terms and mine == theirs

    def __float__(self) -> float:
        return float(self.ball)

    @at_precision(BITS)
    def __neg__(self) -> Quantity:
        terms = None if self.terms is None else {name: -r for name, r in self.terms.items()}
        errors = {source: [-x for x in own] for source, own in self.errors.items()}
        ends = None if self.ends is None else (-self.ends[1], -self.ends[0])
        return Quantity(ball=-self.ball, ends=ends, terms=terms, errors=errors)

    @at_precision(BITS)
    def times(self, factor: Fraction) -> Quantity:
        """Multiply by a positive rational."""
        terms = None if self.terms is None else {name: factor * r for name, r in self.terms.items()}
        errors = {source: [float(factor) * x for x in own] for source, own in self.errors.items()}
        ends = None if self.ends is None else (_times(factor, self.ends[0]), _times(factor, self.ends[1]))
        return Quantity(ball=exact_ball(factor) * self.ball, ends=ends, terms=terms, errors=errors)

    @at_precision(BITS)
    def over(self, other: Quantity) -> Quantity:
        """Divide by a number that is not 0, with the standard errors to first order."""
        (low, high), (below, above) = self.bounds, other.bounds
        corners = [x / y for x in (low, high) for y in (below, above)]
        quotient, divisor = float(self) / float(other), float(other)
        errors = {source: [x / divisor for x in own] for source, own in self.errors.items()}
        for source, own in other.errors.items():
            mine = errors.get(source, [0.0] * len(own))
            errors[source] = [x - quotient * y / divisor for x, y in zip(mine, own, strict=True)]
        if self.exact is not None and other.exact is not None:
            return replace(Quantity.of(self.exact / other.exact), errors=errors)
        if self.ends is None and other.ends is None:
            return Quantity(ball=corners[0], errors=errors)
        hull = corners[0].union(corners[1]).union(corners[2]).union(corners[3])
        return Quantity(ball=self.ball / other.ball, ends=(hull.lower(), hull.upper()), errors=errors)

    @at_precision(BITS)
    def __add__(self, other: Any) -> Quantity:
        more = Quantity.read("a summand", other)
        terms: dict[str, Fraction] | None = None
        if self.terms is not None and more.terms is not None:
            names = {*self.terms, *more.terms}
            terms = {x: self.terms.get(x, Fraction(0)) + more.terms.get(x, Fraction(0)) for x in names}
        errors = {name: list(own) for name, own in self.errors.items()}
        for name, own in more.errors.items():
            errors[name] = [x + y for x, y in zip(errors.get(name, [0.0] * len(own)), own, strict=True)]
        ends = None
        if self.ends or more.ends:
            (low, high), (below, above) = self.both_ends, more.both_ends
            ends = _sum(low, below), _sum(high, above)
        found = Quantity(ball=self.ball + more.ball, ends=ends, terms=terms, errors=errors)
        return replace(found, ball=found.enclosure())

    @at_precision(BITS)
    def __sub__(self, other: Any) -> Quantity:
        return self + -Quantity.read("a number", other)

    def __str__(self) -> str:
        exact = self.exact
        if exact is not None:
            text = f"{float(exact):.15g}"
            text = text if Fraction(text) == exact else str(exact)
            return f"{text} ± {self.stderr:.6g}" if self.stderr else text
        if self.ends is None:
            return f"{float(self):.12g}"
        return f"[{float(self.ends[0]):.15g}, {float(self.ends[1]):.15g}]"


def _as_ball(end: End) -> arb:
    return end if isinstance(end, arb) else exact_ball(end)


def _sum(one: End, other: End) -> End:
    """Add two ends: fractions exactly, so that what cancels is 0."""
    if isinstance(one, Fraction) and isinstance(other, Fraction):
        return one + other
    return _as_ball(one) + _as_ball(other)


def _times(factor: Fraction, end: End) -> End:
    return factor * end if isinstance(end, Fraction) else exact_ball(factor) * end
