"""What a drawn figure shows: its marks by their ids, its texts, and which of them overlap."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text


def marked(where: Figure | Axes, gid: str) -> list[Any]:
    return where.findobj(lambda artist: artist.get_gid() == gid)


def texts(figure: Figure) -> Iterator[Text]:
    for text in figure.findobj(Text):
        if text.get_text().strip() and text.get_visible():
            yield text


def overlaps(figure: Figure, artists: list[Artist]) -> list[tuple[Artist, Artist]]:
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    boxes = [artist.get_window_extent(renderer) for artist in artists]
    return [
        (artists[i], artists[j])
        for i in range(len(boxes))
        for j in range(i + 1, len(boxes))
        if min(boxes[i].x1, boxes[j].x1) - max(boxes[i].x0, boxes[j].x0) > 0.5
        and min(boxes[i].y1, boxes[j].y1) - max(boxes[i].y0, boxes[j].y0) > 0.5
    ]


ONE_COLUMN, TWO_COLUMNS = 3.4, 7.0
"""Inches across one column of a paper, and across two."""


def smallest_text(figure: Figure, width: float = TWO_COLUMNS) -> float:
    """Size in points of the smallest text, in a figure that is no wider than so many inches."""
    shrunk = min(1.0, width / float(figure.get_figwidth()))
    return shrunk * min(text.get_fontsize() for text in texts(figure))
