"""Which roots are the same critical point: modulo O(r) × S_c, and modulo directions that cost nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kgon.base.checks import Floats
from kgon.kgons.labels import DEAD_BIAS
from kgon.landscape.starts import GOAL, MAX_STEPS, ROOT_NORM, SAME_LOSS, SearchRoots
from kgon.potential.kernels import alike as kernel
from kgon.potential.kernels import critical
from kgon.potential.loss import Potential
from kgon.potential.model import TMS

MARGIN = 1e-5
"""What counts as the border of an output's off region, and as equal along a flat family.

Beyond the border ∂L/∂b grows like (a + b)²/18a: with ‖∇L‖ ≤ 1e-12 and a ≤ 1 a root is within 4e-6 of it.
"""
SAME = 1e-8
"""Largest difference of W_i·W_j and of b: at most ‖∇L‖ over the smallest eigenvalue, which is near 1e-2."""
KINK = 1e-6
"""Distance from a kink at which a root lies on it."""
ZERO_EIGENVALUE = 1e-6
"""Hessian eigenvalues below this fraction of the largest count as zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One critical point, or one flat family of them.

    Attributes
    ----------
    W, b : (r, c) and (c,) arrays
        Its root of least gradient, with columns that take no part put at W = 0, b = −½.
    loss, norm : float
        L and ‖∇L‖ there.
    hits : int
        Starts that ended at it.
    kink : bool
        L is only C^{1,1} there.
    index, nullity : int
        Negative and zero eigenvalues of the Hessian; at a kink, of its limit from one side.
    free : int
        Dimension of what surely costs nothing: O(r), columns without a part, biases of outputs that are off.
    isolated : bool
        Alone but for the latter: by the Hessian, and at a kink by starts that ended at the same place.
    """

    W: Floats
    b: Floats
    loss: float
    norm: float
    hits: int
    kink: bool
    index: int
    nullity: int
    free: int
    isolated: bool


def distinct(tms: TMS, ends: SearchRoots) -> list[Point]:
    """The critical points among roots, by loss.

    Two roots are one point if a permutation makes their W_i·W_j and b equal, columns that take no part and
    biases that are free left out.  Those that are then not isolated are members of flat families: one family
    has one loss and, among the columns that take part in full, the same lengths and biases.  It takes in
    points on kinks, its corners, of which many starts may find the same one.
    """
    order = np.lexsort((ends.norm, ends.loss))
    w, loss, norm = ends.w[order], ends.loss[order], ends.norm[order]
    gram, b, role = compared(tms, w)
    leader = np.empty(len(w), dtype=np.int64)
    kernel.classes(gram, b, role, loss, SAME_LOSS, SAME, leader)
    found = []
    for first in np.unique(leader):
        members = np.flatnonzero(leader == first)
        best = members[np.argmin(norm[members])]
        found.append((described(tms, w[best], len(members)), signature(gram[best], b[best], role[best])))
    alone = [point for point, _ in found if point.isolated and not point.kink]
    rest = [pair for pair in found if not pair[0].isolated or pair[0].kink]
    points = [*alone, *_families(sorted(rest, key=lambda pair: (pair[0].isolated, pair[0].loss)))]
    return sorted(points, key=lambda x: (x.loss, not x.isolated, -x.hits, x.norm))


def _families(rest: list[tuple[Point, Floats]]) -> list[Point]:
    """Members of families, which come first, joined; and the points on kinks that belong to none."""
    families: list[tuple[Point, Floats]] = []
    lone: list[Point] = []
    for point, key in rest:
        for place, (known, other) in enumerate(families):
            if abs(known.loss - point.loss) <= SAME_LOSS and np.all(np.abs(key - other) <= MARGIN):
                families[place] = (replace(known, hits=known.hits + point.hits), other)
                break
        else:
            if point.isolated:
                lone.append(point)
            else:
                families.append((point, key))
    return [*(point for point, _ in families), *lone]


def compared(tms: TMS, w: Floats) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """W_i·W_j (m, c, c), b (m, c) and the roles of the columns (m, c) of points (m, d)."""
    W, b = tms.unpack(w)
    gram = np.einsum("kri,krj->kij", W, W)
    role = np.empty(b.shape, dtype=np.int64)
    biases = np.ascontiguousarray(b)
    for k in range(len(w)):
        kernel.roles(gram[k], biases[k], MARGIN, role[k])
    return gram, biases, role


def signature(gram: Floats, b: Floats, role: NDArray[np.int64]) -> Floats:
    """Counts of the roles; lengths, then biases, of the columns that take part in full: sorted."""
    part = role == kernel.PART
    lengths = np.sqrt(np.where(part, np.diag(gram), 0.0))
    return np.concatenate([np.bincount(role, minlength=3), np.sort(lengths), np.sort(np.where(part, b, 0.0))])


def described(tms: TMS, w: Floats, hits: int) -> Point:
    """A root (d,) in its simplest form, with its Hessian's signs."""
    potential = Potential(tms)
    W, b, loss, norm = _simplest(tms, w)
    role = compared(tms, tms.pack(W, b)[None])[2][0]
    kink = not potential.smooth(W, b, tol=KINK)
    values = np.linalg.eigvalsh(potential.hessian(W, b))
    zero = np.abs(values) <= ZERO_EIGENVALUE * np.abs(values).max()
    rank = int(np.linalg.matrix_rank(W, tol=MARGIN))
    free = rank * tms.r - rank * (rank + 1) // 2
    free += int(np.sum(role == kernel.UNHEARD) + (tms.r + 1) * np.sum(role == kernel.NO_PART))
    nullity = int(zero.sum())
    return Point(
        W=W,
        b=b,
        loss=loss,
        norm=norm,
        hits=hits,
        kink=kink,
        index=int(np.sum(values[~zero] < 0)),
        nullity=nullity,
        free=free,
        isolated=hits > 1 if kink else nullity == free,
    )


def _simplest(tms: TMS, w: Floats) -> tuple[Floats, Floats, float, float]:
    """The root with what is free at a standard place, away from borders; as it is, if that is no root."""
    best = None
    for tidied in (True, False):
        x = w.copy()
        if tidied:
            gram, b, role = (y[0] for y in compared(tms, w[None]))
            W, b = (y.copy() for y in tms.unpack(w))
            W[:, role == kernel.NO_PART] = 0.0
            reach = np.maximum(gram.max(axis=0), 0.0)
            b[role == kernel.NO_PART] = DEAD_BIAS
            b[role == kernel.UNHEARD] = DEAD_BIAS - reach[role == kernel.UNHEARD]
            x = tms.pack(W, b)
        before = float(Potential(tms).flat(w[None])[0][0])
        loss, norm = critical.zero(
            x, tms.r, tms.c, tms.probability, tms.importance, critical.FIRST_DAMPING, GOAL / 100, MAX_STEPS
        )
        best = (*tms.unpack(x), float(loss), float(norm))
        if norm <= ROOT_NORM and abs(loss - before) <= SAME_LOSS:
            break
    assert best is not None
    return best
