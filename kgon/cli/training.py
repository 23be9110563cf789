"""The command on training runs."""

from __future__ import annotations

import argparse

from kgon.cli.common import DONE, emit


def train(args: argparse.Namespace) -> int:
    """``kgon train``."""
    from kgon.experiments.training import train as run
    from kgon.simulate.sgd import Protocol

    outcome = run(
        args.features,
        trajectories=args.trajectories,
        start=args.start,
        protocol=Protocol(n=args.n, batch=args.batch, learning_rate=args.learning_rate, epochs=args.epochs),
        seed=args.seed,
        flow=args.flow,
        workers=args.workers,
        folder=args.out,
        progress=not args.no_progress,
    )
    emit(args, outcome, lambda: str(outcome))
    return DONE
