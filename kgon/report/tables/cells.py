"""Cells that several tables share."""

from __future__ import annotations

from fractions import Fraction

from kgon.base.table import tex
from kgon.base.text import listed
from kgon.kgons.names import parse_name


def label_tex(text: str) -> str:
    """The name of a critical point, or several with commas between them, as LaTeX."""
    return ", ".join(f"${parse_name(part).latex}$" for part in listed(text))


def transition_cells(first: str, second: str) -> dict[str, str]:
    """The cell ``pair`` of a row: ``5 → 6``, with its LaTeX."""
    return {"pair": f"{first} → {second}", tex("pair"): rf"{label_tex(first)} $\to$ {label_tex(second)}"}


def lambda_text(value: Fraction | None) -> str:
    """λ as a decimal; empty where it is not defined."""
    return "" if value is None else f"{float(value):g}"
