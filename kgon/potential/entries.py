"""The model and its points from the named entries of a file, one way for every kind of file.

Every entry is understood or refused: what would change the model and is passed over makes any answer that
follows one about another model.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kgon.base.checks import Floats, check_choice, real_array, rectangular, rounding_of
from kgon.base.runs import FIELDS
from kgon.base.verdicts import KgonError, KgonWarning
from kgon.potential.containers import METADATA, Stored
from kgon.potential.entry_names import PARTS, STEPS, first_of, in_note, kind_of, leaves, parts_of
from kgon.potential.model import TMS
from kgon.potential.state_dict import is_tensor, tensor_values, twice
from kgon.potential.steps import Step, step_of_key

LAYOUTS = {"rc": "(r, c)", "cr": "(c, r)"}
"""Shapes in which W may stand, by the option that says so."""
PROBABILITY_TYPES = (np.float64, np.float32, np.float16)
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
    steps : tuple of (int, float or None)
        Of one point, its step, if the file says it; of many, those of a series in the order of the file, None
        where it does not say them; empty for others.
    """

    tms: TMS
    W: Floats
    b: Floats
    rounding: tuple[float, float]
    steps: tuple[Step | None, ...] = ()

    @property
    def count(self) -> int:
        """How many points there are."""
        return self.b.size // self.tms.c

    @property
    def series(self) -> bool:
        """Whether the points come one after another."""
        return self.W.ndim == 3 and bool(self.steps)

    def only(self) -> StoredPoint:
        """The one point there is, not stacked.

        Raises
        ------
        KgonError
            There are several.
        """
        if self.count != 1:
            raise KgonError(
                f"one point is taken, the file holds {len(self.b)}; --entry W=W[0],b=b[0], with their names "
                "in the file, takes the first"
            )
        return replace(self, W=self.W.reshape(self.tms.r, self.tms.c), b=self.b.reshape(-1))


def point_of(entries: Mapping[str, Any], *, layout: str | None = None) -> StoredPoint:
    """Understand the entries of a file: W, b, and perhaps importance, probability and the step.

    An entry is known by the last part of its name, as in ``encoder.weight``.  Several weights are one W if
    they are equal up to the rounding of their types, as they stand or transposed.

    Parameters
    ----------
    entries : mapping
        Names to arrays, lists or tensors.
    layout : str, optional
        How W stands, ``rc`` or ``cr``.  Default: what an entry ``layout`` says, or the length of b.

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
    for kind in (*PARTS[1:], "layout"):
        if len(found[kind]) > 1:
            raise KgonError(
                f"several entries may be {kind}: {first_of(found[kind])}; the tied autoencoder has "
                "one, which --entry W=NAME,b=NAME names"
            )
    for own in found["layout"].values():
        layout = layout or check_choice("layout", str(own), LAYOUTS)
    values = {name: _numbers(name, x) for kind in ("W", "b") for name, x in found[kind].items()}
    ((b, of_b),) = (values[name] for name in found["b"])
    W, of_W = _one_weight({name: values[name] for name in found["W"]}, b, layout)
    model = {"importance": [_numbers(*entry)[0] for entry in found["importance"].items()]}
    model["probability"] = [_parameter(*entry) for entry in found["probability"].items()]
    weights = {kind: values[0] if values else None for kind, values in model.items()}
    tms = TMS(W.shape[-1], W.shape[-2], importance=weights["importance"], probability=weights["probability"])
    return StoredPoint(tms, *tms.point(W, b), (of_W, of_b), _steps(entries, W))


def _sorted(entries: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The entries of each part; what is not needed is not converted."""
    written = (
        {str(name) for name in rectangular(FIELDS, entries[FIELDS]).ravel()} if FIELDS in entries else set()
    )
    others = [(name, value) for name, value in entries.items() if name not in written]
    unknown = [path for name, value in others for path in _not_understood(name, value)]
    if unknown:
        raise KgonError(
            f"not understood: {first_of(unknown)}; the model is relu(WᵀWx + b), with entries W, b and, where "
            "they are not uniform, importance and probability; --entry W=NAME,b=NAME reads these alone"
        )
    found: dict[str, dict[str, Any]] = {part: {} for part in (*PARTS, "layout")}
    for name in entries:
        if (kind := kind_of(name)) in found:
            found[kind][name] = entries[name]
    return found


def _not_understood(name: str, value: Any) -> Iterator[str]:
    """What of an entry has no meaning here: itself, or what stands in it and is no note."""
    kind = kind_of(name)
    if parts_of(value) is None:
        yield from [name] if kind is None else []
    elif kind != "note":
        yield from (f"{name}.{path}" for path, _ in leaves(value) if not in_note(path))


def _numbers(name: str, value: Any) -> tuple[Floats, float]:
    """Real numbers, and the spacing of floats at 1 in their type; a bool is no number."""
    if is_tensor(value):
        return tensor_values(name, value)
    if isinstance(value, Stored):
        if value.values is None:
            raise KgonError(f"{name} must hold real numbers of at least 16 bits, it holds {value.kind}")
        return value.values, value.eps
    array = rectangular(name, value)
    if array.dtype.kind == "b":
        raise KgonError(f"{name} must hold real numbers, it holds bool")
    _check_no_bool(name, value)
    return real_array(name, array), rounding_of(array)


def _check_no_bool(name: str, value: Any) -> None:
    """Refuse true and false among the numbers of a list, which NumPy would read as 1 and 0."""
    for item in value if isinstance(value, list) else []:
        if isinstance(item, bool):
            raise KgonError(f"{name} must hold real numbers, it holds {str(item).lower()}")
        _check_no_bool(name, item)


def _parameter(name: str, value: Any) -> Any:
    """An importance or a probability, in a type of NumPy's that tells its rounding."""
    values, eps = _numbers(name, value)
    wide_enough = (kind for kind in PROBABILITY_TYPES if eps <= np.finfo(kind).eps)
    return values.astype(next(wide_enough, PROBABILITY_TYPES[-1]))


# --- W and b ---------------------------------------------------------------------------------------------


def _one_weight(
    weights: Mapping[str, tuple[Floats, float]], b: Floats, layout: str | None
) -> tuple[Floats, float]:
    """The one W that all weights are, the most precise of them, and its rounding."""
    first = min(weights, key=lambda name: weights[name][1])  # the most precise
    given, eps = weights[first]
    taken = _layout(first, given, b, layout)
    W = _standing(given, taken)
    limit = TIED * max(each for _, each in weights.values()) * np.abs(W).max(initial=0.0)
    rounded = []
    for name in [other for other in weights if other != first]:
        ways = _both_ways(weights[name][0], W.shape)
        gap = min((float(np.abs(way - W).max(initial=0.0)) for way in ways), default=np.inf)
        if not gap <= limit:
            raise KgonError(
                f"{first} and {name} differ: kgon takes the tied autoencoder, whose encoder and decoder "
                "share one W"
            )
        if gap:
            rounded.append(name)
    if taken == "cr" and layout is None:
        shape = "(c, r)" if W.ndim == 2 else "(m, c, r)"
        _warn(f"{first} has shape {given.shape}: it was read as {shape} and transposed")
    if rounded:
        _warn(f"{first_of(rounded)} and {first} differ by rounding; {first} was read")
    elif len(weights) > 1:
        _warn(
            f"{twice(weights)}; or else these are equal parameters of an untied model, and what is said is "
            "of the tied one"
        )
    return W, eps


def _layout(name: str, W: Floats, b: Floats, asked: str | None) -> str:
    """How W stands, ``rc`` or ``cr``, by the length of b or as it was asked for."""
    if b.ndim not in (1, 2) or (W.ndim == 2 and b.ndim == 2):
        raise KgonError(f"b must have shape (c,), or (m, c) with stacked W, it has {b.shape}")
    c = b.shape[-1]
    many = f"{b.shape[0]}, " if b.ndim == 2 else ""
    fitting = [
        known
        for known, axis in (("rc", -1), ("cr", -2))
        if W.ndim == b.ndim + 1
        and W.shape[:-2] == b.shape[:-1]
        and W.shape[axis] == c
        and W.shape[-3 - axis] <= c
    ]
    if not fitting:
        raise KgonError(
            f"{name} must have shape ({many}r, {c}) or ({many}{c}, r), r <= {c}, to match b, it has {W.shape}"
        )
    if asked is not None and asked not in fitting:
        raise KgonError(f"{name} has shape {W.shape} and b has {c} numbers: --layout {asked} does not fit")
    if asked is None and len(fitting) > 1:
        raise KgonError(
            f"{name} has shape {W.shape}: (r, c) and (c, r) cannot be told apart; say which by --layout rc "
            "or --layout cr"
        )
    return asked or fitting[0]


def _both_ways(W: Floats, shape: tuple[int, ...]) -> list[Floats]:
    """W and its transpose, of these those that have a shape."""
    ways = [W, np.swapaxes(W, -1, -2)] if W.ndim >= 2 else [W]
    return [way for way in ways if way.shape == shape]


def _standing(W: Floats, layout: str) -> Floats:
    """W as (…, r, c)."""
    return W if layout == "rc" else np.ascontiguousarray(np.swapaxes(W, -1, -2))


def _warn(text: str) -> None:
    warnings.warn(text, KgonWarning, stacklevel=4)


# --- steps and series ------------------------------------------------------------------------------------


def _steps(entries: Mapping[str, Any], W: Floats) -> tuple[Step | None, ...]:
    """The step of one point, or those of as many as there are; empty where no entry says them."""
    count = len(W) if W.ndim == 3 else 1
    for name in (*STEPS, *(f"{METADATA}.{name}" for name in STEPS)):
        found = _step_values(name, entries[name]) if name in entries else ()
        if W.ndim == 3 and len(found) not in (0, 1, count):
            raise KgonError(f"{name} has {len(found)} numbers for {count} points")
        if len(found) == count and any(step is not None for step in found):
            return found
    return ()


def _step_values(name: str, value: Any) -> tuple[Step | None, ...]:
    """The numbers of an entry; None for what is no number."""
    numbers = tensor_values(name, value)[0] if is_tensor(value) else value
    return tuple(step_of_key(step) for step in np.asarray(numbers, dtype=object).ravel().tolist())


def joined(points: list[StoredPoint], names: list[str], steps: tuple[Step | None, ...]) -> StoredPoint:
    """Make one series of its points.

    Raises
    ------
    KgonError
        They are not of one model, or a part of it is stacked itself.
    """
    tms = points[0].tms
    for name, point in zip(names, points, strict=True):
        if point.W.ndim != 2:
            raise KgonError(f"{name} holds {point.count} stacked points: a series takes one at a time")
        if point.tms != tms:
            raise KgonError(
                f"{names[0]} and {name} have different {_difference(tms, point.tms)}; a series is one run"
            )
    of_W, of_b = (max(point.rounding[k] for point in points) for k in (0, 1))
    W, b = np.stack([point.W for point in points]), np.stack([point.b for point in points])
    return StoredPoint(tms, W, b, (of_W, of_b), steps)


def _difference(first: TMS, second: TMS) -> str:
    """What two models differ in."""
    if first.c != second.c:
        return f"numbers of features: {sorted([first.c, second.c])}"
    if first.r != second.r:
        return f"numbers of hidden dimensions: {sorted([first.r, second.r])}"
    return "importances or probabilities"
