"""Cost of the empirical loss against n."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kgon.experiments.cost import FULL_SIZES, SIZES, CostRow, probe_counts
from kgon.report.figures import Options
from kgon.report.figures.style import FAMILY, GREY, INK, new_figure


def cost(ax: Axes, rows: Sequence[CostRow]) -> Axes:
    """Mean and largest number of amplitudes examined, and the bound, on a logarithmic n axis."""
    n = [row.n for row in rows]
    ax.plot(
        n,
        [row.bound for row in rows],
        color=INK,
        linewidth=1.2,
        linestyle=(0, (5, 2)),
        label=r"bound $c^2(\log_2(n/c) + 1)$",
        gid="bound",
    )
    ax.plot(
        n,
        [row.largest for row in rows],
        color=GREY,
        marker="^",
        markersize=5,
        linewidth=0.8,
        label=f"largest of {rows[0].points} points",
        gid="largest",
    )
    ax.errorbar(
        n,
        [row.mean for row in rows],
        yerr=[row.stderr for row in rows],
        color=FAMILY[4],
        marker="o",
        markersize=5,
        linewidth=1.4,
        capsize=2.5,
        label=r"mean $\pm$ standard error",
    )
    ax.set_xscale("log")
    ax.set_ylim(bottom=0.0)
    ax.set_xlabel("sample size $n$")
    ax.set_ylabel("stored amplitudes examined\nper evaluation of $L_n$ and its gradient")
    ax.legend(loc="upper left")
    return ax


def build(options: Options) -> Figure:
    """One panel: n from 10³ to 10⁶ (10⁷ with ``full``)."""
    rows = probe_counts(c=options.c, sizes=FULL_SIZES if options.full else SIZES)
    figure = new_figure(6.4, 4.2)
    ax = figure.add_axes((0.13, 0.18, 0.84, 0.72))
    cost(ax, rows)
    ax.set_title("The cost of the empirical loss grows like $\\log n$")
    figure.text(
        0.02,
        0.02,
        rf"$c = {options.c}$, $r = 2$; random points $(W, b) \sim \mathcal{{N}}(0, I)$, the same for every "
        "$n$; a sum over the samples would read all $n$",
        fontsize=8.5,
    )
    return figure
