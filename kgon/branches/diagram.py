"""Draw up phase diagrams over the importance: which phase has the lowest free energy at each n.

With the last feature's importance I ≠ 1 a k-gon is no longer regular where that feature is a vertex; its
columns are followed from I = 1 (``kgon.branches``).  Where it is positive or dead the polygon stays as it is.
The copies of a k-gon then fall into roles: ``vertex``, ``positive`` or ``dead``, after the last column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from kgon.base.checks import Floats, check_increasing
from kgon.base.verdicts import KgonError, Status
from kgon.branches.energy import BRANCH_THEORIES, corrected_at, local_energy
from kgon.branches.follow import follow_branch
from kgon.branches.maxwell import sheets
from kgon.branches.parameters import Parameter
from kgon.branches.roles import role_shares, start_of_branch
from kgon.free_energy.conventions import check_beta, check_sizes, check_theory
from kgon.free_energy.diagram import SIZES, PhaseDiagram
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.kgons.values import check_label

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


def minima(label: Label, role: str, importance: Sequence[float], c: int = 6) -> Minima:
    """Find the minimum at importances that go away from 1, on one side, until a fold or as long as no saddle.

    Examples
    --------
    >>> found = minima(Label(6), "vertex", [0.5, 0.4, 0.38])
    >>> found.importance.tolist(), str(found.status)
    ([0.5, 0.4], 'stalled')
    """
    parameter = Parameter("importance", (c - 1,), c)
    asked = [float(x) for x in importance]
    values: list[float] = []
    points: list[tuple[Floats, Floats]] = []
    if 1.0 in asked:
        values.append(1.0)
        points.append(start_of_branch(label, parameter, role))
    lower, upper = min([1.0, *asked]), max([1.0, *asked])
    if lower < upper:
        branch = follow_branch(label, parameter=parameter, lower=lower, upper=upper, role=role, c=c)
        # The sheet that holds the start, from there to where it ceases to be a minimum.
        for sheet in sheets(branch):
            at_start = (sheet.p == 1.0) & sheet.minimum
            if sheet.system is None or not at_start.any():
                continue
            last = int(np.argmin(sheet.minimum)) if not sheet.minimum.all() else None
            first_good = int(np.argmax(sheet.minimum))
            p = sheet.p[first_good:] if lower < 1.0 else sheet.p[:last]
            for value in asked:
                if value != 1.0 and p[0] <= value <= p[-1]:
                    values.append(value)
                    points.append(sheet.system.point(corrected_at(sheet, value)))
            break
    status = Status.CONVERGED if len(values) == len(asked) else Status.STALLED
    return Minima(importance=np.array(values), points=tuple(points), status=status)


def in_importance(
    n: ArrayLike = SIZES,
    values: Sequence[float] = IMPORTANCES,
    c: int = 6,
    *,
    labels: Sequence[Label | str] | None = None,
    theory: str = "laplace",
    beta: Any = 1,
) -> PhaseDiagram:
    """Find the phase with the lowest F_n for each n and importance of the last feature.

    Parameters
    ----------
    n : (m,) array_like
    values : sequence of float
        Importances: increasing, positive.
    labels : sequence of labels, optional
        k ≥ 5, without both positive and dead columns; default: all of these that are local minima.
    theory : {"none", "prior", "laplace"}
    beta : number or str

    Raises
    ------
    KgonError
        A label or theory that this diagram does not have, or importances that do not increase.

    Examples
    --------
    >>> found = in_importance([200.0], [0.5, 1.0, 2.0])
    >>> [found.phases[k] for k in found.lowest[:, 0]]
    ['5 (dead)', '6 (vertex)', '6 (vertex)']
    """
    check_theory(theory, BRANCH_THEORIES)
    grid = check_increasing("importances", values)
    if not LIMITS[0] <= grid[0] <= grid[-1] <= LIMITS[1]:
        raise KgonError(f"importances must be from {LIMITS[0]:g} to {LIMITS[1]:g}, got {list(values)!r}")
    sizes, s = np.atleast_1d(check_sizes(n)), float(check_beta(beta))
    if labels is None:
        labels = [p.name for p in Catalogue(c).phases() if p.k > 4]
    if not labels:
        raise KgonError(f"the diagram in the importance needs a local minimum with k >= 5, c = {c} has none")
    names, energies = [], []  # label and role
    for label in labels:
        name, _ = check_label(label, c)
        roles = name.roles(c)
        if name.k < 5 or ("positive" in roles and "dead" in roles):
            raise KgonError(f"the diagram in the importance follows minima with k >= 5, got {name}")
        for role, share in role_shares(name, c).items():
            table = np.full((len(grid), len(sizes)), np.inf)
            for side in (grid[grid >= 1], grid[grid < 1][::-1]):
                found = minima(name, role, list(side), c)
                for value, (W, b) in zip(found.importance, found.points, strict=True):
                    tms = Parameter("importance", (c - 1,), c).tms(value)
                    entry = local_energy(W, b, tms=tms, label=name, share=share, theory=theory)
                    table[int(np.searchsorted(grid, value))] = entry.at(sizes, s, theory)
            names.append((str(name), role))
            energies.append(table)
    stacked = np.array(energies)
    lowest = np.where(np.isfinite(stacked).any(axis=0), np.argmin(stacked, axis=0), -1)
    return PhaseDiagram(
        theory=theory, c=c, parameter="importance", beta=s, n=sizes, values=grid,
        labels=tuple(label for label, _ in names), roles=tuple(role for _, role in names), lowest=lowest,
    )  # fmt: skip
