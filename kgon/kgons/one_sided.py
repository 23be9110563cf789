"""Tell where L is analytic, and the ranks of the Hessian at a 4-gon by the direction of approach.

The pair function off is homogeneous of degree two, so that at w* + t v, t ↓ 0, the second derivatives of a
pair that sits on the kink (0, 0) tend to those at (a′, b′), the changes of its slope and bias along v.  All
other pairs are C² at a 4-gon.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product

from flint import fmpq_mat

from kgon.base.results import Result, result
from kgon.base.verdicts import KgonError, UndecidedError, Verdict
from kgon.kgons.labels import Label
from kgon.kgons.values import ball_point, check_label, rational_square
from kgon.potential import any_number
from kgon.potential.enclosure import Enclosure

Rows = Sequence[Sequence[Fraction]]
Point = tuple[Rows, Sequence[Fraction]]
"""W as two rows, and b."""
UP, DOWN, STEP = Fraction(1), Fraction(-1), Fraction(2)
"""Changes of the live biases, and a change of a slope that makes up for one that falls."""


@result
class OneSidedRanks(Result):
    """The ranks that the Hessian of L has at a 4-gon, from one side or another.

    Attributes
    ----------
    label, configuration : str
    c : int
    ranks : tuple of int
        In increasing order; each is that of an exact Hessian, the limit along an explicit direction.
    complete : Verdict
        PROVED where these are all: without positive columns the Hessian from any side is a sum of positive
        semidefinite terms, fewest where no pair at a kink is on and most where all are, and every rank in
        between occurs; without live vertices no pair is at a kink.  UNDECIDED otherwise.
    """

    label: str
    configuration: str
    c: int
    ranks: tuple[int, ...]
    complete: Verdict

    @property
    def name(self) -> Label:
        """The label as an object."""
        return replace(Label.parse(self.label), configuration=self.configuration)

    @property
    def halves(self) -> tuple[Fraction, ...]:
        """Half of each rank: what λ would be if L had this Hessian from every side."""
        return tuple(Fraction(rank, 2) for rank in self.ranks)

    @property
    def kink(self) -> bool:
        """Whether two sides differ, so that L is not C² at the point: a proof, as each rank is exact."""
        return len(self.ranks) > 1

    def headline(self) -> str:
        ranks = ", ".join(map(str, self.ranks))
        return f"{self.name.pretty}-gon, c = {self.c}: ranks {ranks}; that these are all: {self.complete}"


def is_analytic(label: Label | str, c: int = 6) -> bool:
    """Whether L is analytic near the standard representative of a k-gon, so far as balls decide it.

    It is where every pair of columns lies certainly inside one open region, in which the pair functions are
    rational.  False says that some pair may lie on a border, where two such functions meet.

    Examples
    --------
    >>> is_analytic("5+"), is_analytic("4+"), is_analytic("4----")
    (True, False, True)
    """
    name, c = check_label(label, c)
    W, b = ball_point(name, c)
    try:
        Enclosure.at(list(zip(*W, b, strict=True)), order=0, strict=True)
    except UndecidedError:
        return False
    return True


def one_sided_ranks(label: Label | str, c: int = 6) -> OneSidedRanks:
    """Find the ranks of the Hessian at the standard representative of a 4-gon, over directions.

    Parameters
    ----------
    label : Label or str
        With k = 4.
    c : int
        Features.

    Raises
    ------
    KgonError
        The label cannot occur, or is no 4-gon: for k ≥ 5 there is one Hessian.

    Examples
    --------
    >>> one_sided_ranks("4", 4)
    <4-gon, c = 4: ranks 8, 9, 10, 11; that these are all: PROVED>
    >>> [str(x) for x in one_sided_ranks("4-", 4).halves]
    ['3', '7/2', '4', '9/2']
    """
    name, c = check_label(label, c)
    if name.k != 4:
        raise KgonError(f"{name} has one Hessian: ranks from one side are asked for k = 4")
    W, b = rational_square(name, c)
    found = [one_sided_hessian(W, b, *direction).rank() for direction in _directions(name, c)]
    ranks, live = tuple(sorted(set(found))), 4 - name.phi
    whole = found[0] == ranks[0] and found[-1] == ranks[-1] == ranks[0] + len(ranks) - 1
    return OneSidedRanks(
        label=name.name,
        configuration=name.configuration,
        c=c,
        ranks=ranks,
        complete=Verdict.of((whole and not (name.sigma and live)) or None, proved=True),
    )


def one_sided_hessian(W: Rows, b: Sequence[Fraction], dW: Rows, db: Sequence[Fraction]) -> fmpq_mat:
    """Compute the limit of 3c times the Hessian of L at (W, b) + t (dW, db), t ↓ 0, in fractions.

    Parameters
    ----------
    W, b : 2 rows of c fractions, and c fractions
        Each pair is C² there, or at the kink (0, 0) of off.
    dW, db
        A direction along which every pair at a kink leaves it.

    Returns
    -------
    (3c, 3c) fmpq_mat
        By columns: each W_j, then b_j.
    """
    c = len(b)
    found = [[Fraction(0)] * (3 * c) for _ in range(3 * c)]
    for i, j in product(range(c), repeat=2):
        fa, faa, fab, fbb = _derivatives(i, j, (W, b), (dW, db))
        ends = ((i, j), (j, i))
        slope = [(3 * one + h, W[h][other]) for one, other in ends for h in range(2) if W[h][other]]
        bias = [(3 * j + 2, Fraction(1))]
        parts = ((slope, slope, faa), (slope, bias, fab), (bias, slope, fab), (bias, bias, fbb))
        for left, right, factor in parts:
            for (x, u), (y, v) in product(left, right):
                found[x][y] += factor * u * v
        for (one, other), h in product(ends, range(2)):
            found[3 * one + h][3 * other + h] += fa
    return fmpq_mat([[any_number.rational(x) for x in row] for row in found])


def _derivatives(i: int, j: int, at: Point, along: Point) -> tuple[Fraction, ...]:
    """f_a, f_aa, f_ab and f_bb of three times a pair, at the point or, at a kink, from one side."""
    (W, b), (dW, db) = at, along
    slope = sum((row[i] * row[j] for row in W), Fraction(0))
    if i == j or slope or b[j]:
        _, fa, _, *second = (any_number.diag if i == j else any_number.off)(slope, b[j], order=2)
        return (fa, *second)
    rise = sum((x[i] * y[j] + y[i] * x[j] for x, y in zip(W, dW, strict=True)), Fraction(0))
    _, _, _, *second = any_number.off(rise, db[j], order=2)
    return (Fraction(0), *second)


def _directions(label: Label, c: int) -> Iterator[Point]:
    """Directions with ever more pairs on at kinks: first none, last all.

    Live biases fall, so that a pair is on only if its slope rises more: by turning vertices towards each
    other, as far as the others give way, then by moving zero columns towards live vertices.
    """
    W, _ = rational_square(label, c)
    live = [j for j, role in enumerate(label.roles(c)) if role == "live"]
    gaps = sorted(range(4), key=lambda g: g not in live and (g + 1) % 4 not in live)

    def falling(bias: Fraction) -> list[Fraction]:
        return [bias if j in live else Fraction(0) for j in range(c)]

    for count in range(4):
        rises = [STEP if g in gaps[:count] else -STEP * count / (4 - count) for g in range(4)]
        turned = [sum(rises[:j], Fraction(0)) for j in range(4)]  # against the order of the vertices
        dW = [[Fraction(0)] * c for _ in range(2)]
        for j in range(4):
            dW[0][j], dW[1][j] = turned[j] * W[1][j], -turned[j] * W[0][j]
        yield dW, falling(DOWN)
    for z in range(4, c):
        for h in range(2):
            towards = next((W[h][j] for j in live if W[h][j]), None)
            if towards is not None:
                dW = [list(row) for row in dW]
                dW[h][z] = STEP * towards
                yield dW, falling(DOWN)
    yield [[Fraction(0)] * c for _ in range(2)], falling(UP)
