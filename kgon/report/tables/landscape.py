"""List the transitions of the landscape."""

from __future__ import annotations

from kgon.base.table import Column, Table
from kgon.landscape.graph import LEDGE, WELL, Landscape
from kgon.report.artefact import table
from kgon.report.tables.cells import decimal, named, number


@table(name="landscape")
def saddles_and_rims(landscape: Landscape) -> Table:
    """List the transitions between the minima: saddles and rims, with barriers from both sides."""
    found = landscape
    names = {kind: ", ".join(n.label for n in found.nodes if n.kind == kind) for kind in (WELL, LEDGE)}
    return Table.of(
        found.edges,
        [
            Column("kind", "over a"),
            named(lambda x: x.first, "first", "from"),
            named(lambda x: x.second, "second", "to"),
            number("loss", "L at the top", "$L$ at the top", lambda x: f"{x.saddle_loss:.8f}"),
            number("barrier", "barrier", "", lambda x: f"{x.barrier:.6f}"),
            number("back", "barrier back", "", lambda x: f"{x.back:.6f}"),
            number("curvature", "negative eigenvalue", "", lambda x: decimal(x.curvature, ".5f")),
            number("length", "length", "", lambda x: f"{x.arc[-1]:.3f}"),
            Column("proof", "top proved"),
        ],
        name="landscape",
        title=f"Transitions between minima, r = 2, c = {found.c}: saddles below {found.below:.6g}, and rims",
        notes=[
            *map(": ".join, found.unusual()),
            f"Wells, left only by climbing: {names[WELL]}. Ledges, whose flat set has a rim from which L "
            f"falls: {names[LEDGE]}. Other k-gons are no minima.",
            "Proved: an exact critical point of index 1, or the rim's formula; which minima a saddle joins "
            f"is found by the gradient flow. From {found.starts} random starts and {found.trials} strings "
            "between every two minima: the list is not proved to be complete.",
        ],
    )
