"""Cells that several tables share."""

from __future__ import annotations

from fractions import Fraction

from kgon.kgons.names import parse_name


def label_tex(text: str) -> str:
    """The name of a critical point, or several with commas between them, as LaTeX."""
    return ", ".join(f"${parse_name(part).latex}$" for part in text.split(","))


def transition_tex(text: str) -> str:
    """``5 → 6`` as LaTeX."""
    return r" $\to$ ".join(label_tex(part) for part in text.split(" → "))


def lambda_text(value: Fraction | None) -> str:
    """λ as a decimal; empty where it is not defined."""
    return "" if value is None else f"{float(value):g}"
