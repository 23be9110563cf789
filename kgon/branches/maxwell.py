"""Find Maxwell points: where two branches have the same loss at the same value of the parameter.

Along a branch dL/dp = ∂L/∂p (the gradient is zero), so that the difference of two losses is known with
its slope at every point; between points it is a cubic.  Each change of sign is refined by Newton's method on
both branches together with L₁ = L₂, and enclosed by Krawczyk's theorem on the same system if asked for.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from flint import arb
from numpy.typing import NDArray

from kgon.base.checks import Floats
from kgon.base.verdicts import KgonError, UndecidedError
from kgon.branches.balls import Balls
from kgon.branches.changes import EqualLoss
from kgon.branches.events import maxwell_system
from kgon.branches.parameters import Parameter
from kgon.branches.results import CONVERGED, PROVED, BranchEvent, KgonBranch
from kgon.branches.squares import exact_square
from kgon.branches.systems import CriticalPoints
from kgon.branches.tubes import lies_in
from kgon.numerics.balls import above, below
from kgon.numerics.continuation.events import EVENT_WIDTH
from kgon.numerics.krawczyk import enclose_zero

LOSS_ROUNDING = 1e-14
"""Difference of two losses that is none."""


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A part of a branch on which the parameter increases (reversed, where it falls).

    Attributes
    ----------
    p, loss, slope : (m,) arrays
        The parameter, L and dL/dp.
    x : (m, n) array
        Unknowns; n = 0 for an exact branch.
    arclength : (m,) array
    minimum : (m,) bool array
        Whether the Hessian has no negative eigenvalue; all True for an exact branch.
    system : CriticalPoints or None
        What is solved along the branch; None for an exact one, which stays where it is.
    """

    p: Floats
    loss: Floats
    slope: Floats
    x: Floats
    arclength: Floats
    minimum: NDArray[np.bool_]
    system: CriticalPoints | None

    def at(self, p: float) -> tuple[float, Floats]:
        """Interpolate between two points: L by the cubic, and x by the chord."""
        k = int(np.clip(np.searchsorted(self.p, p) - 1, 0, len(self.p) - 2))
        width = self.p[k + 1] - self.p[k]
        t = (p - self.p[k]) / width
        first, second = self.loss[k], self.loss[k + 1]
        loss = (
            first * (1 - t) ** 2 * (1 + 2 * t) + second * t**2 * (3 - 2 * t)
            + width * t * (1 - t) * ((1 - t) * self.slope[k] - t * self.slope[k + 1])
        )  # fmt: skip
        return float(loss), (1 - t) * self.x[k] + t * self.x[k + 1]


def sheets(branch: KgonBranch) -> list[Sheet]:
    """Cut a branch where the parameter turns round."""
    p, loss = branch.values, branch.losses
    arclength = np.array([point.arclength for point in branch.points])
    minimum = np.array([not point.negative for point in branch.points])
    if branch.exact:
        slopes = np.full(len(p), (loss[-1] - loss[0]) / (p[-1] - p[0]))
        return [Sheet(p, loss, slopes, np.zeros((len(p), 0)), arclength, minimum, None)]
    system = system_at(branch)
    x = np.array([system.unknowns(point.W, point.b) for point in branch.points])
    slopes = np.array([system.loss_slope(y, q) for y, q in zip(x, p, strict=True)])
    signs = np.sign(np.diff(p))
    cuts = [0, *(np.flatnonzero(signs[1:] != signs[:-1]) + 1).tolist(), len(p) - 1]
    found = []
    for first, last in itertools.pairwise(cuts):
        part = np.arange(first, last + 1)
        part = part if p[last] > p[first] else part[::-1]
        found.append(
            Sheet(p[part], loss[part], slopes[part], x[part], arclength[part], minimum[part], system)
        )  # fmt: skip
    return found


def system_at(branch: KgonBranch) -> CriticalPoints:
    """Build the system of a branch that is followed, at the catalogue's point."""
    k = int(np.argmin(np.abs(branch.values - branch.start)))
    candidates = np.flatnonzero(branch.values == branch.values[k])
    # The catalogue's point is the one of lowest loss among those at its value of the parameter.
    point = branch.points[int(candidates[np.argmin(branch.losses[candidates])])]
    parameter = Parameter.parse(branch.parameter, branch.c)
    held = {int(j) for j, _ in branch.order} - {int(j) for j, i in branch.order if i == 1}
    return CriticalPoints(point.W, point.b, parameter=parameter, gauge=held.pop())


def maxwell_points(first: KgonBranch, second: KgonBranch) -> tuple[BranchEvent, ...]:
    """Find where two branches over the same parameter have equal loss, by parameter.

    They are proved where both branches are (or stay exactly where they are).

    Raises
    ------
    KgonError
        The branches have different parameters or numbers of features.

    Examples
    --------
    >>> from kgon.branches.follow import follow_branch
    >>> six = follow_branch("6", lower=0.4, upper=1.0)
    >>> five = follow_branch("5+", lower=0.4, upper=1.0)
    >>> [round(event.parameter, 9) for event in maxwell_points(six, five)]
    [0.658197813]
    """
    if (first.parameter, first.c) != (second.parameter, second.c):
        raise KgonError(
            f"two branches meet over one parameter, got {first.parameter} (c = {first.c}) and "
            f"{second.parameter} (c = {second.c})"
        )
    if first.exact:
        if second.exact:
            return _both_exact(first, second)
        return tuple(_turned(event) for event in maxwell_points(second, first))
    found = [
        _refined(first, second, a, b, guess)
        for a, b in itertools.product(sheets(first), sheets(second))
        for guess in _guesses(a, b)
    ]
    return tuple(sorted(found, key=lambda event: event.parameter))


def _turned(event: BranchEvent) -> BranchEvent:
    """A Maxwell point as an event of the other branch."""
    assert isinstance(event.what, EqualLoss)
    return dataclasses.replace(event, what=event.what.turned())


def proved_maxwell_points(first: KgonBranch, second: KgonBranch) -> list[tuple[Floats, Floats, float]]:
    """Find the unknowns on both branches and the parameter where it is proved that their losses are equal.

    The first branch is one that moves.
    """
    found = []
    for a, b in itertools.product(sheets(first), sheets(second)):
        for guess in _guesses(a, b):
            place = _newton(a, b, guess)
            assert a.system is not None
            try:
                _enclosed(first, second, a.system, b.system, *place)
            except UndecidedError:
                continue
            found.append(place)
    return sorted(found, key=lambda place: place[2])


def _guesses(a: Sheet, b: Sheet) -> list[float]:
    """About where the losses cross."""
    low, high = max(a.p[0], b.p[0]), min(a.p[-1], b.p[-1])
    grid = np.unique(np.concatenate([[low, high], a.p, b.p]))
    grid = grid[(grid >= low) & (grid <= high)]
    gaps = np.array([a.at(p)[0] - b.at(p)[0] for p in grid])
    # Where a point of the grid is itself the crossing, its sign is rounding.
    grid, gaps = grid[np.abs(gaps) > LOSS_ROUNDING], gaps[np.abs(gaps) > LOSS_ROUNDING]
    return [
        float(grid[k] - gaps[k] * (grid[k + 1] - grid[k]) / (gaps[k + 1] - gaps[k]))
        for k in np.flatnonzero(np.sign(gaps[1:]) * np.sign(gaps[:-1]) < 0)
    ]


def _newton(a: Sheet, b: Sheet, p: float) -> tuple[Floats, Floats, float]:
    """Both branches at a common parameter where their losses are equal."""
    x, y = a.at(p)[1], b.at(p)[1]
    n, m = len(x), len(y)
    assert a.system is not None
    for _ in range(20):
        matrix = np.zeros((n + m + 1, n + m + 1))
        residual = np.zeros(n + m + 1)
        residual[:n] = a.system.equations(x, p)
        matrix[:n, :n], matrix[:n, -1] = a.system.jacobian(x, p), a.system.derivative(x, p)
        matrix[-1, :n] = residual[:n]
        residual[-1], matrix[-1, -1] = a.system.loss(x, p), a.system.loss_slope(x, p)
        if b.system is None:
            residual[-1] -= b.loss[0] + (p - b.p[0]) * b.slope[0]
            matrix[-1, -1] -= b.slope[0]
        else:
            residual[n : n + m] = b.system.equations(y, p)
            matrix[n : n + m, n : n + m] = b.system.jacobian(y, p)
            matrix[n : n + m, -1] = b.system.derivative(y, p)
            matrix[-1, n : n + m] = -residual[n : n + m]
            residual[-1] -= b.system.loss(y, p)
            matrix[-1, -1] -= b.system.loss_slope(y, p)
        move = np.linalg.solve(matrix, residual)
        x, y, p = x - move[:n], y - move[n : n + m], float(p - move[-1])
        if np.abs(move).max() < 1e-13:
            return x, y, p
    raise UndecidedError("Newton's method does not settle on the Maxwell point")


def _refined(first: KgonBranch, second: KgonBranch, a: Sheet, b: Sheet, guess: float) -> BranchEvent:
    x, y, p = _newton(a, b, guess)
    assert a.system is not None
    indices = tuple(
        None if sheet.system is None else int((np.linalg.eigvalsh(sheet.system.jacobian(z, p)) < 0).sum())
        for sheet, z in ((a, x), (b, y))
    )
    lower, upper, status, doubt = p - EVENT_WIDTH / 2, p + EVENT_WIDTH / 2, CONVERGED, ""
    if first.proof is not None:
        try:
            lower, upper = _enclosed(first, second, a.system, b.system, x, y, p)
            status = PROVED
        except UndecidedError as error:
            doubt = str(error)
    return BranchEvent(
        kind="maxwell", what=EqualLoss(own=first.own, other=second.own, indices=indices), doubt=doubt,
        parameter=min(max(p, lower), upper), lower=lower, upper=upper, loss=a.system.loss(x, p),
        status=status, arclength=float(np.interp(p, a.p, a.arclength)),
    )  # fmt: skip


def _enclosed(
    first: KgonBranch, second: KgonBranch, system: CriticalPoints, other: CriticalPoints | None,
    x: Floats, y: Floats, p: float,
) -> tuple[float, float]:  # fmt: skip
    """Bounds of the parameter, with both points on the curves that are proved."""
    balls = Balls(system)
    if other is None:
        q, r = exact_loss(second)
        found = enclose_zero(maxwell_system(balls, (q, r)), [*balls.project(x), p])
    else:
        others = Balls(other)
        found = enclose_zero(maxwell_system(balls, others), [*balls.project(x), *others.project(y), p])
        if not _on(second, [*found[balls.size : -1], found[-1]]):
            raise UndecidedError(f"the point of {second.name} is not certainly on its branch")
    if not _on(first, [*found[: balls.size], found[-1]]):
        raise UndecidedError(f"the point of {first.name} is not certainly on its branch")
    return below(found[-1]), above(found[-1])


def _on(branch: KgonBranch, z: Sequence[arb]) -> bool:
    proof = branch.proof
    return proof is not None and any(
        lies_in(z, *numbers)
        for numbers in zip(proof.middle, proof.tangent, proof.half, proof.radius, strict=True)
    )


def exact_loss(branch: KgonBranch) -> tuple[Fraction, Fraction]:
    """Find q and r with L = q + r·parameter on a branch that stays where it is."""
    parameter = Parameter.parse(branch.parameter, branch.c)
    square = exact_square(branch.kgon, parameter, branch.role)
    first, second = (square.loss(parameter, Fraction(value)) for value in (0, 1))
    return first, second - first


def _both_exact(first: KgonBranch, second: KgonBranch) -> tuple[BranchEvent, ...]:
    (q, r), (u, v) = exact_loss(first), exact_loss(second)
    if r == v:
        return ()
    root = (u - q) / (r - v)
    if not max(first.lower, second.lower) <= root <= min(first.upper, second.upper):
        return ()
    p = float(root)
    return (
        BranchEvent(
            kind="maxwell", parameter=p,
            what=EqualLoss(own=first.own, other=second.own, indices=(None, None)),
            lower=float(np.nextafter(p, -np.inf)), upper=float(np.nextafter(p, np.inf)),
            loss=float(q + r * root), status=PROVED, arclength=p - first.lower,
        ),
    )  # fmt: skip
