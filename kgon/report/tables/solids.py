"""List the regular configurations of three hidden dimensions."""

from __future__ import annotations

from collections.abc import Sequence

from kgon.base.table import Column, Table
from kgon.landscape.solids import Solid
from kgon.report.artefact import table
from kgon.report.tables.cells import decimal, number


@table(name="solids")
def regular_configurations(solids: Sequence[Solid]) -> Table:
    """List the regular configurations of r = 3 for c ≤ 12, with point group, contacts, loss, kind and λ."""
    return Table.of(
        solids,
        [
            Column("c", "c", "$c$", "r", cell=lambda x: str(len(x.b))),
            Column("name", "configuration"),
            Column("group", "group"),
            Column("contacts", "contacts", align="r", cell=lambda x: str(x.contacts)),
            Column("degrees", "of each column", cell=lambda x: x.degrees if x.contacts else ""),
            number("loss", "L", "$L$", lambda x: f"{x.loss:.10f}"),
            Column("kind", "proved to be"),
            number("lambda", "λ", r"$\lambda$", lambda x: decimal(x.verification.lambda_)),
        ],
        name="solids",
        title=f"Regular configurations of r = 3, c = {len(solids[0].b)} to {len(solids[-1].b)}",
        caption=rf"Regular configurations of $r = 3$, $c = {len(solids[0].b)}$ to {len(solids[-1].b)}",
        notes=[
            "Every row is an exact critical point, proved, and so is what it is: a minimum modulo O(3), or a "
            "saddle of this index. Critical: whether it is a minimum is not proved.",
            "+: one column with W_j = 0, b_j = 1/(2c). Further columns may be dead. Each adds 1/3 to c·L and "
            "to λ 3/2 where L is 0 without it (its W_j = 0 is held), else nothing.",
            "Contacts: pairs of which one's input switches the other's output on; 4^8: eight columns with 4.",
            "λ: where the point is proved a minimum and its set of equal loss is known.",
        ],
    )
