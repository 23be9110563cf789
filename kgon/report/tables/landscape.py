"""Table of the transitions of the landscape."""

from __future__ import annotations

from kgon.base.table import Column, Table
from kgon.landscape.assembly import example_landscape
from kgon.landscape.graph import LEDGE, WELL, Landscape
from kgon.report.tables.cells import label_tex


def landscape_table(*, c: int = 6, full: bool = False) -> Table:
    """The transitions of c features; the quick landscape, or that of the defaults."""
    return transitions(example_landscape(c, full))


def transitions(found: Landscape) -> Table:
    """Saddles and rims with barriers from both sides, and what is proved."""
    rows = [
        {
            "kind": edge.kind,
            "first": edge.first,
            "second": edge.second,
            "loss": f"{edge.saddle_loss:.8f}",
            "barrier": f"{edge.barrier:.6f}",
            "back": f"{edge.back:.6f}",
            "curvature": "" if edge.curvature is None else f"{edge.curvature:.5f}",
            "length": f"{edge.arc[-1]:.3f}",
            "proof": str(edge.proof),
        }
        for edge in found.edges
    ]
    names = {kind: ", ".join(n.label for n in found.nodes if n.kind == kind) for kind in (WELL, LEDGE)}
    return Table(
        name="landscape",
        title=f"Transitions between minima, r = 2, c = {found.c}: saddles below {found.below:.6g}, and rims",
        columns=[
            Column("kind", "over a"),
            Column("first", "from"),
            Column("second", "to"),
            Column("loss", "L at the top", "$L$ at the top", "r", number=True),
            Column("barrier", "barrier", align="r", number=True),
            Column("back", "barrier back", align="r", number=True),
            Column("curvature", "negative eigenvalue", align="r", number=True),
            Column("length", "length", align="r", number=True),
            Column("proof", "top proved"),
        ],
        rows=rows,
        tex_cells={"first": label_tex, "second": label_tex},
        notes=[
            f"Wells, left only by climbing: {names[WELL]}. Ledges, whose flat set has a rim from which L "
            f"falls: {names[LEDGE]}. Other k-gons are no minima.",
            "Proved: an exact critical point of index 1, or the rim's formula; which minima a saddle joins "
            f"is found by the gradient flow. From {found.starts} random starts and {found.trials} strings "
            "between every two minima: the list is not proved to be complete.",
        ],
    )
