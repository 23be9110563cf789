"""What a certificate is about: weights, roles of the columns, the symmetry, the regular polygon."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from ..intervals import BITS, ZERO, Interval, dot, down
from ..reading import integer, items, require
from .linear import applied, defect
from .system import Basis, System, block

START = Fraction(1, 10**9)  # how well the regular polygon must be known
Weights = tuple[list[tuple[Fraction, Fraction]], list[tuple[Fraction, Fraction]], Fraction]


def weights_of(name: Any, c: int) -> tuple[Weights, int]:
    """Return p_i, I_j at 0 with slopes in the parameter, its first value, and the first column varied."""
    match = re.fullmatch(r"(importance|probability)\[([0-9]{1,2}(?:,[0-9]{1,2})*)\]", str(name))
    require(type(name) is str and match is not None, "parameter is unknown")
    columns = [int(x) for x in match[2].split(",")] if match else []
    n = len(columns)
    require(columns == sorted(set(columns)) and columns[-1] < c, "parameter: the columns must be in order")
    one, zero, even = Fraction(1), Fraction(0), Fraction(1, c)
    inside = [j in columns for j in range(c)]
    if match and match[1] == "importance":
        return ([(even, zero)] * c, [(zero, one) if x else (one, zero) for x in inside], one), columns[0]
    require(n < c, "parameter: a probability must be left to give way")
    each, rest = (one if n == 1 else even), Fraction(1, c - n)  # the others share 1 − n·each·p
    p = [(zero, each) if x else (rest, -n * each * rest) for x in inside]
    return (p, [(one, zero)] * c, even if n == 1 else one), columns[0]


def layout(body: Any, k: int, sigma: int, c: int, first: int, where: str) -> tuple[list[int], list[int]]:
    """Return vertices, counter-clockwise from the one on the axis, and positive columns; others are dead."""
    vertices = [integer(x, 0, c - 1, where) for x in items(body["vertices"], where, k)]
    positive = [integer(x, 0, c - 1, where) for x in items(body["positive"], where, sigma)]
    require(len({*vertices, *positive}) == k + sigma, f"{where}: a column has two roles")
    role = "vertex" if first in vertices else "positive" if first in positive else "dead"
    require(body["role"] == role, f"{where}: role must be {role}")
    return vertices, positive


def system_of(
    vertices: list[int], positive: list[int], mirror: Any, weights: Weights, c: int, where: str
) -> System:  # fmt: skip
    """Return the system on the mirror-symmetric points; the reflection is a symmetry for all p."""
    used, gauge, k = sorted([*vertices, *positive]), vertices[0], len(vertices)
    p, importance, _ = weights
    even: Basis = []
    odd: Basis = []
    image = list(range(c))
    if mirror is not None:
        image = [integer(x, 0, c - 1, f"{where}: mirror") for x in items(mirror, f"{where}: mirror", c)]
        good = all(image[image[j]] == j and (p[j], importance[j]) == (p[image[j]], importance[image[j]])
                   and (j in used or image[j] == j) for j in range(c))  # fmt: skip
        good = good and all(image[vertices[q]] == vertices[-q % k] for q in range(k))
        require(good, f"{where}: mirror is no symmetry of the loss and of the polygon")
    for j in used:
        for h in range(3):
            sign, P, Q = 1 if h != 1 else -1, 3 * j + h, 3 * image[j] + h
            if P == Q and not (j == gauge and h == 1):
                (even if mirror is None or sign > 0 else odd).append([(P, 1)])
            elif P < Q:
                even.append([(P, 1), (Q, sign)])
                odd.append([(P, 1), (Q, -sign)])
    table = [
        [(Interval.of(x * y), Interval.of(x * v + u * y)) for y, v in importance] for x, u in p
    ]  # p_i I_j is affine: one of the two factors is constant
    return System(c, used, gauge, table, even, odd)


def roots_of_unity(k: int) -> list[tuple[Interval, Interval]]:
    """Return (cos, sin) of 2πj/k for j = 0 … k−1, k ≥ 5."""

    def arctan(n: int) -> Interval:  # of 1/n: the series alternates, so the next term bounds the rest
        terms = [Fraction((-1) ** i, (2 * i + 1) * n ** (2 * i + 1)) for i in range(BITS // 4)]
        return Interval.of(sum(terms)).widen(-down(-abs(terms[-1])))

    angle = (16 * arctan(5) - 4 * arctan(239)) * 2 / k  # Machin's π; the angle is below 1.3
    term, parts = ZERO + 1, [ZERO, ZERO, ZERO, ZERO]
    for i in range(40):
        parts[i % 4] += term
        term = term * angle / (i + 1)
    cos, sin = [(parts[i] - parts[i + 2]).widen(2 * term.hi) for i in (0, 1)]  # the rest is below 2·term
    points = [(ZERO + 1, ZERO)]
    while len(points) < k:
        x, y = points[-1]
        points.append((x * cos - y * sin, x * sin + y * cos))
    return points


def polygon(
    system: System, vertices: list[int], at: Fraction, start: list[Fraction], where: str
) -> list[Interval]:  # fmt: skip
    """Enclose the regular polygon (y, p) near a length and a bias: a zero of the gradient in these two.

    All other derivatives of L vanish there, as its rotations and reflections are symmetries at equal weights,
    and d/db (∫(μ − b)² + (c − 1) b²) = 0 at b = 1/(2c) for a column at zero.
    """
    turn, lift = [ZERO] * len(system.even), [ZERO] * len(system.even)  # dy/dl and dy/db
    base = [Interval.of(Fraction(1, 2 * system.c)) if b[0][0] % 3 == 2 else ZERO for b in system.even]
    places = {3 * j + h: x for j, point in zip(vertices, roots_of_unity(len(vertices)), strict=True)
              for h, x in enumerate(point)}  # fmt: skip
    for n, basis in enumerate(system.even):
        P = basis[0][0]
        if P in places:
            turn[n] = places[P]
        elif P // 3 in vertices:
            lift[n], base[n] = ZERO + 1, ZERO
    parameter = Interval.of(at)

    def lifted(box: list[Interval]) -> list[Interval]:
        return [*(x + t * box[0] + s * box[1] for x, t, s in zip(base, turn, lift, strict=True)), parameter]

    middle = [Interval.of(x) for x in start]
    size = -down(-START)
    for _ in range(2):
        H = block(system.derivatives(lifted([x.widen(size) for x in middle]))[0], system.even)
        forms = [[dot(u, [dot(row, v) for row in H]) for v in (turn, lift)] for u in (turn, lift)]
        Y, sums, one = defect(forms)
        g = system.gradient(lifted(middle), False)
        step = applied(Y, [dot(turn, g), dot(lift, g)])
        off = [x.size() + -(-total * size // one) for x, total in zip(step, sums, strict=True)]
        require(max(off) < size, f"{where}: there is no regular polygon near start")
        size = max(off) + 1  # the image, about the same middle
        middle_of = [x - y for x, y in zip(middle, step, strict=True)]
        image = [x.widen(-(-total * size // one)) for x, total in zip(middle_of, sums, strict=True)]
    return lifted(image)
