"""List the events of branches over the importance of the last feature."""

from __future__ import annotations

from collections.abc import Sequence

from kgon.base.table import Column, Table
from kgon.branches.atlas import LIMITS
from kgon.branches.results import BranchEvent, KgonBranch
from kgon.report.artefact import table
from kgon.report.studies import BranchAt
from kgon.report.tables.cells import named

Entry = tuple[KgonBranch, str, BranchEvent | None, bool]
"""A branch, a kind of event, the event, and whether the lowest loss changes hands there."""


def _loss(entry: Entry) -> str:
    branch, _, event, _ = entry
    low, high = branch.losses.min(), branch.losses.max()
    return f"{low:.6f} to {high:.6f}" if event is None else f"{event.loss:.8f}"


def _what(entry: Entry) -> str:
    """What changes at an event; its status says whether that is proved."""
    _, _, event, lowest = entry
    change = "" if event is None or event.what is None else event.what.headline()
    return change + ("; the lowest loss changes hands" if lowest else "")


@table(name="branches")
def events_of_branches(
    branches: Sequence[KgonBranch],
    maxwell_points: Sequence[BranchAt],
    exchanges: Sequence[BranchAt],
    c: int = 6,
) -> Table:
    """List the events of every k-gon over the importance of the last feature: folds, equal losses, …"""
    lowest = {(branch.kgon, branch.role, event.parameter, event.loss) for branch, event in exchanges}
    entries: list[Entry] = []
    for branch in branches:
        events: list[Entry] = [(branch, event.kind, event, False) for event in branch.events]
        entries += events or [(branch, "no event", None, False)]
    entries += [
        (branch, "maxwell", event, (branch.kgon, branch.role, event.parameter, event.loss) in lowest)
        for branch, event in maxwell_points
    ]
    return Table.of(
        entries,
        [
            named(lambda x: str(x[0].kgon), heading="k-gon"),
            Column("role", f"column {c - 1}", cell=lambda x: x[0].role),
            Column("kind", "event", cell=lambda x: x[1]),
            Column("parameter", "importance", align="r", cell=lambda x: x[2].digits if x[2] else ""),
            Column("loss", "L", "$L$", "r", cell=_loss),
            Column("status", "status", cell=lambda x: x[2].status if x[2] else ""),
            Column("what", "what", cell=_what),
        ],
        name="branches",
        title=f"Branches over importance[{c - 1}] = {LIMITS[0]:g} to {LIMITS[1]:g}, c = {c}",
        caption=f"Branches over the importance of feature {c - 1}, $c = {c}$",
        notes=[
            "4-gons stay where they are (exact arithmetic); the others are followed by pseudo-arclength.",
            "converged: located in floating point to 1e-10; proved: enclosed by Krawczyk's theorem or exact "
            "arithmetic.",
        ],
    )
