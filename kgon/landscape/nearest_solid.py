"""Points of r other than 2: which critical point with a name is nearest, modulo O(r) and permutations?

At r = 3 these are the regular configurations in space, else direct sums (``kgon.landscape.direct_sums``).
"""

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
from kgon.landscape.direct_sums import direct_sums
from kgon.landscape.solids import FEWEST, MOST, Configuration, solid_configurations
from kgon.potential.loss import Potential
from kgon.potential.model import TMS

STARTS = {1: 1, 3: 50, 4: 100, 5: 400, 6: 400}
"""Half of the maps from which an alignment is searched, by r: with 50 at r = 5 and 6 one in thirty failed."""
COLUMNS = {1: (1, 64), 3: (FEWEST, MOST), 4: (1, MOST), 5: (1, MOST), 6: (1, MOST)}
"""From how many to how many columns points are compared, by r."""
MOST_SHOWN = 20
"""Points up to which ``text`` has a line for each."""


@result
class NearestSolids(Result):
    """The critical points with a name that are nearest to m points of r ≠ 2.

    Attributes
    ----------
    c : int
    solid : (m,) str array
        Names, as in ``kgon.landscape.solids``, or of ``kgon.landscape.direct_sums``.
    distance : (m,) array
        Euclidean distance in (W, b) modulo O(r) × S_c: live and positive columns count at their places, dead
        ones by what their biases must fall by until they hear neither themselves nor others, and by what they
        must be shortened by until no live column hears them.  The least that was found, an upper bound.
    r : int
    """

    c: int
    solid: np.ndarray
    distance: np.ndarray
    r: int = 3

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
            kind = "solid" if self.r == 3 else "direct sum"
            return f"nearest {kind} {self.solid.item()} at distance {self.distance.item():.3g}~"
        return f"{len(self)} points, r = {self.r}, c = {self.c}"

    def rows(self) -> Sequence[tuple[str, str]]:
        return [(name, str(count)) for name, count in self.summary()["counts"].items()]

    def text(self) -> str:
        """Write the name of one point, of each of a few, or the counts of many."""
        return str(self.table()) if 1 < len(self) <= MOST_SHOWN else str(self)

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
    """Find the critical point with a name that is nearest to one or many points with r ≠ 2.

    At r = 3 and 4 ≤ c ≤ 12 these are the regular configurations, at r = 1 (c ≤ 64) and 4 ≤ r ≤ 6 (c ≤ 12)
    direct sums of configurations of fewer dimensions.

    Parameters
    ----------
    W : (r, c) or (m, r, c) array_like
    b : (c,) or (m, c) array_like
    file : str or Path, optional
        Where the points are from, for the text of errors.

    Raises
    ------
    KgonError
        Other sizes, values that are not finite, or no points.

    Examples
    --------
    >>> octahedron = np.hstack([np.eye(3), -np.eye(3)])
    >>> nearest_solids(1.01 * octahedron, np.zeros(6)).records()[0]["solid"]
    'octahedron'
    >>> nearest_solids([[0.9, -1.1, 0.1]], [0, 0, -0.4]).headline()
    'nearest direct sum pair at distance 0.173~'
    """
    array = real_array("W", W)
    r, c = array.shape[-2:] if array.ndim in (2, 3) else (0, 0)
    fewest, most = COLUMNS.get(r, (1, 0))
    if not fewest <= c <= most:
        where = f"{file}: " if file else ""
        raise KgonError(
            f"{where}points are compared with k-gons at r = 2, with solids at r = 3, {FEWEST} <= c <= {MOST},"
            f" with direct sums at r = 1, c <= 64, and r = 4 to 6, c <= {MOST}; kgon verify takes any r; "
            f"W has shape {array.shape}"
        )
    weights, biases = TMS(c, r).point(array, b)
    if not biases.size:
        raise KgonError(f"at least one point is needed, W has shape {array.shape}")
    among = solid_configurations(c) if r == 3 else direct_sums(r, c)
    points = zip(weights.reshape(-1, r, c), biases.reshape(-1, c), strict=True)
    found = [_nearest(*point, among) for point in points]
    names, distances = zip(*found, strict=True)
    return NearestSolids(c=c, solid=np.array(names), distance=np.array(distances), r=r)


def name_solid(W: Floats, b: Floats, loss: float) -> str | None:
    """Name the configuration that a root of r = 3 is, by loss and distance; None if it is none."""
    tms = TMS.of_point(W)
    if tms.r != 3 or not FEWEST <= tms.c <= MOST:
        return None
    potential = Potential(tms)
    alike = [
        known
        for known in solid_configurations(tms.c)
        if abs(float(potential.loss(known.W, known.b)) - loss) <= SEARCHED.loss
    ]
    found, distance = _nearest(W, b, alike)
    return found if distance <= SAME else None


def _nearest(W: Floats, b: Floats, among: Sequence[Configuration]) -> tuple[str, float]:
    """Name the nearest of some configurations, and its distance: infinite where there are none."""
    heard = np.maximum((W.T @ W).max(axis=0), 0.0)
    lowered = np.maximum(b + heard, 0.0) ** 2  # what makes a column dead where it is
    candidates = []
    for known in among:
        target, biases = known.W, known.b
        dead = np.flatnonzero((biases < 0) & ~target.any(axis=0))
        cost = (biases[:, None] - b[None, :]) ** 2
        cost[dead] = lowered
        lengths = (np.linalg.norm(target, axis=0)[:, None] - np.linalg.norm(W, axis=0)) ** 2 + cost
        lengths[dead] = lowered
        bound = float(np.sqrt(lengths[linear_sum_assignment(lengths)].sum()))
        candidates.append((bound, known.name, target, cost, dead.tolist()))
    best, found = np.inf, ""
    for bound, name, target, cost, free in sorted(candidates, key=lambda x: x[:2]):
        if bound >= best:
            break
        match = align(W, target, cost, free=free, starts=STARTS[len(W)])
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
