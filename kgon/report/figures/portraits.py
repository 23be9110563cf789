"""Draw portraits of k-gons: vectors W_i, and bars of ‖W_i‖ and |b_i|."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kgon.base.checks import Floats
from kgon.base.verdicts import KgonError
from kgon.kgons.catalogue import Catalogue, CriticalPoint
from kgon.report.artefact import figure
from kgon.report.figures.artists import Axes, Figure
from kgon.report.figures.panels import make_panels
from kgon.report.figures.polygon import draw_polygon
from kgon.report.figures.style import NEGATIVE, POSITIVE, gon

STAGES = ("4++-", "4+", "5")
"""The k-gons of the developmental stages, as in the text."""
BAR = 0.38
BAR_LEGEND: dict[str, Any] = {"loc": "lower right", "borderaxespad": 0.2, "ncols": 3}
"""Where what the bars are is said: at the right edge."""
BIASES: dict[int, dict[str, Any]] = {
    1: {"facecolor": POSITIVE, "edgecolor": "white", "linewidth": 0.0},
    -1: {"facecolor": NEGATIVE, "edgecolor": "white", "linewidth": 0.0, "hatch": "////"},
}
"""Bars of |b_i| by the sign of b_i."""


def vectors(ax: Axes, point: CriticalPoint, *, reach: float) -> Axes:
    """Draw the columns W_i in the plane."""
    draw_polygon(ax, point, reach=reach, width=0.014, dots=False)
    ax.set_xlabel("$W_{1i}$")
    ax.set_ylabel("$W_{2i}$", labelpad=1)
    ax.locator_params(nbins=4)
    return ax


def bars(ax: Axes, W: Floats, b: Floats, *, top: float) -> Axes:
    """Draw ‖W_i‖ in black and |b_i| in red (b_i < 0) or green (b_i > 0), by column i from 0."""
    columns = np.arange(len(b))
    ax.bar(columns - BAR / 2, np.hypot(*W), BAR, color="black", gid="norm")
    for sign, style in BIASES.items():
        chosen = columns[np.sign(b) == sign]
        ax.bar(chosen + BAR / 2, np.abs(b[chosen]), BAR, gid="bias", **style)
    ax.set_xlabel("column $i$")
    ax.set_ylabel(r"$\Vert W_i\Vert$, $|b_i|$", labelpad=2)
    ax.set_xticks(columns)
    ax.set_ylim(0.0, top)
    return ax


def highest_bar(points: Sequence[tuple[Floats, Floats]]) -> float:
    """Find the largest ‖W_i‖ or |b_i| of points, and a little more."""
    return 1.08 * max([float(max(np.hypot(*W).max(), np.abs(b).max())) for W, b in points] or [1.0])


def bar_entries() -> list[Any]:
    """Make what a legend says of the bars."""
    from matplotlib.patches import Patch

    return [
        Patch(facecolor="black", label=r"$\Vert W_i\Vert$"),
        Patch(**BIASES[-1], label="$|b_i|$, $b_i < 0$"),
        Patch(**BIASES[1], label="$|b_i|$, $b_i > 0$"),
    ]


def _notes(points: Sequence[CriticalPoint]) -> list[str]:
    roles = {role for point in points for role in point.name.roles(point.c)}
    notes = [f"$c = {points[0].c}$, $r = 2$; columns are counted from 0"]
    if "switched-off" in roles:
        notes.append("switched-off columns (hollow arrows) are drawn at $b_i = -2$")
    if "dead" in roles:
        notes.append(r"dead columns have $W_i = 0$ and are drawn at $b_i = -\frac{1}{2}$")
    return notes


def _stages(catalogue: Catalogue) -> list[CriticalPoint]:
    found = []
    for text in STAGES:
        try:
            found.append(catalogue[text])
        except KgonError:  # cannot occur with so few features
            continue
    return found or [catalogue["4"]]


@figure(
    name="kgon",
    shows="The three k-gons of the stages of training: the columns of W as arrows, and bars of their "
    "lengths and of the biases.",
    seen="From one to the next the corner that is switched off becomes a live one, and then a limb grows: "
    "the square becomes a pentagon.",
    unseen="Paths between the three; nothing in this picture says that training goes from one to the next.",
)
def portraits(c: int = 6, label: str | None = None) -> Figure:
    """Draw the vectors W_i of k-gons, and bars of ‖W_i‖ and |b_i|.

    Without a label these are the three k-gons of the text's stages.
    """
    catalogue = Catalogue(c)
    points = _stages(catalogue) if label is None else [catalogue[label]]
    reach = 1.15 * max(p.length for p in points)
    top = highest_bar([(p.W, p.biases) for p in points])
    notes = _notes(points)
    below = 0.85 + 0.16 * len(notes)
    panels = make_panels(len(points), 2, size=(1.6, 1.6), gap=(0.6, 0.56), room=(0.62, 0.1, below, 0.72))
    for (left, right), point in zip(panels.axes, points, strict=True):
        vectors(left, point, reach=reach)
        bars(right, point.W, point.biases, top=top)
        left.set_title(f"{gon(point.name)},  $L = {point.loss:.5f}$")
    for ax in panels.axes[:-1].flat:
        ax.set_xlabel("")
    panels.legend(bar_entries(), panels.width, 0.13 + 0.16 * len(notes), **BAR_LEGEND)
    return panels.finished("Columns $W_i$ and biases $b_i$", ";\n".join(notes))
