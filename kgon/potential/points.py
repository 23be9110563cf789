"""Points from users' files, and atomic writes.

Nothing that a user hands in is ever unpickled.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgon.base.checks import Floats, real_array, shown
from kgon.base.files import DAMAGED, write_text, write_with
from kgon.base.verdicts import KgonError
from kgon.potential import state_dict
from kgon.potential.entries import StoredPoint, point_of
from kgon.potential.model import TMS

ENDINGS = (".npz", ".json", ".csv", ".pt", ".pth")
"""Kinds of files that hold points."""


def read_point(path: str | Path) -> tuple[TMS, Floats, Floats]:
    """Read a model, W and b from a .npz, .json, .csv, .pt or .pth file; see ``read_stored_point``.

    Returns
    -------
    tms : TMS
        With the sizes of W, and the importances and probabilities of the file, if it has any.
    W, b : arrays
    """
    found = read_stored_point(path)
    return found.tms, found.W, found.b


def read_stored_point(path: str | Path) -> StoredPoint:
    """Read what a .npz, .json, .csv, .pt or .pth file says of a model and of one or many points.

    .npz and .json hold ``W`` (r, c) and ``b`` (c,), or stacked (m, r, c) and (m, c), perhaps ``importance``
    and ``probability`` (c,); .csv has r + 1 rows, those of W and then b; .pt and .pth hold a PyTorch
    state_dict.  Which entries are understood is said by ``kgon.potential.entries``.

    Parameters
    ----------
    path : str or Path

    Raises
    ------
    KgonError
        The file is missing, of another kind, damaged, pickled, or holds something else.
    """
    file = Path(path)
    readers: dict[str, Callable[[Path], StoredPoint]] = {
        ".npz": _read_npz,
        ".json": _read_json,
        ".csv": _read_csv,
        ".pt": _read_layers,
        ".pth": _read_layers,
    }
    reader = readers.get(file.suffix.lower())
    if reader is None:
        raise KgonError(f"{file}: a point is read from .npz, .json, .csv or .pt, not {file.suffix or 'this'}")
    try:
        if file.exists() and not file.is_file():
            raise KgonError("not a regular file")
        return reader(file)
    except FileNotFoundError:
        raise KgonError(f"{file}: no such file") from None
    except OSError as error:
        raise KgonError(f"{file}: cannot be read ({error.strerror or error})") from None
    except KgonError as error:
        raise KgonError(f"{file}: {error}") from None


def read_data(path: str | Path, c: int) -> tuple[NDArray[np.int64], Floats]:
    """Read a data set from an .npz with ``feature`` and ``amplitude`` (n,), as ``kgon train`` writes.

    Raises
    ------
    KgonError
        The file is missing, damaged, holds something else, or weights of another number of features.
    """
    try:
        with Path(path).open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            feature, amplitude = archive["feature"], real_array("amplitude", archive["amplitude"])
            features = archive["W"].shape[-1] if "W" in archive else c
    except FileNotFoundError:
        raise KgonError(f"{path}: no such file") from None
    except (OSError, ValueError, *DAMAGED):
        raise KgonError(f"{path}: not an .npz with a data set, arrays feature and amplitude") from None
    if feature.dtype.kind not in "iu":
        raise KgonError(f"{path}: feature must hold whole numbers, it holds {feature.dtype}")
    if features != c:
        raise KgonError(f"{path}: the data are those of {features} features, the point has {c}")
    return feature.astype(np.int64), amplitude


def _read_npz(path: Path) -> StoredPoint:
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise KgonError("this is a single array, not an archive with W and b")
            _no_twins(archive.files)
            return point_of(archive)
    except DAMAGED:
        raise KgonError("the file is damaged or not an .npz archive") from None
    except ValueError as error:
        if isinstance(error, KgonError):
            raise
        if "allow_pickle" in str(error) or "pickle" in str(error):
            raise KgonError("the file holds pickled objects, which are never loaded") from None
        raise KgonError("the file is damaged or not an .npz archive") from None


def _read_json(path: Path) -> StoredPoint:
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"), object_pairs_hook=_object)
    except KgonError:
        raise
    except (ValueError, RecursionError):  # bad syntax or encoding, or a number of too many digits
        raise KgonError("the file is not valid JSON") from None
    if not isinstance(data, dict):
        raise KgonError("the file must hold one object with the keys W and b")
    return point_of({name: _without_bools(name, value) for name, value in data.items()})


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    _no_twins([name for name, _ in pairs])
    return dict(pairs)


def _no_twins(names: Sequence[str]) -> None:
    """Refuse a file with two entries of one name: which of them is meant is not known."""
    twins = [name for name, count in Counter(names).items() if count > 1]
    if twins:
        raise KgonError(f"there are two entries {twins[0]!r}")


def _without_bools(name: str, value: Any) -> Any:
    """Lists of numbers as they are; NumPy would read true and false among numbers as 1 and 0."""
    if isinstance(value, bool):
        raise KgonError(f"{name} must hold real numbers, it holds {str(value).lower()}")
    return [_without_bools(name, item) for item in value] if isinstance(value, list) else value


def _read_layers(path: Path) -> StoredPoint:
    return point_of(state_dict.load(path), layers=True)


def _read_csv(path: Path) -> StoredPoint:
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            rows = [row for row in csv.reader(stream) if row]
    except (csv.Error, UnicodeDecodeError):
        raise KgonError("the file is not valid CSV") from None
    table: list[list[float]] = []
    for number, row in enumerate(rows, start=1):
        try:
            table.append([_number(cell) for cell in row])
        except ValueError:
            raise KgonError(f"row {number} holds something that is not a number: {shown(row)}") from None
        if len(row) != len(rows[0]):
            raise KgonError(f"row {number} has {len(row)} cells, the first has {len(rows[0])}")
    if len(table) < 2:
        raise KgonError("there must be r rows of W and then one of b")
    return point_of({"W": np.array(table[:-1]), "b": np.array(table[-1])})


def _number(cell: str) -> float:
    """Read a number, not one of Python's with underscores: 1_0 is a slip, not ten."""
    if "_" in cell:
        raise ValueError(cell)
    return float(cell)


def write_point(path: str | Path, W: Floats, b: Floats) -> Path:
    """Write W and b where ``read_point`` reads them (.npz, .json or .csv), atomically."""
    file = Path(path)
    weights, biases = np.asarray(W, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if file.suffix == ".json":
        text = json.dumps({"W": weights.tolist(), "b": biases.tolist()}, allow_nan=False)
        return write_text(file, text + "\n")
    if file.suffix == ".csv" and weights.ndim == 2:
        rows = [*weights.tolist(), biases.tolist()]
        return write_text(file, "".join(",".join(map(repr, row)) + "\n" for row in rows))
    if file.suffix == ".npz":
        return write_with(file, lambda temporary: np.savez(temporary, W=weights, b=biases))
    raise KgonError(f"{file}: a point is written as .npz, .json or (one point) .csv")
