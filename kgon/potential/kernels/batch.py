"""Loss and gradient for batches of points.

Points of the population loss are handled in tiles of ``LANES``, transposed so that the same parameter of all
points of a tile is contiguous: the innermost loop runs over points, has no branch, and vectorises.
"""

from __future__ import annotations

import numpy as np

from kgon.potential.kernels import point
from kgon.potential.kernels._jit import njit
from kgon.potential.kernels.pairs import diag_gradient, off_gradient

LANES = 128


@njit
def _dot(W, i, j, out):
    """Write W_i·W_j of every lane."""
    lanes = out.shape[0]
    for s in range(lanes):
        out[s] = 0.0
    for h in range(W.shape[0]):
        x, y = W[h, i], W[h, j]
        for s in range(lanes):
            out[s] += x[s] * y[s]


@njit
def _add(y, k, x):
    """y += k·x, lane by lane."""
    for s in range(y.shape[0]):
        y[s] += k * x[s]


@njit
def _add_product(y, k, x, z):
    """y += k·x·z, lane by lane."""
    for s in range(y.shape[0]):
        y[s] += k * x[s] * z[s]


@njit
def _off_lanes(a, b, jet):
    for s in range(a.shape[0]):
        jet[0, s], jet[1, s], jet[2, s] = off_gradient(a[s], b[s])


@njit
def _diag_lanes(n, b, jet):
    for s in range(n.shape[0]):
        jet[0, s], jet[1, s], jet[2, s] = diag_gradient(n[s], b[s])


@njit
def loss_gradient(W, b, probability, importance, loss, grad_W, grad_b):
    """Compute population loss and gradient of m points.

    Parameters
    ----------
    W : (m, r, c) array
    b : (m, c) array
    probability, importance : (c,) arrays
    loss : (m,) array, written
    grad_W, grad_b : (m, r, c) and (m, c) arrays, written
    """
    m, r, c = W.shape
    lanes = max(1, min(LANES, m))
    tW = np.empty((r, c, lanes))
    tb = np.empty((c, lanes))
    tgW = np.empty((r, c, lanes))
    tgb = np.empty((c, lanes))
    tloss = np.empty(lanes)
    dot = np.empty(lanes)
    jet = np.empty((3, lanes))
    for start in range(0, m, lanes):
        used = min(lanes, m - start)
        tgW[:] = 0.0
        tgb[:] = 0.0
        tloss[:] = 0.0
        for s in range(lanes):
            lane = start + min(s, used - 1)
            for j in range(c):
                tb[j, s] = b[lane, j]
                for h in range(r):
                    tW[h, j, s] = W[lane, h, j]
        for j in range(c):
            _dot(tW, j, j, dot)
            _diag_lanes(dot, tb[j], jet)
            weight = probability[j] * importance[j] / 3.0
            _add(tloss, weight, jet[0])
            _add(tgb[j], weight, jet[2])
            for h in range(r):
                _add_product(tgW[h, j], 2.0 * weight, jet[1], tW[h, j])
            for i in range(j):
                _dot(tW, i, j, dot)
                for p, q in ((i, j), (j, i)):
                    _off_lanes(dot, tb[q], jet)
                    weight = probability[p] * importance[q] / 3.0
                    _add(tloss, weight, jet[0])
                    _add(tgb[q], weight, jet[2])
                    for h in range(r):
                        _add_product(tgW[h, i], weight, jet[1], tW[h, j])
                        _add_product(tgW[h, j], weight, jet[1], tW[h, i])
        for s in range(used):
            loss[start + s] = tloss[s]
            for j in range(c):
                grad_b[start + s, j] = tgb[j, s]
                for h in range(r):
                    grad_W[start + s, h, j] = tgW[h, j, s]


@njit
def losses_gradients(arrays, W, b, loss, grad_W, grad_b):
    """Compute loss and gradient of m points, of the population or of a sample.

    Parameters
    ----------
    arrays : point.Arrays
    W, b, loss, grad_W, grad_b : see ``loss_gradient``
    """
    if arrays.amplitude.shape[0] == 0:
        loss_gradient(W, b, arrays.probability, arrays.importance, loss, grad_W, grad_b)
        return
    for k in range(W.shape[0]):
        loss[k] = point.loss_gradient(arrays, W[k], b[k], grad_W[k], grad_b[k])
