import numba
import numpy as np
import pytest

from kgon.potential.data import sample
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.kernels import point
from kgon.potential.loss import Potential
from kgon.potential.model import TMS


def at(loss, w):
    """Loss and gradient of every flat point by the scalar kernel."""
    tms = loss.tms
    W, b = (np.ascontiguousarray(x) for x in tms.unpack(w))
    grad_W, grad_b = np.empty_like(W), np.empty_like(b)
    value = np.array(
        [point.loss_gradient(loss.kernel_arrays, *x) for x in zip(W, b, grad_W, grad_b, strict=True)]
    )
    return value, np.concatenate([grad_W.reshape(len(w), -1), grad_b], axis=1)


@pytest.mark.parametrize(("c", "r"), [(1, 1), (4, 2), (6, 2), (5, 3)])
def test_the_population_loss_is_that_of_quadrature_and_of_the_batch_kernel(c, r):
    rng = np.random.default_rng(c)
    tms = TMS(c, r, probability=rng.dirichlet(np.ones(c)), importance=rng.uniform(0.2, 2, c))
    w = rng.normal(0, 1, (300, tms.dimension))
    w[::7, -1] = 0.0  # on a border of the regions
    value, gradient = at(Potential(tms), w)
    by_batch, gradient_by_batch = Potential(tms).flat(w)
    assert np.allclose(value, by_batch, rtol=1e-12, atol=1e-13)
    assert np.allclose(gradient, gradient_by_batch, rtol=1e-11, atol=1e-12)
    for k in range(0, 300, 30):
        W, b = tms.unpack(w[k])
        assert value[k] == pytest.approx(tms.loss_by_quadrature(W, b), rel=1e-12)


def test_the_empirical_loss_is_the_mean_over_the_sample():
    tms, rng = TMS(6), np.random.default_rng(2)
    feature, amplitude = sample(tms, 200, seed=3)
    x = np.zeros((200, 6))
    x[np.arange(200), feature] = amplitude
    loss = EmpiricalLoss(tms, feature, amplitude)
    w = rng.normal(0, 1, (20, 18))
    value, gradient = loss.flat(w)
    for k in range(20):
        W, b = tms.unpack(w[k])
        assert value[k] == pytest.approx(np.mean(np.sum((x - tms.forward(x, W, b)) ** 2, axis=1)), rel=1e-12)
        _, grad_W, grad_b = loss.loss_and_gradient(W, b)
        assert np.array_equal(gradient[k], np.concatenate([grad_W.ravel(), grad_b]))


@numba.njit
def _descended(evaluate, packed, w, rate, steps):
    gradient = np.empty_like(w)
    for _ in range(steps):
        evaluate(packed, w, gradient)
        w -= rate * gradient
    return evaluate(packed, w, gradient)


@pytest.mark.parametrize("tms", [TMS(4), TMS(3, 1), TMS(4, probability=[1 / 2, 1 / 4, 1 / 8, 1 / 8])])
def test_the_compiled_handle_serves_compiled_loops(tms):
    """One function for every loss; the bits are those of the validated call."""
    rng = np.random.default_rng(4)
    for loss in (Potential(tms), EmpiricalLoss(tms, *sample(tms, 100, seed=3))):
        V, a = rng.normal(size=(tms.r, tms.c)), rng.normal(size=tms.c)
        w = tms.pack(V, a)
        evaluate, packed = loss.compiled()
        assert evaluate is point.evaluate
        end = _descended(evaluate, packed, w, 0.1, 20)
        for _ in range(20):
            grad_V, grad_a = loss.gradient(V, a)
            V -= 0.1 * grad_V
            a -= 0.1 * grad_a
        assert np.array_equal(tms.pack(V, a), w)
        assert end == loss.loss(V, a)
