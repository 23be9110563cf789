"""The regular k-gon, k ≥ 5: its squared length τ and its bias b as the zero of two equations.

A column of it costs R(τ, b) = diag(τ, b) + Σ_j off(τ cos 2πj/k, b), and ∇R = 0 says that the polygon of that
length and bias is a critical point of L (derivation 2).
"""

from __future__ import annotations

from typing import Any

from .circle import Point
from .intervals import Interval
from .matrices import SCALE, Contraction, Matrix
from .pairs import region, slopes, value
from .reading import require
from .series import Series

Pair = list[Any]  # of intervals or series, for τ and b


def active_neighbours(vertices: list[Point], tau: Interval, b: Interval) -> int:
    """Return how many vertices on one side of a vertex certainly switch it on."""
    return sum(region(tau * cos, b) == "rising" for cos, _ in vertices[1:]) // 2


def terms(vertices: list[Point], active: int, at: Pair) -> list[tuple[Any, tuple[Any, Any, str, bool]]]:
    """Return cosine and arguments of each term of R; refuse other active neighbours than so many a side."""
    found, k, (tau, b) = [], len(vertices), at
    for j, (cos, _) in enumerate(vertices):
        a = tau * cos
        name = region(a.range, b.range)
        good = name == ("rising" if min(j, k - j) <= active else "off")
        require(good, f"claims.s or witness.box: neighbour {j} is {name}")
        found.append((cos, (a, b, name, j == 0)))
    return found


def cost(vertices: list[Point], active: int, at: Pair) -> Any:
    """Return R."""
    return sum(value(*pair) for _, pair in terms(vertices, active, at)) / 3


def gradient(vertices: list[Point], active: int, at: Pair) -> Pair:
    """Return 3R_τ and 3R_b."""
    found = [(cos, slopes(*pair)) for cos, pair in terms(vertices, active, at)]
    return [sum(first * cos for cos, (first, _) in found), sum(bias for _, (_, bias) in found)]


def jacobian(vertices: list[Point], active: int, box: Pair) -> list[Pair]:
    """Return the second derivatives of 3R on a box."""
    (tau, b), zero, one = box, box[0] * 0, box[0] * 0 + 1
    lines = [[Series(tau, one), Series(b, zero)], [Series(tau, zero), Series(b, one)]]
    return [[x.g for x in gradient(vertices, active, line)] for line in lines]


def solve(vertices: list[Point], active: int, box: Pair, Y: Matrix | None = None, scale: int = SCALE) -> Pair:
    """Prove that 3∇R has exactly one zero (τ, b) in the box, and enclose it as tightly as the bits allow."""
    image = krawczyk(vertices, active, box, Y, scale)
    inside = all(x.lo < y.lo and y.hi < x.hi for x, y in zip(box, image, strict=True))
    require(inside, "witness.box: the Krawczyk image leaves it")
    for _ in range(12):  # from here on only to sharpen: the zero stays in every image
        new = krawczyk(vertices, active, image)
        image = [type(x)(max(x.lo, y.lo), min(x.hi, y.hi)) for x, y in zip(image, new, strict=True)]
    return image


def krawczyk(
    vertices: list[Point], active: int, box: Pair, Y: Matrix | None = None, scale: int = SCALE
) -> Pair:
    """Return the image of a box; it contains every zero of 3∇R in the box, whatever the matrix Y."""
    middle, size = [x.middle() for x in box], max((x.hi - x.lo + 1) >> 1 for x in box)
    contraction = Contraction.of(jacobian(vertices, active, box), Y, scale)
    return contraction.image(middle, gradient(vertices, active, middle), size)
