"""Take βn as the parameter: the point stays, its free energy moves, Maxwell points are the critical sizes.

``F(s) = s L + λ log s + c`` with s = βn.  (At β = 1 this is F_n for every theory.)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kgon.base.checks import check_increasing
from kgon.base.results import Result, result
from kgon.base.text import counted
from kgon.branches.changes import EnergyOrder
from kgon.branches.results import CONVERGED, PROVED, BranchEvent
from kgon.free_energy.conventions import check_theory
from kgon.free_energy.crossings import n_crit
from kgon.free_energy.phases import phase
from kgon.kgons.labels import Label
from kgon.kgons.values import as_label, list_labels

POINTS = 101
"""Values of βn, evenly spaced in its logarithm."""


@result
class StrengthPoint(Result):
    """A value of βn (``parameter``), with L (``loss``) and F (``energy``)."""

    parameter: float
    loss: float
    energy: float

    def headline(self) -> str:
        return f"βn = {self.parameter:.6g}: F = {self.energy:.8g}"


@result
class StrengthBranch(Result):
    """A phase over βn, with the values at which others have the same free energy.

    Attributes
    ----------
    label : str
    c : int
    parameter : str
        ``betan``.
    theory : str
    lower, upper : float
    points : tuple of StrengthPoint
    events : tuple of BranchEvent
        Of kind ``maxwell``.
    """

    label: str
    c: int
    parameter: str
    theory: str
    lower: float
    upper: float
    points: tuple[StrengthPoint, ...]
    events: tuple[BranchEvent, ...]

    def headline(self) -> str:
        return (
            f"{self.label} over βn: {self.lower:.6g} to {self.upper:.6g}, theory {self.theory}, "
            f"{counted(len(self.events), 'event')}"
        )

    def rows(self) -> Sequence[tuple[str, str]]:
        return [(event.title, f"βn = {event.text}") for event in self.events]


def follow_strength(
    label: Label | str,
    *,
    lower: float,
    upper: float,
    against: Sequence[Label | str] = (),
    theory: str = "prior",
    c: int = 6,
) -> StrengthBranch:
    """Follow the free energy of a k-gon over βn, and find where it equals that of others.

    Examples
    --------
    >>> found = follow_strength("5", lower=10, upper=1000, against=["6"])
    >>> [round(event.parameter, 3) for event in found.events]
    [601.005]
    """
    check_theory(theory)
    low, high = check_increasing("the ends of betan", [lower, upper]).tolist()
    own = phase(label, c, theory=theory)
    sizes = np.geomspace(low, high, POINTS)
    loss = float(own.loss)
    points = tuple(
        StrengthPoint(parameter=float(s), loss=loss, energy=float(f))
        for s, f in zip(sizes, own.free_energy(sizes), strict=True)
    )
    events = []
    for other in list_labels(against):
        found = n_crit(own.label, as_label(other), c, theory=theory)
        for root in found.roots:
            assert root.upper is not None, "numbers of the catalogue have enclosures that end"
            if low <= root.n <= high:
                # Only roots in closed form are enclosed; Δc is known there alone.
                proved = root.stderr is None and found.delta_c is not None
                events.append(
                    BranchEvent(
                        kind="maxwell",
                        what=EnergyOrder(other=str(other), below=root.below, above=root.above),
                        parameter=root.n,
                        lower=root.lower,
                        upper=root.upper,
                        loss=loss,
                        status=PROVED if proved else CONVERGED,
                        arclength=float(np.log(root.n / low)),
                    )
                )
    return StrengthBranch(
        label=str(own.label),
        c=c,
        parameter="betan",
        theory=theory,
        lower=low,
        upper=high,
        points=points,
        events=tuple(sorted(events, key=lambda event: event.parameter)),
    )
