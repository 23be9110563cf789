"""Artefacts made in order, several at once where there are workers, and none that is kept."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from kgon.base.codec import UnreadableError
from kgon.base.interrupts import is_interrupt
from kgon.base.pool import Pool
from kgon.base.verdicts import KgonError
from kgon.base.work import Work
from kgon.report import artefact as declared
from kgon.report.artefact import Artefact
from kgon.report.product import Product, Values, files_in, place_of, produce
from kgon.report.recipes import Recipes
from kgon.report.store import Entry, Recipe, Store, in_words

AT_ONCE = 32
"""Tasks handed at once to an executor whose number of workers is not known."""
PAUSE = 0.2
"""Seconds until it is looked again whether another process has made what it is making."""


class Making:
    """One run through artefacts.

    Attributes
    ----------
    values : dict
        As for ``make_all``.
    errors : dict
        Each artefact that failed, and the error; those that need it have one, too.
    seconds : dict
        Artefact, as text, to the time that it took, of those that were made.
    kept : int
        How many were read from the store.
    """

    def __init__(
        self,
        order: Sequence[Artefact],
        values: Values,
        *,
        work: Work,
        store: Store | None = None,
        tell: Callable[[str], None] = lambda _: None,
        finish: Callable[[Artefact, Product], None] = lambda artefact, product: None,
        formats: Sequence[str] = (),
    ) -> None:
        self.order, self.values, self.work, self.store = order, values, work, store
        self.tell, self.finish, self.formats = tell, finish, tuple(formats)
        self.errors: dict[Artefact, Exception] = {}
        self.seconds: dict[str, float] = {}
        self.kept = 0
        self._recipes = Recipes(order, values, formats)
        self._waiting = list(order)
        self._ready: dict[Artefact, Recipe | None] = {}
        self._running: dict[Future[Product], tuple[Artefact, IO[bytes] | None]] = {}
        self._claims: dict[Artefact, list[Any]] = {}
        self._damaged: set[Artefact] = set()
        self._changed = threading.Condition(threading.RLock())
        self._pool: Pool | Executor | None = None
        self._here: list[Artefact] = []
        self._closing = False
        self._broken: Any = None
        self._times = {} if store is None else store.remembered("timings")

    @property
    def failed(self) -> dict[str, str]:
        """Name of each artefact that failed, and why, in order."""
        said = {x: str(e) if isinstance(e, KgonError) else repr(e) for x, e in self.errors.items()}
        return {str(x): said[x] for x in self.order if x in said}

    @property
    def times(self) -> dict[str, float]:
        """Seconds that each artefact took when it was made, in order."""
        known = {**self._times, **self.seconds}
        return {str(x): known[str(x)] for x in self.order if str(x) in known}

    def run(self, *, fail_fast: bool = False) -> None:
        """Make all, or until one fails."""
        if "claims" not in self.values:
            self.values["claims"] = []
        with self._workers():
            try:
                while self._waiting or self._ready or self._running:
                    self._step()
                    if fail_fast and self.errors:
                        break
            finally:
                with self._changed:
                    self._closing = True
                    running = list(self._running)
                for future in running:
                    future.cancel()
        self._remember()

    def _remember(self) -> None:
        """Keep how long things took, and what was read of the sources."""
        if self.store is not None and self.seconds:
            self.store.remember("timings", self._times | self.seconds)
        if self.store is not None and declared.SOURCES.grown():
            self.store.remember("sources", declared.SOURCES.known)

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
        elif self._ready and not self._running:
            time.sleep(PAUSE)

    def _mend(self) -> None:
        """Replace a pool that has lost a process."""
        if self._broken is not None and isinstance(self._pool, Pool):
            broken, self._broken = self._broken, None
            self._pool.renew(broken, self._left)

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
        return len(self._waiting) + len(self._ready)

    def plan(self) -> list[tuple[Artefact, str]]:
        """List what would be made, and why; nothing is made."""
        again: dict[Artefact, str] = {}
        for artefact in self.order:
            made = [f"input {x.name} is made again" for x in artefact.inputs if x in again]
            recipe = self._recipes.of(artefact, known=not made)
            entry = None if made or recipe is None or self.store is None else self.store.entry(recipe)
            if entry is not None:
                self._recipes.contents[artefact] = entry.content
                continue
            before = None if self.store is None else self.store.last(str(artefact))
            if before is None or recipe is None:
                again[artefact] = "never made"
            else:
                again[artefact] = in_words([*recipe.changes(before, inputs=not made), *made])
        self._remember()
        return list(again.items())

    # --- what is ready ---------------------------------------------------------------------------

    def _advance(self) -> None:
        """Read what is kept, find what can be made, and hand it out."""
        before, going = self.kept, True
        while going:
            going = False
            for artefact in list(self._waiting):
                if all(x not in self._open for x in artefact.inputs):
                    self._waiting.remove(artefact)
                    self._look_at(artefact)
                    going = True
        if self.kept > before:
            some = f"{self.kept - before} artefacts" if self.kept > before + 1 else "1 artefact"
            self.tell(f"{some} as kept, {self._left} left")
        if self._pool is not None and self._broken is None and not self._closing:
            self._hand_out(self._pool)

    @property
    def _open(self) -> set[Artefact]:
        running = (artefact for artefact, _ in self._running.values())
        return {*self._waiting, *self._ready, *running, *self._here}

    @property
    def _left(self) -> int:
        return len(self._waiting) + len(self._ready)

    def _look_at(self, artefact: Artefact) -> None:
        lost = [x for x in artefact.inputs if x in self.errors and x.kind == "study"]
        if lost:
            self.errors[artefact] = KgonError(f"needs {' and '.join(map(str, lost))}, which failed")
            return
        try:
            recipe = None if self.store is None else self._recipes.of(artefact)
            if not self._is_kept(artefact, recipe):
                self._ready[artefact] = recipe
        except Exception as error:  # of what finishes it
            self.errors[artefact] = error

    def _is_kept(self, artefact: Artefact, recipe: Recipe | None) -> bool:
        """Take what is kept, if it is whole."""
        if self.store is None or recipe is None or artefact in self._damaged:
            return False
        if (entry := self.store.entry(recipe)) is None:
            return False
        try:
            product = self._read(self.store, artefact, entry)
        except UnreadableError as error:
            self.store.tell(f"{artefact} is made anew: {error}")
            self._damaged.add(artefact)
            return False
        self.kept += 1
        self._done(artefact, product, entry.content)
        return True

    def _read(self, store: Store, artefact: Artefact, entry: Entry) -> Product:
        """What is kept; the value of a study that others need is read when they do."""
        files = {name: store.file(content) for name, content in entry.files.items()}
        needed = artefact.kind == "study" and any(artefact in x.inputs for x in self.order)
        lazy = needed or artefact.kind == "figure"
        value = None if lazy else store.value(entry.content, self._recipes.classes(artefact))
        return Product(value=value, files=files)

    # --- making ------------------------------------------------------------------------------------

    def _hand_out(self, pool: Pool | Executor) -> None:
        """Let workers make what needs nothing but its inputs, the longest first."""
        most = pool.workers if isinstance(pool, Pool) else AT_ONCE
        for artefact in sorted(self._ready, key=self._expected, reverse=True):
            if len(self._running) >= most or self._broken is not None:
                return
            if "work" not in artefact.parameters and (taken := self._take(artefact)) is not None:
                recipe, lock, values = taken
                self._submit(pool, artefact, recipe, lock, values)

    def _submit(
        self,
        pool: Pool | Executor,
        artefact: Artefact,
        recipe: Recipe | None,
        lock: IO[bytes] | None,
        values: Values,
    ) -> None:
        executor = getattr(pool, "executor", None)

        def ended(future: Future[Product]) -> None:
            with self._changed:
                self._running.pop(future, None)
                if future.cancelled():
                    _free(lock)
                elif isinstance(error := future.exception(), BrokenProcessPool):
                    _free(lock)
                    self._ready[artefact], self._broken = recipe, executor
                else:
                    self._end(artefact, recipe, lock, future.result() if error is None else error)
                    if isinstance(pool, Pool):
                        pool.praise()
                    self._advance()
                self._changed.notify_all()

        self._tell_of(artefact)
        try:
            future = pool.submit(produce, artefact, values, self.formats)
        except BrokenProcessPool:
            _free(lock)
            self._ready[artefact], self._broken = recipe, executor
            return
        self._running[future] = artefact, lock
        future.add_done_callback(ended)

    def _for_here(self) -> tuple[Artefact, Recipe | None, IO[bytes] | None, Values] | None:
        """Something to make in this process: with a pool, what shares its work out itself."""
        here = [x for x in self.order if x in self._ready and (self._pool is None or "work" in x.parameters)]
        if self._pool is not None:
            here.sort(key=self._expected, reverse=True)
        for artefact in here:
            if (taken := self._take(artefact)) is not None:
                self._here.append(artefact)
                self._tell_of(artefact)
                return artefact, *taken
        return None

    def _take(self, artefact: Artefact) -> tuple[Recipe | None, IO[bytes] | None, Values] | None:
        """Take what is ready, unless another process makes it or has made it, or an input is damaged."""
        recipe, lock = self._ready[artefact], None
        if self.store is not None and recipe is not None:
            if (lock := self.store.lock(recipe.key)) is None:
                return None
            if self._is_kept(artefact, recipe):
                del self._ready[artefact]
                lock.close()
                return None
        del self._ready[artefact]
        try:
            return recipe, lock, self._values_for(artefact)
        except _AgainError as again:
            _free(lock)
            self._damaged.add(again.artefact)
            self._waiting += [artefact, again.artefact]
            return None

    def _make_here(
        self, artefact: Artefact, recipe: Recipe | None, lock: IO[bytes] | None, values: Values
    ) -> None:
        made: Product | BaseException
        try:
            work = self._work_of(artefact)
            made = produce(artefact, values, self.formats, work)
            if work is not None and work.folder is not None:
                left = files_in(Path(work.folder), place_of(artefact, self.values))
                made = replace(made, files={**left, **made.files})
        except BaseException as error:
            if not isinstance(error, Exception) or is_interrupt(error):
                _free(lock)
                raise
            made = error
        with self._changed:
            self._here.remove(artefact)
            self._end(artefact, recipe, lock, made)

    def _work_of(self, artefact: Artefact) -> Work | None:
        """The work for a study: finished parts are in the folder of the job, or else of the store."""
        if "work" not in artefact.parameters:
            return None
        if self.work.folder is None and self.store is not None and not self.store.closed:
            place = Path(self.store.root, "runs", *place_of(artefact, self.values).split("/"))
            return replace(self.work, folder=place)
        return self.work.inside(place_of(artefact, self.values))

    def _end(
        self,
        artefact: Artefact,
        recipe: Recipe | None,
        lock: IO[bytes] | None,
        made: Product | BaseException,
    ) -> None:
        """Keep what was made, and free the lock."""
        try:
            if isinstance(made, BaseException):
                raise made
            content = None
            if self.store is not None and recipe is not None:
                try:
                    content = self.store.write(recipe, made.value, made.files).content
                except KgonError as error:
                    self.store.tell(f"{artefact} is not kept: {error}")
            self.seconds[str(artefact)] = round(made.seconds, 3)
            self._done(artefact, made, content)
            if artefact.kind == "study":
                self.values[artefact.name] = made.value
        except Exception as error:
            self.errors[artefact] = error
        finally:
            _free(lock)

    def _done(self, artefact: Artefact, product: Product, content: str | None) -> None:
        self._recipes.contents[artefact] = content
        if artefact.kind == "claims":
            self._claims[artefact] = product.value
            self.values["claims"] = [x for each in self.order for x in self._claims.get(each, [])]
        self.finish(artefact, product)

    def _values_for(self, artefact: Artefact) -> Values:
        """The values of its parameters; those of studies that are kept are read now."""
        for study in artefact.inputs:
            if study.kind == "study" and study.name not in self.values:
                content = self._recipes.contents[study]
                assert self.store is not None and content is not None
                try:
                    classes = self._recipes.classes(study)
                    self.values[study.name] = self.store.value(content, classes)
                except UnreadableError as error:
                    self.store.tell(f"{study} is made anew: {error}")
                    raise _AgainError(study) from None
        return {name: self.values[name] for name in self._taken(artefact) if name in self.values}

    def _taken(self, artefact: Artefact) -> set[str]:
        animated = artefact.animate is not None and "gif" in self.formats
        more = Artefact(name="", kind="", make=artefact.animate).parameters if animated else ()  # type: ignore[arg-type]
        return {*artefact.parameters, *more, "full"}

    def _expected(self, artefact: Artefact) -> float:
        """How long it is expected to take: what it took, or studies before the rest."""
        return float(self._times.get(str(artefact), 10.0 if artefact.kind == "study" else 1.0))

    def _tell_of(self, artefact: Artefact) -> None:
        if len(self.order) > 1:
            self.tell(f"{artefact}, {self._left} left")


class _AgainError(Exception):
    """A study must be made anew, as what was kept of it is damaged."""

    def __init__(self, artefact: Artefact) -> None:
        super().__init__(str(artefact))
        self.artefact = artefact


def _free(lock: IO[bytes] | None) -> None:
    if lock is not None:
        lock.close()
