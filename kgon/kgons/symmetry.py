"""The symmetries O(r) × S_c: canonical forms, alignment and distance between orbits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linear_sum_assignment

from kgon.base.checks import Floats, check_integer, real_array
from kgon.base.verdicts import KgonError
from kgon.kgons.arrangements import classes_of
from kgon.potential.model import TMS

APART = 1e6
"""Cost of a column in the place of one that it may not be exchanged with."""


def rotate(W: Floats, angle: float, *, reflect: bool = False) -> Floats:
    """Apply a rotation by ``angle`` (after a reflection of the second axis) to W (2, c)."""
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return turn @ (np.diag([1.0, -1.0]) @ W if reflect else W)


def canonical_form(W: ArrayLike, b: ArrayLike) -> tuple[Floats, Floats]:
    """Choose one point of the O(2) × S_c orbit: columns by decreasing norm and angle, rotated to angle 0.

    Two points of one orbit in general position get the same form up to rounding; where norms tie
    within rounding, use ``orbit_distance``.

    Parameters
    ----------
    W : (2, c) array
    b : (c,) array
    """
    W, b = _one_point(W, b)
    norms = np.hypot(W[0], W[1])
    first = int(np.lexsort((b, -norms))[0])
    turned = rotate(W, -float(np.arctan2(W[1, first], W[0, first])))
    forms = []
    for signed in (turned, np.diag([1.0, -1.0]) @ turned):
        order = np.lexsort((b, np.arctan2(signed[1], signed[0]), -norms))
        forms.append((signed[:, order], b[order]))
    # Of the two mirror images, the one whose first column off the axis lies above it.
    off_axis = np.abs(forms[0][0][1]) > 1e-9 * max(float(norms.max()), 1e-300)
    above = off_axis.any() and forms[0][0][1, int(np.argmax(off_axis))] > 0
    return forms[0] if above or not off_axis.any() else forms[1]


@dataclass(frozen=True, slots=True)
class Match:
    """The best alignment of a point with another: distance, column assignment and orthogonal map."""

    distance: float
    assignment: np.ndarray
    orthogonal: Floats


def orbit_distance(
    W: ArrayLike,
    b: ArrayLike,
    target_W: ArrayLike,
    target_b: ArrayLike,
    *,
    classes: Sequence[Sequence[int]] = (),
    starts: int = 48,
) -> Match:
    """Find the Euclidean distance between two points modulo O(2) × S_c, or fewer permutations.

    For a fixed orthogonal map the best permutation is a linear assignment; for a fixed permutation
    the best map is Procrustes'.  The two are alternated from ``starts`` angles with and without
    reflection: an upper bound that is exact unless every start is trapped.

    Parameters
    ----------
    W, target_W : (2, c) array_like
    b, target_b : (c,) array_like
    classes : sequence of sequences of int
        The columns that may be exchanged, such as ``TMS.classes``; by default all.

    Returns
    -------
    Match
        ``assignment[j]`` is the column of the point that plays the target's column j.

    Raises
    ------
    KgonError
        A shape other than these, or two points of different c.

    Examples
    --------
    >>> W = np.array([[1.0, 0.0, 2.0], [0.0, 1.0, 0.5]])
    >>> b = np.array([0.1, 0.2, 0.3])
    >>> turned = rotate(W, 0.7, reflect=True)
    >>> bool(orbit_distance(W[:, [2, 0, 1]], b[[2, 0, 1]], turned, b).distance < 1e-12)
    True
    """
    (W, b), (target_W, target_b) = _one_point(W, b), _one_point(target_W, target_b)
    if len(b) != len(target_b):
        raise KgonError(f"two points of the same c are compared, got c = {len(b)} and {len(target_b)}")
    bias_cost = (target_b[:, None] - b[None, :]) ** 2
    if len(classes) > 1:
        bias_cost += APART * different(classes)
    return align(W, target_W, bias_cost, starts=check_integer("starts", starts, 1))


def different(classes: Sequence[Sequence[int]]) -> NDArray[np.bool_]:
    """Say of every two columns whether they are of different classes: (c, c) bools."""
    own = np.array(classes_of(range(sum(map(len, classes))), classes))
    return np.asarray(own[:, None] != own)


def _one_point(W: ArrayLike, b: ArrayLike) -> tuple[Floats, Floats]:
    """Check one point in the plane."""
    columns = real_array("W", W)
    if columns.ndim != 2 or len(columns) != 2:
        raise KgonError(f"W must be one point of shape (2, c), got {columns.shape}")
    return TMS(columns.shape[1]).point(columns, b)


def align(
    W: Floats, target_W: Floats, extra_cost: Floats, *, free: Sequence[int] = (), starts: int = 48
) -> Match:
    """Minimise ``Σ_j ‖Q W_π(j) − target_j‖² + extra_cost[j, π(j)]`` over Q ∈ O(r) and π ∈ S_c.

    Target columns listed in ``free`` contribute ``extra_cost`` alone.  The descents start from a grid of
    angles with and without reflection, in other dimensions than two from as many random maps.
    """
    c = W.shape[1]
    fixed = np.array([j not in free for j in range(c)])

    def costs(orthogonal: Floats) -> Floats:
        gaps = target_W[:, :, None] - (orthogonal @ W)[..., None, :]
        return extra_cost + np.where(fixed[:, None], np.sum(gaps**2, axis=-3), 0.0)

    # Many starting maps share their best permutation: each permutation is descended from once.
    grid = _grid(starts) if len(W) == 2 else _random_maps(len(W), 2 * starts)
    first = {tuple(linear_sum_assignment(cost)[1]) for cost in costs(grid)}
    best: Match | None = None
    for permutation in sorted(first):
        assignment = np.array(permutation)
        previous = np.inf
        while True:
            u, _, vt = np.linalg.svd(target_W[:, fixed] @ W[:, assignment[fixed]].T)
            orthogonal = u @ vt
            cost = costs(orthogonal)
            _, assignment = linear_sum_assignment(cost)
            total = float(cost[np.arange(c), assignment].sum())
            if best is None or total < best.distance:
                best = Match(total, assignment, orthogonal)
            if not total < previous - 1e-15:
                break
            previous = total
    assert best is not None
    return Match(float(np.sqrt(max(best.distance, 0.0))), best.assignment, best.orthogonal)


def _grid(starts: int) -> Floats:
    """Build equally spaced rotations of the plane (2 · starts, 2, 2), without and with a reflection."""
    return np.array(
        [
            rotate(np.eye(2), float(angle), reflect=reflect)
            for reflect in (False, True)
            for angle in np.arange(starts) * (2 * np.pi / starts)
        ]
    )


def _random_maps(r: int, count: int) -> Floats:
    """Draw orthogonal maps (count, r, r), uniformly, the same in every call."""
    Q, R = np.linalg.qr(np.random.default_rng(0).standard_normal((count, r, r)))
    return np.asarray(Q * np.sign(np.einsum("kii->ki", R))[:, None, :])
