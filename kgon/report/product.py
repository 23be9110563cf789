"""What an artefact makes: a value and files, here or in another process."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field
from inspect import signature
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kgon.base.work import Work
from kgon.report.artefact import Artefact

Values = dict[str, Any]
"""Options, results of studies, and ``claims``, by name."""
BITS = 256
"""Precision of the claims in ball arithmetic."""
SURROUNDINGS = {
    "claims": (("kgon.report.product", "BITS"),),
    "figure": (
        ("kgon.report.figures.style", "house_style"),
        ("kgon.report.figures", "save_drawn"),
        ("kgon.report.figures.fonts", "font_settings"),
    ),
}
"""What decides beside the function what artefacts of a kind are, by module and name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """What an artefact made.

    Attributes
    ----------
    value : object
        Of a figure that is written, None.
    files : dict
        Path → contents: of a study, what it left, by paths in the folder of the main job; of a figure, by
        name and format.
    seconds : float
    """

    value: Any
    files: dict[str, bytes] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a page is told of an artefact that was made.

    Attributes
    ----------
    artefact : str
        Kind and name.
    kind, name, description, shows, seen, unseen, command, cites
        As of ``Artefact``, with the ``command`` that shows it.
    studies : tuple of (str, str)
        Name and description of every study behind it.
    value, files
        As of ``Product``.
    """

    artefact: str
    kind: str
    name: str
    description: str
    shows: str = ""
    seen: str = ""
    unseen: str = ""
    command: str = ""
    cites: tuple[str, ...] = ()
    studies: tuple[tuple[str, str], ...] = ()
    value: Any = None
    files: Mapping[str, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, artefact: Artefact, product: Product) -> Made:
        """Tell of an artefact."""
        names = ("kind", "name", "description", "shows", "seen", "unseen", "cites")
        return cls(
            artefact=str(artefact),
            **{name: getattr(artefact, name) for name in names},
            command=artefact.told_by,
            studies=tuple((x.name, x.description) for x in artefact.ancestors if x.kind == "study"),
            value=product.value,
            files=product.files,
        )


def call(function: Callable[..., Any], values: Mapping[str, Any], **more: Any) -> Any:
    """Call a function with those values that it has parameters for."""
    return function(
        **{name: values[name] for name in signature(function).parameters if name in values}, **more
    )


def place_of(artefact: Artefact, values: Mapping[str, Any]) -> str:
    """Name the folder for what a study leaves and keeps, in that of the main job."""
    return artefact.folder or f"{artefact.name}/{'full' if values.get('full') else 'quick'}"


def produce(
    artefact: Artefact, values: Values, formats: Sequence[str] = (), work: Work | None = None
) -> Product:
    """Make an artefact whose inputs are made; a figure as files where formats are named."""
    begun = time.monotonic()
    given: Values = {} if work is None else {"work": work}
    with ExitStack() as stack:
        stack.enter_context(_surroundings(artefact))
        files: dict[str, bytes] = {}
        if artefact.kind == "figure" and formats:
            value, files = None, _drawn(artefact, values, formats)
        elif artefact.kind == "page":
            value, files = None, call(artefact.make, values)
        elif "folder" in artefact.parameters:
            folder = Path(stack.enter_context(TemporaryDirectory()))
            value = call(artefact.make, values, folder=folder, **given)
            files = files_in(folder, place_of(artefact, values))
        else:
            value = call(artefact.make, values, **given)
    return Product(value=value, files=files, seconds=time.monotonic() - begun)


def files_in(folder: Path, place: str) -> dict[str, bytes]:
    """Read what a study left in a folder, but for hidden files and parts of its work."""
    paths = [x for x in sorted(folder.rglob("*")) if x.is_file() and x.suffix != ".npz"]
    return {
        f"{place}/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for path in paths
        if not path.name.startswith(".")
    }


def _drawn(artefact: Artefact, values: Values, formats: Sequence[str]) -> dict[str, bytes]:
    """The files of a figure by format."""
    from kgon.report.figures import ANIMATED, save_drawn

    with TemporaryDirectory() as folder:
        target = Path(folder) / artefact.name
        still = [form for form in formats if form != ANIMATED]
        paths = save_drawn(call(artefact.make, values), target, formats=still) if still else []
        found = {path.suffix[1:]: path.read_bytes() for path in paths}
        if ANIMATED in formats and artefact.animate:
            path = call(artefact.animate, values, target=target.with_suffix(f".{ANIMATED}"))
            found[ANIMATED] = path.read_bytes()
    return found


def _surroundings(artefact: Artefact) -> AbstractContextManager[Any]:
    """Claims are judged at a precision of their own, figures drawn in the style of the house."""
    if artefact.kind == "claims":
        import flint

        precision: AbstractContextManager[Any] = flint.ctx.workprec(BITS)
        return precision
    if artefact.kind == "figure":
        from kgon.report.figures.style import house_style

        return house_style(for_file=True)
    return nullcontext()
