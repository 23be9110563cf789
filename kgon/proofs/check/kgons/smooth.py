"""Regular k-gons, k ≥ 5: the exact point, its enclosures, that it is alone, its inertia, a descent."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..circle import Point, roots_of_unity
from ..curvature import block, hessian
from ..intervals import Interval512 as Interval
from ..matrices import Contraction, Matrix, signs, transposed
from ..pairs import region
from ..polygon import cost, solve
from ..reading import dyadic, dyadics, integer, items, keys, rational, rationals, require

WIDTH = Fraction(1, 10**30)  # of a claimed enclosure, at most
DIGITS = 29  # after the point, that are printed at most


@dataclass(frozen=True)
class Polygon:
    """A regular k-gon with σ positive and δ dead columns, as far as it is enclosed."""

    sigma: int
    delta: int
    vertices: list[Point]  # on the unit circle
    tau: Interval  # the squared length
    b: Interval
    loss: Interval

    @property
    def used(self) -> int:
        return len(self.vertices) + self.sigma

    @property
    def c(self) -> int:
        return self.used + self.delta

    def neighbourhood(self, rho: Fraction) -> list[list[Interval]]:
        """Return boxes of all columns that hold the critical points within ρ, turned to the exact point.

        Such a point is compared with the exact one rotated to the same y_0, within ρ(1 + ρ²/l²) as ρ < l,
        with the same dead columns; but if σ ≥ 1 the first is minus the sum of the others, at most (δ−1)ρ.
        """
        near, length = Interval.of(rho).hi, self.tau.sqrt()
        turned = (Interval.of(rho**3) / self.tau + rho).hi
        boxes = [
            [(length * x).widen(turned), (length * y).widen(turned), self.b.widen(near)]
            for x, y in self.vertices
        ]
        for j in range(len(boxes), self.c):
            first_dead = self.sigma and j == self.used
            wide = near * max(1, self.delta - 1) if first_dead else near
            bias = Fraction(1, 2 * self.c) if j < self.used else Fraction(-1, 2)
            boxes.append([Interval(-wide, wide), Interval(-wide, wide), Interval.of(bias).widen(near)])
        return boxes

    def unknowns(self) -> list[int]:
        """Return what is not held: all but y_0 and dead columns, of which W of the first is free if σ ≥ 1."""
        end = min(3 * self.c, 3 * self.used + 2 * (self.sigma > 0))
        return [place for place in range(end) if place != 1]


def check_smooth(k: int, sigma: int, c: int, claims: Any, witness: Any) -> list[str]:
    """Re-derive the claims about a regular k-gon, k ≥ 5."""
    names = "s length_squared bias loss radius regions flat_dimension negative positive verdict descent"
    s, tau, b, loss, rho_, table, flat, negative, positive, verdict, descent = keys(claims, names, "claims")
    *start, inverse, congruence = keys(witness, "box reduced_inverse inverse congruence", "witness")
    active = integer(s, "claims.s")
    polygon = enclosed(roots_of_unity(k, Interval), sigma, c - k - sigma, active, start)
    said = [f"a critical point; the reduced equations have one solution in witness.box, with s = {active}"]
    said += check_enclosures(polygon, {"length_squared": tau, "bias": b, "loss": loss})
    rho = dyadic(rho_, "claims.radius")
    H = check_regions(polygon, rho, table)
    said.append(f"every pair term stays strictly inside its region within {rho} of the exact point")
    Y, scale = matrix(inverse, len(H), "witness.inverse")
    alone = Contraction.of(H, Y, 3 * c * scale).good  # the gradient is injective
    require(alone, "witness.inverse, claims.radius: the norm of I - Y H is not below one")
    said.append(f"no other critical point within {rho} of it, apart from rotations and flat directions")
    columns, scale = matrix(congruence, len(H), "witness.congruence")
    directions = transposed(columns)
    curving = signs(directions, H)
    require(0 not in curving, "witness.congruence: a row is not diagonally dominant")
    inertia = {"negative": curving.count(-1), "flat_dimension": 3 * c - len(H), "positive": curving.count(1)}
    for (name, own), count in zip(inertia.items(), (negative, flat, positive), strict=True):
        require(integer(count, f"claims.{name}") == own, f"claims.{name} is not {own}")
    said.append(f"inertia (negative, flat, positive) = {tuple(inertia.values())}")
    require(verdict == ("saddle" if negative else "minimum"), "claims.verdict contradicts the inertia")
    if not negative:
        require(descent is None, "claims.descent must be null for a minimum")
        return [*said, "a local minimum"]
    check_descent(descent, directions, curving, rho * scale)
    return [*said, f"a saddle: L falls along a line, on both sides of it as far as {rho} in every coordinate"]


def enclosed(vertices: list[Point], sigma: int, delta: int, active: int, witness: list[Any]) -> Polygon:
    """Prove that the reduced equations have exactly one solution in the box, and enclose it tightly."""
    sides = keys(witness[0], "midpoint radius", "witness.box")
    middle, radii = ([dyadic(x, "witness.box") for x in items(side, "witness.box", 2)] for side in sides)
    require(min(radii) > 0, "witness.box.radius must be positive")
    Y, scale = matrix(witness[1], 2, "witness.reduced_inverse")
    box = [Interval.of(x).widen(Interval.of(r).hi) for x, r in zip(middle, radii, strict=True)]
    tau, b = solution = solve(vertices, active, box, Y, 3 * scale)
    k, c = len(vertices), len(vertices) + sigma + delta
    others = Fraction(delta, 3 * c) + sigma * (Fraction(1, 3 * c) - Fraction(1, 4 * c * c))
    loss = cost(vertices, active, solution) * Fraction(k, c) + others
    return Polygon(sigma, delta, vertices, tau, b, loss)


def check_enclosures(polygon: Polygon, claimed: dict[str, Any]) -> list[str]:
    """Hold the claimed enclosures against one's own; return one's own in words."""
    said = []
    for (name, ends), own in zip(claimed.items(), (polygon.tau, polygon.b, polygon.loss), strict=True):
        lower, upper = rationals(ends, f"claims.{name}", 2)
        require(own.within(lower, upper), f"claims.{name} is not certain to contain the exact value")
        require(upper - lower <= WIDTH, f"claims.{name} is wider than 10^-30")
        said.append(f"{name} {shared_digits(*(Fraction(end, own.one) for end in (own.lo, own.hi)))}")
    return said


def shared_digits(lower: Fraction, upper: Fraction) -> str:
    """Return the digits that two bounds have in common, or both bounds if their signs or units differ."""
    for places in range(DIGITS if lower * upper > 0 else 0, 0, -1):
        low, high = (int(abs(x) * 10**places) for x in (lower, upper))
        if low == high:
            whole, digits = divmod(low, 10**places)
            return f"= {'-' if lower < 0 else ''}{whole}.{digits:0{places}d}…"
    return f"in [{lower}, {upper}]"


def check_regions(polygon: Polygon, rho: Fraction, table: Any) -> list[list[Interval]]:
    """Prove that every pair stays in its region in the neighbourhood; return 3c times the Hessian there."""
    good = rho > 0 and (polygon.tau - rho * rho).sign() > 0
    require(good, "claims.radius must be positive and below the length")
    columns = polygon.neighbourhood(rho)
    indices = range(polygon.c)
    A = [[x * p + y * q for p, q, _ in columns] for x, y, _ in columns]  # W_i·W_j
    for j, (x, y, _) in enumerate(columns):
        A[j][j] = x.square() + y.square()
    regions = [[region(A[i][j], columns[j][2]) for j in indices] for i in indices]
    require(all("undecided" not in row for row in regions), "claims.radius: a pair can change its region")
    require(table == regions, "claims.regions is wrong")
    pairs = [(i, j, A[i][j], [regions[i][j]]) for i in indices for j in indices if regions[i][j] != "off"]
    H = hessian(columns, [(pair, 1) for pair in pairs])
    return block(H, [[(place, 1)] for place in polygon.unknowns()])


def matrix(value: Any, n: int, where: str) -> tuple[Matrix, int]:
    """Return an n × n matrix of dyadics as integers, and what is one in their unit."""
    rows = dyadics(value, where, n, n)
    one = max(entry.denominator for row in rows for entry in row)  # all are powers of two
    return [[int(entry * one) for entry in row] for row in rows], one


def check_descent(descent: Any, directions: Matrix, curving: list[int], rho: Fraction) -> None:
    """Prove that the loss falls along a column of the congruence; ρ is in the unit of its entries."""
    column_, reach_ = keys(descent, "column reach", "claims.descent")
    column = integer(column_, "claims.descent.column")
    falls = 0 <= column < len(curving) and curving[column] < 0
    require(falls, "claims.descent.column is no direction of descent")
    reach, largest = rational(reach_, "claims.descent.reach"), max(map(abs, directions[column]))
    require(0 < reach <= rho / largest, "claims.descent.reach is not positive or leaves the box")
