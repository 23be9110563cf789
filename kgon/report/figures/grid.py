"""A grid of axes on a page of its own, with room around it for a title above and words below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kgon.report.figures.artists import Axes, Figure
from kgon.report.figures.layout import new_figure
from kgon.report.figures.style import INK

EDGE = 0.15
"""Distance of the title and of the words below from the edge, inches."""
TITLE: dict[str, Any] = {"fontsize": 11, "va": "center"}
WORDS: dict[str, Any] = {"fontsize": 8, "color": INK, "linespacing": 1.35}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """What a figure asks for, in inches.

    Attributes
    ----------
    rows, columns : int
    count : int
        Panels, the last places of the grid stay empty.
    size : (float, tuple of float)
        Width of a panel, and heights from the top down.
    gap : (float, float)
        Between two panels, across and down.
    room : (float, float, float, float)
        Left, right, below and above.
    beside : float
        Part of the room on the right that a legend takes.
    stacks : bool
        Whether there may be fewer panels in a row than columns.
    kind : dict
        Of the axes, such as ``projection``.
    """

    rows: int
    columns: int
    count: int
    size: tuple[float, tuple[float, ...]]
    gap: tuple[float, float]
    room: tuple[float, float, float, float]
    beside: float
    stacks: bool
    kind: dict[str, Any]


class Panels:
    """A grid of axes on a page of its own, with room around it for a title above and words below.

    Attributes
    ----------
    figure : Figure
    axes : (rows, columns) array of Axes
        None where the grid is empty.
    width, height : float
        Of the page, inches.
    """

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        left, right, below, above = grid.room
        wide, heights = grid.size
        self.width = left + grid.columns * wide + (grid.columns - 1) * grid.gap[0] + right
        self.height = below + sum(heights) + (grid.rows - 1) * grid.gap[1] + above
        self.figure = new_figure(self.width, self.height)
        self.axes = np.full((grid.rows, grid.columns), None, dtype=object)
        for place in range(grid.count):
            i, k = divmod(place, grid.columns)
            bottom = self.height - above - sum(heights[: i + 1]) - i * grid.gap[1]
            self.axes[i, k] = self.add(left + k * (wide + grid.gap[0]), bottom, wide, heights[i], **grid.kind)

    @property
    def every(self) -> list[Axes]:
        """The panels in their order."""
        return [ax for ax in self.axes.flat if ax is not None]

    @property
    def ax(self) -> Axes:
        """The only panel, or the first one."""
        return self.every[0]

    def ends_row(self, ax: Axes) -> bool:
        """Whether a panel is the last one of a row on the page, beside which names may stand."""
        return any(ax is row[-1] for row in self.axes)

    def add(self, left: float, bottom: float, width: float, height: float, **kind: Any) -> Axes:
        """Add axes of their own, placed in inches."""
        box = (left / self.width, bottom / self.height, width / self.width, height / self.height)
        return self.figure.add_axes(box, **kind)

    def label(self, x: str = "", y: str | Sequence[str] = "", *, shared: bool = False) -> None:
        """Write labels at the outer axes: x below the last panel of a column, y left of each row.

        With ``shared`` only the first panel of a row has numbers.
        """
        rows = [y] * len(self.axes) if isinstance(y, str) else list(y)
        lowest = {
            k: max(i for i, row in enumerate(self.axes) if row[k] is not None)
            for k in range(len(self.axes[0]))
        }
        for i, row in enumerate(self.axes):
            for k, ax in enumerate(row):
                if ax is not None:
                    self._label(ax, x if lowest[k] == i else "", rows[i], first=k == 0, shared=shared)

    def _label(self, ax: Axes, x: str, y: str, *, first: bool, shared: bool) -> None:
        if x:
            ax.set_xlabel(x)
        if first:
            ax.set_ylabel(y)
        elif shared:
            ax.tick_params(labelleft=False)

    def legend(self, entries: Sequence[Any], x: float, y: float, **more: Any) -> None:
        """Put a legend where its lower left corner, or what ``loc`` says, lies at (x, y) inches."""
        at = (x / self.width, y / self.height)
        self.figure.legend(handles=entries, **{"loc": "lower left", "bbox_to_anchor": at} | more)

    def heading(self, text: str, y: float) -> None:
        """Write a second title, at so many inches from the lower edge."""
        self.figure.text(EDGE / self.width, y / self.height, text, **TITLE)

    def finished(self, title: str = "", words: str = "") -> Figure:
        """Write the title above and the words below; the figure is done."""
        if title:
            self.heading(title, self.height - 0.25)
        if words:
            self.figure.text(EDGE / self.width, 0.09 / self.height, words, **WORDS)
        return self.figure


def without_place(options: dict[str, Any]) -> dict[str, Any]:
    """Options of a legend but for where it stands."""
    return {key: value for key, value in options.items() if key not in ("loc", "bbox_to_anchor")}
