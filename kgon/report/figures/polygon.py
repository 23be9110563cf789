"""Draw one point: the columns W_i as arrows from the origin."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kgon.base.checks import Floats
from kgon.kgons.catalogue import CriticalPoint
from kgon.report.figures.artists import Axes, Line2D, Quiver
from kgon.report.figures.layout import entry
from kgon.report.figures.style import GREY, INK, POSITIVE, Style, colour

LIVE, SWITCHED_OFF = "live", "switched-off"
SMALL = 0.02
"""Columns shorter than this are drawn as dots."""


def draw_arrows(ax: Axes, W: Floats, *, live: bool, width: float) -> Quiver:
    """Draw arrows from the origin to the columns of W (2, m), solid or hollow."""
    start = np.zeros(W.shape[1])
    shape: Style = {"headwidth": 4.2, "headlength": 5.0, "headaxislength": 4.6, "zorder": 3 if live else 2}
    ink: Style = {"facecolor": INK if live else "white", "edgecolor": INK if live else GREY}
    arrows = ax.quiver(
        start, start, *W, angles="xy", scale_units="xy", scale=1.0, units="width", width=width,
        linewidth=0.0 if live else 0.8, **shape, **ink,
    )  # fmt: skip
    arrows.set_gid(LIVE if live else SWITCHED_OFF)
    return arrows


def _square(ax: Axes, reach: float) -> None:
    """Equal scales from −reach to reach."""
    ax.set_aspect("equal")
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach))


def _dots(ax: Axes, positive: Sequence[bool], reach: float) -> None:
    """Columns with W_i = 0 in the lower right corner: filled where b_i > 0, hollow where dead."""
    from matplotlib.patches import Circle

    step = reach * min(0.3, 1.76 / max(len(positive) - 1, 1))
    for k, filled in enumerate(reversed(positive)):
        ink: Style = {"facecolor": POSITIVE if filled else "white", "edgecolor": POSITIVE if filled else GREY}
        place = (0.88 * reach - step * k, -0.88 * reach)
        gid = "positive" if filled else "dead"
        ax.add_patch(Circle(place, step / 3, linewidth=0.9, gid=gid, **ink))


def draw_polygon(
    ax: Axes, point: CriticalPoint, *, reach: float, width: float = 0.035, dots: bool = True
) -> Axes:
    """Draw arrows W_i, solid where live and hollow where switched off, over the outline of the hull.

    Parameters
    ----------
    ax : Axes
        Is given equal scales.
    point : CriticalPoint
    reach : float
        Half the side of the square that is shown.
    width : float
        Of an arrow's shaft, in units of the square's side.
    dots : bool
        Draw columns with W_i = 0 as dots.
    """
    roles = np.array(point.name.roles(point.c))
    tint = colour(point.name)
    _square(ax, reach)
    corners = point.W[:, : point.k]
    ax.fill(*corners, facecolor=tint, alpha=0.13, edgecolor="none", gid="hull-area")
    ax.fill(*corners, fill=False, edgecolor=tint, linewidth=0.7, gid="hull")
    for role in (LIVE, SWITCHED_OFF):
        if role in roles:
            draw_arrows(ax, point.W[:, roles == role], live=role == LIVE, width=width)
    if dots:
        _dots(ax, [role == "positive" for role in roles if role not in (LIVE, SWITCHED_OFF)], reach)
    return ax


def draw_columns(ax: Axes, W: Floats, b: Floats, *, reach: float, width: float = 0.035) -> Axes:
    """Draw any point: its columns as arrows, those near 0 as dots, filled where b > 0."""
    _square(ax, reach)
    long = np.hypot(*W) > SMALL
    draw_arrows(ax, W[:, long], live=True, width=width)
    _dots(ax, list(b[~long] > 0)[::-1], reach)
    return ax


def draw_answers(ax: Axes, W: Floats, b: Floats, *, reach: float) -> Axes:
    """Draw any point: a column is solid where output i answers to its own input, else hollow."""
    _square(ax, reach)
    live = np.sum(W**2, axis=0) + b > 0
    for kind in (True, False):
        if np.any(live == kind):
            draw_arrows(ax, W[:, live == kind], live=kind, width=0.022)
    return ax


def answer_entries() -> list[Line2D]:
    """Make what a legend says of the arrows of ``draw_answers``."""
    return [
        entry("output $i$ answers to input $i$", marker=">", markersize=5),
        entry("it does not", marker=">", markersize=5, color=GREY, markerfacecolor="white"),
    ]


def column_entries() -> tuple[Line2D, Line2D, Line2D]:
    """Make what a legend says of columns: switched off, positive, dead."""
    hollow: Style = {"color": GREY, "markerfacecolor": "white", "markersize": 5}
    return (
        entry("switched off ($b_i$ very negative)", marker=">", **hollow),
        entry("$W_i = 0$, $b_i > 0$", marker="o", color=POSITIVE, markersize=5),
        entry("$W_i = 0$, $b_i < 0$ (dead)", marker="o", **hollow),
    )
