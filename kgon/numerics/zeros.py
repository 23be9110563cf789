"""Find zeros of systems of equations in float64, which may be kinked, or not isolated.

``find_zero`` finds one by the method of Newton or of Levenberg and Marquardt, as ``Method`` says;
``find_zeros`` finds several by deflation, ``critical_point`` one of a gradient, and ``newton_homotopy`` comes
near one where the others stall.  Nothing here knows of the toy model: functions in, a result with status out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kgon.base.checks import Floats, check_integer, check_positive
from kgon.base.verdicts import Status

Equations = Callable[[Floats], Floats]
KINK_PROBE = 1e-7
"""How far to either side of a point the Jacobians on other sides of a kink are taken."""
KINK = 1e-9
"""Value of a border function at which a zero lies on the border."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Zero:
    """Where root finding in float64 ended.

    Attributes
    ----------
    x : (n,) array
    residual : float
        ‖F(x)‖₂.
    steps : int
    rank : int
        Of the last Jacobian; below n where the zeros near ``x`` form a family.
    kinks : tuple of int
        Which of the border functions vanish at ``x``: F′ may jump there.  Empty where there are none.
    status : Status
        CONVERGED (residual within the tolerance), STALLED (no step lowers the residual), SINGULAR (none does
        and the Jacobian has less than full rank), EXHAUSTED (out of steps).
    """

    x: Floats
    residual: float
    steps: int
    rank: int
    kinks: tuple[int, ...]
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """How a zero is looked for.

    Attributes
    ----------
    damping : float, optional
        First μ of the steps of Levenberg and Marquardt, in units of the largest eigenvalue of JJᵀ: small
        values begin with Newton's step.  Without it all steps are Newton's.
    cut : float
        Singular values below this part of the largest one are no directions for Newton's steps.
    tol : float
        ‖F‖₂ at which to stop.
    max_steps : int
    """

    damping: float | None = None
    cut: float = 1e-10
    tol: float = 1e-12
    max_steps: int = 100

    def __post_init__(self) -> None:
        check_integer("max_steps", self.max_steps, 1)
        if self.damping is not None:
            check_positive("damping", self.damping)


NEWTON = Method()


def find_zero(
    equations: Equations,
    jacobian: Equations,
    start: Floats,
    method: Method = NEWTON,
    *,
    symmetric: bool = False,
    known: Sequence[Floats] = (),
    borders: Equations | None = None,
) -> Zero:
    """Solve F(x) = 0 in float64; the zero need not be isolated, and F′ may jump there.

    Without damping the steps are Newton's of least length, −J⁺F, halved until ‖F‖ falls.  With it they
    are those of Levenberg and Marquardt, −Jᵀ(JJᵀ + μ)⁻¹F, where μ falls with success and rises with failure
    (Nielsen's rule).  Where no step lowers ‖F‖ and there are ``borders``, the Jacobians just to either side
    of the point are tried.

    Parameters
    ----------
    equations, jacobian : callable
        Take (n,), return (m,) and (m, n).  F is continuous with C¹ pieces.
    start : (n,) array
    method : Method
    symmetric : bool
        Whether J is symmetric (m = n).
    known : sequence of (n,) arrays
        Zeros not to find again: F is multiplied by Π(1 + 1/‖x − x_k‖²).  Farrell, Birkisson and Funke (2015),
        "Deflation techniques for finding distinct solutions of nonlinear partial differential equations".
    borders : callable, optional
        Takes (n,), returns values that vanish where F′ jumps.

    Returns
    -------
    Zero

    Examples
    --------
    A circle of zeros: the nearest one along the radius.

    >>> ring = find_zero(lambda x: np.array([x @ x - 1]), lambda x: 2 * x[None], np.array([3.0, 4.0]))
    >>> np.round(ring.x, 12).tolist(), ring.rank, str(ring.status)
    ([0.6, 0.8], 1, 'converged')
    """
    problem = _Problem(equations, jacobian, tuple(known), symmetric)
    walker = _Newton(method.cut) if method.damping is None else _Levenberg(method.damping)
    x = np.array(start, dtype=np.float64)
    values = problem.values(x)
    rank, steps, status = 0, 0, Status.EXHAUSTED
    for steps in range(method.max_steps + 1):
        if problem.residual(x, values) <= method.tol:
            status = Status.CONVERGED
            break
        if steps == method.max_steps:
            break
        axes = problem.axes(x, values)
        rank = axes.rank(method.cut)
        better = walker.step(problem, x, values, axes)
        for side in () if better is not None or borders is None else (1.0, -1.0):
            probe = x + side * KINK_PROBE * walker.direction
            better = better or walker.step(problem, x, values, problem.axes(probe, values))
        if better is None:
            status = Status.STALLED if rank == min(len(axes.sizes), len(x)) else Status.SINGULAR
            break
        x, values = better
    if status is Status.CONVERGED:
        rank = problem.axes(x, values).rank(method.cut)
    kinks = () if borders is None else tuple(np.flatnonzero(np.abs(borders(x)) <= KINK).tolist())
    residual = problem.residual(x, values)
    return Zero(x=x, residual=residual, steps=steps, rank=rank, kinks=kinks, status=status)


class _Axes(NamedTuple):
    """Left axes, singular values (of a symmetric Jacobian: eigenvalues) and right axes, as columns."""

    left: Floats
    sizes: Floats
    right: Floats

    def used(self, cut: float) -> NDArray[np.bool_]:
        """Which of the axes are no part of a null space."""
        return np.asarray(np.abs(self.sizes) > cut * np.abs(self.sizes).max(initial=1e-300))

    def rank(self, cut: float) -> int:
        return int(np.count_nonzero(self.used(cut)))


class _Problem:
    """The equations F, or F multiplied by a factor that is large near known zeros."""

    def __init__(
        self, equations: Equations, jacobian: Equations, known: tuple[Floats, ...], symmetric: bool
    ) -> None:
        self.equations, self.jacobian = equations, jacobian
        self.known = np.array(known) if known else None
        self.symmetric = symmetric and not known

    def values(self, x: Floats) -> Floats:
        values = self.equations(x)
        return values if self.known is None else values * self._factor(x)[0]

    def residual(self, x: Floats, values: Floats) -> float:
        """Compute ‖F(x)‖, without the factor."""
        size = math.sqrt(float(values @ values))
        return size if self.known is None else size / self._factor(x)[0]

    def axes(self, x: Floats, values: Floats) -> _Axes:
        """Take the Jacobian at x apart."""
        jacobian = self.jacobian(x)
        if self.known is not None:
            factor, slope = self._factor(x)
            jacobian = factor * jacobian + np.outer(values, slope)
        if self.symmetric:
            eigenvalues, axes = np.linalg.eigh(jacobian)
            return _Axes(axes, eigenvalues, axes)
        left, sizes, right = np.linalg.svd(jacobian, full_matrices=False)
        return _Axes(left, sizes, right.T)

    def _factor(self, x: Floats) -> tuple[float, Floats]:
        """The factor m and ∇m/m."""
        assert self.known is not None
        away = x - self.known
        squares = np.maximum(np.sum(away * away, axis=1), 1e-200)
        slopes = -2 * away / (squares * (squares + 1))[:, None]
        return float(np.prod(1 + 1 / squares)), np.asarray(slopes.sum(axis=0))


class _Newton:
    """Steps of least length, halved until the residual falls."""

    def __init__(self, cut: float) -> None:
        self.cut = cut
        self.direction: Floats = np.zeros(1)

    def step(self, problem: _Problem, x: Floats, values: Floats, axes: _Axes) -> tuple[Floats, Floats] | None:
        (left, sizes, right), use = axes, axes.used(self.cut)
        move = -right[:, use] @ ((left[:, use].T @ values) / sizes[use])
        self.direction = move / max(float(np.linalg.norm(move)), 1e-300)
        square, fraction = float(values @ values), 1.0
        while fraction > 2**-30:
            trial = x + fraction * move
            new = problem.values(trial)
            if float(new @ new) < square:
                return trial, new
            fraction /= 2
        return None


class _Levenberg:
    """Damped steps."""

    def __init__(self, damping: float) -> None:
        self.damping, self.mu, self.growth = damping, -1.0, 2.0
        self.direction: Floats = np.zeros(1)

    def step(self, problem: _Problem, x: Floats, values: Floats, axes: _Axes) -> tuple[Floats, Floats] | None:
        left, sizes, right = axes
        along, squares = left.T @ values, sizes**2
        square = float(values @ values)
        largest = max(float(squares.max()), 1e-300)
        if self.mu < 0 or self.mu > 1e8 * largest:
            self.mu, self.growth = self.damping * largest, 2.0
        while True:
            move = -right @ (sizes / (squares + self.mu) * along)
            trial = x + move
            new_values = problem.values(trial)
            new = float(new_values @ new_values)
            if new < square:
                break
            self.mu, self.growth = self.mu * self.growth, 2 * self.growth
            if self.mu > 1e8 * largest:
                self.direction = move / max(float(np.linalg.norm(move)), 1e-300)
                return None
        predicted = float(np.sum((1 - (self.mu / (squares + self.mu)) ** 2) * along**2))
        self.mu = max(self.mu * max(1 / 3, 1 - (2 * (square - new) / predicted - 1) ** 3), 1e-20 * largest)
        self.growth = 2.0
        return trial, new_values


def find_zeros(
    equations: Equations,
    jacobian: Equations,
    starts: Sequence[Floats],
    *,
    most: int = 100,
    **options: Any,
) -> list[Zero]:
    """Find several zeros by deflation: from each start as many as can be reached, every one only once.

    Parameters
    ----------
    equations, jacobian : callable
        As ``find_zero``.
    starts : sequence of (n,) arrays
    most : int
        Bound on the zeros.
    **options
        Of ``find_zero``; ``known`` are zeros not to find either.

    Returns
    -------
    list of Zero
        All CONVERGED, in the order in which they were found.

    Examples
    --------
    >>> found = find_zeros(lambda x: x**3 - x, lambda x: np.diag(3 * x**2 - 1), [np.array([0.3])])
    >>> sorted(np.round([z.x[0] for z in found], 9).tolist())
    [-1.0, 0.0, 1.0]
    """
    known = list(options.pop("known", ()))
    found: list[Zero] = []
    for start in starts:
        while len(found) < most:
            end = find_zero(equations, jacobian, start, known=[*known, *(z.x for z in found)], **options)
            if end.status is not Status.CONVERGED:
                break
            found.append(end)
    return found


def critical_point(
    gradient: Equations, hessian: Equations, start: Floats, method: Method
) -> tuple[Floats, float]:
    """Find a zero of a gradient, whose Jacobian is symmetric: the point, and ‖∇‖ there.

    Parameters
    ----------
    gradient, hessian : callable
        Take (d,), return (d,) and a symmetric (d, d).
    start : (d,) array
    method : Method
        Damped, as a rule.

    Returns
    -------
    x : (d,) array
    norm : float
        Above the tolerance where the search stalled or ran out of steps.

    Examples
    --------
    >>> x, norm = critical_point(  # of (x² − 1)² / 4 + 0·y
    ...     lambda x: np.array([x[0] ** 3 - x[0], 0.0]),
    ...     lambda x: np.diag([3 * x[0] ** 2 - 1, 0.0]), np.array([0.8, 5.0]), Method(damping=1e-8),
    ... )
    >>> np.round(x, 9).tolist(), norm < 1e-12
    ([1.0, 5.0], True)
    """
    end = find_zero(gradient, hessian, start, method, symmetric=True)
    return end.x, end.residual


def newton_homotopy(
    gradient: Equations,
    hessian: Equations,
    start: Floats,
    *,
    steps: int = 16,
    damping: float = 1e-8,
    longest: float = 0.1,
) -> Floats:
    """Follow ∇(x) = s ∇(start) from s = 1 to s = 0 by short damped Newton steps; near a zero, roughly.

    Where the gradient has kinks this gets by points where methods that lower ‖∇‖ stall.

    Parameters
    ----------
    gradient, hessian : callable
        As ``critical_point``.
    start : (d,) array
    steps : int
        Values of s.
    damping : float
        μ of the steps.
    longest : float
        Bound on the length of a step.
    """
    x, first = start, gradient(start)
    for k in range(steps - 1, -1, -1):
        for _ in range(3):
            eigenvalues, axes = np.linalg.eigh(hessian(x))
            along = axes.T @ (gradient(x) - k / steps * first)
            move = axes @ (eigenvalues / (eigenvalues**2 + damping) * along)
            x = x - move * min(1.0, longest / max(float(np.linalg.norm(move)), 1e-300))
    return x
