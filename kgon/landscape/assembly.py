"""The landscape between the k-gons: search for saddles, follow them to their minima, assemble the graph.

The nodes are the points of the model that have a name (``kgon.kgons.names.named_points``), and the minima
that the search and the flows from the saddles find beside them.  Saddles of index 1 come from two sources:
the critical points that random starts find (``kgon.landscape.search``), and the summits of strings between
every two minima (``kgon.landscape.saddles.saddles_between``).  Neither is complete.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations_with_replacement
from typing import Any

import numpy as np

from kgon.base.checks import Floats, check_integer, check_positive, check_seed
from kgon.base.verdicts import KgonError
from kgon.base.work import HERE, Work
from kgon.kgons.names import JOINED
from kgon.landscape.graph import SADDLE, Landscape
from kgon.landscape.growth import Graph
from kgon.landscape.identity import distinct
from kgon.landscape.rims import over_rims
from kgon.landscape.saddles import Pair, distinct_saddles, joined_minima, loss_at, saddles_between
from kgon.landscape.search import MOST_STARTS, search_both_rounds
from kgon.landscape.starts import SearchSettings, roots_below
from kgon.potential.model import TMS

MOST_FEATURES = 12
"""Largest c: the distance modulo symmetry and the proofs become slow beyond."""
LEAST_WEIGHT = 1e-3
"""Least p_i I_j that a landscape is made for, over the largest: what differs by less than the tolerance in L
of ``JOINED`` is one point."""
MOST_STRINGS = 20_000
"""Strings of a landscape that are begun, up to 0.1 s each."""
TOGETHER = 9
"""Strings of a task: they move at once, which takes a quarter of the time or less."""
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
    """Find minima, transition states and the paths of least energy between them (r = 2).

    Parameters
    ----------
    c : int or TMS
        Features, from 4 to 12; or a model with importances and probabilities of its own, whose k-gons are the
        points that branches from equal ones lead to, in every arrangement of columns of different weight.
    starts : int
        Random starts of the search; 0 leaves it to the strings.
    trials : int
        Strings between every two minima.
    below : float, optional
        Largest loss of saddles; default that of the 4-gon, (c − 4)/(3c), and at c = 4 that of 4⁻, 1/12; at
        unequal weights that of the highest arrangement of these.
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
        An option out of range, a model of another r or with weights near 0, so many minima that their strings
        would take an hour, or a folder whose ``landscape.json`` was made with other options.
    """
    model = check_model(TMS.of(c))
    tms, factor = without_factor(model)
    check_integer("starts", starts, 0)
    if starts:
        check_integer("starts", starts, 2, MOST_STARTS)
    check_integer("trials", trials, 0)
    check_seed(seed)
    limit = check_positive("below", highest_square(tms) if below is None else below / factor)
    options: dict[str, Any] = {"c": tms.c, "starts": starts, "trials": trials, "below": limit, "seed": seed}
    options |= {} if model.own is None else {"model": model}
    file = work.claim("landscape.json", options)
    graph, candidates = Graph(tms), list[Floats]()
    graph.add_rims()
    check_strings(graph.minima(limit), trials)
    if starts:
        settings, lower = SearchSettings(c=tms.c, r=tms.r, seed=seed, model=tms.own), limit / tms.strength
        ends = search_both_rounds(settings, starts, lower, work.inside("search"))
        candidates += graph.add_found(distinct(settings.tms, roots_below(ends, lower)))
    strings = strings_between(tms, graph.minima(limit), seed, trials)
    for arrays in work.inside("strings").run(saddles_between, strings, "strings").values():
        candidates += list(arrays["saddles"])
    low = distinct_saddles(tms, [w for w in candidates if loss_at(tms, w) < limit - JOINED.loss])
    kept = work.inside("saddles")
    saddles = {f"saddle-{k}": (tms, w) for k, w in enumerate(low)}
    graph.add_saddles(kept.run(joined_minima, saddles, "saddle").values())
    others = graph.others()
    rims = {f"rims-{k}": (tms, w) for k, w in enumerate(others.values())}
    graph.add_other_rims(dict(zip(others, kept.run(over_rims, rims, "rim").values(), strict=True)))
    edges = sorted(graph.edges, key=lambda edge: edge.kind != SADDLE)
    nodes = sorted(graph.nodes.values(), key=lambda node: (node.loss, node.label))
    found = Landscape(**options, nodes=tuple(nodes), edges=tuple(edges), missing=graph.missing())
    outcome = found.times(factor)
    file.write(outcome)
    return outcome


def check_model(model: TMS) -> TMS:
    """Return a model that a landscape can be made for; refuse others."""
    check_integer("c", model.c, 4, MOST_FEATURES)
    if model.r != 2:
        raise KgonError(f"a landscape joins k-gons, points with r = 2; the model has r = {model.r}")
    weights = np.outer(model.probability, model.importance)
    if weights.min() < LEAST_WEIGHT * weights.max():
        raise KgonError(
            f"a landscape needs importances and probabilities whose products p_i I_j differ by a factor of "
            f"{1 / LEAST_WEIGHT:.0f} at most, as points that differ by less are not told apart; got {model}; "
            "kgon search finds the critical points of any model"
        )
    return model


def without_factor(model: TMS) -> tuple[TMS, float]:
    """Take a common factor out of the importances without rounding any: one that is equal, or a power of two.

    Examples
    --------
    >>> tms, factor = without_factor(TMS(4, importance=[3, 3, 3, 6]))
    >>> tms.importance.tolist(), factor
    ([0.375, 0.375, 0.375, 0.75], 8.0)
    """
    largest = float(model.importance.max())
    factor = largest if model.equal else 2.0 ** round(np.log2(largest))
    return TMS(model.c, probability=model.probability, importance=model.importance / factor), factor


def highest_square(tms: TMS) -> float:
    """Compute the loss of the 4-gon, at c = 4 of 4⁻: Σ p_j I_j / 3 over the outputs that are off.

    At unequal weights it is the largest of all arrangements.
    """
    heights = np.sort(tms.importance * (tms.c * tms.probability))[::-1]
    return float(heights[: max(tms.c - 4, 1)].sum() / (3 * tms.c))


def strings_between(
    tms: TMS, minima: Sequence[Floats], seed: int, trials: int
) -> dict[str, tuple[TMS, list[Pair], int]]:
    """List the tasks of ``saddles_between`` for every two minima, and for each with images of itself."""
    check_strings(minima, trials)
    pairs = [
        (minima[i], minima[j], trial)
        for i, j in combinations_with_replacement(range(len(minima)), 2)
        for trial in range(0 if i < j else 1, trials)
    ]
    return {f"strings-{k}": (tms, pairs[k : k + TOGETHER], seed) for k in range(0, len(pairs), TOGETHER)}


def check_strings(minima: Sequence[Floats], trials: int) -> None:
    """Refuse so many minima that the strings between them would take an hour."""
    count = len(minima) * (len(minima) + 1) // 2 * trials
    if count > MOST_STRINGS:
        raise KgonError(
            f"{len(minima)} minima make {count} strings, over {MOST_STRINGS}: take fewer trials, or a lower "
            "bound on the loss of saddles"
        )
