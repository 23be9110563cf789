"""Turn a followed curve into a branch of k-gons: its points, its events and what is proved of them."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np

from kgon.base.checks import Floats
from kgon.base.runs import Arrays
from kgon.base.verdicts import UndecidedError, Verdict
from kgon.branches.balls import Balls
from kgon.branches.changes import Eigenvalues, RegionChange, Regions
from kgon.branches.course import Course
from kgon.branches.events import border_system, singular_system
from kgon.branches.results import (
    PROVED,
    BranchEvent,
    BranchPoint,
    BranchProof,
    KgonBranch,
    ProofPart,
)
from kgon.branches.tubes import lies_in
from kgon.branches.ways import GIVEN_UP, Way, ending, joined_ways
from kgon.kgons.systems import BIAS, CriticalPoints
from kgon.numerics.balls import above, below
from kgon.numerics.continuation import walk
from kgon.numerics.continuation.events import SAME_PLACE, Event
from kgon.numerics.krawczyk import enclose_zero
from kgon.potential.loss import Potential

ASIDE = 1e-7
"""How far before and after an event the regions are looked up."""
STOPPED = ("step too small", "border: no continuation")
"""Ends of a continuation that is stuck."""
EXPLAINS = 1e-4
"""Distance from a kink, or squared length of a column, that explains it."""


def assembled(
    course: Course,
    system: CriticalPoints,
    back: walk.Branch | None,
    on: walk.Branch | None,
    proof: BranchProof | None = None,
) -> KgonBranch:
    """Make one branch of k-gons of the two ways that leave the start of a curve."""
    offset, ways = 0.0, list[Way | None]()
    for branch, sign in ((back, -1), (on, 1)):
        if branch is None:
            ways.append(None)
            continue
        branch, end, complete = _cut(system, branch)
        if sign < 0:
            offset = float(branch.arclength[-1])
        points = _points(system, branch, offset + sign * branch.arclength)
        events = [_event(system, x, offset + sign * x.arclength, proof, sign) for x in _merged(branch)]
        ways.append(Way(points, events, end, complete))
    return course.branch(**joined_ways(ways), exact=False, order=np.array(system.order), proof=proof)


def _cut(system: CriticalPoints, branch: walk.Branch) -> tuple[walk.Branch, str, bool]:
    """Cut a branch where the columns left out begin to take part.

    Returns
    -------
    The branch, how it ends, and whether it is complete.
    """
    ended = ending(branch)
    if branch.ended in STOPPED:
        ended += _reason(system, branch.x[-1], float(branch.parameter[-1]))
    for k, event in enumerate(branch.events):
        bias = _bias(event)
        if system.idle and bias is not None:
            keep = branch.arclength < event.arclength
            arrays = ("parameter", "x", "tangent", "negative", "arclength")
            rest = {name: getattr(branch, name)[keep] for name in arrays}
            branch = dataclasses.replace(branch, events=branch.events[: k + 1], **rest)
            ended = f"an unused column takes part at {event.parameter:.8g}, where b {bias} = 0"
            return branch, ended, True
    return branch, ended, branch.ended not in GIVEN_UP


def _reason(system: CriticalPoints, x: Floats, p: float) -> str:
    """What is special about a point at which the continuation stops."""
    W, b = system.point(x)
    gram = W.T @ W
    if gram[system.gauge, system.gauge] < EXPLAINS:
        return f": column {system.gauge}, which is held on the axis, shrinks to zero"
    used = [j for j in range(len(b)) if j not in system.idle]
    kinks = [
        f"{i}→{j}"
        for i in used
        for j in used
        if abs(gram[i, j] if i != j else gram[i, j] + b[j]) < EXPLAINS and (i == j or abs(b[j]) < EXPLAINS)
    ]
    if kinks:
        return f": near a kink of the gradient (pairs {', '.join(kinks)})"
    values = np.abs(np.linalg.eigvalsh(system.jacobian(x, p)))
    singular = int((values < EXPLAINS * values.max()).sum())
    return f": {singular} eigenvalues are near zero, other branches meet here" if singular > 1 else ""


def _merged(branch: walk.Branch) -> list[Event]:
    """Events, watched functions that vanish at one place (a pair and its mirror image) taken together."""
    found: list[Event] = []
    for event in branch.events:
        last = found[-1] if found else None
        if last and event.kind == last.kind == "watch" and event.arclength - last.arclength < SAME_PLACE:
            found[-1] = dataclasses.replace(last, watched=(*last.watched, *event.watched))
        else:
            found.append(event)
    return found


def _points(system: CriticalPoints, branch: walk.Branch, arclength: Floats) -> list[BranchPoint]:
    found = []
    for x, p, negative, s in zip(branch.x, branch.parameter, branch.negative, arclength, strict=True):
        (W, b), loss = system.point(x), system.loss(x, float(p))
        place: dict[str, float] = {"parameter": float(p), "loss": loss, "arclength": float(s)}
        found.append(BranchPoint(**place, negative=int(negative), W=W, b=b))
    return found


def _event(
    system: CriticalPoints, event: Event, arclength: float, proof: BranchProof | None, sign: int
) -> BranchEvent:
    """What an event of the engine means, on a curve that is run through forwards or backwards."""
    what: Regions | Eigenvalues
    before, after = event.negative[::sign]
    if event.kind in ("watch", "border"):
        kind = "region" if event.kind == "watch" else "border"
        what = _regions(system, event, sign)
        if system.idle and what.bias is not None:
            kind = "takes part"
    else:
        kind = event.kind
        breaks = kind == "branch point" and _breaks(system, event)
        what = Eigenvalues(before=before, after=after, breaks=breaks)
    lower, upper, status, doubt = event.lower, event.upper, str(event.status), ""
    if proof is not None:
        try:
            lower, upper = _enclosed(system, event, proof)
            status = PROVED
        except UndecidedError as error:
            doubt = str(error)
    return BranchEvent(
        kind=kind, what=what, doubt=doubt, parameter=min(max(event.parameter, lower), upper), lower=lower,
        upper=upper, loss=system.loss(event.x, event.parameter), status=status, arclength=float(arclength),
    )  # fmt: skip


def _bias(event: Event) -> int | None:
    """The column whose bias vanishes."""
    return next((int(key[1]) for key in event.watched if isinstance(key, tuple) and key[0] == BIAS), None)


def _regions(system: CriticalPoints, event: Event, sign: int) -> Regions:
    """Which pairs go from which region to which, looked up just before and after."""
    move = sign * ASIDE * event.tangent[:-1]
    tms = system.parameter.tms(event.parameter)
    before, after = (Potential(tms).regions(*system.point(x)) for x in (event.x - move, event.x + move))
    changed: dict[tuple[str, str], list[tuple[int, ...]]] = {}
    for i, j in np.argwhere(before != after):
        if i not in system.idle or before[i, j] != "off":
            changed.setdefault((str(before[i, j]), str(after[i, j])), []).append((int(i), int(j)))
    changes = (RegionChange(pairs=tuple(pairs), before=x, after=y) for (x, y), pairs in changed.items())
    return Regions(bias=_bias(event), changes=tuple(changes))


def _kernel(system: CriticalPoints, event: Event) -> Floats:
    """Unit eigenvector of the Hessian's eigenvalue nearest to zero."""
    values, vectors = np.linalg.eigh(system.jacobian(event.x, event.parameter))
    return np.asarray(vectors[:, int(np.argmin(np.abs(values)))])


def _breaks(system: CriticalPoints, event: Event) -> bool:
    """Whether the null vector of a singular point is antisymmetric."""
    reflection, v = system.reflection(), _kernel(system, event)
    return bool(v @ reflection @ v < 0)


def _enclosed(system: CriticalPoints, event: Event, proof: BranchProof) -> tuple[float, float]:
    """Bounds of an event's parameter, proved, with the event on the proved curve."""
    balls = Balls(system)
    z = np.append(balls.project(event.x), event.parameter)
    if event.kind in ("watch", "border"):
        bias = _bias(event)
        key = event.watched[0] if bias is None else (BIAS, bias)
        found = enclose_zero(border_system(balls, key), list(z))
    else:
        odd = _breaks(system, event)
        v = balls.null_vector(_kernel(system, event), odd=odd)
        found = enclose_zero(singular_system(balls, odd=odd), [*z, *v])
    found = found[: len(z)]
    tubes = zip(proof.middle, proof.tangent, proof.half, proof.radius, strict=True)
    if not any(lies_in(found, *numbers) for numbers in tubes):
        raise UndecidedError("it is not certainly on the branch")
    return below(found[-1]), above(found[-1])


def proof_of(arrays: Arrays) -> BranchProof:
    """Make a proof of the arrays of its tubes: consecutive ones with one sense and one inertia are a part."""
    keys = list(zip(arrays["sense"].tolist(), arrays["negative"].tolist(), strict=True))
    parts = []
    for (sense, negative), group in itertools.groupby(range(len(keys)), key=keys.__getitem__):
        places = list(group)
        lower, upper = float(arrays["lower"][places].min()), float(arrays["upper"][places].max())
        known = None if negative < 0 else negative
        parts.append(ProofPart(lower=lower, upper=upper, sense=sense, negative=known, tubes=len(places)))
    reason = str(arrays["reason"])
    return BranchProof(
        verdict=Verdict.UNDECIDED if reason else Verdict.PROVED, reason=reason,
        lower=float(arrays["lower"].min(initial=np.inf)), upper=float(arrays["upper"].max(initial=-np.inf)),
        tubes=len(keys), parts=tuple(parts),
        **{name: arrays[name] for name in ("even", "middle", "tangent", "half", "radius")},
    )  # fmt: skip
