"""Output where not every character can be printed: words in the place of mathematics, and nothing is lost."""

from __future__ import annotations

import codecs
import io
import re
import sys
import unicodedata

NAME = "kgon-words"
"""Of the error handler of ``codecs``."""
WORDS = {
    "±": "+-", "×": "x", "·": "*", "½": "1/2", "−": "-", "–": "-", "‖": "||", "→": "->", "≤": "<=", "≥": ">=",
    "≠": "!=", "≈": "~", "∞": "inf", "∇": "grad ", "∫": "int ", "⌈": "ceil(", "⌉": ")", "…": "...", "“": '"',
    "”": '"', "\u0302": "-hat", "Δ": "Delta ", "λ": "lambda", "Λ": "Lambda", "⁺": "+", "⁻": "-",
    "ᵀ": "^T", "√": "sqrt", "‘": "'", "’": "'", "—": "-",
    "─": "-", "│": "|", "∎": "q.e.d.", "✓": "yes", "✗": "no", "∝": "~", "↔": "<->",
}  # fmt: skip
"""What is printed in the place of a character; Greek letters, digits and corners follow from their names."""


def word(character: str) -> str:
    """Spell out a character: λ as lambda, ² as ^2, an accent as -hat, what has no words as an escape."""
    if character in WORDS:
        return WORDS[character]
    match unicodedata.name(character, "").split():
        case ["GREEK", size, "LETTER", name]:
            return name.lower() if size == "SMALL" else name.capitalize()
        case [("SUPERSCRIPT" | "SUBSCRIPT") as place, *_]:
            return ("^" if place == "SUPERSCRIPT" else "_") + unicodedata.normalize("NFKD", character)
        case ["BOX", *_]:
            return "+"
    return character.encode("ascii", "backslashreplace").decode()


def fitted(text: str, encoding: str) -> str:
    """Spell out what an encoding lacks, at the cost of the next wide gap: columns and frames stay in line.

    Examples
    --------
    >>> print(fitted("│ Δλ ≥ 0       yes │", "ascii"))
    | Delta lambda >= 0 yes |
    """
    parts, debt = [], 0
    for part in re.findall(" {2,}|.|\n", text):
        if part.isspace():
            saved = min(debt, len(part) - 1)
            parts.append(part[saved:])
            debt = 0 if part == "\n" else debt - saved
        elif part.encode(encoding, "ignore"):
            parts.append(part)
        else:
            parts.append(word(part))
            debt += len(parts[-1]) - (not unicodedata.combining(part))
    return "".join(parts)


def _replaced(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    return "".join(map(word, error.object[error.start : error.end])), error.end


def spell_out() -> None:
    """Let standard output and errors print every text, whatever their encoding."""
    codecs.register_error(NAME, _replaced)
    if sys.stderr is None:  # closed by the caller: errors are not for standard output
        sys.stderr = io.StringIO()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=NAME)


def output_encoding() -> str:
    """Find the encoding of standard output; UTF-8 where it takes text as it stands."""
    return getattr(sys.stdout, "encoding", None) or "utf-8"
