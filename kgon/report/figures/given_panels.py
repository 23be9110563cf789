"""Axes that are given, or made in what is given, in the place of a page of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kgon.base.verdicts import KgonError
from kgon.report.figures.artists import Axes, Figure
from kgon.report.figures.grid import Grid, Panels, without_place
from kgon.report.figures.layout import size_in_inches


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
    if any(x.figure is None for x in found):
        raise KgonError("ax takes Axes that are in a figure, got some that were removed from it")
    return found
