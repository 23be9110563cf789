"""Krawczyk's theorem on the pieces of a tube, and at one point of its curve."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ..budget import ALLOWANCE, BRANCHES, EACH, LONGEST, MOST
from ..curvature import block
from ..intervals import Interval96 as Interval
from ..intervals import dot
from ..matrices import Contraction, negative
from ..reading import integer, items, keys, real, require
from ..series import Series
from .system import System, Vector


@dataclass(frozen=True)
class Tube:
    """|z − (middle + s·tangent)| ≤ radius, |s| ≤ half."""

    middle: Vector
    tangent: Vector
    half: int  # rounded up, in units
    radius: int  # rounded up
    least: int  # the radius rounded down
    sense: int
    negative: int | None

    @classmethod
    def of(cls, data: Any, n: int, where: str) -> Tube:
        """Read a tube about a chord in n + 1 coordinates."""
        names = "middle tangent half radius sense negative"
        *vectors, half_, radius_, sense, count = keys(data, names, where)
        middle, tangent = ([Interval.of(real(x, where)) for x in items(v, where, n + 1)] for v in vectors)
        half, radius = real(half_, where), real(radius_, where)
        require(0 < radius < 1 and half > 0, f"{where}: half and radius must be positive")
        require(half <= LONGEST, f"{where}: it is longer than {2 * LONGEST}")
        sense = integer(sense, f"{where}: sense", -1, 1)
        claimed = None if count is None else integer(count, f"{where}: negative", 0, 3 * BRANCHES.columns)
        rho = Interval.of(radius)
        return cls(middle, tangent, Interval.of(half).hi, rho.hi, rho.lo, sense, claimed)

    def at(self, s: int) -> Vector:
        """Return the point of the chord."""
        return [x + t * Interval(s, s) for x, t in zip(self.middle, self.tangent, strict=True)]

    def arc(self, z: Vector) -> Any:
        """Return t·(z − m)."""
        return dot(self.tangent, [u - x for u, x in zip(z, self.middle, strict=True)])

    def holds(self, z: Vector) -> bool:
        """Whether all of a box is in the tube."""
        s = self.arc(z)
        chord = [x + t * s for x, t in zip(self.middle, self.tangent, strict=True)]
        near = all((u - v).size() <= self.least for u, v in zip(z, chord, strict=True))
        return near and s.size() < self.half - 1


def bordered(system: System, z: Vector, tangent: Vector) -> list[Vector]:
    """Return the Jacobian of (3∇L, t·z) on the symmetric points over a box."""
    H, slope = system.derivatives(z, False)
    return with_border(system, H, slope, tangent)


def with_border(system: System, H: list[Vector], slope: Vector, tangent: Vector) -> list[Vector]:
    """Return the Hessian on the symmetric points with a column and a row for the parameter."""
    return [*([*row, x] for row, x in zip(block(H, system.even), slope, strict=True)), tangent]


def on_piece(system: System, tube: Tube, middle: Vector, chord: Vector, span: Interval) -> tuple[Any, Any]:
    """Return 3H and 3∂∇L/∂p in the tube along a chord: what they are at its middle, and how they change.

    Where a column may lie at |W_j|² + b_j = 0 they may jump, and only their range is known.
    """
    wide = [x.widen(tube.radius) for x in chord]
    try:
        H, slope = system.derivatives([x.widen(tube.radius) for x in middle], True)
        bend, turn = system.derivatives([*map(Series, wide, tube.tangent)], True)
    except ValueError:
        return system.derivatives(wide, False)
    moved = [[x + y.g * span for x, y in zip(*rows, strict=True)] for rows in zip(H, bend, strict=True)]
    return moved, [x + y.g * span for x, y in zip(slope, turn, strict=True)]


@dataclass(frozen=True)
class Piece:
    """What is proved on a part of a tube."""

    p: Any  # on the curve
    negative: int | None


def piece(system: System, tube: Tube, low: int, high: int) -> Piece | None:
    """Prove that for every s in [low, high] the tube has exactly one zero; None if that does not succeed."""
    s, reach = (low + high) >> 1, (high - low + 3) >> 1
    middle, span = tube.at(s), Interval(-reach, reach)
    chord = [x + t * span for x, t in zip(middle, tube.tangent, strict=True)]
    H, slope = on_piece(system, tube, middle, chord, span)
    contraction = Contraction.of(with_border(system, H, slope, tube.tangent))
    if not contraction.good:
        return None
    gap = [f + (g + r * span) * span for f, g, r in residual(system, tube, contraction, middle, chord, s)]
    off = [x.size() + defect for x, defect in zip(gap, contraction.defects(tube.radius), strict=True)]
    if max(off) >= tube.least:
        return None
    count = None
    if tube.negative is not None:
        counts = [negative(block(H, basis)) for basis in (system.even, system.odd) if basis]
        if None in counts:
            return None
        count = sum(x for x in counts if x is not None)
    way = direction(contraction)[-1].sign()
    return None if tube.sense not in (0, way) else Piece(chord[-1].widen(off[-1]), count)


def residual(
    system: System, tube: Tube, contraction: Contraction, middle: Vector, chord: Vector, s: int
) -> list[tuple[Any, Any, Any]]:
    """Return Y (3∇L, t·(z − m) − s) along the chord, as series in the arclength from s on."""
    at, on = ([*map(Series, line, tube.tangent)] for line in (middle, chord))
    here, everywhere = system.gradient(at, True), system.gradient(on, True)
    terms = [
        contraction.applied([*(x.f for x in here), tube.arc(middle) - Interval(s, s)]),
        contraction.applied([*(x.g for x in here), dot(tube.tangent, tube.tangent) - 1]),
        contraction.applied([*(x.r for x in everywhere), Interval(0, 0)]),
    ]
    return list(zip(*terms, strict=True))


def direction(contraction: Contraction) -> Vector:
    """Enclose dz/ds = u with A u = e: u = Y e + (I − Y A) u, of norm |Y e|/(1 − |I − Y A|) at most."""
    last = [row[-1] * Interval.one // contraction.scale for row in contraction.Y]
    norm = max(map(abs, last)) * contraction.one // (contraction.one - max(contraction.sums)) + 1
    return [Interval(x, x).widen(defect) for x, defect in zip(last, contraction.defects(norm), strict=True)]


@dataclass
class Effort:
    """How much was tried in a file; each tube may cost some pieces more.

    A piece of many columns costs more, by their cube, than one of as many as kgon's certificates have.
    """

    tubes: int = 0
    pieces: int = 0
    left: int = ALLOWANCE * MOST**3

    def begin(self, columns: int) -> None:
        """Count one more tube."""
        self.tubes += 1
        self.left += EACH * max(columns, MOST) ** 3

    def spend(self, columns: int, where: str) -> None:
        """Count one more piece, and refuse what costs too much."""
        self.pieces += 1
        self.left -= max(columns, MOST) ** 3
        require(self.left >= 0, f"{where}: {self.tubes} tubes need more than {self.pieces - 1} pieces")


def walk(system: System, tube: Tube, depth: int, effort: Effort, where: str) -> tuple[list[Piece], int]:
    """Prove a tube piece by piece, in the order of s; return the pieces, and how often it was cut."""
    columns = len(system.used)
    effort.begin(columns)
    size = -(-2 * tube.half >> depth)
    ends = [-tube.half + k * size for k in range((1 << depth) + 1)]
    stack = [(x, y, depth) for x, y in pairwise(ends)][::-1]
    found, deepest = [], depth
    while stack:
        low, high, level = stack.pop()
        deepest = max(deepest, level)
        effort.spend(columns, where)
        try:
            one = piece(system, tube, low, high)
            why = "what is claimed of it is not seen to hold"
        except ValueError as error:
            one, why = None, str(error)
        if one is None:
            require(level < BRANCHES.cuts, f"{where}: {why}")
            cut = (low + high) >> 1
            stack += [(cut, high, level + 1), (low, cut, level + 1)]
            continue
        require(one.negative == tube.negative, f"{where}: {one.negative} negative eigenvalues")
        found.append(one)
    return found, deepest


def curve(system: System, tube: Tube, s: int, enough: Callable[[Vector], bool]) -> Vector:
    """Enclose the zero at s, |s| ≤ h, of a proved tube until it is known well enough; return dz/ds there."""
    box = [x.widen(tube.radius) for x in tube.at(s)]
    for _ in range(6):
        contraction = Contraction.of(bordered(system, box, tube.tangent))
        if enough(box):
            return direction(contraction) if contraction.good else []
        middle, size = [x.middle() for x in box], max((x.hi - x.lo + 1) >> 1 for x in box)
        values = [*system.gradient(middle, False), tube.arc(middle) - Interval(s, s)]
        image = contraction.image(middle, values, size)
        box = [Interval(max(x.lo, y.lo), min(x.hi, y.hi)) for x, y in zip(box, image, strict=True)]
    return []
