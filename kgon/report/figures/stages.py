"""Draw the stages of one training run: polygons and bars at its plateaus, and the loss."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kgon.base.files import write_with
from kgon.experiments.training.results import Plateau, TrainingRun
from kgon.experiments.training.staircases import Staircases
from kgon.kgons.catalogue import Catalogue
from kgon.potential.model import TMS
from kgon.report.artefact import figure
from kgon.report.figures.artists import Axes, Figure
from kgon.report.figures.grid import Panels
from kgon.report.figures.layout import entry
from kgon.report.figures.panels import make_panels
from kgon.report.figures.polygon import answer_entries, draw_answers
from kgon.report.figures.portraits import BAR_LEGEND, bar_entries, bars, highest_bar
from kgon.report.figures.staircases import LAMBDA_HAT, draw_lambda_hat
from kgon.report.figures.style import BROKEN, GREY, INK, colour, name_text, shade
from kgon.sampling.sgd import Protocol, Trajectory

SHOWN = 6
"""Most plateaus that are drawn."""
FRAMES, PER_SECOND = 90, 12
LEFT, WIDE, APART = 0.555, 6.734, 0.3
"""Where the polygons begin, how much of the page they take, inches, and their distance in widths of one."""
NAMES_ABOVE = 0.24
"""Room above curves for the names of plateaus, in parts of their extent."""


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
    ax.set_ylim(low - 0.1 * (high - low), high + NAMES_ABOVE * (high - low))
    return ax


def stage_at(plateaus: Sequence[Plateau], step: int) -> str:
    """Name the plateau that a step lies on, or the two between which it lies."""
    before = [p for p in plateaus if p.start <= step]
    if before and step <= before[-1].end:
        return name_text(before[-1].label)
    after = [p for p in plateaus if p.start > step]
    return " → ".join(name_text(p.label) for p in (*before[-1:], *after[:1]))


def of_run(staircases: Staircases | None, path: Trajectory) -> Staircases | None:
    """The λ̂ of a run, None where what was measured was another one."""
    if staircases is None:
        return None
    at = np.isin(path.steps, staircases.steps)
    return staircases if np.array_equal(path.loss[at], staircases.loss) else None


def _moving_curves(panels: Panels, run: TrainingRun, path: Trajectory, along: Staircases | None) -> None:
    """The loss over the plateaus, λ̂ where there is one, and their legend."""
    ax = panels.ax
    loss_curve(ax, path, run.resolved, path.w.shape[1] // 3)
    name_plateaus(ax, run.resolved, 0.04 * path.steps[-1] / 1000)
    handles, _ = ax.get_legend_handles_labels()
    if along is not None:
        right = draw_lambda_hat(ax, along.steps / 1000, along.series.lambda_hat, along.series.stderr)
        low, high = right.get_ylim()
        right.set_ylim(low, high + NAMES_ABOVE * (high - low))
        handles.append(entry(r"$\hat\lambda$, one standard error", color=LAMBDA_HAT, linewidth=1.2))
    ax.legend(handles=handles, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3, borderaxespad=0.2)
    panels.legend(bar_entries(), panels.width, panels.height - 0.72, **BAR_LEGEND)


def animate(
    example_run: tuple[TrainingRun, Trajectory],
    target: str | Path,
    *,
    staircases: Staircases | None = None,
    frames: int = FRAMES,
) -> Path:
    """Write a training run as an animated GIF: columns, bars, the stage, and where it is on loss and λ̂.

    Parameters
    ----------
    example_run : (TrainingRun, Trajectory)
    target : str or Path
    staircases : Staircases, optional
        λ̂ along the run; that of another run is not drawn.
    frames : int
        Records shown, evenly spread.
    """
    from matplotlib.animation import PillowWriter

    run, path = example_run
    c = path.w.shape[1] // 3
    W, b = TMS(c).unpack(path.w)
    chosen = np.unique(np.linspace(0, len(path.steps) - 1, frames).round().astype(int))
    reach = 1.12 * float(np.hypot(W[:, 0], W[:, 1]).max())
    top = max(reach, 1.08 * float(np.abs(b).max()))
    panels = make_panels(size=(4.9, 1.1), room=(0.72, 0.66, 0.5, 3.55))
    left, right = panels.add(0.36, 2.05, 2.2, 2.2), panels.add(3.3, 2.4, 2.7, 1.7)
    _moving_curves(panels, run, path, of_run(staircases, path))
    panels.legend(answer_entries(), 0.2, 1.78, fontsize=8, handletextpad=0.2)
    panels.finished(f"Developmental stages of one SGD run, $c = {c}$, $r = 2$")
    (dot,) = panels.ax.plot([], [], "o", color=INK, markersize=5)
    now = panels.ax.axvline(0.0, color=INK, linewidth=0.8, linestyle=BROKEN)

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
                now.set_xdata([path.steps[k] / 1000] * 2)
                stage = stage_at(run.resolved, path.steps[k])
                words = f"stage: {stage}\nstep {path.steps[k]},  $L$ = {path.loss[k]:.4f}"
                left.set_title(words, loc="left", fontsize=9)
                writer.grab_frame()

    return write_with(target, write)


def _polygon(ax: Axes, plateau: Plateau, reach: float) -> None:
    """The mean point of a plateau, with its name and steps."""
    draw_answers(ax, plateau.W, plateau.biases, reach=reach)
    ax.set_axis_off()
    name, steps = name_text(plateau.label), (plateau.start / 1000, plateau.end / 1000)
    ax.set_title(f"{name},  steps {steps[0]:.0f}–{steps[1]:.0f} k", loc="center", fontsize=9)


def name_plateaus(ax: Axes, plateaus: Sequence[Plateau], least: float) -> None:
    """Names above the loss curve, in the middle of each plateau."""
    across = ax.get_xaxis_transform()
    for plateau in plateaus:
        place, name = max(0.5 * (plateau.start + plateau.end) / 1000, least), name_text(plateau.label)
        ax.text(place, 0.97, name, transform=across, ha="center", va="top", fontsize=9)


@figure(
    animate=animate,
    shows="One run of stochastic gradient descent from the start of the text: polygons and bars at the "
    "plateaus, and the loss over all steps.",
    seen="The loss falls in steps, and at each fall the polygon changes its form: the stages are those "
    "that the text names.",
    unseen="How common this run is, which was picked because it shows these stages; and λ̂, which the "
    "opposing staircases and the animation have.",
)
def stages(example_run: tuple[TrainingRun, Trajectory], c: int = 6) -> Figure:
    """Draw the stages of one SGD run: polygons and bars at its plateaus, and the loss; also as GIF."""
    run, path = example_run
    shown = run.resolved[:SHOWN]
    panels = make_panels(stacks=False, size=(6.58, 1.33), room=(0.63, 0.19, 0.95, 3.77))
    reach = 1.12 * max([float(np.hypot(*p.W).max()) for p in shown] or [1.0])
    top = highest_bar([(p.W, p.biases) for p in shown])
    wide = WIDE / (len(shown) + APART * max(len(shown) - 1, 0)) if shown else WIDE
    for k, plateau in enumerate(shown):
        at = LEFT + k * wide * (1 + APART)
        upper, lower = panels.add(at, 4.08, wide, 1.3), panels.add(at, 2.92, wide, 0.97)
        _polygon(upper, plateau, reach)
        bars(lower, plateau.W, plateau.biases, top=top)
        if k:
            lower.set_ylabel("")
    name_plateaus(panels.ax, shown, 0.03 * path.steps[-1] / 1000)
    loss_curve(panels.ax, path, shown, c)
    panels.ax.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, borderaxespad=0.2)
    panels.legend(bar_entries(), panels.width, 5.67, **BAR_LEGEND)
    protocol = Protocol()
    return panels.finished(
        f"Developmental stages of one SGD run, $c = {c}$, $r = 2$",
        f"Start {name_text(run.start)} plus $N(0, 0.01^2)$; $n = {protocol.n}$, batch "
        f"{protocol.batch}, learning rate {protocol.learning_rate}; run {run.index} of seed {run.seed}.\n"
        "Mean point of each plateau; hollow arrows: the output does not answer to its own input.\n"
        "Bands: the plateaus; thin lines across: the losses of their $k$-gons, in the colours of these.",
    )
