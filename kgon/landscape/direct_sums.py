"""Direct sums: critical points of any r whose columns fall into blocks in spaces orthogonal to one another.

A block is a critical point of few dimensions without positive biases: one column or an opposite pair on a
line, the simplex of d + 1 columns in d dimensions, a k-gon in a plane, a solid in space.  Columns of two
blocks do not hear each other, so that the sum is critical (``kgon.proofs.parts``).  Further columns are dead,
and beside opposite pairs alone they may be positive: elsewhere that such points are critical is not proved.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from kgon.base.checks import Floats
from kgon.kgons.labels import DEAD_BIAS, Label
from kgon.kgons.values import standard_point
from kgon.landscape.solids import SHAPES, Configuration, live_columns

SUMS = ("triangular bipyramid", "octahedron", "pentagonal bipyramid", "hexagonal bipyramid", "tetrahedron")
"""Solids that are simplices, or sums of what is listed in fewer dimensions."""
SIMPLICES = {2: "triangle", 3: "tetrahedron"}
"""What simplices of few dimensions are called."""


@dataclass(frozen=True, slots=True, eq=False)
class Summand:
    """A critical point in d dimensions that is no direct sum itself: W (d, n), b (n,)."""

    name: str
    W: Floats
    b: Floats

    @property
    def dimensions(self) -> int:
        """The number d of dimensions."""
        return len(self.W)

    @property
    def columns(self) -> int:
        """The number n of columns."""
        return len(self.b)


@lru_cache(maxsize=64)
def summands(r: int, c: int) -> tuple[Summand, ...]:
    """List the blocks of at most r dimensions and c columns, by dimension and number of columns."""
    lines = [
        Summand("single", np.ones((1, 1)), np.zeros(1)),
        Summand("pair", np.array([[1.0, -1.0]]), np.zeros(2)),
    ]
    simplices = [
        Summand(SIMPLICES.get(d, f"{d}-simplex"), _simplex(d), np.zeros(d + 1))
        for d in range(2, min(r, c - 1) + 1)
    ]
    polygons = [Summand(f"{k}-gon", *standard_point(Label(k), k)) for k in range(5, c + 1) if r >= 2]
    solids = [Summand(name, *live_columns(name)) for name in SHAPES if r >= 3 and name not in SUMS]
    found = [x for x in (*lines, *simplices, *polygons, *solids) if x.columns <= c]
    return tuple(sorted(found, key=lambda x: (x.dimensions, x.columns)))


def _simplex(d: int) -> Floats:
    """Build the d + 1 unit vectors (d, d + 1) with products −1/d."""
    gram = np.eye(d + 1) * (1 + 1 / d) - 1 / d
    values, vectors = np.linalg.eigh(gram)
    return np.asarray((vectors[:, 1:] * np.sqrt(values[1:])).T)


def _chosen(among: tuple[Summand, ...], r: int, c: int) -> Iterator[list[Summand]]:
    """Every choice of blocks, in order and with repetition, that fits into r dimensions and c columns."""
    yield []
    for k, block in enumerate(among):
        if block.dimensions <= r and block.columns <= c:
            for rest in _chosen(among[k:], r - block.dimensions, c - block.columns):
                yield [block, *rest]


@lru_cache(maxsize=16)
def direct_sums(r: int, c: int) -> tuple[Configuration, ...]:
    """List the direct sums that fit into c columns of r dimensions; at least one column is live."""
    found = []
    for chosen in _chosen(summands(r, c), r, c):
        if chosen:
            live = sum(x.columns for x in chosen)
            most = c - live if all(x.name == "pair" for x in chosen) else 0
            found += [_configuration(chosen, positive, r, c) for positive in range(most + 1)]
    return tuple(found)


def _configuration(chosen: list[Summand], positive: int, r: int, c: int) -> Configuration:
    W, b = np.zeros((r, c)), np.full(c, DEAD_BIAS)
    row = column = 0
    for block in chosen:
        W[row : row + block.dimensions, column : column + block.columns] = block.W
        b[column : column + block.columns] = block.b
        row, column = row + block.dimensions, column + block.columns
    b[column : column + positive] = 1 / (2 * c)
    return Configuration(_name(chosen, positive, r), W, b)


def _name(chosen: list[Summand], positive: int, r: int) -> str:
    """Name a sum: ``2 pairs & 5-gon``; r ≥ 3 pairs are the cross-polytope."""
    counts = Counter(x.name for x in chosen)
    words = " & ".join(name if n == 1 else f"{n} {name}s" for name, n in counts.items())
    return ("cross-polytope" if r >= 3 and counts == {"pair": r} else words) + "+" * positive
