"""What a certificate may cost: for each format the most of everything that a checker looks at.

What a file holds is counted before any of it is believed, and a file that holds more is refused at once.
Cells and pieces show up during the work and are counted there: a file that needs too many pieces is given up
after a few hundred. ``NEEDS`` are those of the largest certificates that kgon writes; no limit is more than
four times that (docs/certificates.md: a table).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from fractions import Fraction

MEBIBYTE = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Budget:
    """So much may be in one file; zero where a format has no such thing."""

    columns: int  # c
    bytes: int
    values: int  # of JSON: numbers, strings, lists and objects
    depth: int  # of lists and objects in each other
    digits: int  # of an integer, of a numerator, of a denominator
    exponent: int = 0  # |e| of a dyadic m·2^e
    nodes: int = 0  # of all trees together
    pending: int = 0  # boxes of a tree that wait for their turn
    cells: int = 0  # of the boxes of a file on which a Hessian is positive definite
    tubes: int = 0  # of all branches together
    work: int = 0  # the cubes of the numbers of columns that take part, summed over all tubes
    pieces: int = 0  # of tubes, tried; of them ``ALLOWANCE`` and ``EACH`` for each tube so far
    cuts: int = 0  # how often a tube is halved
    crossings: int = 0  # points of equal loss, and other branches


ALLOWANCE, EACH, MOST = 48, 3, 8
"""Pieces that a file may need at once, and for each of its tubes, where up to ``MOST`` columns take part."""
LONGEST = Fraction(1, 4)
"""Half length of a tube; those that kgon writes have at most 0.0816."""
POINTS = Budget(columns=32, bytes=200_000, values=13_000, depth=8, digits=200, exponent=1024)
MINIMA = Budget(
    columns=8, bytes=MEBIBYTE, values=200, depth=8, digits=32, nodes=4_000_000, pending=128, cells=1 << 13
)
BRANCHES = Budget(
    columns=16, bytes=8 * MEBIBYTE, values=400_000, depth=8, digits=8, tubes=8192, work=4_000_000,
    pieces=ALLOWANCE + EACH * 8192, cuts=7, crossings=50,
)  # fmt: skip
NEEDS = {
    "points": Budget(columns=8, bytes=51_108, values=3351, depth=5, digits=71, exponent=366),
    "minima": Budget(
        columns=8, bytes=383_827, values=65, depth=5, digits=10, nodes=1_374_041, pending=32, cells=4269
    ),
    "branches": Budget(
        columns=8, bytes=4_218_792, values=147_451, depth=6, digits=2, tubes=4198, work=2_149_376,
        pieces=8321, cuts=5, crossings=14,
    ),
}  # fmt: skip
LIMITS = {"points": POINTS, "minima": MINIMA, "branches": BRANCHES}
LARGEST = Budget(**{
    name: max(getattr(limit, name) for limit in LIMITS.values()) for name in asdict(POINTS)
})  # fmt: skip
"""The most that any format allows; so much is looked at before the format is known."""
