"""Commands on k-gons, certificates, tables and figures."""

from __future__ import annotations

import argparse

from kgon.cli.outcome import DONE, REFUTED, emit, point_of
from kgon.cli.values import vertices


def catalogue(args: argparse.Namespace) -> int:
    """``kgon catalogue``."""
    from kgon.kgons.catalogue import Catalogue
    from kgon.report import tables

    emit(
        args,
        list(Catalogue(args.features)) if args.json else None,
        lambda: tables.make_table("catalogue", c=args.features).render(args.format),
    )
    return DONE


def verify(args: argparse.Namespace) -> int:
    """``kgon verify``."""
    from kgon.proofs import verification

    tms, W, b, _ = point_of(args)
    args.features = tms.c
    outcome = verification.verify(W, b, tms=tms, tol=args.tol, source=args.point)
    emit(args, outcome, lambda: str(outcome))
    return DONE if outcome.critical.holds else REFUTED


def exact(args: argparse.Namespace) -> int:
    """``kgon exact``."""
    from kgon.kgons.algebraic import exact

    outcome = exact(args.label, args.features)
    emit(args, outcome, lambda: str(outcome))
    return DONE


def exists(args: argparse.Namespace) -> int:
    """``kgon exists``."""
    from kgon.base.verdicts import Verdict
    from kgon.kgons.existence import prove_existence
    from kgon.report.tables import points

    found = [prove_existence(k) for k in vertices(args.k)]
    emit(args, found, lambda: points.existence_table(found).text())
    return DONE if Verdict.joint(item.exists for item in found).holds else REFUTED
