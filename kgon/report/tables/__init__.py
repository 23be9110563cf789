"""Tables: rows from the rooms above, set as text, Markdown, CSV or LaTeX.  No computation here.

``TABLES`` lists them, ``make_table`` makes one, ``save_table`` writes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kgon.base.files import write_text
from kgon.base.table import EXTENSIONS, Table
from kgon.base.work import HERE, Work
from kgon.report.artefact import Registry
from kgon.report.graph import Tell, make_one
from kgon.report.store import Store

FORMATS = tuple(EXTENSIONS)
TABLES = Registry("table")
"""Every table, by name."""


def make_table(
    name: str, *, work: Work = HERE, store: Store | None = None, tell: Tell = lambda _: None, **given: Any
) -> Table:
    """Make a table by name, and the studies that it needs.

    Parameters
    ----------
    name : str
        A key of ``TABLES``.
    work : Work
        Who computes the studies.
    store : Store, optional
        Is asked first, and keeps what is made.
    tell : callable
        Called with a line before each study.
    **given
        Options of the table, and results of its studies; those that are None are left out.

    Raises
    ------
    KgonError
        Unknown name, or an option that the table would ignore.
    """
    found: Table = make_one(TABLES, name, given, work=work, store=store, tell=tell).value
    return found


def save_table(table: Table, folder: str | Path, *, formats: Sequence[str] = FORMATS) -> list[Path]:
    """Write a table into a folder, one file for each format."""
    base = Path(folder)
    return [
        write_text(base / f"{table.name}.{EXTENSIONS[form]}", table.render(form) + "\n") for form in formats
    ]
