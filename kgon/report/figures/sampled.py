"""Every theory beside the sampled evidence: free energies, and occupancies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from kgon.base.checks import Floats
from kgon.base.verdicts import KgonError
from kgon.experiments.posterior.as_theory import quick_evidence, sampled_occupancy
from kgon.experiments.posterior.evidence import Evidence
from kgon.free_energy.conventions import MEANINGS, THEORIES
from kgon.free_energy.dominance import occupancy
from kgon.free_energy.phases import Phase, phases_of
from kgon.kgons.basins import OTHER
from kgon.kgons.names import KnownName, parse_known
from kgon.report.figures import Options
from kgon.report.figures.style import GREY, INK, dashes, math_label, new_figure, shade

N_FROM, N_TO = 50.0, 1200.0
"""Range of βn that is drawn, as far as the evidence was sampled."""
GAPS = (-16.0, 18.0)
"""Range of F_n − F_n(6) that is drawn, nats."""
NAMED_SHARE = 0.01
"""Phases that nowhere hold more than this share are not named."""


def _evidence(options: Options) -> Evidence:
    found: Evidence = quick_evidence() if options.evidence is None else options.evidence
    if found.c != options.c:
        raise KgonError(f"the evidence has {found.c} features, the figure {options.c}")
    return found


def _range(evidence: Evidence, beta: float) -> Floats:
    low, high = max(N_FROM, evidence.sizes[0]), min(N_TO, evidence.sizes[-1])
    return np.clip(np.geomspace(low, high, 160), low, high) / beta


def _label(name: str) -> KnownName | None:
    """The minimum that a basin belongs to; None for what belongs to no basin."""
    return None if name == OTHER else parse_known(name)


def free_energy_gaps(ax: Axes, phases: Sequence[Phase], n: Floats, reference: Floats, beta: float) -> Axes:
    """F_n of phases less a reference, one line each."""
    for phase in phases:
        ax.plot(
            n, phase.free_energy(n, beta=beta) - reference,
            color=shade(phase.label), linestyle=dashes(phase.label), linewidth=1.4, gid="phase",
        )  # fmt: skip
    ax.axhline(0.0, color=GREY, linewidth=0.6, zorder=0)
    return ax


def evidence_points(ax: Axes, evidence: Evidence, reference: Mapping[float, float], beta: float) -> Axes:
    """Sampled F of every basin less that of the 6-gon, with error bars of one standard error."""
    found = evidence.energies
    for label, row, errors in zip(evidence.labels, found.table, found.table_stderr, strict=True):
        if label in ("other", "all"):
            continue
        shown = [
            (s / beta, value - reference[s], error)
            for s, value, error in zip(evidence.sizes, row, errors, strict=True)
            if value is not None and error is not None and s in reference
        ]
        if shown:
            x, y, e = np.array(shown).T
            ax.errorbar(
                x,
                y,
                e,
                fmt="o",
                markersize=2.8,
                color=shade(parse_known(label)),
                elinewidth=0.8,
                gid="evidence",
            )
    return ax


def build_free_energy(options: Options) -> Figure:
    """One panel per theory: F_n of every local minimum less that of the lowest, by theory and sampled."""
    evidence, beta = _evidence(options), float(options.beta)
    n = _range(evidence, beta)
    lowest = evidence.labels[0]
    nodes = {
        s: float(value)
        for s, value in zip(evidence.sizes, evidence.energies.table[0], strict=True)
        if value is not None and n[0] * beta <= s <= n[-1] * beta
    }
    figure = new_figure(7.4, 6.6)
    drawn: dict[KnownName, None] = {}
    for k, theory in enumerate(THEORIES):
        ax = figure.add_axes((0.085 + 0.395 * (k % 2), 0.56 - 0.43 * (k // 2), 0.36, 0.345))
        phases = [p for p in phases_of(options.c, theory=theory) if p.name in evidence.labels]
        curve = next(p for p in phases if p.name == lowest).free_energy(n, beta=options.beta)
        free_energy_gaps(ax, phases, n, curve, beta)
        evidence_points(ax, evidence, nodes, beta)
        drawn.update(dict.fromkeys(p.label for p in phases))
        ax.set(xscale="log", xlim=(n[0], n[-1]), ylim=GAPS)
        ax.set_title(f"{theory}: {MEANINGS[theory]}", fontsize=9.5)
        _plain_ticks(ax, n)
        if k % 2 == 0:
            ax.set_ylabel(rf"$F_n - F_n(${math_label(parse_known(lowest))}$)$ (nats)")
        if k > 1:
            ax.set_xlabel("sample size $n$")
    _legend(figure, list(drawn))
    _footer(figure, evidence, beta, "Points: sampled, with one standard error. Lines: the theory.")
    figure.text(0.02, 0.972, "Free energies by theory, held against the sampled evidence", fontsize=11)
    return figure


def build_occupancy(options: Options) -> Figure:
    """One panel per theory and one for the sampled posterior: shares of the phases."""
    evidence, beta = _evidence(options), float(options.beta)
    n = _range(evidence, beta)
    figure = new_figure(7.4, 6.6)
    drawn: dict[KnownName, None] = {}
    panels: list[tuple[str, dict[str, Floats]]] = [
        (theory, occupancy(n, options.c, theory=theory, beta=options.beta)) for theory in THEORIES
    ]
    sampled = sampled_occupancy(evidence, n, beta=options.beta)
    panels.append(("evidence", {label: share for label, (share, _) in sampled.items()}))
    for k, (theory, shares) in enumerate(panels):
        ax = figure.add_axes((0.075 + 0.27 * (k % 3), 0.56 - 0.43 * (k // 3), 0.24, 0.345))
        for name, share in shares.items():
            label = _label(name)
            if label is None or np.nanmax(share) < NAMED_SHARE:
                continue
            ax.plot(n, share, color=shade(label), linestyle=dashes(label), linewidth=1.6, gid="phase")
            drawn.setdefault(label)
        if theory == "evidence":
            at = [s / beta for s in evidence.sizes if n[0] <= s / beta <= n[-1]]
            for name, (share, error) in sampled_occupancy(evidence, at, beta=options.beta).items():
                label = _label(name)
                if label is not None and label in drawn:
                    ax.errorbar(
                        at,
                        share,
                        np.nan_to_num(error),
                        fmt="o",
                        markersize=2.5,
                        color=shade(label),
                        elinewidth=0.8,
                    )
        ax.set(xscale="log", xlim=(n[0], n[-1]), ylim=(0.0, 1.03))
        ax.set_title(theory, fontsize=9.5)
        _plain_ticks(ax, n)
        if k % 3 == 0:
            ax.set_ylabel("probability of the phase")
        else:
            ax.tick_params(labelleft=False)
        if k > 1:
            ax.set_xlabel("sample size $n$")
    _legend(figure, list(drawn), (0.84, 0.3))
    _footer(figure, evidence, beta, "laplace2 has the phases with $k \\geq 5$ only.")
    figure.text(0.02, 0.972, "Occupancy of the phases by theory and by sampling", fontsize=11)
    return figure


def _plain_ticks(ax: Axes, n: Floats) -> None:
    ticks = [x for x in (50, 100, 200, 500, 1000, 2000, 5000) if n[0] <= x <= n[-1]]
    ax.set_xticks(ticks, [str(x) for x in ticks])
    ax.set_xticks([], minor=True)


def _legend(figure: Figure, labels: Sequence[KnownName], middle: tuple[float, float] = (0.93, 0.73)) -> None:
    handles = [
        Line2D([], [], color=shade(x), linestyle=dashes(x), linewidth=1.6, label=f"{math_label(x)}-gon")
        for x in sorted(labels, key=lambda x: x.order, reverse=True)
    ]
    figure.legend(handles=handles, loc="center", bbox_to_anchor=middle, handlelength=2.4)


def _footer(figure: Figure, evidence: Evidence, beta: float, text: str) -> None:
    figure.text(
        0.02, 0.012,
        rf"$c = {evidence.c}$, $r = 2$, $\beta = {beta:g}$, population loss; {evidence.effort} "
        f"particles. {text}",
        fontsize=8, color=INK,
    )  # fmt: skip
