"""Describe phases by their free energies, of any theory.

``F_n(α) = β n L_α + λ_α log n + c_α``, with the constant c_α of a theory (``kgon.free_energy.theories``).
β is always explicit: β = 1 is the convention of the published n_crit = 601.  ``phase`` and ``phases_of`` are
where phases come from; ``Union`` takes several together; ``FreeEnergy`` is all that a user of F_n relies on.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from fractions import Fraction
from functools import lru_cache
from typing import Any, Protocol, Self

import numpy as np
from flint import arb
from numpy.typing import ArrayLike

from kgon.base.checks import Floats
from kgon.base.text import listed
from kgon.base.verdicts import KgonError
from kgon.free_energy.constants.dead import at_strength, dead_mass
from kgon.free_energy.conventions import check_beta, check_sizes, check_theory, strengths
from kgon.free_energy.theories import THEORIES, Theory
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.kgons.values import as_label, list_labels, loss_ball
from kgon.potential.any_number import exact_ball


def same_ball(x: arb, y: arb) -> bool:
    """Whether two balls are the same: midpoint and radius, not only the number that they hold."""
    return bool(x.mid() == y.mid()) and bool(x.rad() == y.rad())


class FreeEnergy(Protocol):
    """Anything with a free energy: a phase of a theory, a union of phases, a sampled basin."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The label of a phase, or those of a union."""
        ...

    @property
    def name(self) -> str:
        """The labels with commas between them."""
        ...

    def free_energy(self, n: ArrayLike, *, beta: Any = 1) -> Floats:
        """Compute F_n in nats, for one or many n > 0."""
        ...

    def noise(self, n: ArrayLike, *, beta: Any = 1) -> Floats:
        """Give the error of F_n by replicate of the sampling, (R, …); R is 0 where nothing was sampled.

        Replicate i of two phases may have common random numbers: the sum of the products is the covariance of
        the two, the sum of the squares the variance.
        """
        ...


def standard_error(noise: Floats) -> Floats:
    """Compute the standard error from the error by replicate, (R, …)."""
    return np.asarray(np.sqrt(np.sum(noise**2, axis=0)))


def joint_noise(parts: Sequence[Floats]) -> Floats:
    """Add the errors by replicate of several numbers; of different numbers of replicates as independent."""
    by_count: dict[int, Floats] = {}
    for part in parts:
        by_count[len(part)] = by_count.get(len(part), np.zeros(())) + part
    return np.concatenate(list(by_count.values()))


def difference_stderr(a: FreeEnergy, b: FreeEnergy, n: float, *, beta: Any = 1) -> float:
    """Compute the standard error of F_B − F_A at one n, with the covariance of what has common samples."""
    return float(standard_error(joint_noise([b.noise(n, beta=beta), -a.noise(n, beta=beta)])))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Phase:
    """A k-gon as a phase, with all that its free energy needs.

    Attributes
    ----------
    label : Label
    loss, constant : flint.arb
        Enclosures of L_α and c_α (at β = 1).
    lambda_ : Fraction
        λ_α.
    theory : str
    errors : tuple of float
        Error of the constant by replicate of its sampling (``FreeEnergy.noise``); empty where it is enclosed.
    attained : bool
        Whether the constant is that of a point, not an infimum over a family of points.
    """

    label: Label
    loss: arb
    lambda_: Fraction
    constant: arb
    theory: str = "none"
    errors: tuple[float, ...] = ()
    attained: bool = True

    @property
    def labels(self) -> tuple[str, ...]:
        """The label as text, alone."""
        return (self.name,)

    @property
    def name(self) -> str:
        """The label as text."""
        return str(self.label)

    @property
    def error(self) -> float:
        """The standard error of the constant; 0 where it is enclosed."""
        return math.hypot(*self.errors)

    def agrees(self, other: Phase) -> bool:
        """Whether another phase has the same label and the very same numbers."""
        return type(self) is type(other) and all(
            same_ball(x, y) if isinstance(x, arb) and isinstance(y, arb) else bool(x == y)
            for x, y in ((getattr(self, f.name), getattr(other, f.name)) for f in fields(self))
        )

    def constant_at(self, beta: Fraction) -> arb:
        """Return c_α at β, which contains λ log β where the theory knows n through βn alone."""
        if THEORIES[self.theory].by_strength:
            return self.constant + exact_ball(self.lambda_) * exact_ball(beta).log()
        return self.constant

    def free_energy(self, n: ArrayLike, *, beta: Any = 1) -> Floats:
        """Compute F_n = β n L + λ log n + c in float64, for one or many n > 0."""
        size, inverse_temperature = check_sizes(n), check_beta(beta)
        with np.errstate(over="ignore"):
            energy = float(inverse_temperature) * size * float(self.loss)
        if not np.isfinite(energy).all():
            raise KgonError(f"beta n L overflows at n = {size.max():g}, beta = {beta}")
        constant = float(self.constant_at(inverse_temperature))
        return np.asarray(energy + float(self.lambda_) * np.log(size) + constant)

    def noise(self, n: ArrayLike, *, beta: Any = 1) -> Floats:
        """Give the error of the constant by replicate, (R, …)."""
        return np.asarray(np.multiply.outer(self.errors, np.ones(np.shape(check_sizes(n)))))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SecondOrderPhase(Phase):
    """A k-gon, k ≥ 5, with the next order: ``F = F_laplace − K/s − δ log(M(s)/P)``, s = βn.

    K is the coefficient of the columns that are not dead (``constants.second_order``), M(s) the mass of
    a dead column at finite n (``constants.dead``).  Left out, of order 1/s: how M changes when the live
    columns move.
    """

    order: float
    dead: int
    features: int

    @classmethod
    def of(cls, leading: Phase, **more: Any) -> Self:
        """Return a phase of the leading order with what the next order needs."""
        return cls(**{field.name: getattr(leading, field.name) for field in fields(leading)}, **more)

    def free_energy(self, n: ArrayLike, *, beta: Any = 1) -> Floats:
        """Compute F_n to the next order in float64, for one or many n > 0."""
        leading = Phase.free_energy(self, n, beta=beta)
        strength = strengths(n, beta)
        gain = self.order / strength
        if self.dead:
            mass = at_strength(self.label.k, self.features, strength)
            gain = gain + self.dead * np.log(mass / float(dead_mass(self.label.k)))
        return np.asarray(leading - gain)


@dataclass(frozen=True, slots=True, eq=False)
class Union:
    """Several phases taken together: ``F = −log Σ e^{−F_α}``."""

    parts: tuple[FreeEnergy, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of all parts."""
        return tuple(label for part in self.parts for label in part.labels)

    @property
    def name(self) -> str:
        """The labels with commas between them."""
        return ",".join(self.labels)

    def free_energy(self, n: ArrayLike, *, beta: Any = 1) -> Floats:
        """Compute F_n of the union."""
        energies = np.array([part.free_energy(n, beta=beta) for part in self.parts])
        return np.asarray(-np.logaddexp.reduce(-energies, axis=0))

    def noise(self, n: ArrayLike, *, beta: Any = 1) -> Floats:
        """Compute the error of F_n by replicate: that of every part, by its share of the union."""
        whole = self.free_energy(n, beta=beta)
        return joint_noise(
            [np.exp(whole - part.free_energy(n, beta=beta)) * part.noise(n, beta=beta) for part in self.parts]
        )


def phase(label: Label | str, c: int = 6, *, theory: str = "prior") -> Phase:
    """Build the phase of one label.

    Raises
    ------
    KgonError
        The label cannot occur at this c, its λ is not known (not a local minimum, or undecided), or the
        theory does not have its constant.
    """
    return _phase(Catalogue(c)[as_label(label)].name, Catalogue(c).c, THEORIES[check_theory(theory)])


@lru_cache(maxsize=1024)
def _phase(label: Label, c: int, theory: Theory) -> Phase:
    point = Catalogue(c)[label]
    if point.lambda_ is None:
        reason = "it is not a local minimum" if point.is_minimum is False else "nothing decides it"
        known = ", ".join(str(p.name) for p in Catalogue(c).phases())
        raise KgonError(f"lambda of {point.name} is not known: {reason} (known: {known})")
    loss = loss_ball(point.name, c)
    bare = Phase(label=point.name, loss=loss, lambda_=point.lambda_, constant=arb(0), theory=theory.name)
    return theory.build(bare, c)


def phase_or_union(text: Label | str, c: int = 6, *, theory: str = "prior") -> FreeEnergy:
    """Build the phase of a label, or of several with commas between them, such as ``5,5+``.

    Examples
    --------
    >>> both = phase_or_union("5,5+", theory="prior")
    >>> bool(both.free_energy(300.0) < phase("5", theory="prior").free_energy(300.0))
    True
    """
    names = [as_label(part) for part in (listed(text) if isinstance(text, str) else [text])]
    if len(set(names)) < len(names):
        raise KgonError(f"a union names each phase once, got {text!r}")
    parts = tuple(phase(name, c, theory=theory) for name in names)
    return parts[0] if len(parts) == 1 else Union(parts)


def phases_of(
    c: int = 6, *, theory: str = "prior", among: Sequence[Label | str] | None = None
) -> list[Phase]:
    """List the phases to compare, by loss: by default every local minimum whose constant the theory has.

    ``4--:opposite`` is left out by default: its flat set meets that of ``4--``, where λ is smaller, and has
    no constant of its own.

    Raises
    ------
    KgonError
        As ``phase``; nothing to compare.
    """
    check_theory(theory)
    if among is not None:
        among = list_labels(among)
        found = [phase(label, c, theory=theory) for label in among]
        if len({p.label for p in found}) < len(found) or not found:
            raise KgonError(f"the phases to compare must be different and at least one, got {among!r}")
        return sorted(found, key=lambda p: float(p.loss))
    known = []
    for point in Catalogue(c).phases():
        if point.configuration == "adjacent":
            try:
                known.append(phase(point.name, c, theory=theory))
            except KgonError:  # the theory has no constant for it: ``comparison_note`` names it
                continue
    if not known:
        raise KgonError(f"no phase at c = {c} has a constant in theory {theory}")
    return known


def comparison_note(c: int = 6, *, theory: str = "prior", among: Sequence[Label | str] | None = None) -> str:
    """Say which phases are compared, and which local minima are left out."""
    compared = {p.label for p in phases_of(c, theory=theory, among=among)}
    note = f"compared: {', '.join(map(str, sorted(compared)))}; local minima left out: "
    note += ", ".join(minima_left_out(c, compared)) or "none"
    return note + ("; an expansion in 1/n, good for large n only" if THEORIES[theory].expansion else "")


def minima_left_out(c: int, compared: Collection[Label]) -> tuple[str, ...]:
    """List the k-gons that may be local minima and are not among those that are compared."""
    return tuple(
        str(p.name)
        for p in Catalogue(c)
        if p.name not in compared and p.is_minimum is not False and p.configuration == "adjacent"
    )


def polygon_phases(c: int = 6) -> list[Label]:
    """List the local minima with k ≥ 5, by loss: at c = 6 those that the text compares; at c = 4, all."""
    points = [p.name for p in Catalogue(c).phases() if p.configuration == "adjacent"]
    return [name for name in points if name.k > 4] or points


TEXT_PHASES = ("5", "5+", "6")
"""The phases that the text compares at c = 6."""
