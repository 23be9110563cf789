"""Loss and gradient where several features are active at once: expectations of one output, by a tree.

Output j is relu(y), y = b + Σ a_i x_i with a_i = W_i·W_j, and costs E x_j² + E relu(y)² − 2 E x_j relu(y).
Where y has one sign over all inputs, these are moments.  Elsewhere one feature is integrated out, always the
longest (largest |a_i|): with V_n(z) = E relu(z + sum over the shorter features)ⁿ/n!,

    V_n(z) ← inactive · V_n(z) + active · (V_{n+1}(z + a_i) − V_{n+1}(z))/a_i.

The tree of these steps has 2^c leaves, fewer where a sign is known earlier.  A feature with a_i = 0 is never
divided by: all that are left vanish with it, and the sign of y is that of z.  What cancels is no larger than
powers of (sum of the |a| left)/(longest of them), which is at most their number: hence the order.  In a node
n-th powers are kept relative to the step that leads to it, so that nothing overflows.  The gradient goes the
tree back up.  Derivation 7 proves the identities.

Which features are active at once is said by three arrays (``kgon.potential.inputs``): the weights of a
feature that is inactive and active, and the weights of how many were active in all.  Where there is only one
of these, features are independent and nothing is counted.
"""

from __future__ import annotations

import numpy as np

from kgon.potential.kernels._jit import njit

ABSENT, PENDING, OFF, ON, SPLIT = 0, 1, 2, 3, 4
"""What is known of a node of the tree."""
LEAST = 2.0**-1015
"""Slopes below this, relative to the largest slope or bias of an output, are 0."""


@njit
def workspace(c, states):
    """Make the arrays that ``output_terms`` works in, for c features and so many counts of active ones.

    Returns
    -------
    weight, value : (2, 2^{c+1}, states, powers) arrays
        Of the nodes, without and with x_j.
    z : (2^{c+1},) array
    kind : (2^{c+1},) int array
    mu, adjoint : (2, c + 1, states, powers) arrays
        Moments of what is left at each depth, and the derivatives of the result in them.
    power : (6, c + 1, powers) array
        Powers of the scales, and Taylor coefficients of the steps.
    line : (6, c + 2) array
        Vectors by depth.
    order : (c,) int array
    """
    nodes, powers = 2 << c, c + 4
    return (
        np.zeros((2, nodes, states, powers)),
        np.zeros((2, nodes, states, powers)),
        np.empty(nodes),
        np.empty(nodes, dtype=np.int8),
        np.zeros((2, c + 1, states, powers)),
        np.zeros((2, c + 1, states, powers)),
        np.empty((6, c + 1, powers)),
        np.empty((6, c + 2)),
        np.empty(c, dtype=np.int64),
    )


@njit
def _arrange(a, b, power, line, order):
    """Sort features by |a|, the longest first, and write what depends on the depth alone.

    Returns the unit in which a and b are at most 1; 0 where all vanish.
    """
    c = a.shape[0]
    unit = abs(b)
    for k in range(c):
        m = k
        while m > 0 and abs(a[order[m - 1]]) < abs(a[k]):
            order[m] = order[m - 1]
            m -= 1
        order[m] = k
        unit = max(unit, abs(a[k]))
    slope, low, high, scale, sign = line[0], line[1], line[2], line[3], line[4]
    scale[0] = 1.0
    for m in range(c):
        x = a[order[m]] / unit if unit > 0.0 else 0.0
        slope[m] = 0.0 if abs(x) < LEAST else x
        scale[m + 1] = max(abs(slope[m]), LEAST)
        sign[m] = 1.0 if x > 0.0 else -1.0
        shrink, step = scale[m + 1] / scale[m], slope[m] / scale[m]
        grown, factorial, before = 1.0, 1.0, 0.0
        power[0, m, 0] = 1.0
        for q in range(m + 3):
            # κ^q; α^q/(q+1)! and its derivative in α; α^q/(q!(q+2)) and its derivative
            power[0, m, q + 1] = power[0, m, q] * shrink
            power[1, m, q] = grown / (factorial * (q + 1))
            power[2, m, q] = q * before / (factorial * (q + 1))
            power[3, m, q] = grown / (factorial * (q + 2))
            power[4, m, q] = q * before / (factorial * (q + 2))
            before = grown
            grown *= step
            factorial *= q + 1
    low[c] = high[c] = 0.0
    for m in range(c - 1, -1, -1):
        low[m] = low[m + 1] + min(slope[m], 0.0)
        high[m] = high[m + 1] + max(slope[m], 0.0)
    return unit


@njit
def _moments(place, inactive, active, accept, power, order, mu):
    """Write the moments E Yˡ/l!, and E x_j Yˡ/l!, of what is left at each depth, in units of its scale."""
    c, states = order.shape[0], accept.shape[0]
    counted = 1 if states > 1 else 0
    for t in range(states):
        for k in range(mu.shape[3]):
            mu[0, c, t, k] = accept[t] if k == 0 else 0.0
    for m in range(c - 1, -1, -1):
        u, v = inactive[order[m]], active[order[m]]
        for t in range(states):
            after = t + counted
            for k in range(m + 3):
                x, y = 0.0, 0.0
                if after < states:
                    for q in range(k + 1):
                        left = mu[0, m + 1, after, k - q] * power[0, m, k - q]
                        x += power[1, m, q] * left
                        if m == place:
                            y += power[3, m, q] * left
                        elif m < place:
                            y += power[1, m, q] * mu[1, m + 1, after, k - q] * power[0, m, k - q]
                mu[0, m, t, k] = u * mu[0, m + 1, t, k] * power[0, m, k] + v * x
                y *= v
                if m < place:
                    y += u * mu[1, m + 1, t, k] * power[0, m, k]
                mu[1, m, t, k] = y


@njit
def _moments_back(place, inactive, active, states, power, line, order, mu, adjoint, slopes):
    """Add to the slopes what they change in the moments, by the derivatives in these."""
    c = order.shape[0]
    counted = 1 if states > 1 else 0
    scale = line[3]
    for m in range(c):
        u, v = inactive[order[m]], active[order[m]]
        total = 0.0
        for x in range(2 if m <= place else 1):
            with_x = 1 if x == 1 and m < place else 0  # E x_j Yˡ comes from E Yˡ where x_j is integrated
            first, bent = (3, 4) if x == 1 and m == place else (1, 2)
            for t in range(states):
                after = t + counted
                for k in range(m + 3):
                    g = adjoint[x, m, t, k]
                    if g == 0.0:
                        continue
                    if x == 0 or m < place:
                        adjoint[with_x, m + 1, t, k] += g * u * power[0, m, k]
                    if after < states:
                        g *= v
                        for q in range(k + 1):
                            shrunk = g * power[0, m, k - q]
                            adjoint[with_x, m + 1, after, k - q] += shrunk * power[first, m, q]
                            total += shrunk * power[bent, m, q] * mu[with_x, m + 1, after, k - q]
        slopes[order[m]] += total / scale[m]


@njit
def _leaf(node, m, pending, states, z, scale, weight, value, mu, adjoint, power):
    """Write the values of a node where y > 0 for certain, and add its weights to the moments' adjoints."""
    term = power[5, 0]
    term[0] = 1.0
    for k in range(1, m + 3):
        term[k] = term[k - 1] * z / (scale * k)
    for x in range(2 if pending else 1):
        most = m + 2 - x
        for t in range(states):
            for n in range(1 - x, most + 1):
                total = 0.0
                for k in range(n + 1):
                    total += term[n - k] * mu[x, m, t, k]
                value[x, node, t, n] = total
            for k in range(most + 1):
                total = 0.0
                for n in range(max(k, 2 - x), most + 1):
                    total += weight[x, node, t, n] * term[n - k]
                adjoint[x, m, t, k] += total


@njit
def _split(node, m, place, u, v, sign, states, weight, power):
    """Write the weights of the two nodes below one, where feature m is integrated."""
    counted = 1 if states > 1 else 0
    with_a = v * sign
    for below in (2 * node, 2 * node + 1):
        weight[:, below, :, : m + 4] = 0.0
    for x in range(2 if m <= place else 1):
        for t in range(states):
            after = t + counted
            for n in range(2 - x, m + 3 - x):
                w = weight[x, node, t, n] * power[0, m, n]
                if x == 1 and m == place:
                    if after < states:
                        weight[0, 2 * node, after, n + 2] += v * w
                        weight[0, 2 * node + 1, after, n + 2] -= v * w
                        weight[0, 2 * node + 1, after, n + 1] += with_a * w
                    continue
                weight[x, 2 * node, t, n] += u * w
                if after < states:
                    weight[x, 2 * node, after, n + 1] -= with_a * w
                    weight[x, 2 * node + 1, after, n + 1] += with_a * w


@njit
def _joined(node, m, place, u, v, sign, slope, states, weight, value, power):
    """Write the values of a node from the two below, and return the derivative in the slope of feature m."""
    counted = 1 if states > 1 else 0
    low, high = 2 * node, 2 * node + 1
    total = 0.0
    for t in range(states):
        after = t + counted
        inside = after < states
        for x in range(2 if m < place else 1):
            for n in range(1 - x, m + 3 - x):
                y = u * value[x, low, t, n]
                if inside:
                    change = sign * (value[x, high, after, n + 1] - value[x, low, after, n + 1])
                    y += v * change
                    if n >= 2 - x:
                        w = weight[x, node, t, n] * power[0, m, n]
                        total += w * (value[x, high, after, n] - change)
                value[x, node, t, n] = y * power[0, m, n]
        if m == place:
            for n in range(m + 2):
                y = 0.0
                if inside:
                    change = value[0, high, after, n + 2] - value[0, low, after, n + 2]
                    end = sign * value[0, high, after, n + 1]
                    y = v * (end - change)
                    if n >= 1:
                        w = weight[1, node, t, n] * power[0, m, n]
                        total += w * (value[0, high, after, n] - 2.0 * (end - change))
                value[1, node, t, n] = y * power[0, m, n]
    return total * v / slope


@njit
def output_terms(a, b, j, inactive, active, accept, slopes, work):
    """Compute E relu(y)² − 2 E x_j relu(y) and its derivatives in a and b (written to ``slopes``, b last)."""
    weight, value, z, kind, mu, adjoint, power, line, order = work
    c, states = a.shape[0], accept.shape[0]
    unit = _arrange(a, b, power, line, order)
    slope, low, high, scale, sign = line[0], line[1], line[2], line[3], line[4]
    slopes[:] = 0.0
    kind[:] = ABSENT
    kind[1], z[1] = PENDING, (b / unit if unit > 0.0 else 0.0)
    if z[1] + high[0] <= 0.0 and z[1] + low[0] < 0.0:
        return 0.0
    place = 0
    for m in range(c):
        if order[m] == j:
            place = m
    _moments(place, inactive, active, accept, power, order, mu)
    adjoint[:] = 0.0
    weight[:, 1] = 0.0
    weight[0, 1, 0, 2], weight[1, 1, 0, 1] = 2.0 * unit, -2.0
    certain = False
    for m in range(c + 1):
        for node in range(1 << m, 2 << m):
            if kind[node] == ABSENT:
                continue
            if z[node] + low[m] >= 0.0:
                kind[node] = ON
                certain = True
                _leaf(node, m, m <= place, states, z[node], scale[m], weight, value, mu, adjoint, power)
            elif z[node] + high[m] <= 0.0:
                kind[node] = OFF
                value[:, node] = 0.0
            else:
                kind[node] = SPLIT
                kind[2 * node] = kind[2 * node + 1] = PENDING
                z[2 * node], z[2 * node + 1] = z[node], z[node] + slope[m]
                u, v = inactive[order[m]], active[order[m]]
                _split(node, m, place, u, v, sign[m], states, weight, power)
    for m in range(c - 1, -1, -1):
        u, v = inactive[order[m]], active[order[m]]
        for node in range(1 << m, 2 << m):
            if kind[node] == SPLIT:
                slopes[order[m]] += _joined(
                    node, m, place, u, v, sign[m], slope[m], states, weight, value, power
                )
    if certain:
        _moments_back(place, inactive, active, states, power, line, order, mu, adjoint, slopes)
    slopes[c] = 2.0 * (unit * value[0, 1, 0, 1] - value[1, 1, 0, 0])
    return 2.0 * unit * (unit * value[0, 1, 0, 2] - value[1, 1, 0, 1])


@njit
def loss_gradient(W, b, importance, second, inactive, active, accept, grad_W, grad_b, work, a, slopes):
    """Compute the loss and its gradient (written) at one point.

    Parameters
    ----------
    W, grad_W : (r, c) arrays
    b, grad_b, importance : (c,) arrays
    second : (c,) array
        E x_j².
    inactive, active, accept : arrays
        See ``kgon.potential.inputs``.
    work : tuple
        See ``workspace``.
    a, slopes : (c,) and (c + 1,) arrays
        Room.
    """
    r, c = W.shape
    loss = 0.0
    grad_W[:] = 0.0
    for j in range(c):
        for i in range(c):
            a[i] = 0.0
            for h in range(r):
                a[i] += W[h, i] * W[h, j]
        loss += importance[j] * (second[j] + output_terms(a, b[j], j, inactive, active, accept, slopes, work))
        for i in range(c):
            g = importance[j] * slopes[i]
            for h in range(r):
                grad_W[h, i] += g * W[h, j]
                grad_W[h, j] += g * W[h, i]
        grad_b[j] = importance[j] * slopes[c]
    return loss


@njit
def evaluate_points(W, b, importance, second, inactive, active, accept, loss, grad_W, grad_b):
    """Compute loss and gradient (all written) of m points: W (m, r, c), b (m, c)."""
    c = b.shape[1]
    work = workspace(c, accept.shape[0])
    a, slopes = np.empty(c), np.empty(c + 1)
    for k in range(W.shape[0]):
        loss[k] = loss_gradient(
            W[k], b[k], importance, second, inactive, active, accept, grad_W[k], grad_b[k], work, a, slopes
        )
