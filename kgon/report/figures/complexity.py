"""Draw the loss against the exact learning coefficient of the local minima, with transitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from kgon.base.verdicts import KgonError
from kgon.experiments.training.results import Training, TrainingRun, added_up
from kgon.kgons.catalogue import Catalogue, CriticalPoint
from kgon.report.artefact import figure
from kgon.report.figures.artists import Axes, Figure
from kgon.report.figures.layout import entry, per_inch, picture, spread_inside
from kgon.report.figures.panels import make_panels
from kgon.report.figures.polygon import draw_polygon
from kgon.report.figures.style import BROKEN, GREY, INK, Style, name_text
from kgon.sampling.sgd import Trajectory

SIDE = 0.46
"""Side of a picture, inches."""
HOLDS: dict[bool, Style] = {
    True: {"color": INK, "linestyle": "-"},
    False: {"color": INK, "linestyle": BROKEN},
}
"""How a transition is drawn that makes the loss fall and the complexity rise, or that does not."""
PLATE: Style = {"facecolor": "white", "edgecolor": "none"}
"""Behind the count of a transition."""
BEND = 0.22
"""How far an arrow back to the left is bent, in parts of its length."""

Place = tuple[float, float]
"""λ or λ̂, and L."""
Places = Mapping[str, Place]
"""Those of critical points, by name."""


def places_of(points: Sequence[CriticalPoint]) -> dict[str, Place]:
    """Find where the dot of each local minimum lies."""
    return {str(p.name): (float(p.lambda_), p.loss) for p in points if p.lambda_ is not None}


def loss_against_lambda(ax: Axes, points: Sequence[CriticalPoint]) -> Axes:
    """Draw a dot at (λ, L) for each minimum, and its picture and label beside it."""
    reach = 1.12 * max(point.length for point in points)
    inch = per_inch(ax)[0]
    places = places_of(points)
    for value in dict.fromkeys(x for x, _ in places.values()):
        column = [p for p in points if places[str(p.name)][0] == value]
        heights = spread_inside(ax, [p.loss for p in column], 1.05 * SIDE, 0.5 * SIDE)
        for point, middle in zip(column, heights, strict=True):
            ax.plot(value, point.loss, "o", color=INK, markersize=4, zorder=3, gid="minimum")
            start = value + 0.13 * inch
            ax.plot([value, start], [point.loss, middle], color=GREY, linewidth=0.6)
            inset = picture(ax, start + SIDE / 2 * inch, middle, SIDE)
            draw_polygon(inset, point, reach=reach, width=0.05, dots=False)
            name = name_text(point.name) + (" opp." if point.configuration == "opposite" else "")
            ax.text(start + (SIDE + 0.03) * inch, middle, name, va="center", fontsize=9, gid="label")
    return ax


def transition_arrows(ax: Axes, counts: Mapping[tuple[str, str], int], places: Places) -> Axes:
    """Draw an arrow for each transition between the places, and how often it was seen.

    It is drawn through where λ rises with falling loss, dashed where it does not.
    """
    inch = per_inch(ax)
    words: Style = {"fontsize": 8, "zorder": 3, "bbox": PLATE | {"pad": 0.6}}
    for (before, after), count in counts.items():
        (x, y), (u, v) = ends = places[before], places[after]
        # An arrow back to the left is bent, round the picture to the right of where it ends.
        bend = BEND if u < x else 0
        middle = (
            (x + u) / 2 + 0.5 * bend * (v - y) / inch[1] * inch[0],
            (y + v) / 2 - 0.5 * bend * (u - x) / inch[0] * inch[1],
        )
        arrow: Style = {"linewidth": 1.4, "shrinkA": 4, "shrinkB": 4}
        draw_transition(ax, ends, count, middle, arrow | {"connectionstyle": f"arc3,rad={bend}"}, words)
    return ax


def draw_transition(
    ax: Axes, ends: tuple[Place, Place], count: int, at: Place, arrow: Style, words: Style
) -> None:
    """Draw an arrow and how often it was seen: dashed unless the loss falls and complexity rises."""
    first, second = ends
    line: Style = {"arrowstyle": "-|>", **HOLDS[holds(first, second)], **arrow}
    ax.annotate("", second, first, zorder=2, arrowprops=line, gid="transition")
    ax.text(*at, f"{count}×", ha="center", va="center", gid="count", **words)


def _frame(ax: Axes, places: Places, aside: tuple[float, float], around: float) -> None:
    """Leave room beside the dots, left and right, and above and below them, in parts of their extent."""
    lambdas, losses = zip(*places.values(), strict=True)
    wide, tall = max(max(lambdas) - min(lambdas), 1.0), max(max(losses) - min(losses), 0.01)
    ax.set_xlim(min(lambdas) - aside[0] * wide, max(lambdas) + aside[1] * wide)
    ax.set_ylim(min(losses) - around * tall, max(losses) + around * tall)


def _enlarged(ax: Axes, below: Axes) -> None:
    """Mark the part that the panel below enlarges."""
    from matplotlib.patches import Rectangle

    (left, right), (low, high) = below.get_xlim(), below.get_ylim()
    ax.add_patch(Rectangle((left, low), right - left, high - low, fill=False, edgecolor=GREY, linewidth=0.8))
    ax.text(right, high, "enlarged below", ha="right", va="bottom", fontsize=8, color=INK, gid="enlarged")


def holds(first: Place, second: Place) -> bool:
    """Whether the loss falls and complexity rises."""
    return second[0] > first[0] and second[1] < first[1]


def _legend(ax: Axes, transitions: Iterable[tuple[Place, Place]]) -> None:
    """Name the kinds of transitions that are drawn."""
    names = {True: r"loss falls, $\lambda$ rises", False: r"loss falls, $\lambda$ does not rise"}
    seen = {holds(*ends) for ends in transitions}
    handles = [entry(names[kind], linewidth=1.4, **HOLDS[kind]) for kind in sorted(seen, reverse=True)]
    ax.legend(handles=handles, loc="upper right", title="transitions seen", alignment="left")


def transition_counts(training: Mapping[str, Training], example: TrainingRun) -> Counter[tuple[str, str]]:
    """Count the transitions of all runs, and of the run of the stages."""
    seen = Counter({(x.first, x.second): x.count for x in added_up(training)})
    seen.update(pairwise(example.stages))
    return seen


@figure(
    shows="The loss of the local minima against their exact learning coefficient, with the transitions "
    "that were seen in training.",
    seen="Among the minima higher loss mostly goes with lower complexity, yet not always: a dashed arrow "
    "is a transition on which λ does not rise.",
    unseen="Critical points that are no minima, which have no λ of this kind, and the transitions from or "
    "to them.",
)
def loss_lambda(
    training: Mapping[str, Training], example_run: tuple[TrainingRun, Trajectory], c: int = 6
) -> Figure:
    """Draw the loss against the exact λ of the local minima, with the transitions seen in SGD runs.

    The lower panel enlarges the minima without switched-off columns.
    """
    catalogue = Catalogue(c)
    points = catalogue.phases()
    if not points:
        raise KgonError(f"no local minimum with a known lambda at c = {c}")
    low = [p for p in points if p.phi == 0]
    places = places_of(low)
    seen = transition_counts(training, example_run[0])
    transitions = {pair: count for pair, count in seen.items() if places.keys() >= set(pair)}
    column = max(sum(p.lambda_ == q.lambda_ for p in low) for q in low)
    panels = make_panels(
        2,
        stacks=False,
        size=(6.55, (2.7, max(2.4, 0.56 * (column + 1.5)))),
        gap=(0.0, 0.85),
        room=(0.7, 0.15, 0.85, 0.6),
    )
    ax, below = panels.axes[:, 0]
    _frame(below, places, (0.12, 0.55), 0.16)
    loss_against_lambda(below, low)
    transition_arrows(below, transitions, places)
    everywhere = places_of(points)
    _frame(ax, everywhere, (0.0, 0.0), 0.12)
    # From 0 on, and as far as the panel below reaches: that part is marked in this one.
    largest = max(value for value, _ in everywhere.values())
    ax.set_xlim(-0.04 * largest, max(1.12 * largest, 1.01 * below.get_xlim()[1]))
    loss_against_lambda(ax, [p for p in points if p.phi])
    ax.plot(*zip(*places.values(), strict=True), "o", color=INK, markersize=4, gid="low")
    _enlarged(ax, below)
    if transitions:
        _legend(ax, [(places[first], places[second]) for first, second in transitions])
    panels.label(r"local learning coefficient $\lambda$ (exact)", "loss $L$")
    ax.set_xlabel(below.get_xlabel())
    runs = sum(len(x.trajectories) for x in training.values()) + 1
    others = seen.total() - sum(transitions.values())
    without = len([p for p in catalogue if p.lambda_ is None])
    words = "Below: the minima without switched-off columns."
    if without:
        words += f" {without} of the {len(catalogue)} configurations are no local minima: they have no "
        words += r"$\lambda$."
    switched = [pair for pair in seen.keys() - transitions.keys() if {p.label for p in points} >= set(pair)]
    between = sum(seen[pair] for pair in switched)
    words += f"\nArrows: transitions in {runs} SGD runs, that of the stages among them; {others - between} "
    words += r"others lead from or to points without $\lambda$."
    if between:
        words += f" Not drawn: {between} between minima, with switched-off columns."
    return panels.finished(rf"Loss against complexity of the local minima, $r = 2$, $c = {c}$", words)
