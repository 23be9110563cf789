"""Hessian of the loss at one point or many, in the flat parameter (W row-major, then b)."""

from __future__ import annotations

from kgon.potential.kernels._jit import length, njit
from kgon.potential.kernels.pairs import OFF, diag_jet, off_jet, region


@njit
def hessian(W, b, probability, importance, out, rows):
    """Write the (d, d) Hessian, d = c(r + 1).

    Where a pair sits on a border of two regions, the second derivatives are those of the region
    that ``pairs.region`` assigns to it.

    Parameters
    ----------
    W : (r, c) array
    b : (c,) array
    probability, importance : (c,) arrays
    out : (d, d) array, written
    rows : tuple
        ``known(r)``, or empty.
    """
    r, c = length(rows, W.shape[0]), W.shape[1]
    for k in range(out.shape[0]):
        for column in range(out.shape[1]):
            out[k, column] = 0.0
    for j in range(c):
        column = r * c + j
        for i in range(c):
            weight = probability[i] * importance[j] / 3.0
            a = 0.0
            for h in range(r):
                a += W[h, i] * W[h, j]
            if region(a, b[j]) == OFF:
                continue  # all its derivatives are 0
            if i == j:
                _, fa, _, faa, fab, fbb = diag_jet(a, b[j])
            else:
                _, fa, _, faa, fab, fbb = off_jet(a, b[j])
            out[column, column] += weight * fbb
            # a = W_i·W_j: its gradient is W_j at column i and W_i at column j (both if i = j),
            # its second derivative couples W_hi with W_hj.
            for h in range(r):
                hi, hj = h * c + i, h * c + j
                out[hi, hj] += weight * fa
                out[hj, hi] += weight * fa
                out[hi, column] += weight * fab * W[h, j]
                out[column, hi] += weight * fab * W[h, j]
                out[hj, column] += weight * fab * W[h, i]
                out[column, hj] += weight * fab * W[h, i]
                for g in range(r):
                    gi, gj = g * c + i, g * c + j
                    out[hi, gi] += weight * faa * W[h, j] * W[g, j]
                    out[hi, gj] += weight * faa * W[h, j] * W[g, i]
                    out[hj, gi] += weight * faa * W[h, i] * W[g, j]
                    out[hj, gj] += weight * faa * W[h, i] * W[g, i]


@njit
def hessians(W, b, probability, importance, out, rows):
    """Write the Hessians of m points: W (m, r, c), b (m, c), out (m, d, d); ``rows`` as in ``hessian``."""
    for point in range(W.shape[0]):
        hessian(W[point], b[point], probability, importance, out[point], rows)
