"""What work costs as it grows: a point by the features, a data set by its size, chains, and workers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from kgon.base.pool import Pool
from kgon.base.results import Result, result
from kgon.base.work import HERE, Work
from kgon.potential.data import sample
from kgon.potential.empirical import EmpiricalLoss
from kgon.report.contest import Bench, our_sgld
from kgon.report.timing import Way, doing, time_in_turn

FEATURES = (4, 6, 8, 12, 16, 24, 32, 48, 64)
SIZES = (10**3, 10**4, 10**5, 10**6, 10**7)
CHAINS = (2, 4, 8, 16, 32, 64)
REPEATS = 5
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
    bench: Bench,
    *,
    features: Sequence[int] = FEATURES,
    sizes: Sequence[int] = SIZES,
    chains: Sequence[int] = CHAINS,
    workers: Sequence[int] = (),
) -> Iterator[Cost]:
    """Measure what one point costs by c and by n, and chains by their number and by workers."""
    yield _cost("loss + gradient of a point in a batch", "c", features, lambda c: _point(bench, c))
    yield _cost("empirical loss + gradient of a point", "n", sizes, lambda n: _empirical(bench, n))
    yield _cost("a step of SGLD", "chains", chains, lambda m: _chains(bench, m))
    processes = workers or tuple(range(1, (os.cpu_count() or 1) + 1))
    yield _cost("a step of 8 chains of SGLD", "workers", processes, lambda w: _shared(bench, w))


def _cost(what: str, by: str, sizes: Sequence[int], seconds: Callable[[int], float]) -> Cost:
    return Cost(what=what, by=by, sizes=tuple(sizes), seconds=tuple(map(seconds, sizes)))


def _seconds(way: Way) -> float:
    """Seconds of a unit of work: the median of some repetitions."""
    return 1 / time_in_turn({"": way}, REPEATS, shortest=LEAST)[""].rate


def _point(bench: Bench, c: int) -> float:
    at = Bench(c, bench.seed, bench.amounts)
    return _seconds(doing(lambda: at.potential.loss_and_gradient(at.W, at.b), len(at.W)))


def _empirical(bench: Bench, n: int) -> float:
    loss = EmpiricalLoss(bench.tms, *sample(bench.tms, n, seed=bench.seed))
    return _seconds(doing(lambda: loss.loss_and_gradient(bench.W[0], bench.b[0])))


def _chains(bench: Bench, chains: int, work: Work = HERE) -> float:
    """Of a step of all of them."""
    return chains * _seconds(our_sgld(bench, chains, work))


def _shared(bench: Bench, workers: int) -> float:
    """With processes that are there already, and chains long enough to be worth sending."""
    longer = Bench(bench.c, bench.seed, replace(bench.amounts, steps=10 * bench.amounts.steps))
    if workers == 1:
        return _chains(longer, 8)
    with Pool(workers) as pool:
        return _chains(longer, 8, Work(workers=pool))
