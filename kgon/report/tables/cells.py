"""Write the cells and declare the columns that several tables share."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from kgon.base.table import Column
from kgon.base.text import listed, with_error


def label_tex(text: str) -> str:
    """Write the name of a critical point, or several with commas between them, as LaTeX."""
    from kgon.kgons.labels import Label
    from kgon.kgons.names import parse_name

    def tex(name: Any) -> str:
        words = name.words if isinstance(name, Label) else ""  # outside of mathematics, where lines may break
        return f"${name.label.latex}$, {words}" if words else f"${name.latex}$"

    return ", ".join(tex(parse_name(part)) for part in listed(text))


def decimal(value: Fraction | float | None, form: str = "g") -> str:
    """Write a number by a format; empty where it is not defined."""
    return "" if value is None else format(float(value), form)


def estimate(found: Any) -> str:
    """Write the λ̂ of a result with its standard error."""
    return with_error(found.lambda_hat, found.stderr)


def number(key: str, heading: str, latex: str, cell: Callable[[Any], str]) -> Column:
    """Declare a column of numbers."""
    return Column(key, heading, latex, "r", number=True, cell=cell)


def named(name: Callable[[Any], str], key: str = "label", heading: str = "label", align: str = "l") -> Column:
    """Declare a column of names of critical points, given as text."""
    return Column(key, heading, "", align, cell=name, tex=lambda item: label_tex(name(item)))


def pair(ends: Callable[[Any], tuple[str, str]] = lambda item: (item.first, item.second)) -> Column:
    """Declare a column of transitions, ``5 → 6``."""

    def tex(item: Any) -> str:
        return r" $\to$ ".join(map(label_tex, ends(item)))

    return Column("pair", "transition", cell=lambda item: " → ".join(ends(item)), tex=tex)


LABEL = named(lambda item: item.label)
NAME = named(lambda item: str(item.name))
