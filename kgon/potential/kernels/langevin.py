"""One Langevin chain, unadjusted (SGLD) or with the Metropolis test (MALA), on any loss of ``point``."""

from __future__ import annotations

import numpy as np

from kgon.potential.kernels._jit import njit
from kgon.potential.kernels.point import loss_gradient

SUMS = 5
"""Entries of ``sums``, see ``chain``."""


@njit
def batch_gradient(arrays, chosen, W, b, grad_W, grad_b):
    """Write the gradient of the mean loss over the samples with the indices ``chosen``: W (r, c), b (c,)."""
    r, c = W.shape
    grad_W[:] = 0.0
    grad_b[:] = 0.0
    for k in chosen:
        mu = arrays.amplitude[k]
        i = 0
        while arrays.start[i + 1] <= k:
            i += 1
        for j in range(c):
            a = 0.0
            for h in range(r):
                a += W[h, i] * W[h, j]
            output = a * mu + b[j]
            if output <= 0.0:
                continue
            if i == j:
                output -= mu
            slope = 2.0 * arrays.importance[j] * output / chosen.shape[0]
            grad_b[j] += slope
            for h in range(r):
                grad_W[h, i] += slope * mu * W[h, j]
                grad_W[h, j] += slope * mu * W[h, i]


@njit
def chain(
    rng, arrays, w, centre, strength, precision, step_size, metropolis, batch, skip, excess, square, sums
):
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
    strength, precision, step_size : float
    metropolis : bool
    batch : int
        0: the whole loss.  Both ends of a step use the same samples.
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
    d, c = w.shape[0], arrays.importance.shape[0]
    split = d - c
    r = split // c
    y, gx, gy, fx, fy = np.empty(d), np.empty(d), np.empty(d), np.empty(d), np.empty(d)
    chosen = np.empty(batch, dtype=np.int64)
    root = np.sqrt(step_size)
    samples = arrays.amplitude.shape[0]
    base = loss_gradient(
        arrays, centre[:split].reshape(r, c), centre[split:], gy[:split].reshape(r, c), gy[split:]
    )
    loss = loss_gradient(arrays, w[:split].reshape(r, c), w[split:], gx[:split].reshape(r, c), gx[split:])
    sums[:] = 0.0
    steps = excess.shape[0]
    for t in range(-skip, steps):
        if batch > 0:
            for k in range(batch):
                chosen[k] = rng.integers(0, samples)
            batch_gradient(
                arrays, chosen, w[:split].reshape(r, c), w[split:], fx[:split].reshape(r, c), fx[split:]
            )
        else:
            fx[:] = gx
        for k in range(d):
            drift = strength * fx[k] + precision * (w[k] - centre[k])
            y[k] = w[k] - 0.5 * step_size * drift + root * rng.standard_normal()
        new = loss_gradient(arrays, y[:split].reshape(r, c), y[split:], gy[:split].reshape(r, c), gy[split:])
        if batch > 0:
            batch_gradient(
                arrays, chosen, y[:split].reshape(r, c), y[split:], fy[:split].reshape(r, c), fy[split:]
            )
        else:
            fy[:] = gy
        # log of the Metropolis ratio; differences first, so that a large strength costs no digits
        log_ratio = -strength * (new - loss)
        for k in range(d):
            moved = y[k] - w[k]
            x0, y0 = w[k] - centre[k], y[k] - centre[k]
            there = moved + 0.5 * step_size * (strength * fx[k] + precision * x0)
            back = -moved + 0.5 * step_size * (strength * fy[k] + precision * y0)
            log_ratio -= 0.5 * precision * moved * (x0 + y0)
            log_ratio += 0.5 * (there * there - back * back) / step_size
        accepted = True
        if metropolis:
            accepted = -log_ratio < rng.standard_exponential()  # false for NaN
        if accepted:
            loss = new
            w[:] = y
            gx[:] = gy
        if not abs(loss) < np.inf:
            return max(t, 0)
        if t < 0:
            continue
        if log_ratio == log_ratio:
            sums[0] += np.exp(min(0.0, log_ratio))
        distance = 0.0
        for k in range(d):
            away = w[k] - centre[k]
            pull = strength * gx[k]
            force = pull + precision * away
            distance += away * away
            sums[1] += force * force
            sums[2] += pull * force
            sums[3] += away * force
            if batch > 0:
                noise = strength * ((fy[k] if accepted else fx[k]) - gx[k])
                sums[4] += noise * noise
        excess[t] = loss - base
        square[t] = distance
    sums /= steps
    return steps
