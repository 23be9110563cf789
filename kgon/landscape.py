"""The landscape between the k-gons: search for saddles, follow them to their minima, assemble the graph.

Saddles of index 1 come from two sources: the critical points that random starts find (``kgon.search``), and the
summits of strings between every two minima (``kgon.transition.between``).  Neither is complete.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations_with_replacement
from pathlib import Path as FilePath

import numpy as np

from kgon.catalogue import Catalogue, CriticalPoint
from kgon.certify_point import certify_near
from kgon.landscape_graph import LEDGE, NO_MINIMUM, RIM, SADDLE, WELL, Landscape, Node, Transition
from kgon.model import TMS, Floats, check_integer
from kgon.parallel import Arrays, Progress, Workers, check_workers, run
from kgon.paths import lengths
from kgon.potential import Potential
from kgon.results import KgonError, Verdict
from kgon.search import search
from kgon.transition import Rim, between, distinct, index, joined, name_of, refined, rims, same

MOST_FEATURES = 12
"""Largest c: the distance modulo symmetry and the proofs become slow beyond."""
STARTS, TRIALS = 2000, 3
"""Default random starts of the search, and strings between every two minima."""


def landscape(
    c: int = 6,
    *,
    starts: int = STARTS,
    trials: int = TRIALS,
    below: float | None = None,
    seed: int = 0,
    workers: Workers = 1,
    folder: str | FilePath | None = None,
    progress: Progress = None,
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
    workers, folder, progress
        As ``kgon.parallel.run``; with a folder killed work goes on.

    Returns
    -------
    Landscape

    Raises
    ------
    KgonError
        An option out of range.
    """
    check_integer("c", c, 4, MOST_FEATURES)
    check_integer("starts", starts, 0)
    check_integer("trials", trials, 0)
    check_integer("seed", seed, 0)
    check_workers(workers)
    limit = max(c - 4, 1 if c == 4 else 0) / (3 * c) if below is None else below
    if not 0 < limit < np.inf:
        raise KgonError(f"below must be positive and finite, got {below!r}")
    tms, key = TMS(c), f"landscape {c} {starts} {trials} {limit!r} {seed}"
    places = [None if folder is None else FilePath(folder) / name for name in ("search", "strings", "saddles")]
    minima = {p.label: tms.pack(p.W, p.biases) for p in _minima(c) if p.loss <= limit * (1 + 1e-9)}
    candidates: list[Floats] = []
    if starts:
        found = search(
            c, starts=starts, seed=seed, below=limit, workers=workers, folder=places[0], progress=progress
        )
        for point in found.points:
            w = tms.pack(point.W, point.b)
            if not name_of(tms, w):
                if point.index == 1:
                    candidates.append(w)
                elif point.index == 0:
                    minima[_loss_name(tms, w)] = w
    tasks = {
        f"string-{i}-{j}-{trial}": (c, first, last, seed, trial)
        for (i, first), (j, last) in combinations_with_replacement(enumerate(minima.values()), 2)
        for trial in range(0 if i < j else 1, trials)
    }
    strings = run(
        between, tasks, workers=workers, folder=places[1], key=key, progress=progress, what="string"
    )
    candidates += [w for arrays in strings.values() for w in arrays["saddles"]]
    potential = Potential(tms)
    low = [w for w in candidates if potential.flat(w[None])[0][0] < limit]
    followed = run(
        joined,
        {f"saddle-{k}": (c, w) for k, w in enumerate(distinct(tms, low))},
        workers=workers, folder=places[2], key=key, progress=progress, what="saddle",
    )  # fmt: skip
    others = {name: w for name, w in minima.items() if name not in {str(p.label) for p in Catalogue(c)}}
    nodes, edges = _graph(tms, others, list(followed.values()))
    return Landscape(
        c=c, starts=starts, seed=seed, trials=trials, below=limit, nodes=tuple(nodes), edges=tuple(edges)
    )  # fmt: skip


def _minima(c: int) -> list[CriticalPoint]:
    """The k-gons that are local minima, one configuration of each label."""
    return [p for p in Catalogue(c) if p.is_minimum and p.configuration == "adjacent"]


def _loss_name(tms: TMS, w: Floats) -> str:
    """Name of a critical point that is no k-gon."""
    return f"L={float(Potential(tms).flat(w[None])[0][0]):.6f}"


# --- the graph -----------------------------------------------------------------------------------


def _graph(
    tms: TMS, others: dict[str, Floats], followed: Sequence[Arrays]
) -> tuple[list[Node], list[Transition]]:
    """Nodes and edges; ends that are no known minimum become nodes."""
    nodes = {p.label: _kgon(p) for p in Catalogue(tms.c) if p.configuration == "adjacent"}
    for name, w in others.items():
        nodes[name] = _other(tms, name, w)
    joins: list[tuple[Arrays, list[str]]] = []
    for arrays in followed:
        ends = []
        for side in (0, 1):
            label = str(arrays[f"label {side}"])
            if not label:
                w = arrays[f"path {side}"][-1]
                label = next((name for name in others if same(tms, w, others[name])), "")
                if not label:
                    label = _loss_name(tms, w)
                    others[label], nodes[label] = w, _other(tms, label, w)
            ends.append(label)
        joins.append((arrays, ends))
    edges = [_over_saddle(tms, nodes, arrays, ends) for arrays, ends in joins]
    edges += [_over_rim(tms, nodes, rim) for rim in rims(tms.c)]
    return sorted(nodes.values(), key=lambda node: (node.loss, node.label)), edges


def _kgon(point: CriticalPoint) -> Node:
    leaves = point.phi > 0 or point.k + point.sigma < point.c
    kind = NO_MINIMUM if not point.is_minimum else LEDGE if leaves else WELL
    return Node(
        label=point.label, catalogued=True, kind=kind, loss=point.loss, W=point.W, biases=point.biases
    )


def _other(tms: TMS, name: str, w: Floats) -> Node:
    """A node that is no k-gon: a well where it is isolated but for the rotation."""
    W, b = tms.unpack(refined(tms, w)[0])
    found = certify_near(W, b)
    isolated = found.negative == 0 and found.flat == 1
    kind = WELL if isolated else NO_MINIMUM if index(tms, tms.pack(W, b)) else LEDGE
    return Node(label=name, catalogued=False, kind=kind, loss=float(Potential(tms).loss(W, b)), W=W, biases=b)


def _over_saddle(tms: TMS, nodes: dict[str, Node], arrays: Arrays, ends: Sequence[str]) -> Transition:
    """The edge of a saddle, from its higher end to its lower."""
    high, low = sorted((0, 1), key=lambda side: (-nodes[ends[side]].loss, side))
    points = np.concatenate([arrays[f"path {high}"][::-1], arrays[f"path {low}"][1:]])
    top = len(arrays[f"path {high}"]) - 1
    negative, bounds = int(arrays["negative"]), arrays["bounds"]
    loss = Potential(tms).flat(np.ascontiguousarray(points))[0]
    proof = Verdict.PROVED if negative == 1 else Verdict.CONFIRMED
    known = [None if np.isnan(x) else float(x) for x in bounds]
    return _transition(
        tms, nodes, ends[high], ends[low], points, loss, top, float(loss[top]),
        kind=SADDLE, proof=proof, reason="" if negative == 1 else str(arrays["reason"]),
        curvature=float(arrays["curvature"]), bounds=(known[0], known[1]),
    )  # fmt: skip


def _over_rim(tms: TMS, nodes: dict[str, Node], rim: Rim) -> Transition:
    first, second = rim.first.name, rim.last.name
    return _transition(
        tms, nodes, first, second, rim.path.w, rim.path.loss, rim.top, nodes[first].loss,
        kind=RIM, proof=Verdict.PROVED, reason="", curvature=None, bounds=(None, None),
    )  # fmt: skip


def _transition(
    tms: TMS, nodes: dict[str, Node], first: str, second: str, points: Floats, loss: Floats, top: int,
    height: float, *, kind: str, proof: Verdict, reason: str, curvature: float | None,
    bounds: tuple[float | None, float | None],
) -> Transition:  # fmt: skip
    W, b = tms.unpack(points)
    return Transition(
        kind=kind, first=first, second=second, saddle_loss=height,
        barrier=height - nodes[first].loss, back=height - nodes[second].loss,
        proof=proof, reason=reason, curvature=curvature, loss_lower=bounds[0], loss_upper=bounds[1],
        W=W[top], biases=b[top], path_W=W, path_biases=b, arc=lengths(points), loss=loss, top=top,
    )  # fmt: skip
