"""Artefacts made in order, several at once where there are workers, and none that another process makes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from kgon.base.interrupts import is_interrupt
from kgon.base.pool import Pool, check_main_is_guarded
from kgon.base.work import HERE, Work
from kgon.report.agenda import AgainError, Agenda
from kgon.report.artefact import Artefact
from kgon.report.product import Product, Values, files_in, place_of, produce
from kgon.report.store import Recipe

AT_ONCE = 32
"""Tasks handed at once to an executor whose number of workers is not known."""
PAUSE = 0.2
"""Seconds until it is looked again whether another process has made what it is making."""

Lock = IO[bytes] | None
Taken = tuple[Recipe | None, Lock, Values]
"""What it takes to make an artefact."""


class Making:
    """One run through an agenda: who makes what is ready, under which lock.

    Parameters
    ----------
    agenda : Agenda
    work : Work
        Who computes.
    tell : callable
        Called with a line before each artefact.
    """

    def __init__(
        self, agenda: Agenda, *, work: Work = HERE, tell: Callable[[str], None] = lambda _: None
    ) -> None:
        self.agenda, self.work, self.tell = agenda, work, tell
        self._running: dict[Future[Product], Lock] = {}
        self._changed = threading.Condition(threading.RLock())
        self._pool: Pool | Executor | None = None
        self._closing = False
        self._broken: Any = None

    def run(self, *, fail_fast: bool = False) -> Agenda:
        """Make all, or until one fails."""
        check_main_is_guarded()
        with self._workers():
            try:
                while self.agenda.left or self._running:
                    self._step()
                    if fail_fast and self.agenda.errors:
                        break
            finally:
                with self._changed:
                    self._closing = True
                    running = list(self._running)
                for future in running:
                    future.cancel()
        self.agenda.remember()
        return self.agenda

    def _workers(self) -> AbstractContextManager[object]:
        """Who makes what is a pure function of its inputs."""
        workers = self.work.workers
        if isinstance(workers, (Pool, Executor)):
            self._pool = workers
        elif isinstance(workers, int) and workers > 1 and self._to_make() > 1:
            self._pool = pool = Pool(workers)
            self.work = replace(self.work, workers=pool)
            return pool
        return nullcontext()

    def _to_make(self) -> int:
        with self._changed:
            self._advance()
        return self.agenda.left

    def _step(self) -> None:
        """Hand out what is ready, make something here, or wait for the others."""
        with self._changed:
            self._mend()
            self._advance()
            here = self._for_here()
            if here is None and self._running:
                self._changed.wait(PAUSE)
        if here is not None:
            self._make_here(*here)
        elif self.agenda.ready and not self._running:
            time.sleep(PAUSE)

    def _mend(self) -> None:
        """Replace a pool that has lost a process."""
        if self._broken is not None and isinstance(self._pool, Pool):
            broken, self._broken = self._broken, None
            self._pool.renew(broken, self.agenda.left)

    def _advance(self) -> None:
        """Find what can be made, and hand it out."""
        if kept := self.agenda.advance():
            self.tell(f"{f'{kept} artefacts' if kept > 1 else '1 artefact'} as kept, {self.agenda.left} left")
        if self._pool is not None and self._broken is None and not self._closing:
            self._hand_out(self._pool)

    def _take(self, artefact: Artefact) -> Taken | None:
        """Take what is ready, unless another process makes it or has made it, or an input is damaged."""
        agenda, lock = self.agenda, None
        recipe = agenda.ready[artefact]
        if agenda.store is not None and recipe is not None:
            if (lock := agenda.store.lock(recipe.key)) is None:
                return None
            if agenda.is_kept(artefact, recipe):
                del agenda.ready[artefact]
                lock.close()
                return None
        del agenda.ready[artefact]
        try:
            return recipe, lock, agenda.values_for(artefact)
        except AgainError as again:
            _free(lock)
            agenda.make_again(again.artefact, artefact)
            return None

    def _tell_of(self, artefact: Artefact) -> None:
        if len(self.agenda.order) > 1:
            self.tell(f"{artefact}, {self.agenda.left} left")

    # --- by workers ------------------------------------------------------------------------------

    def _hand_out(self, pool: Pool | Executor) -> None:
        """Let workers make what needs nothing but its inputs, the longest first."""
        most = pool.workers if isinstance(pool, Pool) else AT_ONCE
        for artefact in sorted(self.agenda.ready, key=self.agenda.expected, reverse=True):
            if len(self._running) >= most or self._broken is not None:
                return
            if artefact not in self.agenda.ready:  # one that ended at once has handed out others
                continue
            if "work" not in artefact.parameters and (taken := self._take(artefact)) is not None:
                self._submit(pool, artefact, *taken)

    def _submit(
        self, pool: Pool | Executor, artefact: Artefact, recipe: Recipe | None, lock: Lock, values: Values
    ) -> None:
        executor = getattr(pool, "executor", None)

        def ended(future: Future[Product]) -> None:
            with self._changed:
                self._running.pop(future, None)
                if future.cancelled():
                    _free(lock)
                elif isinstance(error := future.exception(), BrokenProcessPool):
                    _free(lock)
                    self.agenda.ready[artefact], self._broken = recipe, executor
                else:
                    self._end(artefact, recipe, lock, future.result() if error is None else error)
                    if isinstance(pool, Pool):
                        pool.praise()
                    self._advance()
                self._changed.notify_all()

        self._tell_of(artefact)
        try:
            future = pool.submit(produce, artefact, values, self.agenda.formats)
        except BrokenProcessPool:
            _free(lock)
            self.agenda.ready[artefact], self._broken = recipe, executor
            return
        self._running[future] = lock
        future.add_done_callback(ended)

    # --- in this process -------------------------------------------------------------------------

    def _for_here(self) -> tuple[Artefact, Recipe | None, Lock, Values] | None:
        """Something to make in this process: with a pool, what shares its work out itself."""
        agenda = self.agenda
        here = [
            x for x in agenda.order if x in agenda.ready and (self._pool is None or "work" in x.parameters)
        ]
        if self._pool is not None:
            here.sort(key=agenda.expected, reverse=True)
        for artefact in here:
            if (taken := self._take(artefact)) is not None:
                self._tell_of(artefact)
                return artefact, *taken
        return None

    def _make_here(self, artefact: Artefact, recipe: Recipe | None, lock: Lock, values: Values) -> None:
        made: Product | BaseException
        try:
            work = self._work_of(artefact, recipe)
            made = produce(artefact, values, self.agenda.formats, work)
            if work is not None and work.folder is not None:
                left = files_in(Path(work.folder), place_of(artefact, self.agenda.values))
                made = replace(made, files={**left, **made.files})
        except BaseException as error:
            if not isinstance(error, Exception) or is_interrupt(error):
                _free(lock)
                raise
            made = error
        with self._changed:
            self._end(artefact, recipe, lock, made)

    def _work_of(self, artefact: Artefact, recipe: Recipe | None) -> Work | None:
        """The work for a study: finished parts are in the folder of the job, or else of the store.

        There runs of other options and inputs have folders of their own.
        """
        if "work" not in artefact.parameters:
            return None
        store, place = self.agenda.store, place_of(artefact, self.agenda.values)
        if self.work.folder is None and recipe is not None and store is not None and not store.closed:
            return replace(self.work, folder=Path(store.root, "runs", *place.split("/"), recipe.asked))
        return self.work.inside(place)

    def _end(
        self, artefact: Artefact, recipe: Recipe | None, lock: Lock, made: Product | BaseException
    ) -> None:
        """Keep what was made, and free the lock."""
        try:
            if isinstance(made, Product):
                self.agenda.keep(artefact, recipe, made)
            elif isinstance(made, Exception):
                self.agenda.fail(artefact, made)
            else:
                raise made
        finally:
            _free(lock)


def _free(lock: Lock) -> None:
    if lock is not None:
        lock.close()
