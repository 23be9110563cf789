"""The recipes of artefacts: all that decides what they make, for the store."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import kgon
from kgon.base.codec import encode
from kgon.base.column import Column
from kgon.base.sources import Reached
from kgon.base.table import Table
from kgon.base.verdicts import KgonError
from kgon.report import artefact as declared
from kgon.report.artefact import DEFAULTS, Artefact
from kgon.report.product import SURROUNDINGS, Values
from kgon.report.store import Entry, Recipe, Store, default_place, digest, versions_of

NEUTRAL = ("c", "label", "full")
"""Options whose default is that of every artefact."""
CHECKED, CHECKERS = "kgon.report.checked", "kgon.proofs.check"
"""Whoever can ask the checkers depends on them, though they are no import of his."""

TOLD = ("failed", "about")
"""What a page is told beside what was made."""
TEMPLATES = {
    "kgon.report.page.rendering": "report/page/templates",
    "kgon.report.explorer.page": "report/explorer/parts",
}
"""Whoever fills templates to their folder, on whose files he depends, too."""

OWN = {"table": frozenset(f"{kind.__module__}.{kind.__qualname__}" for kind in (Table, Column))}
"""Classes of what artefacts of a kind make."""


def content_of(value: Any) -> str | None:
    """Hash a value as the store does; None where it has no form."""
    try:
        text, _ = encode(value)
    except KgonError:
        return None
    return digest(text.encode())


def content_kept(artefact: Artefact, entry: Entry) -> str:
    """Hash what an entry keeps of an artefact: of a figure the files, of which it has no other value."""
    files = json.dumps(entry.files, sort_keys=True)
    return digest(files.encode()) if artefact.kind == "figure" else entry.content


def open_store(place: str | Path | None = None, tell: Callable[[str], None] = lambda _: None) -> Store:
    """Open the store in a folder, or where it is by default, with what it remembers of the sources."""
    store = Store(default_place() if place is None else Path(place), tell)
    declared.SOURCES.known.update(store.remembered("sources"))
    return store


class Recipes:
    """The recipes of a run.

    Attributes
    ----------
    contents : dict
        Each artefact that is made to the hash of its value; None where it has none.
    """

    def __init__(self, order: Sequence[Artefact], values: Values, formats: Sequence[str]) -> None:
        self.order, self.values, self.formats = order, values, formats
        self.contents: dict[Artefact, str | None] = {}
        self._reached: dict[Artefact, Reached | None] = {}
        self._given: dict[str, str | None] = {}

    def of(self, artefact: Artefact, *, known: bool = True) -> Recipe | None:
        """Write the recipe of an artefact; None where something has no hash.  Inputs may be unknown yet."""
        reached, inputs = self.reached(artefact), self.inputs(artefact) if known else {}
        if reached is None or None in inputs.values():
            return None
        if artefact.kind == "figure" and not self.formats:
            return None
        return Recipe(
            artefact=str(artefact),
            options=self.options(artefact),
            inputs={name: content for name, content in inputs.items() if content},
            modules=reached.modules,
            versions=versions_of(reached.libraries),
        )

    def options(self, artefact: Artefact) -> dict[str, str]:
        """List the options of its own that are not the default of all, as text."""
        own = [name for name in DEFAULTS if name in artefact.parameters and name in self.values]
        given = {x: self.values[x] for x in own if x not in NEUTRAL or self.values[x] != DEFAULTS[x]}
        formats = {"formats": " ".join(self.formats)} if artefact.kind == "figure" else {}
        told = {name: self.values[name] for name in TOLD if name in artefact.parameters}
        if artefact.kind == "page":
            told["words"] = [(str(x), *x.words) for x in artefact.inputs if x in self.contents]
        return {name: encode(value)[0] for name, value in {**given, **told}.items()} | formats

    def inputs(self, artefact: Artefact) -> dict[str, str | None]:
        """Map its inputs to the hashes of their values; claims that failed or are left out are none."""
        found: dict[str, str | None] = {}
        for each in artefact.inputs:
            if each in self.contents:
                name = str(each) if artefact.kind == "page" else each.name
                found[name] = self.contents[each]
            elif each.kind == "study":
                if each.name not in self._given:
                    self._given[each.name] = content_of(self.values[each.name])
                found[each.name] = self._given[each.name]
        return found

    def reached(self, artefact: Artefact) -> Reached | None:
        """Find the code that it can reach; None where its function is in no file."""
        if artefact not in self._reached:
            self._reached[artefact] = reached_by(artefact)
        return self._reached[artefact]

    def classes(self, artefact: Artefact) -> frozenset[str]:
        """List the classes that its value may hold."""
        reached = self.reached(artefact)
        return frozenset() if reached is None else reached.classes | OWN.get(artefact.kind, frozenset())


def reached_by(artefact: Artefact) -> Reached | None:
    """Find the code that an artefact can reach, and all of the checkers where it can ask them."""
    if artefact.place is None:
        return None
    sources, own = declared.SOURCES, Path(kgon.__path__[0])
    starts = [
        (own.joinpath(*module.split(".")[1:]), name) for module, name in SURROUNDINGS.get(artefact.kind, ())
    ]
    paths = [(x / "__init__.py" if x.is_dir() else x.with_suffix(".py"), name) for x, name in starts]
    found = sources.reached([artefact.place, *paths])
    if CHECKED in found.modules:
        files = sorted((own / "proofs/check").rglob("*.py"))
        found.modules[CHECKERS] = digest(b"".join(file.read_bytes() for file in files))[:16]
    for module, folder in TEMPLATES.items():
        if module in found.modules:
            parts = [file.read_bytes() for file in sorted((own / folder).iterdir())]
            found.modules[f"the files in {folder}"] = digest(b"".join(parts))[:16]
    return found
