"""Fit tables of cells into the columns of a terminal: wrapped in a grid, or a block for each row."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from kgon.base.text import pad, width, wrapped

GAP = 2
"""Blanks between the columns of a grid, and before the details of a block."""
NARROWEST = 14
"""Terminal columns below which a column of text is not wrapped."""
LONG = 44
"""Terminal columns beyond which a cell is prose, and a table with such cells is written in blocks."""
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
    def natural(self) -> int:
        """Terminal columns that it takes unbroken."""
        return max(map(width, [self.heading, *self.cells]))

    @property
    def least(self) -> int:
        """Terminal columns below which it is not readable."""
        words = max((width(word) for word in self.heading.split()), default=0)
        cells = max(map(width, self.cells), default=0)
        return max(words, min(cells, NARROWEST) if self.wraps else cells)


def terminal_width() -> int | None:
    """Count the columns of the terminal that is written to: COLUMNS, if it says so; None for a file."""
    told = os.environ.get("COLUMNS", "")
    if told.isascii() and told.isdigit() and int(told) > 0:
        return int(told)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or None
    except (AttributeError, OSError, ValueError):  # a file, a pipe, a notebook's stream
        return None


def shared(natural: Sequence[int], least: Sequence[int], size: int) -> list[int] | None:
    """Share a width among columns: none takes more than it needs, and the widest give way; or None.

    Parameters
    ----------
    natural, least : sequence of int
        What each column would take, and what it needs.
    size : int
        What there is, without gaps.

    Examples
    --------
    >>> shared([5, 40, 30], [5, 14, 14], 51)
    [5, 23, 23]
    >>> shared([5, 40], [5, 14], 18)
    """
    if sum(natural) <= size:
        return list(natural)
    if sum(least) > size:
        return None
    level = max(natural)

    def at(level: int) -> list[int]:
        return [max(low, min(full, level)) for full, low in zip(natural, least, strict=True)]

    while sum(at(level)) > size:
        level -= 1
    return at(level)


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
    if size is None:
        return _aligned(columns, [x.natural for x in columns])
    if (sizes := _sizes(columns, size)) is not None:
        return _aligned(columns, sizes)
    if max(x.natural for x in columns) <= LONG and (panels := _panels(columns, size)):
        return [line for k, part in enumerate(panels) for line in [*([""] if k else []), *part]]
    return blocks(columns, size)


def _sizes(columns: Sequence[Cells], size: int) -> list[int] | None:
    """The widths side by side, if they fit and prose is not set in a narrow column."""
    natural = [x.natural for x in columns]
    sizes = shared(natural, [x.least for x in columns], size - GAP * (len(columns) - 1))
    if sizes and any(full > LONG and 3 * got < full for full, got in zip(natural, sizes, strict=True)):
        return None
    return sizes


def _panels(columns: Sequence[Cells], size: int) -> list[list[str]]:
    """Split the columns after those that tell the rows apart; none where these leave too little room."""
    rows = list(zip(*(x.cells for x in columns), strict=True))
    key = next((k for k in range(1, len(columns)) if len({row[:k] for row in rows}) == len(rows)), 0)
    held, panels = columns[:key], [[*columns[:key]]]
    for col in columns[key:]:
        if _sizes([*panels[-1], col], size) is None:
            panels.append([*held])
        panels[-1].append(col)
    found = [(panel, _sizes(panel, size)) for panel in panels if len(panel) > key]
    whole = key > 0 and all(sizes for _, sizes in found)
    return [_aligned(panel, sizes) for panel, sizes in found if sizes] if whole else []


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
