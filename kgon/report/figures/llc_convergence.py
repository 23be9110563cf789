"""λ̂ at 5, 5⁺ and 6 against n: samplers and localisers against the exact λ and the published values."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from kgon.experiments.llc.convergence import (
    NARROW,
    PUBLISHED,
    PUBLISHED_N,
    WIDE,
    Convergence,
    cached_convergence,
)
from kgon.kgons.labels import Label
from kgon.report.figures import Options
from kgon.report.figures.style import FAMILY, GREY, INK, NEGATIVE, gon, new_figure

SERIES = (
    ("hmc", "population", WIDE, "o", FAMILY[4], 0.0, "HMC, population, $\\gamma = 1$"),
    ("hmc", "population", NARROW, "s", FAMILY[6], 0.0, "HMC, population, $\\gamma = 100$"),
    ("hmc", "data", NARROW, "D", FAMILY[8], 0.06, "HMC, data, $\\gamma = 100$"),
    ("sgld", "population", WIDE, "^", FAMILY[5], 0.06, "SGLD, population, $\\gamma = 1$"),
    ("sgld", "data", WIDE, "v", FAMILY[7], -0.06, "SGLD, data, $\\gamma = 1$"),
)
"""Sampler, source, γ, marker, colour, shift to the right in decades, name."""
RANGE = (3.4, 11.4)


def convergence(ax: Axes, found: Convergence, label: str) -> Axes:
    """λ̂ of one k-gon: filled where healthy, hollow where not, crossed out where chains left."""
    for sampler, source, gamma, marker, shade, shift, _ in SERIES:
        points = found.series(label, sampler, source, gamma)
        n = [x.localiser.n * 10**shift for x in points]
        held = [np.nan if x.gone else x.lambda_hat for x in points]
        ax.plot(n, held, color=shade, linewidth=0.7, alpha=0.6)
        for at, x in zip(n, points, strict=True):
            ax.errorbar(
                at, x.lambda_hat, yerr=x.stderr, color=shade, marker=marker, markersize=5, capsize=2,
                linewidth=0, elinewidth=0.9, markerfacecolor=shade if x.health.good else "white",
            )  # fmt: skip
            if x.gone:
                ax.plot(at, x.lambda_hat, "x", color=INK, markersize=9, markeredgewidth=1.1, gid="left")
    ax.axhline(found.exact[label], color=INK, linewidth=0.9, linestyle=(0, (5, 2)), zorder=0, gid="exact")
    ax.plot(
        PUBLISHED_N, PUBLISHED[label], "*", color=NEGATIVE, markersize=12, markeredgecolor="white",
        zorder=5, gid="published",
    )  # fmt: skip
    ax.set_xscale("log")
    ax.set(xlim=(3e3, 9e6), ylim=RANGE)
    ax.set_title(rf"{gon(Label.parse(label))}, $\lambda = {found.exact[label]:g}$")
    ax.set_xlabel("sample size $n$")
    return ax


def build(options: Options) -> Figure:
    """Three panels; ``full`` has more chains and data sets."""
    found = cached_convergence(options.full)
    width, height = 10.2, 4.9
    figure = new_figure(width, height)
    for k, label in enumerate(PUBLISHED):
        ax = figure.add_axes((0.055 + 0.32 * k, 0.335, 0.295, 0.575))
        convergence(ax, found, label)
        if k == 0:
            ax.set_ylabel(r"$\hat\lambda = n\beta\,(E[L] - L(w^*))$")
    handles = [
        Line2D([], [], color=shade, marker=marker, markersize=5, linewidth=0.7, label=name)
        for _, _, _, marker, shade, _, name in SERIES
    ]
    handles += [
        Line2D([], [], color=GREY, marker="o", markerfacecolor="white", linewidth=0, label="not healthy"),
        Line2D([], [], color=INK, marker="x", markersize=8, linewidth=0, label="chains left for lower $L$"),
        Line2D([], [], color=NEGATIVE, marker="*", markersize=11, markeredgecolor="white", linewidth=0,
               label="published, $n = 5000$"),
        Line2D([], [], color=INK, linestyle=(0, (5, 2)), linewidth=0.9, label=r"exact $\lambda$"),
    ]  # fmt: skip
    figure.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0.045, 0.085), ncols=4, columnspacing=1.6
    )
    sets = max(x.data_sets for x in found.points)
    figure.text(
        0.015, 0.02,
        r"$\beta = 1/\log n$; SGLD: 500 steps, $\epsilon = 10^{-3}$ at $n = 5000$, $\propto 1/(n\beta)$ "
        f"beyond; data: {sets} set{'s' if sets > 1 else ''} of each $n$; bars: one standard error",
        fontsize=8.5,
    )  # fmt: skip
    return figure
