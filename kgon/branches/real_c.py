"""Follow the regular c-gon over a real number of columns c.

With c features and one polygon of c columns, ``R(τ, b; c) = diag(τ, b) + 2 Σ_j off(τ cos(2πj/c), b)`` over
1 ≤ j < c/4, τ = l², is the loss for whole c and b ≤ 0: neighbours beyond a quarter turn are off then.  For
other c it interpolates: a column sees neighbours at the angles 2πj/c on both sides, though no such polygon
closes.  At whole c its critical points are those of ``polygons.regular_polygons``; between, they join them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from kgon.base.checks import Floats
from kgon.base.results import Result, result
from kgon.base.text import counted
from kgon.base.verdicts import KgonError
from kgon.branches.changes import POLYGON_BORDERS, PolygonChange
from kgon.branches.results import BranchEvent
from kgon.branches.ways import GIVEN_UP, Way, ending, joined_ways
from kgon.kgons.labels import Label
from kgon.kgons.polygons import reduced_jet
from kgon.kgons.values import as_label, polygon
from kgon.numerics import continuation
from kgon.numerics.continuation.curve import Key
from kgon.numerics.continuation.events import Event
from kgon.potential.kernels.pairs import off_jet

LIMITS = (4.0, 64.0)
"""Range of c: the curve begins at the 4-gon, where b = 0."""


class RegularPolygons:
    """∂R/∂τ = ∂R/∂b = 0 in (τ, b), with c as parameter: a system for ``kgon.numerics.continuation``."""

    symmetric = True

    def _neighbours(self, c: float) -> Sequence[int]:
        return range(1, int(np.ceil(c / 4)))

    def _jet(self, x: Floats, c: float) -> tuple[float, Floats, Floats]:
        cosines = [float(np.cos(2 * np.pi * j / c)) for j in self._neighbours(c)]
        value, first, second, jacobian = reduced_jet(float(x[0]), float(x[1]), cosines * 2)
        return float(value), np.array([first, second], dtype=float), np.array(jacobian, dtype=float)

    def loss(self, x: Floats, c: float) -> float:
        """Evaluate R."""
        return self._jet(x, c)[0]

    def equations(self, x: Floats, c: float) -> Floats:
        """Evaluate (∂R/∂τ, ∂R/∂b)."""
        return self._jet(x, c)[1]

    def jacobian(self, x: Floats, c: float) -> Floats:
        """Evaluate the Hessian of R in (τ, b)."""
        return self._jet(x, c)[2]

    def derivative(self, x: Floats, c: float) -> Floats:
        """Differentiate the equations by c."""
        tau, b = float(x[0]), float(x[1])
        total = np.zeros(2)
        for j in self._neighbours(c):
            angle = 2 * np.pi * j / c
            a = tau * np.cos(angle)
            _, fa, _, faa, fab, _ = off_jet(a, b)
            # d cos(2πj/c)/dc = sin · angle/c, for the neighbours on both sides.
            total += 2 * np.sin(angle) * angle / c / 3 * np.array([fa + a * faa, tau * fab])
        return total

    def watch(self, x: Floats, c: float) -> Mapping[Key, float]:
        """Watch the neighbours, positive where they are active, and the kinks ``b`` and ``diag``."""
        found: dict[Key, float] = {"b": float(x[1]), "diag": float(x[0] + x[1])}
        for j in range(1, int(LIMITS[1] / 4)):
            cosine = np.cos(2 * np.pi * j / c) if c > 2 * j else -1.0
            found[j] = float(x[0] * cosine + x[1])
        return found

    def border(self, key: Key) -> bool:
        """Say where R kinks: at b = 0 (c = 4), and where the own output is switched off."""
        return key in POLYGON_BORDERS


@result
class PolygonPoint(Result):
    """A regular polygon at a real number of columns: c (``parameter``), R (``loss``), l and b."""

    parameter: float
    loss: float
    length: float
    bias: float
    negative: int

    def headline(self) -> str:
        return f"c = {self.parameter:.6g}: R = {self.loss:.8g}, l = {self.length:.6g}, b = {self.bias:.6g}"


@result
class PolygonBranch(Result):
    """The curve of regular c-gons through one of them.

    Attributes
    ----------
    label : str
    lower, upper : float
    points : tuple of PolygonPoint
        By c at first, then along the curve.
    events : tuple of BranchEvent
    ended : tuple of two str
    complete : bool
        Whether the curve was followed to its ends, or out of the range, and not given up before.
    """

    label: str
    parameter: str
    lower: float
    upper: float
    points: tuple[PolygonPoint, ...]
    events: tuple[BranchEvent, ...]
    ended: tuple[str, ...]
    complete: bool

    def headline(self) -> str:
        values = [point.parameter for point in self.points]
        return (
            f"the regular c-gon through {self.label}, c real from {min(values):.6g} to {max(values):.6g}: "
            f"{counted(len(self.points), 'point')}, {counted(len(self.events), 'event')}"
        )

    def rows(self) -> Sequence[tuple[str, str]]:
        ends = [(f"end {k}", text) for k, text in enumerate(self.ended, start=1)]
        return [*[(x.title, f"c = {x.text}   R = {x.loss:.8g}") for x in self.events], *ends]


def follow_polygon(label: Label | str, *, lower: float, upper: float) -> PolygonBranch:
    """Follow the regular k-gon of a label over a real number of columns c.

    Parameters
    ----------
    label : Label or str
        Without signs, k ≥ 5.
    lower, upper : float
        Range of c, from 4 to 64, that contains k.

    Examples
    --------
    The pentagon goes over into the hexagon:

    >>> found = follow_polygon("5", lower=5, upper=6)
    >>> round(found.points[-1].loss, 10), round(found.points[-1].length, 9)
    (0.048192376, 1.320526...)
    """
    name = as_label(label)
    if name.sigma or name.phi or name.k < 5:
        raise KgonError(f"a real number of columns is for regular polygons with k >= 5 alone, got {name}")
    low, high = float(lower), float(upper)
    if not LIMITS[0] <= low <= name.k <= high <= LIMITS[1] or low == high:
        raise KgonError(
            f"the range of c must lie within {LIMITS[0]:g} to {LIMITS[1]:g} and contain {name.k}, "
            f"got {low:g} to {high:g}"
        )
    found = polygon(name.k)
    start = np.array([float(found.length_squared), float(found.bias)])
    system = RegularPolygons()
    ways: list[Way | None] = []
    for way, used in ((-1, low < name.k), (1, name.k < high)):
        if not used:
            ways.append(None)
            continue
        branch = continuation.follow(system, start, float(name.k), lower=low, upper=high, direction=way)
        here = [_point(system, *row) for row in zip(branch.x, branch.parameter, branch.negative, strict=True)]
        events = [_event(system, event) for event in branch.events]
        ways.append(Way(here, events, ending(branch, "c = "), branch.ended not in GIVEN_UP))
    return PolygonBranch(label=str(name), parameter="c", lower=low, upper=high, **joined_ways(ways, "c = "))


def _point(system: RegularPolygons, x: Floats, c: float, negative: int) -> PolygonPoint:
    return PolygonPoint(
        parameter=float(c), loss=system.loss(x, float(c)), length=float(np.sqrt(x[0])), bias=float(x[1]),
        negative=int(negative),
    )  # fmt: skip


def _event(system: RegularPolygons, event: Event) -> BranchEvent:
    at = tuple(key for key in event.watched if not isinstance(key, tuple))
    return BranchEvent(
        kind={"watch": "region"}.get(event.kind, event.kind), what=PolygonChange(at=at) if at else None,
        parameter=event.parameter, lower=event.lower, upper=event.upper,
        loss=system.loss(event.x, event.parameter), status=str(event.status), arclength=event.arclength,
    )  # fmt: skip
