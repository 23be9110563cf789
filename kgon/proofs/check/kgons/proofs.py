"""The proofs of what kind of point a 4-gon is.

``lower-bound``: the loss is as small as silent columns allow, and its zeros to second order are a cone.
``descent``: it falls along a curve on which every pair term is a polynomial.
``direction`` and ``cone``: the sign of the leading function, c(L − L*) to second order (derivation 2d).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from itertools import zip_longest
from typing import Any

from ..reading import integer, items, keys, rational, rationals, require
from ..square import Square

Vector = list[Fraction]  # also the coefficients of 1, u, u², … of a polynomial


@dataclass(frozen=True)
class Kind:
    """What kind of point it is."""

    verdict: str  # minimum, not a minimum or UNDECIDED
    statement: str
    flat_dimension: int | None = None
    growth: Fraction | None = None


@dataclass(frozen=True)
class Point:
    """A 4-gon with vertices 0 … 3, φ of them switched off, then σ positive columns, then dead ones."""

    square: Square
    sigma: int
    phi: int
    loss: Fraction

    @property
    def dead(self) -> int:
        return self.square.c - 4 - self.sigma


def dot(u: Vector, v: Vector) -> Fraction:
    """Return Σ u_i v_i."""
    return sum((x * y for x, y in zip(u, v, strict=True)), Fraction(0))


def lower_bound(point: Point, witness: Any) -> Kind:
    """L is at its lower bound; the cone of second-order zeros has a certified dimension."""
    square = point.square
    live = [j for j in range(4) if square.b[j] == 0]
    other = [j for j in range(square.c) if square.b[j] != 0]
    # Their diag is ⅓ near the point, and all other terms are integrals of squares.
    silent = all(square.b[m] < 0 and square.slope(m, m) + square.b[m] < 0 for m in other)
    require(silent and point.sigma == 0, "claims.proof: no lower bound with a positive column")
    require(
        point.loss == Fraction(len(other), 3 * square.c), "claims.proof: the loss is above the lower bound"
    )
    rows, size = cone_rows(square, live, other), len(live) + 3 * len(other)
    multipliers_, interior_ = keys(witness, "multipliers interior", "witness")
    multipliers = rationals(multipliers_, "witness.multipliers", len(rows))
    interior = rationals(interior_, "witness.interior", size)
    balanced = not any(dot(multipliers, column) for column in map(list, zip(*rows, strict=True)))
    good = balanced and all(y >= 0 for y in multipliers)
    require(good, "witness.multipliers do not annihilate the rows")
    values = [dot(row, interior) for row in rows]
    inner = all(value == 0 if y else value < 0 for value, y in zip(values, multipliers, strict=True))
    require(inner, "witness.interior is not in the interior of the cone")
    equations = [row for row, y in zip(rows, multipliers, strict=True) if y]  # on the whole cone
    statement = "a local minimum: the loss is at its lower bound near the point"
    return Kind("minimum", statement, flat_dimension=size - rank(equations))


def cone_rows(square: Square, live: list[int], other: list[int]) -> list[Vector]:
    """Return the rows of the cone Ax ≤ 0; x holds the angles of live columns, then x, y, b of the others."""
    angle = {j: place for place, j in enumerate(live)}
    first = {m: len(live) + 3 * place for place, m in enumerate(other)}
    neighbours = [(i, (i + 1) % 4) for i in live if (i + 1) % 4 in live]  # they stay 90° apart
    entries = [{angle[i]: 1, angle[j]: -1} for i, j in neighbours]
    for m, j in [(m, j) for m in other for j in live if square.slope(m, j) == 0]:  # m comes no closer to j
        (x, y), (p, q) = square.W[j], square.W[m]
        entries.append({angle[j]: q * x - p * y, first[m]: x, first[m] + 1: y})
    size = len(live) + 3 * len(other)
    return [[Fraction(entry.get(place, 0)) for place in range(size)] for entry in entries]


def rank(rows: list[Vector]) -> int:
    """Return the rank of a matrix, by elimination."""
    found = 0
    while rows:
        *rows, pivot = rows
        place = next((place for place, x in enumerate(pivot) if x), None)
        if place is not None:
            found += 1
            rows = [add(row, [-row[place] / pivot[place] * x for x in pivot]) for row in rows]
    return found


def add(p: Vector, q: Vector) -> Vector:
    """Return the sum of two vectors or polynomials."""
    return [x + y for x, y in zip_longest(p, q, fillvalue=Fraction(0))]


def mul(p: Vector, q: Vector) -> Vector:
    """Return the product of two polynomials."""
    return reduce(add, [[Fraction(0)] * i + [x * y for y in q] for i, x in enumerate(p)])


def holds(test: Callable[[Fraction], bool], p: Vector, reach: Fraction) -> bool:
    """Prove ≥ 0, ≤ 0 or < 0 for a polynomial on [0, reach], whose range its Bernstein coefficients bound."""
    n = len(p) - 1
    scaled = [coefficient * reach**i / math.comb(n, i) for i, coefficient in enumerate(p)]
    sums = (sum(math.comb(j, i) * x for i, x in enumerate(scaled[: j + 1])) for j in range(n + 1))
    return all(test(Fraction(x)) for x in sums)


def term(a: Vector, b: Vector, same: bool, reach: Fraction) -> Vector:
    """Return 3·off(a, b), or 3·diag, along 0 ≤ u ≤ reach if it stays in the region on or off."""
    end = add(a, b)
    if all(holds(lambda x: x >= 0, p, reach) for p in (b, end)):
        slope = add(a, [Fraction(-same)])  # diag on: ∫((N−1)μ + b)²
        return add(mul(slope, slope), mul([Fraction(3)], mul(b, add(slope, b))))
    outside = all(holds(lambda x: x <= 0, p, reach) for p in (b, end))
    require(outside, "witness: a pair term does not stay in the region on or off along the curve")
    return [Fraction(same)]


def descent(point: Point, witness: Any) -> Kind:
    """L falls along an exact curve: one column moves, and one at zero follows it."""
    square, last = point.square, point.square.c - 1
    require(point.sigma >= 1 and point.phi >= 1, "claims.proof does not belong to the label")
    moved_, pulled_, velocity_, *rest = keys(witness, "moved pulled velocity pull lift reach", "witness")
    moved, pulled = integer(moved_, "witness.moved", 0, last), integer(pulled_, "witness.pulled", 0, last)
    velocity = rationals(velocity_, "witness.velocity", 2)
    pull, lift, reach = (rational(x, "witness.pull, lift and reach") for x in rest)
    good = moved != pulled and square.W[pulled] == (0, 0) and reach > 0
    require(good, "witness.pulled is no zero column, or witness.reach not positive")
    W = [[[Fraction(x)] for x in w] for w in square.W]
    W[moved] = [[w[0], v] for w, v in zip(W[moved], velocity, strict=True)]
    W[pulled] = [[Fraction(0), -pull * v] for v in velocity]
    b = [[x] for x in square.b]
    b[moved] = [square.b[moved], -lift]
    change = [Fraction(0)]  # 3c(L − L*); pairs without the two do not change
    for i, j in [(i, j) for i, j in square.pairs() if {i, j} & {moved, pulled}]:
        before = term([Fraction(square.slope(i, j))], [square.b[j]], i == j, reach)
        after = term(add(mul(W[i][0], W[j][0]), mul(W[i][1], W[j][1])), b[j], i == j, reach)
        change = add(change, add(after, [-x for x in before]))
    require(any(change), "witness: the loss does not change along the curve")
    while change[0] == 0:
        change = change[1:]
    require(holds(lambda x: x < 0, change, reach), "witness.reach: the loss does not fall on the whole curve")
    return Kind("not a minimum", "not a local minimum: the loss falls along an exact curve")


def off(a: Fraction, b: Fraction) -> Fraction:
    """Return the pair function off."""
    if b >= 0:
        return a * a / 3 + a * b + b * b if a + b >= 0 else -(b**3) / (3 * a)
    return (a + b) ** 3 / (3 * a) if a + b > 0 else Fraction(0)


def direction(point: Point, witness: Any) -> Kind:
    """The leading function is negative along a direction."""
    require(point.sigma >= 1 and point.phi == 0, "claims.proof does not belong to the label")
    (values,) = keys(witness, "direction", "witness")
    p, w, f, g, n0, b0, n2, b2 = rationals(values, "witness.direction", 8)
    sigma, dead, total = point.sigma, point.dead, point.sigma * p
    half = n0 * n0 / 3 + n0 * b0 + b0 * b0 + n2 * n2 / 3 + n2 * b2 + b2 * b2  # of the leading function
    half += off(-2 * f, b0) + off(f - g, b0) + off(2 * g, b2) + off(f - g, b2)
    half += sigma * (off(p, b0) + off(-p, b2)) + dead * (off(-w, b0) + off(w, b2))
    half += total * (total + (n0 - n2) / 2 - f - g - dead * w) / (2 * point.square.c)
    require(half < 0, "witness.direction: the leading function is not negative")
    return Kind("not a minimum", "not a local minimum: the loss falls along a direction")


@dataclass(frozen=True)
class Dual:
    """A dual function λ(μ) = k(μ − τ)₊ of an output, which occurs so many times."""

    output: int
    times: int
    k: Fraction
    tau: Fraction

    def mean(self) -> Fraction:
        """Return 2∫λ dμ."""
        return self.k * (1 - self.tau) ** 2

    def moment(self) -> Fraction:
        """Return ∫μλ dμ."""
        return self.mean() * (2 + self.tau) / 6

    def against(self, other: Dual) -> Fraction:
        """Return ∫λλ′ dμ."""
        low, high = sorted((self.tau, other.tau))
        return self.k * other.k * ((1 - high) ** 3 / 3 + (high - low) * (1 - high) ** 2 / 2)


@dataclass(frozen=True)
class Node:
    """A value P = (P_0, P_1) of ΣW_p with its dual functions; B is the weight of the term in P."""

    P: tuple[int, int]
    B: Fraction
    duals: list[Dual]

    def linear(self, output: int) -> tuple[Fraction, Fraction]:
        """Return the coefficient of an output's angle, and the means of its dual functions."""
        means = sum((dual.times * dual.mean() for dual in self.duals if dual.output == output), Fraction(0))
        return (self.B if output < 2 else -self.B) * self.P[output % 2] / 2, means

    def form(self, other: Node) -> Fraction:
        """Return the bilinear form G of two nodes."""
        total = self.B * sum(x * y for x, y in zip(self.P, other.P, strict=True))
        for mine, its, x, y in zip(self.duals[:2], other.duals[:2], self.P, other.P, strict=True):
            total += mine.moment() * y + its.moment() * x
        for mine, its in zip(self.duals, other.duals, strict=True):
            total -= mine.times * mine.against(its)
        for (p, r), (p2, r2) in ((self.linear(j), other.linear(j)) for j in range(4)):
            total -= 3 * p * p2 - Fraction(3, 2) * (p * r2 + p2 * r) + r * r2
        return total


def node(point: Point, P: tuple[int, int], B: Fraction, value: Any) -> Node:
    """Read the dual functions at P."""
    dead, where = point.dead, "witness.nodes"
    names = "pos0 pos1 gap11 gap12 gap22 gap23 gap33 gap30" + " dead2 dead3" * (dead > 0)
    k_, tau_, share_ = keys(value, "k tau share", where)
    k = rationals(k_, where, 2)
    tau = [rational(x, where) for x in keys(tau_, names, where)]
    shares = [rational(x, where) for x in keys(share_, "gap1 gap2 gap3", where)]
    require(min(k) >= 0 and all(0 <= t < 1 for t in tau), "witness.nodes: k or tau is out of range")
    require(all(0 <= x <= 1 for x in shares), "witness.nodes: share is out of range")
    needs = []  # twice the first moments that cancel the linear terms in the angles and in the dead columns
    for share, need in zip(shares, (P[0], P[0] + P[1], P[1]), strict=True):
        needs += [B * need * share, B * need * (1 - share)]
    needs += [B * P[0], B * P[1]]
    k += [3 * need / ((1 - t) ** 2 * (2 + t)) for need, t in zip(needs, tau[2:], strict=False)]
    outputs, times = (0, 1, 1, 2, 2, 3, 3, 0, 2, 3), [point.sigma] * 2 + [1] * 6 + [dead] * 2
    return Node(P, B, [Dual(*numbers) for numbers in zip(outputs, times, k, tau, strict=False)])


def cone(point: Point, witness: Any) -> Kind:
    """The leading function grows: relu(z)² ≥ 2λz − λ² with λ ≥ 0 bounds it by a form in P = ΣW_p."""
    require(point.sigma >= 1 and point.phi == 0, "claims.proof does not belong to the label")
    epsilon_, nodes = keys(witness, "epsilon nodes", "witness")
    epsilon, c = rational(epsilon_, "witness.epsilon"), point.square.c
    require(epsilon > 0, "witness.epsilon must be positive")
    values, B = items(nodes, "witness.nodes", 2), (1 + epsilon) / (2 * c)
    one, two = (node(point, P, B, value) for P, value in zip(((1, 0), (1, 1)), values, strict=True))
    first, second, mixed = one.form(one), two.form(two), one.form(two)
    positive = first > 0 and second > 0 and (mixed >= 0 or mixed * mixed < first * second)
    require(positive, "witness.nodes: the form is not strictly copositive")
    # The function is 1/(1+ε) times the one with B, which is ≥ 0 (in one eighth, so by symmetry in all), plus
    # ε/(1+ε) times the one without the term in P, which is at least dist²/(48(c−2)): derivation 2d, Lemma 3.
    growth = epsilon / (1 + epsilon) / (48 * (c - 2))
    statement = "a local minimum: the loss grows quadratically"
    return Kind("minimum", statement, flat_dimension=c - 3 - point.sigma, growth=growth)


PROOFS = {"lower-bound": lower_bound, "descent": descent, "direction": direction, "cone": cone}
