"""Free energy F_n, critical sample sizes n_crit, phase occupancy and dominant phases, by theory.

``F_n(α) = β n L_α + λ_α log n + c_α``; the occupancy of a phase is ``e^{−F_n(α)} / Σ e^{−F_n}``.  The
constant c_α is ``none`` (0) or ``prior`` (½‖w*‖², the published choice; for a flat family its
infimum).  β is always explicit: β = 1 is the convention of the published n_crit = 601.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar

import flint
import numpy as np
from flint import arb, fmpq
from numpy.typing import ArrayLike

from kgon.catalogue import Catalogue, as_label, loss_ball, loss_parts, prior_ball, prior_parts
from kgon.geometry import Label
from kgon.model import Floats, real_array
from kgon.results import KgonError, Result, UndecidedError, result

THEORIES = ("none", "prior")
"""Choices of the constant c_α that are available."""
ROOT_DIGITS = 30
"""Decimal digits of the working precision of roots beyond their size."""


def check_theory(theory: str) -> str:
    """The theory itself, or an error that lists the choices."""
    if theory not in THEORIES:
        raise KgonError(f"theory must be one of {', '.join(THEORIES)}, got {theory!r}")
    return theory


BETA_RANGE = (Fraction(1, 10**100), Fraction(10**100))
"""Smallest and largest β."""


def check_beta(beta: Any) -> Fraction:
    """β as an exact fraction; positive.  Text such as ``0.1`` or ``1/2`` is read exactly."""
    value = beta.item() if isinstance(beta, np.generic) else beta
    try:
        if isinstance(value, str) and "/" not in value:
            value = Decimal(value)
            # The fraction of 1e999999999 would fill the memory before its size could be tested.
            if not (value.is_finite() and abs(value.adjusted()) <= 101):
                raise ValueError
        exact = Fraction(value)
    except (ValueError, TypeError, ArithmeticError):
        raise KgonError(f"beta must be a positive number from 1e-100 to 1e100, got {beta!r}") from None
    if not BETA_RANGE[0] <= exact <= BETA_RANGE[1]:
        raise KgonError(f"beta must be a positive number from 1e-100 to 1e100, got {beta!r}")
    return exact


def _exact(x: Fraction) -> arb:
    return arb(fmpq(x.numerator, x.denominator))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Phase:
    """A k-gon as a phase: what its free energy needs.

    Attributes
    ----------
    label : Label
    loss, constant : flint.arb
        Enclosures of L_α and c_α.
    lambda_ : Fraction
        λ_α.
    """

    label: Label
    loss: arb
    lambda_: Fraction
    constant: arb

    def free_energy(self, n: ArrayLike, *, beta: Any = 1) -> Floats:
        """F_n = β n L + λ log n + c in float64, for one or many n > 0."""
        size = check_sizes(n)
        with np.errstate(over="ignore"):
            energy = float(check_beta(beta)) * size * float(self.loss)
        if not np.isfinite(energy).all():
            raise KgonError(f"beta n L overflows at n = {size.max():g}, beta = {beta}")
        return np.asarray(energy + float(self.lambda_) * np.log(size) + float(self.constant))


def check_sizes(n: ArrayLike) -> Floats:
    """Sample sizes as floats: positive and finite."""
    size = real_array("n", n)
    if not (np.isfinite(size).all() and (size > 0).all()):
        raise KgonError(f"n must be positive and finite, got {n!r}")
    return size


def phase(label: Label | str, c: int = 6, *, theory: str = "prior") -> Phase:
    """The phase of one label.

    Raises
    ------
    KgonError
        The label cannot occur at this c, or its λ is not known: not a local minimum, or a k-gon at a kink of
        the gradient.
    """
    check_theory(theory)
    point = Catalogue(c)[as_label(label)]
    if point.lambda_ is None:
        if point.is_minimum is False:
            reason = "it is not a local minimum"
        elif not point.smooth:
            reason = "L is not C² there, so that the rank of the Hessian does not give it"
        elif point.eigenvalues_zero == 3 * c:
            reason = "L is constant near it, and no constant c of such an open region is defined here"
        else:
            reason = "the Hessian has more zero directions than the known flat ones"
        known = ", ".join(str(p.name) for p in Catalogue(c).phases())
        raise KgonError(f"lambda of {point.name} is not known: {reason} (known: {known})")
    constant = prior_ball(point.name, c) if theory == "prior" else arb(0)
    return Phase(label=point.name, loss=loss_ball(point.name, c), lambda_=point.lambda_, constant=constant)


def phases_of(c: int = 6, *, theory: str = "prior") -> list[Phase]:
    """All phases with a known λ, by loss; an error where there is none (c = 4)."""
    known = [phase(point.name, c, theory=theory) for point in Catalogue(c).phases()]
    if not known:
        raise KgonError(f"no phase with a known lambda at c = {c}")
    return known


def comparison_note(c: int = 6) -> str:
    """Which phases are compared, and which local minima are left out because their λ is not known."""
    points = Catalogue(c)
    compared = ", ".join(str(p.name) for p in points.phases())
    omitted = [str(p.name) for p in points if p.lambda_ is None and p.is_minimum is not False]
    return f"compared: {compared}; left out, as lambda is not known: {', '.join(omitted) or 'none'}"


# --- n_crit ------------------------------------------------------------------------------------


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
    log_scale = -constant / _exact(delta_lambda)
    if no_energy:
        return [log_scale.exp()]
    kappa = energy / _exact(delta_lambda)
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
    """One root of n_crit with its enclosure; ``below`` is the phase with lower F_n just below it."""

    schema: ClassVar[str] = "critical-size"

    n: float
    lower: float
    upper: float
    below: str
    above: str

    def headline(self) -> str:
        return f"n = {self.n:.10g}: {self.below} → {self.above}"

    def rows(self) -> Sequence[tuple[str, str]]:
        return [("n", f"{self.n:.12g}"), ("lower", repr(self.lower)), ("upper", repr(self.upper))]


@result
class Crossing(Result):
    """All n at which two phases have equal free energy.

    Attributes
    ----------
    first, second : str
        The labels A and B.
    c : int
    theory : str
    beta : float
    delta_loss, delta_lambda, delta_c : float
        B minus A.
    everywhere : bool
        The two free energies agree for every n.
    roots : tuple of CriticalSize
        In increasing order; enclosures (floats, rounded outwards) are proved for the given λ and
        constants.
    note : str
        What the enclosures take for granted.
    """

    schema: ClassVar[str] = "n-crit"

    first: str
    second: str
    c: int
    theory: str
    beta: float
    delta_loss: float
    delta_lambda: float
    delta_c: float
    everywhere: bool
    roots: tuple[CriticalSize, ...]
    note: str

    def headline(self) -> str:
        count = "every n" if self.everywhere else ", ".join(f"{r.n:.6g}" for r in self.roots)
        return (
            f"n_crit({self.first} → {self.second}) = {count or 'none'} "
            f"(theory {self.theory}, β = {self.beta:g})"
        )

    def _repr_latex_(self) -> str:
        sizes = ", ".join(f"{root.n:.7g}" for root in self.roots)
        first, second = (Label.parse(label).latex for label in (self.first, self.second))
        return rf"$n_\mathrm{{crit}}({first} \to {second}) = {sizes or 'none'}$"

    def rows(self) -> Sequence[tuple[str, str]]:
        lines = [
            ("ΔL", f"{self.delta_loss:.12g}"),
            ("Δλ", f"{self.delta_lambda:g}"),
            ("Δc", f"{self.delta_c:.12g}"),
        ]
        for root in self.roots:
            lines.append((f"{root.below} → {root.above} at n =", f"{root.n:.12g}"))
            lines.append(("  enclosure", f"[{root.lower}, {root.upper}]"))
        if not self.roots:
            lines.append(("roots", "every n" if self.everywhere else "none"))
        return [*lines, *([("note", self.note)] if self.note else [])]


def _difference(a: Label, b: Label, c: int) -> tuple[arb, arb]:
    """ΔL and Δ½‖w‖², exactly zero where the two labels share the algebraic number."""

    def delta(
        parts: Callable[[Label, int], tuple[Fraction, Fraction]], ball: Callable[[Label, int], arb]
    ) -> arb:
        (qa, ra), (qb, rb) = parts(a, c), parts(b, c)
        if (a.k == b.k and ra == rb) or (ra == rb == 0):
            return _exact(qb - qa)
        return ball(b, c) - ball(a, c)

    return delta(loss_parts, loss_ball), delta(prior_parts, prior_ball)


def _float_bounds(root: arb) -> tuple[float, float]:
    """Floats that certainly lie below and above the ball."""
    low, high = float(root.lower()), float(root.upper())
    return math.nextafter(low, -math.inf), math.nextafter(high, math.inf)


def n_crit(
    first: Label | str,
    second: Label | str,
    c: int = 6,
    *,
    theory: str = "prior",
    beta: Any = 1,
) -> Crossing:
    """All sample sizes at which two phases have the same free energy.

    Solves ``n β ΔL + Δλ log n + Δc = 0`` (Chen et al. 2023, the equation of n_cr) by the Lambert W
    function in ball arithmetic.

    Parameters
    ----------
    first, second : Label or str
        The phases A and B.
    c : int
        Features.
    theory : {"none", "prior"}
        Constant c_α.
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
    >>> n_crit("5", "6", theory="none").roots[-1].n > 300
    True
    """
    inverse_temperature = check_beta(beta)
    a, b = phase(first, c, theory=theory), phase(second, c, theory=theory)
    bits = math.ceil(ROOT_DIGITS * math.log2(10)) + 128
    with flint.ctx.workprec(bits):
        delta_loss, delta_prior = _difference(a.label, b.label, c)
        delta_c = delta_prior if theory == "prior" else arb(0)
        delta_lambda = b.lambda_ - a.lambda_
        energy = _exact(inverse_temperature) * delta_loss
        found = solve_crossing(energy, delta_lambda, delta_c)
        roots = []
        for root in found or []:
            # F_B − F_A is decreasing at the root where βΔL + Δλ/n < 0: B is lower above it.
            slope = energy + _exact(delta_lambda) / root
            falling = slope < 0
            if not falling and not slope > 0:
                raise UndecidedError(f"the free energies touch near n = {root.str(12)}")
            names = str(a.label), str(b.label)
            below, above = names if falling else names[::-1]
            low, high = _float_bounds(root)
            roots.append(CriticalSize(n=float(root), lower=low, upper=high, below=below, above=above))
    infima = [str(p.label) for p in (a, b) if theory == "prior" and _is_infimum(p.label, c)]
    note = (
        f"c of {' and '.join(dict.fromkeys(infima))} is an infimum over its flat family, not attained"
        if infima
        else ""
    )
    return Crossing(
        first=str(a.label),
        second=str(b.label),
        c=c,
        theory=theory,
        beta=float(inverse_temperature),
        delta_loss=float(delta_loss),
        delta_lambda=float(delta_lambda),
        delta_c=float(delta_c),
        everywhere=found is None,
        roots=tuple(roots),
        note=note,
    )


def _is_infimum(label: Label, c: int) -> bool:
    roles = label.roles(c)
    return "dead" in roles or "switched-off" in roles


# --- occupancy and dominance ---------------------------------------------------------------------


def occupancy(
    n: Floats | Sequence[float], c: int = 6, *, theory: str = "prior", beta: Any = 1
) -> dict[str, Floats]:
    """Probability of each phase with a known λ, by sample size: label → (len(n),) array.

    Phases whose λ is not known are left out (``comparison_note`` names them); at small n they matter.

    Examples
    --------
    >>> at = occupancy([300.0, 900.0])
    >>> bool(at["5"][0] > at["6"][0]), bool(at["6"][1] > at["5"][1])
    (True, True)
    """
    sizes = np.atleast_1d(check_sizes(n))
    phases = phases_of(c, theory=theory)
    energies = np.array([p.free_energy(sizes, beta=beta) for p in phases])
    weights = np.exp(energies.min(axis=0) - energies)
    shares = weights / weights.sum(axis=0)
    return {str(p.label): row for p, row in zip(phases, shares, strict=True)}


@result
class Dominance(Result):
    """A range of n on which one phase has the lowest free energy; open ends are None."""

    schema: ClassVar[str] = "dominance"

    label: str
    n_from: float | None
    n_to: float | None

    def headline(self) -> str:
        low = "1" if self.n_from is None else f"{self.n_from:.6g}"
        high = "∞" if self.n_to is None else f"{self.n_to:.6g}"
        return f"{self.label}: n from {low} to {high}"

    def rows(self) -> Sequence[tuple[str, str]]:
        return [("label", self.label), ("n_from", str(self.n_from)), ("n_to", str(self.n_to))]


def dominant_phases(c: int = 6, *, theory: str = "prior", beta: Any = 1) -> list[Dominance]:
    """Which phase with a known λ has the lowest F_n, for n ≥ 1 (crossings below n = 1 mean nothing).

    Phases whose λ is not known are left out (``comparison_note`` names them); at small n they matter.

    Examples
    --------
    >>> [p.headline() for p in dominant_phases()]
    ['5+: n from 1 to 1.00233', '5: n from 1.00233 to 601.005', '6: n from 601.005 to ∞']
    """
    phases = phases_of(c, theory=theory)
    crossings = [
        root.n
        for i, a in enumerate(phases)
        for b in phases[i + 1 :]
        for root in n_crit(a.label, b.label, c, theory=theory, beta=beta).roots
        if root.n > 1
    ]
    edges = [1.0, *sorted(crossings)]
    found: list[tuple[str, float | None]] = []
    for low, high in zip(edges, [*edges[1:], 4 * edges[-1]], strict=True):
        middle = (low * high) ** 0.5
        lowest = min(phases, key=lambda p: float(p.free_energy(middle, beta=beta)))
        if not found or found[-1][0] != str(lowest.label):
            found.append((str(lowest.label), low if found else None))
    ends = [start for _, start in found[1:]] + [None]
    return [
        Dominance(label=label, n_from=start, n_to=end)
        for (label, start), end in zip(found, ends, strict=True)
    ]
