"""The theories of the free energy: what each takes for the constant c_α, declared in one place.

A theory is a function that takes a phase with c_α = 0 and returns it with the constant of the theory.  What
is declared here ``phase`` and ``check_theory`` accept, ``--theory`` offers, and the documentation lists.
What is heavy is imported within the functions, as the command line reads this list whenever it starts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from kgon.base.verdicts import KgonError

if TYPE_CHECKING:
    from kgon.free_energy.constants.square import SquareConstant
    from kgon.free_energy.energies import Phase

LEAST_STRENGTH = 50.0
"""Smallest βn of an expansion in 1/n: below it says nothing."""
Build = Callable[["Phase", int], "Phase"]
"""From a phase with c_α = 0, and the number of features c, to the phase of a theory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Theory:
    """What the free energy F_n = βnL + λ log n + c_α of a phase is taken to be.

    Attributes
    ----------
    name : str
    meaning : str
        What it takes for c_α, in words.
    formula : str
        F_n in LaTeX, as the documentation has it.
    build : callable
        The function that was declared; it raises ``KgonError`` where the theory has no constant.
    by_strength : bool
        Whether n enters through βn alone, so that λ log(βn) stands in the place of λ log n.
    expansion : bool
        Whether F_n is an expansion in 1/n, good for large n only.
    """

    name: str
    meaning: str
    formula: str
    build: Build
    by_strength: bool = False
    expansion: bool = False

    @property
    def least_strength(self) -> float:
        """The βn from which on it says anything: 0, but ``LEAST_STRENGTH`` for an expansion in 1/n."""
        return LEAST_STRENGTH if self.expansion else 0.0


THEORIES: dict[str, Theory] = {}
"""Every theory that needs no sampling of the posterior, by name."""


def theory(name: str, meaning: str, formula: str, **more: Any) -> Callable[[Build], Build]:
    """Declare the function below as a theory; ``more`` is what else ``Theory`` says of it."""

    def declare(build: Build) -> Build:
        THEORIES[name] = Theory(name=name, meaning=meaning, formula=formula, build=build, **more)
        return build

    return declare


@theory("none", "c_α = 0", r"$\beta nL+\lambda\log n$")
def _none(bare: Phase, c: int) -> Phase:
    return bare


@theory(
    "prior",
    "c_α = ½‖w*‖²",
    r"$\beta nL+\lambda\log n+\tfrac12\lVert w^*\rVert^2$",
)
def _prior(bare: Phase, c: int) -> Phase:
    """The published choice; for a flat family the infimum over it, which is not attained."""
    from kgon.free_energy.quantities import Quantity
    from kgon.kgons.values import prior_ball, prior_parts

    label = bare.label
    flat = {"dead", "switched-off"} & set(label.roles(c))
    constant = Quantity.combination(*prior_parts(label, c), f"prior of {label.k}", prior_ball(label, c))
    return replace(bare, constant=constant, attained=not flat)


@theory(
    "laplace",
    "the true leading constant",
    r"$\beta nL+\lambda\log(\beta n)+C$",
    by_strength=True,
)
def _laplace(bare: Phase, c: int) -> Phase:
    """C_α, with which F_n is the local free energy up to o(1); estimated, with an error, at the 4-gons."""
    if bare.label.k > 4:
        from kgon.free_energy.constants.polygon import polygon_constant
        from kgon.free_energy.quantities import Quantity

        return replace(bare, constant=Quantity(ball=polygon_constant(bare.label, c)))
    from kgon.free_energy.constants.square import square_constant

    return with_constant(bare, square_constant(bare.label, c))


def with_constant(bare: Phase, found: SquareConstant) -> Phase:
    """Give a 4-gon its estimated constant."""
    from kgon.free_energy.quantities import Quantity

    # λ is that of the flat set: at c = 4 the one of 4- is smaller off the standard representative.
    errors = {f"{len(found.noise)} integrals": found.noise}
    constant = replace(Quantity.of(Fraction(found.value)), errors=errors)
    return replace(bare, lambda_=Quantity.of(found.lambda_), constant=constant)


@theory(
    "laplace2",
    "laplace and the next order",
    r"`laplace` $-\,K/(\beta n)-\delta\log(M_{\beta n}/P)$, for $k\ge5$",
    by_strength=True,
    expansion=True,
)
def _laplace2(bare: Phase, c: int) -> Phase:
    """With the 1/n term of the live columns, and the mass that a dead column has at finite n."""
    from kgon.free_energy.constants.second_order import polygon_order
    from kgon.free_energy.energies import SecondOrderPhase

    label = bare.label
    if label.k == 4:
        raise KgonError(f"theory laplace2 has the next order for k >= 5 only, got {label}")
    dead = label.roles(c).count("dead")
    leading = _laplace(bare, c)
    return SecondOrderPhase.of(leading, order=polygon_order(label, c), dead=dead, features=c)
