"""What a branch is about: weights over a parameter, roles of the columns, symmetry, the regular polygon."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from statistics import median
from typing import Any

from ..circle import roots_of_unity
from ..curvature import Basis
from ..intervals import Interval96 as Interval
from ..polygon import active_neighbours, solve
from ..reading import integer, items, real, require
from .system import System

START = Fraction(1, 10**9)  # how well the regular polygon must be known
SUM = Fraction(1, 10**9)  # how well probabilities must add up to 1
Line = tuple[Fraction, Fraction]  # at parameter 0, and the slope


@dataclass(frozen=True)
class Family:
    """Probabilities p_i and importances I_j, affine in a parameter, which begins where all are equal."""

    parameter: str
    columns: list[int]  # those that are varied
    start: Fraction
    probability: list[Line]
    importance: list[Line]
    low: Fraction
    high: Fraction
    way: bool = False  # from equal weights to given ones

    @classmethod
    def of(cls, name: Any, c: int, range_: Any) -> Family:
        """Read the name of a parameter, ``importance[3,4]`` or ``importance=1,1,1,2``, and its range."""
        if type(name) is str and "=" in name:
            return cls.toward(name, c, range_)
        index = "(?:0|[1-9][0-9]?)"
        match = re.fullmatch(rf"(importance|probability)\[({index}(?:,{index})*)\]", str(name))
        if type(name) is not str or match is None:
            raise ValueError("parameter is unknown")
        columns = [int(x) for x in match[2].split(",")]
        n, one, zero = len(columns), Fraction(1), Fraction(0)
        require(
            columns == sorted(set(columns)) and columns[-1] < c, "parameter: the columns must be in order"
        )
        varied = match[1] == "importance"
        require(varied or n < c, "parameter: a probability must be left to give way")
        single = n == 1 and not varied  # else the parameter is a factor
        start, most = (Fraction(1, c) if single else one), (one if single else Fraction(c, n))
        low, high = (real(x, "range") for x in items(range_, "range", 2))
        at = Fraction(float(start))  # an end at the start is written as a float
        require(0 < low <= at <= high and low < high, "range must contain the value at the start")
        require(varied or high < most, f"range: the probabilities must stay below 1, {name} below {most}")
        if varied:
            importance = [(zero, one) if j in columns else (one, zero) for j in range(c)]
            return cls(name, columns, start, [(Fraction(1, c), zero)] * c, importance, low, high)
        each, rest = (one if single else Fraction(1, c)), Fraction(1, c - n)  # the others share 1 − n·each·p
        lines = [(zero, each) if j in columns else (rest, -n * each * rest) for j in range(c)]
        return cls(name, columns, start, lines, [(one, zero)] * c, low, high)

    @classmethod
    def toward(cls, name: str, c: int, range_: Any) -> Family:
        """Read the way from equal weights, at 0, to some importances or probabilities, at 1, and its range.

        The importances begin as the median of those at 1; numbers are the floats next to what is written.
        """
        number = r"(?:0|[1-9][0-9]{0,6})(?:\.[0-9]{1,25})?(?:e-[0-9]{2})?"
        match = re.fullmatch(rf"(importance|probability)=({number}(?:,{number})*)", name)
        require(match is not None and len(match[2].split(",")) == c, "parameter is unknown")
        assert match is not None
        varied, one, zero = match[1] == "importance", Fraction(1), Fraction(0)
        ends = [float(x) for x in match[2].split(",")]
        require(varied or abs(sum(map(Fraction, ends), -one)) <= SUM, "probabilities must add up to 1")
        alike = Fraction(median([x for x in ends if x > 0] or [1.0])) if varied else Fraction(1, c)
        lines = [(alike, zero if not varied and x == 1 / c else Fraction(x) - alike) for x in ends]
        columns = [j for j, (_, slope) in enumerate(lines) if slope]
        low, high = (real(x, "range") for x in items(range_, "range", 2))
        require(low <= 0 <= high and low < high, "range must contain the value at the start, 0")
        positive = all(at + p * slope > 0 for at, slope in lines for p in (low, high))
        require(bool(columns) and positive, "range: the weights must be positive, and change")
        plain = [(Fraction(1, c), zero)] * c, [(one, zero)] * c
        p, importance = (plain[0], lines) if varied else (lines, plain[1])
        return cls(name, columns, zero, p, importance, low, high, way=True)

    def __str__(self) -> str:
        return f"c = {self.c}, {self.parameter} from {float(self.low)!r} to {float(self.high)!r}"

    @property
    def end(self) -> int:
        """−1 if the start is the lower end of the range, 1 if it is the upper one, else 0."""
        return (float(self.start) == self.high) - (float(self.start) == self.low)

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


def layout(
    body: Any, k: int, sigma: int, family: Family, where: str, switched: list[int]
) -> tuple[list[int], list[int]]:
    """Return vertices, counter-clockwise from the one on the axis, and positive columns; others are dead."""
    last = family.c - 1
    vertices = [integer(x, where, 0, last) for x in items(body["vertices"], where, k)]
    positive = [integer(x, where, 0, last) for x in items(body["positive"], where, sigma)]
    require(len({*vertices, *positive}) == k + sigma, f"{where}: a column has two roles")
    role = parts_of(family, vertices, positive, switched)
    if not family.way:
        role = role_of(family.columns, vertices, positive, switched)
    require(body["role"] == role, f"{where}: role must be {role}")
    return vertices, positive


def role_of(columns: list[int], vertices: list[int], positive: list[int], switched: list[int]) -> str:
    """Say what the varied columns are; vertices by their places, turned and mirrored to the first ones."""
    k = len(vertices)
    places = [vertices.index(j) for j in columns if j in vertices and j not in switched]
    images = [sorted((sign * q + shift) % k for q in places) for sign in (1, -1) for shift in range(k)]
    others = {
        "switched-off": sum(j in switched for j in columns),
        "positive": sum(j in positive for j in columns),
        "dead": sum(j not in positive and j not in vertices for j in columns),
    }
    parts = ["vertex" if len(places) == 1 else f"vertices {','.join(map(str, min(images)))}"] * bool(places)
    return "+".join(parts + [name if n == 1 else f"{n} {name}" for name, n in others.items() if n])


def parts_of(family: Family, vertices: list[int], positive: list[int], switched: list[int]) -> str:
    """Say which columns play which part, as far as they differ in weight; vertices by the first turn."""
    c, k = family.c, len(vertices)
    alike = [sum(family.alike(i, j) for i in vertices) for j in vertices]  # as many as this one
    dead = [j for j in range(c) if j not in positive and j not in vertices]
    parts = [("positive column", sorted(positive)), ("dead column", [] if switched else dead)]
    if switched:
        parts = [("live column", sorted(set(vertices) - set(switched))), *parts]
    elif max(alike) < k - 1:  # else it does not matter where the other one is
        turned = [
            [vertices[(sign * q + shift) % k] for q in range(k)] for sign in (1, -1) for shift in range(k)
        ]
        parts = [("vertice", min(turned)), *parts]
    words = [f"{name}{'s' * (len(x) > 1)} {' '.join(map(str, x))}" for name, x in parts if x]
    return "; ".join(words) or "columns in order"


def images(mirror: Any, vertices: list[int], used: list[int], family: Family, where: str) -> list[int]:
    """Return the images of the columns under the reflection in the first axis, a symmetry for all p."""
    c, k = family.c, len(vertices)
    image = [integer(x, f"{where}: mirror", 0, c - 1) for x in items(mirror, f"{where}: mirror", c)]
    paired = all(image[image[j]] == j and family.alike(j, image[j]) for j in range(c))
    good = paired and all(j in used or image[j] == j for j in range(c))
    good = good and all(image[vertices[q]] == vertices[-q % k] for q in range(k))
    require(good, f"{where}: mirror is no symmetry of the loss and of the polygon")
    return image


def system_of(vertices: list[int], positive: list[int], mirror: Any, family: Family, where: str) -> System:
    """Return the system on the mirror-symmetric points, or on all points if there is no mirror."""
    used, gauge, c = sorted([*vertices, *positive]), vertices[0], family.c
    image = list(range(c)) if mirror is None else images(mirror, vertices, used, family, where)
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
                at, slope = family.line(i, j)
                times = 1 if (i, j) == mirrored else 2
                lines[i, j] = Interval.of(at * times), Interval.of(slope * times)
    rest = [family.line(j, j) for j in range(c) if j not in used]
    idle = Interval.of(sum(at for at, _ in rest)), Interval.of(sum(slope for _, slope in rest))
    return System(c, used, gauge, lines, idle, even, odd)


def polygon(system: System, vertices: list[int], at: Fraction, start: list[Any], where: str) -> list[Any]:
    """Enclose the regular polygon as a point (y, p), near a length and a bias, at equal family."""
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
