"""Pages of a given width: rows of panels are broken, or the whole page is made smaller."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kgon.base.verdicts import KgonError
from kgon.report.figures.artists import Axes, Figure, Text
from kgon.report.figures.grid import EDGE, TITLE, WORDS, Grid, Panels, without_place
from kgon.report.figures.layout import new_figure
from kgon.report.figures.narrow import (
    LEGIBLE,
    fitting_legend,
    height_of,
    overhang,
    put,
    shrink,
    smallest_size,
    wrapped,
)

STACK, LOWEST = 5.4, 1.4
"""Inches that panels which stand one below another take in all, and what each has at least."""
MORE = 0.05
"""Room on the left of a narrow page beyond that of a wide one, inches: numbers of low panels are longer."""
BETWEEN = 0.12
"""Least room between what belongs to two rows, inches."""


class ShrunkPanels(Panels):
    """A page that is drawn as it is by itself, and then made smaller with everything on it."""

    def __init__(self, grid: Grid, wanted: float, name: str) -> None:
        super().__init__(grid)
        self.wanted, self.name = wanted, name

    def finished(self, title: str = "", words: str = "") -> Figure:
        """Shrink the figure to its width, if its text stays legible.

        Raises
        ------
        KgonError
            Text would have less than ``LEGIBLE`` points.
        """
        figure = super().finished(title, words)
        least = self.width * LEGIBLE / smallest_size(figure)
        if self.wanted < least - 1e-9:
            raise KgonError(
                f"figure {self.name} is at least {np.ceil(10 * least) / 10:.1f} inches wide, got "
                f"{self.wanted:g}: narrower, its text would have less than {LEGIBLE:g} points"
            )
        return shrink(figure, min(1.0, self.wanted / self.width))


class NarrowPanels(Panels):
    """A page of a given width: rows are broken, legends stand below, lines of words are filled anew.

    Attributes
    ----------
    lines : list of list of Axes
        The panels as they stand on the page.
    tall : list of float
        Height of each line.
    wide : float
        Width of a panel.
    """

    def __init__(self, grid: Grid, width: float, across: int) -> None:
        self.grid, self.width, self.height = grid, width, 1.0  # the height is found at last
        self.figure = new_figure(width, self.height)
        self.wide = width_in_row(grid, width, across)
        self.axes = np.full((grid.rows, grid.columns), None, dtype=object)
        self.lines, self.tall = list[list[Axes]](), list[float]()
        self.entries: list[tuple[Sequence[Any], dict[str, Any]]] = []
        for i, height in enumerate(grid.size[1]):
            here = range(min(grid.columns, grid.count - i * grid.columns))
            for k in here:
                self.axes[i, k] = self.figure.add_axes((0.0, 0.0, 1.0, 1.0), **grid.kind)
            for start in here[::across]:
                self.lines.append(list(self.axes[i, start : min(start + across, len(here))]))
                self.tall.append(min(self.wide / grid.size[0], 1.0) * height)
        if across < grid.columns:
            self.tall = [min(x, max(LOWEST, STACK / len(self.tall))) for x in self.tall]
        self._move(grid.room[2] + sum(self.tall) + len(self.tall) + grid.room[3], [0.0] * len(self.tall))

    def ends_row(self, ax: Axes) -> bool:
        """Whether a panel is the last one of a row on the page, beside which names may stand."""
        return any(ax is line[-1] for line in self.lines)

    def _label(self, ax: Axes, x: str, y: str, *, first: bool, shared: bool) -> None:
        super()._label(ax, x, y, first=any(ax is line[0] for line in self.lines), shared=shared)

    def legend(self, entries: Sequence[Any], x: float, y: float, **more: Any) -> None:
        """Keep a legend for the room below the panels."""
        self.entries.append((entries, without_place(more)))

    def heading(self, text: str, y: float) -> None:
        """Leave out a second title, which rows that are broken do not have."""

    def finished(self, title: str = "", words: str = "") -> Figure:
        """Put everything from the top down, with the room that it takes; the figure is done."""
        figure = self.figure
        for line in self.lines:
            for k, ax in enumerate(line):
                own = self.wide + self.grid.gap[0] if k + 1 < len(line) else self.width - self._left(k)
                self._break_lines(ax, own - 0.08)
        above = [self._text(title, TITLE)] if title else []
        inner = self.width - 2 * EDGE
        legends = [fitting_legend(figure, entries, inner, **more) for entries, more in self.entries]
        below = [*legends, *([self._text(words, WORDS)] if words else [])]
        figure.draw_without_rendering()
        places, at = dict[Any, float](), EDGE
        for artist in above:
            places[artist] = at
            at += height_of(artist) + BETWEEN
        tops = []
        for line, tall in zip(self.lines, self.tall, strict=True):
            over, under = overhang(line)
            tops.append(at + over)
            at += over + tall + under + BETWEEN
        for artist in below:
            places[artist] = at
            at += height_of(artist) + BETWEEN / 2
        self._move(at + BETWEEN / 2, tops)
        for artist, mark in places.items():
            put(artist, EDGE / self.width, 1 - mark / self.height)
        return figure

    def _text(self, text: str, font: dict[str, Any]) -> Text:
        """Text of the page, in lines as long as it is wide."""
        own = font | {"va": "top"}
        return self.figure.text(0.0, 0.0, wrapped(self.figure, text, self.width - 2 * EDGE, **own), **own)

    def _break_lines(self, ax: Axes, room: float) -> None:
        """Break the title of a panel, and what stands below it, where they are longer than their room."""
        from matplotlib.text import Text

        titles = [x for x in ax.get_children() if isinstance(x, Text) and x not in ax.texts]
        for text in (*titles, ax.xaxis.label):
            if text.get_text():
                size = text.get_fontsize()
                text.set_text(wrapped(self.figure, text.get_text(), room, fontsize=size))

    def _left(self, place: int) -> float:
        """Where a place in a line begins, inches."""
        return self.grid.room[0] + MORE + place * (self.wide + self.grid.gap[0])

    def _move(self, height: float, tops: Sequence[float]) -> None:
        """Give the page its height, and each line of panels its distance from the upper edge."""
        self.height = height
        self.figure.set_size_inches(self.width, height)
        for line, top, tall in zip(self.lines, tops, self.tall, strict=True):
            for k, ax in enumerate(line):
                left, bottom = self._left(k) / self.width, (height - top - tall) / height
                ax.set_position((left, bottom, self.wide / self.width, tall / height))


def width_in_row(grid: Grid, width: float, across: int) -> float:
    """Width of a panel where so many stand in a row of a page of a given width, inches."""
    left, right, _, _ = grid.room
    return (width - left - MORE - (right - grid.beside) - (across - 1) * grid.gap[0]) / across
