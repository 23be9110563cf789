"""Run folders: finished tasks on disk, from which killed work goes on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgon.base.files import DAMAGED, write_with
from kgon.base.version import __version__

Arrays = dict[str, NDArray[Any]]

KEY, FIELDS = "run key", "run fields"
"""Arrays of a run folder's own: what decided the numbers, and which arrays there must be."""


@cache
def code_hash() -> str:
    """Hash of the package's sources: results that other sources made are not gone on with."""
    package = Path(__file__).parent
    used = " ".join(version(name) for name in ("numpy", "scipy", "numba"))
    digest = hashlib.sha256(f"{__version__} {used}".encode())
    for path in sorted(package.rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:16]


class RunFolder:
    """Finished tasks on disk, one .npz each, written atomically.

    Parameters
    ----------
    path : Path
    key : str
        What decides the numbers beside the task's name.  A file with another key is made again.
    """

    def __init__(self, path: str | Path, key: str) -> None:
        self.path, self.key = Path(path), f"{code_hash()} {key}"

    def read(self, name: str) -> Arrays | None:
        """The arrays of a finished task; None if it is missing, damaged or was made with another key."""
        try:
            with self._file(name).open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
                if str(archive[KEY]) != self.key:
                    return None
                return {str(field): archive[str(field)] for field in archive[FIELDS]}
        except (OSError, ValueError, *DAMAGED):
            return None

    def write(self, name: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Keep a finished task."""
        own: dict[str, Any] = {KEY: np.array(self.key), FIELDS: np.array(list(arrays))}
        contents = {**arrays, **own}
        write_with(self._file(name), lambda temporary: np.savez(temporary, **contents))

    def _file(self, name: str) -> Path:
        return self.path / f"{name}.npz"
