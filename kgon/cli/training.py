"""The command on training runs."""

from __future__ import annotations

import argparse

from kgon.cli.outcome import DONE, emit, workers_of


def train(args: argparse.Namespace) -> int:
    """``kgon train``."""
    from kgon.experiments.training.runs import train as run
    from kgon.sampling.sgd import Protocol

    protocol = Protocol(n=args.n, batch=args.batch, learning_rate=args.learning_rate, epochs=args.epochs)
    with workers_of(args) as workers:
        outcome = run(
            args.features,
            trajectories=args.trajectories,
            start=args.start,
            protocol=protocol,
            seed=args.seed,
            flow=args.flow,
            workers=workers,
            folder=args.out,
            progress=not args.no_progress,
        )
    emit(args, outcome, lambda: str(outcome))
    return DONE
