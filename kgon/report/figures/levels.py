"""Draw energy levels: the losses of all k-gons, each k-gon beside its level."""

from __future__ import annotations

from collections.abc import Sequence

from kgon.kgons.catalogue import Catalogue, CriticalPoint
from kgon.report.artefact import figure
from kgon.report.figures.artists import Axes, Figure
from kgon.report.figures.layout import entry, per_inch, picture, size_in_inches, spread_inside
from kgon.report.figures.panels import make_panels
from kgon.report.figures.polygon import SWITCHED_OFF, column_entries, draw_polygon
from kgon.report.figures.style import GREY, INK, Style, colour, name_text

SIDE = 0.62
"""Side of a picture, inches."""
GAP = 0.70
"""Least distance between the centres of two pictures, inches."""
LEVEL, LEADER = 0.42, 0.28
"""Widths of a level line and of a leader line, inches."""
TEXT, SIGN = 0.57, 0.09
"""Width of a name, and of each sign of σ in it, inches."""
LEGEND: Style = {"loc": "upper left", "ncols": 4, "columnspacing": 1.4, "handlelength": 1.6}


def _groups(points: Sequence[CriticalPoint], sigma: int) -> list[list[CriticalPoint]]:
    """Configurations of each label with the given σ, by loss."""
    names = sorted({(p.loss, p.label) for p in points if p.sigma == sigma})
    return [[p for p in points if p.label == name] for _, name in names]


def _column(points: Sequence[CriticalPoint]) -> float:
    """Width of one column of the diagram, inches."""
    return LEVEL + LEADER + 2 * SIDE + TEXT + SIGN * max(p.sigma for p in points)


def draw_levels(ax: Axes, points: Sequence[CriticalPoint]) -> Axes:
    """Draw levels of L in one column per σ, with pictures spread so that none overlap.

    Parameters
    ----------
    ax : Axes
        Its size in inches decides the layout; ``energy_levels`` makes it large enough.
    points : sequence of CriticalPoint
    """
    losses = [p.loss for p in points]
    margin = 0.06 * (max(losses) - min(losses))
    ax.set(xlim=(0.0, size_in_inches(ax)[0]), ylim=(min(losses) - margin, max(losses) + margin))
    reach = 1.12 * max(p.length for p in points)
    for k, sigma in enumerate(sorted({p.sigma for p in points})):
        left = 0.12 + k * _column(points)
        groups = _groups(points, sigma)
        places = spread_inside(ax, [group[0].loss for group in groups], GAP, 0.5 * GAP)
        for group, middle in zip(groups, places, strict=True):
            _level(ax, group, left, middle, reach)
        heading = rf"$\sigma = {sigma}$" + (" positive biases" if sigma == 0 else "")
        above = ax.get_ylim()[1] + 0.05 * per_inch(ax)[1]
        ax.text(left, above, heading, fontsize=10, va="bottom", gid="heading")
    ax.set_ylabel(r"loss $L = \mathrm{E}\,\Vert x - f(x)\Vert^2$")
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    return ax


def _level(ax: Axes, group: Sequence[CriticalPoint], left: float, middle: float, reach: float) -> None:
    """One level: its line, a leader to its pictures, one for each configuration, name and loss."""
    point, end = group[0], left + LEVEL
    line: Style = {"color": colour(point.name), "linewidth": 2.2, "solid_capstyle": "butt"}
    ax.plot([left, end], [point.loss] * 2, gid="level", **line)
    ax.plot([end, end + LEADER - 0.04], [point.loss, middle], color=GREY, linewidth=0.6)
    start = end + LEADER
    for member in group:
        draw_polygon(picture(ax, start + SIDE / 2, middle, SIDE), member, reach=reach)
        start += SIDE + 0.03
    ax.text(start + 0.06, middle, name_text(point.name), fontsize=12, va="bottom", gid="label")
    ax.text(start + 0.06, middle, f"{point.loss:.5f}", fontsize=8.5, va="top", color=INK, gid="loss")


@figure(
    shows="The loss of every catalogued k-gon as a level, a column for each number of positive biases, "
    "with a drawing of the k-gon beside its level.",
    seen="Every switched-off column raises the loss, every positive bias lowers it a little, and the 6-gon "
    "lies lowest.",
    unseen="What each level is, a minimum or not, and what else is critical: the tables of certificates "
    "and of the landscape say so.",
)
def energy_levels(c: int = 6) -> Figure:
    """Draw the losses of all catalogued k-gons as energy levels, each k-gon beside its level."""
    points = tuple(Catalogue(c))
    sigmas = {p.sigma for p in points}
    most = max(len(_groups(points, sigma)) for sigma in sigmas)
    width, height = len(sigmas) * _column(points) + 0.2, max(8.2, GAP * (most + 2.0))
    panels = make_panels(stacks=False, size=(width, height), room=(0.7, max(0.15, 6.5 - width), 1.0, 0.7))
    draw_levels(panels.ax, points)
    seen = {p.k: p.name for p in points}
    handles = [entry(f"$k = {k}$", color=colour(seen[k]), linewidth=2.2) for k in sorted(seen)]
    handles.append(entry("live column $W_i$", marker=">", markersize=5))
    roles = {role for p in points for role in p.name.roles(c)}
    of_roles = zip((SWITCHED_OFF, "positive", "dead"), column_entries(), strict=True)
    handles += [handle for role, handle in of_roles if role in roles]
    panels.ax.legend(handles=handles, bbox_to_anchor=(0.0, -0.015), **LEGEND)
    labels = len({p.label for p in points})
    return panels.finished(
        rf"Energy levels of the {labels} catalogued $k$-gons, $r = 2$, $c = {c}$",
        "Two pictures at one level: the switched-off columns are neighbours, or opposite.",
    )
