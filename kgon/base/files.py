"""Files are read whole up to a size, and written atomically: the old file or the new one, never a part."""

from __future__ import annotations

import csv
import io
import os
import sys
import tempfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from kgon.base.verdicts import KgonError

DAMAGED = (BadZipFile, zlib.error, EOFError, KeyError, MemoryError, OverflowError, RuntimeError, TypeError)
"""What a damaged .npz archive makes its readers raise, beside ValueError and OSError."""

STANDARD_INPUT = "-"
"""What stands for standard input in the place of a file's name."""
MOST_BYTES = 2**30
"""Bytes up to which a file is read."""


def read_bytes(path: str | Path, most: int = MOST_BYTES) -> bytes:
    """Read a regular file, or standard input where the path is ``-``, up to a size.

    Raises
    ------
    KgonError
        It is missing, no regular file, or larger; or standard input is a terminal.
    """
    try:
        if str(path) == STANDARD_INPUT:
            if sys.stdin is None or sys.stdin.isatty():
                raise KgonError("- reads standard input, which is a terminal: kgon verify - < FILE")
            data = sys.stdin.buffer.read(most + 1)
        else:
            check_regular(path)
            with Path(path).open("rb") as stream:
                data = stream.read(most + 1)
    except FileNotFoundError:
        raise KgonError("no such file") from None
    except OSError as error:
        raise KgonError(f"cannot be read ({error.strerror or error})") from None
    if len(data) > most:
        raise KgonError(f"larger than {most >> 20} MiB")
    return data


def check_regular(path: str | Path) -> None:
    """Refuse pipes and devices, which may never end; a missing file is let pass."""
    if Path(path).exists() and not Path(path).is_file():
        raise KgonError("not a regular file; what comes from a pipe is read as -")


def write_text(path: str | Path, text: str) -> Path:
    """Write UTF-8 text atomically; file names that are no text keep their bytes as escapes."""
    return write_bytes(path, text.encode("utf-8", "backslashreplace"))


def write_bytes(path: str | Path, data: bytes) -> Path:
    """Write bytes atomically; a file that holds them already is left as it is."""
    file = Path(path)
    try:
        if file.read_bytes() == data:
            return file
    except OSError:
        pass
    return write_with(file, lambda temporary: temporary.write_bytes(data))


def write_with(path: str | Path, write: Callable[[Path], object]) -> Path:
    """Let ``write`` fill a temporary file with the same ending, then put it in place.

    A reader sees the old file or the new one, never a part.
    """
    file = Path(path)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=".kgon-", suffix=file.suffix)
    except OSError as error:
        raise KgonError(f"{file}: cannot be written ({error.strerror})") from None
    os.close(handle)
    temporary = Path(name)
    try:
        write(temporary)
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        os.replace(temporary, file)
    except OSError as error:
        raise KgonError(f"{file}: cannot be written ({error.strerror})") from None
    finally:
        temporary.unlink(missing_ok=True)
    return file


def check_writable(folder: str | Path) -> None:
    """Refuse a folder in which nothing could be written, before the work; nothing is left behind.

    Raises
    ------
    KgonError
        What exists of the path is no folder, or is closed to writing.
    """
    path = Path(folder)
    try:
        with tempfile.TemporaryFile(dir=next(x for x in (path, *path.parents) if x.exists())):
            pass
    except OSError as error:
        raise KgonError(f"{path}: cannot be written ({error.strerror})") from None


def write_columns(path: str | Path, columns: Mapping[str, Any]) -> Path:
    """Write arrays of one length, by name: a .csv with a header, or an .npz with one array per name."""
    if Path(path).suffix == ".npz":
        import numpy as np

        return write_with(path, lambda temporary: np.savez_compressed(temporary, **columns))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*(values.tolist() for values in columns.values()), strict=True))
    return write_text(path, text.getvalue())


def is_file_name(text: str) -> bool:
    """Say whether an argument that may be a label or a file names a file: by its ending or a separator.

    Standard input, ``-``, counts as one.
    """
    return text == STANDARD_INPUT or bool(Path(text).suffix) or os.sep in text


def input_name(path: str | Path) -> str:
    """Name a file that is read as messages do: ``-`` is standard input."""
    return "standard input" if str(path) == STANDARD_INPUT else str(path)
