"""Third and fourth derivatives against differences of the Hessian; K against a second expansion."""

import itertools

import mpmath
import numpy as np
import pytest

from kgon.free_energy.constants import second_order
from kgon.free_energy.constants.second_order import (
    contract_fourth,
    order_coefficient,
    pair_derivatives,
    slice_at,
    third_derivatives,
)
from kgon.kgons.catalogue import Catalogue
from kgon.potential.loss import Potential
from kgon.potential.model import TMS

HEXAGON = Catalogue(6)["6"]


def _integral(f, a, b):
    """∫₀¹ f, a polynomial of degree 2 on each side of the kink: Simpson's rule is exact."""
    ends = sorted({mpmath.mpf(0), mpmath.mpf(1), min(max(-b / a, mpmath.mpf(0)), mpmath.mpf(1))})
    return sum((y - x) / 6 * (f(x) + 4 * f((x + y) / 2) + f(y)) for x, y in itertools.pairwise(ends))


def _off(a, b):
    return _integral(lambda mu: max(a * mu + b, 0) ** 2, a, b)


def _diag(a, b):
    return _integral(lambda mu: (mu - max(a * mu + b, 0)) ** 2, a, b)


@pytest.mark.parametrize(
    ("a", "b", "diagonal"),
    [(1.7, -0.6, False), (-0.8, 0.3, False), (0.7, 0.2, False), (1.7, -0.6, True), (0.9, 0.1, True)],
)
def test_pair_derivatives_against_the_integral(a, b, diagonal):
    with mpmath.workdps(40):
        integral = _diag if diagonal else _off
        for order, tensor in enumerate(pair_derivatives(a, b, diagonal=diagonal), start=1):
            for index in np.ndindex(tensor.shape):
                in_b = sum(index)
                true = mpmath.diff(integral, (mpmath.mpf(a), mpmath.mpf(b)), (order - in_b, in_b))
                assert float(tensor[index]) == pytest.approx(float(true), abs=1e-7)


def _point(seed):
    rng = np.random.default_rng(seed)
    return rng.normal(0, 0.9, (2, 5)), rng.normal(-0.2, 0.4, 5)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_derivatives_against_differences_of_the_hessian(seed):
    """Along a random line: D³L[v]·· and D⁴L[v, v, v, v]; the truncation error is of size h² = 1e-6."""
    W, b = _point(seed)
    rng = np.random.default_rng(seed + 10)
    tms = TMS(5, probability=rng.dirichlet(np.ones(5)), importance=rng.uniform(0.5, 2, 5))
    v = rng.normal(size=15)
    v /= np.linalg.norm(v)
    D = np.outer(v, v)
    third, fourth = third_derivatives(W, b, tms=tms), contract_fourth(W, b, D, tms=tms)
    potential, h = Potential(tms), 1e-3

    def hessian(t):
        return potential.hessian(W + t * v[:10].reshape(2, 5), b + t * v[10:])

    slope = (hessian(h) - hessian(-h)) / (2 * h)
    bend = (hessian(h) - 2 * hessian(0.0) + hessian(-h)) / h**2
    assert np.einsum("ijk,k->ij", third, v) == pytest.approx(slope, rel=2e-4, abs=2e-4)
    assert fourth == pytest.approx(float(v @ bend @ v), rel=1e-3, abs=1e-3)
    assert third == pytest.approx(np.transpose(third, (2, 0, 1)), abs=1e-14)


def test_a_missing_term_is_noticed(monkeypatch):
    """Without the curvature of a = W_i·W_j the third derivative misses the differences by far."""
    W, b = _point(1)
    tms, h, v = TMS(5), 1e-3, np.eye(15)[0]
    potential = Potential(tms)
    ends = [potential.hessian(W + t * v[:10].reshape(2, 5), b) for t in (h, -h)]
    slope = (ends[0] - ends[1]) / (2 * h)
    right = third_derivatives(W, b, tms=tms)
    assert np.abs(right @ v - slope).max() < 1e-3
    monkeypatch.setattr(second_order, "_ONE_OF_THREE", set())
    wrong = third_derivatives(W, b, tms=tms)
    assert np.abs(wrong @ v - slope).max() > 1e-2


def test_the_slice_is_orthogonal_and_its_hessian_is_that_of_l():
    found = slice_at(HEXAGON.W, HEXAGON.biases, tms=TMS(6), columns=range(6))
    assert np.abs(found.basis.T @ found.tangent).max() < 1e-14
    assert found.basis.T @ found.basis == pytest.approx(np.eye(17), abs=1e-13)
    full = Potential(TMS(6)).hessian(HEXAGON.W, HEXAGON.biases)
    assert np.abs(full @ found.tangent).max() < 1e-13  # rotation costs nothing
    assert full @ found.inverse @ full == pytest.approx(full, abs=1e-12)


def test_k_does_not_depend_on_the_representative():
    """Rotations and permutations move the slice, not K."""
    from kgon.kgons.symmetry import rotate

    order = order_coefficient(HEXAGON.W, HEXAGON.biases, tms=TMS(6), columns=range(6))
    shuffle = [3, 0, 5, 1, 4, 2]
    turned = rotate(HEXAGON.W, 0.7)[:, shuffle]
    assert order_coefficient(turned, HEXAGON.biases[shuffle], tms=TMS(6), columns=range(6)) == pytest.approx(
        order, rel=1e-9
    )
