"""Irregular minima: polygons with several columns at a vertex, or with a column that is only heard.

From c = 7 on L has local minima that are no regular k-gons.  Most columns stand on a polygon as before, but
two or three of them share a vertex, and all lengths give way; or a column whose own output is off leans out
between two vertices and is heard by them: a *mute* column.  They are found by descent from such arrangements,
and named by the arrangement in which the descent ends.  Nothing proves that the list is complete; the tests
hold it against descents from random points.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations_with_replacement

import numpy as np

from kgon.base.checks import Floats, check_integer
from kgon.base.verdicts import KgonError
from kgon.kgons.labels import DEAD_BIAS, Label
from kgon.kgons.structure import roles_of
from kgon.kgons.symmetry import align
from kgon.kgons.values import standard_point
from kgon.potential.kernels import alike
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.potential.roots import find_roots

FEWEST, MOST = 7, 8
"""Numbers of features at which irregular minima are known: fewer have none, with more there are dozens."""
SHAKEN = (0.02, 0.1, 0.1, 0.1)
"""Standard deviation of what is added to a start, by trial: enough to leave a
saddle, and to reach its neighbours."""
DESCENT = 4000
"""Gradient steps from a start, before root finding."""
COINCIDE = 1e-6
"""Distance within which two columns of a root are at one vertex; two vertices are 0.5 apart or more."""
NEGATIVE = 1e-6
"""Hessian eigenvalues below −this are negative; those of the saddles nearby are −2e-4 and less."""
MUTE = (0.4, -0.9)
"""Length and bias at which a mute column starts; it ends near 0.3 and −0.8, or near 0.6 and −1.1."""

_NAME = re.compile(r"(?P<k>[0-9]{1,2})(?P<sigma>\+*):(?P<vertices>[1-9]*)-?(?P<mute>(?:mute[0-9]*)?)")


@dataclass(frozen=True, slots=True)
class Irregular:
    """The name of an irregular minimum, in ASCII such as ``6+:211111`` or ``5+:mute2``.

    Attributes
    ----------
    k : int
        Vertices of the polygon.
    sigma : int
        Columns of positive bias.
    vertices : tuple of int
        How many columns stand at each vertex, going round; of all ways to go, the largest.
    mute : int
        Columns whose output is off but whose input is heard.

    Examples
    --------
    >>> name = Irregular(6, 1, (2, 1, 1, 1, 1, 1))
    >>> str(name), name.pretty
    ('6+:211111', '6⁺ with a doubled vertex')
    >>> Irregular.parse("5+:mute2").mute
    2
    """

    k: int
    sigma: int
    vertices: tuple[int, ...]
    mute: int = 0

    @classmethod
    def parse(cls, text: str) -> Irregular:
        """Read a name; whether there is such a minimum is not asked."""
        match = _NAME.fullmatch(text.strip())
        vertices = tuple(int(n) for n in match["vertices"]) if match else ()
        if match is None or len(vertices) not in (0, int(match["k"])) or not (vertices or match["mute"]):
            raise KgonError(f"unknown name {text!r}; an irregular minimum looks like 6:211111 or 5+:mute")
        k, mute = int(match["k"]), match["mute"]
        return cls(k, len(match["sigma"]), vertices or (1,) * k, int(mute[4:] or 1) if mute else 0)

    @property
    def irregularity(self) -> str:
        """What follows the polygon in the name, such as ``211111`` or ``mute2``."""
        vertices = "".join(map(str, self.vertices)) if max(self.vertices) > 1 else ""
        mute = "" if not self.mute else "mute" if self.mute == 1 else f"mute{self.mute}"
        return f"{vertices}{'-' if vertices and mute else ''}{mute}"

    @property
    def name(self) -> str:
        """The name in ASCII."""
        return f"{self._polygon.name}:{self.irregularity}"

    @property
    def pretty(self) -> str:
        """The name in words."""
        several = {2: "doubled", 3: "tripled"}
        folds = [several.get(n, f"{n}-fold") for n in self.vertices if n > 1]
        parts = [f"a {word} vertex" for word in folds]
        if len(folds) > 1:
            parts = ["columns " + " ".join(map(str, self.vertices)) + " at its vertices"]
        if self.mute:
            parts.append("a mute column" if self.mute == 1 else f"{self.mute} mute columns")
        return f"{self._polygon.pretty} with {' and '.join(parts) or 'irregular vertices'}"

    @property
    def latex(self) -> str:
        """The name as LaTeX mathematics, without dollar signs: what is irregular as an index."""
        return rf"{self._polygon.latex}_{{\text{{{self.irregularity}}}}}"

    @property
    def phi(self) -> int:
        """How many polygon columns are switched off: none."""
        return 0

    @property
    def order(self) -> tuple[int, int, int, str]:
        """The key that names are sorted by, together with labels."""
        return (self.k, self.sigma, 0, self.irregularity)

    @property
    def _polygon(self) -> Label:
        return Label(self.k, self.sigma)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, eq=False)
class IrregularMinimum:
    """A local minimum of L that is no k-gon.

    Attributes
    ----------
    name : Irregular
    loss : float
    W, b : (2, c) and (c,) arrays
        Dead columns at W = 0, b = −½; mute ones with their bias ½ below where they would be switched on.
    """

    name: Irregular
    loss: float
    W: Floats
    b: Floats

    def distance(self, W: Floats, b: Floats) -> float:
        """Find the distance of a point W (2, c), b (c,) modulo O(2) × S_c and what costs nothing.

        Biases of silent columns may be lower.  Where dead columns have their W is left out: only their own
        input may not switch them on.
        """
        (live,), (positive,) = roles_of(self.W[None], self.b[None])
        dead = np.flatnonzero(~(live | positive) & ~self.W.any(axis=0)).tolist()
        working = live | positive
        limit = np.where(working, self.b, -np.max(self.W.T @ self.W, axis=0))[:, None] + np.zeros(len(b))
        limit[dead] = -np.sum(W * W, axis=0)
        gap = b - limit
        cost = np.where(working[:, None], gap, np.maximum(gap, 0.0)) ** 2
        return align(W, self.W, cost, free=dead).distance


def irregular_minima(c: int) -> tuple[IrregularMinimum, ...]:
    """List the irregular minima of c features by loss; beyond c = 8 none are looked for.

    Examples
    --------
    >>> [(str(point.name), round(7 * point.loss, 6)) for point in irregular_minima(7)]
    [('6:211111', 0.630329), ('5+:mute', 0.709861)]
    """
    c = check_integer("c", c, 1)
    return search_irregular(c) if FEWEST <= c <= MOST else ()


@lru_cache(maxsize=16)
def search_irregular(c: int) -> tuple[IrregularMinimum, ...]:
    """Descend from every arrangement of c columns, shaken, and keep the minima that are no k-gons."""
    tms, rng = TMS(c), np.random.default_rng(c)
    w = np.array([start + size * rng.standard_normal(3 * c) for start in starts(c) for size in SHAKEN])
    ends = find_roots(tms, w, DESCENT)
    found: dict[Irregular, IrregularMinimum] = {}
    for k in np.argsort(ends.loss):
        point = _examined(tms, ends.w[k], float(ends.loss[k])) if ends.converged[k] else None
        if point is not None and point.name not in found:
            found[point.name] = point
    return tuple(found.values())


def starts(c: int) -> Iterator[Floats]:
    """List flat points (3c,): polygons whose spare columns double a vertex, are mute, positive or dead."""
    for k in range(5, c):
        W, b = standard_point(Label(k), k)
        between = (W[:, 0] + W[:, 1]) / np.hypot(*(W[:, 0] + W[:, 1]))
        for vertices, mute, positive, dead in _arrangements(k, c - k):
            columns = [*np.repeat(W, vertices, axis=1).T, *[MUTE[0] * between] * mute]
            columns += [np.zeros(2)] * (positive + dead)
            biases = [*np.repeat(b, vertices), *[MUTE[1]] * mute]
            biases += [1 / (2 * c)] * positive + [DEAD_BIAS] * dead
            yield np.concatenate([np.array(columns).T.ravel(), biases])


def _arrangements(k: int, spare: int) -> Iterator[tuple[tuple[int, ...], int, int, int]]:
    """List the columns at each vertex, the mute, positive and dead ones: all but those of regular k-gons."""
    for share in combinations_with_replacement(("vertex", "mute", "positive", "dead"), spare):
        at_vertices, *others = (share.count(kind) for kind in ("vertex", "mute", "positive", "dead"))
        places = combinations_with_replacement(range(k), at_vertices)
        for vertices in sorted({_largest_turn([1 + at.count(j) for j in range(k)]) for at in places}):
            if at_vertices or others[0]:
                yield vertices, others[0], others[1], others[2]


def _largest_turn(counts: list[int]) -> tuple[int, ...]:
    """Read numbers round a polygon, begun where and in the direction that makes them largest."""
    turns = [counts[j:] + counts[:j] for j in range(len(counts))]
    return max(tuple(way) for turn in turns for way in (turn, turn[::-1]))


def _examined(tms: TMS, w: Floats, loss: float) -> IrregularMinimum | None:
    """Describe a root (3c,), if it is a smooth minimum whose live columns are not all alike."""
    W, b = tms.unpack(w)
    (live,), (positive,) = roles_of(W[None], b[None])
    potential = Potential(tms)
    regular = not live.any() or np.ptp([np.hypot(*W)[live], b[live]], axis=1).max() <= COINCIDE
    if regular or not potential.smooth(W, b, tol=COINCIDE):
        return None
    if np.linalg.eigvalsh(potential.hessian(W, b))[0] < -NEGATIVE:
        return None
    role = np.empty(tms.c, dtype=np.int64)
    gram = W.T @ W
    alike.roles(gram, np.ascontiguousarray(b), COINCIDE, role)
    dead = role == alike.NO_PART
    mute = ~(live | positive | dead)
    W, b = np.where(dead, 0.0, W), np.where(dead, DEAD_BIAS, np.where(mute, DEAD_BIAS - gram.max(axis=0), b))
    vertices = columns_at_vertices(W[:, live])
    name = Irregular(len(vertices), int(positive.sum()), vertices, int(mute.sum()))
    return IrregularMinimum(name, loss, W, b)


def columns_at_vertices(W: Floats) -> tuple[int, ...]:
    """Count the columns W (2, m) at each vertex, going round; of all ways to go, the largest.

    Examples
    --------
    >>> columns_at_vertices(np.array([[1.0, 0.0, -1.0, 0.0, 0.0], [0.0, 1.0, 0.0, -1.0, 1.0]]))
    (2, 1, 1, 1)
    """
    around = W[:, np.argsort(np.arctan2(W[1], W[0]))]
    first = np.flatnonzero(np.linalg.norm(around - np.roll(around, 1, axis=1), axis=0) > COINCIDE)
    return _largest_turn(np.diff(first, append=first[0] + W.shape[1]).tolist())
