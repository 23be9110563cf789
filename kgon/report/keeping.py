"""What the store holds: where it is, how large, what no run would read again, and its removal."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from kgon.base.results import Result, result
from kgon.report.artefact import MODULES, artefacts
from kgon.report.recipes import content_kept, reached_by
from kgon.report.store import Entry, Store, versions_of

Kept = tuple[Path, Entry, dict[str, Any]]
"""An entry: its file, what it says, and its recipe."""
SCRAP = ("entries", "objects", "runs", "locks")
"""Folders of which nothing counts but live entries and what these name."""


@result
class Keeping(Result):
    """What a store holds.

    Attributes
    ----------
    folder : str
    size : int
        Bytes of all its files.
    kept : int
        Artefacts that a run with today's sources and libraries would read.
    stale : tuple of str
        Those that no such run would.
    stale_size : int
        Bytes that pruning frees, or has freed.
    pruned : bool
        Whether what was stale is gone.
    """

    folder: str
    size: int
    kept: int
    stale: tuple[str, ...]
    stale_size: int
    pruned: bool

    def headline(self) -> str:
        other = (
            f"{len(self.stale)} {'removed' if self.pruned else 'stale'} ({_in_megabytes(self.stale_size)})"
        )
        return f"{self.folder}: {_in_megabytes(self.size)}, {self.kept} artefacts kept, {other}"

    def rows(self) -> Sequence[tuple[str, str]]:
        sizes = [("size", _in_megabytes(self.size)), ("kept", f"{self.kept} artefacts")]
        return [*sizes, *((name, "removed" if self.pruned else "stale") for name in self.stale)]


def _in_megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


def look_at_store(store: Store) -> Keeping:
    """Say what a store holds, and what of it is stale: made by other sources, libraries or inputs."""
    return _looked_at(store)[0]


def prune_store(store: Store) -> Keeping:
    """Remove what is stale, and finished parts of unfinished studies; a run that goes on makes it again."""
    before, scrap = _looked_at(store)
    for path in scrap:
        path.unlink(missing_ok=True)
    for name in ("runs", "locks"):
        shutil.rmtree(store.root / name, ignore_errors=True)
    (store.root / "sources.json").unlink(missing_ok=True)
    size = sum(path.stat().st_size for path in _files(store))
    return replace(before, size=size, stale_size=before.size - size, pruned=True)


def _looked_at(store: Store) -> tuple[Keeping, set[Path]]:
    """What a store holds, and the files of which no run would read any."""
    entries = list(store.entries())
    live = _live(entries)
    stale = tuple(recipe["artefact"] for path, _, recipe in entries if path not in live)
    wanted = live | _objects(store, [entry for path, entry, _ in entries if path in live])
    files = _files(store)
    scrap = {path for path in files if path.relative_to(store.root).parts[0] in SCRAP} - wanted
    found = Keeping(
        folder=str(store.root), size=sum(path.stat().st_size for path in files), kept=len(live), stale=stale,
        stale_size=sum(path.stat().st_size for path in scrap), pruned=False,
    )  # fmt: skip
    return found, scrap


def _files(store: Store) -> list[Path]:
    return [path for path in store.root.rglob("*") if path.is_file()]


def _live(entries: Sequence[Kept]) -> set[Path]:
    """The entries that a run would read: of today's sources and libraries, and of inputs that are such."""
    known = {str(x): x for kind in MODULES for x in artefacts(kind).values()}
    now = {name: reached_by(artefact) for name, artefact in known.items()}
    live: dict[Path, tuple[str, str, Mapping[str, str]]] = {}
    for path, entry, recipe in entries:
        reached = now.get(recipe["artefact"])
        if reached is not None and (recipe["modules"], recipe["versions"]) == (
            reached.modules,
            versions_of(reached.libraries),
        ):
            kept = content_kept(known[recipe["artefact"]], entry)
            live[path] = recipe["artefact"], kept, recipe["inputs"]
    while True:
        made = {
            pair
            for name, content, _ in live.values()
            for pair in ((name, content), (name.partition(" ")[2], content))
        }
        lost = [path for path, (*_, inputs) in live.items() if not set(inputs.items()) <= made]
        if not lost:
            return set(live)
        for path in lost:
            del live[path]


def _objects(store: Store, entries: Sequence[Entry]) -> set[Path]:
    """The files that entries name."""
    values = {store.object_file(entry.content, ending) for entry in entries for ending in ("json", "npz")}
    return values | {store.object_file(x, "bin") for entry in entries for x in entry.files.values()}
