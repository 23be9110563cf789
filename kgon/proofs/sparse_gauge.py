"""The gauge of a point where several features may be active at once, for Krawczyk's theorem.

Rotations are held as in ``kgon.proofs.gauge``.  Every column takes part, as it is active together with
others: idle are only the biases of outputs that are off at every input.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flint import arb

from kgon.base.checks import Floats
from kgon.base.verdicts import UndecidedError
from kgon.potential.enclosure import Column, Coordinates, Enclosure
from kgon.potential.several_exact import LawAndWeights, enclosed
from kgon.proofs.gauge import pivots_of, turned


@dataclass(frozen=True, slots=True, eq=False)
class SparseCoordinates(Coordinates):
    """Coordinates that are solved for, of a loss with several active features.

    Attributes
    ----------
    model : LawAndWeights
        In balls.
    """

    model: LawAndWeights = field(kw_only=True)

    def enclose(self, columns: Sequence[Column], *, order: int = 2, **_: Any) -> Enclosure:
        """Enclose loss and derivatives at these ``columns``, as ``Coordinates.enclose`` does.

        A Hessian that is found is one of a ball inside which L is C²: nothing else is ``strict`` here.
        """
        found = enclosed(columns, self.model, self.unknowns, order=order)
        for j, i in self.idle:
            if i != len(columns[j]) - 1 or found.regions[j][j] != "off":
                raise UndecidedError(f"output {j} does not stay off, it may take part")
        for j, i in self.pivots:
            if not columns[j][i] != 0:
                raise UndecidedError(f"a pivot of the gauge may be zero: row {i} of column {j}")
        return found


def sparse_gauge(
    W: Floats, given: Sequence[Column], model: LawAndWeights
) -> tuple[SparseCoordinates, list[list[arb]]]:
    """The gauge of a point, held at its midpoint, and the point turned into it, exactly but for the balls."""
    r, c = W.shape
    found = enclosed(given, model, order=0)
    idle = {(j, r) for j in range(c) if found.regions[j][j] == "off"}
    pivots = [(j, k) for k, j in enumerate(pivots_of(W))]
    zero = {(j, i) for j, k in pivots for i in range(k + 1, r)}
    unknowns = [(j, i) for j in range(c) for i in range(r + 1) if (j, i) not in zero | idle]
    start = turned(given, pivots)
    held = [[x.mid() for x in column] for column in start]
    return SparseCoordinates(held, unknowns, idle, pivots, model=model), start
