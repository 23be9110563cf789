"""Root finding on the gradient: its linear algebra, its first step, its roots, its descent."""

import mpmath
import numpy as np
import pytest
from support import truth

from kgon.potential.descent import descend
from kgon.potential.kernels import critical
from kgon.potential.kernels._jit import known
from kgon.potential.loss import Potential
from kgon.potential.model import TMS


def _zero(tms, w, damping=1e-3, tol=1e-13, max_steps=100):
    w = w.copy()
    weights = tms.probability, tms.importance
    loss, norm = critical.zero(w, tms.r, tms.c, *weights, damping, tol, max_steps, known(tms.r))
    return w, loss, norm


@pytest.mark.parametrize("d", [1, 2, 7, 18])
def test_complex_systems_are_solved(d):
    rng = np.random.default_rng(d)
    for _ in range(20):
        A = rng.normal(size=(d, d)) + 1j * rng.normal(size=(d, d))
        if d > 1:
            A[0, 0] = 0  # a row must be exchanged
        x = rng.normal(size=d) + 0j
        expected = np.linalg.solve(A, x)
        assert critical.solve(A.copy(), x)
        assert np.allclose(x, expected, rtol=1e-9)


def test_a_singular_system_is_refused():
    A = np.array([[1.0, 2.0], [2.0, 4.0]], dtype=complex)
    assert not critical.solve(A, np.ones(2, dtype=complex))


@pytest.mark.parametrize(("r", "c"), [(1, 3), (2, 4), (3, 4)])
def test_the_step_is_that_of_levenberg_and_marquardt(r, c):
    rng = np.random.default_rng([r, c])
    p, importance = truth.random_weights(rng, c)
    tms = TMS(c, r, probability=p, importance=importance)
    potential = Potential(tms)
    checked = 0
    for _ in range(20):
        w, nu = rng.normal(size=tms.dimension), 10.0 ** rng.uniform(-2, 0)
        gradient, H = potential.flat(w[None])[1][0], potential.hessian(*tms.unpack(w))
        values, axes = np.linalg.eigh(H)
        step = -axes @ (values / (values**2 + nu**2) * (axes.T @ gradient))
        if np.linalg.norm(potential.flat((w + step)[None])[1]) < np.linalg.norm(gradient):
            assert np.allclose(_zero(tms, w, damping=nu, max_steps=1)[0], w + step, rtol=0, atol=1e-10)
            checked += 1
    assert checked > 5


@pytest.mark.parametrize(("r", "c"), [(1, 2), (2, 5), (3, 4)])
def test_roots_are_zeros_of_the_gradient_of_the_integral(r, c):
    """‖∇L‖ by differences of the exact integral in 50 digits, away from the kinks' own scale."""
    rng = np.random.default_rng([1, r, c])
    p, importance = truth.random_weights(rng, c)
    tms = TMS(c, r, probability=p, importance=importance)
    ends = [_zero(tms, rng.normal(size=tms.dimension)) for _ in range(30)]
    roots = [(w, loss) for w, loss, norm in ends if norm <= 1e-12][:4]
    assert len(roots) == 4
    with mpmath.workdps(50):
        true = truth.LossInMpmath(tms)
        for w, loss in roots:
            assert float(true.moved(w)) == pytest.approx(loss, abs=1e-14)
            # the difference quotient sees the curvature over 1e-14 where there is a kink
            assert np.abs(true.gradient(w, mpmath.mpf(10) ** -14)).max() < 1e-11


def test_it_stops_where_it_is_told():
    tms = TMS(6)
    w = np.random.default_rng(0).normal(size=18)
    for tol in (1e-2, 1e-4):
        assert _zero(tms, w, tol=tol)[2] <= tol
    start = w.copy()
    assert np.array_equal(_zero(tms, w, max_steps=0)[0], start)


def test_bad_numbers_end_without_a_root():
    tms = TMS(4)
    for w in (np.full(12, np.nan), np.full(12, 1e200)):
        assert not _zero(tms, w)[2] <= 1e-12


def test_the_descent_is_that_of_the_samplers():
    tms = TMS(5)
    w = np.random.default_rng(2).normal(size=(3, 15))
    expected = descend(tms, w, max_steps=50)
    for k in range(3):
        critical.descend(w[k], 2, 5, tms.probability, tms.importance, 50)
    assert np.allclose(w, expected.w, rtol=0, atol=1e-12)
