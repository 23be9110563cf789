"""Lemma two of the global minimum: where one end of an edge costs enough."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kgon.proofs.edge_lemmas import EndSlack, end_slack
from kgon.report.figures import Options
from kgon.report.figures.style import FAMILY, INK, new_figure


def lemma_two(ax: Axes, curves: Sequence[EndSlack]) -> Axes:
    """Least H + κθ − T against θ in degrees, one curve a polygon; the tight points are marked."""
    ax.axhline(0.0, color=INK, linewidth=0.8)
    for curve in curves:
        degrees, colour = np.degrees(curve.theta), FAMILY[curve.c]
        ax.plot(
            degrees, curve.slack, color=colour, linewidth=1.6, label=f"$c = {curve.c}$", gid=f"c{curve.c}"
        )
        ax.fill_between(
            degrees, curve.slack, 0.0, where=list(curve.slack < -1e-6), color=colour, alpha=0.2, linewidth=0
        )
        ax.plot(
            [360 / curve.c], [0.0], marker="o", color=colour, markersize=6, clip_on=False, gid=f"dot{curve.c}"
        )
    ax.set_xlim(0, 90)
    ax.set_xticks([0, 15, 30, 45, 360 / 7, 60, 72, 90], ["0", "15", "30", "45", "360/7", "60", "72", "90"])
    ax.set_xlabel(r"$\theta = \arccos(W_i \cdot W_j \,/\, \Vert W_j\Vert^2)$, degrees")
    ax.set_ylabel(r"$\min_m H(m, \cos\theta) + \kappa\theta - T$")
    ax.legend(loc="lower right")
    return ax


def build(options: Options) -> Figure:
    """One panel: five, six and seven columns."""
    figure = new_figure(6.4, 4.0)
    ax = figure.add_axes((0.13, 0.2, 0.84, 0.7))
    lemma_two(ax, [end_slack(c) for c in (5, 6, 7)])
    ax.set_title("One end of an edge costs enough, unless its columns nearly coincide")
    figure.text(
        0.02,
        0.02,
        r"$r = 2$. Dots: the regular polygon, where the inequality is tight. Shaded: it fails.",
        fontsize=8.5,
    )
    return figure
