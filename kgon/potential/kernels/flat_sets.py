"""Where a column can move at no cost beside a polygon's live columns, and how far away it is.

A column (w, b) is off and reaches no live column V_j (bias β) where ``V_j·w ≤ −β``, ``b ≤ −V_j·w`` and
``b ≤ −‖w‖²``.  Beside live vertices of the 4-gon (β = 0) this is ``b ≤ −‖w‖²`` over a box with sides 0 or
±∞.  Beside a whole regular k-gon, k ≥ 5, it is a pyramid cut off at the polygon ``V_j·w ≤ −β``: there
``‖w‖² ≤ max_j V_j·w``, as −β/l² ≤ cos²(π/k).

The functions return the squared distance and its derivative when the column turns counter-clockwise.
"""

from __future__ import annotations

import numpy as np

from kgon.potential.kernels._jit import njit

ROUNDING = 1e-13
"""By how much a foot point may miss a face of its set, relative to the numbers that it is made of."""


@njit
def parabola(size, bias):
    """Find foot t ≥ 0 and squared distance of (size, bias), size ≥ 0, from {b ≤ −t²}."""
    if bias <= -size * size:
        return size, 0.0
    # The only positive root of 2t³ + (1 + 2b)t = size, convex and from above.
    t = size
    for _ in range(60):
        slope = 6.0 * t * t + 1.0 + 2.0 * bias
        if not slope > 0.0:
            break
        following = t - (2.0 * t * t * t + (1.0 + 2.0 * bias) * t - size) / slope
        if not following < t:
            break
        t = max(following, 0.0)
    return t, (t - size) ** 2 + (t * t + bias) ** 2


@njit
def beside_square(x, y, bias, box):
    """Find how far a column is from costing nothing beside the 4-gon; ``box``: extremes of x, then y."""
    fx, fy = min(max(x, box[0]), box[1]), min(max(y, box[2]), box[3])
    size = np.sqrt(fx * fx + fy * fy)
    t, gap = parabola(size, bias)
    scale = t / size if size > 0.0 else 0.0
    gap += (x - fx) ** 2 + (y - fy) ** 2
    return gap, 2.0 * scale * (fx * y - fy * x)


@njit
def beside_polygon(size, angle, bias, k, length, reach):
    """Find how far w, at ``angle`` from a vertex, is from where it costs nothing, k ≥ 5; ``reach`` is −β > 0.

    The set has the symmetry of the polygon, so that a column and its foot lie in one of its 2k sectors.
    There the set has three faces: the polygon's side, the pyramid's, and the sector's far edge.
    """
    sector = np.pi / k
    turned = angle - 2.0 * sector * np.round(angle / (2.0 * sector))
    x, y = size * np.cos(turned), size * np.sin(abs(turned))
    edge_x, edge_y = np.cos(sector), np.sin(sector)
    if length * x <= reach and bias <= -length * x:
        return 0.0, 0.0
    slack = ROUNDING * (1.0 + size + abs(bias))
    side = reach / length
    square = 1.0 + length * length
    best, foot_x, foot_y = np.inf, 0.0, 0.0
    for face in range(6):
        if face == 0:  # the side
            fx, fy, fb = side, y, bias
        elif face == 1:  # the pyramid's face
            away = (bias + length * x) / square
            fx, fy, fb = x - away * length, y, bias - away
        elif face == 2:  # both
            fx, fy, fb = side, y, -reach
        elif face == 3:  # the side's end
            fx, fy, fb = side, side * edge_y / edge_x, bias
        elif face == 4:  # the pyramid's edge
            along = x * edge_x + y * edge_y
            slope = length * edge_x
            away = (bias + slope * along) / (1.0 + slope * slope)
            fx, fy, fb = (along - away * slope) * edge_x, (along - away * slope) * edge_y, bias - away
        else:  # the corner
            fx, fy, fb = side, side * edge_y / edge_x, -reach
        outside = max(fx - side, fb + length * fx, fy * edge_x - fx * edge_y, -fy)
        gap = (fx - x) ** 2 + (fy - y) ** 2 + (fb - bias) ** 2
        if outside <= slack and gap < best:
            best, foot_x, foot_y = gap, fx, fy
    if bias > 0.0:  # the tip, where the sector's edges meet
        gap = size * size + bias * bias
        if gap < best:
            best, foot_x, foot_y = gap, 0.0, 0.0
    turn = 2.0 * (foot_x * y - foot_y * x)
    return best, (turn if turned >= 0.0 else -turn)


@njit
def beside_any_polygon(size, bias, k, length, reach):
    """Bound the squared distance over all rotations of the k-gon from below: that of a cut cone."""
    rim = reach / (length * np.cos(np.pi / k))
    slope = length * np.cos(np.pi / k)
    if size <= rim and bias <= -slope * size:
        return 0.0
    away = (bias + slope * size) / (1.0 + slope * slope)
    foot = min(max(size - away * slope, 0.0), rim)
    return (size - foot) ** 2 + (bias - min(bias, -slope * foot)) ** 2
