"""Branches over the importance of the last feature: their events."""

from __future__ import annotations

from collections.abc import Sequence

from kgon.base.table import Column, Table, tex
from kgon.branches.atlas import LIMITS
from kgon.branches.results import BranchEvent, KgonBranch
from kgon.report.artefact import table
from kgon.report.studies import BranchAt


def _row(branch: KgonBranch, kind: str, event: BranchEvent | None, lowest: bool = False) -> dict[str, str]:
    row = {
        "label": str(branch.kgon),
        "role": branch.role,
        "kind": kind,
        tex("label"): f"${branch.kgon.latex}$",
    }
    if event is None:
        low, high = branch.losses.min(), branch.losses.max()
        return {**row, "what": "", "parameter": "", "loss": f"{low:.6f} to {high:.6f}", "status": ""}
    change = "" if event.what is None else event.what.headline()  # the status says whether it is proved
    what = change + ("; the lowest loss changes hands" if lowest else "")
    return {
        **row, "what": what, "parameter": event.digits, "loss": f"{event.loss:.8f}",
        "status": event.status,
    }  # fmt: skip


@table(name="branches")
def events_of_branches(
    branches: Sequence[KgonBranch],
    maxwell_points: Sequence[BranchAt],
    exchanges: Sequence[BranchAt],
    c: int = 6,
) -> Table:
    """List the events of every k-gon over the importance of the last feature: folds, equal losses, …"""
    lowest = {id(event) for _, event in exchanges}
    rows = []
    for branch in branches:
        events = [_row(branch, event.kind, event) for event in branch.events]
        rows += events or [_row(branch, "no event", None)]
    rows += [_row(branch, "maxwell", event, id(event) in lowest) for branch, event in maxwell_points]
    return Table(
        name="branches",
        title=f"Branches over importance[{c - 1}] = {LIMITS[0]:g} to {LIMITS[1]:g}, c = {c}",
        caption=f"Branches over the importance of feature {c - 1}, $c = {c}$",
        columns=[
            Column("label", "k-gon"),
            Column("role", f"column {c - 1}"),
            Column("kind", "event"),
            Column("parameter", "importance", align="r"),
            Column("loss", "L", "$L$", "r"),
            Column("status", "status"),
            Column("what", "what"),
        ],
        rows=rows,
        notes=[
            "4-gons stay where they are (exact arithmetic); the others are followed by pseudo-arclength.",
            "converged: located in floating point to 1e-10; proved: enclosed by Krawczyk's theorem or exact "
            "arithmetic.",
        ],
    )
