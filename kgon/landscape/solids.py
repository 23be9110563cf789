"""Regular configurations in space, r = 3: how up to twelve columns of critical points arrange themselves.

Every one is a stack of rings about an axis; from there root finding leads to the critical point of the same
symmetry.  ``kgon search -r 3`` finds all but two of them, the pentagonal and the hexagonal antiprism, within
some thousand starts.  Further columns are *dead* (W_j = 0, b_j < 0), and one may be *positive* (W_j = 0,
b_j = 1/(2c)) where the columns sum to zero and every bias is negative, or beside the octahedron: then a ``+``
follows the name, as for k-gons.  Beside a positive column several dead ones move against each other at no
cost; that such points are critical is proved for the octahedron only, the others are listed with one dead
column at most.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kgon.base.checks import Floats, check_integer
from kgon.base.results import Result, result
from kgon.base.verdicts import KgonError, Verdict
from kgon.kgons.labels import DEAD_BIAS
from kgon.landscape.point_groups import point_group
from kgon.potential.model import TMS
from kgon.potential.roots import find_roots
from kgon.proofs.verification import Verification, verify

Ring = tuple[int, float, float]
"""Columns of a ring, their height, and by which part of half their spacing the ring is turned."""
SHAPES: dict[str, tuple[Ring, ...]] = {
    "tetrahedron": ((1, 1, 0), (3, -1 / 3, 0)),
    "triangular bipyramid": ((1, 1, 0), (3, 0, 0), (1, -1, 0)),
    "octahedron": ((1, 1, 0), (4, 0, 0), (1, -1, 0)),
    "capped octahedron": ((1, 1, 0), (3, 0.2, 0), (3, -0.7, 1)),
    "capped trigonal prism": ((1, -1, 0), (2, -0.21, 0.55), (2, -0.21, -0.55), (2, 0.79, 0)),
    "pentagonal bipyramid": ((1, 1, 0), (5, 0, 0), (1, -1, 0)),
    "square antiprism": ((4, 0.5, 0), (4, -0.5, 1)),
    "snub disphenoid": ((2, 0.8, 0), (2, 0.34, 1), (2, -0.34, 0), (2, -0.8, 1)),
    "cube": ((4, 3**-0.5, 0), (4, -(3**-0.5), 0)),
    "hexagonal bipyramid": ((1, 1, 0), (6, 0, 0), (1, -1, 0)),
    "tricapped trigonal prism": ((3, 0.7, 0), (3, 0, 1), (3, -0.7, 0)),
    "capped square antiprism": ((1, 1, 0), (4, 0.3, 0), (4, -0.6, 1)),
    "tetracapped trigonal prism": ((3, 0.75, 0), (3, 0.08, 1), (3, -0.39, 0), (1, -1, 0)),
    "sphenocorona": ((2, 0.82, 0), (2, 0.45, 1), (2, -0.14, 0.36), (2, -0.14, -0.36), (2, -0.83, 1)),
    "bicapped square antiprism": ((1, 1, 0), (4, 0.4, 0), (4, -0.4, 1), (1, -1, 0)),
    "pentagonal antiprism": ((5, 0.5, 0), (5, -0.5, 1)),
    "capped pentagonal antiprism": ((1, 1, 0), (5, 0.4, 0), (5, -0.5, 1)),
    "pentacapped trigonal prism": ((1, 1, 0), (3, 0.6, 0), (3, 0, 1), (3, -0.6, 0), (1, -1, 0)),
    "icosahedron": ((1, 1, 0), (5, 5**-0.5, 0), (5, -(5**-0.5), 1), (1, -1, 0)),
    "anticuboctahedron": ((3, 0.816, 0), (6, 0, 0), (3, -0.816, 0)),
    "hexagonal antiprism": ((6, 0.5, 0), (6, -0.5, 1)),
}
"""The configurations, by the number of columns; the names are those of their hulls."""
FEWEST, MOST = 4, 12
"""Columns of the configurations."""
BALANCED = 1e-9
"""Largest ‖ΣW‖ at which a positive column fits."""
ACTIVE = 1e-6
"""What W_i·W_j + b_j exceeds in a contact."""


@result
class Solid(Result):
    """A critical point of r = 3 whose columns form a regular configuration.

    Attributes
    ----------
    name : str
        Of the configuration, with ``+`` where a column is positive.
    group : str
        Point group of the live columns (Schoenflies): all rotations and reflections that permute them.
    live, positive, dead : int
        Columns of each kind; ``c`` is their sum.
    contacts : int
        Pairs of live columns of which one's input switches the other's output on.
    degrees : str
        How many of these each column has, as in ``4^8`` for eight columns with four.
    verification : Verification
        Loss, index, minimum and λ with what is proved of them.
    W, b : (3, c) and (c,) arrays
    """

    name: str
    group: str
    live: int
    positive: int
    dead: int
    contacts: int
    degrees: str
    verification: Verification
    W: np.ndarray
    b: np.ndarray

    @property
    def loss(self) -> float:
        """L in floating point, an integral of squares: not below 0 by rounding."""
        return max(self.verification.loss, 0.0)

    @property
    def kind(self) -> str:
        """``minimum``, ``saddle of index 2``, or ``critical`` where no more is known."""
        near, minimum = self.verification.nearby, self.verification.minimum
        if near is None or self.verification.critical is not Verdict.PROVED:
            return str(Verdict.UNDECIDED)
        if minimum is Verdict.PROVED:
            return "minimum"
        return "critical" if not near.negative else f"saddle of index {near.negative}"

    def headline(self) -> str:
        return f"{self.name} ({self.group}), c = {len(self.b)}: L = {self.loss:.9f}, {self.kind}"

    def rows(self) -> Sequence[tuple[str, str]]:
        counts = f"{self.live} live, {self.positive} positive, {self.dead} dead"
        return [("columns", counts), ("contacts", f"{self.contacts} ({self.degrees})"),
                *self.verification.rows()]  # fmt: skip


def regular_solids(c: int = MOST, *, names: Sequence[str] | None = None) -> list[Solid]:
    """List the regular configurations of c features at r = 3, by loss, with what is proved of each.

    Parameters
    ----------
    c : int
        4 to 12.
    names : sequence of str, optional
        Only these configurations, without ``+``.

    Returns
    -------
    list of Solid
        Those of up to c live columns, alone and with a positive column where one fits; the others are dead.

    Examples
    --------
    >>> [(x.name, x.group, x.kind, x.verification.lambda_) for x in regular_solids(4)]
    [('tetrahedron', 'Td', 'minimum', Fraction(4, 1))]
    """
    check_integer("c", c, FEWEST, MOST)
    for name in names or ():
        if name not in SHAPES:
            raise KgonError(f"unknown configuration {name!r}; known are {', '.join(SHAPES)}")
    chosen = [(name, positive) for name, positive in names_of(c) if names is None or name in names]
    found = [_solid(name, positive, c) for name, positive in chosen]
    return sorted(found, key=lambda x: x.verification.loss)


def all_solids() -> list[Solid]:
    """List every regular configuration at r = 3 without dead columns, by number of columns and loss."""
    found = [_solid(*name, c) for c in range(FEWEST, MOST + 1) for name in names_of(c) if _size(*name) == c]
    return sorted(found, key=lambda x: (len(x.b), x.verification.loss))


def _size(name: str, positive: int) -> int:
    return len(live_columns(name)[1]) + positive


def names_of(c: int) -> list[tuple[str, int]]:
    """List the configurations that fit into c columns, each with its number of positive columns."""
    return [(name, positive) for name in SHAPES for positive in (0, 1) if _fits(name, positive, c)]


def _fits(name: str, positive: int, c: int) -> bool:
    """Say whether the configuration, with so many positive columns, fits into c columns and has a proof."""
    W, b = live_columns(name)
    rest = c - len(b) - positive
    if rest < 0 or not positive:
        return rest >= 0
    balanced = float(np.linalg.norm(W.sum(axis=1))) < BALANCED
    return name == "octahedron" or (balanced and rest < 2 and b.max() < -ACTIVE)


@lru_cache(maxsize=64)
def live_columns(name: str) -> tuple[Floats, Floats]:
    """Compute the live columns (3, n) of a configuration, and their biases (n,), which depend on no c."""
    places = [
        (*(np.sqrt(1 - height * height) * np.array([np.cos(angle), np.sin(angle)])), height)
        for count, height, turn in SHAPES[name]
        for angle in (2 * np.arange(count) + turn) * np.pi / count
    ]
    W = np.array(places).T
    tms = TMS(W.shape[1], 3)
    ends = find_roots(tms, tms.pack(W, np.zeros(tms.c))[None])
    if not ends.converged[0]:
        raise KgonError(f"the {name} was not found: |grad L| = {ends.gradient_norm[0]:.1e}")
    return tms.unpack(ends.w[0])


def standard_solid(name: str, positive: int, c: int) -> tuple[Floats, Floats]:
    """Build W (3, c) and b (c,) of a configuration: live columns, then positive ones, then dead ones."""
    W, b = live_columns(name)
    rest = c - len(b)
    others = np.where(np.arange(rest) < positive, 1 / (2 * c), DEAD_BIAS)
    return np.hstack([W, np.zeros((3, rest))]), np.concatenate([b, others])


@dataclass(frozen=True, slots=True, eq=False)
class Configuration:
    """A critical point with a name: W (r, c), b (c,); first live columns, then positive, then dead ones."""

    name: str
    W: Floats
    b: Floats


def solid_configurations(c: int) -> tuple[Configuration, ...]:
    """List the configurations that fit into c columns, with their points."""
    return tuple(
        Configuration(name + "+" * positive, *standard_solid(name, positive, c))
        for name, positive in names_of(c)
    )


def touching_columns(W: Floats, b: Floats) -> NDArray[np.bool_]:
    """Say for every two of n columns whether they are in contact: (n, n), symmetric."""
    active = W.T @ W + b > ACTIVE
    return (active | active.T) & ~np.eye(len(b), dtype=bool)


def _solid(name: str, positive: int, c: int) -> Solid:
    W, b = standard_solid(name, positive, c)
    full = name + "+" * positive
    live = live_columns(name)
    n = len(live[1])
    touching = touching_columns(*live)
    counts = sorted(Counter(touching.sum(axis=1).tolist()).items(), reverse=True)
    return Solid(
        name=full,
        group=point_group(*live),
        live=n,
        positive=positive,
        dead=c - n - positive,
        contacts=int(touching.sum()) // 2,
        degrees=" ".join(f"{degree}^{count}" for degree, count in counts),
        verification=verify(W, b, source=full),
        W=W,
        b=b,
    )
