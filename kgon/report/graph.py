"""The graph of artefacts: what is wanted and what that needs, each made once, studies first.

``make_all`` goes on where an artefact fails, and says so; ``make_one`` makes one or raises.  All values pass
through ``made``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from graphlib import TopologicalSorter
from inspect import signature
from typing import Any

import flint

from kgon.base.verdicts import KgonError
from kgon.base.work import HERE, Work
from kgon.report.artefact import MODULES, Artefact, Registry

Tell = Callable[[str], None]
Values = dict[str, Any]
"""Options, results of studies, and ``claims``, by name."""
BITS = 256
"""Precision of the claims in ball arithmetic."""


def in_order(wanted: Iterable[Artefact], known: Iterable[str] = ()) -> list[Artefact]:
    """Put what is wanted, and what that needs and is not known, in order: inputs first."""
    graph: dict[Artefact, list[Artefact]] = {}
    left = list(wanted)
    for artefact in left:
        if artefact not in graph:
            graph[artefact] = [x for x in artefact.inputs if x.name not in known]
            left += graph[artefact]
    kinds, places = list(MODULES), {x: k for k, x in enumerate(left)}

    def place(artefact: Artefact) -> tuple[int, int]:
        return kinds.index(artefact.kind), 0 if artefact.kind == "study" else places[artefact]

    return sorted(TopologicalSorter(graph).static_order(), key=place)


def make_all(
    wanted: Iterable[Artefact],
    values: Values,
    *,
    work: Work = HERE,
    tell: Tell = lambda _: None,
    finish: Callable[[Artefact, Any], None] = lambda artefact, value: None,
) -> dict[str, str]:
    """Make artefacts and what they need; what fails, and what needs that, is left out.

    Parameters
    ----------
    wanted : iterable of Artefact
    values : dict
        Options, and results of studies that need not be computed; gets the results of the studies that are,
        and ``claims``.
    work : Work
        Handed to the studies, each with a folder of its own.
    tell : callable
        Called with a line before each artefact.
    finish : callable
        Called with each artefact and its value; what it raises counts as the artefact's failure.

    Returns
    -------
    dict
        Name of each artefact that failed, and why.
    """
    failed: dict[Artefact, str] = {}
    values.setdefault("claims", [])
    for artefact in in_order(wanted, values):
        lost = [x for x in artefact.inputs if x in failed and x.kind == "study"]
        if lost:
            failed[artefact] = f"needs {' and '.join(map(str, lost))}, which failed"
            continue
        tell(str(artefact))
        try:
            finish(artefact, _kept(artefact, values, work))
        except Exception as error:
            failed[artefact] = str(error) if isinstance(error, KgonError) else repr(error)
    return {str(artefact): reason for artefact, reason in failed.items()}


def prepare(artefact: Artefact, given: Values, *, work: Work = HERE, tell: Tell = lambda _: None) -> Values:
    """Make what one artefact needs: its options and the results of its studies.

    Of the claims, those are left out whose studies are slow and not given.

    Raises
    ------
    KgonError
        An option that it refuses, or what its studies raise.
    """
    values = {"claims": [], **artefact.checked(given)}
    if artefact.missing:
        raise KgonError(artefact.missing)
    inputs = [
        x
        for x in artefact.inputs
        if x.kind == "study" or not any(y.slow and y.name not in values for y in x.ancestors)
    ]
    for needed in in_order([x for x in inputs if x.name not in values], values):
        if needed.kind == "study":
            tell(str(needed))
        _kept(needed, values, work)
    return values


def make_one(
    register: Registry, name: str, given: Values, *, work: Work = HERE, tell: Tell = lambda _: None
) -> Any:
    """Make one artefact, with options and perhaps results of studies; those that are None are left out.

    Raises
    ------
    KgonError
        An unknown name, an option that it refuses, or what it raises itself.
    """
    artefact = register[name]
    return made(artefact, prepare(artefact, given, work=work, tell=tell), work)


def call(function: Callable[..., Any], values: Values, **more: Any) -> Any:
    """Call a function with those values that it has parameters for."""
    return function(
        **{name: values[name] for name in signature(function).parameters if name in values}, **more
    )


def _kept(artefact: Artefact, values: Values, work: Work) -> Any:
    """Make an artefact, and keep its value for those that need it."""
    value = made(artefact, values, work)
    if artefact.kind == "study":
        values[artefact.name] = value
    if artefact.kind == "claims":
        values["claims"] += value
    return value


def made(artefact: Artefact, values: Values, work: Work) -> Any:
    """Make the value of an artefact whose inputs are made."""
    given: Values = {}
    if "work" in artefact.parameters:
        effort = "full" if values.get("full") else "quick"
        given["work"] = work.inside(artefact.folder or f"{artefact.name}/{effort}")
    with _surroundings(artefact):
        return call(artefact.make, values, **given)


def _surroundings(artefact: Artefact) -> AbstractContextManager[Any]:
    """Claims are judged at a precision of their own, figures drawn in the style of the house."""
    if artefact.kind == "claims":
        precision: AbstractContextManager[Any] = flint.ctx.workprec(BITS)
        return precision
    if artefact.kind == "figure":
        from kgon.report.figures.style import house_style

        return house_style()
    return nullcontext()
