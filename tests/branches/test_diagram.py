"""Phase diagrams: equal to the free energies at importance 1, minima along branches, refusals."""

import numpy as np
import pytest

from kgon.base.verdicts import KgonError, Status
from kgon.branches.diagram import in_importance, minima
from kgon.branches.parameters import Parameter
from kgon.branches.roles import start_of_branch
from kgon.free_energy.diagram import in_beta
from kgon.kgons.labels import Label
from kgon.potential.loss import Potential
from kgon.potential.model import TMS

LAST = Parameter.parse("importance[5]", 6)


@pytest.mark.parametrize(("label", "role"), [("6", "vertex"), ("5", "vertex"), ("5+", "positive")])
def test_points_along_a_branch_are_critical_minima(label, role):
    branch = minima(Label.parse(label), role, [0.9, 0.7, 0.5])
    assert branch.status is Status.CONVERGED
    for value, (W, b) in zip(branch.importance, branch.points, strict=True):
        weights = np.ones(6)
        weights[-1] = value
        potential = Potential(TMS(6, importance=weights))
        assert potential.gradient_norm(W, b) < 1e-13
        assert np.linalg.eigvalsh(potential.hessian(W, b))[0] > -1e-12


def test_the_hexagon_is_lost_between_039_and_040():
    assert minima(Label(6), "vertex", [0.4]).status is Status.CONVERGED
    assert minima(Label(6), "vertex", [0.4, 0.38]).status is Status.STALLED


def test_a_positive_last_column_leaves_the_pentagon_alone():
    """L(5⁺) − L(5) = −I/144 exactly when the last column is the one beside the pentagon."""
    for value in (0.5, 2.0):
        weights = np.ones(6)
        weights[-1] = value
        losses = {}
        for label, role in (("5", "dead"), ("5+", "positive")):
            ((W, b),) = minima(Label.parse(label), role, [value]).points
            losses[label] = Potential(TMS(6, importance=weights)).loss(W, b)
            assert np.allclose(
                W[:, :5], start_of_branch(Label.parse(label), LAST, role)[0][:, :5], atol=1e-12
            )
        assert losses["5"] - losses["5+"] == pytest.approx(value / 144, abs=1e-14)


def test_low_importance_gives_the_column_up():
    found = in_importance([200.0], [0.45, 1.0])
    assert "dead" in found.phases[found.lowest[0, 0]] and found.phases[found.lowest[1, 0]] == "6 (vertex)"
    assert "across: n" in found.text()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: in_importance([100.0], [1.0], theory="laplace2"), "got 'laplace2'"),
        (lambda: in_importance([100.0], [2.0, 1.0]), "increasing"),
        (lambda: in_importance([100.0], [0.0]), "positive"),
        (lambda: in_importance([100.0], [1.0], labels=["4"]), "k >= 5, got 4"),
        (lambda: in_importance([100.0], [1.0], 7, labels=["5+"]), "k >= 5, got 5"),
        (lambda: start_of_branch(Label(6), LAST, "dead"), "can be vertex, got 'dead'"),
        (lambda: in_beta([100.0], [0]), "beta must be a positive number"),
    ],
)
def test_refusals(call, words):
    with pytest.raises(KgonError, match=words):
        call()
