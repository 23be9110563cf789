"""Newton's method and root isolation on textbook problems."""

import itertools

import flint
import mpmath
import numpy as np
import pytest
from flint import arb, fmpq, fmpz_poly

from kgon.results import KgonError, Status, UndecidedError
from kgon.rootfind import critical_point, isolate, newton, newton_homotopy


def test_newton_finds_the_cube_root_of_two_to_50_digits():
    root = newton(lambda x: [x[0] ** 3 - 2], lambda x: [[3 * x[0] ** 2]], [1.0], digits=50)
    assert root.status is Status.CONVERGED
    with mpmath.workdps(60):
        assert abs(root.x[0] - mpmath.mpf(2) ** (mpmath.mpf(1) / 3)) < 1e-50
    assert root.residual <= mpmath.mpf(10) ** -50


def _freudenstein(x):
    """Freudenstein and Roth's system, one root at (5, 4)."""
    return [
        x[0] - 13 + ((5 - x[1]) * x[1] - 2) * x[1],
        x[0] - 29 + ((x[1] + 1) * x[1] - 14) * x[1],
    ]


def _freudenstein_jacobian(x):
    return [[1, (10 - 3 * x[1]) * x[1] - 2], [1, (3 * x[1] + 2) * x[1] - 14]]


def test_newton_on_a_textbook_system():
    root = newton(_freudenstein, _freudenstein_jacobian, [6, 5], digits=50)
    assert root.status is Status.CONVERGED
    assert abs(root.x[0] - 5) < 1e-48 and abs(root.x[1] - 4) < 1e-48


def test_newton_from_the_classical_start_of_that_system_does_not_claim_a_root():
    """From (½, −2) descent methods end in the local minimum of the residual at (11.41…, −0.8968…)."""
    root = newton(_freudenstein, _freudenstein_jacobian, ["0.5", "-2"], digits=50)
    true_root = abs(root.x[0] - 5) < 1e-30 and abs(root.x[1] - 4) < 1e-30
    assert (root.status is Status.CONVERGED) == true_root


def test_convergence_is_quadratic():
    """Errors |x − √2| of successive steps obey e′ = e²/(2x)."""
    errors = []
    with mpmath.workdps(65):
        for steps in range(1, 7):
            root = newton(lambda x: [x[0] ** 2 - 2], lambda x: [[2 * x[0]]], [1.5], max_steps=steps)
            errors.append(abs(root.x[0] - mpmath.sqrt(2)))
            assert root.status is (Status.EXHAUSTED if steps < 6 else Status.CONVERGED)
        errors.pop()  # at the precision of the arithmetic
        for e, after in itertools.pairwise(errors):
            assert abs(after / (e * e) - 1 / mpmath.sqrt(8)) < 2 * e + mpmath.mpf(10) ** -60 / e**2


def test_the_tolerance_decides_acceptance():
    coarse = newton(lambda x: [x[0] ** 2 - 2], lambda x: [[2 * x[0]]], [1.0], tol=1e-3)
    fine = newton(lambda x: [x[0] ** 2 - 2], lambda x: [[2 * x[0]]], [1.0])
    assert coarse.steps < fine.steps
    assert 1e-12 < coarse.residual <= 1e-3
    assert newton(lambda x: [x[0]], lambda x: [[1]], [0]).steps == 0


def test_a_singular_system_is_reported():
    root = newton(lambda x: [x[0] + x[1], x[0] + x[1] - 1], lambda x: [[1, 1], [1, 1]], [3.0, 4.0])
    assert root.status is Status.SINGULAR
    assert root.residual == 7 and root.steps == 0


def test_no_descent_is_reported_as_stalled():
    """x² + 1 has no real root: near its minimum every Newton step is cut down to nothing."""
    root = newton(lambda x: [x[0] ** 2 + 1], lambda x: [[2 * x[0]]], [1e-20])
    assert root.status is Status.STALLED
    wrong = newton(lambda x: [x[0] ** 2 - 2], lambda x: [[-2 * x[0]]], [1.0])  # wrong sign of slope
    assert wrong.status is Status.STALLED and wrong.steps == 0


def test_out_of_steps_is_reported():
    root = newton(lambda x: [x[0] ** 2 - 2], lambda x: [[2 * x[0]]], [1e6], max_steps=3)
    assert root.status is Status.EXHAUSTED and root.steps == 3
    with pytest.raises(KgonError, match="max_steps must be at least 1, got 0"):
        newton(lambda x: x, lambda x: [[1]], [1.0], max_steps=0)


def test_step_halving_reaches_a_root_that_plain_newton_overshoots():
    """arctan from 3: undamped Newton's method diverges."""
    root = newton(lambda x: [mpmath.atan(x[0])], lambda x: [[1 / (1 + x[0] ** 2)]], [3.0])
    assert root.status is Status.CONVERGED and abs(root.x[0]) < 1e-49


# --- isolation ----------------------------------------------------------------------------------


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


# --- zeros of gradients ---------------------------------------------------------------------------


@pytest.mark.parametrize("damping", [1e-12, 1e-4, 1e-1])
def test_a_saddle_is_a_zero_of_the_gradient_like_any_other(damping):
    # f = x³/3 − x − y²/2 + z·0: a saddle of index 2 at (−1, 0), flat in z
    x, norm = critical_point(
        lambda x: np.array([x[0] ** 2 - 1, -x[1], 0.0]),
        lambda x: np.diag([2 * x[0], -1.0, 0.0]),
        np.array([-1.7, 0.6, 4.0]),
        damping=damping,
    )
    assert norm < 1e-12
    assert np.allclose(x, [-1, 0, 4], atol=1e-10)


def test_where_there_is_no_zero_the_norm_says_so():
    x, norm = critical_point(
        lambda x: np.array([1 + x[0] ** 2]), lambda x: np.array([[2 * x[0]]]), np.array([3.0]), damping=1e-4
    )
    assert norm >= 1 and abs(x[0]) < 0.1  # the least |∇|


def test_a_homotopy_ends_near_a_zero():
    end = newton_homotopy(
        lambda x: np.array([x[0] ** 3 - x[0], np.sinh(x[1])]),
        lambda x: np.diag([3 * x[0] ** 2 - 1, np.cosh(x[1])]),
        np.array([1.3, 0.8]),
    )
    assert np.allclose(end, [1, 0], atol=1e-4)
