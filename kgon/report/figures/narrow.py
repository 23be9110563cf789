"""Make figures fit a width: break lines of text and legends, or shrink all that is drawn."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from kgon.report.figures.artists import Axes, Figure

LEGIBLE = 6.0
"""Least size of text, points."""
PIECE = re.compile(r"(?:\$[^$]*\$|\\\$|[^\s$])+")
"""A word, in which a formula is not broken."""


def width_of(figure: Figure, text: str, **font: Any) -> float:
    """Measure a line of text, inches."""
    found = figure.text(0.0, 0.0, text, **font)
    width = float(found.get_window_extent().width / figure.dpi)
    found.remove()
    return width


def wrapped(figure: Figure, text: str, room: float, **font: Any) -> str:
    """Break text into lines of so many inches at most; breaks that it has are taken for spaces.

    Text that fits as it is stays as it is.
    """
    if all(width_of(figure, line, **font) <= room for line in text.split("\n")):
        return text
    lines, space = [""], width_of(figure, "n n", **font) - width_of(figure, "nn", **font)
    filled = 0.0
    for piece in PIECE.findall(text):
        wide = width_of(figure, piece, **font)
        if lines[-1] and filled + space + wide > room:
            lines.append(piece)
            filled = wide
        else:
            lines[-1] = f"{lines[-1]} {piece}".strip()
            filled += space + wide
    return "\n".join(lines)


def fitting_legend(figure: Figure, entries: Sequence[Any], room: float, **more: Any) -> Any:
    """Make a legend of as many columns as fit into so many inches, and at most those asked for."""
    most = more.pop("ncols", 4)
    for columns in range(min(most, len(entries)), 0, -1):
        legend = figure.legend(
            handles=entries, loc="upper left", **more | {"ncols": columns, "borderaxespad": 0.0}
        )
        if columns == 1 or legend.get_window_extent().width / figure.dpi <= room:
            return legend
        legend.remove()
    return None


def height_of(artist: Any) -> float:
    """Inches from the lower to the upper edge of text or of a legend."""
    return float(artist.get_window_extent().height / artist.figure.figure.dpi)


def overhang(axes: Sequence[Axes]) -> tuple[float, float]:
    """Inches that what belongs to axes of one row reaches above and below them."""
    over = under = 0.0
    for ax in axes:
        whole, frame = ax.get_tightbbox(), ax.get_window_extent()
        if whole is not None:
            over, under = max(over, whole.y1 - frame.y1), max(under, frame.y0 - whole.y0)
    dpi = axes[0].figure.figure.dpi
    return over / dpi, under / dpi


def put(artist: Any, x: float, y: float) -> None:
    """Put the upper left corner of text or of a legend at a place in parts of the page."""
    from matplotlib.text import Text

    if isinstance(artist, Text):
        artist.set_position((x, y))
    else:
        artist.set_bbox_to_anchor((x, y), transform=artist.figure.transFigure)


def smallest_size(figure: Figure) -> float:
    """Find the size of the smallest text, points."""
    from matplotlib.text import Text

    return min(
        float(x.get_fontsize()) for x in figure.findobj(Text) if x.get_text().strip() and x.get_visible()
    )


def shrink(figure: Figure, part: float) -> Figure:
    """Make a figure smaller, with all text, lines and markers on it."""
    from matplotlib.axis import Axis
    from matplotlib.collections import Collection
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch
    from matplotlib.text import Annotation, Text

    figure.set_size_inches(*(part * figure.get_size_inches()))
    for axis in figure.findobj(Axis):
        axis.set_tick_params(length=3.5 * part, pad=3.5 * part, width=0.8 * part)
        axis.labelpad *= part
    for text in figure.findobj(Text):
        text.set_fontsize(part * float(text.get_fontsize()))
        if isinstance(text, Annotation) and text.anncoords == "offset points":
            text.xyann = (part * text.xyann[0], part * text.xyann[1])
    for line in figure.findobj(Line2D):
        line.set(linewidth=part * line.get_linewidth(), markersize=part * line.get_markersize())
        line.set_markeredgewidth(part * line.get_markeredgewidth())
    for patch in figure.findobj(Patch):
        patch.set_linewidth(part * patch.get_linewidth())
    for found in figure.findobj(Collection):
        found.set_linewidth(list(part * np.atleast_1d(found.get_linewidth())))
    return figure
