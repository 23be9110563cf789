"""Values as JSON text and arrays, and back: data alone, nothing in a file is executed.

Scalars stand for themselves; everything else is a list whose first entry says what it is.  A class is written
by its name, and read only where the reader has named it, too.  An object that occurs twice is written once.
"""

from __future__ import annotations

import enum
import hashlib
import importlib
import json
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import fields, is_dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgon.base.verdicts import KgonError

Arrays = dict[str, NDArray[Any]]
LARGEST = 2**53
"""Integers up to here stand for themselves."""


class UnreadableError(KgonError):
    """A file that does not hold what it should."""


def encode(value: Any) -> tuple[str, Arrays]:
    """Write a value as text, the same for equal values, and the arrays that the text refers to.

    Raises
    ------
    KgonError
        A type of value that has no form.
    """
    writer = _Writer()
    form = writer.of(value)
    heads = [[x.dtype.str, list(x.shape), _digest(x)] for x in writer.arrays]
    text = json.dumps({"value": form, "arrays": heads}, separators=(",", ":"), allow_nan=False)
    return text, {f"a{k}": x for k, x in enumerate(writer.arrays)}


def decode(text: str, arrays: Mapping[str, NDArray[Any]], classes: Collection[str]) -> Any:
    """Read a value.

    Parameters
    ----------
    text : str
    arrays : mapping
    classes : collection of str
        Module and name of the dataclasses and enumerations that may occur.

    Raises
    ------
    UnreadableError
        Whatever ``encode`` would not have written, and other classes.
    """
    try:
        whole = json.loads(text)
        found = [arrays[f"a{k}"] for k in range(len(whole["arrays"]))]
        for array, head in zip(found, whole["arrays"], strict=True):
            if [array.dtype.str, list(array.shape), _digest(array)] != head:
                raise UnreadableError("an array is another")
        return _Reader(found, classes).of(whole["value"])
    except UnreadableError:
        raise
    except (LookupError, TypeError, ValueError, AttributeError, ImportError, RecursionError) as error:
        raise UnreadableError(f"not what was written ({error!r})") from None


def _digest(array: NDArray[Any]) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


class _Writer:
    def __init__(self) -> None:
        self.arrays: list[NDArray[Any]] = []
        self._places: dict[int, int] = {}
        self._held: list[Any] = []  # so that no identity is used twice

    def of(self, value: Any) -> Any:
        kind = type(value)
        if value is None or kind in (bool, str) or (kind is int and abs(value) < LARGEST):
            return value
        if kind is float and math.isfinite(value):
            return value
        if kind in _SMALL:
            return [kind.__name__, *_SMALL[kind](value)]
        if isinstance(value, enum.Enum):
            return ["enum", _name(kind), value.name]
        if isinstance(value, np.generic) and not value.dtype.hasobject:
            return ["scalar", value.dtype.str, value.tobytes().hex()]
        if kind in (list, tuple):
            return [kind.__name__, *(self.of(x) for x in value)]
        if isinstance(value, Mapping) and not is_dataclass(value):
            return ["dict", *([self.of(key), self.of(x)] for key, x in value.items())]
        if id(value) not in self._places:
            form = self._object(value)
            self._places[id(value)] = len(self._held)
            self._held.append(value)
            return form
        return ["same", self._places[id(value)]]

    def _object(self, value: Any) -> Any:
        if isinstance(value, np.ndarray) and not value.dtype.hasobject:
            self.arrays.append(value)
            return ["array", len(self.arrays) - 1]
        if is_dataclass(value) and not isinstance(value, type):
            parts = {x.name: self.of(getattr(value, x.name)) for x in fields(value) if x.init}
            return ["object", _name(type(value)), parts]
        raise KgonError(f"a {type(value).__name__} cannot be kept: it has no form as data")


_SMALL: dict[type, Callable[[Any], list[Any]]] = {
    int: lambda x: [hex(x)],
    float: lambda x: [x.hex()],
    complex: lambda x: [x.real.hex(), x.imag.hex()],
    Fraction: lambda x: [hex(x.numerator), hex(x.denominator)],
}


class _Reader:
    def __init__(self, arrays: list[NDArray[Any]], classes: Collection[str]) -> None:
        self.arrays, self.classes = arrays, classes
        self._held: list[Any] = []

    def of(self, form: Any) -> Any:
        if not isinstance(form, list):
            if form is None or isinstance(form, (bool, int, float, str)):
                return form
            raise UnreadableError("an object of JSON without a word what it is")
        what, *parts = form
        if what not in _READ:
            raise UnreadableError(f"no such thing as {what!r}")
        return _READ[what](self, *parts)

    def _int(self, text: str) -> int:
        return int(text, 16)

    def _float(self, text: str) -> float:
        return float.fromhex(text)

    def _complex(self, real: str, imaginary: str) -> complex:
        return complex(float.fromhex(real), float.fromhex(imaginary))

    def _fraction(self, above: str, below: str) -> Fraction:
        return Fraction(int(above, 16), int(below, 16))

    def _enum(self, name: str, member: str) -> enum.Enum:
        kind = self._class(name)
        if not issubclass(kind, enum.Enum):
            raise UnreadableError(f"{name} is no enumeration")
        return kind[member]

    def _scalar(self, dtype: str, content: str) -> Any:
        return np.frombuffer(bytes.fromhex(content), dtype=np.dtype(dtype))[0]

    def _list(self, *items: Any) -> list[Any]:
        return [self.of(x) for x in items]

    def _tuple(self, *items: Any) -> tuple[Any, ...]:
        return tuple(self.of(x) for x in items)

    def _dict(self, *items: Any) -> dict[Any, Any]:
        return {self.of(key): self.of(x) for key, x in items}

    def _array(self, place: int) -> NDArray[Any]:
        found: NDArray[Any] = self._hold(self.arrays[place])
        return found

    def _same(self, place: int) -> Any:
        return self._held[place]

    def _object(self, name: str, parts: dict[str, Any]) -> Any:
        kind = self._class(name)
        if not is_dataclass(kind) or parts.keys() != {x.name for x in fields(kind) if x.init}:
            raise UnreadableError(f"{name} has other fields")
        return self._hold(kind(**{key: self.of(x) for key, x in parts.items()}))

    def _hold(self, value: Any) -> Any:
        self._held.append(value)
        return value

    def _class(self, name: str) -> type:
        if name not in self.classes:
            raise UnreadableError(f"{name} has no place here")
        module, _, last = name.rpartition(".")
        found = getattr(importlib.import_module(module), last)
        if not isinstance(found, type):
            raise UnreadableError(f"{name} is no class")
        return found


_READ: dict[str, Callable[..., Any]] = {
    "int": _Reader._int,
    "float": _Reader._float,
    "complex": _Reader._complex,
    "Fraction": _Reader._fraction,
    "enum": _Reader._enum,
    "scalar": _Reader._scalar,
    "list": _Reader._list,
    "tuple": _Reader._tuple,
    "dict": _Reader._dict,
    "array": _Reader._array,
    "same": _Reader._same,
    "object": _Reader._object,
}
"""What a list may begin with."""
