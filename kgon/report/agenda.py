"""What a run has to make, and why; what is kept is read here, and what was made is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kgon.base.codec import UnreadableError
from kgon.base.verdicts import KgonError
from kgon.report import artefact as declared
from kgon.report.artefact import SHOWN, Artefact
from kgon.report.product import Made, Product, Values
from kgon.report.recipes import Recipes, content_kept
from kgon.report.store import Entry, Recipe, Store, in_words


class AgainError(Exception):
    """A study must be made anew, as what was kept of it is damaged."""

    def __init__(self, artefact: Artefact) -> None:
        super().__init__(str(artefact))
        self.artefact = artefact


class Agenda:
    """The artefacts of a run: which are left, which can be made now, and what came of the others.

    Nothing is made here, and nothing is known of workers; see ``Making``.

    Attributes
    ----------
    order : list of Artefact
        Inputs first.
    values : dict
        As for ``make_all``.
    ready : dict
        Artefacts whose inputs are there, in order, and the recipe of each, if there is a store.
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
        store: Store | None = None,
        finish: Callable[[Artefact, Product], None] = lambda artefact, product: None,
        formats: Sequence[str] = (),
    ) -> None:
        self.order, self.values, self.store = list(order), values, store
        self.finish, self.formats = finish, tuple(formats)
        self.ready: dict[Artefact, Recipe | None] = {}
        self.errors: dict[Artefact, Exception] = {}
        self.seconds: dict[str, float] = {}
        self.kept = 0
        self._recipes = Recipes(self.order, values, formats)
        self._waiting = list(order)
        self._open = set(order)
        self._claims: dict[Artefact, list[Any]] = {}
        self._made: dict[Artefact, Product] = {}
        self._damaged: set[Artefact] = set()
        self._times = {} if store is None else store.remembered("timings")
        self.values.setdefault("claims", [])
        self.values.setdefault("failed", {})

    @property
    def left(self) -> int:
        """How many nobody has begun to make."""
        return len(self._waiting) + len(self.ready)

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

    def expected(self, artefact: Artefact) -> float:
        """How long it is expected to take: what it took, or studies before the rest."""
        return float(self._times.get(str(artefact), 10.0 if artefact.kind == "study" else 1.0))

    def reasons(self) -> list[tuple[Artefact, str]]:
        """List what would be made, and why; nothing is made."""
        again: dict[Artefact, str] = {}
        for artefact in self.order:
            made = [f"input {x.name} is made again" for x in artefact.inputs if x in again]
            recipe = self._recipes.of(artefact, known=not made)
            entry = None if made or recipe is None or self.store is None else self.store.entry(recipe)
            if entry is not None:
                self._recipes.contents[artefact] = content_kept(artefact, entry)
                continue
            before = None if self.store is None else self.store.last(str(artefact))
            if before is None or recipe is None:
                again[artefact] = "never made"
            else:
                again[artefact] = in_words([*recipe.changes(before, inputs=not made), *made])
        self.remember()
        return list(again.items())

    def remember(self) -> None:
        """Keep how long things took, and what was read of the sources."""
        if self.store is not None and self.seconds:
            self.store.remember("timings", self._times | self.seconds)
        if self.store is not None and declared.SOURCES.grown():
            self.store.remember("sources", declared.SOURCES.known)

    # --- what is ready ---------------------------------------------------------------------------

    def advance(self) -> int:
        """Read what is kept, and find what can be made; return how many were kept."""
        before, going = self.kept, True
        while going:
            going = False
            for artefact in list(self._waiting):
                if self._open.isdisjoint(artefact.inputs):
                    self._waiting.remove(artefact)
                    self._look_at(artefact)
                    going = True
        return self.kept - before

    def _look_at(self, artefact: Artefact) -> None:
        lost = [x for x in artefact.inputs if x in self.errors and x.kind == "study"]
        if lost:
            self.fail(artefact, KgonError(f"needs {' and '.join(map(str, lost))}, which failed"))
            return
        if artefact.kind == "page":
            self.values["failed"] = self.failed
        try:
            recipe = None if self.store is None else self._recipes.of(artefact)
            if not self.is_kept(artefact, recipe):
                self.ready[artefact] = recipe
        except Exception as error:  # of what finishes it
            self.fail(artefact, error)

    def is_kept(self, artefact: Artefact, recipe: Recipe | None) -> bool:
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
        self._done(artefact, product, content_kept(artefact, entry))
        return True

    def _read(self, store: Store, artefact: Artefact, entry: Entry) -> Product:
        """What is kept; the value of a study that others need is read when they do."""
        files = {name: store.file(content) for name, content in entry.files.items()}
        needed = artefact.kind == "study" and any(artefact in x.inputs for x in self.order)
        lazy = needed or artefact.kind == "figure"
        value = None if lazy else store.value(entry.content, self._recipes.classes(artefact))
        return Product(value=value, files=files)

    # --- what is made ----------------------------------------------------------------------------

    def values_for(self, artefact: Artefact) -> Values:
        """The values of its parameters; those of studies that are kept are read now.

        Raises
        ------
        AgainError
            A study is damaged: ``make_again``.
        """
        if artefact.kind == "page":
            self.values["made"] = [Made.of(x, self._made[x]) for x in self.order if x in self._made]
        for study in artefact.inputs:
            if study.kind == "study" and study.name not in self.values:
                content = self._recipes.contents[study]
                assert self.store is not None and content is not None
                try:
                    classes = self._recipes.classes(study)
                    self.values[study.name] = self.store.value(content, classes)
                except UnreadableError as error:
                    self.store.tell(f"{study} is made anew: {error}")
                    raise AgainError(study) from None
        taken = {*artefact.parameters, "full"}
        return {name: self.values[name] for name in taken if name in self.values}

    def make_again(self, study: Artefact, artefact: Artefact) -> None:
        """Let a damaged study be made before an artefact that needs it."""
        self._damaged.add(study)
        self._waiting += [artefact, study]
        self._open.add(study)

    def keep(self, artefact: Artefact, recipe: Recipe | None, product: Product) -> None:
        """Keep what was made; where it cannot be kept or finished, it has failed."""
        try:
            content = None
            if self.store is not None and recipe is not None:
                try:
                    content = content_kept(artefact, self.store.write(recipe, product.value, product.files))
                except KgonError as error:
                    self.store.tell(f"{artefact} is not kept: {error}")
            self.seconds[str(artefact)] = round(product.seconds, 3)
            self._done(artefact, product, content)
            if artefact.kind == "study":
                self.values[artefact.name] = product.value
        except Exception as error:
            self.fail(artefact, error)

    def fail(self, artefact: Artefact, error: Exception) -> None:
        """Say why an artefact could not be made."""
        self.errors[artefact] = error
        self._open.discard(artefact)

    def _done(self, artefact: Artefact, product: Product, content: str | None) -> None:
        self._recipes.contents[artefact] = content
        if artefact.kind == "claims":
            self._claims[artefact] = product.value
            self.values["claims"] = [x for each in self.order for x in self._claims.get(each, [])]
        if artefact.kind in SHOWN:
            self._made[artefact] = product
        self.finish(artefact, product)
        self._open.discard(artefact)
