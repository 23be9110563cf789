"""The base of every result object: a frozen record that prints, and writes itself as JSON."""

from __future__ import annotations

import dataclasses
import enum
import json
import math
import platform
import re
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Self, TypeVar, dataclass_transform

import numpy as np

from kgon.base.layout import terminal_width
from kgon.base.settings import given
from kgon.base.table import Column, Table
from kgon.base.text import framed, html
from kgon.base.verdicts import Health, KgonError
from kgon.base.version import __version__, versions

_T = TypeVar("_T")
NOTHING: Mapping[str, Any] = types.MappingProxyType({})


def jsonable(value: Any) -> Any:
    """Convert a value of a result to JSON types; refuse NaN and infinity."""
    if isinstance(value, Record) or (hasattr(value, "from_data") and not isinstance(value, type)):
        return value.data()
    if isinstance(value, Health):
        return str(value)
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
        return {name: jsonable(item) for name, item in given(value).items()}
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(item) for item in value]
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _from_json(hint: Any, value: Any) -> Any:
    """Inverse of ``jsonable`` for the field types that results use."""
    origin = _origin(hint)
    if value is None or hint is Any:
        return value
    if origin in (typing.Union, types.UnionType):
        inner = [arg for arg in typing.get_args(hint) if arg is not type(None)]
        return _from_json(next((arg for arg in inner if _fits(arg, value)), inner[0]), value)
    if origin is tuple:
        return tuple(_from_json(typing.get_args(hint)[0], item) for item in value)
    if origin is np.ndarray:
        return np.array(value)
    if hint is Health:
        return Health.parse(value)
    if hasattr(hint, "from_data"):
        return hint.from_data(value)
    if isinstance(hint, type) and issubclass(hint, (enum.Enum, Fraction, float)):
        return hint(value)
    return value


def _origin(hint: Any) -> Any:
    """The type without its parameters; of an alias, as NumPy's ``NDArray`` is, what it stands for."""
    bare = typing.get_origin(hint) or hint
    return _origin(bare.__value__) if hasattr(bare, "__value__") else bare


def _fits(hint: Any, value: Any) -> bool:
    """Whether a JSON value is one of this type, where a field may be of several."""
    kind = _origin(hint)
    if isinstance(kind, type) and issubclass(kind, Record):
        return isinstance(value, Mapping) and set(value) == set(kind.json_fields())
    return isinstance(value, list if kind is tuple else kind)


def _cell(value: Any) -> str:
    """A number or a word as a printed line shows it; empty for anything larger."""
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    return "-" if value is None else str(value) if isinstance(value, (str, int, Fraction, Health)) else ""


def document(
    schema: str, options: Mapping[str, Any], data: Any, *, notes: Sequence[str] = ()
) -> dict[str, Any]:
    """Build the JSON object that every command and result writes: schema, version, options, data."""
    return {
        "schema": f"kgon/{schema}/1",
        "kgon": __version__,
        "provenance": {"python": platform.python_version(), **versions()},
        "options": jsonable(options),
        "notes": list(notes),
        "data": jsonable(data),
    }


# --- how a field stands in JSON ------------------------------------------------------------------


def part(**names: str) -> Any:
    """Declare a field that is a record, whose fields JSON writes beside those of the whole."""
    return dataclasses.field(metadata={"part": names})


def null_for_nan() -> Any:
    """Declare an array field of any shape in which NaN stands for nothing, null in JSON."""
    return dataclasses.field(metadata={"null": True})


ONLY_GIVEN: Mapping[str, bool] = types.MappingProxyType({"only given": True})
"""Metadata of a field that JSON holds only where it is not None, and that printing shows first, if true."""


def only_given(shown: bool = True) -> Any:
    """Declare a field that JSON holds only where it is not None, and that is printed first if ``shown``."""
    return dataclasses.field(default=None, metadata={"only given": shown})


def left_out() -> Any:
    """Declare a field that JSON does not hold, since it is written elsewhere."""
    return dataclasses.field(metadata={"left out": True})


@dataclass_transform(
    frozen_default=True,
    kw_only_default=True,
    eq_default=False,
    field_specifiers=(part, null_for_nan, only_given, left_out),
)
def result(cls: type[_T]) -> type[_T]:
    """Declare a result, or a part of one: a frozen, slotted, keyword-only record."""
    return dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)(cls)


class Record:
    """The base of what JSON holds: results, their parts, and the settings that they were made with."""

    __slots__ = ()
    json_names: ClassVar[Mapping[str, str]] = {}
    """Field names that differ in JSON (``lambda_`` is ``lambda``)."""
    also: ClassVar[tuple[str, ...]] = ()
    """Properties that JSON holds beside the fields."""

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray) and value.flags.writeable:
                own = value.copy()
                own.flags.writeable = False
                object.__setattr__(self, field.name, own)

    @classmethod
    def json_fields(cls) -> dict[str, str]:
        """Map the names in JSON to the fields that they stand for."""
        fields = dataclasses.fields(cls)  # type: ignore[arg-type]
        return {cls.json_names.get(field.name, field.name): field.name for field in fields}

    def by_name(self) -> dict[str, Any]:
        """Map the names of the fields to their values, as they are."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}  # type: ignore[arg-type]

    def data(self) -> dict[str, Any]:
        """Convert the fields to JSON types, by their names in JSON."""
        found: dict[str, Any] = {}
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            value, name = getattr(self, field.name), self.json_names.get(field.name, field.name)
            if "part" in field.metadata:
                names = field.metadata["part"]
                found |= {names.get(key, key): item for key, item in value.data().items()}
            elif "null" in field.metadata:
                found[name] = np.where(np.isnan(value), np.array(None), value).tolist()
            elif "left out" not in field.metadata and (
                value is not None or "only given" not in field.metadata
            ):
                found[name] = jsonable(value)
        return found | {self.json_names.get(name, name): jsonable(getattr(self, name)) for name in self.also}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Rebuild a record from ``data()``."""
        hints, found = typing.get_type_hints(cls), {}
        for field in dataclasses.fields(cls):  # type: ignore[arg-type]
            hint, name = hints[field.name], cls.json_names.get(field.name, field.name)
            if "part" in field.metadata:
                own = {key: data[other] for key, other in field.metadata["part"].items()}
                found[field.name] = hint.from_data({**data, **own})
            elif "null" in field.metadata:
                found[field.name] = np.array(data[name], dtype=np.float64)
            elif "left out" in field.metadata:
                raise KgonError(f"{field.name} of {cls.__name__} is not in JSON: it is written elsewhere")
            elif name in data or "only given" not in field.metadata:
                found[field.name] = _from_json(hint, data[name])
        return cls(**found)


@result
class Result(Record):
    """The base of result objects: a record that prints itself."""

    schema: ClassVar[str]
    """Name of the JSON document; if not given, that of the class, as ``local-series`` for ``LocalSeries``."""

    def __init_subclass__(cls) -> None:
        if "schema" not in vars(cls):
            cls.schema = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    def headline(self) -> str:
        """Say in one line what was found."""
        raise NotImplementedError

    def rows(self) -> Sequence[tuple[str, str]]:
        """List name and value of each line of the table that ``print`` shows.

        Where a result has nothing better to say, these are the fields that hold one value each.
        """
        cells = {name: _cell(value) for name, value in self.by_name().items()}
        return [
            (self.json_names.get(name, name).replace("_", " "), cell) for name, cell in cells.items() if cell
        ]

    def table(self) -> Table:
        """Tabulate the result for LaTeX, Markdown and CSV.

        Where a result has nothing better to say, these are the lines that ``print`` shows.
        """
        rows = [{"quantity": name.strip(), "value": value} for name, value in self._lines()]
        columns = [Column("quantity", "quantity"), Column("value", "value")]
        return Table(name=self.schema, title=self.headline(), columns=columns, rows=rows)

    def picture(self) -> str:
        """Draw the result as SVG for notebooks; empty where there is nothing to draw."""
        return ""

    def __repr__(self) -> str:
        return f"<{self.headline()}>"

    def __str__(self) -> str:
        return framed(self.headline(), self._lines(), terminal_width())

    def _repr_html_(self) -> str:
        return html(self.headline(), self._lines(), self.picture())

    def unusual(self) -> list[tuple[str, str]]:
        """List name and value of what is only there where it is not the usual, such as the model."""
        names = [x.name for x in dataclasses.fields(self) if x.metadata.get("only given")]
        return [(name, str(value)) for name in names if (value := getattr(self, name)) is not None]

    def _lines(self) -> list[tuple[str, str]]:
        """What is printed: first what is not the usual."""
        return [*self.unusual(), *self.rows()]

    def to_dict(self, options: Mapping[str, Any] = NOTHING) -> dict[str, Any]:
        """Build the JSON object with schema, version, data, and the options it was made with, if given."""
        return document(self.schema, options, self)

    def to_json(self, options: Mapping[str, Any] = NOTHING) -> str:
        """Write ``to_dict`` as text; NaN is refused."""
        return json.dumps(self.to_dict(options), allow_nan=False, ensure_ascii=False, indent=2)

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """Build the JSON Schema of the document that ``to_json`` writes, from the fields and their types."""
        from kgon.base.json_schema import document_schema

        return document_schema(cls)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Rebuild a result from ``to_json``."""
        return cls.from_data(json.loads(text)["data"])
