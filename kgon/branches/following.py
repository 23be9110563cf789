"""Follow a k-gon over a parameter of the potential, with its events and, on request, its proof."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import numpy as np

from kgon import continuation, parallel
from kgon.branches.balls import Balls
from kgon.branches.events import border_system, enclose_zero, singular_system
from kgon.branches.results import (
    CONVERGED,
    PROVED,
    BranchEvent,
    BranchPoint,
    BranchProof,
    KgonBranch,
    ProofPart,
)
from kgon.branches.squares import exact_square, stability
from kgon.branches.systems import CriticalPoints, Parameter, roles_of, start, subspaces
from kgon.branches.tubes import Tube, above, below, chain, corrected, curve_at, joined, lies_in
from kgon.catalogue import Catalogue
from kgon.geometry import Label
from kgon.model import Floats
from kgon.parallel import Arrays, Progress, Workers
from kgon.potential import Potential
from kgon.results import KgonError, Status, UndecidedError, Verdict

ASIDE = 1e-7
"""How far before and after an event the regions are looked up."""
SAME = 1e-9
"""Distance on the arc within which regions change together."""
STOPPED = ("step too small", "border: no continuation")
"""Ends of a continuation that is stuck."""
NEAR = 1e-4
"""Distance from a kink, or squared length of a column, that explains it."""
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
    workers: Workers = 1,
    folder: str | Path | None = None,
    progress: Progress = None,
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
    workers, folder, progress
        As in ``parallel.run``: finished parts are kept in the folder and gone on with.

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
    if role not in roles_of(name, c):
        raise KgonError(f"a column of {name} can be {', '.join(roles_of(name, c))}, got {role!r}")
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
    done = parallel.run(
        _part, tasks, workers=workers, folder=folder,
        key=f"branch {name} {role} {varied.name} c={c} [{low!r}, {high!r}]", progress=progress, what="part",
    )  # fmt: skip
    parts = {task.rsplit("-", 1)[1]: arrays for task, arrays in done.items()}
    return _assembled(name, varied, role, low, high, parts)


def named(label: Label | str, parameter: Parameter | str, c: int) -> tuple[Label, Parameter]:
    """The label and the parameter as objects, checked."""
    name = Catalogue(c)[label].name
    varied = Parameter.parse(parameter, c) if isinstance(parameter, str) else parameter
    if varied.c != c:
        raise KgonError(f"{varied.name} is a parameter of {varied.c} features, c is {c}")
    return name, varied


def system_of(label: Label, parameter: Parameter, role: str) -> CriticalPoints:
    """The system of a k-gon whose first column varied has the role."""
    W, b = start(label, role, parameter.c, column=parameter.columns[0])
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
        found = chain(balls, *corrected(balls, z, along), lower=lower, upper=upper)
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
        continuation.Branch.from_json(str(parts[way]["branch"])) if way in parts else None
        for way in ("backward", "forward")
    ]
    return assembled(system_of(label, parameter, role), ways[0], ways[1], label, role, (low, high), proof)


def assembled(
    system: CriticalPoints,
    back: continuation.Branch | None,
    on: continuation.Branch | None,
    label: Label,
    role: str,
    limits: tuple[float, float],
    proof: BranchProof | None = None,
) -> KgonBranch:
    """One curve from the two ways that leave its start."""
    parameter = system.parameter
    points: list[BranchPoint] = []
    events: list[BranchEvent] = []
    ended = []
    offset = 0.0
    if back is not None:
        back, end = _cut(system, back)
        offset = float(back.arclength[-1])
        points += _points(system, back, offset - back.arclength)[::-1]
        events += [_event(system, x, offset - x.arclength, proof, -1) for x in reversed(_merged(back))]
        ended.append(end)
    if on is not None:
        on, end = _cut(system, on)
        points += _points(system, on, offset + on.arclength)[len(points) > 0 :]
        events += [_event(system, x, offset + x.arclength, proof, 1) for x in _merged(on)]
        ended.append(end)
    if len(ended) < 2:
        place = 0 if back is None else len(points) - 1
        ended.insert(0 if back is None else 1, f"begins at {points[place].parameter:.6g}")
    return KgonBranch(
        label=label.name,
        configuration=label.configuration,
        c=parameter.c,
        parameter=parameter.name,
        role=role,
        lower=limits[0],
        upper=limits[1],
        start=float(parameter.start),
        points=tuple(points),
        events=tuple(events),
        ended=tuple(ended),
        exact=False,
        order=np.array(system.order),
        proof=proof,
    )


def _cut(system: CriticalPoints, branch: continuation.Branch) -> tuple[continuation.Branch, str]:
    """The part of a branch on which the columns left out take no part, and how it ends."""
    ends = {"upper": f"at {branch.upper:g}", "lower": f"at {branch.lower:g}"}
    ended = ends.get(branch.ended, branch.ended)
    if branch.ended in STOPPED:
        ended += _reason(system, branch.x[-1], float(branch.parameter[-1]))
    for k, event in enumerate(branch.events):
        biases = [name for name in event.name.split(", ") if name.startswith("b ")]
        if system.idle and biases:
            keep = branch.arclength < event.arclength
            arrays = ("parameter", "x", "tangent", "negative", "arclength")
            rest = {name: getattr(branch, name)[keep] for name in arrays}
            branch = dataclasses.replace(branch, events=branch.events[: k + 1], **rest)
            return branch, f"an unused column takes part at {event.parameter:.8g}, where {biases[0]} = 0"
    return branch, ended


def _reason(system: CriticalPoints, x: Floats, p: float) -> str:
    """What is special about a point at which the continuation stops."""
    W, b = system.point(x)
    gram = W.T @ W
    if gram[system.gauge, system.gauge] < NEAR:
        return f": column {system.gauge}, which is held on the axis, shrinks to zero"
    used = [j for j in range(len(b)) if j not in system.idle]
    kinks = [
        f"{i}→{j}"
        for i in used
        for j in used
        if abs(gram[i, j] if i != j else gram[i, j] + b[j]) < NEAR and (i == j or abs(b[j]) < NEAR)
    ]
    if kinks:
        return f": near a kink of the gradient (pairs {', '.join(kinks)})"
    values = np.abs(np.linalg.eigvalsh(system.jacobian(x, p)))
    singular = int((values < NEAR * values.max()).sum())
    return f": {singular} eigenvalues are near zero, other branches meet here" if singular > 1 else ""


def _merged(branch: continuation.Branch) -> list[continuation.Event]:
    """Events, watched functions that vanish at one place (a pair and its mirror image) taken together."""
    found: list[continuation.Event] = []
    for event in branch.events:
        last = found[-1] if found else None
        if last and event.kind == last.kind == "watch" and event.arclength - last.arclength < SAME:
            found[-1] = dataclasses.replace(last, name=f"{last.name}, {event.name}")
        else:
            found.append(event)
    return found


def _points(system: CriticalPoints, branch: continuation.Branch, arclength: Floats) -> list[BranchPoint]:
    found = []
    for x, p, negative, s in zip(branch.x, branch.parameter, branch.negative, arclength, strict=True):
        W, b = system.point(x)
        found.append(
            BranchPoint(
                parameter=float(p),
                loss=system.loss(x, float(p)),
                negative=int(negative),
                arclength=float(s),
                W=W,
                b=b,
            )
        )
    return found


def _event(
    system: CriticalPoints, event: continuation.Event, arclength: float, proof: BranchProof | None, sign: int
) -> BranchEvent:
    """An event of the engine in words, on a curve that is run through forwards or backwards."""
    names = event.name.split(", ") if event.name else []
    before, after = event.negative[::sign]
    if event.kind in ("watch", "border"):
        kind = "region" if event.kind == "watch" else "border"
        if system.idle and any(name.startswith("b ") for name in names):
            kind = "takes part"
        text = _regions(system, event, sign)
    else:
        kind = event.kind
        text = f"negative eigenvalues {before} → {after}"
        if kind == "branch point" and _breaks(system, event):
            text += ", the mirror symmetry breaks"
    lower, upper, status = (
        event.lower,
        event.upper,
        CONVERGED if event.status is Status.CONVERGED else str(event.status),
    )
    if proof is not None:
        try:
            lower, upper = _enclosed(system, event, names, proof)
            status = PROVED
        except UndecidedError as error:
            text += f" (not proved: {error})"
    return BranchEvent(
        kind=kind, name=text, parameter=min(max(event.parameter, lower), upper), lower=lower, upper=upper,
        loss=system.loss(event.x, event.parameter), status=status, arclength=float(arclength),
    )  # fmt: skip


def _regions(system: CriticalPoints, event: continuation.Event, sign: int) -> str:
    """Which pairs go from which region to which, looked up just before and after."""
    move = sign * ASIDE * event.tangent[:-1]
    tms = system.parameter.tms(event.parameter)
    before, after = (Potential(tms).regions(*system.point(x)) for x in (event.x - move, event.x + move))
    changes: dict[str, list[str]] = {}
    for i, j in np.argwhere(before != after):
        if i not in system.idle or before[i, j] != "off":
            changes.setdefault(f"{before[i, j]} → {after[i, j]}", []).append(f"{i}→{j}")
    biases = [f"b_{name.split()[1]} = 0: " for name in event.name.split(", ") if name.startswith("b ")]
    return "".join(biases[:1]) + "; ".join(
        f"{', '.join(pairs)} {change}" for change, pairs in changes.items()
    )


def _kernel(system: CriticalPoints, event: continuation.Event) -> Floats:
    """Unit eigenvector of the Hessian's eigenvalue nearest to zero."""
    values, vectors = np.linalg.eigh(system.jacobian(event.x, event.parameter))
    return np.asarray(vectors[:, int(np.argmin(np.abs(values)))])


def _breaks(system: CriticalPoints, event: continuation.Event) -> bool:
    """Whether the null vector of a singular point is antisymmetric."""
    reflection, v = system.reflection(), _kernel(system, event)
    return bool(v @ reflection @ v < 0)


def _enclosed(
    system: CriticalPoints, event: continuation.Event, names: list[str], proof: BranchProof
) -> tuple[float, float]:
    """Bounds of an event's parameter, proved, with the event on the proved curve."""
    balls = Balls(system)
    z = np.append(balls.project(event.x), event.parameter)
    if event.kind in ("watch", "border"):
        name = next((x for x in names if x.startswith("b ")), names[0])
        found = enclose_zero(border_system(balls, name), list(z))
    else:
        odd = _breaks(system, event)
        v = balls.null_vector(_kernel(system, event), odd=odd)
        found = enclose_zero(singular_system(balls, odd=odd), [*z, *v])
    found = found[: len(z)]
    tubes = zip(proof.middle, proof.tangent, proof.half, proof.radius, strict=True)
    if not any(lies_in(found, *numbers) for numbers in tubes):
        raise UndecidedError("it is not certainly on the branch")
    return below(found[-1]), above(found[-1])


def _proof(arrays: Arrays) -> BranchProof:
    parts: list[ProofPart] = []
    keys = list(zip(arrays["sense"].tolist(), arrays["negative"].tolist(), strict=True))
    for key, group in itertools.groupby(range(len(keys)), key=keys.__getitem__):
        places = list(group)
        parts.append(
            ProofPart(
                lower=float(arrays["lower"][places].min()),
                upper=float(arrays["upper"][places].max()),
                sense=key[0],
                negative=None if key[1] < 0 else key[1],
                tubes=len(places),
            )
        )
    reason = str(arrays["reason"])
    return BranchProof(
        verdict=Verdict.UNDECIDED if reason else Verdict.PROVED, reason=reason,
        lower=float(arrays["lower"].min(initial=np.inf)), upper=float(arrays["upper"].max(initial=-np.inf)),
        tubes=len(keys), parts=tuple(parts),
        **{name: arrays[name] for name in ("even", "middle", "tangent", "half", "radius")},
    )  # fmt: skip


# --- 4-gons ---------------------------------------------------------------------------------------------


def _exact(label: Label, parameter: Parameter, role: str, low: float, high: float) -> KgonBranch:
    """A 4-gon: it stays where it is, in exact arithmetic, and its loss is affine in the parameter."""
    W, b = start(label, role, parameter.c, column=parameter.columns[0])
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
                name="the leading part of L is indefinite beyond",
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
