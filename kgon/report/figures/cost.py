"""Draw what an evaluation of the empirical loss costs, against n."""

from __future__ import annotations

from collections.abc import Sequence

from kgon.experiments.cost import CostRow
from kgon.potential.kernels.empirical import BUCKETS, MOST_BUCKETS
from kgon.report.artefact import figure
from kgon.report.figures.artists import Axes, Figure
from kgon.report.figures.panels import make_panels
from kgon.report.figures.style import GREY, INK, Style


def cost(ax: Axes, rows: Sequence[CostRow]) -> Axes:
    """Draw the mean and largest number of amplitudes examined, and the bound, against n."""
    n = [row.n for row in rows]
    bound: Style = {"color": INK, "linewidth": 1.2, "linestyle": (0, (5, 2)), "gid": "bound"}
    ax.plot(n, [row.bound for row in rows], label=r"bound $c^2(\log_2(n/c) + 1)$", **bound)
    largest: Style = {"color": GREY, "linewidth": 0.8, "marker": "^", "markersize": 5, "gid": "largest"}
    ax.plot(n, [row.largest for row in rows], label=f"largest of {rows[0].points} points", **largest)
    ax.errorbar(
        n, [row.mean for row in rows], yerr=[row.stderr for row in rows], label=r"mean $\pm$ standard error",
        color=INK, marker="o", markersize=5, linewidth=1.4, capsize=2.5,
    )  # fmt: skip
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.legend(loc="upper left", bbox_to_anchor=(0.0, 0.84))
    return ax


@figure(
    shows="How many stored amplitudes one evaluation of the loss of a data set looks at, against the size "
    "of the set.",
    seen="The count stays far below the size, and below the bound, which grows like the logarithm; it rises "
    "faster once the table that tells where to look has its full size.",
    unseen="Seconds, which the benchmarks have.",
)
def empirical_cost(probe_counts: Sequence[CostRow], c: int = 6) -> Figure:
    """Draw how many amplitudes an evaluation of the empirical loss examines, against n.

    n goes from 10³ to 10⁶, with ``full`` to 10⁷.
    """
    panels = make_panels(size=(3.44, 2.7), room=(0.83, 0.19, 1.25, 0.42))
    full = c * MOST_BUCKETS // BUCKETS
    cost(panels.ax, probe_counts)
    panels.ax.set_title("Of $n$ amplitudes the empirical loss looks at a few")
    panels.label("sample size $n$", "stored amplitudes examined\nper evaluation of $L_n$ and its gradient")
    return panels.finished(
        words=rf"$c = {c}$, $r = 2$; random points $(W, b) \sim N(0, I)$, the same"
        "\nfor every $n$; one sample of each $n$, of which a sum would read all.\n"
        f"The table that tells where to look has its full size\nfrom $n = {full}$ on."
    )
