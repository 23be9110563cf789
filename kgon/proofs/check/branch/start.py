"""What a branch is about: weights over a parameter, roles of the columns, symmetry, the regular polygon."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..circle import roots_of_unity
from ..curvature import Basis
from ..intervals import Interval96 as Interval
from ..polygon import active_neighbours, solve
from ..reading import integer, items, require
from .system import System

START = Fraction(1, 10**9)  # how well the regular polygon must be known
Line = tuple[Fraction, Fraction]  # at parameter 0, and the slope


@dataclass(frozen=True)
class Weights:
    """Probabilities p_i and importances I_j, affine in a parameter at whose start all are equal."""

    parameter: str
    first: int  # the first column that is varied
    start: Fraction
    probability: list[Line]
    importance: list[Line]

    @classmethod
    def of(cls, name: Any, c: int) -> Weights:
        """Read the name of a parameter, such as ``importance[3,4]``."""
        match = re.fullmatch(r"(importance|probability)\[([0-9]{1,2}(?:,[0-9]{1,2})*)\]", str(name))
        if type(name) is not str or match is None:
            raise ValueError("parameter is unknown")
        columns = [int(x) for x in match[2].split(",")]
        n, one, zero = len(columns), Fraction(1), Fraction(0)
        require(
            columns == sorted(set(columns)) and columns[-1] < c, "parameter: the columns must be in order"
        )
        if match[1] == "importance":
            importance = [(zero, one) if j in columns else (one, zero) for j in range(c)]
            return cls(name, columns[0], one, [(Fraction(1, c), zero)] * c, importance)
        require(n < c, "parameter: a probability must be left to give way")
        each, rest = (one if n == 1 else Fraction(1, c)), Fraction(1, c - n)  # the others share 1 − n·each·p
        lines = [(zero, each) if j in columns else (rest, -n * each * rest) for j in range(c)]
        return cls(name, columns[0], Fraction(1, c) if n == 1 else one, lines, [(one, zero)] * c)

    @property
    def c(self) -> int:
        return len(self.importance)

    def line(self, i: int, j: int) -> Line:
        """Return the weight p_i I_j of a pair, which is affine: one of the two factors is constant."""
        (x, u), (y, v) = self.probability[i], self.importance[j]
        return x * y, x * v + u * y

    def alike(self, i: int, j: int) -> bool:
        """Whether two columns have the same weights for every value of the parameter."""
        return self.probability[i] == self.probability[j] and self.importance[i] == self.importance[j]


def layout(body: Any, k: int, sigma: int, weights: Weights, where: str) -> tuple[list[int], list[int]]:
    """Return vertices, counter-clockwise from the one on the axis, and positive columns; others are dead."""
    last = weights.c - 1
    vertices = [integer(x, where, 0, last) for x in items(body["vertices"], where, k)]
    positive = [integer(x, where, 0, last) for x in items(body["positive"], where, sigma)]
    require(len({*vertices, *positive}) == k + sigma, f"{where}: a column has two roles")
    role = "vertex" if weights.first in vertices else "positive" if weights.first in positive else "dead"
    require(body["role"] == role, f"{where}: role must be {role}")
    return vertices, positive


def images(mirror: Any, vertices: list[int], used: list[int], weights: Weights, where: str) -> list[int]:
    """Return the images of the columns under the reflection in the first axis, a symmetry for all p."""
    c, k = weights.c, len(vertices)
    image = [integer(x, f"{where}: mirror", 0, c - 1) for x in items(mirror, f"{where}: mirror", c)]
    paired = all(image[image[j]] == j and weights.alike(j, image[j]) for j in range(c))
    good = paired and all(j in used or image[j] == j for j in range(c))
    good = good and all(image[vertices[q]] == vertices[-q % k] for q in range(k))
    require(good, f"{where}: mirror is no symmetry of the loss and of the polygon")
    return image


def system_of(vertices: list[int], positive: list[int], mirror: Any, weights: Weights, where: str) -> System:
    """Return the system on the mirror-symmetric points, or on all points if there is no mirror."""
    used, gauge, c = sorted([*vertices, *positive]), vertices[0], weights.c
    image = list(range(c)) if mirror is None else images(mirror, vertices, used, weights, where)
    even: Basis = []
    odd: Basis = []
    for j in used:
        for h in range(3):
            sign, P, Q = 1 if h != 1 else -1, 3 * j + h, 3 * image[j] + h
            if P == Q and not (j == gauge and h == 1):
                (even if mirror is None or sign > 0 else odd).append([(P, 1)])
            elif P < Q:
                even.append([(P, 1), (Q, sign)])
                odd.append([(P, 1), (Q, -sign)])
    lines = {}
    for i in used:
        for j in used:
            mirrored = image[i], image[j]
            if (i, j) <= mirrored:
                at, slope = weights.line(i, j)
                times = 1 if (i, j) == mirrored else 2
                lines[i, j] = Interval.of(at * times), Interval.of(slope * times)
    rest = [weights.line(j, j) for j in range(c) if j not in used]
    idle = Interval.of(sum(at for at, _ in rest)), Interval.of(sum(slope for _, slope in rest))
    return System(c, used, gauge, lines, idle, even, odd)


def polygon(system: System, vertices: list[int], at: Fraction, start: list[Any], where: str) -> list[Any]:
    """Enclose the regular polygon as a point (y, p), near a length and a bias, at equal weights."""
    points = roots_of_unity(len(vertices), Interval)
    tau, b = near = [Interval.of(start[0] ** 2), Interval.of(start[1])]
    box, active = [x.widen(Interval.of(START).hi) for x in near], active_neighbours(points, tau, b)
    try:
        tau, b = solve(points, active, box)
    except ValueError as error:
        raise ValueError(f"{where}: there is no regular polygon near start: {error}") from None
    places = {3 * j + 2: Interval.of(Fraction(1, 2 * system.c)) for j in system.used}  # of positive columns
    for j, (cos, sin) in zip(vertices, points, strict=True):
        places |= {3 * j: tau.sqrt() * cos, 3 * j + 1: tau.sqrt() * sin, 3 * j + 2: b}
    return [*(places.get(basis[0][0], Interval(0, 0)) for basis in system.even), Interval.of(at)]
