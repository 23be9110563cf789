"""Find the half branches that leave a singular point of a solution curve."""

from __future__ import annotations

import itertools

import numpy as np

from kgon.base.checks import Floats
from kgon.base.verdicts import KgonError
from kgon.numerics.continuation.curve import Curve, CurvePoint
from kgon.numerics.continuation.events import Event

NULL_RATIO = 1e-6
"""Ratio of singular values below which a direction belongs to the null space."""
OWN = 0.9
"""Cosine to the event's tangent of its own branch."""
CIRCLE = 64
"""Starts on a circle ..."""
SPHERE = 100
"""... and random ones on a sphere, beside those along and between its axes."""


def half_branches(curve: Curve, event: Event, radius: float) -> list[CurvePoint]:
    """Find points of the curve at a small distance from a singular point, without those on its own branch.

    G(u) = 0 together with |K(u − u*)| = radius, K the projection to the null space of DG, has isolated
    solutions: one for each half branch.  Newton's method starts from many directions in the null space.
    """
    n, k = curve.n, curve.flat
    u = np.concatenate([event.x, [event.parameter], np.zeros(k)])
    own = np.concatenate([event.tangent, np.zeros(k)])
    aside = u - radius * own  # where the null space is that of the family alone
    curve.freeze(aside[:n], float(aside[n]))
    curve.anchor = event.x
    if event.kind not in ("branch point", "inertia"):
        raise KgonError(f"branches cross at a branch point or a change of inertia, not at a {event.kind}")
    kernel = _kernel(curve.matrix(u)[:-1], own, max(abs(event.negative[1] - event.negative[0]), 1))
    found: list[CurvePoint] = []
    for direction in _directions(len(kernel)):
        place = _solve(curve, u, kernel, radius, direction)
        if place is None or any(np.abs(place - other.u).max() < 0.01 * radius for other in found):
            continue
        outwards = (place - u) / float(np.linalg.norm(place - u))
        point = curve.measure(place, outwards)
        if point is not None:
            found.append(point)
    for side in (1, -1):
        along = [side * float(own @ (point.u - u)) / radius for point in found]
        if along and max(along) > OWN:
            del found[int(np.argmax(along))]
    return found


def _kernel(matrix: Floats, own: Floats, least: int) -> Floats:
    """Orthonormal rows that span the null space: the branch's tangent, then at least so many others."""
    _, values, axes = np.linalg.svd(matrix)
    singular = np.append(values <= NULL_RATIO * values[0], True)
    singular[-1 - least :] = True
    null = axes[singular]
    # in coordinates of the null space, the tangent and what is left of the unit vectors, the longest first
    basis = [null @ own / float(np.linalg.norm(null @ own))]
    rest = null.copy()
    while len(basis) < len(null):
        rest = rest - np.outer(basis[-1], basis[-1] @ rest)
        column = rest[:, int(np.argmax(np.linalg.norm(rest, axis=0)))]
        basis.append(column / float(np.linalg.norm(column)))
    return np.asarray(np.array(basis) @ null)


def _directions(m: int) -> Floats:
    """Unit vectors in m dimensions, spread over the sphere."""
    if m == 2:
        angles = 2 * np.pi * (np.arange(CIRCLE) + 0.5) / CIRCLE
        return np.stack([np.cos(angles), np.sin(angles)], axis=1)
    corners = np.array(list(itertools.product((-1, 0, 1), repeat=min(m, 4))), dtype=float)
    corners = np.pad(corners, ((0, 0), (0, m - corners.shape[1])))
    rng = np.random.Generator(np.random.Philox(0))
    directions = np.concatenate([corners[corners.any(axis=1)], rng.standard_normal((SPHERE, m))])
    return np.asarray(directions / np.linalg.norm(directions, axis=1, keepdims=True))


def _solve(curve: Curve, u: Floats, kernel: Floats, radius: float, direction: Floats) -> Floats | None:
    """A point of the curve at a distance from u in its null space."""
    place = u + radius * direction @ kernel
    for _ in range(30):
        inside = kernel @ (place - u)
        distance = float(np.linalg.norm(inside))
        if not 0.2 * radius < distance < 5 * radius:
            return None
        matrix = curve.matrix(place)
        matrix[-1] = inside @ kernel / distance
        values = np.append(curve.value(place), distance - radius)
        try:
            move = np.linalg.solve(matrix, -values)
        except np.linalg.LinAlgError:
            return None
        size = float(np.abs(move).max())
        place = place + move * min(1.0, radius / (2 * size)) if size else place
        if size <= 1e-8 * radius and np.abs(curve.value(place)).max() <= curve.tol:
            return np.asarray(place)
    return None
