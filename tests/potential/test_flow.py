"""Gradient flow: exact solutions, the balance of the loss, order of the error, and SGD as its limit."""

import numpy as np
import pytest
from scipy.integrate import simpson
from scipy.linalg import expm

from kgon.base.verdicts import KgonError
from kgon.kgons.labels import Label
from kgon.kgons.values import standard_point
from kgon.potential.data import draw
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.flow import gradient_flow
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.sampling.sgd import Protocol, run_sgd

SIX = TMS(6)


class Quadratic:
    """½ wᵀHw, a Loss."""

    tms = TMS(2, 1)

    def __init__(self):
        rng = np.random.default_rng(1)
        root = rng.standard_normal((4, 4))
        self.hessian = root @ root.T

    def flat(self, w):
        return 0.5 * np.einsum("mi,ij,mj->m", w, self.hessian, w), w @ self.hessian


def test_a_quadratic_is_solved_exactly():
    loss, start = Quadratic(), np.array([1.0, -2.0, 0.5, 3.0])
    times = [0.0, 0.1, 0.7, 2.0, 5.0]
    found = gradient_flow(loss, start, times, tolerance=1e-10)
    exact = np.array([expm(-t * loss.hessian) @ start for t in times])
    assert np.allclose(found.w, exact, rtol=0, atol=1e-7)
    assert np.array_equal(found.time, times)


def test_small_deviations_from_the_hexagon_decay_at_the_hessians_rates():
    potential = Potential(SIX)
    W, b = standard_point(Label.parse("6"), 6)
    values, axes = np.linalg.eigh(potential.hessian(W, b))
    centre = SIX.pack(W, b)
    for k in (1, 8, 17):
        # the third derivative enters with the size of the deviation, 1e-5
        path = gradient_flow(potential, centre + 1e-5 * axes[:, k], [0.0, 1 / values[k]], tolerance=1e-12)
        assert axes[:, k] @ (path.w[1] - centre) == pytest.approx(1e-5 / np.e, rel=1e-3)


@pytest.mark.parametrize("empirical", [False, True])
def test_the_loss_falls_by_the_squared_gradient(empirical):
    rng = np.random.default_rng(3)
    loss = EmpiricalLoss(SIX, *draw(rng, SIX, 500)) if empirical else Potential(SIX)
    times = np.linspace(0, 20, 4001)
    path = gradient_flow(loss, 0.5 * rng.standard_normal(18), times, tolerance=1e-9)
    assert np.all(np.diff(path.loss) <= 1e-12)
    lost = simpson(np.sum(loss.flat(path.w)[1] ** 2, axis=1), x=times)
    assert path.loss[0] - path.loss[-1] == pytest.approx(lost, rel=1e-4)
    assert lost > 0.05


def test_the_error_falls_with_the_tolerance():
    start = np.random.default_rng(4).standard_normal(18)
    exact = gradient_flow(Potential(SIX), start, [30.0], tolerance=1e-12).w
    errors = [
        np.abs(gradient_flow(Potential(SIX), start, [30.0], tolerance=x).w - exact).max()
        for x in (1e-3, 1e-5, 1e-7)
    ]
    assert errors[1] < errors[0] / 10 and errors[2] < errors[1] / 10 and errors[2] < 1e-5


@pytest.mark.slow
def test_gradient_descent_tends_to_the_flow_as_its_rate_falls():
    rng = np.random.default_rng(5)
    sample = draw(rng, SIX, 200)
    loss, start = EmpiricalLoss(SIX, *sample), 0.5 * rng.standard_normal(18)
    end = gradient_flow(loss, start, [8.0], tolerance=1e-10).w[-1]
    errors = []
    for rate in (0.02, 0.01, 0.005):
        protocol = Protocol(n=200, batch=200, learning_rate=rate, epochs=round(8 / rate))
        errors.append(np.linalg.norm(run_sgd(rng, loss, sample, start, protocol).w[-1] - end))
    ratios = np.array(errors[:-1]) / errors[1:]
    assert np.all((ratios > 1.7) & (ratios < 2.3)), errors  # an error of first order in the rate


def test_bad_arguments_are_refused():
    loss = Potential(SIX)
    with pytest.raises(KgonError, match="times must be finite and increasing from 0 or more"):
        gradient_flow(loss, np.zeros(18), [1.0, 1.0])
    with pytest.raises(KgonError, match="times must be finite and increasing from 0 or more"):
        gradient_flow(loss, np.zeros(18), [-1.0])
    with pytest.raises(KgonError, match="finite"):
        gradient_flow(loss, np.zeros(18), [np.inf])
    with pytest.raises(KgonError, match="got 0"):
        gradient_flow(loss, np.zeros(18), [1.0], tolerance=0)
    with pytest.raises(KgonError, match=r"got \(3,\)"):
        gradient_flow(loss, np.zeros(3), [1.0])
    assert np.array_equal(gradient_flow(loss, np.ones(18), [0.0]).w, np.ones((1, 18)))
