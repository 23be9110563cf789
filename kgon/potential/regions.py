"""Where the ReLU of a pair is active, and the pair's integrals there, in any number type.

Input i reaches output j as ``relu(a μ + b)``, 0 < μ < 1, with a = W_i·W_j and b = b_j.  The signs of b and
a + b tell where it is active: in all of the interval (*on*), nowhere (*off*), beyond μ = −b/a (*rising*) or
before it (*falling*).  In each region the integrals are the printed formulas of
``kgon.potential.kernels._generated``.  A ball that may lie in several regions gets the hull over them, which
encloses the true values wherever in the ball these lie.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

from kgon.base.verdicts import KgonError, UndecidedError
from kgon.potential.kernels import _generated

Number = Any
Jet = tuple[Number, ...]
"""f, then f_a, f_b, then f_aa, f_ab, f_bb, then orders three and four, of three times a pair integral."""
SIZES = (1, 3, 6, 10, 15)
"""Entries of a jet up to order 0, 1, 2, 3 and 4."""
NAMES = {(1, 1): "on", (-1, -1): "off", (-1, 1): "rising", (1, -1): "falling"}
"""Regions by the signs of b and a + b."""
FORMULAS = {
    tuple(name.split("_")): (getattr(_generated, name), getattr(_generated, f"{name}_high", None))
    for name in ("off_on", "off_rising", "off_falling", "diag_on", "diag_rising")
}
"""The jet to order two, and its third and fourth derivatives if they do not vanish, by kind and region."""


def regions(kind: str, a: Number, b: Number) -> list[str]:
    """List the regions that a pair may lie in: one for numbers, perhaps more for balls.

    *On* and *off* contain their borders, *on* the point a = b = 0 too.

    Parameters
    ----------
    kind : {"off", "diag"}
        A pair of two columns, or of a column with itself: then a = ‖W_j‖² ≥ 0, and no region is falling.
    a, b : numbers, or balls

    Examples
    --------
    >>> from flint import arb
    >>> regions("off", -1, 1), regions("off", 1.0, -0.5), regions("off", 1, arb(0, 0.5))
    (['on'], ['rising'], ['on', 'rising'])
    """
    b, end = _real(b), _real(a + b)
    if b >= 0 and end >= 0:
        return ["on"]
    if b <= 0 and end <= 0:
        return ["off"]
    first, last = ([s for s, excluded in ((1, x < 0), (-1, x > 0)) if not excluded] for x in (b, end))
    names = [NAMES[pair] for pair in product(first, last)]
    if kind == "diag":
        names = [name for name in names if name != "falling"]
        if not names:
            raise KgonError(f"diag needs n = |W_j|^2 >= 0, got {a}")
    return names


def _real(x: Number) -> Number:
    return x.real if isinstance(x, complex) else x


def jet_in(kind: str, region: str, a: Number, b: Number, order: int) -> Jet:
    """Compute three times a pair integral and its derivatives up to an order, by one region's formula."""
    if region == "off":
        return (int(kind == "diag"), *[0] * (SIZES[order] - 1))
    t = 1 if region == "on" else (a + b) / a if region == "rising" else -b / a
    formula, high = FORMULAS[kind, region]
    found: Jet = formula(a, b, t)
    if order > 2:
        found += high(a, b, t) if high else (0,) * 9
    return found[: SIZES[order]]


def jet_over(kind: str, names: Sequence[str], a: Number, b: Number, order: int) -> Jet:
    """Enclose a jet over all regions in which a ball may lie.

    Raises
    ------
    UndecidedError
        The ball has no bound: it may hold a point without a derivative of this order.
    """
    if len(names) == 1:
        return jet_in(kind, names[0], a, b, order)
    if not hasattr(a, "union"):
        raise UndecidedError(f"the pair (a, b) = ({a}, {b}) is in no region")
    if order >= 2 and a.contains(0):
        raise UndecidedError("a pair may lie at W_i·W_j = b_j = 0, where L has no second derivative")
    if order > 2 and kind == "diag" and {"off", "rising"} <= set(names):
        raise UndecidedError("a column may lie at ‖W_j‖² + b_j = 0, where the second derivatives jump")
    ball = type(a)
    hull = (ball(0),) * SIZES[order]
    for k, name in enumerate(names):
        jet = tuple(ball(x) for x in jet_in(kind, name, a, b, order))
        hull = jet if k == 0 else tuple(x.union(y) for x, y in zip(hull, jet, strict=True))
    return hull


def pair_jet(kind: str, a: Number, b: Number, *, order: int) -> Jet:
    """Enclose three times a pair integral and its derivatives up to an order, over balls.

    Parameters
    ----------
    kind : {"off", "diag"}
    a, b : numbers, or balls
    order : int
        0 to 4.

    Raises
    ------
    UndecidedError
        A ball may hold a point without a derivative of this order.
    """
    return jet_over(kind, regions(kind, a, b), a, b, order)
