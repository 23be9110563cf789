"""Verdicts, statuses, errors and the base of every result object."""

from __future__ import annotations

import dataclasses
import enum
import json
import math
import platform
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Self, TypeVar, dataclass_transform

import numpy as np

from kgon.base.text import framed, html
from kgon.base.verdicts import KgonError
from kgon.base.version import __version__, versions

_T = TypeVar("_T")
NOTHING: Mapping[str, Any] = types.MappingProxyType({})


def jsonable(value: Any) -> Any:
    """A value of a result as JSON types; NaN and infinity are refused."""
    if isinstance(value, Result):
        return value.data()
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, np.ndarray):
        return jsonable(value.tolist())
    if isinstance(value, np.generic):
        return jsonable(value.item())
    if isinstance(value, Fraction):
        return float(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise KgonError(f"{value} cannot be written as JSON; the input is too extreme")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: jsonable(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(item) for item in value]
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _from_json(hint: Any, value: Any) -> Any:
    """Inverse of ``jsonable`` for the field types that results use."""
    origin = typing.get_origin(hint)
    if value is None or hint is Any:
        return value
    if origin in (typing.Union, types.UnionType):
        inner = [arg for arg in typing.get_args(hint) if arg is not type(None)]
        return _from_json(next((arg for arg in inner if _fits(arg, value)), inner[0]), value)
    if origin is tuple:
        return tuple(_from_json(typing.get_args(hint)[0], item) for item in value)
    if origin is np.ndarray or hint is np.ndarray:
        return np.array(value)
    if isinstance(hint, type) and issubclass(hint, Result):
        return hint.from_data(value)
    if isinstance(hint, type) and issubclass(hint, (enum.Enum, Fraction, float)):
        return hint(value)
    return value


def _fits(hint: Any, value: Any) -> bool:
    """Whether a JSON value is one of this type, where a field may be of several."""
    kind = typing.get_origin(hint) or hint
    if isinstance(kind, type) and issubclass(kind, Result):
        return isinstance(value, Mapping) and set(value) == set(kind.json_fields())
    return isinstance(value, list if kind is tuple else kind)


def document(
    schema: str, options: Mapping[str, Any], data: Any, *, notes: Sequence[str] = ()
) -> dict[str, Any]:
    """The one JSON object that every command and result writes."""
    return {
        "schema": f"kgon/{schema}/1",
        "kgon": __version__,
        "provenance": {"python": platform.python_version(), **versions()},
        "options": jsonable(options),
        "notes": list(notes),
        "data": jsonable(data),
    }


@dataclass_transform(frozen_default=True, kw_only_default=True, eq_default=False)
def result(cls: type[_T]) -> type[_T]:
    """Declare a result: a frozen, slotted, keyword-only record (``Result`` prints it)."""
    return dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)(cls)


@result
class Result:
    """Base of result objects: a frozen record that prints, and writes itself as JSON."""

    schema: ClassVar[str] = "result"
    json_names: ClassVar[Mapping[str, str]] = {}
    """Field names that differ in JSON (``lambda_`` is ``lambda``)."""

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray) and value.flags.writeable:
                own = value.copy()
                own.flags.writeable = False
                object.__setattr__(self, field.name, own)

    def headline(self) -> str:
        """The result in one line."""
        raise NotImplementedError

    def rows(self) -> Sequence[tuple[str, str]]:
        """Name and value of each line of the table that ``print`` shows."""
        raise NotImplementedError

    def picture(self) -> str:
        """An SVG drawing for notebooks; empty where there is nothing to draw."""
        return ""

    def __repr__(self) -> str:
        return f"<{self.headline()}>"

    def __str__(self) -> str:
        return framed(self.headline(), self.rows())

    def _repr_html_(self) -> str:
        return html(self.headline(), self.rows(), self.picture())

    @classmethod
    def json_fields(cls) -> dict[str, str]:
        """Names in JSON, and the fields that they stand for."""
        return {cls.json_names.get(field.name, field.name): field.name for field in dataclasses.fields(cls)}

    def data(self) -> dict[str, Any]:
        """Fields as JSON types."""
        return {name: jsonable(getattr(self, field)) for name, field in self.json_fields().items()}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Rebuild a result from ``data()``."""
        hints = typing.get_type_hints(cls)
        fields = cls.json_fields().items()
        return cls(**{field: _from_json(hints[field], data[name]) for name, field in fields})

    def to_dict(self, options: Mapping[str, Any] = NOTHING) -> dict[str, Any]:
        """Schema, version, data, and the options that it was made with, where they are given."""
        return document(self.schema, options, self)

    def to_json(self, options: Mapping[str, Any] = NOTHING) -> str:
        """``to_dict`` as text; refuses NaN."""
        return json.dumps(self.to_dict(options), allow_nan=False, ensure_ascii=False, indent=2)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Rebuild a result from ``to_json``."""
        return cls.from_data(json.loads(text)["data"])
