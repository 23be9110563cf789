"""Draw the kinds of critical points in two dimensions, as surfaces."""

from __future__ import annotations

import numpy as np

from kgon.experiments.taxonomy import TaxonomyEntry, build_taxonomy
from kgon.report.artefact import figure
from kgon.report.figures.artists import Axes3D, Figure
from kgon.report.figures.panels import make_panels
from kgon.report.figures.style import INK, Style

REACH = 1.25
CELLS = 31
VIEW = (32.0, -58.0)
"""Elevation and azimuth in degrees."""
MARK = "white"
"""Colour of critical points, which no height has, in grey either."""
SHADES = (0.35, 0.1)
"""How much darker and lighter than the surface black and white are, in parts of its height."""
MESH: Style = {"cmap": "gray", "rcount": CELLS, "ccount": CELLS, "linewidth": 0.15, "alpha": 0.85}
POINT: Style = {"marker": "o", "markersize": 7, "markerfacecolor": MARK, "markeredgecolor": INK}


def surface(ax: Axes3D, entry: TaxonomyEntry) -> Axes3D:
    """Draw the graph of L over a disc, its critical point, and under it the signs of the Hessian."""
    radius, angle = np.meshgrid(np.linspace(0.0, REACH, CELLS), np.linspace(0.0, 2 * np.pi, 2 * CELLS - 1))
    w1, w2 = radius * np.cos(angle), radius * np.sin(angle)
    values = entry.loss(w1, w2)
    low, high = float(values.min()), float(values.max())
    dark, light = low - SHADES[0] * (high - low), high + SHADES[1] * (high - low)
    ax.plot_surface(w1, w2, values, edgecolor=(0, 0, 0, 0.25), vmin=dark, vmax=light, **MESH)
    height = float(entry.loss(entry.w1, entry.w2))
    place = [entry.w1], [entry.w2], [height]
    ax.plot(*place, linestyle="none", zorder=10, gid="critical-point", **POINT)
    if entry.critical_curve is not None:
        # All of the curve has the loss of the marked point, so its contour lies on the surface.
        side = np.linspace(-REACH, REACH, 4 * CELLS)
        x, y = np.meshgrid(side, side)
        curve = np.where(np.hypot(x, y) <= REACH, entry.curve(x, y), np.nan)
        ax.contour(x, y, curve, levels=[height], colors=[MARK], linewidths=1.8, zorder=9)
        ax.computed_zorder = False
    ax.set_zlim(low, high)
    ax.view_init(*VIEW)
    ax.set_xlabel("$w_1$", labelpad=-12)
    ax.set_ylabel("$w_2$", labelpad=-12)
    ax.set_zlabel("$L$", labelpad=-14)
    ax.set(xticklabels=[], yticklabels=[], zticklabels=[])
    ax.tick_params(length=0)
    ax.set_title(f"{entry.name}\n$L = {entry.latex}$".replace(r"\left", "").replace(r"\right", ""), y=1.0)
    lines = [f"signs of the Hessian: {entry.inertia}"]
    if entry.lambda_ is not None:
        power = f", multiplicity {entry.multiplicity}" if entry.multiplicity != 1 else ""
        lines.append(rf"$\lambda = {entry.lambda_}${power}")
    below: Style = {"transform": ax.transAxes, "ha": "center", "va": "top", "color": INK, "gid": "inertia"}
    ax.text2D(0.5, -0.02, "\n".join(lines), **below)
    return ax


@figure(
    shows="Kinds of critical points of a function on the plane as surfaces: above those that the Hessian "
    "decides, below degenerate ones.",
    seen="Above, the signs of the Hessian tell minimum, maximum and saddle apart; below they do not, and λ "
    "depends on more than the dimension.",
    unseen="The loss of the model itself: these are examples, with their formulas above them.",
)
def taxonomy() -> Figure:
    """Draw the kinds of critical points in two dimensions as surfaces.

    The upper row has the kinds that the Hessian decides, the lower one degenerate ones.
    """
    panels = make_panels(
        2,
        3,
        size=(2.82, 2.48),
        gap=(0.235, 1.08),
        room=(0.19, 0.28, 0.47, 0.68),
        stacks=False,
        projection="3d",
    )
    for ax, entry in zip(panels.axes.flat, build_taxonomy(), strict=True):
        surface(ax, entry)
    second = "Degenerate: the Hessian is singular (line: further critical points)"
    panels.heading(second, 0.478 * panels.height)
    return panels.finished("Decided by the Hessian")
