"""Where a solution curve meets a border of smoothness, and how it goes on."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kgon.base.verdicts import Status
from kgon.numerics.continuation.curve import NOISE, PROBE, SINGULAR, Curve, CurvePoint, Floats, straight
from kgon.numerics.continuation.events import RESOLUTION, ROUNDING, SAME, WIDTH, Event, Segment, bracket

JOIN = ", "
"""Between the names of borders that are met at once."""
MOST = 6
"""Borders met at once of which all sides are tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """Where a curve meets borders: the arc before and after, the point on them, their names."""

    low: float
    high: float
    here: CurvePoint
    names: list[str]


def find_borders(curve: Curve, point: CurvePoint) -> list[str]:
    """Borders whose function does not vanish along the curve."""
    return [name for name, sign in point.signs.items() if sign and curve.system.border(name)]


def ahead(curve: Curve, a: CurvePoint, u: Floats) -> bool:
    """Whether a border lies between a point and a place near the curve."""
    names = find_borders(curve, a)
    if not names:
        return False
    watched = curve.system.watch(u[: curve.n], float(u[curve.n]))
    return any(a.signs[name] * watched[name] < 0 for name in names if name in watched)


def meet(segment: Segment, *, reached: bool) -> Meeting | None:
    """The first border on a segment; None if there is none, and the equations fail for another reason.

    Parameters
    ----------
    segment : Segment
        Its end is the point beyond, or (``reached`` False) only a guess that the equations refuse.
    """
    curve, a = segment.curve, segment.a
    names = find_borders(curve, a)

    def inside(point: CurvePoint) -> float:
        """Positive before the first border."""
        return min(a.signs[name] * point.watched[name] for name in names if name in point.watched)

    def at(s: float) -> CurvePoint | None:
        if reached:
            return segment.at(s)
        point = curve.at(a, s)
        return point if point is not None and straight(a, point) else None

    end = segment.b if reached else None
    (low, before), (high, _) = bracket(
        at, inside, (0.0, a), (segment.h, end), positive=True, width=RESOLUTION
    )
    value = max(inside(before), 0.0)
    behind = before.u - PROBE * before.tangent
    watched = curve.system.watch(behind[: curve.n], float(behind[curve.n]))
    slopes = {name: (before.watched[name] - watched[name]) / PROBE for name in names if name in watched}
    met = [
        name
        for name in slopes
        if abs(before.watched[name]) <= SAME * (1 + abs(slopes[name])) and a.signs[name] * slopes[name] < 0
    ]
    if not met:
        return None
    steepest = min(met, key=lambda name: a.signs[name] * before.watched[name])
    u = before.u + min(value / abs(slopes[steepest]), high - low) * before.tangent
    here = replace(
        before,
        u=u,
        watched=curve.system.watch(u[: curve.n], float(u[curve.n])),
        signs={**before.signs, **{name: a.signs[name] for name in met}},
    )
    return Meeting(low=low, high=high, here=here, names=sorted(met))


def leave(
    curve: Curve, u: Floats, names: Sequence[str], onwards: Floats, came: tuple[int, ...] | None
) -> list[CurvePoint]:
    """The curve's half branches from a point where named borders meet: on each side of them at most one.

    Parameters
    ----------
    onwards : array
        Direction that is tried first.
    came : tuple of int, optional
        The side that is left out.
    """
    found: list[CurvePoint] = []
    tried = set() if came is None else {came}
    for direction in _directions(curve, u, names, onwards):
        side = _side(curve, u + PROBE * direction, names)
        if side in tried or 0 in side:
            continue
        tried.add(side)
        way = _way(curve, u, direction, names, side)
        if way is not None:
            found.append(way)
    return found


def depart(curve: Curve, u: Floats, wanted: Floats) -> CurvePoint | None:
    """The half branch nearest to a wanted direction, from a start on borders; None where there are none."""
    watched = curve.system.watch(u[: curve.n], float(u[curve.n]))
    names = [name for name, value in watched.items() if abs(value) <= NOISE and curve.system.border(name)]
    ways = leave(curve, u, names, wanted, None) if names else []
    best = max(ways, key=lambda way: float(way.tangent @ wanted), default=None)
    return best if best is not None and best.tangent @ wanted > 0 else None


def _directions(curve: Curve, u: Floats, names: Sequence[str], onwards: Floats) -> list[Floats]:
    """The direction onwards, then one into each side of the borders."""
    directions = [onwards / float(np.linalg.norm(onwards))]
    if len(names) <= MOST:
        n = curve.n
        slopes = np.zeros((len(names), n + 1))
        for i, unit in enumerate(np.eye(len(u))[: n + 1]):
            plus, minus = u + PROBE * unit, u - PROBE * unit
            above = curve.system.watch(plus[:n], float(plus[n]))
            below = curve.system.watch(minus[:n], float(minus[n]))
            slopes[:, i] = [(above[name] - below[name]) / (2 * PROBE) for name in names]
        inverse = np.linalg.pinv(slopes, rcond=1e-6)
        for side in itertools.product((-1, 1), repeat=len(names)):
            into = np.zeros(len(u))
            into[: n + 1] = inverse @ np.array(side, dtype=float)
            if into.any():
                directions.append(into / float(np.linalg.norm(into)))
    return directions


def _side(curve: Curve, u: Floats, names: Sequence[str]) -> tuple[int, ...]:
    watched = curve.system.watch(u[: curve.n], float(u[curve.n]))
    return tuple(int(np.sign(watched[name])) if abs(watched.get(name, 0.0)) > NOISE else 0 for name in names)


def _way(
    curve: Curve, u: Floats, direction: Floats, names: Sequence[str], side: tuple[int, ...]
) -> CurvePoint | None:
    """The half branch on one side of borders, if its tangent there leads into that side."""
    probe = u + PROBE * direction
    _, values, axes = np.linalg.svd(curve.matrix(probe)[:-1])
    if values[-1] <= SINGULAR * values[0]:
        return None
    for tangent in (axes[-1], -axes[-1]):
        if _side(curve, u + PROBE * tangent, names) == side:
            return curve.beside(u, tangent)
    return None


def border_event(segment: Segment, met: Meeting, on: CurvePoint | None) -> Event:
    """The event of meeting a border; ``on`` is the way on."""
    here, n = met.here, segment.curve.n
    p, rise = float(here.u[n]), float(here.tangent[n])
    rounding = ROUNDING * (1 + float(np.abs(here.u).max()))
    pad = (met.high - met.low) * abs(rise) + here.error + rounding
    return Event(
        kind="border",
        name=JOIN.join(met.names),
        parameter=p,
        lower=p - pad,
        upper=p + pad,
        x=here.u[:n],
        tangent=here.tangent[: n + 1],
        negative=(here.negative, here.negative if on is None else on.negative),
        turns=on is not None and rise * float(on.tangent[n]) < 0,
        arclength=segment.length + met.low,
        status=Status.CONVERGED if 2 * pad <= WIDTH else Status.STALLED,
    )


def other_sides(curve: Curve, event: Event) -> list[CurvePoint]:
    """The ways on from a border that the branch did not take."""
    curve.freeze(event.x, event.parameter)
    zeros = np.zeros(curve.flat)
    u = np.concatenate([event.x, [event.parameter], zeros])
    onwards = np.concatenate([event.tangent, zeros])
    names = event.name.split(JOIN)
    return leave(curve, u, names, onwards, _side(curve, u - PROBE * onwards, names))[1:]
