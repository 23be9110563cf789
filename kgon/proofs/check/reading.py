"""Reading a certificate: nothing is taken on trust."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from typing import Any

DIGITS, COLUMNS, LENGTH = 40, 64, 1 << 26  # the largest that is looked at


def require(condition: bool, reason: str) -> None:
    """Reject unless the condition holds."""
    if not condition:
        raise ValueError(reason)


def parse(text: str) -> Any:
    """Read JSON; floats, duplicate keys and over-long integers are refused."""

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        require(len(dict(items)) == len(items), "a key occurs twice in one object")
        return dict(items)

    def whole(digits: str) -> int:
        require(len(digits) <= DIGITS and digits.lstrip("-").isdigit(), "a number is too long or no integer")
        return int(digits)

    require(len(text) <= LENGTH, "the file is too long")
    return json.loads(text, object_pairs_hook=pairs, parse_int=whole, parse_float=whole, parse_constant=whole)


def keys(value: Any, names: str, where: str) -> list[Any]:
    """Return the values of an object whose keys are exactly these."""
    require(type(value) is dict and set(value) == set(names.split()), f"{where}: the keys must be {names}")
    return [value[name] for name in names.split()]


def integer(value: Any, low: int, high: int, where: str) -> int:
    """Return an integer of [low, high] that is no boolean."""
    require(type(value) is int and low <= value <= high, f"{where} must be an integer from {low} to {high}")
    return int(value)


def items(value: Any, where: str, length: int | None = None, most: int = COLUMNS) -> list[Any]:
    """Return a list of this length."""
    good = type(value) is list and len(value) == length if length is not None else type(value) is list
    require(
        good and len(value) <= most, f"{where} must be a list of {length if good else 'the right length'}"
    )
    return list(value)


def real(value: Any, where: str) -> Fraction:
    """Return the exact value of a float in hexadecimal, below 2^20."""
    form = r"-?0x[01]\.[0-9a-f]{1,13}p[+-][0-9]{1,4}"
    good = type(value) is str and re.fullmatch(form, value) and abs(float.fromhex(value)) < 1 << 20
    require(bool(good), f"{where} must hold floats in hexadecimal, as strings")
    return Fraction(float.fromhex(value))
