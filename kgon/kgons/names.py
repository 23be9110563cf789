"""Say which critical point a point is: a k-gon, an irregular minimum, or another, named by its loss.

Names follow structure: a point has the name of a known one if they have the same loss, equally many live and
positive columns, and the same lengths, biases and products of these (``kgon.kgons.structure``).  How equal is
for the caller to say, who knows how exactly the point was found: the tolerances of all callers are below.
They lie far apart, from 1e-9 for a root to 0.1 for a column where a descent stopped, and each must be small
against what it tells apart: among levels that are close, ``Known.rows`` takes a quarter of their distance.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kgon.base.checks import Floats
from kgon.base.verdicts import KgonError
from kgon.kgons.arrangements import first_alike, name_arranged
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.followed import is_exact_square, trace_back, weighted_kgons
from kgon.kgons.irregular import Irregular, irregular_minima
from kgon.kgons.labels import CONFIGURATIONS, Label
from kgon.kgons.nearest_kgon import nearest
from kgon.kgons.rest import MARGIN
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


SEARCHED = Tolerance(loss=1e-9, columns=MARGIN)
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
    plain = text.partition(",")[0].strip()
    irregular = ":" in plain and not plain.endswith(CONFIGURATIONS)
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
    head, _, tail = text.replace(" ", "").partition("=")
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
    classes : tuple of tuple of int
        The columns that may be exchanged.
    minima : frozenset of KnownName
        Which are known to be local minima; of k-gons at equal weights the catalogue knows it.
    """

    names: tuple[KnownName, ...]
    loss: Floats
    shapes: Shapes
    classes: tuple[tuple[int, ...], ...] = ()
    minima: frozenset[KnownName] = frozenset()

    @classmethod
    def of(cls, points: Iterable[NamedPoint], classes: tuple[tuple[int, ...], ...]) -> Known:
        """Sort named points by loss."""
        listed = sorted(points, key=lambda x: (x.loss, x.name.name == str(x.name), str(x.name)))
        shapes = Shapes.of(np.array([x.W for x in listed]), np.array([x.b for x in listed]), classes)
        free = [isinstance(x.name, Label) and x.name.phi > 0 for x in listed]
        opposite = [isinstance(x.name, Label) and x.name.configuration == "opposite" for x in listed]
        shapes.products[np.array(free) & ~np.array(opposite)] = np.nan
        names, loss = tuple(x.name for x in listed), np.array([x.loss for x in listed])
        return cls(names, loss, shapes, classes, frozenset(x.name for x in listed if x.minimum))

    def take(self, chosen: Sequence[int] | NDArray[np.int64]) -> Known:
        """Keep some of them, by position."""
        rows = np.array(chosen, dtype=np.int64)
        names = tuple(self.names[k] for k in rows)
        return Known(names, self.loss[rows], self.shapes[rows], self.classes, self.minima)

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
        same = Shapes.of(W, b, self.classes).agree(self.shapes[row], within.columns)
        at, row = at[same][::-1], row[same][::-1]
        order = np.argsort(-np.abs(loss[at] - self.loss[row]), kind="stable")
        found[at[order]] = row[order]  # the nearest is written last; of equal ones, the first
        return found


class NamedPoint(NamedTuple):
    """A critical point with its name; whether it is a local minimum may not be known."""

    name: KnownName
    loss: float
    W: Floats
    b: Floats
    minimum: bool | None


@lru_cache(maxsize=16)
def known(c: int) -> Known:
    """List the k-gons and the irregular minima of c features, to name points with."""
    labels = Catalogue(c).labels
    points = [NamedPoint(x, float(loss_ball(x, c)), *standard_point(x, c), None) for x in labels]
    others = (NamedPoint(x.name, x.loss, x.W, x.b, True) for x in irregular_minima(c))
    return Known.of([*points, *others], (tuple(range(c)),))


@lru_cache(maxsize=16)
def known_at(tms: TMS) -> Known:
    """List the k-gons of a model of unequal weights (``kgon.kgons.followed``); else all that ``known`` lists.

    Losses are those of ``tms.scaled``: without the common factor of the importances.
    """
    if tms.equal:
        return known(tms.c)
    points = [x._replace(loss=x.loss / tms.strength) for x in named_points(tms)]
    return Known.of(points, tms.classes)


def named_points(tms: TMS) -> list[NamedPoint]:
    """List the critical points of a model that have a name of their own, with where they are and L there.

    They are the k-gons of the catalogue and the irregular minima at equal weights; at others, where the
    branches of the k-gons lead (``kgon.kgons.followed``).
    """
    if not tms.equal:
        return [
            NamedPoint(x.name, x.loss, *x.found.place, x.is_minimum)
            for x in weighted_kgons(tms)
            if x.loss is not None
        ]
    kgons = [NamedPoint(x.name, x.loss, x.W, x.biases, x.is_minimum) for x in Catalogue(tms.c)]
    found = [*kgons, *(NamedPoint(x.name, x.loss, x.W, x.b, True) for x in irregular_minima(tms.c))]
    return [x._replace(loss=x.loss * tms.strength) for x in found]


def known_name(
    w: Floats, loss: float | None = None, *, within: Tolerance, tms: TMS | None = None
) -> KnownName | None:
    """Name a critical point (3c,) by its structure alone: one of those that ``known_at`` lists, or None."""
    tms = TMS(len(w) // 3) if tms is None else tms
    value = float(Potential(tms).flat(w[None])[0][0]) if loss is None else loss
    named = known_at(tms)
    row = int(named.rows(w[None], np.array([value / tms.strength]), within)[0])
    return named.names[row] if row >= 0 else None


def identify(w: Floats, loss: float | None = None, *, within: Tolerance, tms: TMS | None = None) -> Name:
    """Name a critical point of L by its structure (r = 2); at unequal weights by where its branch leads.

    Parameters
    ----------
    w : (3c,) array
        Flat parameter: W row-major, then b.
    loss : float, optional
        L there, where it is known already.
    within : Tolerance
        How exactly the point is known; one of this module's.  That of L is for importances of 1.
    tms : TMS, optional
        The model.  Default: uniform.

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
    tms = TMS(len(w) // 3) if tms is None else tms
    value = float(Potential(tms).flat(w[None])[0][0]) if loss is None else loss
    if not tms.equal:
        found = name_at(tms, *tms.unpack(w), within=within).name
        return Other(value) if found is None else first_of_alike(found, tms)
    return known_name(w, value, within=within, tms=tms) or Other(value)


class Naming(NamedTuple):
    """The name of a critical point of a model, or the reason why it has none."""

    name: Label | None
    reason: str = ""


def name_at(tms: TMS, W: Floats, b: Floats, *, within: Tolerance = SEARCHED) -> Naming:
    """Name a critical point of a model of unequal weights by where its branch leads at equal ones.

    Parameters
    ----------
    tms : TMS
    W, b : (2, c) and (c,) arrays
    within : Tolerance

    Returns
    -------
    Naming
        Its words say which columns play which part in this point.

    Examples
    --------
    >>> from kgon.kgons.followed import lead
    >>> tms = TMS(6, importance=[1, 1, 1, 1, 1, 0.5])
    >>> W, b = lead(Label.parse("5+"), range(6), tms).place
    >>> str(name_at(tms, W, b).name)
    '5+, positive column 5'
    """
    near = nearest(W, b)
    label = Label.parse(near.label)
    columns = near.columns.tolist()
    if label.k == 4 and near.distance <= within.columns and is_exact_square(label, columns, tms):
        return Naming(name_arranged(label, columns, tms.classes))
    back = trace_back(tms, tms.pack(W, b))
    if back.W is None or back.b is None:
        return Naming(None, back.reason)
    found = identify(TMS(tms.c).pack(back.W, back.b), within=within)
    if not isinstance(found, Label):
        return Naming(None, f"its branch leads to {found} at equal weights, which is no k-gon")
    columns = nearest(back.W, back.b).columns.tolist()
    return Naming(name_arranged(found, columns, tms.classes))


def first_of_alike(name: Label, tms: TMS) -> Label:
    """Name the first arrangement that is the same but for exchanges of columns that are alike.

    Examples
    --------
    >>> str(first_of_alike(Label.parse("5+, positive column 2"), TMS(6, importance=[1, 1, 1, 1, 1, 0.5])))
    '5+, positive column 4'
    """
    columns = first_alike(name.label, name.columns(tms.c), tms.classes)
    return name_arranged(name.label, columns, tms.classes)


def same_point(
    first: Floats, second: Floats, losses: tuple[float, float], within: Tolerance, tms: TMS
) -> bool:
    """Say whether two flat critical points (3c,) are one, up to symmetry and silent columns."""
    W, b = tms.unpack(np.array([first, second]))
    shapes = Shapes.of(W, b, tms.classes)
    agree = shapes[np.array([0])].agree(shapes[np.array([1])], within.columns)
    return abs(losses[0] - losses[1]) <= within.loss * tms.strength and bool(agree[0])


class Register:
    """The critical points of a model that have turned up, each with one name.

    At unequal weights those with the name of a k-gon are kept, too: a point that turns up again is not
    followed again.  Without ``follow`` only those have one that ``known_at`` lists.
    """

    def __init__(self, within: Tolerance, tms: TMS, *, follow: bool = True) -> None:
        self.within, self.tms, self.follow = within, tms, follow and not tms.equal
        self.others: dict[Other, Floats] = {}
        self._kgons: list[tuple[Name, float, Floats]] = []

    def name(self, w: Floats, loss: float) -> Name:
        """Name a critical point (3c,) as ``identify`` does, but one that turned up before keeps its
        name."""
        for kgon, other_loss, point in self._kgons:
            if same_point(w, point, (loss, other_loss), self.within, self.tms):
                return kgon
        if self.follow and (again := self._other(w, loss)) is not None:
            return again
        naming = identify if self.follow else known_name
        found = naming(w, loss, within=self.within, tms=self.tms) or Other(loss)
        if not isinstance(found, Other):
            if self.follow:
                self._kgons.append((found, loss, w))
            return found
        if (again := self._other(w, loss)) is not None:
            return again
        taken = {other.name for other in self.others}
        names = [Other(loss, digits) for digits in DIGITS]
        found = next((name for name in names if name.name not in taken), names[-1])
        self.others.setdefault(found, w)
        return found

    def _other(self, w: Floats, loss: float) -> Other | None:
        """The name of a point without one of its own that turned up before."""
        losses = ((other, point, (loss, other.loss)) for other, point in self.others.items())
        same = (x for x, point, pair in losses if same_point(w, point, pair, self.within, self.tms))
        return next(same, None)
