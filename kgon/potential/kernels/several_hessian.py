"""Hessian where several features are active at once: one expectation by the tree for each second derivative.

The tree is that of ``kernels.several``, carried down for one expectation E x^α relu(y)^k/k! at a time, with
α of degree up to three and k from 2 down to −1 (there relu^k/k! is the density of y at 0).
"""

from __future__ import annotations

import numpy as np

from kgon.potential.kernels._jit import njit
from kgon.potential.kernels.several import _arrange, output_terms, workspace


@njit
def _tails(alpha, inactive, active, accept, power, line, order, mu):
    """Write E x^α Yˡ/l! of what is left at each depth, in units of its scale, α cut to it as well."""
    c, states, most = order.shape[0], accept.shape[0], mu.shape[2]
    counted = 1 if states > 1 else 0
    for t in range(states):
        for k in range(most):
            mu[c, t, k] = accept[t] if k == 0 else 0.0
    for m in range(c - 1, -1, -1):
        u, v, q = inactive[order[m]], active[order[m]], alpha[order[m]]
        step = line[0, m] / line[3, m]
        for t in range(states):
            after = t + counted
            for k in range(m + 3):
                x = 0.0
                if after < states:
                    taylor = 1.0  # αⁱ/i!
                    for i in range(k + 1):
                        x += taylor / (i + q + 1) * mu[m + 1, after, k - i] * power[0, m, k - i]
                        taylor *= step / (i + 1)
                x *= v
                if q == 0:
                    x += u * mu[m + 1, t, k] * power[0, m, k]
                mu[m, t, k] = x


@njit
def expectation(bias, alpha, k, inactive, active, accept, power, line, order, weight, z, mu):
    """Compute E x^α relu(y)^k/k! in the units of ``several._arrange``, which has written power and line.

    Parameters
    ----------
    bias : float
        b in these units.
    alpha : (c,) int array
        Exponents, of sum at most 3; where k is the degree of the ReLU, k + their sum is at most 2.
    k : int
        2 to −1.
    weight : (2^{c+1}, states, powers) array
        Room; entry n of the last index belongs to degree n − 1.
    z : (2^{c+1},) array
        Room; NaN says that a node is not there.
    mu : (c + 1, states, powers) array
        Room.
    """
    c, states = order.shape[0], accept.shape[0]
    counted = 1 if states > 1 else 0
    slope, low, high, scale, sign = line[0], line[1], line[2], line[3], line[4]
    _tails(alpha, inactive, active, accept, power, line, order, mu)
    z[:] = np.nan
    z[1] = bias
    weight[1] = 0.0
    weight[1, 0, k + 1] = 1.0
    result = 0.0
    most = k
    for m in range(c + 1):
        for node in range(1 << m, 2 << m):
            here = z[node]
            if np.isnan(here) or (here + low[m] < 0.0 and here + high[m] <= 0.0):
                continue
            if here + low[m] >= 0.0:
                for t in range(states):
                    for n in range(max(k, 0), most + 1):
                        value, term = 0.0, 1.0
                        for i in range(n + 1):
                            value += term * mu[m, t, n - i]
                            term *= here / (scale[m] * (i + 1))
                        result += weight[node, t, n + 1] * value
                continue
            q, u, v = alpha[order[m]], inactive[order[m]], active[order[m]]
            without, with_a = 2 * node, 2 * node + 1
            z[without], z[with_a] = here, here + slope[m]
            weight[without] = 0.0
            weight[with_a] = 0.0
            shrink = scale[m + 1] / scale[m]
            for t in range(states):
                after = t + counted
                for n in range(k, most + 1):
                    w = weight[node, t, n + 1] * shrink**n
                    if q == 0:
                        weight[without, t, n + 1] += u * w
                    if after < states:
                        term = v * w * sign[m]  # (−1)ⁱ q!/(q−i)! signⁱ⁺¹
                        for i in range(q + 1):
                            weight[with_a, after, n + i + 2] += term
                            if i < q:
                                term *= -sign[m] * (q - i)
                        weight[without, after, n + q + 2] -= term
        if m < c:
            most += 1 + alpha[order[m]]
    return result


@njit
def _second(a, bias, j, inactive, active, accept, H, alpha, rooms):
    """Write the Hessian (c + 1, c + 1) of E relu(y)² − 2 E x_j relu(y) in a and, last, b."""
    power, line, order, weight, z, mu = rooms
    c = a.shape[0]
    unit = _arrange(a, bias, power, line, order)
    b = bias / unit if unit > 0.0 else 0.0
    alpha[:] = 0
    for i in range(c + 1):
        for k in range(i, c + 1):
            for x in (i, k):
                if x < c:
                    alpha[x] += 1
            H[i, k] = 2.0 * expectation(
                b, alpha, 0, inactive, active, accept, power, line, order, weight, z, mu
            )
            alpha[j] += 1
            dense = expectation(b, alpha, -1, inactive, active, accept, power, line, order, weight, z, mu)
            if dense != 0.0:
                H[i, k] -= 2.0 * dense / unit
            H[k, i] = H[i, k]
            alpha[:] = 0


@njit
def hessians(W, b, importance, inactive, active, accept, out):
    """Write the Hessians (m, d, d) of m points, in the flat parameter: W (m, r, c), b (m, c)."""
    m, r, c = W.shape
    d, nodes, states = c * (r + 1), 2 << c, accept.shape[0]
    work = workspace(c, states)
    rooms = (
        work[6], work[7], work[8], np.empty((nodes, states, c + 6)), np.empty(nodes),
        np.zeros((c + 1, states, c + 4)),
    )  # fmt: skip
    a, H, alpha = np.empty(c), np.empty((c + 1, c + 1)), np.zeros(c, dtype=np.int64)
    slopes, turn, bent = np.empty(c + 1), np.empty((c + 1, d)), np.empty((c + 1, d))
    for k in range(m):
        w, total = W[k], out[k]
        total[:] = 0.0
        for j in range(c):
            turn[:] = 0.0  # the derivatives of a and b in w
            turn[c, r * c + j] = 1.0
            for i in range(c):
                a[i] = 0.0
                for h in range(r):
                    a[i] += w[h, i] * w[h, j]
                    turn[i, h * c + i] += w[h, j]
                    turn[i, h * c + j] += w[h, i]
            output_terms(a, b[k, j], j, inactive, active, accept, slopes, work)
            _second(a, b[k, j], j, inactive, active, accept, H, alpha, rooms)
            for i in range(c):
                for h in range(r):
                    total[h * c + i, h * c + j] += importance[j] * slopes[i]
                    total[h * c + j, h * c + i] += importance[j] * slopes[i]
            bent[:] = 0.0
            for i in range(c + 1):
                for x in range(c + 1):
                    bent[i] += importance[j] * H[i, x] * turn[x]
            for i in range(c + 1):
                for x in range(d):
                    if turn[i, x] != 0.0:
                        total[x] += turn[i, x] * bent[i]
