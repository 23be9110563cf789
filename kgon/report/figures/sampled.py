"""Draw every theory beside the sampled evidence: free energies, and occupancies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from kgon.base.checks import Floats
from kgon.experiments.posterior.evidence_result import Evidence
from kgon.experiments.posterior.theory_curves import TheoryCurves
from kgon.free_energy.theories import THEORIES
from kgon.kgons.basins import OTHER
from kgon.kgons.names import KnownName, parse_known
from kgon.report.artefact import figure
from kgon.report.figures.artists import Axes, Figure
from kgon.report.figures.layout import PHASES, phase_entries, size_axis
from kgon.report.figures.panels import make_panels
from kgon.report.figures.style import GREY, Style, gon, line_of, mark_of, name_text

TICKS = (50, 100, 200, 500, 1000, 2000, 5000)
FEWER = (50, 100, 200, 500, 1000, 5000)
"""Those of narrow panels: 2000 would touch what begins the next one."""
GAPS = (-16.0, 18.0)
"""Range of F_n − F_n(6) that is drawn, nats."""
MEANINGS = {"none": r"$c_\alpha = 0$", "prior": r"$c_\alpha = \frac{1}{2}\Vert w^*\Vert^2$"}
"""What the titles say of a theory, where that is a formula."""
NAMED_SHARE = 0.01
"""Phases that nowhere hold more than this share are not named."""
POINTS: Style = {"linestyle": "none", "elinewidth": 0.8, "markeredgewidth": 0.7}
DOTS = "Dash-dot lines: a dot for each switched-off column; such phases have hollow points."
"""How figures tell the phases with φ > 0, in words."""


def free_energy_gaps(ax: Axes, n: Floats, gaps: Mapping[str, Floats]) -> list[KnownName]:
    """Draw F_n less that of the lowest phase, one line each; return which are drawn."""
    drawn = [parse_known(name) for name in gaps]
    for label, gap in zip(drawn, gaps.values(), strict=True):
        ax.plot(n, gap, linewidth=1.4, gid="phase", **line_of(label))
    ax.axhline(0.0, color=GREY, linewidth=0.6, zorder=0)
    return drawn


def evidence_points(ax: Axes, evidence: Evidence, reference: Mapping[float, float], beta: float) -> Axes:
    """Draw the sampled F of every basin less that of the lowest, with bars of one standard error."""
    found = evidence.energies
    for label, row, errors in zip(evidence.labels, found.table, found.table_stderr, strict=True):
        if label in (OTHER, "all"):
            continue
        shown = [
            (s / beta, value - reference[s], error)
            for s, value, error in zip(evidence.sizes, row, errors, strict=True)
            if not np.isnan(value) and s in reference and GAPS[0] <= value - reference[s] <= GAPS[1]
        ]
        if shown:
            style = mark_of(parse_known(label)) | POINTS
            ax.errorbar(*np.array(shown).T, markersize=4.5, clip_on=False, gid="evidence", **style)
    return ax


def shares(ax: Axes, n: Floats, found: Mapping[str, Floats]) -> list[KnownName]:
    """Draw the share of each basin or phase that is seen; return which are."""
    seen = []
    for name, share in found.items():
        if name != OTHER and np.nanmax(share) >= NAMED_SHARE:
            label = parse_known(name)
            ax.plot(n, share, linewidth=1.6, gid="phase", **line_of(label))
            seen.append(label)
    return seen


def share_points(ax: Axes, found: TheoryCurves, labels: Sequence[KnownName]) -> None:
    """Draw the sampled share of some phases at the sizes that were sampled, with one standard error."""
    for label in labels:
        if str(label) in found.measured:
            share, error = found.measured[str(label)]
            style = mark_of(label) | POINTS
            ax.errorbar(
                found.sizes, share, np.nan_to_num(error), markersize=4.2, clip_on=False, gid="share", **style
            )


def _words(evidence: Evidence, beta: float, more: str) -> str:
    return (
        rf"$c = {evidence.c}$, $r = 2$, $\beta = {beta:g}$, population loss. Points: sampled "
        f"({evidence.effort} particles, one standard error);\ncircle, triangle, "
        rf"square: $\sigma = 0, 1, 2$. {more}"
    )


@figure(
    fixed=("theory",),
    shows="Free energies relative to the 6-gon by each theory of the constant, with the sampled evidence "
    "as points.",
    seen="The published constants run far from the points of the 4-gons; the true leading constant comes "
    "nearer, and with the next order, which the 4-gons lack, the lines of the others lie close to "
    "their points.",
    unseen="Data sets: the points are those of the population loss, at one inverse temperature, with the "
    "error of their sampling alone.",
)
def free_energy_theories(evidence: Evidence, theory_curves: TheoryCurves) -> Figure:
    """Draw the free energy of every phase against the sampled evidence, one panel per theory.

    F_n is less that of the lowest minimum, by theory and sampled.
    """
    n, s = theory_curves.n, theory_curves.beta
    lowest = evidence.labels[0]
    nodes = {
        size: float(value)
        for size, value in zip(evidence.sizes, evidence.energies.table[0], strict=True)
        if not np.isnan(value) and n[0] * s <= size <= n[-1] * s
    }
    panels = make_panels(2, 2, size=(2.58, 2.28), gap=(0.42, 0.56), beside=1.2, room=(0.63, 1.4, 1.15, 0.63))
    drawn: dict[KnownName, None] = {}
    for ax, (theory, gaps) in zip(panels.every, theory_curves.gaps.items(), strict=True):
        drawn.update(dict.fromkeys(free_energy_gaps(ax, n, gaps)))
        evidence_points(ax, evidence, nodes, s)
        size_axis(ax, n, TICKS)
        ax.set_ylim(*GAPS)
        ax.set_title(f"{theory}: {MEANINGS.get(theory, THEORIES[theory].meaning)}", fontsize=9.5)
    panels.label("sample size $n$", rf"$F_n - F_n(${name_text(lowest)}$)$ (nats)")
    panels.legend(phase_entries(drawn), panels.width - 0.05, 5.11, loc="center right", **PHASES)
    more = (
        f"Lines: theory; laplace2 has $k \\geq 5$ alone.\nAll less that of the {gon(lowest)}, by the same "
        f"theory or sampled.\n{DOTS}"
    )
    return panels.finished(
        "Free energies by theory, held against the sampled evidence",
        _words(evidence, theory_curves.beta, more),
    )


@figure(
    fixed=("theory",),
    shows="The occupancy of the phases by each theory of the constant, and from the sampled evidence.",
    seen="The theory decides where the 5-gon gives way to the 6-gon and which phase rules at small "
    "samples; the true constant with the next order comes closest to the sampled curves.",
    unseen="The spread over data sets, and phases that no theory with a formula lists.",
)
def occupancy_theories(evidence: Evidence, theory_curves: TheoryCurves) -> Figure:
    """Draw the occupancy of every phase, one panel per theory and one for the sampled posterior."""
    n = theory_curves.n
    found = {**theory_curves.shares, "evidence": theory_curves.sampled}
    panels = make_panels(
        2, 3, count=5, size=(1.78, 2.28), gap=(0.22, 0.56), beside=0.95, room=(0.56, 1.07, 1.15, 0.63)
    )
    panels.label("sample size $n$", "probability of the phase", shared=True)
    drawn: dict[KnownName, None] = {}
    for ax, (theory, by_label) in zip(panels.every, found.items(), strict=True):
        drawn.update(dict.fromkeys(shares(ax, n, by_label)))
        size_axis(ax, n, FEWER)
        ax.set_ylim(0.0, 1.03)
        words = "sampled" if theory == "evidence" else f"theory: {theory}"
        ax.set_title(words, fontsize=9.5)
    share_points(panels.every[-1], theory_curves, list(drawn))
    panels.legend(phase_entries(drawn), 6.22, 2.27, loc="center", **PHASES)
    meanings = "; ".join(f"{x}: {MEANINGS.get(x, THEORIES[x].meaning)}" for x in theory_curves.shares)
    more = f"Lines between them: interpolated.\n{DOTS}\n{meanings}, for $k \\geq 5$ alone."
    return panels.finished(
        "Occupancy of the phases by theory and by sampling", _words(evidence, theory_curves.beta, more)
    )
