"""Follow a k-gon over a parameter of the potential, with its events and, on request, its proof."""

from __future__ import annotations

import re
from fractions import Fraction

import numpy as np

from kgon.base.checks import Floats
from kgon.base.runs import Arrays
from kgon.base.verdicts import KgonError
from kgon.base.work import HERE, Work
from kgon.branches.assemble import assembled, proof_of
from kgon.branches.balls import Balls
from kgon.branches.changes import MinimumLost
from kgon.branches.course import MOST_POINTS, Course
from kgon.branches.results import (
    CONVERGED,
    PROVED,
    BranchEvent,
    BranchPoint,
    KgonBranch,
)
from kgon.branches.squares import exact_square, stability
from kgon.branches.tubes import Tube, chain_tubes, corrected, curve_at, joined
from kgon.kgons.labels import Label
from kgon.kgons.systems import CriticalPoints, subspaces
from kgon.numerics import continuation
from kgon.numerics.continuation import walk
from kgon.potential.parameters import WeightLine

EXACT_POINTS = 33
"""Points of a branch that stays where it is."""
WAYS = {-1: "backward", 1: "forward"}
"""The directions that leave the start, as the files of finished parts name them."""


def follow_branch(
    label: Label | str,
    *,
    parameter: WeightLine | str = "importance[5]",
    lower: float,
    upper: float,
    role: str | None = None,
    c: int = 6,
    points: int = MOST_POINTS,
    certify: bool = False,
    work: Work = HERE,
) -> KgonBranch:
    """Follow a k-gon from the catalogue's point both ways, to the ends of a range of the parameter.

    A branch that turns round at a fold is followed on, until it leaves the range or ends.

    Parameters
    ----------
    label : Label or str
    parameter : Parameter or str
        ``importance[5]``, ``probability[0]``, ``importance[3,4]`` …; see ``Parameter``.
    lower, upper : float
        The range; it must contain the catalogue's value (1 for importances, 1/c for one probability).
    role : str, optional
        What the columns varied are: ``vertex``, ``positive``, ``dead``, of two ``vertices 0,1``,
        ``vertex+positive`` and so on; a part is enough where it leaves no choice.  Default: what these
        columns of the standard representative are (at c = 6 column 5 is a vertex of 6, the positive one of
        5+, dead in 5).  With a role it does not matter which features are varied: before, all are alike.
    c : int
        Features.
    points : int
        Most points each way, and most tubes of a proof; beyond, the branch is given up and not ``complete``.
    certify : bool
        Prove that the branch exists and is the only one near it, and enclose its events.
    work : Work
        Its folder keeps finished parts, to go on with.

    Raises
    ------
    KgonError
        A label, parameter, role or range that cannot be; a 4-gon that does not stay where it is (its
        gradient has a kink there, and no branch is followed along kinks).

    Examples
    --------
    >>> found = follow_branch("6", lower=0.3, upper=1.0)
    >>> [(event.kind, round(event.parameter, 9)) for event in found.events]
    [('fold', 0.390357857)]
    """
    course = Course.of(label, parameter, lower, upper, role=role, c=c, points=points)
    return follow_course(course, certify=certify, work=work)


def follow_course(course: Course, *, certify: bool = False, work: Work = HERE) -> KgonBranch:
    """Follow a course; see ``follow_branch``."""
    if course.label.k == 4:
        return _exact(course)
    ways = [WAYS[way] for way in course.ways] + ["proof"] * certify
    name = re.sub("[: ]", "_", f"{course.label}-{course.role}")
    tasks = {f"{name}-{way}": (course, way) for way in ways}
    done = work.run(_part, tasks, "part")
    parts = {task.rsplit("-", 1)[1]: arrays for task, arrays in done.items()}
    back, on = (
        walk.Branch.from_json(str(parts[way]["branch"])) if way in parts else None for way in WAYS.values()
    )
    proof = proof_of(parts["proof"]) if "proof" in parts else None
    return assembled(course, course.system(), back, on, proof)


# --- tasks ------------------------------------------------------------------------------------------


def _part(course: Course, way: str) -> Arrays:
    """One way along the branch, or its proof: a task of ``Work.run``."""
    system, lower, upper = course.system(), course.lower, course.upper
    if way == "proof":
        return prove(system, system.start, course.start, lower, upper, course.points)
    direction = 1 if way == WAYS[1] else -1
    found = continuation.follow(
        system, system.start, course.start, lower=lower, upper=upper, direction=direction, steps=course.steps
    )
    return {"branch": np.array(found.to_json())}


def prove(
    system: CriticalPoints, x: Floats, p: float, lower: float, upper: float, most: int = MOST_POINTS
) -> Arrays:
    """Prove tubes both ways from a point of a branch; they are given in the order of the curve, as arrays."""
    balls = Balls(system)
    z = np.append(balls.project(x), p)
    tubes: list[tuple[Tube, int]] = []
    starts: list[Tube] = []
    reasons = []
    for sign in [-1] * (lower < p) + [1] * (p < upper):
        along = np.zeros(len(z))
        along[-1] = sign
        found = chain_tubes(balls, *corrected(balls, z, along), lower=lower, upper=upper, most=most)
        starts += found.tubes[:1]
        tubes += [(x, sign) for x in (found.tubes if sign > 0 else reversed(found.tubes))]
        if not found.reached:
            reasons.append(found.reason)
    if len(starts) == 2 and not joined(curve_at(balls, starts[0], 0.0), starts[1]):
        reasons.append("the two ways are not certainly joined at the start")
    return {
        "even": subspaces(system.reflection())[0],
        "middle": np.array([x.middle for x, _ in tubes]),
        "tangent": np.array([sign * x.tangent for x, sign in tubes]),
        "half": np.array([x.half for x, _ in tubes]),
        "radius": np.array([x.radius for x, _ in tubes]),
        "lower": np.array([x.lower for x, _ in tubes]),
        "upper": np.array([x.upper for x, _ in tubes]),
        "sense": np.array([sign * x.sense for x, sign in tubes]),
        "negative": np.array([-1 if x.negative is None else x.negative for x, _ in tubes]),
        "reason": np.array("; ".join(reasons)),
    }


# --- 4-gons ---------------------------------------------------------------------------------------------


def _exact(course: Course) -> KgonBranch:
    """A 4-gon: it stays where it is, in exact arithmetic, and its loss is affine in the parameter."""
    (W, b), parameter, low, high = course.point(), course.parameter, course.lower, course.upper
    square = exact_square(course.label, parameter, course.role)
    if not square.stays(parameter):
        raise KgonError(
            f"{course.label} ({course.role}) moves when {parameter.name} changes, and sits on a kink of the "
            "gradient: its branch is not followed"
        )
    found = stability(square, parameter, low, high)
    first, second = (square.loss(parameter, Fraction(x)) for x in (0, 1))

    def loss(value: float) -> float:
        if len(parameter.varies) > 1:
            return float(square.loss(parameter, Fraction(value)))
        return float(first + Fraction(value) * (second - first))

    values = sorted({*np.linspace(low, high, EXACT_POINTS).tolist(), course.start})
    points = [
        BranchPoint(parameter=x, loss=loss(x), negative=None, arclength=x - low, W=W, b=b) for x in values
    ]
    events = []
    if found.border is not None and found.lower is not None and found.upper is not None:
        status = PROVED if found.proved else CONVERGED
        events.append(
            BranchEvent(
                kind="minimum lost", what=MinimumLost(), parameter=found.border, lower=found.lower,
                upper=found.upper, loss=loss(found.border), status=status, arclength=found.border - low,
            )
        )  # fmt: skip
    return course.branch(
        points=tuple(points), events=tuple(events), ended=(f"at {low:g}", f"at {high:g}"), complete=True,
        exact=True, order=np.empty((0, 2), dtype=np.int64), proof=None,
    )  # fmt: skip
