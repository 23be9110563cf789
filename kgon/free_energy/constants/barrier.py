"""Tell from which s = βn on the local integral at a smooth minimum is about that of its quadratic form.

In coordinates in which the Hessian on the slice is the identity, L − L* is ``½|y|² − C(y, y, y)/6`` up to
the fourth order.  The critical points of this cubic are y = 2/C(v, v, v) v, v those of C(v, v, v) on the unit
sphere, and the lowest of them, the pass out of the well, is ``B = 2/(3‖C‖²)`` above the minimum.  Towards a
fold B → 0.  Along v the well, cut off at the pass, holds ``r(sB)`` times the integral of the quadratic alone,

    r(x) = √(3x/π) ∫_{−∞}^{1} exp(−x (3t² − 2t³)) dt,

which goes to 1 for x → ∞ and is never above 1.09, but falls like x^{1/6} for x → 0: the quadratic then counts
room that is not there.  It is taken at its word as long as r ≥ ½, where F is out by log 2 at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from kgon.base.checks import Floats
from kgon.free_energy.constants.second_order import slice_at, third_derivatives
from kgon.kgons.labels import Label
from kgon.kgons.values import standard_point
from kgon.potential.model import TMS

LEAST_BARRIER = 0.033759697213202
"""The x at which r(x) = ½."""
STARTS = 32
"""Of the power method, beside the axes."""
FEWEST, MOST = 40, 400
"""Its steps."""
SETTLED = 1e-8
"""Relative change of the largest value in one step that ends it."""


def spectral_norm(C: Floats) -> float:
    """Find the maximum of C(v, v, v) on the unit sphere, by the power method from many starts.

    Parameters
    ----------
    C : (d, d, d) array
        Symmetric.

    Notes
    -----
    Each step is shifted by half the value, as without a shift the method need not settle (Kolda and Mayo,
    *Shifted power method for computing tensor eigenpairs*, 2011).  The first starts are the coordinate axes.
    """
    d, best = len(C), 0.0
    rows = C.reshape(d * d, d)
    v = np.concatenate([np.eye(d), np.random.default_rng(0).standard_normal((STARTS, d))])
    v /= np.linalg.norm(v, axis=1, keepdims=True)
    for step in range(MOST):
        image = np.matmul((v @ rows.T).reshape(-1, d, d), v[:, :, None])[:, :, 0]
        value = np.sum(image * v, axis=1, keepdims=True)
        before, best = best, float(np.abs(value).max())
        if step >= FEWEST and best - before <= SETTLED * best:
            break
        ahead = image * np.where(value < 0, -1.0, 1.0) + np.abs(value) / 2 * v
        v = ahead / np.maximum(np.linalg.norm(ahead, axis=1, keepdims=True), np.finfo(float).tiny)
    return best


def cubic_barrier(W: Floats, b: Floats, *, tms: TMS, columns: Sequence[int]) -> float:
    """Find how far the pass out of the well of the third-order Taylor polynomial lies above its minimum.

    Parameters
    ----------
    W, b : (r, c) and (c,) arrays
        A smooth minimum, isolated up to rotation.
    tms : TMS
    columns : sequence of int
        Those that are not dead.

    Returns
    -------
    float
        B, in units of L; 0 where the Hessian on the slice is not positive definite.
    """
    found = slice_at(W, b, tms=tms, columns=columns)
    values, vectors = np.linalg.eigh(found.hessian)
    if values[0] <= 0:
        return 0.0
    third = third_derivatives(W, b, tms=tms)
    scaled = found.basis @ vectors / np.sqrt(values)
    C = np.einsum("ijk,ia,jb,kc->abc", third, scaled, scaled, scaled, optimize=True)
    return float(2 / (3 * spectral_norm(C) ** 2))


def least_strength(W: Floats, b: Floats, *, tms: TMS, columns: Sequence[int]) -> float:
    """Find the βn from which on the local integral at a smooth minimum is that of its quadratic form."""
    barrier = cubic_barrier(W, b, tms=tms, columns=columns)
    return LEAST_BARRIER / barrier if barrier > 0 else np.inf


@lru_cache(maxsize=256)
def polygon_strength(label: Label, c: int) -> float:
    """Find the ``least_strength`` of a k-gon, k ≥ 5, all importances being 1.

    Examples
    --------
    >>> round(polygon_strength(Label(6), 6), 2)
    9.34
    """
    W, b = standard_point(label, c)
    columns = [j for j, role in enumerate(label.roles(c)) if role != "dead"]
    return least_strength(W, b, tms=TMS(c), columns=columns)
