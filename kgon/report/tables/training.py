"""List the transitions that SGD makes."""

from __future__ import annotations

from collections.abc import Mapping

from kgon.base.table import Column, Table
from kgon.base.verdicts import KgonError
from kgon.experiments.antecedent import assess_antecedent
from kgon.experiments.training.results import Training, TransitionCount
from kgon.report.artefact import table
from kgon.report.tables.cells import decimal, named, number


def _judged(item: TransitionCount, c: int) -> tuple[str, str]:
    """Verdict of the antecedent hypothesis and its reason, where both are k-gons."""
    try:
        found = assess_antecedent((item.first, item.second), c).transitions[0]
    except KgonError:
        return "", "not both are k-gons of the catalogue"
    return str(found.verdict), found.reason


@table()
def sgd_transitions(training: Mapping[str, Training], c: int = 6) -> Table:
    """List the transitions between plateaus of SGD, judged by the antecedent hypothesis."""
    p = next(iter(training.values())).protocol
    counts = ", ".join(f"{len(found.trajectories)} from {start}" for start, found in training.items())
    others = {point.label: point for found in training.values() for point in found.others}
    return Table.of(
        [(start, x, _judged(x, c)) for start, found in training.items() for x in found.transitions],
        [
            Column("start", "start", cell=lambda item: item[0]),
            named(lambda item: item[1].first, "first", "from"),
            named(lambda item: item[1].second, "second", "to"),
            number("count", "count", "", lambda item: str(item[1].count)),
            number("delta_loss", "ΔL", r"$\Delta L$", lambda item: f"{item[1].delta_loss:.6f}"),
            Column(
                "delta_lambda", "Δλ", r"$\Delta\lambda$", "r",
                cell=lambda item: decimal(item[1].delta_lambda) or "undefined",
            ),
            Column("verdict", "ΔL < 0 < Δλ", r"$\Delta L < 0 < \Delta\lambda$", cell=lambda item: item[2][0]),
            Column("reason", "reason", cell=lambda item: item[2][1]),
        ],
        name="sgd-transitions",
        title=f"Transitions between the plateaus of SGD, c = {c}",
        caption=f"Transitions between the plateaus of SGD, $c = {c}$",
        notes=[
            f"n = {p['n']}, batch {p['batch']}, learning rate {p['learning_rate']}, {p['epochs']} epochs; "
            f"runs: {counts}. λ is undefined where a point is no local minimum or no k-gon.",
            *(
                f"{point.headline()}; {point.above:+.2g} from the level of {point.level}"
                for point in others.values()
            ),
        ],
    )  # fmt: skip
