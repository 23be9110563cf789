"""Draw the loss against sampled λ̂ of all 18 k-gons, with the transitions seen in training."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from kgon.experiments.llc.against_loss import LossComplexity, MeasuredPhase, RankTest
from kgon.experiments.training.results import Training
from kgon.experiments.training.runs import observed_transitions
from kgon.report.artefact import figure
from kgon.report.figures.artists import Axes, Figure
from kgon.report.figures.complexity import HOLDS
from kgon.report.figures.layout import Panels, entry, spread
from kgon.report.figures.style import GREY, colour, math_label

GAP = 0.0135
"""Distance of two names, in units of the loss."""

Value = Callable[[MeasuredPhase], float | None]
"""What the loss is held against: λ̂ or λ."""


def losses(ax: Axes, phases: Sequence[MeasuredPhase], value: Value) -> dict[str, tuple[float, float]]:
    """Draw a dot with error bar and name for each k-gon that has a value; return where the dots are."""
    shown = [(x, v) for x in phases if (v := value(x)) is not None]
    values = [v for _, v in shown]
    wide = max(values) - min(values)
    ax.set(xlim=(min(values) - 0.13 * wide, max(values) + 0.33 * wide), ylim=(0.02, 0.375))
    heights = spread([x.loss for x, _ in shown], GAP)
    for (x, at), height in zip(shown, heights, strict=True):
        tint, sampled = colour(x.label), at == x.lambda_hat
        fill = tint if x.health.good or not sampled else "white"
        error = x.stderr if sampled else 0.0
        ax.errorbar(
            at, x.loss, xerr=error or None, color=tint, marker="o", markersize=4.5,
            markerfacecolor=fill, capsize=2, linewidth=0, elinewidth=0.9, zorder=3,
        )  # fmt: skip
        start = at + error + 0.02 * wide
        ax.plot([start, start + 0.05 * wide], [x.loss, height], color=GREY, linewidth=0.5)
        ax.text(start + 0.06 * wide, height, math_label(x.label), va="center", fontsize=8, gid="label")
    return {x.label: (v, x.loss) for x, v in shown}


def transition_lines(
    ax: Axes, places: Mapping[str, tuple[float, float]], transitions: Sequence[tuple[str, str]]
) -> Axes:
    """Draw a line for each transition: green where the loss falls and complexity rises."""
    for first, second in transitions:
        if first in places and second in places:
            (a, high), (b, low) = places[first], places[second]
            holds = high > low and b > a
            ax.plot((a, b), (high, low), linewidth=1.3, zorder=2, gid="transition", **HOLDS[holds])
    return ax


def _ranks(test: RankTest) -> str:
    return (
        rf"$\rho = {test.spearman:.2f}$ ($p = $ {test.spearman_p:.1g}), "
        rf"$\tau = {test.kendall:.2f}$ ($p = $ {test.kendall_p:.1g})"
    )


@figure(name="loss-lambda-hat", fixed=("c",))
def losses_and_complexities(
    loss_lambda_hat: tuple[LossComplexity, LossComplexity], training: Mapping[str, Training]
) -> Figure:
    """Draw the loss against sampled λ̂ of the 18 k-gons, with transitions, beside exact λ.

    The panels: the published settings, chains held by γ = 100, and exact λ.
    """
    short, held = loss_lambda_hat
    transitions = observed_transitions(training.values())
    shown: tuple[tuple[LossComplexity, Value, str, RankTest], ...] = (
        (short, lambda x: x.lambda_hat, r"SGLD as published: $\gamma = 1$, 500 steps", short.sampled),
        (held, lambda x: x.lambda_hat, r"HMC, $\gamma = 100$", held.sampled),
        (held, lambda x: x.lambda_, "exact, local minima only", held.exact),
    )
    panels = Panels(1, 3, size=(3.28, 3.82), gap=(0.34, 0.0), room=(0.63, 0.24, 1.04, 0.34))
    panels.label(rf"$\hat\lambda$ at $n = {short.localiser.n:g}$", "loss $L$")
    panels.axes[0, 2].set_xlabel(r"$\lambda$")
    for ax, (found, value, title, test) in zip(panels.axes[0], shown, strict=True):
        transition_lines(ax, losses(ax, found.phases, value), transitions)
        ax.set_title(title)
        ax.text(0.98, 1.0, _ranks(test), transform=ax.transAxes, ha="right", va="top", fontsize=7.5)
    entries = [
        entry("healthy chains", marker="o"),
        entry("not healthy", marker="o", markerfacecolor="white"),
        entry(r"transition: $L$ falls, complexity rises", linewidth=1.3, **HOLDS[True]),
        entry("transition: not so", linewidth=1.3, **HOLDS[False]),
    ]
    panels.legend(entries, 0.51, 0.2, ncols=4)
    runs = sum(len(found.trajectories) for found in training.values())
    return panels.finished(
        words=rf"population loss, $\beta = 1/\log n = {short.localiser.beta:.3f}$; bars: one standard error; "
        rf"$\rho$, $\tau$: rank correlations of Spearman and Kendall, one-sided $p$; "
        f"transitions: seen in {runs} SGD runs"
    )
