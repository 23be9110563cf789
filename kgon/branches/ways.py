"""Join the two ways that leave the start of a curve to one curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kgon.branches.results import BranchEvent
from kgon.numerics.continuation.walk import Branch


@dataclass(frozen=True, slots=True)
class Way:
    """One way from the start of a curve to an end: points, the start first, events, and how it ends."""

    points: list[Any]
    events: list[BranchEvent]
    ended: str


def ending(branch: Branch, named: str = "") -> str:
    """Say how a curve ends: at a limit of its parameter, which may be ``named``, or in the engine's words."""
    limits = {"upper": f"at {named}{branch.upper:g}", "lower": f"at {named}{branch.lower:g}"}
    return limits.get(branch.ended, branch.ended)


def joined_ways(ways: Sequence[Way | None], named: str = "") -> dict[str, tuple[Any, ...]]:
    """Join the way back and the way on, of which one may be missing, to one curve.

    The former is run through backwards, and the start, which both have, is told once.

    Returns
    -------
    dict
        ``points``, ``events`` and ``ended`` of the whole curve.
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
    return {"points": tuple(points), "events": tuple(events), "ended": tuple(ended)}
