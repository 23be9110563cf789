"""Occupancy of the phases at given sample sizes, and which phase dominates where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from kgon.base.checks import Floats
from kgon.base.results import Result, result
from kgon.free_energy.conventions import check_sizes
from kgon.free_energy.phases import phases_of
from kgon.kgons.labels import Label


def occupancy(
    n: Floats | Sequence[float],
    c: int = 6,
    *,
    theory: str = "prior",
    beta: Any = 1,
    among: Sequence[Label | str] | None = None,
) -> dict[str, Floats]:
    """Probability of each phase, by sample size: label → (len(n),) array.

    Parameters
    ----------
    n : sequence of float
    c, theory, beta
        As in ``phase``.
    among : sequence of labels, optional
        The phases to compare; default as in ``phases_of``.

    Examples
    --------
    >>> at = occupancy([300.0, 900.0], among=["5", "5+", "6"])
    >>> bool(at["5"][0] > at["6"][0]), bool(at["6"][1] > at["5"][1])
    (True, True)
    """
    sizes = np.atleast_1d(check_sizes(n))
    phases = phases_of(c, theory=theory, among=among)
    energies = np.array([p.free_energy(sizes, beta=beta) for p in phases])
    weights = np.exp(energies.min(axis=0) - energies)
    shares = weights / weights.sum(axis=0)
    return {str(p.label): row for p, row in zip(phases, shares, strict=True)}


@result
class Dominance(Result):
    """A range of n on which one phase has the lowest free energy; open ends are None."""

    schema: ClassVar[str] = "dominance"

    label: str
    n_from: float | None
    n_to: float | None

    def headline(self) -> str:
        low = "1" if self.n_from is None else f"{self.n_from:.6g}"
        high = "∞" if self.n_to is None else f"{self.n_to:.6g}"
        return f"{self.label}: n from {low} to {high}"

    def rows(self) -> Sequence[tuple[str, str]]:
        return [("label", self.label), ("n_from", str(self.n_from)), ("n_to", str(self.n_to))]
