"""Critical sample sizes: every n at which two phases have the same free energy."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, ClassVar

import flint
import numpy as np
from flint import arb
from scipy.optimize import brentq

from kgon.base.results import Result, result
from kgon.base.text import listed, with_error
from kgon.base.verdicts import UndecidedError
from kgon.free_energy.conventions import check_beta
from kgon.free_energy.dominance import Dominance
from kgon.free_energy.phases import FreeEnergy, Phase, SecondOrderPhase, Union, phase_or_union, phases_of
from kgon.kgons.labels import Label
from kgon.kgons.names import parse_known
from kgon.kgons.values import loss_ball, loss_parts, prior_ball, prior_parts
from kgon.potential.any_number import exact_ball

ROOT_DIGITS = 30
"""Decimal digits of the working precision of roots beyond their size."""
LEAST_STRENGTH = 50.0
"""Smallest βn at which changes of sign of an expansion in 1/n are looked for: below it says nothing."""
SMALLEST_SIZE = 1e-3
"""Smallest n at which they are looked for where nothing is an expansion in 1/n."""
LARGEST_STRENGTH = 1e7
"""Largest βn at which they are looked for."""
GRID = 1200
"""Points of log n on which a change of sign is looked for."""


def solve_crossing(energy: arb, delta_lambda: Fraction, constant: arb) -> list[arb] | None:
    """All n > 0 with ``energy·n + Δλ·log n + constant = 0``, each in a ball of its own.

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


@result
class CriticalSize(Result):
    """One root of n_crit.

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

    @property
    def text(self) -> str:
        """n to the digits that are known."""
        return f"{self.n:.8g}" if self.stderr is None else with_error(self.n, self.stderr)

    def headline(self) -> str:
        return f"n = {self.text}: {self.below} → {self.above}"

    def rows(self) -> Sequence[tuple[str, str]]:
        error = [] if self.stderr is None else [("standard error", f"{self.stderr:.2g}")]
        return [("n", f"{self.n:.12g}"), ("lower", repr(self.lower)), ("upper", repr(self.upper)), *error]


@result
class Crossing(Result):
    """All n at which two phases have equal free energy.

    Attributes
    ----------
    first, second : str
        The phases A and B: labels, or several with commas between them.
    c : int
    theory : str
    beta : float
    delta_loss, delta_lambda, delta_c : float or None
        B minus A; None where a side is a union or not of the form βnL + λ log n + c.
    kind : str
        ``type A`` where ΔL < 0 < Δλ; otherwise the signs of ΔL and Δλ; empty for a union.
    everywhere : bool
        The two free energies agree for every n.
    roots : tuple of CriticalSize
        In increasing order.
    note : str
        What the roots take for granted.
    """

    schema: ClassVar[str] = "n-crit"

    first: str
    second: str
    c: int
    theory: str
    beta: float
    delta_loss: float | None
    delta_lambda: float | None
    delta_c: float | None
    kind: str
    everywhere: bool
    roots: tuple[CriticalSize, ...]
    note: str

    def headline(self) -> str:
        count = "every n" if self.everywhere else ", ".join(
            f"{r.n:.6g}" if r.stderr is None else r.text for r in self.roots
        )  # fmt: skip
        return (
            f"n_crit({self.first} → {self.second}) = {count or 'none'} "
            f"(theory {self.theory}, β = {self.beta:g})"
        )

    def _repr_latex_(self) -> str:
        sizes = ", ".join(f"{root.n:.7g}" for root in self.roots)
        first, second = (
            ",".join(parse_known(part).latex for part in listed(side)) for side in (self.first, self.second)
        )
        return rf"$n_\mathrm{{crit}}({first} \to {second}) = {sizes or 'none'}$"

    def rows(self) -> Sequence[tuple[str, str]]:
        lines = []
        if self.delta_loss is not None and self.delta_lambda is not None:
            lines = [("ΔL", f"{self.delta_loss:.12g}"), ("Δλ", f"{self.delta_lambda:g}")]
        if self.delta_c is not None:
            lines.append(("Δc", f"{self.delta_c:.12g}"))
        if self.kind:
            lines.append(("kind", self.kind))
        for root in self.roots:
            lines.append((f"{root.below} → {root.above} at n =", f"{root.n:.12g}"))
            lines.append(("  enclosure", f"[{root.lower}, {root.upper}]"))
            if root.stderr is not None:
                lines.append(("  standard error", f"{root.stderr:.2g}"))
        if not self.roots:
            lines.append(("roots", "every n" if self.everywhere else "none"))
        return [*lines, *([("note", self.note)] if self.note else [])]


def transition_kind(delta_loss: float, delta_lambda: float) -> str:
    """``type A`` where the loss falls and λ rises; otherwise the signs."""
    if delta_loss < 0 < delta_lambda:
        return "type A"

    def sign(x: float) -> str:
        return "<" if x < 0 else ">" if x > 0 else "="

    return f"ΔL {sign(delta_loss)} 0, Δλ {sign(delta_lambda)} 0"


# --- two single phases: the Lambert W function in balls ----------------------------------------------


def _difference(a: Label, b: Label, c: int) -> tuple[arb, arb]:
    """ΔL and Δ½‖w‖², exactly zero where the two labels share the algebraic number."""

    def delta(
        parts: Callable[[Label, int], tuple[Fraction, Fraction]], ball: Callable[[Label, int], arb]
    ) -> arb:
        (qa, ra), (qb, rb) = parts(a, c), parts(b, c)
        if (a.k == b.k and ra == rb) or (ra == rb == 0):
            return exact_ball(qb - qa)
        return ball(b, c) - ball(a, c)

    return delta(loss_parts, loss_ball), delta(prior_parts, prior_ball)


def _float_bounds(root: arb) -> tuple[float, float]:
    """Floats that certainly lie below and above the ball."""
    low, high = float(root.lower()), float(root.upper())
    return math.nextafter(low, -math.inf), math.nextafter(high, math.inf)


def _affine_crossing(a: Phase, b: Phase, c: int, beta: Fraction) -> Crossing:
    bits = math.ceil(ROOT_DIGITS * math.log2(10)) + 128
    with flint.ctx.workprec(bits):
        delta_loss, delta_prior = _difference(a.label, b.label, c)
        delta_c = delta_prior if a.theory == "prior" else b.constant_at(beta) - a.constant_at(beta)
        delta_lambda = b.lambda_ - a.lambda_
        energy = exact_ball(beta) * delta_loss
        found = solve_crossing(energy, delta_lambda, delta_c)
        error = math.hypot(a.error, b.error)
        roots = []
        for root in found or []:
            # F_B − F_A is decreasing at the root where βΔL + Δλ/n < 0: B is lower above it.
            slope = energy + exact_ball(delta_lambda) / root
            falling = slope < 0
            if not falling and not slope > 0:
                raise UndecidedError(f"the free energies touch near n = {root.str(12)}")
            names = (a.name, b.name) if falling else (b.name, a.name)
            low, high = _float_bounds(root)
            roots.append(
                CriticalSize(
                    n=float(root),
                    lower=low,
                    upper=high,
                    below=names[0],
                    above=names[1],
                    stderr=error / abs(float(slope)) if error else None,
                )
            )
    notes = []
    infima = [p.name for p in (a, b) if a.theory == "prior" and _is_infimum(p.label, c)]
    if infima:
        names_text = " and ".join(dict.fromkeys(infima))
        notes.append(f"c of {names_text} is an infimum over its flat family, not attained")
    if error:
        notes.append(f"enclosures for the given constants, whose difference has standard error {error:.2g}")
    return Crossing(
        first=a.name, second=b.name, c=c, theory=a.theory, beta=float(beta),
        delta_loss=float(delta_loss), delta_lambda=float(delta_lambda), delta_c=float(delta_c),
        kind=transition_kind(float(delta_loss), float(delta_lambda)),
        everywhere=found is None, roots=tuple(roots), note="; ".join(notes),
    )  # fmt: skip


def _is_infimum(label: Label, c: int) -> bool:
    roles = label.roles(c)
    return "dead" in roles or "switched-off" in roles


# --- any two free energies: changes of sign ------------------------------------------------------------


def sign_changes(
    a: FreeEnergy, b: FreeEnergy, beta: Fraction, *, low: float, high: float
) -> tuple[CriticalSize, ...]:
    """Roots of F_B − F_A for ``low`` ≤ n ≤ ``high``, in float64: one for each change of sign on a grid."""

    def gap(log_n: float) -> float:
        n = math.exp(log_n)
        return float(b.free_energy(n, beta=beta) - a.free_energy(n, beta=beta))

    x = np.linspace(math.log(low), math.log(high), GRID)
    n = np.clip(np.exp(x), low, high)
    values = b.free_energy(n, beta=beta) - a.free_energy(n, beta=beta)
    roots = []
    for k in np.flatnonzero(np.sign(values[:-1]) * np.sign(values[1:]) < 0):
        at = float(brentq(gap, math.log(n[k]), math.log(n[k + 1]), xtol=1e-13, rtol=1e-13))
        size = math.exp(at)
        slope = (gap(at + 1e-4) - gap(at - 1e-4)) / (2e-4 * size)
        error = math.hypot(float(a.stderr(size, beta=beta)), float(b.stderr(size, beta=beta)))
        names = (a.name, b.name) if values[k] > 0 else (b.name, a.name)
        roots.append(
            CriticalSize(
                n=size,
                lower=size * (1 - 1e-12),
                upper=size * (1 + 1e-12),
                below=names[0],
                above=names[1],
                stderr=error / abs(slope) if error else None,
            )
        )
    return tuple(roots)


def crossing(a: FreeEnergy, b: FreeEnergy, c: int, *, theory: str, beta: Any = 1) -> Crossing:
    """All n at which two free energies agree: closed form for two affine phases, else changes of sign."""
    inverse_temperature = check_beta(beta)
    single = isinstance(a, Phase) and isinstance(b, Phase)
    if set(a.labels) == set(b.labels):
        zero = 0.0 if single else None
        return Crossing(
            first=a.name, second=b.name, c=c, theory=theory, beta=float(inverse_temperature),
            delta_loss=zero, delta_lambda=zero, delta_c=zero, kind="", everywhere=True, roots=(), note="",
        )  # fmt: skip
    expansion = any(isinstance(part, SecondOrderPhase) for side in (a, b) for part in parts_of(side))
    if single and not expansion:
        assert isinstance(a, Phase) and isinstance(b, Phase)
        return _affine_crossing(a, b, c, inverse_temperature)
    least = LEAST_STRENGTH / float(inverse_temperature) if expansion else SMALLEST_SIZE
    most = LARGEST_STRENGTH / float(inverse_temperature)
    delta_loss = delta_lambda = None
    if isinstance(a, Phase) and isinstance(b, Phase):
        delta_loss, delta_lambda = float(b.loss - a.loss), float(b.lambda_ - a.lambda_)
    return Crossing(
        first=a.name, second=b.name, c=c, theory=theory, beta=float(inverse_temperature),
        delta_loss=delta_loss, delta_lambda=delta_lambda, delta_c=None,
        kind="" if delta_loss is None or delta_lambda is None else transition_kind(delta_loss, delta_lambda),
        everywhere=False, roots=sign_changes(a, b, inverse_temperature, low=least, high=most),
        note=f"changes of sign in float64, {least:g} <= n <= {most:g}",
    )  # fmt: skip


def parts_of(side: FreeEnergy) -> tuple[FreeEnergy, ...]:
    """The phases of a union, or the phase itself."""
    return side.parts if isinstance(side, Union) else (side,)


def n_crit(
    first: Label | str,
    second: Label | str,
    c: int = 6,
    *,
    theory: str = "prior",
    beta: Any = 1,
) -> Crossing:
    """All sample sizes at which two phases have the same free energy.

    For two phases of an affine theory ``n β ΔL + Δλ log n + Δc = 0`` is solved by the Lambert W function in
    ball arithmetic (Chen et al. 2023, the equation of n_cr); otherwise changes of sign are located.

    Parameters
    ----------
    first, second : Label or str
        The phases A and B; text may name several, ``5,5+``, taken together.
    c : int
        Features.
    theory : {"none", "prior", "laplace", "laplace2"}
        Constant c_α; sampled evidence is in ``kgon.experiments.posterior.evidence``.
    beta : number or str
        Inverse temperature; text is read exactly.

    Returns
    -------
    Crossing

    Raises
    ------
    KgonError
        Unknown label or theory, β ≤ 0, or a phase whose λ is not known.

    Examples
    --------
    >>> [round(root.n, 4) for root in n_crit("5", "6").roots]
    [0.1599, 601.0052]
    >>> round(n_crit("5", "6", theory="laplace").roots[-1].n, 2)
    112.41
    """
    a, b = (phase_or_union(label, c, theory=theory) for label in (first, second))
    return crossing(a, b, c, theory=theory, beta=beta)


def all_crossings(c: int = 6, *, theory: str = "laplace", beta: Any = 1) -> list[Crossing]:
    """n_crit of every ordered pair of phases, from the higher loss to the lower.

    The reverse pair has the same roots.
    """
    phases = phases_of(c, theory=theory)
    return [
        crossing(a, b, c, theory=theory, beta=beta) for i, b in enumerate(phases) for a in phases[i + 1 :]
    ]


# --- dominance -----------------------------------------------------------------------------------------


def dominant_phases(
    c: int = 6,
    *,
    theory: str = "prior",
    beta: Any = 1,
    among: Sequence[Label | str] | None = None,
) -> list[Dominance]:
    """Which phase has the lowest F_n, for n ≥ 1 (``laplace2``: βn ≥ 50).

    Parameters
    ----------
    c, theory, beta
        As in ``n_crit``.
    among : sequence of labels, optional
        The phases to compare; default as in ``phases_of``.

    Examples
    --------
    >>> [p.headline() for p in dominant_phases(among=["5", "5+", "6"])]
    ['5+: n from 1 to 1.00233', '5: n from 1.00233 to 601.005', '6: n from 601.005 to ∞']
    """
    phases = phases_of(c, theory=theory, among=among)
    # Below LEAST_STRENGTH nothing is said of an expansion in 1/n.
    least = LEAST_STRENGTH / float(check_beta(beta)) if theory == "laplace2" else 1.0
    crossings = [
        root.n
        for i, a in enumerate(phases)
        for b in phases[i + 1 :]
        for root in crossing(a, b, c, theory=theory, beta=beta).roots
        if root.n > least
    ]
    edges = [least]
    for n in sorted(crossings):
        if n > edges[-1] * (1 + 1e-12):  # three phases may meet in one n
            edges.append(n)
    found: list[tuple[str, float | None]] = []
    for low, up in zip(edges, [*edges[1:], 4 * edges[-1]], strict=True):
        middle = (low * up) ** 0.5
        lowest = min(phases, key=lambda p: float(p.free_energy(middle, beta=beta)))
        if not found or found[-1][0] != lowest.name:
            found.append((lowest.name, low if found or least > 1 else None))
    ends = [start for _, start in found[1:]] + [None]
    return [
        Dominance(label=label, n_from=start, n_to=stop)
        for (label, start), stop in zip(found, ends, strict=True)
    ]
