"""Maxwell points: two curves have the same loss at one value of the parameter."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from ..intervals import Interval96 as Interval
from ..matrices import Contraction
from ..reading import require
from .curves import Curve, shown
from .system import System, Vector
from .tubes import bordered

NEAR = Interval.one >> 36  # how well the point must be known


@dataclass(frozen=True)
class Part:
    """One of the curves that move: where its coordinates are among (y, y′, p), and the sign of its loss."""

    curve: Curve
    system: System
    first: int
    last: int
    sign: int

    def point(self, box: Vector) -> Vector:
        """Return (y, p) of this curve."""
        return [*box[self.first : self.last], box[-1]]


def parts_of(one: Curve, two: Curve) -> list[Part]:
    """Return the curves that move, one after the other."""
    found: list[Part] = []
    for curve, sign in ((one, 1), (two, -1)):
        if curve.system is not None:
            first = found[-1].last if found else 0
            found.append(Part(curve, curve.system, first, first + len(curve.system.even), sign))
    return found


def evaluated(
    parts: list[Part], fixed: tuple[Fraction, Fraction], box: Vector
) -> tuple[Vector, list[Vector]]:
    """Return 3(∇L, ∇L′, L − L′) and its Jacobian; ``fixed`` is 3L′ = q + r·p of a 4-gon, else zero."""
    n, (q, r) = len(box), map(Interval.of, fixed)
    values: Vector = []
    rows = [[Interval(0, 0)] * n for _ in range(n)]
    difference, slope = -(q + r * box[-1]), -r
    for part in parts:
        z = part.point(box)
        g, (loss, rate) = part.system.gradient(z, False), part.system.loss(z)
        for s, row in enumerate(bordered(part.system, z, [])[:-1], start=part.first):
            rows[s][part.first : part.last], rows[s][-1] = row[:-1], row[-1]
        values += g
        rows[-1][part.first : part.last] = [x * part.sign for x in g]
        difference, slope = difference + loss * part.sign, slope + rate * part.sign
    rows[-1][-1] = slope
    return [*values, difference], rows


def crossing(one: Curve, two: Curve, point: list[Fraction], where: str) -> str:
    """Prove that two curves have the same loss at one value of the parameter, near a point (y, y′, p)."""
    parts, middle = parts_of(one, two), [Interval.of(x) for x in point]
    n = parts[-1].last + 1
    require(len(point) == n, f"{where}: point must have {n} numbers")
    contraction = Contraction.of(evaluated(parts, two.loss, [x.widen(NEAR) for x in middle])[1])
    require(contraction.good, f"{where}: the system is singular")
    box = contraction.image(middle, evaluated(parts, two.loss, middle)[0], NEAR)
    near = all((x - y).size() < NEAR for x, y in zip(box, middle, strict=True))
    require(near, f"{where}: there is no zero near the point")
    for part in parts:
        on = any(tube.holds(part.point(box)) for tube in part.curve.tubes)
        require(on, f"{where}: the point is not on {part.curve.name}")
    equal = f"{one.name} and {two.name} have the same loss at a parameter within {shown(box[-1])}"
    return f"{equal}, at one point of each"
