"""Loss against sampled λ̂ of all 18 k-gons, with the transitions seen in training, beside exact λ."""

from __future__ import annotations

from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from kgon.experiments.llc.against_loss import LossComplexity, MeasuredPhase, RankTest, measure_loss_lambda_hat
from kgon.experiments.llc.settings import HMC, QUICK_HMC, Localiser
from kgon.experiments.training.runs import observed_transitions
from kgon.kgons.labels import Label
from kgon.report.figures import Options
from kgon.report.figures.style import GREY, INK, NEGATIVE, POSITIVE, colour, math_label, new_figure, spread

GAP = 0.0135
"""Distance of two names, in units of the loss."""


def phases(ax: Axes, found: LossComplexity, value: Callable[[MeasuredPhase], float | None]) -> Axes:
    """A dot with its error bar and name for each k-gon that has a value, and a line for each transition."""
    shown = [(x, v) for x in found.phases if (v := value(x)) is not None]
    values = [v for _, v in shown]
    wide = max(values) - min(values)
    ax.set(xlim=(min(values) - 0.13 * wide, max(values) + 0.33 * wide), ylim=(0.02, 0.375))
    heights = spread([x.loss for x, _ in shown], GAP)
    for (x, at), height in zip(shown, heights, strict=True):
        label, sampled = Label.parse(x.label), at == x.lambda_hat
        good = x.health.good or not sampled
        ax.errorbar(
            at, x.loss, xerr=x.stderr if sampled else None, color=colour(label), marker="o", markersize=4.5,
            markerfacecolor=colour(label) if good else "white", capsize=2, linewidth=0, elinewidth=0.9,
            zorder=3,
        )  # fmt: skip
        start = at + (x.stderr if sampled else 0.0) + 0.02 * wide
        ax.plot([start, start + 0.05 * wide], [x.loss, height], color=GREY, linewidth=0.5)
        ax.text(start + 0.06 * wide, height, math_label(label), va="center", fontsize=8, gid="label")
    places = {x.label: (v, x.loss) for x, v in shown}
    for first, second in found.transitions:
        if first in places and second in places:
            (a, high), (b, low) = places[first], places[second]
            ax.plot(
                (a, b), (high, low), color=POSITIVE if high > low and b > a else NEGATIVE, linewidth=1.3,
                linestyle="-" if high > low and b > a else (0, (4, 2)), zorder=2, gid="transition",
            )  # fmt: skip
    return ax


def _ranks(test: RankTest) -> str:
    return (
        rf"$\rho = {test.spearman:.2f}$ ($p = $ {test.spearman_p:.1g}), "
        rf"$\tau = {test.kendall:.2f}$ ($p = $ {test.kendall_p:.1g})"
    )


def build(options: Options) -> Figure:
    """The published settings, chains held by γ = 100, and exact λ."""
    pairs, runs = observed_transitions(full=options.full)
    short = measure_loss_lambda_hat(transitions=pairs)
    sampler = HMC if options.full else QUICK_HMC
    held = measure_loss_lambda_hat(sampler, Localiser(n=short.n, gamma=100.0), transitions=pairs)
    figure = new_figure(11.4, 5.2)
    panels = (
        (short, lambda x: x.lambda_hat, r"SGLD as published: $\gamma = 1$, 500 steps", short.sampled),
        (held, lambda x: x.lambda_hat, r"HMC, $\gamma = 100$", held.sampled),
        (held, lambda x: x.lambda_, "exact, local minima only", held.exact),
    )
    for k, (found, value, title, test) in enumerate(panels):
        ax = figure.add_axes((0.055 + 0.318 * k, 0.2, 0.288, 0.735))
        phases(ax, found, value)
        ax.set_title(title)
        ax.set_xlabel(rf"$\hat\lambda$ at $n = {found.n:g}$" if k < 2 else r"$\lambda$")
        ax.text(0.98, 1.0, _ranks(test), transform=ax.transAxes, ha="right", va="top", fontsize=7.5)
        if k == 0:
            ax.set_ylabel("loss $L$")
    handles = [
        Line2D([], [], color=INK, marker="o", linewidth=0, label="healthy chains"),
        Line2D([], [], color=INK, marker="o", markerfacecolor="white", linewidth=0, label="not healthy"),
        Line2D([], [], color=POSITIVE, linewidth=1.3, label=r"transition: $L$ falls, complexity rises"),
        Line2D([], [], color=NEGATIVE, linewidth=1.3, linestyle=(0, (4, 2)), label="transition: not so"),
    ]
    figure.legend(handles=handles, loc="lower left", bbox_to_anchor=(0.045, 0.035), ncols=4)
    figure.text(
        0.015, 0.02,
        rf"population loss, $\beta = 1/\log n = {short.beta:.3f}$; bars: one standard error; $\rho$, $\tau$: "
        rf"rank correlations of Spearman and Kendall, one-sided $p$; transitions: seen in {runs} SGD runs",
        fontsize=8.5,
    )  # fmt: skip
    return figure
