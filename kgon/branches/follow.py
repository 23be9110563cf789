"""Follow a k-gon over a parameter of the potential, with its events and, on request, its proof."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from kgon.base.checks import Floats
from kgon.base.runs import Arrays
from kgon.base.verdicts import KgonError
from kgon.base.work import HERE, Work
from kgon.branches.assemble import _proof, assembled
from kgon.branches.balls import Balls
from kgon.branches.changes import MinimumLost
from kgon.branches.results import (
    CONVERGED,
    PROVED,
    BranchEvent,
    BranchPoint,
    KgonBranch,
)
from kgon.branches.squares import exact_square, stability
from kgon.branches.systems import CriticalPoints, Parameter, possible_roles, start_of_branch, subspaces
from kgon.branches.tubes import Tube, chain_tubes, corrected, curve_at, joined
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.numerics import continuation
from kgon.numerics.continuation import walk

EXACT_POINTS = 33
"""Points of a branch that stays where it is."""


def default_role(label: Label, parameter: Parameter) -> str:
    """What the first column that is varied is at the standard representative."""
    role = label.roles(parameter.c)[parameter.columns[0]]
    return "vertex" if role == "live" else role


def follow_branch(
    label: Label | str,
    *,
    parameter: Parameter | str = "importance[5]",
    lower: float,
    upper: float,
    role: str | None = None,
    c: int = 6,
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
        What the first column varied is: ``vertex``, ``positive``, ``dead``.  Default: what it is at the
        standard representative (at c = 6 column 5 is a vertex of 6, the positive one of 5+, dead in 5).
    c : int
        Features.
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
    name, varied = named(label, parameter, c)
    role = default_role(name, varied) if role is None else role
    if role not in possible_roles(name, c):
        raise KgonError(f"a column of {name} can be {', '.join(possible_roles(name, c))}, got {role!r}")
    low, high = varied.check(lower), varied.check(upper)
    first = float(varied.start)
    if not low <= first <= high or low == high:
        raise KgonError(
            f"a branch begins at {varied.name} = {first:.6g}: give a range that contains it, "
            f"got {low:g} to {high:g}"
        )
    if name.k == 4:
        return _exact(name, varied, role, low, high)
    ways = ["backward"] * (low < first) + ["forward"] * (first < high) + ["proof"] * certify
    tasks = {f"{name}-{role}-{way}".replace(":", "_"): (name, varied, role, low, high, way) for way in ways}
    done = work.run(_part, tasks, "part")
    parts = {task.rsplit("-", 1)[1]: arrays for task, arrays in done.items()}
    return _assembled(name, varied, role, low, high, parts)


def named(label: Label | str, parameter: Parameter | str, c: int) -> tuple[Label, Parameter]:
    """The label and the parameter as objects, checked."""
    name = Catalogue(c)[label].name
    varied = parameter if isinstance(parameter, Parameter) else Parameter.parse(parameter, c)
    if varied.c != c:
        raise KgonError(f"{varied.name} is a parameter of {varied.c} features, c is {c}")
    return name, varied


def system_of(label: Label, parameter: Parameter, role: str) -> CriticalPoints:
    """The system of a k-gon whose first column varied has the role."""
    W, b = start_of_branch(label, role, parameter.c, column=parameter.columns[0])
    return CriticalPoints(W, b, parameter=parameter)


# --- tasks ------------------------------------------------------------------------------------------


def _part(label: Label, parameter: Parameter, role: str, low: float, high: float, way: str) -> Arrays:
    """One way along the branch, or its proof."""
    system = system_of(label, parameter, role)
    at = float(parameter.start)
    if way == "proof":
        return prove(system, system.start, at, low, high)
    found = continuation.follow(
        system, system.start, at, lower=low, upper=high, direction=1 if way == "forward" else -1
    )
    return {"branch": np.array(found.to_json())}


def prove(system: CriticalPoints, x: Floats, p: float, lower: float, upper: float) -> Arrays:
    """Tubes both ways from a point of a branch, in the order of the curve, as arrays."""
    balls = Balls(system)
    z = np.append(balls.project(x), p)
    tubes: list[tuple[Tube, int]] = []
    starts: list[Tube] = []
    reasons = []
    for sign in [-1] * (lower < p) + [1] * (p < upper):
        along = np.zeros(len(z))
        along[-1] = sign
        found = chain_tubes(balls, *corrected(balls, z, along), lower=lower, upper=upper)
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


# --- assembly -----------------------------------------------------------------------------------------


def _assembled(
    label: Label, parameter: Parameter, role: str, low: float, high: float, parts: Mapping[str, Arrays]
) -> KgonBranch:
    proof = _proof(parts["proof"]) if "proof" in parts else None
    ways = [
        walk.Branch.from_json(str(parts[way]["branch"])) if way in parts else None
        for way in ("backward", "forward")
    ]
    return assembled(system_of(label, parameter, role), ways[0], ways[1], label, role, (low, high), proof)


# --- 4-gons ---------------------------------------------------------------------------------------------


def _exact(label: Label, parameter: Parameter, role: str, low: float, high: float) -> KgonBranch:
    """A 4-gon: it stays where it is, in exact arithmetic, and its loss is affine in the parameter."""
    W, b = start_of_branch(label, role, parameter.c, column=parameter.columns[0])
    square = exact_square(label, parameter, role)
    if not square.stays(parameter):
        raise KgonError(
            f"{label} ({role}) moves when {parameter.name} changes, and sits on a kink of the gradient: "
            "its branch is not followed"
        )
    found = stability(square, parameter, low, high)
    first, second = (square.loss(parameter, Fraction(x)) for x in (0, 1))

    def loss(value: float) -> float:
        return float(first + Fraction(value) * (second - first))

    values = sorted({*np.linspace(low, high, EXACT_POINTS).tolist(), float(parameter.start)})
    points = [
        BranchPoint(parameter=x, loss=loss(x), negative=None, arclength=x - low, W=W, b=b) for x in values
    ]
    events = []
    if found.border is not None and found.lower is not None and found.upper is not None:
        events.append(
            BranchEvent(
                kind="minimum lost",
                what=MinimumLost(),
                parameter=found.border,
                lower=found.lower,
                upper=found.upper,
                loss=loss(found.border),
                status=PROVED if found.proved else CONVERGED,
                arclength=found.border - low,
            )
        )
    return KgonBranch(
        label=label.name, configuration=label.configuration, c=parameter.c, parameter=parameter.name,
        role=role, lower=low, upper=high, start=float(parameter.start), points=tuple(points),
        events=tuple(events), ended=(f"at {low:g}", f"at {high:g}"), exact=True,
        order=np.empty((0, 2), dtype=np.int64), proof=None,
    )  # fmt: skip
