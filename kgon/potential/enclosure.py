"""Enclosures of the loss and its derivatives in ball arithmetic, with the regions of the pairs."""

from __future__ import annotations

from collections.abc import Sequence

from flint import arb, arb_mat

from kgon.base.verdicts import UndecidedError
from kgon.potential.kernels import _generated

Index = tuple[int, int]
"""A coordinate of w: column, and row of W, or r for the bias: 0, 1 and 2 at r = 2."""


Column = tuple[arb, ...]
"""W_j, of any r, and b_j."""


def strict_regions(columns: Sequence[Column]) -> list[list[str]]:
    """The region that each pair term is certainly and strictly in, by input and output."""
    c = len(columns)
    return [[_region(columns, i, j) for j in range(c)] for i in range(c)]


def _region(columns: Sequence[Column], i: int, j: int) -> str:
    a, b = _slope(columns, i, j), columns[j][-1]
    if i == j:
        a = abs(a).nonnegative_part()
    end = a + b
    if b > 0 and end > 0:
        return "on"
    if b < 0 and end < 0:
        return "off"
    if b < 0 and end > 0:
        return "rising"
    if b > 0 and end < 0:
        return "falling"
    raise UndecidedError(f"the region of input {i}, output {j} is not certain")


def _slope(columns: Sequence[Column], i: int, j: int) -> arb:
    first, *rest = (x * y for x, y in zip(columns[i][:-1], columns[j][:-1], strict=True))
    return sum(rest, first)


def pair_jet(columns: Sequence[Column], regions: list[list[str]], i: int, j: int) -> list[arb]:
    """Three times the pair integral of input i, output j, and its derivatives up to order two."""
    if regions[i][j] == "off":
        return [arb(int(i == j)), *[arb(0)] * 5]
    a, b = _slope(columns, i, j), columns[j][-1]
    fraction = {"on": arb(1), "rising": (a + b) / a, "falling": -b / a}[regions[i][j]]
    pair = getattr(_generated, f"{'diag' if i == j else 'off'}_{regions[i][j]}")
    return [arb(x) for x in pair(a, b, fraction)]


def interval_hessian(columns: Sequence[Column], regions: list[list[str]], order: list[Index]) -> arb_mat:
    """Enclosure of the Hessian of L in the unknowns."""
    c, r = len(columns), len(columns[0]) - 1
    full: dict[tuple[Index, Index], arb] = {}

    def add(first: Index, second: Index, value: arb) -> None:
        full[first, second] = full.get((first, second), arb(0)) + value

    for i in range(c):
        for j in range(c):
            if regions[i][j] == "off":
                continue
            _, fa, _, faa, fab, fbb = pair_jet(columns, regions, i, j)
            bias = (j, r)
            add(bias, bias, fbb)
            for h in range(r):
                hi, hj = (i, h), (j, h)
                for place, other in ((hi, columns[j][h]), (hj, columns[i][h])):
                    add(place, bias, fab * other)
                    add(bias, place, fab * other)
                add(hi, hj, fa)
                add(hj, hi, fa)
                for g in range(r):
                    for first, x in (((i, h), columns[j][h]), ((j, h), columns[i][h])):
                        for second, y in (((i, g), columns[j][g]), ((j, g), columns[i][g])):
                            add(first, second, faa * x * y)
    return arb_mat([[full.get((x, y), arb(0)) / (3 * c) for y in order] for x in order])
