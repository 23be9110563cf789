"""Tables as text, Markdown, CSV and LaTeX, from rows and columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kgon.base.column import Column
from kgon.base.escape import escape_latex, escape_markdown
from kgon.base.latex import write_latex
from kgon.base.layout import Cells, grid, terminal_width
from kgon.base.text import printable, wrapped

__all__ = ["EXTENSIONS", "Column", "Table"]


@dataclass(frozen=True, slots=True)
class Table:
    """A titled table of text cells, written in any of five formats.

    Attributes
    ----------
    name, title : str
    columns : sequence of Column
    rows : sequence of dict
        Cell texts by column key; under ``tex(key)`` a cell's own LaTeX.
    notes : sequence of str
        Lines under the table.
    caption : str
        LaTeX caption, where the title needs mathematics.
    size : str
        LaTeX size of a large table, such as ``footnotesize``.
    """

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[dict[str, str]]
    notes: Sequence[str] = ()
    caption: str = ""
    size: str = ""

    @classmethod
    def of(cls, items: Iterable[Any], columns: Sequence[Column], **more: Any) -> Table:
        """Make a table with a row of cells for each item, now; ``more`` as in the class."""
        rows = [{key: text for col in columns for key, text in col.cells(item).items()} for item in items]
        return cls(columns=[replace(col, cell=None, tex=None) for col in columns], rows=rows, **more)

    def data(self) -> dict[str, Any]:
        """List name, title, columns, rows and notes as JSON types; the LaTeX of cells is left out."""
        return {
            "name": self.name,
            "title": self.title,
            "columns": [{"key": col.key, "heading": col.heading} for col in self.columns],
            "rows": [{col.key: row[col.key] for col in self.columns} for row in self.rows],
            "notes": list(self.notes),
        }

    def text(self, size: int | None = None) -> str:
        """Write the table in aligned columns, within ``size`` columns of a terminal if it is given."""
        columns = [
            Cells(col.heading, [printable(row[col.key]) for row in self.rows], col.align, col.wraps)
            for col in self.columns
        ]
        around = [[printable(self.title), ""], ["", *map(printable, self.notes)] if self.notes else []]
        before, after = ([y for x in part for y in (wrapped(x, size) if size else [x])] for part in around)
        return "\n".join([*before, *grid(columns, size), *after])

    def __str__(self) -> str:
        return self.text(terminal_width())

    def markdown(self) -> str:
        """Write the table in GitHub's Markdown."""

        def line(cells: Sequence[str]) -> str:
            escaped = (escape_markdown(cell).replace("|", "\\|") for cell in cells)
            return f"| {' | '.join(escaped)} |"

        rule = ["---:" if col.align == "r" else "---" for col in self.columns]
        lines = [
            f"**{escape_markdown(self.title)}**",
            "",
            line([col.heading for col in self.columns]),
            line(rule),
        ]
        lines += [line([row[col.key] for col in self.columns]) for row in self.rows]
        return "\n".join([*lines, *(["", *map(escape_markdown, self.notes)] if self.notes else [])])

    def csv(self) -> str:
        """Write comma-separated values under a header of column keys."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([col.key for col in self.columns])
        writer.writerows([[row[col.key] for col in self.columns] for row in self.rows])
        return out.getvalue().rstrip("\n")

    def latex(self) -> str:
        """Write a LaTeX table as wide as the text; see ``kgon.base.latex``."""
        return write_latex(
            self.name,
            self.caption or escape_latex(self.title),
            self.columns,
            self.rows,
            self.notes,
            self.size,
        )

    def and_notes(self, notes: Sequence[str]) -> Table:
        """Add lines under the table."""
        return replace(self, notes=[*self.notes, *notes])

    @classmethod
    def joined(cls, tables: Sequence[Table]) -> Table:
        """Put the rows of tables of the same columns under one another; titles and notes stand once each."""
        titles = dict.fromkeys(table.title for table in tables)
        notes = dict.fromkeys(note for table in tables for note in table.notes)
        rows = [row for table in tables for row in table.rows]
        return replace(tables[0], title="; ".join(titles), rows=rows, notes=list(notes))

    def render(self, form: str) -> str:
        """Write the table as ``text``, ``markdown``, ``csv`` or ``latex``."""
        return {"text": self.text, "markdown": self.markdown, "csv": self.csv, "latex": self.latex}[form]()


EXTENSIONS = {"text": "txt", "markdown": "md", "csv": "csv", "latex": "tex"}
