"""Follow solution curves of F(x, p) = 0 by pseudo-arclength, with their events.

Generic: a ``System`` in, a ``Branch`` with status out.  F need only be continuous with C¹ pieces: the borders
between them are found, never stepped across unnoticed, and the curve goes on with the Jacobian of the
other side.  Keller (1977), "Numerical solution of bifurcation and nonlinear eigenvalue problems".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from kgon.base.checks import Floats, check_positive
from kgon.base.verdicts import KgonError
from kgon.numerics.continuation.borders import depart, other_sides
from kgon.numerics.continuation.branching import half_branches
from kgon.numerics.continuation.curve import Curve, Steps, System
from kgon.numerics.continuation.events import Event
from kgon.numerics.continuation.walk import Branch, Walk

__all__ = ["Branch", "Event", "Steps", "System", "follow", "resume", "switch"]

DEFAULT = Steps()


def follow(
    system: System,
    x: Floats,
    p: float,
    *,
    lower: float,
    upper: float,
    direction: int = 1,
    tangent: Floats | None = None,
    steps: Steps = DEFAULT,
    progress: Callable[[str], None] | None = None,
) -> Branch:
    """Follow the solution curve through a point until it ends, closes or leaves a range of the parameter.

    Each step goes along the tangent and back to the curve across it, by Newton's method on the equations
    bordered by the tangent, so that folds are ordinary points.  A change of sign within a step is an event:
    of dp/ds (fold), of the bordered determinant (branch point), of several eigenvalues at once (inertia),
    of a watched function (watch or border).  Steps are shortened where a sign may change twice.

    Parameters
    ----------
    system : System
        F, its derivatives and the functions to watch; unknowns and equations of order 1.
    x : (n,) array
        A solution at p, or near one: it is corrected at p where that can be done.
    p : float
    lower, upper : float
        The range of the parameter.
    direction : int
        1 begins towards larger p (along ``tangent``), −1 towards smaller.
    tangent : (n + 1,) array, optional
        Begin along it (x, then p): needed where branches cross.
    steps : Steps
        Lengths of the steps, tolerance, and how many at most.
    progress : callable, optional
        Gets a line per step.

    Returns
    -------
    Branch

    Raises
    ------
    KgonError
        A bad option, no solution near the start, or several curves through it and no ``tangent``.

    Examples
    --------
    The circle x² + p² = 1 closes and has two folds.

    >>> class Circle:
    ...     symmetric = True
    ...     def equations(self, x, p): return np.array([x[0] ** 2 + p**2 - 1])
    ...     def jacobian(self, x, p): return np.array([[2 * x[0]]])
    ...     def derivative(self, x, p): return np.array([2 * p])
    ...     def watch(self, x, p): return {"diagonal": x[0] - p}
    ...     def border(self, name): return False
    >>> branch = follow(Circle(), np.array([1.0]), 0.0, lower=-2, upper=2)
    >>> branch.ended
    'closed'
    >>> [(event.kind, round(event.parameter, 9)) for event in branch.events]
    [('watch', 0.707106781), ('fold', 1.0), ('watch', -0.707106781), ('fold', -1.0)]
    """
    x = np.asarray(x, dtype=np.float64)
    n = len(x)
    if not lower < upper:
        raise KgonError(f"lower must be less than upper, got {lower:g} and {upper:g}")
    if not lower <= p <= upper:
        raise KgonError(f"p must lie in [lower, upper] = [{lower:g}, {upper:g}], got {p:g}")
    if direction not in (1, -1):
        raise KgonError(f"direction must be 1 or -1, got {direction}")
    if tangent is not None and (len(tangent) != n + 1 or not np.any(tangent)):
        raise KgonError(f"tangent must have n + 1 = {n + 1} numbers, not all zero, got {list(tangent)}")
    if not 0 < steps.shortest <= steps.step <= steps.longest:
        raise KgonError(
            "step lengths must obey 0 < shortest <= step <= longest, "
            f"got shortest={steps.shortest:g}, step={steps.step:g}, longest={steps.longest:g}"
        )
    curve = Curve(system, n, steps)
    row = np.zeros(n + 1 + steps.flat)
    row[: n + 1] = np.eye(n + 1)[n] if tangent is None else tangent
    u, wanted = curve.place(x, float(p), row), direction * row
    first = depart(curve, u, wanted) or curve.first(u, wanted, chosen=tangent is not None)
    return Walk(curve, first, lower, upper, steps).run(progress)


def resume(
    system: System,
    branch: Branch,
    *,
    lower: float | None = None,
    upper: float | None = None,
    max_points: int = 5000,
    progress: Callable[[str], None] | None = None,
) -> Branch:
    """Go on with a branch from its last point, to the same or a wider range of the parameter.

    Parameters
    ----------
    system : System
    branch : Branch
        As it was returned, or read back with ``Branch.from_json``.
    lower, upper : float, optional
        By default those of the branch.
    max_points : int
        Of the whole branch.
    progress : callable, optional
        As ``follow``.

    Returns
    -------
    Branch
        The whole branch, as if it had not been interrupted.
    """
    if branch.ended in ("closed", "border: no continuation"):
        return branch
    lower, upper = branch.lower if lower is None else lower, branch.upper if upper is None else upper
    steps = replace(branch.steps, max_points=max_points)
    return Walk.at_the_end(system, branch, lower, upper, steps).run(progress)


def switch(
    system: System, event: Event, *, radius: float = 1e-3, steps: Steps = DEFAULT
) -> list[tuple[Floats, float, Floats]]:
    """Find starts on the other half branches through a branch point, a change of inertia or a border.

    Parameters
    ----------
    system : System
    event : Event
    radius : float
        Distance of the starts from the event, within the null space of the Jacobian (0 at a border).
    steps : Steps
        As ``follow``; its ``tol`` and ``flat`` count.

    Returns
    -------
    list of (x, p, tangent)
        For ``follow(system, x, p, tangent=tangent, ...)``: the tangents lead away from the event.  The two
        halves of the event's own branch are left out.

    Raises
    ------
    KgonError
        The event is one at which branches do not cross.
    """
    check_positive("radius", radius)
    curve = Curve(system, len(event.x), steps)
    ways = other_sides(curve, event) if event.kind == "border" else half_branches(curve, event, radius)
    n = curve.n
    return [(way.u[:n], float(way.u[n]), way.tangent[: n + 1]) for way in ways]
