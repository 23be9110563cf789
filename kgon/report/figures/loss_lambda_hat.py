"""Draw the loss against sampled λ̂ of all 18 k-gons, with the transitions seen in training."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from kgon.base.checks import Floats
from kgon.base.verdicts import Verdict
from kgon.experiments.llc.against_loss import LossComplexity, MeasuredPhase, RankTest
from kgon.experiments.llc.settings import SGLD
from kgon.experiments.training.results import Training, TrainingRun
from kgon.kgons.names import parse_known
from kgon.report.artefact import figure
from kgon.report.figures.artists import Axes, Figure
from kgon.report.figures.complexity import HOLDS, PLATE, Place, Places, draw_transition, transition_counts
from kgon.report.figures.layout import entry, level_lines, per_inch
from kgon.report.figures.panels import make_panels
from kgon.report.figures.style import MARKERS, Style, colour, marker, math_power, name_text
from kgon.sampling.sgd import Trajectory

Value = Callable[[MeasuredPhase], float | None]
"""What the loss is held against: λ̂ or λ."""
BEND = 0.12
"""How far arrows that share an end are bent, in parts of their length."""
Counts = Mapping[tuple[str, str], int]
"""How often each transition was seen."""


def levels(ax: Axes, phases: Sequence[MeasuredPhase], *, names: bool) -> Axes:
    """Draw a grey line at the loss of each k-gon, with its name right of the axes if asked for."""
    ax.set_ylim(0.0, 0.36)
    found = [(name_text(x.label), x.loss, colour(x.label)) for x in phases]
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
    shown = [pair for pair in counts if places.keys() >= set(pair)]
    words: Style = {"fontsize": 8, "zorder": 4, "bbox": PLATE | {"pad": 0.4}}
    taken = [np.array(place) for place in places.values()]
    for pair in shown:
        ends, bend = (places[pair[0]], places[pair[1]]), _bend(pair, shown, places)
        at = _free(ax, ends, bend, taken)
        taken.append(at)
        bent = arrow | {"connectionstyle": f"arc3,rad={bend}"}
        draw_transition(ax, ends, counts[pair], (float(at[0]), float(at[1])), bent, words)
    return ax


def _bend(pair: tuple[str, str], among: Sequence[tuple[str, str]], places: Places) -> float:
    """Choose how far an arrow is bent, away from those that share its start or its end."""
    beside = [x for x in among if x[0] == pair[0] or x[1] == pair[1]]
    beside.sort(key=lambda x: places[x[0]][0] - places[x[1]][0])
    return BEND * (2 * beside.index(pair) / (len(beside) - 1) - 1) if len(beside) > 1 else 0.0


def _free(ax: Axes, ends: tuple[Place, Place], bend: float, taken: Sequence[Floats]) -> Floats:
    """Choose the place along an arrow that is farthest from dots and counts, in inches on the page."""
    inch = np.array(per_inch(ax))
    start, end = (np.array(x) / inch for x in ends)
    across = bend * np.array([[0.0, 1.0], [-1.0, 0.0]]) @ (end - start)
    among = [start + t * (end - start) + 2 * t * (1 - t) * across for t in np.linspace(0.25, 0.75, 11)]
    best: Floats = max(among, key=lambda at: min(float(np.hypot(*(at - x / inch))) for x in taken))
    return inch * best


def rank_words(test: RankTest) -> str:
    """Write the rank correlations, and whether they count: not where λ̂ is not healthy."""
    found = (("rho", test.spearman, test.spearman_p), ("tau", test.kendall, test.kendall_p))
    lines = [rf"$\{name} = {value:.2f}$ ($p = {math_power(p)}$)" for name, value, p in found]
    lines += ["undecided: some are not healthy"] * (test.verdict is Verdict.UNDECIDED)
    return "\n".join(lines)


@figure(
    name="loss-lambda-hat",
    fixed=("c", "label"),
    shows="The loss of the catalogued k-gons against λ̂ by short chains, as published along training, by "
    "chains held near their point, and against the exact λ, with the transitions seen in training.",
    seen="With both estimates lower loss goes with higher complexity; estimates below zero show chains "
    "that slid to a lower loss.",
    unseen="Values to trust: hollow points are chains that failed their checks, and the rank statistics of "
    "such points decide nothing.",
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
        (
            short,
            lambda x: x.lambda_hat,
            rf"SGLD, $\gamma = {short.localiser.gamma:g}$, {SGLD.steps} steps",
            short.sampled,
        ),
        (held, lambda x: x.lambda_hat, rf"HMC, $\gamma = {held.localiser.gamma:g}$", held.sampled),
        (held, lambda x: x.lambda_, "exact, local minima only", held.exact),
    )
    panels = make_panels(1, 3, stacks=False, size=(2.45, 4.3), gap=(0.2, 0.0), room=(0.63, 0.85, 1.42, 0.65))
    panels.label(rf"$\hat\lambda$ at $n = {short.localiser.n:g}$", "loss $L$", shared=True)
    panels.axes[0, 2].set_xlabel(r"$\lambda$")
    for ax, (found, value, title, test) in zip(panels.axes[0], shown, strict=True):
        levels(ax, found.phases, names=panels.ends_row(ax))
        transition_arrows(ax, counts, losses(ax, found.phases, value))
        ax.set_title(title)
        ax.text(0.03, 0.02, rank_words(test), transform=ax.transAxes, fontsize=8)
    entries = [
        *(entry(rf"$\sigma = {k}$", marker=x, markersize=5.5) for k, x in enumerate(MARKERS)),
        entry("filled: healthy chains, or exact", marker="o"),
        entry("hollow: not healthy", marker="o", markerfacecolor="white"),
        entry(r"transition: complexity rises", linewidth=1.3, **HOLDS[True]),
        entry("transition: it does not rise", linewidth=1.3, **HOLDS[False]),
    ]
    panels.legend(entries, 0.51, 0.42, ncols=4, columnspacing=1.2)
    runs = sum(len(found.trajectories) for found in training.values()) + 1
    return panels.finished(
        rf"Loss against sampled $\hat\lambda$ of the {len(short.phases)} $k$-gons, and "
        r"against the exact $\lambda$",
        rf"Population loss, $\beta = 1/\log n = {short.localiser.beta:.3f}$; bars: one standard error; "
        rf"$\rho$, $\tau$: rank correlations of Spearman and Kendall, one-sided $p$."
        "\n"
        f"Transitions: in {runs} SGD runs, that of the stages among them.",
    )
