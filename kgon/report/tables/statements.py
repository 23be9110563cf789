"""List the claims."""

from __future__ import annotations

from collections.abc import Sequence

from kgon.base.table import Column, Table
from kgon.report.artefact import table
from kgon.report.claims.claim import SECOND_HAND, Claim
from kgon.report.tables.cells import decimal


@table(name="claims")
def claims_table(claims: Sequence[Claim]) -> Table:
    """Hold each published claim against this package (on the posterior: with --evidence)."""
    return Table.of(
        claims,
        [
            Column("name", "claim"),
            Column("published", "published", cell=lambda x: x.quoted),
            Column("ours", "ours"),
            Column("difference", "difference", align="r", cell=lambda x: decimal(x.difference, ".1e")),
            Column("verdict", "verdict"),
        ],
        name="claims",
        size="scriptsize",
        title="Published claims and what this package computes",
        notes=[
            "PROVED: by exact or ball arithmetic. CONFIRMED: holds by its rule in floating point. "
            "REFUTED: the claim fails.",
            "UNDECIDED: this version does not decide it.",
            f"{SECOND_HAND}: the published value was read where others quote it, not in the paper.",
        ],
    )
