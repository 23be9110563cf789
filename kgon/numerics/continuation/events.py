"""Locate the events on one step of a solution curve."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

from kgon.base.checks import Floats
from kgon.base.results import Result, result
from kgon.base.verdicts import Status
from kgon.numerics.continuation.curve import Curve, CurvePoint, Key

RESOLUTION = 1e-11
"""Length of the arc to which a change of sign is bracketed."""
EVENT_WIDTH = 1e-10
"""Width of the interval of an event that is located."""
SAME_PLACE = 1e-9
"""Distance on the arc within which two events are one."""
CLOSE = 1e-6
"""Length of arc on which two singular points are no longer told apart."""
PARAMETER_ROUNDING = 4e-16
"""Relative error of a parameter."""
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
    watched : tuple of keys
        Of the watched function; several where they vanish together; else empty.
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

    kind: str
    watched: tuple[Key, ...]
    parameter: float
    lower: float
    upper: float
    x: NDArray[np.float64]
    tangent: NDArray[np.float64]
    negative: tuple[int, ...]
    turns: bool
    arclength: float
    status: Status

    @property
    def name(self) -> str:
        """The keys of the watched functions in words."""
        return ", ".join(map(str, self.watched))

    def headline(self) -> str:
        name = f" {self.name}" if self.watched else ""
        return f"{self.kind}{name} at p = {self.parameter:.11g} ({self.status})"

    def rows(self) -> Sequence[tuple[str, str]]:
        return [
            ("parameter", f"{self.parameter:.12g}"),
            ("interval", f"[{self.lower:.13g}, {self.upper:.13g}]"),
            ("negative eigenvalues", " → ".join(map(str, self.negative))),
            ("turns", "yes" if self.turns else "no"),
            ("status", str(self.status)),
        ]


Function = Callable[[CurvePoint], float]
Place = tuple[float, CurvePoint]
"""A point of a segment, by its distance from the beginning along the tangent there."""
End = tuple[float, CurvePoint | None]
"""The same, or a distance at which there is no point of the curve."""


@dataclass(slots=True)
class Segment:
    """One step of the curve, from ``a`` to ``b`` on the plane at distance h across a's tangent."""

    curve: Curve
    a: CurvePoint
    b: CurvePoint
    h: float
    length: float = 0.0  # arclength of a

    def guess(self, s: float) -> Floats:
        """Interpolate by the cubic through both ends with their tangents."""
        r = s / self.h
        slope = self.b.tangent / float(self.b.tangent @ self.a.tangent)
        return np.asarray(
            self.a.u * (1 - r) ** 2 * (1 + 2 * r)
            + self.b.u * r**2 * (3 - 2 * r)
            + self.h * r * (1 - r) * ((1 - r) * self.a.tangent - r * slope)
        )

    def at(self, s: float) -> CurvePoint | None:
        """Find the point of the curve at a distance s from the beginning, if there is one."""
        if s <= 0:
            return self.a
        if s >= self.h:
            return self.b
        return self.curve.at(self.a, s, self.guess(s))

    def bracket(
        self,
        function: Function,
        low: Place | None = None,
        high: Place | None = None,
        *,
        positive: bool | None = None,
        width: float = RESOLUTION,
    ) -> tuple[Place, End]:
        """Bracket a change of sign of a function, by default on all of the segment; see ``bracket`` below."""
        low, high = low or (0.0, self.a), high or (self.h, self.b)
        positive = function(low[1]) > 0 if positive is None else positive
        return bracket(self.at, function, low, high, positive=positive, width=width)

    def event(self, kind: str, low: Place, high: End, watched: tuple[Key, ...] = ()) -> Event:
        """Describe an event between two points of the curve that are very near to each other."""
        n = self.curve.n
        before, after = low[1], high[1] or low[1]
        middle = (before.u + after.u) / 2
        pad = max(before.error, after.error) + rounding_at(middle)
        if high[1] is None:
            pad += high[0] - low[0]
        p = sorted((float(before.u[n]), float(after.u[n])))
        return self.located(
            kind, middle, before.tangent, (p[0] - pad, p[1] + pad), (low[0] + high[0]) / 2, watched=watched,
            negative=(before.negative, after.negative), turns=kind == "fold", sure=high[1] is not None,
        )  # fmt: skip

    def located(
        self, kind: str, u: Floats, tangent: Floats, interval: tuple[float, float], s: float,
        *, negative: tuple[int, int], turns: bool, watched: tuple[Key, ...] = (), sure: bool = True,
    ) -> Event:  # fmt: skip
        """Describe an event at a point u of the segment, at arclength s from its beginning."""
        n, (lower, upper) = self.curve.n, interval
        narrow = sure and upper - lower <= EVENT_WIDTH
        return Event(
            kind=kind, watched=watched, parameter=float(u[n]), lower=lower, upper=upper, x=u[:n],
            tangent=tangent[: n + 1], negative=negative, turns=turns, arclength=self.length + s,
            status=Status.CONVERGED if narrow else Status.STALLED,
        )  # fmt: skip


def rounding_at(u: Floats) -> float:
    """Bound how far rounding may move the parameter at a point."""
    return PARAMETER_ROUNDING * (1 + float(np.abs(u).max()))


def bracket(
    at: Callable[[float], CurvePoint | None],
    function: Function,
    low: Place,
    high: End,
    *,
    positive: bool,
    width: float,
) -> tuple[Place, End]:
    """Shrink an interval of the arc on which a function changes sign, by secants and bisection.

    ``positive`` is its sign at the low end: rounding may have the values at the ends wrong.  Where there is
    no point of the curve, the change of sign lies before (the high end may be None).
    """
    sign = 1.0 if positive else -1.0
    (s0, p0), (s1, p1) = low, high
    known = [(s0, max(sign * function(p0), 0.0))]
    if p1 is not None:
        known.append((s1, min(sign * function(p1), 0.0)))
        known.sort(key=lambda pair: -abs(pair[1]))
    slow = 0
    while s1 - s0 > width:
        length = s1 - s0
        s = s0 + length / 2
        if len(known) > 1 and slow < 3:
            (t0, f0), (t1, f1) = known[-2:]
            root = t1 - f1 * (t1 - t0) / (f1 - f0) if f0 != f1 else s
            # a little beyond the root of the secant, so that the interval closes from both sides
            beyond = root + float(np.copysign(max(0.01 * abs(root - t1), 0.4 * width), root - t1))
            s = beyond if s0 < beyond < s1 else root if s0 < root < s1 else s
        else:
            slow = 0
        if not s0 < s < s1:
            break
        point = at(s)
        value = None if point is None else sign * function(point)
        if point is not None and value is not None and value > 0:
            s0, p0 = s, point
        else:
            s1, p1 = s, point
        known = known if value is None else [*known[-1:], (s, value)]
        slow = slow + 1 if s1 - s0 > length / 2 else 0
    return (s0, p0), (s1, p1)


def sign_change(segment: Segment, key: Key) -> Event:
    """Locate a change of sign of a watched function that is no border."""
    ends = segment.bracket(lambda point: point.watched[key], positive=segment.a.signs[key] > 0)
    return segment.event("watch", *ends, (key,))


def singular(segment: Segment, low: Place, high: Place) -> list[Event]:
    """Find folds, branch points and changes of inertia between two points of a segment without a border."""
    (s0, a), (s1, b) = low, high
    turned = (a.rise > 0) != (b.rise > 0)
    crossed = (a.determinant > 0) != (b.determinant > 0)
    change = abs(b.negative - a.negative)
    if not (turned or crossed or change):
        return []
    odd = change == 1 or not segment.curve.system.symmetric
    if turned and not crossed and odd:
        return [segment.event("fold", *segment.bracket(lambda point: point.rise, low, high))]
    if crossed and not turned and odd:
        return [_through(segment, low, high, "branch point", lambda point: point.determinant)]
    if turned and crossed and change == 0:
        event = _through(segment, low, high, "branch point", lambda point: point.determinant)
        if event.turns or s1 - s0 <= CLOSE:
            return [event]
    elif s1 - s0 <= CLOSE and change == 0:
        return [segment.event("branch point" if crossed else "fold", low, high)]
    elif s1 - s0 <= CLOSE:
        least, most = sorted((a.negative, b.negative))
        return [
            _through(segment, low, high, "inertia", lambda point: float(point.eigenvalues[least:most].mean()))
        ]
    s = s0 + 0.4871 * (s1 - s0)
    middle = segment.at(s)
    if middle is None:
        return [segment.event("inertia" if change else "branch point", low, high)]
    return singular(segment, low, (s, middle)) + singular(segment, (s, middle), high)


def _through(segment: Segment, low: Place, high: Place, kind: str, function: Function) -> Event:
    """Locate an event whose points are ill-determined, from polynomials through points around it."""
    before, after = low[1], high[1]
    near, far = segment.bracket(function, low, high, width=1e-3 * (high[0] - low[0]))
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
        return segment.event(kind, near, far)
    error, s, u, tangent = best
    pad, p = 2 * error + rounding_at(u), float(u[segment.curve.n])
    turns = bool(abs(tangent[segment.curve.n]) <= CLOSE and (before.rise > 0) != (after.rise > 0))
    negative = (before.negative, after.negative)
    return segment.located(kind, u, tangent, (p - pad, p + pad), s, negative=negative, turns=turns)


def _fit(
    segment: Segment, function: Function, centre: float, radius: float
) -> tuple[float, Floats, Floats] | None:
    """Root of the polynomial through a function's values around a centre, and the curve there."""
    low, high = max(centre - radius, 0.0), min(centre + radius, segment.h)
    middle, half = (low + high) / 2, (high - low) / 2
    places = chebyshev.chebpts1(NODES)
    points = [segment.at(middle + half * float(place)) for place in places]
    if any(point is None for point in points):
        return None
    rows = np.array([[function(point), *point.u] for point in points if point is not None])
    fit = chebyshev.chebfit(places, rows, NODES - 1)
    values = fit[:, 0]
    roots = chebyshev.chebroots(chebyshev.chebtrim(values, 1e-14 * np.abs(values).max()))
    inside = roots.real[(np.abs(roots.imag) <= 1e-12) & (np.abs(roots.real) <= 1)]
    if not len(inside):
        return None
    root = float(inside[np.argmin(np.abs(middle + half * inside - centre))])
    u = np.asarray(chebyshev.chebval(root, fit[:, 1:]))
    slope = np.asarray(chebyshev.chebval(root, chebyshev.chebder(fit[:, 1:])))
    return middle + half * root, u, slope / np.linalg.norm(slope)
