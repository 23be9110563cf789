"""Expectations over several active features, exact and in balls, against truncated powers of 50 digits."""

from fractions import Fraction
from itertools import product

import flint
import mpmath
import numpy as np
import pytest
from flint import arb
from support import sparse_points, sparse_truth

from kgon.base.verdicts import UndecidedError
from kgon.potential.expectations import Law, Output

Q = Fraction
LAWS = {
    "p": lambda c, one: Law.bernoulli([one * 3 / 8] * c),
    "unequal": lambda c, one: Law.bernoulli([one * (i + 1) / 8 for i in range(c)]),
    "always": lambda c, one: Law.bernoulli([one] * c),
    "two": lambda c, one: Law.exactly(2, c, one),
}
SAME = {
    "p": lambda c: {"p": [0.375] * c},
    "unequal": lambda c: {"p": [(i + 1) / 8 for i in range(c)]},
    "always": lambda c: {"p": [1.0] * c},
    "two": lambda c: {"s": 2},
}


def cost(output, j):
    return 2 * output.expectation((), 2) - 2 * output.expectation((j,), 1)


def slopes(output, j):
    c = len(output.slope)
    own = [*((i,) for i in range(c)), ()]
    return [2 * output.expectation(x, 1) - 2 * output.expectation((*x, j), 0) for x in own]


def digits(x):
    return mpmath.mpf(x.numerator) / x.denominator


@pytest.mark.parametrize("law", LAWS)
def test_the_cost_of_an_output_equals_the_truncated_powers(law):
    rng = np.random.default_rng(1)
    for _ in range(24):
        c = int(rng.integers(2, 5))
        j = int(rng.integers(c))
        a, b = sparse_points.slopes(rng, c, j)
        exact = cost(Output([Q(x) for x in a], Q(b), LAWS[law](c, Q(1))), j)
        with mpmath.workdps(45):
            expected = sparse_truth.output_cost(a, b, j, **SAME[law](c))
            assert abs(digits(exact) - expected) <= mpmath.mpf(10) ** -40 * (1 + abs(expected))


@pytest.mark.parametrize("law", ["unequal", "two"])
def test_its_slopes_are_the_derivatives_of_the_truncated_powers(law):
    rng = np.random.default_rng(2)
    for _ in range(8):
        a, b = sparse_points.slopes(rng, 2, 1)
        exact = slopes(Output([Q(x) for x in a], Q(b), LAWS[law](2, Q(1))), 1)
        with mpmath.workdps(45):
            for found, expected in zip(
                exact, sparse_truth.output_slopes(a, b, 1, **SAME[law](2)), strict=True
            ):
                assert abs(digits(found) - expected) <= mpmath.mpf(10) ** -20 * (1 + abs(expected))


def test_second_derivatives_are_differences_of_the_slopes():
    """Exactly in the regions of polynomials in 1/a, to the order of the step: everything is rational."""
    a, b, step, law = [Q(7, 5), Q(-3, 4), Q(1, 3)], Q(-1, 7), Q(1, 10**12), LAWS["unequal"](3, Q(1))
    for j, k in product(range(3), range(4)):
        ends = []
        for sign in (1, -1):
            at = [*a, b]
            at[k] += sign * step
            ends.append(slopes(Output(at[:3], at[3], law), j))
        own = (k,) if k < 3 else ()
        output = Output(a, b, law)
        for i, (x, y) in enumerate(zip(*ends, strict=True)):
            both = (*own, *((i,) if i < 3 else ()))
            second = 2 * output.expectation(both, 0) - 2 * output.expectation((*both, j), -1)
            assert abs((x - y) / (2 * step) - second) < 1e-18


@pytest.mark.parametrize("radius", [0.0, 1e-30, 1e-12, 1e-3])
def test_balls_enclose_what_they_hold(radius):
    rng = np.random.default_rng(3)
    with flint.ctx.workprec(400):
        for _ in range(12):
            c = int(rng.integers(2, 5))
            j, law = int(rng.integers(c)), LAWS["unequal"]
            a, b = sparse_points.slopes(rng, c, j)
            ball = Output([arb(x, radius) for x in a], arb(b, radius), law(c, arb(1)))
            moved = [
                Q(float(x)) + Q(radius) * Q(int(y), 8)
                for x, y in zip((*a, b), rng.integers(-8, 9, c + 1), strict=True)
            ]
            exact = Output(moved[:c], moved[c], law(c, Q(1)))
            found = cost(ball, j)
            value = cost(exact, j)
            assert found.contains(arb(value.numerator) / value.denominator)
            assert found.is_finite() and float(found.rad()) <= 1e3 * radius * (1 + abs(float(value))) + 1e-60


def test_a_ball_about_a_jump_is_undecided():
    """One feature that is always active, y = x − 1 + ...: the second derivative jumps at a = −b."""
    output = Output([arb(1, 1e-9)], arb(-1), Law.bernoulli([arb(1)]))
    assert float(output.expectation((), 1).mid()) < 1e-9
    with pytest.raises(UndecidedError, match="second derivative"):
        output.expectation((0,), -1)


def test_a_slope_of_zero_is_the_limit():
    law, b = LAWS["unequal"](3, Q(1)), Q(-1, 5)
    at_zero = cost(Output([Q(1), Q(0), Q(-1, 2)], b, law), 1)
    gaps = [
        abs(cost(Output([Q(1), Q(sign, 10**k), Q(-1, 2)], b, law), 1) - at_zero)
        for k in (20, 40)
        for sign in (1, -1)
    ]
    assert max(gaps[:2]) < Q(1, 10**20) and max(gaps[2:]) < Q(1, 10**40)


def test_where_all_slopes_and_the_bias_vanish_the_derivative_is_that_from_above():
    output = Output([Q(0), Q(0)], Q(0), LAWS["p"](2, Q(1)))
    assert cost(output, 0) == 0
    assert slopes(output, 0)[-1] == -2 * Q(3, 16)  # −2 E x_0
