"""Generic root finding: Newton in any precision, zeros of gradients, proved isolation on an interval.

Knows nothing of the toy model: plain functions in, a result with its status out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
from flint import arb
from numpy.typing import NDArray

from kgon.results import KgonError, Status, UndecidedError

Vector = Sequence[Any]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """Where Newton's method ended.

    Attributes
    ----------
    x : tuple of mpmath.mpf
    residual : mpmath.mpf
        Maximum norm of the equations at ``x``.
    steps : int
    status : Status
        CONVERGED (residual within the tolerance), STALLED (no step along the Newton direction lowers
        the residual), SINGULAR (the linear system has no solution), EXHAUSTED (out of steps).
    """

    x: tuple[Any, ...]
    residual: Any
    steps: int
    status: Status


def newton(
    equations: Callable[[Vector], Vector],
    jacobian: Callable[[Vector], Sequence[Vector]],
    start: Vector,
    *,
    digits: int = 50,
    tol: float | None = None,
    max_steps: int = 100,
) -> Root:
    """Solve a square system by Newton's method with step halving.

    Parameters
    ----------
    equations, jacobian : callable
        Take a sequence of n ``mpf`` and return n numbers, and n rows of n numbers.
    start : sequence of n numbers
    digits : int
        Decimal digits of the arithmetic is ``digits + 15``.
    tol : float, optional
        Residual (maximum norm) at which the root is accepted; default 10^−digits.
    max_steps : int

    Returns
    -------
    Root

    Examples
    --------
    >>> root = newton(lambda x: [x[0] ** 2 - 2], lambda x: [[2 * x[0]]], [1.0], digits=30)
    >>> str(root.status), mpmath.nstr(root.x[0], 25)
    ('converged', '1.414213562373095048801689')
    """
    if max_steps < 1:
        raise KgonError(f"max_steps must be at least 1, got {max_steps}")
    with mpmath.workdps(digits + 15):
        goal = mpmath.mpf(10) ** (-digits) if tol is None else mpmath.mpf(tol)
        x = [mpmath.mpf(value) for value in start]
        values = equations(x)
        size = _norm(values)
        for step in range(max_steps):
            if size <= goal:
                return Root(x=tuple(x), residual=size, steps=step, status=Status.CONVERGED)
            try:
                move = mpmath.lu_solve(mpmath.matrix(jacobian(x)), -mpmath.matrix(values))
            except ZeroDivisionError:
                return Root(x=tuple(x), residual=size, steps=step, status=Status.SINGULAR)
            fraction = mpmath.mpf(1)
            while True:
                trial = [value + fraction * delta for value, delta in zip(x, move, strict=True)]
                trial_values = equations(trial)
                trial_size = _norm(trial_values)
                if trial_size < size:
                    break
                fraction /= 2
                if fraction < mpmath.mpf(2) ** -40:
                    return Root(x=tuple(x), residual=size, steps=step, status=Status.STALLED)
            x, values, size = trial, trial_values, trial_size
        status = Status.CONVERGED if size <= goal else Status.EXHAUSTED
        return Root(x=tuple(x), residual=size, steps=max_steps, status=status)


def _norm(values: Vector) -> Any:
    return max(abs(value) for value in values)


def critical_point(
    gradient: Callable[[Floats], Floats],
    hessian: Callable[[Floats], Floats],
    start: Floats,
    *,
    damping: float,
    tol: float = 1e-12,
    max_steps: int = 100,
) -> tuple[Floats, float]:
    """A zero of a gradient in float64 by the Levenberg–Marquardt method; it need not be isolated.

    The steps −H (H² + μ)⁻¹ ∇ lower ‖∇‖; μ falls with success and rises with failure (Nielsen's rule).

    Parameters
    ----------
    gradient, hessian : callable
        Take (d,), return (d,) and a symmetric (d, d).
    start : (d,) array
    damping : float
        First μ, in units of the largest eigenvalue of H²: small values begin with Newton's step.
    tol : float
        ‖∇‖ at which to stop.
    max_steps : int

    Returns
    -------
    x : (d,) array
    norm : float
        ‖∇‖ there, above ``tol`` where it stalled or ran out of steps.

    Examples
    --------
    >>> x, norm = critical_point(  # of (x² − 1)² / 4 + 0·y
    ...     lambda x: np.array([x[0] ** 3 - x[0], 0.0]),
    ...     lambda x: np.diag([3 * x[0] ** 2 - 1, 0.0]), np.array([0.8, 5.0]), damping=1e-8,
    ... )
    >>> np.round(x, 9).tolist(), norm < 1e-12
    ([1.0, 5.0], True)
    """
    x, values = start, gradient(start)
    square = float(values @ values)
    mu, growth = -1.0, 2.0
    for _ in range(max_steps):
        if not square > tol * tol:
            break
        eigenvalues, axes = np.linalg.eigh(hessian(x))
        along, squares = axes.T @ values, eigenvalues**2
        largest = max(float(squares.max()), 1e-300)
        if mu < 0:
            mu = damping * largest
        while True:
            trial = x - axes @ (eigenvalues / (squares + mu) * along)
            new_values = gradient(trial)
            new = float(new_values @ new_values)
            if new < square:
                break
            mu, growth = mu * growth, 2 * growth
            if mu > 1e8 * largest:
                return x, square**0.5
        predicted = float(np.sum((1 - (mu / (squares + mu)) ** 2) * along**2))
        mu = max(mu * max(1 / 3, 1 - (2 * (square - new) / predicted - 1) ** 3), 1e-20 * largest)
        x, values, square, growth = trial, new_values, new, 2.0
    return x, square**0.5


def newton_homotopy(
    gradient: Callable[[Floats], Floats],
    hessian: Callable[[Floats], Floats],
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


def isolate(
    function: Callable[[arb], arb],
    derivative: Callable[[arb], arb],
    lower: arb,
    upper: arb,
    *,
    max_boxes: int = 10_000,
) -> list[arb]:
    """All roots of a function on an interval, each in a ball of its own, proved in ball arithmetic.

    Subintervals are discarded when the function is certainly not zero on them, and accepted when
    the derivative is certainly not zero (at most one root) and the function certainly changes sign
    (at least one); otherwise they are halved.  Roots at the two ends are not looked for: the
    function must be certainly non-zero there.

    Parameters
    ----------
    function, derivative : callable
        Enclosures of f and f′ on a ball, at the working precision of ``flint.ctx``.
    lower, upper : arb
        The interval.
    max_boxes : int
        Bound on the subintervals examined.

    Returns
    -------
    list of arb
        Disjoint balls in increasing order, each refined to the working precision.

    Raises
    ------
    UndecidedError
        A subinterval cannot be decided: a multiple root, a root at an end, or too little precision.

    Examples
    --------
    >>> balls = isolate(lambda x: x * x - 2, lambda x: 2 * x, arb(0), arb(3))
    >>> len(balls), float(balls[0].mid())
    (1, 1.414213562373095)
    """
    if not lower < upper:
        raise KgonError(f"the interval must not be empty, got [{lower.str(8)}, {upper.str(8)}]")
    todo = [(lower.mid(), upper.mid())]
    found: list[arb] = []
    examined = 0
    while todo:
        low, high = todo.pop()
        box = low.union(high)
        examined += 1
        if function(box) != 0:
            continue
        at_low, at_high = function(low), function(high)
        if at_low != 0 and at_high != 0 and derivative(box) != 0:
            if (at_low > 0) != (at_high > 0):
                found.append(_refine(function, derivative, box))
            continue
        middle = _split(function, low, high)
        if middle is None or examined >= max_boxes:
            raise UndecidedError(
                f"the roots on [{lower.str(8)}, {upper.str(8)}] could not be isolated near {low.str(8)}"
            )
        todo += [(middle, high), (low, middle)]
    return found


def _split(function: Callable[[arb], arb], low: arb, high: arb) -> arb | None:
    """A point between low and high at which the function is certainly not zero."""
    for sixteenths in (8, 7, 9, 6, 10):
        middle = (low + (high - low) * sixteenths / 16).mid()
        if low < middle < high and function(middle) != 0:
            return middle
    return None


def _refine(function: Callable[[arb], arb], derivative: Callable[[arb], arb], box: arb) -> arb:
    """Interval Newton on a box that holds exactly one root and where f′ ≠ 0."""
    while True:
        middle = box.mid()
        image = middle - function(middle) / derivative(box)
        smaller = box.intersection(image)
        if not smaller.rad() < box.rad() * 0.9:
            return smaller
        box = smaller
