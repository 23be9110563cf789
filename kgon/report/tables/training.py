"""List the transitions that SGD and other optimisers make."""

from __future__ import annotations

from collections.abc import Mapping

from kgon.base.table import Column, Table
from kgon.base.verdicts import KgonError
from kgon.experiments.antecedent import assess_antecedent
from kgon.experiments.training.rates import pairs_of
from kgon.experiments.training.rates import transition_rates as rates_of
from kgon.experiments.training.results import Training, TransitionCount
from kgon.numerics.exact_intervals import LEVEL
from kgon.potential.model import TMS
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
            f"{_runs_of(training)}. λ is undefined where a point is no local minimum or no k-gon.",
            *(
                f"{point.headline()}; {point.above:+.2g} from the level of {point.level}"
                for point in others.values()
            ),
        ],
    )  # fmt: skip


@table(slow=True)
def transition_rates(optimisers: Mapping[str, Mapping[str, Training]], c: int = 6) -> Table:
    """Bound how often each optimiser makes each transition, seen or never seen."""
    runs = {
        method: [run for found in kinds.values() for run in found.trajectories]
        for method, kinds in optimisers.items()
    }
    pairs = dict.fromkeys(pair for found in runs.values() for pair in pairs_of(found, TMS(c)))
    rates = [(method, x) for pair in pairs for method in runs for x in rates_of(runs[method], [pair])]
    return Table.of(
        rates,
        [
            Column("method", "optimiser", cell=lambda item: item[0]),
            named(lambda item: item[1].first, "first", "from"),
            named(lambda item: item[1].second, "second", "to"),
            number("runs", "runs there", "", lambda item: str(item[1].runs)),
            number("moved", "moved", "", lambda item: str(item[1].moved)),
            Column("chance", "chance", cell=lambda item: item[1].bounds),
            Column("rate", "per million steps", cell=lambda item: item[1].per_million),
        ],
        name="transition-rates",
        title=f"Transitions between plateaus by optimiser, with bounds at {LEVEL:.0%}, c = {c}",
        caption=rf"Transitions between plateaus by optimiser, with bounds at {100 * LEVEL:g}\,\%, $c = {c}$",
        notes=[
            "Runs that rested at the first point, and how many of them went to the second next; of runs on "
            "the same samples, which start elsewhere, one. Chance of that, for a run that rests there: exact "
            "(Clopper and Pearson). Rate: exact if it is constant "
            "(Garwood). A transition that was never seen is not impossible.",
            *(
                f"{method}: {next(iter(kinds.values())).optimiser}; {_runs_of(kinds)}."
                for method, kinds in optimisers.items()
            ),
        ],
    )


def _runs_of(kinds: Mapping[str, Training]) -> str:
    """By which protocol runs were trained, and how many from each kind of start."""
    p = next(iter(kinds.values())).protocol
    counts = ", ".join(f"{len(found.trajectories)} from {start}" for start, found in kinds.items())
    return (
        f"n = {p['n']}, batch {p['batch']}, learning rate {p['learning_rate']}, "
        f"{p['epochs']} epochs; runs: {counts}"
    )
