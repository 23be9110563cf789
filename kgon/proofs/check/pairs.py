"""The pair functions of the potential and their derivatives, all three times, in each of their regions.

    off(a, b) = ∫₀¹ relu(aμ + b)² dμ,  diag(N, b) = ∫₀¹ (μ − relu(Nμ + b))² dμ = 1/3 − ∂off/∂a + off at a = N.

Where b < 0 < a + b (*rising*) the ReLU is active for μ > u = −b/a, where a + b < 0 < b (*falling*) for μ < u;
second derivatives of off are 2∫μ², 2∫μ, 2∫1 over the active part, a third one with index a multiplies
u³, u², u by 2/a.  Numbers are intervals, fractions (on and off only), or series along a chord.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

from .intervals import Interval
from .reading import require


def region(a: Interval, b: Interval) -> str:
    """Return the region in which (a, b) certainly and strictly lies."""
    names = {(1, 1): "on", (-1, 1): "rising", (1, -1): "falling", (-1, -1): "off"}
    return names.get((b.sign(), (a + b).sign()), "undecided")


def regions(a: Interval, b: Interval, same: bool, smooth: bool) -> list[str]:
    """Return the regions that a box meets; refuse it where derivatives are not bounded by theirs."""
    names = {(1, 1): "on", (0, 1): "rising", (1, 0): "falling", (0, 0): "off"}
    bias = [x for x, out in ((1, b.hi < 0), (0, b.lo > 0)) if not out]
    ends = [x for x, out in ((1, a.hi + b.hi < 0), (0, a.lo + b.lo > 0)) if not out]
    found = [names[x, y] for x in bias for y in ends if not (same and (x, y) == (1, 0))]
    require(len(found) == 1 or a.lo > 0 or a.hi < 0, "a pair may lie at W_i·W_j = b_j = 0")
    require(not (same and smooth and len(ends) > 1), "a column may lie at |W_j|² + b_j = 0")
    return found


def value(a: Any, b: Any, name: str, same: bool) -> Any:
    """Return 3·off, or 3·diag if ``same``, in a region."""
    off = {
        "off": lambda: a * 0,
        "on": lambda: a * a + a * b * 3 + b * b * 3,
        "rising": lambda: (a + b) * (a + b) * (a + b) / a,
        "falling": lambda: -(b * b * b / a),
    }[name]()
    return off if not same else off - slopes(a, b, name, False)[0] + 1


def slopes(a: Any, b: Any, name: str, same: bool) -> tuple[Any, Any]:
    """Return the derivatives of ``value`` with respect to a and b."""
    if name == "off":
        return a * 0, a * 0
    if name == "on":
        return a * 2 + b * 3 - 2 * same, a * 3 + b * 6 - 3 * same
    u = -(b / a)
    if name == "falling":
        return b * u.square(), b * u * 3
    v = 1 - u
    w = a * v.square()
    if not same:
        return w * (2 + u), w * 3
    return w * (2 + u) - 2 + u * u.square() * 2, w * 3 - 3 + u.square() * 3


def curvatures(a: Any, b: Any, name: str, same: bool) -> list[Any]:
    """Return the second derivatives, by aa, ab, bb."""
    if name in ("on", "off"):
        return [a * 0 + (x if name == "on" else 0) for x in (2, 3, 6)]
    u = -(b / a)
    s = u.square()
    if name == "falling":
        return [u * s * 2, s * 3, u * 6]
    found = [2 - u * s * 2, 3 - s * 3, 6 - u * 6]
    if same:  # less the third derivatives with one more a
        found = [x - z * 6 / a for x, z in zip(found, (u * s, s, u), strict=True)]
    return found


def over(names: list[str], function: Callable[..., Any], a: Any, b: Any, same: bool) -> list[Any]:
    """Return the hull of a function's values over regions."""
    found = [function(a, b, name, same) for name in names]
    return [reduce(lambda x, y: x.hull(y), entries) for entries in zip(*found, strict=True)]
