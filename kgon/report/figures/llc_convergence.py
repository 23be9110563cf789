"""Draw λ̂ at 5, 5⁺ and 6 against n, beside the exact λ and the published values."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kgon.experiments.llc.convergence import Convergence
from kgon.experiments.llc.settings import NARROW, PROTOCOL, PUBLISHED, PUBLISHED_N, SGLD, WIDE
from kgon.report.artefact import figure
from kgon.report.figures.artists import Axes, Figure
from kgon.report.figures.layout import entry
from kgon.report.figures.panels import make_panels
from kgon.report.figures.style import GREY, INK, NEUTRAL, Style, gon, math_power


class Series(NamedTuple):
    """One way to sample λ̂, and how it is drawn; ``shift`` is to the right, in decades."""

    sampler: str
    source: str
    gamma: float
    marker: str
    color: str
    shift: float
    name: str


SERIES = (
    Series("hmc", "population", WIDE, "o", NEUTRAL[0], 0.0, "HMC, population, $\\gamma = 1$"),
    Series("hmc", "population", NARROW, "s", NEUTRAL[2], 0.0, "HMC, population, $\\gamma = 100$"),
    Series("hmc", "data", NARROW, "D", NEUTRAL[4], 0.1, "HMC, data, $\\gamma = 100$"),
    Series("sgld", "population", WIDE, "^", NEUTRAL[1], 0.1, "SGLD, population, $\\gamma = 1$"),
    Series("sgld", "data", WIDE, "v", NEUTRAL[5], -0.1, "SGLD, data, $\\gamma = 1$"),
)
RANGE = (3.4, 11.4)
"""Least range of λ̂ that is drawn."""
STAR_SHIFT = -0.22
"""Of the published values, in decades."""
STAR: Style = {"marker": "*", "color": "white", "markeredgecolor": INK, "linestyle": "none"}
"""The published values."""
MARGIN = 0.3
"""Least distance of a value from the edge."""
EXACT: Style = {"color": INK, "linewidth": 0.9, "linestyle": (0, (5, 2))}


def convergence(ax: Axes, found: Convergence, label: str) -> Axes:
    """Draw λ̂ of one k-gon: filled where healthy, hollow where not, crossed out where chains left."""
    for one in SERIES:
        points = found.series(label, one.sampler, one.source, one.gamma)
        n = [x.localiser.n * 10**one.shift for x in points]
        held = [np.nan if x.gone else x.lambda_hat for x in points]
        ax.plot(n, held, color=one.color, linewidth=0.7, alpha=0.6)
        style: Style = {"color": one.color, "marker": one.marker, "markersize": 5, "capsize": 2}
        for at, x in zip(n, points, strict=True):
            fill = one.color if x.health.good else "white"
            ax.errorbar(
                at, x.lambda_hat, x.stderr, linewidth=0, elinewidth=0.9, markerfacecolor=fill, **style
            )
            if x.gone:
                ax.plot(at, x.lambda_hat, "x", color=INK, markersize=9, markeredgewidth=1.1, gid="left")
    ax.axhline(found.exact[label], zorder=0, gid="exact", **EXACT)
    published, at = PUBLISHED[label], PUBLISHED_N * 10**STAR_SHIFT
    bar: Style = {"ecolor": INK, "elinewidth": 1.1, "capsize": 3, "zorder": 4}
    _, _, (line,) = ax.errorbar(at, published.value, published.error, fmt="none", **bar)
    line.set_gid("published error")
    ax.plot(at, published.value, markersize=12, zorder=5, gid="published", **STAR)
    ax.set_xscale("log")
    values = [x.lambda_hat for x in found.points]
    low, high = min(RANGE[0], min(values) - MARGIN), max(RANGE[1], max(values) + MARGIN)
    ax.set(xlim=(1.7e3, 9e6), ylim=(low, high))
    ax.set_title(rf"{gon(label)}, $\lambda = {found.exact[label]:g}$")
    return ax


@figure(
    name="llc-convergence",
    shows="Sampled λ̂ of three polygons against the sample size, by several samplers and ways to hold the "
    "chain, with exact λ as a line and the published values as stars.",
    seen="The estimates of the exact samplers approach λ only at large samples, and from the side that the "
    "localisation decides.",
    unseen="The split of the published excess into its parts, which the table of the bias has.",
)
def lambda_hat_against_n(llc_convergence: Convergence) -> Figure:
    """Draw sampled λ̂ of 5, 5⁺ and 6 against n, with exact λ and the published values.

    ``full`` has more chains and data sets.
    """
    found = llc_convergence
    panels = make_panels(1, 3, size=(2.45, 2.82), gap=(0.3, 0.0), room=(0.56, 0.1, 1.85, 0.72))
    for ax, label in zip(panels.axes[0], PUBLISHED, strict=True):
        convergence(ax, found, label)
    panels.label("sample size $n$", r"$\hat\lambda = n\beta\,(E[L] - L(w^*))$")
    entries = [entry(x.name, color=x.color, marker=x.marker, markersize=5, linewidth=0.7) for x in SERIES]
    entries += [
        entry("not healthy", color=GREY, marker="o", markerfacecolor="white"),
        entry("chains left for lower $L$", marker="x", markersize=8),
        entry(f"published, $n = {PUBLISHED_N}$", markersize=11, **STAR),
        entry(r"exact $\lambda$", **EXACT),
    ]
    panels.legend(entries, 0.46, 0.6, ncols=4, columnspacing=1.6)
    sets = max(x.data_sets for x in found.points)
    density, chains = PROTOCOL
    return panels.finished(
        r"Sampled $\hat\lambda$ against $n$, beside the exact $\lambda$",
        rf"$\beta = 1/\log n$; SGLD: {SGLD.steps} steps, $\epsilon = {SGLD.step_size:g}$ at "
        rf"$n = {PUBLISHED_N}$, $\propto 1/(n\beta)$ beyond; data: {sets} set{'s' * (sets > 1)} of each $n$. "
        "Bars: one standard error.\n"
        rf"Published values (quoted second-hand) and their bars: SGLD, $\gamma = {density.gamma:g}$, "
        rf"$\epsilon = {math_power(chains.step_size or 0)}$, {chains.steps} steps. "
        "Marks of one $n$ are moved apart sideways.",
    )
