"""The command that samples the evidence of every basin, and the option that reads such a file."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from kgon.cli.outcome import DONE, emit, workers_of
from kgon.cli.values import sizes

if TYPE_CHECKING:
    from kgon.experiments.posterior.evidence import Evidence


def evidence_of(args: argparse.Namespace) -> Evidence:
    """The sampled evidence: that of ``--evidence FILE``, or a quick run."""
    from kgon.base.verdicts import KgonError
    from kgon.experiments.posterior.as_theory import quick_evidence
    from kgon.experiments.posterior.evidence import read_evidence

    if args.evidence is None:
        print(
            "sampling a quick evidence; kgon evidence --full --out FOLDER makes a better one", file=sys.stderr
        )
        return quick_evidence(args.features or 6, workers=os.cpu_count() or 1)
    found = read_evidence(args.evidence)
    if args.features not in (None, found.c):
        raise KgonError(f"{args.evidence} has {found.c} features, -c says {args.features}")
    return found


def evidence(args: argparse.Namespace) -> int:
    """``kgon evidence``."""
    from kgon.experiments.posterior.evidence import sample_evidence as sample

    with workers_of(args) as workers:
        outcome = sample(
            args.features,
            sizes=None if args.n is None else sizes(args.n),
            full=args.full,
            seed=args.seed,
            workers=workers,
            folder=args.out,
            progress=not args.no_progress,
        )
    emit(args, outcome, lambda: str(outcome))
    return DONE
