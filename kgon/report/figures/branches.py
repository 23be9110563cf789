"""Draw the loss of every k-gon against the importance of the last feature."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgon.branches.atlas import LIMITS
from kgon.branches.changes import EqualLoss
from kgon.branches.results import BranchEvent, KgonBranch
from kgon.report.artefact import figure
from kgon.report.figures.artists import Axes, Figure
from kgon.report.figures.layout import entry, names_beside
from kgon.report.figures.panels import make_panels
from kgon.report.figures.style import BROKEN, INK, Style, colour, name_text
from kgon.report.studies import BranchAt

MARKS: dict[str, tuple[str, dict[str, Any]]] = {
    "fold": ("fold", {"marker": "<", "markersize": 6}),
    "branch point": ("branch point", {"marker": "s", "markersize": 4.5}),
    "inertia": ("change of inertia", {"marker": "D", "markersize": 4.5}),
    "region": ("a pair enters another region", {"marker": "|", "markersize": 7, "markeredgewidth": 1.2}),
    "border": ("kink", {"marker": "^", "markersize": 5}),
    "takes part": ("an unused column takes part", {"marker": "v", "markersize": 5}),
    "minimum lost": ("4-gon ceases to be a minimum", {"marker": "X", "markersize": 5.5}),
    "maxwell": ("lowest loss changes hands", {"marker": "*", "markersize": 9}),
}
"""What each kind of event is called, and how it is drawn."""
TURNS = ("fold", "branch point", "inertia", "minimum lost")
"""Events at which a curve may begin or cease to be a minimum."""
WIDTHS = {"vertex": 1.7, "positive": 1.1, "dead": 1.1, "switched-off": 1.1}

Piece = tuple[np.ndarray, np.ndarray, bool]
"""Parameter and loss of consecutive points, and whether they are local minima."""


def stable_points(branch: KgonBranch) -> np.ndarray:
    """Whether each point of a branch is a local minimum."""
    if branch.exact:
        border = next((x.parameter for x in branch.events if x.kind == "minimum lost"), np.inf)
        return np.asarray(branch.values <= border)
    return np.array([not point.negative for point in branch.points])


def split_stable(stable: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    """Split the places of a branch into runs of consecutive ones that are all minima, or all not."""
    return np.split(np.arange(len(stable)), np.flatnonzero(stable[1:] != stable[:-1]) + 1)


def _pieces(branch: KgonBranch) -> Iterator[Piece]:
    """The stable and the other pieces; they share their ends with the events."""
    p, loss, stable = branch.values, branch.losses, stable_points(branch)
    turns = [x for x in branch.events if x.kind in TURNS]
    arclength = np.array([point.arclength for point in branch.points])
    for part in split_stable(stable):
        x, y = list(p[part]), list(loss[part])
        for event in turns:  # the event itself lies between the two pieces
            if part[0] > 0 and arclength[part[0] - 1] < event.arclength <= arclength[part[0]]:
                x, y = [event.parameter, *x], [event.loss, *y]
            if part[-1] < len(p) - 1 and arclength[part[-1]] <= event.arclength < arclength[part[-1] + 1]:
                x, y = [*x, event.parameter], [*y, event.loss]
        yield np.array(x), np.array(y), bool(stable[part[0]])


def curves(ax: Axes, branches: Sequence[KgonBranch], exchanged: Sequence[BranchAt]) -> Axes:
    """Draw the curves, solid where the point is a local minimum and dashed elsewhere, and their events."""
    for branch in branches:
        line: Style = {"color": colour(branch.kgon), "linewidth": WIDTHS[branch.role]}
        for x, y, stable in _pieces(branch):
            style = "solid" if stable else BROKEN
            ax.plot(x, y, linestyle=style, gid="stable" if stable else "unstable", **line)
    for branch, event in [*((x, e) for x in branches for e in x.events), *exchanged]:
        mark: Style = {"markeredgewidth": 0.6, "markeredgecolor": INK, **MARKS[event.kind][1]}
        fill = INK if event.kind == "maxwell" else colour(branch.kgon)
        ax.plot(event.parameter, event.loss, color=fill, linestyle="none", zorder=5, gid=event.kind, **mark)
    return ax


def _names(ax: Axes, branches: Sequence[KgonBranch]) -> None:
    """Names at the right edge, at the level where a branch ends there."""
    right = ax.get_xlim()[1]
    ends: dict[float, list[KgonBranch]] = {}
    for branch in branches:  # one that turns back has two ends there
        at_edge = np.flatnonzero(branch.values >= right - 1e-9)
        for level in {round(float(x), 9) for x in branch.losses[at_edge if len(at_edge) else [-1]]}:
            ends.setdefault(level, []).append(branch)
    names = [
        (", ".join(f"{name_text(x.kgon)} {x.role}" for x in ends[level]), level, colour(ends[level][0].kgon))
        for level in sorted(ends)
    ]
    names_beside(ax, names, gap=0.165, at=1.025, fontsize=8)


def _zoom(ax: Axes, branches: Sequence[KgonBranch], exchanged: Sequence[BranchAt]) -> None:
    """Where the lowest loss changes hands, and the folds, with their parameters."""
    folds = [(branch, e) for branch in branches for e in branch.events if e.kind == "fold"]
    x, y = np.array([(e.parameter, e.loss) for _, e in [*exchanged, *folds]]).T
    ax.set_xlim(max(LIMITS[0], x.min() - 0.14), max(x.max(), 1.0) + 0.3)
    ax.set_ylim(0.7 * y.min(), 1.75 * y.max())
    for branch, event in exchanged:
        assert isinstance(event.what, EqualLoss)
        other = event.what.other
        names = f"{name_text(branch.kgon)} {branch.role} = {name_text(other.kgon)} {other.role}"
        _note(ax, event, f"{names}\n{event.parameter:.9f}", (8, -22))
    for branch, event in folds:
        _note(ax, event, f"fold\n{event.parameter:.6f}", (-27, 17), color=colour(branch.kgon))
    ax.set_title("where the lowest loss changes hands")


def _note(ax: Axes, event: BranchEvent, text: str, away: tuple[float, float], **style: Any) -> None:
    place = (event.parameter, event.loss)
    ax.annotate(text, place, away, textcoords="offset points", fontsize=8, **style)


@figure(
    name="branches",
    shows="The loss of every k-gon without switched-off columns as the importance of the last feature "
    "changes; dashed where it is no minimum.",
    seen="The 6-gon loses the lowest loss to the 5⁺-gon, lives on as a higher minimum, and ends in a fold.",
    unseen="Points that are no continuation of a k-gon, and k-gons with switched-off columns.",
)
def losses_of_branches(branches: Sequence[KgonBranch], exchanges: Sequence[BranchAt], c: int = 6) -> Figure:
    """Draw the loss of every k-gon against the importance of the last feature; saddles are dashed.

    The left panel has the whole range, the right one the part in which the lowest loss changes hands.
    """
    count, right = (2, 0.15) if exchanges else (1, 2.5)
    panels = make_panels(
        1, count, stacks=False, size=(2.95, 3.59), gap=(1.5, 0.0), room=(0.62, right, 1.4, 0.75)
    )
    whole = panels.ax
    for ax in panels.axes[0]:
        curves(ax, branches, exchanges)
    whole.set_xlim(*LIMITS)
    whole.set_ylim(0.0, 1.05 * max(float(x.losses.max()) for x in branches))
    _names(whole, branches)
    whole.set_title("the whole range")
    panels.label("importance of the last feature (the others: 1)", r"loss $L$")
    if exchanges:
        _zoom(panels.axes[0, 1], branches, exchanges)
    seen = {event.kind for branch in branches for event in branch.events}
    seen |= {"maxwell"} if exchanges else set()
    entries = [
        entry("local minimum", linewidth=1.4),
        entry("not a minimum", linewidth=1.4, linestyle=BROKEN),
        *(entry(words, **mark) for kind, (words, mark) in MARKS.items() if kind in seen),
    ]
    panels.legend(entries, 0.48, 0.25, ncols=4 if exchanges else 2)
    words = "No column is switched off. Thick: the last one is a vertex; thin: it is dead or positive."
    words += " Colours and lines on the right as on the left." * bool(exchanges)
    return panels.finished(f"Loss of the $k$-gons as one importance changes, $c = {c}$, $r = 2$", words)
