"""Hold the Laplace constants against the local evidence: the powers of n in which they differ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kgon.experiments.posterior.local_evidence import LocalEvidence
from kgon.kgons.labels import Label
from kgon.report.artefact import figure
from kgon.report.figures.artists import Axes, Figure
from kgon.report.figures.layout import entry
from kgon.report.figures.panels import make_panels
from kgon.report.figures.style import GREY, INK, Style, colour, gon

RESOLVED = 2.0
"""Standard errors from 0 beyond which a difference is drawn as a point, not as an upper bound."""
LEADING = {True: r"leading term $K/\beta n$", False: r"leading term $(A/P)\,(\beta n)^{-1/3}$"}
GUIDE: Style = {"color": GREY, "linestyle": (0, (1.2, 1.2)), "linewidth": 1.0}
"""Line of slope −2."""
BOUND: Style = {"marker": "v", "markersize": 4, "color": GREY}


def differences(ax: Axes, found: LocalEvidence) -> Axes:
    """Draw |log Z − log Z_laplace| and what laplace2 leaves of it, on logarithmic axes."""
    label = Label.parse(found.label)
    isolated = "dead" not in label.roles(found.c)
    s, error, tint = found.strengths, found.stderr, colour(label)
    ax.set(xscale="log", yscale="log", xlim=(s[0] / 1.4, s[-1] * 1.4))
    ax.plot(s, found.leading, color=INK, linewidth=1.0, gid="leading")
    ax.errorbar(s, found.excess, error, fmt="o", markersize=4, color=tint, gid="excess")
    rest = np.abs(found.excess - found.second)
    seen = rest > RESOLVED * error
    hollow: Style = {"fmt": "s", "markersize": 4, "markerfacecolor": "white", "color": tint}
    ax.errorbar(s[seen], rest[seen], error[seen], gid="rest", **hollow)
    if (~seen).any():
        bound = (rest + RESOLVED * error)[~seen]
        ax.plot(s[~seen], bound, linestyle="none", gid="bound", **BOUND)
    if isolated:
        at = int(np.argmax(seen)) if seen.any() else 0
        ax.plot(s, rest[at] * (s[at] / s) ** 2, gid="guide", **GUIDE)
        ax.set_ylim(bottom=max(1e-7, float(error.min()) / 3))
    ax.set_title(f"{gon(label)}, {LEADING[isolated]}", fontsize=9)
    return ax


@figure(
    shows="What the Laplace constants leave of the sampled local evidence of three polygons, against the "
    "strength of the data.",
    seen="What is left falls with the power of n that the next order predicts, and is smaller still once "
    "that order is taken in.",
    unseen="The 4-gons, whose loss has no second derivative at the minimum; and whole basins: the evidence "
    "is that of a neighbourhood.",
)
def laplace_check(local_evidence: Sequence[LocalEvidence]) -> Figure:
    """Draw what the Laplace constants leave of the local evidence of 6, 5⁺ and 5, and its power of n."""
    panels = make_panels(1, 3, size=(2.03, 2.12), gap=(0.43, 0.0), room=(0.66, 0.2, 1.41, 0.8))
    for ax, item in zip(panels.axes[0], local_evidence, strict=True):
        differences(ax, item)
    panels.label(r"$\beta n$", "difference (nats)")
    hollow: Style = {"marker": "s", "markersize": 4, "markerfacecolor": "white"}
    handles = [
        entry(r"$\log Z - \log Z_\mathrm{laplace}$", marker="o", markersize=4),
        entry("its leading term", linewidth=1.0),
        entry(r"$|\log Z - \log Z_\mathrm{laplace2}|$", **hollow),
        entry("the same, at most (2 s.e.)", **BOUND),
        entry(r"slope $-2$", **GUIDE),
    ]
    panels.legend(handles, 0.16, 0.57, ncols=5, fontsize=8, handlelength=1.6)
    first = local_evidence[0]
    return panels.finished(
        "Local evidence against the Laplace constants: what is left, and its power of $n$",
        rf"$c = {first.c}$, $r = 2$, population loss, prior $N(0, I)$; importance sampling, "
        f"{first.replicates} × {first.pairs} antithetic pairs, one standard error.\n"
        "$K$: from the derivatives of $L$ at the $k$-gon; $P$: prior mass of the region of its dead column, "
        "whose edge adds $A s^{-1/3}$, $s = \\beta n$.\n"
        "Slope $-2$, that of the next order, is drawn through the first square.",
    )
