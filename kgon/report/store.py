"""The store: what artefacts made, on disk, by a hash of all that decides it.

An artefact is kept under the hash of its recipe: its options, what its inputs are, the code that it can reach
and the versions of the libraries that this imports.  An entry names a value, as JSON and arrays, and files.
Everything is checked by its hash when it is read; what is damaged counts as missing, and is made anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import IO, Any

from kgon.base.codec import UnreadableError, decode, encode
from kgon.base.files import DAMAGED, check_writable, write_text, write_with
from kgon.base.verdicts import KgonError
from kgon.base.version import NUMERICAL

try:
    import fcntl
except ImportError:  # Windows: two processes may do the same work, and write the same files
    fcntl = None  # type: ignore[assignment]

FORM = "kgon/store/1"
PLACE = "KGON_STORE"
"""Environment variable that names the folder."""
DISTRIBUTIONS = {"flint": "python-flint", "sklearn": "scikit-learn", "mpl_toolkits": "matplotlib"}
"""Names of packages that differ from what is imported."""
SHOWN = 3
"""Reasons that a line names."""


def default_place() -> Path:
    """Find the folder of the store: that of ``KGON_STORE``, or one in the user's cache folder."""
    if place := os.environ.get(PLACE):
        return Path(place)
    cached = os.environ.get("XDG_CACHE_HOME")
    return (Path(cached) if cached else Path.home() / ".cache") / "kgon" / "store"


@cache
def version_of(library: str) -> str:
    """Read the version of a library; empty where it is not installed."""
    try:
        return version(DISTRIBUTIONS.get(library, library))
    except PackageNotFoundError:
        return ""


def versions_of(libraries: Collection[str]) -> dict[str, str]:
    """List the versions that count where some libraries are used: numerical ones stand on each other."""
    others = [name for name in libraries if name != "kgon"]  # whose sources stand for themselves
    found = {name: version_of(name) for name in (*(NUMERICAL if others else ()), *others)}
    return {"python": platform.python_version(), **found}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """All that decides what an artefact makes, as JSON data.

    Attributes
    ----------
    artefact : str
        Kind and name.
    options : dict
    inputs : dict
        Name of each input to the hash of its value.
    modules, versions : dict
        Modules that it reaches to the hash of what is reached there, and versions of libraries.
    """

    artefact: str
    options: dict[str, str]
    inputs: dict[str, str]
    modules: dict[str, str]
    versions: dict[str, str]

    def data(self) -> dict[str, Any]:
        """The fields by name."""
        return {name: getattr(self, name) for name in self.__slots__}

    @property
    def key(self) -> str:
        """The hash under which the artefact is kept."""
        return digest(json.dumps([FORM, self.data()], sort_keys=True).encode())

    @property
    def asked(self) -> str:
        """A short hash of options and inputs alone: what was asked for, whatever the sources are."""
        return digest(json.dumps([self.options, self.inputs], sort_keys=True).encode())[:12]

    def changes(self, before: Mapping[str, Any], *, inputs: bool = True) -> list[str]:
        """Say what differs from the recipe of an entry; ``inputs`` are looked at where they are known."""
        found = [f"option {name} changed" for name in _differ(self.options, before["options"])]
        found += [f"input {x} changed" for x in _differ(self.inputs, before["inputs"]) if inputs]
        found += [f"source of {name} changed" for name in _differ(self.modules, before["modules"])]
        new, old = self.versions, before["versions"]
        found += [
            f"version of {name} changed ({old.get(name) or 'none'} → {new.get(name) or 'none'})"
            for name in _differ(new, old)
        ]
        return found or (["what was kept is damaged or gone"] if inputs else [])


def _differ(new: Mapping[str, str], old: Mapping[str, str]) -> list[str]:
    return [name for name in {**new, **old} if new.get(name) != old.get(name)]


def in_words(reasons: list[str]) -> str:
    """Join the first few reasons."""
    more = len(reasons) - SHOWN
    return "; ".join([*reasons[:SHOWN], *([f"and {more} more"] if more > 0 else [])])


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is kept of an artefact.

    Attributes
    ----------
    key : str
        That of its recipe.
    content : str
        Hash of the text of its value.
    files : dict
        Name of each file, a path, to the hash of its contents.
    """

    key: str
    content: str
    files: dict[str, str]


def digest(data: bytes) -> str:
    """Hash contents: the name under which the store keeps them."""
    return hashlib.sha256(data).hexdigest()


@dataclass(slots=True)
class Store:
    """A folder of what artefacts made.

    Attributes
    ----------
    root : Path
    tell : callable
        Called with a line where something is wrong with a file; and once where nothing can be kept.
    closed : bool
        Whether nothing can be written.
    """

    root: Path
    tell: Callable[[str], None] = lambda _: None
    closed: bool = False
    _texts: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        try:
            check_writable(self.root)
            self.root.mkdir(parents=True, exist_ok=True)
        except (OSError, KgonError) as error:
            self._close(error)

    def _close(self, error: Exception) -> None:
        if not self.closed:
            self.closed = True
            reason = error.strerror if isinstance(error, OSError) else str(error)
            self.tell(
                f"nothing is kept for the next time: the store {self.root} cannot be written ({reason}); "
                f"--store or {PLACE} names another folder"
            )

    # --- entries ---------------------------------------------------------------------------------

    def _folder(self, artefact: str) -> Path:
        return self.root / "entries" / artefact.replace(" ", "-")

    def object_file(self, content: str, ending: str) -> Path:
        """Name the file of a value (json, npz) or a file (bin) by the hash of its contents."""
        return self.root / "objects" / content[:2] / f"{content}.{ending}"

    def entry(self, recipe: Recipe) -> Entry | None:
        """Read what is kept of a recipe; None where there is nothing, or it is damaged."""
        path = self._folder(recipe.artefact) / f"{recipe.key}.json"
        found = self._read_entry(path)
        return found[0] if found is not None and found[0].key == recipe.key else None

    def _read_entry(self, path: Path) -> tuple[Entry, dict[str, Any]] | None:
        try:
            whole = json.loads(path.read_bytes())
            inside = whole["entry"]
            if whole["form"] != FORM or whole["sha256"] != digest(json.dumps(inside).encode()):
                raise UnreadableError("another hash")
            files = {str(name): str(content) for name, content in inside["files"].items()}
            if not all(_is_inside(name) for name in files):
                raise UnreadableError("a file elsewhere")
            return Entry(key=inside["key"], content=inside["content"], files=files), inside["recipe"]
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            self.tell(f"{path}: damaged, what it kept is made anew")
            return None

    def last(self, artefact: str) -> dict[str, Any] | None:
        """Read the recipe of what was kept last of an artefact."""
        with suppress(OSError):
            paths = sorted(self._folder(artefact).glob("*.json"), key=lambda x: x.stat().st_mtime_ns)
            for path in reversed(paths):
                if (found := self._read_entry(path)) is not None:
                    return found[1]
        return None

    def entries(self) -> Iterator[tuple[Path, Entry, dict[str, Any]]]:
        """Read every entry and its recipe."""
        for path in sorted(self.root.glob("entries/*/*.json")):
            if (found := self._read_entry(path)) is not None:
                yield path, *found

    # --- values and files ------------------------------------------------------------------------

    def value(self, content: str, classes: Collection[str]) -> Any:
        """Read a value whose classes are known.

        Raises
        ------
        UnreadableError
            It is damaged or missing, or holds something else.
        """
        import numpy as np

        text = self._bytes(content, "json").decode()
        arrays = {}
        path = self.object_file(content, "npz")
        try:
            with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
                arrays = {name: archive[name] for name in archive.files}
        except FileNotFoundError:  # a value without arrays; or it is missed below
            pass
        except (OSError, ValueError, *DAMAGED) as error:
            raise UnreadableError(f"{path}: damaged ({error!r})") from None
        return decode(text, arrays, classes)

    def file(self, content: str) -> bytes:
        """Read the contents of a file.

        Raises
        ------
        UnreadableError
            They are damaged or missing.
        """
        return self._bytes(content, "bin")

    def _bytes(self, content: str, ending: str) -> bytes:
        path = self.object_file(content, ending)
        try:
            found = path.read_bytes()
        except OSError as error:
            raise UnreadableError(f"{path}: missing ({error.strerror})") from None
        if digest(found) != content:
            raise UnreadableError(f"{path}: damaged")
        return found

    def write(self, recipe: Recipe, value: Any, files: Mapping[str, bytes]) -> Entry:
        """Keep a value and files; where that cannot be done, say so once.

        Raises
        ------
        KgonError
            A value that has no form.
        """
        import numpy as np

        text, arrays = encode(value)
        content = digest(text.encode())
        kept = {name: digest(data) for name, data in files.items()}
        entry = Entry(key=recipe.key, content=content, files=kept)
        inside = {"key": entry.key, "content": content, "files": kept, "recipe": recipe.data()}
        whole = {"form": FORM, "sha256": digest(json.dumps(inside).encode()), "entry": inside}
        try:
            if arrays:
                path = self.object_file(content, "npz")
                self._put(path, lambda temporary: np.savez_compressed(temporary, **arrays))  # type: ignore[arg-type]
            self._put(
                self.object_file(content, "json"), lambda temporary: temporary.write_bytes(text.encode())
            )
            for name, data in files.items():
                self._put(self.object_file(kept[name], "bin"), partial(Path.write_bytes, data=data))
            path = self._folder(recipe.artefact) / f"{recipe.key}.json"
            self._put(path, lambda temporary: temporary.write_text(json.dumps(whole), "utf-8"))
        except (OSError, KgonError) as error:
            self._close(error)
        return entry

    def _put(self, path: Path, write: Callable[[Path], object]) -> None:
        if not self.closed:
            write_with(path, write)

    # --- locks -----------------------------------------------------------------------------------

    def lock(self, key: str) -> IO[bytes] | None:
        """Take the lock of a key, and free it by closing; None while another process holds it.

        A process that is killed frees its locks.
        """
        if self.closed or fcntl is None:
            return open(os.devnull, "rb")
        path = self.root / "locks" / key
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            held = path.open("ab")
        except OSError as error:
            self._close(error)
            return open(os.devnull, "rb")
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            held.close()
            return None
        except OSError:  # a file system without locks
            pass
        return held

    # --- what is remembered beside -----------------------------------------------------------------

    def remembered(self, name: str) -> dict[str, Any]:
        """Read a file of what is only remembered: times, and what stands in sources; empty if damaged."""
        with suppress(OSError, ValueError, LookupError, TypeError, RecursionError):
            whole = json.loads((self.root / f"{name}.json").read_bytes())
            if whole["sha256"] == digest(json.dumps(whole["known"]).encode()):
                return dict(whole["known"])
        return {}

    def remember(self, name: str, known: Mapping[str, Any]) -> None:
        """Write such a file."""
        if self.closed:
            return
        text = json.dumps(known)
        try:
            write_text(
                self.root / f"{name}.json", f'{{"sha256": "{digest(text.encode())}", "known": {text}}}\n'
            )
        except (OSError, KgonError) as error:
            self._close(error)


def _is_inside(name: str) -> bool:
    """Whether a path leads nowhere but into the folder that it is relative to."""
    return bool(name) and not Path(name).is_absolute() and ".." not in Path(name).parts
