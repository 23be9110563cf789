"""Curves of critical points: chains of tubes, and 4-gons, which stay where they are."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from itertools import pairwise
from typing import Any

from ..budget import BRANCHES
from ..intervals import Interval96 as Interval
from ..intervals import dot
from ..reading import integer, items, keys, real, require
from ..square import Square
from .start import Family, layout, polygon, system_of
from .system import System, Vector
from .tubes import Effort, Tube, curve, walk


@dataclass(frozen=True)
class Curve:
    """A branch that is proved."""

    name: str
    said: list[str]
    system: System | None = None  # None for a 4-gon
    tubes: list[Tube] = field(default_factory=list)
    loss: tuple[Fraction, Fraction] = (Fraction(0), Fraction(0))  # 3L = q + r·p of a 4-gon
    open: bool = False  # not followed to an end


@dataclass(frozen=True)
class Chain:
    """Tubes, each of which hands its curve on to the next."""

    family: Family
    system: System
    tubes: list[Tube]
    start: Vector  # the regular polygon
    joins: str
    name: str
    ends: list[Any]
    where: str
    hulls: dict[int, Any] = field(default_factory=dict)  # where the parameter is, on tubes that are proved
    depths: dict[int, int] = field(default_factory=dict)  # how often these were halved

    def prove(self, i: int, effort: Effort) -> None:
        """Prove that tube i holds one curve, which is that of the tube before it."""
        tube, known = self.tubes[i], [self.depths.get(j, 0) for j in (i - 1, i + 1)]
        found, depth = walk(self.system, tube, max(*known, 1) - 1, effort, f"{self.where}: tube {i}")
        self.hulls[i], self.depths[i] = hull_of([x.p for x in found]), depth
        if i > 0:
            self.join(self.tubes[i - 1], tube, self.joins[i - 1], f"{self.where}: tubes {i - 1} and {i}")

    def curve(self) -> Curve:
        """Say what is proved, once all tubes are."""
        hulls = [self.hulls[i] for i in range(len(self.tubes))]
        low, high = Interval.of(self.family.low), Interval.of(self.family.high)
        inner = all(low.lo <= x.hi and x.lo <= high.hi for x in hulls[1:-1])
        require(inner, f"{self.where}: range: the chain leaves it between its ends")
        (first, begun), (last, ended) = (self.end(place, self.ends[place], hulls[place]) for place in (0, -1))
        held = f"{len(hulls)} tubes hold one curve of critical points through the regular polygon"
        along = f"from {first} to {last}, parameter within {shown(hull_of(hulls))}"
        said = [
            f"{self.name}, {self.family}: {held}, {along}",
            *changes(
                f"{self.name}: sense of the parameter", [tube.sense or None for tube in self.tubes], hulls
            ),
            *changes(f"{self.name}: negative eigenvalues", [tube.negative for tube in self.tubes], hulls),
        ]
        return Curve(self.name, said, self.system, self.tubes, open=not (begun and ended))

    def join(self, one: Tube, two: Tube, how: str, where: str) -> None:
        """Prove that the curve of one tube goes on in the next, in the same direction.

        They share the zero of the first at s = h (``+``) or 0 (``0``), or that of the second at −h (``-``).
        """
        require(how in "+-0", f"{where}: unknown join")
        source, target = (two, one) if how == "-" else (one, two)
        u = curve(self.system, source, {"+": one.half, "-": -two.half, "0": 0}[how], target.holds)
        require(bool(u), f"{where} are not certainly joined")
        require(dot(target.tangent, u).lo > 0, f"{where}: the second one runs backwards")

    def end(self, place: int, claimed: Any, hull: Any) -> tuple[str, bool]:
        """Prove where the chain begins (place 0) or ends (−1); say whether the range ends there.

        At the polygon it does if the start is an end of the range and the chain leads from there into it.
        """
        tube, sign, where = self.tubes[place], 1 if place else -1, f"{self.where}: ends"
        low, high = Interval.of(self.family.low), Interval.of(self.family.high)
        if claimed is None:
            return f"a parameter within {shown(hull)}", False
        if claimed == "start":
            require(tube.holds(self.start), f"{where}: it does not begin at the regular polygon")
            into = self.family.end != 0 and tube.sense == sign * self.family.end
            return f"the polygon itself, at {self.family.start}", into
        reached: dict[Any, Callable[[Vector], bool]]
        reached = {"lower": lambda z: z[-1].hi < low.lo, "upper": lambda z: z[-1].lo > high.hi}
        require(type(claimed) is str and claimed in reached, f"{where} are unknown")
        good = bool(curve(self.system, tube, sign * tube.half, reached[claimed]))
        require(good, f"{where}: the {claimed} end of the range is not reached")
        return f"beyond the {claimed} end", True


def read_chain(body: Any, k: int, sigma: int, family: Family, where: str) -> Chain:
    """Read a chain of tubes, of which nothing is proved yet but that the regular polygon is in one."""
    names = "label role ends vertices positive mirror start tubes joins"
    label, role, ends_, _, _, mirror, start, tubes_, joins = keys(body, names, where)
    ends = items(ends_, f"{where}: ends", 2)
    require(type(joins) is str, f"{where}: tubes and joins")
    vertices, positive = layout(body, k, sigma, family, where, [])
    system = system_of(vertices, positive, mirror, family, where)
    read = enumerate(items(tubes_, where, most=BRANCHES.tubes))
    tubes = [Tube.of(x, len(system.even), f"{where}: tube {i}") for i, x in read]
    require(bool(tubes) and len(joins) == len(tubes) - 1, f"{where}: tubes and joins")
    begin = [real(x, f"{where}: start") for x in items(start, f"{where}: start", 2)]
    point = polygon(system, vertices, family.start, begin, where)
    require(any(tube.holds(point) for tube in tubes), f"{where}: the regular polygon is in no tube")
    return Chain(family, system, tubes, point, joins, f"{label} ({role})", ends, where)


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


def check_fixed(body: Any, k: int, sigma: int, family: Family, where: str) -> Curve:
    """Prove that the gradient of a 4-gon is zero whatever the parameter; then its loss is affine in it."""
    label, role, _, _, switched_ = keys(body, "label role vertices positive switched", where)
    switched = [integer(x, where, 0, family.c - 1) for x in items(switched_, where, label.count("-"))]
    vertices, positive = layout(body, k, sigma, family, where, switched)
    good = set(switched) <= set(vertices) and len(set(switched)) == len(switched)
    require(good, f"{where}: switched is wrong")
    square = Square.of(family.c, vertices, positive, switched)
    q, slope = square.loss_and_gradient(lambda i, j: family.line(i, j)[0])
    r, rate = square.loss_and_gradient(lambda i, j: family.line(i, j)[1])
    require(not any(slope + rate), f"{where}: the gradient is not zero for every {family.parameter}")
    everywhere = f"for every value p the gradient is zero and L = {q / 3} + {r / 3} p"
    return Curve(f"{label} ({role})", [f"{label} ({role}), {family}: {everywhere}"], loss=(q, r))
