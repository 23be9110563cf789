"""Loss and gradient for batches of points, in lanes of ``WIDTH`` points side by side."""

from __future__ import annotations

import numpy as np

from kgon.potential.kernels import point
from kgon.potential.kernels._jit import njit
from kgon.potential.kernels._lanes import WIDTH, store, turn


@njit
def losses_gradients(packed, W, b, loss, grad_W, grad_b):
    """Compute loss and gradient of m points, of the population or of a sample.

    Parameters
    ----------
    packed : array
        See ``point.pack``.
    W : (m, r, c) array
    b : (m, c) array
    loss : (m,) array, written
    grad_W, grad_b : (m, r, c) and (m, c) arrays, written
    """
    arrays = point.unpack(packed)
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
        store(sums, 0, point.side_by_side(arrays, columns, biases, column_slopes, bias_slopes, used))
        for s in range(used):
            loss[start + s] = sums[s]
        turn(column_slopes, first, width, grad_W, start * n, n, n, used)
        turn(bias_slopes, first, width, grad_b, start * c, c, c, used)
