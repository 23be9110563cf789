"""Follow a branch, hold it against others, and switch to what crosses it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from kgon.base.verdicts import KgonError
from kgon.base.work import HERE, Work
from kgon.branches.assemble import assembled
from kgon.branches.certificate import write_branch_certificate
from kgon.branches.course import MOST_POINTS, Course
from kgon.branches.energy import SampleSize, energy_points
from kgon.branches.follow import follow_course
from kgon.branches.maxwell import maxwell_points
from kgon.branches.results import BranchEvent, KgonBranch
from kgon.kgons.labels import Label
from kgon.numerics import continuation
from kgon.potential.parameters import Toward, WeightLine

CROSSING_KINDS = ("branch point", "inertia")
"""Kinds of events at which other branches cross."""


def continue_branch(
    label: Label | str,
    *,
    parameter: WeightLine | str = "importance[5]",
    lower: float,
    upper: float,
    role: str | None = None,
    against: Sequence[Label | str] = (),
    c: int = 6,
    points: int = MOST_POINTS,
    certify: bool = False,
    accept: Callable[[Path], str] | None = None,
    at: SampleSize | None = None,
    work: Work = HERE,
) -> KgonBranch:
    """Follow a k-gon and find where it has the same loss, or free energy, as other k-gons.

    Parameters
    ----------
    label, parameter, lower, upper, role, c, points, certify
        As in ``follow_branch``.
    against : sequence of labels
        Followed over the same range in every role that the varied column can play.  With ``certify`` and a
        folder of ``work`` a certificate for ``kgon check`` is written into it.
    accept : callable, optional
        Asked about the certificate's file: ``ACCEPTED``, or why what it says is not proved.
    at : SampleSize, optional
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
    course = Course.of(label, parameter, lower, upper, role=role, c=c, points=points)
    _check_way(course, against, certify, at)
    others = list(course.against(against))  # refused, if they must be, before anything is followed
    file = work.claim("branch.json", _settings(course, others, certify, at), counts=("points",))
    branch = follow_course(course, certify=certify, work=work)
    found: list[BranchEvent] = []
    seconds = [follow_course(other, certify=certify, work=work) for other in others]
    for second in seconds:
        found += maxwell_points(branch, second)
        if at is not None:
            found += energy_points(branch, second, at)
    proved = branch.exact or (branch.proof is not None and branch.proof.tubes)
    ordered = sorted(found, key=lambda event: event.parameter)
    outcome = dataclasses.replace(branch, events=(*branch.events, *ordered))
    if certify and proved and (accept or work.folder is not None):
        with nullcontext(work.folder) if work.folder is not None else TemporaryDirectory() as folder:
            path = write_branch_certificate(branch, folder, seconds)
            outcome = outcome if accept is None else outcome.checked_as(accept(path))
    file.write(outcome)
    return outcome


def _check_way(course: Course, against: Sequence[Label | str], certify: bool, at: SampleSize | None) -> None:
    """Refuse what is not known on the way to a model."""
    if not isinstance(course.parameter, Toward):
        return
    if at is not None:
        raise KgonError(
            "equal free energies are for one parameter, such as importance[5], not for the way to "
            f"{course.parameter.name}"
        )
    if (certify or against) and len(course.parameter.varies) > 1:
        what = "a branch is proved" if certify else "equal losses are found"
        raise KgonError(
            f"{what} where importances or probabilities change, not both: L is then no affine function of "
            "the parameter" + ("; kgon verify proves the point at the end" if certify else "")
        )


def _settings(
    course: Course, others: Sequence[Course], certify: bool, at: SampleSize | None
) -> dict[str, Any]:
    """What a folder is made for, as its ``branch.json`` keeps it."""
    return {
        "parameter": course.parameter.name, "lower": course.lower, "upper": course.upper, "c": course.c,
        "points": course.points, "certify": certify, "label": str(course.label), "role": course.role,
        "against": list(dict.fromkeys(str(other.label) for other in others)),
        "theory": None if at is None else at.theory, "n": None if at is None else at.n,
        "beta": "1" if at is None else str(at.beta),
    }  # fmt: skip


def switch_branch(
    label: Label | str,
    number: int = 1,
    *,
    parameter: WeightLine | str = "importance[5]",
    lower: float,
    upper: float,
    role: str | None = None,
    c: int = 6,
) -> list[KgonBranch]:
    """Follow the branches that cross a k-gon's at one of its branch points, each from there to its end.

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
    course = Course.of(label, parameter, lower, upper, role=role, c=c)
    if course.label.k == 4:
        raise KgonError(
            f"{course.label} sits on a kink of the gradient: branches that leave it are not looked for"
        )
    system, follow = course.system(), partial(continuation.follow, lower=course.lower, upper=course.upper)
    events = [
        event
        for way in course.ways
        for event in follow(system, system.start, course.start, direction=way).events
        if event.kind in CROSSING_KINDS
    ]
    if not 1 <= number <= len(events):
        raise KgonError(
            f"{course.label} ({course.role}) has {len(events)} branch points on {course.parameter.name} = "
            f"{lower:g} to {upper:g}, got number {number}"
        )
    event, found = events[number - 1], []
    for k, (x, p, tangent) in enumerate(continuation.switch(system, event), start=1):
        half = follow(system, np.asarray(x), p, tangent=tangent)
        told = f"{course.role}, switched at {event.parameter:.6g}, way {k}"
        found.append(assembled(dataclasses.replace(course, role=told), system, None, half))
    return found
