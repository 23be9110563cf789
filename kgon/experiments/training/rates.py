"""How often training moves from one critical point to another, with exact bounds, never seen or often.

A trial is a run that rested at the first point.  It counts if the next plateau with a critical point is at
the second one.  Stays of one run are not independent, nor are runs of one seed and index, which have the same
samples whatever they start from: of these the first that rested there is the trial.  Never seen is not
impossible: the bound says how often it may be.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from kgon.base.results import Result, result
from kgon.base.text import counted, rounded_down, rounded_up
from kgon.kgons.names import known_at
from kgon.numerics.exact_intervals import LEVEL, binomial_interval, poisson_interval
from kgon.potential.model import TMS

if TYPE_CHECKING:
    from kgon.experiments.training.results import TrainingRun

Pair = tuple[str, str]


@result
class TransitionRate(Result):
    """How often training moved from one critical point to another, with bounds at the level of 95 %.

    Attributes
    ----------
    first, second : str
    runs, moved : int
        Independent runs that rested at the first, and those of them that moved from there to the second next.
    lower, upper : float
        Bounds of the chance that a run that rests at the first does so (Clopper and Pearson).
    count, steps : int
        Transitions, of which a run may have several, and steps of these runs at the first.
    rate_lower, rate_upper : float
        Bounds of their rate per step (Garwood), as if it were constant there.
    """

    first: str
    second: str
    runs: int
    moved: int
    lower: float
    upper: float
    count: int
    steps: int
    rate_lower: float
    rate_upper: float

    @property
    def bounds(self) -> str:
        """The bounds of the chance in words."""
        return _between(self.lower, self.upper)

    @property
    def per_million(self) -> str:
        """The bounds of the rate in words, per million steps."""
        return _between(1e6 * self.rate_lower, 1e6 * self.rate_upper)

    @property
    def row(self) -> tuple[str, str]:
        """Transition and chance in words, as a line of a table."""
        runs = counted(self.runs, "run")
        seen = f"{self.moved} of {runs}" if self.moved else f"never seen in {runs}"
        times = f"{self.count} times in " if self.count > self.moved else ""
        return (
            f"  {self.first} → {self.second}",
            f"{times}{seen} at {self.first}; chance {self.bounds}",
        )

    def headline(self) -> str:
        runs = counted(self.runs, "run")
        seen = f"{self.moved} of {runs}" if self.moved else f"never seen in {runs}"
        return (
            f"{self.first} → {self.second}: {seen} that rested at {self.first}; chance {self.bounds} "
            f"({LEVEL:.0%}), per million steps {self.per_million}"
        )


def transition_rates(runs: Sequence[TrainingRun], pairs: Iterable[Pair]) -> tuple[TransitionRate, ...]:
    """Bound how often runs move from one point to another, for pairs at whose first some run rested.

    Parameters
    ----------
    runs : sequence of TrainingRun
        Of one protocol.
    pairs : iterable of (str, str)
        Names of critical points; the pairs may be such that were never seen.
    """
    found = (_rate(runs, *pair) for pair in pairs)
    return tuple(rate for rate in found if rate is not None)


def pairs_of(runs: Sequence[TrainingRun], tms: TMS) -> list[Pair]:
    """List the pairs that were seen, the most frequent first, then the ends of runs with the lowest point."""
    seen = Counter(pair for run in runs for pair in pairwise(run.stages))
    known = known_at(tms)
    lowest = str(known.names[int(known.loss.argmin())])
    ends = sorted({run.stages[-1] for run in runs if run.stages} - {lowest})
    order = sorted(seen, key=lambda pair: (-seen[pair], pair))
    return list(dict.fromkeys([*order, *((end, lowest) for end in ends)]))


def _between(lower: float, upper: float) -> str:
    """Bounds in words, with two digits or as whole numbers, rounded outwards: they stay bounds."""
    low = f"{math.floor(lower)}" if lower >= 100 else rounded_down(lower, 2)
    high = f"{math.ceil(upper)}" if upper >= 100 else rounded_up(upper, 2)
    return f"{low} to {high}" if lower > 0 else f"at most {high}"


def _independent(runs: Iterable[TrainingRun]) -> list[TrainingRun]:
    """The first of all runs that have the same samples."""
    found: dict[tuple[int, int], TrainingRun] = {}
    for run in runs:
        found.setdefault((run.seed, run.index), run)
    return list(found.values())


def _rate(runs: Sequence[TrainingRun], first: str, second: str) -> TransitionRate | None:
    """The rate of one transition; None where no run rested at the first."""
    there = _independent(run for run in runs if first in run.stages)
    if not there:
        return None
    counts = [sum(pair == (first, second) for pair in pairwise(run.stages)) for run in there]
    steps = sum(x.end - x.start for run in there for x in run.plateaus if x.label == first)
    moved, count = sum(map(bool, counts)), sum(counts)
    chance, rate = binomial_interval(moved, len(there)), poisson_interval(count, steps)
    return TransitionRate(
        first=first,
        second=second,
        runs=len(there),
        moved=moved,
        lower=chance[0],
        upper=chance[1],
        count=count,
        steps=steps,
        rate_lower=rate[0],
        rate_upper=rate[1],
    )
