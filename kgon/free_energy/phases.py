"""Where phases come from: labels, phases of one's own, several taken together, all local minima.

``F_n(α) = β n L_α + λ_α log n + c_α``, with the constant c_α of a theory (``kgon.free_energy.theories``).
β is always explicit: β = 1 is the convention of the published n_crit = 601.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import lru_cache

from kgon.base.checks import shown
from kgon.base.verdicts import KgonError
from kgon.base.work import HERE, Work
from kgon.free_energy.constants.square import SquareConstant, square_constant
from kgon.free_energy.conventions import check_theory, name_basis
from kgon.free_energy.energies import FreeEnergy, Phase, Union, check_name
from kgon.free_energy.quantities import Quantity
from kgon.free_energy.theories import THEORIES, Theory, with_constant
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.kgons.values import as_label, list_labels, loss_ball, loss_parts

Given = Label | str | Phase
"""What stands for a phase wherever one is taken."""
_BETWEEN_NUMBERS = re.compile(r",(?![^\[]*\])")
"""A comma that does not stand within brackets."""


def parse_phase(text: str) -> Phase:
    """Read a phase of one's own, ``NAME=L,lambda,c`` or ``NAME=L,lambda,c,m``; c is 0 where it is left out.

    Examples
    --------
    >>> print(parse_phase("A=0.07,7,[3.5,3.6],2"))
    A: L = 0.07, λ = 7, c = [3.5, 3.6], m = 2
    """
    name, _, numbers = text.partition("=")
    parts = [part.strip() for part in _BETWEEN_NUMBERS.split(numbers)]
    if not 2 <= len(parts) <= 4:
        raise KgonError(
            f"a phase of your own is NAME=loss,lambda,constant, as A=0.07,7,3.6"
            f"{', a blank between two of them' if '=' in numbers else ''}; got {shown(text)}"
        )
    loss, lambda_, constant, multiplicity = parts + ["0", "1"][len(parts) - 2 :]
    return Phase(
        name=check_name(name), loss=loss, lambda_=lambda_, constant=constant, multiplicity=multiplicity
    )


def phase(given: Label | str | Phase, c: int = 6, *, theory: str = "prior") -> Phase:
    """Build the phase of a label, or take one that is given.

    Parameters
    ----------
    given : Label, str or Phase
        A phase of one's own is a ``Phase``, or text as in ``parse_phase``.
    c, theory
        Of the label.  A phase of one's own takes the conventions of the theory: whether n enters through βn.

    Raises
    ------
    KgonError
        The label cannot occur at this c, its λ is not known (not a local minimum, or undecided), or the
        theory does not have its constant; a phase of another theory.
    """
    check_theory(theory)
    if isinstance(given, str) and "=" in given:
        given = parse_phase(given)
    if not isinstance(given, Phase):
        return _phase(Catalogue(c)[as_label(given)].name, Catalogue(c).c, THEORIES[theory])
    if given.theory not in (None, theory):
        raise KgonError(
            f"phase {given.name} has the constant of theory {given.theory}, asked for is {theory}"
        )
    return given if given.theory else replace(given, theory=theory)


def loss_of(label: Label, c: int) -> Quantity:
    """Take the loss of a label as exactly as it is known."""
    return Quantity.combination(*loss_parts(label, c), f"loss of {label.k}", loss_ball(label, c))


@lru_cache(maxsize=1024)
def _phase(label: Label, c: int, theory: Theory) -> Phase:
    return theory.build(_bare(label, c, theory), c)


def _bare(label: Label, c: int, theory: Theory) -> Phase:
    """The phase of a label with c_α = 0."""
    point = Catalogue(c)[label]
    if point.lambda_ is None:
        reason = "it is not a local minimum" if point.is_minimum is False else "nothing decides it"
        known = ", ".join(str(p.name) for p in Catalogue(c).phases())
        raise KgonError(f"lambda of {point.name} is not known: {reason} (known: {known})")
    return Phase(gon=point.name, loss=loss_of(point.name, c), lambda_=point.lambda_, theory=theory.name)


def phase_or_union(given: Given | tuple[Given, ...], c: int = 6, *, theory: str = "prior") -> FreeEnergy:
    """Build the phase of a label, or of several taken together: a tuple, or text such as ``5,5+``.

    Examples
    --------
    >>> both = phase_or_union("5,5+", theory="prior")
    >>> bool(both.free_energy(300.0) < phase("5", theory="prior").free_energy(300.0))
    True
    """
    several = list_phases(given) if isinstance(given, (str, tuple)) else [given]
    parts = [phase(one, c, theory=theory) for one in several]
    different(parts, "a union names each phase once", given)
    return parts[0] if len(parts) == 1 else Union(tuple(parts))


def different(phases: list[Phase], wish: str, given: object) -> list[Phase]:
    """Return phases as they are; refuse none at all, and two of one name."""
    if len({p.name for p in phases}) < len(phases) or not phases:
        raise KgonError(f"{wish}, got {shown(given)}")
    return phases


def list_phases(given: object) -> list[Given]:
    """List what stands for phases: a text of labels with commas between them is several, a phase is one."""
    one = isinstance(given, Phase) or (isinstance(given, str) and "=" in given)
    return [given] if one else list_labels(given)  # type: ignore[list-item]


def phases_of(c: int = 6, *, theory: str = "prior", among: Sequence[Given] | None = None) -> list[Phase]:
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
        found = [phase(one, c, theory=theory) for one in list_phases(among)]
        different(found, "the phases to compare must be different and at least one", among)
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


def square_constants(c: int = 6, *, work: Work = HERE) -> list[SquareConstant]:
    """Estimate the Laplace constants of all 4-gons that have one, by loss; each is a task."""
    squares = [p.name for p in Catalogue(c).phases() if p.k == 4 and p.configuration == "adjacent"]
    return [x for x in work.map(_constant, [(name, c) for name in squares]) if x is not None]


def _constant(label: Label, c: int) -> SquareConstant | None:
    """The constant of a 4-gon, or None where it has none: a task of ``Work.map``."""
    try:
        return square_constant(label, c)
    except KgonError:
        return None


def laplace_phases(squares: Sequence[SquareConstant], c: int = 6) -> list[Phase]:
    """List the phases of theory laplace, as ``phases_of`` does, from constants of the 4-gons."""
    theory, known = THEORIES["laplace"], {Label.parse(x.label): x for x in squares}
    polygons = [_phase(p.name, c, theory) for p in Catalogue(c).phases() if p.k > 4]
    found = [with_constant(_bare(label, c, theory), constant) for label, constant in known.items()]
    return sorted([*polygons, *found], key=lambda p: float(p.loss))


def phases_with(squares: Sequence[SquareConstant], c: int = 6, *, theory: str = "prior") -> list[Phase]:
    """List the phases of any theory; where it takes the constants of the 4-gons, they are those given."""
    return laplace_phases(squares, c) if theory == "laplace" else phases_of(c, theory=theory)


def basis_of(c: int = 6, *, theory: str = "prior", among: Sequence[Given] | None = None) -> str:
    """Say where the constants come from: a theory, or the user."""
    phases = phases_of(c, theory=theory, among=among)
    return name_basis(theory, given=all(p.gon is None for p in phases))


def comparison_note(c: int = 6, *, theory: str = "prior", among: Sequence[Given] | None = None) -> str:
    """Say which phases are compared, and which local minima are left out."""
    phases = phases_of(c, theory=theory, among=among)
    given = [p for p in phases if p.gon is None]
    own = [str(p) for p in given]
    compared = {p.gon for p in phases if p.gon is not None}
    note = f"compared: {', '.join(map(str, sorted(compared)))}" if compared else ""
    if own:
        note = "; ".join(filter(None, [note, f"given: {'; '.join(own)}"]))
        if any(x.ends for p in given for x in (p.loss, p.lambda_, p.constant)):
            note += "; what is enclosed enters by the middle (kgon ncrit knows the whole range)"
    else:
        note += f"; local minima left out: {', '.join(minima_left_out(c, compared)) or 'none'}"
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
