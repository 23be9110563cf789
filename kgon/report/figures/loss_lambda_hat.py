"""Draw the loss against sampled λ̂ of all 18 k-gons, with the transitions seen in training."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from kgon.base.checks import Floats
from kgon.experiments.llc.against_loss import LossComplexity, MeasuredPhase, RankTest
from kgon.experiments.training.results import Training, TrainingRun
from kgon.kgons.names import parse_known
from kgon.report.artefact import figure
from kgon.report.figures.artists import Axes, Figure
from kgon.report.figures.complexity import HOLDS, PLATE, Place, Places, draw_transition, transition_counts
from kgon.report.figures.layout import Panels, entry, level_lines, per_inch
from kgon.report.figures.style import MARKERS, Style, colour, marker, math_label
from kgon.sampling.sgd import Trajectory

Value = Callable[[MeasuredPhase], float | None]
"""What the loss is held against: λ̂ or λ."""
Counts = Mapping[tuple[str, str], int]
"""How often each transition was seen."""


def levels(ax: Axes, phases: Sequence[MeasuredPhase], *, names: bool) -> Axes:
    """Draw a grey line at the loss of each k-gon, with its name right of the axes if asked for."""
    ax.set_ylim(0.02, 0.36)
    found = [(math_label(x.label), x.loss, colour(x.label)) for x in phases]
    level_lines(ax, found, names=names, at=1.05, linewidth=0.6, zorder=0)
    return ax


def losses(ax: Axes, phases: Sequence[MeasuredPhase], value: Value) -> dict[str, Place]:
    """Draw a dot with error bar for each k-gon that has a value; return where the dots are."""
    shown = [(x, v) for x in phases if (v := value(x)) is not None]
    values = [v for _, v in shown]
    wide = max(values) - min(values)
    ax.set_xlim(min(values) - 0.15 * wide, max(values) + 0.1 * wide)
    for x, at in shown:
        tint, sampled = colour(x.label), at == x.lambda_hat
        ax.errorbar(
            at, x.loss, xerr=x.stderr if sampled else None, color=tint, marker=marker(parse_known(x.label)),
            markersize=5.5, markerfacecolor=tint if x.health.good or not sampled else "white", capsize=2,
            linewidth=0, elinewidth=0.9, zorder=3,
        )  # fmt: skip
    return {x.label: (v, x.loss) for x, v in shown}


def transition_arrows(ax: Axes, counts: Counts, places: Places) -> Axes:
    """Draw an arrow for each transition whose ends have a place, and how often it was seen."""
    arrow: Style = {"linewidth": 1.1, "shrinkA": 3, "shrinkB": 3}
    words: Style = {"fontsize": 7.5, "zorder": 4, "bbox": PLATE | {"pad": 0.4}}
    taken = [np.array(place) for place in places.values()]
    for (first, second), count in counts.items():
        if first in places and second in places:
            ends = places[first], places[second]
            at = _free(ax, np.array(ends[0]), np.array(ends[1]), taken)
            taken.append(at)
            draw_transition(ax, ends, count, (float(at[0]), float(at[1])), arrow, words)
    return ax


def _free(ax: Axes, start: Floats, end: Floats, taken: Sequence[Floats]) -> Floats:
    """Choose the place along an arrow that is farthest from dots and counts, in inches on the page."""
    among = [start + part * (end - start) for part in np.linspace(0.25, 0.75, 11)]
    return max(among, key=lambda at: min(float(np.hypot(*((at - x) / per_inch(ax)))) for x in taken))


def _ranks(test: RankTest) -> str:
    return (
        rf"$\rho = {test.spearman:.2f}$ ($p = $ {test.spearman_p:.1g}), "
        rf"$\tau = {test.kendall:.2f}$ ($p = $ {test.kendall_p:.1g})"
    )


@figure(
    name="loss-lambda-hat",
    fixed=("c", "label"),
    shows="The loss of the catalogued k-gons against λ̂ by the published chains, by chains held near their "
    "point, and against the exact λ, with the transitions seen in training.",
    seen="With both estimates lower loss goes with higher complexity; estimates below zero show chains "
    "that slid to a lower loss.",
    unseen="A value that a published chain can be trusted for: hollow points are chains that failed their "
    "checks.",
)
def losses_and_complexities(
    loss_lambda_hat: tuple[LossComplexity, LossComplexity],
    training: Mapping[str, Training],
    example_run: tuple[TrainingRun, Trajectory],
) -> Figure:
    """Draw the loss against sampled λ̂ of the 18 k-gons, with the transitions seen and their counts.

    The panels: the published settings, chains held by γ = 100, and exact λ.
    """
    short, held = loss_lambda_hat
    counts = transition_counts(training, example_run[0])
    shown: tuple[tuple[LossComplexity, Value, str, RankTest], ...] = (
        (short, lambda x: x.lambda_hat, r"SGLD as published: $\gamma = 1$, 500 steps", short.sampled),
        (held, lambda x: x.lambda_hat, r"HMC, $\gamma = 100$", held.sampled),
        (held, lambda x: x.lambda_, "exact, local minima only", held.exact),
    )
    panels = Panels(1, 3, size=(3.1, 4.3), gap=(0.2, 0.0), room=(0.63, 0.85, 1.24, 0.34))
    panels.label(rf"$\hat\lambda$ at $n = {short.localiser.n:g}$", "loss $L$", shared=True)
    panels.axes[0, 2].set_xlabel(r"$\lambda$")
    for ax, (found, value, title, test) in zip(panels.axes[0], shown, strict=True):
        levels(ax, found.phases, names=ax is panels.axes[0, -1])
        transition_arrows(ax, counts, losses(ax, found.phases, value))
        ax.set_title(title)
        ax.text(0.03, 0.02, _ranks(test), transform=ax.transAxes, fontsize=7.5)
    entries = [
        *(entry(rf"$\sigma = {k}$", marker=x, markersize=5.5) for k, x in enumerate(MARKERS)),
        entry("filled: healthy chains, or exact", marker="o"),
        entry("hollow: not healthy", marker="o", markerfacecolor="white"),
        entry(r"transition: complexity rises", linewidth=1.3, **HOLDS[True]),
        entry("transition: it does not rise", linewidth=1.3, **HOLDS[False]),
    ]
    panels.legend(entries, 0.51, 0.24, ncols=4)
    runs = sum(len(found.trajectories) for found in training.values()) + 1
    return panels.finished(
        words=rf"population loss, $\beta = 1/\log n = {short.localiser.beta:.3f}$; bars: one standard error; "
        rf"$\rho$, $\tau$: rank correlations of Spearman and Kendall, one-sided $p$; "
        f"transitions: in {runs} SGD runs, that of the stages among them"
    )
