"""Set up the equations of events on branches: folds, broken symmetry, borders of regions, equal losses.

Each is a zero of a square system in (y, p) and more, proved by Krawczyk's theorem in balls.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from flint import arb, arb_mat

from kgon.base.verdicts import UndecidedError
from kgon.branches.balls import Balls
from kgon.kgons.systems import PAIR
from kgon.numerics.balls import column, entries
from kgon.numerics.continuation.curve import Key
from kgon.numerics.krawczyk import Function
from kgon.potential.any_number import exact_ball

# --- systems of events -----------------------------------------------------------------------------


def block_matrix(
    blocks: Sequence[Sequence[arb_mat | None]], rows: Sequence[int], columns: Sequence[int]
) -> arb_mat:
    """Put a matrix together from blocks, of which None is zero."""
    out = [[arb(0)] * sum(columns) for _ in range(sum(rows))]
    top = 0
    for line, height in zip(blocks, rows, strict=True):
        left = 0
        for block, width in zip(line, columns, strict=True):
            if block is not None:
                for s in range(height):
                    for t in range(width):
                        out[top + s][left + t] = block[s, t]
            left += width
        top += height
    return arb_mat(out)


def singular_system(balls: Balls, *, odd: bool) -> Function:
    """Set up F = 0, H v = 0, v·v = 1 in (y, p, v): a fold (v symmetric), or broken symmetry (v not)."""
    basis = balls.odd if odd else balls.even
    if basis is None:
        raise UndecidedError("there is no symmetry to break")
    m, q = balls.size, basis.ncols()

    def function(z: list[arb]) -> tuple[list[arb], arb_mat]:
        v = z[m + 1 :]
        whole = basis * column(v)
        found = balls.evaluate(z[: m + 1], along=entries(whole))
        across = basis.transpose()
        second = across * found.here.hessian * basis
        norm = sum((x * x for x in v), arb(0)) - 1
        jacobian = block_matrix(
            [
                [found.hessian, found.drift, None],
                [across * found.here.turn * balls.even, across * found.slope.hessian * whole, second],
                [None, None, arb_mat([[2 * x for x in v]])],
            ],
            [m, q, 1],
            [m, 1, q],
        )
        return [*found.gradient, *entries(second * column(v)), norm], jacobian

    return function


def border_system(balls: Balls, key: Key) -> Function:
    """Set up F = 0 and the zero of one function of ``CriticalPoints.watch``, in (y, p)."""
    if not isinstance(key, tuple):
        raise UndecidedError(f"{key} is no border of a region")
    kind, *columns = key
    m = balls.size
    place = {index: k for k, index in enumerate(balls.system.order)}
    i, j = (int(columns[0]), int(columns[-1]))

    def function(z: list[arb]) -> tuple[list[arb], arb_mat]:
        found, at = balls.evaluate(z), balls.columns(z[:m])
        value = at[j][2]
        row = [arb(0)] * len(place)
        row[place[j, 2]] = arb(1)
        if kind == PAIR:
            for h in (0, 1):
                value = value + at[i][h] * at[j][h]
                for column, other in ((i, j), (j, i)):
                    if (column, h) in place:
                        row[place[column, h]] = row[place[column, h]] + at[other][h]
        below = arb_mat([row]) * balls.even
        jacobian = block_matrix([[found.hessian, found.drift], [below, None]], [m, 1], [m, 1])
        return [*found.gradient, value], jacobian

    return function


def maxwell_system(first: Balls, second: Balls | tuple[Fraction, Fraction]) -> Function:
    """Set up F₁ = F₂ = 0, L₁ = L₂ in (y₁, y₂, p); L₁ = q + r p for a second branch (q, r) that is exact."""
    if isinstance(second, tuple):
        return _maxwell_exact(first, *second)
    m, q, other = first.size, second.size, second

    def function(z: list[arb]) -> tuple[list[arb], arb_mat]:
        p = z[m + q]
        a, b = first.evaluate([*z[:m], p]), other.evaluate(z[m:])
        below = [arb_mat([a.gradient]), -arb_mat([b.gradient]), arb_mat([[a.slope.loss - b.slope.loss]])]
        jacobian = block_matrix(
            [[a.hessian, None, a.drift], [None, b.hessian, b.drift], below], [m, q, 1], [m, q, 1]
        )
        return [*a.gradient, *b.gradient, a.here.loss - b.here.loss], jacobian

    return function


def _maxwell_exact(first: Balls, at_zero: Fraction, slope: Fraction) -> Function:
    m = first.size

    def function(z: list[arb]) -> tuple[list[arb], arb_mat]:
        # Rounded here, at the precision that the proof asks for, not at the caller's.
        q, r = exact_ball(at_zero), exact_ball(slope)
        found = first.evaluate(z)
        below = [arb_mat([found.gradient]), arb_mat([[found.slope.loss - r]])]
        jacobian = block_matrix([[found.hessian, found.drift], below], [m, 1], [m, 1])
        return [*found.gradient, found.here.loss - q - r * z[m]], jacobian

    return function
