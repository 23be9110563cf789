"""Commands on the landscape: critical points found, saddles and paths."""

from __future__ import annotations

import argparse
from pathlib import Path

from kgon.cli.outcome import DONE, emit, workers_of


def landscape(args: argparse.Namespace) -> int:
    """``kgon landscape``."""
    from kgon.base.files import write_text
    from kgon.landscape.assembly import STARTS, TRIALS, loss_landscape

    with workers_of(args) as workers:
        outcome = loss_landscape(
            args.features,
            starts=STARTS if args.starts is None else args.starts,
            trials=TRIALS if args.trials is None else args.trials,
            below=args.below,
            seed=args.seed,
            workers=workers,
            folder=args.out,
            progress=not args.no_progress,
        )
    if args.out is not None:
        write_text(Path(args.out) / "landscape.json", outcome.to_json() + "\n")
    emit(args, outcome, lambda: str(outcome))
    return DONE


def search(args: argparse.Namespace) -> int:
    """``kgon search``."""
    from kgon.landscape.search import search_critical_points

    with workers_of(args) as workers:
        outcome = search_critical_points(
            args.features,
            r=args.hidden,
            starts=args.starts,
            seed=args.seed,
            below=args.below,
            workers=workers,
            folder=args.out,
            progress=not args.no_progress,
        )
    table = outcome.table()
    notes = [outcome.headline(), *table.notes] if args.json else []
    emit(args, outcome.points, table.text, notes=notes)
    return DONE
