"""Exact critical points that can be written down, near a given point.

Where Krawczyk's theorem does not apply, as at the kinks of the gradient, where the 4-gons are, the exact
point is known: the given point as it stands, or the k-gon nearest to it.  For that the point is turned by a
rational rotation, and its columns are put in their places; those that may be anywhere stay, and their biases
are lowered until none hears another.  Nothing is left out: at rational points the gradient is evaluated in
fractions, with every pair of columns, and beside a polygon every pair is certain to be off.
"""

from __future__ import annotations

import cmath
import math
from fractions import Fraction

import numpy as np
from flint import arb

from kgon.base.checks import Floats
from kgon.base.verdicts import UndecidedError
from kgon.kgons.labels import SQUARE, Label
from kgon.kgons.nearest_kgon import Nearest
from kgon.kgons.values import ball_point
from kgon.numerics.balls import at_precision
from kgon.potential import any_number
from kgon.potential.enclosure import Enclosure
from kgon.potential.model import TMS
from kgon.proofs.certificates import certify
from kgon.proofs.gauge import BITS
from kgon.proofs.nearby_point import NearbyPoint

Exact = list[list[Fraction]]
"""Rows, the last of them b, by columns."""
Fixed = dict[int, tuple[float, float]]
"""Places of columns."""


def certify_rational(tms: TMS, W: Floats, b: Floats, near: Nearest | None = None) -> NearbyPoint | None:
    """Prove a critical point with rational coordinates near a given one.

    Parameters
    ----------
    tms : TMS
        Probabilities and importances count as the fractions that the floats are; uniform ones as 1/c and 1.
    W : (r, c) array
    b : (c,) array
    near : Nearest, optional
        The k-gon nearest to the point.

    Returns
    -------
    NearbyPoint or None
        Without index and radius; None where neither of the points that are tried is critical.

    Examples
    --------
    >>> import numpy as np
    >>> found = certify_rational(TMS(3, 3), np.eye(3), np.zeros(3))
    >>> str(found.verdict), found.distance
    ('PROVED', 0.0)
    """
    given = any_number.fractions(np.vstack([W, b]))
    if _is_critical(tms, given):
        return _proved_rational(tms, given, given)
    if near is None or Label.parse(near.label).k != 4:
        return None
    turned, snapped = _square(given, near)
    return _proved_rational(tms, turned, snapped) if _is_critical(tms, snapped) else None


def certify_polygon(W: Floats, b: Floats, near: Nearest) -> NearbyPoint | None:
    """Prove the k-gon, k ≥ 5, that a point is nearest to, at its distance from the point.

    Its dead columns may stay anywhere if no pair with one of them is active and no column is positive; then L
    near the point is that of the others, which the certificate of the label proves critical.

    Returns
    -------
    NearbyPoint or None
        Without index and radius; None for another label, where a pair may be active, or where there is no
        certificate.
    """
    label = Label.parse(near.label)
    if label.k == 4:
        return None
    try:
        found = _polygon(any_number.fractions(np.vstack([W, b])), near)
        if found is not None:
            certify(label, len(b))  # raises where the label is not proved critical
        return found
    except UndecidedError:
        return None


@at_precision(BITS)
def _polygon(given: Exact, near: Nearest) -> NearbyPoint | None:
    label, c = Label.parse(near.label), len(near.columns)
    order = near.columns.tolist()
    places, biases = ball_point(label, c)
    exact = [list(row) for row in (*places, biases)]
    fixed = {order[k]: (float(places[0][k].mid()), float(places[1][k].mid())) for k in range(label.k)}
    turned = [[row[i] for i in order] for row in _turned(given, fixed)]
    start = [[any_number.exact_ball(x) for x in row] for row in turned]
    for k, role in enumerate(label.roles(c)):
        if role == "dead":
            for row, own in list(zip(exact, start, strict=True))[2 if label.sigma else 0 :]:
                row[k] = own[k]
    found = Enclosure.at(list(zip(*exact, strict=True)), order=0)
    for k, role in enumerate(label.roles(c)):
        heard = [row[k] for row in found.regions] + ([] if label.sigma else found.regions[k])
        if role == "dead" and (set(heard) != {"off"} or not exact[2][k] < 0):
            return None
    return NearbyPoint.rounded(start, exact, found.loss)


@at_precision(BITS)
def _proved_rational(tms: TMS, given: Exact, exact: Exact) -> NearbyPoint:
    loss = any_number.loss(exact[:-1], exact[-1], **_weights(tms))
    moves = [[x - y for x, y in zip(p, q, strict=True)] for p, q in zip(given, exact, strict=True)]
    balls = [[any_number.exact_ball(x) for x in row] for row in moves]
    zeros = [[arb(0)] * len(row) for row in balls]
    return NearbyPoint.rounded(balls, zeros, any_number.exact_ball(loss))


def _weights(tms: TMS) -> dict[str, list[Fraction]]:
    """Probabilities and importances for exact evaluation; none where they are uniform."""
    if tms.uniform:
        return {}
    p, importance = any_number.fractions(np.array([tms.probability, tms.importance]))
    return {"probability": p, "importance": importance}


def _is_critical(tms: TMS, point: Exact) -> bool:
    """Whether L is differentiable at a point, with a gradient of zero, exactly."""
    *W, b = point
    counts = (tms.probability * tms.importance > 0).tolist()
    if any(counts[j] and not any(row[j] for row in point) for j in range(tms.c)):
        return False  # W_j = 0 and b_j = 0
    return any_number.is_critical(W, b, **_weights(tms))


def _square(given: Exact, near: Nearest) -> tuple[Exact, Exact]:
    """The given point turned onto the axes, and the 4-gon that it is to be."""
    label, c = Label.parse(near.label), len(near.columns)
    place = dict(zip(near.columns.tolist(), range(c), strict=True))
    roles = {i: label.roles(c)[k] for i, k in place.items()}
    free = label.sigma == 0 and label.phi > 0  # switched-off and dead columns may be anywhere
    fixed: Fixed = {
        i: SQUARE[k] for i, k in place.items() if k < 4 and not (free and roles[i] == "switched-off")
    }
    turned = _turned(given, fixed)
    taken = set(fixed.values())
    x, y, b = (list(row) for row in turned)
    for i, role in roles.items():
        if i in fixed:
            x[i], y[i] = map(Fraction, fixed[i])
            b[i] = Fraction(0) if role == "live" else min(b[i], Fraction(-1))
        elif role == "positive":
            x[i], y[i], b[i] = Fraction(0), Fraction(0), Fraction(1, 2 * c)
        elif not free:
            x[i], y[i] = Fraction(0), Fraction(0)
        else:
            x[i], y[i] = (_outside(taken, axis, row[i]) for axis, row in enumerate((x, y)))
    for i in roles if free else ():
        if i not in fixed:
            b[i] = min(b[i], -max(x[i] * x[j] + y[i] * y[j] for j in range(c)))
    return turned, [x, y, b]


def _outside(taken: set[tuple[float, float]], axis: int, value: Fraction) -> Fraction:
    """The coordinate moved to where no live vertex on its axis hears the column."""
    forward, backward = ((sign, 0) if axis == 0 else (0, sign) for sign in (1, -1))
    value = min(value, Fraction(0)) if forward in taken else value
    return max(value, Fraction(0)) if backward in taken else value


def _turned(given: Exact, fixed: Fixed) -> Exact:
    """The point after the rational rotation, or reflection, that brings columns to their vertices."""
    x, y, b = given
    if not fixed:
        return given
    overlap = {
        sign: sum(complex(*place).conjugate() * complex(x[i], sign * y[i]) for i, place in fixed.items())
        for sign in (1, -1)
    }
    sign = max(overlap, key=lambda s: abs(overlap[s]))
    angle = -cmath.phase(overlap[sign])
    quarters = round(angle / (math.pi / 2))
    t = Fraction(math.tan((angle - quarters * math.pi / 2) / 2))
    cosine, sine = (1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)
    for _ in range(quarters % 4):
        cosine, sine = -sine, cosine
    y = [sign * value for value in y]
    pairs = list(zip(x, y, strict=True))
    return [[cosine * p - sine * q for p, q in pairs], [sine * p + cosine * q for p, q in pairs], b]
