"""Drawing one k-gon: the columns W_i as arrows from the origin."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, Polygon
from matplotlib.quiver import Quiver

from kgon.base.checks import Floats
from kgon.kgons.catalogue import CriticalPoint
from kgon.report.figures.style import GREY, INK, POSITIVE, colour

LIVE, SWITCHED_OFF = "live", "switched-off"


def draw_arrows(ax: Axes, W: Floats, *, live: bool, width: float) -> Quiver:
    """Arrows from the origin to the columns of W (2, m), solid or hollow."""
    arrows = ax.quiver(
        np.zeros(W.shape[1]),
        np.zeros(W.shape[1]),
        W[0],
        W[1],
        angles="xy",
        scale_units="xy",
        scale=1.0,
        units="width",
        width=width,
        headwidth=4.2,
        headlength=5.0,
        headaxislength=4.6,
        facecolor=INK if live else "white",
        edgecolor=INK if live else GREY,
        linewidth=0.0 if live else 0.8,
        zorder=3 if live else 2,
    )
    arrows.set_gid(LIVE if live else SWITCHED_OFF)
    return arrows


def draw_polygon(
    ax: Axes, point: CriticalPoint, *, reach: float, width: float = 0.022, dots: bool = True
) -> Axes:
    """Arrows W_i, solid where live and hollow where switched off, over the outline of the hull.

    With ``dots``, columns with W_i = 0 are dots in the lower right corner: filled where b_i > 0, hollow
    where dead.

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
    """
    roles = point.name.roles(point.c)
    ax.set_aspect("equal")
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach))
    ax.add_patch(
        Polygon(
            point.W[:, : point.k].T,
            closed=True,
            facecolor=colour(point.name),
            alpha=0.13,
            edgecolor="none",
            gid="hull-area",
        )
    )
    ax.add_patch(
        Polygon(
            point.W[:, : point.k].T,
            closed=True,
            fill=False,
            edgecolor=colour(point.name),
            linewidth=0.7,
            gid="hull",
        )
    )
    for role in (LIVE, SWITCHED_OFF):
        columns = [j for j, name in enumerate(roles) if name == role]
        if columns:
            draw_arrows(ax, point.W[:, columns], live=role == LIVE, width=width)
    zero = [role for role in roles if role not in (LIVE, SWITCHED_OFF)]
    step = reach * min(0.3, 1.76 / max(len(zero) - 1, 1))
    for k, role in enumerate(zero if dots else []):
        ax.add_patch(
            Circle(
                (reach - 0.12 * reach - step * (len(zero) - 1 - k), -0.88 * reach),
                step / 3,
                facecolor=POSITIVE if role == "positive" else "white",
                edgecolor=POSITIVE if role == "positive" else GREY,
                linewidth=0.9,
                gid=role,
            )
        )
    return ax
