"""The loss and its derivatives, enclosed in one pass over the pairs of columns.

L = Σ p_i I_j f(W_i·W_j, b_j), with f the integrals of ``regions``; its derivatives follow by the chain rule.
Where a ball lies on a border of two regions the hull over both is taken.  That encloses the derivatives
wherever they exist, and the generalised ones at kinks; where W_i·W_j and b_j may both vanish there is no
bound for second derivatives, nor for third ones where the second jump.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import product
from operator import mul
from typing import Any

from flint import arb, arb_mat

from kgon.base.verdicts import UndecidedError
from kgon.potential.regions import SIZES, Jet, Number, jet_over, regions

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
        Region of each pair, by input and output; "undecided" where there may be several, "none" where its
        weight is zero.
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
        for j, i in product(range(c), repeat=2):
            weight = 1 if weights is None else weights[i][j]
            if weight == 0:
                table[i].append("none")
                continue
            kind, b = "diag" if i == j else "off", columns[j][-1]
            a = sum(map(mul, columns[i][:-1], columns[j][:-1]))
            where = abs(a).nonnegative_part() if i == j and isinstance(a, arb) else a
            names = regions(kind, where, b)
            if strict and not (len(names) == 1 and b != 0 and where + b != 0):
                raise UndecidedError(f"the region of input {i}, output {j} is not certain")
            table[i].append(names[0] if len(names) == 1 else "undecided")
            jet = jet_over(kind, names, a, b, order if along is None else 3)
            sums.loss = sums.loss + weight * jet[0]
            if order and names != ["off"]:
                sums.add(columns, i, j, jet, weight)
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
        self.rest = len(unknowns)
        n = self.rest + 1
        self.place = {index: k for k, index in enumerate(unknowns)}
        self.loss = zero
        self.gradient = [zero] * (n if order else 1)
        self.hessian: Matrix = [[zero] * n for _ in range(n if order == 2 else 1)]
        self.turn: Matrix = [[zero] * n for _ in range(1 if along is None else n)]
        self.along = None if along is None else [*along, zero]

    def add(self, columns: Sequence[Column], i: int, j: int, jet: Jet, weight: Number) -> None:
        """The derivatives of one pair, in its coordinates u = (W_i, W_j, b_j), or (W_j, b_j) where i = j."""
        r = len(columns[j]) - 1
        if i == j:
            slopes = [2 * x for x in columns[j][:r]]  # of a = W_j·W_j
        else:
            slopes = [*columns[j][:r], *columns[i][:r]]
        u = [(k, h) for k in ((j,) if i == j else (i, j)) for h in range(r)]
        places = [self.place.get(index, self.rest) for index in (*u, (j, r))]
        for k, x in zip(places, [*(jet[1] * x for x in slopes), jet[2]], strict=True):
            self.gradient[k] = self.gradient[k] + weight * x
        if len(jet) > SIZES[1]:
            self._spread(self.hessian, places, weight, _second(jet, slopes, r))
        if self.along is not None:
            v = [self.along[k] for k in places]
            self._spread(self.turn, places, weight, _third(jet, slopes, r, v))

    def _spread(self, total: Matrix, places: Sequence[int], weight: Number, local: Matrix) -> None:
        """Add to the places; the weight comes last: a ball times a sum is tighter than a sum of products."""
        for k, row in zip(places, local, strict=True):
            if k != self.rest:
                into = total[k]
                for m, x in zip(places, row, strict=True):
                    into[m] = into[m] + weight * x


def _second(jet: Jet, slopes: Sequence[Number], r: int) -> Matrix:
    """Second derivatives of f(a, b) in u, where a has these slopes; the last coordinate is b."""
    _, fa, _, faa, fab, fbb = jet[:6]
    block = [[bent * y for y in slopes] for bent in (faa * x for x in slopes)]
    return _bent(block, [fab * x for x in slopes], fbb, fa, r)


def _third(jet: Jet, slopes: Sequence[Number], r: int, v: Sequence[Number]) -> Matrix:
    """The derivative of ``_second`` along v."""
    faa, fab, _, faaa, faab, fabb, fbbb = jet[3:]
    size = len(slopes)
    turned = [(2 if size == r else 1) * v[(k + r) % size] for k in range(size)]  # the slopes' derivatives
    da, db = sum((x * y for x, y in zip(slopes, v[:-1], strict=True)), 0 * v[-1]), v[-1]
    haa, hab, hbb = faaa * da + faab * db, faab * da + fabb * db, fabb * da + fbbb * db
    both = list(zip(slopes, turned, strict=True))
    block = [
        [bent * y + faa * (dx * y + x * dy) for y, dy in both]
        for x, dx, bent in ((x, dx, haa * x) for x, dx in both)
    ]
    return _bent(block, [hab * x + fab * dx for x, dx in both], hbb, faa * da + fab * db, r)


def _bent(block: Matrix, side: Sequence[Number], corner: Number, bend: Number, r: int) -> Matrix:
    """Borders the block of W by b, and adds ``bend`` times the second derivatives of a.

    These are one for a coordinate of W_i and the same one of W_j, and two for one of W_j where i = j.
    """
    size = len(block)
    for k, row in enumerate(block):
        m = (k + r) % size
        row[m] = row[m] + (2 if size == r else 1) * bend
    return [*([*row, x] for row, x in zip(block, side, strict=True)), [*side, corner]]


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
    weights : c rows of c numbers, optional
        p_i I_j, as in ``Enclosure.at``.
    """

    held: Sequence[Column]
    unknowns: Sequence[Index]
    idle: Collection[Index]
    pivots: Sequence[Index]
    weights: Sequence[Sequence[Number]] | None = None

    def columns(self, values: Sequence[Number]) -> list[list[Number]]:
        """Put the values of the unknowns into the columns; the others stay where they are held."""
        columns = [list(column) for column in self.held]
        for (j, i), x in zip(self.unknowns, values, strict=True):
            columns[j][i] = x
        return columns

    def enclose(self, columns: Sequence[Column], **options: Any) -> Enclosure:
        """Enclose loss and derivatives at these ``columns``, with respect to the unknowns alone.

        Raises
        ------
        UndecidedError
            Also where an idle coordinate may play a part, or a pivot be zero.
        """
        found = Enclosure.at(columns, self.unknowns, **{"weights": self.weights, **options})
        for j, i in self.idle:
            inputs = found.regions[j] if i < len(columns[j]) - 1 else []
            if not {*inputs, *(row[j] for row in found.regions)} <= {"off", "none"}:
                raise UndecidedError(f"column {j} does not stay off, it may take part")
        for j, i in self.pivots:
            if not columns[j][i] != 0:
                raise UndecidedError(f"a pivot of the gauge may be zero: row {i} of column {j}")
        return found


def _scaled(rows: Matrix, scale: int) -> arb_mat:
    """The sums of the unknowns, divided by a scale."""
    return arb_mat([[x / scale for x in row[:-1]] for row in rows[:-1]])
