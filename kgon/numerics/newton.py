"""Solve square systems by Newton's method at any precision, with a status instead of a guess."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath

from kgon.base.checks import check_integer
from kgon.base.verdicts import Status

Vector = Sequence[Any]


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


def solve_newton(
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
    >>> root = solve_newton(lambda x: [x[0] ** 2 - 2], lambda x: [[2 * x[0]]], [1.0], digits=30)
    >>> str(root.status), mpmath.nstr(root.x[0], 25)
    ('converged', '1.414213562373095048801689')
    """
    check_integer("max_steps", max_steps, 1)
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
