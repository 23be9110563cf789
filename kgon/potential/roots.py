"""Critical points of the population loss from many starts: gradient steps, then root finding on ∇L."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kgon.base.checks import Floats
from kgon.potential.descent import Ends
from kgon.potential.kernels import critical
from kgon.potential.kernels._jit import writable
from kgon.potential.model import TMS, check_tms

GOAL = 1e-13
"""‖∇L‖ at which root finding stops."""
CRITICAL = 1e-12
"""‖∇L‖ at which it has found a root."""
MAX_STEPS = 100
"""Linear systems solved: of the roots below L = 1/9 at c = 6, 99 in 100 take fewer than 60."""


def find_roots(tms: TMS, w: Floats, steps: NDArray[np.int64] | int = 0, *, goal: float = GOAL) -> Ends:
    """Follow every point to a zero of ∇L by the Levenberg–Marquardt method, after some gradient steps.

    Parameters
    ----------
    tms : TMS
    w : (m, d) array
        Starts; they are not changed.
    steps : (m,) int array or int
        Gradient steps before.
    goal : float
        ‖∇L‖ at which to stop.

    Returns
    -------
    Ends
        Converged where ‖∇L‖ ≤ ``CRITICAL``.  The zeros need not be isolated, and have any index.

    Examples
    --------
    >>> ends = find_roots(TMS(1, 1), np.array([[0.9, 0.1], [0.2, -2.0]]))
    >>> np.round(ends.w, 6).tolist(), ends.converged.tolist()
    ([[1.0, 0.0], [0.2, -2.0]], [True, True])
    """
    check_tms(tms)
    x, loss, norm = w.copy(), np.empty(len(w)), np.empty(len(w))
    taken = np.full(len(w), steps, dtype=np.int64)
    weights = writable(tms.probability), writable(tms.importance)
    critical.zeros(x, taken, tms.r, tms.c, *weights, goal, MAX_STEPS, (), loss, norm)
    return Ends(w=x, loss=loss, gradient_norm=norm, steps=taken, converged=norm <= CRITICAL)
