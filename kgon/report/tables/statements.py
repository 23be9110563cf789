"""The table of claims."""

from __future__ import annotations

from collections.abc import Sequence

from kgon.base.table import Column, Table
from kgon.experiments.posterior.evidence import Evidence
from kgon.report.claims.claim import Claim
from kgon.report.claims.theory import evaluate_claims


def claims_table(rows: Sequence[Claim] | None = None, *, evidence: Evidence | None = None) -> Table:
    """The published claims against this package; those on the posterior need sampled evidence."""
    found = evaluate_claims(evidence=evidence) if rows is None else rows
    return Table(
        name="claims",
        size="scriptsize",
        title="Published claims and what this package computes",
        columns=[
            Column("name", "claim", align="p{75mm}"),
            Column("published", "published", align="p{34mm}"),
            Column("ours", "ours", align="p{86mm}"),
            Column("difference", "difference", align="r"),
            Column("verdict", "verdict"),
        ],
        rows=[
            {
                "name": claim.name,
                "published": claim.published,
                "ours": claim.ours,
                "difference": "" if claim.difference is None else f"{claim.difference:.1e}",
                "verdict": str(claim.verdict),
            }
            for claim in found
        ],
        notes=[
            "PROVED: by exact or ball arithmetic. CONFIRMED: holds by its rule in floating point. "
            "REFUTED: the claim fails.",
            "UNDECIDED: this version does not decide it.",
        ],
    )
