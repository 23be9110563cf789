"""Find critical sample sizes: every n at which two phases have the same free energy."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar, TypeGuard

from kgon.base.checks import check_integer
from kgon.base.results import Result, result
from kgon.base.text import listed
from kgon.free_energy.conventions import check_beta
from kgon.free_energy.phases import (
    FreeEnergy,
    Phase,
    SecondOrderPhase,
    Union,
    difference_stderr,
    phase_or_union,
    phases_of,
)
from kgon.free_energy.roots import (
    LARGEST_STRENGTH,
    SMALLEST_SIZE,
    CriticalSize,
    affine_roots,
    sign_changes,
)
from kgon.free_energy.theories import LEAST_STRENGTH
from kgon.kgons.labels import Label
from kgon.kgons.names import parse_known


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
    delta_loss: float | None = None
    delta_lambda: float | None = None
    delta_c: float | None = None
    kind: str = ""
    everywhere: bool = False
    roots: tuple[CriticalSize, ...] = ()
    note: str = ""

    @property
    def absence(self) -> str:
        """What is said where there is no root."""
        return "none"

    def headline(self) -> str:
        sizes = (f"{r.n:.6g}" if r.stderr is None else r.text for r in self.roots)
        count = "every n" if self.everywhere else ", ".join(sizes)
        return (
            f"n_crit({self.first} → {self.second}) = {count or self.absence} "
            f"(theory {self.theory}, β = {self.beta:g})"
        )

    def _repr_latex_(self) -> str:
        sizes = ", ".join(f"{root.n:.7g}" for root in self.roots)
        first, second = (
            ",".join(parse_known(part).latex for part in listed(side)) for side in (self.first, self.second)
        )
        return rf"$n_\mathrm{{crit}}({first} \to {second}) = {sizes or self.absence}$"

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
            lines.append(("roots", "every n" if self.everywhere else self.absence))
        return [*lines, *([("note", self.note)] if self.note else [])]


def transition_kind(delta_loss: float, delta_lambda: float) -> str:
    """Name a transition: ``type A`` where the loss falls and λ rises, otherwise the two signs."""
    if delta_loss < 0 < delta_lambda:
        return "type A"

    def sign(x: float) -> str:
        return "<" if x < 0 else ">" if x > 0 else "="

    return f"ΔL {sign(delta_loss)} 0, Δλ {sign(delta_lambda)} 0"


def crossing(a: FreeEnergy, b: FreeEnergy, c: int, *, theory: str, beta: Any = 1) -> Crossing:
    """Find all n at which two free energies agree: in closed form if both are affine, else in float64."""
    c, inverse_temperature = check_integer("c", c, 1), check_beta(beta)
    made = partial(Crossing, first=a.name, second=b.name, c=c, theory=theory, beta=float(inverse_temperature))
    single = isinstance(a, Phase) and isinstance(b, Phase)
    if _same(a, b):
        zero = 0.0 if single else None
        return made(delta_loss=zero, delta_lambda=zero, delta_c=zero, everywhere=True)
    if _affine(a) and _affine(b):
        (loss, lambda_, constant), roots = affine_roots(a, b, c, inverse_temperature)
        return made(
            delta_loss=loss, delta_lambda=lambda_, delta_c=constant, kind=transition_kind(loss, lambda_),
            everywhere=roots is None, roots=roots or (), note=_taken_for_granted(a, b),
        )  # fmt: skip
    expansion = any(isinstance(part, SecondOrderPhase) for side in (a, b) for part in _parts(side))
    least = LEAST_STRENGTH / float(inverse_temperature) if expansion else SMALLEST_SIZE
    most = LARGEST_STRENGTH / float(inverse_temperature)
    roots = sign_changes(a, b, inverse_temperature, low=least, high=most)
    made = partial(made, roots=roots, note=f"changes of sign in float64, {least:g} <= n <= {most:g}")
    if not (isinstance(a, Phase) and isinstance(b, Phase)):
        return made()
    loss, lambda_ = float(b.loss - a.loss), float(b.lambda_ - a.lambda_)
    return made(delta_loss=loss, delta_lambda=lambda_, kind=transition_kind(loss, lambda_))


def _affine(side: FreeEnergy) -> TypeGuard[Phase]:
    return isinstance(side, Phase) and not isinstance(side, SecondOrderPhase)


def _same(a: FreeEnergy, b: FreeEnergy) -> bool:
    """Whether two sides are the same phases, with the same numbers, in any order."""
    first, second = (sorted(_parts(side), key=lambda part: part.name) for side in (a, b))
    return len(first) == len(second) and all(
        x is y or (isinstance(x, Phase) and isinstance(y, Phase) and x.agrees(y))
        for x, y in zip(first, second, strict=True)
    )


def _parts(side: FreeEnergy) -> tuple[FreeEnergy, ...]:
    return side.parts if isinstance(side, Union) else (side,)


def _taken_for_granted(a: Phase, b: Phase) -> str:
    """What the roots of two phases take for granted: constants that are infima, or have an error."""
    notes = []
    infima = list(dict.fromkeys(p.name for p in (a, b) if not p.attained))
    if infima:
        notes.append(f"c of {' and '.join(infima)} is an infimum over its flat family, not attained")
    error = difference_stderr(a, b, 1.0)
    if error:
        notes.append(f"enclosures for the given constants, whose difference has standard error {error:.2g}")
    return "; ".join(notes)


def n_crit(
    first: Label | str, second: Label | str, c: int = 6, *, theory: str = "prior", beta: Any = 1
) -> Crossing:
    """Find all sample sizes at which two phases have the same free energy.

    For two phases of an affine theory ``n β ΔL + Δλ log n + Δc = 0`` is solved by the Lambert W function in
    ball arithmetic (Chen et al. 2023, the equation of n_cr); otherwise changes of sign are located.

    Parameters
    ----------
    first, second : Label or str
        The phases A and B; text may name several, ``5,5+``, taken together.
    c : int
        Features.
    theory : str
        Of ``kgon.free_energy.theories``; sampled evidence is in ``kgon.experiments.posterior.evidence``.
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
    """Find n_crit of every ordered pair of phases, from the higher loss to the lower.

    The reverse pair has the same roots.
    """
    phases = phases_of(c, theory=theory)
    return [
        crossing(a, b, c, theory=theory, beta=beta) for i, b in enumerate(phases) for a in phases[i + 1 :]
    ]
