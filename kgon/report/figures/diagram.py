"""Phase diagrams: the phase with the lowest free energy in (n, β), and in (n, importance)."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from kgon.branches.diagram import IMPORTANCE, in_importance
from kgon.free_energy.diagram import PhaseDiagram, in_beta
from kgon.kgons.labels import Label
from kgon.report.figures import Options
from kgon.report.figures.style import INK, math_label, new_figure, shade

N = (20.0, 2000.0)
BETA = (0.1, 2.0)
POINTS = 121
ROLE = {"": "", "vertex": "", "positive": ", last column positive", "dead": ", last column dead"}
SHADE = {"": 0.0, "vertex": 0.0, "positive": 0.35, "dead": 0.6}
"""How much lighter a role is drawn."""


def _colour(label: Label, role: str) -> tuple[float, float, float]:
    dark, white = 0.8 if label.sigma else 1.0, SHADE[role]
    red, green, blue = (dark * x + (1 - dark * x) * white for x in shade(label))
    return red, green, blue


def regions(ax: Axes, found: PhaseDiagram, title: str, *, log: bool) -> Axes:
    """The regions filled, and named in a legend under the axes."""
    used = found.used()
    phases = [(Label.parse(found.labels[k]), found.roles[k]) for k in used]
    index = np.full(len(found.labels) + 1, -1)
    index[used] = np.arange(len(used))
    shown = index[found.lowest]
    colours = [_colour(*phase) for phase in phases]
    ax.pcolormesh(
        found.n, found.values, np.ma.masked_less(shown, 0), cmap=ListedColormap(colours),
        vmin=-0.5, vmax=len(used) - 0.5, shading="nearest", rasterized=True, gid="regions",
    )  # fmt: skip
    ax.set(xscale="log", xlim=(found.n[0], found.n[-1]), ylim=(found.values[0], found.values[-1]))
    if log:
        ax.set_yscale("log")
        ticks = [x for x in (0.1, 0.2, 0.5, 1, 2) if found.values[0] <= x <= found.values[-1]]
        ax.set_yticks(ticks, [f"{x:g}" for x in ticks])
        ax.set_yticks([], minor=True)
    marks = [x for x in (20, 50, 100, 200, 500, 1000, 2000) if found.n[0] <= x <= found.n[-1]]
    ax.set_xticks(marks, [str(x) for x in marks])
    ax.set_xticks([], minor=True)
    ax.set_xlabel("sample size $n$")
    ax.set_title(title)
    handles = [
        Patch(facecolor=colour, label=f"{math_label(label)}-gon{ROLE[role]}")
        for (label, role), colour in zip(phases, colours, strict=True)
    ]
    ax.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(-0.02, -0.17), fontsize=8, ncols=2 - (not log)
    )
    return ax


def build(options: Options) -> Figure:
    """Left panel: n and β. Right panel: n and the importance of the last feature."""
    n = np.geomspace(*N, POINTS)
    left = in_beta(n, list(np.geomspace(*BETA, POINTS)), options.c, theory=options.theory)
    theory = "laplace" if options.theory == "laplace2" else options.theory
    right = in_importance(n, list(np.linspace(*IMPORTANCE, 64)), options.c, theory=theory, beta=options.beta)
    figure = new_figure(7.6, 4.9)
    first = figure.add_axes((0.075, 0.36, 0.395, 0.52))
    regions(first, left, rf"theory “{options.theory}”, importances 1", log=True)
    first.set_ylabel(r"inverse temperature $\beta$")
    second = figure.add_axes((0.575, 0.36, 0.395, 0.52))
    regions(second, right, rf"theory “{theory}”, $\beta = {options.beta}$", log=False)
    second.set_ylabel("importance of the last feature")
    for ax, values in ((first, (0.5, 1.0)), (second, (1.0,))):
        for value in values:
            ax.axhline(value, color=INK, linewidth=0.7, linestyle=(0, (3, 2)))
    figure.text(0.02, 0.95, rf"Phase with the lowest free energy, $r = 2$, $c = {options.c}$", fontsize=11)
    figure.text(
        0.02, 0.015,
        r"Left: all local minima with a constant. Right: those with $k \geq 5$, followed from importance 1; "
        "copies by the role of the last column.",
        fontsize=8,
    )  # fmt: skip
    return figure
