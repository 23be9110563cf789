"""Commands that write tables and figures, the main job, and the benchmarks."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgon.base.verdicts import KgonError, Verdict
from kgon.cli.option import flag, option
from kgon.cli.options import (
    CLOSED_FORM,
    TABLE_FORMATS,
    evidence_file,
    features,
    kept,
    narration,
    out,
    seed,
    theory,
    work,
)
from kgon.cli.outcome import Outcome
from kgon.cli.posterior import evidence_of
from kgon.cli.registry import command

if TYPE_CHECKING:
    from kgon.base.work import Work
    from kgon.report.artefact import Registry
    from kgon.report.bench import Benchmark

FULL = flag("--full", "include what is slow")


@command("reproduce", "the main job: all tables, figures and claims", args=[
    kept("tables, figures and what they rest on", default="kgon-output"), FULL,
    flag("--strict", "exit 1 if any claim is refuted"), *work(os.cpu_count() or 1)[:2], narration(),
])  # fmt: skip
def reproduce(full: bool, strict: bool, work: Work) -> Outcome:
    """Write every table and figure, and judge every claim."""
    assert callable(work.progress)
    work.progress("compiling kernels and loading libraries")
    from kgon.report.reproduce import run_main_job

    found = run_main_job(work.folder or "", full=full, workers=work.workers, progress=work.progress)
    holds = not found.failed and not (strict and found.count(Verdict.REFUTED))
    return Outcome.of(found, text=found.text(), holds=holds)


ARTEFACT = [
    features(None), option("name", "one of the names that --list shows", nargs="?", metavar="NAME"),
    flag("--list", "list the names", keyword="listed"), FULL,
    *theory(*CLOSED_FORM, default=None), evidence_file(), *work(os.cpu_count() or 1)[:2], narration(),
]  # fmt: skip
"""Options of a table or figure."""


def _chosen(registered: Registry, name: str, listed: bool) -> Outcome | None:
    """The list of names, if it is asked for; without a name there is nothing to make."""
    if not listed and not name:
        raise KgonError(f"name a {registered.kind}: {', '.join(registered)}")
    if not listed:
        return None
    data = [{"name": key, "description": found.description} for key, found in registered.items()]
    size = max(map(len, registered))
    return Outcome(data, "\n".join(f"{x['name']:<{size}}  {x['description']}" for x in data))


def _given(work: Work, full: bool, evidence: str | None, options: dict[str, Any]) -> dict[str, Any]:
    """What is handed on: who works, the options, and the evidence of a file."""
    read = evidence_of(options.get("c"), evidence) if evidence else None
    return {**options, "full": full or None, "evidence": read, "work": work, "tell": work.progress}


def _paths(written: Sequence[Path]) -> Outcome:
    paths = [str(path) for path in written]
    return Outcome({"paths": paths}, "\n".join(paths))


@command("table", "write one table", args=[
    *ARTEFACT, out(help="folder (printed if not given)"),
    option("--format", "default: text, or all files", choices=TABLE_FORMATS, keyword="form"),
])  # fmt: skip
def table(
    listed: bool,
    full: bool,
    work: Work,
    name: str = "",
    out: str = "",
    form: str = "",
    evidence: str | None = None,
    **options: Any,
) -> Outcome:
    """Write or print one table, or list them."""
    from kgon.report import tables

    if names := _chosen(tables.TABLES, name, listed):
        return names
    made = tables.make_table(name, **_given(work, full, evidence, options))
    if not out:
        return Outcome({"name": made.name, "rows": made.rows}, made.render(form or "text"))
    return _paths(tables.save_table(made, out, formats=(form,) if form else tables.FORMATS))


@command("figure", "write one figure", args=[
    *ARTEFACT, out(), option("--label", "the k-gon to draw (figure kgon)", metavar="LABEL"),
    option("--format", "default: pdf and png", choices=("pdf", "png", "svg", "gif"), keyword="form"),
])  # fmt: skip
def figure(
    listed: bool,
    full: bool,
    work: Work,
    name: str = "",
    out: str = ".",
    form: str = "",
    evidence: str | None = None,
    **options: Any,
) -> Outcome:
    """Draw one figure, or list them."""
    from kgon.report import figures

    if names := _chosen(figures.FIGURES, name, listed):
        return names
    formats = (form,) if form else ("pdf", "png")
    return _paths(figures.save_figure(name, out, formats=formats, **_given(work, full, evidence, options)))


@command("bench", "evaluations per second, against JAX where installed", args=[features(), seed()])
def bench(c: int, seed: int) -> Benchmark:
    """Measure speed."""
    from kgon.report.bench import run_benchmarks

    return run_benchmarks(c, seed=seed)
