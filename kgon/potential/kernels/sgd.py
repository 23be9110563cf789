"""Gradients of minibatches of one-hot samples, and training with them, one trajectory.

An input x = μ e_i has one non-zero entry, so that f(x) = relu(μ WᵀW_i + b) and its gradient cost O(c·r).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from kgon.potential.kernels._jit import njit
from kgon.potential.kernels._lanes import copy
from kgon.potential.kernels.optimiser import move


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


class Data(NamedTuple):
    """What is trained on: the (n,) features and amplitudes of the samples, and the (c,) importances."""

    feature: Any
    amplitude: Any
    importance: Any


@njit
def train(rng, W, b, data, batch, rule, records, out_W, out_b):
    """Move W and b in place by an optimiser's steps, the samples shuffled before every epoch.

    The gradient of a step is that of the mean loss of a batch.  The last batch of an epoch is smaller where
    ``batch`` does not divide n.

    Parameters
    ----------
    rng : Generator
    W, b : (r, c) and (c,) arrays, contiguous, written
    data : Data
    batch : int
    rule : Rule
    records : (k,) int array
        Increasing numbers of steps after which the point is recorded; the last one ends the trajectory.
    out_W, out_b : (k, r, c) and (k, c) arrays, written

    Returns
    -------
    int
        Records written: k, or fewer where a parameter stopped being finite.
    """
    r, c = W.shape
    n = data.feature.shape[0]
    flat, grad_W, grad_b = W.reshape(W.size), np.zeros((r, c)), np.zeros(c)
    flat_grad, memory_W, memory_b = grad_W.reshape(W.size), np.zeros((2, W.size)), np.zeros((2, c))
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
                add_gradient(
                    data.feature[k], data.amplitude[k], W, b, data.importance, scratch, grad_W, grad_b
                )
            move(rule, step, end - at, b, grad_b, memory_b[0], memory_b[1])
            move(rule, step, end - at, flat, flat_grad, memory_W[0], memory_W[1])
            at = end
            step += 1
        copy(W, out_W[record])
        copy(b, out_b[record])
        if not (np.isfinite(W).all() and np.isfinite(b).all()):
            return record
    return records.shape[0]
