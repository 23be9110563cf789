"""Which roots are the same critical point: modulo O(r) × S_c, and modulo directions that cost nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kgon.base.checks import Floats
from kgon.kgons.names import SEARCHED
from kgon.kgons.rest import MARGIN, at_rest, products_and_roles
from kgon.kgons.structure import Shapes
from kgon.potential.descent import Ends
from kgon.potential.kernels import alike as kernel
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.potential.roots import GOAL, find_roots

SAME_PRODUCT = 1e-8
"""Largest difference of W_i·W_j and of b: at most ‖∇L‖ over the smallest eigenvalue, which is near 1e-2."""
APART = 1e6
"""What is added to ‖W_j‖² of columns of another weight."""
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


def distinct(tms: TMS, roots: Ends) -> list[Point]:
    """List the critical points among roots, by loss.

    Two roots are one point if a permutation makes their W_i·W_j and b equal, columns that take no part and
    biases that are free left out.  Those that are then not isolated are members of flat families: one family
    has one loss and, among the columns that take part in full, the same lengths and biases.  It takes in
    points on kinks, its corners, of which many starts may find the same one.
    """
    roots = roots.take(np.lexsort((roots.gradient_norm, roots.loss)))
    gram, b, role = products_and_roles(tms, roots.w)
    for number, columns in enumerate(tms.classes):  # no permutation exchanges columns of different weights
        gram[:, columns, columns] += APART * number
    leader = np.empty(len(roots.w), dtype=np.int64)
    kernel.classes(gram, b, role, roots.loss, SEARCHED.loss, SAME_PRODUCT, leader)
    points = []
    for first in np.unique(leader):
        members = np.flatnonzero(leader == first)
        best = members[np.argmin(roots.gradient_norm[members])]
        points.append(described(tms, roots.w[best], len(members)))
    return sorted(_joined(points, tms.classes), key=lambda x: (x.loss, not x.isolated, -x.hits, x.norm))


def _joined(points: list[Point], classes: Sequence[Sequence[int]]) -> list[Point]:
    """The points, with the members of each flat family joined to one, and the kinks that belong to one
    too."""
    found = [point for point in points if point.isolated and not point.kink]
    families: list[tuple[int, Shapes]] = []  # place among those found, and shape
    for point in sorted((x for x in points if not x.isolated or x.kink), key=lambda x: (x.isolated, x.loss)):
        shape = Shapes.of(point.W[None], point.b[None], classes)
        for at, other in families:
            near = abs(found[at].loss - point.loss) <= SEARCHED.loss
            if near and shape.agree(other, SEARCHED.columns, products=False)[0]:
                found[at] = replace(found[at], hits=found[at].hits + point.hits)
                break
        else:
            if not point.isolated:
                families.append((len(found), shape))
            found.append(point)
    return found


def described(tms: TMS, w: Floats, hits: int) -> Point:
    """Describe a root (d,): its simplest form, and the signs of its Hessian."""
    potential = Potential(tms)
    w, loss, norm = _simplest(tms, w)
    W, b = tms.unpack(w)
    role = products_and_roles(tms, w[None])[2][0]
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


def _simplest(tms: TMS, w: Floats) -> tuple[Floats, float, float]:
    """Bring a root to rest; leave it where it is if at rest it is no root, or one of another loss."""
    starts = np.array([at_rest(tms, w, heard=True), w])
    before = Potential(tms).flat(w[None])[0][0]
    ends = find_roots(tms, starts, goal=GOAL / 100)
    k = 0 if ends.converged[0] and abs(ends.loss[0] - before) <= SEARCHED.loss else 1
    return ends.w[k], float(ends.loss[k]), float(ends.gradient_norm[k])
