"""Developmental stages of one training run: polygons and bars at its plateaus, and the loss."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.animation import PillowWriter
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kgon.base.checks import Floats
from kgon.base.files import write_with
from kgon.experiments.training.results import Plateau, TrainingRun
from kgon.experiments.training.runs import combine_runs
from kgon.experiments.training.trajectory import (
    TEXT_INDEX,
    TEXT_START,
    TrainingSettings,
    path_of,
    train_once,
)
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.kgons.names import parse_name
from kgon.potential.model import TMS
from kgon.report.figures import Options
from kgon.report.figures.polygon import draw_arrows
from kgon.report.figures.portraits import bars, bars_legend
from kgon.report.figures.style import GREY, INK, NEGATIVE, colour, math_label, new_figure, shade
from kgon.sampling.sgd import Protocol, Trajectory

TRIED = 8
"""Of so many trajectories from another start, the one with the most stages is shown."""
SHOWN = 6
"""Most plateaus that are drawn."""
FRAMES, PER_SECOND = 90, 12


def example(label: str | None, c: int) -> tuple[TrainingRun, Trajectory]:
    """A training run from a label with several plateaus, and its points."""
    settings = TrainingSettings(c=c, starts=(label or TEXT_START,))
    chosen = (TEXT_INDEX,) if label in (None, TEXT_START) and c == 6 else range(TRIED)
    best = None
    for index in chosen:
        arrays = train_once(settings, index)
        run = combine_runs(settings, [arrays], first=index).trajectories[0]
        if best is None or len(run.stages) > len(best[0].stages):
            best = run, path_of(arrays)
    assert best is not None
    return best


def columns(ax: Axes, W: Floats, b: Floats, *, reach: float) -> Axes:
    """Columns W_i as arrows: solid where output i answers to its own input, else hollow."""
    live = np.sum(W**2, axis=0) + b > 0
    for kind in (True, False):
        if np.any(live == kind):
            draw_arrows(ax, W[:, live == kind], live=kind, width=0.022)
    ax.set_aspect("equal")
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach))
    return ax


def loss_curve(ax: Axes, path: Trajectory, plateaus: tuple[Plateau, ...], c: int) -> Axes:
    """Population and empirical loss against the steps, over the levels of the plateaus."""
    thousands = path.steps / 1000
    ax.plot(
        thousands, path.empirical, color=GREY, linewidth=0.8, label="$L_n$ of the samples", gid="empirical"
    )
    ax.plot(thousands, path.loss, color=INK, linewidth=1.2, label="population loss $L$", gid="loss")
    level = {p.label: p.loss for p in Catalogue(c)}
    for plateau in plateaus:
        tint = colour(Label.parse(plateau.label)) if plateau.catalogued else GREY
        ax.axvspan(
            plateau.start / 1000, plateau.end / 1000, color=tint, alpha=0.12, linewidth=0, gid="plateau"
        )
        if plateau.label in level:
            ax.axhline(level[plateau.label], color=shade(Label.parse(plateau.label)), linewidth=0.7, zorder=0)
    ax.set(xlim=(0, thousands[-1]), xlabel="SGD steps (thousands)", ylabel="loss")
    low = min(path.loss.min(), path.empirical.min())
    high = max(path.loss[1:].max(), path.empirical[1:].max())
    ax.set_ylim(low - 0.1 * (high - low), high + 0.24 * (high - low))
    return ax


def build(options: Options) -> Figure:
    """The plateaus of one run side by side, and its loss below."""
    run, path = example(options.label, options.c)
    shown = [p for p in run.plateaus if p.kind != "unresolved"][:SHOWN]
    figure = new_figure(7.4, 5.9)
    reach = 1.12 * max([float(np.hypot(*p.W).max()) for p in shown] or [1.0])
    top = 1.08 * max(
        [max(float(np.hypot(*p.W).max()), float(np.abs(p.biases).max())) for p in shown] or [1.0]
    )
    grid = figure.add_gridspec(
        2, max(len(shown), 1), left=0.075, right=0.985, top=0.885, bottom=0.47, height_ratios=(1.35, 1),
        hspace=0.16, wspace=0.3,
    )  # fmt: skip
    for k, plateau in enumerate(shown):
        upper, lower = figure.add_subplot(grid[0, k]), figure.add_subplot(grid[1, k])
        columns(upper, plateau.W, plateau.biases, reach=reach)
        upper.set_axis_off()
        steps = f"{plateau.start / 1000:.0f}–{plateau.end / 1000:.0f} k"
        upper.set_title(f"{math_label(parse_name(plateau.label))},  steps {steps}", loc="center", fontsize=9)
        bars(lower, plateau.W, plateau.biases, top=top)
        if k:
            lower.set_ylabel("")
    ax = figure.add_axes((0.085, 0.135, 0.9, 0.225))
    loss_curve(ax, path, tuple(shown), options.c)
    for plateau in shown:
        ax.text(
            max((plateau.start + plateau.end) / 2000, 0.03 * path.steps[-1] / 1000), 0.97,
            math_label(parse_name(plateau.label)), transform=ax.get_xaxis_transform(),
            ha="center", va="top", fontsize=9,
        )  # fmt: skip
    ax.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, borderaxespad=0.2)
    bars_legend(figure, 0.935)
    protocol = Protocol()
    figure.text(0.02, 0.955, f"Developmental stages of one SGD run, $c = {options.c}$, $r = 2$", fontsize=11)
    figure.text(
        0.02, 0.018,
        f"Start {math_label(Label.parse(run.start))} plus $N(0, 0.01^2)$; $n = {protocol.n}$, batch "
        f"{protocol.batch}, learning rate {protocol.learning_rate}; run {run.index} of seed {run.seed}.\n"
        "Mean point of each plateau; hollow arrows: the output does not answer to its own input.",
        fontsize=8, linespacing=1.35,
    )  # fmt: skip
    return figure


def animation(path: Trajectory, target: str | Path, *, frames: int = FRAMES) -> Path:
    """Write a training run as an animated GIF: columns, bars, and the loss up to the frame.

    Parameters
    ----------
    path : Trajectory
    target : str or Path
    frames : int
        Records shown, evenly spread.
    """
    c = path.w.shape[1] // 3
    W, b = TMS(c).unpack(path.w)
    chosen = np.unique(np.linspace(0, len(path.steps) - 1, frames).round().astype(int))
    reach = 1.12 * float(np.hypot(W[:, 0], W[:, 1]).max())
    top = max(reach, 1.08 * float(np.abs(b).max()))
    figure = new_figure(6.0, 4.6)
    left = figure.add_axes((0.06, 0.42, 0.38, 0.5))
    right = figure.add_axes((0.57, 0.47, 0.41, 0.43))
    below = figure.add_axes((0.12, 0.12, 0.86, 0.2))
    loss_curve(below, path, (), c)
    (dot,) = below.plot([], [], "o", color=NEGATIVE, markersize=5)

    def write(temporary: Path) -> None:
        writer = PillowWriter(fps=PER_SECOND)
        with writer.saving(figure, str(temporary), dpi=80):
            for k in chosen:
                for ax in (left, right):
                    ax.clear()
                columns(left, W[k], b[k], reach=reach)
                left.set_axis_off()
                bars(right, W[k], b[k], top=top)
                dot.set_data([path.steps[k] / 1000], [path.loss[k]])
                left.set_title(f"step {path.steps[k]},  $L$ = {path.loss[k]:.4f}", loc="left", fontsize=9)
                writer.grab_frame()

    return write_with(target, write)


def animate(options: Options, target: Path) -> Path:
    """The run of the figure, animated."""
    return animation(example(options.label, options.c)[1], target)
