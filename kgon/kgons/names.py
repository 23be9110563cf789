"""Say which critical point a point is: a k-gon, an irregular minimum, or another, named by its loss.

Names follow structure: a point has the name of a known one if they have the same loss, equally many live and
positive columns, and the same lengths, biases and products of these (``kgon.kgons.structure``).  How equal is
for the caller to say, who knows how exactly the point was found: the tolerances of all callers are below.
They lie far apart, from 1e-9 for a root to 0.1 for a column where a descent stopped, and each must be small
against what it tells apart: among levels that are close, ``Known.rows`` takes a quarter of their distance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kgon.base.checks import Floats
from kgon.base.verdicts import KgonError
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.irregular import Irregular, irregular_minima
from kgon.kgons.labels import CONFIGURATIONS, Label
from kgon.kgons.structure import Shapes
from kgon.kgons.values import loss_ball, standard_point
from kgon.potential.loss import Potential
from kgon.potential.model import TMS


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """How far two images of one critical point may differ, for whoever found them so exactly.

    Attributes
    ----------
    loss : float
        In L.
    columns : float
        In the lengths and biases of live and positive columns.
    """

    loss: float
    columns: float


SEARCHED = Tolerance(loss=1e-9, columns=1e-5)
"""Of a search's roots (``kgon.landscape.starts``): with ‖∇L‖ ≤
1e-12, L is known to 1e-14 and a place to 1e-10, but a column at the border of an output's off region only to
4e-6, as ∂L/∂b grows with the square of the distance there."""
JOINED = Tolerance(loss=1e-8, columns=1e-4)
"""Of the ends of flow lines (``kgon.landscape.saddles``): with ‖∇L‖ ≤ 1e-9 a place is known to 1e-6."""
RESTED = Tolerance(loss=1e-7, columns=1e-4)
"""Of the roots of plateaus
(``kgon.experiments.training.plateaus``): ‖∇L‖ ≤ 1e-9 over an eigenvalue of 1e-5 or more."""
DESCENDED = Tolerance(loss=1e-5, columns=0.1)
"""Of the points where descents stop
(``kgon.potential.descent``): with ‖∇L‖ ≤ 1e-4 and an eigenvalue of 0.02 a place is known to 0.005; descents
to the minima of c = 4 … 7 end within 0.01."""
LEAST_LOSS = 1e-9
"""No tolerance in L is made smaller than this, which rounding and an unfinished iteration need."""
DIGITS = 6, 9, 12, 15
"""Digits after the point of a loss in a name: as few of these as tell two points apart."""


@dataclass(frozen=True, slots=True)
class Other:
    """The name of a critical point that is no known one: its loss, in ASCII such as ``L=0.069289``."""

    loss: float
    digits: int = DIGITS[0]

    @property
    def name(self) -> str:
        """The name in ASCII."""
        return f"L={self.loss:.{self.digits}f}"

    @property
    def pretty(self) -> str:
        """The name with room about the sign."""
        return f"L = {self.loss:.{self.digits}f}"

    @property
    def latex(self) -> str:
        """The name as LaTeX mathematics, without dollar signs."""
        return self.name

    def __str__(self) -> str:
        return self.name


KnownName = Label | Irregular
"""What identifies a k-gon or an irregular minimum: its structure."""
Name = KnownName | Other
"""What identifies a critical point; every kind has a ``name`` in ASCII, a ``pretty`` and a ``latex`` form."""


def parse_known(text: str) -> KnownName:
    """Read the name of a k-gon or of an irregular minimum.

    Raises
    ------
    KgonError
        The text is no such name.
    """
    irregular = ":" in text and not text.strip().endswith(CONFIGURATIONS)
    return Irregular.parse(text) if irregular else Label.parse(text)


def parse_name(text: str) -> Name:
    """Read any name, as tables, JSON and the command line write it.

    Raises
    ------
    KgonError
        The text is no name.

    Examples
    --------
    >>> [type(parse_name(text)).__name__ for text in ("4--:opposite", "6:211111", "L=0.069289")]
    ['Label', 'Irregular', 'Other']
    """
    head, _, tail = text.strip().partition("=")
    if head != "L":
        return parse_known(text)
    try:
        return Other(float(tail), len(tail.partition(".")[2]))
    except ValueError:
        raise KgonError(f"unknown name {text!r}; a point named by its loss looks like L=0.069289") from None


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Critical points that have a name of their own, to compare others with.

    Attributes
    ----------
    names : tuple of KnownName
        By loss; a configuration that is a special place of a flat family before the family.
    loss : (k,) array
    shapes : Shapes
        Of k points; products that the flat family leaves free are NaN.
    """

    names: tuple[KnownName, ...]
    loss: Floats
    shapes: Shapes

    def take(self, chosen: Sequence[int]) -> Known:
        """Keep some of them, by position."""
        rows = np.array(chosen, dtype=np.int64)
        return Known(tuple(self.names[k] for k in chosen), self.loss[rows], self.shapes[rows])

    def scaled(self, within: Tolerance) -> Tolerance:
        """Narrow a tolerance in L to a quarter of the least distance between two different levels."""
        gaps = np.diff(np.sort(self.loss))
        least = float(np.min(gaps[gaps > LEAST_LOSS], initial=np.inf))
        return Tolerance(loss=max(min(within.loss, least / 4), LEAST_LOSS), columns=within.columns)

    def rows(self, w: Floats, loss: Floats, within: Tolerance) -> NDArray[np.int64]:
        """Find which of them points w (m, 3c) with losses (m,) are: positions (m,), −1 for none.

        Of several that fit it is the nearest in loss, and of equal ones the first.
        """
        found = np.full(len(w), -1)
        at, row = np.nonzero(np.abs(loss[:, None] - self.loss) <= self.scaled(within).loss)
        W, b = TMS(w.shape[1] // 3).unpack(w[at])
        same = Shapes.of(W, b).agree(self.shapes[row], within.columns)
        at, row = at[same][::-1], row[same][::-1]
        order = np.argsort(-np.abs(loss[at] - self.loss[row]), kind="stable")
        found[at[order]] = row[order]  # the nearest is written last; of equal ones, the first
        return found


@lru_cache(maxsize=16)
def known(c: int) -> Known:
    """List the k-gons and the irregular minima of c features, to name points with."""
    points: list[tuple[float, KnownName, Floats, Floats]] = [
        (float(loss_ball(label, c)), label, *standard_point(label, c)) for label in Catalogue(c).labels
    ]
    points += [(point.loss, point.name, point.W, point.b) for point in irregular_minima(c)]
    points.sort(key=lambda point: (point[0], point[1].name == str(point[1]), str(point[1])))
    losses, names, W, b = zip(*points, strict=True)
    shapes = Shapes.of(np.array(W), np.array(b))
    free = [isinstance(x, Label) and x.phi > 0 and x.configuration == "adjacent" for x in names]
    shapes.products[np.array(free)] = np.nan
    return Known(names, np.array(losses), shapes)


def identify(w: Floats, loss: float | None = None, *, within: Tolerance) -> Name:
    """Name a critical point of L by its structure (r = 2, uniform inputs).

    Parameters
    ----------
    w : (3c,) array
        Flat parameter: W row-major, then b.
    loss : float, optional
        L there, where it is known already.
    within : Tolerance
        How exactly the point is known; one of this module's.

    Returns
    -------
    Name
        Of a flat family of 4-gons, the label with adjacent live columns wherever the point is in it, unless
        they are opposite.

    Examples
    --------
    >>> point = Catalogue(6)["5+"]
    >>> w = TMS(6).pack(point.W[:, ::-1], point.biases[::-1])
    >>> str(identify(w, within=SEARCHED))
    '5+'
    >>> str(identify(1.001 * w, within=SEARCHED))
    'L=0.061801'
    """
    if w.ndim != 1 or len(w) % 3:
        raise KgonError(f"one flat point of 3c numbers is wanted, got shape {w.shape}")
    named = known(len(w) // 3)
    losses = Potential(TMS(len(w) // 3)).flat(w[None])[0] if loss is None else np.array([loss])
    row = int(named.rows(w[None], losses, within)[0])
    return named.names[row] if row >= 0 else Other(float(losses[0]))


def same_point(first: Floats, second: Floats, losses: tuple[float, float], within: Tolerance) -> bool:
    """Say whether two flat critical points (3c,) are one, up to symmetry and silent columns."""
    W, b = TMS(len(first) // 3).unpack(np.array([first, second]))
    shapes = Shapes.of(W, b)
    agree = shapes[np.array([0])].agree(shapes[np.array([1])], within.columns)
    return abs(losses[0] - losses[1]) <= within.loss and bool(agree[0])


class Register:
    """The critical points of c features that have turned up, each with one name."""

    def __init__(self, within: Tolerance) -> None:
        self.within = within
        self.others: dict[Other, Floats] = {}

    def name(self, w: Floats, loss: float) -> Name:
        """Name a critical point (3c,) as ``identify`` does, but one that turned up before keeps its
        name."""
        found = identify(w, loss, within=self.within)
        if not isinstance(found, Other):
            return found
        for other, point in self.others.items():
            if same_point(w, point, (loss, other.loss), self.within):
                return other
        taken = {other.name for other in self.others}
        names = [Other(loss, digits) for digits in DIGITS]
        found = next((name for name in names if name.name not in taken), names[-1])
        self.others.setdefault(found, w)
        return found
