"""Draw phase diagrams: the phase with the lowest free energy in (n, β), and in (n, importance)."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from kgon.free_energy.diagram import PhaseDiagram
from kgon.kgons.labels import Label
from kgon.report.artefact import figure
from kgon.report.figures.artists import Axes, Figure
from kgon.report.figures.layout import plain_ticks, size_axis
from kgon.report.figures.panels import make_panels
from kgon.report.figures.style import INK, Style, name_text, shade, theory_words

ROLE = {"": "", "vertex": ""} | {
    role: f", last column {role.replace('-', ' ')}" for role in ("positive", "switched-off", "dead")
}
HATCHES = {"positive": "////", "switched-off": "\\\\\\\\", "dead": "...."}
"""What lies over the cells of a role, so that grey tells it from a paler k-gon."""
SHADE = {"": 0.0, "vertex": 0.0, "positive": 0.35, "switched-off": 0.5, "dead": 0.6}
"""How much lighter a role is drawn."""
LEAST = 3.0
"""Cells from the border of a region to its name, at least."""
MARKED = (Fraction(1, 2), 1)
"""β with a line: those of a likelihood of variance 1, and of the published formula."""
UNDECIDED = "0.85"
"""The grey of cells that are not decided."""


def _colour(label: Label, role: str) -> tuple[float, float, float]:
    dark, white = 0.8 if label.sigma else 1.0, SHADE[role]
    red, green, blue = (dark * x + (1 - dark * x) * white for x in shade(label))
    return red, green, blue


def _name(ax: Axes, found: PhaseDiagram, mask: NDArray[np.bool_], name: str) -> None:
    """Write a name into a region, where it is widest."""
    from scipy.ndimage import distance_transform_edt

    depth = distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
    i, k = np.unravel_index(int(depth.argmax()), depth.shape)
    if depth[i, k] >= LEAST:
        plate: Style = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 1.2}
        place: Style = {"ha": "center", "va": "center", "fontsize": 8, "bbox": plate}
        ax.text(found.n[k], found.values[i], name, gid="region-name", **place)


def regions(ax: Axes, found: PhaseDiagram, *, log: bool) -> Axes:
    """Fill the regions, and name them in a legend under the axes; what is not decided is grey."""
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    used = found.used()
    phases = [(Label.parse(found.labels[k]), found.roles[k]) for k in used]
    index = np.full(len(found.labels) + 1, -1)
    index[used] = np.arange(len(used))
    colours = [_colour(*phase) for phase in phases]
    ax.pcolormesh(
        found.n, found.values, np.ma.masked_less(index[found.lowest], 0), cmap=ListedColormap(colours),
        vmin=-0.5, vmax=len(used) - 0.5, shading="nearest", rasterized=True, gid="regions",
    )  # fmt: skip
    for k, (label, role) in enumerate(phases):
        mask = index[found.lowest] == k
        if role in HATCHES:
            over: Style = {"levels": [0.5, 1.5], "colors": "none", "hatches": [HATCHES[role]]}
            ax.contourf(found.n, found.values, mask.astype(float), **over).set_edgecolor("white")
        if not mask.all():  # neighbours may be one grey
            border: Style = {"levels": [0.5], "colors": "white", "linewidths": 1.0}
            ax.contour(found.n, found.values, mask.astype(float), **border).set_gid("border")
        _name(ax, found, mask, name_text(label))
    size_axis(ax, found.n, (20, 50, 100, 200, 500, 1000, 2000))
    low, high = found.values[0], found.values[-1]
    ax.set_ylim(low, high)
    if log:
        ax.set_yscale("log")
        plain_ticks(ax, "y", (0.1, 0.2, 0.5, 1, 2), low, high)
    handles = [
        Patch(
            facecolor=tint,
            edgecolor="white",
            linewidth=0,
            hatch=HATCHES.get(role),
            label=f"{name_text(label)}-gon{ROLE[role]}",
        )
        for (label, role), tint in zip(phases, colours, strict=True)
    ]
    if found.undecided:
        ax.set_facecolor(UNDECIDED)
        handles.append(Patch(facecolor=UNDECIDED, label="not decided"))
    at = (-0.02, -0.17)
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=at, fontsize=8, ncols=2 - (not log))
    return ax


@figure(
    shows="The phase of lowest free energy by sample size and inverse temperature, and by sample size and "
    "the importance of the last feature.",
    seen="Large samples and low temperature belong to the 6-gon; where the last feature matters less, "
    "phases that give up its column take over.",
    unseen="How narrowly a phase wins, and sampled evidence: the diagram is the formula's.",
)
def phase_diagram(
    phase_diagrams: tuple[PhaseDiagram, PhaseDiagram],
    c: int = 6,
    theory: str = "prior",
    beta: Fraction = Fraction(1),
) -> Figure:
    """Draw which phase has the lowest free energy in (n, β) and in (n, importance of the last feature)."""
    left, right = phase_diagrams
    # The legends below: the first has two columns.
    first_rows, second_rows = (len(x.used()) + bool(x.undecided) for x in (left, right))
    below = 1.2 + 0.175 * max((first_rows + 1) // 2, second_rows)
    panels = make_panels(1, 2, size=(3.0, 2.55), gap=(0.8, 0.0), room=(0.57, 0.23, below, 0.59))
    first, second = panels.axes[0]
    regions(first, left, log=True)
    first.set_title(rf"theory “{theory}”, importances 1")
    regions(second, right, log=False)
    second.set_title(rf"theory “{right.theory}”, $\beta = {beta}$")
    panels.label("sample size $n$", r"inverse temperature $\beta$")
    second.set_ylabel("importance of the last feature")
    for ax, values in ((first, MARKED), (second, (1,))):
        for value in values:
            ax.axhline(float(value), color=INK, linewidth=0.7, linestyle=(0, (3, 2)), gid="marked")
    left_out = ", ".join(name_text(Label.parse(label)) for label in right.left_out)
    grey = bool(left.undecided or right.undecided)
    return panels.finished(
        rf"Phase with the lowest free energy, $r = 2$, $c = {c}$",
        f"Both panels compare the same local minima{f'; left out: {left_out}' * bool(left_out)}.\n"
        rf"By {theory_words(theory)}. Dashed: $\beta =$ {' and '.join(map(str, MARKED))}; importance 1."
        "\nRight: minima followed from importance 1; a $k$-gon counts once for each role of its last column."
        + "\nGrey: the well of the lowest is too shallow at this $n$ for its free energy to hold."
        * grey,
    )
