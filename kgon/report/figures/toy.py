"""Draw the posterior with two phases in the plane: a ball around one minimum, a strip along others."""

from __future__ import annotations

import numpy as np

from kgon.experiments.toy import ToyPhases, ToyPosterior
from kgon.report.artefact import figure
from kgon.report.figures.artists import Axes, Figure
from kgon.report.figures.panels import make_panels
from kgon.report.figures.style import INK, Style

SHOWN = (-1.0, 1.5, -1.25, 1.25)
"""Part of the box that is drawn: w1 from and to, w2 from and to."""
CELLS = 351
"""Values of the density along each side."""
BALL = STRIP = INK
CROSS: Style = {
    "color": INK,
    "markersize": 9,
    "markeredgecolor": "white",
    "markeredgewidth": 0.9,
    "zorder": 5,
}
"""The saddle, on the edges of both regions."""


def density(ax: Axes, found: ToyPhases, at: ToyPosterior) -> Axes:
    """Draw p(w) as a heat map with both regions and the critical points."""
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap

    left, right, bottom, top = SHOWN
    w1, w2 = np.meshgrid(np.linspace(left, right, CELLS), np.linspace(bottom, top, CELLS))
    values = at.density(w1, w2)
    heat: Style = {
        "cmap": ListedColormap(colormaps["Greys"](np.linspace(0.0, 0.65, 256))),
        "vmin": 0.0,
        "interpolation": "bilinear",
    }
    image = ax.imshow(values, origin="lower", extent=SHOWN, aspect="equal", **heat)
    levels = np.linspace(0.0, values.max(), 8)[1:-1]
    ax.contour(w1, w2, values, levels=levels, colors=INK, linewidths=0.4, alpha=0.6)
    _regions(ax, found, at)
    ax.set(xlim=(left, right), ylim=(bottom, top))
    ax.set_title(f"$n = {at.n:g}$")
    ax.text(0.02, 0.02, f"elsewhere {at.mass_rest:.3f}", transform=ax.transAxes, color=INK)
    ax.figure.colorbar(image, cax=ax.inset_axes((1.03, 0.0, 0.04, 1.0)), label="density $p(w)$")
    return ax


def _regions(ax: Axes, found: ToyPhases, at: ToyPosterior) -> None:
    """The ball and the strip with their masses, and the critical points."""
    from matplotlib.patches import Circle, Rectangle

    minimum, saddle, line = found.minimum, found.saddle, found.line
    edge: Style = {"fill": False, "linewidth": 1.4, "linestyle": (0, (4, 2))}
    ax.add_patch(Circle((minimum.w1, minimum.w2), at.radius, edgecolor=BALL, gid="ball", **edge))
    corner, sides = (line.w1 - at.half_width, at.box[0]), (2 * at.half_width, float(np.ptp(at.box)))
    ax.add_patch(Rectangle(corner, *sides, edgecolor=STRIP, gid="strip", **edge))
    ax.axvline(line.w1, color=STRIP, linewidth=0.7)
    ax.plot(minimum.w1, minimum.w2, "o", color=BALL, markersize=5, gid="minimum")
    ax.plot(saddle.w1, saddle.w2, "X", gid="saddle", **CROSS)
    ax.plot(0.0, 0.0, "+", color=INK, markersize=7)
    above: Style = {"ha": "center", "va": "bottom"}
    ax.text(minimum.w1, at.radius + 0.05, f"$P(W_1) = {at.mass_ball:.3f}$", color=BALL, **above)
    ax.text(line.w1, 1.02 * SHOWN[3], f"$P(W_2) = {at.mass_strip:.3f}$", color=STRIP, **above)


@figure(
    name="toy-posterior",
    shows="The density of a posterior in the plane with two phases, at a small and at a larger sample "
    "size, and the mass of each.",
    seen="One phase is a ball, the other surrounds a line; as the sample grows mass moves to the line, "
    "though the two losses differ little.",
    unseen="Any training: the density is integrated on a box, which bounds the line.",
)
def posterior_in_the_plane(toy_phases: ToyPhases) -> Figure:
    """Draw the two phases of a posterior in the plane, at n = 10 and n = 100."""
    minimum, saddle, line = toy_phases.minimum, toy_phases.saddle, toy_phases.line
    panels = make_panels(1, 2, size=(2.9, 2.9), gap=(1.35, 0.0), room=(0.61, 0.71, 1.0, 0.7))
    for ax, at in zip(panels.axes[0], toy_phases.posteriors, strict=True):
        density(ax, toy_phases, at)
        ax.set(xlabel="$w_1$", ylabel="$w_2$")
    low, high = toy_phases.posteriors[0].box
    return panels.finished(
        r"Two phases of a posterior: $p(w) \propto e^{-nL(w)}$,  "
        r"$L(w) = (w_1 - 1)^2\,(w_1^2 + w_2^2 + \frac{1}{4})^4$",
        rf"$\beta = 1$, uniform prior on $[{low:g}, {high:g}]^2$ (the panels show a part); $P$: posterior "
        rf"mass of the dashed region; $W_2$ overtakes $W_1$ at $n = {toy_phases.exchanged:.1f}$"
        ";\n"
        rf"dot: minimum at $({minimum.w1:.4f}, 0)$, $L = {minimum.loss:.5f}$, $\lambda = {minimum.lambda_}$; "
        rf"cross: saddle at $({saddle.w1:.4f}, 0)$; plus: origin; line $w_1 = 1$: $L = {line.loss:g}$, "
        rf"$\lambda = {line.lambda_}$",
    )
