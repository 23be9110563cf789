"""What a phase is: its numbers, its free energy of any n and β, and the error of that.

``FreeEnergy`` is all that a user of F_n relies on; ``Phase`` has it in closed form, ``SecondOrderPhase`` with
the next order, and ``Union`` takes several together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Any, ClassVar, Protocol, Self, runtime_checkable

import numpy as np
from flint import arb
from numpy.typing import ArrayLike

from kgon.base.checks import Floats, assign, exact_fraction, refusal
from kgon.base.results import Result, result
from kgon.base.text import printable
from kgon.base.verdicts import KgonError
from kgon.free_energy.constants.dead import at_strength, dead_mass
from kgon.free_energy.conventions import check_beta, check_sizes, check_theory, strengths
from kgon.free_energy.quantities import Quantity
from kgon.free_energy.theories import THEORIES
from kgon.kgons.labels import Label
from kgon.potential.any_number import exact_ball


def check_name(name: Any) -> str:
    """Read the name of a phase of one's own: text on one line, without commas and equal signs."""
    text = name.strip() if isinstance(name, str) else ""
    if not text or printable(text) != text or "," in text or "=" in text:
        raise refusal("the name of a phase", "text on one line without , and =, such as A", name)
    return text


Noise = Mapping[str, Floats]
"""Error by replicate, (R, …), by what was sampled: different sources are independent."""


@runtime_checkable
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

    def noise(self, n: ArrayLike, *, beta: Any = 1) -> Noise:
        """Give the error of F_n by source and replicate of the sampling; empty where nothing was sampled.

        Replicate i of two phases has common random numbers where they name one source: the sum of the
        products is the covariance of the two, the sum of the squares the variance.
        """
        ...


def standard_error(noise: Noise) -> Floats:
    """Compute the standard error from the error by replicate, (R, …)."""
    return np.asarray(np.sqrt(sum(np.sum(errors**2, axis=0) for errors in noise.values())))


def joint_noise(parts: Sequence[Noise]) -> Noise:
    """Add the errors of several numbers, those of one source replicate by replicate."""
    by_source: dict[str, Floats] = {}
    for part in parts:
        for source, errors in part.items():
            by_source[source] = by_source.get(source, np.zeros(())) + errors
    return by_source


def scaled_noise(noise: Noise, factor: float | Floats) -> Noise:
    """Multiply the errors of a number by a factor."""
    return {source: np.asarray(errors * factor) for source, errors in noise.items()}


def difference_stderr(a: FreeEnergy, b: FreeEnergy, n: float, *, beta: Any = 1) -> float:
    """Compute the standard error of F_B − F_A at one n, with the covariance of what has common samples."""
    both = joint_noise([b.noise(n, beta=beta), scaled_noise(a.noise(n, beta=beta), -1.0)])
    return float(standard_error(both))


@result
class GivenPhase(Result):
    """The numbers of a phase of one's own as they are written; ``--phases`` reads them back from JSON."""

    json_names: ClassVar[dict[str, str]] = {"lambda_": "lambda"}

    name: str
    loss: str
    lambda_: str
    constant: str
    multiplicity: int

    @property
    def numbers(self) -> str:
        """L, λ, c and, where it is not 1, m."""
        order = f", m = {self.multiplicity}" if self.multiplicity > 1 else ""
        return f"L = {self.loss}, λ = {self.lambda_}, c = {self.constant}{order}"

    def headline(self) -> str:
        return f"{self.name}: {self.numbers}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, init=False)
class Phase:
    """A phase with all that its free energy needs: of the catalogue, or with numbers of one's own.

    ``F_n = β n L + λ log n − (m − 1) log log n + c``.  What is given for L, λ and c is read by
    ``Quantity.read``: a number, which is exact, an estimate ``0.07±0.001`` or an enclosure
    ``[0.069, 0.071]``.

    Attributes
    ----------
    name : str
        The label as text, or a name of one's own.
    loss, lambda_, constant : Quantity
        L_α, λ_α and c_α (at β = 1).
    multiplicity : int
        m_α.
    theory : str or None
        Whose constant it is; None of a phase of one's own, which takes the conventions of any.
    gon : Label or None
        Of the catalogue's phase; None of one's own.
    attained : bool
        Whether the constant is that of a point, not an infimum over a family of points.

    Examples
    --------
    >>> mine = Phase(name="mine", loss="0.05", lambda_="17/2", constant="6.4±0.1")
    >>> print(mine)
    mine: L = 0.05, λ = 8.5, c = 6.4 ± 0.1
    """

    name: str
    loss: Quantity
    lambda_: Quantity
    constant: Quantity
    multiplicity: int
    theory: str | None
    gon: Label | None
    attained: bool

    def __init__(
        self,
        *,
        name: str = "",
        loss: Any,
        lambda_: Any,
        constant: Any = 0,
        multiplicity: Any = 1,
        theory: str | None = None,
        gon: Label | None = None,
        attained: bool = True,
    ) -> None:
        name = check_name(name or (str(gon) if gon else name))
        given = {"loss": loss, "lambda_": lambda_, "constant": constant}
        read = {
            key: Quantity.read(f"{key.rstrip('_')} of {name}", value, f"{key} of {name}")
            for key, value in given.items()
        }
        if not read["lambda_"].bounds[0] >= 0:
            raise refusal(f"lambda of {name}", "at least 0", str(read["lambda_"]))
        order = exact_fraction(multiplicity)
        if order is None or order.denominator != 1 or order < 1:
            raise refusal(f"multiplicity of {name}", "an integer of at least 1", multiplicity)
        assign(self, name=name, **read, multiplicity=int(order), gon=gon, attained=attained)
        assign(self, theory=None if theory is None else check_theory(theory))

    @property
    def label(self) -> Label:
        """The label of the catalogue's phase.

        Raises
        ------
        KgonError
            It is a phase of one's own.
        """
        if self.gon is None:
            raise KgonError(
                f"phase {self.name} is given by its numbers: a label of the catalogue is needed here"
            )
        return self.gon

    @property
    def labels(self) -> tuple[str, ...]:
        """The name, alone."""
        return (self.name,)

    @property
    def by_strength(self) -> bool:
        """Whether n enters through βn alone."""
        return self.theory is not None and THEORIES[self.theory].by_strength

    @property
    def errors(self) -> tuple[float, ...]:
        """Error of the constant by replicate of its sampling; empty where it is exact or enclosed."""
        return tuple(x for errors in self.constant.errors.values() for x in errors)

    @property
    def error(self) -> float:
        """The standard error of the constant; 0 where it is exact or enclosed."""
        return self.constant.stderr

    @property
    def written(self) -> str:
        """The label, or the phase of one's own as ``parse_phase`` reads it."""
        numbers = f"{self.loss},{self.lambda_},{self.constant},{self.multiplicity}"
        return f"{self.name}={numbers}" if self.gon is None else self.name

    def __str__(self) -> str:
        return self.record.headline()

    def agrees(self, other: Phase) -> bool:
        """Whether another phase has the same name and the very same numbers."""
        return type(self) is type(other) and all(
            x.agrees(y) if isinstance(x, Quantity) and isinstance(y, Quantity) else bool(x == y)
            for x, y in ((getattr(self, f.name), getattr(other, f.name)) for f in fields(self))
        )

    def constant_at(self, beta: Fraction) -> arb:
        """Return c_α at β, which contains λ log β where the theory knows n through βn alone."""
        constant = self.constant.enclosure()
        if self.by_strength:
            return constant + self.lambda_.enclosure() * exact_ball(beta).log()
        return constant

    def free_energy(self, n: ArrayLike, *, beta: Any = 1) -> Floats:
        """Compute F_n = β n L + λ log n − (m − 1) log log n + c in float64, for one or many n > 0.

        Raises
        ------
        KgonError
            n ≤ 1 with m > 1, where log log n is no number; F_n overflows.
        """
        size, inverse_temperature = check_sizes(n), check_beta(beta)
        with np.errstate(over="ignore"):
            energy = float(inverse_temperature) * size * float(self.loss)
        if not np.isfinite(energy).all():
            raise KgonError(f"beta n L overflows at n = {size.max():g}, beta = {beta}")
        found = energy + float(self.lambda_) * np.log(size) + float(self.constant_at(inverse_temperature))
        if self.multiplicity > 1:
            least = 1 / float(inverse_temperature) if self.by_strength else 1.0
            if (size <= least).any():
                reason = f"{self.name} has multiplicity {self.multiplicity}, for n > {least:g}: log log n"
                raise KgonError(f"{reason} is no number at n = {size.min():g}")
            found = found - (self.multiplicity - 1) * np.log(np.log(size / least))
        return np.asarray(found)

    def noise(self, n: ArrayLike, *, beta: Any = 1) -> Noise:
        """Give the error of F_n by source and replicate, (R, …): those of L, λ and c, each by its weight."""
        size, inverse = check_sizes(n), float(check_beta(beta))
        logarithm = np.log(inverse * size if self.by_strength else size)
        ones = np.ones(size.shape)
        weighted = (self.loss, inverse * size), (self.lambda_, logarithm), (self.constant, ones)
        return joint_noise(
            [
                {source: np.multiply.outer(np.asarray(errors), weight) for source, errors in x.errors.items()}
                for x, weight in weighted
            ]
        )

    @property
    def record(self) -> GivenPhase:
        """The numbers as they are written."""
        return GivenPhase(
            name=self.name, loss=str(self.loss), lambda_=str(self.lambda_), constant=str(self.constant),
            multiplicity=self.multiplicity,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, init=False)
class SecondOrderPhase(Phase):
    """A k-gon, k ≥ 5, with the next order: ``F = F_laplace − K/s − δ log(M(s)/P)``, s = βn.

    K is the coefficient of the columns that are not dead (``constants.second_order``), M(s) the mass of
    a dead column at finite n (``constants.dead``).  Left out, of order 1/s: how M changes when the live
    columns move.
    """

    order: float
    dead: int
    features: int

    def __init__(self, *, order: float, dead: int, features: int, **leading: Any) -> None:
        Phase.__init__(self, **leading)
        assign(self, order=order, dead=dead, features=features)

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

    def noise(self, n: ArrayLike, *, beta: Any = 1) -> Noise:
        """Compute the error of F_n by replicate: that of every part, by its share of the union."""
        whole = self.free_energy(n, beta=beta)
        shares = [np.exp(whole - part.free_energy(n, beta=beta)) for part in self.parts]
        noises = [part.noise(n, beta=beta) for part in self.parts]
        return joint_noise([scaled_noise(x, share) for x, share in zip(noises, shares, strict=True)])
