"""Collects the text, formulas and checked claims of a derivation, and writes its page.

A page is reStructuredText under ``docs/derivations/``.  It is committed, and a derivation run with
``--check`` fails if the committed page is not what it writes.  Pages hold no date, no version and no
unrounded floating-point number, so that they come out the same on every machine.
"""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NoReturn

import sympy as sp

PAGES = Path(__file__).resolve().parents[2] / "docs" / "derivations"
"""Folder of the committed pages."""


def is_zero(expression: sp.Expr) -> bool:
    """Whether a rational expression in symbols is identically zero, by exact cancellation."""
    return sp.cancel(sp.together(sp.sympify(expression))) == 0


def all_zero(expressions: Iterable[sp.Expr]) -> bool:
    """Whether every one of some rational expressions is identically zero."""
    return all(is_zero(expression) for expression in expressions)


def tex(expression: object) -> str:
    """The LaTeX of a computed object."""
    return sp.latex(expression, fold_short_frac=False)


def inline(expression: object) -> str:
    """A computed object as inline mathematics."""
    return f":math:`{tex(expression)}`"


def shown(latex: str, computed: sp.Expr, value: sp.Expr) -> str:
    """LaTeX arranged by hand for reading, once its value is seen to equal the computed expression."""
    if not is_zero(value - computed):
        raise AssertionError(f"the arranged formula {latex} is not the computed {computed}")
    return latex


class Page:
    """A page under construction.

    Parameters
    ----------
    script : str
        File name of the derivation, which names the page.
    title : str
    """

    def __init__(self, script: str, title: str) -> None:
        self.name = Path(script).stem
        self.claims = 0
        self._checks: list[str] = []
        self._blocks = [
            f".. Written by derivations/{self.name}.py; run that script to change this page.",
            f"{title}\n{'=' * len(title)}",
        ]

    def section(self, title: str) -> None:
        """Start a section."""
        self._close()
        self._blocks.append(f"{title}\n{'-' * len(title)}")

    def text(self, *paragraphs: str) -> None:
        """Add paragraphs; line breaks and indentation inside a paragraph do not matter."""
        self._close()
        self._blocks += [" ".join(paragraph.split()) for paragraph in paragraphs]

    def items(self, *entries: str) -> None:
        """Add a bulleted list."""
        self._close()
        self._blocks.append("\n".join(f"* {' '.join(entry.split())}" for entry in entries))

    def math(self, *rows: str) -> None:
        """Add a displayed formula; several rows are aligned at ``&``."""
        self._close()
        body = " \\\\\n".join(rows)
        self._blocks.append(".. math::\n\n" + "\n".join(f"   {line}" for line in body.splitlines()))

    def table(self, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Add a table; cells are reStructuredText."""
        self._close()
        lines = [".. list-table::", "   :header-rows: 1", ""]
        for row in (header, *rows):
            lines += [f"   {'*' if at == 0 else ' '} - {cell}" for at, cell in enumerate(row)]
        self._blocks.append("\n".join(lines))

    def check(self, sentence: str, holds: bool) -> None:
        """State a claim that the script has just decided; a false one ends the script.

        Raises
        ------
        AssertionError
            With the sentence, if the claim does not hold.
        """
        sentence = " ".join(sentence.split())
        if holds is not True and holds != sp.true:
            raise AssertionError(f"{self.name}: this does not hold: {sentence}")
        self.claims += 1
        self._checks.append(sentence)

    def render(self) -> str:
        """The text of the whole page."""
        self._close()
        return "\n\n".join(self._blocks) + "\n"

    def _close(self) -> None:
        if self._checks:
            entries = "\n".join(f"   * {sentence}" for sentence in self._checks)
            self._blocks.append(f".. admonition:: Checked by the script\n\n{entries}")
            self._checks = []


def main(build: Callable[[], Page], argv: Sequence[str] | None = None) -> int:
    """Run a derivation: write its page, or with ``--check`` compare it with the committed one.

    Returns
    -------
    int
        Exit code: 1 if ``--check`` finds a difference.
    """
    parser = argparse.ArgumentParser(description=build.__doc__)
    parser.add_argument("--check", action="store_true", help="compare with the committed page, write nothing")
    parser.add_argument("--out", type=Path, default=PAGES, help="folder of the pages")
    options = parser.parse_args(argv)
    page = build()
    path = options.out / f"{page.name}.rst"
    new = page.render()
    if not options.check:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(new, encoding="utf-8", newline="\n")
        print(f"{path.name}: {page.claims} claims hold, page written")
        return 0
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    if old == new:
        print(f"{path.name}: {page.claims} claims hold, the committed page is current")
        return 0
    difference = difflib.unified_diff(
        old.splitlines(), new.splitlines(), "committed", "derived now", lineterm="", n=0
    )
    print("\n".join([f"{path.name}: {page.claims} claims hold, but the committed page differs", *difference]))
    return 1


def run(build: Callable[[], Page]) -> NoReturn:
    """Run a derivation from the command line, and end with the exit code of ``main``."""
    raise SystemExit(main(build))
