"""The gradient flow by another integrator than the package's."""

import numpy as np
from scipy.integrate import solve_ivp

AWAY, LONGEST = 1e-4, 2e4
"""How far from a saddle a flow begins, and how long it is followed."""


def losses_below(potential, W, b):
    """The losses at the ends of the flow to both sides of a saddle, the lower first."""
    w = potential.tms.pack(W, b)
    values, axes = np.linalg.eigh(potential.hessian(W, b))
    assert values[0] < 0
    ends = []
    for sign in (1, -1):
        flow = solve_ivp(
            lambda _, x: -potential.flat(x[None])[1][0], (0, LONGEST), w + sign * AWAY * axes[:, 0],
            method="LSODA", rtol=1e-8, atol=1e-10,
        )  # fmt: skip
        assert flow.success
        ends.append(potential.flat(flow.y[:, -1][None])[0][0])
    return sorted(ends)
