"""Which number in the names of checkpoints, or of their keys in a file, is the step.

A number is what Python would read as one: with its decimal point and its exponent, and with its sign after an
equals sign.  Its key is the word before it, ``step`` in ``epoch3-step0040``; a number without a word has its
place for a key.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from kgon.base.verdicts import KgonError

Step = int | float
WORDS = ("step", "iteration", "iter", "update", "batch", "epoch", "time", "t")
"""Keys of numbers that count training, where other numbers vary as well."""
_FORM = r"[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,2}(?![0-9.]))?"
_NUMBER = re.compile(rf"((?<==)-)?{_FORM}")
_KEY = re.compile(rf"(?P<word>[A-Za-z]*)[-_=: ]?(?P<number>{_FORM})")
_WHOLE = 15
"""Digits up to which a whole number is kept as one."""


def numbers_of(file: str | Path) -> dict[str, Step]:
    """Find the numbers in a file's name, without its ending, by their keys.

    Examples
    --------
    >>> numbers_of("run2/lr=1e-3_step0040.pt"), numbers_of("t0.25.pt"), numbers_of("final.pt")
    ({'lr': 0.001, 'step': 40}, {'t': 0.25}, {})
    """
    found: dict[str, Step] = {}
    stem, end = Path(file).stem, 0
    for match in _NUMBER.finditer(stem):
        words = re.findall(r"[^\W\d_]+", stem[end : match.start()])
        key = words[-1].lower() if words else f"#{len(found)}"
        end, text = match.end(), match[0]
        value = _value(text)
        if value is not None:
            found[key if key not in found else f"{key} #{len(found)}"] = value
    return found


def _value(text: str) -> Step | None:
    """The number in a text; None where it is too large for a float."""
    value = int(text) if text.isdigit() and len(text) <= _WHOLE else float(text)
    return value if math.isfinite(value) else None


def step_of(file: str | Path) -> Step | None:
    """Take the last number in the name of a file that stands alone.

    Examples
    --------
    >>> step_of("run2/epoch3-step0040.pt"), step_of("run2/t0.25.pt"), step_of("run2/final.pt")
    (40, 0.25, None)
    """
    return next(reversed(numbers_of(file).values()), None)


def step_of_key(key: object) -> Step | None:
    """Read the step that a key of a dictionary is: a number, perhaps after one of ``WORDS``.

    Examples
    --------
    >>> step_of_key(400.0), step_of_key("0.5"), step_of_key("step_400"), step_of_key("layer1")
    (400, 0.5, 400, None)
    """
    if isinstance(key, (int, float)) and not isinstance(key, bool):
        if not math.isfinite(key):
            return None
        return int(key) if key == int(key) else key
    match = _KEY.fullmatch(key) if isinstance(key, str) else None
    if match is None or match["word"].lower() not in ("", *WORDS):
        return None
    return _value(match["number"])


def steps_of(files: Sequence[Path]) -> list[Step | None]:
    """Take the number that varies as the step of each checkpoint of one run; None in names without it.

    Where several vary, measured ones, with decimals, do not count beside others, and the step is the last of
    ``WORDS``, or the last of all, that increases strictly in the order of the names.

    Raises
    ------
    KgonError
        Several numbers vary, and none of them increases.
    """
    numbers = [numbers_of(file) for file in files]
    named = [each for each in numbers if each]
    if len(named) < 2:
        return [step_of(file) for file in files]
    counters = _counters(named)
    ordered = _in_order(named, counters)
    falls = []
    for key in sorted(counters, key=lambda key: key in WORDS)[::-1]:
        steps = [each[key] for each in ordered if key in each]
        fall = next(((x, y) for x, y in pairwise(steps) if not x < y), None)
        if fall is None:
            return [each.get(key) for each in numbers]
        falls.append(fall)
    if not falls:
        return [None] * len(files)
    before, after = falls[0]
    raise KgonError(
        f"the steps in the names do not increase: {after} comes after {before} in the order of the names "
        f"({files[-1].parent}); a series is one run, or --order given says that they are in order"
    )


def _counters(named: Sequence[Mapping[str, Step]]) -> list[str]:
    """Keys of the numbers that vary, without measured ones if there are others."""
    values: dict[str, set[Step]] = {}
    for each in named:
        for key, value in each.items():
            values.setdefault(key, set()).add(value)
    varying = [key for key in values if len(values[key]) > 1]
    counted = [key for key in varying if key in WORDS or all(isinstance(x, int) for x in values[key])]
    return counted or varying


def _in_order(named: Sequence[Mapping[str, Step]], keys: Sequence[str]) -> list[Mapping[str, Step]]:
    """The names in the order of their numbers, as they stand in the name."""
    return sorted(named, key=lambda each: [each.get(key, math.inf) for key in keys])
