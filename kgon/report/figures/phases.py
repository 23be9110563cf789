"""Free energy and occupancy of the phases against n, with n_crit marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import ceil

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kgon.base.checks import Floats
from kgon.free_energy.crossings import dominant_phases
from kgon.free_energy.dominance import Dominance, occupancy
from kgon.free_energy.phases import Phase, phases_of, polygon_phases
from kgon.kgons.labels import Label
from kgon.report.figures import Options
from kgon.report.figures.style import (
    GREY,
    INK,
    colour,
    dashes,
    gon,
    math_label,
    new_figure,
    setting,
    size_in_inches,
    spread,
)

N_FROM, N_TO = 100, 1200
"""Range of n in the text; it is extended where a transition lies beyond."""
POINTS = 551
FORMULA = {
    "laplace": r"$F_n = \beta n L_\alpha + \lambda_\alpha \log(\beta n) + C_\alpha$",
    "laplace2": "",
}
"""F_n of the theories that are not of the form βnL + λ log n + c."""
ROOM, ROW = 0.32, 0.18
"""Width of the text of an n_crit as a part of the axes, and its height in inches."""


def sizes(ranges: Sequence[Dominance]) -> Floats:
    """Values of n to draw: 100 to 1200, or as far as the last transition is in the middle half."""
    last = max([r.n_from for r in ranges if r.n_from is not None], default=0.0)
    end = N_TO if last < 0.9 * N_TO else 200 * ceil(1.5 * last / 200)
    return np.linspace(N_FROM, end, POINTS)


def end_labels(ax: Axes, ends: Mapping[Label, float], *, gap: float = 0.17) -> Axes:
    """Names to the right of the axes at the heights where the lines end, ``gap`` inches apart."""
    low, high = ax.get_ylim()
    places = spread(list(ends.values()), gap * (high - low) / size_in_inches(ax)[1], low=low, high=high)
    for (label, end), place in zip(ends.items(), places, strict=True):
        ax.annotate(
            gon(label),
            (1.0, end),
            (1.045, place),
            xycoords=ax.get_yaxis_transform(),
            textcoords=ax.get_yaxis_transform(),
            color=colour(label),
            va="center",
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "color": colour(label),
                "linewidth": 0.6,
                "relpos": (0.0, 0.5),
                "shrinkA": 1,
                "shrinkB": 0,
            },
            gid="end-label",
        )
    return ax


def transitions(ranges: Sequence[Dominance], n: Floats) -> list[tuple[float, str, int]]:
    """n_crit in range, its text, and the row of that text: texts of one row do not touch."""
    found: list[tuple[float, str, int]] = []
    for before, after in pairwise(ranges):
        at = after.n_from
        if at is None or not n[0] <= at <= n[-1]:
            continue
        first, second = (math_label(Label.parse(x.label)) for x in (before, after))
        near = {row for x, _, row in found if at - x < ROOM * (n[-1] - n[0])}
        row = next(k for k in range(len(found) + 1) if k not in near)
        found.append((at, rf"$n_\mathrm{{crit}}$({first} $\to$ {second}) = {at:.1f}", row))
    return found


def mark_transitions(axes: Sequence[Axes], marks: Sequence[tuple[float, str, int]]) -> Sequence[Axes]:
    """A vertical line at each n_crit, named above the first of the axes."""
    low, high = axes[0].get_xlim()
    for at, text, row in marks:
        for ax in axes:
            ax.axvline(at, color=GREY, linewidth=0.9, linestyle=(0, (3, 2)), zorder=0, gid="n-crit")
        axes[0].annotate(
            text,
            (min(max(at, low + 0.45 * ROOM * (high - low)), high - 0.45 * ROOM * (high - low)), 1.0),
            (0.0, 3.0 + 72 * ROW * row),
            xycoords=axes[0].get_xaxis_transform(),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=8.5,
            color=INK,
            annotation_clip=False,
            gid="n-crit-text",
        )
    return axes


def free_energies(
    ax: Axes, phases: Sequence[Phase], n: Floats, beta: float, *, reference: Phase | None = None
) -> Axes:
    """F_n of each phase, less that of the reference if there is one."""
    ends = {}
    for phase in phases:
        values = phase.free_energy(n, beta=beta)
        if reference is not None:
            values = values - reference.free_energy(n, beta=beta)
        ax.plot(
            n, values, color=colour(phase.label), linestyle=dashes(phase.label), linewidth=1.6, gid="phase"
        )
        ends[phase.label] = float(values[-1])
    ax.set_xlim(n[0], n[-1])
    return end_labels(ax, ends)


def occupancies(ax: Axes, shares: Mapping[str, Floats], n: Floats) -> Axes:
    """Probability of each phase."""
    ax.set_ylim(0.0, 1.0)
    ends = {}
    for name, share in shares.items():
        label = Label.parse(name)
        ax.plot(
            n, share, color=colour(label), linestyle=dashes(label), linewidth=1.8, gid="phase", clip_on=False
        )
        ends[label] = float(share[-1])
    ax.set_xlim(n[0], n[-1])
    ax.set_xlabel("sample size $n$")
    ax.set_ylabel("probability of the phase")
    return end_labels(ax, ends)


def build_free_energy(options: Options) -> Figure:
    """Upper panel F_n, lower panel the difference from the phase that dominates first."""
    among = polygon_phases(options.c)
    phases = phases_of(options.c, theory=options.theory, among=among)
    ranges = dominant_phases(options.c, theory=options.theory, beta=options.beta, among=among)
    n = sizes(ranges)
    marks = transitions(ranges, n)
    first = next(r.label for r in ranges if r.n_to is None or r.n_to > n[0])
    reference = next(p for p in phases if str(p.label) == first)
    above = 0.55 + ROW * (1 + max((row for *_, row in marks), default=0))
    height = 5.8 + above
    figure = new_figure(6.6, height)
    upper = figure.add_axes((0.115, 3.75 / height, 0.74, 2.05 / height))
    lower = figure.add_axes((0.115, 0.75 / height, 0.74, 2.65 / height), sharex=upper)
    beta = float(options.beta)
    free_energies(upper, phases, n, beta)
    free_energies(lower, phases, n, beta, reference=reference)
    mark_transitions([upper, lower], marks)
    upper.set_ylabel("$F_n$ (nats)")
    upper.tick_params(labelbottom=False)
    lower.set_xlabel("sample size $n$")
    lower.set_ylabel(rf"$F_n - F_n(${gon(reference.label)}$)$ (nats)")
    formula = FORMULA.get(options.theory, r"$F_n = \beta n L_\alpha + \lambda_\alpha \log n + c_\alpha$")
    title = ", ".join(filter(None, ["Free energy of the phases", formula]))
    figure.text(0.115, 1 - 0.25 / height, title, fontsize=11, va="center")
    _footer(figure, options)
    return figure


def build_occupancy(options: Options) -> Figure:
    """One panel: the theoretical occupancy."""
    among = polygon_phases(options.c)
    ranges = dominant_phases(options.c, theory=options.theory, beta=options.beta, among=among)
    n = sizes(ranges)
    marks = transitions(ranges, n)
    above = 0.55 + ROW * (1 + max((row for *_, row in marks), default=0))
    height = 3.3 + above
    figure = new_figure(6.6, height)
    ax = figure.add_axes((0.1, 0.75 / height, 0.755, 2.55 / height))
    shares = occupancy(n, options.c, theory=options.theory, beta=options.beta, among=among)
    occupancies(ax, shares, n)
    mark_transitions([ax], marks)
    figure.text(0.1, 1 - 0.25 / height, "Theoretical occupancy of the phases", fontsize=11, va="center")
    _footer(figure, options)
    return figure


def _footer(figure: Figure, options: Options) -> None:
    figure.text(
        0.02,
        0.08 / figure.get_figheight(),
        f"$c = {options.c}$, $r = 2$; {setting(options.theory, options.beta)}; "
        + ("the local minima with $k \\geq 5$" if options.c > 4 else "all local minima"),
        fontsize=8.5,
    )
