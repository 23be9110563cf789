"""Share the width of a page or a terminal among the columns of a table, or split them into panels.

Widths are counted in characters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

GAP = 2
"""Between two columns."""
LONG = 44
"""Characters beyond which a cell is prose."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a column would take, and what it needs at least.

    Attributes
    ----------
    natural, least : int
    """

    natural: int
    least: int

    @property
    def prose(self) -> bool:
        """Whether it holds long sentences."""
        return self.natural > LONG


@dataclass(frozen=True, slots=True)
class Panel:
    """Some columns side by side.

    Attributes
    ----------
    places : tuple of int
        Which columns.
    widths : tuple of int
        Their widths.
    """

    places: tuple[int, ...]
    widths: tuple[int, ...]


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


def side_by_side(columns: Sequence[Wanted], size: int, *, narrow: bool = False) -> list[int] | None:
    """Share a width among columns with their gaps; None where they do not fit.

    Parameters
    ----------
    columns : sequence of Wanted
    size : int
    narrow : bool
        Whether prose may be set in less than a third of what it would take.
    """
    found = shared([x.natural for x in columns], [x.least for x in columns], size - GAP * (len(columns) - 1))
    if (
        found
        and not narrow
        and any(x.prose and 3 * w < x.natural for x, w in zip(columns, found, strict=True))
    ):
        return None
    return found


def panels(columns: Sequence[Wanted], rows: Sequence[Sequence[str]], size: int) -> list[Panel]:
    """Split columns into panels below one another, each with the first columns, which tell the rows apart.

    Parameters
    ----------
    columns : sequence of Wanted
    rows : sequence of rows
        The cells of each.
    size : int

    Returns
    -------
    list of Panel
        One, where all fit side by side; none where there is prose, where the rows are not told apart, or what
        tells them apart leaves too little room.
    """
    if (whole := side_by_side(columns, size)) is not None:
        return [Panel(tuple(range(len(columns))), tuple(whole))]
    counts = range(1, len(columns))
    key = next((k for k in counts if len({tuple(row[:k]) for row in rows}) == len(rows)), 0)
    if not key or any(x.prose for x in columns):
        return []
    parts = [[*range(key)]]
    for k in range(key, len(columns)):
        if side_by_side([columns[m] for m in (*parts[-1], k)], size) is None:
            parts.append([*range(key)])
        parts[-1].append(k)
    widths = [side_by_side([columns[m] for m in part], size) for part in parts]
    if any(found is None for found in widths):
        return []
    return [Panel(tuple(p), tuple(w or ())) for p, w in zip(parts, widths, strict=True) if len(p) > key]
