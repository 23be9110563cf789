"""Fit tables of cells into the columns of a terminal: wrapped in a grid, or a block for each row."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from kgon.base.text import pad, width, wrapped
from kgon.base.widths import GAP, Wanted, panels

NARROWEST = 14
"""Terminal columns below which a column of text is not wrapped."""
SHORT = 24
"""Terminal columns up to which details of a block share a line."""


@dataclass(frozen=True, slots=True)
class Cells:
    """One column of a grid: its heading and cells, plain text.

    Attributes
    ----------
    heading : str
    cells : sequence of str
        By row.
    align : str
        ``l`` or ``r``.
    wraps : bool
        Whether cells may be broken at blanks; headings may always be.
    """

    heading: str
    cells: Sequence[str]
    align: str = "l"
    wraps: bool = False

    @property
    def wanted(self) -> Wanted:
        """Terminal columns that it takes unbroken, and those below which it is not readable."""
        words = max((width(word) for word in self.heading.split()), default=0)
        cells = max(map(width, self.cells), default=0)
        return Wanted(
            natural=max(width(self.heading), cells),
            least=max(words, min(cells, NARROWEST) if self.wraps else cells),
        )


def terminal_width() -> int | None:
    """Count the columns of the terminal that is written to: COLUMNS, if it says so; None for a file."""
    told = os.environ.get("COLUMNS", "")
    if told.isascii() and told.isdigit() and int(told) > 0:
        return int(told)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or None
    except (AttributeError, OSError, ValueError):  # a file, a pipe, a notebook's stream
        return None


def grid(columns: Sequence[Cells], size: int | None = None) -> list[str]:
    """Write aligned columns under headings, within ``size`` terminal columns.

    Where they do not fit side by side they stand in panels below one another, each with the columns that tell
    the rows apart; where texts are long, each row is a block.

    Parameters
    ----------
    columns : sequence of Cells
    size : int, optional
        Default: no limit.
    """
    wanted = [x.wanted for x in columns]
    if size is None:
        return _aligned(columns, [x.natural for x in wanted])
    parts = panels(wanted, list(zip(*(x.cells for x in columns), strict=True)), size)
    if not parts:
        return blocks(columns, size)
    lines: list[str] = []
    for part in parts:
        lines += [*([""] if lines else []), *_aligned([columns[k] for k in part.places], part.widths)]
    return lines


def _aligned(columns: Sequence[Cells], sizes: Sequence[int]) -> list[str]:
    """The lines of a grid with columns of these widths."""
    heads = _row([x.heading for x in columns], sizes, columns)
    rows = [_row(cells, sizes, columns) for cells in zip(*(x.cells for x in columns), strict=True)]
    apart = sum(map(len, rows)) > 1.5 * len(rows)  # where most rows are broken, blank lines part them
    lines = [*heads, (" " * GAP).join("─" * x for x in sizes)]
    for k, row in enumerate(rows):
        lines += ["", *row] if apart and k else row
    return lines


def _row(texts: Sequence[str], sizes: Sequence[int], columns: Sequence[Cells]) -> list[str]:
    """The lines of one row."""
    broken = [wrapped(text, size) for text, size in zip(texts, sizes, strict=True)]
    return [
        (" " * GAP)
        .join(
            pad(lines[k] if k < len(lines) else "", size, col.align)
            for lines, size, col in zip(broken, sizes, columns, strict=True)
        )
        .rstrip()
        for k in range(max(map(len, broken)))
    ]


def blocks(columns: Sequence[Cells], size: int) -> list[str]:
    """Write each row as a block: its first cell, what is short on one line, then the details, indented."""
    first, *others = columns
    short = [x for x in others if max(map(width, x.cells), default=0) <= SHORT]
    lines: list[str] = []
    for k, name in enumerate(first.cells):
        line = ", ".join(f"{x.heading} {x.cells[k]}" for x in short if x.cells[k])
        details = [line, *(f"{x.heading}: {x.cells[k]}" for x in others if x not in short and x.cells[k])]
        head = f"{name or first.heading}  {line}"
        if width(head) <= size:
            details = [head, *details[1:]]
        else:
            details = [name or first.heading, *details]
        lines += [""] if k else []
        for m, detail in enumerate(x for x in details if x):
            indent = GAP if m else 0
            broken = wrapped(detail, size - indent - GAP)
            lines += [" " * (indent + (GAP if at else 0)) + x for at, x in enumerate(broken)]
    return lines
