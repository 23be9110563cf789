"""Krawczyk's theorem on the pieces of a tube, and at one point of its curve."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ..intervals import BITS, ZERO, Interval, Series
from ..reading import require
from .linear import SHIFT, Matrix, applied, defect, negative
from .system import System, block

DEPTH = 12  # how often a tube is cut at most


@dataclass
class Tube:
    """|z − (middle + s·tangent)| ≤ radius, |s| ≤ half."""

    middle: list[Interval]
    tangent: list[Interval]
    half: int  # rounded up, in units
    radius: int  # rounded up
    least: int  # the radius rounded down
    sense: int
    negative: int | None

    def at(self, s: int) -> list[Interval]:
        """Return the point of the chord."""
        return [x + t * Interval(s, s) for x, t in zip(self.middle, self.tangent, strict=True)]

    def arc(self, z: list[Interval]) -> Interval:
        """Return t·(z − m)."""
        return sum((t * (u - x) for t, u, x in zip(self.tangent, z, self.middle, strict=True)), ZERO)

    def holds(self, z: list[Interval]) -> bool:
        """Whether all of a box is in the tube."""
        s = self.arc(z)
        chord = [x + t * s for x, t in zip(self.middle, self.tangent, strict=True)]
        near = all((u - v).size() <= self.least for u, v in zip(z, chord, strict=True))
        return near and s.size() < self.half - 1


def bordered(system: System, z: list[Interval], tangent: list[Interval]) -> tuple[Any, Any]:
    """Return the Jacobian of (3∇L, t·z) on the symmetric points over a box, and 3H."""
    H, slope = system.derivatives(z)
    A = block(H, system.even)
    for row, basis in zip(A, system.even, strict=True):
        row.append(sum((slope[P] * e for P, e in basis), ZERO))
    return [*A, tangent], H


@dataclass
class Piece:
    """What is proved on a part of a tube."""

    p: Interval  # on the curve
    negative: int | None


def piece(system: System, tube: Tube, low: int, high: int, inertia: bool) -> Piece | None:
    """Prove that for every s in [low, high] the tube has exactly one zero; None if that does not succeed."""
    s, reach, rho = (low + high) >> 1, (high - low + 3) >> 1, tube.radius
    middle, span = tube.at(s), Interval(-reach, reach)
    chord = [x + t * span for x, t in zip(middle, tube.tangent, strict=True)]
    A, H = bordered(system, [x.widen(rho) for x in chord], tube.tangent)
    Y, sums, one = defect(A)
    if max(sums) >= one:
        return None
    series = system.gradient([Series(x, t) for x, t in zip(middle, tube.tangent, strict=True)], True)
    whole = system.gradient([Series(x, t) for x, t in zip(chord, tube.tangent, strict=True)], True)
    length = tube.arc([x + t for x, t in zip(tube.middle, tube.tangent, strict=True)])  # |t|²
    terms = [
        applied(Y, [*(x.f for x in series), tube.arc(middle) - Interval(s, s)]),
        applied(Y, [*(x.g for x in series), length - 1]),
        applied(Y, [*(x.r for x in whole), ZERO]),
    ]
    gap = [f + (g + r * span) * span for f, g, r in zip(*terms, strict=True)]
    off = [x.size() + -(-total * rho // one) for x, total in zip(gap, sums, strict=True)]
    if max(off) >= tube.least:
        return None
    count = None
    if inertia:
        counts = [negative(block(H, basis)) for basis in (system.even, system.odd) if basis]
        if None in counts:
            return None
        count = sum(x for x in counts if x is not None)
    way = direction(Y, sums, one)[-1]
    if tube.sense and (way.lo <= 0 if tube.sense > 0 else way.hi >= 0):
        return None
    return Piece(chord[-1].widen(off[-1]), count)


def direction(Y: Matrix, sums: list[int], one: int) -> list[Interval]:
    """Enclose dz/ds = u with A u = e: u = Y e + (I − Y A) u, of norm |Y e|/(1 − |I − Y A|) at most."""
    last = [row[-1] << (BITS - SHIFT) for row in Y]
    norm = max(map(abs, last)) * one // (one - max(sums)) + 1
    return [Interval(x, x).widen(-(-total * norm // one)) for x, total in zip(last, sums, strict=True)]


def walk(system: System, tube: Tube, depth: int, where: str) -> tuple[list[Piece], int]:
    """Prove a tube piece by piece, in the order of s; return the pieces, and how often it was cut."""
    size = -(-2 * tube.half >> depth)
    ends = [-tube.half + k * size for k in range((1 << depth) + 1)]
    stack = [(x, y, depth) for x, y in pairwise(ends)][::-1]
    found, deepest = [], depth
    while stack:
        low, high, level = stack.pop()
        deepest = max(deepest, level)
        try:
            one = piece(system, tube, low, high, tube.negative is not None)
            why = "what is claimed of it is not seen to hold"
        except ValueError as error:
            one, why = None, str(error)
        if one is None:
            require(level < DEPTH, f"{where}: {why}")
            cut = (low + high) >> 1
            stack += [(cut, high, level + 1), (low, cut, level + 1)]
            continue
        require(one.negative == tube.negative, f"{where}: {one.negative} negative eigenvalues")
        found.append(one)
    return found, deepest


def curve(system: System, tube: Tube, s: int, enough: Callable[[list[Interval]], bool]) -> list[Interval]:
    """Enclose the zero at s, |s| ≤ h, of a proved tube until it is known well enough; return dz/ds there."""
    box = [x.widen(tube.radius) for x in tube.at(s)]
    for _ in range(6):
        Y, sums, one = defect(bordered(system, box, tube.tangent)[0])
        if enough(box):
            return direction(Y, sums, one) if max(sums) < one else []
        middle = [Interval((x.lo + x.hi) >> 1, (x.lo + x.hi) >> 1) for x in box]
        step = applied(Y, [*system.gradient(middle, False), tube.arc(middle) - Interval(s, s)])
        size = max((x.hi - x.lo + 1) >> 1 for x in box)
        for k, total in enumerate(sums):
            image = (middle[k] - step[k]).widen(-(-total * size // one))
            box[k] = Interval(max(box[k].lo, image.lo), min(box[k].hi, image.hi))
    return []
