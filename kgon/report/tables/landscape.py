"""List the transitions of the landscape."""

from __future__ import annotations

from kgon.base.table import Column, Table
from kgon.kgons.labels import Label
from kgon.landscape.graph import LEDGE, WELL, Landscape, Node
from kgon.report.artefact import table
from kgon.report.tables.cells import decimal, named, number


@table(name="landscape")
def saddles_and_rims(landscape: Landscape) -> Table:
    """List the transitions between the minima: saddles and rims, with barriers from both sides."""
    found = landscape
    stacked = "%s %s" if found.tms.equal else r"\shortstack{%s\\%s}"  # words in names leave less room
    back, negative = stacked % ("barrier", "back"), stacked % ("negative", "eigenvalue")
    names = {kind: ", ".join(_said(n) for n in found.nodes if n.kind == kind) for kind in (WELL, LEDGE)}
    return Table.of(
        found.edges,
        [
            Column("kind", "over a"),
            named(lambda x: x.first, "first", "from"),
            named(lambda x: x.second, "second", "to"),
            number("loss", "L at the top", "$L$ at the top", lambda x: f"{x.saddle_loss:.8f}"),
            number("barrier", "barrier", "", lambda x: f"{x.barrier:.6f}"),
            number("back", "barrier back", back, lambda x: f"{x.back:.6f}"),
            number("curvature", "negative eigenvalue", negative, lambda x: decimal(x.curvature, ".5f")),
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
            *_of_weights(found),
        ],
    )


def _said(node: Node) -> str:
    """The label, with the columns that play its parts in parentheses."""
    name = node.name
    return f"{name.label} ({name.words})" if isinstance(name, Label) and name.words else node.label


def _of_weights(found: Landscape) -> list[str]:
    """What names mean where weights are unequal, and which points have none, or there are not."""
    if found.tms.equal:
        return []
    return [
        "A label is where the branch of the k-gon leads from equal importances and probabilities; of columns "
        "of the same weight one arrangement stands for all. Where a branch leads or ends is found in "
        "floating point.",
        *(f"{x.label} has no name: {x.unnamed}" for x in found.nodes if x.unnamed),
        *(f"No {x.label}: {x.reason}" for x in found.missing or ()),
    ]
