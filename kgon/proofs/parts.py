"""Prove critical points whose columns fall into parts that do not reach one another, for any r.

Let every pair of columns from two parts be off at w*: b_j ≤ 0 and W_i·W_j + b_j ≤ 0, both ways.  These pairs
add a C¹ function to L that is nowhere negative and zero at w*.  So w* is critical if every part is critical
for its own loss, and a local minimum if every part is one.  Where no pair between parts has W_i·W_j = b_j = 0
this function is C², with a Hessian of zero: index and flat directions of the parts then add up, since every
part may turn by itself.

A column that is a part by itself is *silent* (off for every input), *alone* (hears only itself: critical at
‖W_j‖ = 1, b_j = 0, where its own loss is 0) or *positive*: W_j = 0, and b_j > 0 such that ∂L/∂b_j = 0.  A
positive one hears every input, but the point is critical if Σ p_i W_i = 0, as ∂L/∂W_j = 2 I_j b_j Σ p_i W_i;
whether it is a minimum is then left open.  Parts of several columns are proved by ``kgon.proofs.gauge``.
Parts that must be orthogonal exactly are on axes of their own; reflections in the other axes keep the
critical point of a part there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from operator import mul

from flint import arb

from kgon.base.checks import Floats
from kgon.base.verdicts import UndecidedError
from kgon.numerics.balls import at_precision, exact_balls
from kgon.numerics.inertia import inertia_of
from kgon.potential.enclosure import Column
from kgon.proofs.gauge import BITS, GaugedZero, Weights, pivots_of, prove_in_gauge
from kgon.proofs.grouping import NEGLIGIBLE, Block, Grouping
from kgon.proofs.nearby_point import NearbyPoint

KINDS = {
    "several": ("part", "parts"),
    "alone": ("column alone", "columns alone"),
    "positive": ("positive column", "positive columns"),
    "silent": ("silent column", "silent columns"),
}
"""Kinds of parts, in words."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """An exact critical point of one part's own loss.

    Attributes
    ----------
    kind : str
        A key of ``KINDS``.
    places : sequence of int
        Its columns.
    columns : sequence of columns
        Balls that hold them, as the given point is turned.
    moved : sequence of arb
        How far each W_j is from where it was before.
    loss : arb
        Its share of L.
    negative, flat, rank : int
        Negative eigenvalues of the Hessian of its loss, flat directions, and the rank of what it depends on.
    """

    kind: str
    places: Sequence[int]
    columns: Sequence[Column]
    moved: Sequence[arb]
    loss: arb
    negative: int = 0
    flat: int
    rank: int

    @property
    def zero(self) -> bool:
        """Whether all W_j of the part are exactly zero."""
        return all(x == 0 for column in self.columns for x in column[:-1])


@at_precision(BITS)
def certify_parts(W: Floats, b: Floats, weights: Weights | None) -> NearbyPoint | None:
    """Prove a critical point near a given one, of columns that fall into parts.

    Parameters
    ----------
    W, b : (r, c) and (c,) arrays
    weights : c rows of c balls, optional
        p_i I_j, as in ``kgon.potential.enclosure.Enclosure.at``.  Default: 1/c.

    Returns
    -------
    NearbyPoint or None
        None where the columns do not fall into parts.  ``negative`` is 0 at a proved local minimum, kinks
        included, and None at a kink that is not known to be one; ``flat`` is None at kinks of which it is not
        known.

    Raises
    ------
    UndecidedError
        Nothing is proved of a part, or of whether it reaches another.
    """
    r, c = W.shape
    share = weights or [[arb(1) / c] * c] * c
    if (constant := _constant([exact_balls([*W[:, j], b[j]]) for j in range(c)], share)) is not None:
        return constant
    found = Grouping.of(W, b)
    if len(found.groups) == 1 < c:
        return None
    parts = [_part(group, found, share) for group in found.groups]
    if all(part.kind == "silent" for part in parts):
        raise UndecidedError("no column takes part, but some only just")
    kinks = _kinks(parts)
    moves, biases = [arb(0)] * c, [arb(0)] * c
    for part in parts:
        for j, column, moved in zip(part.places, part.columns, part.moved, strict=True):
            moves[j] = moved + _norm(_difference(found.start[j], found.columns[j]))
            biases[j] = column[-1] - found.start[j][-1]
    negative: int | None = sum(part.negative for part in parts)
    flat = _flat_at_kinks(r, parts, found.blocks, kinks) if kinks else sum(part.flat for part in parts)
    if any(part.kind == "positive" for part in parts):
        _check_balance(parts, weights)
        negative = flat = None
    elif kinks and negative:
        negative = None
    return NearbyPoint.rounded(
        [moves, biases],
        [[arb(0)] * c] * 2,
        sum((part.loss for part in parts), arb(0)),
        reason=_account(W, parts, bool(kinks)),
        negative=negative,
        flat=flat,
        kink=bool(kinks) or None,
    )


def _constant(columns: Sequence[Column], share: Weights) -> NearbyPoint | None:
    """Prove a point critical at which no output is on: there L is constant, and the point is a minimum."""
    c = len(columns)
    for *place, bias in columns:
        if not (bias < 0 and all(sum(map(mul, x[:-1], place), arb(0)) + bias < 0 for x in columns)):
            return None
    return NearbyPoint.rounded(
        [[arb(0)] * c] * 2,
        [[arb(0)] * c] * 2,
        sum((share[j][j] for j in range(c)), arb(0)) / 3,
        reason="no column takes part: L is constant near the point",
        negative=0,
        flat=c * len(columns[0]),
        kink=None,
    )


def _account(W: Floats, parts: Sequence[Part], kink: bool) -> str:
    """Say how the columns fall into parts, and what this means."""
    counts = Counter(part.kind for part in parts)
    words = ", ".join(f"{counts[x]} {names[counts[x] > 1]}" for x, names in KINDS.items() if counts[x])
    live = [j for part in parts if part.rank for j in part.places]
    free = sum(_turns(len(W), part.rank) for part in parts) > _turns(len(W), len(pivots_of(W[:, live])))
    if kink:
        return f"{words}; at a kink of the gradient"
    return f"{words}; each may turn by itself: not isolated modulo O(r)" if free else words


def _turns(r: int, rank: int) -> int:
    """Find the dimension of the orbit of columns of some rank under O(r)."""
    return (r * (r - 1) - (r - rank) * (r - rank - 1)) // 2


# --- the parts ------------------------------------------------------------------------------------------


def _part(places: Sequence[int], found: Grouping, share: Weights) -> Part:
    """Prove the critical point of one part."""
    if len(places) == 1:
        return _single(places[0], found.columns[places[0]], share)
    rows = found.rows(places[0])
    order = [*rows, *(i for i in range(len(found.columns[0]) - 1) if i not in rows)]
    columns = [[found.columns[j][i] for i in order] + [found.columns[j][-1]] for j in places]
    zero = prove_in_gauge(columns, [[share[i][j] for j in places] for i in places])
    exact = _reflected(zero, len(rows))
    moved = [_norm(_difference(p, q)) for p, q in zip(zero.start, exact, strict=True)]
    around = [
        [x + arb(0, size.upper()) if i in rows else arb(0) for i, x in enumerate(found.columns[j][:-1])]
        for j, size in zip(places, moved, strict=True)
    ]
    return Part(
        kind="several",
        places=places,
        columns=[[*place, column[-1]] for place, column in zip(around, exact, strict=True)],
        moved=moved,
        loss=zero.loss,
        negative=inertia_of(zero.boxes[0].slopes)[0],
        flat=zero.flat,
        rank=len(zero.gauge.pivots),
    )


def _reflected(found: GaugedZero, rank: int) -> list[list[arb]]:
    """Put the rows from ``rank`` on to zero, if the box is its own image under reflections in them.

    The zero in the box is the only one and so its own image, too.
    """
    for (j, i), x in zip(found.gauge.unknowns, found.boxes[0].operator.point, strict=True):
        if rank <= i < len(found.start[j]) - 1 and x != 0:
            raise UndecidedError("a part leaves the rows that are its own")
    return [[*x[:rank], *[arb(0)] * (len(x) - 1 - rank), x[-1]] for x in found.exact]


def _single(j: int, column: Column, share: Weights) -> Part:
    """Take a column that is a part by itself: silent where it is, alone or positive where it is critical."""
    *place, bias = column
    r, length, own = len(place), _norm(place), share[j][j]
    if bias < 0 and length * length + bias < 0:
        return Part(
            kind="silent", places=[j], columns=[column], moved=[arb(0)], loss=own / 3, flat=r + 1, rank=0
        )
    if not own > 0:
        raise UndecidedError(f"column {j} has no weight")
    if length == 0 and bias > NEGLIGIBLE:
        every = sum((row[j] for row in share), arb(0))
        bias = own / (2 * every)
        loss = own / 3 - own * bias + every * bias * bias
        return Part(
            kind="positive", places=[j], columns=[[*place, bias]], moved=[arb(0)], loss=loss, flat=0, rank=0
        )
    if not length * length + bias > NEGLIGIBLE:
        raise UndecidedError(f"column {j} hears neither itself nor others, but only just")
    unit = [*_unit(place, length), arb(0)]
    return Part(
        kind="alone", places=[j], columns=[unit], moved=[abs(length - 1)], loss=arb(0), flat=r - 1, rank=1
    )


def _unit(place: Sequence[arb], length: arb) -> list[arb]:
    """Divide by the length; on one row alone this is 1 or −1, without rounding."""
    if sum(not x.is_zero() for x in place) == 1 and length != 0:
        return [x if x.is_zero() else arb(1 if x > 0 else -1) for x in place]
    return [x / length for x in place]


def _difference(x: Column, y: Column) -> list[arb]:
    """Subtract the places of two columns, without the biases."""
    return [p - q for p, q in zip(x[:-1], y[:-1], strict=True)]


def _norm(values: Sequence[arb]) -> arb:
    """Compute a length; a sum of squares of balls about 0 may reach below 0."""
    return sum((x * x for x in values), arb(0)).nonnegative_part().sqrt()


# --- between the parts ----------------------------------------------------------------------------------


def _kinks(parts: Sequence[Part]) -> list[tuple[Part, Part]]:
    """Prove that only positive parts hear others; list the pairs, input and output, that are at a kink.

    Raises
    ------
    UndecidedError
        An input may reach an output of another part.
    """
    found = []
    for one, other in permutations(parts, 2):
        if other.kind == "positive":
            continue
        for i, x in zip(one.places, one.columns, strict=True):
            for j, y in zip(other.places, other.columns, strict=True):
                a, bias = sum(map(mul, x[:-1], y[:-1]), arb(0)), y[-1]
                if a == 0 and bias == 0:
                    found.append((one, other))
                elif not (a + bias < 0 and (bias < 0 or bias == 0)):
                    raise UndecidedError(f"whether input {i} reaches output {j} is not certain")
    return found


def _check_balance(parts: Sequence[Part], weights: Weights | None) -> None:
    """Prove that Σ p_i W_i = 0, exactly, as positive columns need it.

    Raises
    ------
    UndecidedError
        It may be another number.
    """
    total = [arb(0)] * (len(parts[0].columns[0]) - 1)
    for part in parts:
        for j, column in zip(part.places, part.columns, strict=True):
            p = arb(1) if weights is None else sum(weights[j], arb(0))
            total = [x + p * y for x, y in zip(total, column[:-1], strict=True)]
    if not all(x == 0 for x in total):
        raise UndecidedError("the columns may not balance, as positive columns need it")


def _flat_at_kinks(
    r: int, parts: Sequence[Part], blocks: Sequence[Block], kinks: Sequence[tuple[Part, Part]]
) -> int | None:
    """Find the dimension of the set of equal loss, at two kinds of kinks between columns alone.

    Up to r columns alone can be brought to negative products at once by as little as one likes, and W_j = 0
    of silent columns too: the set is an open part of {‖W_j‖ = 1, b_j = 0}.  In a *complete* system every
    block is positively dependent, together they span all rows, and silent columns are 0: to first order all
    products between blocks must stay zero, so that only rotations, and each block by itself, are left.
    """
    c = sum(len(part.places) for part in parts)
    alone = [part.places[0] for part in parts if part.kind == "alone"]
    silent = [part for part in parts if part.kind == "silent"]
    if len(alone) + len(silent) < len(parts):
        return None
    if any(part in silent and not part.zero for part, _ in kinks):
        return None
    if len(alone) <= r:
        return c * (r + 1) - 2 * len(alone)
    live = [block for block in blocks if len(block.rows)]
    owner = {j: k for k, block in enumerate(live) for j in block.places}
    within = any(
        one.places[0] in owner and owner[one.places[0]] == owner[other.places[0]] for one, other in kinks
    )
    sizes = [(len(block.places), len(block.rows)) for block in live]
    complete = all(n == k + 1 for n, k in sizes) and sum(k for _, k in sizes) == r
    if within or not complete or not all(part.zero and part.loss > 0 for part in silent):
        return None
    turns = (r * r - sum(k * k for _, k in sizes)) // 2
    return turns + sum(n * (k - 1) for n, k in sizes) + len(silent)
