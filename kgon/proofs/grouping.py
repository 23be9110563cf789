"""Propose how the columns of a point fall into parts, with axes of their own for those that are orthogonal.

In floats: ``kgon.proofs.parts`` has the proof, for the exact point that it makes of what is proposed here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from flint import arb
from numpy.typing import NDArray

from kgon.base.checks import Floats
from kgon.base.verdicts import UndecidedError
from kgon.numerics.balls import exact_balls
from kgon.potential.enclosure import Column
from kgon.proofs.gauge import pivots_of, turned

NEGLIGIBLE = 1e-6
"""What counts as 0 in products, biases and lengths."""
CLEAR = 1e-9
"""How far below zero a product is moved that is at a border."""


@dataclass(frozen=True, slots=True)
class Block:
    """Columns that share rows of W, and no row with others."""

    places: Sequence[int]
    rows: range


@dataclass(frozen=True, slots=True)
class Grouping:
    """Columns grouped by what reaches what, and by rows.

    Attributes
    ----------
    groups : list of lists of int
        The columns of each part.
    blocks : list of Block
        Parts that are not orthogonal share one.
    start : list of columns
        Balls: the given point, turned.
    columns : list of columns
        The same on the rows of the blocks only, and off the borders where single columns may be moved.
    """

    groups: list[list[int]]
    blocks: list[Block]
    start: list[list[arb]]
    columns: list[list[arb]]

    @classmethod
    def of(cls, W: Floats, b: Floats) -> Grouping:
        """Group the columns of W (r, c) and b (c,).

        Raises
        ------
        UndecidedError
            Columns are orthogonal only nearly: there are more blocks than rows.
        """
        groups = _components(_reaching(W, b))
        blocks = _blocks(W, groups)
        pivots = [(j, row) for block in blocks for j, row in zip(_pivots(W, block), block.rows, strict=True)]
        start, away = (
            turned([exact_balls([*places[:, j], b[j]]) for j in range(len(b))], pivots)
            for places in (W, _apart(W, b, groups, blocks))
        )
        rows = {j: block.rows for block in blocks for j in block.places}
        return cls(groups, blocks, start, [_on_rows(column, rows[j]) for j, column in enumerate(away)])

    def rows(self, place: int) -> range:
        """Find the rows that a column is on."""
        return next(block.rows for block in self.blocks if place in block.places)


def _reaching(W: Floats, b: Floats) -> NDArray[np.bool_]:
    """Say of every two columns whether an input is heard by the other's output; W_j = 0 is not asked."""
    heard = (W.T @ W + b > NEGLIGIBLE) | (b > NEGLIGIBLE)
    heard &= np.linalg.norm(W, axis=0) > NEGLIGIBLE
    return np.asarray(heard | heard.T)


def _components(linked: NDArray[np.bool_]) -> list[list[int]]:
    """List the connected components of a symmetric relation, each sorted, by their first members."""
    left, found = list(range(len(linked))), []
    while left:
        inside, edge = {left[0]}, [left[0]]
        while edge:
            near = {int(k) for k in np.flatnonzero(linked[edge.pop()])} - inside
            inside |= near
            edge += near
        found.append(sorted(inside))
        left = [j for j in left if j not in inside]
    return found


def _blocks(W: Floats, groups: Sequence[Sequence[int]]) -> list[Block]:
    """Give every set of columns that is orthogonal to all others rows of its own."""
    linked = np.abs(W.T @ W) > NEGLIGIBLE
    for group in groups:
        linked[np.ix_(group, group)] = True
    found, first = [], 0
    for places in _components(linked):
        last = first + len(pivots_of(W[:, places]))
        found.append(Block(places, range(first, last)))
        first = last
    if first > len(W):
        raise UndecidedError("columns are orthogonal only nearly")
    return found


def _pivots(W: Floats, block: Block) -> list[int]:
    return [block.places[k] for k in pivots_of(W[:, block.places])]


def _on_rows(column: Column, rows: range) -> list[arb]:
    """Keep a column's rows, and its bias; the others are zero."""
    return [x if i in rows else arb(0) for i, x in enumerate(column[:-1])] + [column[-1]]


def _apart(W: Floats, b: Floats, groups: Sequence[Sequence[int]], blocks: Sequence[Block]) -> Floats:
    """Move single columns of one block off the border at which their product is zero, if all can be."""
    single = {group[0] for group in groups if len(group) == 1}
    alone = {j for j in single if W[:, j] @ W[:, j] + b[j] > NEGLIGIBLE}
    pairs = [
        (i, j)
        for block in blocks
        for i, j in combinations(sorted(single.intersection(block.places)), 2)
        if abs(W[:, i] @ W[:, j]) <= NEGLIGIBLE and alone & {i, j}
    ]
    if not pairs:
        return W
    slopes = np.zeros((len(pairs), *W.shape))
    for row, (i, j) in zip(slopes, pairs, strict=True):
        row[:, i], row[:, j] = W[:, j], W[:, i]
    aims = np.array([-CLEAR - W[:, i] @ W[:, j] for i, j in pairs])
    step = np.linalg.lstsq(slopes.reshape(len(pairs), -1), aims, rcond=None)[0]
    return np.asarray(W + step.reshape(W.shape))
