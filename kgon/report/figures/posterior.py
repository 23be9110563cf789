"""Occupancy of the phases: theories, the sampled population posterior, and data sets with their spread."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from kgon.base.checks import Floats
from kgon.base.work import Work
from kgon.experiments.posterior.occupancy import FULL, QUICK, posterior_occupancy
from kgon.experiments.posterior.occupancy_result import PosteriorOccupancy
from kgon.free_energy.dominance import occupancy
from kgon.kgons.names import KnownName, parse_known
from kgon.report.figures import Options
from kgon.report.figures.style import INK, dashes, math_label, new_figure, shade

COLUMNS = ("prior", "laplace2")
"""Theories drawn beside the samples: the published constant, and the best closed form."""
DRAWN_SHARE = 0.05
"""Phases that nowhere hold this share are not drawn."""


def curves(ax: Axes, n: Floats, shares: Mapping[KnownName, Floats]) -> Axes:
    """Share of each phase against n."""
    for label, share in shares.items():
        ax.plot(n, share, color=shade(label), linestyle=dashes(label), linewidth=1.6, gid="phase")
    return ax


def samples(ax: Axes, found: PosteriorOccupancy, beta: int, labels: Sequence[KnownName]) -> Axes:
    """Share of each phase in the sampled population posterior, with one standard error."""
    for label in labels:
        (k,) = found.index(str(label))
        ax.errorbar(
            found.n, found.population[beta, :, k], found.population_stderr[beta, :, k], marker="o",
            markersize=2.6, linewidth=1.2, elinewidth=0.8, color=shade(label), linestyle=dashes(label),
            gid="phase",
        )  # fmt: skip
    return ax


def data_sets(ax: Axes, found: PosteriorOccupancy, beta: int, labels: Sequence[KnownName]) -> Axes:
    """Each data set as a dot, their mean with its standard error."""
    shifts = np.linspace(-0.03, 0.03, len(labels)) if len(labels) > 1 else np.zeros(1)
    for label, shift in zip(labels, shifts, strict=True):
        (k,) = found.index(str(label))
        n = np.array(found.n) * np.exp(shift)
        ax.plot(
            np.repeat(n, len(found.data_seeds)), found.sets[beta, :, :, k].ravel(), ".", markersize=3.6,
            alpha=0.45, color=shade(label), markeredgewidth=0, gid="data-set",
        )  # fmt: skip
        mean = np.array([found.over_sets(beta, j, [k])[:2] for j in range(len(n))])
        ax.errorbar(
            n, mean[:, 0], mean[:, 1], marker="o", markersize=2.6, linewidth=1.2, elinewidth=0.8,
            color=shade(label), linestyle=dashes(label), gid="phase",
        )  # fmt: skip
    return ax


def _seen(found: PosteriorOccupancy, theories: Iterable[Mapping[str, Floats]], label: KnownName) -> bool:
    """Whether a phase holds more than ``DRAWN_SHARE`` in any panel."""
    (k,) = found.index(str(label))
    sampled = max(found.population[..., k].max(), found.sets[..., k].mean(axis=2).max())
    told = [x[str(label)].max() for x in theories if str(label) in x]
    return bool(max([sampled, *told]) >= DRAWN_SHARE)


def build(options: Options) -> Figure:
    """Rows by β; columns: two theories, the population loss, data sets."""
    found = options.occupancy
    if found is None:
        work = Work(workers=os.cpu_count() or 1)
        found = posterior_occupancy(FULL if options.full else QUICK, c=options.c, work=work)
    n = np.geomspace(found.n[0], found.n[-1], 160)
    theories = {
        (theory, beta): occupancy(n, found.c, theory=theory, beta=beta)
        for theory in COLUMNS
        for beta in found.betas
    }
    labels = [
        label for label in map(parse_known, found.labels[:-1]) if _seen(found, theories.values(), label)
    ]
    rows = len(found.betas)
    figure = new_figure(8.2, 1.25 + 2.35 * rows)
    height = figure.get_figheight()
    for i, beta in enumerate(found.betas):
        for k in range(len(COLUMNS) + 2):
            ax = figure.add_axes(
                (0.07 + 0.2 * k, (0.8 + 2.35 * (rows - 1 - i)) / height, 0.173, 1.95 / height)
            )
            if k < len(COLUMNS):
                theory = theories[COLUMNS[k], beta]
                curves(ax, n, {x: theory[str(x)] for x in labels if str(x) in theory})
                title = f"theory: {COLUMNS[k]}"
            elif k == len(COLUMNS):
                samples(ax, found, i, labels)
                title = "population loss"
            else:
                data_sets(ax, found, i, labels)
                title = f"{len(found.data_seeds)} data sets"
            ax.set(xscale="log", xlim=(0.93 * found.n[0], 1.07 * found.n[-1]), ylim=(-0.02, 1.03))
            ticks = [x for x in (100, 200, 400, 800) if found.n[0] <= x <= found.n[-1]]
            ax.set_xticks(ticks, [str(x) for x in ticks])
            ax.set_xticks([], minor=True)
            if i == 0:
                ax.set_title(title, fontsize=9.5)
            if i == rows - 1:
                ax.set_xlabel("sample size $n$")
            if k == 0:
                ax.set_ylabel(rf"probability, $\beta = {beta:g}$")
            else:
                ax.tick_params(labelleft=False)
    handles = [
        Line2D([], [], color=shade(x), linestyle=dashes(x), linewidth=1.6, label=f"{math_label(x)}-gon")
        for x in sorted(labels, key=lambda x: x.order, reverse=True)
    ]
    figure.legend(handles=handles, loc="center right", bbox_to_anchor=(1.0, 0.52), handlelength=2.2)
    figure.text(
        0.02, 0.1 / height,
        rf"$c = {found.c}$, $r = 2$; posterior $\propto e^{{-\beta n L_n(w)}}\varphi(w)$; "
        "bars: one standard error; dots: data sets; laplace2 has $k \\geq 5$ only.",
        fontsize=8, color=INK,
    )  # fmt: skip
    figure.text(0.02, 1 - 0.22 / height, "Occupancy of the phases: theory, population and data", fontsize=11)
    return figure
