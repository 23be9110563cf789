"""Loss against the exact learning coefficient of the local minima, with the transitions of the text."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from kgon.base.verdicts import KgonError
from kgon.experiments.antecedent import JudgedTransition, assess_antecedent
from kgon.kgons.catalogue import Catalogue, CriticalPoint
from kgon.report.figures import Options
from kgon.report.figures.polygon import draw_polygon
from kgon.report.figures.style import (
    GREY,
    INK,
    NEGATIVE,
    POSITIVE,
    math_label,
    new_figure,
    size_in_inches,
    spread,
)

SIDE = 0.46
"""Side of a picture, inches."""
CHAINS = (("4+", "5"), ("5", "5+"), ("5", "6"), ("5+", "6"))
"""Transitions drawn, where the labels occur: the text's 4⁺ → 5 and those between the low minima."""


def loss_against_lambda(ax: Axes, points: Sequence[CriticalPoint]) -> dict[str, tuple[float, float]]:
    """A dot at (λ, L) for each minimum and its picture and label beside it; returns where the dots are."""
    reach = 1.12 * max(point.length for point in points)
    width, height = size_in_inches(ax)
    low, high = ax.get_ylim()
    left, right = ax.get_xlim()
    per_x, per_y = (right - left) / width, (high - low) / height
    room = 0.5 * SIDE * per_y
    places: dict[str, tuple[float, float]] = {}
    by_lambda: dict[float, list[CriticalPoint]] = {}
    for point in points:
        assert point.lambda_ is not None
        by_lambda.setdefault(float(point.lambda_), []).append(point)
    for value, column in by_lambda.items():
        heights = spread([p.loss for p in column], 1.05 * SIDE * per_y, low=low + room, high=high - room)
        for point, middle in zip(column, heights, strict=True):
            places[str(point.name)] = (value, point.loss)
            ax.plot(value, point.loss, "o", color=INK, markersize=4, zorder=3, gid="minimum")
            start = value + 0.13 * per_x
            ax.plot([value, start], [point.loss, middle], color=GREY, linewidth=0.6)
            inset = ax.inset_axes(
                (start, middle - SIDE / 2 * per_y, SIDE * per_x, SIDE * per_y), transform=ax.transData
            )
            inset.axis("off")
            draw_polygon(inset, point, reach=reach, width=0.05, dots=False)
            name = math_label(point.name) + (" opp." if point.configuration == "opposite" else "")
            ax.text(start + (SIDE + 0.03) * per_x, middle, name, va="center", fontsize=9, gid="label")
    return places


def transition_arrows(
    ax: Axes, transitions: Sequence[JudgedTransition], places: dict[str, tuple[float, float]]
) -> Axes:
    """An arrow for each transition: green where λ rises with falling loss, red where it does not."""
    for item in transitions:
        holds = item.verdict.holds
        ax.annotate(
            "", places[item.second], places[item.first], zorder=2,
            arrowprops={
                "arrowstyle": "-|>", "color": POSITIVE if holds else NEGATIVE, "linewidth": 1.4,
                "linestyle": "-" if holds else (0, (4, 2)), "shrinkA": 4, "shrinkB": 4,
            },
            gid="transition",
        )  # fmt: skip
    return ax


def _zoom(ax: Axes, points: Sequence[CriticalPoint], transitions: Sequence[JudgedTransition]) -> Axes:
    """The low minima on a scale of their own."""
    lambdas = [float(p.lambda_) for p in points if p.lambda_ is not None]
    losses = [p.loss for p in points]
    wide, tall = max(max(lambdas) - min(lambdas), 1.0), max(max(losses) - min(losses), 0.01)
    ax.set(
        xlim=(min(lambdas) - 0.12 * wide, max(lambdas) + 0.55 * wide),
        ylim=(min(losses) - 0.16 * tall, max(losses) + 0.16 * tall),
    )
    places = loss_against_lambda(ax, points)
    transition_arrows(ax, [t for t in transitions if t.first in places and t.second in places], places)
    return ax


def build(options: Options) -> Figure:
    """The figure for c features: all minima, and below, enlarged, those without switched-off columns."""
    catalogue = Catalogue(options.c)
    points = catalogue.phases()
    if not points:
        raise KgonError(f"no local minimum with a known lambda at c = {options.c}")
    without = len([p for p in catalogue if p.lambda_ is None])
    low = [p for p in points if p.phi == 0]
    column = max(sum(p.lambda_ == q.lambda_ for p in low) for q in low)
    inner = max(2.4, 0.56 * (column + 1.5))
    width, height = 7.4, inner + 5.0
    figure = new_figure(width, height)
    ax = figure.add_axes((0.095, (inner + 1.7) / height, 0.885, 2.7 / height))
    transitions = [
        item
        for chain in CHAINS
        if all(label in {str(p.name) for p in low} for label in chain)
        for item in assess_antecedent(chain, options.c).transitions
    ]
    below = figure.add_axes((0.095, 0.85 / height, 0.885, inner / height))
    _zoom(below, low, transitions)
    below.set(xlabel=r"local learning coefficient $\lambda$ (exact)", ylabel="loss $L$")
    largest = float(max(p.lambda_ for p in points if p.lambda_ is not None))
    losses = [p.loss for p in points]
    span = max(losses) - min(losses)
    ax.set(
        xlim=(-0.04 * largest, max(1.12 * largest, 1.01 * below.get_xlim()[1])),
        ylim=(min(losses) - 0.12 * span, max(losses) + 0.12 * span),
        ylabel="loss $L$",
    )
    loss_against_lambda(ax, [p for p in points if p.phi])
    ax.plot(
        [float(p.lambda_ or 0) for p in low], [p.loss for p in low], "o", color=INK, markersize=4, gid="low"
    )
    ax.indicate_inset_zoom(below, edgecolor=GREY)
    handles = [
        Line2D([], [], color=POSITIVE, linewidth=1.4, label=r"loss falls, $\lambda$ rises"),
        Line2D(
            [],
            [],
            color=NEGATIVE,
            linewidth=1.4,
            linestyle=(0, (4, 2)),
            label=r"loss falls, $\lambda$ does not rise",
        ),
    ]
    if transitions:
        ax.legend(handles=handles, loc="upper right", title="transitions", alignment="left")
    figure.text(
        0.02, 1 - 0.25 / height,
        rf"Loss against complexity of the local minima, $r = 2$, $c = {options.c}$", fontsize=11, va="center",
    )  # fmt: skip
    footer = "Below: the minima without switched-off columns."
    if without:
        footer += f" {without} of the {len(catalogue)} configurations are no local minima: they have no "
        footer += r"$\lambda$."
    figure.text(0.02, 0.1 / height, footer, fontsize=8)
    return figure
