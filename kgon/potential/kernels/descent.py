"""Compiled descent along the gradient of many points at once."""

from __future__ import annotations

import numpy as np

from kgon.potential.kernels import batch
from kgon.potential.kernels._jit import njit

SLOTS = 128
"""Points that are on their way at a time: one tile of the batch kernel."""


@njit
def _descend(W, b, p, importance, step, levels, tolerance, level_tolerance, still, below, max_steps):
    """Move every point to its end, in place.

    ``SLOTS`` points are on their way at a time; one that is finished makes room for the next, so that a few
    slow points hold up nothing and the batch kernel always has full tiles.
    """
    m, r, c = W.shape
    out_loss, out_norm = np.empty(m), np.empty(m)
    out_steps, converged = np.zeros(m, dtype=np.int64), np.zeros(m, dtype=np.bool_)
    active = min(SLOTS, m)
    x, y = W[:active].copy(), b[:active].copy()
    who, taken = np.arange(active), np.zeros(active, dtype=np.int64)
    loss, gx, gy = np.empty(active), np.empty((active, r, c)), np.empty((active, c))
    following = active
    while active > 0:
        batch.loss_gradient(x[:active], y[:active], p, importance, loss[:active], gx[:active], gy[:active])
        k = 0
        while k < active:
            square, longest = 0.0, 0.0
            for j in range(c):
                square += gy[k, j] ** 2
                length = 0.0
                for h in range(r):
                    square += gx[k, h, j] ** 2
                    length += x[k, h, j] ** 2
                longest = max(longest, length)
            norm = np.sqrt(square)
            arrived = norm <= still
            if norm <= tolerance:
                for level in levels:
                    arrived |= abs(loss[k] - level) <= level_tolerance
            if arrived or loss[k] < below or taken[k] >= max_steps or not norm < np.inf:
                i = who[k]
                W[i], b[i] = x[k], y[k]
                out_loss[i], out_norm[i], out_steps[i], converged[i] = loss[k], norm, taken[k], arrived
                if following < m:
                    who[k], taken[k] = following, 0
                    x[k], y[k] = W[following], b[following]
                    following += 1
                    k += 1
                else:  # the last point on its way, not yet looked at in this round, takes the place
                    active -= 1
                    who[k], taken[k], loss[k] = who[active], taken[active], loss[active]
                    x[k], y[k], gx[k], gy[k] = x[active], y[active], gx[active], gy[active]
                continue
            size = step / (1.0 + longest)
            for j in range(c):
                y[k, j] -= size * gy[k, j]
                for h in range(r):
                    x[k, h, j] -= size * gx[k, h, j]
            taken[k] += 1
            k += 1
    return out_loss, out_norm, out_steps, converged
