"""Commands that write tables and figures, the main job, and the benchmarks."""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any

from kgon.cli.evidence import evidence_of
from kgon.cli.outcome import DONE, REFUTED, emit, workers_of


def reproduce(args: argparse.Namespace) -> int:
    """``kgon reproduce``."""
    start = time.monotonic()

    def progress(step: str) -> None:
        if not args.no_progress:
            print(f"[{time.monotonic() - start:5.1f} s] {step}", file=sys.stderr, flush=True)

    progress("compiling kernels and loading libraries")
    from kgon.base.verdicts import Verdict
    from kgon.report.reproduce import run_main_job

    with workers_of(args) as workers:
        outcome = run_main_job(args.out, full=args.full, workers=workers, progress=progress)
    emit(args, outcome, outcome.text)
    return REFUTED if args.strict and outcome.count(Verdict.REFUTED) else DONE


def _listing(args: argparse.Namespace, registry: dict[str, Any]) -> int:
    data = [{"name": name, "description": spec.description} for name, spec in registry.items()]
    size = max(map(len, registry))
    emit(args, data, lambda: "\n".join(f"{x['name']:<{size}}  {x['description']}" for x in data))
    return DONE


def _with_evidence(args: argparse.Namespace, spec: Any, options: dict[str, Any]) -> dict[str, Any]:
    """The options, with sampled evidence where the table or figure shows it or it was given."""
    wanted = "evidence" in spec.options and args.name != "claims"
    return {**options, "evidence": evidence_of(args) if wanted or args.evidence is not None else None}


def table(args: argparse.Namespace) -> int:
    """``kgon table``."""
    from kgon.base.verdicts import KgonError
    from kgon.report import tables

    if args.list:
        return _listing(args, tables.TABLES)
    if args.name is None:
        raise KgonError(f"name a table: {', '.join(tables.TABLES)}")
    options = {"c": args.features, "theory": args.theory, "beta": args.beta, "full": args.full or None}
    tables.check(args.name, **options)  # before anything is sampled
    table = tables.make_table(args.name, **_with_evidence(args, tables.TABLES[args.name], options))
    if args.out is None:
        emit(args, {"name": table.name, "rows": table.rows}, lambda: table.render(args.format or "text"))
        return DONE
    formats = (args.format,) if args.format else tables.FORMATS
    paths = [str(path) for path in tables.save_table(table, args.out, formats=formats)]
    emit(args, {"paths": paths}, lambda: "\n".join(paths))
    return DONE


def figure(args: argparse.Namespace) -> int:
    """``kgon figure``."""
    from kgon.base.verdicts import KgonError
    from kgon.report import figures

    if args.list:
        return _listing(args, figures.FIGURES)
    if args.name is None:
        raise KgonError(f"name a figure: {', '.join(figures.FIGURES)}")
    options = {
        "c": args.features,
        "theory": args.theory,
        "beta": args.beta,
        "label": args.label,
        "full": args.full,
    }
    figures.check(args.name, **options)  # before anything is sampled
    formats = (args.format,) if args.format else ("pdf", "png")
    written = figures.save_figure(
        args.name,
        args.out or ".",
        formats=formats,
        **_with_evidence(args, figures.FIGURES[args.name], options),
    )
    paths = [str(path) for path in written]
    emit(args, {"paths": paths}, lambda: "\n".join(paths))
    return DONE


def bench(args: argparse.Namespace) -> int:
    """``kgon bench``."""
    from kgon.report.bench import run_benchmarks

    outcome = run_benchmarks(args.features, seed=args.seed)
    emit(args, outcome, lambda: str(outcome))
    return DONE
