"""Draw posterior draws as t-SNE places them, one panel for each n and β, coloured by phase."""

from __future__ import annotations

from typing import Any

import numpy as np

from kgon.experiments.posterior.projection import Projection
from kgon.kgons.basins import OTHER
from kgon.kgons.names import parse_known
from kgon.report.artefact import figure
from kgon.report.figures.artists import Axes, Figure
from kgon.report.figures.layout import entry
from kgon.report.figures.panels import make_panels
from kgon.report.figures.style import GREY, name_text, polygon_marker, shade

NAMED_SHARE, MOST_NAMED = 0.02, 4
"""Shares that are written below a panel: the least, and how many."""


def draws(ax: Axes, found: Projection, beta: int, n: int) -> Axes:
    """Draw the draws of one posterior over all others in grey, and write the shares of the phases below."""
    ax.plot(*found.xy.reshape(-1, 2).T, ".", markersize=1.2, color="#DDDDDD", zorder=0)
    for k in np.unique(found.basin[beta, n]):
        places = found.xy[beta, n][found.basin[beta, n] == k].T
        ax.plot(*places, linestyle="none", markersize=4.6, markeredgewidth=0, **_style(found.labels[k]))
    ax.set(xticks=[], yticks=[])
    share = np.array([np.mean(found.basin[beta, n] == k) for k in range(len(found.labels))])
    largest = [k for k in np.argsort(-share, kind="stable") if share[k] >= NAMED_SHARE][:MOST_NAMED]
    words = ", ".join(f"{_short(found.labels[k])}: {100 * share[k]:.0f}" for k in largest) + " %"
    ax.set_xlabel(words, fontsize=7.5, labelpad=3, gid="shares")
    for side in ax.spines.values():
        side.set_visible(True)
        side.set_color("#BBBBBB")
    return ax


def _style(name: str) -> dict[str, Any]:
    """Colour and marker of a phase."""
    if name == OTHER:
        return {"color": GREY, "marker": "x"}
    label = parse_known(name)
    return {"color": shade(label), "marker": polygon_marker(label)}


def _short(name: str) -> str:
    return name if name == OTHER else name_text(name)


def _name(name: str) -> str:
    return name if name == OTHER else f"{name_text(name)}-gon"


@figure(
    shows="Draws of the posterior for growing sample sizes as t-SNE places them in a plane, coloured by "
    "the basin in which descent from the draw ends.",
    seen="Draws of one phase lie together; with the sample size the cluster of the 6-gon grows, and that "
    "of the 5-gon shrinks and goes.",
    unseen="Distances between clusters, which t-SNE does not keep; and other data sets, since there is one "
    "for each size.",
)
def tsne(projection: Projection) -> Figure:
    """Draw posterior draws as t-SNE places them, coloured by phase, for each n and β, with the shares."""
    found = projection
    panels = make_panels(
        len(found.betas),
        len(found.n),
        size=(1.6, 1.45),
        gap=(0.15, 0.48),
        beside=0.75,
        room=(0.3, 0.85, 0.83, 0.73),
    )
    for i, beta in enumerate(found.betas):
        for j, n in enumerate(found.n):
            draws(panels.axes[i, j], found, i, j)
            panels.axes[i, j].set_title(rf"$n = {n}$, $\beta = {beta:g}$", fontsize=9)
    seen = [name for k, name in enumerate(found.labels) if np.any(found.basin == k)]
    entries = [entry(_name(x), markersize=6.0, **_style(x)) for x in seen]
    panels.legend(entries, panels.width, panels.height / 2, loc="center right", handletextpad=0.2)
    source = "population loss" if found.data_seed is None else f"a data set per $n$ (seed {found.data_seed})"
    return panels.finished(
        "t-SNE of posterior draws, coloured by phase",
        f"$c = {found.c}$, $r = 2$, {source}; distances modulo rotations, reflections and permutations; one "
        f"embedding, perplexity {found.perplexity:g}.\nNearest neighbour of the same phase: "
        f"{found.neighbours:.0%} of the draws ({found.by_chance:.0%} by chance).\n"
        f"Grey: the draws of the other panels. Below each: shares of {found.xy.shape[2]} draws.",
    )
