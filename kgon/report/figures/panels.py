"""The axes of a figure: on a page of its own, on one as wide as is asked for, or those that are given.

Figures are drawn by one function each, which asks ``make_panels`` for its grid.  Where the grid stands is
said around the call, by ``placed``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kgon.base.verdicts import KgonError
from kgon.report.figures.artists import Axes, Figure, Text
from kgon.report.figures.layout import new_figure, size_in_inches
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
from kgon.report.figures.style import INK

EDGE = 0.15
"""Distance of the title and of the words below from the edge, inches."""
TITLE: dict[str, Any] = {"fontsize": 11, "va": "center"}
WORDS: dict[str, Any] = {"fontsize": 8, "color": INK, "linespacing": 1.35}
LEAST = 0.6
"""Width of a panel on a narrow page, as a part of what it is by itself; else there are fewer in a row."""
STACK, LOWEST = 5.4, 1.4
"""Inches that panels which stand one below another take in all, and what each has at least."""
MORE = 0.05
"""Room on the left of a narrow page beyond that of a wide one, inches: numbers of low panels are longer."""
BETWEEN = 0.12
"""Least room between what belongs to two rows, inches."""


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


@dataclass(slots=True, kw_only=True)
class Site:
    """Where the next figure is drawn: at its own width, at a given one, or into what is given.

    Attributes
    ----------
    name : str
        Of the figure.
    width : float, optional
        Inches.
    ax : object, optional
        Axes, or what they are made in.
    axes : list of Axes
        Those that were drawn into, if ``ax`` was given.
    """

    name: str = ""
    width: float | None = None
    ax: Any = None
    axes: list[Axes] = field(default_factory=list)


SITE: ContextVar[Site] = ContextVar("site", default=Site())  # noqa: B039 (nothing changes it)


@contextmanager
def placed(site: Site) -> Iterator[None]:
    """Draw figures at a place, within the block."""
    before = SITE.set(site)
    try:
        yield
    finally:
        SITE.reset(before)


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


def without_place(options: dict[str, Any]) -> dict[str, Any]:
    """Options of a legend but for where it stands."""
    return {key: value for key, value in options.items() if key not in ("loc", "bbox_to_anchor")}


class GivenPanels(Panels):
    """Axes that are given; title and words are left to the caption of whoever gives them."""

    def __init__(self, grid: Grid, axes: Sequence[Axes], name: str) -> None:
        self.grid = grid
        if len(axes) != grid.count:
            wanted = "one Axes" if grid.count == 1 else f"{grid.count} axes ({grid.rows} × {grid.columns})"
            raise KgonError(f"figure {name} is drawn into {wanted}, got {len(axes)}")
        kind = grid.kind.get("projection", "rectilinear")
        if other := [ax.name for ax in axes if ax.name != kind]:
            raise KgonError(f"figure {name} is drawn into axes with projection={kind!r}, got {other[0]!r}")
        self.axes = np.full((grid.rows, grid.columns), None, dtype=object)
        self.axes.flat[: grid.count] = np.array([*axes, None], dtype=object)[:-1]
        self.figure: Any = axes[0].figure
        self.width, self.height = (float(x) for x in self.figure.figure.get_size_inches())

    def add(self, left: float, bottom: float, width: float, height: float, **kind: Any) -> Axes:
        """Add axes that stand to the first panel as they do on a page, as wide as it is."""
        own, tall = self.grid.size[0], self.grid.size[1][0]
        wide_here, tall_here = size_in_inches(self.ax)
        scale = wide_here / own
        above = (bottom - self.grid.room[2] - tall) * scale / tall_here
        box = (left - self.grid.room[0]) / own, 1 + above, width / own, height * scale / tall_here
        return self.ax.inset_axes(box, **kind)

    def legend(self, entries: Sequence[Any], x: float, y: float, **more: Any) -> None:
        """Put a legend under the last panel, beside one that it may have."""
        ax = self.every[-1]
        before = ax.get_legend()
        own = without_place(more)
        own["ncols"] = max(1, min(own.get("ncols", 1), int(size_in_inches(ax)[0] / 1.5)))
        own |= {"loc": "upper left", "bbox_to_anchor": (0.0, 0.0), "borderaxespad": 4.5}
        ax.legend(handles=entries, **own)
        if before is not None:
            ax.add_artist(before)

    def heading(self, text: str, y: float) -> None:
        """Leave out a second title."""

    def finished(self, title: str = "", words: str = "") -> Figure:
        """Leave out title and words; the axes are done."""
        figure: Figure = self.figure
        return figure


def make_panels(
    rows: int = 1,
    columns: int = 1,
    *,
    size: tuple[float, float | Sequence[float]],
    gap: tuple[float, float] = (0.4, 0.5),
    room: tuple[float, float, float, float] = (0.83, 0.19, 0.8, 0.42),
    beside: float = 0.0,
    count: int | None = None,
    stacks: bool = True,
    **kind: Any,
) -> Panels:
    """Make the axes of a figure where they are wanted.

    Parameters
    ----------
    rows, columns : int
    size : (float, float)
        Width and height of a panel, inches; heights that differ are given from the top down.
    gap : (float, float)
        Between two panels, across and down.
    room : (float, float, float, float)
        Left, right, below and above.
    beside : float
        Part of the room on the right that a legend takes.
    count : int, optional
        Panels; the last places of the grid stay empty.
    stacks : bool
        Whether fewer panels may stand in a row than ``columns``, and be narrower; else a figure that is to be
        narrower is shrunk as a whole.
    **kind
        Of the axes, such as ``projection``.
    """
    heights = tuple(float(x) for x in np.broadcast_to(size[1], rows))
    grid = Grid(
        rows=rows, columns=columns, count=rows * columns if count is None else count, size=(size[0], heights),
        gap=gap, room=room, beside=beside, stacks=stacks, kind=kind,
    )  # fmt: skip
    site = SITE.get()
    if site.ax is not None:
        site.axes = axes_in(site.ax, grid)
        return GivenPanels(grid, site.axes, site.name)
    if site.width is None:
        return Panels(grid)
    for across in range(columns, 0, -1):
        if stacks and width_in_row(grid, site.width, across) >= LEAST * size[0]:
            return NarrowPanels(grid, site.width, across)
    return ShrunkPanels(grid, site.width, site.name)


def axes_in(given: Any, grid: Grid) -> list[Axes]:
    """List the axes that are given, or make them in a figure or in a part of one.

    Raises
    ------
    KgonError
        Something that is no axes and has no room for them.
    """
    from matplotlib.axes import Axes as AnyAxes
    from matplotlib.figure import FigureBase
    from matplotlib.gridspec import SubplotSpec

    if isinstance(given, AnyAxes):
        return [given]
    if isinstance(given, SubplotSpec):
        host: Any = given.get_gridspec()
        given = host.figure.add_subfigure(given)
    if isinstance(given, FigureBase):
        spec = given.add_gridspec(grid.rows, grid.columns, height_ratios=grid.size[1])
        places = [divmod(place, grid.columns) for place in range(grid.count)]
        return [given.add_subplot(spec[place], **grid.kind) for place in places]
    found = list(np.ravel(np.array(given, dtype=object)))
    if not all(isinstance(x, AnyAxes) for x in found):
        raise KgonError(f"ax takes Axes, several of them, a Figure, SubFigure or SubplotSpec, got {given!r}")
    return found
