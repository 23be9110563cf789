"""Loss and gradient at one point, of the population or of a sample: for chains moved one at a time."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kgon.potential.kernels import empirical
from kgon.potential.kernels._jit import njit
from kgon.potential.kernels._lanes import load, nothing, positive, store
from kgon.potential.kernels.pairs import diag_terms, off_terms

THIRD = 1.0 / 3.0
TWO_THIRDS = 2.0 / 3.0


class Arrays(NamedTuple):
    """The arrays that a loss is made of; without amplitudes it is the population's.

    Attributes
    ----------
    probability, importance : (c,) arrays
    amplitude, start, power1, power2, table : arrays
        See ``empirical.prefix_sums`` and ``fill_table``; all are empty for the population loss.
    """

    probability: Any
    importance: Any
    amplitude: Any
    start: Any
    power1: Any
    power2: Any
    table: Any


@njit
def pairs_summed(W, b, probability, importance, grad_W, grad_b, zero):
    """Compute the population loss and its gradient (written), of one point or of lanes of points.

    Every unordered pair of columns is met once: its inner product is that of both ordered pairs.

    Parameters
    ----------
    W, grad_W : contiguous arrays of r·c floats or lanes, row-major
    b, grad_b : contiguous arrays of c floats or lanes
    probability, importance : (c,) arrays
    zero : float or lanes
        Says which.
    """
    c = probability.shape[0]
    r = W.size // b.size
    loss = zero
    for j in range(c):
        bias = load(b, j, zero)
        start = positive(bias)
        a = zero
        for h in range(r):
            y = load(W, h * c + j, zero)
            a += y * y
        f, fa, slope = diag_terms(a, bias, start, probability[j] * importance[j])
        loss += f
        fa = fa * TWO_THIRDS
        for h in range(r):
            store(grad_W, h * c + j, fa * load(W, h * c + j, zero))
        for i in range(j):
            other = load(b, i, zero)
            a = load(W, i, zero) * load(W, j, zero)
            for h in range(1, r):
                a += load(W, h * c + i, zero) * load(W, h * c + j, zero)
            f, fa, fb = off_terms(a, bias, start, probability[i] * importance[j])
            g, ga, gb = off_terms(a, other, positive(other), probability[j] * importance[i])
            loss += f + g
            slope += fb
            store(grad_b, i, load(grad_b, i, zero) + gb)
            fa = (fa + ga) * THIRD
            for h in range(r):
                x, y = load(W, h * c + i, zero), load(W, h * c + j, zero)
                store(grad_W, h * c + i, load(grad_W, h * c + i, zero) + fa * y)
                store(grad_W, h * c + j, load(grad_W, h * c + j, zero) + fa * x)
        store(grad_b, j, slope)
    return loss * THIRD


@njit
def population(W, b, probability, importance, grad_W, grad_b):
    """Compute the population loss and its gradient (written) at one point: W (r, c), b (c,)."""
    return pairs_summed(W, b, probability, importance, grad_W, grad_b, 0.0)


@njit
def loss_gradient(arrays, W, b, grad_W, grad_b):
    """Compute the loss and its gradient (written) at one point.

    Parameters
    ----------
    arrays : Arrays
    W, grad_W : (r, c) arrays, contiguous
    b, grad_b : (c,) arrays
    """
    if arrays.amplitude.shape[0] == 0:
        return population(W, b, arrays.probability, arrays.importance, grad_W, grad_b)
    _, importance, amplitude, start, power1, power2, table = arrays
    loss, _ = empirical.loss_gradient(
        W, b, importance, amplitude, start, power1, power2, table, grad_W, grad_b
    )
    return loss


@njit
def side_by_side(arrays, W, b, grad_W, grad_b, used):
    """Compute the losses of lanes of points, and their gradients (written).

    Parameters
    ----------
    arrays : Arrays
    W, grad_W : contiguous arrays of r·c lanes, row-major
    b, grad_b : contiguous arrays of c lanes
    used : int
        Lanes that hold a point.
    """
    if arrays.amplitude.shape[0] == 0:
        return pairs_summed(W, b, arrays.probability, arrays.importance, grad_W, grad_b, nothing())
    _, importance, amplitude, start, power1, power2, table = arrays
    return empirical.side_by_side(
        W, b, importance, amplitude, start, power1, power2, table, grad_W, grad_b, used
    )


# --- all arrays in one, which Python hands over soonest ---------------------------------------------------


def pack(
    probability: NDArray[np.float64], importance: NDArray[np.float64], start: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Make the array of a loss: c and those of the model, then ``start`` and room for the samples' others.

    Parameters
    ----------
    probability, importance : (c,) arrays
    start : int array
        (c + 1,), see ``empirical.prefix_sums``; empty for the population loss.
    """
    c = importance.size
    model = np.array([c], dtype=np.float64), probability, importance
    if start.size == 0:
        return np.concatenate(model)
    n = int(start[c])
    room = np.zeros(n + 2 * (n + c) + empirical.table_size(start))
    return np.concatenate([*model, start.astype(np.int64).view(np.float64), room])


@njit
def unpack(packed):
    """Return views of the arrays that ``pack`` has put together, integers by their bits."""
    c = int(packed[0])
    model = 2 * c + 1
    probability, importance, rest = packed[1 : c + 1], packed[c + 1 : model], packed[model:]
    whole = rest.view(np.int64)
    n, at, sums = 0, 0, 0
    if rest.size > 0:
        n, at = whole[c], c + 1
        sums = n + c
    first, second, end = at + n, at + n + sums, at + n + 2 * sums
    samples = rest[at:first], whole[:at], rest[first:second], rest[second:end], whole[end:]
    return Arrays(probability, importance, *samples)


@njit
def _loss_gradient(packed, W, b, grad_W, grad_b):
    """Compute what ``loss_gradient`` does; W and grad_W have r·c entries in whatever shape."""
    c = b.size
    if packed.size == 2 * c + 1:  # views of the samples' arrays, even of none, cost as much as six columns
        return pairs_summed(W, b, packed[1 : c + 1], packed[c + 1 :], grad_W, grad_b, 0.0)
    shape = W.size // c, c
    return loss_gradient(unpack(packed), W.reshape(shape), b, grad_W.reshape(shape), grad_b)


@njit
def evaluate(packed, w, gradient):
    """Compute the loss at a flat parameter w (d,), and its gradient (written), from what ``pack`` made."""
    split = w.size - int(packed[0])
    return _loss_gradient(packed, w[:split], w[split:], gradient[:split], gradient[split:])


@njit
def usual(x, least, most):
    """Say whether every number of an array is 0 or of a magnitude from ``least`` to ``most``."""
    unusual = 0
    for k in range(x.size):
        y = abs(load(x, k, 0.0))
        unusual += not ((y <= most) & ((y >= least) | (y == 0.0)))
    return unusual == 0


@njit
def checked(W, b, grad_W, grad_b, least, most, packed):
    """Compute what ``loss_gradient`` does, and whether W and b are ``usual``."""
    loss = _loss_gradient(packed, W, b, grad_W, grad_b)
    return loss, usual(W, least, most) and usual(b, least, most)


@njit
def flat_loss_gradient(arrays, w, out):
    """Compute the loss at a flat parameter w (d,), and its gradient (written)."""
    c = arrays.importance.shape[0]
    split = w.shape[0] - c
    r = split // c
    return loss_gradient(arrays, w[:split].reshape(r, c), w[split:], out[:split].reshape(r, c), out[split:])
