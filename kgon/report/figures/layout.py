"""Say where things stand: grids of axes in inches, names beside lines, pictures, entries of legends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from kgon.base.checks import Floats
from kgon.kgons.names import KnownName
from kgon.report.figures.artists import Axes, Figure, Line2D
from kgon.report.figures.style import INK, LEVEL, Style, line_of, name_text

NAMES_GAP = 0.135
"""Least distance of two names of levels, inches."""
EDGE = 0.15
"""Distance of the title and of the words below from the edge, inches."""


def new_figure(width: float, height: float) -> Figure:
    """Make a figure of the given size in inches, without global state."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height))


class Panels:
    """A grid of axes laid out in inches, with room around it for a title above and words below.

    Attributes
    ----------
    figure : Figure
    axes : (rows, columns) array of Axes
    """

    def __init__(
        self,
        rows: int = 1,
        columns: int = 1,
        *,
        size: tuple[float, float | Sequence[float]],
        gap: tuple[float, float] = (0.4, 0.5),
        room: tuple[float, float, float, float] = (0.83, 0.19, 0.8, 0.42),
        **kind: Any,
    ) -> None:
        """Make the figure and its axes.

        Parameters
        ----------
        rows, columns : int
        size : (float, float)
            Width and height of a panel, inches; heights that differ are given from the top down.
        gap : (float, float)
            Between two panels, across and down.
        room : (float, float, float, float)
            Left, right, below and above.
        **kind
            Of the axes, such as ``projection``.
        """
        left, right, below, above = room
        wide, heights = size[0], np.broadcast_to(size[1], rows)
        self.width = left + columns * wide + (columns - 1) * gap[0] + right
        self.height = below + float(heights.sum()) + (rows - 1) * gap[1] + above
        self.figure = new_figure(self.width, self.height)
        self.axes = np.empty((rows, columns), dtype=object)
        for i, tall in enumerate(heights):
            bottom = self.height - above - float(heights[: i + 1].sum()) - i * gap[1]
            for k in range(columns):
                corner = left + k * (wide + gap[0])
                self.axes[i, k] = self.add(corner, bottom, wide, tall, **kind)

    @property
    def ax(self) -> Axes:
        """The only panel, or the first one."""
        first: Axes = self.axes[0, 0]
        return first

    def add(self, left: float, bottom: float, width: float, height: float, **kind: Any) -> Axes:
        """Add axes of their own, placed in inches."""
        box = (left / self.width, bottom / self.height, width / self.width, height / self.height)
        return self.figure.add_axes(box, **kind)

    def label(self, x: str = "", y: str | Sequence[str] = "", *, shared: bool = False) -> None:
        """Write labels at the outer axes: x below the last panel of a column, y left of each row.

        With ``shared`` only the first panel of a row has numbers.
        """
        rows = [y] * len(self.axes) if isinstance(y, str) else y
        for ax, text in zip(self.axes[:, 0], rows, strict=True):
            ax.set_ylabel(text)
        for ax in self.axes[-1]:
            ax.set_xlabel(x)
        for ax in self.axes[:, 1:].flat if shared else ():
            ax.tick_params(labelleft=False)

    def legend(self, entries: Sequence[Any], x: float, y: float, **more: Any) -> None:
        """Put a legend where its lower left corner, or what ``loc`` says, lies at (x, y) inches."""
        at = (x / self.width, y / self.height)
        self.figure.legend(handles=entries, **{"loc": "lower left", "bbox_to_anchor": at} | more)

    def finished(self, title: str = "", words: str = "") -> Figure:
        """Write the title above and the words below; the figure is done."""
        if title:
            y = 1 - 0.25 / self.height
            self.figure.text(EDGE / self.width, y, title, fontsize=11, va="center")
        if words:
            self.figure.text(
                EDGE / self.width, 0.09 / self.height, words, fontsize=8, color=INK, linespacing=1.35
            )
        return self.figure


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
    """Show numbers as they are written, on one axis, and no others."""
    shown = [x for x in ticks if low <= x <= high]
    put = ax.set_xticks if axis == "x" else ax.set_yticks
    put(shown, [f"{x:g}" for x in shown])
    put([], minor=True)


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
