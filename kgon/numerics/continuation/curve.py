"""Find points on a solution curve F(x, p) = 0, their tangents, and the signs that change at events.

Knows nothing of the toy model.  Where the solutions have ``flat`` directions by design (J has a null space V
of that dimension everywhere), the equations are bordered: F + W c = 0 and Vᵀ(x − anchor) = 0 with W a basis
of the null space of Jᵀ and c = 0 on solutions.  Newton's steps are then those of least length.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from scipy.linalg import lapack

from kgon.base.checks import Floats, check_integer, check_positive
from kgon.base.results import Record, result
from kgon.base.verdicts import KgonError, Status
from kgon.numerics.zeros import Method, find_zero

Key = str | int | tuple[str | int, ...]
"""What a system calls a function that it has watched."""
WATCH_NOISE = 1e-12
"""|value| of a watch function that may be rounding: its sign is then that a little further on."""
PROBE = 1e-7
"""How far further on."""
VANISHING = 1e-9
"""An eigenvalue, or a rise of the tangent, whose sign may be that of rounding errors."""
RANK_RATIO = 1e-10
"""Ratio of singular values below which a matrix has no full rank."""
POLISH = 3
"""Corrections with an old Jacobian once the residual is within the tolerance."""
SETTLED = 1e-14
"""Last correction of a point, relative, at which no further one is made."""
LOOSE = 1e-7
"""Most that it may be where the Jacobian is nearly singular."""
MOST_ANGLE = 0.35
"""Angle between successive tangents, in radians, above which a step is refused."""


class System(Protocol):
    """n equations F(x, p) = 0 in n unknowns and one real parameter; F is continuous and piecewise C¹."""

    @property
    def symmetric(self) -> bool:
        """Whether the Jacobian is symmetric (F is a gradient): then its negative eigenvalues are counted."""
        ...

    def equations(self, x: Floats, p: float) -> Floats:
        """Evaluate F, (n,)."""
        ...

    def jacobian(self, x: Floats, p: float) -> Floats:
        """Evaluate ∂F/∂x, (n, n); at a kink that of either side."""
        ...

    def derivative(self, x: Floats, p: float) -> Floats:
        """Evaluate ∂F/∂p, (n,)."""
        ...

    def watch(self, x: Floats, p: float) -> Mapping[Key, float]:
        """Evaluate continuous functions whose changes of sign are events, each by a key of its own."""
        ...

    def border(self, key: Key) -> bool:
        """Say whether F′ jumps where the function of that key changes sign."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """A point of the curve.

    Attributes
    ----------
    u : (n + 1 + flat,) array
        x, p, c.
    tangent : (n + 1 + flat,) array
        Of length 1.
    rise : float
        p's part of the tangent: changes sign at a fold.
    determinant : float
        Of DG bordered by the tangent, in units of the first one; changes sign at a simple branch point.
    negative : int
        Negative eigenvalues of J without the flat ones (0 where J is not symmetric).
    eigenvalues : (n,) array
        Increasing; empty where J is not symmetric.
    watched : dict
    signs : dict
        −1, 0, +1 for each watched function; 0 where it vanishes along the curve or is NaN.
    error : float
        Last correction of Newton's method, maximum norm.
    steps : int
        Steps of Newton's method.
    """

    u: Floats
    tangent: Floats
    rise: float
    determinant: float
    negative: int
    eigenvalues: Floats
    watched: Mapping[Key, float]
    signs: Mapping[Key, int]
    error: float
    steps: int


@result
class Steps(Record):
    """How a curve is followed; the defaults suit equations and unknowns of order 1.

    Attributes
    ----------
    step, shortest, longest : float
        First, least and greatest length of a step; of a branch that was followed, ``step`` is the next one.
    tol : float
        Residual (maximum norm) at which a point is accepted.
    flat : int
        Dimension of the null space that ∂F/∂x has by design, because solutions come in families.  Steps are
        then of least length.
    max_points : int
        Most points of a branch.
    """

    step: float = 0.02
    shortest: float = 1e-9
    longest: float = 0.1
    tol: float = 1e-12
    flat: int = 0
    max_points: int = 5000

    def __post_init__(self) -> None:
        check_positive("tol", self.tol)
        check_integer("flat", self.flat, 0)
        check_integer("max_points", self.max_points, 1)


class Curve:
    """The equations G(u) = 0 of a curve in u = (x, p, c), with the null spaces V and W frozen at a point.

    Parameters
    ----------
    system : System
    n : int
        Unknowns.
    steps : Steps
        Its ``tol`` and ``flat`` belong to the equations.
    """

    def __init__(self, system: System, n: int, steps: Steps) -> None:
        check_integer("flat", steps.flat, 0, n - 1)
        self.system, self.n, self.flat, self.tol = system, n, steps.flat, steps.tol
        self.right = self.left = np.zeros((n, self.flat))
        self.anchor = np.zeros(n)
        self.unit: float | None = None  # log of the first determinant

    # --- equations ------------------------------------------------------------------------------

    def value(self, u: Floats) -> Floats:
        """Evaluate G(u), (n + flat,)."""
        n = self.n
        values = self.system.equations(u[:n], float(u[n]))
        if not self.flat:
            return values
        return np.concatenate([values + self.left @ u[n + 1 :], self.right.T @ (u[:n] - self.anchor)])

    def watch(self, u: Floats) -> Mapping[Key, float]:
        """Evaluate the watched functions at u."""
        return self.system.watch(u[: self.n], float(u[self.n]))

    def matrix(self, u: Floats) -> Floats:
        """Evaluate DG(u) with a last row to fill: (n + flat + 1, n + flat + 1)."""
        n, k = self.n, self.flat
        x, p = u[:n], float(u[n])
        matrix = np.zeros((n + k + 1, n + k + 1), order="F")
        matrix[:n, :n] = self.system.jacobian(x, p)
        matrix[:n, n] = self.system.derivative(x, p)
        if k:
            matrix[:n, n + 1 :] = self.left
            matrix[n:-1, :n] = self.right.T
        return matrix

    def freeze(self, x: Floats, p: float) -> None:
        """Take V and W, and the anchor, at a point; bases turn with the curve."""
        self.anchor = x
        if not self.flat:
            return
        jacobian = np.asarray(self.system.jacobian(x, p))
        if not self.right.any():
            left, _, right = np.linalg.svd(jacobian)
            self.right, self.left = right[-self.flat :].T, left[:, -self.flat :]
            if self.system.symmetric:
                self.left = self.right
            return
        self.right, self.left = (
            _null_space(jacobian, self.left, self.right),
            _null_space(jacobian.T, self.right, self.left),
        )

    # --- points ---------------------------------------------------------------------------------

    def correct(
        self, guess: Floats, row: Floats, level: float, *, max_steps: int = 8
    ) -> tuple[Floats, float, int] | None:
        """Solve G(u) = 0 and row·u = level by Newton's method: the point, the last correction and the steps.

        None where it does not converge quickly, which asks for a shorter step along the curve.
        """
        u, last = np.asarray(guess), np.inf
        values = np.append(self.value(u), row @ u - level)
        residual = float(np.abs(values).max())
        for step in range(1, max_steps + 1):
            matrix = self.matrix(u)
            matrix[-1] = row
            factors, pivots, info = lapack.dgetrf(matrix, overwrite_a=True)
            if info != 0:
                return None
            for _ in range(1 + POLISH):
                move = lapack.dgetrs(factors, pivots, -values)[0]
                size = float(np.abs(move).max())
                if not size < 2 * last:  # also NaN
                    break
                trial = u + move
                trial_values = np.append(self.value(trial), row @ trial - level)
                trial_residual = float(np.abs(trial_values).max())
                if trial_residual > max(0.7 * residual, WATCH_NOISE * WATCH_NOISE):  # a kink on the way?
                    half = u + move / 2
                    half_values = np.append(self.value(half), row @ half - level)
                    half_residual = float(np.abs(half_values).max())
                    if half_residual < trial_residual:
                        trial, trial_values, trial_residual = half, half_values, half_residual
                u, values, residual, last = trial, trial_values, trial_residual, size
                if size <= SETTLED * (1 + np.abs(u).max()):
                    return u, size, step
                if not residual <= self.tol:
                    break
            else:
                continue
            if not size < 2 * last:
                break
        return (u, last, step) if residual <= self.tol and last <= LOOSE else None

    def measure(self, u: Floats, row: Floats, *, error: float = 0.0, steps: int = 0) -> CurvePoint | None:
        """Find the tangent (row·tangent > 0) and the signs at a point of the curve, if it has a tangent."""
        n = self.n
        matrix = self.matrix(u)
        matrix[-1] = row
        if not np.isfinite(matrix).all():
            return None
        eigenvalues: Floats = np.zeros(0)
        if self.system.symmetric:
            jacobian = matrix[:n, :n]
            if self.flat:
                jacobian = jacobian + self.right @ self.right.T * (1 + np.abs(jacobian).max())
            eigenvalues = np.asarray(np.linalg.eigvalsh(jacobian), dtype=np.float64)
        factors, pivots, info = lapack.dgetrf(matrix, overwrite_a=True)
        if info != 0:
            return None
        unit = np.zeros(len(row))
        unit[-1] = 1.0
        tangent = lapack.dgetrs(factors, pivots, unit)[0]
        length = float(np.linalg.norm(tangent))
        if not np.isfinite(length):
            return None
        tangent = tangent / length
        diagonal = np.diagonal(factors)
        swaps = int(np.count_nonzero(pivots != np.arange(len(pivots))))
        sign = (-1) ** (swaps + int(np.count_nonzero(diagonal < 0)))
        size = float(np.log(np.abs(diagonal)).sum()) + np.log(length)
        if self.unit is None:
            self.unit = size
        watched = self.watch(u)
        return CurvePoint(
            u=u,
            tangent=tangent,
            rise=float(tangent[n]),
            determinant=sign * float(np.exp(min(size - self.unit, 300.0))),
            negative=int(np.count_nonzero(eigenvalues < 0)),
            eigenvalues=eigenvalues,
            watched=watched,
            signs=self.signs(u, tangent, watched),
            error=error,
            steps=steps,
        )

    def signs(self, u: Floats, tangent: Floats, watched: Mapping[Key, float]) -> dict[Key, int]:
        """Find the signs of watched functions at u, or just after u along the tangent where they vanish."""
        signs = {name: _sign(value) for name, value in watched.items()}
        if any(abs(value) <= WATCH_NOISE for value in watched.values()):
            further = self.watch(u + PROBE * tangent)
            for name, value in watched.items():
                if abs(value) <= WATCH_NOISE:
                    there = further.get(name, 0.0)
                    signs[name] = _sign(there) if abs(there) > WATCH_NOISE else 0
        return signs

    def on_border(self, point: CurvePoint) -> bool:
        """Say whether a border of smoothness passes through the point."""
        return any(
            abs(value) <= WATCH_NOISE and point.signs[name] != 0 and self.system.border(name)
            for name, value in point.watched.items()
        )

    def beside(self, u: Floats, tangent: Floats) -> CurvePoint | None:
        """Measure a point on a border, or a singular point, by what is just after it."""
        further = self.measure(u + PROBE * tangent, tangent)
        if further is None:
            return None
        watched = self.watch(u)
        signs = self.signs(u, tangent, watched)
        return replace(further, u=u, tangent=tangent, watched=watched, signs=signs)

    def settled(self, point: CurvePoint) -> CurvePoint:
        """Replace the signs of a first point by those just after it, where they may be rounding."""
        small = np.abs(point.eigenvalues) <= VANISHING
        if abs(point.rise) > VANISHING and not small.any() and not self.on_border(point):
            return point
        return self.beside(point.u, point.tangent) or point

    def at(self, start: CurvePoint, s: float, guess: Floats | None = None) -> CurvePoint | None:
        """Find the point of the curve on the plane at distance s from a point, across its tangent."""
        row = start.tangent
        if guess is None:
            guess = start.u + s * row
        corrected = self.correct(guess, row, float(row @ start.u) + s)
        if corrected is None:
            return None
        u, error, steps = corrected
        return self.measure(u, row, error=error, steps=steps)

    def place(self, x: Floats, p: float, row: Floats) -> Floats:
        """Find the point of the curve near (x, p) across a row; simply near, where there is none."""
        self.freeze(x, p)
        u = np.concatenate([x, [p], np.zeros(self.flat)])
        corrected = self.correct(u, row, float(row @ u), max_steps=20)
        if corrected is not None:
            return corrected[0]
        end = find_zero(self.value, lambda v: self.matrix(v)[:-1], u, Method(cut=RANK_RATIO, tol=self.tol))
        if end.status is not Status.CONVERGED:
            raise KgonError(
                "the start is no solution, nor is there one near it: Newton's method ended at a residual of "
                f"{end.residual:.2g}, which must be at most {self.tol:g}"
            )
        return end.x

    def first(self, u: Floats, wanted: Floats, *, chosen: bool) -> CurvePoint:
        """Measure the first point, with its tangent at less than 90° to a wanted one.

        Where branches cross the wanted one is taken as it is, if the caller has ``chosen`` it.
        """
        _, values, axes = np.linalg.svd(self.matrix(u)[:-1])
        missing = int(np.count_nonzero(values <= RANK_RATIO * values[0]))
        if missing and not chosen:
            raise KgonError(
                f"the solution at p = {u[self.n]:g} lies on no single curve: the Jacobian has {missing} null "
                "directions more than a curve has; give flat= if that is so by design, or tangent= at a "
                "branch point"
            )
        along = axes[-1]
        lead = float(along @ wanted)
        if abs(lead) <= RANK_RATIO:  # at a fold, where either way is as good
            lead = float(along[np.argmax(np.abs(along))]) * float(np.sign(wanted.sum()))
        tangent = wanted / np.linalg.norm(wanted) if missing else along * np.sign(lead)
        point = self.beside(u, tangent) if missing else self.measure(u, tangent)
        if point is None:
            raise KgonError(f"the curve at p = {u[self.n]:g} has no tangent along {wanted[: self.n + 1]}")
        return self.settled(point)

    def again(self, point: Floats, tangent: Floats) -> CurvePoint:
        """Measure a point (x, p) of the curve that is known with its tangent."""
        n, zeros = self.n, np.zeros(self.flat)
        self.right = self.left = np.zeros((n, self.flat))
        self.freeze(point[:n], float(point[n]))
        u, row = np.concatenate([point, zeros]), np.concatenate([tangent, zeros])
        here = self.measure(u, row) or self.beside(u, row)
        if here is None or np.abs(self.value(u)).max() > 1e3 * self.tol:
            raise KgonError(f"x at p = {point[n]:g} is no point of a solution curve of this system")
        return self.settled(replace(here, tangent=row, rise=float(row[n])))


def _sign(value: float) -> int:
    """−1, 0 or 1; 0 for NaN."""
    return int(value > 0) - int(value < 0)


def straight(a: CurvePoint, b: CurvePoint) -> bool:
    """Say whether a step keeps its direction."""
    secant = b.u - a.u
    least = np.cos(MOST_ANGLE)
    return bool(
        a.tangent @ b.tangent >= least and secant @ a.tangent >= least * float(np.linalg.norm(secant))
    )


def _null_space(matrix: Floats, left: Floats, right: Floats) -> Floats:
    """Orthonormal basis of the null space of a matrix, near that of a matrix close to it."""
    k = right.shape[1]
    bordered = np.block([[matrix, left], [right.T, np.zeros((k, k))]])
    wanted = np.concatenate([np.zeros_like(right), np.eye(k)])
    basis, upper = np.linalg.qr(np.linalg.solve(bordered, wanted)[: len(right)])
    return np.asarray(basis * np.sign(np.diagonal(upper)))
