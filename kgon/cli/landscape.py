"""Commands on the landscape: critical points found, saddles and paths."""

from __future__ import annotations

from typing import Any

import kgon.landscape
from kgon import potential
from kgon.cli.option import integer, number
from kgon.cli.options import formats, kept, model, seed, work
from kgon.cli.outcome import Outcome
from kgon.cli.registry import command


@command("landscape", args=[
    *model(), integer("--starts", "random starts of the search (default 20000)"),
    integer("--trials", "strings between every two minima (default 3)"),
    number("--below", "largest loss of a saddle (default that of the 4-gon)"),
    kept("finished work, and landscape.json,"), seed(), *work(), formats(),
])  # fmt: skip
def landscape(c: potential.TMS, **how: Any) -> Outcome:
    """Find minima, transition states and the paths of least energy between them."""
    from kgon.report.tables import make_table

    found = kgon.landscape.loss_landscape(c, **how)
    return Outcome.of(found, tabulate=lambda: make_table("landscape", landscape=found))


@command("search", args=[
    integer("--starts", "how many starts", required=True),
    integer("-r --hidden", "hidden dimensions", 2, keyword=""),
    *model(integer("-c --features", "number of features", 6, keyword="c")),
    number("--below", "keep points of lower loss only, such as 1/9"),
    kept("finished chunks of starts"), seed(), *work(), formats(),
])  # fmt: skip
def search(c: potential.TMS, **how: Any) -> Outcome:
    """Find critical points of any index from random starts."""

    found = kgon.landscape.search_critical_points(c, **how)
    table = found.table()
    return Outcome.in_table(found.points, table, told=[table.title, *table.notes])
