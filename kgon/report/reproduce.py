"""The main job: tables and figures into one folder, the claims held against them, a page that tells it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from kgon.base.files import write_bytes, write_text
from kgon.base.results import Result, result
from kgon.base.verdicts import Verdict
from kgon.base.work import Work, Workers
from kgon.report.agenda import Agenda
from kgon.report.artefact import MODULES, Artefact, artefacts
from kgon.report.claims.claim import Claim
from kgon.report.figures import WRITTEN, write_drawn
from kgon.report.graph import Tell, in_order, make_all
from kgon.report.page.about import about_run
from kgon.report.product import Product, Values
from kgon.report.store import Store
from kgon.report.tables import save_table
from kgon.report.tables.statements import claims_table

PAGE = "index.html"
"""The file to look at first."""


@result
class Reproduction(Result):
    """What ``run_main_job`` found and wrote.

    Attributes
    ----------
    claims : tuple of Claim
    files : tuple of str
        Paths written, relative to the folder.
    failed : dict
        Name of each artefact that could not be made → why.
    folder : str
    """

    schema: ClassVar[str] = "reproduce"

    claims: tuple[Claim, ...]
    files: tuple[str, ...]
    failed: dict[str, str]
    folder: str

    def count(self, verdict: Verdict) -> int:
        """Count the claims with a verdict."""
        return sum(claim.verdict is verdict for claim in self.claims)

    def headline(self) -> str:
        counts = ", ".join(f"{self.count(v)} {v}" for v in Verdict if self.count(v))
        claims = f"{len(self.claims)} claims: {counts}" if counts else "no claims"
        several = f"{len(self.failed)} artefacts" if len(self.failed) > 1 else "an artefact"
        failed = f"; {several} failed" if self.failed else ""
        return f"{claims}; {len(self.files)} files in {self.folder}{failed}"

    def rows(self) -> Sequence[tuple[str, str]]:
        return [*((claim.name, str(claim.verdict)) for claim in self.claims), *self.failed.items()]

    def text(self) -> str:
        """Write the table of claims, what failed and the headline, as the command prints it."""
        failed = [f"{name} failed: {reason}" for name, reason in self.failed.items()]
        shown = [f"The page: {Path(self.folder) / PAGE}"] if PAGE in self.files else []
        return "\n".join([str(claims_table(self.claims)), "", *failed, self.headline(), *shown])


def run_main_job(
    folder: str | Path,
    *,
    full: bool = False,
    workers: Workers = 1,
    store: Store | None = None,
    fail_fast: bool = False,
    progress: Tell = lambda _: None,
) -> Reproduction:
    """Write every table and figure, and test every claim, at r = 2, c = 6.

    An artefact that cannot be made is listed with its reason, and the others are made.

    Parameters
    ----------
    folder : str or Path
        Gets the page, ``index.html``, and the same as data, ``report.json``; ``explorer.html``, ``tables/``,
        ``figures/``, ``certificates/``, a folder for each study that keeps finished parts, ``claims.json``,
        and ``timings.json``, which alone differs from run to run; existing files are replaced one by one,
        each atomically, so that an interrupted run is simply repeated; what was sampled is not sampled anew.
    full : bool
        Include what is slow: evidence with standard errors of 0.02 nats, λ against simulation, the cost of
        the empirical loss up to n = 10⁷.
    workers : int, Executor or callable
        Who computes; see ``Work``.  Independent artefacts are made at once.
    store : Store, optional
        Is asked first, and keeps what is made: the second time nothing is made that has not changed.
    fail_fast : bool
        Begin nothing more where an artefact fails.
    progress : callable
        Called with a line before each step.

    Returns
    -------
    Reproduction
    """
    base, written = Path(folder), dict[Artefact, list[Path]]()
    values: Values = {"full": full, "about": about_run(full)}

    def finish(artefact: Artefact, product: Product) -> None:
        if artefact.kind == "table":
            written[artefact] = save_table(product.value, base / "tables")
        elif artefact.kind == "figure":
            written[artefact] = write_drawn(base / "figures" / artefact.name, product.files)
        else:
            written[artefact] = [write_bytes(base / name, data) for name, data in product.files.items()]

    made = make_all(
        wanted_of_main_job(full),
        values,
        work=Work(workers=workers, folder=base, progress=progress),
        store=store,
        tell=progress,
        finish=finish,
        formats=WRITTEN,
        fail_fast=fail_fast,
    )
    files = [path for artefact in made.order for path in written.get(artefact, [])]
    names = tuple(path.relative_to(base).as_posix() for path in files)
    outcome = Reproduction(
        claims=tuple(values["claims"]), files=(*names, "claims.json"), failed=made.failed, folder=str(base)
    )
    write_text(base / "claims.json", outcome.to_json() + "\n")
    write_text(base / "timings.json", json.dumps(made.times, indent=1) + "\n")
    return outcome


def plan_main_job(*, full: bool = False, store: Store) -> list[tuple[str, str]]:
    """List what the main job would make, and why; nothing is made."""
    wanted = wanted_of_main_job(full)
    values: Values = {"full": full, "about": about_run(full)}
    agenda = Agenda(in_order(wanted, values), values, store=store, formats=WRITTEN)
    return [(str(artefact), reason) for artefact, reason in agenda.reasons()]


def wanted_of_main_job(full: bool) -> list[Artefact]:
    """List what the main job makes: all but studies, without what is slow unless it is full."""
    every = [x for kind in MODULES if kind != "study" for x in artefacts(kind).values()]
    return [x for x in every if full or not x.slow]
