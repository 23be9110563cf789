"""Compiled descent along the gradient of many points at once."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from kgon.potential.kernels import batch
from kgon.potential.kernels._jit import njit
from kgon.potential.kernels._lanes import copy

SLOTS = 128
"""Points that are on their way at a time: one tile of the batch kernel."""


class Stop(NamedTuple):
    """When a point stops.

    Attributes
    ----------
    still : float
        It has arrived where ‖∇L‖ is at most this,
    levels, tolerance, level_tolerance : (k,) array and float
        or at most ``tolerance``, with L within ``level_tolerance`` of one of the levels.
    below, max_steps : float and int
        It is left where it is, if it has not arrived, as soon as L is below this, or after so many steps.
    """

    still: Any
    levels: Any
    tolerance: Any
    level_tolerance: Any
    below: Any
    max_steps: Any


@njit
def _norm_and_reach(x, gx, gy, k):
    """Return ‖∇L‖ and max_j ‖W_j‖² of point k: W (m, r, c), its gradient (m, r, c), and that in b (m, c)."""
    square, reach = 0.0, 0.0
    for j in range(x.shape[2]):
        square += gy[k, j] ** 2
        length = 0.0
        for h in range(x.shape[1]):
            square += gx[k, h, j] ** 2
            length += x[k, h, j] ** 2
        reach = max(reach, length)
    return np.sqrt(square), reach


@njit
def descend(W, b, p, importance, step, stop):
    """Move points W (m, r, c), b (m, c) in place by -step/(1 + max_j ‖W_j‖²) ∇L until they stop (``Stop``).

    ``SLOTS`` points are on their way at a time; one that is finished makes room for the next, so that a few
    slow points hold up nothing and the batch kernel always has full tiles.

    Returns
    -------
    loss, norm, steps, arrived : (m,) arrays
        L and ‖∇L‖ at the end, steps taken, and whether the point has arrived.
    """
    m, r, c = W.shape
    out_loss, out_norm = np.empty(m), np.empty(m)
    out_steps, out_arrived = np.zeros(m, dtype=np.int64), np.zeros(m, dtype=np.bool_)
    active = min(SLOTS, m)
    x, y = W[:active].copy(), b[:active].copy()
    who, taken = np.arange(active), np.zeros(active, dtype=np.int64)
    loss, gx, gy = np.empty(active), np.empty((active, r, c)), np.empty((active, c))
    following = active
    while active > 0:
        batch.loss_gradient(x[:active], y[:active], p, importance, loss[:active], gx[:active], gy[:active])
        k = 0
        while k < active:
            norm, reach = _norm_and_reach(x, gx, gy, k)
            arrived = norm <= stop.still
            if norm <= stop.tolerance:
                for level in stop.levels:
                    arrived |= abs(loss[k] - level) <= stop.level_tolerance
            if arrived or loss[k] < stop.below or taken[k] >= stop.max_steps or not norm < np.inf:
                i = who[k]
                copy(x[k], W[i])
                copy(y[k], b[i])
                out_loss[i], out_norm[i], out_steps[i], out_arrived[i] = loss[k], norm, taken[k], arrived
                if following < m:
                    who[k], taken[k] = following, 0
                    copy(W[following], x[k])
                    copy(b[following], y[k])
                    following += 1
                    k += 1
                else:  # the last point on its way, not yet looked at in this round, takes the place
                    active -= 1
                    who[k], taken[k], loss[k] = who[active], taken[active], loss[active]
                    copy(x[active], x[k])
                    copy(y[active], y[k])
                    copy(gx[active], gx[k])
                    copy(gy[active], gy[k])
                continue
            size = step / (1.0 + reach)
            for j in range(c):
                y[k, j] -= size * gy[k, j]
                for h in range(r):
                    x[k, h, j] -= size * gx[k, h, j]
            taken[k] += 1
            k += 1
    return out_loss, out_norm, out_steps, out_arrived
