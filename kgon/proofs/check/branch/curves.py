"""Curves of critical points: chains of tubes, and 4-gons, which stay where they are."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from itertools import pairwise
from typing import Any

from ..intervals import dot
from ..reading import integer, items, keys, real, require
from ..square import Square
from .start import Weights, layout, polygon, system_of
from .system import System, Vector
from .tubes import Tube, curve, walk

TUBES = 1 << 14  # the most that are looked at


@dataclass(frozen=True)
class Curve:
    """A branch that is proved."""

    name: str
    said: list[str]
    system: System | None = None  # None for a 4-gon
    tubes: list[Tube] = field(default_factory=list)
    loss: tuple[Fraction, Fraction] = (Fraction(0), Fraction(0))  # 3L = q + r·p of a 4-gon
    open: bool = False  # not followed to an end


def check_chain(body: Any, k: int, sigma: int, weights: Weights, limits: Vector, where: str) -> Curve:
    """Prove a chain of tubes."""
    names = "label role ends vertices positive mirror start tubes joins"
    label, role, ends, _, _, mirror, start_, tubes_, joins = keys(body, names, where)
    require(type(joins) is str, f"{where}: tubes and joins")
    vertices, positive = layout(body, k, sigma, weights, where)
    system = system_of(vertices, positive, mirror, weights, where)
    read = enumerate(items(tubes_, where, most=TUBES))
    tubes = [Tube.of(x, len(system.even), f"{where}: tube {i}") for i, x in read]
    require(bool(tubes) and len(joins) == len(tubes) - 1, f"{where}: tubes and joins")
    begin = [real(x, f"{where}: start") for x in items(start_, f"{where}: start", 2)]
    start = polygon(system, vertices, weights.start, begin, where)
    require(any(tube.holds(start) for tube in tubes), f"{where}: the regular polygon is in no tube")
    hulls = prove_tubes(system, tubes, joins, where)
    low, high = limits
    inner = all(low.lo <= x.hi and x.lo <= high.hi for x in hulls[1:-1])
    require(inner, f"{where}: range: the chain leaves it between its ends")
    first, last = check_ends(system, (tubes[0], tubes[-1]), ends, start, limits, where)
    said = [
        f"{label} ({role}): {len(tubes)} tubes hold one curve of critical points through the regular "
        f"polygon, from {first} to {last}, parameter within {shown(hull_of(hulls))}",
        *changes("sense of the parameter", [tube.sense or None for tube in tubes], hulls),
        *changes("negative eigenvalues", [tube.negative for tube in tubes], hulls),
    ]
    return Curve(f"{label} ({role})", said, system, tubes, open=None in ends)


def prove_tubes(system: System, tubes: list[Tube], joins: str, where: str) -> list[Any]:
    """Prove that every tube holds one curve, and all the same one; return where the parameter is on each."""
    hulls: list[Any] = []
    depth = 0
    for i, tube in enumerate(tubes):
        found, depth = walk(system, tube, max(depth - 1, 0), f"{where}: tube {i}")
        hulls.append(hull_of([x.p for x in found]))
        if i > 0:
            join(system, tubes[i - 1], tube, joins[i - 1], f"{where}: tubes {i - 1} and {i}")
    return hulls


def join(system: System, one: Tube, two: Tube, how: str, where: str) -> None:
    """Prove that the curve of one tube goes on in the next, in the same direction.

    They share the zero of the first at s = h (``+``) or s = 0 (``0``), or that of the second at −h (``-``).
    """
    require(how in "+-0", f"{where}: unknown join")
    source, target = (two, one) if how == "-" else (one, two)
    u = curve(system, source, {"+": one.half, "-": -two.half, "0": 0}[how], target.holds)
    require(bool(u), f"{where} are not certainly joined")
    require(dot(target.tangent, u).lo > 0, f"{where}: the second one runs backwards")


def check_ends(
    system: System, tubes: tuple[Tube, Tube], ends: Any, start: Vector, limits: Vector, where: str
) -> list[str]:
    """Prove where a chain with these first and last tubes begins and ends; return it in words."""
    low, high = limits
    reached: dict[Any, Callable[[Vector], bool]]
    reached = {"lower": lambda z: z[-1].hi < low.lo, "upper": lambda z: z[-1].lo > high.hi}
    told = []
    for end, tube, sign in zip(items(ends, f"{where}: ends", 2), tubes, (-1, 1), strict=True):
        known = end is None or (type(end) is str and end in ("start", *reached))
        require(known, f"{where}: ends are unknown")
        if end == "start":
            require(tube.holds(start), f"{where}: ends: it does not begin at the regular polygon")
        elif end is not None:
            good = bool(curve(system, tube, sign * tube.half, reached[end]))
            require(good, f"{where}: ends: the {end} end of the range is not reached")
        told.append({"start": "it", None: "somewhere in the range"}.get(end, f"beyond the {end} end"))
    return told


def changes(what: str, values: list[int | None], hulls: list[Any]) -> list[str]:
    """Say where a number is certain, and between which values of the parameter it changes."""
    known = [i for i, x in enumerate(values) if x is not None]
    numbers = sorted({x for x in values if x is not None})
    text = ", ".join(map(str, numbers)) or "unknown"
    said = [f"{what}: {text} (certain on {len(known)} of {len(values)} tubes)"]
    for i, j in pairwise(known):
        if values[i] != values[j]:  # in the tubes between, or where the two meet
            between = hulls[i + 1 : j] or hulls[i : j + 1]
            said.append(f"{what} {values[i]} → {values[j]} within {shown(hull_of(between))}")
    return said


def hull_of(intervals: list[Any]) -> Any:
    """Return the hull."""
    return reduce(lambda x, y: x.hull(y), intervals)


def shown(x: Any) -> str:
    """Return an interval with digits that are right."""
    low, high = math.nextafter(x.lo / x.one, -math.inf), math.nextafter(x.hi / x.one, math.inf)
    return f"[{low!r}, {high!r}]"


def check_fixed(body: Any, k: int, sigma: int, weights: Weights, where: str) -> Curve:
    """Prove that the gradient of a 4-gon is zero for all p; then its loss is affine."""
    label, role, _, _, switched_ = keys(body, "label role vertices positive switched", where)
    vertices, positive = layout(body, k, sigma, weights, where)
    switched = [integer(x, where, 0, weights.c - 1) for x in items(switched_, where, label.count("-"))]
    good = set(switched) <= set(vertices) and len(set(switched)) == len(switched)
    require(good, f"{where}: switched is wrong")
    square = Square.of(weights.c, vertices, positive, switched)
    q, slope = square.loss_and_gradient(lambda i, j: weights.line(i, j)[0])
    r, rate = square.loss_and_gradient(lambda i, j: weights.line(i, j)[1])
    require(not any(slope + rate), f"{where}: the gradient is not zero for all weights")
    said = [f"{label} ({role}): the gradient is zero for all weights, L = {q / 3} + {r / 3} p"]
    return Curve(f"{label} ({role})", said, loss=(q, r))
