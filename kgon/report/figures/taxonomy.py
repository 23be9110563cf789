"""Kinds of critical points in two dimensions, as surfaces."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from mpl_toolkits.mplot3d.axes3d import Axes3D

from kgon.experiments.taxonomy import TaxonomyEntry, build_taxonomy
from kgon.report.figures import Options
from kgon.report.figures.style import INK, new_figure

REACH = 1.25
CELLS = 31
VIEW = (32.0, -58.0)
"""Elevation and azimuth in degrees."""


def surface(ax: Axes3D, entry: TaxonomyEntry) -> Axes3D:
    """The graph of L over a disc, with the critical point, and under it the signs of the Hessian."""
    radius, angle = np.meshgrid(np.linspace(0.0, REACH, CELLS), np.linspace(0.0, 2 * np.pi, 2 * CELLS - 1))
    w1, w2 = radius * np.cos(angle), radius * np.sin(angle)
    values = entry.loss(w1, w2)
    ax.plot_surface(
        w1,
        w2,
        values,
        cmap="cividis",
        rcount=CELLS,
        ccount=CELLS,
        linewidth=0.15,
        edgecolor=(0, 0, 0, 0.25),
        alpha=0.85,
    )
    height = float(entry.loss(entry.w1, entry.w2))
    ax.plot(
        [entry.w1],
        [entry.w2],
        [height],
        marker="o",
        markersize=7,
        markerfacecolor="#D55E00",
        markeredgecolor="white",
        linestyle="none",
        zorder=10,
        gid="critical-point",
    )
    if entry.critical_curve is not None:
        # All of the curve has the loss of the marked point, so its contour lies on the surface.
        side = np.linspace(-REACH, REACH, 4 * CELLS)
        x, y = np.meshgrid(side, side)
        curve = np.where(np.hypot(x, y) <= REACH, entry.curve(x, y), np.nan)
        ax.contour(x, y, curve, levels=[height], colors=["#D55E00"], linewidths=1.8, zorder=9)
    ax.set_zlim(float(values.min()), float(values.max()))
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
    ax.text2D(
        0.5, -0.02, "\n".join(lines), transform=ax.transAxes, ha="center", va="top", color=INK, gid="inertia"
    )
    return ax


def build(options: Options) -> Figure:
    """Six panels: the kinds that the Hessian decides above, degenerate ones below."""
    del options
    figure = new_figure(9.4, 7.2)
    for k, entry in enumerate(build_taxonomy()):
        row, column = divmod(k, 3)
        ax = figure.add_axes(
            (0.02 + 0.325 * column, 0.56 - 0.495 * row, 0.3, 0.345),
            projection="3d",
            computed_zorder=entry.critical_curve is None,
        )
        assert isinstance(ax, Axes3D)
        surface(ax, entry)
    for place, text in (
        (0.975, "Decided by the Hessian"),
        (0.478, "Degenerate: the Hessian is singular (line: further critical points)"),
    ):
        figure.text(0.02, place, text, fontsize=11, va="center")
    return figure
