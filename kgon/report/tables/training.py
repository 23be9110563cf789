"""Transitions that SGD makes."""

from __future__ import annotations

from collections.abc import Sequence

from kgon.base.table import Column, Table
from kgon.base.verdicts import KgonError
from kgon.experiments.antecedent import assess_antecedent
from kgon.experiments.training.results import Training, TransitionCount
from kgon.experiments.training.runs import example_training
from kgon.report.tables.cells import label_tex, lambda_text


def _judged(item: TransitionCount, c: int) -> tuple[str, str]:
    """Verdict of the antecedent hypothesis and its reason, where both are k-gons."""
    try:
        found = assess_antecedent((item.first, item.second), c).transitions[0]
    except KgonError:
        return "", "not both are k-gons of the catalogue"
    return str(found.verdict), found.reason


def _rows(start: str, training: Training) -> list[dict[str, str]]:
    rows = []
    for item in training.transitions:
        verdict, reason = _judged(item, training.c)
        rows.append(
            {
                "start": start,
                "first": item.first,
                "second": item.second,
                "count": str(item.count),
                "delta_loss": f"{item.delta_loss:.6f}",
                "delta_lambda": lambda_text(item.delta_lambda) or "undefined",
                "verdict": verdict,
                "reason": reason,
            }
        )
    return rows


def sgd_transitions_table(*, c: int = 6, full: bool | None = None) -> Table:
    """Transitions between plateaus of SGD runs by the published protocol, judged by the hypothesis."""
    runs = {start: training for start, (training, _) in example_training(c, bool(full)).items()}
    p = next(iter(runs.values())).protocol
    return Table(
        name="sgd-transitions",
        title=f"Transitions between the plateaus of SGD, c = {c}",
        caption=f"Transitions between the plateaus of SGD, $c = {c}$",
        columns=[
            Column("start", "start"),
            Column("first", "from"),
            Column("second", "to"),
            Column("count", "count", align="r", number=True),
            Column("delta_loss", "ΔL", r"$\Delta L$", "r", number=True),
            Column("delta_lambda", "Δλ", r"$\Delta\lambda$", "r"),
            Column("verdict", "ΔL < 0 < Δλ", r"$\Delta L < 0 < \Delta\lambda$"),
            Column("reason", "reason"),
        ],
        rows=[row for start, training in runs.items() for row in _rows(start, training)],
        tex_cells={"first": label_tex, "second": label_tex},
        notes=_notes(runs, p),
    )


def _notes(runs: dict[str, Training], p: dict[str, float]) -> Sequence[str]:
    counts = ", ".join(f"{len(training.trajectories)} from {start}" for start, training in runs.items())
    others = {point.label: point for training in runs.values() for point in training.others}
    return [
        f"n = {p['n']}, batch {p['batch']}, learning rate {p['learning_rate']}, {p['epochs']} epochs; runs: "
        f"{counts}. λ is undefined where a point is no local minimum or no k-gon.",
        *(
            f"{point.headline()}; {point.above:+.2g} from the level of {point.level}"
            for point in others.values()
        ),
    ]
