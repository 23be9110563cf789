"""Energy levels: the losses of all k-gons, each k-gon drawn beside its level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from kgon.kgons.catalogue import Catalogue, CriticalPoint
from kgon.report.figures import Options
from kgon.report.figures.polygon import draw_polygon
from kgon.report.figures.style import (
    GREY,
    INK,
    POSITIVE,
    colour,
    math_label,
    new_figure,
    size_in_inches,
    spread,
)

SIDE = 0.62
"""Side of a picture, inches."""
GAP = 0.70
"""Least distance between the centres of two pictures, inches."""
LEVEL, LEADER, TEXT = 0.62, 0.34, 0.92
"""Widths of a level line, of a leader line and of a text, inches."""
COLUMN = LEVEL + LEADER + 2 * SIDE + TEXT
"""Width of one column of the diagram, inches."""


def _groups(points: Sequence[CriticalPoint], sigma: int) -> list[list[CriticalPoint]]:
    """Configurations of each label with the given σ, by loss."""
    names = sorted({(p.loss, p.label) for p in points if p.sigma == sigma})
    return [[p for p in points if p.label == name] for _, name in names]


def energy_levels(ax: Axes, points: Sequence[CriticalPoint]) -> Axes:
    """Levels of L in one column per σ, with pictures spread so that none overlap.

    Parameters
    ----------
    ax : Axes
        Its size in inches decides the layout; ``build`` makes it large enough.
    points : sequence of CriticalPoint
    """
    width, height = size_in_inches(ax)
    sigmas = sorted({p.sigma for p in points})
    losses = [p.loss for p in points]
    margin = 0.06 * (max(losses) - min(losses))
    low, high = min(losses) - margin, max(losses) + margin
    per_inch = (high - low) / height
    reach = 1.12 * max(p.length for p in points)
    ax.set(xlim=(0.0, width), ylim=(low, high))
    for sigma in sigmas:
        left = 0.12 + sigmas.index(sigma) * COLUMN
        groups = _groups(points, sigma)
        middles = spread(
            [group[0].loss for group in groups],
            GAP * per_inch,
            low=low + 0.5 * GAP * per_inch,
            high=high - 0.5 * GAP * per_inch,
        )
        for group, middle in zip(groups, middles, strict=True):
            point = group[0]
            ax.plot(
                [left, left + LEVEL],
                [point.loss] * 2,
                color=colour(point.name),
                linewidth=2.2,
                solid_capstyle="butt",
                gid="level",
            )
            ax.plot(
                [left + LEVEL, left + LEVEL + LEADER - 0.04], [point.loss, middle], color=GREY, linewidth=0.6
            )
            for k, member in enumerate(group):
                corner = left + LEVEL + LEADER + k * (SIDE + 0.03)
                inset = ax.inset_axes(
                    (corner, middle - SIDE / 2 * per_inch, SIDE, SIDE * per_inch),
                    transform=ax.transData,
                )
                inset.axis("off")
                draw_polygon(inset, member, reach=reach, width=0.035)
            start = left + LEVEL + LEADER + len(group) * (SIDE + 0.03) + 0.06
            ax.text(start, middle, math_label(point.name), fontsize=12, va="bottom", gid="label")
            ax.text(start, middle, f"{point.loss:.5f}", fontsize=8.5, va="top", color=INK, gid="loss")
        ax.text(
            left,
            high + 0.05 * per_inch,
            rf"$\sigma = {sigma}$" + (" positive biases" if sigma == 0 else ""),
            fontsize=10,
            va="bottom",
            gid="heading",
        )
    ax.set_ylabel(r"loss $L = \mathbb{E}\,\Vert x - f(x)\Vert^2$")
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    return ax


def _legend(ax: Axes, points: Sequence[CriticalPoint]) -> None:
    seen = {p.k: p.name for p in points}
    handles = [Line2D([], [], color=colour(seen[k]), linewidth=2.2, label=f"$k = {k}$") for k in sorted(seen)]
    dot: dict[str, Any] = {"linestyle": "none", "marker": "o", "markersize": 5}
    handles += [
        Line2D([], [], color=INK, marker=">", markersize=5, label="live column $W_i$"),
        Line2D(
            [],
            [],
            color=GREY,
            marker=">",
            markersize=5,
            markerfacecolor="white",
            label="switched off ($b_i$ very negative)",
        ),
        Line2D([], [], color=POSITIVE, **dot, label="$W_i = 0$, $b_i > 0$"),
        Line2D([], [], color=GREY, markerfacecolor="white", **dot, label="$W_i = 0$, $b_i < 0$ (dead)"),
    ]
    ax.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0.0, -0.015),
        ncols=4,
        columnspacing=1.4,
        handlelength=1.6,
    )


def build(options: Options) -> Figure:
    """The figure for c features."""
    points = tuple(Catalogue(options.c))
    sigmas = {p.sigma for p in points}
    most = max(len(_groups(points, sigma)) for sigma in sigmas)
    width, height = len(sigmas) * COLUMN + 0.2, max(8.2, GAP * (most + 2.0))
    total = max(width + 0.85, 7.2), height + 1.45
    figure = new_figure(*total)
    ax = figure.add_axes((0.7 / total[0], 0.75 / total[1], width / total[0], height / total[1]))
    energy_levels(ax, points)
    _legend(ax, points)
    labels = len({p.label for p in points})
    figure.text(
        0.7 / total[0],
        1 - 0.28 / total[1],
        rf"Energy levels of the {labels} catalogued $k$-gons, $r = 2$, $c = {options.c}$",
        fontsize=12,
        va="center",
    )
    return figure
