"""Workers, and run folders from which killed work goes on.

A piece of work is a list of independent tasks, such as one chain, one trajectory or one data set each.  A
task is a top-level function of picklable arguments that returns arrays, and its numbers depend on its
arguments alone: who computes it, and in which order, changes nothing.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from kgon.base.checks import check_integer
from kgon.base.fingerprint import fingerprints
from kgon.base.interrupts import interrupts_held
from kgon.base.pool import Pool
from kgon.base.runs import Arrays, ResultFile, RunFolder

Function = Callable[..., Mapping[str, NDArray[Any]]]
_T = TypeVar("_T")
Workers = int | Executor | Pool | Callable[..., Any]
"""A number of processes, an executor (of ``concurrent.futures`` or Dask), a pool that others use as well, or
a function like ``map``."""
Progress = bool | Callable[[str], None] | None
"""True shows progress on stderr, a function is given its lines, and None or False is silence."""
MOST_WORKERS = 64
PAUSE = 30.0
"""Seconds between two lines of progress where there is no terminal."""
APART = 5.0
"""Seconds between two lines that ``seldom`` passes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Who computes tasks, where finished ones are kept, and who is told.

    Attributes
    ----------
    workers : int, Executor or callable
        Processes, 1 to 64; or an executor such as that of a Dask client; or a function like ``map``.
    folder : str or Path, optional
        Keeps every finished task, and is asked first (``kgon.base.runs``).  A task is kept under its name and
        its fingerprint: whatever decides its numbers, be it an argument or the code, is compared.
    progress : None, bool or callable
        True shows a bar on a terminal and a line every 30 s elsewhere; a callable gets the lines.

    Raises
    ------
    KgonError
        Workers that cannot do work.

    Examples
    --------
    >>> Work(workers=map).map(max, [(1, 2), (4, 3)])
    [2, 4]
    >>> Work().run(lambda x: {"square": x * x}, {"two": (2,), "three": (3,)})["three"]["square"].item()
    9
    """

    workers: Workers = 1
    folder: str | Path | None = None
    progress: Progress = None

    def __post_init__(self) -> None:
        if not isinstance(self.workers, (Executor, Pool)) and not callable(self.workers):
            check_integer("workers", self.workers, 1, MOST_WORKERS)

    def run(
        self, function: Function, tasks: Mapping[str, tuple[Any, ...]], what: str = "task"
    ) -> dict[str, Arrays]:
        """Compute ``function(*arguments)`` of every task.

        Parameters
        ----------
        function : callable
            A top-level function that returns a mapping from names to arrays.
        tasks : mapping
            Name (also of its file) to arguments.
        what : str
            What a task is, for the progress.

        Returns
        -------
        dict
            Name to arrays, in the order of ``tasks``.

        Raises
        ------
        KgonError
            A pool that lost processes again and again, or arguments without a fingerprint.
        """
        store = None if self.folder is None else RunFolder(Path(self.folder))
        keys = {} if store is None else fingerprints(function, tasks)
        kept = {} if store is None else {name: store.read(name, keys[name]) for name in tasks}
        found: dict[str, Arrays] = {name: arrays for name, arrays in kept.items() if arrays is not None}
        missing = {name: arguments for name, arguments in tasks.items() if name not in found}
        with _Report(self.progress, len(tasks), len(found), what) as report:
            for name, result in _computed(function, missing, self.workers):
                found[name] = {field: np.asarray(value) for field, value in result.items()}
                if store is not None:
                    store.write(name, keys[name], found[name])
                report.advance()
        return {name: found[name] for name in tasks}

    def map(self, function: Callable[..., _T], tasks: Sequence[tuple[Any, ...]]) -> list[_T]:
        """Compute ``function(*arguments)`` of every task, of whatever kind, in order; keep nothing."""
        found = dict(_computed(function, {str(k): task for k, task in enumerate(tasks)}, self.workers))
        return [found[str(k)] for k in range(len(tasks))]

    def claim(self, name: str, options: Mapping[str, Any], *, counts: tuple[str, ...] = ()) -> ResultFile:
        """Take the file of an outcome in the folder, if there is a folder; see ``ResultFile.claim``."""
        path = None if self.folder is None else Path(self.folder) / name
        return ResultFile.claim(path, options, counts=counts)

    def inside(self, name: str) -> Work:
        """Return the same work with its folder replaced by one inside it, of this name."""
        return self if self.folder is None else replace(self, folder=Path(self.folder) / name)


HERE = Work()
"""In this process, without a folder, in silence."""


def _computed(
    function: Callable[..., _T], tasks: Mapping[str, tuple[Any, ...]], workers: Workers
) -> Iterator[tuple[str, _T]]:
    """Name and result of every task, as they are finished."""
    if isinstance(workers, Executor):
        yield from _submitted(workers, function, tasks)
    elif isinstance(workers, Pool):
        yield from _pooled(workers, function, tasks)
    elif callable(workers):
        yield from zip(tasks, workers(_Call(function), list(tasks.values())), strict=True)
    elif workers == 1 or len(tasks) < 2:
        for name, arguments in tasks.items():
            yield name, function(*arguments)
    else:
        with Pool(min(workers, len(tasks))) as pool:
            yield from _pooled(pool, function, tasks)


class _Call(Generic[_T]):
    """``function(*arguments)`` of one argument, for functions like ``map``."""

    def __init__(self, function: Callable[..., _T]) -> None:
        self.function = function

    def __call__(self, arguments: tuple[Any, ...]) -> _T:
        return self.function(*arguments)


def _submitted(
    executor: Executor, function: Callable[..., _T], tasks: Mapping[str, tuple[Any, ...]]
) -> Iterator[tuple[str, _T]]:
    """By an executor of somebody else, which is left without work of ours, whatever happens."""
    with interrupts_held():
        futures = {executor.submit(function, *arguments): name for name, arguments in tasks.items()}
    try:
        yield from _finished(futures)
    finally:
        for future in futures:
            future.cancel()


def _finished(futures: Mapping[Future[_T], str]) -> Iterator[tuple[str, _T]]:
    """Where a task fails, those that have begun are still waited for, so that their results are kept."""
    failure: BaseException | None = None
    for future in as_completed(futures):
        if future.cancelled():
            continue
        if (error := future.exception()) is None:
            yield futures[future], future.result()
        elif failure is None:
            failure = error
            for other in futures:
                other.cancel()
    if failure is not None:
        raise failure


def _pooled(
    pool: Pool, function: Callable[..., _T], tasks: Mapping[str, tuple[Any, ...]]
) -> Iterator[tuple[str, _T]]:
    """By a pool; where one of its processes is killed, what it had not finished is done again."""
    left = dict(tasks)
    while left:
        executor = pool.executor
        futures: dict[Future[_T], str] = {}
        try:
            futures |= {pool.submit(function, *arguments): name for name, arguments in left.items()}
            for name, result in _finished(futures):
                del left[name]
                pool.praise()
                yield name, result
        except BrokenProcessPool:
            pool.renew(executor, len(left))
        finally:
            for future in futures:
                future.cancel()


def seldom(progress: Callable[[str], None] | None) -> Callable[[str], None]:
    """Pass lines of progress on, but none within ``APART`` seconds after the one before, or after now."""
    said = time.monotonic()

    def say(line: str) -> None:
        nonlocal said
        if progress is not None and time.monotonic() - said > APART:
            said = time.monotonic()
            progress(line)

    return say


class _Report:
    """Progress: a bar on a terminal, a line now and then elsewhere, every line to a callable."""

    def __init__(self, progress: Progress, total: int, done: int, what: str) -> None:
        self.progress, self.total, self.done, self.what = progress, total, done, what
        self.said = time.monotonic()
        self.bar: Any = None

    def __enter__(self) -> _Report:
        if self.progress is True and sys.stderr.isatty():
            from tqdm import tqdm

            self.bar = tqdm(total=self.total, initial=self.done, desc=self.what, unit="")
        return self

    def __exit__(self, *exception: object) -> None:
        if self.bar is not None:
            self.bar.close()

    def advance(self) -> None:
        """One more is finished."""
        self.done += 1
        line = f"{self.what} {self.done} of {self.total}"
        if callable(self.progress):
            self.progress(line)
        elif self.bar is not None:
            self.bar.update()
        elif self.progress and (time.monotonic() - self.said > PAUSE or self.done == self.total):
            self.said = time.monotonic()
            print(line, file=sys.stderr, flush=True)
