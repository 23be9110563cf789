"""The 4-gon with positive columns: certificates, descent directions, the zero cone; near-misses fail."""

from fractions import Fraction

import numpy as np
import pytest

from kgon.kgons import square_minima
from kgon.kgons.labels import Label, all_labels, representative
from kgon.kgons.square_flat_set import ZeroCone, is_certified, zero_cone
from kgon.potential import any_number

SQUARE = ((1, 0), (0, 1), (-1, 0), (0, -1))
MINIMA = [(5, 1), (6, 1), (6, 2), (7, 1), (7, 3), (8, 1), (8, 2), (9, 1), (9, 4), (12, 6)]
FALLING = [(9, 2), (9, 3), (10, 1), (12, 2), (12, 5)]


def moved(c, sigma, v, u):
    """The point at parameter u of a direction, with dead biases −1, in fractions."""
    p, w, f, g, nu0, beta0, nu2, beta2 = v
    W, b = representative(Label(4, sigma), c, Fraction(1), Fraction(0), SQUARE, Fraction)
    tangents = ((0, 1), (-1, 0), (0, -1), (1, 0))
    for j, (nu, beta, phi) in enumerate(
        ((nu0, beta0, -f), (nu0, beta0, f), (nu2, beta2, g), (nu2, beta2, -g))
    ):
        b[j] += u * beta
        for axis in (0, 1):
            W[axis][j] += u * (nu * SQUARE[j][axis] / 2 + phi * tangents[j][axis])
    for j in range(4, c):
        for axis in (0, 1):
            W[axis][j] += u * (p if j < 4 + sigma else -w)
        if j >= 4 + sigma:
            b[j] = Fraction(-1)
    return W, b


@pytest.mark.parametrize(("c", "sigma"), MINIMA)
def test_minima_are_certified_and_have_no_descent_direction(c, sigma):
    found = square_minima.cone_certificate(c, sigma)
    assert found is not None and found.growth > 0
    assert square_minima.is_copositive(c, sigma, found.epsilon, found.nodes)
    assert square_minima.cone_direction(c, sigma) is None


@pytest.mark.parametrize(("c", "sigma"), FALLING)
def test_elsewhere_the_exact_loss_falls(c, sigma):
    assert square_minima.cone_certificate(c, sigma) is None
    v = square_minima.cone_direction(c, sigma)
    assert v is not None
    q = square_minima.leading_value(c, sigma, v)
    assert q < 0
    star = any_number.loss(*moved(c, sigma, v, Fraction(0)))
    for u in (Fraction(1, 1000), Fraction(1, 10_000)):
        change = c * (any_number.loss(*moved(c, sigma, v, u)) - star) / u**2
        assert change < 0
        # the remainder is of order u; its constant is below 40 for these directions
        assert abs(change - q) < 40 * u


def test_a_certificate_does_not_carry_over():
    """Near-misses: too large an ε, another case, another multiplier."""
    found = square_minima.cone_certificate(8, 2)
    assert found is not None
    assert not square_minima.is_copositive(8, 2, 20 * found.epsilon, found.nodes)
    assert not square_minima.is_copositive(9, 2, found.epsilon, found.nodes)
    first, second = found.nodes
    for key in second["tau"]:
        changed = {**second, "tau": {**second["tau"], key: Fraction(1, 100)}}
        if second["tau"][key] > Fraction(1, 2) and not key.startswith("dead"):
            assert not square_minima.is_copositive(8, 2, found.epsilon, (first, changed)), key


@pytest.mark.parametrize(("c", "sigma"), [(6, 1), (6, 2), (8, 3)])
def test_growth_holds_at_random_points_of_the_true_loss(c, sigma):
    """κ dist² ≤ c(L − L*) up to the cubic remainder, along random rational directions."""
    growth = square_minima.cone_certificate(c, sigma).growth
    rng = np.random.default_rng(c)
    W0, b0 = representative(Label(4, sigma), c, Fraction(1), Fraction(0), SQUARE, Fraction)
    star = any_number.loss(W0, b0)
    u = Fraction(1, 10_000)
    for _ in range(20):
        step = [[Fraction(int(x), 50) for x in row] for row in rng.integers(-50, 51, (3, c))]
        for j in range(4 + sigma, c):
            step[2][j] = Fraction(0)  # dead biases are flat
        # remove the rotation, the other flat direction
        turn = [SQUARE[j][0] * step[1][j] - SQUARE[j][1] * step[0][j] for j in range(4)]
        mean = sum(turn, Fraction(0)) / 4
        for j in range(4):
            step[0][j] += mean * SQUARE[j][1]
            step[1][j] -= mean * SQUARE[j][0]
        dist2 = sum(x * x for row in step for x in row)
        W = [[x + u * y for x, y in zip(W0[axis], step[axis], strict=True)] for axis in (0, 1)]
        b = [x + u * y for x, y in zip(b0, step[2], strict=True)]
        assert c * (any_number.loss(W, b) - star) / u**2 > growth * dist2


def test_the_leading_function_of_the_package_is_the_limit_of_the_loss():
    v = [Fraction(x, 7) for x in (2, 3, -1, 2, 1, -4, 3, 2)]
    for c, sigma in ((6, 1), (7, 2), (9, 3)):
        star = any_number.loss(*moved(c, sigma, v, Fraction(0)))
        q = square_minima.leading_value(c, sigma, v)
        errors = [
            abs(c * (any_number.loss(*moved(c, sigma, v, u)) - star) / u**2 - q)
            for u in (Fraction(1, 10**3), Fraction(1, 10**4), Fraction(1, 10**5))
        ]
        # a cubic remainder: each factor ten brings a factor ten
        assert errors[1] < errors[0] / 8 and errors[2] < errors[1] / 8


# --- the zero cone without positive columns --------------------------------------------------------


@pytest.mark.parametrize("c", [4, 5, 6, 8])
def test_dimension_of_the_zero_cone_against_sampling(c):
    """A second algorithm: the rank of many feasible points found by projecting random ones."""
    for label in [label for label in all_labels(c, [4]) if label.sigma == 0]:
        found = zero_cone(label, c)
        size = sum(1 if role == "live" else 3 for role in label.roles(c))
        assert is_certified(found, size)
        A = np.array(found.rows, dtype=float).reshape(len(found.rows), size)
        rng = np.random.default_rng(1)
        points = []
        for _ in range(4 * size):
            x = rng.normal(size=size)
            for _ in range(4000):  # cyclic projections onto the half-spaces
                worst = A @ x
                if not len(worst) or worst.max() < 1e-12:
                    break
                row = A[int(worst.argmax())]
                x = x - row * (row @ x) / (row @ row)
            points.append(x)
        values = np.linalg.svd(np.array(points), compute_uv=False)
        assert int(np.sum(values > 1e-6 * values[0])) == found.dimension


def test_the_published_dimension_of_the_four_gon():
    # rotation and the two dead biases: lambda = (18 - 3)/2 = 7.5
    assert zero_cone(Label(4), 6).dimension == 3


def test_near_misses_of_stiemkes_certificate():
    found = zero_cone(Label(4, 0, 1), 6)
    size = 3 + 9
    zeros = [Fraction(0)] * len(found.rows)
    assert is_certified(found, size)
    negative = [-y for y in found.multipliers]
    for multipliers, interior in (
        (negative, found.interior),
        (zeros, found.interior),
        (found.multipliers, [Fraction(0)] * size),
        (found.multipliers, [-x for x in found.interior]),
    ):
        wrong = ZeroCone(found.rows, multipliers, interior, found.dimension)
        if (multipliers, interior) != (found.multipliers, found.interior):
            assert not is_certified(wrong, size)
