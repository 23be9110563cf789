"""The one interval arithmetic of the three checkers, against exact fractions, at several precisions.

A fault here could prove anything in all three formats: so every operation must contain all exact results,
and be no wider than one unit beyond the exact range.
"""

from fractions import Fraction
from itertools import product
from math import isqrt

import mpmath
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kgon.proofs.check.circle import at_angle, cos_sin, pi, roots_of_unity
from kgon.proofs.check.intervals import Interval, Interval96, Interval512, dot


class Interval5(Interval, bits=5):
    """So coarse that nearly every result is rounded."""

    __slots__ = ()


class Interval0(Interval, bits=0):
    """Whole numbers."""

    __slots__ = ()


KINDS = [Interval0, Interval5, Interval96, Interval512]
fractions = st.fractions(-100, 100, max_denominator=10**6)
inner = st.fractions(0, 1, max_denominator=1000)


def low(x):
    return Fraction(x.lo, x.one)


def high(x):
    return Fraction(x.hi, x.one)


@st.composite
def interval(draw, kind):
    """An interval with end points of all signs, thin ones among them, and two points of it."""
    unit = draw(st.sampled_from([1, max(kind.one >> 3, 1), kind.one]))
    a, b = sorted(draw(st.tuples(*[st.integers(-40, 40)] * 2)))
    x = kind(a * unit, b * unit + draw(st.integers(0, 1)))
    return x, [low(x) + draw(inner) * (high(x) - low(x)), low(x), high(x)]


def assert_encloses(found, exact, slack=1):
    """The interval holds the exact values, and is rounded outwards by less than ``slack`` units a side."""
    unit = Fraction(slack, found.one)
    assert low(found) <= min(exact) and max(exact) <= high(found)
    assert min(exact) - low(found) < unit and high(found) - max(exact) < unit


BINARY = {
    "sum": lambda x, y: x + y,
    "difference": lambda x, y: x - y,
    "product": lambda x, y: x * y,
    "quotient": lambda x, y: x / y,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", BINARY)
@given(data=st.data())
def test_binary_operations_are_rounded_outwards(kind, name, data):
    """All four attain their extremes at end points, so that these give the exact range."""
    (x, points), (y, others) = data.draw(interval(kind)), data.draw(interval(kind))
    assume(name != "quotient" or y.lo > 0 or y.hi < 0)
    found = BINARY[name](x, y)
    assert type(found) is kind
    assert_encloses(found, [BINARY[name](p, q) for p, q in product((low(x), high(x)), (low(y), high(y)))])
    for p, q in product(points, others):
        assert low(found) <= BINARY[name](p, q) <= high(found)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", BINARY)
@given(data=st.data(), number=st.one_of(st.integers(-50, 50), fractions))
def test_numbers_take_part_as_their_enclosures(kind, name, data, number):
    x, points = data.draw(interval(kind))
    pairs = [(lambda p: BINARY[name](p, number))]
    if name != "quotient":  # numbers are not divided by intervals
        pairs.append(lambda p: BINARY[name](number, p))
    enclosed = kind.of(number)
    assume(name != "quotient" or enclosed.lo > 0 or enclosed.hi < 0)
    for operation in pairs:
        found = operation(x)
        assert type(found) is kind
        assert all(low(found) <= operation(p) <= high(found) for p in points)
        if type(number) is int:
            assert_encloses(found, [operation(low(x)), operation(high(x))])


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_unary_operations_are_rounded_outwards(kind, data):
    x, points = data.draw(interval(kind))
    assert_encloses(-x, [-p for p in points])
    square = x.square()
    assert_encloses(square, [p * p for p in points] + [Fraction(0)] * (x.lo <= 0 <= x.hi))
    y, _ = data.draw(interval(kind))
    hull = x.hull(y)
    assert (low(hull), high(hull)) == (min(low(x), low(y)), max(high(x), high(y)))
    assert (x.widen(3).lo, x.widen(3).hi) == (x.lo - 3, x.hi + 3)
    middle = x.middle()
    assert x.lo <= middle.lo == middle.hi <= x.hi and abs(x.hi - middle.hi - (middle.lo - x.lo)) <= 1
    assert x.size() == max(abs(x.lo), abs(x.hi)) or x.lo > x.hi
    assert x.sign() == (1 if min(points) > 0 else -1 if max(points) < 0 else 0)
    assert x.within(low(x) - 1, high(x) + 1)
    assert not x.within(low(x), high(x) + 1) and not x.within(low(x) - 1, high(x))


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_square_roots_are_rounded_outwards(kind, data):
    x, _ = data.draw(interval(kind))
    if x.lo < 0:
        with pytest.raises(ValueError, match="negative"):
            x.sqrt()
        return
    root = x.sqrt()
    assert low(root) ** 2 <= low(x) and high(x) <= high(root) ** 2
    unit = Fraction(1, kind.one)
    assert (low(root) + unit) ** 2 > low(x) and (root.hi == 0 or high(x) > (high(root) - unit) ** 2)


@pytest.mark.parametrize("kind", KINDS)
@given(x=fractions)
def test_numbers_are_enclosed_by_the_smallest_interval(kind, x):
    assert_encloses(kind.of(x), [x])
    if (x * kind.one).denominator == 1:
        assert kind.of(x).lo == kind.of(x).hi


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_operation_is_refused(kind):
    other = KINDS[KINDS.index(kind) - 1]
    for zero in (kind(-1, 1), kind(0, 1), kind(-1, 0), kind(0, 0), 0):
        with pytest.raises(ValueError, match="contains zero"):
            _ = kind(1, 2) / zero
    for wrong in (other(1, 1), 0.5, "1", None):
        for operation in BINARY.values():
            with pytest.raises(TypeError):
                operation(kind(1, 2), wrong)


@given(st.lists(st.tuples(fractions, fractions), max_size=6))
def test_dot_products(pairs):
    u, v = ([Interval96.of(pair[i]) for pair in pairs] for i in (0, 1))
    found, exact = dot(u, v), sum(p * q for p, q in pairs)
    assert found == 0 if not pairs else low(found) <= exact <= high(found)


# a checker evaluates long expressions: what it must not lose is that a point stays inside


@given(fractions, fractions, fractions, fractions)
def test_intervals_contain_what_they_should(x, y, r, t):
    for kind in KINDS:
        a, b = (kind.of(z).widen(kind.of(abs(s)).hi) for z, s in ((x, r), (y, t)))
        for p, q in ((x, y), (x + abs(r), y - abs(t)), (x - abs(r) / 3, y + abs(t))):
            pairs = [(a + b, p + q), (a - b, p - q), (a * b, p * q), (a.square(), p * p), (3 - a, 3 - p)]
            pairs += [(-a, -p), (3 * a, 3 * p), (a + q, p + q), (a * a * b - b * 7, p * p * q - q * 7)]
            if b.sign():
                pairs.append((a / b, p / q))
            for found, exact in pairs:
                assert low(found) <= exact <= high(found)


signed = st.integers(-6 * Interval96.one, 6 * Interval96.one)


@given(signed, signed.filter(bool))
def test_products_and_quotients_of_points_are_rounded_outwards(x, y):
    a, b = Interval96(x, x), Interval96(y, y)
    for found, exact in ((a * b, low(a) * low(b)), (a / b, low(a) / low(b))):
        assert low(found) <= exact <= high(found) < low(found) + Fraction(2, Interval96.one)


# the circle


@pytest.mark.parametrize("kind", [Interval5, Interval96, Interval512])
@given(x=st.fractions(0, 2, max_denominator=10**9))
def test_cosines_and_sines_of_points(kind, x):
    units = kind.of(x).lo
    with mpmath.workdps(170):
        angle = mpmath.ldexp(units, -kind.bits)
        for found, exact in zip(at_angle(units, kind), (mpmath.cos(angle), mpmath.sin(angle)), strict=True):
            assert found.lo <= mpmath.ldexp(exact, kind.bits) <= found.hi
            assert found.hi - found.lo < 1 << 9


@pytest.mark.parametrize("kind", [Interval96, Interval512])
@given(x=st.fractions(0, "3/2", max_denominator=10**9), width=st.integers(0, 10**6))
def test_cosines_and_sines_of_intervals_hold_those_of_their_points(kind, x, width):
    angle = kind(kind.of(x).lo, kind.of(x).lo + width)
    for part, whole in enumerate(cos_sin(angle)):
        for units in (angle.lo, (angle.lo + angle.hi) // 2, angle.hi):
            point = at_angle(units, kind)[part]
            assert whole.lo <= point.hi and point.lo <= whole.hi


@pytest.mark.parametrize("kind", [Interval5, Interval96, Interval512])
def test_pi_and_the_roots_of_unity(kind):
    with mpmath.workdps(170):
        assert pi(kind).lo <= mpmath.ldexp(mpmath.pi, kind.bits) <= pi(kind).hi
        assert pi(kind).hi - pi(kind).lo < 1 << 8
        for k in (5, 6, 7, 12, 61) if kind.bits > 5 else ():
            for j, point in enumerate(roots_of_unity(k, kind)):
                angle = 2 * mpmath.pi * j / k
                for found, exact in zip(point, (mpmath.cos(angle), mpmath.sin(angle)), strict=True):
                    assert found.lo <= mpmath.ldexp(exact, kind.bits) <= found.hi
                    assert found.hi - found.lo < 1 << 40


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 10**6])
def test_square_roots_of_squares_are_exact(n):
    x = Interval96.of(n * n).sqrt()
    assert x.lo == x.hi == isqrt(n * n) << 96
