"""The 4-gons: exactly critical, their leading function against quadrature, where they cease to be minima."""

from fractions import Fraction

import numpy as np
import pytest
from support import truth

from kgon.branches.follow import follow_branch
from kgon.branches.squares import exact_square
from kgon.branches.systems import Parameter
from kgon.kgons.labels import Label
from kgon.potential.kernels.pairs import off_gradient

ROLES = [
    ("4", "vertex"), ("4", "dead"), ("4+", "vertex"), ("4+", "positive"), ("4+", "dead"), ("4++", "vertex"),
    ("4++", "positive"), ("4--", "switched-off"),
]  # fmt: skip
PARAMETER = Parameter.parse("importance[5]", 6)
DIRECTIONS = [(1, 0), (0, 1), (-1, 0), (0, -1)]


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


@pytest.mark.parametrize(
    ("label", "role", "value"), [("4+", "positive", 1.7), ("4++", "vertex", 0.4), ("4+", "dead", 2.0)]
)
def test_the_leading_function_is_the_second_order_of_the_loss(label, role, value):
    """c(L(w* + εv) − L*)/ε² against q(v), by quadrature, the live columns moved along their circle."""
    square = exact_square(Label.parse(label), PARAMETER, role)
    W0, b0 = floats(square)
    p, importance = weights(value)
    rng = np.random.default_rng(5)
    vertex = square.vertices
    dead = [j for j, x in enumerate(square.roles) if x == "dead"]
    positive = [j for j, x in enumerate(square.roles) if x == "positive"]
    for _ in range(5):
        nu, beta, phi = rng.standard_normal((3, 4))
        D, P = rng.standard_normal((len(dead), 2)), rng.standard_normal((len(positive), 2))
        q, gradient = square._leading(np.concatenate([nu, beta, phi, D.ravel(), P.ravel()]), importance)
        gaps = []
        for e in (1e-3, 5e-4):
            W, b = W0.copy(), b0.copy()
            for k, j in enumerate(vertex):
                length = np.sqrt(1 + e * nu[k])
                angle = e * phi[k] + k * np.pi / 2
                W[:, j], b[j] = length * np.array([np.cos(angle), np.sin(angle)]), e * beta[k]
            W[:, dead], W[:, positive] = e * D.T, e * P.T
            rise = truth.loss(W, b, p, importance) - truth.loss(W0, b0, p, importance)
            gaps.append(abs(6 * rise / e**2 - q))
        assert gaps[0] < 0.05 and gaps[1] < 0.6 * gaps[0] + 1e-6  # O(ε)
        h = 1e-6
        u = np.concatenate([nu, beta, phi, D.ravel(), P.ravel()])
        numeric = [
            (square._leading(u + h * v, importance)[0] - square._leading(u - h * v, importance)[0]) / (2 * h)
            for v in np.eye(len(u))
        ]
        assert gradient == pytest.approx(numeric, abs=1e-7)


@pytest.mark.parametrize(("label", "border"), [("4+", 1.5014871958), ("4++", 2.393614249)])
def test_where_it_ceases_to_be_a_minimum(label, border):
    """Along the least direction the loss falls beyond the border and rises before it, by quadrature."""
    branch = follow_branch(label, role="positive", lower=0.25, upper=3.0)
    (event,) = branch.events
    assert event.kind == "minimum lost" and event.parameter == pytest.approx(border, abs=1e-9)
    assert event.lower < event.parameter < event.upper
    square = exact_square(Label.parse(label), PARAMETER, "positive")
    vertex = square.vertices
    others = [j for j in range(6) if j not in vertex and square.roles[j] == "dead"]
    positive = [j for j, x in enumerate(square.roles) if x == "positive"]
    W0, b0 = floats(square)
    for value, falls in ((border + 0.02, True), (border - 0.02, False)):
        p, importance = weights(value)
        least, u = square.least(importance)
        assert bool(least < 0) is falls
        e = 1e-3
        W, b = W0.copy(), b0.copy()
        for k, j in enumerate(vertex):
            angle = e * u[8 + k] + k * np.pi / 2
            W[:, j] = np.sqrt(1 + e * u[k]) * np.array([np.cos(angle), np.sin(angle)])
            b[j] = e * u[4 + k]
        W[:, others] = e * u[12 : 12 + 2 * len(others)].reshape(-1, 2).T
        W[:, positive] = e * u[12 + 2 * len(others) :].reshape(-1, 2).T
        rise = truth.loss(W, b, p, importance) - truth.loss(W0, b0, p, importance)
        assert bool(rise < 0) is falls


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
