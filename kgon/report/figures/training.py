"""SGD plateaus: the loss of many training runs over the energy levels of the catalogue."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kgon.base.runs import Arrays
from kgon.experiments.training.results import Training
from kgon.experiments.training.runs import example_training
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.report.figures import Options
from kgon.report.figures.style import GREY, INK, colour, math_label, new_figure, shade, size_in_inches, spread

TITLES = {"4-gons": "start: a 4-gon plus $N(0, 0.01^2)$", "random": "start: $N(0, 1)$"}
GAP = 0.135
"""Least distance of two labels, inches."""


def levels(ax: Axes, c: int, *, labels: bool) -> Axes:
    """A line at every level of the catalogue, with its label at the right edge if there are to be labels."""
    names = {p.label: p for p in Catalogue(c)}
    for point in names.values():
        ax.axhline(point.loss, color=shade(point.name), linewidth=0.7, zorder=1, gid="level")
    if labels:
        per_inch = np.ptp(ax.get_ylim()) / size_in_inches(ax)[1]
        points = sorted(names.values(), key=lambda p: p.loss)
        low, high = ax.get_ylim()
        heights = spread([p.loss for p in points], GAP * per_inch, low=low, high=high)
        for point, height in zip(points, heights, strict=True):
            ax.annotate(
                math_label(Label.parse(point.label)), (1.0, point.loss), (1.07, height),
                xycoords=("axes fraction", "data"), textcoords=("axes fraction", "data"), fontsize=8,
                va="center", color=colour(point.name), annotation_clip=False,
                arrowprops={"arrowstyle": "-", "color": GREY, "linewidth": 0.5, "shrinkA": 0, "shrinkB": 0},
                gid="label",
            )  # fmt: skip
    return ax


def losses(ax: Axes, training: Training, found: Sequence[Arrays]) -> Axes:
    """Recorded population loss of every run against the epoch, in the colour of its last plateau's k."""
    per_epoch = -(-training.protocol["n"] // training.protocol["batch"])
    for run, arrays in zip(training.trajectories, found, strict=True):
        last = run.plateaus[-1] if run.plateaus else None
        drawn = colour(Label.parse(last.label)) if last is not None and last.catalogued else INK
        ax.plot(
            arrays["steps"][1:] / per_epoch, arrays["loss"][1:], color=drawn, linewidth=0.8,
            alpha=0.8 if len(found) < 40 else 0.45, zorder=2, gid="run",
        )  # fmt: skip
    return ax


def build(options: Options) -> Figure:
    """One panel for each kind of start."""
    panels = example_training(options.c, options.full)
    figure = new_figure(7.4, 5.6)
    points = list(Catalogue(options.c))
    low, high = min(p.loss for p in points), max(p.loss for p in points)
    shared = (low - 0.06 * (high - low), high + 0.05 * (high - low))
    for k, (start, (training, found)) in enumerate(panels.items()):
        ax = figure.add_axes((0.085 + 0.415 * k, 0.16, 0.39, 0.72))
        first, last = found[0]["steps"][1], found[0]["steps"][-1]
        per_epoch = -(-training.protocol["n"] // training.protocol["batch"])
        ax.set(xscale="log", xlim=(first / per_epoch, last / per_epoch), ylim=shared, xlabel="epoch")
        losses(ax, training, found)
        levels(ax, options.c, labels=k == 1)
        ax.set_title(f"{TITLES[start]}, {len(found)} runs", fontsize=9.5)
        if k == 0:
            ax.set_ylabel(r"population loss $L$")
        else:
            ax.tick_params(labelleft=False)
    figure.text(0.02, 0.955, "SGD over the energy levels of the $k$-gons", fontsize=11)
    shares = " and ".join(f"{100 * training.catalogued:.1f} %" for training, _ in panels.values())
    p = next(iter(panels.values()))[0].protocol
    figure.text(
        0.02, 0.018,
        f"$c = {options.c}$, $r = 2$; $n = {p['n']}$, batch {p['batch']}, learning rate "
        f"{p['learning_rate']}, {p['epochs']} epochs. Time on catalogued plateaus: {shares}.\n"
        "Colours: $k$ of the last plateau (black: not in the catalogue).",
        fontsize=8, linespacing=1.35,
    )  # fmt: skip
    return figure
