"""Zeros by Newton and Levenberg–Marquardt, homotopy and deflation, on textbook problems."""

import math

import mpmath
import numpy as np
import pytest
import sympy
from support.systems import freudenstein, freudenstein_jacobian

from kgon.base.verdicts import KgonError, Status
from kgon.numerics.zeros import Method, critical_point, find_zero, find_zeros, newton_homotopy


@pytest.mark.parametrize("damping", [1e-12, 1e-4, 1e-1])
def test_a_saddle_is_a_zero_of_the_gradient_like_any_other(damping):
    # f = x³/3 − x − y²/2 + z·0: a saddle of index 2 at (−1, 0), flat in z
    x, norm = critical_point(
        lambda x: np.array([x[0] ** 2 - 1, -x[1], 0.0]),
        lambda x: np.diag([2 * x[0], -1.0, 0.0]),
        np.array([-1.7, 0.6, 4.0]),
        Method(damping=damping),
    )
    assert norm < 1e-12
    assert np.allclose(x, [-1, 0, 4], atol=1e-10)


def test_where_there_is_no_zero_the_norm_says_so():
    x, norm = critical_point(
        lambda x: np.array([1 + x[0] ** 2]),
        lambda x: np.array([[2 * x[0]]]),
        np.array([3.0]),
        Method(damping=1e-4),
    )
    assert norm >= 1 and abs(x[0]) < 0.1  # the least |∇|


def test_a_homotopy_ends_near_a_zero():
    end = newton_homotopy(
        lambda x: np.array([x[0] ** 3 - x[0], np.sinh(x[1])]),
        lambda x: np.diag([3 * x[0] ** 2 - 1, np.cosh(x[1])]),
        np.array([1.3, 0.8]),
    )
    assert np.allclose(end, [1, 0], atol=1e-4)


@pytest.mark.parametrize("damping", [None, 1e-8, 1e-2])
def test_newton_and_levenberg_find_the_root_of_that_system(damping):
    end = find_zero(
        lambda x: np.array(freudenstein(x)),
        lambda x: np.array(freudenstein_jacobian(x)),
        np.array([6.0, 5.0]),
        Method(damping=damping),
    )
    assert end.status is Status.CONVERGED and end.rank == 2 and end.kinks == ()
    assert np.allclose(end.x, [5, 4], atol=1e-12) and end.residual <= 1e-12


@pytest.mark.parametrize("damping", [None, 1e-4])
def test_where_descent_ends_without_a_root_that_is_said(damping):
    end = find_zero(
        lambda x: np.array(freudenstein(x)),
        lambda x: np.array(freudenstein_jacobian(x)),
        np.array([0.5, -2.0]),
        Method(damping=damping),
    )
    assert (end.status is Status.CONVERGED) == bool(np.allclose(end.x, [5, 4], atol=1e-9))
    assert end.residual == pytest.approx(np.linalg.norm(freudenstein(end.x)))


def test_newtons_steps_are_of_least_length():
    """Of the solutions of a x = c from 0 the shortest, aᵀ(aaᵀ)⁻¹c; the Jacobian's rank is that of a."""
    rng = np.random.default_rng(3)
    a, c = rng.normal(size=(3, 7)), rng.normal(size=3)
    end = find_zero(lambda x: a @ x - c, lambda x: a, np.zeros(7))
    assert end.steps == 1 and end.rank == 3
    assert np.allclose(end.x, a.T @ np.linalg.solve(a @ a.T, c), atol=1e-12)


def test_a_family_of_zeros_has_a_lower_rank():
    """Gradient of (x² + y² − 1)²/4 + z²/2: a circle of zeros and an isolated one."""

    def gradient(x):
        away = x[0] ** 2 + x[1] ** 2 - 1
        return np.array([away * x[0], away * x[1], x[2]])

    def hessian(x):
        away = x[0] ** 2 + x[1] ** 2 - 1
        plane = away * np.eye(2) + 2 * np.outer(x[:2], x[:2])
        return np.block([[plane, np.zeros((2, 1))], [np.zeros((1, 2)), np.ones((1, 1))]])

    for symmetric in (False, True):
        on_circle = find_zero(gradient, hessian, np.array([1.2, 0.9, 1.0]), symmetric=symmetric)
        assert on_circle.status is Status.CONVERGED and on_circle.rank == 2
        assert np.allclose(on_circle.x, [0.8, 0.6, 0], atol=1e-10)
        assert find_zero(gradient, hessian, np.array([0.1, 0.1, 1.0]), symmetric=symmetric).rank == 3


def test_equations_that_contradict_each_other_are_singular():
    end = find_zero(
        lambda x: np.array([x[0] + x[1], x[0] + x[1] - 1]), lambda x: np.ones((2, 2)), np.zeros(2)
    )
    assert end.status is Status.SINGULAR and end.rank == 1
    assert end.residual == pytest.approx(math.sqrt(0.5))


def test_the_steps_run_out():
    end = find_zero(lambda x: x**3 - 2, lambda x: np.diag(3 * x**2), np.array([1e6]), Method(max_steps=3))
    assert end.status is Status.EXHAUSTED and end.steps == 3


def test_line_search_reaches_the_zero_of_the_arcus_tangens():
    end = find_zero(np.arctan, lambda x: np.diag(1 / (1 + x**2)), np.array([30.0]))
    assert end.status is Status.CONVERGED and abs(end.x[0]) < 1e-12


def _corner(x):
    """Slopes 1 and 4 on the two sides of x₀ = 0; the zero is (1, −4)."""
    return np.array([x[0] - 1, x[1] + 1 + 3 * max(x[0], 0)])


def _corner_jacobian(x):
    return np.array([[1.0, 0.0], [3.0 if x[0] > 0 else 0.0, 1.0]])


@pytest.mark.parametrize("damping", [None, 1e-10])
def test_at_a_kink_the_jacobian_of_the_other_side_helps(damping):
    """At (0, 0) Newton's direction by the left Jacobian raises the residual on the right."""
    alone = find_zero(_corner, _corner_jacobian, np.zeros(2))
    assert alone.status is Status.STALLED and not alone.x.any()
    end = find_zero(_corner, _corner_jacobian, np.zeros(2), Method(damping=damping), borders=lambda x: x[:1])
    assert end.status is Status.CONVERGED and end.kinks == ()
    assert np.allclose(end.x, [1, -4], atol=1e-12)


def test_a_zero_on_a_kink_is_said_to_be_one():
    """2x + |x|, and y: zero at (0, 0), where the second border passes; the first and third do not."""
    end = find_zero(
        lambda x: np.array([2 * x[0] + abs(x[0]), x[1]]),
        lambda x: np.diag([3.0 if x[0] > 0 else 1.0, 1.0]),
        np.array([0.7, -2.0]),
        borders=lambda x: np.array([x[0] - 1e-6, x[0], x[1] + 1]),
    )
    assert end.status is Status.CONVERGED and end.kinks == (1,)


def test_the_least_residual_on_a_kink_is_no_zero():
    """1 + |x| has its least value on the kink."""
    end = find_zero(
        lambda x: 1 + np.abs(x),
        lambda x: np.array([[1.0 if x[0] > 0 else -1.0]]),
        np.array([0.3]),
        borders=lambda x: x,
    )
    assert end.status is not Status.CONVERGED and end.residual >= 1


def _himmelblau(x):
    """Gradient of (x² + y − 11)² + (x + y² − 7)²: nine zeros, four of them minima."""
    u, v = x[0] ** 2 + x[1] - 11, x[0] + x[1] ** 2 - 7
    return np.array([4 * x[0] * u + 2 * v, 2 * u + 4 * x[1] * v])


def _himmelblau_hessian(x):
    u, v = x[0] ** 2 + x[1] - 11, x[0] + x[1] ** 2 - 7
    mixed = 4 * (x[0] + x[1])
    return np.array([[8 * x[0] ** 2 + 4 * u + 2, mixed], [mixed, 8 * x[1] ** 2 + 4 * v + 2]])


def zeros_of_himmelblau():
    """All complex zeros of the gradient, by a resultant, in 30 digits."""
    x, y = sympy.symbols("x y")
    first, second = _himmelblau([x, y])
    resultant = sympy.Poly(sympy.resultant(first, second, y), x)
    with mpmath.workdps(30):
        for root in mpmath.polyroots([int(a) for a in resultant.all_coeffs()], maxsteps=200, extraprec=200):
            # in y the first equation is 2 y² + 4 x y + (4 x³ − 42 x − 14)
            others = mpmath.polyroots([2, 4 * root, 4 * root**3 - 42 * root - 14])
            yield from ((root, y) for y in others if abs(_himmelblau([root, y])[1]) < 1e-20)


def test_deflation_finds_every_critical_point_of_himmelblau():
    starts = [np.array([x, y], dtype=float) for x in (-2, 2) for y in (-2, 2)]
    found = find_zeros(_himmelblau, _himmelblau_hessian, starts, method=Method(damping=1e-3, tol=1e-10))
    assert all(end.status is Status.CONVERGED for end in found)
    expected = [np.array(place, dtype=complex) for place in zeros_of_himmelblau()]
    assert len(expected) == len(found) == 9
    for place in expected:
        assert sum(np.linalg.norm(end.x - place) < 1e-11 for end in found) == 1


def test_deflated_zeros_are_not_found_again():
    cubic, slope = lambda x: x**3 - x, lambda x: np.diag(3 * x**2 - 1)
    known = [np.array([1.0]), np.array([0.0])]
    end = find_zero(cubic, slope, np.array([0.9]), known=known)
    assert end.status is Status.CONVERGED and abs(end.x[0] + 1) < 1e-12
    last = find_zero(cubic, slope, np.array([0.9]), known=[*known, np.array([-1.0])])
    assert last.status is not Status.CONVERGED
    assert last.residual == pytest.approx(abs(last.x[0] ** 3 - last.x[0]))


def test_the_number_of_zeros_can_be_bounded():
    found = find_zeros(np.sin, lambda x: np.diag(np.cos(x)), [np.array([1.0])], most=3)
    assert len(found) == 3 and len({round(end.x[0] / math.pi) for end in found}) == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_steps": 0}, "max_steps must be an integer of at least 1, got 0"),
        ({"damping": 0.0}, "damping must be positive and finite, got 0"),
    ],
)
def test_options_of_zero_are_checked(options, message):
    with pytest.raises(KgonError, match=message):
        find_zero(np.sin, lambda x: np.diag(np.cos(x)), np.ones(1), Method(**options))
