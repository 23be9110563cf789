"""Regular k-gons against the published equations, a scan in floats, and Newton's method."""

import flint
import mpmath
import numpy as np
import pytest
from flint import arb
from scipy.optimize import fsolve

from kgon.base.verdicts import KgonError, Status
from kgon.kgons.polygons import newton_polygon, reduced_jet, regular_polygons


def _published_roots(k):
    """(s, m, τ) from the published pair of equations, by numpy's polynomial roots.

    With y = −m·x² and t = x² they read t(G − 2mM + m²H) = 1 − m² and t(2F − 3mG + m³H) = 2(1 − m³).
    """
    found = []
    for s in range((k + 3) // 4):
        cosines = np.cos(2 * np.pi * np.arange(1, s + 1) / k)
        F, G = 1 + 2 * np.sum(cosines**2), 1 + 2 * np.sum(cosines)
        H, M = 1 + 2 * np.sum(1 / cosines), 1 + 2 * s
        first, second = np.poly1d([H, -2 * M, G]), np.poly1d([H, 0, -3 * G, 2 * F])
        combined = np.poly1d([-1, 0, 1]) * second - 2 * np.poly1d([-1, 0, 0, 1]) * first
        # For s = 0 the polynomial is m(1 − m)⁴; m = 1 (every output off) is no k-gon.
        high = cosines[-1] if s else 0.99
        low = np.cos(2 * np.pi * (s + 1) / k)
        for root in combined.roots:
            m = root.real
            if abs(root.imag) < 1e-9 and max(low, 0) - 1e-9 <= m < high - 1e-6:
                t = (1 - m**2) / first(m)
                if t > 0:
                    found.append((s, m, t))
    return sorted(found)


@pytest.mark.parametrize("k", range(4, 41))
def test_the_same_roots_as_the_published_equations_for_every_s(k):
    ours = sorted((p.s, float(p.m), float(p.length_squared)) for p in regular_polygons(k, digits=15))
    theirs = _published_roots(k)
    assert [x[0] for x in ours] == [x[0] for x in theirs]
    # Roots of a quintic in float64, well separated: 1e-8 leaves room for conditioning only.
    assert np.allclose(np.array(ours), np.array(theirs), rtol=1e-8, atol=1e-8)


def _reduced(k, tau, bias):
    """∂R/∂τ, ∂R/∂b by integrals over the active part of [0, 1], for any signs."""
    total = np.zeros(2)
    for j in range(k):
        x = 1.0 if j == 0 else np.cos(2 * np.pi * j / k)
        a = tau * x
        low, high = 0.0, 1.0
        if a * 0 + bias <= 0:
            low = min(1.0, -bias / a) if a > 0 else 1.0
        if a + bias <= 0:
            high = max(0.0, -bias / a) if a < 0 and bias > 0 else low
        powers = [(high ** (n + 1) - low ** (n + 1)) / (n + 1) for n in range(3)]
        slope = a - (j == 0)
        total += 2 * np.array(
            [x * (slope * powers[2] + bias * powers[1]), slope * powers[1] + bias * powers[0]]
        )
    return total


@pytest.mark.parametrize("k", range(3, 14))
def test_a_search_over_the_whole_plane_finds_no_other(k):
    """Solving ∇R = 0 from a grid of starts, both signs of b, with no assumption on s."""
    known = [(float(p.length_squared), float(p.bias)) for p in regular_polygons(k, digits=15)]
    assert all(np.abs(_reduced(k, *point)).max() < 1e-12 for point in known)
    found = set()
    for tau in np.linspace(0.1, 4.0, 14):
        for ratio in np.linspace(-1.2, 0.95, 14):
            x, _, status, _ = fsolve(lambda x: _reduced(k, *x), [tau, -ratio * tau], full_output=True)
            # Every output off, or nearly so far away: R tends to the constant 1/3, no critical point.
            dead = x[0] + x[1] <= 1e-6 or x[0] > 100
            if status == 1 and np.abs(_reduced(k, *x)).max() < 1e-10 and x[0] > 1e-3 and not dead:
                found.add((round(x[0], 5), round(x[1], 5) + 0.0))
    assert found == {(round(t, 5), round(b, 5) + 0.0) for t, b in known}


def test_published_lengths_and_biases():
    """Chen et al. 2023: 4: (1, 0), 5: (1.17046, −0.28230), 6: (1.32053, −0.61814)."""
    for k, length, bias in ((3, 1, 0), (4, 1, 0), (5, 1.17046, -0.28230), (6, 1.32053, -0.61814)):
        (p,) = regular_polygons(k)
        assert round(float(p.length), 5) == length and round(float(p.bias), 5) == bias


def test_the_nine_gon_that_the_literature_misses():
    (p,) = regular_polygons(9)
    assert p.s == 1 and 9 / 4 - 1 > 1  # the published rule would be s = 2
    assert round(float(p.length_squared), 3) == 2.615 and round(float(p.bias), 3) == -1.542


def test_minimal_polynomials_of_the_hexagon():
    def value(coefficients, x):
        total = arb(0)
        for c in coefficients:
            total = total * x + c
        return total

    for_tau, for_bias = (5, -23, 19, 8, 4), (25, 46, -11, -12, 4)
    with flint.ctx.workprec(300):
        (six,) = regular_polygons(6)
        for coefficients, x in ((for_tau, six.length_squared), (for_bias, six.bias)):
            zero = value(coefficients, x)
            assert zero.contains(0) and float(zero.rad()) < 1e-55
        for k in (5, 7, 8):
            (other,) = regular_polygons(k)
            assert value(for_tau, other.length_squared) != 0
            assert value(for_bias, other.bias) != 0


@pytest.mark.parametrize("k", [4, 5, 6, 7, 8, 9, 10, 11, 12, 17, 25, 40])
def test_newton_agrees_with_the_balls(k):
    (p,) = regular_polygons(k)
    root = newton_polygon(p, digits=50)
    assert root.status is Status.CONVERGED and root.residual <= mpmath.mpf(10) ** -50
    with flint.ctx.workprec(300), mpmath.workdps(65):
        for ball, x in ((p.length, root.length), (p.bias, root.bias), (p.cost, root.cost)):
            assert float(ball.rad()) < 1e-55
            # A residual of 1e-50 over the smallest eigenvalue of the Jacobian (above 1e-3).
            assert abs(float(ball - arb(mpmath.nstr(x, 65)))) < 1e-46


@pytest.mark.parametrize("k", [5, 6, 9, 12])
class TestReducedJet:
    """Value, gradient and Jacobian of the reduced loss next to a root, in 60 digits."""

    STEP = mpmath.mpf(10) ** -20

    @pytest.fixture(autouse=True)
    def _digits(self):
        with mpmath.workdps(60):
            yield

    @pytest.fixture
    def at(self, k):
        (p,) = regular_polygons(k)
        return mpmath.mpf(float(p.length_squared)), mpmath.mpf(float(p.bias))

    @pytest.fixture
    def jet(self, k):
        cosines = [mpmath.cospi(mpmath.mpf(2 * j) / k) for j in range(1, k)]
        return lambda tau, bias: reduced_jet(tau, bias, cosines)

    @pytest.fixture
    def slopes(self, at, jet):
        """Central differences of value and gradient in τ and in b: (2, 3)."""
        tau, bias = at
        ends = [
            [jet(tau + s * (axis == 0), bias + s * (axis == 1))[:3] for s in (self.STEP, -self.STEP)]
            for axis in (0, 1)
        ]
        return [[(x - y) / (2 * self.STEP) for x, y in zip(*pair, strict=True)] for pair in ends]

    def test_the_gradient_is_that_in_floating_point(self, k, at, jet):
        _, *gradient, _ = jet(*at)
        ours = _reduced(k, *map(float, at))
        assert max(abs(float(x) - y) for x, y in zip(gradient, ours, strict=False)) < 1e-13

    def test_the_gradient_is_the_derivative_of_the_value(self, at, jet, slopes):
        _, *gradient, _ = jet(*at)
        assert max(abs(slopes[axis][0] - gradient[axis]) for axis in (0, 1)) < 1e-35

    def test_the_jacobian_is_the_derivative_of_the_gradient(self, at, jet, slopes):
        jacobian = jet(*at)[3]
        for axis in (0, 1):
            for row in (0, 1):
                assert abs(slopes[axis][1 + row] - jacobian[row][axis]) < 1e-35


def test_more_digits_give_nested_balls():
    for k in (5, 6, 9, 20):
        (coarse,), (fine,) = regular_polygons(k, digits=15), regular_polygons(k, digits=100)
        with flint.ctx.workprec(500):
            assert coarse.m.overlaps(fine.m) and coarse.cost.overlaps(fine.cost)
        assert float(fine.m.rad()) < 1e-95 < float(coarse.m.rad()) < 1e-15


@pytest.mark.parametrize(
    ("k", "digits", "words"),
    [
        (2, 60, "k must be an integer of at least 3, got 2"),
        (5.0, 60, "k must be"),
        (True, 60, "k must be"),
        (5, 14, "digits must be an integer from 15 to 100000, got 14"),
    ],
)
def test_bad_arguments_are_refused(k, digits, words):
    with pytest.raises(KgonError, match=words):
        regular_polygons(k, digits)
