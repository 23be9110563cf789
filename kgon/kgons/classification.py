"""Points named in three ways: by their basin, by the nearest k-gon, by hull and biases."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kgon.base.checks import Floats
from kgon.base.results import Result, only_given, result
from kgon.base.table import Column, Table
from kgon.base.verdicts import KgonError
from kgon.base.work import HERE, Work
from kgon.kgons import hull
from kgon.kgons.basins import OTHER, Basins
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.kgons.nearest_kgon import nearest_of_many, plane_points
from kgon.potential.model import TMS

CHUNK = 2000
"""Points of one task: a second of work at c = 6."""
MOST_SHOWN = 20
"""Points up to which ``text`` has a line for each."""
WAYS = ("nearest", "basin", "hull")
FIELDS = ("label", "configuration", "distance", "basin", "hull")


@result
class Classification(Result):
    """The names of m points: nearest k-gon, basin of attraction, and the published rule of hull and biases.

    Attributes
    ----------
    c : int
    label, configuration : (m,) str arrays or None
        The nearest k-gon, with ``:opposite`` where that is its configuration; the configuration alone.
    distance : (m,) array or None
        To that k-gon (see ``kgon.kgons.nearest_kgon.Nearest``).
    basin : (m,) str array or None
        The local minimum at which gradient descent of the population loss ends, without configuration;
        ``other`` where it ends at none of the catalogue.
    hull : (m,) str array or None
        The label spelt by the numbers of vertices, positive and large negative biases (``kgon.kgons.hull``),
        without configuration; empty where they spell none.
    model : TMS or None
        The model, where its weights are not uniform; ``nearest`` and ``hull`` are those of equal ones.
    """

    c: int
    label: np.ndarray | None
    configuration: np.ndarray | None
    distance: np.ndarray | None
    basin: np.ndarray | None
    hull: np.ndarray | None
    model: TMS | None = only_given()

    def __len__(self) -> int:
        return next(len(x) for x in (self.label, self.basin, self.hull) if x is not None)

    def names(self) -> dict[str, NDArray[np.str_]]:
        """Map each way that was asked for to the names (m,) that it gives, without configuration."""
        found: dict[str, NDArray[np.str_]] = {}
        if self.label is not None:
            found["nearest"] = _renamed(self.label, lambda name: name.partition(":")[0])
        if self.basin is not None:
            found["basin"] = self.basin
        if self.hull is not None:
            found["hull"] = self.hull
        return found

    def counts(self) -> dict[str, dict[str, int]]:
        """Count the points of each name by each way, in the order of the catalogue."""
        arranged = sorted(set() if self.basin is None else set(self.basin.tolist()) - {OTHER})
        order = dict.fromkeys([*(label.name for label in Catalogue(self.c).labels), *arranged, OTHER, ""])
        counted = {}
        for way, names in self.names().items():
            different, sizes = np.unique(names, return_counts=True)
            size = dict(zip(different.tolist(), sizes.tolist(), strict=True))
            counted[way] = {name: size[name] for name in order if name in size}
        return counted

    def disagreements(self) -> dict[str, int]:
        """Count the points that each two ways name differently."""
        names = {way: _renamed(found, _label_alone) for way, found in self.names().items()}
        ways = [way for way in WAYS if way in names]
        return {
            f"{first} and {second}": int(np.sum(names[first] != names[second]))
            for k, first in enumerate(ways)
            for second in ways[k + 1 :]
        }

    def columns(self) -> dict[str, NDArray[Any]]:
        """Map the fields that were asked for to their arrays (m,)."""
        fields = {name: getattr(self, name) for name in FIELDS}
        return {name: values for name, values in fields.items() if values is not None}

    def records(self) -> list[dict[str, Any]]:
        """List a dict per point: label, configuration, distance, basin, hull; None where not known."""
        known = self.columns()
        columns = {name: known[name].tolist() if name in known else [None] * len(self) for name in FIELDS}
        columns["hull"] = [name or None for name in columns["hull"]]
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    def summary(self) -> dict[str, Any]:
        """Say how many points there are, how many of each name, and how many have different names."""
        return {"points": len(self), "counts": self.counts(), "differ": self.disagreements()}

    def headline(self) -> str:
        if len(self) == 1:
            return ", ".join(f"{way} {names[0] or 'none'}" for way, names in self.names().items())
        return f"{len(self)} points, c = {self.c}"

    def rows(self) -> Sequence[tuple[str, str]]:
        if len(self) == 1:
            record = {name: value for name, value in self.records()[0].items() if name in self.columns()}
            if self.distance is not None:
                record["distance"] = f"{self.distance.item():.3g}~"
            return [(name, str(value or "none")) for name, value in record.items()]
        lines = [
            (way, ", ".join(f"{name or 'none'}: {n}" for name, n in counted.items()))
            for way, counted in self.counts().items()
        ]
        if self.distance is not None:
            lines.append(("median distance", f"{float(np.median(self.distance)):.3g}~"))
        return lines

    def text(self) -> str:
        """Write the names of one point, of each of a few, or the counts of many."""
        if len(self) == 1:
            return str(self)
        return str(self.points_table() if len(self) <= MOST_SHOWN else self.table())

    def points_table(self, loss: Floats | None = None, gradient_norm: Floats | None = None) -> Table:
        """Tabulate the points with their names, a row for each, and L and ‖∇L‖ (m,) there, if given."""
        rows = [
            {
                "point": str(k),
                "label": record["label"],
                "distance": f"{record['distance']:.4g}",
                "basin": record["basin"] or "",
                "hull": record["hull"] or "none",
            }
            for k, record in enumerate(self.records())
        ]
        columns = [Column("point", "point", align="r")]
        for key, column, form, values in (
            ("loss", Column("loss", "L", "$L$", "r", number=True), ".9f", loss),
            ("norm", Column("norm", "‖∇L‖", r"$\|\nabla L\|$", "r", number=True), ".1e", gradient_norm),
        ):
            if values is not None:
                columns.append(column)
                rows = [row | {key: format(x, form)} for row, x in zip(rows, values, strict=True)]
        columns += [Column("label", "nearest"), Column("distance", "distance", align="r")]
        columns += [Column("basin", "basin"), Column("hull", "hull")]
        return Table(
            name="points", title=self.headline(), columns=columns, rows=rows, notes=self._differences()
        )

    def _differences(self) -> list[str]:
        return [f"{pair} differ at {n} points" for pair, n in self.disagreements().items()]

    def table(self) -> Table:
        """Tabulate the points by label and way, and say where the ways disagree."""
        counted = self.counts()
        order = dict.fromkeys(name for sizes in counted.values() for name in sizes)
        known = [label.name for label in Catalogue(self.c).labels]
        names = sorted(order, key=lambda name: known.index(name) if name in known else len(known))
        columns = [Column("label", "label")]
        columns += [Column(way, way, align="r") for way in counted]
        rows = [
            {"label": name or "none", **{way: str(sizes.get(name, 0)) for way, sizes in counted.items()}}
            for name in names
        ]
        title = f"{len(self)} points by label, c = {self.c}"
        return Table(
            name="classification", title=title, columns=columns, rows=rows, notes=self._differences()
        )


def classify(
    W: ArrayLike,
    b: ArrayLike,
    *,
    tms: TMS | None = None,
    basin: bool = True,
    nearest: bool = True,
    hull: bool = True,
    work: Work = HERE,
) -> Classification:
    """Name one or many points with r = 2 and c ≥ 4.

    Parameters
    ----------
    W : (2, c) or (m, 2, c) array_like
    b : (c,) or (m, c) array_like
    tms : TMS, optional
        The model whose loss has the basins.  Default: uniform.
    basin, nearest, hull : bool
        Which ways to name them.
    work : Work
        Who does it, and who is told; it does not change the names.

    Returns
    -------
    Classification

    Raises
    ------
    KgonError
        Other sizes, values that are not finite, no points, or no way asked for.

    Examples
    --------
    >>> point = Catalogue(6)["4+-"]  # a saddle: it has no basin
    >>> found = classify(point.W, point.biases)
    >>> found.label.item(), found.basin.item(), found.hull.item()
    ('4+-', 'other', '4+-')
    """
    weights, biases = plane_points(W, b)
    c = biases.shape[-1]
    weights, biases = weights.reshape(-1, 2, c), biases.reshape(-1, c)
    if not len(biases):
        raise KgonError(f"at least one point is needed, W has shape {np.shape(W)}")
    ways = tuple(way for way, wanted in zip(WAYS, (nearest, basin, hull), strict=True) if wanted)
    tms = TMS(c) if tms is None else tms
    if not ways:
        raise KgonError("ask for at least one of basin, nearest and hull")
    tasks = {
        f"points-{start}": (weights[start : start + CHUNK], biases[start : start + CHUNK], ways, tms.own)
        for start in range(0, len(biases), CHUNK)
    }
    quiet = work if len(tasks) > 1 else replace(work, progress=None)  # a second of work needs no progress
    done = quiet.run(_classified, tasks, f"chunks of {CHUNK} points")
    parts = {name: np.concatenate([part[name] for part in done.values()]) for name in done["points-0"]}
    return Classification(c=c, model=tms.own, **{name: parts.get(name) for name in FIELDS})


def _classified(
    W: Floats, b: Floats, ways: Sequence[str], model: TMS | None = None
) -> Mapping[str, NDArray[Any]]:
    """Name some points by every way, as a task: fields of ``Classification`` to arrays (m,)."""
    c = b.shape[1]
    found: dict[str, NDArray[Any]] = {}
    if "nearest" in ways:
        labels = Catalogue(c).labels
        row, found["distance"] = nearest_of_many(W, b)
        found["label"] = np.array([str(label) for label in labels])[row]
        found["configuration"] = np.array([label.configuration for label in labels])[row]
    if "basin" in ways:
        basins = Basins(model or c)
        index = basins.of(basins.tms.pack(W, b))
        found["basin"] = np.array([*basins.labels, OTHER])[index]  # −1, the last, is ``other``
    if "hull" in ways:
        found["hull"] = hull.names(hull.counts(W, b), c)
    return found


def _renamed(names: NDArray[np.str_], rename: Callable[[str], str]) -> NDArray[np.str_]:
    """Rename every point (m,); each different name is read once."""
    different, where = np.unique(names, return_inverse=True)
    return np.array([rename(name) for name in different.tolist()])[where]


def _label_alone(name: str) -> str:
    """Take the words on columns off a name."""
    return Label.parse(name).label.name if "," in name else name
