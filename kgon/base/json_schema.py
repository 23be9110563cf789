"""The JSON Schema of a kind of result, generated from its fields and their types.

``data_schema`` describes what ``data()`` of a record writes, ``document_schema`` the whole document, which is
that of ``document.schema.json`` with these data.
"""

from __future__ import annotations

import dataclasses
import enum
import json
import types
import typing
from collections.abc import Mapping, Sequence
from fractions import Fraction
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from kgon.base.verdicts import Health

if TYPE_CHECKING:
    from kgon.base.results import Record, Result

Schema = dict[str, Any]
_SCALARS: Mapping[Any, str] = {
    bool: "boolean", int: "integer", float: "number", str: "string", Fraction: "number", Health: "string",
    type(None): "null",
}  # fmt: skip


def document_schema(kind: type[Result]) -> Schema:
    """Describe the document that ``to_dict`` of a kind of result writes.

    Examples
    --------
    >>> import kgon
    >>> schema = document_schema(kgon.free_energy.LearningCoefficient)
    >>> schema["properties"]["schema"], schema["$defs"]["LearningCoefficient"]["properties"]["multiplicity"]
    ({'const': 'kgon/learning-coefficient/1'}, {'type': 'integer'})
    """
    form: Schema = json.loads(files("kgon.base").joinpath("document.schema.json").read_text(encoding="utf-8"))
    found: Schema = {}
    form["$id"] = f"kgon/{kind.schema}/1"
    form["title"] = f"The JSON document of a {kind.__name__}"
    form["properties"]["schema"] = {"const": form["$id"]}
    form["properties"]["data"] = _record(kind, found)
    return {**form, "$defs": found}


def data_schema(kind: type[Record]) -> Schema:
    """Describe what ``data()`` of a kind of record writes."""
    found: Schema = {}
    return {**_record(kind, found), "$defs": found}


def _record(kind: type[Record], found: Schema) -> Schema:
    """Refer to the description of a record, which is put into ``found``."""
    name = kind.__name__
    if name not in found:
        found[name] = {}  # a record may hold others of its kind
        properties, optional = _properties(kind, found)
        found[name] = {
            "type": "object",
            "properties": properties,
            "required": [each for each in properties if each not in optional],
            "additionalProperties": _adds_keys(kind),
        }
    return {"$ref": f"#/$defs/{name}"}


def _adds_keys(kind: type[Record]) -> bool:
    """Whether a class writes more than its fields."""
    from kgon.base.results import Record

    return kind.data is not Record.data


def _properties(kind: type[Record], found: Schema) -> tuple[Schema, set[str]]:
    """Describe the keys of a record, and list those that may be absent."""
    hints, keys, optional = typing.get_type_hints(kind), Schema(), set[str]()
    for field in dataclasses.fields(kind):  # type: ignore[arg-type]
        name = kind.json_names.get(field.name, field.name)
        if "part" in field.metadata:
            names = field.metadata["part"]
            own, absent = _properties(hints[field.name], found)
            keys |= {names.get(key, key): each for key, each in own.items()}
            optional |= {names.get(key, key) for key in absent}
        elif "left out" not in field.metadata:
            keys[name] = {"type": "array"} if "null" in field.metadata else _of(hints[field.name], found)
            if "only given" in field.metadata:
                optional.add(name)
    return keys | {kind.json_names.get(name, name): {} for name in kind.also}, optional


def _of(hint: Any, found: Schema) -> Schema:
    """Describe the values of a type; of one that writes itself in its own way nothing is said."""
    from kgon.base.results import Record, _origin

    origin, inner = _origin(hint), typing.get_args(hint)
    if hint in _SCALARS:
        return {"type": _SCALARS[hint]}
    if origin in (typing.Union, types.UnionType):
        return {"anyOf": [_of(each, found) for each in inner]}
    if origin is typing.Literal:
        return {"enum": list(inner)}
    if not isinstance(origin, type):
        return {}
    if issubclass(origin, enum.Enum):
        return {"enum": [each.value for each in origin]}
    if issubclass(origin, Record):
        return _record(origin, found)
    if issubclass(origin, np.ndarray):
        return {"type": ["array", "number", "integer", "boolean"]}
    if issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _of(inner[1], found) if inner else {}}
    if issubclass(origin, tuple) and inner and Ellipsis not in inner:
        return {"type": "array", "prefixItems": [_of(each, found) for each in inner], "minItems": len(inner)}
    if issubclass(origin, Sequence):
        return {"type": "array", "items": _of(inner[0], found) if inner else {}}
    return {}
