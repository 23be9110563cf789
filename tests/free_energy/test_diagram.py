"""The phase diagram over β shows the lowest free energy."""

import numpy as np

from kgon.free_energy.diagram import in_beta
from kgon.free_energy.phases import phases_of


def test_in_beta_is_the_argmin():
    n, betas = [60.0, 150.0, 700.0], ["1/4", 1, 2]
    found = in_beta(n, betas, theory="prior")
    phases = phases_of(6, theory="prior")
    for row, beta in zip(found.lowest, betas, strict=True):
        for size, k in zip(n, row, strict=True):
            energies = [float(p.free_energy(size, beta=beta)) for p in phases]
            assert found.phases[k] == phases[int(np.argmin(energies))].name
