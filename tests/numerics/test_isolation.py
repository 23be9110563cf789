"""Root isolation on textbook problems."""

import itertools

import flint
import numpy as np
import pytest
from flint import arb, fmpq, fmpz_poly

from kgon.base.verdicts import UndecidedError
from kgon.numerics.isolation import isolate


def _isolate(poly, low, high, bits=200, **options):
    """Balls of an integer polynomial's roots on an interval, by Horner's rule in balls."""
    derivative = poly.derivative()

    def at(p):
        coefficients = [int(x) for x in p.coeffs()][::-1]

        def value(x):
            total = arb(0)
            for c in coefficients:
                total = total * x + c
            return total

        return value

    with flint.ctx.workprec(bits):
        return isolate(at(poly), at(derivative), arb(low), arb(high), **options)


def _holds(ball, x):
    """Whether a ball contains a rational: conversions of x are made at 1000 bits, not at 53."""
    with flint.ctx.workprec(1000):
        return (ball - arb(fmpq(x))).contains(0)


@pytest.mark.parametrize("n", [1, 2, 5, 9, 12])
def test_all_roots_of_chebyshev_polynomials(n):
    poly = fmpz_poly.chebyshev_t(n)
    balls = _isolate(poly, fmpq(-11, 10), fmpq(11, 10))
    assert len(balls) == n
    with flint.ctx.workprec(200):
        for k, ball in enumerate(reversed(balls)):
            true = arb.cos_pi_fmpq(fmpq(2 * k + 1, 2 * n))
            assert ball.overlaps(true) and float(ball.rad()) < 1e-50
        assert all(x < y for x, y in itertools.pairwise(balls))


def test_all_roots_of_wilkinsons_polynomial():
    def value(x):
        total = arb(1)
        for k in range(1, 21):
            total *= x - k
        return total

    def slope(x):
        total = arb(0)
        for i in range(1, 21):
            term = arb(1)
            for k in range(1, 21):
                term *= 1 if k == i else x - k
            total += term
        return total

    with flint.ctx.workprec(300):
        balls = isolate(value, slope, arb(fmpq(1, 3)), arb(fmpq(62, 3)))
    assert len(balls) == 20
    assert all(_holds(x, k) and float(x.rad()) < 1e-40 for k, x in enumerate(balls, 1))


def test_only_the_roots_inside_the_interval_are_found():
    poly = fmpz_poly([-6, 11, -6, 1])  # roots 1, 2, 3
    assert [round(float(x.mid())) for x in _isolate(poly, fmpq(3, 2), fmpq(7, 2))] == [2, 3]
    assert _isolate(poly, fmpq(31, 10), 100) == []
    assert _isolate(fmpz_poly([1, 0, 1]), -5, 5) == []


def test_a_root_at_a_dyadic_midpoint():
    assert len(_isolate(fmpz_poly([0, 1]), -1, 1)) == 1
    balls = _isolate(fmpz_poly([0, -1, 0, 4]), -1, 1)  # −½, 0, ½: every first midpoint is a root
    assert len(balls) == 3
    assert all(_holds(ball, fmpq(k - 1, 2)) for k, ball in enumerate(balls))


@pytest.mark.parametrize(
    ("coefficients", "low", "high"),
    [
        ([1, -2, 1], 0, 3),  # (x − 1)²
        ([-1, 3, -3, 1], 0, 3),  # (x − 1)³
        ([0, 0, 1], -1, 2),  # x²
        ([-1, 1], 1, 2),  # a root at an end
        ([-1, 1], 0, 1),
    ],
)
def test_what_cannot_be_decided_is_not_decided(coefficients, low, high):
    with pytest.raises(UndecidedError, match="could not be isolated"):
        _isolate(fmpz_poly(coefficients), low, high, max_boxes=2000)


def test_nearly_double_roots_need_precision():
    """(x − 1)² − 10⁻⁴⁰: two roots 2·10⁻²⁰ apart, a double one at 53 bits."""
    poly = fmpz_poly([10**40 - 1, -2 * 10**40, 10**40])
    assert len(_isolate(poly, 0, fmpq(31, 10), bits=400)) == 2
    with pytest.raises(UndecidedError):
        _isolate(poly, 0, fmpq(31, 10), bits=53)


def test_random_polynomials_against_float_roots():
    rng = np.random.default_rng(0)
    for _ in range(25):
        roots = np.sort(rng.choice(np.arange(-40, 41), 6, replace=False))
        poly = fmpz_poly([1])
        for x in roots:
            poly *= fmpz_poly([-int(x), 7])
        balls = _isolate(poly, -6, 6)
        assert all(_holds(ball, fmpq(int(x), 7)) for x, ball in zip(roots, balls, strict=True))


@pytest.mark.parametrize("boxes", [1, 2])
def test_the_bound_on_boxes_is_a_bound_on_the_boxes_examined(boxes):
    """x − 1 on [0, 3] needs exactly one box."""
    assert len(_isolate(fmpz_poly([-1, 1]), 0, 3, max_boxes=boxes)) == 1
