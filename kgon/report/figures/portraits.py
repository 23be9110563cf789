"""Portraits of k-gons: vectors W_i, and bars of ‖W_i‖ and |b_i|."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from kgon.base.checks import Floats
from kgon.base.verdicts import KgonError
from kgon.kgons.catalogue import Catalogue, CriticalPoint
from kgon.report.figures import Options
from kgon.report.figures.polygon import draw_polygon
from kgon.report.figures.style import NEGATIVE, POSITIVE, gon, new_figure

STAGES = ("4++-", "4+", "5")
"""The k-gons of the developmental stages, as in the text."""
BAR = 0.38


def vectors(ax: Axes, point: CriticalPoint, *, reach: float) -> Axes:
    """The columns W_i in the plane."""
    draw_polygon(ax, point, reach=reach, width=0.014, dots=False)
    ax.set_xlabel("$W_{1i}$")
    ax.set_ylabel("$W_{2i}$", labelpad=1)
    ax.locator_params(nbins=4)
    return ax


def bars(ax: Axes, W: Floats, b: Floats, *, top: float) -> Axes:
    """‖W_i‖ in black and |b_i| in red (b_i < 0) or green (b_i > 0), by column i from 0."""
    columns = np.arange(len(b))
    norms = ax.bar(columns - BAR / 2, np.hypot(*W), BAR, color="black", label=r"$\Vert W_i\Vert$")
    for patch in norms:
        patch.set_gid("norm")
    for sign, shade, hatch in ((1, POSITIVE, ""), (-1, NEGATIVE, "////")):
        chosen = columns[np.sign(b) == sign]
        drawn = ax.bar(
            chosen + BAR / 2,
            np.abs(b[chosen]),
            BAR,
            color=shade,
            hatch=hatch,
            edgecolor="white",
            linewidth=0.0,
        )
        for patch in drawn:
            patch.set_gid("bias")
    ax.set_xlabel("column $i$")
    ax.set_ylabel(r"$\Vert W_i\Vert$, $|b_i|$", labelpad=2)
    ax.set_xticks(columns)
    ax.set_ylim(0.0, top)
    return ax


def bars_legend(figure: Figure, y: float) -> None:
    """What the bars are, at the right edge."""
    figure.legend(
        handles=[
            Patch(facecolor="black", label=r"$\Vert W_i\Vert$"),
            Patch(
                facecolor=NEGATIVE,
                hatch="////",
                edgecolor="white",
                linewidth=0,
                label="$|b_i|$, $b_i < 0$",
            ),
            Patch(facecolor=POSITIVE, label="$|b_i|$, $b_i > 0$"),
        ],
        loc="lower right",
        bbox_to_anchor=(1.0, y),
        borderaxespad=0.2,
        ncols=3,
    )


def _notes(options: Options, points: Sequence[CriticalPoint]) -> list[str]:
    roles = {role for point in points for role in point.name.roles(point.c)}
    notes = [f"$c = {options.c}$, $r = 2$, column indices from 0"]
    if "switched-off" in roles:
        notes.append("switched-off columns (hollow arrows) are drawn at $b_i = -2$")
    if "dead" in roles:
        notes.append(r"dead columns have $W_i = 0$ and are drawn at $b_i = -\frac{1}{2}$")
    return ["; ".join(notes)] if len(points) > 1 else notes


def _chosen(options: Options) -> list[CriticalPoint]:
    catalogue = Catalogue(options.c)
    if options.label is not None:
        return [catalogue[options.label]]
    found = []
    for text in STAGES:
        try:
            found.append(catalogue[text])
        except KgonError:  # cannot occur with so few features
            continue
    return found or [catalogue["4"]]


def build(options: Options) -> Figure:
    """One panel, or the three of the text where no label is given."""
    points = _chosen(options)
    reach = 1.15 * max(p.length for p in points)
    top = 1.08 * max(max(np.hypot(*p.W).max(), np.abs(p.biases).max()) for p in points)
    notes = _notes(options, points)
    width, below = 4.7 * len(points) + 0.3, 0.95 + 0.18 * len(notes)
    height = below + 2.2
    figure = new_figure(width, height)
    grid = figure.add_gridspec(
        1,
        len(points),
        left=0.62 / width,
        right=1 - 0.1 / width,
        bottom=below / height,
        top=1 - 0.34 / height,
        wspace=0.17,
    )
    for k, point in enumerate(points):
        pair = grid[0, k].subgridspec(1, 2, width_ratios=(1.12, 1), wspace=0.27)
        left, right = figure.add_subplot(pair[0]), figure.add_subplot(pair[1])
        vectors(left, point, reach=reach)
        bars(right, point.W, point.biases, top=top)
        left.set_title(f"{gon(point.name)},  $L = {point.loss:.5f}$")
    bars_legend(figure, (0.13 + 0.18 * len(notes)) / height)
    figure.text(0.1 / width, 0.08 / height, "\n".join(notes), fontsize=8.5, linespacing=1.4)
    return figure
