"""Draw the seconds that work costs, as it grows; of one machine, so that no store keeps the figure."""

from __future__ import annotations

from collections.abc import Sequence

from kgon.report.cost import Cost
from kgon.report.figures.artists import Figure
from kgon.report.figures.panels import make_panels
from kgon.report.figures.style import INK

LABELLED = 1000
"""Below it a plot labels every size."""
DECADE = 10.0
"""Least range of seconds that a plot shows: what is level looks level."""


def draw_costs(costs: Sequence[Cost]) -> Figure:
    """Draw seconds against size, a panel each."""
    panels = make_panels(2, 2, size=(2.7, 2.0), gap=(0.75, 0.75), room=(0.75, 0.25, 0.7, 0.6))
    for ax, cost in zip(panels.axes.flat, costs, strict=True):
        ax.loglog(cost.sizes, cost.seconds, color=INK, marker="o", markersize=4, linewidth=1.4)
        if cost.sizes[-1] < LABELLED:
            ax.set_xticks(cost.sizes, map(str, cost.sizes))
            ax.minorticks_off()
        low, high = ax.get_ylim()
        room = max(1.0, (DECADE * low / high) ** 0.5)
        ax.set_ylim(low / room, high * room)
        ax.set_xlabel(cost.by)
        ax.set_ylabel("seconds")
        ax.set_title(cost.what, fontsize=9.5)
    return panels.finished("What work costs", "Medians, one thread each; shared machines are slower.")
