"""The graph of artefacts: what is wanted and what that needs, each made once, or read from the store.

``make_all`` goes on where an artefact fails, and says so; ``make_one`` makes one or raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from graphlib import TopologicalSorter
from typing import Any

from kgon.base.work import HERE, Work
from kgon.report.agenda import Agenda
from kgon.report.artefact import MODULES, SHOWN, Artefact, Registry
from kgon.report.making import Making
from kgon.report.product import Product, Values
from kgon.report.store import Store

Tell = Callable[[str], None]


def in_order(wanted: Iterable[Artefact], known: Iterable[str] = ()) -> list[Artefact]:
    """Put what is wanted, and what that needs and is not known, in order: inputs first."""
    graph: dict[Artefact, list[Artefact]] = {}
    asked = list(wanted)
    left = list(asked)
    for artefact in left:
        if artefact not in graph:
            graph[artefact] = [
                x
                for x in artefact.inputs
                # A page shows what is wanted, and asks for none of that itself.
                if (x in asked if artefact.kind == "page" and x.kind in SHOWN else x.name not in known)
            ]
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
    store: Store | None = None,
    tell: Tell = lambda _: None,
    finish: Callable[[Artefact, Product], None] = lambda artefact, product: None,
    formats: Sequence[str] = (),
    fail_fast: bool = False,
) -> Agenda:
    """Make artefacts and what they need; what fails, and what needs that, is left out.

    Parameters
    ----------
    wanted : iterable of Artefact
    values : dict
        Options, and results of studies that need not be computed; gets the results of the studies that are,
        and ``claims``.
    work : Work
        Who computes; with several workers, independent artefacts are made at once.  Studies get a folder
        each.
    store : Store, optional
        Is asked first, and keeps what is made.
    tell : callable
        Called with a line before each artefact.
    finish : callable
        Called with each artefact and what it made; what it raises counts as the artefact's failure.
    formats : sequence of str
        In which figures are written; if empty, they are drawn alone.
    fail_fast : bool
        Begin nothing more where one fails.

    Returns
    -------
    Agenda
        With what failed, and why, and how long each took.
    """
    agenda = Agenda(in_order(wanted, values), values, store=store, finish=finish, formats=formats)
    return Making(agenda, work=work, tell=tell).run(fail_fast=fail_fast)


def make_one(
    register: Registry,
    name: str,
    given: Values,
    *,
    work: Work = HERE,
    tell: Tell = lambda _: None,
    **how: Any,
) -> Product:
    """Make one artefact, with options and perhaps results of studies; those that are None are left out.

    ``how`` is as for ``make_all``.

    Raises
    ------
    KgonError
        An unknown name, an option that it refuses, or what it raises itself.
    """
    artefact, found = register[name].written_as(how.get("formats", ())), dict[Artefact, Product]()
    agenda = plan_one(artefact, given, finish=found.__setitem__, **how)
    make_or_raise(agenda, work=work, tell=tell)
    return found[artefact]


def make_inputs(
    artefact: Artefact, given: Values, *, work: Work = HERE, tell: Tell = lambda _: None, **how: Any
) -> Values:
    """Make what an artefact needs, as ``make_one`` does, and not itself: what it is called with."""
    wanted, values = needed_by(artefact, given)
    make_or_raise(Agenda(wanted, values, **how), work=work, tell=tell)
    return values


def plan_one(artefact: Artefact, given: Values, **how: Any) -> Agenda:
    """Put down one artefact and what it needs."""
    wanted, values = needed_by(artefact, given)
    return Agenda([*wanted, artefact], values, **how)


def needed_by(artefact: Artefact, given: Values) -> tuple[list[Artefact], Values]:
    """List what an artefact needs, and the values that are given, checked.

    Of claims not those whose studies are slow and not given.
    """
    values = artefact.checked(given)
    without = {
        x for x in artefact.inputs
        if x.kind == "claims" and any(y.slow and y.name not in values for y in x.ancestors)
    }  # fmt: skip
    wanted = [x for x in artefact.inputs if x not in without and x.name not in values]
    return in_order(wanted, values), values


def make_or_raise(agenda: Agenda, *, work: Work = HERE, tell: Tell = lambda _: None) -> None:
    """Make all of an agenda, and raise the first error."""
    Making(agenda, work=work, tell=tell).run(fail_fast=True)
    for error in agenda.errors.values():
        raise error
