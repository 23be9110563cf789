"""t-SNE of posterior draws, one panel for each n and β, coloured by phase."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from kgon.base.work import Work
from kgon.experiments.posterior.projection import FULL, QUICK, Projection, project_draws
from kgon.kgons.basins import OTHER
from kgon.kgons.names import parse_known
from kgon.report.figures import Options
from kgon.report.figures.style import GREY, INK, math_label, new_figure, shade

MARKERS = ("o", "^", "s")
"""By the number σ of positive biases."""


def draws(ax: Axes, found: Projection, beta: int, n: int) -> Axes:
    """The draws of one posterior, over all others in grey."""
    ax.plot(*found.xy.reshape(-1, 2).T, ".", markersize=1.2, color="#DDDDDD", zorder=0)
    for k in np.unique(found.basin[beta, n]):
        x, y = found.xy[beta, n][found.basin[beta, n] == k].T
        colour, marker = _style(found.labels[k])
        ax.plot(x, y, linestyle="none", markersize=3.2, markeredgewidth=0, color=colour, marker=marker)
    ax.set(xticks=[], yticks=[])
    for side in ax.spines.values():
        side.set_visible(True)
        side.set_color("#BBBBBB")
    return ax


def _style(name: str) -> tuple[Any, str]:
    """Colour and marker of a phase."""
    if name == OTHER:
        return GREY, "x"
    label = parse_known(name)
    return shade(label), MARKERS[min(label.sigma, 2)]


def _entry(name: str) -> Line2D:
    """A phase in the legend."""
    colour, marker = _style(name)
    text = name if name == OTHER else f"{math_label(parse_known(name))}-gon"
    return Line2D([], [], linestyle="none", markersize=4.5, marker=marker, color=colour, label=text)


def build(options: Options) -> Figure:
    """Rows by β, columns by n."""
    found = project_draws(
        c=options.c, draws=FULL if options.full else QUICK, work=Work(workers=os.cpu_count() or 1)
    )
    rows, columns = len(found.betas), len(found.n)
    figure = new_figure(1.0 + 1.75 * columns, 0.85 + 1.75 * rows)
    width, height = figure.get_figwidth(), figure.get_figheight()
    for i, beta in enumerate(found.betas):
        for j, n in enumerate(found.n):
            left, bottom = 0.3 + 1.75 * j, 0.42 + 1.75 * (rows - 1 - i)
            ax = figure.add_axes((left / width, bottom / height, 1.6 / width, 1.45 / height))
            draws(ax, found, i, j)
            ax.set_title(rf"$n = {n}$, $\beta = {beta:g}$", fontsize=9)
    seen = [name for k, name in enumerate(found.labels) if np.any(found.basin == k)]
    figure.legend(
        handles=[_entry(name) for name in seen],
        loc="center right",
        bbox_to_anchor=(1.0, 0.5),
        handletextpad=0.2,
    )
    source = "population loss" if found.data_seed is None else f"a data set per $n$ (seed {found.data_seed})"
    figure.text(
        0.02, 0.1 / height,
        f"$c = {found.c}$, $r = 2$, {source}; distances modulo rotations, reflections and permutations; one "
        f"embedding, perplexity {found.perplexity:g}.\nNearest neighbour of the same phase: "
        f"{found.neighbours:.0%} of the draws ({found.by_chance:.0%} by chance). "
        "Grey: the draws of the other panels.",
        fontsize=7.5, color=INK,
    )  # fmt: skip
    figure.text(0.02, 1 - 0.2 / height, "t-SNE of posterior draws, coloured by phase", fontsize=11)
    return figure
