"""The loss with several active features, and its derivatives, in exact fractions and balls.

One program for both: the expectations of ``kgon.potential.expectations``, put together by the chain rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from flint import arb, arb_mat

from kgon.base.checks import Floats
from kgon.potential.any_number import fractions
from kgon.potential.enclosure import Column, Enclosure, Index, Matrix
from kgon.potential.expectations import Features, Law, Output
from kgon.potential.model import TMS
from kgon.potential.regions import Number


@dataclass(frozen=True, slots=True, eq=False)
class LawAndWeights:
    """What a loss takes of its model, in one number type.

    Attributes
    ----------
    law : Law
        Which features are active at once.
    probability : sequence of c numbers
        How often each is.
    importance : sequence of c numbers
        Weights of the outputs.
    """

    law: Law
    probability: Sequence[Number]
    importance: Sequence[Number]

    @classmethod
    def fractions(cls, tms: TMS) -> LawAndWeights:
        """Take the floats of a model for what they are; that s of c are active has no float."""
        p, importance = fractions(np.array([tms.probability, tms.importance]))
        return cls._of(tms, Fraction(1), p, importance)

    @classmethod
    def balls(cls, tms: TMS) -> LawAndWeights:
        """Enclose the same, at the working precision."""
        p, importance = ([arb(x) for x in v.tolist()] for v in (tms.probability, tms.importance))
        return cls._of(tms, arb(1), p, importance)

    @classmethod
    def _of(cls, tms: TMS, one: Number, p: Sequence[Number], importance: Sequence[Number]) -> LawAndWeights:
        if tms.inputs.one:
            return cls(Law.one(p), p, importance)
        if tms.inputs.independent:
            return cls(Law.bernoulli(p), p, importance)
        s = tms.inputs.count
        return cls(Law.exactly(s, tms.c, one), [s * one / tms.c] * tms.c, importance)


def exact_jet(tms: TMS, W: Floats, b: Floats) -> Enclosure:
    """Compute loss and gradient (by columns: W_j, then b_j) of one point in exact fractions."""
    columns = list(zip(*fractions(np.vstack([W, b])), strict=True))
    unknowns = [(j, i) for j in range(tms.c) for i in range(tms.r + 1)]
    return enclosed(columns, LawAndWeights.fractions(tms), unknowns, order=1)


def enclosed(
    columns: Sequence[Column], model: LawAndWeights, unknowns: Sequence[Index] = (), *, order: int
) -> Enclosure:
    """Compute the loss and its derivatives over columns of numbers or balls, as ``Enclosure.at`` does.

    Parameters
    ----------
    columns : sequence of c columns
        W_j, then b_j.
    model : LawAndWeights
    unknowns : sequence of Index
        Coordinates in which the loss is differentiated.
    order : {0, 1, 2}
        Of the derivatives; 2 for balls only.

    Returns
    -------
    Enclosure
        The regions say only which outputs are off at every input.

    Raises
    ------
    UndecidedError
        A ball may hold a point where the second derivatives jump.
    """
    c, size, rows = len(columns), len(unknowns), len(columns[0]) - 1
    zero = 0 * columns[0][-1]
    place = {index: k for k, index in enumerate(unknowns)}
    loss, gradient = zero, [zero] * (size if order else 0)
    hessian = [[zero] * size for _ in range(size if order == 2 else 0)]
    off = []
    for j in range(c):
        a = [sum((x * y for x, y in zip(col[:-1], columns[j][:-1], strict=True)), zero) for col in columns]
        output = Output(a, columns[j][-1], model.law)
        off.append(output.off)
        cost = 2 * output.expectation((), 2) - 2 * output.expectation((j,), 1)
        weight = model.importance[j]
        loss = loss + weight * (model.probability[j] / 3 + cost)
        if not order or output.off:
            continue
        moves = _moves(columns, j, place)
        slopes = [weight * _slope(output, j, i) for i in range(c + 1)]
        for i, changes in enumerate(moves):
            for k, x in changes:
                gradient[k] = gradient[k] + slopes[i] * x
        if order == 2:
            pairs = [(i, k, place[j, h]) for (i, h), k in place.items() if h < rows and (j, h) in place]
            _bend(hessian, moves, slopes, _second(output, j, moves, weight), pairs)
    return Enclosure(
        loss=loss, gradient=gradient, hessian=arb_mat(hessian) if order == 2 else arb_mat([]),
        turn=arb_mat([]), regions=[["off" if x else "undecided" for x in off]] * c,
    )  # fmt: skip


Moves = list[list[tuple[int, Number]]]
"""For each a_i and then b, the unknowns in which it moves, and its derivatives in them."""


def _moves(columns: Sequence[Column], j: int, place: dict[Index, int]) -> Moves:
    moves: Moves = []
    for i, column in enumerate(columns):
        found: dict[int, Number] = {}
        for h in range(len(column) - 1):
            for index, x in (((i, h), columns[j][h]), ((j, h), column[h])):
                if index in place:
                    k = place[index]
                    found[k] = found[k] + x if k in found else x
        moves.append(list(found.items()))
    bias = (j, len(columns[j]) - 1)
    return [*moves, [(place[bias], 1)] if bias in place else []]


def _slope(output: Output, j: int, i: int) -> Number:
    """∂/∂a_i, or ∂/∂b where i = c, of E relu(y)² − 2 E x_j relu(y)."""
    own: Features = () if i == len(output.slope) else (i,)
    return 2 * output.expectation(own, 1) - 2 * output.expectation((*own, j), 0)


def _second(output: Output, j: int, moves: Moves, weight: Number) -> Matrix:
    """Second derivatives in a and b of the same, times a weight; 0 where nothing moves."""
    c = len(output.slope)
    rows: Matrix = [[0] * (c + 1) for _ in range(c + 1)]
    for i in range(c + 1):
        for k in range(i, c + 1):
            if moves[i] and moves[k]:
                own = tuple(x for x in (i, k) if x < c)
                x = 2 * output.expectation(own, 0) - 2 * output.expectation((*own, j), -1)
                rows[i][k] = rows[k][i] = weight * x
    return rows


def _bend(
    hessian: Matrix,
    moves: Moves,
    slopes: Sequence[Number],
    second: Matrix,
    pairs: Sequence[tuple[int, int, int]],
) -> None:
    """Add the second derivatives of one output by the chain rule; W_hi and W_hj are ``pairs`` of unknowns."""
    for i, row in enumerate(second):
        for m, value in enumerate(row):
            for k, x in moves[i]:
                for n, y in moves[m]:
                    hessian[k][n] = hessian[k][n] + value * x * y
    for i, k, n in pairs:
        hessian[k][n] = hessian[k][n] + slopes[i]
        hessian[n][k] = hessian[n][k] + slopes[i]
