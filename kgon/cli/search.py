"""The command that searches critical points."""

from __future__ import annotations

import argparse

from kgon.cli.common import DONE, emit, workers_of


def search(args: argparse.Namespace) -> int:
    """``kgon search``."""
    from kgon.search import search_critical_points

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
