"""Time ways to do something in turn, so that a change of the machine's speed hits all of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from statistics import median

Done = float | Callable[[], float]
"""How much was done: a number, or what finds it after the clock has stopped."""
Way = Callable[[], Done]
SHORTEST = 0.05
"""Seconds that a repetition takes at least, by calling again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How fast one way is.

    Attributes
    ----------
    first : float
        Seconds of the first call, which compiles.
    rates : tuple of float
        Units of work a second, in each repetition.
    """

    first: float
    rates: tuple[float, ...]

    @property
    def rate(self) -> float:
        """The median rate."""
        return median(self.rates)


def time_in_turn(ways: Mapping[str, Way], repeats: int, *, shortest: float = SHORTEST) -> dict[str, Timing]:
    """Time several ways, by name: first calls apart, then repetitions of all in turn.

    Parameters
    ----------
    ways : mapping
    repeats : int
        Timed repetitions of every way.
    shortest : float
        Seconds that each of these takes at least.
    """
    first, calls = {}, {}
    for name, way in ways.items():
        first[name] = timed(way)[0]
        calls[name] = max(1, round(shortest / max(timed(way)[0], 1e-7)))
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeats):
        for name, way in ways.items():
            seconds, units = timed(way, calls[name])
            rates[name].append(units / seconds)
    return {name: Timing(first=first[name], rates=tuple(rates[name])) for name in ways}


def timed(way: Way, calls: int = 1) -> tuple[float, float]:
    """Call a way several times: seconds, and units of work done, which may be found afterwards."""
    done = []
    begun = time.perf_counter()
    for _ in range(calls):
        done.append(way())
    seconds = time.perf_counter() - begun
    return seconds, float(sum(x() if callable(x) else x for x in done))


def doing(call: Callable[[], object], units: float = 1) -> Way:
    """Make a way of a call that does so many units of work."""
    return partial(_done, call, units)


def _done(call: Callable[[], object], units: float) -> float:
    call()
    return units
