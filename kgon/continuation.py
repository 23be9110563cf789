"""Continuation: solution curves of F(x, p) = 0 by pseudo-arclength, with their events.

Generic: a ``System`` in, a ``Branch`` with status out.  F need only be continuous with C¹ pieces: the borders
between them are found, never stepped across unnoticed, and the curve goes on with the Jacobian of the
other side.  Keller (1977), "Numerical solution of bifurcation and nonlinear eigenvalue problems".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from kgon.continuation_borders import JOIN, ahead, border_event, leave, meet, other_sides
from kgon.continuation_branching import half_branches
from kgon.continuation_curve import Curve, Floats, Point, System, straight
from kgon.continuation_events import Event, Segment, bracket, crossing, singular
from kgon.results import KgonError, Result, Status, result

__all__ = ["Branch", "Event", "System", "follow", "resume", "switch"]

ANGLE = 0.15
"""Angle between successive tangents that the steps aim at, in radians."""
FINE = 4e-4
"""Step at which values that nearly change sign twice are no longer looked into ..."""
FINEST = 1e-6
"""... and those that do change sign twice."""
NEAR = 1e-9
"""A watched value that is small because the step begins or ends on its zero."""
CLOSED = 1e-8
"""Distance from the start at which a branch is closed."""


@result
class Branch(Result):
    """A solution curve.

    Attributes
    ----------
    parameter : (m,) array
    x : (m, n) array
    tangent : (m, n + 1) array
        Of length 1 (x, then p); at a kink that of the way on.
    negative : (m,) int array
        Negative eigenvalues of the Jacobian; zeros where it is not symmetric.
    arclength : (m,) array
    events : tuple of Event
        In the order of the curve.
    ended : str
        "upper", "lower", "closed", "border: no continuation", "step too small", "max points".
    status : Status
        CONVERGED (at a limit, or closed), STALLED (it cannot be followed further), EXHAUSTED (max points).
    lower, upper, longest, shortest, tol : float
    flat : int
        The options it was made with.
    step : float
        Length of the next step.
    """

    schema: ClassVar[str] = "branch"

    parameter: NDArray[np.float64]
    x: NDArray[np.float64]
    tangent: NDArray[np.float64]
    negative: NDArray[np.int64]
    arclength: NDArray[np.float64]
    events: tuple[Event, ...]
    ended: str
    status: Status
    lower: float
    upper: float
    step: float
    shortest: float
    longest: float
    tol: float
    flat: int

    def headline(self) -> str:
        first, last = self.parameter[0], self.parameter[-1]
        return (
            f"branch of {len(self.parameter)} points from p = {first:.6g} to {last:.6g}, "
            f"{len(self.events)} events, ended: {self.ended}"
        )

    def rows(self) -> Sequence[tuple[str, str]]:
        return [
            (f"{event.kind} {event.name}".strip(), f"p = {event.parameter:.11g} ({event.status})")
            for event in self.events
        ]

    def of(self, kind: str) -> tuple[Event, ...]:
        """The events of one kind."""
        return tuple(event for event in self.events if event.kind == kind)


def follow(
    system: System,
    x: Floats,
    p: float,
    *,
    lower: float,
    upper: float,
    direction: int = 1,
    tangent: Floats | None = None,
    step: float = 0.02,
    shortest: float = 1e-9,
    longest: float = 0.1,
    tol: float = 1e-12,
    max_points: int = 5000,
    flat: int = 0,
    progress: Callable[[str], None] | None = None,
) -> Branch:
    """Follow the solution curve through a point to the end of a range of the parameter."""
    _check_options(lower, upper, direction, step, shortest, longest, max_points)
    if not lower <= p <= upper:
        raise KgonError(f"p must lie in [lower, upper] = [{lower:g}, {upper:g}], got {p:g}")
    x = np.asarray(x, dtype=np.float64)
    curve = Curve(system, len(x), flat=flat, tol=tol)
    first = curve.start(x, float(p), tangent, direction)
    walk = _Walk(curve, lower, upper, step, shortest, longest, first)
    return walk.run(max_points, progress)


def _check_options(
    lower: float,
    upper: float,
    direction: int,
    step: float,
    shortest: float,
    longest: float,
    max_points: int,
) -> None:
    if not lower < upper:
        raise KgonError(f"lower must be less than upper, got {lower:g} and {upper:g}")
    if direction not in (1, -1):
        raise KgonError(f"direction must be 1 or -1, got {direction}")
    if not 0 < shortest <= step <= longest:
        raise KgonError(
            "step lengths must obey 0 < shortest <= step <= longest, "
            f"got shortest={shortest:g}, step={step:g}, longest={longest:g}"
        )
    if max_points < 1:
        raise KgonError(f"max_points must be at least 1, got {max_points}")


class _Walk:
    """A branch in the making."""

    def __init__(
        self,
        curve: Curve,
        lower: float,
        upper: float,
        step: float,
        shortest: float,
        longest: float,
        first: Point,
    ) -> None:
        self.curve, self.lower, self.upper = curve, lower, upper
        self.h, self.shortest, self.longest = step, shortest, longest
        self.origin = first
        self.points, self.lengths = [first], [0.0]
        self.events: list[Event] = []
        self.ended = ""

    @classmethod
    def of(cls, curve: Curve, branch: Branch) -> _Walk:
        """A walk that stands at the end of a branch."""
        first, last = (curve.again(branch.x[i], branch.parameter[i], branch.tangent[i]) for i in (0, -1))
        walk = cls(curve, branch.lower, branch.upper, branch.step, branch.shortest, branch.longest, first)
        walk.points = [
            replace(
                last, u=np.concatenate([x, [p], np.zeros(curve.flat)]), tangent=tangent, negative=int(count)
            )
            for x, p, tangent, count in zip(
                branch.x, branch.parameter, branch.tangent, branch.negative, strict=True
            )
        ]
        walk.points[0], walk.points[-1] = first, last
        walk.lengths, walk.events = list(branch.arclength), list(branch.events)
        return walk

    def run(self, max_points: int, progress: Callable[[str], None] | None) -> Branch:
        while not self.ended:
            if len(self.points) >= max_points:
                self.ended = "max points"
                break
            self._advance()
            if progress is not None:
                progress(f"{len(self.points)} points, p = {self.points[-1].u[self.curve.n]:.6g}")
        return self.branch()

    def branch(self) -> Branch:
        n = self.curve.n
        u = np.array([point.u for point in self.points])
        statuses = {"max points": Status.EXHAUSTED, "upper": Status.CONVERGED, "lower": Status.CONVERGED}
        statuses["closed"] = Status.CONVERGED
        return Branch(
            parameter=u[:, n],
            x=u[:, :n],
            tangent=np.array([point.tangent[: n + 1] for point in self.points]),
            negative=np.array([point.negative for point in self.points]),
            arclength=np.array(self.lengths),
            events=tuple(self.events),
            ended=self.ended,
            status=statuses.get(self.ended, Status.STALLED),
            lower=self.lower,
            upper=self.upper,
            step=self.h,
            shortest=self.shortest,
            longest=self.longest,
            tol=self.curve.tol,
            flat=self.curve.flat,
        )

    def _advance(self) -> None:
        """One step, or a shorter one next time."""
        curve, a, n = self.curve, self.points[-1], self.curve.n
        p = float(a.u[n])
        if (p >= self.upper and a.tangent[n] > 0) or (p <= self.lower and a.tangent[n] < 0):
            self.ended = "upper" if a.tangent[n] > 0 else "lower"
            return
        curve.freeze(a.u[:n], p)
        b = curve.at(a, self.h)
        if b is not None and not straight(a, b):
            b = None
        length = self.lengths[-1]
        if b is None:
            guess = a.u + self.h * a.tangent
            if ahead(curve, a, guess):
                segment = Segment(curve, a, a, self.h, length)
                met = meet(segment, reached=False)
                if met is not None and met[0] < self.h:
                    self._cross(segment, met)
                    return
            self._shorten()
            return
        segment = Segment(curve, a, b, self.h, length)
        if ahead(curve, a, b.u):
            met = meet(segment, reached=True)
            if met is None:
                self._shorten()
            else:
                self._cross(segment, met)
            return
        middle = curve.measure(segment.guess(self.h / 2), a.tangent)
        if middle is not None and self._hides(a, middle, b):
            self._shorten()
            return
        angle = float(np.arccos(min(1.0, float(a.tangent @ b.tangent))))
        factor = min(max(ANGLE / max(angle, 1e-9), 0.5), 1.5)
        if b.steps > 4:
            factor = min(factor, 0.7)
        if self._append(segment):
            self.h = min(self.h * factor, self.longest)

    def _shorten(self) -> None:
        self.h /= 2
        if self.h < self.shortest:
            self.ended = "step too small"

    def _hides(self, a: Point, middle: Point, b: Point) -> bool:
        """Whether a sign may have changed twice between two points."""
        n = self.curve.n
        watched = [name for name, sign in a.signs.items() if sign and b.signs.get(name) == sign]
        twice = a.negative == b.negative != middle.negative or any(
            middle.signs.get(name, sign) == -sign for name, sign in a.signs.items() if name in watched
        )
        values = [
            (a.tangent[n], middle.tangent[n], b.tangent[n]),
            (a.determinant, middle.determinant, b.determinant),
            *(
                (a.watched[name], middle.watched[name], b.watched[name])
                for name in watched
                if name in middle.watched and min(abs(a.watched[name]), abs(b.watched[name])) > NEAR
            ),
        ]
        first, second, third = np.array(values).T
        same = (first > 0) == (third > 0)
        if twice or (same & ((second > 0) != (first > 0))).any():
            return self.h > FINEST
        if self.h <= FINE:
            return False
        bend, slope = first - 2 * second + third, (third - first) / 2
        with np.errstate(all="ignore"):
            inside = np.abs(slope / bend) < 1
            vertex = second - slope**2 / (2 * bend)
        return bool((same & inside & ((vertex > 0) != (second > 0))).any())

    def _cross(self, segment: Segment, met: tuple[float, float, Point, list[str]]) -> None:
        """End a step on a border, and turn into the way on."""
        curve = self.curve
        here = met[2]
        length = float(segment.a.tangent @ (here.u - segment.a.u))
        if length > 0:
            taken = self._append(Segment(curve, segment.a, here, length, segment.length))
            if self.ended or not taken:
                return
        ways = leave(curve, here, met[3])
        if length <= 1e-9 and self.events and self.events[-1].name == JOIN.join(met[3]):
            ways = []
        on = ways[0] if ways else None
        self.events.append(border_event(segment, met, on))
        if on is None:
            self.ended = "border: no continuation"
            return
        self.points[-1] = on
        if self._back(on):
            self.ended = "closed"
        self.h = min(max(self.h / 4, self.shortest), self.longest)

    def _append(self, segment: Segment) -> bool:
        """Take a smooth step: cut at the limits or where the curve closes; its events; its end.

        Refused where a change of sign has no place: the step has jumped to another branch.
        """
        n = self.curve.n
        segment = self._cut(segment)
        a, b = segment.a, segment.b
        events = singular(segment, (0.0, a), (segment.h, b))
        for name, sign in a.signs.items():
            other = b.signs.get(name, 0)
            if sign * other < 0 and not self.curve.system.border(name):
                events.append(crossing(segment, name))
        if any(event.status is Status.STALLED for event in events) and self.h > FINEST:
            self.ended = ""
            self._shorten()
            return False
        self.events += sorted(events, key=lambda event: event.arclength)
        self.lengths.append(segment.length + float(np.linalg.norm(b.u[: n + 1] - a.u[: n + 1])))
        self.points.append(b)
        return True

    def _cut(self, segment: Segment) -> Segment:
        curve, n = self.curve, self.curve.n
        a, b = segment.a, segment.b
        p = float(b.u[n])
        if p > self.upper or p < self.lower:
            limit = self.upper if p > self.upper else self.lower
            (_, low), (_, high) = bracket(
                segment.at,
                lambda point: float(point.u[n]) - limit,
                (0.0, a),
                (segment.h, b),
                positive=p < self.lower,
                width=1e-6,
            )
            row = np.zeros(len(a.u))
            row[n] = 1.0
            end = high or low
            corrected = curve.correct(end.u, row, limit)
            if corrected is not None and np.abs(corrected[0] - end.u).max() < 1e-3:
                measured = curve.measure(corrected[0], a.tangent, error=corrected[1], steps=corrected[2])
                end = measured or end
            self.ended = "upper" if p > self.upper else "lower"
            h = float(a.tangent @ (end.u - a.u))
            segment = Segment(curve, a, end, h, segment.length)
        s = float(a.tangent @ (self.origin.u - a.u))
        if 0 < s <= segment.h * (1 + 1e-9) and np.linalg.norm(self.origin.u - a.u) <= 2 * segment.h:
            here = segment.at(s)
            if here is not None and self._back(here):
                self.ended = "closed"
                return Segment(curve, a, self.origin, s, segment.length)
        return segment

    def _back(self, point: Point) -> bool:
        """Whether the branch has come back to its start."""
        return bool(
            len(self.points) > 2
            and np.abs(point.u - self.origin.u).max() <= CLOSED
            and point.tangent @ self.origin.tangent > 0.9
        )


def resume(
    system: System,
    branch: Branch,
    *,
    lower: float | None = None,
    upper: float | None = None,
    max_points: int = 5000,
    progress: Callable[[str], None] | None = None,
) -> Branch:
    """Go on with a branch from its last point, to the same or a wider range of the parameter.

    Parameters
    ----------
    branch : Branch
        As it was returned, or read back with ``Branch.from_json``.
    lower, upper : float, optional
        By default those of the branch.
    max_points : int
        Of the whole branch.

    Returns
    -------
    Branch
        The whole branch, as if it had not been interrupted.
    """
    curve = Curve(system, branch.x.shape[1], flat=branch.flat, tol=branch.tol)
    walk = _Walk.of(curve, branch)
    walk.lower = branch.lower if lower is None else lower
    walk.upper = branch.upper if upper is None else upper
    if branch.ended in ("closed", "border: no continuation"):
        walk.ended = branch.ended
    return walk.run(max_points, progress)


def switch(
    system: System, event: Event, *, radius: float = 1e-3, flat: int = 0, tol: float = 1e-12
) -> list[tuple[Floats, float, Floats]]:
    """Starts on the other half branches through a branch point, a change of inertia or a border.

    Parameters
    ----------
    event : Event
    radius : float
        Distance of the starts from the event, in its null space.

    Returns
    -------
    list of (x, p, tangent)
        For ``follow(system, x, p, tangent=tangent, ...)``; the tangents lead away from the event.
    """
    curve = Curve(system, len(event.x), flat=flat, tol=tol)
    if event.kind == "border":
        ways = other_sides(curve, event)
    else:
        ways = half_branches(curve, event, radius)
    n = curve.n
    return [(way.u[:n], float(way.u[n]), way.tangent[: n + 1]) for way in ways]
