"""Draw one result into Axes, as in a notebook: points, branches, trajectories, landscapes, occupancies."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from kgon.base.checks import real_array
from kgon.base.verdicts import KgonError
from kgon.branches.results import KgonBranch
from kgon.experiments.training.results import TrainingRun
from kgon.experiments.training.series import CheckpointSeries
from kgon.free_energy.diagram import PhaseDiagram
from kgon.free_energy.dominance import OccupancyCurves
from kgon.kgons.catalogue import CriticalPoint
from kgon.kgons.names import parse_known
from kgon.landscape.found import FoundPoint
from kgon.landscape.graph import Landscape
from kgon.landscape.solids import Solid
from kgon.potential.model import TMS
from kgon.report.figures import branches, diagram, polygon, stages
from kgon.report.figures.artists import Axes
from kgon.report.figures.columns import MARGIN, draw_point
from kgon.report.figures.landscape import disconnectivity, room_for
from kgon.report.figures.style import INK, Style, colour, house_style, line_of, name_text, plain
from kgon.sampling.sgd import Trajectory

LANDSCAPE = (9.0, 6.0)
"""Least inches of the graph of a landscape, whose pictures have a size of their own."""


AXES = 0.77
"""Share of a new figure's height that its Axes have."""


def draw(found: Any, ax: Axes | None = None) -> Axes:
    """Draw a result in the style of the figures.

    Parameters
    ----------
    found : object
        A point (of the catalogue or a search, a solid, or a pair of arrays W (r, c) and b (c,)), a branch, a
        trajectory (alone, or a pair with its ``TrainingRun``, whose plateaus are then marked), a series of
        checkpoints, a landscape, a phase diagram, or occupancies by sample size.
    ax : Axes, optional
        Where to draw.  Default: Axes of a new pyplot figure, which a notebook shows.

    Returns
    -------
    Axes

    Raises
    ------
    KgonError
        Something that has no drawing.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from kgon.kgons import Catalogue
    >>> draw(Catalogue(6)["5+"], Figure().add_subplot()).get_title(loc="left")
    '5⁺, $L$ = 0.06180'
    """
    with house_style():
        if ax is None:
            from matplotlib import pyplot

            size = _landscape_size(found) if isinstance(found, Landscape) else None
            _, ax = pyplot.subplots(layout="constrained", figsize=size)
        _draw(found, ax)
    return ax


def _landscape_size(found: Landscape) -> tuple[float, float]:
    """Inches of the Axes' figure: with room for axes and labels, and more where there is more to draw."""
    width, height = room_for(found)
    return max(LANDSCAPE[0], width + 0.35), max(LANDSCAPE[1], height / AXES)


@singledispatch
def _draw(found: Any, ax: Axes) -> None:
    raise KgonError(
        f"there is no drawing of {type(found).__name__}: draw takes a point, or W and b as a pair, a branch, "
        "a trajectory, a series of checkpoints, a landscape, a phase diagram or occupancies"
    )


@_draw.register
def _critical_point(found: CriticalPoint, ax: Axes) -> None:
    polygon.draw_polygon(ax, found, reach=MARGIN * found.length)
    ax.set_title(f"{name_text(found.name)}, $L$ = {found.loss:.5f}")


@_draw.register
def _found_point(found: FoundPoint, ax: Axes) -> None:
    _columns(found.W, found.b, ax)
    name = found.label or "critical point"
    name = name_text(name) if found.label and len(found.W) == 2 else name
    ax.set_title(f"{name}, $L$ = {found.loss:.5f}")


@_draw.register
def _solid(found: Solid, ax: Axes) -> None:
    _columns(found.W, found.b, ax)
    ax.set_title(f"{found.name}, $L$ = {found.loss:.5f}")


@_draw.register
def _pair(found: tuple, ax: Axes) -> None:
    """W and b, or a training run and its trajectory."""
    if len(found) != 2:
        raise KgonError(f"draw takes a pair: W and b, or a run and its trajectory; got {len(found)} things")
    first, second = found
    if isinstance(first, TrainingRun) and isinstance(second, Trajectory):
        _losses(second, first, ax)
    else:
        _columns(first, second, ax)


@_draw.register
def _trajectory(found: Trajectory, ax: Axes) -> None:
    _losses(found, None, ax)


@_draw.register
def _series(found: CheckpointSeries, ax: Axes) -> None:
    """Loss by step, or by place where the steps are not known, over the nearest k-gons."""
    known = None not in found.step
    x = np.array(found.step if known else range(len(found)), dtype=float)
    starts = np.flatnonzero(found.changed | (np.arange(len(x)) == 0))
    for first, last, name in zip(starts, [*starts[1:], len(x) - 1], found.stages(), strict=True):
        ax.axvspan(x[first], x[last], color=colour(name), alpha=0.12, linewidth=0, gid="stretch")
        place: Style = {"xy": (x[first], 1.0), "xycoords": ("data", "axes fraction")}
        ax.annotate(name_text(name), **place, xytext=(2, 2), textcoords="offset points", gid="name")
    ax.plot(x, found.loss, color=INK, marker=".", gid="loss")
    ax.set(xlabel="step" if known else "checkpoint", ylabel="population loss $L$")


@_draw.register
def _branch(found: KgonBranch, ax: Axes) -> None:
    branches.curves(ax, [found], [])
    ax.set(xlabel=found.parameter, ylabel="loss $L$", title=f"{name_text(found.kgon)} ({found.role})")


@_draw.register
def _landscape(found: Landscape, ax: Axes) -> None:
    disconnectivity(ax, found)


@_draw.register
def _phase_diagram(found: PhaseDiagram, ax: Axes) -> None:
    beta = found.parameter == "beta"
    diagram.regions(ax, found, log=beta)
    ax.set(xlabel="sample size $n$", ylabel=r"$\beta$" if beta else "importance of the last feature")


@_draw.register
def _occupancies(found: OccupancyCurves, ax: Axes) -> None:
    shares = np.array(found.probability, dtype=float).T  # NaN where nothing is known
    for label, y in zip(found.labels, shares, strict=True):
        try:
            name, style = name_text(label), line_of(parse_known(label))
        except KgonError:  # a phase of the user's own
            name, style = plain(label), {}
        ax.plot(found.n, y, label=name, gid="phase", **style)
    ax.set(xlabel="sample size $n$", ylabel="probability of the phase", ylim=(0.0, 1.0))
    ax.legend(ncols=2)


def _columns(W: ArrayLike, b: ArrayLike, ax: Axes) -> None:
    """Draw the columns of any point."""
    weights, biases = real_array("W", W), real_array("b", b)
    if weights.ndim != 2 or not weights.size or biases.shape != weights.shape[1:]:
        raise KgonError(
            f"draw takes W of shape (r, c) and b of shape (c,), got shapes {weights.shape} and {biases.shape}"
        )
    draw_point(ax, *TMS(weights.shape[1], len(weights)).point(weights, biases))


def _losses(path: Trajectory, run: TrainingRun | None, ax: Axes) -> None:
    """Draw the losses of a trajectory of r = 2, over its plateaus where they are known."""
    plateaus = [] if run is None else run.resolved
    stages.loss_curve(ax, path, plateaus, path.w.shape[1] // 3)
    stages.name_plateaus(ax, plateaus, 0.03 * path.steps[-1] / 1000)
    ax.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, borderaxespad=0.2)
