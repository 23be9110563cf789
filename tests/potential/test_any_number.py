"""The potential in any number type against integration and differentiation by SymPy."""

from fractions import Fraction
from itertools import product

import flint
import mpmath
import numpy as np
import pytest
import sympy as sp
from flint import arb, fmpq
from support import truth

from kgon.base.verdicts import UndecidedError
from kgon.potential import any_number


def _sympy_loss(W, b, probability, importance):
    """L by SymPy integration in symbols, in the regions of the given point, and the symbols."""
    r, c = len(W), len(b)
    w = sp.Matrix(r, c, lambda h, i: sp.Symbol(f"w{h}{i}"))
    beta = sp.symbols(f"b0:{c}")
    mu = sp.Symbol("mu")
    total = sp.Integer(0)
    for i, j in product(range(c), repeat=2):
        a = sum(w[h, i] * w[h, j] for h in range(r))
        name = truth.region(sum(row[i] * row[j] for row in W), b[j])
        low, high = {
            "on": (0, 1), "off": (0, 0), "rising": (-beta[j] / a, 1), "falling": (0, -beta[j] / a)
        }[name]  # fmt: skip
        target = mu if i == j else sp.Integer(0)
        on = sp.integrate(sp.expand((target - a * mu - beta[j]) ** 2), mu)
        rest = sp.integrate(target**2, mu)
        pieces = on.subs(mu, high) - on.subs(mu, low) + rest.subs(mu, low) - rest.subs(mu, 0)
        pieces += rest.subs(mu, 1) - rest.subs(mu, high)
        total += sp.sympify(probability[i] * importance[j]) * pieces
    return total, list(w), list(beta)


def _weights(rng, c):
    draw = [Fraction(int(x)) for x in rng.integers(1, 9, c)]
    return [x / sum(draw) for x in draw], [Fraction(int(x), 7) for x in rng.integers(1, 20, c)]


@pytest.mark.parametrize(("r", "c", "seed"), [(2, 3, 0), (2, 3, 1), (2, 3, 2), (1, 3, 3), (3, 3, 4)])
def test_loss_and_gradient_equal_sympy_exactly(r, c, seed):
    rng = np.random.default_rng([11, seed])
    W, b = truth.rational_point(rng, r, c)
    p, importance = _weights(rng, c)
    total, w, beta = _sympy_loss(W, b, p, importance)
    numbers = [x for row in W for x in row] + b
    point = {s: sp.Rational(x.numerator, x.denominator) for s, x in zip([*w, *beta], numbers, strict=True)}

    def as_fraction(value):
        value = sp.nsimplify(value)
        return Fraction(int(value.p), int(value.q))

    assert any_number.loss(W, b, probability=p, importance=importance) == as_fraction(total.subs(point))
    grad_W, grad_b = any_number.gradient(W, b, probability=p, importance=importance)
    ours = [x for row in grad_W for x in row] + grad_b
    assert ours == [as_fraction(sp.diff(total, s).subs(point)) for s in [*w, *beta]]


def test_a_default_probability_is_uniform_and_importances_default_to_one():
    W, b = truth.rational_point(np.random.default_rng(3), 2, 4)
    uniform = {"probability": [Fraction(1, 4)] * 4, "importance": [1] * 4}
    assert any_number.loss(W, b) == any_number.loss(W, b, **uniform)
    assert any_number.gradient(W, b) == any_number.gradient(W, b, **uniform)


@pytest.mark.parametrize("seed", range(6))
def test_second_derivatives_equal_complex_steps_on_first_ones(seed):
    rng = np.random.default_rng([12, seed])
    for _ in range(50):
        a, b = rng.normal(size=2)
        for pair, x in ((any_number.off, a), (any_number.diag, a * a)):
            entries = pair(float(x), float(b), order=2)
            step_a = pair(complex(x, truth.H), complex(b), order=1)
            step_b = pair(complex(x), complex(b, truth.H), order=1)
            steps = [step_a[1], step_b[1], step_a[2], step_b[2]]
            second = [entries[3], entries[4], entries[4], entries[5]]
            for s, value in zip(steps, second, strict=True):
                derivative = complex(s).imag / truth.H
                # Entries are at most 6 + 6/N.
                assert abs(derivative - value) <= 1e-13 * (1 + 1 / abs(x))


def loss_and_gradient(W, b, number):
    """Loss and all components of the gradient in a number type, from fractions."""
    rows, biases = [[number(x) for x in row] for row in W], [number(x) for x in b]
    grad_W, grad_b = any_number.gradient(rows, biases)
    return [any_number.loss(rows, biases), *(x for row in grad_W for x in row), *grad_b]


def as_fmpq(x):
    return fmpq(x.numerator, x.denominator)


def as_mpf(x):
    return mpmath.mpf(x.numerator) / x.denominator


@pytest.mark.parametrize("r", [1, 2])
class TestNumberTypes:
    """At a point of small fractions, against the same numbers in exact fractions."""

    @pytest.fixture
    def point(self, r):
        return truth.rational_point(np.random.default_rng([13, r]), r, 4)

    @pytest.fixture
    def true(self, point):
        return loss_and_gradient(*point, Fraction)

    def test_rationals_of_flint(self, point, true):
        assert loss_and_gradient(*point, as_fmpq) == [as_fmpq(x) for x in true]

    def test_floats(self, point, true):
        assert np.allclose(loss_and_gradient(*point, float), [float(x) for x in true], rtol=0, atol=1e-13)

    def test_fifty_digits(self, point, true):
        with mpmath.workdps(50):
            values = loss_and_gradient(*point, as_mpf)
            assert max(abs(v - as_mpf(x)) for v, x in zip(values, true, strict=True)) < 1e-47

    def test_balls(self, point, true):
        with flint.ctx.workprec(300):
            balls = loss_and_gradient(*point, lambda x: arb(as_fmpq(x)))
            assert all(ball.contains(as_fmpq(x)) for ball, x in zip(balls, true, strict=True))
            assert max(float(ball.rad()) for ball in balls) < 1e-80


def test_a_ball_on_a_border_encloses_both_sides():
    rng = np.random.default_rng(14)
    with flint.ctx.workprec(120):
        for centre_a, centre_b in ((0.0, 0.0), (1.0, 0.0), (-1.0, 0.0), (1.0, -1.0), (-1.0, 1.0), (0.0, 0.5)):
            radius = 1e-3
            hull = any_number.off(arb(centre_a, radius), arb(centre_b, radius), order=1)
            if centre_a:  # balls that straddle a = 0 divide by zero: no bound, but no wrong one
                assert all(float(x.rad()) < 0.1 for x in hull)
            for _ in range(200):
                a = Fraction(centre_a + radius * float(rng.uniform(-0.99, 0.99)))
                b = Fraction(centre_b + radius * float(rng.uniform(-0.99, 0.99)))
                for ball, x in zip(hull, any_number.off(a, b, order=1), strict=True):
                    assert ball.contains(fmpq(x.numerator, x.denominator)) or not ball.is_finite()


def test_a_wide_ball_encloses_every_region_of_the_diagonal():
    """N = 1/10 and −2 ≤ b ≤ 0.001: on, rising and off, with gradients far apart."""
    n = Fraction(1, 10)
    with flint.ctx.workprec(120):
        hull = any_number.diag(arb(fmpq(1, 10)), arb(-1, 1.001), order=1)
        assert all(x.is_finite() for x in hull)
        seen = set()
        for b in (
            Fraction(-19, 10),
            Fraction(-1, 2),
            Fraction(-1, 20),
            Fraction(-1, 1000),
            Fraction(1, 2000),
        ):
            seen.add(truth.region(n, b))
            for ball, x in zip(hull, any_number.diag(n, b, order=1), strict=True):
                assert ball.contains(fmpq(Fraction(x).numerator, Fraction(x).denominator))
        assert seen == {"on", "rising", "off"}


def test_second_derivatives_on_a_straddled_border_are_undecided():
    with pytest.raises(UndecidedError, match="region of the pair"):
        any_number.off(arb(1.0, 1e-3), arb(0.0, 1e-3), order=2)
    assert len(any_number.off(arb(1.0, 1e-3), arb(0.1, 1e-3), order=2)) == 6


def test_the_regions_without_a_switching_point():
    for value in (Fraction(0), fmpq(0), 0.0, mpmath.mpf(0)):
        one = value + 1
        assert any_number.off(value, -one, order=2) == (0,) * 6
        assert any_number.diag(value, -one, order=2) == (1, 0, 0, 0, 0, 0)
        assert any_number.off(value, one) == (3 * one,)
        assert any_number.diag(value, value) == (1,)


@pytest.mark.parametrize(
    "number",
    [Fraction, fmpq, arb, mpmath.mpf],
    ids=["Fraction", "fmpq", "arb", "mpf"],
)
def test_no_float_creeps_in_where_outputs_are_off(number):
    """Pairs that are off contribute the integers 0 and 1, which Python must not divide."""
    W = [[number(1), number(0), number(0)], [number(0), number(1), number(0)]]
    for b in ([-number(2)] * 3, [number(1), -number(2), -number(1)]):
        grad_W, grad_b = any_number.gradient(W, b)
        for value in (any_number.loss(W, b), *(x for row in grad_W for x in row), *grad_b):
            assert not isinstance(value, float)
    with mpmath.workdps(50), flint.ctx.workprec(200):
        third = any_number.loss(W, [-number(2)] * 3)
        assert third * 3 == 1 if number in (Fraction, fmpq) else abs(third * 3 - 1) < 1e-30
