"""Run folders: finished tasks on disk, from which killed work goes on, and the file of their outcome.

A folder may hold results of several settings.  Nothing that other settings made is ever read or replaced:
a task then has its file beside the other, and the outcome asks for another folder.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgon.base.files import DAMAGED, write_text, write_with
from kgon.base.fingerprint import Fingerprint
from kgon.base.results import Result, jsonable
from kgon.base.verdicts import KgonError

Arrays = dict[str, NDArray[Any]]

KEY, FIELDS = "run key", "run fields"
"""Arrays of a run folder's own: what decided the numbers, and which arrays there must be."""
SHOWN = 40
"""Letters of an option that an error message shows."""


class RunFolder:
    """A folder of finished tasks, one .npz each, written atomically."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, name: str, key: Fingerprint) -> Arrays | None:
        """Read the arrays of a finished task; None if it is missing, damaged or has another fingerprint."""
        try:
            with _opened(self._file(name, key)) as archive:
                if _key_in(archive) != [key.settings, key.sources]:
                    return None
                return {str(field): archive[str(field)] for field in archive[FIELDS]}
        except (OSError, ValueError, *DAMAGED):
            return None

    def write(self, name: str, key: Fingerprint, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Keep the arrays of a finished task in its own file, with its fingerprint."""
        own = {KEY: np.array([key.settings, key.sources]), FIELDS: np.array(list(arrays))}
        contents: dict[str, Any] = {**arrays, **own}
        write_with(self._file(name, key), lambda temporary: np.savez(temporary, **contents))

    def _file(self, name: str, key: Fingerprint) -> Path:
        """The task's own file; where that holds a task of other settings, one beside it."""
        file = self.path / f"{name}.npz"
        try:
            with _opened(file) as archive:
                other = _key_in(archive)[:1] != [key.settings]
        except (OSError, ValueError, *DAMAGED):
            other = False
        return self.path / f"{name}-{key.settings[:12]}.npz" if other else file


@contextmanager
def _opened(file: Path) -> Iterator[Mapping[str, NDArray[Any]]]:
    """An archive; unlike NumPy, this closes the file of a damaged one."""
    with file.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
        yield archive


def _key_in(archive: Mapping[str, NDArray[Any]]) -> list[str]:
    """The fingerprint in a file; empty where somebody else has written it."""
    return [str(part) for part in archive[KEY].ravel()] if KEY in archive else []


@dataclass(frozen=True, slots=True)
class ResultFile:
    """The file of a run folder that holds its outcome, such as ``evidence.json``.

    Attributes
    ----------
    path : Path or None
        None where nothing is kept.
    options : mapping
        What the outcome is made with.
    """

    path: Path | None
    options: Mapping[str, Any]

    @classmethod
    def claim(
        cls, path: Path | None, options: Mapping[str, Any], *, counts: tuple[str, ...] = ()
    ) -> ResultFile:
        """Take a file before anything is computed.

        A file that is there already may be replaced by an outcome of the same options; of those named
        ``counts``, such as a number of runs, there may be more.  A damaged file is made again.

        Raises
        ------
        KgonError
            The file was made with other options, or cannot be read.
        """
        wanted = jsonable(options)
        if path is not None and (made := _options_in(path)) is not None:
            more = {name for name in counts if isinstance(made.get(name), int) and made[name] < wanted[name]}
            other = [
                _difference(name, made.get(name), value)
                for name, value in {**dict.fromkeys(made), **wanted}.items()
                if made.get(name) != value and name not in more
            ]
            if other:
                raise KgonError(
                    f"{path} was made with other settings ({'; '.join(other)}): give another folder than "
                    f"{path.parent}, or move that file away"
                )
        return cls(path, wanted)

    def write(self, outcome: Result) -> None:
        """Write the outcome with its options as JSON, if there is a folder."""
        if self.path is not None:
            write_text(self.path, outcome.to_json(self.options) + "\n")


def _options_in(path: Path) -> dict[str, Any] | None:
    """The options that a file was made with; None if it is missing or damaged."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    except OSError as error:
        raise KgonError(f"{path}: cannot be read ({error.strerror})") from None
    options = document.get("options") if isinstance(document, dict) else None
    return options if isinstance(options, dict) else {}


def _difference(name: str, old: Any, new: Any) -> str:
    """Say how an option differs; of one that has parts, as a model has, how the first that differs does."""
    if isinstance(old, dict) and isinstance(new, dict):
        part = next(x for x in {**old, **new} if old.get(x) != new.get(x))
        return _difference(f"{name}.{part}", old.get(part), new.get(part))
    return f"{name} {_short(old)}, now {_short(new)}"


def _short(value: Any) -> str:
    return textwrap.shorten(json.dumps(value, ensure_ascii=False), SHOWN, placeholder=" …")
