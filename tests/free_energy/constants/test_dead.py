"""The dead region: prior mass and edge against Monte Carlo and quadrature that do not know the formulas."""

import itertools

import numpy as np
import pytest
from scipy.integrate import dblquad, quad
from scipy.special import gamma, ndtr

from kgon.base.verdicts import KgonError
from kgon.free_energy.constants.dead import at_strength, dead_edge, dead_mass, dead_mass_at
from kgon.kgons.catalogue import Catalogue
from kgon.potential.loss import Potential
from kgon.potential.model import TMS


@pytest.mark.parametrize(("k", "c"), [(5, 6), (6, 7), (7, 8)])
def test_mass_is_the_probability_that_a_random_column_costs_nothing(k, c):
    """Columns (x, b) ~ N(0, I): L keeps its value exactly on the region; 2·10⁵ draws, 4 standard errors."""
    point = Catalogue(c)[str(k)]
    rng = np.random.default_rng(5)
    draws = 200_000
    W = np.repeat(point.W[None], draws, axis=0)
    b = np.repeat(point.biases[None], draws, axis=0)
    x = rng.standard_normal((draws, 3))
    W[:, :, k], b[:, k] = x[:, :2], x[:, 2]
    free = np.abs(Potential(TMS(c)).loss(W, b) - point.loss) < 1e-15
    # Points with equal loss by accident have measure zero; those beyond the region may lie lower or higher.
    mass = float(dead_mass(k))
    assert abs(free.mean() - mass) < 4 * np.sqrt(mass / draws)
    assert 4 * np.sqrt(mass / draws) < 0.15 * mass  # a factor 2 in the mass would be seen


def test_mass_against_a_plane_integral():
    """∫ over the pentagon of φ(x, y) Φ(−max x·W_j), with scipy, in Cartesian coordinates."""
    point = Catalogue(6)["5"]
    slopes, bias = point.W[:, :5], -point.bias

    def density(y, x):
        steepest = float(np.max(slopes.T @ [x, y]))
        inside = steepest <= bias
        return np.exp(-(x * x + y * y) / 2) / (2 * np.pi) * ndtr(-steepest) if inside else 0.0

    reach = bias / point.length / np.cos(np.pi / 5)
    value, _ = dblquad(density, -reach, reach, -reach, reach, epsabs=2e-5)
    assert value == pytest.approx(float(dead_mass(5)), abs=1e-4)


def test_balls_are_narrow():
    assert float(dead_mass(5).rad()) < 1e-40
    assert float(dead_edge(5, 6).rad()) < 1e-40


def test_edge_against_its_two_integrals_in_floating_point():
    k, c, point = 5, 6, Catalogue(6)["5"]
    length, b = point.length, -point.bias
    h, tangent = b / length, np.tan(np.pi / k)

    def phi(u):
        return np.exp(-u * u / 2) / np.sqrt(2 * np.pi)

    along = phi(h) * (2 * ndtr(h * tangent) - 1) * ndtr(-b) * k * b ** (1 / 3) / length
    # weight u^{1/3} in the rule: no loss of digits at its branch point
    across = length ** (1 / 3) * quad(
        lambda u: phi(u) * (ndtr(u * tangent) - 0.5) * phi(length * u), 0, h, weight="alg", wvar=(1 / 3, 0)
    )[0]  # fmt: skip
    expected = gamma(4 / 3) * (3 * c) ** (1 / 3) * (along + 2 * k * across)
    assert float(dead_edge(k, c)) == pytest.approx(expected, rel=1e-9)


def test_mass_at_finite_n_tends_to_the_region_with_the_edge_as_its_slope():
    """(M(s) − P) s^{1/3} → A, with a remainder of order s^{−1/3}: halved from s to 8s."""
    mass, edge = float(dead_mass(5)), float(dead_edge(5, 6))
    gaps = [(dead_mass_at(5, 6, 8.0**j) - mass) * 2.0**j / edge - 1 for j in (6, 7, 8, 9)]
    assert all(0.4 < b / a < 0.6 for a, b in itertools.pairwise(gaps))
    assert abs(2 * gaps[-1] - gaps[-2]) < 2e-3


@pytest.mark.parametrize("s", [50.0, 1000.0])
def test_mass_at_finite_n_against_monte_carlo(s):
    """E e^{−s(L − L*)} over prior columns that do not see their own input; 4 standard errors."""
    point = Catalogue(6)["5"]
    rng = np.random.default_rng(6)
    x = rng.standard_normal((300_000, 3))
    x = x[np.sum(x[:, :2] ** 2, axis=1) + x[:, 2] <= 0]
    W = np.repeat(point.W[None], len(x), axis=0)
    b = np.repeat(point.biases[None], len(x), axis=0)
    W[:, :, 5], b[:, 5] = x[:, :2], x[:, 2]
    cost = Potential(TMS(6)).loss(W, b) - point.loss
    assert cost.min() > -1e-15
    weight = np.exp(-s * cost)
    value = weight.sum() / 300_000
    error = np.sqrt(np.sum(weight**2)) / 300_000
    assert abs(value - dead_mass_at(5, 6, s)) < 4 * error < 0.1 * value


def test_interpolation_repeats_the_quadrature():
    s = np.array([1.5, 80.0, 333.3, 2e4, 7e8])
    direct = [dead_mass_at(5, 6, float(x)) for x in s]
    assert at_strength(5, 6, s) == pytest.approx(direct, rel=1e-5)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: dead_mass(4), "for k >= 5, got k = 4"),
        (lambda: dead_mass_at(5, 5, 10.0), "no dead column"),
        (lambda: dead_mass_at(5, 6, -1.0), "positive and finite, got -1.0"),
        (lambda: at_strength(5, 6, [0.1]), "from 1 to 1e12"),
    ],
)
def test_refusals(call, words):
    with pytest.raises(KgonError, match=words):
        call()
