"""Empirical loss of one-hot samples through sorted prefix sums: O(c² log n) per evaluation.

The samples of each feature are sorted by amplitude, and the prefix sums of μ and μ² are kept.  A
pair (i, j) then needs one binary search for the amplitude −b_j / W_i·W_j at which output j
switches, and the sums over the active samples follow from two prefix sums.
"""

from __future__ import annotations

import numpy as np

from kgon.potential.kernels._jit import njit
from kgon.potential.kernels.pairs import FALLING, OFF, ON, region


@njit
def prefix_sums(amplitude, start, power1, power2):
    """Write the prefix sums of μ and μ² per feature, each compensated by Knuth's two-sum.

    Parameters
    ----------
    amplitude : (n,) array, sorted within each feature
    start : (c + 1,) int array
        Samples start[i] … start[i + 1] − 1 belong to feature i.
    power1, power2 : (n + c,) arrays, written
        Feature i occupies start[i] + i … start[i + 1] + i; its first entry is 0.
    """
    for i in range(start.shape[0] - 1):
        sum1 = sum2 = lost1 = lost2 = 0.0
        at = start[i] + i
        power1[at] = power2[at] = 0.0
        for n in range(start[i], start[i + 1]):
            x = amplitude[n]
            y = x * x
            new1 = sum1 + x
            back1 = new1 - sum1
            lost1 += (sum1 - (new1 - back1)) + (x - back1)
            sum1 = new1
            new2 = sum2 + y
            back2 = new2 - sum2
            lost2 += (sum2 - (new2 - back2)) + (y - back2)
            sum2 = new2
            at += 1
            power1[at] = sum1 + lost1
            power2[at] = sum2 + lost2


@njit
def _first_above(amplitude, low, high, kink):
    """First index in low … high whose amplitude exceeds kink, and the number of probes."""
    probes = 0
    while low < high:
        middle = (low + high) // 2
        probes += 1
        if amplitude[middle] > kink:
            high = middle
        else:
            low = middle + 1
    return low, probes


@njit
def _active(a, bias, amplitude, low, high):
    """Return between which of amplitude[low:high] the ReLU of a·μ + bias is active, and the look-ups."""
    code = region(a, bias)
    if code == ON:
        return low, high, 0
    if code == OFF:
        return low, low, 0
    found, used = _first_above(amplitude, low, high, -bias / a)
    if code == FALLING:
        return low, found, used
    return found, high, used


@njit
def loss_gradient(W, b, importance, amplitude, start, power1, power2, grad_W, grad_b):
    """Compute the empirical loss, its gradient (written) and the number of amplitudes looked at.

    Parameters
    ----------
    W : (r, c) array
    b : (c,) array
    importance : (c,) array
    amplitude, start, power1, power2 : see ``prefix_sums``
    grad_W, grad_b : (r, c) and (c,) arrays, written
    """
    r, c = W.shape
    total = start[c]
    grad_W[:] = 0.0
    grad_b[:] = 0.0
    loss = 0.0
    probes = 0
    for i in range(c):
        low, high = start[i], start[i + 1]
        for j in range(c):
            a = 0.0
            for h in range(r):
                a += W[h, i] * W[h, j]
            begin, end, used = _active(a, b[j], amplitude, low, high)
            left, right = begin + i, end + i  # the sums of each feature have one entry more
            probes += used
            n0 = float(end - begin)
            n1 = power1[right] - power1[left]
            n2 = power2[right] - power2[left]
            linear1 = a * n2 + b[j] * n1  # sum of mu * relu
            linear0 = a * n1 + b[j] * n0  # sum of relu
            value = a * linear1 + b[j] * linear0
            slope_a, slope_b = 2.0 * linear1, 2.0 * linear0
            if i == j:
                value += power2[high + i] - 2.0 * linear1
                slope_a -= 2.0 * n2
                slope_b -= 2.0 * n1
            weight = importance[j] / total
            loss += weight * value
            grad_b[j] += weight * slope_b
            for h in range(r):
                grad_W[h, i] += weight * slope_a * W[h, j]
                grad_W[h, j] += weight * slope_a * W[h, i]
    return loss, probes


def empty_prefix(n: int, c: int) -> tuple[np.ndarray, np.ndarray]:
    """Make uninitialised arrays for ``prefix_sums``."""
    return np.empty(n + c), np.empty(n + c)
