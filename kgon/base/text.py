"""Text, Markdown, CSV, LaTeX, HTML and SVG from rows and coordinates; no package imports."""

from __future__ import annotations

import html as _html
import math
import re
import unicodedata
from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

SMALLEST = 10
"""Terminal columns below which values in a frame are not wrapped."""
SUPERSCRIPTS = str.maketrans("+-0123456789", "⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def with_error(value: float, error: float) -> str:
    """Write ``value ± error`` with two digits of the error."""
    if not error > 0:
        return f"{value:.15g}"
    digits = max(0, 1 - math.floor(math.log10(error)))
    return f"{value:.{digits}f} ± {error:.{digits}f}"


_BETWEEN = re.compile(r",(?!\s*(?:vertices|live|positive|dead) )")
"""Commas of a list of names."""


def listed(text: str) -> list[str]:
    """Split a list of names at its commas, such as ``5,5+``; not at that of ``5+, positive column 2``."""
    return [part.strip() for part in _BETWEEN.split(text)]


def uncertified(value: float, digits: int = 8) -> str:
    """Write a floating-point number that nothing certifies: it ends in ``~``."""
    return f"{value:.{digits}g}~"


LOSS_ROUNDING = 2.0**-48
"""Largest loss that rounding makes of one of 0, for weights of 1: it is a sum of terms of size 1."""


def loss(value: float, digits: int = 12, *, strength: float = 1.0) -> str:
    """Write a loss in floating point; what rounding may have made of 0 is no number of its own.

    Parameters
    ----------
    value : float
    digits : int
    strength : float
        How much steeper L is than for weights of 1 (``TMS.strength``).
    """
    small = abs(value) <= LOSS_ROUNDING * strength
    return "0 within the rounding of floats" if small else uncertified(value, digits)


def at_most(value: float) -> str:
    """Write a positive number to two digits, rounded up: a proved upper bound stays one."""
    return _two_digits(value, ROUND_CEILING)


def at_least(value: float) -> str:
    """Write a positive number to two digits, rounded down: a proved lower bound stays one."""
    return _two_digits(value, ROUND_FLOOR)


def _two_digits(value: float, rounding: str) -> str:
    return f"{Context(prec=2, rounding=rounding).create_decimal(Decimal(value)):.1e}"


def rounded_down(value: float, digits: int = 6) -> str:
    """Write a number to some digits, rounded down: a lower bound stays one."""
    return _digits(value, digits, ROUND_FLOOR)


def rounded_up(value: float, digits: int = 6) -> str:
    """Write a number to some digits, rounded up: an upper bound stays one."""
    return _digits(value, digits, ROUND_CEILING)


def _digits(value: float, digits: int, rounding: str) -> str:
    return f"{float(Context(prec=digits, rounding=rounding).create_decimal(Decimal(value))):.{digits}g}"


def counted(number: int, noun: str) -> str:
    """Write a number with its noun, which takes an s unless there is one.

    Examples
    --------
    >>> counted(1, "event"), counted(0, "saddle")
    ('1 event', '0 saddles')
    """
    return f"{number} {noun}" + ("" if number == 1 else "s")


def printable(text: str) -> str:
    """Put text on one line, as names from users must be: a character that controls a terminal is a blank.

    Examples
    --------
    >>> printable("a\\n\\x1b[31mb")
    'a  [31mb'
    """
    return "".join(" " if unicodedata.category(x) in ("Cc", "Zl", "Zp") else x for x in text)


def width(text: str) -> int:
    """Count the columns that a text takes in a terminal."""
    return sum(
        0 if unicodedata.combining(x) else 2 if unicodedata.east_asian_width(x) in "WF" else 1 for x in text
    )


def pad(text: str, size: int, align: str = "l") -> str:
    """Pad to ``size`` terminal columns; align ``l`` or ``r``."""
    blank = " " * max(0, size - width(text))
    return blank + text if align == "r" else text + blank


def wrapped(text: str, size: int) -> list[str]:
    """Break a text at blanks into lines of at most ``size`` columns; a longer word is broken within.

    Examples
    --------
    >>> wrapped("at most ten columns", 10)
    ['at most', 'ten', 'columns']
    """
    if width(text) <= size:
        return [text]
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if width(joined) <= size:
            lines[-1] = joined
            continue
        *full, rest = _broken(word, size)
        lines += [*full, rest]
    return lines if lines[0] else lines[1:]


def _broken(word: str, size: int) -> list[str]:
    """Break a word into pieces of at most ``size`` columns, or of one letter."""
    pieces = [""]
    for letter in word:
        if pieces[-1] and width(pieces[-1] + letter) > size:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def framed(title: str, rows: Sequence[tuple[str, str]], size: int | None = None) -> str:
    """Write a title over a framed two-column table, within ``size`` terminal columns if they are given."""
    title, rows = printable(title), [(printable(name), printable(value)) for name, value in rows]
    left = max((width(name) for name, _ in rows), default=0)
    room = None if size is None else max(size - left - len("│   │") - 1, SMALLEST)
    titles = [title] if room is None else wrapped(title, left + 2 + room)
    cells = [(name, [value] if room is None else wrapped(value, room)) for name, value in rows]
    right = max((width(line) for _, lines in cells for line in lines), default=0)
    inner = max(left + right + 2, *map(width, titles))
    right = inner - left - 2
    lines = [f"┌{'─' * (inner + 2)}┐", *(f"│ {pad(line, inner)} │" for line in titles)]
    if rows:
        lines.append(f"├{'─' * (inner + 2)}┤")
    for name, (first, *others) in cells:
        lines.append(f"│ {pad(name, left)}  {pad(first, right)} │")
        lines += [f"│ {pad('', left)}  {pad(line, right)} │" for line in others]
    return "\n".join([*lines, f"└{'─' * (inner + 2)}┘"])


def html(title: str, rows: Sequence[tuple[str, str]], picture: str = "") -> str:
    """Write the two-column table of ``framed`` as HTML, with a drawing beside it."""
    body = "".join(
        f"<tr><th style='text-align:left'>{_html.escape(name)}</th>"
        f"<td style='text-align:left'>{_html.escape(value)}</td></tr>"
        for name, value in rows
    )
    table = f"<table><caption>{_html.escape(title)}</caption>{body}</table>"
    return f"<div style='display:flex;gap:1.5em;align-items:center'>{picture}{table}</div>"


def polygon_svg(
    W: Sequence[Sequence[float]], b: Sequence[float], colour: str, title: str, size: int = 110
) -> str:
    """Draw arrows from the origin to the columns of W (2, c) as SVG, scaled to the square.

    A column whose output does not answer to its own input (‖W_i‖² + b_i ≤ 0) is hollow.
    """
    reach = max([math.hypot(x, y) for x, y in zip(*W, strict=True)] + [1e-9])
    scale = 0.42 * size / reach
    middle = size / 2
    lines = "".join(
        f"<line x1='{middle:.1f}' y1='{middle:.1f}' x2='{middle + scale * x:.1f}' "
        f"y2='{middle - scale * y:.1f}' stroke='{colour}' stroke-width='2'/>"
        f"<circle cx='{middle + scale * x:.1f}' cy='{middle - scale * y:.1f}' r='3' stroke='{colour}' "
        f"fill='{colour if x * x + y * y + bias > 0 else 'white'}'/>"
        for x, y, bias in zip(*W, b, strict=True)
    )
    words = _html.escape(title, quote=True)
    return f"<svg width='{size}' height='{size}' role='img' aria-label='{words}'>{lines}</svg>"
