"""Where L stays constant to second order at a 4-gon without positive columns: a polyhedral cone.

In the tangent coordinates φ_j (angle of a live column), δW_m and δb_m (dead or switched-off column) the
leading part of L − L* is zero exactly where ν_j = β_j = 0 (norm and bias of the live columns) and

* adjacent live columns do not come closer than 90°: φ_j − φ_i ≤ 0 for a live pair (j, i) with i one
  quarter turn before j … written as rows·x ≤ 0;
* no movable column reaches a live one: d(W_m·W_j) ≤ 0 wherever W_m·W_j = 0.

The dimension of {x : A x ≤ 0} is n − rank(A_E), where E are the rows that vanish on the whole cone.
That is certified by Stiemke's theorem: multipliers y ≥ 0, positive exactly on E, with yᵀA = 0, and an
interior point with A_E x = 0 and A x < 0 in all other rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy.optimize import linprog

from kgon.base.verdicts import UndecidedError
from kgon.kgons.labels import SQUARE, Label

LARGEST_DENOMINATOR = 1000


@dataclass(frozen=True, slots=True)
class ZeroCone:
    """The dimension of the cone on which L stays constant, and the rational numbers that certify it.

    Attributes
    ----------
    rows : list of list of int
        A, one row per constraint, in the order of ``constraints``.
    multipliers, interior : list of Fraction
        y and x.
    dimension : int
        f, rotation included.
    """

    rows: list[list[int]]
    multipliers: list[Fraction]
    interior: list[Fraction]
    dimension: int


def constraints(label: Label, c: int) -> list[list[int]]:
    """Write the constraints A x ≤ 0 in φ of the live columns, then x, y, b of the movable ones."""
    roles = label.roles(c)
    live = [j for j in range(4) if roles[j] == "live"]
    movable = [j for j in range(c) if roles[j] in ("switched-off", "dead")]
    size = len(live) + 3 * len(movable)
    rows = []
    for at, i in enumerate(live):
        j = (i + 1) % 4
        if j in live:  # the gap from i to j must not shrink: φ_i − φ_j ≤ 0
            row = [0] * size
            row[at], row[live.index(j)] = 1, -1
            rows.append(row)
    for at, m in enumerate(movable):
        x, y = SQUARE[m] if m < 4 else (0, 0)
        for place, j in enumerate(live):
            ex, ey = SQUARE[j]
            if x * ex + y * ey == 0:
                row = [0] * size
                row[len(live) + 3 * at], row[len(live) + 3 * at + 1] = ex, ey
                row[place] = -x * ey + y * ex  # W_m·(derivative of W_j in its angle)
                rows.append(row)
    return rows


def zero_cone(label: Label, c: int) -> ZeroCone:
    """Find the dimension of the zero cone of a 4-gon with σ = 0, with a certificate that is verified exactly.

    Raises
    ------
    UndecidedError
        The linear programs give no certificate with small denominators.
    """
    rows = constraints(label, c)
    size = sum(1 if role == "live" else 3 for role in label.roles(c))
    if not rows:
        return ZeroCone([], [], [Fraction(0)] * size, size)
    A = np.array(rows, dtype=float)
    count = len(rows)
    # Largest sum of min(y_i, 1) with yᵀA = 0: its support is E.
    found = linprog(
        np.concatenate([np.zeros(count), -np.ones(count)]),
        A_eq=np.hstack([A.T, np.zeros((size, count))]),
        b_eq=np.zeros(size),
        A_ub=np.hstack([-np.eye(count), np.eye(count)]),
        b_ub=np.zeros(count),
        bounds=[(0, None)] * count + [(0, 1)] * count,
    )
    multipliers = _rational(found.x[:count])
    tight = [y > 0 for y in multipliers]
    strict = [i for i in range(count) if not tight[i]]
    inner = linprog(
        np.zeros(size),
        A_eq=A[tight] if any(tight) else None,
        b_eq=np.zeros(sum(tight)) if any(tight) else None,
        A_ub=A[strict] if strict else None,
        b_ub=-np.ones(len(strict)) if strict else None,
        bounds=[(-100, 100)] * size,
    )
    if found.status or inner.status:
        raise UndecidedError(f"{label}: the linear programs of the zero cone failed")
    rank = int(np.linalg.matrix_rank(A[tight])) if any(tight) else 0  # NumPy < 2.4.6 refuses no rows
    cone = ZeroCone(rows, multipliers, _rational(inner.x), size - rank)
    if not is_certified(cone, size):
        raise UndecidedError(f"{label}: no rational certificate of the zero cone was found")
    return cone


def _rational(values: np.ndarray) -> list[Fraction]:
    """Round floats to fractions of small denominators."""
    return [Fraction(float(x)).limit_denominator(LARGEST_DENOMINATOR) for x in values]


def is_certified(cone: ZeroCone, size: int) -> bool:
    """Check Stiemke's conditions on multipliers and interior point, in exact arithmetic."""
    combined = [
        sum(y * row[i] for y, row in zip(cone.multipliers, cone.rows, strict=True)) for i in range(size)
    ]
    products = [sum(x * a for x, a in zip(cone.interior, row, strict=True)) for row in cone.rows]
    return (
        all(x == 0 for x in combined)
        and all(y >= 0 for y in cone.multipliers)
        and all(p == 0 if y > 0 else p < 0 for y, p in zip(cone.multipliers, products, strict=True))
    )
