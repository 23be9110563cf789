"""Free energies of points along a branch, against those of the catalogue."""

import numpy as np
import pytest

from kgon.branches.diagram import minima
from kgon.branches.energy import dead_region_mass, local_energy
from kgon.branches.roles import role_shares
from kgon.free_energy.constants.dead import dead_mass
from kgon.free_energy.phases import phase
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.potential.model import TMS


@pytest.mark.parametrize("label", ["5", "5+", "6"])
def test_the_roles_add_up_to_the_constant_at_importance_one(label):
    name = Label.parse(label)
    masses = [
        np.exp(-local_energy(W, b, tms=TMS(6), label=name, share=share, theory="laplace").constant)
        for role, share in role_shares(name, 6).items()
        for W, b in minima(name, role, [1.0]).points
    ]
    assert -np.log(sum(masses)) == pytest.approx(float(phase(label, theory="laplace").constant), abs=1e-5)


def test_dead_region_of_a_regular_polygon():
    point = Catalogue(6)["5"]
    assert dead_region_mass(point.W, point.biases, list(range(5))) == pytest.approx(
        float(dead_mass(5)), rel=2e-5
    )
