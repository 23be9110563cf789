"""Read a file, or standard input, as names and arrays, nested or not; one reader for every kind of file.

Nothing that a user hands in is ever unpickled, and nothing is read beyond ``MOST_BYTES``.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kgon.base.checks import Floats, shown
from kgon.base.extras import check_extra
from kgon.base.files import DAMAGED, MOST_BYTES, STANDARD_INPUT, check_regular, read_bytes
from kgon.base.runs import FIELDS
from kgon.base.verdicts import KgonError
from kgon.potential import state_dict
from kgon.potential.entry_names import STEPS, kind_of

METADATA = "__metadata__"
"""Where safetensors keep text; the names of its entries begin with it."""
MOST_TEXT = 2**28
"""Bytes of a text file: its numbers take several times as much."""


FORM_OF_CSV = "a .csv has the r rows of W and then that of b, with commas, without a header or an index"
LEAST_NUMBERED = 4
"""Columns from which on a first row 0, 1, 2, … is a header, as pandas writes it, not weights."""
INSTEAD = {
    ".npy": ", which has one array: numpy.savez has both W and b",
    **dict.fromkeys((".txt", ".tsv", ".dat"), ": commas between the numbers make a .csv of it"),
    **dict.fromkeys((".pkl", ".pickle"), ": nothing is unpickled"),
}
"""What would be right in the place of other kinds of files."""


class NoPointError(KgonError):
    """A file that is in order and holds no W and b, such as the log of a run."""


@dataclass(frozen=True, slots=True)
class Stored:
    """Numbers of a type that NumPy does not have.

    Attributes
    ----------
    kind : str
        Name of the type.
    values : array or None
        None where they are no real numbers, or too coarse to be read.
    eps : float
        Spacing of floats at 1.
    """

    kind: str
    values: Floats | None
    eps: float


def read_tree(path: str | Path) -> Any:
    """Read what a file holds: names to arrays, numbers and text, in nested dictionaries and lists.

    Parameters
    ----------
    path : str or Path
        The ending says what it is; standard input, ``-``, is known by its content.

    Raises
    ------
    KgonError
        The file is missing, of another kind, damaged, too large, or pickled; its name is not in the message.
    """
    kind = Path(path).suffix.lower()
    if str(path) != STANDARD_INPUT and kind not in READERS:
        check_regular(path)
        known = f"{', '.join(list(READERS)[:-1])} or {list(READERS)[-1]}"
        raise KgonError(f"a point is read from {known}, not {kind or 'this'}{INSTEAD.get(kind, '')}")
    data = read_bytes(path)
    return READERS[kind if kind in READERS else _kind_of(data)](data)


def _kind_of(data: bytes) -> str:
    """The ending that content would have in a file."""
    if data.startswith(b"PK\x03\x04"):
        return ".pt" if b"/data.pkl" in data[:200] else ".npz"
    if data.startswith(b"\x80"):  # PyTorch's old format, which begins with a pickled number
        return ".pt"
    if data[8:9] == b"{" and int.from_bytes(data[:8], "little") <= len(data) - 8:
        return ".safetensors"
    return ".json" if data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[") else ".csv"


def _read_npz(data: bytes) -> dict[str, Any]:
    """The arrays of an archive; of notes only the step, and which arrays kgon wrote itself."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise KgonError("this is a single array, not an archive with W and b")
            _no_twins(archive.files)
            wanted = [name for name in archive if kind_of(name) != "note" or name in (*STEPS, FIELDS)]
            _check_unpacked(data, wanted)
            return {name: archive[name] if name in wanted else None for name in archive}
    except KgonError:
        raise
    except (*DAMAGED, ValueError) as error:
        if isinstance(error, ValueError) and "pickle" in str(error):
            raise KgonError("the file holds pickled objects, which are never loaded") from None
        raise KgonError("the file is damaged or not an .npz archive") from None


def _check_unpacked(data: bytes, names: Sequence[str] | None = None) -> None:
    """Refuse an archive whose files, or those of some arrays, are too large by its own list.

    Nothing is unpacked beyond what that says.
    """
    wanted = None if names is None else {*names, *(f"{name}.npy" for name in names)}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = [info for info in archive.infolist() if wanted is None or info.filename in wanted]
    if sum(info.file_size for info in infos) > MOST_BYTES:
        raise KgonError(f"its arrays are larger than {MOST_BYTES >> 20} MiB")


def _read_torch(data: bytes) -> Any:
    """What PyTorch saved: an archive, or in its old format one pickled thing after another."""
    try:
        if zipfile.is_zipfile(io.BytesIO(data)):
            _check_unpacked(data)
    except KgonError:
        raise
    except (*DAMAGED, ValueError):  # a name that is no text, too
        raise KgonError("the file is damaged or not one of PyTorch's") from None
    return state_dict.load(data)


def _read_json(data: bytes) -> Any:
    try:
        return json.loads(_text(data), object_pairs_hook=_object)
    except KgonError:
        raise
    except (ValueError, RecursionError):  # bad syntax or encoding, or a number of too many digits
        raise KgonError("the file is not valid JSON") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    _no_twins([name for name, _ in pairs])
    return dict(pairs)


def _no_twins(names: Sequence[str]) -> None:
    """Refuse a file with two entries of one name: which of them is meant is not known."""
    twins = [name for name, count in Counter(names).items() if count > 1]
    if twins:
        raise KgonError(f"there are two entries {twins[0]!r}")


def _text(data: bytes) -> str:
    if len(data) > MOST_TEXT:
        raise KgonError(f"larger than {MOST_TEXT >> 20} MiB")
    return data.decode("utf-8-sig")


def _read_csv(data: bytes) -> dict[str, Any]:
    """The r rows of W and the one of b."""
    try:
        rows = [row for row in csv.reader(io.StringIO(_text(data), newline="")) if row]
    except (csv.Error, UnicodeDecodeError):
        raise KgonError("the file is not valid CSV") from None
    table: list[list[float]] = []
    for number, row in enumerate(rows, start=1):
        try:
            table.append([_number(cell) for cell in row])
        except ValueError:
            kind = NoPointError if number == 1 else KgonError
            raise kind(
                f"row {number} holds something that is not a number: {shown(row)}; {FORM_OF_CSV}"
            ) from None
        if len(row) != len(rows[0]):
            raise KgonError(f"row {number} has {len(row)} cells, the first has {len(rows[0])}")
    if len(table) < 2:
        raise KgonError("there must be r rows of W and then one of b")
    counted = [[str(k + start) for k in range(len(rows[0]))] for start in (0, 1)]
    if len(rows[0]) >= LEAST_NUMBERED and [cell.strip() for cell in rows[0]] in counted:
        raise KgonError(f"row 1 numbers the columns: {shown(rows[0])}; {FORM_OF_CSV}")
    return {"W": np.array(table[:-1]), "b": np.array(table[-1]), "layout": "rc"}


def _number(cell: str) -> float:
    """Read a number, not one of Python's with underscores: 1_0 is a slip, not ten."""
    if "_" in cell:
        raise ValueError(cell)
    return float(cell)


SAFETENSORS_TYPES = {
    **{f"F{size}": f"<f{size // 8}" for size in (16, 32, 64)},
    **{f"{sign}{size}": f"<{sign.lower()}{size // 8}" for sign in "IU" for size in (8, 16, 32, 64)},
    "BOOL": "?",
}
"""Types of safetensors that NumPy has."""


def _read_safetensors(data: bytes) -> dict[str, Any]:
    """The tensors by name, and the file's metadata, which are text."""
    check_extra("safetensors", "a .safetensors file")
    from safetensors import SafetensorError, deserialize

    try:
        tensors = deserialize(data)
    except SafetensorError:
        raise KgonError("the file is damaged or not one of safetensors") from None
    found = {name: _tensor(tensor) for name, tensor in tensors}
    metadata = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")]).get(METADATA)
    return found | {f"{METADATA}.{name}": text for name, text in (metadata or {}).items()}


def _tensor(tensor: dict[str, Any]) -> Any:
    kind, raw, shape = tensor["dtype"], bytes(tensor["data"]), tensor["shape"]
    if kind == "BF16":  # the upper half of a float32
        wide = np.frombuffer(raw, "<u2").astype(np.uint32) << 16
        return Stored("bfloat16", wide.view(np.float32).astype(np.float64).reshape(shape), 2.0**-7)
    if kind not in SAFETENSORS_TYPES:
        return Stored(kind, None, np.inf)
    return np.frombuffer(raw, SAFETENSORS_TYPES[kind]).reshape(shape)


READERS: dict[str, Callable[[bytes], Any]] = {
    ".npz": _read_npz,
    ".json": _read_json,
    ".csv": _read_csv,
    **dict.fromkeys((".pt", ".pth", ".ckpt"), _read_torch),
    ".safetensors": _read_safetensors,
}
"""Endings of files that hold points, and who reads them."""
