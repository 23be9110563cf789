"""Draw SGD plateaus: the loss of many training runs over the energy levels of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kgon.base.runs import Arrays
from kgon.experiments.training.results import Training
from kgon.kgons.catalogue import Catalogue
from kgon.report.artefact import figure
from kgon.report.figures.artists import Axes, Figure
from kgon.report.figures.layout import level_lines
from kgon.report.figures.panels import make_panels
from kgon.report.figures.style import Style, colour, name_text

TITLES = {"4-gons": "start: a 4-gon plus $N(0, 0.01^2)$", "random": "start: $N(0, 1)$"}
PARTS = (0.1, 0.2, 1 / 3, 0.5, 1.0)
"""Parts of the time that may be shown."""


def levels(ax: Axes, c: int, *, labels: bool) -> Axes:
    """Draw a line at every level of the catalogue, with its label at the right edge if asked for."""
    points = sorted({p.label: p for p in Catalogue(c)}.values(), key=lambda p: p.loss)
    found = [(name_text(p.label), p.loss, colour(p.name)) for p in points]
    level_lines(ax, found, names=labels, at=1.07, linewidth=0.7, zorder=1)
    return ax


def run_colours(count: int) -> list[Any]:
    """Choose a colour for each of so many runs, from dark to light: none is that of a k-gon."""
    from matplotlib import colormaps

    return list(colormaps["magma"](np.linspace(0.05, 0.7, count)))


def losses(ax: Axes, training: Training, found: Sequence[Arrays]) -> Axes:
    """Draw the loss of every run against the epoch, each in a colour of its own."""
    per_epoch = -(-training.protocol["n"] // training.protocol["batch"])
    style: Style = {"linewidth": 1.1, "alpha": 1.0 if len(found) < 40 else 0.45, "zorder": 2, "gid": "run"}
    places = np.argsort(np.argsort([arrays["loss"][0] for arrays in found], kind="stable"))
    tints = run_colours(len(found))
    for arrays, place in zip(found, places, strict=True):
        ax.plot(arrays["steps"] / per_epoch, arrays["loss"], color=tints[place], **style)
    # As far as something happens: the last plateau of every run is reached in the first part.
    begins = max((run.plateaus[-1].start for run in training.trajectories if run.plateaus), default=0.0)
    end = float(found[0]["steps"][-1]) / per_epoch
    shown = min((x * end for x in PARTS if x * end >= 1.15 * begins / per_epoch), default=end)
    ax.set_xlim(0.0, shown)
    return ax


def _above(trajectories: Mapping[str, tuple[Training, list[Arrays]]], frame: float) -> str:
    """Say how high the losses begin that begin above the frame."""
    first = max((arrays["loss"][0] for _, found in trajectories.values() for arrays in found), default=0.0)
    return f"\nRuns begin above the frame, too, at losses up to {first:.2g}." if first > frame else ""


@figure(
    shows="The population loss along runs of stochastic gradient descent over the energy levels, from the "
    "k-gons with four vertices and from random starts.",
    seen="Losses rest on levels of the catalogue and fall fast between them; runs end on several levels, "
    "not all on the lowest.",
    unseen="Which point a run rests at: two points may share a level, and the names of plateaus come from "
    "the nearest critical point.",
)
def sgd_plateaus(trajectories: Mapping[str, tuple[Training, list[Arrays]]], c: int = 6) -> Figure:
    """Draw the loss of SGD runs over the energy levels of the catalogue, by kind of start."""
    panels = make_panels(1, 2, size=(2.89, 4.03), gap=(0.19, 0.0), room=(0.63, 0.81, 1.06, 0.67))
    points = [p.loss for p in Catalogue(c)]
    low, high = min(points), max(points)
    for k, (start, (training, found)) in enumerate(trajectories.items()):
        ax = panels.axes[0, k]
        ax.set_ylim(low - 0.06 * (high - low), high + 0.05 * (high - low))
        losses(ax, training, found)
        levels(ax, c, labels=panels.ends_row(ax))
        ax.set_title(f"{TITLES[start]}, {len(found)} runs", fontsize=9.0)
    panels.label("epoch", r"population loss $L$", shared=True)
    shares = " and ".join(f"{100 * training.catalogued:.1f} %" for training, _ in trajectories.values())
    p = next(iter(trajectories.values()))[0].protocol
    return panels.finished(
        "SGD over the energy levels of the $k$-gons",
        f"$c = {c}$, $r = 2$; $n = {p['n']}$, batch {p['batch']}, learning rate "
        f"{p['learning_rate']}, {p['epochs']} epochs. Time on catalogued plateaus: {shares}.\n"
        "A colour for each run, dark where the loss begins low; grey: all levels. No plateau begins later "
        f"than shown.{_above(trajectories, panels.ax.get_ylim()[1])}",
    )
