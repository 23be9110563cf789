"""Compiled descent along the gradient of many points at once."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from kgon.potential.kernels import point
from kgon.potential.kernels._jit import njit
from kgon.potential.kernels._lanes import WIDTH, larger, load, nothing, store


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


class Slots(NamedTuple):
    """The points that are on their way, ``WIDTH`` of them side by side.

    Attributes
    ----------
    W, grad_W : (r·c, WIDTH) arrays
    b, grad_b : (c, WIDTH) arrays
    loss, square, reach : (WIDTH,) arrays
        L, ‖∇L‖² and max_j ‖W_j‖².
    """

    W: Any
    b: Any
    grad_W: Any
    grad_b: Any
    loss: Any
    square: Any
    reach: Any


@njit
def _look(at, probability, importance):
    """Write loss, gradient, ‖∇L‖² and max_j ‖W_j‖² of the points."""
    zero, c = nothing(), probability.size
    store(at.loss, 0, point.pairs_summed(at.W, at.b, probability, importance, at.grad_W, at.grad_b, zero))
    square, reach = zero, zero
    for j in range(c):
        slope, length = load(at.grad_b, j, zero), zero
        square += slope * slope
        for k in range(j, at.W.shape[0], c):
            slope, x = load(at.grad_W, k, zero), load(at.W, k, zero)
            square += slope * slope
            length += x * x
        reach = larger(length, reach)
    store(at.square, 0, square)
    store(at.reach, 0, reach)


@njit
def _move(x, slope, size):
    """Move points by -size times their slopes."""
    for k in range(x.shape[0]):
        store(x, k, load(x, k, size) - size * load(slope, k, size))


@njit
def _enter(at, s, W, b, i):
    """Put point i of a batch in slot s."""
    for k in range(at.W.shape[0]):
        at.W[k, s] = load(W, i * at.W.shape[0] + k, 0.0)
    for k in range(b.shape[1]):
        at.b[k, s] = b[i, k]


@njit
def _leave(at, s, W, b, i):
    """Write slot s to point i of a batch."""
    for k in range(at.W.shape[0]):
        store(W, i * at.W.shape[0] + k, at.W[k, s])
    for k in range(b.shape[1]):
        b[i, k] = at.b[k, s]


@njit
def descend(W, b, p, importance, step, stop):
    """Move points W (m, r, c), b (m, c) in place by -step/(1 + max_j ‖W_j‖²) ∇L until they stop (``Stop``).

    ``WIDTH`` points are on their way at a time; one that is finished makes room for the next, so that a few
    slow points hold up nothing.

    Returns
    -------
    loss, norm, steps, arrived : (m,) arrays
        L and ‖∇L‖ at the end, steps taken, and whether the point has arrived.
    """
    m, r, c = W.shape
    out_loss, out_norm = np.empty(m), np.empty(m)
    out_steps, out_arrived = np.zeros(m, dtype=np.int64), np.zeros(m, dtype=np.bool_)
    room, line = np.zeros((2, (r + 1) * c, WIDTH)), np.zeros((3, WIDTH))
    n = r * c
    at = Slots(room[0, :n], room[0, n:], room[1, :n], room[1, n:], line[0], line[1], line[2])
    who, taken = np.full(WIDTH, -1), np.zeros(WIDTH, dtype=np.int64)  # -1: no point
    following = min(WIDTH, m)
    for s in range(following):
        who[s] = s
        _enter(at, s, W, b, s)
    on_their_way = following
    while on_their_way > 0:
        _look(at, p, importance)
        first_new = following
        for s in range(WIDTH):
            i = who[s]
            if i < 0:
                continue
            norm = np.sqrt(at.square[s])
            arrived = norm <= stop.still
            if norm <= stop.tolerance:
                for level in stop.levels:
                    arrived |= abs(at.loss[s] - level) <= stop.level_tolerance
            if arrived or at.loss[s] < stop.below or taken[s] >= stop.max_steps or not norm < np.inf:
                _leave(at, s, W, b, i)
                out_loss[i], out_norm[i], out_steps[i], out_arrived[i] = at.loss[s], norm, taken[s], arrived
                taken[s] = -1
                if following < m:
                    who[s] = following
                    following += 1
                else:
                    who[s] = -1
                    on_their_way -= 1
            taken[s] += 1
        size = step / (1.0 + load(at.reach, 0, nothing()))
        _move(at.W, at.grad_W, size)
        _move(at.b, at.grad_b, size)
        if following > first_new:
            for s in range(WIDTH):
                if who[s] >= first_new:
                    _enter(at, s, W, b, who[s])
    return out_loss, out_norm, out_steps, out_arrived
