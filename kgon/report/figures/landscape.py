"""Draw the disconnectivity graph of the landscape: wells, ledges, and the saddles that join them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.kgons.names import Name, Other
from kgon.landscape.graph import NO_MINIMUM, Landscape, Node, Transition
from kgon.report.artefact import figure
from kgon.report.figures.artists import Axes, Figure
from kgon.report.figures.layout import entry, per_inch, picture, size_in_inches, spread_inside
from kgon.report.figures.panels import make_panels
from kgon.report.figures.polygon import column_entries, draw_columns, draw_polygon
from kgon.report.figures.style import GREY, INK, PURPLE, Style, colour, name_text

SIDE, GAP = 0.56, 0.64
"""Side of a picture and least distance between two, inches."""
BRANCH = 1.25
"""Distance between two branches, inches."""
LEFT, RIGHT = 2.0, 2.5
"""Room beside the branches for the ledges and for the saddles, inches."""
BELOW = 1.0
"""Room under the lowest well, inches."""
WIDE = 8.2
"""Width from which the legend has three columns, inches."""
TALL = 6.6
"""Height of the graph, inches."""
ROW, ITEM = 0.62, 1.62
"""Height of a row of the k-gons above the graph, and width of one of them, inches."""
WELL_LINE: Style = {"linewidth": 4.0, "solid_capstyle": "butt", "gid": "branch"}
LEDGE_LINE: Style = {"linewidth": 2.6, "solid_capstyle": "butt", "zorder": 3, "gid": "ledge"}
JOINT: Style = {"color": INK, "linewidth": 0.9}
"""The height where two wells join."""
DIAMOND: Style = {"marker": "D", "markersize": 5.5, "color": PURPLE, "markeredgecolor": "white"}
"""A saddle."""


def parts(name: Name) -> str:
    """Write which columns play which part in a k-gon, in short: ``pos. 4; dead 5``; empty at equal weights.

    Examples
    --------
    >>> parts(Label.parse("4+, positive column 4; dead column 5"))
    'pos. 4; dead 5'
    """
    words = name.words if isinstance(name, Label) else ""
    return words.replace(" columns", "").replace(" column", "").replace("positive", "pos.")


def short(value: float) -> str:
    """Write a barrier to two digits."""
    return f"{value:.{max(0, 1 - int(np.floor(np.log10(value))))}f}"


# --- where everything is -------------------------------------------------------------------------


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
    """Find the branch that a node hangs on, seen from a height: the deepest minimum joined to it there."""
    joined = [
        node
        for node in landscape.nodes
        if (level := landscape.meeting(label, node.label)) is not None and level <= height
    ]
    return min(joined, key=lambda node: node.loss).label if joined else label


def top_of(landscape: Landscape) -> float:
    """Find the upper end of the graph."""
    return landscape.below + 0.05 * (landscape.below - landscape.nodes[0].loss)


def rows_above(landscape: Landscape) -> list[list[Node]]:
    """Find the nodes above the graph, one row for each number of switched-off columns, by loss."""
    found: dict[int, list[Node]] = {}
    for node in landscape.nodes:
        if node.loss > top_of(landscape) and isinstance(node.name, Label):
            found.setdefault(node.name.phi, []).append(node)
    return [found[phi] for phi in sorted(found)]


# --- the graph -----------------------------------------------------------------------------------


class Disconnectivity:
    """The graph on axes whose unit of x is an inch."""

    def __init__(self, ax: Axes, landscape: Landscape) -> None:
        self.ax, self.landscape = ax, landscape
        self.top, lowest = top_of(landscape), landscape.nodes[0].loss
        width, height = size_in_inches(ax)
        below = BELOW * (self.top - lowest) / (height - BELOW)
        ax.set(xlim=(0.0, width), ylim=(lowest - below, self.top))
        self.inch = per_inch(ax)[1]
        found = branches(landscape)
        self.ends = {label: end for label, (_, end) in found.items()}
        self.x = {label: LEFT + BRANCH * (place + 0.5) for label, (place, _) in found.items()}
        self.shown = [node for node in landscape.nodes if node.loss <= self.top]
        self.reach = 1.15 * max(float(np.hypot(*node.W).max()) for node in self.shown)

    def trunk(self, label: str, height: float) -> float:
        """Find where the branch stands that a node hangs on, seen from a height."""
        return self.x[trunk_of(self.landscape, label, height)]

    def places(self, levels: Sequence[float], margin: float) -> list[float]:
        """Place pictures beside their levels, ``margin`` inches above the lower end at least."""
        found = spread_inside(self.ax, levels, GAP, margin)
        return [float(place) for place in found]

    def branch(self, node: Node) -> None:
        """Draw a well from its bottom up to where it joins a deeper one."""
        ax, at, tint = self.ax, self.x[node.label], colour(node.label)
        end = self.ends[node.label]
        ax.plot([at, at], [node.loss, end or self.top], color=tint, zorder=2, **WELL_LINE)
        ax.plot(at, node.loss, "o", color=tint, markersize=6.5, gid="well", zorder=4)
        draw_node(picture(ax, at, node.loss - 0.42 * self.inch, SIDE), node, self.landscape.c, self.reach)
        name = name_text(node.label)
        text = name if isinstance(node.name, Other) else f"{name}  {node.loss:.5f}"
        ax.text(at, node.loss - 0.72 * self.inch, text, ha="center", va="top", fontsize=9.5, gid="label")
        _words(ax, at, node.loss - 0.88 * self.inch, parts(node.name), ha="center")
        if end is not None:
            joint: Style = JOINT | {"gid": "joint"}
            ax.plot([self.trunk(node.label, end), at], [end, end], **joint)

    def ledges(self) -> None:
        """Draw shelves of no depth to the left of the branch that they fall to, their pictures left of all.

        The only shelf of a branch that is not the first has its picture under it: no line crosses a branch.
        """
        ax, aside = self.ax, list[tuple[Node, float]]()
        every = [(x, self.trunk(x.label, x.loss)) for x in self.shown if x.label not in self.x]
        where = [at for _, at in every]
        for node, at in every:
            ax.plot([at - 0.3, at], [node.loss] * 2, color=colour(node.label), **LEDGE_LINE)
            if at > min(self.x.values()) and where.count(at) == 1:
                left, below = at - 0.52, node.loss - 0.3 * self.inch
                draw_node(picture(ax, left, below, SIDE), node, self.landscape.c, self.reach)
                name_and_loss(ax, left, below - 0.46 * self.inch, node, ha="center", fontsize=11)
            else:
                aside.append((node, at))
        places = self.places([node.loss for node, _ in aside], 0.5 * GAP)
        for (node, at), place in zip(aside, places, strict=True):
            ax.plot([1.45, at - 0.3], [place, node.loss], color=GREY, linewidth=0.6, zorder=1)
            draw_node(picture(ax, 1.15, place, SIDE), node, self.landscape.c, self.reach)
            name_and_loss(ax, 0.83, place, node, ha="right", fontsize=11)

    def saddles(self) -> None:
        """Draw saddles to the right, each beside the joint that it makes or the branch of its lower end."""
        ax = self.ax
        left = max(self.x.values()) + 0.75
        found = [edge for edge in self.landscape.saddles if edge.saddle_loss <= self.top]
        for edge, place in zip(found, self.places([e.saddle_loss for e in found], GAP), strict=True):
            height = edge.saddle_loss
            made = [label for label, end in self.ends.items() if end == height]
            at = self.x[made[0]] if made else self.trunk(edge.second, height)
            ax.plot(at, height, linestyle="none", markeredgewidth=0.7, gid="saddle", zorder=5, **DIAMOND)
            ax.plot([at + 0.06, left - 0.05], [height, place], color=PURPLE, linewidth=0.6, zorder=1)
            draw_columns(picture(ax, left + SIDE / 2, place, SIDE), edge.W, edge.biases, reach=self.reach)
            self.words(edge, left + SIDE + 0.1, place)

    def words(self, edge: Transition, x: float, y: float) -> None:
        """Write what a saddle joins, its loss and its barrier."""
        arrow = "↔" if edge.first == edge.second else "→"
        ends = f"{name_text(edge.first)} {arrow} {name_text(edge.second)}"
        self.ax.text(x, y, ends, va="bottom", fontsize=10, gid="edge")
        text = f"{edge.saddle_loss:.5f}, barrier {short(edge.barrier)}"
        self.ax.text(x, y, text, va="top", fontsize=8.5, color=PURPLE, gid="barrier")
        columns = [parts(self.landscape.node(label).name) for label in (edge.first, edge.second)]
        text = f" {arrow} ".join(each or "–" for each in columns) if any(columns) else ""
        _words(self.ax, x, y - 0.14 * self.inch, text)


def draw_node(ax: Axes, node: Node, c: int, reach: float) -> None:
    """Draw a minimum: a k-gon that is regular with its hull, any other by its columns."""
    regular = Catalogue(c)[node.name.label] if isinstance(node.name, Label) else None
    if regular is not None and sorted(map(tuple, node.W.T)) == sorted(map(tuple, regular.W.T)):
        draw_polygon(ax, regular, reach=reach)
    else:
        draw_columns(ax, node.W, node.biases, reach=reach)


def name_and_loss(ax: Axes, x: float, y: float, node: Node, *, fontsize: float, **style: Any) -> None:
    """Write the name above a place and the loss below it; grey where the node is no minimum."""
    tint = GREY if node.kind == NO_MINIMUM else INK
    ax.text(x, y, name_text(node.label), va="bottom", fontsize=fontsize, color=tint, gid="label", **style)
    ax.text(x, y, f"{node.loss:.5f}", va="top", fontsize=8.5, gid="loss", **style)
    _words(ax, x, y - 0.14 * per_inch(ax)[1], parts(node.name), **style)


def _words(ax: Axes, x: float, y: float, text: str, **style: Any) -> None:
    """Write below a place which columns play which part, if there is anything to say."""
    if text:
        ax.text(x, y, text, va="top", fontsize=7, color=GREY, gid="columns", **style)


def room_for(landscape: Landscape) -> tuple[float, float]:
    """Find the width and height in inches that the graph takes at least."""
    found = branches(landscape)
    shown = sum(node.loss <= top_of(landscape) for node in landscape.nodes)
    rows = max(shown - len(found), len(landscape.saddles)) + 2
    return LEFT + BRANCH * len(found) + RIGHT, GAP * rows


def disconnectivity(ax: Axes, landscape: Landscape) -> Axes:
    """Draw branches from the wells up to where they join; ledges to the left, saddles to the right."""
    graph = Disconnectivity(ax, landscape)
    for node in landscape.nodes:
        if node.label in graph.x:
            graph.branch(node)
    graph.ledges()
    graph.saddles()
    ax.set_ylabel(r"loss $L = \mathrm{E}\,\Vert x - f(x)\Vert^2$")
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    return ax


def above(ax: Axes, landscape: Landscape, at: float) -> Axes:
    """Draw the k-gons whose loss is too high for the graph in rows beside the trunk at ``at`` inches."""
    rows = rows_above(landscape)
    width, height = size_in_inches(ax)
    ax.set(xlim=(0.0, width), ylim=(0.0, height))
    ax.axis("off")
    trunk: Style = {
        "color": colour(landscape.nodes[0].label),
        "linewidth": 4.0,
        "linestyle": (0, (1.2, 0.6)),
    }
    ax.plot([at, at], [0.0, ROW * len(rows) + 0.1], **trunk)
    for k, row in enumerate(rows):
        middle = ROW * (k + 0.5) + 0.1
        ax.plot([at - 0.3, at], [middle] * 2, color=colour(row[0].label), linewidth=2.6, zorder=3)
        for i, node in enumerate(row):
            left = at + 0.35 + ITEM * i
            draw_node(picture(ax, left + 0.24, middle, 0.48), node, landscape.c, reach=1.6)
            name_and_loss(ax, left + 0.56, middle, node, fontsize=10)
    if rows:
        words = "higher $k$-gons,\nnot to scale;\nnames in grey:\nno minimum"
        ax.text(0.0, 0.5 * height, words, fontsize=8.5, color=GREY, va="center")
    return ax


def _legend(ax: Axes) -> None:
    off, positive, dead = column_entries()
    handles = [
        entry("well: left only by climbing", linewidth=4, marker="o", markersize=6.5),
        entry("ledge: flat, with a way down that never climbs", linewidth=2.6),
        entry("saddle of index 1", **DIAMOND),
        entry("height where two wells join", **JOINT),
        positive,
        dead,
        off,
    ]
    place: Style = {"loc": "upper left", "bbox_to_anchor": (0.0, -0.01), "columnspacing": 1.6}
    ax.legend(handles=handles, ncols=3 if size_in_inches(ax)[0] > WIDE else 2, **place)


@figure(
    name="landscape",
    shows="The minima of the loss, and the height at which a path leads from one to another, as a tree.",
    seen="Some k-gons are ledges from which a way leads down that never climbs; between the others lie "
    "saddles, whose barriers are small against the losses.",
    unseen="What the search did not find: that no lower saddle exists is evidence, and not proof.",
)
def disconnectivity_graph(landscape: Landscape) -> Figure:
    """Draw the disconnectivity graph: wells, ledges, and the saddles over which they are joined.

    The k-gons that lie too high for the graph stand in rows above it.
    """
    found, rows = branches(landscape), rows_above(landscape)
    trunk = LEFT + BRANCH * (found[landscape.nodes[0].label][0] + 0.5)
    longest = max(map(len, rows), default=0)
    width, height = room_for(landscape)
    width, height = max(width, trunk + 0.4 + ITEM * longest), max(TALL, height)
    strip = ROW * len(rows) + 0.2
    panels = make_panels(
        2, stacks=False, size=(width, (strip, height)), gap=(0.0, 0.0), room=(0.75, 0.15, 1.2, 0.75)
    )
    upper, ax = panels.axes[:, 0]
    disconnectivity(ax, landscape)
    _legend(ax)
    above(upper, landscape, trunk)
    return panels.finished(
        f"Disconnectivity graph of the loss, $r = 2$, $c = {landscape.c}$",
        "Branches join at the height where a path leads from one to the other.",
    )
