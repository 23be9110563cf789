"""The landscape between the k-gons: search for saddles, follow them to their minima, assemble the graph.

Saddles of index 1 come from two sources: the critical points that random starts find
(``kgon.landscape.search``), and the summits of strings between every two minima
(``kgon.landscape.saddles.saddles_between``).  Neither is complete.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations_with_replacement
from typing import Any

import numpy as np

from kgon.base.checks import Floats, check_integer, check_positive, check_seed
from kgon.base.runs import Arrays
from kgon.base.verdicts import KgonError, Verdict
from kgon.base.work import HERE, Work
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.irregular import irregular_minima
from kgon.kgons.names import JOINED, Register
from kgon.kgons.rest import at_rest
from kgon.landscape.found import Search
from kgon.landscape.graph import LEDGE, NO_MINIMUM, RIM, SADDLE, WELL, Landscape, Node, Transition
from kgon.landscape.paths import lengths
from kgon.landscape.rims import find_rims, over_rims
from kgon.landscape.saddles import (
    UNKNOWN,
    distinct_saddles,
    index,
    is_known,
    joined_minima,
    loss_at,
    saddles_between,
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


def loss_landscape(
    c: int | TMS = 6,
    *,
    starts: int = STARTS,
    trials: int = TRIALS,
    below: float | None = None,
    seed: int = 0,
    work: Work = HERE,
) -> Landscape:
    """Find minima, transition states and the paths of least energy between them (r = 2, uniform inputs).

    Parameters
    ----------
    c : int or TMS
        Features, from 4 to 12; or a model whose importances are one number, a factor of every loss.
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
        An option out of range, a model whose weights differ, or a folder whose ``landscape.json`` was made
        with other options.
    """
    model = TMS.of(c)
    if not model.equal or model.r != 2:
        raise KgonError(
            "a landscape joins the k-gons of equal importances and probabilities, over rims that only these "
            f"have, got {model}; kgon search finds the critical points of any model"
        )
    c, factor = check_integer("c", model.c, 4, MOST_FEATURES), float(model.importance[0])
    check_integer("starts", starts, 0)
    check_integer("trials", trials, 0)
    check_seed(seed)
    least = max(c - 4, 1 if c == 4 else 0) / (3 * c)
    limit = check_positive("below", least if below is None else below / factor)
    options: dict[str, Any] = {"c": c, "starts": starts, "trials": trials, "below": limit, "seed": seed}
    options |= {} if model.own is None else {"model": model}
    file = work.claim("landscape.json", options)
    tms, graph, candidates = TMS(c), Graph(c), []
    if starts:
        found = search_critical_points(c, starts=starts, seed=seed, below=limit, work=work.inside("search"))
        candidates += graph.add_found(found)
    minima = enumerate(graph.minima(limit))
    strings = {
        f"string-{i}-{j}-{trial}": (c, first, last, seed, trial)
        for (i, first), (j, last) in combinations_with_replacement(minima, 2)
        for trial in range(0 if i < j else 1, trials)
    }
    for arrays in work.inside("strings").run(saddles_between, strings, "string").values():
        candidates += list(arrays["saddles"])
    low = distinct_saddles(tms, [w for w in candidates if loss_at(tms, w) < limit - JOINED.loss])
    kept = work.inside("saddles")
    saddles = {f"saddle-{k}": (c, w) for k, w in enumerate(low)}
    graph.add_saddles(kept.run(joined_minima, saddles, "saddle").values())
    others = graph.others()
    rims = {f"rims-{k}": (c, w) for k, w in enumerate(others.values())}
    graph.add_rims(dict(zip(others, kept.run(over_rims, rims, "rim").values(), strict=True)))
    nodes = sorted(graph.nodes.values(), key=lambda node: (node.loss, node.label))
    outcome = Landscape(**options, nodes=tuple(nodes), edges=tuple(graph.edges)).times(factor)
    file.write(outcome)
    return outcome


class Graph:
    """The nodes and edges as they are found; ends that are no known minimum become nodes."""

    def __init__(self, c: int) -> None:
        self.tms = TMS(c)
        self.register = Register(JOINED, self.tms)
        self.edges: list[Transition] = []
        self.nodes: dict[str, Node] = {}
        for p in Catalogue(c):
            flat = p.phi > 0 or p.k + p.sigma < c
            kind = NO_MINIMUM if not p.is_minimum else LEDGE if flat else WELL
            node = Node(label=p.label, catalogued=True, kind=kind, loss=p.loss, W=p.W, biases=p.biases)
            self.nodes.setdefault(p.label, node)  # of two configurations the adjacent one comes first
        for minimum in irregular_minima(c):
            self.node_at(self.tms.pack(minimum.W, minimum.b))

    def node_at(self, w: Floats) -> str:
        """Name the node at a critical point (d,), which is a new one if it has not turned up before."""
        loss = loss_at(self.tms, w)
        label = self.register.name(w, loss).name
        if label not in self.nodes:
            W, b = self.tms.unpack(w)
            kind = NO_MINIMUM if index(self.tms, w) else WELL
            self.nodes[label] = Node(label=label, catalogued=False, kind=kind, loss=loss, W=W, biases=b)
        return label

    def minima(self, limit: float) -> list[Floats]:
        """List the minima (d,) with a loss up to a limit."""
        found = [x for x in self.nodes.values() if x.kind != NO_MINIMUM and x.loss <= limit * (1 + 1e-9)]
        return [self.tms.pack(node.W, node.biases) for node in found]

    def others(self) -> dict[str, Floats]:
        """Map the names of the nodes that are no k-gons to their points (d,)."""
        return {x.label: self.tms.pack(x.W, x.biases) for x in self.nodes.values() if not x.catalogued}

    def add_found(self, found: Search) -> list[Floats]:
        """Take up the minima of a search that have no name yet, and return its saddles of index 1."""
        points = [(point.index, self.tms.pack(point.W, point.b)) for point in found.points]
        new = [(negative, w) for negative, w in points if not is_known(w)]
        for negative, w in new:
            if negative == 0:
                self.node_at(at_rest(self.tms, w))
        return [w for negative, w in new if negative == 1]

    def add_saddles(self, followed: Iterable[Arrays]) -> None:
        """Add an edge for each saddle, from its higher end to its lower; none where the index is not 1."""
        for arrays in followed:
            negative = int(arrays["negative"])
            if negative not in (UNKNOWN, 1):
                continue
            paths = [arrays["path 0"], arrays["path 1"]]
            ends = [self.node_at(path[-1]) for path in paths]
            high, low = sorted((0, 1), key=lambda side: (-self.nodes[ends[side]].loss, side))
            points = np.concatenate([paths[high][::-1], paths[low][1:]])
            known: dict[str, Any] = {"proof": Verdict.CONFIRMED, "reason": str(arrays["reason"])}
            if negative == 1:
                lower, upper = arrays["bounds"].tolist()
                known = {"loss_lower": lower, "loss_upper": upper, "saddle_loss": (lower + upper) / 2}
            known["curvature"] = float(arrays["curvature"])
            self._add(SADDLE, ends[high], ends[low], points, len(paths[high]) - 1, **known)

    def add_rims(self, fallen: dict[str, Arrays]) -> None:
        """Add an edge for the rims of k-gons, and for those of the other nodes, by name."""
        for rim in find_rims(self.tms.c):
            self._add(RIM, rim.first.name, rim.last.name, rim.path.w, rim.top)
        for label, paths in fallen.items():
            ways: dict[str, Floats] = {}
            for path in paths.values():
                ways.setdefault(self.node_at(path[-1]), path)
            ways.pop(label, None)
            for end, path in ways.items():
                self._add(RIM, label, end, path, 2, proof=Verdict.CONFIRMED)
                self.nodes[label] = replace(self.nodes[label], kind=LEDGE)

    def _add(self, kind: str, first: str, second: str, points: Floats, top: int, **known: Any) -> None:
        """Add an edge along points (m, d), with what is known of its top."""
        loss = Potential(self.tms).flat(np.ascontiguousarray(points))[0]
        W, b = self.tms.unpack(points)
        start, end = self.nodes[first].loss, self.nodes[second].loss
        height = known.pop("saddle_loss", start if kind == RIM else float(loss[top]))
        self.edges.append(
            Transition(
                kind=kind,
                first=first,
                second=second,
                saddle_loss=height,
                barrier=height - start,
                back=height - end,
                W=W[top],
                biases=b[top],
                path_W=W,
                path_biases=b,
                arc=lengths(points),
                loss=loss,
                top=top,
                **known,
            )
        )
