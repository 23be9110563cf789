"""The model and its points from the named entries of a file, one way for every kind of file.

Every entry is understood or refused: what would change the model and is passed over makes any answer that
follows one about another model.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kgon.base.checks import Floats, real_array, rectangular, rounding_of
from kgon.base.runs import FIELDS, KEY
from kgon.base.verdicts import KgonError, KgonWarning
from kgon.potential.model import TMS
from kgon.potential.state_dict import first_of, is_tensor, tensor_values, twice

NAMES = {
    "W": ("W", "weight", "W_in", "W_out", "W_enc", "W_dec"),
    "b": ("b", "bias"),
    "importance": ("importance",),
    "probability": ("probability",),
    "note": (
        *("step", "steps", "global_step", "epoch", "iteration", "seed", "lr"),
        *("optimizer", "optimizer_state_dict", "scheduler", "scheduler_state_dict"),
        *(KEY, FIELDS, "chain", "loss", "basin", "labels", "result"),
    ),
}
"""Last parts of the names of entries, by what they are.  Notes say when and how a point was reached, not of
which model it is; the last of them stand in kgon's own files."""
PARTS = ("W", "b", "importance", "probability")
"""What makes a model and a point."""
TYPES = (np.float64, np.float32, np.float16)
"""Types in which probabilities keep their values, bfloat16 among the last."""
TIED = 4
"""Encoder and decoder are one W if they differ by at most this many roundings of the largest entry."""


@dataclass(frozen=True, slots=True)
class StoredPoint:
    """What a file says: a model, and one or many points of it.

    Attributes
    ----------
    tms : TMS
    W, b : arrays
        (r, c) and (c,), or (m, r, c) and (m, c).
    rounding : (float, float)
        Spacing of floats at 1 in the types of W and of b, as they were read.
    """

    tms: TMS
    W: Floats
    b: Floats
    rounding: tuple[float, float]


def point_of(entries: Mapping[str, Any], *, layers: bool = False) -> StoredPoint:
    """Understand the entries of a file: W, b, and perhaps importance and probability.

    An entry is known by the last part of its name, as in ``encoder.weight``.  Several weights are one W if
    they are equal up to the rounding of their types, as they stand or transposed.

    Parameters
    ----------
    entries : mapping
        Names to arrays, lists or tensors.
    layers : bool
        Whether they are those of PyTorch's layers: one point, whose W may have the shape (c, r).

    Raises
    ------
    KgonError
        W or b is missing, ambiguous, of a shape that does not fit or not finite; encoder and decoder differ;
        or an entry is not understood.

    Warns
    -----
    KgonWarning
        W was transposed, is registered more than once, or differs by rounding.
    """
    found = _sorted(entries)
    for kind in PARTS[1:]:
        if len(found[kind]) > 1:
            raise KgonError(
                f"several entries may be {kind}: {first_of(found[kind])}; the tied autoencoder has one"
            )
    values = {name: _numbers(name, x) for kind in ("W", "b") for name, x in found[kind].items()}
    ((b, of_b),) = (values[name] for name in found["b"])
    W, of_W = _one_weight({name: values[name] for name in found["W"]}, b, layers)
    model = {"importance": [_numbers(*entry)[0] for entry in found["importance"].items()]}
    model["probability"] = [_parameter(*entry) for entry in found["probability"].items()]
    if W.ndim < 2:
        raise KgonError(f"W must have shape (r, c) or (m, r, c), got {W.shape}")
    tms = TMS(W.shape[-1], W.shape[-2], **{kind: values[0] for kind, values in model.items() if values})
    return StoredPoint(tms, *tms.point(W, b), (of_W, of_b))


def _sorted(entries: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The entries of each part; what is not needed is not loaded."""
    written = (
        {str(name) for name in rectangular(FIELDS, entries[FIELDS]).ravel()} if FIELDS in entries else set()
    )
    kinds = {name: _kind(name) for name in entries}
    for kind in ("W", "b"):
        if kind not in kinds.values():
            names = " or ".join(NAMES[kind][:2])
            raise KgonError(f"no entry named {names} for {kind}; found {first_of(entries)}")
    unknown = [name for name, kind in kinds.items() if kind is None and name not in written]
    if unknown:
        raise KgonError(
            f"not understood: {first_of(unknown)}; the model is relu(WᵀWx + b), with entries W, b and, where "
            "they are not uniform, importance and probability"
        )
    return {part: {name: entries[name] for name, kind in kinds.items() if kind == part} for part in PARTS}


def _kind(name: str) -> str | None:
    """What an entry of this name is."""
    return next((kind for kind, names in NAMES.items() if name.split(".")[-1] in names), None)


def _numbers(name: str, value: Any) -> tuple[Floats, float]:
    """Real numbers, and the spacing of floats at 1 in their type; a bool is no number."""
    if is_tensor(value):
        return tensor_values(name, value)
    if rectangular(name, value).dtype.kind == "b":
        raise KgonError(f"{name} must hold real numbers, it holds bool")
    return real_array(name, value), rounding_of(value)


def _parameter(name: str, value: Any) -> Any:
    """An importance or a probability, in a type of NumPy's that tells its rounding."""
    values, eps = _numbers(name, value)
    wide_enough = next(kind for kind in TYPES if eps <= np.finfo(kind).eps or kind is TYPES[-1])
    return values.astype(wide_enough)


def _one_weight(weights: Mapping[str, tuple[Floats, float]], b: Floats, layers: bool) -> tuple[Floats, float]:
    """The one W that all weights are, the most precise of them, and its rounding."""
    W = {name: _oriented(name, x, b) if layers else x for name, (x, _) in weights.items()}
    first = min(W, key=lambda name: weights[name][1])  # the most precise
    rounding = max(eps for _, eps in weights.values())
    limit = TIED * rounding * np.abs(W[first]).max(initial=0.0)
    rounded = [name for name, other in W.items() if name != first and not np.array_equal(other, W[first])]
    for name in rounded:
        if W[name].shape != W[first].shape or not (np.abs(W[name] - W[first]) <= limit).all():
            raise KgonError(
                f"{first} and {name} differ: kgon takes the tied autoencoder, whose encoder and decoder "
                "share one W"
            )
    if W[first].shape != weights[first][0].shape:
        _warn(f"{first} has shape {weights[first][0].shape}: it was read as (c, r) and transposed")
    if rounded:
        _warn(f"{first_of(rounded)} and {first} differ by rounding; {first} was read")
    elif len(W) > 1:
        _warn(twice(W))
    return W[first], weights[first][1]


def _oriented(name: str, W: Floats, b: Floats) -> Floats:
    """W (r, c), of shape (c, r) where b tells so."""
    if b.ndim != 1:
        raise KgonError(f"b must have shape (c,), it has {b.shape}")
    c = len(b)
    if W.ndim != 2 or c not in W.shape:
        raise KgonError(f"{name} must have shape (r, {c}) or ({c}, r) to match b, it has {W.shape}")
    if W.shape == (c, c):
        raise KgonError(
            f"{name} has shape {W.shape}: (r, c) and (c, r) cannot be told apart; use an .npz file"
        )
    return W if W.shape[1] == c else np.ascontiguousarray(W.T)


def _warn(text: str) -> None:
    warnings.warn(text, KgonWarning, stacklevel=4)
