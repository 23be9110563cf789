"""Opposing staircases: loss falling, λ̂ rising, and the polygons of the run above."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kgon.base.checks import Floats
from kgon.experiments.training.staircases import build_staircases as sample
from kgon.kgons.labels import Label
from kgon.kgons.names import parse_name
from kgon.report.figures import Options
from kgon.report.figures.stages import columns
from kgon.report.figures.style import INK, NEGATIVE, POSITIVE, math_label, new_figure, size_in_inches

SIDE = 0.95
"""Side of a polygon, inches."""

Snapshot = tuple[float, Floats, Floats, str]
"""Step, W (2, c), b (c,), and what to call it."""


def staircases(
    ax: Axes,
    *,
    steps: Floats,
    loss: Floats,
    lambda_hat: Floats,
    stderr: Floats,
    snapshots: Sequence[Snapshot] = (),
) -> tuple[Axes, Axes]:
    """Loss on the left axis, λ̂ with a band of one standard error on the right, polygons above.

    Parameters
    ----------
    ax : Axes
        Needs about 1.3 inches of room above.
    steps, loss, lambda_hat, stderr : (t,) arrays
        λ̂ may be NaN where there is none.
    snapshots : sequence
        Each is drawn above the axes, and as a dot on the loss curve at its step.

    Returns
    -------
    tuple of Axes
        The left and the right one.
    """
    right = ax.twinx()
    right.spines["right"].set_visible(True)
    thousands = np.asarray(steps) / 1000
    ax.plot(thousands, loss, color=INK, linewidth=1.4, gid="loss")
    right.fill_between(
        thousands, lambda_hat - stderr, lambda_hat + stderr, color=POSITIVE, alpha=0.22, linewidth=0
    )
    right.plot(thousands, lambda_hat, color=POSITIVE, linewidth=1.2, gid="lambda-hat")
    ax.set(xlim=(thousands[0], thousands[-1]), xlabel="training steps (thousands)")
    ax.set_ylabel("population loss $L$")
    right.set_ylabel(r"$\hat\lambda$", color=POSITIVE, rotation=0, labelpad=10)
    right.tick_params(axis="y", colors=POSITIVE)
    ax.set_zorder(right.get_zorder() + 1)  # the dots of the loss lie above λ̂
    ax.patch.set_visible(False)
    width, height = size_in_inches(ax)
    reach = 1.12 * max((float(np.hypot(*W).max()) for _, W, _, _ in snapshots), default=1.0)
    for k, (step, W, b, name) in enumerate(snapshots):
        at = (k + 0.5) / len(snapshots)
        inset = ax.inset_axes((at - SIDE / width / 2, 1 + 0.28 / height, SIDE / width, SIDE / height))
        columns(inset, W, b, reach=reach)
        inset.set_axis_off()
        inset.set_title(name, loc="center", fontsize=9)
        inset.set_gid("snapshot")
        height_there = float(np.interp(step, steps, loss))
        ax.plot(step / 1000, height_there, "o", color=NEGATIVE, markersize=5, gid="dot")
        ax.annotate(
            "", (step / 1000, height_there), (at, 1 + 0.25 / height), textcoords="axes fraction",
            arrowprops={"arrowstyle": "-", "color": NEGATIVE, "linewidth": 0.6, "alpha": 0.6, "shrinkB": 3},
        )  # fmt: skip
    return ax, right


def build(options: Options) -> Figure:
    """A run from the label (default 4⁺⁺⁻) with its stages."""
    found = sample() if options.label is None else sample(options.label, index=0)
    series, localiser, chains = found.series, found.series.localiser, found.series.sampler
    figure = new_figure(7.4, 5.2)
    ax = figure.add_axes((0.095, 0.19, 0.815, 0.445))
    staircases(
        ax,
        steps=found.steps,
        loss=found.loss,
        lambda_hat=series.lambda_hat,
        stderr=series.stderr,
        snapshots=[
            (0.5 * (x.start + x.end), x.W, x.biases,
             rf"{math_label(parse_name(x.label))}: $\hat\lambda = {x.lambda_hat:.2f} \pm {x.stderr:.2f}$")
            for x in found.stages
        ],
    )  # fmt: skip
    figure.text(0.02, 0.95, r"Opposing staircases: loss down, $\hat\lambda$ up, in one SGD run", fontsize=11)
    healthy = sum(x.good for x in series.by_point)
    figure.text(
        0.02, 0.02,
        f"Run {found.index} of seed {found.seed} from {math_label(Label.parse(found.start))}, published "
        rf"protocol; $\hat\lambda$ on its training data: $n = {localiser.n:g}$, $\beta = 1/\log n = "
        rf"{localiser.beta:.3f}$, "
        "\n"
        rf"{chains.kind.upper()}, $\epsilon = {chains.step_size:g}$, $\gamma = {localiser.gamma:g}$, "
        f"{chains.chains} chains of {chains.steps} steps at each of {len(found.steps)} points ({healthy} of "
        "them healthy:\nthe chains are short); band: one standard error. Hollow arrows: the output does not "
        "answer to its own input.",
        fontsize=8, linespacing=1.35,
    )  # fmt: skip
    return figure
