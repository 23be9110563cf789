"""Events on one step of a solution curve, each located on the arclength."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BarycentricInterpolator

from kgon.continuation_curve import Curve, Floats, Point
from kgon.results import Result, Status, result

RESOLUTION = 1e-11
"""Length of the arc to which a change of sign is bracketed."""
WIDTH = 1e-10
"""Width of the interval of an event that is located."""
SAME = 1e-9
"""Distance on the arc within which two events are one."""
CLOSE = 1e-6
"""Length of arc on which two singular points are no longer told apart."""
NODES = 8
"""Points of the polynomials that go through a singular point."""


@result
class Event(Result):
    """Something that happens on a branch.

    Attributes
    ----------
    kind : str
        fold (the parameter turns round), branch point (a second branch crosses), inertia (several
        eigenvalues pass zero at once), border (of smoothness: F′ jumps), watch (another watched function).
    name : str
        Of the watched function; several, joined by ", ", where they vanish together; else empty.
    parameter : float
    lower, upper : float
        Interval of the parameter, of width at most 1e-10 where ``status`` is CONVERGED.
    x : (n,) array
    tangent : (n + 1,) array
        Of the branch on arrival (x, then p).
    negative : tuple of int
        Negative eigenvalues of the Jacobian before and after, (0, 0) where it is not symmetric.
    turns : bool
        Whether the parameter turns round here: at folds, and at some branch points and borders.
    arclength : float
    status : Status
        CONVERGED, or STALLED where the interval is wider.
    """

    schema: ClassVar[str] = "event"

    kind: str
    name: str
    parameter: float
    lower: float
    upper: float
    x: NDArray[np.float64]
    tangent: NDArray[np.float64]
    negative: tuple[int, ...]
    turns: bool
    arclength: float
    status: Status

    def headline(self) -> str:
        name = f" {self.name}" if self.name else ""
        return f"{self.kind}{name} at p = {self.parameter:.11g} ({self.status})"

    def rows(self) -> Sequence[tuple[str, str]]:
        return [
            ("parameter", f"{self.parameter:.12g}"),
            ("interval", f"[{self.lower:.13g}, {self.upper:.13g}]"),
            ("negative eigenvalues", " → ".join(map(str, self.negative))),
            ("turns", "yes" if self.turns else "no"),
            ("status", str(self.status)),
        ]


@dataclass(slots=True)
class Segment:
    """One step of the curve: from ``a`` to ``b``, which lies on the plane at distance h across a's tangent."""

    curve: Curve
    a: Point
    b: Point
    h: float
    length: float = 0.0  # arclength of a

    def guess(self, s: float) -> Floats:
        """Cubic through both ends with their tangents."""
        r = s / self.h
        slope = self.b.tangent / float(self.b.tangent @ self.a.tangent)
        return np.asarray(
            self.a.u * (1 - r) ** 2 * (1 + 2 * r)
            + self.b.u * r**2 * (3 - 2 * r)
            + self.h * r * (1 - r) * ((1 - r) * self.a.tangent - r * slope)
        )

    def at(self, s: float) -> Point | None:
        if s <= 0:
            return self.a
        if s >= self.h:
            return self.b
        return self.curve.at(self.a, s, self.guess(s))

    def event(self, kind: str, name: str, low: Point, high: Point, s: float, **fields: object) -> Event:
        """An event between two points of the curve that are very near to each other."""
        n = self.curve.n
        middle = (low.u + high.u) / 2
        pad = max(low.error, high.error) + 4e-16 * (1 + float(np.abs(middle).max()))
        p = sorted((float(low.u[n]), float(high.u[n])))
        lower, upper = p[0] - pad, p[1] + pad
        return Event(
            kind=kind,
            name=name,
            parameter=float(middle[n]),
            lower=lower,
            upper=upper,
            x=middle[:n],
            tangent=low.tangent[: n + 1],
            negative=(low.negative, high.negative),
            turns=bool(low.tangent[n] * high.tangent[n] < 0),
            arclength=self.length + s,
            status=Status.CONVERGED if upper - lower <= WIDTH else Status.STALLED,
        )


Function = Callable[[Point], float]


def bracket(
    at: Callable[[float], Point | None],
    function: Function,
    low: tuple[float, Point],
    high: tuple[float, Point | None],
    *,
    width: float,
) -> tuple[tuple[float, Point], tuple[float, Point | None]]:
    """Shrink an interval of the arc on which a function changes sign, by regula falsi and bisection.

    Where no point of the curve is found, the change of sign is taken to lie before (``high`` may be None).
    """
    (s0, p0), (s1, p1) = low, high
    f0 = function(p0)
    f1 = None if p1 is None else function(p1)
    stale = 0
    while s1 - s0 > width:
        s = (s0 + s1) / 2
        if f1 is not None and stale < 3 and f0 != f1:
            s = s0 + (s1 - s0) * min(max(f0 / (f0 - f1), 0.0), 1.0)
            # go just beyond the estimate, so that the interval closes from both sides
            beyond = min(0.4 * width if s1 - s0 < 1e-3 else 0.02 * (s1 - s0), (s1 - s0) / 2)
            s = s + beyond if s - s0 < s1 - s else s - beyond
        if not s0 < s < s1:
            break
        point = at(s)
        before = s1 - s0
        if point is not None and (function(point) > 0) == (f0 > 0) and function(point) != 0:
            s0, p0, f0 = s, point, function(point)
        else:
            s1, p1 = s, point
            f1 = None if point is None else function(point)
        stale = stale + 1 if s1 - s0 > before / 2 else 0
        if stale > 3:
            stale = 0
    return (s0, p0), (s1, p1)


def crossing(segment: Segment, kind: str, name: str, function: Function) -> Event:
    """A simple change of sign of a function on a segment."""
    low, high = bracket(segment.at, function, (0.0, segment.a), (segment.h, segment.b), width=RESOLUTION)
    assert high[1] is not None
    return segment.event(kind, name, low[1], high[1], (low[0] + high[0]) / 2)


def _sign(value: float) -> bool:
    return value > 0


def singular(segment: Segment, low: tuple[float, Point], high: tuple[float, Point]) -> list[Event]:
    """Folds, branch points and changes of inertia between two points of a segment that has no border."""
    n = segment.curve.n
    (s0, a), (s1, b) = low, high
    turned = _sign(a.tangent[n]) != _sign(b.tangent[n])
    crossed = _sign(a.determinant) != _sign(b.determinant)
    change = abs(b.negative - a.negative)
    if not (turned or crossed or change):
        return []
    odd = change == 1 or not segment.curve.system.symmetric
    if turned and not crossed and odd:
        return [_fold(segment, low, high)]
    if crossed and not turned and odd:
        return [_through(segment, low, high, "branch point", lambda point: point.determinant)]
    if turned and crossed and change == 0:
        event = _through(segment, low, high, "branch point", lambda point: point.determinant)
        if event.turns or s1 - s0 <= CLOSE:
            return [event]
    elif s1 - s0 <= CLOSE:
        least, most = sorted((a.negative, b.negative))
        return [
            _through(segment, low, high, "inertia", lambda point: float(point.eigenvalues[least:most].mean()))
        ]
    s = s0 + 0.4871 * (s1 - s0)
    middle = segment.at(s)
    if middle is None:
        return [segment.event("inertia" if change else "branch point", "", a, b, (s0 + s1) / 2)]
    return singular(segment, low, (s, middle)) + singular(segment, (s, middle), high)


def _fold(segment: Segment, low: tuple[float, Point], high: tuple[float, Point]) -> Event:
    n = segment.curve.n
    low, end = bracket(segment.at, lambda point: float(point.tangent[n]), low, high, width=RESOLUTION)
    assert end[1] is not None
    return segment.event("fold", "", low[1], end[1], (low[0] + end[0]) / 2)


def _through(
    segment: Segment, low: tuple[float, Point], high: tuple[float, Point], kind: str, function: Function
) -> Event:
    """An event at which the curve's points are ill-determined: from polynomials through points around it."""
    n = segment.curve.n
    before, after = low[1], high[1]
    near, far = bracket(segment.at, function, low, high, width=1e-3 * (high[0] - low[0]))
    centre = (near[0] + far[0]) / 2
    radius = segment.h
    best: tuple[float, float, Floats, Floats] | None = None
    previous: tuple[float, Floats] | None = None
    while radius > 1e-5:
        found = _fit(segment, function, centre, radius)
        if found is not None:
            s, u, tangent = found
            if previous is not None:
                error = max(abs(s - previous[0]), float(np.abs(u - previous[1]).max()))
                if best is None or error < best[0]:
                    best = (error, s, u, tangent)
                if error < 1e-12:
                    break
            previous = (s, u)
        else:
            previous = None
        radius /= 4
    if best is None:
        assert far[1] is not None
        return segment.event(kind, "", near[1], far[1], centre)
    error, s, u, tangent = best
    pad = 2 * error + 4e-16 * (1 + float(np.abs(u).max()))
    p = float(u[n])
    return Event(
        kind=kind,
        name="",
        parameter=p,
        lower=p - pad,
        upper=p + pad,
        x=u[:n],
        tangent=tangent[: n + 1],
        negative=(before.negative, after.negative),
        turns=bool(abs(tangent[n]) <= CLOSE and _sign(before.tangent[n]) != _sign(after.tangent[n])),
        arclength=segment.length + s,
        status=Status.CONVERGED if 2 * pad <= WIDTH else Status.STALLED,
    )


def _fit(
    segment: Segment, function: Function, centre: float, radius: float
) -> tuple[float, Floats, Floats] | None:
    """Root of the polynomial through a function's values around a centre, and the curve there."""
    low, high = max(centre - radius, 0.0), min(centre + radius, segment.h)
    angles = (2 * np.arange(NODES) + 1) * np.pi / (2 * NODES)
    nodes = (low + high) / 2 + (high - low) / 2 * np.cos(angles)[::-1]
    points = [segment.at(float(s)) for s in nodes]
    if any(point is None for point in points):
        return None
    values = np.array([function(point) for point in points if point is not None])
    curve = np.array([point.u for point in points if point is not None])
    fit = BarycentricInterpolator(nodes, values)
    grid = np.linspace(low, high, 65)
    on_grid = fit(grid)
    changes = np.flatnonzero(np.sign(on_grid[:-1]) != np.sign(on_grid[1:]))
    if not len(changes):
        return None
    k = changes[np.argmin(np.abs(grid[changes] - centre))]
    s0, s1 = float(grid[k]), float(grid[k + 1])
    positive = fit(s0) > 0
    while s1 - s0 > 1e-15 * (1 + s1):
        s = (s0 + s1) / 2
        if not s0 < s < s1:
            break
        if (fit(s) > 0) == positive:
            s0 = s
        else:
            s1 = s
    through = BarycentricInterpolator(nodes, curve)
    s = (s0 + s1) / 2
    slope = through.derivative(s)
    return s, through(s), slope / np.linalg.norm(slope)
