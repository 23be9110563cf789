"""Follow all k-gons without switched-off columns over the importance of the last feature."""

from __future__ import annotations

from collections.abc import Sequence

from kgon.base.verdicts import KgonError
from kgon.base.work import HERE, Work
from kgon.branches.follow import follow_branch
from kgon.branches.maxwell import maxwell_points, sheets
from kgon.branches.results import BranchEvent, KgonBranch
from kgon.branches.roles import possible_roles
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label

LIMITS = (0.25, 3.0)
"""Range of the importance."""
LOSS_TIE = 1e-9
"""Difference below which a loss between two points of a branch, a cubic, counts as the lowest."""


def importance_branches(c: int = 6, *, work: Work = HERE) -> tuple[KgonBranch, ...]:
    """Follow every k-gon with φ = 0, in every role that the last column can play, over its importance.

    Points that are not followed are left out: where positive and dead columns stand together beside
    vertices of negative bias (k ≥ 5, c ≥ 7).
    """
    points = [point.name for point in Catalogue(c) if not point.phi]
    tasks = [(name, role, c) for name in points for role in possible_roles(name, c)]
    return tuple(branch for branch in work.map(_followed, tasks) if branch is not None)


def _followed(label: Label, role: str, c: int, certify: bool = False) -> KgonBranch | None:
    """One branch, or None where it is not followed: a task of ``Work.map``."""
    last, (low, high) = f"importance[{c - 1}]", LIMITS
    try:
        return follow_branch(label, parameter=last, lower=low, upper=high, role=role, c=c, certify=certify)
    except KgonError:
        return None


def certified_branches(branches: Sequence[KgonBranch], *, work: Work = HERE) -> tuple[KgonBranch, ...]:
    """Prove the branches of ``importance_branches``; one that is exact needs no proof, and stays as it is."""
    curves = [x for x in branches if not x.exact]
    proved = iter(work.map(_followed, [(x.kgon, x.role, x.c, True) for x in curves]))
    return tuple(x if x.exact else next(proved) or x for x in branches)


def all_maxwell_points(branches: Sequence[KgonBranch]) -> list[tuple[KgonBranch, BranchEvent]]:
    """Find the Maxwell points of every pair of branches, with the first of the two, by parameter."""
    found = [
        (first, event)
        for k, first in enumerate(branches)
        for second in branches[k + 1 :]
        for event in maxwell_points(first, second)
    ]
    return sorted(found, key=lambda pair: pair[1].parameter)


def lowest_at(branches: Sequence[KgonBranch], p: float) -> float:
    """Find the lowest loss of the branches at a value of the parameter."""
    return min(
        sheet.at(p)[0] for branch in branches for sheet in sheets(branch) if sheet.p[0] <= p <= sheet.p[-1]
    )


def exchanges(
    branches: Sequence[KgonBranch], crossed: Sequence[tuple[KgonBranch, BranchEvent]]
) -> list[tuple[KgonBranch, BranchEvent]]:
    """Select those of ``all_maxwell_points`` at which the lowest loss of all changes hands."""
    return [
        (branch, event)
        for branch, event in crossed
        if event.loss <= lowest_at(branches, event.parameter) + LOSS_TIE
    ]
