"""Find Maxwell points: where two branches have the same loss at the same value of the parameter.

Along a branch dL/dp = ∂L/∂p, as the gradient is zero: L is known with its slope at every point, and
interpolated between them by Hermite's cubic.  Where the difference of two such losses changes sign, Newton's
method solves for both branches together with L₁ = L₂, and Krawczyk's theorem encloses the zero of the same
system if asked for.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from flint import arb
from numpy.typing import NDArray

from kgon.base.checks import Floats
from kgon.base.verdicts import KgonError, UndecidedError
from kgon.branches.balls import Balls
from kgon.branches.changes import EqualEnergy, EqualLoss
from kgon.branches.events import maxwell_system
from kgon.branches.results import CONVERGED, PROVED, BranchEvent, KgonBranch
from kgon.branches.squares import exact_square
from kgon.branches.tubes import lies_in
from kgon.kgons.systems import CriticalPoints
from kgon.numerics.balls import above, below
from kgon.numerics.continuation.events import EVENT_WIDTH
from kgon.numerics.krawczyk import enclose_zero
from kgon.potential.parameters import read_parameter

LOSS_ROUNDING = 1e-14
"""Two losses that differ by less may be equal: what is left is the rounding of sums of c² terms."""


class Local(NamedTuple):
    """The loss at one point of a sheet, expanded in the unknowns x (n,) and the parameter p.

    Attributes
    ----------
    gradient : (n,) array
    hessian : (n, n) array
    drift : (n,) array
        The derivative of the gradient with respect to p.
    loss, slope : float
        L, and ∂L/∂p.
    """

    gradient: Floats
    hessian: Floats
    drift: Floats
    loss: float
    slope: float


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Sheet:
    """A part of a branch on which the parameter increases (reversed, where it falls).

    Attributes
    ----------
    branch : KgonBranch
        What it is a part of.
    system : CriticalPoints or None
        What is solved along the branch; None for an exact one, which stays where it is.
    p, loss, slope : (m,) arrays
        The parameter, L and dL/dp.
    x : (m, n) array
        Unknowns; n = 0 for an exact branch.
    arclength : (m,) array
        From the first point of the branch.
    minimum : (m,) bool array
        Whether the Hessian has no negative eigenvalue; all True for an exact branch.
    """

    branch: KgonBranch
    system: CriticalPoints | None
    p: Floats
    loss: Floats
    slope: Floats
    x: Floats
    arclength: Floats
    minimum: NDArray[np.bool_]

    def take(self, rows: NDArray[Any]) -> Sheet:
        """Keep some of the points: positions, or a mask."""
        names = ("p", "loss", "slope", "x", "arclength", "minimum")
        return replace(self, **{name: getattr(self, name)[rows] for name in names})

    def at(self, p: float) -> tuple[float, Floats]:
        """Interpolate between two points: L by Hermite's cubic, and x by the chord."""
        k = int(np.clip(np.searchsorted(self.p, p) - 1, 0, len(self.p) - 2))
        width = self.p[k + 1] - self.p[k]
        t = (p - self.p[k]) / width
        values = self.loss[k] * (1 - t) ** 2 * (1 + 2 * t) + self.loss[k + 1] * t**2 * (3 - 2 * t)
        slopes = (1 - t) * self.slope[k] - t * self.slope[k + 1]
        return float(values + width * t * (1 - t) * slopes), (1 - t) * self.x[k] + t * self.x[k + 1]

    def arclength_at(self, p: float) -> float:
        """Interpolate the arclength linearly."""
        return float(np.interp(p, self.p, self.arclength))

    def expand(self, x: Floats, p: float) -> Local:
        """Evaluate loss, gradient and their derivatives at the unknowns x (n,) and the parameter p."""
        system = self.system
        if system is None:  # no unknowns, and L is affine in p
            none = np.zeros(0)
            loss = self.loss[0] + (p - self.p[0]) * self.slope[0]
            return Local(none, np.zeros((0, 0)), none, float(loss), float(self.slope[0]))
        return Local(
            system.equations(x, p),
            system.jacobian(x, p),
            system.derivative(x, p),
            system.loss(x, p),
            system.loss_slope(x, p),
        )


def sheets(branch: KgonBranch) -> list[Sheet]:
    """Cut a branch into its sheets, where the parameter turns round."""
    p, loss = branch.values, branch.losses
    system = None if branch.exact else system_at(branch)
    if system is None:
        x = np.zeros((len(p), 0))
        slope = np.full(len(p), (loss[-1] - loss[0]) / (p[-1] - p[0]))
    else:
        x = np.array([system.unknowns(point.W, point.b) for point in branch.points])
        slope = np.array([system.loss_slope(y, q) for y, q in zip(x, p, strict=True)])
    whole = Sheet(
        branch=branch,
        system=system,
        p=p,
        loss=loss,
        slope=slope,
        x=x,
        arclength=np.array([point.arclength for point in branch.points]),
        minimum=np.array([not point.negative for point in branch.points]),
    )
    if system is None:
        return [whole]
    signs = np.sign(np.diff(p))
    cuts = [0, *(np.flatnonzero(signs[1:] != signs[:-1]) + 1).tolist(), len(p) - 1]
    return [
        whole.take(np.arange(first, last + 1)[:: 1 if p[last] > p[first] else -1])
        for first, last in itertools.pairwise(cuts)
    ]


def common_grid(a: Sheet, b: Sheet) -> Floats:
    """List the values of the parameter at which either sheet has a point and both are known, increasing."""
    low, high = max(a.p[0], b.p[0]), min(a.p[-1], b.p[-1])
    grid = np.unique(np.concatenate([[low, high], a.p, b.p]))
    return np.asarray(grid[(grid >= low) & (grid <= high)])


def system_at(branch: KgonBranch) -> CriticalPoints:
    """Build the system of a branch that is followed, at the catalogue's point."""
    k = int(np.argmin(np.abs(branch.values - branch.start)))
    candidates = np.flatnonzero(branch.values == branch.values[k])
    # The catalogue's point is the one of lowest loss among those at its value of the parameter.
    point = branch.points[int(candidates[np.argmin(branch.losses[candidates])])]
    parameter = read_parameter(branch.parameter, branch.c)
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
    found = [_event(*crossing) for crossing in _crossings(first, second)]
    return tuple(sorted(found, key=lambda event: event.parameter))


def proved_maxwell_points(first: KgonBranch, second: KgonBranch) -> list[tuple[Floats, Floats, float]]:
    """Find the unknowns on both branches and the parameter where it is proved that their losses are equal.

    The first branch is one that moves.
    """
    found = []
    for a, b, x, y, p in _crossings(first, second):
        try:
            _enclosed(a, b, x, y, p)
        except UndecidedError:
            continue
        found.append((x, y, p))
    return sorted(found, key=lambda place: place[2])


def exact_loss(branch: KgonBranch) -> tuple[Fraction, Fraction]:
    """Find q and r with L = q + r·parameter on a branch that stays where it is."""
    parameter = read_parameter(branch.parameter, branch.c)
    square = exact_square(branch.kgon, parameter, branch.role)
    first, second = (square.loss(parameter, Fraction(value)) for value in (0, 1))
    return first, second - first


def equality(
    what: EqualLoss | EqualEnergy,
    *,
    p: float,
    loss: float,
    arclength: float,
    bounds: tuple[float, float] | None = None,
    doubt: str = "",
) -> BranchEvent:
    """Record that a branch meets another in loss or free energy at p; proved, where ``bounds`` enclose it."""
    lower, upper = bounds or (p - EVENT_WIDTH / 2, p + EVENT_WIDTH / 2)
    return BranchEvent(
        kind="maxwell",
        what=what,
        doubt=doubt,
        parameter=min(max(p, lower), upper),
        lower=lower,
        upper=upper,
        loss=loss,
        status=PROVED if bounds else CONVERGED,
        arclength=arclength,
    )


def _turned(event: BranchEvent) -> BranchEvent:
    """A Maxwell point as an event of the other branch."""
    assert isinstance(event.what, EqualLoss)
    return replace(event, what=event.what.turned())


def _crossings(first: KgonBranch, second: KgonBranch) -> Iterator[tuple[Sheet, Sheet, Floats, Floats, float]]:
    """Pairs of sheets with equal loss, the unknowns on each, and the parameter; ``first`` moves."""
    for a, b in itertools.product(sheets(first), sheets(second)):
        for guess in _guesses(a, b):
            yield a, b, *_solve(a, b, guess)


def _guesses(a: Sheet, b: Sheet) -> list[float]:
    """About where the losses cross: the zeros of the chords between points of the common grid."""
    grid = common_grid(a, b)
    gaps = np.array([a.at(p)[0] - b.at(p)[0] for p in grid])
    # Where a point of the grid is itself the crossing, its sign is rounding.
    grid, gaps = grid[np.abs(gaps) > LOSS_ROUNDING], gaps[np.abs(gaps) > LOSS_ROUNDING]
    return [
        float(grid[k] - gaps[k] * (grid[k + 1] - grid[k]) / (gaps[k + 1] - gaps[k]))
        for k in np.flatnonzero(np.sign(gaps[1:]) * np.sign(gaps[:-1]) < 0)
    ]


def _solve(a: Sheet, b: Sheet, p: float) -> tuple[Floats, Floats, float]:
    """Newton's method for ∇L₁ = 0, ∇L₂ = 0 and L₁ = L₂ in the unknowns on both sheets and the parameter."""
    x, y = a.at(p)[1], b.at(p)[1]
    n, m = len(x), len(y)
    for _ in range(20):
        one, two = a.expand(x, p), b.expand(y, p)
        residual = np.concatenate([one.gradient, two.gradient, [one.loss - two.loss]])
        matrix = np.block(
            [
                [one.hessian, np.zeros((n, m)), one.drift[:, None]],
                [np.zeros((m, n)), two.hessian, two.drift[:, None]],
                [one.gradient, -two.gradient, np.array([one.slope - two.slope])],
            ]
        )
        move = np.linalg.solve(matrix, residual)
        x, y, p = x - move[:n], y - move[n : n + m], float(p - move[-1])
        if np.abs(move).max() < 1e-13:
            return x, y, p
    raise UndecidedError("Newton's method does not settle on the Maxwell point")


def _event(a: Sheet, b: Sheet, x: Floats, y: Floats, p: float) -> BranchEvent:
    """The Maxwell point of two sheets, with a proof if the first branch has one."""
    indices = tuple(
        None if sheet.system is None else int((np.linalg.eigvalsh(sheet.expand(z, p).hessian) < 0).sum())
        for sheet, z in ((a, x), (b, y))
    )
    bounds, doubt = None, ""
    if a.branch.proof is not None:
        try:
            bounds = _enclosed(a, b, x, y, p)
        except UndecidedError as error:
            doubt = str(error)
    what = EqualLoss(own=a.branch.own, other=b.branch.own, indices=indices)
    loss, arclength = a.expand(x, p).loss, a.arclength_at(p)
    return equality(what, p=p, loss=loss, arclength=arclength, bounds=bounds, doubt=doubt)


def _enclosed(a: Sheet, b: Sheet, x: Floats, y: Floats, p: float) -> tuple[float, float]:
    """Bounds of the parameter, with both points on the curves that are proved."""
    assert a.system is not None
    balls = Balls(a.system)
    if b.system is None:
        found = enclose_zero(maxwell_system(balls, exact_loss(b.branch)), [*balls.project(x), p])
    else:
        others = Balls(b.system)
        found = enclose_zero(maxwell_system(balls, others), [*balls.project(x), *others.project(y), p])
        _check_on(b.branch, found[balls.size :])
    _check_on(a.branch, [*found[: balls.size], found[-1]])
    return below(found[-1]), above(found[-1])


def _check_on(branch: KgonBranch, z: Sequence[arb]) -> None:
    """Refuse a point that lies in none of the tubes that prove a branch."""
    proof = branch.proof
    if proof is None or not any(
        lies_in(z, *numbers)
        for numbers in zip(proof.middle, proof.tangent, proof.half, proof.radius, strict=True)
    ):
        raise UndecidedError(f"the point of {branch.name} is not certainly on its branch")


def _both_exact(first: KgonBranch, second: KgonBranch) -> tuple[BranchEvent, ...]:
    """The Maxwell point of two branches with affine losses, if they have one."""
    (q, r), (u, v) = exact_loss(first), exact_loss(second)
    if r == v:
        return ()
    root = (u - q) / (r - v)
    if not max(first.lower, second.lower) <= root <= min(first.upper, second.upper):
        return ()
    p, loss = float(root), float(q + r * root)
    what = EqualLoss(own=first.own, other=second.own, indices=(None, None))
    bounds = (float(np.nextafter(p, -np.inf)), float(np.nextafter(p, np.inf)))
    return (equality(what, p=p, loss=loss, arclength=p - first.lower, bounds=bounds),)
