"""The command on the landscape."""

from __future__ import annotations

import argparse
from pathlib import Path

from kgon.cli.common import DONE, emit, workers_of


def landscape(args: argparse.Namespace) -> int:
    """``kgon landscape``."""
    from kgon.io import write_text
    from kgon.landscape import STARTS, TRIALS, loss_landscape

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
