"""Find every n at which two free energies agree: by the Lambert W function in balls, or by changes of sign.

``affine_roots`` is for two single phases whose F_n is βnL + λ log n + c, where all roots are known in closed
form and enclosed; ``sign_changes`` is for anything else, in floating point, between bounds on n.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import flint
import numpy as np
from flint import arb
from scipy.optimize import brentq

from kgon.base.results import Result, result
from kgon.base.text import with_error
from kgon.base.verdicts import KgonError, UndecidedError
from kgon.free_energy.phases import FreeEnergy, Phase, difference_stderr, phase, same_ball
from kgon.free_energy.theories import THEORIES
from kgon.kgons.labels import Label
from kgon.kgons.values import loss_ball, loss_parts
from kgon.numerics.balls import above, below
from kgon.potential.any_number import exact_ball

ROOT_DIGITS = 30
"""Decimal digits of the working precision of roots beyond their size."""
SMALLEST_SIZE = 1e-3
"""Smallest n at which they are looked for where nothing is an expansion in 1/n."""
LARGEST_STRENGTH = 1e7
"""Largest βn at which they are looked for."""
GRID = 1200
"""Points of log n on which a change of sign is looked for."""


@result
class CriticalSize(Result):
    """One sample size at which two phases have the same free energy.

    Attributes
    ----------
    n : float
    lower, upper : float
        Enclosure, proved for the given constants where these are affine theories of two single phases;
        otherwise floats on both sides of the change of sign.
    stderr : float or None
        Standard error of n, where a constant is sampled.
    below, above : str
        The phase with the lower F_n just below and just above n.
    """

    n: float
    lower: float
    upper: float
    stderr: float | None
    below: str
    above: str

    @classmethod
    def between(
        cls, a: FreeEnergy, b: FreeEnergy, n: float, bounds: tuple[float, float], slope: float, error: float
    ) -> CriticalSize:
        """The root at n, where F_B − F_A has a slope: where it falls, B is lower above n.

        ``error`` is the standard error of F_B − F_A, 0 where nothing was sampled.
        """
        lower, higher = (a, b) if slope < 0 else (b, a)
        stderr = error / abs(slope) if error else None
        return cls(n=n, lower=bounds[0], upper=bounds[1], stderr=stderr, below=lower.name, above=higher.name)

    @property
    def text(self) -> str:
        """Write n to the digits that are known."""
        return f"{self.n:.8g}" if self.stderr is None else with_error(self.n, self.stderr)

    def headline(self) -> str:
        return f"n = {self.text}: {self.below} → {self.above}"


def solve_crossing(energy: arb, delta_lambda: Fraction, constant: arb) -> list[arb] | None:
    """Find all n > 0 with ``energy·n + Δλ·log n + constant = 0``, each in a ball of its own.

    With κ = energy/Δλ the equation is ``κn·e^{κn} = κ e^{−constant/Δλ}``, so n = W(z)/κ with
    z = κ e^{−constant/Δλ}: one root (branch 0) for z > 0, two (branches 0 and −1) for −1/e < z < 0,
    none for z < −1/e.  Without log term the equation is linear, without linear term n is
    e^{−constant/Δλ}.

    Parameters
    ----------
    energy, constant : flint.arb
        βΔL and Δc; exactly zero must be an exact ball.
    delta_lambda : Fraction
        Δλ.

    Returns
    -------
    list of flint.arb in increasing order, or None where every n solves the equation.

    Raises
    ------
    UndecidedError
        The balls are too wide to count the roots.
    """
    no_energy = energy == 0
    if delta_lambda == 0:
        if no_energy:
            if constant == 0:
                return None
            return [] if constant != 0 else _undecided(constant)
        root = -constant / energy
        if root > 0:
            return [root]
        return [] if root <= 0 else _undecided(root)
    log_scale = -constant / exact_ball(delta_lambda)
    if no_energy:
        return [log_scale.exp()]
    kappa = energy / exact_ball(delta_lambda)
    z = kappa * log_scale.exp()
    if z > 0:
        return [z.lambertw() / kappa]
    edge = z + (-arb(1)).exp()
    if edge < 0:
        return []
    if edge > 0 and z < 0:
        # kappa < 0: branch 0 is the root nearer 0.
        return [z.lambertw() / kappa, z.lambertw(-1) / kappa]
    return _undecided(z)


def _undecided(ball: arb) -> list[arb]:
    raise UndecidedError(f"the number of roots is not decided: {ball.str(12)} is too close to a limit")


def difference(
    parts: Callable[[Label, int], tuple[Fraction, Fraction]],
    ball: Callable[[Label, int], arb],
    a: Label,
    b: Label,
    c: int,
) -> arb:
    """Subtract numbers q + r·x_k of two labels: exact, perhaps exactly zero, where x_k is the same in both.

    Parameters
    ----------
    parts, ball : callable
        The rationals (q, r) of a label, and the number itself in a ball.
    """
    (qa, ra), (qb, rb) = parts(a, c), parts(b, c)
    if (a.k == b.k and ra == rb) or (ra == rb == 0):
        return exact_ball(qb - qa)
    return ball(b, c) - ball(a, c)


def phase_of_label(side: Phase, c: int) -> Phase | None:
    """Build the phase that a label has in the catalogue, in the theory of a phase; None where it has none."""
    try:
        return phase(side.label, c, theory=side.theory)
    except KgonError:
        return None


def affine_roots(
    a: Phase, b: Phase, c: int, beta: Fraction
) -> tuple[tuple[float, float, float], tuple[CriticalSize, ...] | None]:
    """Enclose every n at which two phases of one affine theory agree: F_B − F_A = n βΔL + Δλ log n + Δc = 0.

    Returns
    -------
    deltas : (ΔL, Δλ, Δc)
    roots : tuple of CriticalSize or None
        None where the two agree for every n.

    Raises
    ------
    UndecidedError
        The balls are too wide to count the roots, or the two free energies touch.
    """
    with flint.ctx.workprec(math.ceil(ROOT_DIGITS * math.log2(10)) + 128):
        # Numbers of the catalogue's phases are subtracted exactly; those of others are taken as they are.
        known, theory = [(phase_of_label(x, c), x) for x in (a, b)], THEORIES[a.theory]
        delta_loss = b.loss - a.loss
        if all(x is not None and same_ball(x.loss, y.loss) for x, y in known):
            delta_loss = difference(loss_parts, loss_ball, a.label, b.label, c)
        delta_c = b.constant_at(beta) - a.constant_at(beta)
        if (
            theory.difference is not None
            and a.theory == b.theory
            and all(x is not None and same_ball(x.constant, y.constant) for x, y in known)
        ):
            delta_c = theory.difference(a.label, b.label, c)
        delta_lambda = b.lambda_ - a.lambda_
        energy = exact_ball(beta) * delta_loss
        found = solve_crossing(energy, delta_lambda, delta_c)
        roots = []
        for root in found or []:
            slope = energy + exact_ball(delta_lambda) / root
            if not (slope < 0 or slope > 0):
                raise UndecidedError(f"the free energies touch near n = {root.str(12)}")
            bounds, error = (below(root), above(root)), difference_stderr(a, b, float(root), beta=beta)
            roots.append(CriticalSize.between(a, b, float(root), bounds, float(slope), error))
        deltas = float(delta_loss), float(delta_lambda), float(delta_c)
        return deltas, None if found is None else tuple(roots)


def sign_changes(
    a: FreeEnergy, b: FreeEnergy, beta: Fraction, *, low: float, high: float
) -> tuple[CriticalSize, ...]:
    """Find the roots of F_B − F_A from ``low`` to ``high`` in float64: one for each change of sign."""

    def gap(log_n: float) -> float:
        n = math.exp(log_n)
        return float(b.free_energy(n, beta=beta) - a.free_energy(n, beta=beta))

    n = np.clip(np.exp(np.linspace(math.log(low), math.log(high), GRID)), low, high)
    values = b.free_energy(n, beta=beta) - a.free_energy(n, beta=beta)
    roots = []
    for k in np.flatnonzero(np.sign(values[:-1]) * np.sign(values[1:]) < 0):
        at = float(brentq(gap, math.log(n[k]), math.log(n[k + 1]), xtol=1e-13, rtol=1e-13))
        size = math.exp(at)
        slope = (gap(at + 1e-4) - gap(at - 1e-4)) / (2e-4 * size)
        error = difference_stderr(a, b, size, beta=beta)
        bounds = size * (1 - 1e-12), size * (1 + 1e-12)
        roots.append(CriticalSize.between(a, b, size, bounds, math.copysign(slope, -values[k]), error))
    return tuple(roots)
