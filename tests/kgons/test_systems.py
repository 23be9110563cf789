"""The systems against quadrature and complex steps, their symmetry, and the parameters."""

from fractions import Fraction

import numpy as np
import pytest
from support import truth

from kgon.base.verdicts import KgonError
from kgon.branches.roles import possible_roles, start_of_branch
from kgon.kgons.labels import Label
from kgon.kgons.systems import CriticalPoints, subspaces
from kgon.potential.parameters import Parameter

LAST = Parameter.parse("importance[5]", 6)
CASES = [
    ("6", "vertex", "importance[5]"),
    ("5+", "vertex", "importance[5]"),
    ("5+", "positive", "probability[5]"),
    ("5", "dead", "importance[2,5]"),
    ("5", "vertex+dead", "probability[1,5]"),
]


def shaken(label, role, text, seed=0, size=0.05):
    parameter = Parameter.parse(text, 6)
    W, b = start_of_branch(Label.parse(label), parameter, role)
    system = CriticalPoints(W, b, parameter=parameter)
    rng = np.random.default_rng(seed)
    return system, system.start + size * rng.standard_normal(len(system.start))


@pytest.mark.parametrize(("label", "role", "text"), CASES)
def test_loss_gradient_and_slopes_against_quadrature(label, role, text):
    system, x = shaken(label, role, text)
    p = 1.3 * float(system.parameter.start)
    W, b = system.point(x)
    tms = system.parameter.tms(p)
    assert system.loss(x, p) == pytest.approx(truth.loss(W, b, tms.probability, tms.importance), abs=1e-14)
    grad_W, grad_b = truth.gradient(W, b, tms.probability, tms.importance)
    expected = [grad_b[j] if i == 2 else grad_W[i, j] for j, i in system.order]
    assert np.allclose(system.equations(x, p), expected, atol=1e-14)
    # L is affine in the parameter: differences are exact derivatives.
    q = 0.7 * float(system.parameter.start)
    slope = (system.loss(x, p) - system.loss(x, q)) / (p - q)
    assert system.loss_slope(x, p) == pytest.approx(slope, abs=1e-13)
    assert np.allclose(system.derivative(x, p), (system.equations(x, p) - system.equations(x, q)) / (p - q))


@pytest.mark.parametrize(("label", "role", "text"), CASES)
def test_jacobian_against_differences(label, role, text):
    system, x = shaken(label, role, text)
    p, h = 1.1 * float(system.parameter.start), 1e-6
    columns = [
        (system.equations(x + h * e, p) - system.equations(x - h * e, p)) / (2 * h) for e in np.eye(len(x))
    ]
    assert np.allclose(system.jacobian(x, p), np.array(columns).T, atol=1e-8)


@pytest.mark.parametrize(("label", "role", "text"), CASES[:3])
def test_the_mirror_image_has_the_same_loss_and_the_symmetric_part_stays(label, role, text):
    system, x = shaken(label, role, text)
    R, p = system.reflection(), 1.2 * float(system.parameter.start)
    assert np.array_equal(R @ R, np.eye(len(x))) and not np.array_equal(R, np.eye(len(x)))
    assert system.loss(R @ x, p) == pytest.approx(system.loss(x, p), abs=1e-15)
    even, odd = subspaces(R)
    assert even.shape[1] + odd.shape[1] == len(x)
    assert np.array_equal(R @ even, even) and np.array_equal(R @ odd, -odd)
    # Symmetric criticality: at a symmetric point the gradient is symmetric.
    y = even @ np.linalg.lstsq(even, x, rcond=None)[0]
    assert np.abs(odd.T @ system.equations(y, p)).max() < 1e-15


def test_the_axis_is_one_of_symmetry_if_there_is_one():
    W, b = start_of_branch(Label(6), LAST, "vertex")

    def system(text, **options):
        return CriticalPoints(W, b, parameter=Parameter.parse(text, 6), **options)

    assert system("importance[1]").gauge == 4  # opposite
    assert system("importance[1,5]").gauge in (0, 3)  # exchanges 1 and 5
    for adjacent in (system("importance[0,1]"), system("importance[1,5]", gauge=1)):  # no such axis
        assert np.array_equal(adjacent.reflection(), np.eye(17))


def test_the_weights_of_a_parameter():
    one = Parameter.parse("probability[2]", 6)
    assert one.start == Fraction(1, 6)
    p, importance = one.weights(Fraction(1, 2))
    assert p[2] == Fraction(1, 2) and sum(p) == 1 and set(importance) == {1}
    several = Parameter.parse("probability[0,3]", 6)
    assert several.weights(several.start)[0] == [Fraction(1, 6)] * 6
    p, _ = several.weights(Fraction(3, 2))
    assert p[0] == p[3] == Fraction(1, 4) and sum(p) == 1
    assert Parameter.parse("importance[5]", 6).weights(Fraction(3))[1] == [1, 1, 1, 1, 1, 3]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Parameter.parse("weight[5]", 6), "looks like importance"),
        (lambda: Parameter.parse("importance[6]", 6), "from 0 to 5"),
        (lambda: Parameter.parse("importance[1,1]", 6), "once"),
        (lambda: Parameter.parse("probability[0,1,2,3]", 4), "give way"),
        (lambda: Parameter.parse("probability[0]", 6).check(1.0), "between 0 and 1, got 1"),
        (lambda: Parameter.parse("importance[0]", 6).check(0.0), "positive and finite, got 0"),
        (
            lambda: start_of_branch(Label(6), LAST, "dead"),
            "can be vertex, got 'dead'",
        ),
    ],
)
def test_refusals(call, words):
    with pytest.raises(KgonError, match=words):
        call()


def test_roles():
    assert possible_roles(Label.parse("5+"), 7) == ["vertex", "positive", "dead"]
    assert possible_roles(Label.parse("4-"), 6) == ["vertex", "switched-off", "dead"]
