"""Find where a solution curve meets a border of smoothness, and how it goes on."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kgon.base.checks import Floats
from kgon.numerics.continuation.curve import (
    PROBE,
    RANK_RATIO,
    WATCH_NOISE,
    Curve,
    CurvePoint,
    Key,
    straight,
)
from kgon.numerics.continuation.events import RESOLUTION, SAME_PLACE, Event, Segment, bracket, rounding_at

MOST = 6
"""Borders met at once of which all sides are tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """Where a curve meets borders: the arc before and after, the point on them, their keys."""

    low: float
    high: float
    here: CurvePoint
    keys: tuple[Key, ...]


def find_borders(curve: Curve, point: CurvePoint) -> list[Key]:
    """List the borders whose function does not vanish along the curve."""
    return [key for key, sign in point.signs.items() if sign and curve.system.border(key)]


def ahead(curve: Curve, a: CurvePoint, u: Floats) -> bool:
    """Say whether a border lies between a point and a place near the curve."""
    keys = find_borders(curve, a)
    if not keys:
        return False
    watched = curve.watch(u)
    return any(a.signs[key] * watched[key] < 0 for key in keys if key in watched)


def meet(segment: Segment, *, reached: bool) -> Meeting | None:
    """Find the first border on a segment; None if there is none, and the equations fail for another reason.

    Parameters
    ----------
    segment : Segment
        Its end is the point beyond, or (``reached`` False) only a guess that the equations refuse.
    """
    curve, a = segment.curve, segment.a
    keys = find_borders(curve, a)

    def inside(point: CurvePoint) -> float:
        """Positive before the first border."""
        return min(a.signs[key] * point.watched[key] for key in keys if key in point.watched)

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
    watched = curve.watch(before.u - PROBE * before.tangent)
    slopes = {key: (before.watched[key] - watched[key]) / PROBE for key in keys if key in watched}
    met = [
        key
        for key in slopes
        if abs(before.watched[key]) <= SAME_PLACE * (1 + abs(slopes[key])) and a.signs[key] * slopes[key] < 0
    ]
    if not met:
        return None
    steepest = min(met, key=lambda key: a.signs[key] * before.watched[key])
    u = before.u + min(value / abs(slopes[steepest]), high - low) * before.tangent
    here = replace(
        before,
        u=u,
        watched=curve.watch(u),
        signs={**before.signs, **{key: a.signs[key] for key in met}},
    )
    return Meeting(low=low, high=high, here=here, keys=tuple(sorted(met, key=str)))


def leave(
    curve: Curve, u: Floats, keys: Sequence[Key], onwards: Floats, came: tuple[int, ...] | None
) -> list[CurvePoint]:
    """Find the half branches that leave a point where named borders meet: on each side of them at most one.

    Parameters
    ----------
    onwards : array
        Direction that is tried first.
    came : tuple of int, optional
        The side that is left out.
    """
    found: list[CurvePoint] = []
    tried = set() if came is None else {came}
    for direction in _directions(curve, u, keys, onwards):
        side = _side(curve, u + PROBE * direction, keys)
        if side in tried or 0 in side:
            continue
        tried.add(side)
        way = _way(curve, u, direction, keys, side)
        if way is not None:
            found.append(way)
    return found


def depart(curve: Curve, u: Floats, wanted: Floats) -> CurvePoint | None:
    """Find the half branch nearest to a wanted direction, from a start on borders, if there is one."""
    watched = curve.watch(u)
    keys = [key for key, value in watched.items() if abs(value) <= WATCH_NOISE and curve.system.border(key)]
    ways = leave(curve, u, keys, wanted, None) if keys else []
    best = max(ways, key=lambda way: float(way.tangent @ wanted), default=None)
    return best if best is not None and best.tangent @ wanted > 0 else None


def _directions(curve: Curve, u: Floats, keys: Sequence[Key], onwards: Floats) -> list[Floats]:
    """The direction onwards, then one into each side of the borders."""
    directions = [onwards / float(np.linalg.norm(onwards))]
    if len(keys) <= MOST:
        n = curve.n
        slopes = np.zeros((len(keys), n + 1))
        for i, unit in enumerate(np.eye(len(u))[: n + 1]):
            above, below = curve.watch(u + PROBE * unit), curve.watch(u - PROBE * unit)
            slopes[:, i] = [(above[key] - below[key]) / (2 * PROBE) for key in keys]
        inverse = np.linalg.pinv(slopes, rcond=1e-6)
        for side in itertools.product((-1, 1), repeat=len(keys)):
            into = np.zeros(len(u))
            into[: n + 1] = inverse @ np.array(side, dtype=float)
            if into.any():
                directions.append(into / float(np.linalg.norm(into)))
    return directions


def _side(curve: Curve, u: Floats, keys: Sequence[Key]) -> tuple[int, ...]:
    watched = curve.watch(u)
    values = [watched.get(key, 0.0) for key in keys]
    return tuple(int(np.sign(value)) if abs(value) > WATCH_NOISE else 0 for value in values)


def _way(
    curve: Curve, u: Floats, direction: Floats, keys: Sequence[Key], side: tuple[int, ...]
) -> CurvePoint | None:
    """The half branch on one side of borders, if its tangent there leads into that side."""
    probe = u + PROBE * direction
    _, values, axes = np.linalg.svd(curve.matrix(probe)[:-1])
    if values[-1] <= RANK_RATIO * values[0]:
        return None
    for tangent in (axes[-1], -axes[-1]):
        if _side(curve, u + PROBE * tangent, keys) == side:
            return curve.beside(u, tangent)
    return None


def border_event(segment: Segment, met: Meeting, on: CurvePoint | None) -> Event:
    """Describe the meeting of a border as an event; ``on`` is the way on."""
    here, n = met.here, segment.curve.n
    p, rise = float(here.u[n]), float(here.tangent[n])
    pad = (met.high - met.low) * abs(rise) + here.error + rounding_at(here.u)
    return segment.located(
        "border", here.u, here.tangent, (p - pad, p + pad), met.low, watched=met.keys,
        negative=(here.negative, here.negative if on is None else on.negative),
        turns=on is not None and rise * float(on.tangent[n]) < 0,
    )  # fmt: skip


def other_sides(curve: Curve, event: Event) -> list[CurvePoint]:
    """Find the ways on from a border that the branch did not take."""
    curve.freeze(event.x, event.parameter)
    zeros = np.zeros(curve.flat)
    u = np.concatenate([event.x, [event.parameter], zeros])
    onwards = np.concatenate([event.tangent, zeros])
    return leave(curve, u, event.watched, onwards, _side(curve, u - PROBE * onwards, event.watched))[1:]
