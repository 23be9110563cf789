"""The 4-gons: exactly critical, their leading function against quadrature, where they cease to be minima."""

from fractions import Fraction

import numpy as np
import pytest
from support import truth
from support.exhaustive import exhaustive

from kgon.branches.follow import follow_branch
from kgon.branches.squares import exact_square
from kgon.kgons.labels import Label
from kgon.potential.kernels.pairs import off_gradient
from kgon.potential.parameters import Parameter

ROLES = [
    ("4", "vertex"), ("4", "dead"), ("4+", "vertex"), ("4+", "positive"), ("4+", "dead"), ("4++", "vertex"),
    ("4++", "positive"), ("4--", "switched-off"),
]  # fmt: skip
PARAMETER = Parameter.parse("importance[5]", 6)


def floats(square):
    return np.array(square.W, dtype=float), np.array(square.b, dtype=float)


def weights(value):
    return np.full(6, 1 / 6), np.array([1, 1, 1, 1, 1, value])


@pytest.mark.parametrize(("label", "role"), ROLES)
def test_they_stay_critical_and_their_loss_is_affine(label, role):
    square = exact_square(Label.parse(label), PARAMETER, role)
    assert square.stays(PARAMETER)
    W, b = floats(square)
    for value in (0.1, 0.7, 2.9):
        grad_W, grad_b = truth.gradient(W, b, *weights(value))
        assert max(np.abs(grad_W).max(), np.abs(grad_b).max()) < 1e-15
        assert float(square.loss(PARAMETER, Fraction(value))) == pytest.approx(
            truth.loss(W, b, *weights(value)), abs=1e-15
        )


def test_a_moved_square_does_not_stay():
    square = exact_square(Label.parse("4+"), PARAMETER, "positive")
    square.b[5] += Fraction(1, 1000)
    assert not square.stays(PARAMETER)
    square = exact_square(Label.parse("4+"), PARAMETER, "positive")
    assert not square.stays(Parameter.parse("probability[5]", 6))  # b = p/2 moves


def rise(square, u, e, value):
    """L(w* + e u) − L*, by quadrature: live columns on their circle, the others in a straight line.

    u holds ν, β and φ of the live columns, then the dead columns, then the positive ones.
    """
    W0, b0 = floats(square)
    dead, positive = ([j for j, x in enumerate(square.roles) if x == role] for role in ("dead", "positive"))
    nu, beta, phi = u[:12].reshape(3, 4)
    W, b = W0.copy(), b0.copy()
    for k, j in enumerate(square.vertices):
        angle = e * phi[k] + k * np.pi / 2
        W[:, j] = np.sqrt(1 + e * nu[k]) * np.array([np.cos(angle), np.sin(angle)])
        b[j] = e * beta[k]
    W[:, [*dead, *positive]] = e * u[12:].reshape(-1, 2).T
    return truth.loss(W, b, *weights(value)) - truth.loss(W0, b0, *weights(value))


@pytest.mark.parametrize(
    ("label", "role", "value"), [("4+", "positive", 1.7), ("4++", "vertex", 0.4), ("4+", "dead", 2.0)]
)
class TestLeadingFunction:
    DIRECTIONS = np.random.default_rng(5).standard_normal((5, 16))

    def test_it_is_the_second_order_of_the_loss(self, label, role, value):
        """c(L(w* + eu) − L*)/e² tends to q(u), by an error of the order of e."""
        square = exact_square(Label.parse(label), PARAMETER, role)
        for u in self.DIRECTIONS:
            q, _ = square._leading(u, weights(value)[1])
            first, second = (abs(6 * rise(square, u, e, value) / e**2 - q) for e in (1e-3, 5e-4))
            assert first < 0.05 and second < 0.6 * first + 1e-6

    def test_its_gradient_is_that_of_differences(self, label, role, value):
        square, h = exact_square(Label.parse(label), PARAMETER, role), 1e-6
        importance = weights(value)[1]
        for u in self.DIRECTIONS:
            ends = [[square._leading(u + s * v, importance)[0] for s in (h, -h)] for v in np.eye(len(u))]
            numeric = [(ahead - behind) / (2 * h) for ahead, behind in ends]
            assert square._leading(u, importance)[1] == pytest.approx(numeric, abs=1e-7)


BORDERS = [("4+", 1.5014871958), ("4++", 2.393614249)]


@pytest.mark.parametrize(("label", "border"), exhaustive(BORDERS, quick=BORDERS[:1]))
def test_where_it_ceases_to_be_a_minimum(label, border):
    branch = follow_branch(label, role="positive", lower=0.25, upper=3.0)
    (event,) = branch.events
    assert event.kind == "minimum lost" and event.parameter == pytest.approx(border, abs=1e-9)
    assert event.lower < event.parameter < event.upper


@pytest.mark.parametrize(("label", "border"), BORDERS)
@pytest.mark.parametrize(("step", "falls"), [(0.02, True), (-0.02, False)])
def test_along_the_least_direction_the_loss_falls_beyond_the_border_only(label, border, step, falls):
    square = exact_square(Label.parse(label), PARAMETER, "positive")
    least, u = square.least(weights(border + step)[1])
    assert bool(least < 0) is falls
    assert bool(rise(square, u, 1e-3, border + step) < 0) is falls


def test_the_border_of_all_positive_columns_together_is_proved():
    branch = follow_branch("4++", parameter="importance[4,5]", role="positive", lower=0.5, upper=3.0)
    (event,) = branch.events
    assert event.status == "proved" and event.lower < 2.07145071506 < event.upper < event.lower + 3e-4


@pytest.mark.parametrize(
    ("label", "role"), [("4", "vertex"), ("4+", "vertex"), ("4++", "vertex"), ("4+", "dead")]
)
def test_the_others_stay_minima(label, role):
    assert follow_branch(label, role=role, lower=0.25, upper=3.0).events == ()


def test_the_pair_function_of_the_leading_part():
    """off(a, β) by quadrature, as the leading function uses it: three times off and its gradient."""
    for a, beta in ((0.7, -0.2), (-0.3, 0.5), (0.4, 0.1), (-0.5, -0.1)):
        expected = truth.pair_integrals(np.array([[1.0, a], [a, 1.0]]), np.array([0.0, beta]))[0, 1]
        assert off_gradient(a, beta)[0] / 3 == pytest.approx(expected, abs=1e-15)


@pytest.mark.slow
def test_a_4_gon_that_becomes_a_minimum_away_from_the_start():
    """At c = 12 4⁺ is none with equal importances, and one below I = 0.8, where its least q changes sign."""
    label, parameter = Label.parse("4+"), Parameter.parse("importance[11]", 12)
    square = exact_square(label, parameter, "positive")
    branch = follow_branch("4+", c=12, parameter=parameter, role="positive", lower=0.5, upper=1.2)
    (event,) = branch.events

    def least(value):
        return square.least([float(x) for x in parameter.weights(Fraction(value))[1]])[0]

    assert least(1.0) < 0 < least(0.5)
    assert event.lower < event.parameter < event.upper
    assert least(event.lower - 1e-4) > 0 > least(event.upper + 1e-4)
