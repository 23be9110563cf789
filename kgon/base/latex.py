"""Set a table in LaTeX: as wide as the text at most, across pages where it is long.

The type is as large as the columns allow, down to \\footnotesize; then columns of text wrap, and numbers that
still do not fit side by side stand in panels below one another.  Widths are estimated in characters, for the
text of the class article without options: 345 points.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kgon.base.column import Column, tex
from kgon.base.escape import escape_latex
from kgon.base.text import width
from kgon.base.widths import Panel, Wanted, panels, side_by_side

Row = dict[str, str]
PAGE = 45
"""Lines that fit on a page with a caption and notes."""
PACKAGES = r"% needs \usepackage{amsmath,array,booktabs,graphicx,longtable,siunitx}"
ROOM = {"": 63, "footnotesize": 75, "scriptsize": 84}
"""Characters and gaps across the text, by the size of the type."""
CLOSER = {"footnotesize": 4, "scriptsize": 3}
"""Half a gap in points, where it is less than usual."""
FITTED = r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%"
"""Scales what follows down to the width of the text, but not up."""
NARROWEST = 8
"""Characters below which a column of text is not wrapped."""
LONGEST = 26
"""Characters beyond which a word, such as a path, may be broken anywhere."""
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_RAISED = re.compile("[⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+")


def write_latex(
    name: str, caption: str, columns: Sequence[Column], rows: Sequence[Row], notes: Sequence[str] = (),
    size: str = "",
) -> str:  # fmt: skip
    """Write a table, or a longtable where it would not fit on a page.

    Parameters
    ----------
    name : str
        After ``tab:`` in its label.
    caption : str
        As LaTeX.
    columns : sequence of Column
        Those of numbers use siunitx.
    rows : sequence of dict
        Cell texts by column key; under ``tex(key)`` a cell's own LaTeX.
    notes : sequence of str
        Lines under the table, plain text.
    size : str
        Largest size of the type, such as ``footnotesize``.
    """
    size, parts = _arranged(columns, rows, size)
    titled = rf"\caption{{{caption}}}\label{{tab:{name}}}"
    under = [rf"  \par\smallskip{{\footnotesize\raggedright {escape_latex(x)}\par}}" for x in notes]
    whole = Panel(tuple(range(len(columns))), ())
    breaks = sum(_lines(columns, row, part) for part in parts or [whole] for row in rows) > PAGE
    opening = [rf"\{size}\setlength{{\tabcolsep}}{{{CLOSER[size]}pt}}"] if size else []
    if breaks:
        body = [
            line
            for k, part in enumerate(parts or [whole])
            for line in _longtable(columns, rows, part, ROOM[size], titled if k == 0 else "")
        ]
        return "\n".join([PACKAGES, rf"\begingroup{''.join(opening)}", *body, *under, r"\endgroup"])
    body = []
    for part in parts or [whole]:
        body += [
            *([r"  \par\medskip"] if body else []),
            *_tabular(columns, rows, part, ROOM[size], not parts),
        ]
    before = [r"\begin{table}", rf"  \centering{''.join(opening)}", rf"  {titled}"]
    return "\n".join([PACKAGES, *before, *body, *under, r"\end{table}"])


def _arranged(columns: Sequence[Column], rows: Sequence[Row], size: str) -> tuple[str, list[Panel]]:
    """The size of the type and the panels; none where the table is to be scaled down."""
    wanted = [_wanted(col, rows, rigid=col.align == "r") for col in columns]
    sizes = list(ROOM)[list(ROOM).index(size) :]
    for each in sizes:
        found = side_by_side([Wanted(x.natural, x.natural) for x in wanted], ROOM[each], narrow=True)
        if found and each != "scriptsize":
            return each, [Panel(tuple(range(len(columns))), tuple(found))]
    texts = [[row[col.key] for col in columns] for row in rows]
    small = max(sizes[0], "footnotesize", key=list(ROOM).index)
    for each in dict.fromkeys((small, "scriptsize")):
        if parts := panels(wanted, texts, ROOM[each]):
            return each, parts
    for rigid in (True, False):
        wanted = [_wanted(col, rows, rigid=rigid and col.align == "r") for col in columns]
        if last := side_by_side(wanted, ROOM["scriptsize"], narrow=True):
            break
    return "scriptsize", [Panel(tuple(range(len(columns))), tuple(last))] if last else []


def _wanted(col: Column, rows: Sequence[Row], *, rigid: bool = False) -> Wanted:
    """What a column takes and needs: words are not broken, numbers and what is rigid not at all."""
    texts = [row[col.key] for row in rows]
    natural = max(map(_set_width, [col.heading, *texts]))
    if col.number or rigid:
        return Wanted(natural, natural)
    words = max((_set_width(word) for text in [col.heading, *texts] for word in text.split()), default=0)
    return Wanted(natural, min(natural, max(min(words, LONGEST), NARROWEST)))


def _set_width(text: str) -> int:
    """About how many digits are as wide as a text: capitals and m are wider, what is raised is smaller."""
    wide = sum(x.isupper() or x in "mw" for x in text)
    raised = sum(map(len, _RAISED.findall(text)))
    # siunitx sets × 10 in the place of e, and a gap after every third digit of many.
    apart = (3 if "e" in text.lower() else 0) + len(text) // 8 if _is_number(text) else 0
    return width(text) + (2 * wide + 4) // 5 - raised // 3 + apart


def _lines(columns: Sequence[Column], row: Row, part: Panel) -> int:
    """How many lines a row takes."""
    pairs = zip(part.places, part.widths, strict=False)
    return max((-(-_set_width(row[columns[k].key]) // max(w, 1)) for k, w in pairs), default=1) or 1


def _tabular(
    columns: Sequence[Column], rows: Sequence[Row], part: Panel, room: int, scaled: bool
) -> list[str]:
    """A panel on one page, without widths scaled down to the text."""
    spec, head, body = _set(columns, rows, part, room)
    first, last = ([f"  {FITTED}"], r"  \end{tabular}}") if scaled else ([], r"  \end{tabular}")
    return [*first, rf"  \begin{{tabular}}{{{spec}}}", *head, *body, r"    \bottomrule", last]


def _longtable(
    columns: Sequence[Column], rows: Sequence[Row], part: Panel, room: int, titled: str
) -> list[str]:
    """A panel that breaks across pages: the heading stands on each."""
    spec, head, body = _set(columns, rows, part, room)
    title = [rf"    {titled}\\"] if titled else []
    heads = [*title, *head, r"    \endfirsthead", *head, r"    \endhead"]
    return [
        rf"  \begin{{longtable}}{{{spec}}}", *heads, *body, r"    \bottomrule", r"  \end{longtable}"
    ]  # fmt: skip


def _set(
    columns: Sequence[Column], rows: Sequence[Row], part: Panel, room: int
) -> tuple[str, list[str], list[str]]:
    """Columns, heading and rows of a panel."""
    chosen = [columns[k] for k in part.places]
    widths = part.widths or [0] * len(chosen)
    spec = "".join(_spec(col, rows, w, room) for col, w in zip(chosen, widths, strict=True))
    heads = [col.latex or escape_latex(col.heading) for col in chosen]
    heads = [f"{{{x}}}" if col.number else x for x, col in zip(heads, chosen, strict=True)]
    head = [r"    \toprule", "    " + " & ".join(heads) + r" \\", r"    \midrule"]
    body = [" & ".join(_cell(col, row) for col in chosen) for row in rows]
    # After the \\ of the row before, a bracket or a star would be its argument.
    return spec, head, ["    " + ("{}" if row[:1] in ("[", "*") else "") + row + r" \\" for row in body]


def _spec(col: Column, rows: Sequence[Row], wide: int, room: int) -> str:
    """A column that wraps takes its part of the text's width."""
    if col.number:
        return _siunitx(col, rows)
    if wide and wide < _wanted(col, rows).natural:
        ragged = r"\raggedleft" if col.align == "r" else r"\raggedright"
        return rf">{{{ragged}\arraybackslash}}p{{{wide / room:.3f}\linewidth}}"
    return col.align


def _cell(col: Column, row: Row) -> str:
    value = row[col.key]
    if col.number:
        return value if _is_number(value) else f"{{{escape_latex(value)}}}"
    return row.get(tex(col.key)) or " ".join(map(_breakable, value.split(" ")))


def _breakable(word: str) -> str:
    """Escape a word; one that is long may be broken after a slash, and after so many letters."""
    if len(word) <= LONGEST:
        return escape_latex(word)
    return r"\allowbreak{}".join(map(escape_latex, re.findall(rf"[^/]{{1,{LONGEST - 2}}}/?|/", word)))


def _is_number(value: str) -> bool:
    """Whether siunitx can read a cell."""
    return _NUMBER.fullmatch(value) is not None


def _siunitx(col: Column, rows: Sequence[Row]) -> str:
    """The column of siunitx that holds these numbers."""
    numbers = [row[col.key].lstrip("+-") for row in rows if _is_number(row[col.key])]
    plain = [x for x in numbers if "e" not in x.lower()]
    if len(plain) < len(numbers) or not numbers:
        return "S[table-format=1.1e-2]" if numbers else "l"
    whole = max(len(x.split(".")[0]) for x in plain)
    decimals = max(len(x.partition(".")[2]) for x in plain)
    sign = "-" if any(row[col.key].startswith("-") for row in rows) else ""
    return f"S[table-format={sign}{whole}.{decimals}]" if decimals else f"S[table-format={sign}{whole}]"
