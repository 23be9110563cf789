"""Newton's method at any precision, on textbook problems."""

import itertools

import mpmath
import pytest
from support.systems import freudenstein, freudenstein_jacobian

from kgon.base.verdicts import KgonError, Status
from kgon.numerics.newton import solve_newton


def test_newton_finds_the_cube_root_of_two_to_50_digits():
    root = solve_newton(lambda x: [x[0] ** 3 - 2], lambda x: [[3 * x[0] ** 2]], [1.0], digits=50)
    assert root.status is Status.CONVERGED
    with mpmath.workdps(60):
        assert abs(root.x[0] - mpmath.mpf(2) ** (mpmath.mpf(1) / 3)) < 1e-50
    assert root.residual <= mpmath.mpf(10) ** -50


def test_newton_on_a_textbook_system():
    root = solve_newton(freudenstein, freudenstein_jacobian, [6, 5], digits=50)
    assert root.status is Status.CONVERGED
    assert abs(root.x[0] - 5) < 1e-48 and abs(root.x[1] - 4) < 1e-48


def test_newton_from_the_classical_start_of_that_system_does_not_claim_a_root():
    """From (½, −2) descent methods end in the local minimum of the residual at (11.41…, −0.8968…)."""
    root = solve_newton(freudenstein, freudenstein_jacobian, ["0.5", "-2"], digits=50)
    true_root = abs(root.x[0] - 5) < 1e-30 and abs(root.x[1] - 4) < 1e-30
    assert (root.status is Status.CONVERGED) == true_root


def test_convergence_is_quadratic():
    """Errors |x − √2| of successive steps obey e′ = e²/(2x)."""
    errors = []
    with mpmath.workdps(65):
        for steps in range(1, 7):
            root = solve_newton(lambda x: [x[0] ** 2 - 2], lambda x: [[2 * x[0]]], [1.5], max_steps=steps)
            errors.append(abs(root.x[0] - mpmath.sqrt(2)))
            assert root.status is (Status.EXHAUSTED if steps < 6 else Status.CONVERGED)
        errors.pop()  # at the precision of the arithmetic
        for e, after in itertools.pairwise(errors):
            assert abs(after / (e * e) - 1 / mpmath.sqrt(8)) < 2 * e + mpmath.mpf(10) ** -60 / e**2


def test_the_tolerance_decides_acceptance():
    coarse = solve_newton(lambda x: [x[0] ** 2 - 2], lambda x: [[2 * x[0]]], [1.0], tol=1e-3)
    fine = solve_newton(lambda x: [x[0] ** 2 - 2], lambda x: [[2 * x[0]]], [1.0])
    assert coarse.steps < fine.steps
    assert 1e-12 < coarse.residual <= 1e-3
    assert solve_newton(lambda x: [x[0]], lambda x: [[1]], [0]).steps == 0


def test_a_singular_system_is_reported():
    root = solve_newton(lambda x: [x[0] + x[1], x[0] + x[1] - 1], lambda x: [[1, 1], [1, 1]], [3.0, 4.0])
    assert root.status is Status.SINGULAR
    assert root.residual == 7 and root.steps == 0


def test_no_descent_is_reported_as_stalled():
    """x² + 1 has no real root: near its minimum every Newton step is cut down to nothing."""
    root = solve_newton(lambda x: [x[0] ** 2 + 1], lambda x: [[2 * x[0]]], [1e-20])
    assert root.status is Status.STALLED
    wrong = solve_newton(lambda x: [x[0] ** 2 - 2], lambda x: [[-2 * x[0]]], [1.0])  # wrong sign of slope
    assert wrong.status is Status.STALLED and wrong.steps == 0


def test_out_of_steps_is_reported():
    root = solve_newton(lambda x: [x[0] ** 2 - 2], lambda x: [[2 * x[0]]], [1e6], max_steps=3)
    assert root.status is Status.EXHAUSTED and root.steps == 3
    with pytest.raises(KgonError, match="max_steps must be an integer of at least 1, got 0"):
        solve_newton(lambda x: x, lambda x: [[1]], [1.0], max_steps=0)


def test_step_halving_reaches_a_root_that_plain_newton_overshoots():
    """arctan from 3: undamped Newton's method diverges."""
    root = solve_newton(lambda x: [mpmath.atan(x[0])], lambda x: [[1 / (1 + x[0] ** 2)]], [3.0])
    assert root.status is Status.CONVERGED and abs(root.x[0]) < 1e-49
