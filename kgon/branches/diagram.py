"""Draw up phase diagrams over the importance: which phase has the lowest free energy at each n.

With the last feature's importance I ≠ 1 a k-gon, k ≥ 5, is no longer regular where that feature is a vertex;
its columns are followed from I = 1 (``kgon.branches``).  Where it is positive or dead the polygon stays as it
is, and so does every 4-gon.  The copies of a k-gon then fall into roles, after the last column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from kgon.base.checks import Floats, check_increasing
from kgon.base.verdicts import KgonError, Status
from kgon.branches.energy import (
    BRANCH_THEORIES,
    corrected_at,
    local_energy,
    minimum_sheets,
    used_columns,
)
from kgon.branches.follow import follow_branch
from kgon.branches.results import KgonBranch
from kgon.branches.roles import role_shares, start_of_branch
from kgon.free_energy.constants.barrier import least_strength
from kgon.free_energy.conventions import check_beta, check_sizes, check_theory
from kgon.free_energy.diagram import SIZES, PhaseDiagram, lowest_phases
from kgon.free_energy.phases import minima_left_out, phases_of
from kgon.kgons.labels import Label
from kgon.potential.model import TMS
from kgon.potential.parameters import Parameter

IMPORTANCE = (0.4, 2.5)
"""Range of the last feature's importance in the default diagram."""
IMPORTANCES = tuple(np.linspace(*IMPORTANCE, 22).tolist())
"""Its values."""
LIMITS = (0.01, 20.0)
"""Smallest and largest importance that a branch is followed to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Minima:
    """The points of a k-gon, the last column in one role, at several importances, as long as it is a minimum.

    Attributes
    ----------
    importance : (m,) array
        Those of the values asked for at which the minimum exists.
    points : tuple of (W, b)
    status : Status
        CONVERGED, or STALLED where the minimum is lost before the last value.
    """

    importance: Floats
    points: tuple[tuple[Floats, Floats], ...]
    status: Status


def minima(
    label: Label, role: str, importance: Sequence[float], c: int = 6, *, known: Sequence[KgonBranch] = ()
) -> Minima:
    """Find the minimum at several importances, from 1 to a fold or as long as it is a minimum.

    A branch over the importance of the last feature that is ``known``, and goes as far, is not followed
    again.

    Examples
    --------
    >>> found = minima(Label(6), "vertex", [0.5, 0.4, 0.38])
    >>> found.importance.tolist(), str(found.status)
    ([0.5, 0.4], 'stalled')
    """
    parameter = Parameter("importance", (c - 1,), c)
    asked = [float(x) for x in importance]
    start = start_of_branch(label, parameter, role)
    points = {1.0: start}
    lower, upper = min([1.0, *asked]), max([1.0, *asked])
    if lower < upper:
        branch = next((x for x in known if _reaches(x, label, role, parameter, lower, upper)), None)
        if branch is None:
            branch = follow_branch(label, parameter=parameter, lower=lower, upper=upper, role=role, c=c)
        # The sheet that holds the start, from where it becomes a minimum to where it ceases to be one.
        sheet = next((x for x in minimum_sheets(branch) if 1.0 in x.p), None)
        for value in asked:
            if sheet is not None and value != 1.0 and sheet.p[0] <= value <= sheet.p[-1]:
                system = sheet.system
                points[value] = start if system is None else system.point(corrected_at(sheet, value))
    values = [x for x in asked if x in points]
    return Minima(
        importance=np.array(values), points=tuple(points[x] for x in values),
        status=Status.CONVERGED if len(values) == len(asked) else Status.STALLED,
    )  # fmt: skip


def _reaches(
    branch: KgonBranch, label: Label, role: str, parameter: Parameter, lower: float, upper: float
) -> bool:
    """Whether a branch is that of a label in a role, and was followed over the whole of a range."""
    wanted = (label, role, parameter.name, parameter.c)
    same = (branch.kgon, branch.role, branch.parameter, branch.c) == wanted
    return same and branch.lower <= lower and upper <= branch.upper


def compared_labels(c: int, theory: str, among: Sequence[Label | str] | None) -> list[Label]:
    """List the labels whose constant the theory has over the importance; refuse others that are asked for."""
    found = [p.label for p in phases_of(c, theory="prior", among=among)]
    odd = [label for label in found if label.k == 4] if theory == "laplace" else []
    if odd and (among is not None or len(odd) == len(found)):
        raise KgonError(f"theory laplace has constants over the importance for k >= 5, got {odd[0]}")
    return [label for label in found if label not in odd]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """A k-gon with the last column in one role, over the importances."""

    label: Label
    role: str
    share: Fraction
    places: dict[int, tuple[TMS, Floats, Floats]]

    @classmethod
    def of(
        cls, label: Label, role: str, share: Fraction, grid: Floats, c: int, known: Sequence[KgonBranch]
    ) -> _Entry:
        """Find the minima at the importances of a grid: the model, W and b by row."""
        found = minima(label, role, list(grid), c, known=known)
        parameter = Parameter("importance", (c - 1,), c)
        places = {
            int(np.searchsorted(grid, value)): (parameter.tms(value), W, b)
            for value, (W, b) in zip(found.importance, found.points, strict=True)
        }
        return cls(label=label, role=role, share=share, places=places)

    def energies(self, rows: int, sizes: Floats, beta: float, theory: str) -> Floats:
        """F_n in every row and at every n, infinite where it is no minimum."""
        table = np.full((rows, len(sizes)), np.inf)
        for row, (tms, W, b) in self.places.items():
            entry = local_energy(W, b, tms=tms, label=self.label, share=self.share, theory=theory)
            table[row] = entry.at(sizes, beta, theory)
        return table

    def least(self, row: int) -> float:
        """The βn from which on the expansion holds; of a 4-gon none is known, as L has kinks there."""
        if self.label.k == 4:
            return 0.0
        tms, W, b = self.places[row]
        return least_strength(W, b, tms=tms, columns=used_columns(W, b))


def in_importance(
    n: ArrayLike = SIZES,
    values: Sequence[float] = IMPORTANCES,
    c: int = 6,
    *,
    theory: str = "laplace",
    among: Sequence[Label | str] | None = None,
    beta: Any = 1,
    known: Sequence[KgonBranch] = (),
) -> PhaseDiagram:
    """Find the phase with the lowest F_n for each n and importance of the last feature.

    Parameters
    ----------
    n : (m,) array_like
    values : sequence of float
        Importances: increasing, positive.
    theory : {"none", "prior", "laplace"}
    among : sequence of labels, optional
        The phases to compare; default: every local minimum whose constant the theory has over the
        importance, which is those with k ≥ 5 for laplace.
    beta : number or str
    known : sequence of KgonBranch
        Branches over this importance that need not be followed again.

    Raises
    ------
    KgonError
        A label or theory that this diagram does not have, or importances that do not increase.

    Examples
    --------
    >>> found = in_importance([200.0], [0.5, 1.0, 2.0])
    >>> [found.phases[k] for k in found.lowest[:, 0]], "4" in found.left_out
    (['5 (dead)', '6 (vertex)', '6 (vertex)'], True)
    """
    check_theory(theory, BRANCH_THEORIES)
    grid = check_increasing("importances", values)
    if not LIMITS[0] <= grid[0] <= grid[-1] <= LIMITS[1]:
        raise KgonError(f"importances must be from {LIMITS[0]:g} to {LIMITS[1]:g}, got {list(values)!r}")
    sizes, s = np.atleast_1d(check_sizes(n)), float(check_beta(beta))
    names = compared_labels(c, theory, among)
    entries = [
        _Entry.of(name, role, share, grid, c, known)
        for name in names
        for role, share in role_shares(name, c).items()
    ]
    labels = tuple(str(entry.label) for entry in entries)
    lowest = lowest_phases(
        np.array([entry.energies(len(grid), sizes, s, theory) for entry in entries]),
        labels,
        np.broadcast_to(s * sizes, (len(grid), len(sizes))),
        lambda entry, row: entries[entry].least(row),
        counted=theory == "laplace",
    )
    return PhaseDiagram(
        theory=theory, c=c, parameter="importance", beta=s, n=sizes, values=grid, labels=labels,
        roles=tuple(entry.role for entry in entries), lowest=lowest, left_out=minima_left_out(c, names),
    )  # fmt: skip
