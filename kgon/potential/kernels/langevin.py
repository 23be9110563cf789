"""One Langevin chain, unadjusted (SGLD) or with the Metropolis test (MALA), on any loss of ``point``."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from kgon.potential.kernels._jit import njit
from kgon.potential.kernels._lanes import copy
from kgon.potential.kernels.point import flat_loss_gradient
from kgon.potential.kernels.sgd import Scratch, add_gradient

SUMS = 5
"""Entries of ``sums``, see ``chain``."""


class Dynamics(NamedTuple):
    """How a Langevin chain moves; ``chain`` says what the numbers mean.

    Attributes
    ----------
    strength, precision, step_size : float
    metropolis : bool
    batch : int
        0: the whole loss.  Both ends of a step use the same samples.
    """

    strength: Any
    precision: Any
    step_size: Any
    metropolis: Any
    batch: Any


@njit
def batch_gradient(arrays, chosen, w, scratch, out):
    """Write the gradient of the mean loss over the samples with the indices ``chosen`` at w (d,)."""
    c = arrays.importance.shape[0]
    split = w.shape[0] - c
    W, b = w[:split].reshape(split // c, c), w[split:]
    grad_W, grad_b = out[:split].reshape(split // c, c), out[split:]
    out[:] = 0.0
    for k in chosen:
        i = 0
        while arrays.start[i + 1] <= k:
            i += 1
        add_gradient(i, arrays.amplitude[k], W, b, arrays.importance, scratch, grad_W, grad_b)
    out /= chosen.shape[0]


@njit
def _estimate(arrays, chosen, w, whole, scratch, out):
    """Write the gradient at w (d,) that a step goes by: of the samples ``chosen``; without any, ``whole``."""
    if chosen.shape[0] > 0:
        batch_gradient(arrays, chosen, w, scratch, out)
    else:
        copy(whole, out)


@njit
def _log_ratio(dynamics, centre, w, y, fx, fy, change):
    """Return the log of the Metropolis ratio of a move from w to y by fx, where fy would lead on from y."""
    strength, precision, step_size = dynamics.strength, dynamics.precision, dynamics.step_size
    reversal = 0.0
    log_ratio = -strength * change  # differences first, so that a large strength costs no digits
    for k in range(w.shape[0]):
        moved = y[k] - w[k]
        x0, y0 = w[k] - centre[k], y[k] - centre[k]
        there = moved + 0.5 * step_size * (strength * fx[k] + precision * x0)
        back = -moved + 0.5 * step_size * (strength * fy[k] + precision * y0)
        log_ratio -= 0.5 * precision * moved * (x0 + y0)
        reversal += there * there - back * back
    return log_ratio + 0.5 * reversal / step_size


@njit
def _record(dynamics, centre, w, gradient, used, sums):
    """Add to ``sums`` (see ``chain``) what the gradient and its estimate say at w; return |w - centre|^2."""
    distance = 0.0
    for k in range(w.shape[0]):
        away = w[k] - centre[k]
        pull = dynamics.strength * gradient[k]
        force = pull + dynamics.precision * away
        distance += away * away
        sums[1] += force * force
        sums[2] += pull * force
        sums[3] += away * force
        if dynamics.batch > 0:
            noise = dynamics.strength * (used[k] - gradient[k])
            sums[4] += noise * noise
    return distance


@njit
def chain(rng, arrays, w, centre, dynamics, skip, excess, square, sums):
    """Move one chain by w' = w - (step_size/2) g(w) + N(0, step_size), and record.

    g is the gradient of U = strength * loss + (precision/2) |w - centre|^2 or, with ``batch`` > 0, its
    estimate from so many samples drawn with replacement.  With ``metropolis`` a proposal is accepted with the
    probability min(1, exp(U(w) - U(w')) q(w | w') / q(w' | w)), where q(. | w) is the density of the
    proposal from w; else it always is, and that probability is only recorded.

    Parameters
    ----------
    rng : Generator
    arrays : point.Arrays
    w : (d,) array, moved
    centre : (d,) array
    dynamics : Dynamics
    skip : int
        Steps that are not recorded, before the first that is.
    excess, square : (steps,) arrays, written
        loss(w) - loss(centre) and |w - centre|^2 after each step.
    sums : (5,) array, written
        Means over the steps recorded, at their ends: of the acceptance probability, |grad U|^2,
        strength * grad loss . grad U, (w - centre) . grad U, and |g - grad U|^2.

    Returns
    -------
    int
        Steps recorded: fewer than asked for where the chain left the numbers.
    """
    strength, precision, step_size, metropolis, batch = dynamics
    d, c = w.shape[0], arrays.importance.shape[0]
    r = d // c - 1
    scratch = Scratch(np.empty(r), np.empty(r))
    y, gx, gy, fx, fy = np.empty(d), np.empty(d), np.empty(d), np.empty(d), np.empty(d)
    chosen = np.empty(batch, dtype=np.int64)
    root = np.sqrt(step_size)
    samples = arrays.amplitude.shape[0]
    base = flat_loss_gradient(arrays, centre, gy)
    loss = flat_loss_gradient(arrays, w, gx)
    sums[:] = 0.0
    steps = excess.shape[0]
    for t in range(-skip, steps):
        for k in range(batch):
            chosen[k] = rng.integers(0, samples)
        _estimate(arrays, chosen, w, gx, scratch, fx)
        for k in range(d):
            drift = strength * fx[k] + precision * (w[k] - centre[k])
            y[k] = w[k] - 0.5 * step_size * drift + root * rng.standard_normal()
        new = flat_loss_gradient(arrays, y, gy)
        _estimate(arrays, chosen, y, gy, scratch, fy)
        log_ratio = _log_ratio(dynamics, centre, w, y, fx, fy, new - loss)
        accepted = True
        if metropolis:
            accepted = -log_ratio < rng.standard_exponential()  # false for NaN
        if accepted:
            loss = new
            copy(y, w)
            copy(gy, gx)
        if not abs(loss) < np.inf:
            return max(t, 0)
        if t < 0:
            continue
        if log_ratio == log_ratio:
            sums[0] += np.exp(min(0.0, log_ratio))
        excess[t] = loss - base
        square[t] = _record(dynamics, centre, w, gx, fy if accepted else fx, sums)
    sums /= steps
    return steps
