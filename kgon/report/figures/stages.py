"""Draw the stages of one training run: polygons and bars at its plateaus, and the loss."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kgon.base.files import write_with
from kgon.experiments.training.results import Plateau, TrainingRun
from kgon.kgons.catalogue import Catalogue
from kgon.potential.model import TMS
from kgon.report.artefact import figure
from kgon.report.figures.artists import Axes, Figure
from kgon.report.figures.layout import Panels
from kgon.report.figures.polygon import draw_answers
from kgon.report.figures.portraits import bars, bars_legend, highest_bar
from kgon.report.figures.style import GREY, INK, Style, colour, math_label, shade
from kgon.sampling.sgd import Protocol, Trajectory

SHOWN = 6
"""Most plateaus that are drawn."""
FRAMES, PER_SECOND = 90, 12


def loss_curve(ax: Axes, path: Trajectory, plateaus: Sequence[Plateau], c: int) -> Axes:
    """Draw the population and empirical loss against the steps, over the levels of the plateaus."""
    steps = path.steps / 1000
    ax.plot(steps, path.empirical, color=GREY, linewidth=0.8, label="$L_n$ of the samples", gid="empirical")
    ax.plot(steps, path.loss, color=INK, linewidth=1.2, label="population loss $L$", gid="loss")
    level = {p.label: p.loss for p in Catalogue(c)}
    for plateau in plateaus:
        tint = colour(plateau.label) if plateau.catalogued else GREY
        ends = plateau.start / 1000, plateau.end / 1000
        ax.axvspan(*ends, color=tint, alpha=0.12, linewidth=0, gid="plateau")
        if plateau.label in level:
            ax.axhline(level[plateau.label], color=shade(plateau.label), linewidth=0.7, zorder=0)
    ax.set(xlim=(0, steps[-1]), xlabel="SGD steps (thousands)", ylabel="loss")
    low = min(path.loss.min(), path.empirical.min())
    high = max(path.loss[1:].max(), path.empirical[1:].max())
    ax.set_ylim(low - 0.1 * (high - low), high + 0.24 * (high - low))
    return ax


def animate(example_run: tuple[TrainingRun, Trajectory], target: str | Path, *, frames: int = FRAMES) -> Path:
    """Write a training run as an animated GIF: columns, bars, and the loss up to the frame.

    Parameters
    ----------
    example_run : (TrainingRun, Trajectory)
    target : str or Path
    frames : int
        Records shown, evenly spread.
    """
    from matplotlib.animation import PillowWriter

    _, path = example_run
    c = path.w.shape[1] // 3
    W, b = TMS(c).unpack(path.w)
    chosen = np.unique(np.linspace(0, len(path.steps) - 1, frames).round().astype(int))
    reach = 1.12 * float(np.hypot(W[:, 0], W[:, 1]).max())
    top = max(reach, 1.08 * float(np.abs(b).max()))
    panels = Panels(size=(5.16, 0.92), room=(0.72, 0.12, 0.55, 3.13))
    left, right = panels.add(0.36, 1.93, 2.28, 2.3), panels.add(3.42, 2.16, 2.46, 1.98)
    loss_curve(panels.ax, path, (), c)
    (dot,) = panels.ax.plot([], [], "o", color=INK, markersize=5)

    def write(temporary: Path) -> None:
        writer = PillowWriter(fps=PER_SECOND)
        with writer.saving(panels.figure, str(temporary), dpi=80):
            for k in chosen:
                for ax in (left, right):
                    ax.clear()
                draw_answers(left, W[k], b[k], reach=reach)
                left.set_axis_off()
                bars(right, W[k], b[k], top=top)
                dot.set_data([path.steps[k] / 1000], [path.loss[k]])
                left.set_title(f"step {path.steps[k]},  $L$ = {path.loss[k]:.4f}", loc="left", fontsize=9)
                writer.grab_frame()

    return write_with(target, write)


def _polygon(ax: Axes, plateau: Plateau, reach: float) -> None:
    """The mean point of a plateau, with its name and steps."""
    draw_answers(ax, plateau.W, plateau.biases, reach=reach)
    ax.set_axis_off()
    name, steps = math_label(plateau.label), (plateau.start / 1000, plateau.end / 1000)
    ax.set_title(f"{name},  steps {steps[0]:.0f}–{steps[1]:.0f} k", loc="center", fontsize=9)


def name_plateaus(ax: Axes, plateaus: Sequence[Plateau], least: float) -> None:
    """Names above the loss curve, in the middle of each plateau."""
    across = ax.get_xaxis_transform()
    for plateau in plateaus:
        place, name = max(0.5 * (plateau.start + plateau.end) / 1000, least), math_label(plateau.label)
        ax.text(place, 0.97, name, transform=across, ha="center", va="top", fontsize=9)


@figure(
    animate=animate,
    shows="One run of stochastic gradient descent from the start of the text: polygons and bars at the "
    "plateaus, and the loss over all steps.",
    seen="The loss falls in steps, and at each fall the polygon changes its form: the stages are those "
    "that the text names.",
    unseen="How common this run is, which was picked because it shows these stages; and λ̂, which the "
    "opposing staircases have.",
)
def stages(example_run: tuple[TrainingRun, Trajectory], c: int = 6) -> Figure:
    """Draw the stages of one SGD run: polygons and bars at its plateaus, and the loss; also as GIF."""
    run, path = example_run
    shown = run.resolved[:SHOWN]
    panels = Panels(size=(6.66, 1.33), room=(0.63, 0.11, 0.8, 3.77))
    figure = panels.figure
    reach = 1.12 * max([float(np.hypot(*p.W).max()) for p in shown] or [1.0])
    top = highest_bar([(p.W, p.biases) for p in shown])
    edges: Style = {
        "left": 0.075,
        "right": 0.985,
        "top": 0.885,
        "bottom": 0.47,
        "hspace": 0.16,
        "wspace": 0.3,
    }
    grid = figure.add_gridspec(2, max(len(shown), 1), height_ratios=(1.35, 1), **edges)
    for k, plateau in enumerate(shown):
        upper, lower = figure.add_subplot(grid[0, k]), figure.add_subplot(grid[1, k])
        _polygon(upper, plateau, reach)
        bars(lower, plateau.W, plateau.biases, top=top)
        if k:
            lower.set_ylabel("")
    name_plateaus(panels.ax, shown, 0.03 * path.steps[-1] / 1000)
    loss_curve(panels.ax, path, shown, c)
    panels.ax.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, borderaxespad=0.2)
    bars_legend(figure, 0.935)
    protocol = Protocol()
    return panels.finished(
        f"Developmental stages of one SGD run, $c = {c}$, $r = 2$",
        f"Start {math_label(run.start)} plus $N(0, 0.01^2)$; $n = {protocol.n}$, batch "
        f"{protocol.batch}, learning rate {protocol.learning_rate}; run {run.index} of seed {run.seed}.\n"
        "Mean point of each plateau; hollow arrows: the output does not answer to its own input.",
    )
