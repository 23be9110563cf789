"""Expectations over several active features in any number type: exact fractions, balls, mpmath.

Output j is relu(y), y = b + Σ a_i x_i with a_i = W_i·W_j.  All that the loss and its derivatives are made of
are the expectations E x^α relu(y)ⁿ/n!, for n ≥ 0, and for n = −1, where relu(y)ⁿ/n! is the density of y at 0.
Where y has one sign over all inputs they are moments.  Elsewhere the longest feature, that of the largest
|a_i|, is integrated by parts (derivation 7), which divides by its a_i alone.  With a_i = 0 all that are left
vanish, and the sign of y is known: nothing is ever divided by 0.  The float kernels (``kernels.several``) go
the same tree; here every value is computed when it is asked for, once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import comb, factorial, perm
from typing import Any

from flint import arb

from kgon.base.verdicts import UndecidedError
from kgon.potential.regions import Number

Features = tuple[int, ...]
"""The factors of x^α by feature, in rising order, some more than once: x_0 x_2² is (0, 2, 2)."""


@dataclass(frozen=True, slots=True, eq=False)
class Law:
    """Which features are active at once, in any number type.

    The probability that S is the set of active features is ``accept[|S|]`` (``accept[0]`` where it has one
    entry) times the product of ``active`` over S and of ``inactive`` over the others.

    Attributes
    ----------
    inactive, active : sequence of c numbers
    accept : sequence of numbers
        One entry where features are independent; else by how many are active, from 0 up to the most.
    """

    inactive: Sequence[Number]
    active: Sequence[Number]
    accept: Sequence[Number]

    @classmethod
    def bernoulli(cls, p: Sequence[Number]) -> Law:
        """Feature i is active with probability p_i, independently."""
        return cls([1 - x for x in p], list(p), [0 * p[0] + 1])

    @classmethod
    def exactly(cls, s: int, c: int, one: Number) -> Law:
        """Exactly s of c features are active, each set with one probability; ``one`` is 1 in the type."""
        return cls([one] * c, [one] * c, [0 * one] * s + [one / comb(c, s)])

    @classmethod
    def one(cls, p: Sequence[Number]) -> Law:
        """One feature is active, i with probability p_i."""
        return cls([0 * p[0] + 1] * len(p), list(p), [0 * p[0], 0 * p[0] + 1])

    @property
    def counted(self) -> int:
        """1 where active features are counted, else 0."""
        return int(len(self.accept) > 1)


class Output:
    """Expectations of one output, of slopes a and bias b.

    Parameters
    ----------
    a : sequence of c numbers
    b : number
    law : Law

    Examples
    --------
    One feature, always active: E relu(x − ½)² = ∫ from ½ to 1 of (x − ½)² = 1/24.

    >>> from fractions import Fraction as Q
    >>> 2 * Output([Q(1)], Q(-1, 2), Law.bernoulli([Q(1)])).expectation((), 2)
    Fraction(1, 24)
    """

    def __init__(self, a: Sequence[Number], b: Number, law: Law) -> None:
        self.order = sorted(range(len(a)), key=lambda i: -_length(a[i]))
        self.slope = [a[i] for i in self.order]
        self.bias, self.accept, self.counted = b, law.accept, law.counted
        self.inactive = [law.inactive[i] for i in self.order]
        self.active = [law.active[i] for i in self.order]
        zero = 0 * b
        self.low, self.high = [zero], [zero]  # of the features from each depth on
        for x in reversed(self.slope):
            self.low.insert(0, self.low[0] - _positive(-x))
            self.high.insert(0, self.high[0] + _positive(x))
        self._known: dict[Any, Number] = {}

    @property
    def off(self) -> bool:
        """Whether the output is 0 at every input, for certain, and so are its derivatives."""
        return bool(self.bias + self.high[0] <= 0) and not self.bias + self.low[0] >= 0

    def expectation(self, factors: Features, n: int) -> Number:
        """Compute E x^α relu(y)ⁿ/n!.

        Raises
        ------
        UndecidedError
            Of balls: it may jump in them.
        """
        places = tuple(sorted(self.order.index(i) for i in factors))
        return self._value(0, 1, self.bias, places, n, 0)

    def _once(self, key: Any, compute: Callable[[], Number]) -> Number:
        if key not in self._known:
            self._known[key] = compute()
        return self._known[key]

    def _value(self, m: int, node: int, z: Number, factors: Features, n: int, t: int) -> Number:
        """E x^α relu(z + Y)ⁿ/n! over the features from depth m on, when t before them are active."""
        return self._once((node, factors, n, t), lambda: self._computed(m, node, z, factors, n, t))

    def _computed(self, m: int, node: int, z: Number, factors: Features, n: int, t: int) -> Number:
        if z + self.low[m] >= 0:
            terms = (_power(z, k) * self._moment(m, factors, n - k, t) / factorial(k) for k in range(n + 1))
            return sum(terms, 0 * z)
        if z + self.high[m] <= 0:
            return 0 * z
        if m == len(self.slope) or not (self.slope[m] > 0 or self.slope[m] < 0):
            return self._hull(m, z, factors, n, t)
        a, q, after = self.slope[m], factors.count(m), t + self.counted
        rest = tuple(i for i in factors if i != m)

        def below(k: int) -> Number:
            return self._value(m + 1, 2 * node, z, rest, k, after)

        def above(k: int) -> Number:
            return self._value(m + 1, 2 * node + 1, z + a, rest, k, after)

        value = 0 * z if q else self.inactive[m] * self._value(m + 1, 2 * node, z, rest, n, t)
        if after < len(self.accept):
            by_parts = sum(
                ((-1) ** i * perm(q, i) * above(n + i + 1) / _power(a, i + 1) for i in range(q + 1)), 0 * z
            )
            by_parts = by_parts - (-1) ** q * factorial(q) * below(n + q + 1) / _power(a, q + 1)
            value = value + self.active[m] * by_parts
        if n >= 1 and isinstance(value, arb):
            value = value.intersection(self._hull(m, z, factors, n, t))
        return value

    def _hull(self, m: int, z: Number, factors: Features, n: int, t: int) -> Number:
        """Bounds for balls: relu(z + Y)ⁿ lies between its values at both ends of Y, and x^α ≥ 0."""
        if n < 1:
            raise UndecidedError("the ReLU of an output may switch where the second derivative of L jumps")
        least, most = _positive(z + self.low[m]), _positive(z + self.high[m])
        return self._moment(m, factors, 0, t) * _power(least.union(most), n) / factorial(n)

    def _moment(self, m: int, factors: Features, k: int, t: int) -> Number:
        """E x^α Yᵏ/k! over the features from depth m on."""
        return self._once((m, factors, k, t, "moment"), lambda: self._moment_computed(m, factors, k, t))

    def _moment_computed(self, m: int, factors: Features, k: int, t: int) -> Number:
        if m == len(self.slope):
            return self.accept[t if self.counted else 0] if k == 0 else 0 * self.bias
        q, after = factors.count(m), t + self.counted
        rest = tuple(i for i in factors if i != m)
        value = 0 * self.bias if q else self.inactive[m] * self._moment(m + 1, rest, k, t)
        if after < len(self.accept):
            terms = (
                _power(self.slope[m], i)
                * self._moment(m + 1, rest, k - i, after)
                / (factorial(i) * (i + q + 1))
                for i in range(k + 1)
            )
            value = value + self.active[m] * sum(terms, 0 * self.bias)
        return value


def _length(x: Number) -> float:
    """|x|, or the most it is in a ball, as a float: it only orders."""
    return float(abs(x).upper()) if isinstance(x, arb) else float(abs(x))


def _power(x: Number, k: int) -> Number:
    """x^k by products: a ball's own powers are not bounded where it holds 0."""
    return x * _power(x, k - 1) if k else 1


def _positive(x: Number) -> Number:
    """max(x, 0), of a ball that of all its numbers."""
    if x >= 0:
        return x
    if x <= 0:
        return 0 * x
    return arb(0).union(x.upper())
