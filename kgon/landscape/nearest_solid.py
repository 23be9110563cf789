"""Points of r = 3: which regular configuration is nearest, modulo O(3) and permutations?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linear_sum_assignment

from kgon.base.checks import Floats, real_array
from kgon.base.results import Result, result
from kgon.base.table import Column, Table
from kgon.base.verdicts import KgonError
from kgon.kgons.names import SEARCHED
from kgon.kgons.nearest_kgon import SAME
from kgon.kgons.symmetry import align
from kgon.landscape.solids import FEWEST, MOST, names_of, standard_solid
from kgon.potential.loss import Potential
from kgon.potential.model import TMS

STARTS = 50
"""Half of the maps from which an alignment is searched."""
MOST_SHOWN = 20
"""Points up to which ``text`` has a line for each."""


@result
class NearestSolids(Result):
    """The regular configurations nearest to m points of r = 3.

    Attributes
    ----------
    c : int
    solid : (m,) str array
        Names, as in ``kgon.landscape.solids``.
    distance : (m,) array
        Euclidean distance in (W, b) modulo O(3) × S_c: live and positive columns count at their places, dead
        ones by what their biases must fall by until they hear neither themselves nor others, and by what they
        must be shortened by until no live column hears them.  The least that was found, an upper bound.
    """

    c: int
    solid: np.ndarray
    distance: np.ndarray

    def __len__(self) -> int:
        return len(self.solid)

    def columns(self) -> dict[str, np.ndarray]:
        """Map the fields to their arrays (m,)."""
        return {"solid": self.solid, "distance": self.distance}

    def records(self) -> list[dict[str, Any]]:
        """List a dict per point: solid, distance."""
        names, distances = self.solid.tolist(), self.distance.tolist()
        return [{"solid": name, "distance": x} for name, x in zip(names, distances, strict=True)]

    def summary(self) -> dict[str, Any]:
        """Say how many points there are, and how many of each name."""
        names, counts = np.unique(self.solid, return_counts=True)
        return {"points": len(self), "counts": dict(zip(names.tolist(), counts.tolist(), strict=True))}

    def headline(self) -> str:
        if len(self) == 1:
            return f"nearest solid {self.solid.item()} at distance {self.distance.item():.3g}~"
        return f"{len(self)} points, r = 3, c = {self.c}"

    def rows(self) -> Sequence[tuple[str, str]]:
        return [(name, str(count)) for name, count in self.summary()["counts"].items()]

    def text(self) -> str:
        """Write the name of one point, of each of a few, or the counts of many."""
        return self.table().text() if 1 < len(self) <= MOST_SHOWN else str(self)

    def table(self) -> Table:
        """Tabulate the points with the nearest configuration, a row for each."""
        rows = [
            {"point": str(k), "solid": record["solid"], "distance": f"{record['distance']:.4g}"}
            for k, record in enumerate(self.records())
        ]
        columns = [Column("point", "point", align="r"), Column("solid", "nearest"),
                   Column("distance", "distance", align="r")]  # fmt: skip
        return Table(name="points", title=self.headline(), columns=columns, rows=rows, notes=[])


def nearest_solids(W: ArrayLike, b: ArrayLike, file: str | Path = "") -> NearestSolids:
    """Find the regular configuration nearest to one or many points with r = 3 and 4 ≤ c ≤ 12.

    Parameters
    ----------
    W : (3, c) or (m, 3, c) array_like
    b : (c,) or (m, c) array_like
    file : str or Path, optional
        Where the points are from, for the text of errors.

    Raises
    ------
    KgonError
        Other sizes, or values that are not finite.

    Examples
    --------
    >>> octahedron = np.hstack([np.eye(3), -np.eye(3)])
    >>> nearest_solids(1.01 * octahedron, np.zeros(6)).records()[0]["solid"]
    'octahedron'
    """
    array = real_array("W", W)
    if array.ndim not in (2, 3) or array.shape[-2] != 3 or not FEWEST <= array.shape[-1] <= MOST:
        where = f"{file}: " if file else ""
        raise KgonError(
            f"{where}solids are compared at r = 3, {FEWEST} <= c <= {MOST}, k-gons at r = 2; W has shape "
            f"{array.shape}"
        )
    c = array.shape[-1]
    weights, biases = TMS(c, 3).point(array, b)
    among = names_of(c)
    points = zip(weights.reshape(-1, 3, c), biases.reshape(-1, c), strict=True)
    found = [_nearest(*point, among) for point in points]
    return NearestSolids(
        c=c, solid=np.array([name for name, _ in found]), distance=np.array([x for _, x in found])
    )


def name_solid(W: Floats, b: Floats, loss: float) -> str | None:
    """Name the configuration that a root of r = 3 is, by loss and distance; None if it is none."""
    tms = TMS.of_point(W)
    if tms.r != 3 or not FEWEST <= tms.c <= MOST:
        return None
    potential = Potential(tms)
    alike = [
        (name, positive)
        for name, positive in names_of(tms.c)
        if abs(float(potential.loss(*standard_solid(name, positive, tms.c))) - loss) <= SEARCHED.loss
    ]
    found, distance = _nearest(W, b, alike)
    return found if distance <= SAME else None


def _nearest(W: Floats, b: Floats, among: Sequence[tuple[str, int]]) -> tuple[str, float]:
    """Name the nearest of some configurations, and its distance: infinite where there are none."""
    heard = np.maximum((W.T @ W).max(axis=0), 0.0)
    lowered = np.maximum(b + heard, 0.0) ** 2  # what makes a column dead where it is
    candidates = []
    for name, positive in among:
        target, biases = standard_solid(name, positive, len(b))
        dead = np.flatnonzero((biases < 0) & ~target.any(axis=0))
        cost = (biases[:, None] - b[None, :]) ** 2
        cost[dead] = lowered
        lengths = (np.linalg.norm(target, axis=0)[:, None] - np.linalg.norm(W, axis=0)) ** 2 + cost
        lengths[dead] = lowered
        bound = float(np.sqrt(lengths[linear_sum_assignment(lengths)].sum()))
        candidates.append((bound, name + "+" * positive, target, cost, dead.tolist()))
    best, found = np.inf, ""
    for bound, name, target, cost, free in sorted(candidates, key=lambda x: x[:2]):
        if bound >= best:
            break
        match = align(W, target, cost, free=free, starts=STARTS)
        distance = np.hypot(match.distance, _too_long(W, b, match.assignment, free, "+" in name))
        if distance < best:
            best, found = distance, name
    return found, float(best)


def _too_long(
    W: Floats, b: Floats, assignment: NDArray[np.int64], free: Sequence[int], balanced: bool
) -> float:
    """By how much dead columns, which play the ``free`` ones, are too long: live columns must not hear them.

    Beside a positive column, where the columns are ``balanced``, they must be zero.
    """
    dead, live = assignment[list(free)], np.delete(assignment, list(free))
    products, biases = W[:, dead].T @ W[:, live], np.minimum(b[live], 0.0)
    share = np.divide(-biases, products, out=np.ones_like(products), where=products > -biases)
    kept = np.zeros(len(dead)) if balanced else share.min(axis=1, initial=1.0)
    return float(np.linalg.norm((1.0 - kept) * np.linalg.norm(W[:, dead], axis=0)))
