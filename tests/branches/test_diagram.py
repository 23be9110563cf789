"""Phase diagrams: equal to the free energies at importance 1, minima along branches, refusals."""

import numpy as np
import pytest

from kgon.base.verdicts import KgonError, Status
from kgon.branches.diagram import in_importance, minima
from kgon.branches.follow import follow_branch
from kgon.branches.roles import start_of_branch
from kgon.free_energy.diagram import in_beta, lowest_phases
from kgon.kgons.labels import Label
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.potential.parameters import Parameter

LAST = Parameter.parse("importance[5]", 6)
KNOWN = (("6", "vertex"), ("5", "vertex"), ("5", "dead"))


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


def test_a_branch_that_is_known_is_not_followed_again(monkeypatch):
    grid = [0.5, 0.8, 1.0]
    alone = in_importance([200.0, 900.0], grid, theory="prior", among=["6", "5"])
    found = {(x, role): follow_branch(x, lower=0.4, upper=1.0, role=role) for x, role in KNOWN}
    whole, short = list(found.values()), follow_branch("6", lower=0.6, upper=1.0)
    followed = []
    monkeypatch.setattr(
        "kgon.branches.diagram.follow_branch",
        lambda label, **how: followed.append(str(label)) or found[str(label), how["role"]],
    )

    def again(known):
        return in_importance([200.0, 900.0], grid, theory="prior", among=["6", "5"], known=known)

    assert again(whole).to_json() == alone.to_json() and not followed
    again([short, *whole[1:]])  # one that does not reach 0.5 is no help, nor is one in another role
    again(whole[:2])
    assert followed == ["6", "5"]


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
        (lambda: in_importance([100.0], [1.0], among=["4"]), "k >= 5, got 4"),
        (
            lambda: in_importance([100.0], [1.0], 7, among=["5+"]),
            "5\\+ is not known: it is not a local minimum",
        ),
        (lambda: in_importance([100.0], [1.0], 4), "k >= 5, got 4"),
        (lambda: start_of_branch(Label(6), LAST, "dead"), "can be vertex, got 'dead'"),
        (lambda: in_beta([100.0], [0]), "beta must be a positive number"),
    ],
)
def test_refusals(call, words):
    with pytest.raises(KgonError, match=words):
        call()


@pytest.mark.parametrize(
    ("theory", "c"), [("none", 6), ("prior", 6), ("laplace", 6), ("prior", 5), ("laplace", 7)]
)
def test_the_panels_agree_at_importance_one_and_beta_one(theory, c):
    n = np.geomspace(20, 2000, 60)
    over = in_importance(n, [1.0], c, theory=theory)
    beside = in_beta(n, [1], c, theory=theory, among=list(dict.fromkeys(over.labels)))
    first, second = (
        [found.labels[k] if k >= 0 else None for k in found.lowest[0]] for found in (over, beside)
    )
    assert first == second and len(set(first)) > 1
    assert over.left_out == beside.left_out


def test_the_four_gons_are_compared_or_named():
    whole = in_importance([60.0], [1.0], theory="prior")
    assert not whole.left_out and "local minima left out: none" in whole.text()
    prior = in_importance([60.0], [0.5, 1.0, 2.0], theory="prior", among=["4----", "4---", "5", "6"])
    assert [prior.labels[k] for k in prior.lowest[:, 0]] == ["4----", "4----", "4---"]
    laplace = in_importance([60.0], [1.0], theory="laplace")
    squares = {label for label in whole.labels if label.startswith("4")}
    assert set(laplace.left_out) == squares and not squares & set(laplace.labels)
    assert all(label in laplace.text() for label in squares) and laplace.data()["left_out"]


def test_a_shallow_well_is_not_called_lowest():
    """At c = 7 the heptagon ends in a fold below 0.6, where its smallest eigenvalue is 0."""
    found = in_importance([20.0, 25.0, 30.0, 5000.0], [0.6], 7, among=["7", "6", "6+"])
    assert found.lowest[0, :3].tolist() == [-1, -1, -1] and found.lowest[0, 3] >= 0
    assert found.undecided == 0.75 and "-: not decided" in found.text()
    alone = in_importance([25.0], [0.6], 7, among=["6", "6+"])
    assert alone.phases[alone.lowest[0, 0]].startswith("6")


@pytest.mark.slow
def test_a_four_gon_is_lost_where_it_is_no_minimum():
    for label, c, border in (("4+", 6, 1.5014), ("4+++", 7, 2.6630)):
        found = minima(Label.parse(label), "positive", [0.5, 1.0, border - 0.01, border + 0.01], c)
        assert found.importance.tolist() == [0.5, 1.0, border - 0.01] and found.status is Status.STALLED


@pytest.mark.slow
def test_no_role_of_a_four_gon_is_lowest_where_it_is_no_minimum():
    beyond = in_importance([200.0], [1.0, 1.6], theory="none", among=["4+"])
    assert {beyond.roles[k] for k in beyond.lowest[1]} <= {"vertex", "dead"}


def test_what_does_not_hold_is_dropped_with_all_it_adds():
    """Two roles make a label lowest together: if one does not hold, the label may not be lowest."""
    energies = np.array([[[1.0, 1.0]], [[1.05, 1.05]], [[0.5, 0.5]]])
    strengths, names = np.array([[10.0, 20.0]]), ["a", "a", "b"]
    for least, counted, expected in (
        ([0, 0, 0], True, [0, 0]),
        ([0, 0, 0], False, [2, 2]),
        ([0, 15, 0], True, [-1, 0]),
        ([0, 15, 0], False, [2, 2]),
        ([0, 0, 15], False, [-1, 2]),
        ([0, 0, 99], True, [0, 0]),
    ):
        found = lowest_phases(energies, names, strengths, lambda k, _, x=least: x[k], counted=counted)
        assert found.tolist() == [expected]
    assert lowest_phases(energies * np.inf, names, strengths, lambda *_: 0.0, counted=True).max() == -1
