"""Reading a certificate: nothing is taken on trust."""

from __future__ import annotations

import hashlib
import json
import re
from fractions import Fraction
from typing import Any

DIGITS, EXPONENT, COLUMNS, LENGTH = 2000, 4000, 64, 1 << 26  # the largest that is looked at


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


def digest(document: dict[str, Any]) -> str:
    """Return the SHA-256 of the canonical JSON of everything but the digest."""
    rest = {name: value for name, value in document.items() if name != "digest"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def keys(value: Any, names: str, where: str) -> list[Any]:
    """Return the values of an object whose keys are exactly these."""
    require(type(value) is dict and set(value) == set(names.split()), f"{where}: the keys must be {names}")
    return [value[name] for name in names.split()]


def items(value: Any, where: str, length: int | None = None, most: int = COLUMNS) -> list[Any]:
    """Return a list of this length, or of at most so many entries."""
    good = type(value) is list and len(value) <= most if length is None else type(value) is list
    wanted = f"at most {most}" if length is None else length
    require(good and length in (None, len(value)), f"{where} must be a list of {wanted}")
    return list(value)


def integer(value: Any, where: str, low: int | None = None, high: int | None = None) -> int:
    """Return an integer that is no boolean, of [low, high] if they are given."""
    wanted = "an integer" if high is None else f"an integer from {low} to {high}"
    good = type(value) is int and (low is None or low <= value) and (high is None or value <= high)
    require(good, f"{where} must be {wanted}")
    return int(value)


def rational(value: Any, where: str) -> Fraction:
    """Return p/q from ``"p/q"`` or ``"p"``."""
    form = r"-?[0-9]+(/[0-9]*[1-9][0-9]*)?"
    good = type(value) is str and len(value) <= DIGITS and re.fullmatch(form, value)
    require(bool(good), f"{where} must be a rational in a string")
    return Fraction(value)


def rationals(value: Any, where: str, length: int) -> list[Fraction]:
    """Return a list of this many rationals."""
    return [rational(entry, where) for entry in items(value, where, length)]


def dyadic(value: Any, where: str) -> Fraction:
    """Return m·2^e from ``[m, e]``."""
    m, e = (integer(entry, where) for entry in items(value, where, 2))
    require(abs(e) <= EXPONENT, f"{where}: an exponent is too large")
    return Fraction(m << max(e, 0), 1 << max(-e, 0))


def dyadics(value: Any, where: str, rows: int, columns: int) -> list[list[Fraction]]:
    """Return a matrix of dyadics."""
    return [[dyadic(x, where) for x in items(row, where, columns)] for row in items(value, where, rows)]


def real(value: Any, where: str) -> Fraction:
    """Return the exact value of a float in hexadecimal, below 2^20."""
    form = r"-?0x[01]\.[0-9a-f]{1,13}p[+-][0-9]{1,4}"
    good = type(value) is str and re.fullmatch(form, value) and abs(float.fromhex(value)) < 1 << 20
    require(bool(good), f"{where} must hold floats in hexadecimal, as strings")
    return Fraction(float.fromhex(value))


def label(value: Any, c: int, where: str = "label") -> tuple[int, int, int]:
    """Return k, σ and φ of a label such as ``4+--``: vertices, positive columns, vertices switched off."""
    good = type(value) is str and re.fullmatch(r"[1-9][0-9]?\+*-*", value)
    require(bool(good), f"{where}: label is malformed")
    k, sigma, phi = int(value.rstrip("+-")), value.count("+"), value.count("-")
    require(k >= 4 and k + sigma <= c and phi <= (4 if k == 4 else 0), f"{where}: label is impossible")
    return k, sigma, phi
