"""Phase diagrams: equal to the free energies at importance 1, minima along branches, refusals."""

import numpy as np
import pytest

from kgon.base.verdicts import KgonError, Status
from kgon.branches.diagram import in_importance, minima
from kgon.branches.energy import dead_region_mass, local_energy
from kgon.branches.systems import roles_of, start_of_branch
from kgon.free_energy.constants.dead import dead_mass
from kgon.free_energy.diagram import in_beta
from kgon.free_energy.phases import phase, phases_of
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.potential.loss import Potential
from kgon.potential.model import TMS


def test_in_beta_is_the_argmin():
    n, betas = [60.0, 150.0, 700.0], ["1/4", 1, 2]
    found = in_beta(n, betas, theory="prior")
    phases = phases_of(6, theory="prior")
    for row, beta in zip(found.lowest, betas, strict=True):
        for size, k in zip(n, row, strict=True):
            energies = [float(p.free_energy(size, beta=beta)) for p in phases]
            assert found.phases[k] == phases[int(np.argmin(energies))].name


@pytest.mark.parametrize("label", ["5", "5+", "6"])
def test_the_roles_add_up_to_the_constant_at_importance_one(label):
    name = Label.parse(label)
    masses = [
        np.exp(-local_energy(W, b, tms=TMS(6), label=name, role=role, theory="laplace").constant)
        for role in roles_of(name, 6)
        for W, b in minima(name, role, [1.0]).points
    ]
    assert -np.log(sum(masses)) == pytest.approx(float(phase(label, theory="laplace").constant), abs=1e-5)


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
            assert np.allclose(W[:, :5], start_of_branch(Label.parse(label), role, 6)[0][:, :5], atol=1e-12)
        assert losses["5"] - losses["5+"] == pytest.approx(value / 144, abs=1e-14)


def test_dead_region_of_a_regular_polygon():
    point = Catalogue(6)["5"]
    assert dead_region_mass(point.W, point.biases, list(range(5))) == pytest.approx(
        float(dead_mass(5)), rel=2e-5
    )


def test_low_importance_gives_the_column_up():
    found = in_importance([200.0], [0.45, 1.0])
    assert "dead" in found.phases[found.lowest[0, 0]] and found.phases[found.lowest[1, 0]] == "6 (vertex)"
    assert "across: n" in found.text()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: in_importance([100.0], [1.0], theory="laplace2"), "got 'laplace2'"),
        (lambda: in_importance([100.0], [2.0, 1.0]), "increase"),
        (lambda: in_importance([100.0], [0.0]), "positive"),
        (lambda: in_importance([100.0], [1.0], labels=["4"]), "k >= 5, got 4"),
        (lambda: in_importance([100.0], [1.0], 7, labels=["5+"]), "k >= 5, got 5"),
        (lambda: start_of_branch(Label(6), "dead", 6), "can be vertex, got 'dead'"),
        (lambda: in_beta([100.0], [0]), "beta must be a positive number"),
    ],
)
def test_refusals(call, words):
    with pytest.raises(KgonError, match=words):
        call()
