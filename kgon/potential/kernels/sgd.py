"""Gradients of minibatches of one-hot samples, and training with them, one trajectory.

An input x = μ e_i has one non-zero entry, so that f(x) = relu(μ WᵀW_i + b) and its gradient cost O(c·r).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from kgon.potential.kernels._jit import known, length, njit
from kgon.potential.kernels._lanes import BLOCK, added, copy, gated, load, nothing_of_four, store, window
from kgon.potential.kernels.optimiser import move


class Rows(NamedTuple):
    """Parameters and gradients with rows filled up to a multiple of four, so that four outputs are lanes.

    Attributes
    ----------
    W, grad_W : (r·n,) arrays
        Rows of c numbers, and zeros up to n.
    b, grad_b : (n,) arrays
    weight : (n,) array
        Twice the importances.
    unit : (2n,) array
        A 1 in the middle: what is read from n − i on is the unit vector of feature i.
    slope : (n,) array
        The derivative of a sample's loss by each output before its ReLU.
    """

    W: Any
    grad_W: Any
    b: Any
    grad_b: Any
    weight: Any
    unit: Any
    slope: Any


@njit
def make_rows(r, importance):
    """Make rows of zeros for r hidden dimensions and as many features as there are importances (c,)."""
    c = importance.shape[0]
    n = -(-c // BLOCK) * BLOCK
    weight, unit = np.zeros(n), np.zeros(2 * n)
    unit[n] = 1.0
    for j in range(c):
        weight[j] = 2.0 * importance[j]
    return Rows(np.zeros(r * n), np.zeros(r * n), np.zeros(n), np.zeros(n), weight, unit, np.zeros(n))


@njit
def fill_rows(rows, W, b):
    """Write the parameters W (r, c) and b (c,) to the rows."""
    for j in range(b.shape[0]):
        rows.b[j] = b[j]
        for h in range(W.shape[0]):
            rows.W[h * rows.b.size + j] = W[h, j]


def known_lengths(r: int, c: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Tell the compiler the number of rows and that of fours of outputs; see ``known``."""
    return known(r), known(-(-c // BLOCK))


@njit
def add_gradient(i, mu, lengths, rows):
    """Add the gradient of Σ_j I_j (x_j − f_j(x))² at x = μ e_i.

    Parameters
    ----------
    i : int
    mu : float
    lengths : tuples
        See ``known_lengths``.
    rows : Rows
        ``grad_W`` and ``grad_b`` are written, and ``slope``.
    """
    zero, n = nothing_of_four(), rows.b.size
    r, quads = length(lengths[0], rows.W.size // n), length(lengths[1], n // BLOCK)
    n = quads * BLOCK
    for q in range(quads):
        z = load(rows.b, q, zero)
        for h in range(r):
            z += load(rows.W, h * quads + q, zero) * (mu * load(rows.W, h * n + i, 0.0))
        error = z - mu * window(rows.unit, n - i + q * BLOCK, zero)
        slope = gated(z, load(rows.weight, q, zero) * error)
        store(rows.slope, q, slope)
        store(rows.grad_b, q, load(rows.grad_b, q, zero) + slope)
    for h in range(r):
        hidden, back = mu * load(rows.W, h * n + i, 0.0), 0.0
        for q in range(quads):
            back = added(back, load(rows.slope, q, zero) * load(rows.W, h * quads + q, zero))
        back = mu * back
        for q in range(quads):
            gradient = load(rows.grad_W, h * quads + q, zero) + load(rows.slope, q, zero) * hidden
            gradient += back * window(rows.unit, n - i + q * BLOCK, zero)
            store(rows.grad_W, h * quads + q, gradient)


@njit
def _shuffle(rng, order):
    """Shuffle by Fisher and Yates; the bias, below n/2⁵³, buys a fifth of the time."""
    for m in range(order.size - 1, 0, -1):
        other = int(rng.random() * (m + 1))
        order[m], order[other] = order[other], order[m]


class Data(NamedTuple):
    """What is trained on: the (n,) features and amplitudes of the samples, and the (c,) importances."""

    feature: Any
    amplitude: Any
    importance: Any


@njit
def _write(rows, W, b):
    """Write the parameters of the rows to W (r, c) and b (c,)."""
    for j in range(b.shape[0]):
        b[j] = rows.b[j]
        for h in range(W.shape[0]):
            W[h, j] = rows.W[h * rows.b.size + j]


@njit
def train(rng, W, b, data, batch, rule, records, lengths, out_W, out_b):
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
    lengths : tuples
        See ``known_lengths``.
    out_W, out_b : (k, r, c) and (k, c) arrays, written

    Returns
    -------
    int
        Records written: k, or fewer where a parameter stopped being finite.
    """
    n = data.feature.shape[0]
    rows, order = make_rows(W.shape[0], data.importance), np.arange(n)
    fill_rows(rows, W, b)
    memory_W, memory_b = np.zeros((2, rows.W.size)), np.zeros((2, rows.b.size))
    at, step = n, 0
    for record in range(records.shape[0]):
        while step < records[record]:
            if at >= n:
                _shuffle(rng, order)
                at = 0
            end = min(at + batch, n)
            for s in range(at, end):
                add_gradient(data.feature[order[s]], data.amplitude[order[s]], lengths, rows)
            move(rule, step, end - at, rows.b, rows.grad_b, memory_b[0], memory_b[1])
            move(rule, step, end - at, rows.W, rows.grad_W, memory_W[0], memory_W[1])
            at = end
            step += 1
        _write(rows, W, b)
        copy(W, out_W[record])
        copy(b, out_b[record])
        if not (np.isfinite(W).all() and np.isfinite(b).all()):
            return record
    return records.shape[0]
