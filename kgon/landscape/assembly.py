"""The landscape between the k-gons: search for saddles, follow them to their minima, assemble the graph.

Saddles of index 1 come from two sources: the critical points that random starts find
(``kgon.landscape.search``), and the summits of strings between every two minima
(``kgon.landscape.saddles.saddles_between``).  Neither is complete."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations_with_replacement

import numpy as np

from kgon.base.checks import Floats, check_integer, check_positive, check_seed
from kgon.base.runs import Arrays
from kgon.base.verdicts import Verdict
from kgon.base.work import HERE, Work
from kgon.kgons.catalogue import Catalogue, CriticalPoint
from kgon.landscape.graph import LEDGE, NO_MINIMUM, RIM, SADDLE, WELL, Landscape, Node, Transition
from kgon.landscape.paths import lengths
from kgon.landscape.rims import find_rims, over_rims
from kgon.landscape.saddles import (
    SAME_LOSS,
    UNKNOWN,
    distinct_saddles,
    index,
    joined_minima,
    name_of,
    reflected_and_permuted,
    saddles_between,
    same,
)
from kgon.landscape.search import search_critical_points
from kgon.potential.loss import Potential
from kgon.potential.model import TMS

MOST_FEATURES = 12
"""Largest c: the distance modulo symmetry and the proofs become slow beyond."""
STARTS, TRIALS = 20_000, 3
"""Default random starts of the search, and strings between every two minima."""
QUICK = 4000, 2
"""The same of the quick setting, which finds all that the default finds at c = 6."""

OTHER = "L="
"""How the names of minima begin that are no k-gons."""


def loss_landscape(
    c: int = 6,
    *,
    starts: int = STARTS,
    trials: int = TRIALS,
    below: float | None = None,
    seed: int = 0,
    work: Work = HERE,
) -> Landscape:
    """Minima, transition states and the paths of least energy between them (r = 2, uniform inputs).

    Parameters
    ----------
    c : int
        Features, from 4 to 12.
    starts : int
        Random starts of the search; 0 leaves it to the strings.
    trials : int
        Strings between every two minima.
    below : float, optional
        Largest loss of saddles; default that of the 4-gon, (c − 4)/(3c), and at c = 4 that of 4⁻, 1/12.
    seed : int
        Results do not depend on the workers.
    work : Work
        Its folder keeps finished parts, to go on with, and gets ``landscape.json``.

    Returns
    -------
    Landscape

    Raises
    ------
    KgonError
        An option out of range, or a folder whose ``landscape.json`` was made with other options.
    """
    check_integer("c", c, 4, MOST_FEATURES)
    check_integer("starts", starts, 0)
    check_integer("trials", trials, 0)
    check_seed(seed)
    limit = check_positive("below", max(c - 4, 1 if c == 4 else 0) / (3 * c) if below is None else below)
    tms, kept = TMS(c), work.inside("saddles")
    options = {"c": c, "starts": starts, "trials": trials, "below": limit, "seed": seed}
    file = work.claim("landscape.json", options)
    minima = {p.label: tms.pack(p.W, p.biases) for p in _minima(c) if p.loss <= limit * (1 + 1e-9)}
    candidates: list[Floats] = []
    if starts:
        found = search_critical_points(c, starts=starts, seed=seed, below=limit, work=work.inside("search"))
        for point in found.points:
            w = tms.pack(point.W, point.b)
            if not name_of(tms, w):
                if point.index == 1:
                    candidates.append(w)
                elif point.index == 0:
                    minima[_loss_name(tms, w)] = reflected_and_permuted(tms, w)
    tasks = {
        f"string-{i}-{j}-{trial}": (c, first, last, seed, trial)
        for (i, first), (j, last) in combinations_with_replacement(enumerate(minima.values()), 2)
        for trial in range(0 if i < j else 1, trials)
    }
    strings = work.inside("strings").run(saddles_between, tasks, "string")
    candidates += [w for arrays in strings.values() for w in arrays["saddles"]]
    potential = Potential(tms)
    low = [w for w in candidates if potential.flat(w[None])[0][0] < limit - SAME_LOSS]
    saddles = {f"saddle-{k}": (c, w) for k, w in enumerate(distinct_saddles(tms, low))}
    followed = kept.run(joined_minima, saddles, "saddle")
    graph = Graph(tms, {name: w for name, w in minima.items() if name.startswith(OTHER)})
    graph.add_saddles(list(followed.values()))
    rims = {f"rims-{k}": (c, w) for k, w in enumerate(graph.others.values())}
    graph.add_rims(list(kept.run(over_rims, rims, "rim").values()))
    outcome = Landscape(
        c=c, starts=starts, seed=seed, trials=trials, below=limit, nodes=graph.by_loss(),
        edges=tuple(graph.edges),
    )  # fmt: skip
    file.write(outcome)
    return outcome


def _minima(c: int) -> list[CriticalPoint]:
    """The k-gons that are local minima, one configuration of each label."""
    return [p for p in Catalogue(c) if p.is_minimum and p.configuration == "adjacent"]


@lru_cache(maxsize=8)
def example_landscape(c: int = 6, full: bool = False) -> Landscape:
    """The landscape that figures and tables show: quick, or that of the defaults."""
    starts, trials = (STARTS, TRIALS) if full else QUICK
    return loss_landscape(c, starts=starts, trials=trials)


# --- the graph -----------------------------------------------------------------------------------


class Graph:
    """Nodes and edges as they are found; ends that are no known minimum become nodes."""

    def __init__(self, tms: TMS, others: dict[str, Floats]) -> None:
        self.tms, self.others = tms, dict(others)
        self.nodes = {p.label: _kgon(p) for p in Catalogue(tms.c) if p.configuration == "adjacent"}
        for name, w in others.items():
            self.nodes[name] = _other(tms, name, w)
        self.edges: list[Transition] = []

    def add_saddles(self, followed: Sequence[Arrays]) -> None:
        """An edge for each saddle, from its higher end to its lower; none where the index is proved not 1."""
        for arrays in followed:
            if int(arrays["negative"]) not in (UNKNOWN, 1):
                continue
            ends = [self._end(str(arrays[f"label {side}"]), arrays[f"path {side}"]) for side in (0, 1)]
            high, low = sorted((0, 1), key=lambda side: (-self.nodes[ends[side]].loss, side))
            points = np.concatenate([arrays[f"path {high}"][::-1], arrays[f"path {low}"][1:]])
            proved = int(arrays["negative"]) == 1
            lower, upper = (float(x) for x in arrays["bounds"])
            self._add(
                SADDLE, ends[high], ends[low], points, len(arrays[f"path {high}"]) - 1,
                proof=Verdict.PROVED if proved else Verdict.CONFIRMED,
                reason="" if proved else str(arrays["reason"]), curvature=float(arrays["curvature"]),
                bounds=(lower, upper) if proved else (None, None),
            )  # fmt: skip

    def add_rims(self, fallen: Sequence[Arrays]) -> None:
        """An edge for the rims of k-gons, and of the other minima."""
        for rim in find_rims(self.tms.c):
            self._add(RIM, rim.first.name, rim.last.name, rim.path.w, rim.top)
        for name, arrays in zip(tuple(self.others), fallen, strict=True):
            seen: set[str] = set()
            for field in (x for x in arrays if x.startswith("path")):
                end = self._end(str(arrays[field.replace("path", "label")]), arrays[field])
                if end not in seen | {name}:
                    seen.add(end)
                    self._add(RIM, name, end, arrays[field], 2, proof=Verdict.CONFIRMED)
            if seen:
                self.nodes[name] = dataclasses.replace(self.nodes[name], kind=LEDGE)

    def by_loss(self) -> tuple[Node, ...]:
        """The nodes in order."""
        return tuple(sorted(self.nodes.values(), key=lambda node: (node.loss, node.label)))

    def _end(self, label: str, path: Floats) -> str:
        """Name of the node at the end of a path."""
        if label:
            return label
        w = path[-1]
        for name, other in self.others.items():
            if same(self.tms, w, other):
                return name
        name = _loss_name(self.tms, w)
        self.others[name], self.nodes[name] = w, _other(self.tms, name, w)
        return name

    def _add(
        self, kind: str, first: str, second: str, points: Floats, top: int, *,
        proof: Verdict = Verdict.PROVED, reason: str = "", curvature: float | None = None,
        bounds: tuple[float | None, float | None] = (None, None),
    ) -> None:  # fmt: skip
        loss = Potential(self.tms).flat(np.ascontiguousarray(points))[0]
        W, b = self.tms.unpack(points)
        one, other = self.nodes[first], self.nodes[second]
        height = one.loss if kind == RIM else float(loss[top])
        if bounds[0] is not None and bounds[1] is not None:
            height = (bounds[0] + bounds[1]) / 2
        self.edges.append(
            Transition(
                kind=kind, first=first, second=second, saddle_loss=height, barrier=height - one.loss,
                back=height - other.loss, proof=proof, reason=reason, curvature=curvature,
                loss_lower=bounds[0], loss_upper=bounds[1], W=W[top], biases=b[top], path_W=W,
                path_biases=b, arc=lengths(points), loss=loss, top=top,
            )
        )  # fmt: skip


def _kgon(point: CriticalPoint) -> Node:
    leaves = point.phi > 0 or point.k + point.sigma < point.c
    kind = NO_MINIMUM if not point.is_minimum else LEDGE if leaves else WELL
    return Node(
        label=point.label, catalogued=True, kind=kind, loss=point.loss, W=point.W, biases=point.biases
    )


def _other(tms: TMS, name: str, w: Floats) -> Node:
    W, b = tms.unpack(w)
    kind = NO_MINIMUM if index(tms, w) else WELL
    return Node(label=name, catalogued=False, kind=kind, loss=float(Potential(tms).loss(W, b)), W=W, biases=b)


def _loss_name(tms: TMS, w: Floats) -> str:
    """Name of a critical point that is no k-gon."""
    return f"{OTHER}{float(Potential(tms).flat(w[None])[0][0]):.6f}"
