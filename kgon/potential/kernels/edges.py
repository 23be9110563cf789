"""Coverings of the two lemmas on edges: lower bounds on boxes and the search for a covering, in floats.

What is found here is a proposal: ``kgon.proofs.global_minimum`` proves each leaf in ball arithmetic.  The
lemmas and the bounds are those of derivation 06.  A tree is written as the bytes of its nodes in
preorder: ``0`` … ``4`` halves the box along that axis, a letter closes it with a reason.

Parameters of the lemma on two variables (m, θ): κ, T and the box ``near``; of the one on five
(B, τ, α, b, b_y): κ, T, V, V − V′ and δ.
"""

from __future__ import annotations

import math

import numpy as np

from kgon.potential.kernels import pairs
from kgon.potential.kernels._jit import njit

NEIGHBOURS, ALONE, NEAR = 104, 113, 110  # h, q, n
STAR, PAIR, VIOL = 115, 112, 118  # s, p, v
DIGIT = 48  # "0"
COVERED, BUDGET, NEGATIVE = 0, 1, 2
"""How a search ended; NEGATIVE: the statement is false at the point returned."""
FALSE = -1e-9
"""A value below this at the middle of a box ends the search; rounding is below 1e-15."""


@njit
def _off(a, b):
    f, _, _ = pairs.off_gradient(a, b)
    return f / 3.0


@njit
def _diag(n, b):
    f, _, _ = pairs.diag_gradient(n, b)
    return f / 3.0


@njit
def _two_bound(lo, hi, parameters):
    """The best lower bound of H + κθ − T on a box, and its letter."""
    kappa, level = parameters[0], parameters[1]
    inside = lo[0] >= parameters[2] and hi[0] <= parameters[3]
    if inside and lo[1] >= parameters[4] and hi[1] <= parameters[5]:
        return 1.0, NEAR
    q = 1.0 - lo[0]
    rest = kappa * lo[1] - level
    alone = 1.0 / 3.0 - q * (2.0 + lo[0]) ** 2 / 12.0 + rest
    t = math.cos(hi[1])
    over = max(t - hi[0], 0.0)
    bottom = (1.0 - hi[0]) ** 3 + 2.0 * over * over * over / t
    top = q * q * (2.0 + lo[0])
    with_them = (1.0 - top * top / (4.0 * bottom)) / 3.0 + rest if bottom > 0.0 else -1.0
    return (alone, ALONE) if alone >= with_them else (with_them, NEIGHBOURS)


@njit
def _diag_bound(n_lo, n_hi, b_lo, b_hi):
    """D⁺ at the upper corner and D⁻ at the lower one."""
    high = max(_diag(n_hi, b_hi) - _off(n_hi - 1.0, b_hi), 0.0)
    return high + _off(n_lo - 1.0, b_lo)


@njit
def _five_bound(lo, hi, parameters):
    """The best of the lower bounds of star, pair and viol on a box, and its letter."""
    kappa, level, total, room, delta = parameters
    a = lo[0] * lo[1]
    own = _diag_bound(a * lo[1], hi[0] * hi[1] * hi[1], lo[3], hi[3])
    other = _diag_bound(lo[0] / math.cos(lo[2]) ** 2, hi[0] / math.cos(hi[2]) ** 2, lo[4], hi[4])
    both = _off(a, lo[3]) + _off(a, lo[4])
    star = own + both + min(max(lo[3], 0.0) ** 2, delta) - room
    pair = own + other + both - total
    viol = 0.5 * (own + other) + both + kappa * lo[2] - level
    if star >= pair and star >= viol:
        return star, STAR
    return (pair, PAIR) if pair >= viol else (viol, VIOL)


@njit
def _bound(lo, hi, parameters):
    return _two_bound(lo, hi, parameters) if lo.size == 2 else _five_bound(lo, hi, parameters)


@njit
def _axis(lo, hi, parameters, scale):
    """The axis whose halving leaves the least to be shown, wide sides preferred a little."""
    best, axis = -np.inf, 0
    for i in range(lo.size):
        middle, low, high = 0.5 * (lo[i] + hi[i]), lo[i], hi[i]
        hi[i] = middle
        lower, _ = _bound(lo, hi, parameters)
        hi[i], lo[i] = high, middle
        upper, _ = _bound(lo, hi, parameters)
        lo[i] = low
        score = min(lower, 0.0) + min(upper, 0.0) + 0.01 * scale[i] * (high - low)
        if score > best:
            best, axis = score, i
    return axis


@njit
def cover(lo, hi, parameters, scale, sure, codes):
    """Search a covering of the box [lo, hi], depth first.

    Parameters
    ----------
    lo, hi : (2,) or (5,) floats
    parameters : floats
        See the head of this module.
    scale : (2,) or (5,) floats
        Weights of the sides when an axis is chosen.
    sure : float
        Least bound of a leaf; the rounding is below 1e-15.
    codes : (size,) uint8
        Filled with the nodes in preorder; its size is the budget.

    Returns
    -------
    status, nodes : int
    point : floats
        The middle of the last box; where the status is NEGATIVE the statement is false there.
    """
    d = lo.size
    stack = np.empty((4096, 2, d))
    stack[0, 0], stack[0, 1] = lo, hi
    top, nodes = 1, 0
    point = 0.5 * (lo + hi)
    while top > 0:
        if nodes == codes.size or top + 2 > stack.shape[0]:
            return BUDGET, nodes, point
        top -= 1
        low, high = stack[top, 0].copy(), stack[top, 1].copy()
        value, letter = _bound(low, high, parameters)
        if value > sure:
            codes[nodes] = letter
            nodes += 1
            continue
        point = 0.5 * (low + high)
        there, _ = _bound(point, point, parameters)  # on a single point the bound is the value
        if there < FALSE:
            return NEGATIVE, nodes, point
        axis = _axis(low, high, parameters, scale)
        codes[nodes] = DIGIT + axis
        nodes += 1
        stack[top, 0], stack[top, 1] = low, high
        stack[top, 0, axis] = point[axis]  # the upper half waits below the lower one
        stack[top + 1, 0], stack[top + 1, 1] = low, high
        stack[top + 1, 1, axis] = point[axis]
        top += 2
    return COVERED, nodes, point
