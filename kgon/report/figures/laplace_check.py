"""The Laplace constants against the local evidence: the powers of n in which they differ."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from kgon.experiments.posterior.local_evidence import LOG2_PAIRS, LocalEvidence, sample_local_evidence
from kgon.kgons.labels import Label
from kgon.report.figures import Options
from kgon.report.figures.style import GREY, INK, colour, gon, new_figure

LABELS = ("6", "5+", "5")
QUICK_LOG2_PAIRS = 11
RESOLVED = 2.0
"""Standard errors from 0 beyond which a difference is drawn as a point, not as an upper bound."""
LEADING = {True: r"leading term $K/\beta n$", False: r"leading term $(A/P)\,(\beta n)^{-1/3}$"}


def differences(ax: Axes, found: LocalEvidence) -> Axes:
    """|log Z − log Z_laplace| and what laplace2 leaves of it, on logarithmic axes."""
    label = Label.parse(found.label)
    isolated = "dead" not in label.roles(found.c)
    s = found.strengths
    ax.set(xscale="log", yscale="log", xlim=(s[0] / 1.4, s[-1] * 1.4))
    ax.plot(s, found.leading, color=INK, linewidth=1.0, gid="leading")
    ax.errorbar(
        s, found.excess, found.stderr, fmt="o", markersize=4, color=colour(label),
        gid="excess",
    )  # fmt: skip
    rest = found.excess - found.second
    seen = np.abs(rest) > RESOLVED * found.stderr
    ax.errorbar(
        s[seen], np.abs(rest)[seen], found.stderr[seen], fmt="s", markersize=4, markerfacecolor="white",
        color=colour(label), gid="rest",
    )  # fmt: skip
    bound = np.abs(rest) + RESOLVED * found.stderr
    if (~seen).any():
        ax.plot(
            s[~seen],
            bound[~seen],
            "v",
            markersize=4,
            color=GREY,
            label="laplace2: upper bound (2 s.e.)",
            gid="bound",
        )
    if isolated:
        at = int(np.argmax(seen)) if seen.any() else 0
        ax.plot(
            s, np.abs(rest[at]) * (s[at] / s) ** 2, color=GREY, linestyle=(0, (1.2, 1.2)), linewidth=1.0,
            gid="guide",
        )  # fmt: skip
        ax.set_ylim(bottom=max(1e-7, float(found.stderr.min()) / 3))
    ax.set_xlabel(r"$\beta n$")
    ax.set_title(f"{gon(label)}, {LEADING[isolated]}", fontsize=9)
    return ax


def _legend(figure: Figure) -> None:
    common: dict[str, Any] = {"linestyle": "none", "markersize": 4, "color": INK}
    handles = [
        Line2D([], [], marker="o", label=r"$\log Z - \log Z_\mathrm{laplace}$", **common),
        Line2D([], [], color=INK, linewidth=1.0, label="its leading term"),
        Line2D(
            [],
            [],
            marker="s",
            markerfacecolor="white",
            label=r"$|\log Z - \log Z_\mathrm{laplace2}|$",
            **common,
        ),
        Line2D(
            [], [], marker="v", linestyle="none", markersize=4, color=GREY, label="the same, at most (2 s.e.)"
        ),
        Line2D([], [], color=GREY, linestyle=(0, (1.2, 1.2)), label=r"slope $-2$"),
    ]
    figure.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0.02, 0.06), ncols=5, fontsize=8, handlelength=1.6
    )


def build(options: Options) -> Figure:
    """One panel for each of 6, 5⁺ and 5 at c = 6."""
    pairs = LOG2_PAIRS if options.full else QUICK_LOG2_PAIRS
    found = [sample_local_evidence(label, log2_pairs=pairs) for label in LABELS]
    figure = new_figure(7.8, 4.0)
    for k, item in enumerate(found):
        ax = figure.add_axes((0.085 + 0.315 * k, 0.27, 0.26, 0.53))
        differences(ax, item)
        if k == 0:
            ax.set_ylabel("difference (nats)")
    _legend(figure)
    figure.text(
        0.02,
        0.935,
        "Local evidence against the Laplace constants: what is left, and its power of $n$",
        fontsize=11,
    )
    figure.text(
        0.02, 0.02,
        rf"$c = 6$, population loss, prior $N(0, I)$; importance sampling, {found[0].replicates} × "
        f"{found[0].pairs} antithetic pairs, one standard error.",
        fontsize=8,
    )  # fmt: skip
    return figure
