"""Reading a certificate: nothing is taken on trust."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import stat
from fractions import Fraction
from typing import Any

from .budget import LARGEST, POINTS, Budget

NUMBER = r"-?([0-9]+)(?:/([0-9]*[1-9][0-9]*))?"


def require(condition: bool, reason: str) -> None:
    """Reject unless the condition holds."""
    if not condition:
        raise ValueError(reason)


def contents(name: str) -> bytes:
    """Return what a regular file holds, up to one byte more than is looked at; raise OSError."""
    flags = (getattr(os, flag, 0) for flag in ("O_NONBLOCK", "O_NOCTTY", "O_BINARY"))  # a FIFO may not wait
    descriptor = os.open(name, os.O_RDONLY | sum(flags))
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", name)
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(LARGEST.bytes + 1) or b""
    finally:
        os.close(descriptor)


def parse(text: str) -> Any:
    """Read JSON; floats, duplicate keys, over-long integers, and too much of anything are refused."""

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        require(len(dict(items)) == len(items), "a key occurs twice in one object")
        return dict(items)

    def whole(digits: str) -> int:
        good = len(digits) <= LARGEST.digits + 1 and digits.removeprefix("-").isdecimal()
        require(good, "a number is too long or no integer")
        return int(digits)

    require(bool(text.strip()), "the file is empty")
    require(counted(text) <= LARGEST.values, f"the file holds more than {LARGEST.values} values")
    depth = 0
    for bracket in re.finditer(r"[][{}]", text):
        depth += 1 if bracket[0] in "[{" else -1
        require(depth <= LARGEST.depth, f"lists and objects are nested more than {LARGEST.depth} deep")
    try:
        return json.loads(
            text, object_pairs_hook=pairs, parse_int=whole, parse_float=whole, parse_constant=whole
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ValueError(f"the file is no JSON: {error.msg}, {place}") from None


def counted(text: str) -> int:
    """Return how many values JSON holds at most."""
    return sum(text.count(mark) for mark in ",[{")


def keep_within(budget: Budget, text: str, data: dict[str, Any]) -> None:
    """Refuse a file that holds more than its format needs."""
    size = len(text.encode(errors="surrogatepass"))
    require(size <= budget.bytes, f"the file is longer than {budget.bytes} bytes")
    require(counted(text) <= budget.values, f"the file holds more than {budget.values} values")
    left = [value for name, value in data.items() if name != "digest"]
    while left:
        value = left.pop()
        if type(value) in (list, dict):
            left += value if type(value) is list else value.values()
        number = re.fullmatch(NUMBER, str(value)) if type(value) in (int, str) else None
        short = number is None or max(map(len, number.groups(""))) <= budget.digits
        require(short, f"a number has more than {budget.digits} digits")


def digest(document: dict[str, Any]) -> str:
    """Return the SHA-256 of the canonical JSON of everything but the digest."""
    rest = {name: value for name, value in document.items() if name != "digest"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def keys(value: Any, names: str, where: str) -> list[Any]:
    """Return the values of an object whose keys are exactly these."""
    require(type(value) is dict and set(value) == set(names.split()), f"{where}: the keys must be {names}")
    return [value[name] for name in names.split()]


def items(value: Any, where: str, length: int | None = None, most: int = LARGEST.columns) -> list[Any]:
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
    good = type(value) is str and re.fullmatch(NUMBER, value)
    require(bool(good), f"{where} must be a rational in a string")
    return Fraction(value)


def rationals(value: Any, where: str, length: int) -> list[Fraction]:
    """Return a list of this many rationals."""
    return [rational(entry, where) for entry in items(value, where, length)]


def dyadic(value: Any, where: str) -> Fraction:
    """Return m·2^e from ``[m, e]``."""
    m, e = (integer(entry, where) for entry in items(value, where, 2))
    require(abs(e) <= POINTS.exponent, f"{where}: an exponent is too large")
    return Fraction(m << max(e, 0), 1 << max(-e, 0))


def dyadics(value: Any, where: str, rows: int, columns: int) -> list[list[Fraction]]:
    """Return a matrix of dyadics."""
    return [[dyadic(x, where) for x in items(row, where, columns)] for row in items(value, where, rows)]


def real(value: Any, where: str) -> Fraction:
    """Return the exact value of a float in hexadecimal, below 2^20."""
    form = r"-?0x[01]\.[0-9a-f]{1,13}p([+-][0-9]{1,4})"
    match = re.fullmatch(form, value) if type(value) is str else None
    good = match is not None and int(match[1]) < 20  # so far below what a float can be
    require(good, f"{where} must hold floats in hexadecimal below 2^20, as strings")
    return Fraction(float.fromhex(value))


def written(value: Any) -> str:
    """Return what a certificate gives as a label, if it may be one."""
    return value if type(value) is str and re.fullmatch(r"[0-9+-]{1,40}", value) else ""


def label(value: Any, c: int, where: str = "label") -> tuple[int, int, int]:
    """Return k, σ and φ of a label such as ``4+--``: vertices, positive columns, vertices switched off."""
    good = type(value) is str and re.fullmatch(r"[1-9][0-9]?\+*-*", value)
    require(bool(good), f"{where}: label is malformed")
    k, sigma, phi = int(value.rstrip("+-")), value.count("+"), value.count("-")
    require(k >= 4 and k + sigma <= c and phi <= (4 if k == 4 else 0), f"{where}: label is impossible")
    return k, sigma, phi
