"""Draw lemma two of the global minimum: where one end of an edge costs enough."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kgon.proofs.edge_lemmas import EndSlack
from kgon.report.artefact import figure
from kgon.report.figures.artists import Axes, Figure
from kgon.report.figures.panels import make_panels
from kgon.report.figures.style import DASHES, INK, colour

TICKS = {0: "0", 15: "15", 30: "30", 360 / 7: "360/7", 60: "60", 72: "72", 90: "90"}


def end_costs(ax: Axes, curves: Sequence[EndSlack]) -> Axes:
    """Draw the least H + κθ − T against θ in degrees, one curve a polygon; the tight points are marked."""
    ax.axhline(0.0, color=INK, linewidth=0.8)
    for curve in curves:
        degrees, tint, c = np.degrees(curve.theta), colour(str(curve.c)), curve.c
        ax.plot(
            degrees,
            curve.slack,
            color=tint,
            linestyle=DASHES[c % 3],
            linewidth=1.6,
            label=f"$c = {c}$",
            gid=f"c{c}",
        )
        fails = list(curve.slack < -1e-6)
        ax.fill_between(degrees, curve.slack, 0.0, where=fails, color=tint, alpha=0.2, linewidth=0)
        ax.plot([360 / c], [0.0], "o", color=tint, markersize=6, clip_on=False, gid=f"dot{c}")
    ax.set_xlim(0, 90)
    ax.set_xticks(list(TICKS), list(TICKS.values()))
    for label in ax.get_xticklabels():
        if label.get_text() == TICKS[360 / 7]:  # the next is near
            label.set_horizontalalignment("right")
    ax.legend(loc="lower right")
    return ax


@figure(
    shows="What one end of an edge costs in the second lemma on the global minimum, against the angle "
    "between two columns, for three numbers of features.",
    seen="The inequality is tight at the regular polygon, and fails only where the two columns are close; "
    "for six features the proof treats that apart.",
    unseen="The rest of the proof, and what happens with more features, for which the question is open.",
)
def lemma_two(end_slacks: Sequence[EndSlack]) -> Figure:
    """Draw where one end of an edge costs enough, in the second lemma on the global minimum."""
    panels = make_panels(size=(3.46, 2.5), room=(0.83, 0.19, 1.25, 0.42))
    end_costs(panels.ax, end_slacks)
    panels.ax.set_title("One end of an edge: cost above what is enough")
    panels.label(
        r"$\theta = \arccos(W_i \cdot W_j \,/\, \Vert W_j\Vert^2)$, degrees",
        r"$\min_m H(m, \cos\theta) + \kappa\theta - T$",
    )
    return panels.finished(
        words="$r = 2$. $H$: least cost of one end of an edge, with\n"
        r"$m = -b_j/\Vert W_j\Vert^2$; $\kappa$, $T$: an edge of the regular $c$-gon costs "
        "$T - \\kappa\\theta$.\nDots: the regular polygon, where the least is 0.\n"
        "Shaded: the cost is not enough."
    )
