"""Artefacts: studies, claims, tables, figures and pages, each declared by the function that makes it.

The first line of the function's docstring says in a list what is made.
A parameter of such a function that bears the name of a study is an input; ``claims`` stands for all claims;
``work`` says who computes and where it is kept, ``folder`` is an empty one for files that it leaves.  A
page takes ``made``, all claims, methods, tables and figures of the run, beside what ``failed`` and the facts
``about`` the run.  The other parameters are options, and their defaults are those of the signature.  An
artefact takes the options of its studies, too, but for those that are ``fixed``.
Declarations are read from the sources: nothing is imported before it is called.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, partial
from inspect import Parameter, Signature, getsourcefile, signature
from pathlib import Path
from typing import Any, TypeVar

from kgon.base.checks import refusal, shown
from kgon.base.sources import Sources
from kgon.base.verdicts import KgonError
from kgon.free_energy.conventions import check_beta, check_theory


def _inside(folder: str, names: str) -> list[str]:
    return [f"{folder}.{name}" for name in names.split()]


MODULES = {
    "study": ["studies"],
    "claims": _inside(
        "claims",
        "potential kgons polygons appendices free_energy lambda_hat posterior training existence toy "
        "landscape",
    ),
    "table": _inside(
        "tables",
        "catalogue free_energies sampled training local published landscape points solids branches "
        "statements",
    ),
    "figure": _inside(
        "figures",
        "levels portraits phases sampled posterior projection complexity laplace_check training stages "
        "diagram branches changing llc_convergence loss_lambda_hat staircases toy lemma_two landscape "
        "landscape_path taxonomy cost solids",
    ),
    "method": ["methods"],
    "page": ["explorer.page", "page.numbers", "page.whole"],
}
"""Where the artefacts of each kind are declared, in the order in which they are listed and made."""
HOME = "kgon.report"
"""Where these modules are."""
SHOWN = ("claims", "method", "table", "figure")
"""Kinds of artefacts that a page shows."""
DEFAULTS = {"c": 6, "label": None, "theory": "prior", "beta": Fraction(1), "full": False, "among": None}
"""Every option, with the value that even an artefact without this option accepts."""
Function = TypeVar("Function", bound=Callable[..., Any])
SOURCES = Sources()
"""The code of the package, as far as it was read."""


class Declared:
    """A function of the top level of a module, which is imported when it is called."""

    def __init__(self, module: str, name: str, parameters: list[str], says: str) -> None:
        self.__module__, self.__name__, self.__doc__ = module, name, says
        self.__signature__ = Signature([Parameter(x, Parameter.KEYWORD_ONLY) for x in parameters])

    def __call__(self, **given: Any) -> Any:
        """Import and call it."""
        return getattr(importlib.import_module(self.__module__), self.__name__)(**given)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.__module__, self.__name__, list(self.__signature__.parameters), self.__doc__)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Artefact:
    """A declared function.

    Attributes
    ----------
    name, kind : str
        ``kind`` is a key of ``MODULES``.
    make : callable
        The function itself; the first line of its docstring is what lists say of it.
    fixed : tuple of str
        Options of its studies that have no other value here than their defaults.
    slow : bool
        Whether the main job leaves it to ``full``; of a study, whether claims can do without it.
    folder : str
        Where a study keeps what it computed; empty for its name and effort.
    animate : callable, optional
        Writes a figure as GIF: takes studies, and ``target``, the path.
    moving : bool
        Whether the animation is wanted, whose studies are then inputs, too.
    shows, seen, unseen : str
        What a figure shows, what is seen in it, and what it does not show: sentences without numbers,
        which stand in the claims beside it.
    command : str
        The command that computes what claims are held against.
    cites : tuple of str
        Keys of the references that a text on methods cites.
    """

    name: str
    kind: str
    make: Callable[..., Any]
    fixed: tuple[str, ...] = ()
    slow: bool = False
    folder: str = ""
    animate: Callable[..., Path] | None = None
    moving: bool = False
    shows: str = ""
    seen: str = ""
    unseen: str = ""
    command: str = ""
    cites: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"

    @property
    def description(self) -> str:
        """What it shows, in one sentence."""
        return (self.make.__doc__ or self.name).partition("\n")[0]

    @property
    def words(self) -> tuple[str, ...]:
        """What is said of it on a page."""
        return self.description, self.shows, self.seen, self.unseen, self.told_by, *self.cites

    @property
    def told_by(self) -> str:
        """The command that shows it."""
        shown = self.kind in ("table", "figure")
        return f"kgon {self.kind} {self.name}" if shown else self.command or "kgon table claims"

    @property
    def place(self) -> tuple[Path, str] | None:
        """File and name of its function; None where that is in no file."""
        if isinstance(self.make, Declared):
            return SOURCES.path_of(self.make.__module__), self.make.__name__
        file = getsourcefile(self.make)
        named = "<" not in self.make.__qualname__ and file is not None and Path(file).exists()
        return (Path(str(file)), self.make.__name__) if named else None

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of everything that the function takes, and the animation if it is wanted."""
        moved = signature(self.animate).parameters if self.moving and self.animate else ()
        return tuple(dict.fromkeys([*signature(self.make).parameters, *moved]))

    def written_as(self, formats: Sequence[str]) -> Artefact:
        """The artefact with what it needs to be written in some formats."""
        return replace(self, moving=True) if "gif" in formats and self.animate else self

    @property
    def inputs(self) -> tuple[Artefact, ...]:
        """What is made before it, because it is handed to it."""
        studies = artefacts("study")
        kinds = SHOWN if "made" in self.parameters else ("claims",) if "claims" in self.parameters else ()
        every = [x for kind in kinds for x in artefacts(kind).values()]
        return (*(studies[name] for name in self.parameters if name in studies), *every)

    @property
    def ancestors(self) -> tuple[Artefact, ...]:
        """Its inputs and theirs, each once."""
        found = {x: None for first in self.inputs for x in (*first.ancestors, first)}
        return tuple(found)

    @property
    def options(self) -> tuple[str, ...]:
        """Options that change it."""
        taken = {name for x in (self, *self.ancestors) for name in x.parameters}
        barred = {name for x in (self, *self.ancestors) for name in x.fixed}
        own = taken - barred | set(self.parameters)
        return tuple(name for name in DEFAULTS if name in own)

    def checked(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Check the options and the results of studies that were given; those that are None are left out.

        Raises
        ------
        KgonError
            An unknown name, a bad value, or one that would change nothing.
        """
        values = {}
        inputs = [x.name for x in self.ancestors if x.kind == "study"]
        for name, raw in given.items():
            if name not in DEFAULTS and name not in artefacts("study"):
                raise KgonError(
                    f"unknown option {name!r} of a {self.kind}; the options are {', '.join(DEFAULTS)}"
                )
            if raw is None:
                continue
            value = _CHECKS[name](raw) if name in _CHECKS else raw
            if name in self.options or name in inputs:
                values[name] = value
            elif name not in DEFAULTS or value != DEFAULTS[name]:
                known = ", ".join(self.options) or "none"
                raise KgonError(f"{self} does not depend on {name} (got {shown(value)}); options: {known}")
        return values


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise refusal("full", "True or False", value)
    return value


def _among(given: Any) -> list[str]:
    """The phases to compare as text, which a store can keep."""
    from kgon.free_energy.energies import Phase
    from kgon.free_energy.phases import list_phases

    return [one.written if isinstance(one, Phase) else str(one) for one in list_phases(given)]


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "theory": check_theory, "beta": check_beta, "full": _flag, "among": _among
}  # fmt: skip
_DECLARED: dict[str, dict[str, Artefact]] = {kind: {} for kind in MODULES}


def _declare(kind: str, **how: Any) -> Callable[[Function], Function]:
    def register(function: Function) -> Function:
        artefact = _artefact(kind, function, **how)
        _DECLARED[kind][artefact.name] = artefact
        return function

    return register


def _artefact(kind: str, make: Callable[..., Any], name: str = "", **more: Any) -> Artefact:
    called = name or make.__name__
    called = called if kind in ("study", "claims") else called.replace("_", "-")
    fixed = {"fixed": ("c",)} if kind == "claims" else {}
    return Artefact(name=called, kind=kind, make=make, **{**fixed, **more})


study = partial(_declare, "study")
"""Declare a computation that others need, under the name by which they ask for it."""
claims = partial(_declare, "claims")
"""Declare claims: the function returns a list of them, at r = 2, c = 6."""
table = partial(_declare, "table")
"""Declare a table: the function returns a ``Table``."""
figure = partial(_declare, "figure")
"""Declare a figure, and what is to be said of it: the function returns a Matplotlib ``Figure``."""
method = partial(_declare, "method")
"""Declare a text on methods: the function returns it, with the settings that its studies were run with."""
page = partial(_declare, "page")
"""Declare a page: the function returns files, name → contents."""


@cache
def artefacts(kind: str) -> dict[str, Artefact]:
    """List every artefact of a kind by name, in the order of ``MODULES``."""
    modules = [f"{HOME}.{name}" for name in MODULES[kind]]
    found = {x.name: (module, x) for module in modules for x in _read(kind, module)}
    for name, artefact in _DECLARED[kind].items():  # by an example, or in a notebook
        if name not in found and artefact.make.__module__ in modules:
            found[name] = artefact.make.__module__, artefact
    ordered = sorted(found.values(), key=lambda pair: modules.index(pair[0]))
    return {x.name: x for _, x in ordered}


def _read(kind: str, module: str) -> Iterator[Artefact]:
    """The artefacts that a module declares."""
    file = SOURCES.file(SOURCES.path_of(module))
    for found in (x for x in file.declared if x["kind"] == kind):
        how: dict[str, Any] = {
            key: x["value"] if "value" in x else Declared(module, x["name"], file.taken[x["name"]], "")
            for key, x in found["how"].items()
        }
        make = Declared(module, found["function"], found["parameters"], found["says"])
        yield _artefact(kind, make, **how)


class Registry(Mapping[str, Artefact]):
    """The artefacts of a kind by name; the modules that declare them are imported when it is first read."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __getitem__(self, name: str) -> Artefact:
        found = artefacts(self.kind)
        if name not in found:
            raise KgonError(f"unknown {self.kind} {name!r}; the {self.kind}s are {', '.join(found)}")
        return found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(artefacts(self.kind))

    def __len__(self) -> int:
        return len(artefacts(self.kind))

    def __contains__(self, name: object) -> bool:
        return name in artefacts(self.kind)
