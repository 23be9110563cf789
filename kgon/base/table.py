"""Tables as text, Markdown, CSV and LaTeX, from rows and columns."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kgon.base.layout import Cells, grid, terminal_width
from kgon.base.text import printable, width, wrapped


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
            escaped = (_markdown(cell).replace("|", "\\|") for cell in cells)
            return f"| {' | '.join(escaped)} |"

        rule = ["---:" if col.align == "r" else "---" for col in self.columns]
        lines = [f"**{_markdown(self.title)}**", "", line([col.heading for col in self.columns]), line(rule)]
        lines += [line([row[col.key] for col in self.columns]) for row in self.rows]
        return "\n".join([*lines, *(["", *map(_markdown, self.notes)] if self.notes else [])])

    def csv(self) -> str:
        """Write comma-separated values under a header of column keys."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([col.key for col in self.columns])
        writer.writerows([[row[col.key] for col in self.columns] for row in self.rows])
        return out.getvalue().rstrip("\n")

    def latex(self) -> str:
        """Write a LaTeX table, or a longtable where it would not fit on a page.

        Columns of numbers use siunitx.  A table that is wider than the text is scaled down to its width.
        """

        def cell(col: Column, row: dict[str, str]) -> str:
            value = row[col.key]
            if col.number:
                return value if _is_number(value) else f"{{{escape_latex(value)}}}"
            return row.get(tex(col.key)) or escape_latex(value)

        breaks = len(self.rows) > PAGE
        aligned = [_siunitx(col, self.rows) if col.number else col.align for col in self.columns]
        spec = "".join(_wrapped(aligned, self.columns, self.rows) if breaks else aligned)
        heads = [col.latex or escape_latex(col.heading) for col in self.columns]
        heads = [f"{{{x}}}" if col.number else x for x, col in zip(heads, self.columns, strict=True)]
        head = [r"    \toprule", "    " + " & ".join(heads) + r" \\", r"    \midrule"]
        body = [" & ".join(cell(col, row) for col in self.columns) for row in self.rows]
        # After the \\ of the row before, a bracket or a star would be its argument.
        body = ["    " + ("{}" if row[:1] in ("[", "*") else "") + row + r" \\" for row in body]
        notes = [rf"  \par\smallskip{{\footnotesize {escape_latex(note)}}}" for note in self.notes]
        titled = (rf"\caption{{{self.caption or escape_latex(self.title)}}}", rf"\label{{tab:{self.name}}}")
        before, after, last = (_longtable if breaks else _float)(titled, spec, self.size)
        if breaks:  # the heading stands on each page
            head = [*head, r"    \endfirsthead", *head, r"    \endhead"]
        return "\n".join([PACKAGES, *before, *head, *body, r"    \bottomrule", after, *notes, last])

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


PAGE = 45
"""Rows that fit on a page with a caption and notes."""
PACKAGES = r"% needs \usepackage{amsmath,booktabs,graphicx,longtable,siunitx}"
FITTED = r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%"
"""Scales what follows down to the width of the text, but not up."""


def _float(titled: Sequence[str], spec: str, size: str) -> tuple[list[str], str, str]:
    """Write what stands before the heading of a table on one page, after its rows, and after its notes."""
    before = [
        r"\begin{table}",
        r"  \centering" + (rf"\{size}" if size else ""),
        *(f"  {line}" for line in titled),
        f"  {FITTED}",
        rf"  \begin{{tabular}}{{{spec}}}",
    ]
    return before, r"  \end{tabular}}", r"\end{table}"


def _longtable(titled: Sequence[str], spec: str, size: str) -> tuple[list[str], str, str]:
    """Write the same of a table that breaks across pages, in small print."""
    before = [
        r"\begingroup" + rf"\{size or 'footnotesize'}\setlength{{\tabcolsep}}{{3pt}}",
        rf"  \begin{{longtable}}{{{spec}}}",
        "    " + "".join(titled) + r"\\",
    ]
    return before, r"  \end{longtable}", r"\endgroup"


TEXT, GAP, CHARACTER, NARROWEST = 440.0, 6.0, 4.4, 70.0
"""Points: the text's width on A4 or letter, a gap, a character of small print, the least column."""
EXTENSIONS = {"text": "txt", "markdown": "md", "csv": "csv", "latex": "tex"}


_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def _is_number(value: str) -> bool:
    """Whether siunitx can read a cell."""
    return _NUMBER.fullmatch(value) is not None


def _wrapped(
    aligned: Sequence[str], columns: Sequence[Column], rows: Sequence[dict[str, str]]
) -> Sequence[str]:
    """Let the widest columns of text wrap where a table that breaks, and cannot be scaled, is too wide.

    They are as few as leave each of them room enough.
    """
    sizes = [
        GAP + CHARACTER * max([width(col.heading), *(width(row[col.key]) for row in rows)]) for col in columns
    ]
    texts = [k for k, align in enumerate(aligned) if align == "l"]
    if sum(sizes) <= TEXT or not texts:
        return aligned
    texts.sort(key=lambda k: -sizes[k])
    for count in range(1, len(texts) + 1):
        left = sum(sizes) - sum(sizes[k] for k in texts[:count])
        room = (TEXT - left) / count - GAP
        if room >= NARROWEST or not any(sizes[k] > NARROWEST + GAP for k in texts[count:]):
            break
    room = max(room, NARROWEST)
    return [f"p{{{room:.0f}pt}}" if k in texts[:count] else align for k, align in enumerate(aligned)]


def _siunitx(col: Column, rows: Sequence[dict[str, str]]) -> str:
    numbers = [row[col.key].lstrip("+-") for row in rows if _is_number(row[col.key])]
    plain = [x for x in numbers if "e" not in x.lower()]
    if len(plain) < len(numbers) or not numbers:
        return "S[table-format=1.1e-2]" if numbers else "l"
    whole = max(len(x.split(".")[0]) for x in plain)
    decimals = max(len(x.partition(".")[2]) for x in plain)
    sign = "-" if any(row[col.key].startswith("-") for row in rows) else ""
    return f"S[table-format={sign}{whole}.{decimals}]" if decimals else f"S[table-format={sign}{whole}]"


_LATEX = {
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\\": r"\textbackslash{}",
    "×": r"$\times$",
    "±": r"$\pm$",
    "≤": r"$\le$",
    "≥": r"$\ge$",
    "→": r"$\to$",
    "−": "$-$",
    "∇": r"$\nabla$",
    "‖": r"$\|$",
    "½": r"$\tfrac12$",
    "∞": r"$\infty$",
    "·": r"$\cdot$",
    "≈": r"$\approx$",
    "…": r"\dots{}",
    "⌈": r"$\lceil$",
    "⌉": r"$\rceil$",
    "<": r"$<$",
    ">": r"$>$",
    "≠": r"$\ne$",
}
_WITHOUT_GLYPH = re.compile(
    r"[\xa0\xab\xbb\xad\xd0\xde\xf0\xfe\u0104\u0105\u0110\u0111\u0118\u0119"
    r"\u0126\u0127\u012e\u012f\u0138\u013f\u0140\u0149\u014a\u014b\u0166\u0167\u0172\u0173\u017f]"
)
"""Characters up to U+017F that pdfLaTeX stops at in its standard encoding; it sets the others."""
_LAMBDA_HAT = "λ\u0302"
"""Two characters, the second one combining."""


_MARKS = re.compile(r"[\\`]|(?<!\w)\*(?=\S)|\*(?=\w)|\](?=\()|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)|(?<=~)~")
"""Marks of Markdown; no such are an underscore within a word, a star that opens nothing, a lone bracket."""


def _markdown(text: str) -> str:
    """Escape plain text for Markdown, in which its marks and HTML would be obeyed."""
    return _MARKS.sub(r"\\\g<0>", printable(text)).replace("<", "&lt;")


def escape_latex(text: str) -> str:
    """Escape plain text for LaTeX, such that pdfLaTeX sets it without further packages.

    What it has no letters for, as in Chinese names of files, stands there by its number.

    Examples
    --------
    >>> print(escape_latex("é_中"))
    é\\_[U+4E2D]
    """
    plain = unicodedata.normalize("NFC", printable(text)).replace("<=", "≤").replace(">=", "≥")
    return r"$\hat\lambda$".join(_escaped(part) for part in plain.split(_LAMBDA_HAT))


_MATHEMATICS = re.compile(
    r"(?P<raised>[\u2070\xb9\xb2\xb3\u2074-\u207b]+)|(?P<lowered>[\u2080-\u208b]+)|(?<=[0-9])\^(?P<power>[0-9]+)"
    r"|(?P<minus>(?<![\w.)\]⁺⁻-])-(?=[0-9.]))|[\u0370-\u03ff]"
)
"""Signs of a label, powers such as 4^3 and 10⁻⁸, indices, the minus of a number, and Greek letters."""
_GREEK = "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ"
"""Greek letters that have a command of TeX's; the others look like Latin ones."""


def _escaped(text: str) -> str:
    """Escape what has no λ̂ in it; the signs of a label are one superscript, and a minus is no hyphen."""
    found, end = [], 0
    for match in _MATHEMATICS.finditer(text):
        found += [_plain(text[end : match.start()]), _mathematics(match)]
        end = match.end()
    return "".join([*found, _plain(text[end:])])


def _mathematics(match: re.Match[str]) -> str:
    """A match of ``_MATHEMATICS`` as TeX sets it."""
    normal = unicodedata.normalize("NFKD", match[0]).replace("\u2212", "-")
    if match["raised"] or match["power"]:
        return f"$^{{{normal.lstrip('^')}}}$"
    if match["lowered"]:
        return f"$_{{{normal}}}$"
    return "$-$" if match["minus"] else _greek(match[0])


def _greek(letter: str) -> str:
    """A Greek letter by the command of its name, where TeX has one."""
    if letter not in _GREEK:
        return _set(letter)
    name = unicodedata.name(letter).split()[-1].replace("LAMDA", "LAMBDA")
    variant = "var" if letter in "εφ" else ""
    return rf"$\{variant}{name.lower() if letter.islower() else name.capitalize()}$"


def _plain(text: str) -> str:
    # Between two hyphens of the text, as in the label 4--, {} keeps TeX from joining them to a dash.
    return "".join(
        (_LATEX.get(x) or _set(x)) + ("{}" if x == "-" and text[k + 1 : k + 2] == "-" else "")
        for k, x in enumerate(text)
    )


def _set(character: str) -> str:
    """Keep a character for which pdfLaTeX has a glyph; else give its number."""
    known = character in "–—‘’“”" or (ord(character) < 0x180 and not _WITHOUT_GLYPH.match(character))
    return character if known else f"[U+{ord(character):04X}]"
