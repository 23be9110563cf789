"""How fast kgon is beside other libraries that are installed: measured in turn, medians, compiling apart."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import ClassVar

from kgon.base.checks import check_integer
from kgon.base.files import write_text
from kgon.base.results import Result, result
from kgon.report.contest import GOALS, IN_PLACE, OURS, PEERS, Amounts, Bench, installed, ways_of
from kgon.report.cost import Cost, measure_costs
from kgon.report.figures import save_drawn
from kgon.report.figures.seconds import draw_costs
from kgon.report.figures.style import house_style
from kgon.report.timing import Way, time_in_turn


@result
class Contest(Result):
    """One task, by kgon and by every library that does it.

    Attributes
    ----------
    task : str
    rates : dict
        Library → units of the task a second: the median over the repetitions.
    first : dict
        Library → seconds of the first call, which compiles; of one that does this task alone, with its
        preparation, such as the warm-up of NUTS.
    ratios : dict
        Other library → how many times as fast kgon is.
    goal : float
        Wanted of the first of ``ratios``.
    """

    task: str
    rates: dict[str, float]
    first: dict[str, float]
    ratios: dict[str, float]
    goal: float

    def headline(self) -> str:
        others = "; ".join(f"{name} {rate:,.4g}, {self.ratios[name]:.3g} x" for name, rate in self._others())
        return f"{self.task}: {OURS} {self.rates[OURS]:,.4g} a second; {others or 'nobody else'}"

    def lines(self) -> list[tuple[str, str]]:
        """Write everybody's rate, and the goal."""
        said = {
            name: f"{rate:,.4g} /s (first call {self.first[name]:.2g} s)" for name, rate in self.rates.items()
        }
        others = [(f"  {name}", f"{said[name]}; {OURS} {ratio:.3g} x") for name, ratio in self.ratios.items()]
        goal = [("  goal", f"{self.goal:g} x")] if others else []
        return [(self.task, f"{OURS} {said[OURS]}"), *others, *goal]

    def _others(self) -> list[tuple[str, float]]:
        return [(name, rate) for name, rate in self.rates.items() if name != OURS]


@result
class Speed(Result):
    """All tasks, in one run.

    Attributes
    ----------
    c : int
    contests : tuple of Contest
    missing : tuple of str
        Libraries that are not installed.
    costs : tuple of Cost
        What work costs by c, n, chains and workers; empty unless asked for.
    conditions : str
        Machine, processors, load and versions.
    """

    schema: ClassVar[str] = "speed"

    c: int
    contests: tuple[Contest, ...]
    missing: tuple[str, ...]
    costs: tuple[Cost, ...]
    conditions: str

    def headline(self) -> str:
        judged = [(x, next(iter(x.ratios.values()))) for x in self.contests if x.ratios]
        met = sum(ratio >= x.goal for x, ratio in judged)
        return f"{met} of {len(judged)} goals met in this run"

    def rows(self) -> Sequence[tuple[str, str]]:
        lines = [row for x in self.contests for row in x.lines()]
        lines += [row for cost in self.costs for row in cost.lines()]
        if self.missing:
            lines.append(("not installed", ", ".join(self.missing)))
        return [*lines, ("on", self.conditions)]


def measure_speed(
    c: int = 6,
    *,
    seed: int = 0,
    repeats: int = 7,
    amounts: Amounts | None = None,
    costs: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> Speed:
    """Measure kgon and the other libraries at the same tasks, one thread each, in turn.

    Parameters
    ----------
    c : int
        Features (r = 2).
    seed : int
    repeats : int
        Timed repetitions of every task by everybody.
    amounts : Amounts, optional
        How much is done at a time.
    costs : bool
        Measure too what work costs by c, n, chains and workers.
    tell : callable
        Called with a line before each task.

    Returns
    -------
    Speed
    """
    check_integer("repeats", repeats, 1)
    bench, names = Bench(c, seed, amounts or Amounts()), [OURS, *installed()]
    built, building = {}, {}
    for name in names:
        tell(f"preparing {name}")
        begun = time.perf_counter()
        built[name] = ways_of(name, bench)
        building[name] = time.perf_counter() - begun
    contests = []
    for task in GOALS:
        tell(task)
        ways = {name: way for name, own in built.items() if (way := own.get(IN_PLACE.get(task, task)))}
        ways |= {OURS: built[OURS][task]}
        alone = {name: building[name] if len(built[name]) == 1 else 0.0 for name in ways}
        contests.append(_contest(task, ways, alone, repeats))
    grown: list[Cost] = []
    if costs:
        tell("costs")
        grown += measure_costs(bench)
    return Speed(
        c=c,
        contests=tuple(contests),
        missing=tuple(name for name in PEERS if name not in names),
        costs=tuple(grown),
        conditions=_conditions(names),
    )


def _contest(task: str, ways: dict[str, Way], before: dict[str, float], repeats: int) -> Contest:
    """Time one task by everybody in turn; what was done ``before`` counts with the first call."""
    found = time_in_turn(ways, repeats)
    rates = {name: timing.rate for name, timing in found.items()}
    return Contest(
        task=task,
        rates=rates,
        first={name: before[name] + timing.first for name, timing in found.items()},
        ratios={name: rates[OURS] / rate for name, rate in rates.items() if name != OURS},
        goal=GOALS[task],
    )


def _conditions(names: Sequence[str]) -> str:
    versions = [f"{name} {version(PEERS[name][0])}" for name in names if name in PEERS]
    load = f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    processors = f"{os.cpu_count()} processors"
    return ", ".join(filter(None, [platform.machine(), processors, load, "one thread, float64", *versions]))


def save_speed(found: Speed, folder: str | Path) -> list[Path]:
    """Write ``speed.json``, and the plots of the costs where these were measured; return the paths."""
    base = Path(folder)
    text = write_text(base / "speed.json", found.to_json() + "\n")
    with house_style():
        return [text, *(save_drawn(draw_costs(found.costs), base / "costs") if found.costs else [])]
