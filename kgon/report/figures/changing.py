"""Draw transitions as the landscape changes: the posterior jumps at equal loss, descent at a fold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kgon.base.checks import Floats
from kgon.branches.results import KgonBranch
from kgon.experiments.sweep import ImportanceSweep
from kgon.report.artefact import figure
from kgon.report.figures.artists import Axes, Figure
from kgon.report.figures.branches import split_stable, stable_points
from kgon.report.figures.layout import entry
from kgon.report.figures.panels import make_panels
from kgon.report.figures.style import BROKEN, INK, Style, colour, name_text
from kgon.report.studies import BranchAt

ROLES = {"6": "vertex", "5+": "positive"}
"""The k-gons between which the lowest loss changes hands, and what the last column is there."""
WIDE: Style = {"linewidth": 6.0, "alpha": 0.45, "solid_capstyle": "butt", "zorder": 1}
"""Where the state is."""
RANGE = (0.28, 1.32)


def last_column(branch: KgonBranch) -> Floats:
    """Compute the length of the last column at each point of a branch, (m,)."""
    return np.array([np.hypot(*point.W[:, -1]) for point in branch.points])


def minima(ax: Axes, branches: Sequence[KgonBranch]) -> Axes:
    """Draw the length of the last column along each branch: solid at minima, dashed elsewhere."""
    for branch in branches:
        x, y, stable = branch.values, last_column(branch), stable_points(branch)
        for part in split_stable(stable):
            on = bool(stable[part[0]])
            line: Style = {"linestyle": "solid" if on else BROKEN, "gid": "minimum" if on else "saddle"}
            if part[-1] < len(x) - 1:  # on to the first point of the next piece
                part = np.append(part, part[-1] + 1)
            ax.plot(x[part], y[part], color=INK, linewidth=1.2, zorder=3, **line)
    ax.set(xlim=RANGE, ylim=(-0.12, 1.52))
    return ax


def bayesian(ax: Axes, branches: Sequence[KgonBranch], at: float) -> Axes:
    """Draw where the posterior is at large n, the minimum of lowest loss, and its jump at equal loss."""
    ends = []
    for branch in branches:
        x, y = _minima(branch)
        ends.append(float(np.interp(at, x, y)))
        held = (x > at) if branch.label == "6" else (x < at)
        place = int(np.searchsorted(x[held], at))
        line = np.insert(x[held], place, at), np.insert(y[held], place, ends[-1])
        ax.plot(*line, color=colour(branch.kgon), gid="state", **WIDE)
    _arrow(ax, (at, max(ends)), (at, min(ends)), "<|-|>")
    ax.text(at + 0.02, 0.33, f"{at:.4f}:\nequal loss", fontsize=8.5, va="center")
    return ax


def _minima(branch: KgonBranch) -> tuple[Floats, Floats]:
    """Importance, increasing, and length of the last column at the minima of a branch."""
    stable = stable_points(branch)
    order = np.argsort(branch.values[stable])
    return branch.values[stable][order], last_column(branch)[stable][order]


def dynamical(ax: Axes, found: ImportanceSweep, fold: float) -> Axes:
    """Draw where descent stands as the importance falls and rises again, and where its minimum ends."""
    x, y, gone, turn = found.importance, found.last_column, found.gone, found.falling
    for part, mark in ((slice(None, turn), "<"), (slice(turn, None), ">")):
        away = 0.045 if mark == ">" else 0.0  # the way back runs beside the way there
        for name, on in (("6", ~gone[part]), ("5+", gone[part])):
            ax.plot(
                x[part][on], y[part][on] - away, mark, color=colour(name), markersize=4.5,
                markeredgewidth=0, gid=f"descent {mark}", zorder=4,
            )  # fmt: skip
    assert found.left_at is not None
    top = float(y[:turn][~gone[:turn]][-1])
    _arrow(ax, (fold, top), (fold, 0.0), "-|>")
    ax.text(fold + 0.02, 0.33, f"{fold:.4f}:\nthe minimum ends", fontsize=8.5, va="center")
    return ax


def _arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float], style: str) -> None:
    line: Style = {"arrowstyle": style, "color": INK, "linewidth": 1.1, "linestyle": (0, (1.5, 1.5))}
    ax.annotate("", end, start, arrowprops=line, zorder=2, gid="jump")


@figure(
    fixed=("c",),
    shows="Transitions as one importance changes: on the left which minimum is lowest, on the right where "
    "descent goes.",
    seen="The posterior jumps where two minima have the same loss; descent stays with its minimum until "
    "that ends in a fold, and does not come back the same way.",
    unseen="Time and noise: the jump on the left is that of unlimited data, and the descent on the right "
    "is exact.",
)
def landscape_changes(
    branches: Sequence[KgonBranch], exchanges: Sequence[BranchAt], importance_sweep: ImportanceSweep
) -> Figure:
    """Draw transitions as an importance changes the landscape: Bayesian beside dynamical.

    The posterior jumps where two minima have the same loss; descent stays until its minimum ends in a fold.
    """
    shown = [x for x in branches if ROLES.get(x.label) == x.role]
    (at,) = [e.parameter for x, e in exchanges if x.label in ROLES and x.role == ROLES[x.label]]
    (fold,) = [e.parameter for x in shown for e in x.events if e.kind == "fold"]
    panels = make_panels(1, 2, size=(3.1, 2.6), gap=(0.3, 0.0), room=(0.66, 0.2, 1.37, 0.72))
    left, right = panels.axes[0]
    for ax in (left, right):
        minima(ax, shown)
        for label, height in (("6", 1.43), ("5+", 0.09)):
            ax.text(1.3, height, f"{name_text(label)}-gon", color=colour(label), ha="right", fontsize=9)
    dynamical(right, importance_sweep, fold)
    bayesian(left, shown, at)
    left.set_title(r"Bayesian: lowest loss (posterior, $n \to \infty$)")
    right.set_title("dynamical: descent")
    panels.label(
        "importance of the last feature (the others: 1)",
        rf"length of the last column $\Vert W_{shown[0].c - 1}\Vert$",
        shared=True,
    )
    entries = [
        entry("local minimum", linewidth=1.2),
        entry("not a minimum", linewidth=1.2, linestyle=BROKEN),
        entry("lowest loss, in the colour of $k$", color="#777777", linewidth=6, alpha=0.45),
        entry("jump", linewidth=1.1, linestyle=(0, (1.5, 1.5))),
        entry("descent, importance falling", marker="<", markersize=4.5),
        entry("descent, importance rising", marker=">", markersize=4.5),
    ]
    panels.legend(entries, 0.5, 0.42, ncols=3)
    return panels.finished(
        f"Transitions as the landscape changes, $c = {shown[0].c}$, $r = 2$",
        "Population loss. Both numbers are those of the branches. Descent starts where it last stood;\n"
        "what it finds as the importance rises is drawn a little lower, beside the way there.",
    )
