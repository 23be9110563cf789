"""Empirical loss of one-hot samples through sorted prefix sums: at most O(c² log n) per evaluation.

The samples of each feature are sorted by amplitude, and the prefix sums of μ and μ² are kept.  A pair (i, j)
then needs to know how many amplitudes are below −b_j / W_i·W_j, where output j switches: a table says it by
buckets of equal width, and a binary search within the bucket, where there are seldom two, says the rest.  The
sums over the active samples follow from two prefix sums.  Nothing branches on the region of a pair: which it
is could not be foretold, and a processor that guesses wrong waits longer than the arithmetic takes.
"""

from __future__ import annotations

from kgon.potential.kernels._jit import njit

BUCKETS, MOST_BUCKETS = 4, 1 << 16
"""Buckets for every sample of a feature, and at most for all of them."""


@njit
def buckets(n):
    """Return the number of buckets of a feature with n samples; its part of the table is one longer."""
    return min(max(BUCKETS * n, 1), MOST_BUCKETS)


@njit
def table_size(start):
    """Return the size of the table of all features."""
    size = 0
    for i in range(start.size - 1):
        size += buckets(start[i + 1] - start[i]) + 1
    return size


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
            n0 = float(end - begin)
            n1 = power1[right] - power1[left]
            n2 = power2[right] - power2[left]
            linear1 = a * n2 + bias * n1  # sum of mu * relu
            linear0 = a * n1 + bias * n0  # sum of relu
            value = a * linear1 + bias * linear0
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
        first += count + 1
    return loss, probes
