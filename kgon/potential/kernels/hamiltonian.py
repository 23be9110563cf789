"""Leapfrog trajectories of Hamiltonian chains, ``WIDTH`` of them side by side, on any loss."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from kgon.potential.kernels import point
from kgon.potential.kernels._jit import njit
from kgon.potential.kernels._lanes import WIDTH, fused, load, nothing, store, turn


class Motion(NamedTuple):
    """How chains move, but for the strength and the step size, which each has of its own.

    Attributes
    ----------
    precision : float
    centre : (d,) array
        The force is strength · ∇L + precision · (w − centre).
    forward, back : (d, d) arrays
        S and its transpose, contiguous: w moves by S p, and p by Sᵀ times the force.  Without entries: S = 1.
    leapfrogs : int
    """

    precision: Any
    centre: Any
    forward: Any
    back: Any
    leapfrogs: Any


class Place(NamedTuple):
    """Where lanes of chains are: rows of lanes, one of ``size`` and ``strength``."""

    w: Any
    p: Any
    gradient: Any
    force: Any
    size: Any
    strength: Any


@njit
def _move(x, size, matrix, y):
    """Move x (d,) by ``size`` times a matrix (d, d) times y; by y itself where the matrix is empty."""
    d, zero = matrix.shape[0], nothing()
    if d == 0:
        for k in range(x.shape[0]):
            store(x, k, load(x, k, zero) + size * load(y, k, zero))
    for k in range(d):
        total = zero
        for h in range(d):
            total = fused(matrix[k, h], load(y, h, zero), total)
        store(x, k, load(x, k, zero) + size * total)


@njit
def _drift(motion, at):
    """Move w by a step along p."""
    _move(at.w, load(at.size, 0, nothing()), motion.forward, at.p)


@njit
def _kick(motion, at, share):
    """Move p by a ``share`` of a step along the force."""
    zero = nothing()
    w, gradient, force = at.w, at.gradient, at.force  # each taken once: Numba counts every access
    centre, precision, strength = motion.centre, motion.precision, load(at.strength, 0, zero)
    for k in range(w.shape[0]):
        pull = precision * (load(w, k, zero) - centre[k])
        store(force, k, strength * load(gradient, k, zero) + pull)
    _move(at.p, -share * load(at.size, 0, zero), motion.back, force)


@njit
def _loss(arrays, at, used):
    """Compute the loss, and its gradient (written), of the chains in use."""
    n = at.w.shape[0] - arrays.importance.shape[0]
    return point.side_by_side(arrays, at.w[:n], at.w[n:], at.gradient[:n], at.gradient[n:], used)


@njit
def _share(leapfrog, leapfrogs):
    """Return the share of a step of the kick after so many leapfrog steps: a half at either end."""
    return 1.0 if 0 < leapfrog < leapfrogs else 0.5


@njit
def trajectories(packed, motion, w, p, gradient, loss, size, strength):
    """Move m chains by one trajectory each; a chain's numbers do not depend on the others.

    Parameters
    ----------
    packed : array
        See ``point.pack``.
    motion : Motion
        With at least one leapfrog step.
    w, p, gradient : (m, d) arrays, written
        Parameters, momenta and ∇L at the start, then at the end.
    loss : (m,) array, written
        At the end.
    size, strength : (m,) arrays
        Step size and factor of the loss of every chain.
    """
    arrays = point.unpack(packed)
    m, d = w.shape
    room = np.zeros((4, d, WIDTH))
    sizes, strengths, losses = np.zeros(WIDTH), np.zeros(WIDTH), np.empty(WIDTH)
    at = Place(room[0], room[1], room[2], room[3], sizes, strengths)
    for start in range(0, m, WIDTH):
        used = min(WIDTH, m - start)
        turn(w, start * d, d, at.w, 0, WIDTH, used, d)
        turn(p, start * d, d, at.p, 0, WIDTH, used, d)
        turn(gradient, start * d, d, at.gradient, 0, WIDTH, used, d)
        for s in range(used):
            sizes[s], strengths[s] = size[start + s], strength[start + s]
        for leapfrog in range(motion.leapfrogs + 1):
            if leapfrog > 0:
                _drift(motion, at)
                store(losses, 0, _loss(arrays, at, used))
            _kick(motion, at, _share(leapfrog, motion.leapfrogs))
        for s in range(used):
            loss[start + s] = losses[s]
        turn(at.w, 0, WIDTH, w, start * d, d, d, used)
        turn(at.p, 0, WIDTH, p, start * d, d, d, used)
        turn(at.gradient, 0, WIDTH, gradient, start * d, d, d, used)
