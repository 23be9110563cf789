"""The Hessian against second derivatives of the integral, taken by two other methods."""

import mpmath
import numpy as np
import pytest
from support import truth

from kgon.potential.loss import Potential
from kgon.potential.model import TMS


def _case(r, c, m, seed):
    rng = np.random.default_rng([seed, r, c])
    p, importance = truth.random_weights(rng, c)
    return (*truth.random_points(rng, m, r, c), TMS(c, r, probability=p, importance=importance))


def _gap(W, b):
    """Distance of a point's pairs from the borders of their regions."""
    end = W.T @ W + b
    return min(np.abs(b).min(), np.abs(end).min())


@pytest.mark.parametrize(("r", "c"), [(1, 4), (2, 3), (3, 3)])
def test_equals_second_differences_of_the_integral_at_60_digits(r, c):
    W, b, tms = _case(r, c, 4, seed=0)
    for k in range(len(W)):
        assert _gap(W[k], b[k]) > 1e-6
        ours = Potential(tms).hessian(W[k], b[k])
        # Step 1e-16, far from any border: truncation is near 1e-16, cancellation near 1e-60/1e-32.
        with mpmath.workdps(60):
            true = truth.LossInMpmath(tms).hessian(tms.pack(W[k], b[k]), mpmath.mpf(10) ** -16)
        assert np.abs(ours - true).max() <= 1e-13 * (1 + np.abs(ours).max())


@pytest.mark.parametrize(("r", "c"), [(1, 3), (2, 6), (3, 5), (2, 9)])
def test_equals_the_derivative_of_the_complex_step_gradient(r, c):
    W, b, tms = _case(r, c, 12, seed=1)
    ours = Potential(tms).hessian(W, b)
    assert np.array_equal(ours.shape, (12, tms.dimension, tms.dimension))
    step = 1e-6
    chosen = [k for k in range(12) if _gap(W[k], b[k]) > 1e-4]
    assert len(chosen) >= 9
    for x in range(tms.dimension):
        w = tms.pack(W, b)
        columns = []
        for sign in (1, -1):
            moved = w.copy()
            moved[:, x] += sign * step
            grad = truth.gradient(*tms.unpack(moved), tms.probability, tms.importance)
            columns.append(tms.pack(*grad))
        difference = (columns[0] - columns[1]) / (2 * step)
        for k in chosen:
            # Truncation is 1e-12 times fourth derivatives (below 1e5 at these points), rounding
            # 1e-15/1e-6.
            assert np.abs(ours[k, x] - difference[k]).max() <= 1e-7 * (1 + np.abs(ours[k]).max())


def test_is_symmetric_to_the_last_bit_or_two():
    W, b, tms = _case(2, 6, 200, seed=2)
    H = Potential(tms).hessian(W, b)
    gap = np.abs(H - H.transpose(0, 2, 1)).max(axis=(1, 2))
    assert (gap <= 4 * 2.0**-52 * np.abs(H).max(axis=(1, 2)) * 36).all()


def test_batch_and_single_agree_bit_for_bit_and_an_empty_batch_is_empty():
    W, b, tms = _case(2, 5, 7, seed=3)
    potential = Potential(tms)
    H = potential.hessian(W, b)
    for k in range(7):
        assert np.array_equal(H[k], potential.hessian(W[k], b[k]))
        assert np.array_equal(H[k], potential.flat_hessian(tms.pack(W[k], b[k])))
    assert potential.hessian(W[:0], b[:0]).shape == (0, 15, 15)


def test_hessian_times_the_tangent_of_a_rotation_is_the_turned_gradient():
    W, b, tms = _case(2, 5, 20, seed=4)
    potential = Potential(tms)
    turn = np.array([[0.0, -1.0], [1.0, 0.0]])
    for k in range(20):
        grad_W, _grad_b = potential.gradient(W[k], b[k])
        tangent = tms.pack(turn @ W[k], np.zeros(5))
        # Differentiating ∇L(QW, b) = Q∇L(W, b) along the rotation, at Q = 1.
        expected = tms.pack(turn @ grad_W, np.zeros(5))
        H = potential.hessian(W[k], b[k])
        assert np.abs(H @ tangent - expected).max() <= 1e-13 * (1 + np.abs(H).max())


@pytest.mark.parametrize(
    ("W", "b", "change"),
    [
        # b_0 = 0 with a > 0 and a < 0; a + b = 0 off the diagonal: L stays C² there.
        ([[1.0, 0.5, -0.75], [0.0, 0.5, 0.25]], [0.0, 0.3, -0.2], 0),
        ([[1.0, 0.5, -0.75], [0.0, 0.5, 0.25]], [-0.5, 0.3, -0.2], 0),
        ([[1.0, 0.5, -0.75], [0.0, 0.5, 0.25]], [0.75, 0.3, -0.2], 0),
        # N + b = 0, b < 0: ∂²/∂b² of diag jumps from 2·(1 − 1 + 1/N) to 0.
        ([[1.0, 0.5, -0.75], [0.0, 0.5, 0.25]], [-1.0, 0.3, -0.2], 1),
    ],
)
def test_hessian_is_continuous_where_the_potential_is_smooth(W, b, change):
    potential = Potential(TMS(3))
    W, b = np.array(W), np.array(b)
    sides = [potential.hessian(W, b + np.array([s * 1e-9, 0, 0])) for s in (1, -1)]
    jump = np.abs(sides[0] - sides[1]).max()
    # Third derivatives at these points are below 100.
    assert jump > 0.1 if change else jump < 1e-6
    assert potential.smooth(W, b) == (not change)
