"""Walk along one branch from its start to its end, step by step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kgon.base.results import Result, part, result
from kgon.base.text import counted
from kgon.base.verdicts import Status
from kgon.numerics.continuation.borders import Meeting, ahead, border_event, leave, meet
from kgon.numerics.continuation.curve import PROBE, Curve, CurvePoint, Steps, System, straight
from kgon.numerics.continuation.events import SAME_PLACE, Event, Segment, sign_change, singular

ANGLE = 0.15
"""Angle between successive tangents that the steps aim at, in radians."""
GROWTH = 1.5
"""Most by which a step is longer than the one before."""
MANY = 4
"""Steps of Newton's method that ask for shorter steps along the curve."""
FINE = 4e-4
"""Step at which values that nearly change sign twice are no longer looked into ..."""
FINEST = 1e-6
"""... and those that do change sign twice."""
ON_ZERO = 1e-9
"""A watched value that is small because the step begins or ends on its zero."""
CLOSED = 1e-8
"""Distance from the start at which a branch is closed."""
ILL = 1e-5
"""Determinant of a point, in units of its neighbours', below which its place is known only roughly."""
ROUGHLY = 1e-4
"""Distance of a cubic from the curve, in units of the step, that is small."""
STATUSES = {
    "upper": Status.CONVERGED,
    "lower": Status.CONVERGED,
    "closed": Status.CONVERGED,
    "max points": Status.EXHAUSTED,
}
"""Of the ways to end; the others are STALLED."""


@result
class Branch(Result):
    """A solution curve that was followed, with its events.

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
    lower, upper : float
        The range of the parameter that it was followed over.
    steps : Steps
        How it was followed, and the length of the next step.
    """

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
    steps: Steps = part()

    def headline(self) -> str:
        first, last = self.parameter[0], self.parameter[-1]
        return (
            f"branch of {len(self.parameter)} points from p = {first:.6g} to {last:.6g}, "
            f"{counted(len(self.events), 'event')}, ended: {self.ended}"
        )

    def rows(self) -> Sequence[tuple[str, str]]:
        return [
            (f"{event.kind} {event.name}".strip(), f"p = {event.parameter:.11g} ({event.status})")
            for event in self.events
        ]

    def of(self, kind: str) -> tuple[Event, ...]:
        """Select the events of one kind."""
        return tuple(event for event in self.events if event.kind == kind)


class Walk:
    """A branch in the making, from a first point or from where an earlier one stopped."""

    def __init__(self, curve: Curve, first: CurvePoint, lower: float, upper: float, steps: Steps) -> None:
        self.curve, self.lower, self.upper, self.steps, self.h = curve, lower, upper, steps, steps.step
        n = curve.n
        self.origin = self.here = first
        self.u, self.tangents, self.negatives = [first.u[: n + 1]], [first.tangent[: n + 1]], [first.negative]
        self.lengths = [0.0]
        self.events: list[Event] = []
        self.ended = ""

    @classmethod
    def at_the_end(cls, system: System, branch: Branch, lower: float, upper: float, steps: Steps) -> Walk:
        """Begin a walk at the end of a branch."""
        curve = Curve(system, branch.x.shape[1], steps)
        points = np.column_stack([branch.x, branch.parameter])
        walk = cls(curve, curve.again(points[0], branch.tangent[0]), lower, upper, steps)
        if len(points) > 1:
            walk.here = curve.again(points[-1], branch.tangent[-1])
        walk.u, walk.tangents = list(points), list(branch.tangent)
        walk.negatives, walk.lengths = branch.negative.tolist(), branch.arclength.tolist()
        walk.events = list(branch.events)
        return walk

    def run(self, progress: Callable[[str], None] | None) -> Branch:
        """Walk to the end, and give the whole branch."""
        while not self.ended:
            if len(self.u) >= self.steps.max_points:
                self.ended = "max points"
                break
            self._advance()
            if progress is not None:
                progress(f"{len(self.u)} points, p = {self.u[-1][-1]:.6g}")
        u = np.array(self.u)
        return Branch(
            parameter=u[:, -1], x=u[:, :-1], tangent=np.array(self.tangents),
            negative=np.array(self.negatives, dtype=np.int64), arclength=np.array(self.lengths),
            events=tuple(self.events), ended=self.ended, status=STATUSES.get(self.ended, Status.STALLED),
            lower=self.lower, upper=self.upper, steps=replace(self.steps, step=self.h),
        )  # fmt: skip

    def _advance(self) -> None:
        """One step, or a shorter one next time."""
        curve, a, h = self.curve, self.here, self.h
        p, rise = float(a.u[curve.n]), float(a.tangent[curve.n])
        if (p >= self.upper and rise > 0) or (p <= self.lower and rise < 0):
            self.ended = "upper" if rise > 0 else "lower"
            return
        curve.freeze(a.u[: curve.n], p)
        b = curve.at(a, h)
        reached = b is not None and straight(a, b)
        segment = Segment(curve, a, b if b is not None and reached else a, h, self.lengths[-1])
        if ahead(curve, a, segment.b.u if reached else a.u + h * a.tangent):
            met = meet(segment, reached=reached)
            if met is None:
                self._shorten()
            else:
                self._cross(segment, met)
            return
        middle = curve.measure(segment.guess(h / 2), a.tangent) if reached else None
        if not reached or (middle is not None and self._hides(a, middle, segment.b)):
            self._shorten()
        elif self._append(segment):
            angle = float(np.arccos(min(1.0, float(a.tangent @ segment.b.tangent))))
            factor = min(max(ANGLE / max(angle, 1e-9), 0.5), GROWTH)
            self.h = min(h * (min(factor, 0.7) if segment.b.steps > MANY else factor), self.steps.longest)

    def _shorten(self) -> None:
        self.h /= 2
        if self.h < self.steps.shortest:
            self.ended = "step too small"

    def _hides(self, a: CurvePoint, middle: CurvePoint, b: CurvePoint) -> bool:
        """Whether a sign may have changed twice between two points."""
        watched = [name for name, sign in a.signs.items() if sign and b.signs.get(name) == sign]
        twice = a.negative == b.negative != middle.negative or any(
            middle.signs.get(name, sign) == -sign for name, sign in a.signs.items() if name in watched
        )
        values = [
            (a.rise, middle.rise, b.rise),
            (a.determinant, middle.determinant, b.determinant),
            *(
                (a.watched[name], middle.watched[name], b.watched[name])
                for name in watched
                if middle.signs.get(name) and min(abs(a.watched[name]), abs(b.watched[name])) > ON_ZERO
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

    def _cross(self, segment: Segment, met: Meeting) -> None:
        """End a step on a border, and turn into the way on."""
        curve, here = self.curve, met.here
        length = float(segment.a.tangent @ (here.u - segment.a.u))
        if length > 0:
            taken = self._append(Segment(curve, segment.a, here, length, segment.length))
            if self.ended or not taken:
                return
        side = tuple(here.signs[key] for key in met.keys)
        ways = leave(curve, here.u, met.keys, here.tangent, side)
        if length <= SAME_PLACE and self.events and self.events[-1].watched == met.keys:
            ways = []  # it came from there
        on = ways[0] if ways else None
        self.events.append(border_event(segment, met, on))
        if on is None:
            self.ended = "border: no continuation"
            return
        n = curve.n
        self.here, self.tangents[-1], self.negatives[-1] = on, on.tangent[: n + 1], on.negative
        if self._back(on):
            self.ended = "closed"

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
                events.append(sign_change(segment, name))
        if any(event.status is Status.STALLED for event in events) and self.h > FINEST:
            self.ended = ""
            self._shorten()
            return False
        self.events += sorted(events, key=lambda event: event.arclength)
        self.lengths.append(segment.length + float(np.linalg.norm(b.u[: n + 1] - a.u[: n + 1])))
        self.u.append(b.u[: n + 1])
        self.tangents.append(b.tangent[: n + 1])
        self.negatives.append(b.negative)
        self.here = b
        return True

    def _cut(self, segment: Segment) -> Segment:
        """The segment up to the limits of the parameter, or up to the branch's start."""
        curve, n = self.curve, self.curve.n
        a = segment.a
        p = float(segment.b.u[n])
        if not self.lower <= p <= self.upper:
            self.ended = "upper" if p > self.upper else "lower"
            end = self._end(segment, self.upper if p > self.upper else self.lower)
            segment = Segment(curve, a, end, float(a.tangent @ (end.u - a.u)), segment.length)
        s = float(a.tangent @ (self.origin.u - a.u))
        if 0 < s <= segment.h * (1 + 1e-9) and self._closes(segment, s):
            self.ended = "closed"
            return Segment(curve, a, self.origin, s, segment.length)
        return segment

    def _closes(self, segment: Segment, s: float) -> bool:
        """Whether a segment passes through the branch's start, as the branch left it."""
        guess = segment.guess(s)
        if np.abs(guess - self.origin.u).max() > ROUGHLY * segment.h:
            return False
        here = segment.at(s)
        usual = max(abs(segment.a.determinant), abs(segment.b.determinant))
        if here is not None and abs(here.determinant) > ILL * usual:
            return self._back(here)
        # branches cross at the start, where a point of the curve is ill-determined
        ahead = segment.guess(s + PROBE) - segment.guess(s - PROBE)
        return len(self.u) > 2 and bool(ahead @ self.origin.tangent > 0.9 * np.linalg.norm(ahead))

    def _end(self, segment: Segment, limit: float) -> CurvePoint:
        """Where a segment comes to a limit of the parameter."""
        curve, n = self.curve, self.curve.n
        (_, low), (_, high) = segment.bracket(
            lambda point: float(point.u[n]) - limit, positive=float(segment.b.u[n]) < limit, width=1e-6
        )
        end = high or low
        row = np.zeros(len(end.u))
        row[n] = 1.0
        corrected = curve.correct(end.u, row, limit)
        if corrected is None or np.abs(corrected[0] - end.u).max() > 1e-3:  # a fold is very near
            return end
        u, error, steps = corrected
        return curve.measure(u, segment.a.tangent, error=error, steps=steps) or end

    def _back(self, point: CurvePoint) -> bool:
        """Whether the branch has come back to its start."""
        return bool(
            len(self.u) > 2
            and np.abs(point.u - self.origin.u).max() <= CLOSED
            and point.tangent @ self.origin.tangent > 0.9
        )
