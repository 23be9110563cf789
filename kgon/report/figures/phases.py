"""Draw free energy and occupancy of the phases against n, with n_crit marked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from math import ceil

import numpy as np

from kgon.base.checks import Floats
from kgon.free_energy.dominance import Dominance, dominant_phases
from kgon.free_energy.dominance import occupancy as shares_of
from kgon.free_energy.energies import Phase
from kgon.free_energy.phases import Given, phases_of, polygon_phases
from kgon.report.artefact import figure
from kgon.report.figures.artists import Axes, Figure
from kgon.report.figures.layout import names_beside
from kgon.report.figures.panels import make_panels
from kgon.report.figures.style import GREY, INK, gon, phase_name, phase_style, setting

N_FROM, N_TO = 100, 1200
"""Range of n in the text; it is extended where a transition lies beyond."""
POINTS = 551
FORMULA = {
    "laplace": r"$F_n = \beta n L_\alpha + \lambda_\alpha\,\log(\beta n) + C_\alpha$",
    "laplace2": "",
}
"""F_n of the theories that are not of the form βnL + λ log n + c."""
PLAIN = r"$F_n = \beta n L_\alpha + \lambda_\alpha\,\log n + c_\alpha$"
IN_A_LINE = 7
"""Names of phases in a line of the words."""
LEAST = 2.0
"""Smallest n that is drawn."""
ROOM, ROW = 0.58, 0.18
"""Width of the text of an n_crit as a part of the axes, and its height in inches."""
NAMES = 0.17
"""Distance of two names beside the axes, inches."""

Mark = tuple[float, str, int]
"""An n_crit, its text, and the row of that text."""


def sizes(ranges: Sequence[Dominance]) -> Floats:
    """Choose the n to draw: 100 to 1200, with every transition inside and the last in the middle half."""
    crossings = [r.n_from for r in ranges if r.n_from is not None]
    last, first = max(crossings, default=0.0), min((n for n in crossings if n > LEAST), default=N_FROM)
    end = float(N_TO) if last < 0.9 * N_TO else 200.0 * ceil(1.5 * last / 200)
    if 0 < last < N_FROM:  # all of them before the text's range
        return np.linspace(max(LEAST, first / 4), N_FROM, POINTS)
    return np.linspace(N_FROM, end, POINTS)


def _among(label: str, names: Collection[str]) -> list[str]:
    """The phases that share a range: one, or those of ``A or B``."""
    return [label] if label in names else [x for x in label.split(" or ") if x in names]


def _middle(at: float, low: float, high: float) -> float:
    """Where the text of an n_crit has its middle, so that it does not leave the axes."""
    half = 0.5 * ROOM * (high - low)
    return min(max(at, low + half), high - half)


def transitions(ranges: Sequence[Dominance], n: Floats, names: Mapping[str, str]) -> list[Mark]:
    """Find the n_crit in range; texts of one row do not touch."""
    found: list[Mark] = []
    for before, after in pairwise(ranges):
        at = after.n_from
        if at is None or not n[0] <= at <= n[-1]:
            continue
        first, second = (" or ".join(names[y] for y in _among(x.label, names)) for x in (before, after))
        ends = float(n[0]), float(n[-1])
        beside = _middle(at, *ends) - ROOM * (ends[1] - ends[0])
        near = {row for x, _, row in found if _middle(x, *ends) > beside}
        row = next(k for k in range(len(found) + 1) if k not in near)
        found.append((at, rf"$n_\mathrm{{crit}}$({first} $\to$ {second}) = {at:.1f}", row))
    return found


def mark_transitions(axes: Sequence[Axes], marks: Sequence[Mark]) -> Sequence[Axes]:
    """Draw a vertical line at each n_crit, named above the first of the axes."""
    low, high = axes[0].get_xlim()
    for at, text, row in marks:
        for ax in axes:
            ax.axvline(at, color=GREY, linewidth=0.9, linestyle=(0, (3, 2)), zorder=0, gid="n-crit")
        axes[0].annotate(
            text, (_middle(at, low, high), 1.0), (0.0, 3.0 + 72 * ROW * row),
            xycoords=axes[0].get_xaxis_transform(), textcoords="offset points", ha="center", va="bottom",
            fontsize=8.5, color=INK, annotation_clip=False, gid="n-crit-text",
        )  # fmt: skip
    return axes


def lines(ax: Axes, n: Floats, phases: Sequence[Phase], values: Sequence[Floats]) -> Axes:
    """Draw a line for each phase, named where it ends."""
    ax.set_xlim(n[0], n[-1])
    ends = []
    for place, (phase, y) in enumerate(zip(phases, values, strict=True)):
        style = phase_style(phase, place)
        ax.plot(n, y, gid="phase", clip_on=False, linewidth=1.7, **style)
        name = phase_name(phase) if phase.gon is None else gon(phase.gon)
        ends.append((name, float(y[-1]), style["color"]))
    ax.set_ylim(*ax.get_ylim())
    names_beside(ax, ends, gap=NAMES, gid="end-label")
    return ax


def free_energies(
    ax: Axes, phases: Sequence[Phase], n: Floats, beta: float, *, reference: Phase | None = None
) -> Axes:
    """Draw F_n of each phase, less that of the reference if there is one."""
    less = 0.0 if reference is None else reference.free_energy(n, beta=beta)
    return lines(ax, n, phases, [phase.free_energy(n, beta=beta) - less for phase in phases])


def _above(marks: Sequence[Mark]) -> float:
    """Room above the axes for title and marks, inches."""
    return 0.55 + ROW * (1 + max((row for *_, row in marks), default=0))


def _below(words: str) -> float:
    """Room below the axes for the name of n and the words, inches."""
    return 0.6 + 0.15 * (1 + words.count("\n"))


def _words(c: int, theory: str, beta: Fraction, phases: Sequence[Phase], named: bool) -> str:
    """Say what is compared, and by which theory."""
    own = [phase_name(p) for p in phases if p.gon is None]
    if len(own) == len(phases):
        return rf"$\beta = {beta}$; phases given by their numbers"
    among = "the local minima with $k \\geq 5$" if c > 4 else "all local minima"
    if named:
        names = [gon(p.gon) for p in phases if p.gon is not None]
        rows = (names[k : k + IN_A_LINE] for k in range(0, len(names), IN_A_LINE))
        among = ",\n".join(map(", ".join, rows))
    if own:
        among += f"; given: {', '.join(own)}"
    return f"$c = {c}$, $r = 2$; {setting(theory, beta)};\n{among}"


class _Compared:
    """The phases of a figure, the ranges of n in which each is lowest, and what of these is drawn."""

    def __init__(self, c: int, theory: str, beta: Fraction, among: Sequence[Given] | None) -> None:
        chosen = polygon_phases(c) if among is None else among
        self.phases = phases_of(c, theory=theory, among=chosen)
        self.ranges = dominant_phases(c, theory=theory, beta=beta, among=chosen)
        self.n = sizes(self.ranges)
        self.marks = transitions(self.ranges, self.n, {p.name: phase_name(p) for p in self.phases})
        self.words = _words(c, theory, beta, self.phases, among is not None)


@figure(
    shows="The free energy of the phases against the sample size by the published formula, and below it "
    "the difference from the phase that is lowest first.",
    seen="The lines of the 5-gon and of the 6-gon cross once in the range of the text: there the lowest "
    "phase changes.",
    unseen="The 4-gons, which the same formula would put below at small samples; the true constants; "
    "sampling.",
)
def free_energy(
    c: int = 6, theory: str = "prior", beta: Fraction = Fraction(1), among: Sequence[Given] | None = None
) -> Figure:
    """Draw the free energy F_n of the phases against n, with n_crit.

    The lower panel has the difference from the phase that dominates first.
    """
    compared = _Compared(c, theory, beta, among)
    phases, n, marks = compared.phases, compared.n, compared.marks
    first = next(r.label for r in compared.ranges if r.n_to is None or r.n_to > n[0])
    reference = next(p for p in phases if p.name in _among(first, [p.name for p in phases]))
    panels = make_panels(
        2, size=(2.85, (1.7, 2.2)), gap=(0.0, 0.3), room=(0.76, 0.86, _below(compared.words), _above(marks))
    )
    upper, lower = panels.axes[:, 0]
    free_energies(upper, phases, n, float(beta))
    free_energies(lower, phases, n, float(beta), reference=reference)
    upper.tick_params(labelbottom=False)
    mark_transitions([upper, lower], marks)
    panels.label("sample size $n$", ("$F_n$ (nats)", rf"$F_n - F_n(${phase_name(reference)}$)$ (nats)"))
    own = any(p.multiplicity > 1 for p in phases)
    formula = "" if own else FORMULA.get(theory, PLAIN)
    return panels.finished(", ".join(filter(None, ["Free energy of the phases", formula])), compared.words)


@figure(
    shows="The share of each phase in the posterior that the published formula gives, against the sample "
    "size.",
    seen="The 5-gon gives way to the 6-gon, and half of each is reached where their free energies cross.",
    unseen="The 4-gons, and whether a sampled posterior does the same: the occupancies that are sampled "
    "stand beside theory further on.",
)
def occupancy(
    c: int = 6, theory: str = "prior", beta: Fraction = Fraction(1), among: Sequence[Given] | None = None
) -> Figure:
    """Draw the theoretical occupancy of the phases against n, with n_crit."""
    compared = _Compared(c, theory, beta, among)
    n, marks = compared.n, compared.marks
    panels = make_panels(size=(2.95, 2.2), room=(0.66, 0.86, _below(compared.words), _above(marks)))
    shares = shares_of(n, c, theory=theory, beta=beta, among=compared.phases)
    panels.ax.set_ylim(0.0, 1.0)
    lines(panels.ax, n, compared.phases, [shares[p.name] for p in compared.phases])
    mark_transitions([panels.ax], marks)
    panels.label("sample size $n$", "probability of the phase")
    return panels.finished("Theoretical occupancy of the phases", compared.words)
