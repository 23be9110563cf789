"""Langevin chains, unadjusted (SGLD) or with the Metropolis test (MALA), on any loss of ``point``."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from kgon.potential.kernels._jit import njit
from kgon.potential.kernels._lanes import WIDTH, load, nothing, store
from kgon.potential.kernels.point import side_by_side
from kgon.potential.kernels.sgd import add_gradient, fill_rows, make_rows

SUMS = 5
"""Entries of ``sums``, see ``chains``."""
TOGETHER = WIDTH
"""Chains that ``chains`` moves at most."""


class Dynamics(NamedTuple):
    """How a Langevin chain moves; ``chains`` says what the numbers mean.

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
def batch_gradient(arrays, chosen, w, rows, out):
    """Write the gradient of the mean loss over the samples with the indices ``chosen`` at w (d,).

    ``rows`` are those of ``make_rows``, with gradients of zero before and after.
    """
    c, n = arrays.importance.shape[0], rows.b.size
    split = w.shape[0] - c
    fill_rows(rows, w[:split].reshape(split // c, c), w[split:])
    for k in chosen:
        i = 0
        while arrays.start[i + 1] <= k:
            i += 1
        add_gradient(i, arrays.amplitude[k], ((), ()), rows)
    for j in range(c):
        out[split + j] = rows.grad_b[j] / chosen.shape[0]
        rows.grad_b[j] = 0.0
        for h in range(split // c):
            out[h * c + j] = rows.grad_W[h * n + j] / chosen.shape[0]
            rows.grad_W[h * n + j] = 0.0


class Walker(NamedTuple):
    """Where lanes of chains are; arrays of d lanes.

    Attributes
    ----------
    w, y : arrays
        The point, and the one proposed.
    gx, gy : arrays
        The gradients of the loss there.
    fx, fy : arrays
        Those that a step goes by: the same arrays, or estimates from the samples of a batch.
    noise : array
        Standard normal numbers.
    loss, new, log_ratio : arrays of lanes
        The loss at w and at y, and the log of the Metropolis ratio.
    """

    w: Any
    y: Any
    gx: Any
    gy: Any
    fx: Any
    fy: Any
    noise: Any
    loss: Any
    new: Any
    log_ratio: Any


@njit
def _walker(d, batch):
    """Make room for lanes of chains."""
    room = np.zeros((7, d * WIDTH))
    w, y, noise, gx, gy = room[0], room[1], room[2], room[3], room[4]
    fx, fy = (gx, gy) if batch == 0 else (room[5], room[6])
    return Walker(w, y, gx, gy, fx, fy, noise, np.empty(WIDTH), np.empty(WIDTH), np.empty(WIDTH))


@njit
def _loss(arrays, w, out, used):
    """Return the losses of lanes of chains at w, and write the gradients."""
    n = w.size - arrays.importance.size * WIDTH
    return side_by_side(arrays, w[:n], w[n:], out[:n], out[n:], used)


@njit
def _estimate(arrays, chosen, w, rows, out):
    """Write the gradient of every chain at w over its samples; those ``chosen`` have a row for each."""
    one, slope = np.empty(w.size // WIDTH), np.empty(w.size // WIDTH)
    for s in range(chosen.shape[0]):
        for k in range(one.size):
            one[k] = w[k * WIDTH + s]
        batch_gradient(arrays, chosen[s], one, rows, slope)
        for k in range(one.size):
            out[k * WIDTH + s] = slope[k]


@njit
def _draw(rngs, m, noise):
    """Draw the noise of m chains, each from its own generator."""
    for s in range(m):
        rng = rngs[s]
        for k in range(s, noise.size, WIDTH):
            noise[k] = rng.standard_normal()


@njit
def _propose(dynamics, centre, at):
    """Write the proposal y."""
    zero = nothing()
    strength, precision, step_size = dynamics.strength, dynamics.precision, dynamics.step_size
    root = np.sqrt(step_size)
    for k in range(centre.shape[0]):
        w = load(at.w, k, zero)
        drift = strength * load(at.fx, k, zero) + precision * (w - centre[k])
        store(at.y, k, w - 0.5 * step_size * drift + root * load(at.noise, k, zero))


@njit
def _log_ratio(dynamics, centre, at):
    """Return the log of the Metropolis ratio of a move from w to y by fx, where fy would lead on from y."""
    strength, precision, step_size = dynamics.strength, dynamics.precision, dynamics.step_size
    zero = nothing()
    reversal = zero
    change = load(at.new, 0, zero) - load(at.loss, 0, zero)
    log_ratio = -strength * change  # differences first, so that a large strength costs no digits
    for k in range(centre.shape[0]):
        w, y = load(at.w, k, zero), load(at.y, k, zero)
        moved = y - w
        x0, y0 = w - centre[k], y - centre[k]
        there = moved + 0.5 * step_size * (strength * load(at.fx, k, zero) + precision * x0)
        back = -moved + 0.5 * step_size * (strength * load(at.fy, k, zero) + precision * y0)
        log_ratio -= 0.5 * precision * moved * (x0 + y0)
        reversal += there * there - back * back
    return log_ratio + 0.5 * reversal / step_size


@njit
def _record(dynamics, centre, at, totals):
    """Add to ``totals`` (see ``SUMS``) what the gradient and its estimate say at w; return |w - centre|^2."""
    zero = nothing()
    distance = zero
    force2, pulled = load(totals, 1, zero), load(totals, 2, zero)
    virial, noise2 = load(totals, 3, zero), load(totals, 4, zero)
    for k in range(centre.shape[0]):
        away = load(at.w, k, zero) - centre[k]
        gradient = load(at.gx, k, zero)
        pull = dynamics.strength * gradient
        force = pull + dynamics.precision * away
        distance += away * away
        force2 += force * force
        pulled += pull * force
        virial += away * force
        noise = dynamics.strength * (load(at.fx, k, zero) - gradient)
        noise2 += noise * noise
    store(totals, 1, force2)
    store(totals, 2, pulled)
    store(totals, 3, virial)
    store(totals, 4, noise2)
    return distance


@njit
def _accept(at):
    """Let every chain take what it has proposed."""
    zero = nothing()
    store(at.loss, 0, load(at.new, 0, zero))
    for k in range(at.w.size // WIDTH):
        store(at.w, k, load(at.y, k, zero))
        store(at.gx, k, load(at.gy, k, zero))
        store(at.fx, k, load(at.fy, k, zero))


@njit
def _take(source, target, s):
    """Copy what belongs to chain s."""
    for k in range(s, source.size, WIDTH):
        target[k] = source[k]


@njit
def _test(rng, at, s):
    """Let chain s take what it has proposed if the Metropolis test accepts it."""
    if -at.log_ratio[s] < rng.standard_exponential():  # false for NaN
        at.loss[s] = at.new[s]
        _take(at.y, at.w, s)
        _take(at.gy, at.gx, s)
        _take(at.fy, at.fx, s)


@njit
def _leave(at, totals, s, w, sums):
    """Write where chain s has ended, and its totals."""
    for k in range(w.shape[1]):
        w[s, k] = at.w[k * WIDTH + s]
    for k in range(SUMS):
        sums[s, k] = totals[k * WIDTH + s]


@njit
def chains(rngs, arrays, w, centre, dynamics, skip, excess, square, sums):
    """Move chains by w' = w - (step_size/2) g(w) + N(0, step_size), and record.

    g is the gradient of U = strength * loss + (precision/2) |w - centre|^2 or, with ``batch`` > 0, its
    estimate from so many samples drawn with replacement.  With ``metropolis`` a proposal is
    accepted with the probability min(1, exp(U(w) - U(w')) q(w | w') / q(w' | w)), where q(. | w) is the
    density of the proposal from w; else it always is, and that probability is only recorded.

    Parameters
    ----------
    rngs : tuple of ``TOGETHER`` Generators
        Those of the chains, and others that are not used.
    arrays : point.Arrays
    w : (m, d) array, moved
        m at most ``TOGETHER``; bits do not depend on the other chains.
    centre : (d,) array
    dynamics : Dynamics
    skip : int
        Steps that are not recorded, before the first that is.
    excess, square : (m, steps) arrays, written
        loss(w) - loss(centre) and |w - centre|^2 after each step, until the chain leaves the numbers.
    sums : (m, SUMS) array, written
        Means over the steps recorded, at their ends: of the acceptance probability, |grad U|^2,
        strength * grad loss . grad U, (w - centre) . grad U, and |g - grad U|^2.
    """
    batch = dynamics.batch
    m, d = w.shape
    at, rows = _walker(d, batch), make_rows(d // arrays.importance.shape[0] - 1, arrays.importance)
    totals, chosen = np.zeros(SUMS * WIDTH), np.empty((m, batch), dtype=np.int64)
    base, distance = np.empty(WIDTH), np.empty(WIDTH)
    left, leaving = np.zeros(m, dtype=np.bool_), 0
    for k in range(d * WIDTH):
        at.w[k], at.y[k] = w[min(k % WIDTH, m - 1), k // WIDTH], centre[k // WIDTH]
    store(base, 0, _loss(arrays, at.y, at.gy, m))
    store(at.loss, 0, _loss(arrays, at.w, at.gx, m))
    steps = excess.shape[1]
    for t in range(-skip, steps):
        if batch > 0:
            for s in range(m):
                for k in range(batch):
                    chosen[s, k] = rngs[s].integers(0, arrays.amplitude.shape[0])
            _estimate(arrays, chosen, at.w, rows, at.fx)
        _draw(rngs, m, at.noise)
        _propose(dynamics, centre, at)
        store(at.new, 0, _loss(arrays, at.y, at.gy, m))
        if batch > 0:
            _estimate(arrays, chosen, at.y, rows, at.fy)
        store(at.log_ratio, 0, _log_ratio(dynamics, centre, at))
        if not dynamics.metropolis:
            _accept(at)
        for s in range(m):
            if dynamics.metropolis:
                _test(rngs[s], at, s)
            if not left[s] and not abs(at.loss[s]) < np.inf:
                left[s] = True
                leaving += 1
                _leave(at, totals, s, w, sums)
        if leaving == m:
            break
        if t < 0:
            continue
        store(distance, 0, _record(dynamics, centre, at, totals))
        for s in range(m):
            if at.log_ratio[s] == at.log_ratio[s]:
                totals[s] += np.exp(min(0.0, at.log_ratio[s]))
            if not left[s]:
                excess[s, t] = at.loss[s] - base[s]
                square[s, t] = distance[s]
    for s in range(m):
        if not left[s]:
            _leave(at, totals, s, w, sums)
            for k in range(SUMS):
                sums[s, k] /= steps
