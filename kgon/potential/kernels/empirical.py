"""Empirical loss of one-hot samples through sorted prefix sums: at most O(c² log n) per evaluation.

The samples of each feature are sorted by amplitude, and the prefix sums of μ and μ² are kept.  A pair (i, j)
then needs to know how many amplitudes are below −b_j / W_i·W_j, where output j switches: a table says it by
buckets of equal width, and a binary search within the bucket, where there are seldom two, says the rest.  The
sums over the active samples follow from two prefix sums.  Nothing branches on the region of a pair: which it
is could not be foretold, and a processor that guesses wrong waits longer than the arithmetic takes.

``WIDTH`` points side by side share the arithmetic; the searches are done for one after the other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kgon.potential.kernels._jit import njit
from kgon.potential.kernels._lanes import WIDTH, load, nothing, store

BUCKETS, MOST_BUCKETS = 4, 1 << 16
"""Buckets for every sample of a feature, and at most for all of them."""


@njit
def buckets(n):
    """Return the number of buckets of a feature with n samples; its part of the table is one longer."""
    return min(max(BUCKETS * n, 1), MOST_BUCKETS)


def table_size(start: NDArray[np.int64]) -> int:
    """Return the size of the table of all features."""
    return sum(buckets(n) + 1 for n in np.diff(start).tolist())


@njit
def _bucket(x, count):
    """Find the bucket of x; x outside [0, 1], or NaN, has the first or the last."""
    at = x * count
    at = at if at > 0.0 else 0.0
    return int(at if at < count - 1.0 else count - 1.0)


@njit
def fill_table(amplitude, start, table):
    """Write for every bucket of every feature the first sample that is in this bucket or a later one.

    A feature's part ends with the first sample of the next feature.

    Parameters
    ----------
    amplitude, start : see ``prefix_sums``
    table : (``table_size(start)``,) int array, written
    """
    first = 0
    for i in range(start.size - 1):
        count, at = buckets(start[i + 1] - start[i]), start[i]
        for k in range(count):
            while at < start[i + 1] and _bucket(amplitude[at], count) < k:
                at += 1
            table[first + k] = at
        table[first + count] = start[i + 1]
        first += count + 1


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
        if amplitude[middle] <= kink:  # never for NaN
            low = middle + 1
        else:
            high = middle
    return low, probes


@njit
def _terms(a, bias, n0, n1, n2):
    """Compute the sum of an output's squares, that of μ times the output, and half the slopes of the first.

    Parameters
    ----------
    a, bias : floats or lanes
        The output is aμ + bias on the samples where it is on.
    n0, n1, n2 : floats or lanes
        The sums of 1, μ and μ² over these samples.
    """
    linear1 = a * n2 + bias * n1  # sum of mu * relu
    linear0 = a * n1 + bias * n0  # sum of relu
    return a * linear1 + bias * linear0, linear1, 2.0 * linear1, 2.0 * linear0


@njit
def loss_gradient(W, b, importance, amplitude, start, power1, power2, table, grad_W, grad_b):
    """Compute the empirical loss, its gradient (written) and the number of amplitudes looked at.

    Parameters
    ----------
    W : (r, c) array
    b : (c,) array
    importance : (c,) array
    amplitude, start, power1, power2, table : see ``prefix_sums``, ``fill_table``
    grad_W, grad_b : (r, c) and (c,) arrays, written
    """
    r, c = W.shape
    total = start[c]
    grad_W[:] = 0.0
    grad_b[:] = 0.0
    loss = 0.0
    first = probes = 0
    for i in range(c):
        low, high = start[i], start[i + 1]
        count = buckets(high - low)
        for j in range(c):
            a = 0.0
            for h in range(r):
                a += W[h, i] * W[h, j]
            bias = b[j]
            kink = -bias / a  # outside [0, 1], or NaN for 0/0, where no amplitude switches
            at = first + _bucket(kink, count)
            found, used = _first_above(amplitude, table[at], table[at + 1], kink)
            probes += used
            begin = found if a >= 0.0 else low
            end = high if a >= 0.0 else found
            left, right = begin + i, end + i  # the sums of each feature have one entry more
            value, linear1, slope_a, slope_b = _terms(
                a, bias, float(end - begin), power1[right] - power1[left], power2[right] - power2[left]
            )
            if i == j:
                n1, n2 = power1[right] - power1[left], power2[right] - power2[left]
                value += power2[high + i] - 2.0 * linear1
                slope_a -= 2.0 * n2
                slope_b -= 2.0 * n1
            weight = importance[j] / total
            loss += weight * value
            grad_b[j] += weight * slope_b
            for h in range(r):
                grad_W[h, i] += weight * slope_a * W[h, j]
                grad_W[h, j] += weight * slope_a * W[h, i]
        first += count + 1
    return loss, probes


@njit
def _found(amplitude, low, high, kink):
    """Return what ``_first_above`` finds, without a branch in the usual range of none or one."""
    if high - low > 1:
        return _first_above(amplitude, low, high, kink)[0]
    return low + ((low < high) & (amplitude[min(low, amplitude.size - 1)] <= kink))


@njit
def _look_up(i, first, arrays, products, kinks, used, sums):
    """Write the sums of 1, μ and μ² over the samples of feature i that switch each output on.

    Parameters
    ----------
    i, first : int
        The feature, and where its part of the table begins.
    arrays : tuple
        ``amplitude, start, power1, power2, table``.
    products, kinks : (c, WIDTH) arrays
        W_i·W_j and -b_j / W_i·W_j, by j and point.
    used : int
        Points that there are.
    sums : (3, c, WIDTH) array, written
    """
    amplitude, start, power1, power2, table = arrays
    low, high = start[i], start[i + 1]
    count = buckets(high - low)
    for j in range(kinks.shape[0]):
        for s in range(used):
            kink, rising = kinks[j, s], products[j, s] >= 0.0
            at = first + _bucket(kink, count)
            found = _found(amplitude, table[at], table[at + 1], kink)
            begin = found if rising else low
            end = high if rising else found
            left, right = begin + i, end + i
            sums[0, j, s] = float(end - begin)
            sums[1, j, s] = power1[right] - power1[left]
            sums[2, j, s] = power2[right] - power2[left]


@njit
def side_by_side(W, b, importance, amplitude, start, power1, power2, table, grad_W, grad_b, used):
    """Compute what ``loss_gradient`` does for lanes of points, the same operations in the same order.

    Parameters
    ----------
    W, grad_W : contiguous arrays of r·c lanes, row-major
    b, grad_b : contiguous arrays of c lanes
    importance, amplitude, start, power1, power2, table : arrays
        See ``loss_gradient``.
    used : int
        Lanes that hold a point; what the others get means nothing.
    """
    c, zero = importance.shape[0], nothing()
    r = W.size // b.size
    total, first = start[c], start[0]  # 0, but no constant, for which Numba would compile another copy
    products, kinks, sums = np.zeros((c, WIDTH)), np.zeros((c, WIDTH)), np.zeros((3, c, WIDTH))
    for k in range(r * c):
        store(grad_W, k, zero)
    for k in range(c):
        store(grad_b, k, zero)
    loss = zero
    for i in range(c):
        low, high = start[i], start[i + 1]
        for j in range(c):
            a = zero
            for h in range(r):
                a += load(W, h * c + i, zero) * load(W, h * c + j, zero)
            store(products, j, a)
            store(kinks, j, -load(b, j, zero) / a)
        _look_up(i, first, (amplitude, start, power1, power2, table), products, kinks, used, sums)
        for j in range(c):
            n1, n2 = load(sums, c + j, zero), load(sums, 2 * c + j, zero)
            value, linear1, slope_a, slope_b = _terms(
                load(products, j, zero), load(b, j, zero), load(sums, j, zero), n1, n2
            )
            if i == j:
                value += power2[high + i] - 2.0 * linear1
                slope_a -= 2.0 * n2
                slope_b -= 2.0 * n1
            weight = importance[j] / total
            loss += weight * value
            store(grad_b, j, load(grad_b, j, zero) + weight * slope_b)
            slope_a = weight * slope_a
            for h in range(r):
                x, y = h * c + i, h * c + j
                store(grad_W, x, load(grad_W, x, zero) + slope_a * load(W, y, zero))
                store(grad_W, y, load(grad_W, y, zero) + slope_a * load(W, x, zero))
        first += buckets(high - low) + 1
    return loss
