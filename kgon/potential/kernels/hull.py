"""How many columns of W are vertices of their convex hull, up to a depth."""

from __future__ import annotations

import numpy as np

from kgon.potential.kernels._jit import njit


@njit
def _cross(W, o, p, q):
    return (W[0, p] - W[0, o]) * (W[1, q] - W[1, o]) - (W[1, p] - W[1, o]) * (W[0, q] - W[0, o])


@njit
def _sticks_out(W, i, p, q):
    """Distance of column i from the segment between the columns p and q."""
    dx, dy = W[0, q] - W[0, p], W[1, q] - W[1, p]
    x, y = W[0, i] - W[0, p], W[1, i] - W[1, p]
    square = dx * dx + dy * dy
    along = min(max((x * dx + y * dy) / square, 0.0), 1.0) if square > 0.0 else 0.0
    return np.hypot(x - along * dx, y - along * dy)


@njit
def vertices(W, depth, out):
    """Write the columns at vertices of the hull of W (2, c), counter-clockwise, to ``out`` (c,); how many.

    Vertices that stick out by at most ``depth`` from the segment between their neighbours are taken away,
    always the one that sticks out least, until none does.
    """
    c = W.shape[1]
    order = np.argsort(W[0])
    for k in range(1, c):  # of equal abscissas the lower first
        j = k
        while j > 0 and W[0, order[j]] == W[0, order[j - 1]] and W[1, order[j]] < W[1, order[j - 1]]:
            order[j], order[j - 1] = order[j - 1], order[j]
            j -= 1
    chain = np.empty(2 * c, dtype=np.int64)
    n = 0
    for k in range(c):
        while n >= 2 and _cross(W, chain[n - 2], chain[n - 1], order[k]) <= 0.0:
            n -= 1
        chain[n] = order[k]
        n += 1
    lower = n + 1
    for k in range(c - 2, -1, -1):
        while n >= lower and _cross(W, chain[n - 2], chain[n - 1], order[k]) <= 0.0:
            n -= 1
        chain[n] = order[k]
        n += 1
    n = max(n - 1, 1)  # the last one is the first again
    while n > 1:
        least, which = np.inf, 0
        for k in range(n):
            size = _sticks_out(W, chain[k], chain[(k - 1) % n], chain[(k + 1) % n])
            if size < least:
                least, which = size, k
        if least > depth:
            break
        for k in range(which, n - 1):
            chain[k] = chain[k + 1]
        n -= 1
    out[:n] = chain[:n]
    return n


@njit
def counts(W, b, depth, positive, out):
    """Count vertices, columns with bias above ``positive``, and vertices that are off, of m points.

    W (m, 2, c), b (m, c); ``out`` (m, 3) is written.
    """
    m, c = b.shape
    found = np.empty(c, dtype=np.int64)
    for p in range(m):
        n = vertices(W[p], depth, found)
        out[p, 0] = n
        out[p, 1] = np.sum(b[p] > positive)
        out[p, 2] = 0
        for k in range(n):
            i = found[k]
            if b[p, i] <= -(W[p, 0, i] ** 2 + W[p, 1, i] ** 2):
                out[p, 2] += 1
