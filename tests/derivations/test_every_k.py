"""The bounds of derivation 2c against quadrature, its bisection against false claims, and its theorem."""

import flint
import mpmath
import numpy as np
import pytest
from flint import arb
from parts import sums


@pytest.fixture(autouse=True)
def _bits():
    with flint.ctx.workprec(128):
        yield


def contains(ball, value) -> bool:
    return abs(float(ball.mid()) - float(value)) <= float(ball.rad()) + 1e-12


@pytest.mark.parametrize("value", ["0.43", "0.5", "0.77", "0.999"])
def test_integral_and_variation_against_quadrature(value):
    rho = (1 - mpmath.mpf(value)) / 2
    tau = (1 - 2 * rho) / (4 * (1 - rho))
    ball = (1 - arb(value)) / 2
    numerators = [(sums.power(i), lambda v, i=i: (1 - v) ** i) for i in (1, 2, 3)]
    numerators.append((sums.sign_numerator(ball), lambda v: (1 - v) ** 2 * (tau - v)))
    for coefficients, N in numerators:
        exact = mpmath.quad(
            lambda y, N=N: N(y * y) / ((1 - 2 * rho * y**2) * mpmath.sqrt(1 - rho * y**2)), [0, 1]
        )
        assert contains(sums.integral(coefficients, ball), exact)
        # The variation of ψ' from differences of ψ' itself, with the jump at the end.
        y = np.linspace(0, 1, 4001)
        r = float(rho)
        psi = N(y**2).astype(float)
        theta = 2 * np.arcsin(y * np.sqrt(r))
        slope = np.gradient(psi / (1 - 2 * r * y**2), theta, edge_order=2)
        variation = 2 * (np.abs(np.diff(slope)).sum() + abs(slope[-1])) * np.sqrt(r)
        bound = float(sums.variation(coefficients, ball))
        assert variation * (1 - 1e-3) <= bound <= 1.25 * variation


def test_bisection_refuses_a_falling_and_a_double_zero():
    def quartic(*coefficients):
        return [arb(x) for x in coefficients]

    assert sums.rises(quartic(-1, 2, 0, 0, 0), arb(0), arb(1))
    assert not sums.rises(quartic(1, -2, 0, 0, 0), arb(0), arb(1))
    assert not sums.rises(quartic("0.25", -1, 1, 0, 0), arb(0), arb(1))


@pytest.mark.parametrize("k", [*range(5, 60), 97, 240, 1001])
def test_the_loss_along_the_ray_has_one_minimum(k):
    # f = B²/A, with A summed from the pair integrals: increasing, then decreasing.
    near_one = 1 - np.geomspace(1e-7, 0.5, 3000)
    m = np.unique(np.concatenate([np.linspace(1e-3, 0.999, 3000), near_one]))
    x = np.cos(2 * np.pi * np.arange(k) / k)
    x = x[x > 1e-9][:, None]
    A = (np.maximum(x - m, 0) ** 3 / (3 * x)).sum(0)
    f = ((1 - m) ** 2 * (2 + m) / 3) ** 2 / A
    rising = np.diff(f) > 0
    assert rising[0] and not rising[-1]
    assert np.count_nonzero(np.diff(rising)) == 1
