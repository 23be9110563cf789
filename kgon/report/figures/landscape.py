"""The disconnectivity graph of the landscape, and the loss along a path over its saddles."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle

from kgon.base.checks import Floats
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.kgons.names import Other, parse_name
from kgon.landscape.assembly import example_landscape
from kgon.landscape.graph import NO_MINIMUM, RIM, SADDLE, Landscape, Node, Profile, Transition
from kgon.report.figures import Options
from kgon.report.figures.polygon import draw_arrows, draw_polygon
from kgon.report.figures.style import (
    GREY,
    INK,
    POSITIVE,
    colour,
    math_label,
    new_figure,
    size_in_inches,
    spread,
)

SIDE, GAP = 0.56, 0.64
"""Side of a picture and least distance between two, inches."""
BRANCH = 1.25
"""Distance between two branches, inches."""
LEFT, RIGHT = 2.0, 2.9
"""Room beside the branches for the ledges and for the saddles, inches."""
BELOW = 1.0
"""Room under the lowest well, inches."""
TALL = 6.6
"""Height of the graph, inches."""
ROW, ITEM = 0.62, 1.62
"""Height of a row of the k-gons above the graph, and width of one of them, inches."""
SMALL = 0.02
"""Columns shorter than this are drawn as dots."""
PURPLE = "#7A3E9D"
"""Saddles."""


# --- pictures ------------------------------------------------------------------------------------


def _inset(ax: Axes, x: float, y: float, side: float = SIDE) -> Axes:
    """Square axes of so many inches around a place in data coordinates, in which x is in inches."""
    per_inch = (ax.get_ylim()[1] - ax.get_ylim()[0]) / size_in_inches(ax)[1]
    inset = ax.inset_axes(
        (x - side / 2, y - side / 2 * per_inch, side, side * per_inch), transform=ax.transData
    )
    inset.axis("off")
    inset.set_gid("picture")
    return inset


def draw_columns(ax: Axes, W: Floats, b: Floats, *, reach: float, width: float = 0.035) -> Axes:
    """Any point: its columns as arrows, those near 0 as dots, filled where b > 0."""
    ax.set_aspect("equal")
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach))
    long = np.hypot(*W) > SMALL
    draw_arrows(ax, W[:, long], live=True, width=width)
    for k, bias in enumerate(b[~long]):
        ax.add_patch(
            Circle(
                (0.88 * reach - 0.3 * reach * k, -0.88 * reach), 0.1 * reach,
                facecolor=POSITIVE if bias > 0 else "white", edgecolor=POSITIVE if bias > 0 else GREY,
                linewidth=0.9,
            )
        )  # fmt: skip
    return ax


def _picture(ax: Axes, node: Node, c: int, reach: float) -> None:
    if isinstance(node.name, Label):
        draw_polygon(ax, Catalogue(c)[node.name], reach=reach, width=0.035)
    else:
        draw_columns(ax, node.W, node.biases, reach=reach)


def _title(label: str) -> str:
    return math_label(parse_name(label))


def _with_loss(node: Node) -> str:
    title = _title(node.label)
    return title if isinstance(node.name, Other) else f"{title}  {node.loss:.5f}"


def _colour(label: str) -> Any:
    return colour(parse_name(label))


# --- the disconnectivity graph -------------------------------------------------------------------


def branches(landscape: Landscape) -> dict[str, tuple[int, float | None]]:
    """Place and end of the branch of every node that lies deeper than where it joins another.

    Returns
    -------
    dict
        Label to (position from the left, height at which it joins a deeper one); None for the deepest.
    """
    nodes = landscape.nodes
    bottom = list(range(len(nodes)))
    ends: dict[str, float | None] = {}
    order: dict[int, list[str]] = {i: [node.label] for i, node in enumerate(nodes)}
    for merge in landscape.tree:
        deep, shallow = bottom[merge.first], bottom[merge.second]
        bottom.append(deep)
        if merge.height > nodes[shallow].loss:
            ends[nodes[shallow].label] = merge.height
            order[deep] = order[deep] + order[shallow]
    ends[nodes[0].label] = None
    shown = [label for label in order[0] if label in ends]
    shown += [label for label in ends if label not in shown]
    return {label: (place, ends[label]) for place, label in enumerate(shown)}


def trunk_of(landscape: Landscape, label: str, height: float) -> str:
    """The branch that a node hangs on, seen from a height: the deepest minimum joined to it there."""
    joined = [
        node
        for node in landscape.nodes
        if (level := landscape.meeting(label, node.label)) is not None and level <= height
    ]
    return min(joined, key=lambda node: node.loss).label if joined else label


def disconnectivity(ax: Axes, landscape: Landscape) -> Axes:
    """Branches from the wells up to where they join; ledges to the left, saddles to the right.

    Parameters
    ----------
    ax : Axes
        One unit of x is an inch.
    landscape : Landscape
    """
    found = branches(landscape)
    ends: dict[str, float | None] = {label: end for label, (_, end) in found.items()}
    x = {label: LEFT + BRANCH * (place + 0.5) for label, (place, _) in found.items()}
    lowest = landscape.nodes[0].loss
    top = _top(landscape)
    width, height = size_in_inches(ax)
    per_inch = (top - lowest) / (height - BELOW)
    ax.set(xlim=(0.0, width), ylim=(lowest - BELOW * per_inch, top))
    reach = 1.15 * max(float(np.hypot(*node.W).max()) for node in landscape.nodes if node.loss <= top)
    for node in landscape.nodes:
        if node.label in found:
            _branch(ax, landscape, node, x, ends[node.label] or top, reach, per_inch)
    for label, (_, end) in found.items():
        if end is not None:
            onto = x[trunk_of(landscape, label, end)]
            ax.plot(
                [onto, x[label]], [end, end], color=INK, linewidth=1.6, solid_capstyle="round", gid="joint"
            )
    ledges = [n for n in landscape.nodes if n.label not in found and n.loss <= top]
    _ledges(ax, landscape, ledges, x, reach, per_inch)
    saddles = [edge for edge in landscape.saddles if edge.saddle_loss <= top]
    _saddles(ax, landscape, saddles, x, reach, per_inch)
    ax.set_ylabel(r"loss $L = \mathbb{E}\,\Vert x - f(x)\Vert^2$")
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    return ax


def _branch(
    ax: Axes, landscape: Landscape, node: Node, x: dict[str, float], end: float, reach: float, per_inch: float
) -> None:
    at = x[node.label]
    ax.plot(
        [at, at], [node.loss, end], color=_colour(node.label), linewidth=4.0, solid_capstyle="butt",
        gid="branch", zorder=2,
    )  # fmt: skip
    ax.plot([at], [node.loss], marker="o", color=_colour(node.label), markersize=6.5, gid="well", zorder=4)
    _picture(_inset(ax, at, node.loss - 0.42 * per_inch), node, landscape.c, reach)
    ax.text(
        at, node.loss - 0.72 * per_inch, _with_loss(node), ha="center", va="top",
        fontsize=9.5, gid="label",
    )  # fmt: skip


def _ledges(
    ax: Axes, landscape: Landscape, ledges: Sequence[Node], x: dict[str, float], reach: float, per_inch: float
) -> None:
    """Shelves of no depth, to the left of the branch that they fall to."""
    low, high = ax.get_ylim()
    places = spread([n.loss for n in ledges], GAP * per_inch, low=low + 0.5 * GAP * per_inch, high=high)
    for node, place in zip(ledges, places, strict=True):
        at = x[trunk_of(landscape, node.label, node.loss)]
        ax.plot(
            [at - 0.3, at], [node.loss] * 2, color=_colour(node.label), linewidth=2.6, solid_capstyle="butt",
            gid="ledge", zorder=3,
        )  # fmt: skip
        ax.plot([1.45, at - 0.3], [place, node.loss], color=GREY, linewidth=0.6, zorder=1)
        _picture(_inset(ax, 1.15, place), node, landscape.c, reach)
        ax.text(0.83, place, _title(node.label), ha="right", va="bottom", fontsize=11, gid="label")
        ax.text(0.83, place, f"{node.loss:.5f}", ha="right", va="top", fontsize=8.5, gid="loss")


def _saddles(
    ax: Axes, landscape: Landscape, saddles: Sequence[Transition], x: dict[str, float], reach: float,
    per_inch: float,
) -> None:  # fmt: skip
    low, high = ax.get_ylim()
    left = max(x.values()) + 0.75
    places = spread([e.saddle_loss for e in saddles], GAP * per_inch, low=low + GAP * per_inch, high=high)
    for edge, place in zip(saddles, places, strict=True):
        ends = branches(landscape)
        # At the joint that the saddle makes, else on the branch of its lower end.
        made = [label for label, (_, end) in ends.items() if end == edge.saddle_loss]
        at = x[made[0]] if made else x[trunk_of(landscape, edge.second, edge.saddle_loss)]
        ax.plot(
            [at], [edge.saddle_loss], marker="D", markersize=5.5, color=PURPLE, markeredgecolor="white",
            markeredgewidth=0.7, linestyle="none", gid="saddle", zorder=5,
        )  # fmt: skip
        ax.plot([at + 0.06, left - 0.05], [edge.saddle_loss, place], color=PURPLE, linewidth=0.6, zorder=1)
        inset = _inset(ax, left + SIDE / 2, place)
        draw_columns(inset, edge.W, edge.biases, reach=reach)
        arrow = r"$\leftrightarrow$" if edge.first == edge.second else r"$\to$"
        start = left + SIDE + 0.1
        ax.text(
            start,
            place,
            f"{_title(edge.first)} {arrow} {_title(edge.second)}",
            va="bottom",
            fontsize=10,
            gid="edge",
        )
        text = f"{edge.saddle_loss:.5f}, barrier {_short(edge.barrier)}"
        ax.text(start, place, text, va="top", fontsize=8.5, color=PURPLE, gid="barrier")


def above(ax: Axes, landscape: Landscape, at: float) -> Axes:
    """The k-gons whose loss is too high for the graph, in rows beside the trunk at ``at`` inches."""
    rows = _rows_above(landscape)
    ax.set(xlim=(0.0, size_in_inches(ax)[0]), ylim=(0.0, size_in_inches(ax)[1]))
    ax.axis("off")
    first = landscape.nodes[0]
    ax.plot(
        [at, at], [0.0, ROW * len(rows) + 0.1], color=_colour(first.label), linewidth=4.0,
        linestyle=(0, (1.2, 0.6)),
    )  # fmt: skip
    reach = 1.6
    for k, row in enumerate(rows):
        middle = ROW * (k + 0.5) + 0.1
        ax.plot([at - 0.3, at], [middle] * 2, color=_colour(row[0].label), linewidth=2.6, zorder=3)
        for i, node in enumerate(row):
            left = at + 0.35 + ITEM * i
            _picture(_inset(ax, left + 0.24, middle, 0.48), node, landscape.c, reach)
            minimum = node.kind != NO_MINIMUM
            ax.text(
                left + 0.56, middle, _title(node.label),
                va="bottom", fontsize=10, color=INK if minimum else GREY, gid="label",
            )  # fmt: skip
            ax.text(left + 0.56, middle, f"{node.loss:.5f}", va="top", fontsize=8.5, gid="loss")
    return ax


def _rows_above(landscape: Landscape) -> list[list[Node]]:
    """Nodes above the graph, one row for each number of switched-off columns, by loss."""
    found: dict[int, list[Node]] = {}
    for node in landscape.nodes:
        if node.loss > _top(landscape) and isinstance(node.name, Label):
            found.setdefault(node.name.phi, []).append(node)
    return [found[phi] for phi in sorted(found)]


def _top(landscape: Landscape) -> float:
    """Upper end of the graph."""
    return landscape.below + 0.05 * (landscape.below - landscape.nodes[0].loss)


def _short(value: float) -> str:
    """A barrier to two digits."""
    digits = max(0, 1 - int(np.floor(np.log10(value))))
    return f"{value:.{digits}f}"


def _legend(ax: Axes) -> None:
    dot: dict[str, Any] = {"linestyle": "none", "marker": "o", "markersize": 5}
    handles = [
        Line2D(
            [], [], color=INK, linewidth=4, marker="o", markersize=6.5, label="well: left only by climbing"
        ),
        Line2D([], [], color=POSITIVE, **dot, label="$W_i = 0$, $b_i > 0$"),
        Line2D([], [], color=INK, linewidth=2.6, label="ledge: flat, with a way down that never climbs"),
        Line2D([], [], color=GREY, markerfacecolor="white", **dot, label="$W_i = 0$, $b_i < 0$ (dead)"),
        Line2D([], [], color=PURPLE, marker="D", markersize=5.5, linestyle="none", label="saddle of index 1"),
        Line2D([], [], color=GREY, marker=">", markersize=5, markerfacecolor="white", label="switched off"),
    ]
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(0.0, -0.01), ncols=3, columnspacing=1.6)


def build(options: Options) -> Figure:
    """The disconnectivity graph of c features."""
    landscape = example_landscape(options.c, options.full)
    found = branches(landscape)
    count = len(found)
    rows = _rows_above(landscape)
    trunk = LEFT + BRANCH * (found[landscape.nodes[0].label][0] + 0.5)
    width = max(LEFT + BRANCH * count + RIGHT, trunk + 0.4 + ITEM * max(map(len, rows), default=0))
    shown = sum(n.loss <= _top(landscape) for n in landscape.nodes)
    height = max(TALL, GAP * (max(shown - count, len(landscape.saddles)) + 2))
    strip = ROW * len(rows) + 0.2
    total = width + 0.9, height + strip + 1.5
    figure = new_figure(*total)
    ax = figure.add_axes((0.75 / total[0], 0.75 / total[1], width / total[0], height / total[1]))
    disconnectivity(ax, landscape)
    _legend(ax)
    upper = figure.add_axes((0.75 / total[0], (0.75 + height) / total[1], width / total[0], strip / total[1]))
    above(upper, landscape, trunk)
    if rows:
        upper.text(
            0.0, 0.5 * strip, "higher $k$-gons,\nnot to scale;\nnames in grey:\nno minimum",
            fontsize=8.5, color=GREY, va="center",
        )  # fmt: skip
    figure.text(
        0.2 / total[0], 1 - 0.3 / total[1],
        f"Disconnectivity graph of the loss, $r = 2$, $c = {options.c}$: branches join at the height where a "
        "path leads from one to the other", fontsize=11, va="center",
    )  # fmt: skip
    return figure


# --- the path ------------------------------------------------------------------------------------


def profile(ax: Axes, along: Profile) -> Axes:
    """L against the length of the path, coloured by the minimum that each piece belongs to.

    Parameters
    ----------
    ax : Axes
    along : Profile
    """
    ax.set_xlim(-0.02 * along.arc[-1], 1.02 * along.arc[-1])
    marks = along.marks
    tops = [0, *(mark.position for mark in marks if mark.kind in (SADDLE, RIM)), len(along.arc) - 1]
    stays = [mark for mark in marks if mark.kind not in (SADDLE, RIM)]
    for k, mark in enumerate(stays):
        piece = slice(tops[k], tops[k + 1] + 1)
        ax.plot(along.arc[piece], along.loss[piece], color=_colour(mark.label), linewidth=2.2, gid="piece")
    for mark in marks:
        style = {SADDLE: ("D", PURPLE), RIM: ("s", GREY)}.get(mark.kind, ("o", _colour(mark.label or "L=0")))
        ax.plot(
            [along.arc[mark.position]], [along.loss[mark.position]], marker=style[0], color=style[1],
            markersize=6.0, markeredgecolor="white", markeredgewidth=0.7, zorder=4, gid=mark.kind,
        )  # fmt: skip
    for before, mark in pairwise(marks):
        if mark.kind == SADDLE:
            rise = along.loss[mark.position] - along.loss[before.position]
            ax.annotate(
                f"barrier {_short(rise)}", (along.arc[mark.position], along.loss[mark.position]), (6, 7),
                textcoords="offset points", fontsize=8.5, color=PURPLE, zorder=6,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0}, gid="barrier",
            )  # fmt: skip
    ax.set(xlabel=r"length of the path in $(W, b)$", ylabel="loss $L$")
    handles = [
        Line2D([], [], color=INK, marker="o", markersize=6, linestyle="none", label="minimum"),
        Line2D([], [], color=PURPLE, marker="D", markersize=6, linestyle="none", label="saddle of index 1"),
        Line2D(
            [], [], color=GREY, marker="s", markersize=6, linestyle="none",
            label="rim of a ledge: $W_i = 0$, $b_i = 0$",
        ),
    ]  # fmt: skip
    ax.legend(handles=handles, loc="lower left")
    return ax


def _stops(along: Profile) -> list[tuple[int, str]]:
    """Where the path is drawn: minima and saddles, and half-way down from each saddle."""
    found = []
    for k, mark in enumerate(along.marks):
        if mark.kind == RIM:
            continue
        found.append((mark.position, _title(mark.label) if mark.label else "saddle"))
        if mark.kind == SADDLE:
            after = along.loss[mark.position : along.marks[k + 1].position + 1]
            middle = int(np.argmin(np.abs(after - (after[0] + after[-1]) / 2)))
            found.append((mark.position + middle, ""))
    return found


def build_path(options: Options) -> Figure:
    """The path of least climb from the 4-gon to the lowest minimum."""
    landscape = example_landscape(options.c, options.full)
    along = landscape.profile("4", landscape.nodes[0].label)
    stops = _stops(along)
    width, height, strip = max(7.4, 0.78 * len(stops)), 3.4, 1.0
    total = width + 1.0, height + strip + 1.25
    figure = new_figure(*total)
    ax = figure.add_axes((0.8 / total[0], 0.6 / total[1], width / total[0], height / total[1]))
    profile(ax, along)
    reach = 1.15 * float(np.hypot(along.W[:, 0], along.W[:, 1]).max())
    step = width / len(stops)
    line = 0.6 + height
    for k, (position, name) in enumerate(stops):
        middle = 0.8 + (k + 0.5) * step
        inset = figure.add_axes(
            ((middle - 0.31) / total[0], (line + 0.3) / total[1], 0.62 / total[0], 0.62 / total[1])
        )
        inset.axis("off")
        inset.set_gid("picture")
        draw_columns(inset, along.W[position], along.biases[position], reach=reach)
        figure.text(middle / total[0], (line + 1.0) / total[1], name, ha="center", va="bottom", fontsize=10)
        ax.annotate(
            "", (along.arc[position], along.loss[position]), (middle / total[0], (line + 0.27) / total[1]),
            textcoords="figure fraction",
            arrowprops={"arrowstyle": "-", "color": GREY, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 3},
        )  # fmt: skip
    figure.text(
        0.2 / total[0], 1 - 0.22 / total[1],
        f"From the 4-gon to the lowest minimum, $c = {options.c}$: the path that climbs least, "
        f"{_short(along.climb)} in all", fontsize=11, va="center",
    )  # fmt: skip
    return figure
