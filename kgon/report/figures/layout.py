"""Say where things stand: grids of axes in inches, names beside lines, pictures, entries of legends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from kgon.base.checks import Floats
from kgon.kgons.names import KnownName
from kgon.report.figures.artists import Axes, Figure, Line2D
from kgon.report.figures.style import INK, LEVEL, Style, line_of, name_text

DIGIT = 0.075
"""Width of a digit of a tick, inches."""
NAMES_GAP = 0.135
"""Least distance of two names of levels, inches."""


def new_figure(width: float, height: float) -> Figure:
    """Make a figure of the given size in inches, without global state."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height))


# --- places --------------------------------------------------------------------------------------


def size_in_inches(ax: Axes) -> tuple[float, float]:
    """Find the width and height of the axes."""
    box = ax.get_position(original=True)
    width, height = ax.figure.figure.get_size_inches()  # Matplotlib 3.9 has no get_figure(root=True)
    return float(box.width * width), float(box.height * height)


def per_inch(ax: Axes) -> tuple[float, float]:
    """Find how many units of x and of y one inch has, on linear scales."""
    width, height = size_in_inches(ax)
    return float(np.ptp(ax.get_xlim())) / width, float(np.ptp(ax.get_ylim())) / height


def spread(wanted: Sequence[float], gap: float, *, low: float = -np.inf, high: float = np.inf) -> Floats:
    """Find places at least ``gap`` apart within ``low`` … ``high``, in the order of ``wanted`` and near.

    Where they do not all fit, they begin at ``low`` and end above ``high``.
    """
    from scipy.optimize import isotonic_regression

    places = np.asarray(wanted, dtype=np.float64)
    if not len(places):
        return places
    order = np.argsort(places, kind="stable")
    steps = gap * np.arange(len(places))
    out = np.empty_like(places)
    out[order] = (
        np.maximum(np.minimum(isotonic_regression(places[order] - steps).x, high - steps[-1]), low) + steps
    )
    return out


def spread_inside(ax: Axes, wanted: Sequence[float], gap: float, margin: float = 0.0) -> Floats:
    """Find such places over the height of axes: gap and margin are in inches."""
    low, high = ax.get_ylim()
    unit = per_inch(ax)[1]
    return spread(wanted, gap * unit, low=low + margin * unit, high=high - margin * unit)


def names_beside(
    ax: Axes, names: Iterable[tuple[str, float, Any]], *, gap: float, at: float = 1.04, **more: Any
) -> None:
    """Write names to the right of the axes, each with a line to its level.

    Parameters
    ----------
    ax : Axes
    names : iterable of (str, float, colour)
        Text, level and colour.
    gap : float
        Least distance of two names, inches.
    at : float
        Where the names begin, in widths of the axes.
    """
    found = list(names)
    across = ax.get_yaxis_transform()
    places = spread_inside(ax, [level for _, level, _ in found], gap)
    for (text, level, tint), place in zip(found, places, strict=True):
        line: Style = {"arrowstyle": "-", "color": tint, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 0}
        ax.annotate(
            text, (1.0, level), (at, place), xycoords=across, textcoords=across, color=tint, va="center",
            annotation_clip=False, arrowprops={**line, "relpos": (0.0, 0.5)}, **more,
        )  # fmt: skip


def level_lines(
    ax: Axes, levels: Sequence[tuple[str, float, Any]], *, names: bool, at: float, **line: Any
) -> None:
    """Draw a grey line at each level, with its name right of the axes, from ``at`` on, if asked for.

    A level has a text, a height and the colour of the text.
    """
    for _, height, _ in levels:
        ax.axhline(height, color=LEVEL, gid="level", **line)
    if names:
        names_beside(ax, levels, gap=NAMES_GAP, at=at, fontsize=8, gid="label")


def picture(ax: Axes, x: float, y: float, side: float) -> Axes:
    """Make square axes without a frame, so many inches wide, in the middle of which (x, y) lies."""
    wide, tall = (side * unit for unit in per_inch(ax))
    inset = ax.inset_axes((x - wide / 2, y - tall / 2, wide, tall), transform=ax.transData)
    inset.axis("off")
    inset.set_gid("picture")
    return inset


def size_axis(ax: Axes, n: Sequence[float] | Floats, ticks: Sequence[int]) -> None:
    """Make x a logarithmic axis of sample sizes from the first n to the last, with plain numbers."""
    ax.set(xscale="log", xlim=(n[0], n[-1]))
    plain_ticks(ax, "x", ticks, n[0], n[-1])


def plain_ticks(ax: Axes, axis: str, ticks: Sequence[float], low: float, high: float) -> None:
    """Show numbers as they are written, on one axis, and no others; below an axis those that have room."""
    shown = [x for x in ticks if low <= x <= high]
    if axis == "x":
        shown = apart(ax, shown, low, high)
    put = ax.set_xticks if axis == "x" else ax.set_yticks
    put(shown, [f"{x:g}" for x in shown])
    put([], minor=True)


def apart(ax: Axes, ticks: Sequence[float], low: float, high: float) -> list[float]:
    """Choose the ticks, from the left, whose numbers do not touch; the x-axis goes from low to high."""
    log = ax.get_xscale() == "log"
    ends = np.log([low, high]) if log else np.array([low, high])
    found: list[float] = []
    for tick in ticks:
        if found:
            near, here = np.log([found[-1], tick]) if log else (found[-1], tick)
            away = size_in_inches(ax)[0] * (here - near) / (ends[1] - ends[0])
            if away < DIGIT * (len(f"{found[-1]:g}") + len(f"{tick:g}") + 1) / 2:
                continue
        found.append(tick)
    return found


# --- legends -------------------------------------------------------------------------------------


def entry(label: str, **style: Any) -> Line2D:
    """Make a line of a legend; with a marker and no width, the marker alone."""
    from matplotlib.lines import Line2D

    alone: Style = {"linestyle": "none"} if "marker" in style and "linewidth" not in style else {}
    return Line2D([], [], label=label, **{"color": INK, **alone, **style})


def phase_entries(labels: Iterable[KnownName], **style: Any) -> list[Line2D]:
    """Make a line of a legend for each phase, the most complex one first."""
    ordered = sorted(labels, key=lambda x: x.order, reverse=True)
    return [entry(f"{name_text(x)}-gon", linewidth=1.6, **line_of(x), **style) for x in ordered]


PHASES: Style = {"handlelength": 3.4, "handletextpad": 0.5}
"""Of a legend of phases: as long as the longest pattern of a line."""
