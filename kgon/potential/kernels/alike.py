"""Which points are one point modulo O(r) × S_c: compared by W_i·W_j and b, which fix W up to O(r)."""

from __future__ import annotations

import numpy as np

from kgon.potential.kernels._jit import njit

PART, UNHEARD, NO_PART = 0, 1, 2
"""Roles of a column: L depends on all of it; not on its bias; on nothing of it, nearby."""


@njit
def roles(gram, b, margin, out):
    """Write the role of every column: gram (c, c), b (c,), out (c,).

    An output that is off for every input leaves the bias free.  Its column takes no part if as an input it
    switches no output on either.

    Parameters
    ----------
    margin : float
        What counts as 0 in the comparisons, from above.
    """
    c = b.shape[0]
    for j in range(c):
        off = b[j] <= margin
        reaches = False
        for i in range(c):
            off = off and gram[i, j] + b[j] <= margin
            reaches = reaches or gram[j, i] + b[i] > margin or b[i] > margin
        out[j] = PART if not off else (UNHEARD if reaches else NO_PART)


@njit
def alike(gram, b, role, gram2, b2, role2, tol):
    """Say whether a permutation takes one point to the other within ``tol`` in every entry.

    Columns without a part are left out, and biases that are free.  Depth-first: column after column gets a
    partner that fits the columns before it.
    """
    c = b.shape[0]
    own, other = np.empty(c, dtype=np.int64), np.empty(c, dtype=np.int64)
    n = n2 = 0
    for j in range(c):
        if role[j] != NO_PART:
            own[n] = j
            n += 1
        if role2[j] != NO_PART:
            other[n2] = j
            n2 += 1
    if n != n2:
        return False
    partner = np.full(n + 1, -1)
    used = np.zeros(n, dtype=np.bool_)
    level = 0
    while level >= 0:
        if level == n:
            return True
        if partner[level] >= 0:
            used[partner[level]] = False
        j, found = own[level], False
        for candidate in range(partner[level] + 1, n):
            k = other[candidate]
            fits = not used[candidate] and role[j] == role2[k]
            fits = fits and (role[j] != PART or abs(b[j] - b2[k]) <= tol)
            for before in range(level + 1):
                if not fits:
                    break
                match = candidate if before == level else partner[before]
                fits = abs(gram[own[before], j] - gram2[other[match], k]) <= tol
            if fits:
                partner[level], used[candidate], found = candidate, True, True
                break
        if found:
            level += 1
            partner[level] = -1
        else:
            partner[level] = -1
            level -= 1
    return False


@njit
def classes(gram, b, role, loss, loss_tol, tol, out):
    """Write to out (m,) the position of the first point that each point is alike; ``loss`` is sorted."""
    m = loss.shape[0]
    first = 0
    leaders = np.empty(m, dtype=np.int64)
    count = 0
    for k in range(m):
        while first < count and loss[leaders[first]] < loss[k] - loss_tol:
            first += 1
        out[k] = k
        for place in range(first, count):
            leader = leaders[place]
            if alike(gram[leader], b[leader], role[leader], gram[k], b[k], role[k], tol):
                out[k] = leader
                break
        if out[k] == k:
            leaders[count] = k
            count += 1
