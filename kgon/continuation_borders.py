"""Where a solution curve meets a border of smoothness, and how it goes on."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from kgon.continuation_curve import NOISE, PROBE, SINGULAR, Curve, Floats, Point, straight
from kgon.continuation_events import RESOLUTION, ROUNDING, SAME, Event, Segment, bracket
from kgon.results import KgonError, Status

JOIN = "; "
"""Between the names of borders that are met at once."""
MOST = 6
"""Borders met at once of which all sides are tried."""


def borders(curve: Curve, point: Point) -> list[str]:
    """Borders whose function does not vanish along the curve."""
    return [name for name, sign in point.signs.items() if sign and curve.system.border(name)]


def ahead(curve: Curve, a: Point, u: Floats) -> bool:
    """Whether a border lies between a point and a place near the curve."""
    names = borders(curve, a)
    if not names:
        return False
    watched = curve.system.watch(u[: curve.n], float(u[curve.n]))
    return any(a.signs[name] * watched[name] < 0 for name in names if name in watched)


def meet(segment: Segment, *, reached: bool) -> tuple[float, float, Point, list[str]] | None:
    """The first border on a segment: arc before and after, the point on it, the names.

    Parameters
    ----------
    segment : Segment
        Its end is the point beyond, or (``reached`` False) only a guess that the equations refuse.
    """
    curve, a = segment.curve, segment.a
    names = borders(curve, a)

    def inside(point: Point) -> float:
        """Positive before the first border."""
        return min(a.signs[name] * point.watched[name] for name in names if name in point.watched)

    def at(s: float) -> Point | None:
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
        return None  # the equations failed for another reason
    steepest = min(met, key=lambda name: a.signs[name] * before.watched[name])
    u = before.u + min(value / abs(slopes[steepest]), high - low) * before.tangent
    here = replace(
        before,
        u=u,
        watched=curve.system.watch(u[: curve.n], float(u[curve.n])),
        signs={**before.signs, **{name: a.signs[name] for name in met}},
    )
    return low, high, here, sorted(met)


def leave(curve: Curve, point: Point, names: Sequence[str]) -> list[Point]:
    """The curve's ways on from a point where named borders meet: on each side of them at most one.

    The way across all of them comes first, where there is one.
    """
    found: list[Point] = []
    came = tuple(point.signs[name] for name in names)
    tried: set[tuple[int, ...]] = {came}
    for direction in _directions(curve, point, names):
        probe = point.u + PROBE * direction
        side = _side(curve, probe, names)
        if side in tried or 0 in side:
            continue
        tried.add(side)
        way = _way(curve, point.u, direction, names, side)
        if way is not None:
            found.append(way)
    return found


def _directions(curve: Curve, point: Point, names: Sequence[str]) -> list[Floats]:
    """The tangent on arrival, then one into each side of the borders."""
    directions = [point.tangent]
    if 1 < len(names) <= MOST:
        n = curve.n
        slopes = np.zeros((len(names), n + 1))
        for i, unit in enumerate(np.eye(len(point.u))[: n + 1]):
            plus, minus = point.u + PROBE * unit, point.u - PROBE * unit
            above = curve.system.watch(plus[:n], float(plus[n]))
            below = curve.system.watch(minus[:n], float(minus[n]))
            slopes[:, i] = [(above[name] - below[name]) / (2 * PROBE) for name in names]
        inverse = np.linalg.pinv(slopes, rcond=1e-6)
        for side in itertools.product((-1, 1), repeat=len(names)):
            into = np.zeros(len(point.u))
            into[: n + 1] = inverse @ np.array(side, dtype=float)
            directions.append(into / max(float(np.linalg.norm(into)), 1e-300))
    return directions


def _side(curve: Curve, u: Floats, names: Sequence[str]) -> tuple[int, ...]:
    watched = curve.system.watch(u[: curve.n], float(u[curve.n]))
    return tuple(int(np.sign(watched[name])) if abs(watched.get(name, 0.0)) > NOISE else 0 for name in names)


def _way(
    curve: Curve, u: Floats, direction: Floats, names: Sequence[str], side: tuple[int, ...]
) -> Point | None:
    """The half branch on one side of borders, if its tangent there leads into that side."""
    probe = u + PROBE * direction
    _, values, axes = np.linalg.svd(curve.matrix(probe)[:-1])
    if values[-1] <= SINGULAR * values[0]:
        return None
    for tangent in (axes[-1], -axes[-1]):
        if _side(curve, u + PROBE * tangent, names) == side:
            return curve.beside(u, tangent)
    return None


def border_event(segment: Segment, met: tuple[float, float, Point, list[str]], on: Point | None) -> Event:
    """The event of meeting a border; ``on`` is the way on."""
    low, high, here, names = met
    n = segment.curve.n
    p = float(here.u[n])
    pad = (
        (high - low) * abs(float(here.tangent[n])) + here.error + ROUNDING * (1 + float(np.abs(here.u).max()))
    )
    return Event(
        kind="border",
        name=JOIN.join(names),
        parameter=p,
        lower=p - pad,
        upper=p + pad,
        x=here.u[:n],
        tangent=here.tangent[: n + 1],
        negative=(here.negative, here.negative if on is None else on.negative),
        turns=on is not None and bool(here.tangent[n] * on.tangent[n] < 0),
        arclength=segment.length + low,
        status=Status.CONVERGED if 2 * pad <= 1e-10 else Status.STALLED,
    )


def other_sides(curve: Curve, event: Event) -> list[Point]:
    """The ways on from a border that the branch did not take."""
    curve.freeze(event.x, event.parameter)
    zeros = np.zeros(curve.flat)
    u = np.concatenate([event.x, [event.parameter], zeros])
    arrival = curve.beside(u, -np.concatenate([event.tangent, zeros]))
    if arrival is None:
        raise KgonError(f"x at p = {event.parameter:g} is no point of a solution curve of this system")
    return leave(curve, replace(arrival, tangent=-arrival.tangent), event.name.split(JOIN))[1:]
