"""``njit`` as every kernel uses it, with a cache that no edit of the sources can make stale.

Numba's own cache notices a change of the file that holds a function, not of the files that hold
the functions it calls.  The cache folder is therefore named by a hash of all kernel sources.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numba
from numba.core import config as _numba_config
from numpy.typing import NDArray

config: Any = _numba_config


def _cache_root() -> Path:
    """The user's cache folder; ``NUMBA_CACHE_DIR`` takes precedence where it is set."""
    if os.environ.get("NUMBA_CACHE_DIR"):
        return Path(os.environ["NUMBA_CACHE_DIR"])
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "kgon" / "numba"


@cache
def source_hash() -> str:
    """Hash every kernel source, Numba's version and what else changes the compiled code."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.relative_to(Path(__file__).parent).as_posix().encode())
        digest.update(path.read_bytes())
    digest.update(f"{numba.__version__} boundscheck={config.BOUNDSCHECK}".encode())
    return digest.hexdigest()[:16]


@cache
def cache_folder() -> Path | None:
    """Find the folder of the compiled kernels; None where nothing can be written.

    Where it is new, a terminal is told why the first call takes long.
    """
    folder = _cache_root() / source_hash()
    try:
        first = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            if first and sys.stderr is not None and sys.stderr.isatty():
                print("kgon: compiling for the first time, up to a minute in all", file=sys.stderr)
            return folder
    except OSError:
        return None


def njit(function: Callable[..., Any]) -> Any:
    """Compile for floats: IEEE division, no fast-math, cached by the hash of all sources.

    Python's lock is released, so that threads share a batch.
    """
    folder = cache_folder()
    before = config.CACHE_DIR
    config.CACHE_DIR = str(folder) if folder else before
    try:
        return numba.njit(function, cache=folder is not None, error_model="numpy", nogil=True)
    finally:
        config.CACHE_DIR = before


def writable(array: NDArray[Any]) -> NDArray[Any]:
    """Return an array, or a copy of a read-only one: for these Numba would compile every kernel again."""
    return array if array.flags.writeable else array.copy()


KNOWN = 8
"""Up to this a length is compiled into the code."""


def known(n: int) -> tuple[int, ...]:
    """Make a tuple of length n, which the compiler knows: it unrolls loops.  Empty for n above ``KNOWN``."""
    return (0,) * n if n <= KNOWN else ()


@njit
def length(known, otherwise):
    """Return the length of a tuple that ``known`` has made; ``otherwise`` where it is empty."""
    return len(known) if len(known) > 0 else otherwise
