"""Everything about a branch in one call: followed, held against others, switched to what crosses it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from kgon.base.verdicts import KgonError
from kgon.base.work import HERE, Work
from kgon.branches.assemble import assembled
from kgon.branches.certificate import write_branch_certificate
from kgon.branches.energy import BRANCH_THEORIES, energy_points
from kgon.branches.follow import default_role, follow_branch, named, system_of
from kgon.branches.maxwell import maxwell_points
from kgon.branches.results import BranchEvent, KgonBranch
from kgon.branches.systems import Parameter, possible_roles
from kgon.free_energy.conventions import check_theory
from kgon.kgons.labels import Label
from kgon.numerics import continuation

CROSSING_KINDS = ("branch point", "inertia")
"""Kinds of events at which other branches cross."""


def continue_branch(
    label: Label | str,
    *,
    parameter: Parameter | str = "importance[5]",
    lower: float,
    upper: float,
    role: str | None = None,
    against: Sequence[Label | str] = (),
    c: int = 6,
    certify: bool = False,
    theory: str | None = None,
    n: float | None = None,
    beta: Any = 1,
    work: Work = HERE,
) -> KgonBranch:
    """Follow a k-gon and find where it has the same loss, or free energy, as other k-gons.

    Parameters
    ----------
    label, parameter, lower, upper, role, c, certify
        As in ``follow_branch``.
    against : sequence of labels
        Followed over the same range in every role that the varied column can play.  With ``certify`` and a
        folder of ``work`` a certificate for ``kgon check`` is written into it.
    theory, n, beta : optional
        Look for equal free energy at this sample size too (``energy_points``), not for equal loss alone.
    work : Work
        Its folder keeps finished parts, to go on with, and gets ``branch.json``.

    Returns
    -------
    KgonBranch
        Its events are followed by the Maxwell points, by parameter.

    Examples
    --------
    >>> found = continue_branch("6", lower=0.5, upper=1.0, against=["5+"])
    >>> [(event.name, round(event.parameter, 6)) for event in found.events]
    [('same loss as 5+ (positive)', 0.658198)]
    """
    if (theory is None) != (n is None):
        raise KgonError("equal free energy needs a theory and a sample size n: give both or neither")
    if theory is not None:
        check_theory(theory, BRANCH_THEORIES)
    others = [named(other, parameter, c)[0] for other in against]  # before anything is followed
    options: dict[str, Any] = {
        "parameter": parameter, "lower": lower, "upper": upper, "c": c, "certify": certify,
    }  # fmt: skip
    name, varied = named(label, parameter, c)
    asked = {"label": str(name), "role": role or default_role(name, varied), "parameter": varied.name}
    held = {"against": [str(other) for other in others], "theory": theory, "n": n, "beta": str(beta)}
    file = work.claim("branch.json", {**options, **asked, **held})
    branch = follow_branch(label, role=role, work=work, **options)
    found: list[BranchEvent] = []
    seconds: list[KgonBranch] = []
    for name in others:
        for played in possible_roles(name, c):
            if (str(name), played) == (str(branch.kgon), branch.role):
                continue
            second = follow_branch(name, role=played, work=work, **options)
            seconds.append(second)
            found += maxwell_points(branch, second)
            if theory is not None and n is not None:
                found += energy_points(branch, second, n=n, beta=beta, theory=theory)
    proved = branch.exact or (branch.proof is not None and branch.proof.tubes)
    if certify and proved and work.folder is not None:
        write_branch_certificate(branch, work.folder, seconds)
    ordered = sorted(found, key=lambda event: event.parameter)
    outcome = dataclasses.replace(branch, events=(*branch.events, *ordered))
    file.write(outcome)
    return outcome


def switch_branch(
    label: Label | str,
    number: int = 1,
    *,
    parameter: Parameter | str = "importance[5]",
    lower: float,
    upper: float,
    role: str | None = None,
    c: int = 6,
) -> list[KgonBranch]:
    """The branches that cross a k-gon's at one of its branch points, each from there to its end.

    Parameters
    ----------
    number : int
        Which one, from 1, in the order in which the branch is left both ways from the catalogue's point
        (first towards smaller values of the parameter).

    Examples
    --------
    Two mirror images leave the saddle that the 6-gon's branch has become beyond its fold:

    >>> halves = switch_branch("6", lower=0.25, upper=3.0)
    >>> [(event.kind, round(event.parameter, 6)) for event in halves[0].events], len(halves)
    ([('fold', 0.943308)], 2)
    """
    name, varied = named(label, parameter, c)
    if name.k == 4:
        raise KgonError(f"{name} sits on a kink of the gradient: branches that leave it are not looked for")
    role = default_role(name, varied) if role is None else role
    system = system_of(name, varied, role)
    events = []
    for way, used in ((-1, lower < varied.start), (1, varied.start < upper)):
        if used:
            branch = continuation.follow(
                system, system.start, float(varied.start), lower=lower, upper=upper, direction=way
            )
            events += [event for event in branch.events if event.kind in CROSSING_KINDS]
    if not 1 <= number <= len(events):
        raise KgonError(
            f"{name} ({role}) has {len(events)} branch points on {varied.name} = {lower:g} to {upper:g}, "
            f"got number {number}"
        )
    found = []
    for k, (x, p, tangent) in enumerate(continuation.switch(system, events[number - 1]), start=1):
        half = continuation.follow(system, np.asarray(x), p, tangent=tangent, lower=lower, upper=upper)
        told = f"{role}, switched at {events[number - 1].parameter:.6g}, way {k}"
        found.append(assembled(system, None, half, name, told, (lower, upper)))
    return found
