"""The peak memory of long commands, each in a process of its own, some at several amounts of work."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import ClassVar

from kgon.base.results import Result, result
from kgon.base.verdicts import KgonError
from kgon.report.store import PLACE

LAUNCH = """
import json, resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps([peak, done.returncode, done.stderr[-300:]]))
"""
"""A small process between: what a system says of a child is no less than what its parent held."""
UNIT = 1e-6 if sys.platform == "darwin" else 1.024e-3
"""Megabytes in what the system counts by."""


@dataclass(frozen=True, slots=True)
class Long:
    """A long command.

    Attributes
    ----------
    words : str
        With {} for the amount.
    grows : str
        What there is that amount of; empty if there is one run alone.
    amounts : tuple of int
    """

    words: str
    grows: str = ""
    amounts: tuple[int, ...] = (1,)


LONG = (
    Long("sample --n 400 --ensembles 8 --draws {}", "draws kept of a chain", (50, 400)),
    Long("sample --n 400 --ensembles 8 --draws 50 --thin {}", "iterations a draw", (2, 32)),
    Long("llc 6 --n 1000 --sampler sgld --steps {}", "steps", (2000, 50_000)),
    Long("llc 6 --n 1000 --sampler hmc --steps {}", "steps", (300, 3000)),
    Long("train --trajectories {}", "trajectories", (2, 8)),
    Long("search --starts {}", "starts", (2000, 20_000)),
    Long("evidence --n 50,400"),
    Long("occupancy --theory mcmc --n 100"),
    Long("landscape"),
    Long("continue 6 --from 0.25 --to 3 --certify"),
    Long("certify"),
    Long("prove global-minimum"),
    Long("reproduce"),
)
"""What is measured, at r = 2, c = 6."""


@result
class Peaks(Result):
    """The peak memory of one command, by the amount of work.

    Attributes
    ----------
    command, by : str
        The command, and what there is more of; empty where it was run once.
    amounts : tuple of int
    megabytes : tuple of float
        The largest resident set of its processes, the libraries included.
    """

    command: str
    by: str
    amounts: tuple[int, ...]
    megabytes: tuple[float, ...]

    def headline(self) -> str:
        return f"kgon {self.command}: {max(self.megabytes):.0f} MB"

    def lines(self) -> list[tuple[str, str]]:
        """Write each amount and its megabytes."""
        pairs = zip(self.amounts, self.megabytes, strict=True)
        return [(self.command.format(f"{amount}"), f"{each:.0f} MB") for amount, each in pairs]


@result
class Memory(Result):
    """The peak memory of every long command.

    Attributes
    ----------
    commands : tuple of Peaks
    """

    schema: ClassVar[str] = "memory"

    commands: tuple[Peaks, ...]

    def headline(self) -> str:
        most = max(self.commands, key=lambda x: max(x.megabytes))
        return f"peak memory of {len(self.commands)} commands: most takes {most.headline()}"

    def rows(self) -> Sequence[tuple[str, str]]:
        return [row for each in self.commands for row in each.lines()]


def measure_memory(
    commands: Sequence[Long] = LONG, *, tell: Callable[[str], None] = lambda _: None
) -> Memory:
    """Measure the peak memory of commands, one after another, in folders that are thrown away.

    Parameters
    ----------
    commands : sequence of Long
    tell : callable
        Called with a line before each run.

    Raises
    ------
    KgonError
        A command that fails; a system that does not say what processes held.
    """
    found = []
    for each in commands:
        megabytes = []
        for amount in each.amounts:
            words = each.words.format(amount)
            tell(f"kgon {words}")
            megabytes.append(peak_memory([sys.executable, "-m", "kgon", *words.split()]))
        found.append(
            Peaks(command=each.words, by=each.grows, amounts=each.amounts, megabytes=tuple(megabytes))
        )
    return Memory(commands=tuple(found))


def peak_memory(command: Sequence[str]) -> float:
    """Run a command in an empty folder; return the most megabytes that it, or a process of its, held.

    Raises
    ------
    KgonError
        It fails, or the system does not say.
    """
    if os.name != "posix":
        raise KgonError("how much memory a process held is measured on Linux and macOS alone")
    with TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", LAUNCH, *command], capture_output=True, text=True, check=True,
            cwd=folder, env={**os.environ, PLACE: f"{folder}/store"},
        )  # fmt: skip
    size, code, said = json.loads(done.stdout)
    if code not in (0, 1):  # 1: done, and something is refuted
        raise KgonError(f"{' '.join(command)} ended with {code}: {said.strip()}")
    return float(size) * UNIT
