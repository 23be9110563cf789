"""What work costs as it grows: a point by the features, a data set by its size, chains, and workers."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from statistics import median

from kgon.base.pool import Pool
from kgon.base.results import Result, result
from kgon.base.streams import generator
from kgon.base.work import HERE, Work
from kgon.kgons.catalogue import Catalogue
from kgon.potential.data import sample
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.report.contest import SPREAD, STRENGTH, Amounts
from kgon.report.figures.artists import Figure
from kgon.report.figures.layout import Panels
from kgon.report.figures.style import FAMILY
from kgon.sampling.langevin import Langevin, run_langevin

FEATURES = (4, 6, 8, 12, 16, 24, 32, 48, 64)
SIZES = (10**3, 10**4, 10**5, 10**6, 10**7)
CHAINS = (2, 4, 8, 16, 32, 64)
REPEATS = 5
LABELLED = 1000
"""Below it a plot labels every size."""
DECADE = 10.0
"""Least range of seconds that a plot shows: what is level looks level."""
LEAST = 0.02
"""Seconds that a repetition takes at least."""


@result
class Cost(Result):
    """Seconds of one kind of work, by its size.

    Attributes
    ----------
    what, by : str
        The work, and what grows.
    sizes : tuple of int
    seconds : tuple of float
        Medians.
    """

    what: str
    by: str
    sizes: tuple[int, ...]
    seconds: tuple[float, ...]

    def headline(self) -> str:
        return f"{self.what}, by {self.by}"

    def lines(self) -> Sequence[tuple[str, str]]:
        """Write each size and its seconds."""
        pairs = zip(self.sizes, self.seconds, strict=True)
        return [(f"{self.what}, {self.by} = {size:,}", f"{each:.3g} s") for size, each in pairs]


def measure_costs(
    c: int,
    seed: int,
    amounts: Amounts,
    *,
    features: Sequence[int] = FEATURES,
    sizes: Sequence[int] = SIZES,
    chains: Sequence[int] = CHAINS,
    workers: Sequence[int] = (),
) -> Iterator[Cost]:
    """Measure what one point costs by c and by n, and chains by their number and by workers."""
    yield _cost("loss + gradient of a point in a batch", "c", features, lambda x: _point(x, seed, amounts))
    yield _cost("empirical loss + gradient of a point", "n", sizes, lambda n: _empirical(c, n, seed))
    yield _cost("a step of SGLD", "chains", chains, lambda m: _chains(c, m, seed, amounts, HERE))
    processes = workers or tuple(range(1, (os.cpu_count() or 1) + 1))
    yield _cost("a step of 8 chains of SGLD", "workers", processes, lambda w: _shared(c, w, seed, amounts))


def _cost(what: str, by: str, sizes: Sequence[int], seconds: Callable[[int], float]) -> Cost:
    return Cost(what=what, by=by, sizes=tuple(sizes), seconds=tuple(map(seconds, sizes)))


def _median(call: Callable[[], object]) -> float:
    """Seconds of a call: the median of some repetitions, after a first one."""
    call()
    begun = time.perf_counter()
    call()
    calls = max(1, round(LEAST / max(time.perf_counter() - begun, 1e-7)))
    found = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        for _ in range(calls):
            call()
        found.append((time.perf_counter() - begun) / calls)
    return median(found)


def _point(c: int, seed: int, amounts: Amounts) -> float:
    rng, potential = generator(seed), Potential(TMS(c))
    W, b = rng.normal(0, SPREAD, (amounts.batch, 2, c)), rng.normal(0, SPREAD, (amounts.batch, c))
    return _median(lambda: potential.loss_and_gradient(W, b)) / amounts.batch


def _empirical(c: int, n: int, seed: int) -> float:
    rng, tms = generator(seed), TMS(c)
    W, b = rng.normal(0, SPREAD, (2, c)), rng.normal(0, SPREAD, c)
    loss = EmpiricalLoss(tms, *sample(tms, n, seed=seed))
    return _median(lambda: loss.loss_and_gradient(W, b))


def _chains(c: int, count: int, seed: int, amounts: Amounts, work: Work) -> float:
    tms = TMS(c)
    point = next(iter(Catalogue(c).phases()))
    settings = Langevin(strength=STRENGTH, steps=amounts.steps)
    potential, w = Potential(tms), tms.pack(point.W, point.biases)
    run = _median(lambda: run_langevin(potential, w, settings, chains=count, seed=seed, work=work))
    return run / amounts.steps


def _shared(c: int, workers: int, seed: int, amounts: Amounts) -> float:
    """With processes that are there already, and chains long enough to be worth sending."""
    amounts = replace(amounts, steps=10 * amounts.steps)
    if workers == 1:
        return _chains(c, 8, seed, amounts, HERE)
    with Pool(workers) as pool:
        return _chains(c, 8, seed, amounts, Work(workers=pool))


def draw_costs(costs: Sequence[Cost]) -> Figure:
    """Draw seconds against size, a panel each."""
    panels = Panels(2, 2, size=(2.7, 2.0), gap=(0.75, 0.75), room=(0.75, 0.25, 0.7, 0.6))
    for ax, cost in zip(panels.axes.flat, costs, strict=True):
        ax.loglog(cost.sizes, cost.seconds, color=FAMILY[4], marker="o", markersize=4, linewidth=1.4)
        if cost.sizes[-1] < LABELLED:
            ax.set_xticks(cost.sizes, map(str, cost.sizes))
            ax.minorticks_off()
        low, high = ax.get_ylim()
        room = max(1.0, (DECADE * low / high) ** 0.5)
        ax.set_ylim(low / room, high * room)
        ax.set_xlabel(cost.by)
        ax.set_ylabel("seconds")
        ax.set_title(cost.what, fontsize=9.5)
    return panels.finished("What work costs", "Medians, one thread each; shared machines are slower.")
