"""``kgon sample``: draws of the posterior."""

from __future__ import annotations

import argparse

from kgon.cli.outcome import DONE, REFUTED, emit, workers_of


def sample(args: argparse.Namespace) -> int:
    """``kgon sample``."""
    from pathlib import Path

    from kgon.base.files import write_text
    from kgon.base.verdicts import KgonError
    from kgon.experiments.posterior.chains import Chains
    from kgon.experiments.posterior.draws import sample_posterior, save

    if args.format is not None and args.out is None:
        raise KgonError(f"--format {args.format} is for --out FOLDER")
    folder = None if args.out is None else Path(args.out)
    with workers_of(args) as workers:
        found = sample_posterior(
            args.n, c=args.features, beta=args.beta, data=args.data, runs=args.runs, seed=args.seed,
            chains=Chains(ensembles=args.ensembles, draws=args.draws, thin=args.thin),
            workers=workers, folder=folder, progress=not args.no_progress,
        )  # fmt: skip
    notes = []
    if folder is not None:
        file = save(found, folder / f"draws.{args.format or 'npz'}")
        write_text(folder / "posterior.json", found.to_json() + "\n")
        notes = [f"draws in {file}"]
    emit(args, found, lambda: str(found), notes=notes)
    return DONE if found.healthy else REFUTED
