"""Draw the loss along the path over saddles from the 4-gon to the lowest minimum."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from kgon.kgons.names import parse_name
from kgon.landscape.graph import RIM, SADDLE, Landscape, Mark, Profile
from kgon.report.artefact import figure
from kgon.report.figures.artists import Axes, Figure
from kgon.report.figures.landscape import parts, short
from kgon.report.figures.layout import entry, per_inch
from kgon.report.figures.panels import make_panels
from kgon.report.figures.polygon import column_entries, draw_columns
from kgon.report.figures.style import GREY, PURPLE, Style, colour, name_text

SIDE = 0.62
"""Side of a picture, inches."""
HALF, BELOW = 0.46, 0.3
"""Half the width of the words under a saddle, and how far below it their middle is, inches."""
TOPS = {SADDLE: ("D", PURPLE), RIM: ("s", GREY)}
"""Marker and colour of what the path climbs over."""


def profile(ax: Axes, along: Profile) -> Axes:
    """Draw L against the length of the path, coloured by the minimum that each piece belongs to."""
    arc, loss, marks = along.arc, along.loss, along.marks
    ax.set_xlim(-0.02 * arc[-1], 1.02 * arc[-1])
    tops = [0, *(mark.position for mark in marks if mark.kind in TOPS), len(arc) - 1]
    stays = [mark for mark in marks if mark.kind not in TOPS]
    for mark, (first, last) in zip(stays, pairwise(tops), strict=True):
        piece = slice(first, last + 1)
        ax.plot(arc[piece], loss[piece], color=colour(mark.label), linewidth=2.2, gid="piece")
    dot: Style = {"markersize": 6.0, "markeredgecolor": "white", "markeredgewidth": 0.7, "zorder": 4}
    for mark in marks:
        shape, tint = TOPS[mark.kind] if mark.kind in TOPS else ("o", colour(mark.label))
        ax.plot(arc[mark.position], loss[mark.position], shape, color=tint, gid=mark.kind, **dot)
    for before, mark in pairwise(marks):
        if mark.kind == SADDLE:
            text = f"barrier {short(loss[mark.position] - loss[before.position])}"
            place, away = (arc[mark.position], loss[mark.position]), (72 * _free(ax, along, mark), -17)
            ax.annotate(
                text, place, away, textcoords="offset points", fontsize=8.5,
                color=PURPLE, zorder=6, ha="center", va="top", gid="barrier",
            )  # fmt: skip
    _, positive, dead = column_entries()
    handles = [
        entry("minimum", marker="o", markersize=6),
        entry("saddle of index 1", color=PURPLE, marker="D", markersize=6),
        entry("rim of a ledge: $W_i = 0$, $b_i = 0$", color=GREY, marker="s", markersize=6),
        positive,
        dead,
    ]
    ax.legend(handles=handles, loc="lower left")
    return ax


def _free(ax: Axes, along: Profile, mark: Mark) -> float:
    """Find how far to the right of a saddle, in inches, the words under it are farthest from the curve."""
    x, y = np.array([along.arc, along.loss]) / np.array(per_inch(ax))[:, None]

    def distance(shift: float) -> float:
        beside = np.maximum(np.abs(x - x[mark.position] - shift) - HALF, 0.0)
        return float(np.hypot(beside, y - y[mark.position] + BELOW).min())

    return max((float(x) for x in np.linspace(-HALF, HALF, 11)), key=distance)


def _stops(along: Profile) -> list[tuple[int, str, str]]:
    """Where the path is drawn: minima and saddles, and half-way down from each saddle.

    With each position go the name and the columns that play its parts.
    """
    found = []
    for k, mark in enumerate(along.marks):
        if mark.kind == RIM:
            continue
        words = parts(parse_name(mark.label)) if mark.label else ""
        found.append((mark.position, name_text(mark.label) if mark.label else "saddle", words))
        if mark.kind == SADDLE:
            after = along.loss[mark.position : along.marks[k + 1].position + 1]
            middle = int(np.argmin(np.abs(after - (after[0] + after[-1]) / 2)))
            found.append((mark.position + middle, "", ""))
    return found


@figure(
    name="landscape-path",
    shows="The loss along the path of least climb from the 4-gon to the lowest minimum, with the polygons "
    "on the way.",
    seen="The path goes down in long slopes and climbs little: over saddles, and along flat rims without "
    "climbing.",
    unseen="The path that training takes, which need not be this one.",
)
def path_of_least_climb(landscape: Landscape) -> Figure:
    """Draw the loss along the path of least climb from the 4-gon to the lowest minimum, with polygons."""
    along = landscape.profile("4", landscape.nodes[0].label)
    stops = _stops(along)
    width, left, top = max(7.4, 0.78 * len(stops)), 0.8, 4.15
    panels = make_panels(stacks=False, size=(width, 3.4), room=(left, 0.2, 0.75, 1.65))
    profile(panels.ax, along)
    reach = 1.15 * float(np.hypot(along.W[:, 0], along.W[:, 1]).max())
    line: Style = {"arrowstyle": "-", "color": GREY, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 3}
    raised = 0.12 * any(words for _, _, words in stops)
    for k, (position, name, words) in enumerate(stops):
        middle = left + (k + 0.5) * width / len(stops)
        inset = panels.add(middle - SIDE / 2, top + 0.3, SIDE, SIDE)
        inset.axis("off")
        inset.set_gid("picture")
        draw_columns(inset, along.W[position], along.biases[position], reach=reach)
        place: Style = {"transform": inset.transAxes, "ha": "center", "va": "bottom"}
        inset.text(0.5, 1 + (0.08 + raised) / SIDE, name, fontsize=10, **place)
        inset.text(0.5, 1 + 0.04 / SIDE, words, fontsize=6.5, color=GREY, **place)
        point, end = (along.arc[position], along.loss[position]), (0.5, -0.03 / SIDE)
        panels.ax.annotate("", point, end, textcoords=inset.transAxes, arrowprops=line)
    panels.label(r"length of the path in $(W, b)$", "loss $L$")
    return panels.finished(
        f"From the 4-gon to the lowest minimum, $c = {landscape.c}$: the path that climbs least, "
        f"{short(along.climb)} in all",
        "A piece has the colour of the $k$ of its minimum; a barrier is the climb from the minimum before.",
    )
