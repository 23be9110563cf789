"""Commands that write tables and figures, the main job, and the benchmarks."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from kgon import base, report
from kgon.base.verdicts import KgonError, KgonWarning, Verdict
from kgon.cli.option import Condition, flag, integer, option
from kgon.cli.options import (
    CLOSED_FORM,
    PROCESSES,
    TABLE_FORMATS,
    among,
    evidence_file,
    executors,
    features,
    kept,
    narration,
    out,
    seed,
    theory,
)
from kgon.cli.outcome import Outcome
from kgon.cli.posterior import evidence_of
from kgon.cli.registry import command

FULL = flag("--full", "include what is slow")


def opened_store(place: str) -> report.Store:
    """The store; what is wrong with it is a warning."""

    def tell(line: str) -> None:
        warnings.warn(line, KgonWarning, stacklevel=3)

    return report.open_store(place or None, tell)


STORE = option(
    "--store", "keep what is made there (default: $KGON_STORE, or kgon/store in the cache folder)",
    metavar="FOLDER", keyword="place",
)  # fmt: skip


@command("reproduce", args=[
    kept("tables, figures and what they rest on", default="kgon-output"), FULL,
    flag("--strict", "exit 1 if any claim is refuted"),
    flag("--dry-run", "list what would be made, and why, and make nothing"),
    flag("--fail-fast", "begin nothing more where something fails"),
    STORE, *executors(PROCESSES), narration(),
])  # fmt: skip
def reproduce(
    full: bool, strict: bool, work: base.Work, dry_run: bool = False, fail_fast: bool = False, place: str = ""
) -> Outcome:
    """Do the main job: write all tables and figures, and judge all claims."""
    assert callable(work.progress)
    store = opened_store(place)
    if dry_run:
        plan = report.plan_main_job(full=full, store=store)
        lines = [f"{name}: {reason}" for name, reason in plan] or ["nothing would be made"]
        return Outcome([{"artefact": name, "reason": reason} for name, reason in plan], "\n".join(lines))

    found = report.run_main_job(
        work.folder or "", full=full, workers=work.workers, store=store, fail_fast=fail_fast,
        progress=work.progress,
    )  # fmt: skip
    holds = not found.failed and not (strict and found.count(Verdict.REFUTED))
    return Outcome.of(found, text=found.text(), holds=holds)


ARTEFACT = [
    features(None), option("name", "one of the names that --list shows", nargs="?", metavar="NAME"),
    flag("--list", "list the names", keyword="listed"), FULL,
    *theory(*CLOSED_FORM, default=None), evidence_file(), STORE, *executors(PROCESSES), narration(),
]  # fmt: skip
"""Options of a table or figure."""


def _made(
    kind: str, write: Callable[..., Outcome], listed: bool, name: str = "", place: str = "", **how: Any
) -> Outcome:
    """List the names, or write the artefact of a name, with the evidence of a file."""
    store, registered = opened_store(place), report.Registry(kind)
    if listed:
        data = [{"name": key, "description": found.description} for key, found in registered.items()]
        size = max(map(len, registered))
        return Outcome(data, "\n".join(f"{x['name']:<{size}}  {x['description']}" for x in data))
    if not name:
        raise KgonError(f"name a {registered.kind}: {', '.join(registered)}")
    if "evidence" in how:
        how["evidence"] = evidence_of(how.get("c"), how["evidence"])
    return write(name, tell=how["work"].progress, store=store, **how)


def paths_of(written: Sequence[Path]) -> Outcome:
    """Say which files were written."""
    paths = [str(path) for path in written]
    return Outcome({"paths": paths}, "\n".join(paths))


@command("table", args=[
    *ARTEFACT, out(help="folder (printed if not given)"),
    option("--format", "default: text, or all files", choices=TABLE_FORMATS, keyword="form"),
])  # fmt: skip
def table(**how: Any) -> Outcome:
    """Write or print one table."""
    from kgon.report import tables

    def write(name: str, out: str = "", form: str = "", **options: Any) -> Outcome:
        made = tables.make_table(name, **options)
        if not out:
            return Outcome.in_table(made.data(), made)
        return paths_of(tables.save_table(made, out, formats=(form,) if form else tables.FORMATS))

    return _made("table", write, **how)


@command("figure", args=[
    *ARTEFACT, *among("the phases to draw (figures free-energy, occupancy)"), out(),
    option("--label", "the k-gon to draw (figure kgon)", metavar="LABEL"),
    option("--format", "default: pdf and png", choices=("pdf", "png", "svg", "gif"), keyword="form"),
    option("--width", "inches: 3.4 for one column, 7 for two; default: its own", type=float),
])  # fmt: skip
def figure(**how: Any) -> Outcome:
    """Write one figure."""
    from kgon.report import figures

    def write(name: str, out: str = ".", form: str = "", **options: Any) -> Outcome:
        formats = (form,) if form else figures.WRITTEN
        return paths_of(figures.save_figure(name, out, formats=formats, **options))

    return _made("figure", write, **how)


@command("store", args=[STORE, flag("--prune", "remove what is stale, and finished parts")])
def store(prune: bool = False, place: str = "") -> report.Keeping:
    """Say what reproduce, table and figure keep for the next time, and what of it is stale."""
    opened = opened_store(place)
    return report.prune_store(opened) if prune else report.look_at_store(opened)


SPEED = (Condition("what", ("speed",), True, words="kgon bench"),)
MEASURED = (
    "rates: what kgon does a second; speed: beside JAX, BlackJAX, numpyro, PyTorch and devinterp, as far as "
    "they are installed (minutes); memory: the most that long commands hold (minutes)"
)
RATES = (Condition("what", ("rates", "speed"), True, words="kgon bench"),)


@command("bench", args=[
    option("what", MEASURED, "rates", nargs="?", choices=("rates", "speed", "memory")),
    features(only=RATES), seed(only=RATES),
    integer("--repeats", "timed repetitions of each task", only=SPEED),
    flag("--costs", "measure what work costs by c, n, chains and workers, too", only=SPEED),
    out(help="folder for speed.json and, with --costs, costs.pdf and costs.png", only=SPEED), narration(),
])  # fmt: skip
def bench(
    what: str, progress: Callable[[str], None], c: int = 6, seed: int = 0, out: str = "", **how: Any
) -> report.Benchmark | report.Speed | report.Memory:
    """Measure evaluations per second, alone or against other libraries that are installed; or memory."""
    if what == "memory":
        return report.measure_memory(tell=progress)
    if what == "rates":
        return report.run_benchmarks(c, seed=seed)
    found = report.measure_speed(c, seed=seed, tell=progress, **how)
    if out:
        report.save_speed(found, out)
    return found
