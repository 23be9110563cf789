"""Loss and gradient at one point, of the population or of a sample: for chains moved one at a time."""

from __future__ import annotations

from typing import Any, NamedTuple

from kgon.potential.kernels import empirical
from kgon.potential.kernels._jit import njit
from kgon.potential.kernels.pairs import (
    FALLING,
    OFF,
    ON,
    diag_on,
    diag_rising,
    fraction,
    off_falling,
    off_on,
    off_rising,
    region,
)


class Arrays(NamedTuple):
    """The arrays that a loss is made of; without amplitudes it is the population's.

    Attributes
    ----------
    probability, importance : (c,) arrays
    amplitude, start, power1, power2 : arrays
        See ``empirical.prefix_sums``; ``amplitude`` is empty for the population loss.
    """

    probability: Any
    importance: Any
    amplitude: Any
    start: Any
    power1: Any
    power2: Any


@njit
def population(W, b, probability, importance, grad_W, grad_b):
    """Compute the population loss and its gradient (written): W (r, c), b (c,)."""
    r, c = W.shape
    grad_W[:] = 0.0
    grad_b[:] = 0.0
    loss = 0.0
    for j in range(c):
        for i in range(c):
            a = 0.0
            for h in range(r):
                a += W[h, i] * W[h, j]
            code = region(a, b[j])
            t = fraction(a, b[j])
            if i == j:
                if code == ON:
                    f, fa, fb, _, _, _ = diag_on(a, b[j], t)
                else:  # off where t = 0
                    f, fa, fb, _, _, _ = diag_rising(a, b[j], t)
            elif code == OFF:
                continue
            elif code == ON:
                f, fa, fb, _, _, _ = off_on(a, b[j], t)
            elif code == FALLING:
                f, fa, fb, _, _, _ = off_falling(a, b[j], t)
            else:
                f, fa, fb, _, _, _ = off_rising(a, b[j], t)
            weight = probability[i] * importance[j] / 3.0
            loss += weight * f
            grad_b[j] += weight * fb
            for h in range(r):
                grad_W[h, i] += weight * fa * W[h, j]
                grad_W[h, j] += weight * fa * W[h, i]
    return loss


@njit
def loss_gradient(arrays, W, b, grad_W, grad_b):
    """Compute the loss of ``arrays`` (an ``Arrays``) and its gradient (written) at one point."""
    if arrays.amplitude.shape[0] == 0:
        return population(W, b, arrays.probability, arrays.importance, grad_W, grad_b)
    return empirical.loss_gradient(
        W, b, arrays.importance, arrays.amplitude, arrays.start, arrays.power1, arrays.power2, grad_W, grad_b
    )[0]


@njit
def flat_loss_gradient(arrays, w, out):
    """Compute the loss at a flat parameter w (d,), and its gradient (written)."""
    c = arrays.importance.shape[0]
    split = w.shape[0] - c
    r = split // c
    return loss_gradient(arrays, w[:split].reshape(r, c), w[split:], out[:split].reshape(r, c), out[split:])
