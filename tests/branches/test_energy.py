"""Free energies of points along a branch, against those of the catalogue."""

import numpy as np
import pytest

from kgon.base.verdicts import Verdict
from kgon.branches.diagram import minima
from kgon.branches.energy import SampleSize, dead_region_mass, energy_points, local_energy
from kgon.branches.follow import follow_branch
from kgon.branches.roles import role_shares, start_of_branch
from kgon.free_energy.constants.dead import dead_mass
from kgon.free_energy.phases import phase
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.potential.model import TMS
from kgon.potential.parameters import Parameter


@pytest.mark.parametrize("label", ["5", "5+", "6"])
def test_the_roles_add_up_to_the_constant_at_importance_one(label):
    name = Label.parse(label)
    masses = [
        np.exp(-local_energy(W, b, tms=TMS(6), label=name, share=share, theory="laplace").constant)
        for role, share in role_shares(name, 6).items()
        for W, b in minima(name, role, [1.0]).points
    ]
    assert -np.log(sum(masses)) == pytest.approx(float(phase(label, theory="laplace").constant), abs=1e-5)


@pytest.mark.parametrize("label", ["5", "5+", "6"])
@pytest.mark.parametrize("columns", [(1, 4), (0, 2, 5)])
def test_the_roles_of_several_columns_add_up_too(label, columns):
    """Before anything is varied every copy has one of the roles."""
    name, parameter = Label.parse(label), Parameter("importance", columns, 6)
    masses = []
    for role, share in role_shares(name, 6, len(columns)).items():
        W, b = start_of_branch(name, parameter, role)
        found = local_energy(W, b, tms=TMS(6), label=name, share=share, theory="laplace")
        masses.append(np.exp(-found.constant))
    assert -np.log(sum(masses)) == pytest.approx(float(phase(label, theory="laplace").constant), abs=1e-5)


def test_dead_region_of_a_regular_polygon():
    point = Catalogue(6)["5"]
    assert dead_region_mass(point.W, point.biases, list(range(5))) == pytest.approx(
        float(dead_mass(5)), rel=2e-5
    )


def test_equal_energies_near_a_fold_are_not_settled():
    """The 6-gon's well is shallow at 0.397 (its fold is at 0.390), where the determinant lowers its F."""
    six, five = (follow_branch(label, lower=0.38, upper=1.0) for label in ("6", "5"))
    events = energy_points(six, five, SampleSize(200, theory="laplace"))
    assert [event.status for event in events] == ["stalled", "converged"]
    assert events[0].verdict is Verdict.UNDECIDED and "too shallow" in events[0].name
    assert events[0].parameter < 0.4 < 0.6 < events[1].parameter
