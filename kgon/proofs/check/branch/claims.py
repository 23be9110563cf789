"""The claims about chains of tubes, 4-gons and equal losses."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from itertools import pairwise
from typing import Any

from ..intervals import ONE, ZERO, Interval, dot, down
from ..reading import COLUMNS, integer, items, keys, real, require
from .linear import applied, defect
from .pairs import slopes, value
from .start import Weights, layout, polygon, system_of
from .system import System, loss_of
from .tubes import Tube, bordered, curve, walk

TUBES = 1 << 14  # the most that are looked at


@dataclass
class Curve:
    """A branch that is proved."""

    name: str
    system: System | None  # None for a 4-gon, which stays where it is
    tubes: list[Tube]
    loss: tuple[Fraction, Fraction]  # 3L = q + r·p of a 4-gon
    said: list[str]
    open: bool = False  # not followed to an end


def shown(x: Interval) -> str:
    """Return an interval with digits that are right."""
    return f"[{math.nextafter(x.lo / ONE, -math.inf)!r}, {math.nextafter(x.hi / ONE, math.inf)!r}]"


def tube_of(data: Any, n: int, where: str) -> Tube:
    """Read a tube."""
    names = "middle tangent half radius sense negative"
    *vectors, half, radius, sense, count = keys(data, names, where)
    m, t = ([Interval.of(real(x, where)) for x in items(v, where, n + 1)] for v in vectors)
    h, rho = real(half, where), real(radius, where)
    require(0 < rho < 1 and 0 < h < 16, f"{where}: half and radius must be positive")
    sense_ = integer(sense, -1, 1, f"{where}: sense")
    claimed = None if count is None else integer(count, 0, 3 * COLUMNS, f"{where}: negative")
    return Tube(m, t, -down(-h), -down(-rho), down(rho), sense_, claimed)


def check_chain(
    body: Any, name: tuple[int, int], c: int, weights: Weights, first: int, limits: Any, where: str
) -> Curve:
    """Prove a chain of tubes."""
    names = "label role ends vertices positive mirror start tubes joins"
    label, role, ends_, _, _, mirror, start, data, joins = keys(body, names, where)
    ends = items(ends_, f"{where}: ends", 2)
    require(all(x is None or type(x) is str for x in ends), f"{where}: ends are unknown")
    vertices, positive = layout(body, *name, c, first, where)
    system = system_of(vertices, positive, mirror, weights, c, where)
    tubes = [
        tube_of(x, len(system.even), f"{where}: tube {i}")
        for i, x in enumerate(items(data, where, most=TUBES))
    ]
    require(bool(tubes) and type(joins) is str and len(joins) == len(tubes) - 1, f"{where}: tubes and joins")
    begin = [real(x, f"{where}: start") for x in items(start, f"{where}: start", 2)]
    point = polygon(system, vertices, weights[2], begin, where)
    require(any(tube.holds(point) for tube in tubes), f"{where}: the regular polygon is in no tube")
    hulls: list[Interval] = []
    depth = 0
    for i, tube in enumerate(tubes):
        found, depth = walk(system, tube, max(depth - 1, 0), f"{where}: tube {i}")
        hulls.append(hull_of([x.p for x in found]))
        if i == 0:
            continue
        at, one = f"{where}: tubes {i - 1} and {i}", tubes[i - 1]
        require(joins[i - 1] in "+-0", f"{at}: unknown join")
        # The zero of one tube at s is in the other: the curve is the same, and must run the same way in both.
        source, target = (tube, one) if joins[i - 1] == "-" else (one, tube)
        s = {"+": one.half, "-": -tube.half, "0": 0}[joins[i - 1]]
        u = curve(system, source, s, target.holds)
        require(bool(u), f"{at} are not certainly joined")
        require(dot(target.tangent, u).lo > 0, f"{at}: the second one runs backwards")
    low, high = limits
    inner = all(low.lo <= x.hi and x.lo <= high.hi for x in hulls[1:-1])
    require(inner, f"{where}: range: the chain leaves it between its ends")
    reached: dict[str, Callable[[list[Interval]], bool]]
    reached = {"lower": lambda z: z[-1].hi < low.lo, "upper": lambda z: z[-1].lo > high.hi}
    told = []
    for end, tube, sign in zip(ends, (tubes[0], tubes[-1]), (-1, 1), strict=True):
        require(end is None or end == "start" or end in reached, f"{where}: ends are unknown")
        if end == "start":
            require(tube.holds(point), f"{where}: ends: it does not begin at the regular polygon")
        elif end is not None:
            good = curve(system, tube, sign * tube.half, reached[end])
            require(bool(good), f"{where}: ends: the {end} end of the range is not reached")
        told.append({"start": "it", None: "somewhere in the range"}.get(end, f"beyond the {end} end"))
    said = [
        f"{label} ({role}): {len(tubes)} tubes hold one curve of critical points through the regular "
        f"polygon, from {told[0]} to {told[1]}, parameter within {shown(hull_of(hulls))}",
        *changes("sense of the parameter", [tube.sense or None for tube in tubes], hulls),
        *changes("negative eigenvalues", [tube.negative for tube in tubes], hulls),
    ]
    return Curve(f"{label} ({role})", system, tubes, (Fraction(0), Fraction(0)), said, None in ends)


def hull_of(intervals: list[Interval]) -> Interval:
    """Return the hull."""
    return reduce(lambda x, y: x.hull(y), intervals)


def changes(what: str, values: list[int | None], hulls: list[Interval]) -> list[str]:
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


def check_square(body: Any, name: tuple[int, int], c: int, weights: Weights, first: int, where: str) -> Curve:
    """Prove that the gradient of a 4-gon is zero for all p; then its loss is affine."""
    label, role, *_ = keys(body, "label role vertices positive switched", where)
    vertices, positive = layout(body, *name, c, first, where)
    switched = [integer(x, 0, c - 1, where) for x in items(body["switched"], where, label.count("-"))]
    require(
        set(switched) <= set(vertices) and len(set(switched)) == len(switched), f"{where}: switched is wrong"
    )
    W = [(0, 0)] * c
    for j, w in zip(vertices, ((1, 0), (0, 1), (-1, 0), (0, -1)), strict=True):
        W[j] = w
    b = [Fraction(1, 2 * c) if j in positive else Fraction(-1, 2) for j in range(c)]
    for j in vertices:
        b[j] = Fraction(-2 if j in switched else 0)
    p, importance, _ = weights
    total = [[Fraction(0)] * (3 * c + 1) for _ in range(2)]  # 3∇L and 3L, at p = 0 and their slopes
    for i in range(c):
        for j in range(c):
            a = Fraction(W[i][0] * W[j][0] + W[i][1] * W[j][1])
            off = b[j] <= 0 and a + b[j] <= 0
            require(off or min(b[j], a + b[j]) >= 0, f"{where}: no 4-gon")
            kind = "off" if off else "on"
            f, (fa, fb) = value(a, b[j], kind, i == j), slopes(a, b[j], kind, i == j)
            (x, u), (y, v) = p[i], importance[j]
            for row, weight in zip(total, (x * y, x * v + u * y), strict=True):
                row[-1] += weight * f
                row[3 * j + 2] += weight * fb
                for h in (0, 1):
                    row[3 * i + h] += weight * fa * W[j][h]
                    row[3 * j + h] += weight * fa * W[i][h]
    still = not any(x for row in total for x in row[:-1])
    require(still, f"{where}: the gradient is not zero for all weights")
    q, r = (row[-1] for row in total)
    said = [f"{label} ({role}): the gradient is zero for all weights, L = {q / 3} + {r / 3} p"]
    return Curve(f"{label} ({role})", None, [], (q, r), said)


def crossing(one: Curve, two: Curve, point: list[Fraction], where: str) -> str:
    """Prove that two curves have the same loss at one value of the parameter, near a point (y, y′, p)."""
    curves = [x for x in (one, two) if x.system is not None]
    sizes = [len(x.system.even) for x in curves if x.system]
    n = sum(sizes) + 1
    require(len(point) == n, f"{where}: point must have {n} numbers")

    def parts(box: list[Interval]) -> list[tuple[System, list[Interval], int, int]]:
        """(y, p) of each curve, the place of y, and the sign of the loss."""
        places = [(0, sizes[0], 1), (sizes[0], n - 1, -1)]
        return [
            (x.system, [*box[i:j], box[-1]], i, sign)
            for x, (i, j, sign) in zip(curves, places, strict=False)
            if x.system is not None
        ]

    def evaluated(box: list[Interval]) -> tuple[list[Interval], list[list[Interval]]]:
        values, rows, last = [], [[ZERO] * n for _ in range(n)], [ZERO] * n
        q, r = two.loss
        difference = -(Interval.of(q) + Interval.of(r) * box[-1])
        last[-1] = -Interval.of(r)
        for system, z, start, sign in parts(box):
            A, _ = bordered(system, z, [])
            g, (loss, slope) = system.gradient(z, False), loss_of(system, z)
            values += g
            for s, row in enumerate(A[:-1]):
                rows[start + s][start : start + len(g)], rows[start + s][-1] = row[:-1], row[-1]
                last[start + s] = g[s] * sign
            difference, last[-1] = difference + loss * sign, last[-1] + slope * sign
        return [*values, difference], [*rows[:-1], last]

    middle, size = [Interval.of(x) for x in point], ONE >> 36
    Y, sums, one_ = defect(evaluated([x.widen(size) for x in middle])[1])
    step = applied(Y, evaluated(middle)[0])
    require(max(sums) < one_, f"{where}: the system is singular")
    off = [x.size() + -(-total * size // one_) for x, total in zip(step, sums, strict=True)]
    require(max(off) < size, f"{where}: there is no zero near the point")
    most = max(x.size() for x in step) * one_ // (one_ - max(sums)) + 1  # how far the zero is from the point
    box = [
        (x - y).widen(-(-total * most // one_) + 1) for x, y, total in zip(middle, step, sums, strict=True)
    ]
    for curve_, (_, z, _, _) in zip(curves, parts(box), strict=True):
        require(any(tube.holds(z) for tube in curve_.tubes), f"{where}: the point is not on {curve_.name}")
    return f"{one.name} and {two.name} have the same loss at a parameter within {shown(box[-1])}"
