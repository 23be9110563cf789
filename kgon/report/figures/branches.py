"""Loss of every k-gon against the importance of the last feature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from kgon.branches.atlas import LIMITS, all_maxwell_points, exchanges, importance_branches
from kgon.branches.changes import EqualLoss
from kgon.branches.results import BranchEvent, KgonBranch
from kgon.report.figures import Options
from kgon.report.figures.style import GREY, INK, colour, math_label, new_figure, size_in_inches, spread

MARKS: dict[str, dict[str, Any]] = {
    "fold": {"marker": "<", "markersize": 6},
    "branch point": {"marker": "s", "markersize": 4.5},
    "inertia": {"marker": "D", "markersize": 4.5},
    "region": {"marker": "|", "markersize": 7, "markeredgewidth": 1.2},
    "border": {"marker": "^", "markersize": 5},
    "takes part": {"marker": "v", "markersize": 5},
    "minimum lost": {"marker": "X", "markersize": 5.5},
    "maxwell": {"marker": "*", "markersize": 9},
}
WORDS = {
    "fold": "fold", "branch point": "branch point", "inertia": "change of inertia",
    "region": "a pair enters another region", "border": "kink", "takes part": "an unused column takes part",
    "minimum lost": "4-gon ceases to be a minimum", "maxwell": "lowest loss changes hands",
}  # fmt: skip
WIDTHS = {"vertex": 1.7, "positive": 1.1, "dead": 1.1, "switched-off": 1.1}


def _pieces(branch: KgonBranch) -> list[tuple[np.ndarray, np.ndarray, bool]]:
    """Parameter, loss and stability of consecutive points; pieces share their ends with the events."""
    p, loss = branch.values, branch.losses
    if branch.exact:
        border = next((x.parameter for x in branch.events if x.kind == "minimum lost"), np.inf)
        stable = p <= border
    else:
        stable = np.array([not point.negative for point in branch.points])
    pieces = []
    turns = [x for x in branch.events if x.kind in ("fold", "branch point", "inertia", "minimum lost")]
    arclength = np.array([point.arclength for point in branch.points])
    cuts = np.flatnonzero(stable[1:] != stable[:-1]) + 1
    for part in np.split(np.arange(len(p)), cuts):
        x, y = list(p[part]), list(loss[part])
        for event in turns:  # the event itself lies between the two pieces
            if part[0] > 0 and arclength[part[0] - 1] < event.arclength <= arclength[part[0]]:
                x, y = [event.parameter, *x], [event.loss, *y]
            if part[-1] < len(p) - 1 and arclength[part[-1]] <= event.arclength < arclength[part[-1] + 1]:
                x, y = [*x, event.parameter], [*y, event.loss]
        pieces.append((np.array(x), np.array(y), bool(stable[part[0]])))
    return pieces


def curves(
    ax: Axes, branches: Sequence[KgonBranch], exchanged: Sequence[tuple[KgonBranch, BranchEvent]]
) -> Axes:
    """The curves, solid where the point is a local minimum and dashed elsewhere, and their events."""
    for branch in branches:
        for x, y, stable in _pieces(branch):
            ax.plot(
                x, y, color=colour(branch.kgon), linewidth=WIDTHS[branch.role],
                linestyle="solid" if stable else (0, (4, 2)), gid="stable" if stable else "unstable",
            )  # fmt: skip
    for branch, event in [*((x, e) for x in branches for e in x.events), *exchanged]:
        fill = INK if event.kind == "maxwell" else colour(branch.kgon)
        ax.plot(
            event.parameter, event.loss, color=fill, markeredgecolor=INK, linestyle="none", zorder=5,
            gid=event.kind, **({"markeredgewidth": 0.6} | MARKS[event.kind]),
        )  # fmt: skip
    return ax


def _names(ax: Axes, branches: Sequence[KgonBranch]) -> None:
    """Names at the right edge, at the level where a branch ends there."""
    low, high = ax.get_ylim()
    right = ax.get_xlim()[1]
    _, height = size_in_inches(ax)
    ends: dict[float, list[KgonBranch]] = {}
    for branch in branches:
        at_edge = np.flatnonzero(branch.values >= right - 1e-9)
        level = float(branch.losses[at_edge].min()) if len(at_edge) else float(branch.losses[-1])
        ends.setdefault(round(level, 9), []).append(branch)
    levels = sorted(ends)
    places = spread(levels, 0.165 * (high - low) / height, low=low, high=high)
    for level, place in zip(levels, places, strict=True):
        text = ", ".join(f"{math_label(x.kgon)} {x.role}" for x in ends[level])
        ax.annotate(
            text, (right, level), (1.025, place), textcoords=ax.get_yaxis_transform(), va="center",
            fontsize=8, color=colour(ends[level][0].kgon), annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": GREY, "linewidth": 0.5, "shrinkA": 0, "shrinkB": 0},
        )  # fmt: skip


def build(options: Options) -> Figure:
    """The whole range, and the part in which the lowest loss changes hands."""
    branches = importance_branches(options.c)
    exchanged = exchanges(branches, all_maxwell_points(branches))
    figure = new_figure(9.6, 5.2)
    whole = figure.add_axes((0.065, 0.23, 0.4, 0.69))
    near = figure.add_axes((0.655, 0.23, 0.33, 0.69))
    for ax in (whole, near):
        curves(ax, branches, exchanged)
        ax.set_xlabel(f"importance of feature {options.c - 1}, the last (the others: 1)")
    whole.set_ylabel(r"loss $L$")
    whole.set_xlim(*LIMITS)
    whole.set_ylim(0.0, 1.05 * max(float(x.losses.max()) for x in branches))
    _names(whole, branches)
    whole.set_title(f"k-gons without switched-off columns, $c = {options.c}$, $r = 2$")
    if exchanged:
        _zoom(near, branches, exchanged)
    else:
        near.set_axis_off()
    kinds = [kind for kind in MARKS if any(e.kind == kind for x in branches for e in x.events)]
    kinds += ["maxwell"] * bool(exchanged)
    handles = [
        Line2D([], [], color=INK, linewidth=1.4, label="local minimum"),
        Line2D([], [], color=INK, linewidth=1.4, linestyle=(0, (4, 2)), label="not a minimum"),
        *(
            Line2D([], [], color=INK, linestyle="none", label=WORDS[kind], **MARKS[kind]) for kind in kinds
        ),
    ]  # fmt: skip
    figure.legend(handles=handles, loc="lower left", bbox_to_anchor=(0.05, 0.0), ncols=4)
    return figure


def _zoom(
    ax: Axes, branches: Sequence[KgonBranch], exchanged: Sequence[tuple[KgonBranch, BranchEvent]]
) -> None:
    places = [(event.parameter, event.loss) for _, event in exchanged]
    places += [(e.parameter, e.loss) for x in branches for e in x.events if e.kind == "fold"]
    x, y = np.array(places).T
    ax.set_xlim(max(LIMITS[0], x.min() - 0.1), max(x.max(), 1.0) + 0.3)
    ax.set_ylim(0.7 * y.min(), 1.75 * y.max())
    for branch, event in exchanged:
        assert isinstance(event.what, EqualLoss)
        other = event.what.other
        names = f"{math_label(branch.kgon)} {branch.role} = {math_label(other.kgon)} {other.role}"
        ax.annotate(
            f"{names}\n{event.parameter:.9f}",
            (event.parameter, event.loss), (8, -22), textcoords="offset points", fontsize=8,
        )  # fmt: skip
    for branch in branches:
        for event in branch.events:
            if event.kind == "fold":
                ax.annotate(
                    f"{event.parameter:.6f}", (event.parameter, event.loss), (-22, -15),
                    textcoords="offset points", fontsize=8, color=colour(branch.kgon),
                )  # fmt: skip
    ax.set_title("where the lowest loss changes hands")
