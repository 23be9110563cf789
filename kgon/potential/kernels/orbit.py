"""Distances modulo O(2) × S_c between many points, by trying every permutation."""

from __future__ import annotations

import numpy as np

from kgon.potential.kernels._jit import njit


@njit
def squared(W, b, V, a, permutations):
    """Compute the squared distance of (W, b) to the orbit of (V, a): (2, c) and (c,) arrays.

    For a given permutation the best rotation is known: with columns as complex numbers, the least value of
    Σ|w − e^{iθ}v|² is Σ|w|² + Σ|v|² − 2|Σ w v̄|; a reflection conjugates v.

    Parameters
    ----------
    permutations : (m, c) int array
    """
    c = b.shape[0]
    norms = 0.0
    for j in range(c):
        norms += W[0, j] ** 2 + W[1, j] ** 2 + V[0, j] ** 2 + V[1, j] ** 2
    # Products of every pair of columns: w v̄ = (p, q), w v = (r, s).
    p, q = np.empty((c, c)), np.empty((c, c))
    r, s = np.empty((c, c)), np.empty((c, c))
    gap = np.empty((c, c))
    for i in range(c):
        for j in range(c):
            p[i, j] = W[0, i] * V[0, j] + W[1, i] * V[1, j]
            q[i, j] = W[1, i] * V[0, j] - W[0, i] * V[1, j]
            r[i, j] = W[0, i] * V[0, j] - W[1, i] * V[1, j]
            s[i, j] = W[1, i] * V[0, j] + W[0, i] * V[1, j]
            gap[i, j] = (b[i] - a[j]) ** 2
    best = np.inf
    for k in range(permutations.shape[0]):
        biases = x = y = u = v = 0.0
        for i in range(c):
            j = permutations[k, i]
            biases += gap[i, j]
            x += p[i, j]
            y += q[i, j]
            u += r[i, j]
            v += s[i, j]
        overlap = max(x * x + y * y, u * u + v * v)
        value = norms + biases - 2.0 * np.sqrt(overlap)
        if value < best:
            best = value
    return max(best, 0.0)


@njit
def distances(W, b, permutations, out):
    """Write the (m, m) matrix of distances between the points W (m, 2, c), b (m, c)."""
    m = W.shape[0]
    for i in range(m):
        out[i, i] = 0.0
        for j in range(i):
            out[i, j] = out[j, i] = np.sqrt(squared(W[i], b[i], W[j], b[j], permutations))
