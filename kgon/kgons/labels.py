"""Labels of k-gons, their standard representatives, and the symmetries O(r) × S_c.

A label ``k^{σ+,φ−}`` is written in ASCII: ``6``, ``5+``, ``4++``, ``4++--``, and ``4--:opposite`` for the
second configuration where φ = 2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import total_ordering
from typing import Any

from kgon.base.checks import assign, check_choice, check_integer
from kgon.base.verdicts import KgonError

SWITCHED_OFF_BIAS = -2.0
"""Bias of a switched-off polygon column in the standard representative."""
DEAD_BIAS = -0.5
"""Bias of a dead column in the standard representative."""
SQUARE = ((1, 0), (0, 1), (-1, 0), (0, -1))
"""Vertices of the 4-gon, in the order of the standard representative."""
CONFIGURATIONS = ("adjacent", "opposite")
"""Where φ = 2: the two switched-off columns (and so the two live ones) adjacent or opposite."""

_LABEL = re.compile(r"(?P<k>[0-9]{1,6})(?P<sigma>\+*)(?P<phi>-*)(?::(?P<configuration>[a-z]+))?")

_PRINTED = (
    ("⁺", "+"), ("⁻", "-"), ("^{", ""), ("}", ""), ("$", ""),
    (r"\,\text{opp.", ":opposite"), (" opposite", ":opposite"),
)  # fmt: skip
"""Signs of labels as they are printed, and as they are read."""


@total_ordering
@dataclass(frozen=True, slots=True)
class Label:
    """The name of a k-gon: its vertices, its positive and its switched-off columns.

    Attributes
    ----------
    k : int
        Vertices of the polygon.
    sigma : int
        Columns W = 0 with b = 1/(2c) > 0.
    phi : int
        Polygon columns switched off by a large negative bias.
    configuration : str
        ``adjacent`` or ``opposite``; the latter only where φ = 2.

    Examples
    --------
    >>> Label.parse("4++--:opposite")
    Label(k=4, sigma=2, phi=2, configuration='opposite')
    >>> str(Label(5, 1)), Label(5, 1).pretty, str(Label.parse("4⁺⁺⁻"))
    ('5+', '5⁺', '4++-')
    """

    k: int
    sigma: int = 0
    phi: int = 0
    configuration: str = "adjacent"

    def __post_init__(self) -> None:
        for name in ("k", "sigma", "phi"):
            assign(self, **{name: check_integer(f"{name} of a label", getattr(self, name), 0)})
        check_choice("the configuration of a label", self.configuration, CONFIGURATIONS)
        if self.configuration == "opposite" and self.phi != 2:
            raise KgonError(
                f"label {self.name!r}: only two switched-off columns have a configuration, "
                f"here there are {self.phi}"
            )

    @classmethod
    def parse(cls, text: str) -> Label:
        """Read a label, also as it is printed; its existence for a given c is checked by ``check``."""
        plain, *words = _COMMA.split(text, maxsplit=1) if isinstance(text, str) else [""]
        if words:
            return Arranged.of(Label.parse(plain), words[0])
        match = _LABEL.fullmatch(_plain(plain))
        if match is None:
            raise KgonError(
                f"unknown label {text!r}; a label looks like 6, 5+, 4++, 4-, 4++-- or 4--:opposite"
            )
        configuration = match["configuration"]
        label = cls(int(match["k"]), len(match["sigma"]), len(match["phi"]), configuration or "adjacent")
        if configuration and label.phi != 2:
            raise KgonError(
                f"label {text!r}: only two switched-off columns have a configuration, "
                f"here there are {label.phi}"
            )
        return label

    def check(self, c: int) -> Label:
        """Return the label itself if it can occur with c features; refuse it with the reason if not."""
        if self.k < 4:
            raise KgonError(f"label {self} has k = {self.k}; the catalogue begins at k = 4")
        if self.k > c:
            raise KgonError(f"label {self} needs at least {self.k} features, c is {c}")
        if self.sigma > c - self.k:
            raise KgonError(
                f"label {self} needs {self.k} + {self.sigma} columns, c = {c} leaves "
                f"{c - self.k} beside the polygon"
            )
        if self.phi > self.k:
            raise KgonError(f"label {self} switches off {self.phi} of {self.k} polygon columns")
        if self.phi and self.k != 4:
            raise KgonError(
                f"label {self} is impossible: only the 4-gon, whose columns do not interact, stays "
                "critical when one of its columns is switched off"
            )
        return self

    @property
    def label(self) -> Label:
        """The label without words on its columns."""
        return self

    @property
    def words(self) -> str:
        """Words on its columns, where they differ in weight (``Arranged``): none."""
        return ""

    @property
    def name(self) -> str:
        """The label without its configuration."""
        return f"{self.k}{'+' * self.sigma}{'-' * self.phi}"

    @property
    def pretty(self) -> str:
        """The label with superscripts."""
        text = f"{self.k}{'⁺' * self.sigma}{'⁻' * self.phi}"
        return f"{text} opposite" if self.configuration == "opposite" else text

    @property
    def latex(self) -> str:
        """The label as LaTeX mathematics, without dollar signs."""
        text = f"{self.k}^{{{'+' * self.sigma}{'-' * self.phi}}}".replace("^{}", "")
        return rf"{text}\,\text{{opp.}}" if self.configuration == "opposite" else text

    def __str__(self) -> str:
        return f"{self.name}:opposite" if self.configuration == "opposite" else self.name

    def __lt__(self, other: Label) -> bool:
        return self.order < other.order

    @property
    def order(self) -> tuple[int, int, int, str]:
        """The key that labels are sorted by, together with names of irregular minima."""
        return (self.k, self.sigma, self.phi, self.configuration)

    def switched_off(self) -> tuple[int, ...]:
        """List the column indices of the switched-off polygon columns in the standard representative."""
        return (0, 2) if self.configuration == "opposite" else tuple(range(self.phi))

    def roles(self, c: int) -> tuple[str, ...]:
        """List the role of each of c columns: ``live``, ``switched-off``, ``positive`` or ``dead``."""
        off = self.switched_off()
        polygon = ["switched-off" if j in off else "live" for j in range(self.k)]
        return (*polygon, *["positive"] * self.sigma, *["dead"] * (c - self.k - self.sigma))

    def columns(self, c: int) -> tuple[int, ...]:
        """List the column that plays each column of the standard representative: without words the same."""
        return tuple(range(c))


def _plain(text: str) -> str:
    """A label in ASCII, from any form in which it is printed; ``6-gon`` is 6."""
    text = text.strip().removesuffix("-gon")
    for printed, read in _PRINTED:
        text = text.replace(printed, read)
    return text


_COMMA = re.compile(r"(?:\\text\{)?(?<!\\),")
"""Between a label and words, in LaTeX too, where another one is a space."""
_PLACES = re.compile(r"(?P<kind>vertices|live|positive|dead)(?: columns?)?(?P<columns>(?: [0-9]{1,3})+)")
"""A part of the words that say which columns play which part: ``positive column 5``, ``vertices 0 2 1``."""


@dataclass(frozen=True, slots=True)
class Arranged(Label):
    """The name of a k-gon where the columns differ in weight: its label, and which column plays which part.

    Attributes
    ----------
    words : str
        ``positive column 5``, ``dead columns 4 5``, ``vertices 0 2 1 3 4`` (going round) or, beside
        switched-off ones, ``live columns 0 1 2``; several with semicolons between them.  Columns that are not
        named come in order.

    Examples
    --------
    >>> name = Label.parse("5⁺, positive column 2")
    >>> str(name), name.columns(6)
    ('5+, positive column 2', (0, 1, 3, 4, 5, 2))
    """

    words: str = ""

    @classmethod
    def of(cls, label: Label, words: str) -> Arranged:
        """Put words to a label; whether they fit it is asked by ``check``."""
        parts = [part.strip(" $}") for part in words.split(";")]
        if not all(map(_PLACES.fullmatch, parts)):
            raise KgonError(
                f"columns of {label} look like 'positive column 5' or 'vertices 0 2 1 3 4', got {words!r}"
            )
        return cls(label.k, label.sigma, label.phi, label.configuration, "; ".join(parts))

    @property
    def label(self) -> Label:
        """The label alone."""
        return Label(self.k, self.sigma, self.phi, self.configuration)

    @property
    def order(self) -> tuple[int, int, int, str]:
        """The key that names are sorted by: after the label alone."""
        return (*self.label.order[:3], str(self).partition(":")[2] + self.words)

    @property
    def name(self) -> str:
        """The label without its configuration, with the words."""
        return f"{self.label.name}, {self.words}"

    @property
    def pretty(self) -> str:
        """The label with superscripts, with the words."""
        return f"{self.label.pretty}, {self.words}"

    @property
    def latex(self) -> str:
        """The label as LaTeX mathematics, with the words."""
        return rf"{self.label.latex}\text{{, {self.words}}}"

    def __str__(self) -> str:
        return f"{self.label}, {self.words}"

    def check(self, c: int) -> Arranged:
        """Return the label itself if it can occur with c features; refuse also words that do not fit it."""
        self.label.check(c)
        self.columns(c)
        return self

    def columns(self, c: int) -> tuple[int, ...]:
        """List the column that plays each column of the standard representative.

        Raises
        ------
        KgonError
            The words name too many columns, one twice, or one that there is not.
        """
        kinds = ["vertices" if role == "live" and not self.phi else role for role in self.roles(c)]
        places = {kind: [j for j in range(c) if kinds[j] == kind] for kind in kinds}
        found: dict[int, int] = {}
        for match in map(_PLACES.fullmatch, self.words.split("; ")):
            kind, columns = (match["kind"], match["columns"].split()) if match else ("", [])
            own = places.pop(kind, [])
            if len(columns) != len(own):
                raise KgonError(f"{self}: of {c} columns {self.label} has {len(own)} {kind}, named once")
            found |= zip(own, map(int, columns), strict=True)
        rest = iter(j for j in range(c) if j not in found.values())
        if len(set(found.values())) < len(found) or max(found.values()) >= c:
            raise KgonError(f"{self}: columns are counted from 0 to {c - 1}, and each is named once")
        return tuple(found[j] if j in found else next(rest) for j in range(c))


def all_labels(c: int, polygons: Sequence[int]) -> list[Label]:
    """List all labels for c features, given the k for which a regular k-gon exists.

    Both configurations are listed where φ = 2.  For c = 6 there are 18 names, 21 configurations.

    Examples
    --------
    >>> found = all_labels(6, [4, 5, 6])
    >>> len({label.name for label in found}), len(found)
    (18, 21)
    """
    return sorted(_labels(c, polygons))


def _labels(c: int, polygons: Sequence[int]) -> Iterator[Label]:
    for k in polygons:
        for sigma in range(c - k + 1):
            for phi in range(5 if k == 4 else 1):
                yield Label(k, sigma, phi)
                if phi == 2:
                    yield Label(k, sigma, phi, "opposite")


def representative(
    label: Label,
    c: int,
    length: Any,
    bias: Any,
    directions: Sequence[tuple[Any, Any]],
    number: Any = float,
) -> tuple[list[list[Any]], list[Any]]:
    """Build the standard representative of a label: W as two rows of c numbers, b as c numbers.

    Polygon columns 0 … k − 1 counter-clockwise from angle 0, then the σ positive columns (W = 0,
    b = 1/(2c)), then the dead ones (W = 0, b = −½).  Switched-off columns stay at their vertices.

    Parameters
    ----------
    label : Label
    c : int
    length, bias : number
        l and b of the polygon.
    directions : sequence of (cos, sin)
        Of the k vertices.
    number : type
        Number type, made from an int.
    """
    roles = label.roles(c)
    values = {
        "live": bias,
        "switched-off": number(int(SWITCHED_OFF_BIAS)),
        "positive": number(1) / number(2 * c),
        "dead": -number(1) / number(2),
    }
    zeros = [number(0)] * (c - label.k)
    W = [[length * d[axis] for d in directions] + zeros for axis in (0, 1)]
    return W, [values[role] for role in roles]
