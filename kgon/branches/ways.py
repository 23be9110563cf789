"""Join the two ways that leave the start of a curve to one curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kgon.branches.results import BranchEvent
from kgon.numerics.continuation.walk import Branch


@dataclass(frozen=True, slots=True)
class Way:
    """One way from the start of a curve to an end: points, the start first, events, and how it ends.

    It is ``complete`` if it ends there, or leaves the range, and was not given up before.
    """

    points: list[Any]
    events: list[BranchEvent]
    ended: str
    complete: bool


GIVEN_UP = ("max points", "step too small")
"""Ends that are those of the patience, not of the curve."""


def ending(branch: Branch, named: str = "") -> str:
    """Say how a curve ends: at a limit of its parameter, which may be ``named``, or in the engine's words."""
    limits = {"upper": f"at {named}{branch.upper:g}", "lower": f"at {named}{branch.lower:g}"}
    if branch.ended in GIVEN_UP:
        return f"{branch.ended}: given up at {named}{branch.parameter[-1]:.6g}"
    return limits.get(branch.ended, branch.ended)


def joined_ways(ways: Sequence[Way | None], named: str = "") -> dict[str, Any]:
    """Join the way back and the way on, of which one may be missing, to one curve.

    The former is run through backwards, and the start, which both have, is told once.

    Returns
    -------
    dict
        ``points``, ``events``, ``ended`` and ``complete`` of the whole curve.
    """
    back, on = ways
    points = [] if back is None else back.points[::-1]
    events = [] if back is None else back.events[::-1]
    ended = [] if back is None else [back.ended]
    if on is not None:
        points = points + on.points[len(points) > 0 :]
        events = events + on.events
        ended.append(on.ended)
    if back is None or on is None:
        start = points[0 if back is None else -1]
        ended.insert(0 if back is None else 1, f"begins at {named}{start.parameter:.6g}")
    complete = all(way is None or way.complete for way in ways)
    return {"points": tuple(points), "events": tuple(events), "ended": tuple(ended), "complete": complete}
