"""Losses and constants of labels in balls, and their standard points."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Any

import flint
import numpy as np
from flint import arb, fmpq

from kgon.base.checks import Floats, check_integer, shown
from kgon.base.text import listed
from kgon.base.verdicts import KgonError
from kgon.kgons import labels
from kgon.kgons.labels import Label
from kgon.kgons.polygons import RegularPolygon, regular_polygons
from kgon.potential import any_number
from kgon.potential.model import MOST_FEATURES


def as_label(key: object) -> Label:
    """Read a label from text, or take one; anything else is refused."""
    if isinstance(key, Label):
        return key
    if isinstance(key, str):
        return Label.parse(key)
    raise KgonError(f"a label is text such as '5+', got {shown(key)}")


def list_labels(given: object) -> list[Any]:
    """List the labels of a sequence, or of a text with commas between them; each is read elsewhere."""
    if isinstance(given, str):
        return listed(given)
    if isinstance(given, Label):
        return [given]
    try:
        return [*given]  # type: ignore[misc]
    except TypeError:
        raise KgonError(f"labels are a list, or text such as '5,5+', got {shown(given)}") from None


def check_label(key: object, c: Any) -> tuple[Label, int]:
    """Read a label and c; refuse a label that cannot occur with c features."""
    c = check_integer("c", c, 1, MOST_FEATURES)
    return as_label(key).check(c), c


def polygon(k: int, digits: int = 60) -> RegularPolygon:
    """Find the regular k-gon of the catalogue, in balls of so many digits."""
    found = regular_polygons(k, digits)
    if len(found) != 1:
        raise KgonError(f"expected one regular {k}-gon, found {len(found)}")
    return found[0]


def loss_parts(label: Label, c: int) -> tuple[Fraction, Fraction]:
    """Find the rationals (q, r) with L = q + r·R_k, R_k the reduced loss per column of the k-gon.

    Each dead or switched-off column costs 1/(3c), each positive one 1/(3c) − 1/(4c²), each live
    polygon column R_k/c; R_4 = 0.
    """
    roles = label.roles(c)
    off = roles.count("dead") + roles.count("switched-off")
    q = Fraction(off, 3 * c) + label.sigma * (Fraction(1, 3 * c) - Fraction(1, 4 * c * c))
    return q, Fraction(0) if label.k == 4 else Fraction(roles.count("live"), c)


def prior_parts(label: Label, c: int) -> tuple[Fraction, Fraction]:
    """Find the rationals (q, r) with inf ½‖w‖² = q + r·(l² + b²)/2 over the label's flat family.

    The flat family: live vertices and positive columns at their places, the others anywhere they stay
    off and reach no live column, as far as the point stays critical (derivation 2b, Proposition 5).
    Switched-off and dead columns may move without changing L.  With no positive column the infimum
    puts them at W = 0, b = 0.  A positive column feels ΣW_i, so that where σ ≥ 1 the point is
    critical only while ΣW_i = 0: the movable columns then share the sum S that balances the live
    ones, each S/u with b = −‖S/u‖².
    """
    roles = label.roles(c)
    live = roles.count("live")
    q = Fraction(label.sigma, 8 * c * c)
    movable = roles.count("dead") + roles.count("switched-off")
    if label.sigma and label.phi:
        off = label.switched_off()
        x = sum((1, 0, -1, 0)[j] for j in range(4) if j not in off)
        y = sum((0, 1, 0, -1)[j] for j in range(4) if j not in off)
        share = Fraction(x * x + y * y, movable)
        q += (share + share * share / movable) / 2
    return q, Fraction(live)


def _ball(q: Fraction, r: Fraction, value: arb) -> arb:
    return any_number.exact_ball(q) + any_number.exact_ball(r) * value


def loss_ball(label: Label, c: int, *, digits: int = 60) -> arb:
    """Enclose the exact loss L of a label to so many digits."""
    with flint.ctx.workprec(4 * digits + 16):
        return _ball(*loss_parts(label, c), polygon(label.k, digits).cost)


def prior_ball(label: Label, c: int) -> arb:
    """Enclose inf ½‖w‖² over the flat family of a label."""
    with flint.ctx.workprec(256):
        p = polygon(label.k)
        return _ball(*prior_parts(label, c), (p.length_squared + p.bias * p.bias) / 2)


def directions(k: int) -> list[tuple[arb, arb]]:
    """Enclose cosine and sine of 2πj/k, j = 0 … k − 1: where the vertices of a regular polygon are."""
    angles = [fmpq(2 * j, k) for j in range(k)]
    return [(arb.cos_pi_fmpq(x), arb.sin_pi_fmpq(x)) for x in angles]


def ball_point(label: Label, c: int) -> tuple[list[list[arb]], list[arb]]:
    """Build the standard representative in balls that contain the exact point."""
    found = polygon(label.k)
    return labels.representative(label, c, found.length, found.bias, directions(label.k), arb)


def rational_square(label: Label, c: int) -> tuple[list[list[Fraction]], list[Fraction]]:
    """Build the standard representative of a 4-gon exactly, in fractions: W as two rows, and b."""
    return labels.representative(label, c, Fraction(1), Fraction(0), labels.SQUARE, Fraction)


@lru_cache(maxsize=4096)
def standard_point(label: Label, c: int) -> tuple[Floats, Floats]:
    """Compute W (2, c) and b (c,) of the standard representative in float64, read-only."""
    with flint.ctx.workprec(256):
        W, b = ball_point(label, c)
        weights = np.array([[float(x) for x in row] for row in W])
        biases = np.array([float(x) for x in b])
    for array in (weights, biases):
        array.flags.writeable = False
    return weights, biases
