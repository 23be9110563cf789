"""Gradients of minibatches of one-hot samples, and stochastic gradient descent with them, one trajectory.

An input x = μ e_i has one non-zero entry, so that f(x) = relu(μ WᵀW_i + b) and its gradient cost O(c·r).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from kgon.potential.kernels._jit import njit
from kgon.potential.kernels._lanes import copy


class Scratch(NamedTuple):
    """Room for one sample: hidden activations W x, and what outputs send back to them; (r,) arrays."""

    hidden: Any
    back: Any


@njit
def add_gradient(i, mu, W, b, importance, scratch, grad_W, grad_b):
    """Add the gradient of Σ_j I_j (x_j − f_j(x))² at x = μ e_i: W (r, c), b (c,)."""
    r, c = W.shape
    hidden, back = scratch.hidden, scratch.back
    for h in range(r):
        hidden[h] = mu * W[h, i]
        back[h] = 0.0
    for j in range(c):
        z = b[j]
        for h in range(r):
            z += W[h, j] * hidden[h]
        if z > 0.0:
            slope = 2.0 * importance[j] * (z - mu if j == i else z)
            grad_b[j] += slope
            for h in range(r):
                grad_W[h, j] += slope * hidden[h]
                back[h] += slope * W[h, j]
    for h in range(r):
        grad_W[h, i] += mu * back[h]


@njit
def sgd(rng, W, b, feature, amplitude, importance, batch, learning_rate, records, out_W, out_b):
    """Move W and b in place by w ← w − η ∇(mean loss of a batch), the samples shuffled before every epoch.

    The last batch of an epoch is smaller where ``batch`` does not divide n.

    Parameters
    ----------
    rng : Generator
    W, b : (r, c) and (c,) arrays, written
    feature, amplitude : (n,) arrays
    importance : (c,) array
    batch : int
    learning_rate : float
    records : (k,) int array
        Increasing numbers of steps after which the point is recorded; the last one ends the trajectory.
    out_W, out_b : (k, r, c) and (k, c) arrays, written

    Returns
    -------
    int
        Records written: k, or fewer where a parameter stopped being finite.
    """
    r, c = W.shape
    n = feature.shape[0]
    grad_W, grad_b = np.zeros((r, c)), np.zeros(c)
    scratch = Scratch(np.empty(r), np.empty(r))
    order = np.arange(n)
    at, step = n, 0
    for record in range(records.shape[0]):
        while step < records[record]:
            if at >= n:
                for m in range(n - 1, 0, -1):  # Fisher–Yates; the bias, below n/2⁵³, buys a fifth of the time
                    other = int(rng.random() * (m + 1))
                    order[m], order[other] = order[other], order[m]
                at = 0
            end = min(at + batch, n)
            for s in range(at, end):
                k = order[s]
                add_gradient(feature[k], amplitude[k], W, b, importance, scratch, grad_W, grad_b)
            rate = learning_rate / (end - at)
            for j in range(c):
                b[j] -= rate * grad_b[j]
                grad_b[j] = 0.0
                for h in range(r):
                    W[h, j] -= rate * grad_W[h, j]
                    grad_W[h, j] = 0.0
            at = end
            step += 1
        copy(W, out_W[record])
        copy(b, out_b[record])
        if not (np.isfinite(W).all() and np.isfinite(b).all()):
            return record
    return records.shape[0]
