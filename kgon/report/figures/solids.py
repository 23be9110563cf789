"""Draw the regular configurations of three hidden dimensions: columns and contacts, seen from one side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kgon.base.checks import Floats
from kgon.landscape.solids import Solid, touching_columns
from kgon.report.artefact import figure
from kgon.report.figures.artists import Axes, Figure
from kgon.report.figures.panels import make_panels
from kgon.report.figures.style import GREY, INK, PURPLE, Style

ACROSS = 5
"""Pictures in a row."""
SIDE = 1.2
"""Side of a picture, inches."""
TURN, TILT = np.radians(17.0), np.radians(22.0)
"""From where it is seen: the axis of the rings is turned about itself, then tilted towards the eye."""


def seen(W: Floats) -> Floats:
    """Turn columns (3, n) to how they are seen: across, up, and towards the eye."""
    x, y, z = W
    across, away = np.cos(TURN) * x - np.sin(TURN) * y, np.sin(TURN) * x + np.cos(TURN) * y
    return np.array([across, np.cos(TILT) * z + np.sin(TILT) * away, np.sin(TILT) * z - np.cos(TILT) * away])


def columns_in_space(ax: Axes, W: Floats, b: Floats, *, reach: float, hollow: bool = False) -> Axes:
    """Draw columns (3, n) as dots with spokes from the origin, and lines between contacts.

    The far ones are pale; the dots are black, or hollow and violet.
    """
    across, up, near = seen(W)
    paleness = 0.25 + 0.75 * (near + reach) / (2 * reach)
    for x, y, strength in zip(across, up, paleness, strict=True):
        ax.plot([0, x], [0, y], color=GREY, linewidth=0.5, alpha=0.6 * strength, zorder=1)
    for i, j in zip(*np.nonzero(np.triu(touching_columns(W, b))), strict=True):
        strength = min(paleness[i], paleness[j])
        ends = across[[i, j]], up[[i, j]]
        ax.plot(*ends, color=INK, linewidth=1.1, alpha=strength, zorder=2 + strength, gid="contact")
    pale = paleness if len(b) else None  # Matplotlib takes no array of none
    ink: Style = {"facecolor": "white", "edgecolor": PURPLE} if hollow else {"color": INK, "linewidths": 0}
    ax.scatter(across, up, s=18, facecolor="white", linewidths=0, zorder=4)  # no line shines through
    ax.scatter(across, up, s=18, alpha=pale, zorder=4, gid="column", **ink)
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    ax.set_axis_off()
    return ax


def draw_solid(ax: Axes, solid: Solid, *, reach: float) -> Axes:
    """Draw the live columns of a configuration: filled where it is proved a minimum, else hollow."""
    W, b = solid.W[:, : solid.live], solid.b[: solid.live]
    return columns_in_space(ax, W, b, reach=reach, hollow=solid.kind != "minimum")


def _point_group(name: str) -> str:
    """Write a Schoenflies symbol as mathtext: ``D3h`` is D with an index."""
    return rf"$\mathrm{{{name[0]}}}_\mathrm{{{name[1:]}}}$"


@figure(
    name="solids",
    shows="Regular configurations of columns in three hidden dimensions: what takes the place of the "
    "polygons.",
    seen="Some of the familiar solids are minima and others saddles, as the line below each says.",
    unseen="Configurations with positive columns, which the table lists, and irregular critical points.",
)
def regular_configurations(solids: Sequence[Solid]) -> Figure:
    """Draw the regular configurations of r = 3 for c ≤ 12, without positive columns."""
    shown = [solid for solid in solids if not solid.positive]
    rows = -(-len(shown) // ACROSS)
    panels = make_panels(
        rows,
        ACROSS,
        count=len(shown),
        stacks=False,
        size=(SIDE, SIDE),
        gap=(0.52, 0.66),
        room=(0.3, 0.3, 1.2, 0.5),
    )
    reach = 1.05 * max(float(np.linalg.norm(solid.W, axis=0).max()) for solid in shown)
    for ax, solid in zip(panels.every, shown, strict=True):
        draw_solid(ax, solid, reach=reach)
        lambda_ = solid.verification.lambda_
        kind = solid.kind if lambda_ is None else rf"minimum, $\lambda = {float(lambda_):g}$"
        place = f"$c = {len(solid.b)}$, {_point_group(solid.group)}, $L = {solid.loss:.6f}$"
        words = "\n".join([solid.name, place, kind])
        ax.text(0.5, -0.02, words, transform=ax.transAxes, ha="center", va="top", fontsize=7.5, gid="words")
    return panels.finished(
        f"Regular configurations of $r = 3$, $c = {len(shown[0].b)}$ to {len(shown[-1].b)}",
        "Dots: columns of $W$; thick lines: pairs of which one's input switches the other's output on; thin "
        "lines: to 0.\nBlack: proved minima modulo O(3); hollow: other proved critical points (“critical”: "
        "no direction of descent\nto second order, no proof of a minimum). Paler: farther away. Beside $c$: "
        "the point group of the columns.",
    )
