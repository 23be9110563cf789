"""Columns of tables: their headings, and how the cell of an item is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its headings, and how the cell of an item is written.

    Attributes
    ----------
    key, heading, latex : str
        Key of the cells in a row, and the heading, plain and as LaTeX.
    align : str
        ``l``, ``r`` or, in LaTeX, another.
    number : bool
        Whether the column is set in siunitx ``S``.
    cell, tex : callable, optional
        Text of a cell, and its LaTeX where this is another, of an item; see ``Table.of``.
    """

    key: str
    heading: str
    latex: str = ""
    align: str = "l"
    number: bool = False
    cell: Callable[[Any], str] | None = None
    tex: Callable[[Any], str] | None = None

    @property
    def wraps(self) -> bool:
        """Whether its cells are text, which may be broken at blanks."""
        return not self.number and self.align != "r"

    def cells(self, item: Any) -> dict[str, str]:
        """Write the cell of an item, and its LaTeX where that is another."""
        found = {self.key: self.cell(item) if self.cell else str(getattr(item, self.key))}
        return found | ({tex(self.key): self.tex(item)} if self.tex else {})


def tex(key: str) -> str:
    """Name the key under which a row keeps the LaTeX of a cell."""
    return f"{key} tex"
