"""Loss and gradient for batches of points, the population's in lanes of ``WIDTH`` points side by side."""

from __future__ import annotations

import numpy as np

from kgon.potential.kernels import point
from kgon.potential.kernels._jit import njit
from kgon.potential.kernels._lanes import WIDTH, nothing, store, turn


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
    n = r * c
    columns, biases = np.zeros((n, WIDTH)), np.zeros((c, WIDTH))
    column_slopes, bias_slopes = np.empty((n, WIDTH)), np.empty((c, WIDTH))
    sums = np.empty(WIDTH)
    width = sums.shape[0]
    for start in range(0, m, width):
        used = min(width, m - start)
        first = start % width  # 0, but no constant, for which Numba would compile another copy
        turn(W, start * n, n, columns, first, width, used, n)
        turn(b, start * c, c, biases, first, width, used, c)
        total = point.pairs_summed(
            columns, biases, probability, importance, column_slopes, bias_slopes, nothing()
        )
        store(sums, 0, total)
        for s in range(used):
            loss[start + s] = sums[s]
        turn(column_slopes, first, width, grad_W, start * n, n, n, used)
        turn(bias_slopes, first, width, grad_b, start * c, c, c, used)


@njit
def losses_gradients(packed, W, b, loss, grad_W, grad_b):
    """Compute loss and gradient of m points, of the population or of a sample.

    Parameters
    ----------
    packed : array
        See ``point.pack``.
    W, b, loss, grad_W, grad_b : see ``loss_gradient``
    """
    arrays = point.unpack(packed)
    if arrays.amplitude.shape[0] == 0:
        loss_gradient(W, b, arrays.probability, arrays.importance, loss, grad_W, grad_b)
        return
    for k in range(W.shape[0]):
        loss[k] = point.loss_gradient(arrays, W[k], b[k], grad_W[k], grad_b[k])
