"""Find critical sample sizes: every n at which two phases have the same free energy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from typing import Any, ClassVar, TypeGuard

from kgon.base.checks import check_integer, refusal
from kgon.base.escape import escape_latex
from kgon.base.results import Result, only_given, result
from kgon.base.table import Column, Table
from kgon.base.text import listed
from kgon.base.verdicts import KgonError
from kgon.free_energy.conventions import check_beta, name_basis
from kgon.free_energy.energies import (
    FreeEnergy,
    GivenPhase,
    Phase,
    SecondOrderPhase,
    Union,
    difference_stderr,
)
from kgon.free_energy.phases import Given, phase_or_union, phases_of
from kgon.free_energy.roots import (
    LARGEST_STRENGTH,
    SMALLEST_SIZE,
    CriticalSize,
    affine_roots,
    open_roots,
    sign_changes,
)
from kgon.free_energy.theories import LEAST_STRENGTH
from kgon.kgons.names import parse_known

FLOAT_ROUNDING = 2.0**-50
"""Part of a number that an enclosure may leave open where floats are computed with."""


def latex_name(text: str) -> str:
    """Write the name of a phase as LaTeX mathematics, without dollar signs."""
    try:
        return parse_known(text).latex
    except KgonError:
        return rf"\text{{{escape_latex(text)}}}"


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
    given : tuple of GivenPhase
        The numbers of the phases of one's own.
    note : str
        What the roots take for granted.
    open : str or None
        Where else there may be roots, or fewer, by numbers within two standard errors of those estimated.
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
    given: tuple[GivenPhase, ...] = ()
    note: str = ""
    open: str | None = only_given(shown=False)

    @property
    def absence(self) -> str:
        """What is said where there is no root."""
        return "none"

    def headline(self) -> str:
        sizes = (f"{r.n:.6g}" if r.stderr is None and not r.wide else r.text for r in self.roots)
        count = "every n" if self.everywhere else ", ".join(sizes)
        return (
            f"n_crit({self.first} → {self.second}) = {count or self.absence} "
            f"({self.basis}, β = {self.beta:g})"
        )

    @property
    def basis(self) -> str:
        """Where the constants come from: a theory, or the user."""
        names = {phase.name for phase in self.given}
        return name_basis(self.theory, given={*listed(self.first), *listed(self.second)} <= names)

    def _repr_latex_(self) -> str:
        sizes = ", ".join(f"{root.n:.7g}" for root in self.roots)
        first, second = (",".join(map(latex_name, listed(side))) for side in (self.first, self.second))
        return rf"$n_\mathrm{{crit}}({first} \to {second}) = {sizes or self.absence}$"

    def rows(self) -> Sequence[tuple[str, str]]:
        return [*self._differences(), *self._roots(), *self._remarks()]

    def _differences(self) -> list[tuple[str, str]]:
        """What the two phases differ by."""
        lines = []
        if self.delta_loss is not None and self.delta_lambda is not None:
            lines = [("ΔL", f"{self.delta_loss:.12g}"), ("Δλ", f"{self.delta_lambda:g}")]
        if self.delta_c is not None:
            lines.append(("Δc", f"{self.delta_c:.12g}"))
        if self.kind:
            lines.append(("kind", self.kind))
        return lines

    def _roots(self) -> list[tuple[str, str]]:
        """Each root, and how exactly it is known."""
        lines = []
        for root in self.roots:
            if root.wide:
                every = "one for every choice" if root.certain else "not for every choice"
                lines.append((f"{root.below} → {root.above} at n in", root.enclosure))
                lines.append(("  roots", f"{every} of the numbers"))
            else:
                lines.append((f"{root.below} → {root.above} at n =", f"{root.n:.12g}"))
                lines.append(("  enclosure", f"[{root.lower}, {root.upper}]"))
            if root.stderr is not None:
                lines.append(("  standard error", f"{root.stderr:.2g}"))
        return lines

    def _remarks(self) -> list[tuple[str, str]]:
        """That there is no root, the numbers of given phases, and what is taken for granted."""
        lines = [] if self.roots else [("roots", "every n" if self.everywhere else self.absence)]
        lines += [(f"given {phase.name}", phase.numbers) for phase in self.given]
        return [*lines, *((name, text) for name, text in (("note", self.note), ("open", self.open)) if text)]

    def table(self) -> Table:
        """Tabulate the roots, a row for each, with all else in the notes."""
        rows = [{"below": x.below, "above": x.above, "n": x.text, "within": x.enclosure} for x in self.roots]
        columns = [
            Column("below", "lower below"),
            Column("above", "lower above"),
            Column("n", "n", "$n$", "r"),
            Column("within", "enclosure", align="r"),
        ]
        notes = [f"{name}: {value}." for name, value in (*self._differences(), *self._remarks())]
        title = self.headline()
        caption = escape_latex(title).replace(r"n\_crit", r"$n_{\text{crit}}$", 1)
        return Table(name="ncrit", title=title, columns=columns, rows=rows, notes=notes, caption=caption)


def transition_kind(delta_loss: Any, delta_lambda: Any) -> str:
    """Name a transition: ``type A`` where the loss falls and λ rises, otherwise the two signs.

    The two are numbers or balls; of a ball that holds 0 the sign is a question mark.
    """
    if delta_loss < 0 < delta_lambda:
        return "type A"

    def sign(x: Any) -> str:
        return "<" if x < 0 else ">" if x > 0 else "=" if x == 0 else "?"

    return f"ΔL {sign(delta_loss)} 0, Δλ {sign(delta_lambda)} 0"


def crossing(a: FreeEnergy, b: FreeEnergy, c: int, *, theory: str, beta: Any = 1) -> Crossing:
    """Find all n at which two free energies agree: in closed form if both are affine, else in float64."""
    c, inverse_temperature = check_integer("c", c, 1), check_beta(beta)
    for side in (a, b):
        if not isinstance(side, FreeEnergy):
            raise refusal("a phase", "a Phase or a Union (n_crit takes labels)", side)
    given = tuple(p.record for p in _parts(a, b) if p.gon is None)
    made = partial(Crossing, first=a.name, second=b.name, c=c, theory=theory, given=given)
    made = partial(made, beta=float(inverse_temperature))
    single = isinstance(a, Phase) and isinstance(b, Phase)
    if _same(a, b):
        zero = 0.0 if single else None
        return made(delta_loss=zero, delta_lambda=zero, delta_c=zero, everywhere=True)
    if isinstance(a, Phase) and isinstance(b, Phase):
        loss, lambda_ = b.loss - a.loss, b.lambda_ - a.lambda_
        kind = transition_kind(*(x.bounds[0].union(x.bounds[1]) for x in (loss, lambda_)))
        made = partial(made, delta_loss=float(loss), delta_lambda=float(lambda_), kind=kind)
    if _affine(a) and _affine(b):
        delta_c = float(b.constant - a.constant)
        if a.by_strength:
            delta_c += float(b.lambda_ - a.lambda_) * math.log(inverse_temperature)
        roots = affine_roots(a, b, inverse_temperature)
        unsettled = open_roots(a, b, inverse_temperature, roots or ())
        made = partial(made, delta_c=delta_c, open=unsettled or None, note=_taken_for_granted(a, b))
        return made(everywhere=roots is None, roots=roots or ())
    least, most = _looked_at(a, b, inverse_temperature)
    roots = sign_changes(a, b, inverse_temperature, low=least, high=most)
    return made(roots=roots, note=f"changes of sign in float64, {least:g} <= n <= {most:g}")


def _looked_at(a: FreeEnergy, b: FreeEnergy, beta: Fraction) -> tuple[float, float]:
    """The range of n in which changes of sign are looked for; enclosures have no place in float64."""
    parts = _parts(a, b)
    for part in parts:
        if any(x.width > FLOAT_ROUNDING * abs(float(x)) for x in (part.loss, part.lambda_, part.constant)):
            raise KgonError(f"phases taken together, or in an expansion, need numbers: {part} is enclosed")
    expansion = any(isinstance(part, SecondOrderPhase) for part in parts)
    least = LEAST_STRENGTH / float(beta) if expansion else SMALLEST_SIZE
    multiple = [1 / float(beta) if part.by_strength else 1.0 for part in parts if part.multiplicity > 1]
    return max([least, *(x * (1 + SMALLEST_SIZE) for x in multiple)]), LARGEST_STRENGTH / float(beta)


def _check_names(a: FreeEnergy, b: FreeEnergy) -> None:
    """Refuse two different phases of one name."""
    first, second = ({part.name: part for part in _parts(side)} for side in (a, b))
    for name in first.keys() & second.keys():
        if not first[name].agrees(second[name]):
            raise KgonError(f"two different phases are called {name}: give one another name")


def _affine(side: FreeEnergy) -> TypeGuard[Phase]:
    return isinstance(side, Phase) and not isinstance(side, SecondOrderPhase)


def _same(a: FreeEnergy, b: FreeEnergy) -> bool:
    """Whether two sides are the same phases, with the same numbers, in any order."""
    first, second = (sorted(_parts(side), key=lambda part: part.name) for side in (a, b))
    return len(first) == len(second) and all(x.agrees(y) for x, y in zip(first, second, strict=True))


def _parts(*sides: FreeEnergy) -> list[Phase]:
    """The phases of which the sides consist."""
    found: list[Phase] = []
    for side in sides:
        parts = side.parts if isinstance(side, Union) else (side,)
        found += [part for part in parts if isinstance(part, Phase)]
    return found


def _taken_for_granted(a: Phase, b: Phase) -> str:
    """What the roots of two phases take for granted: constants that are infima, or have an error."""
    notes = []
    infima = list(dict.fromkeys(p.name for p in (a, b) if not p.attained))
    if infima:
        notes.append(f"c of {' and '.join(infima)} is an infimum over its flat family, not attained")
    error = difference_stderr(a, b, math.e)
    if error and not any(x.stderr for p in (a, b) for x in (p.loss, p.lambda_)):
        notes.append(f"enclosures for the given constants, whose difference has standard error {error:.2g}")
    elif error:
        notes.append("enclosures for the values estimated; standard errors to first order in theirs")
    if any(x.ends for p in (a, b) if p.gon is None for x in (p.loss, p.lambda_, p.constant)):
        notes.append("each range holds the roots of all numbers within the enclosures given")
    return "; ".join(notes)


def n_crit(
    first: Given | tuple[Given, ...], second: Given | tuple[Given, ...], c: int = 6, *,
    theory: str = "prior", beta: Any = 1,
) -> Crossing:  # fmt: skip
    """Find all sample sizes at which two phases have the same free energy.

    For two phases of an affine theory ``n β ΔL + Δλ log n + Δc = 0`` is solved by the Lambert W function in
    ball arithmetic (Chen et al. 2023, the equation of n_cr); otherwise changes of sign are located.

    Parameters
    ----------
    first, second : Label, str or Phase
        The phases A and B; text may name several, ``5,5+``, taken together, and so may a tuple.  A phase
        of one's own is a ``Phase``, or text such as ``A=0.07,7,3.6`` (loss, λ, constant).
    c : int
        Features, of labels.
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
        Unknown label or theory, β ≤ 0, a phase whose λ is not known, or a number that cannot be read.

    Examples
    --------
    >>> [round(root.n, 4) for root in n_crit("5", "6").roots]
    [0.1599, 601.0052]
    >>> round(n_crit("5", "6", theory="laplace").roots[-1].n, 2)
    112.41
    >>> n_crit("A=0.06874,7,3.62417", "B=0.04819,8.5,6.37767")
    <n_crit(A → B) = 0.159857, 601.047 (given phases, β = 1)>
    """
    a, b = (phase_or_union(given, c, theory=theory) for given in (first, second))
    _check_names(a, b)
    return crossing(a, b, c, theory=theory, beta=beta)


def all_crossings(
    c: int = 6, *, theory: str = "laplace", beta: Any = 1, among: Sequence[Given] | None = None
) -> list[Crossing]:
    """Find n_crit of every ordered pair of phases, from the higher loss to the lower.

    The reverse pair has the same roots; ``among`` is as in ``phases_of``.
    """
    phases = phases_of(c, theory=theory, among=among)
    return [
        crossing(a, b, c, theory=theory, beta=beta) for i, b in enumerate(phases) for a in phases[i + 1 :]
    ]
