"""Any (W, b): is it a critical point, and which k-gon is nearest modulo O(2) × S_c?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kgon.base import text
from kgon.base.checks import Floats, real_array
from kgon.base.results import Result, result
from kgon.base.verdicts import KgonError
from kgon.kgons.catalogue import MAX_FEATURES, Catalogue
from kgon.kgons.labels import Label
from kgon.kgons.symmetry import align
from kgon.kgons.values import standard_point
from kgon.potential.entries import StoredPoint
from kgon.potential.kernels import nearest as kernel
from kgon.potential.model import TMS
from kgon.potential.points import PLAIN, Reading, read_stored_point

SAME = 1e-6
"""Distance within which a point counts as a k-gon, up to rounding and an unfinished iteration."""
MAX_EXACT = 10
"""Largest c for which all assignments of columns are searched (there in a millisecond as a rule)."""


@result
class Nearest(Result):
    """The k-gon nearest to a point, at which distance, and which column plays which part.

    Attributes
    ----------
    label, configuration : str
        ASCII label, with ``:opposite`` where that is its configuration; the configuration alone.
    distance : float
        Euclidean distance in (W, b) modulo O(2) × S_c to the k-gon's flat family: live and positive
        columns count at their places; a dead or switched-off column counts by its distance to the
        set where it can move at no cost while the live columns stay.  Couplings between two such
        columns are left out.  The least over all alignments for c ≤ 10, to 1e-10 of its size; for
        larger c that over the alignments of a multi-start search.
    columns : (c,) int array
        ``columns[j]`` is the column of the point that plays column j of the standard representative.
    """

    label: str
    configuration: str
    distance: float
    columns: np.ndarray

    def headline(self) -> str:
        return f"nearest k-gon {self.label} ({self.configuration}) at distance {self.distance:.3g}~"

    def rows(self) -> Sequence[tuple[str, str]]:
        return [("label", self.label), ("distance", text.uncertified(self.distance))]


def nearest(W: ArrayLike, b: ArrayLike) -> Nearest:
    """Find the k-gon of the catalogue that is nearest to one point with r = 2 and c ≥ 4.

    Parameters
    ----------
    W : (2, c) array_like
    b : (c,) array_like

    Returns
    -------
    Nearest

    Examples
    --------
    >>> point = Catalogue(6)["5"]
    >>> shuffled = [3, 5, 0, 1, 4, 2]
    >>> found = nearest(point.W[:, shuffled], point.biases[shuffled])
    >>> found.label, found.distance < 1e-12
    ('5', True)
    """
    weights, biases = plane_points(W, b)
    if weights.ndim != 2:
        raise KgonError(f"one point is wanted, W of shape (2, c); got {weights.shape}")
    c = len(biases)
    slots = np.zeros(c, dtype=np.int64)
    search = kernel.nearest if c <= MAX_EXACT else _aligned
    row, squared = search(targets(c), weights, biases, slots)
    label = Catalogue(c).labels[row]
    return Nearest(
        label=str(label),
        configuration=label.configuration,
        distance=float(np.sqrt(squared)),
        columns=_columns(label, slots[: targets(c).slots[row]], biases),
    )


def nearest_of_many(W: ArrayLike, b: ArrayLike) -> tuple[NDArray[np.int64], Floats]:
    """Find the nearest k-gon of each of many points; see ``nearest``.

    Parameters
    ----------
    W : (m, 2, c) array_like
    b : (m, c) array_like

    Returns
    -------
    row : (m,) int array
        Position in ``Catalogue(c).labels``.
    distance : (m,) array

    Examples
    --------
    >>> kgons = Catalogue(6)
    >>> pair = kgons["4+"], kgons["6"]
    >>> row, distance = nearest_of_many([p.W for p in pair], [p.biases for p in pair])
    >>> [str(kgons.labels[i]) for i in row]
    ['4+', '6']
    """
    weights, biases = plane_points(W, b)
    if weights.ndim != 3:
        raise KgonError(f"many points are wanted, W of shape (m, 2, c); got {weights.shape}")
    m, c = biases.shape
    row, squared = np.zeros(m, dtype=np.int64), np.zeros(m)
    slots = np.zeros((m, c), dtype=np.int64)
    if c <= MAX_EXACT:
        kernel.nearest_of_many(targets(c), weights, biases, row, squared, slots)
    else:
        for p in range(m):
            row[p], squared[p] = _aligned(targets(c), weights[p], biases[p], slots[p])
    return row, np.sqrt(squared)


def plane_points(W: ArrayLike, b: ArrayLike, file: str | Path = "") -> tuple[Floats, Floats]:
    """Check points W (…, 2, c), b (…, c) that k-gons can be compared with: r = 2, 4 ≤ c ≤ 64.

    Errors name the ``file`` that the points are from.
    """
    array = real_array("W", W)
    if array.ndim < 2 or array.shape[-2] != 2 or not 4 <= array.shape[-1] <= MAX_FEATURES:
        where = f"{file}: " if file else ""
        other = array.ndim > 1 and array.shape[-2] != 2
        raise KgonError(
            f"{where}k-gons are compared at r = 2, 4 <= c <= {MAX_FEATURES}; W has shape {array.shape}"
            + ("; kgon.landscape.nearest_solids names single points of another r" if other else "")
        )
    return TMS(array.shape[-1]).point(array, b)


def read_plane_points(path: str | Path, reading: Reading = PLAIN) -> StoredPoint:
    """Read a model and points that k-gons can be compared with; errors name the file."""
    found = read_stored_point(path, reading)
    plane_points(found.W, found.b, path)
    return found


@lru_cache(maxsize=16)
def targets(c: int) -> kernel.Targets:
    """Describe the k-gons of c features to the kernel, in the order of ``Catalogue(c).labels``."""
    labels = Catalogue(c).labels
    polygons = [standard_point(Label(label.k), c) for label in labels]
    size = (len(labels), c)
    x, y, off = np.zeros(size), np.zeros(size), np.zeros(size, dtype=np.bool_)
    rival, box = np.full(size, -1), np.zeros((len(labels), 4))
    for t, (label, (W, _)) in enumerate(zip(labels, polygons, strict=True)):
        slots = _slots(label)
        x[t, : len(slots)], y[t, : len(slots)] = W[:, slots]
        off[t, : len(slots)] = np.isin(slots, label.switched_off())
        # Rotations that leave the live vertices in place as a set: by one vertex, or by half a turn.
        if label.phi in (0, label.k):
            rival[t, 1 : len(slots)] = 0
        elif label.configuration == "opposite":
            rival[t, len(slots) // 2] = 0
        # Where a movable column of a 4-gon may be: it reaches no live vertex.
        live = [label.k == 4 and j not in label.switched_off() for j in range(4)]
        reach = np.where(live, 0.0, np.inf)
        box[t] = 0.0 - reach[2], reach[0], 0.0 - reach[3], reach[1]
    return kernel.Targets(
        positive=1 / (2 * c),
        k=np.array([label.k for label in labels]),
        sigma=np.array([label.sigma for label in labels]),
        length=np.array([W[0, 0] for W, _ in polygons]),
        bias=np.array([b[0] for _, b in polygons]),
        movable=np.array([_movable(label) for label in labels]),
        slots=np.array([len(_slots(label)) for label in labels]),
        x=x,
        y=y,
        rival=rival,
        off=off,
        box=box,
    )


def _movable(label: Label) -> bool:
    """Say whether the columns at no live vertex may move their W; the whole 4-gon pins them to 0.

    A positive column feels ΣW_i, so that with σ ≥ 1 the others must keep their W.
    """
    return label.sigma == 0 and (label.k > 4 or label.phi > 0)


def _slots(label: Label) -> list[int]:
    """List the vertices to which columns are assigned one by one."""
    return [j for j in range(label.k) if not (_movable(label) and j in label.switched_off())]


def _columns(label: Label, slots: NDArray[np.int64], b: Floats) -> NDArray[np.int64]:
    """Order all columns as in the standard representative."""
    columns = np.full(len(b), -1)
    columns[_slots(label)] = slots
    others = [i for i in np.argsort(-b) if i not in slots]
    free = np.flatnonzero(columns < 0)
    # Positive columns are those of the largest biases; in the representative they precede the dead ones.
    columns[free] = others
    return columns


def _aligned(goals: kernel.Targets, W: Floats, b: Floats, slots: NDArray[np.int64]) -> tuple[int, float]:
    """Do as the kernel's ``nearest`` does, with assignments from a multi-start search, not all of them."""
    _, least, _, _, bound, _ = kernel.lower_bounds(goals, W, b)
    c, best, found = len(b), np.inf, 0
    for t in np.argsort(bound):
        if bound[t] >= best:
            break
        count, label = goals.slots[t], Catalogue(c).labels[t]
        target, rest = np.zeros((2, c)), np.tile(least[t], (c, 1))
        target[0], target[1] = goals.x[t], goals.y[t]
        for s in range(count):
            limit = -(goals.length[t] ** 2) if goals.off[t, s] else goals.bias[t]
            gap = b - limit
            rest[s] = np.maximum(gap, 0.0) ** 2 if goals.off[t, s] else gap**2
        norms = np.sum(W * W, axis=0)
        rest[count : count + label.sigma] = norms + (b - goals.positive) ** 2
        match = align(W, target, rest, free=range(count, c))
        columns = match.assignment[:count]
        mirrored = np.array([[1.0], [-1.0]]) * W
        for turned in (W, mirrored):
            value = kernel.assigned(goals, t, turned, b, columns, best)
            if value < best:
                best, found = value, int(t)
                slots[:count] = columns
    return found, best
