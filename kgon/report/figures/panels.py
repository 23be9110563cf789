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

from kgon.report.figures.artists import Axes
from kgon.report.figures.given_panels import GivenPanels, axes_in
from kgon.report.figures.grid import Grid, Panels
from kgon.report.figures.narrow_panels import NarrowPanels, ShrunkPanels, width_in_row

LEAST = 0.6
"""Width of a panel on a narrow page, as a part of what it is by itself; else there are fewer in a row."""


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
