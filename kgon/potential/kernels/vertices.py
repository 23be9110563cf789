"""The outputs of the 4-gon's vertices near it: what its leading function has in brackets, and the gradient.

The function is that of ``kgon.branches.squares``, in ``u = (ν, β, φ, dead columns, positive columns)``.
"""

from __future__ import annotations

import numpy as np

from kgon.potential.kernels._jit import njit
from kgon.potential.kernels.pairs import off_gradient


@njit
def vertex_outputs(u, weights):
    """Sum the terms of four vertices, each times its weight; returns the value and its gradient in u."""
    value, slopes = 0.0, np.zeros(u.size)
    for j in range(4):
        nu, beta, weight = u[j], u[4 + j], weights[j]
        value += weight * (nu * nu + 3 * nu * beta + 3 * (beta * beta)) / 3
        slopes[j] += weight * (2 * nu / 3 + beta)
        slopes[4 + j] += weight * (nu + 2 * beta)
        for side in range(2):
            first, second = 8 + (j - side) % 4, 8 + (j + 1 - side) % 4
            f, fa, fb = off_gradient(u[first] - u[second], beta)
            value += weight * f / 3
            slopes[4 + j] += weight * fb / 3
            slopes[first] += weight * fa / 3
            slopes[second] -= weight * fa / 3
        axis, sign = j % 2, 1.0 if j < 2 else -1.0
        for at in range(12 + axis, u.size, 2):
            f, fa, fb = off_gradient(sign * u[at], beta)
            value += weight * f / 3
            slopes[4 + j] += weight * fb / 3
            slopes[at] += sign * (weight * fa / 3)
    return value, slopes
