"""Read points and data sets from users' files, and write points atomically.

Nothing that a user hands in is ever unpickled.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgon.base.checks import Floats, assign, check_choice, real_array
from kgon.base.files import DAMAGED, input_name, write_text, write_with
from kgon.base.verdicts import KgonError, KgonWarning
from kgon.potential.containers import READERS, read_tree
from kgon.potential.entries import LAYOUTS, StoredPoint, joined, point_of
from kgon.potential.entry_names import PARTS, first_of
from kgon.potential.model import TMS
from kgon.potential.nesting import StateDict, find_states, pick

ENDINGS = tuple(READERS)
"""Kinds of files that hold points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a user says of a file that it does not say itself.

    Attributes
    ----------
    entries : mapping
        Names of the entries that are ``W`` and ``b``, perhaps ``importance`` and ``probability``: paths with
        dots, as ``net.encoder.weight``, and ``W[3]`` for one of several that are stacked, counted from 0.
    layout : str or None
        How W stands: ``rc`` for (r, c), ``cr`` for (c, r); None: by the length of b.
    weights : mapping
        ``importance`` and ``probability`` of the model; a file that says others is refused.
    """

    entries: Mapping[str, str] = field(default_factory=dict)
    layout: str | None = None
    weights: Mapping[str, Sequence[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        chosen = {check_choice("an entry", part, PARTS): str(name) for part, name in self.entries.items()}
        if chosen and not {"W", "b"} <= chosen.keys():
            raise KgonError(
                f"both W and b must be named, got {first_of(chosen)} alone: --entry W=NAME,b=NAME"
            )
        assign(self, entries=chosen)
        if self.layout is not None:
            check_choice("layout", self.layout, LAYOUTS)


PLAIN = Reading()
"""Nothing is said: the file says all."""


def read_point(path: str | Path, reading: Reading = PLAIN) -> tuple[TMS, Floats, Floats]:
    """Read a model, W and b from a file; see ``read_stored_point``.

    Returns
    -------
    tms : TMS
        With the sizes of W, and the importances and probabilities of the file, if it has any.
    W, b : arrays
    """
    found = read_stored_point(path, reading)
    return found.tms, found.W, found.b


def read_stored_point(path: str | Path, reading: Reading = PLAIN) -> StoredPoint:
    """Read what a .npz, .json, .csv, .pt, .pth, .ckpt or .safetensors file says of a model and of its points.

    All hold ``W`` (r, c) or (c, r) and ``b`` (c,), or stacked (m, r, c) or (m, c, r) and (m, c), perhaps
    ``importance`` and ``probability`` (c,) and the ``step``; .csv has r + 1 rows, those of W and then b.
    W and b may stand in one part of the file, such as the ``state_dict`` of a checkpoint, and a list of such
    parts, or a dictionary of them by step, is a series.  Which entries are understood is said by
    ``kgon.potential.entries``.

    Parameters
    ----------
    path : str or Path
        ``-`` is standard input.
    reading : Reading
        What the file does not say itself.

    Raises
    ------
    KgonError
        The file is missing, of another kind, damaged, too large, pickled, or holds something else.
    """
    name = input_name(path)
    try:
        tree = read_tree(path)
    except KgonError as error:
        raise type(error)(f"{name}: {error}") from None
    return read_tree_of_points(tree, name, reading)


def read_tree_of_points(tree: Any, name: str, reading: Reading = PLAIN) -> StoredPoint:
    """Read what the contents of a file say, or the entries of a model: names to arrays, nested or not.

    Parameters
    ----------
    tree : mapping or list
        As ``kgon.potential.containers.read_tree`` gives it.
    name : str
        What errors call it.
    reading : Reading
        What it does not say itself.
    """
    try:
        stored = _read(tree, reading)
    except KgonError as error:
        raise type(error)(f"{name}: {error}") from None
    return replace(stored, tms=stored.tms.with_weights(reading.weights, name)) if reading.weights else stored


def _read(tree: Any, reading: Reading) -> StoredPoint:
    """Understand what a file holds."""
    if reading.entries:
        state, passed = pick(tree, reading.entries)
        if passed:
            warnings.warn(f"passed over: {first_of(passed)}", KgonWarning, stacklevel=3)
        return point_of(state.entries, layout=reading.layout)
    states = find_states(tree)
    if states[0].where is None:
        return point_of(states[0].entries, layout=reading.layout)
    points = [_of_series(state, reading) for state in states]
    own = [point.steps[0] if point.steps else state.step for state, point in zip(states, points, strict=True)]
    return joined(points, [str(state.where) for state in states], tuple(own))


def _of_series(state: StateDict, reading: Reading) -> StoredPoint:
    """A point of a series; errors name its place."""
    try:
        found = point_of(state.entries, layout=reading.layout)
    except KgonError as error:
        raise KgonError(f"{state.where}: {error}") from None
    if state.step is not None and found.steps and found.steps[0] != state.step:
        raise KgonError(f"{state.where} has the step {found.steps[0]} in it")
    return found


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


def write_point(path: str | Path, W: Floats, b: Floats) -> Path:
    """Write W and b where ``read_point`` reads them (.npz, .json or .csv), atomically.

    Of a square W an entry ``layout`` says that it is (r, c).
    """
    file = Path(path)
    weights, biases = np.asarray(W, dtype=np.float64), np.asarray(b, dtype=np.float64)
    square = weights.shape[-2:] == 2 * weights.shape[-1:]
    more: dict[str, Any] = {"layout": "rc"} if square else {}
    if file.suffix == ".json":
        text = json.dumps({"W": weights.tolist(), "b": biases.tolist(), **more}, allow_nan=False)
        return write_text(file, text + "\n")
    if file.suffix == ".csv" and weights.ndim == 2:
        rows = [*weights.tolist(), biases.tolist()]
        return write_text(file, "".join(",".join(map(repr, row)) + "\n" for row in rows))
    if file.suffix == ".npz":
        return write_with(file, lambda temporary: np.savez(temporary, W=weights, b=biases, **more))
    raise KgonError(f"{file}: a point is written as .npz, .json or (one point) .csv")
