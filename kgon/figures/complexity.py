"""Loss against the exact learning coefficient of the local minima, with the transitions of the text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from kgon.catalogue import Catalogue, CriticalPoint
from kgon.experiments.antecedent import Transition, antecedent
from kgon.figures import Options
from kgon.figures.polygon import draw_polygon
from kgon.figures.style import (
    GREY,
    NEGATIVE,
    POSITIVE,
    colour,
    math_label,
    new_figure,
    size_in_inches,
    spread,
)
from kgon.results import KgonError, Verdict

SIDE = 0.46
"""Side of a picture, inches."""
GAP = 0.13
"""From a dot to its picture, inches."""
CHAINS = (("4+", "5"), ("5", "5+"), ("5", "6"), ("5+", "6"))
"""Transitions drawn, where the labels occur: the text's 4⁺ → 5 and those between the low minima."""
BROKEN = (0, (4, 2))
"""Line style of a transition that does not raise λ."""


def _place(point: CriticalPoint) -> tuple[float, float]:
    """(λ, L) of a local minimum."""
    assert point.lambda_ is not None
    return float(point.lambda_), point.loss


def sides(points: Sequence[CriticalPoint], transitions: Sequence[Transition]) -> dict[str, int]:
    """Side of the dot that has the picture, +1 right or −1 left: that where no arrow ends."""
    at = {str(point.name): _place(point)[0] for point in points}
    steps = [
        (one, at[other] - at[one])
        for t in transitions
        if t.first in at and t.second in at
        for one, other in ((t.first, t.second), (t.second, t.first))
    ]
    found = {}
    for name in at:
        moves = [step for one, step in steps if one == name]
        found[name] = -1 if moves and max(moves) > 0 and min(moves) >= 0 else 1
    return found


def loss_against_lambda(
    ax: Axes, points: Sequence[CriticalPoint], side: Mapping[str, int]
) -> dict[str, tuple[float, float]]:
    """A dot at (λ, L) for each minimum, its picture and label beside it; returns where the dots are."""
    reach = 1.12 * max(point.length for point in points)
    width, height = size_in_inches(ax)
    low, high = ax.get_ylim()
    left, right = ax.get_xlim()
    per_x, per_y = (right - left) / width, (high - low) / height
    room = 0.5 * SIDE * per_y
    columns: dict[tuple[float, int], list[CriticalPoint]] = {}
    for point in points:
        columns.setdefault((_place(point)[0], side[str(point.name)]), []).append(point)
    for (value, to), column in columns.items():
        heights = spread([p.loss for p in column], 1.05 * SIDE * per_y, low=low + room, high=high - room)
        for point, middle in zip(column, heights, strict=True):
            paint = colour(point.name)
            ax.plot(value, point.loss, "o", color=paint, markersize=5, zorder=4, gid="minimum")
            centre = value + to * (GAP + SIDE / 2) * per_x
            # The leader ends at the picture's first vertex on this side.
            edge = float(max(-to * point.W[0])) / reach * SIDE / 2
            ax.plot([value, centre - to * edge * per_x], [point.loss, middle], color=GREY, linewidth=0.6)
            inset = ax.inset_axes(
                (centre - SIDE / 2 * per_x, middle - room, SIDE * per_x, SIDE * per_y), transform=ax.transData
            )
            inset.axis("off")
            draw_polygon(inset, point, reach=reach, width=0.05, dots=False)
            ax.text(
                centre + to * (SIDE / 2 + 0.03) * per_x, middle,
                math_label(point.name) + (" opp." if point.configuration == "opposite" else ""),
                ha="left" if to > 0 else "right", va="center", fontsize=9, gid="label",
            )  # fmt: skip
    return {str(point.name): _place(point) for point in points}


def transition_arrows(
    ax: Axes, transitions: Sequence[Transition], places: Mapping[str, tuple[float, float]]
) -> Axes:
    """An arrow for each transition, with Δλ: green where λ rises with falling loss, red where it does not."""
    for item in transitions:
        holds = item.verdict in (Verdict.PROVED, Verdict.CONFIRMED)
        paint = POSITIVE if holds else NEGATIVE
        (x0, y0), (x1, y1) = places[item.first], places[item.second]
        ax.annotate(
            "", (x1, y1), (x0, y0), zorder=2,
            arrowprops={
                "arrowstyle": "-|>", "color": paint, "linewidth": 1.4,
                "linestyle": "-" if holds else BROKEN, "shrinkA": 4, "shrinkB": 4,
            },
            gid="transition",
        )  # fmt: skip
        if item.delta_lambda is not None:
            text = rf"$\Delta\lambda = {float(item.delta_lambda):+g}$" if item.delta_lambda else "λ stays"
            ax.annotate(
                text, ((x0 + x1) / 2, (y0 + y1) / 2), (0, 0) if x0 != x1 else (-4, 0),
                textcoords="offset points", ha="center" if x0 != x1 else "right", va="center",
                fontsize=8, color=paint, zorder=3, gid="delta-lambda",
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
            )  # fmt: skip
    return ax


def _enlarged(ax: Axes, points: Sequence[CriticalPoint], transitions: Sequence[Transition]) -> Axes:
    """The minima without switched-off columns, on a scale of their own."""
    lambdas, losses = zip(*map(_place, points), strict=True)
    wide, tall = max(max(lambdas) - min(lambdas), 1.0), max(losses) - min(losses)
    side = sides(points, transitions)
    before = 0.33 if -1 in side.values() else 0.12
    ax.set(
        xlim=(min(lambdas) - before * wide, max(lambdas) + 0.42 * wide),
        ylim=(min(losses) - 0.16 * tall, max(losses) + 0.16 * tall),
    )
    return transition_arrows(ax, transitions, loss_against_lambda(ax, points, side))


def _outline(ax: Axes, points: Sequence[CriticalPoint]) -> Axes:
    """The minima that are enlarged below: dots in a box."""
    lambdas, losses = zip(*map(_place, points), strict=True)
    for point in points:
        ax.plot(*_place(point), "o", color=colour(point.name), markersize=4, gid="low")
    width, height = size_in_inches(ax)
    x = 0.12 * (ax.get_xlim()[1] - ax.get_xlim()[0]) / width
    y = 0.12 * (ax.get_ylim()[1] - ax.get_ylim()[0]) / height
    corner = (min(lambdas) - x, min(losses) - y)
    wide, tall = max(lambdas) - min(lambdas) + 2 * x, max(losses) - min(losses) + 2 * y
    ax.add_patch(Rectangle(corner, wide, tall, fill=False, edgecolor=GREY, linewidth=0.8, gid="box"))
    ax.text(
        corner[0] + wide, corner[1] + tall + 0.25 * y, "enlarged below", ha="right", va="bottom", fontsize=8,
        gid="label",
    )  # fmt: skip
    return ax


def _legend(ax: Axes, transitions: Sequence[Transition]) -> None:
    """What the colours of the arrows mean, as far as they occur."""
    if not transitions:
        return
    ax.legend(
        handles=[
            Line2D([], [], color=POSITIVE, linewidth=1.4, label=r"loss falls, $\lambda$ rises"),
            Line2D(
                [], [], color=NEGATIVE, linewidth=1.4, linestyle=BROKEN,
                label=r"loss falls, $\lambda$ does not rise",
            ),
        ],
        loc="upper right", title="transitions", alignment="left",
    )  # fmt: skip


def build(options: Options) -> Figure:
    """The figure for c features: all minima, and below, enlarged, those without switched-off columns."""
    catalogue = Catalogue(options.c)
    points = catalogue.phases()
    if not points:
        raise KgonError(f"no local minimum with a known lambda at c = {options.c}")
    low = [p for p in points if p.phi == 0]
    names = {str(p.name) for p in low}
    transitions = [
        item
        for chain in CHAINS
        if names.issuperset(chain)
        for item in antecedent(chain, options.c).transitions
    ]
    split = len(low) > 1
    column = max(sum(p.lambda_ == q.lambda_ for p in low) for q in low)
    inner = max(2.4, 0.56 * (column + 1.5))
    below = inner + 0.75 if split else 0.0
    width, height = 7.4, below + 4.15
    figure = new_figure(width, height)
    ax = figure.add_axes((0.095, (below + 0.85) / height, 0.885, 2.7 / height))
    lambdas, losses = zip(*map(_place, points), strict=True)
    span = max(losses) - min(losses)
    ax.set(
        xlim=(-0.04 * max(lambdas), (1.07 if split else 1.18) * max(lambdas)),
        ylim=(min(losses) - 0.12 * span, max(losses) + 0.12 * span),
        ylabel="loss $L$",
        xlabel=r"local learning coefficient $\lambda$ (exact)",
    )
    outer = [p for p in points if p.phi] if split else points
    loss_against_lambda(ax, outer, dict.fromkeys((str(p.name) for p in outer), 1))
    if split:
        _outline(ax, low)
        lower = figure.add_axes((0.095, 0.85 / height, 0.885, inner / height))
        lower.set(xlabel=r"local learning coefficient $\lambda$ (exact)", ylabel="loss $L$")
        _enlarged(lower, low, transitions)
    _legend(ax, transitions)
    figure.text(
        0.02, 1 - 0.25 / height,
        rf"Loss against complexity of the local minima, $r = 2$, $c = {options.c}$", fontsize=11, va="center",
    )  # fmt: skip
    footer = "opp.: the switched-off columns are opposite."
    if split:
        footer = "Below: the minima without switched-off columns; " + footer
    without = sum(p.lambda_ is None for p in catalogue)
    if without:
        footer += rf" Left out, as no local minima (no $\lambda$): {without} of {len(catalogue)} configurations."
    figure.text(0.02, 0.1 / height, footer, fontsize=7.5)
    return figure
