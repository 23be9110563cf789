"""The nearest k-gon modulo O(2) × S_c: exhaustive over assignments, with lower bounds.

For one assignment of columns z_i (complex numbers) to vertices u_j, turning the point by θ leaves
``Σ|z|² + Σ|u|² − 2|Σ ū z| cos(θ − θ₀)``.  Mirror images need not be tried beside all assignments, as the
polygons are their own mirror images.  The assignments are searched depth first; a branch is left when its
part of this, at its own best angle, and a bound of the rest exceed the best distance known.

Columns that may move (``flat_sets``) make the distance depend on θ in another way.  It is then minimised
over θ by bisection with lower bounds of second order, up to ``ANGLE_TOLERANCE``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from kgon.potential.kernels import flat_sets
from kgon.potential.kernels._jit import njit

ANGLE_TOLERANCE = 1e-10
"""Relative accuracy of the squared distance in the search over angles."""
MOST_ANGLES = 4000
"""Angles after which that search is given up, where the distance does not depend on the angle."""


class Targets(NamedTuple):
    """The k-gons of c features; one row each.

    Attributes
    ----------
    positive : float
        1/(2c).
    k, sigma : (t,) int arrays
    length, bias : (t,) arrays
        Of a live column.
    movable : (t,) bool array
        Dead and switched-off columns may move while the live ones stay: σ = 0, and some are left beside
        the whole 4-gon, which pins every W to 0.
    slots : (t,) int array
        Columns that are assigned one by one: the live ones if ``movable``, else all of the polygon.
    x, y : (t, c) arrays
        The vertex of each slot.
    rival : (t, c) int array
        A slot whose column must come first, as a rotation of the polygon exchanges the two (−1: none).
    off : (t, c) bool array
        The slot is switched off.
    box : (t, 4) array
        Where a movable column's W may be beside a 4-gon (``flat_sets.beside_square``).
    """

    positive: Any
    k: Any
    sigma: Any
    length: Any
    bias: Any
    movable: Any
    slots: Any
    x: Any
    y: Any
    rival: Any
    off: Any
    box: Any


@njit
def _place_cost(targets, t, slot, bias):
    """Cost of a column's bias in a slot; its W is compared with the vertex."""
    if targets.off[t, slot]:
        return max(bias + targets.length[t] ** 2, 0.0) ** 2
    return (bias - targets.bias[t]) ** 2


@njit
def _least_rest(targets, t, norm, bias):
    """A lower bound, over all rotations, of a column's squared distance to where it is no vertex."""
    if not targets.movable[t]:
        return norm * norm + max(bias, 0.0) ** 2
    if targets.k[t] > 4:
        return flat_sets.beside_any_polygon(norm, bias, targets.k[t], targets.length[t], -targets.bias[t])
    return flat_sets.parabola(norm, bias)[1]


@njit
def _moved(targets, t, x, y, bias):
    """Squared distance of a movable column, and its derivative in the angle."""
    if targets.k[t] > 4:
        return flat_sets.beside_polygon(
            np.sqrt(x * x + y * y), np.arctan2(y, x), bias, targets.k[t], targets.length[t], -targets.bias[t]
        )
    return flat_sets.beside_square(x, y, bias, targets.box[t])


@njit
def turned(targets, t, W, b, aligned, reach, start, used, limit):
    """Find the least squared distance over rotations, for one assignment.

    Parameters
    ----------
    aligned, reach, start : float
        The columns at vertices have the squared distance ``aligned + 2·reach·(1 − cos(θ − start))``.
    used : (c,) bool array
        Columns at vertices; the others move.
    limit : float
        Squared distances from here on do not matter.
    """
    c = len(b)
    best = limit
    middles, halves = np.empty(128), np.empty(128)
    middles[0], halves[0] = start, 0.0
    depth, first = 1, True
    for _ in range(MOST_ANGLES):
        if depth == 0:
            break
        depth -= 1
        middle, half = middles[depth], halves[depth]
        offset = middle - start
        value = aligned + 4.0 * reach * np.sin(0.5 * offset) ** 2
        slope = 2.0 * reach * np.sin(offset)
        bend = -2.0 * reach * max(np.cos(offset) - half, -1.0)
        ca, sa = np.cos(middle), np.sin(middle)
        for i in range(c):
            if not used[i]:
                x, y = ca * W[0, i] - sa * W[1, i], sa * W[0, i] + ca * W[1, i]
                gap, turn = _moved(targets, t, x, y, b[i])
                value += gap
                slope += turn
                # The column keeps at least its distance from the plane between it and its foot.
                if gap > 0.0:
                    size = np.sqrt(x * x + y * y)
                    bend += 2.0 * (np.sqrt(gap) + size * half) * size
        best = min(best, value)
        if first:
            first = False
            least = aligned
            for i in range(c):
                if not used[i]:
                    least += _least_rest(targets, t, np.sqrt(W[0, i] ** 2 + W[1, i] ** 2), b[i])
            if value - least <= ANGLE_TOLERANCE * value or least >= best:
                return best
            # Beyond this angle the columns at vertices alone cost too much.
            most = np.pi
            if best - least < 4.0 * reach:
                most = 2.0 * np.arcsin(np.sqrt(0.25 * (best - least) / reach))
            for sign in (-0.5, 0.5):
                middles[depth], halves[depth] = start + sign * most, 0.5 * most
                depth += 1
            continue
        lowest = value - abs(slope) * half - 0.5 * max(bend, 0.0) * half * half
        if lowest < best * (1.0 - ANGLE_TOLERANCE) and depth < 126:
            for sign in (-0.5, 0.5):
                middles[depth], halves[depth] = middle + sign * half, 0.5 * half
                depth += 1
    return best


@njit
def assigned(targets, t, W, b, columns, limit):
    """Find the least squared distance over rotations to one k-gon with ``columns`` in its slots.

    Where columns may move, a value of at least ``limit`` may stand for any larger one.
    """
    c, slots = len(b), targets.slots[t]
    used = np.zeros(c, dtype=np.bool_)
    real, imaginary = 0.0, 0.0
    for s in range(slots):
        i = columns[s]
        used[i] = True
        real += targets.x[t, s] * W[0, i] + targets.y[t, s] * W[1, i]
        imaginary += targets.y[t, s] * W[0, i] - targets.x[t, s] * W[1, i]
    start = np.arctan2(imaginary, real)
    value, ca, sa = 0.0, np.cos(start), np.sin(start)
    for s in range(slots):
        i = columns[s]
        value += (ca * W[0, i] - sa * W[1, i] - targets.x[t, s]) ** 2
        value += (sa * W[0, i] + ca * W[1, i] - targets.y[t, s]) ** 2
        value += _place_cost(targets, t, s, b[i])
    if targets.movable[t]:
        return turned(targets, t, W, b, value, np.sqrt(real**2 + imaginary**2), start, used, limit)
    left = targets.sigma[t]
    for i in np.argsort(-b):
        if not used[i]:  # the largest biases are the positive ones
            wanted = targets.positive if left > 0 else min(b[i], 0.0)
            left -= 1
            value += W[0, i] ** 2 + W[1, i] ** 2 + (b[i] - wanted) ** 2
    return value


@njit
def _best(targets, t, W, b, norms, least, base, gains, order, limit, columns):
    """Least squared distance to one k-gon below ``limit``, else ``limit``; ``columns`` is written.

    ``least`` bounds every column at no vertex, ``base`` all of them together, ``gains`` what a column adds
    at a vertex, from below; ``order`` sorts the gains.
    """
    c, slots = len(b), targets.slots[t]
    used = np.zeros(c, dtype=np.bool_)
    rank = np.full(slots + 1, -1)
    # Sums over the filled slots: costs, gains of the columns, and Σ ū z.
    cost, taken = np.zeros(slots + 1), np.zeros(slots + 1)
    real, imaginary = np.zeros(slots + 1), np.zeros(slots + 1)
    length = targets.length[t]
    leaf = np.empty(slots, dtype=np.int64)
    if slots == 0:
        return assigned(targets, t, W, b, leaf, limit)
    best, s = limit, 0
    while s >= 0:
        if rank[s] >= 0:
            used[order[rank[s]]] = False
        rank[s] += 1
        rival = targets.rival[t, s]
        if rival >= 0:
            rank[s] = max(rank[s], rank[rival] + 1)
        while rank[s] < c and used[order[rank[s]]]:
            rank[s] += 1
        if rank[s] >= c:
            rank[s] = -1
            s -= 1
            continue
        i = order[rank[s]]
        used[i] = True
        ux, uy = targets.x[t, s], targets.y[t, s]
        cost[s + 1] = cost[s] + norms[i] * norms[i] + length * length + _place_cost(targets, t, s, b[i])
        taken[s + 1] = taken[s] + least[i]
        real[s + 1] = real[s] + ux * W[0, i] + uy * W[1, i]
        imaginary[s + 1] = imaginary[s] + uy * W[0, i] - ux * W[1, i]
        bound = base + cost[s + 1] - taken[s + 1] - 2.0 * np.sqrt(real[s + 1] ** 2 + imaginary[s + 1] ** 2)
        left = slots - s - 1
        for position in range(c):
            if left == 0:
                break
            if not used[order[position]]:
                bound += gains[order[position]]
                left -= 1
        if bound >= best:
            continue
        if s + 1 < slots:
            s += 1
            rank[s] = -1
            continue
        for j in range(slots):
            leaf[j] = order[rank[j]]
        # Once more, as a sum of squares: the bound has an error of 1e-16, its root one of 1e-8.
        value = assigned(targets, t, W, b, leaf, best)
        if value < best:
            best = value
            columns[:slots] = leaf[:slots]
    return best


@njit
def _bounds(targets, t, norms, b, by_bias, least, gains):
    """Fill ``least`` and ``gains`` of a k-gon (see ``_best``); return base, order, and a lower bound."""
    c, slots = len(b), targets.slots[t]
    length = targets.length[t]
    for i in range(c):
        least[i] = _least_rest(targets, t, norms[i], b[i])
        place = np.inf
        for s in range(slots):
            place = min(place, _place_cost(targets, t, s, b[i]))
        gains[i] = (norms[i] - length) ** 2 + place - least[i]
    base, left = 0.0, targets.sigma[t]
    for i in by_bias:
        base += least[i]
        if left > 0:  # no columns gain more by being positive than those of the largest biases
            base += (b[i] - targets.positive) ** 2 - max(b[i], 0.0) ** 2
            left -= 1
    order = np.argsort(gains)
    return base, order, base + gains[order[:slots]].sum()


@njit
def lower_bounds(targets, W, b):
    """Compute for every k-gon what ``_best`` needs, and a lower bound of the squared distance.

    Returns
    -------
    norms : (c,) array
    least, gains : (t, c) arrays
    base, bound : (t,) arrays
    order : (t, c) int array
    """
    c, count = len(b), len(targets.k)
    norms = np.sqrt(W[0] ** 2 + W[1] ** 2)
    by_bias = np.argsort(-b)
    least, gains = np.empty((count, c)), np.empty((count, c))
    order = np.empty((count, c), dtype=np.int64)
    base, bound = np.empty(count), np.empty(count)
    for t in range(count):
        base[t], order[t], bound[t] = _bounds(targets, t, norms, b, by_bias, least[t], gains[t])
    return norms, least, gains, base, bound, order


@njit
def nearest(targets, W, b, columns):
    """Find row and squared distance of the k-gon nearest to one point, W (2, c), b (c,).

    ``columns`` (c,) is written: the column in each slot of the row.
    """
    norms, least, gains, base, bound, order = lower_bounds(targets, W, b)
    best, found = np.inf, 0
    tried = np.zeros(len(b), dtype=np.int64)
    for t in np.argsort(bound):
        if bound[t] >= best:
            break
        value = _best(targets, t, W, b, norms, least[t], base[t], gains[t], order[t], best, tried)
        if value < best:
            best, found = value, t
            columns[:] = tried
    return found, best


@njit
def nearest_of_many(targets, W, b, row, squared, columns):
    """Find it for m points: W (m, 2, c), b (m, c); ``row``, ``squared`` (m,) and ``columns`` are written."""
    for p in range(len(b)):
        row[p], squared[p] = nearest(targets, W[p], b[p], columns[p])
