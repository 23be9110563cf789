"""Escape plain text for LaTeX and for Markdown."""

from __future__ import annotations

import re
import unicodedata

from kgon.base.text import printable

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
    "√": r"$\surd$",
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


def escape_markdown(text: str) -> str:
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
