"""Matplotlib's classes, for annotations alone: Matplotlib is imported when a figure is made, not before."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.quiver import Quiver
    from matplotlib.text import Text
    from mpl_toolkits.mplot3d.axes3d import Axes3D
else:
    Axes = Axes3D = Figure = Line2D = Quiver = Text = Any

__all__ = ["Axes", "Axes3D", "Figure", "Line2D", "Quiver", "Text"]
