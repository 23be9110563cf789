"""The loss and its derivatives, enclosed in one pass over the pairs of columns.

L = Σ p_i I_j f(W_i·W_j, b_j), with f the integrals of ``regions``; its derivatives follow by the chain rule.
Where a ball lies on a border of two regions the hull over both is taken.  That encloses the derivatives
wherever they exist, and the generalised ones at kinks; where W_i·W_j and b_j may both vanish there is no
bound for second derivatives, nor for third ones where the second jump.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from flint import arb, arb_mat

from kgon.base.verdicts import UndecidedError
from kgon.potential.regions import Number, jet_over, regions

Index = tuple[int, int]
"""A coordinate of w: column, and row of W, or r for the bias: 0, 1 and 2 at r = 2."""
Column = Sequence[Number]
"""W_j, of any r, and b_j."""
Matrix = list[list[Number]]


@dataclass(frozen=True, slots=True, eq=False)
class Enclosure:
    """Loss and derivatives over a ball of points; of exact numbers, the exact values.

    Attributes
    ----------
    loss : number
        L.
    gradient : list of n numbers
        ∇L in the unknowns; empty at order 0.
    hessian : (n, n) arb_mat
        Its Hessian; empty below order 2.
    turn : (n, n) arb_mat
        The derivative of the Hessian in one direction; empty if none was given.
    regions : list of c lists
        Region of each pair, by input and output; "undecided" where there may be several.
    """

    loss: Number
    gradient: list[Number]
    hessian: arb_mat
    turn: arb_mat
    regions: list[list[str]]

    @classmethod
    def at(
        cls,
        columns: Sequence[Column],
        unknowns: Sequence[Index] = (),
        *,
        order: int = 2,
        weights: Sequence[Sequence[Number]] | None = None,
        along: Sequence[Number] | None = None,
        strict: bool = False,
    ) -> Enclosure:
        """Enclose the loss over balls of columns.

        Parameters
        ----------
        columns : sequence of c columns
            Balls; for orders 0 and 1 any numbers.
        unknowns : sequence of Index
            Coordinates in which the loss is differentiated.
        order : {0, 1, 2}
            Of the derivatives.
        weights : c rows of c numbers, optional
            p_i I_j, by input and output.  Default: 1/c.  With the derivatives of the weights in a parameter,
            everything is a derivative in this parameter.
        along : sequence of n numbers, optional
            A direction in the unknowns, in which the Hessian is differentiated.
        strict : bool
            Refuse a ball that is not certain to lie in the interior of one region, for every pair.

        Raises
        ------
        UndecidedError
            A pair may be where there is no derivative, or is not certain to be inside one region.
        """
        c, zero = len(columns), columns[0][-1] * 0
        sums = _Sums(unknowns, zero, order, along)
        table: list[list[str]] = [[] for _ in columns]
        for i, j in product(range(c), repeat=2):
            kind, a, b = "diag" if i == j else "off", _dot(columns[i], columns[j]), columns[j][-1]
            where = abs(a).nonnegative_part() if i == j and isinstance(a, arb) else a
            names = regions(kind, where, b)
            if strict and not (len(names) == 1 and b != 0 and where + b != 0):
                raise UndecidedError(f"the region of input {i}, output {j} is not certain")
            table[i].append(names[0] if len(names) == 1 else "undecided")
            if weights is not None and weights[i][j] == 0:
                continue
            jet = jet_over(kind, names, a, b, order if along is None else 3)
            if weights is not None:
                jet = tuple(weights[i][j] * x for x in jet)
            sums.loss = sums.loss + jet[0]
            if order and names != ["off"]:
                sums.add(columns, i, j, jet)
        scale = 3 if weights is not None else 3 * c
        return cls(
            loss=sums.loss / scale, gradient=[x / scale for x in sums.gradient[:-1]],
            hessian=_scaled(sums.hessian, scale), turn=_scaled(sums.turn, scale), regions=table,
        )  # fmt: skip


class _Sums:
    """Sums over pairs; the last row and column of each take what belongs to no unknown."""

    def __init__(
        self, unknowns: Sequence[Index], zero: Number, order: int, along: Sequence[Number] | None
    ) -> None:
        n = len(unknowns) + 1
        self.place: Mapping[Index, int] = {index: k for k, index in enumerate(unknowns)}
        self.loss = zero
        self.gradient = [zero] * n if order else [zero]
        self.hessian: Matrix = [[zero] * n for _ in range(n if order == 2 else 1)]
        self.turn: Matrix = [[zero] * n for _ in range(1 if along is None else n)]
        self.along = None if along is None else [*along, zero]

    def add(self, columns: Sequence[Column], i: int, j: int, jet: Sequence[Number]) -> None:
        """One pair: a = W_i·W_j has the derivative W_j in W_i and W_i in W_j; both count where i = j."""
        at, r, rest = self.place, len(columns[j]) - 1, len(self.place)
        chart = [
            (at.get((k, h), rest), at.get((other, h), rest), columns[other][h])
            for h in range(r)
            for k, other in ((i, j), (j, i))
        ]  # place of a coordinate, of the one it is multiplied with, and that one's value
        bias = at.get((j, r), rest)
        fa, fb, *second = jet[1:]
        self.gradient[bias] = self.gradient[bias] + fb
        for k, _, x in chart:
            self.gradient[k] = self.gradient[k] + fa * x
        if not second:
            return
        faa, fab, fbb, *third = second
        slopes = [x for _, _, x in chart]
        block = [[faa * x * y for y in slopes] for x in slopes]
        _add(self.hessian, chart, bias, fa, block, [fab * x for x in slopes], fbb)
        if self.along is None:
            return
        v, (faaa, faab, fabb, fbbb) = self.along, third
        turned = [v[other] for _, other, _ in chart]
        da, db = sum((x * v[k] for k, _, x in chart), v[rest]), v[bias]
        haa, hab, hbb = faaa * da + faab * db, faab * da + fabb * db, fabb * da + fbbb * db
        moves = list(zip(slopes, turned, strict=True))
        block = [[haa * x * y + faa * (dx * y + x * dy) for y, dy in moves] for x, dx in moves]
        side = [hab * x + fab * dx for x, dx in moves]
        _add(self.turn, chart, bias, faa * da + fab * db, block, side, hbb)


def _add(
    total: Matrix, chart: Sequence[tuple[int, int, Number]], bias: int, bend: Number, block: Matrix,
    side: Sequence[Number], corner: Number,
) -> None:  # fmt: skip
    """Add the second derivatives of one pair: ``bend`` multiplies those of a itself."""
    total[bias][bias] = total[bias][bias] + corner
    for (k, other, _), x in zip(chart, side, strict=True):
        total[k][bias] = total[k][bias] + x
        total[bias][k] = total[bias][k] + x
        total[k][other] = total[k][other] + bend
    for (k, _, _), row in zip(chart, block, strict=True):
        for (m, _, _), y in zip(chart, row, strict=True):
            total[k][m] = total[k][m] + y


@dataclass(frozen=True, slots=True, eq=False)
class Coordinates:
    """Coordinates of W and b that are solved for, while the others are held where they are.

    Attributes
    ----------
    held : sequence of c columns
        Values of all coordinates, exact.
    unknowns : sequence of Index
        Those that are solved for.
    idle : set of Index
        Coordinates that take no part: of columns that are off as outputs and reach none as inputs, and biases
        of outputs that are off.
    pivots : sequence of Index
        Coordinates that hold a rotation: not zero.
    """

    held: Sequence[Column]
    unknowns: Sequence[Index]
    idle: Collection[Index]
    pivots: Sequence[Index]

    def columns(self, values: Sequence[Number]) -> list[list[Number]]:
        """All columns, for these values of the unknowns."""
        columns = [list(column) for column in self.held]
        for (j, i), x in zip(self.unknowns, values, strict=True):
            columns[j][i] = x
        return columns

    def enclose(self, values: Sequence[Number], **options: Any) -> Enclosure:
        """``Enclosure.at`` in the unknowns.

        Raises
        ------
        UndecidedError
            Also where an idle coordinate may play a part, or a pivot be zero.
        """
        columns = self.columns(values)
        found = Enclosure.at(columns, self.unknowns, **options)
        for j, i in self.idle:
            inputs = found.regions[j] if i < len(columns[j]) - 1 else []
            if {*inputs, *(row[j] for row in found.regions)} != {"off"}:
                raise UndecidedError(f"column {j} does not stay off, it may take part")
        for j, i in self.pivots:
            if not columns[j][i] != 0:
                raise UndecidedError(f"a pivot of the gauge may be zero: row {i} of column {j}")
        return found


def _dot(x: Column, y: Column) -> Number:
    first, *rest = (p * q for p, q in zip(x[:-1], y[:-1], strict=True))
    return sum(rest, first)


def _scaled(rows: Matrix, scale: int) -> arb_mat:
    """The sums of the unknowns, divided by a scale."""
    return arb_mat([[x / scale for x in row[:-1]] for row in rows[:-1]])
