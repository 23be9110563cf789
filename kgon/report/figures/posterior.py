"""Draw the occupancy of the phases: theories, the sampled population posterior, and data sets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product

import numpy as np

from kgon.base.checks import Floats
from kgon.experiments.posterior.occupancy_result import PosteriorOccupancy
from kgon.free_energy.conventions import covered
from kgon.free_energy.dominance import occupancy as shares_of
from kgon.kgons.names import KnownName, parse_known
from kgon.report.artefact import figure
from kgon.report.figures.artists import Axes, Figure
from kgon.report.figures.layout import PHASES, phase_entries, plain_ticks
from kgon.report.figures.panels import make_panels
from kgon.report.figures.style import Style, line_of, shade

THEORIES = ("prior", "laplace2")
"""Theories drawn beside the samples: the published constant, and the best closed form."""
DRAWN_SHARE = 0.05
"""Phases that nowhere hold this share are not drawn."""
SIDEWAYS = 0.03
"""Part of the width of the axes over which the phases at one n are set side by side."""
MARKS = (
    "Large dots: means, those at one $n$ side by side, joined by lines; bars: one standard error;\n"
    "small dots: the data sets. Dash-dot lines: a dot for each switched-off column."
)
"""What marks say, in words."""
POINTS: Style = {"marker": "o", "markersize": 2.6, "linewidth": 1.2, "elinewidth": 0.8, "gid": "phase"}


def curves(ax: Axes, n: Floats, shares: Mapping[str, Floats], labels: Sequence[KnownName]) -> Axes:
    """Draw the share of each phase against n, as far as the theory has it."""
    for label in labels:
        if str(label) in shares:
            ax.plot(n, shares[str(label)], linewidth=1.6, gid="phase", **line_of(label))
    return ax


def samples(ax: Axes, found: PosteriorOccupancy, beta: int, labels: Sequence[KnownName]) -> Axes:
    """Draw the share of each phase in the sampled population posterior, with one standard error."""
    for label in labels:
        (k,) = found.index(str(label))
        values, errors = found.population[beta, :, k], found.population_stderr[beta, :, k]
        ax.errorbar(found.n, values, errors, **POINTS, **line_of(label))
    return ax


def data_sets(ax: Axes, found: PosteriorOccupancy, beta: int, labels: Sequence[KnownName]) -> Axes:
    """Draw each data set as a dot, and their mean with its standard error, the phases side by side."""
    shifts = SIDEWAYS * np.linspace(-0.5, 0.5, len(labels)) if len(labels) > 1 else np.zeros(1)
    place = _shifted(ax)
    dots: Style = {"markersize": 3.6, "alpha": 0.45, "markeredgewidth": 0, "gid": "data-set"}
    for label, shift in zip(labels, shifts, strict=True):
        (k,) = found.index(str(label))
        n = place(np.array(found.n, dtype=float), shift)
        every = found.sets[beta, :, :, k].ravel()
        ax.plot(np.repeat(n, len(found.data_seeds)), every, ".", color=shade(label), **dots)
        mean = np.array([found.over_sets(beta, j, [k])[:2] for j in range(len(n))])
        ax.errorbar(n, mean[:, 0], mean[:, 1], **POINTS, **line_of(label))
    return ax


def _shifted(ax: Axes) -> Callable[[Floats, float], Floats]:
    """How n is moved by a part of the width of the axes."""
    low, high = ax.get_xlim()
    if ax.get_xscale() == "log":
        return lambda n, shift: n * (high / low) ** shift
    return lambda n, shift: n + (high - low) * shift


def _seen(found: PosteriorOccupancy, theories: Iterable[Mapping[str, Floats]], label: KnownName) -> bool:
    """Whether a phase holds more than ``DRAWN_SHARE`` in any panel."""
    (k,) = found.index(str(label))
    sampled = max(found.population[..., k].max(), found.sets[..., k].mean(axis=2).max())
    told = [x[str(label)].max() for x in theories if str(label) in x]
    return bool(max([sampled, *told]) >= DRAWN_SHARE)


@figure(
    shows="The occupancy of the phases at two inverse temperatures: by theories, by sampling the "
    "population loss, and by sampling data sets, with their spread.",
    seen="The sampled curves of the 5-gon and of the 6-gon cross at smaller samples than the published "
    "theory says; the theory with the true constant and the next order comes nearer.",
    unseen="Sizes between those sampled; whether the chains were long enough is judged in the claims, "
    "which stay undecided where they were not.",
)
def occupancy_sampled(occupancy: PosteriorOccupancy) -> Figure:
    """Draw the occupancy of the phases at β = 1 and ½: theories, population loss, data sets.

    Each β has a row: two theories, the population loss, and data sets with their spread.
    """
    found = occupancy
    every = np.geomspace(found.n[0], found.n[-1], 160)
    sizes = {pair: every[covered(pair[0], every, pair[1])] for pair in product(THEORIES, found.betas)}
    theories = {
        (name, beta): shares_of(n, found.c, theory=name, beta=beta) for (name, beta), n in sizes.items()
    }
    labels = [x for x in map(parse_known, found.labels[:-1]) if _seen(found, theories.values(), x)]
    panels = make_panels(
        len(found.betas), 4, size=(1.42, 1.95), gap=(0.22, 0.4), beside=1.3, room=(0.57, 1.42, 1.05, 0.72)
    )
    for ax in panels.axes.flat:
        ax.set(xscale="log", xlim=(0.9 * found.n[0], 1.11 * found.n[-1]), ylim=(-0.02, 1.03))
        plain_ticks(ax, "x", (100, 200, 400, 800), found.n[0], found.n[-1])
    for i, beta in enumerate(found.betas):
        *left, whole, sets = panels.axes[i]
        for ax, name in zip(left, THEORIES, strict=True):
            curves(ax, sizes[name, beta], theories[name, beta], labels)
        samples(whole, found, i, labels)
        data_sets(sets, found, i, labels)
    titles = [f"theory: {name}" for name in THEORIES]
    titles += ["population loss", f"{len(found.data_seeds)} data sets"]
    for ax, title in zip(panels.axes[0], titles, strict=True):
        ax.set_title(title, fontsize=9.5)
    panels.label(
        "sample size $n$", [rf"probability, $\beta = {beta:g}$" for beta in found.betas], shared=True
    )
    entries = phase_entries(labels)
    panels.legend(entries, panels.width, 0.52 * panels.height, loc="center right", **PHASES)
    return panels.finished(
        "Occupancy of the phases: theory, population and data",
        rf"$c = {found.c}$, $r = 2$; posterior $\propto e^{{-\beta n L_n(w)}}\varphi(w)$, with $L$ for $L_n$ "
        f"where the loss is that of the population; laplace2 has $k \\geq 5$, $\\beta n \\geq 50$ only.\n"
        + MARKS,
    )


@figure(
    shows="The published pair of pictures: occupancy of the phases by theory on the left, and sampled on "
    "data sets on the right.",
    seen="Both sides show the 5-gon replaced by the 6-gon; on the right it happens at smaller samples than "
    "on the left.",
    unseen="The other inverse temperature, the population loss and the single chains, which the figure of "
    "all sampled occupancies has.",
)
def occupancy_pair(occupancy: PosteriorOccupancy) -> Figure:
    """Draw the occupancy of the phases by the published theory beside the sampled one, at β = 1.

    Every c has it: with another than 6 the posterior is sampled for it, which the main job does not do.
    """
    found = occupancy
    n = np.linspace(found.n[0], found.n[-1], 320)
    theory = shares_of(n, found.c, theory=THEORIES[0], beta=found.betas[0])
    labels = [x for x in map(parse_known, found.labels[:-1]) if _seen(found, [theory], x)]
    panels = make_panels(1, 2, size=(2.75, 2.3), gap=(0.25, 0.0), beside=1.3, room=(0.6, 1.42, 0.95, 0.72))
    left, right = panels.axes[0]
    for ax in (left, right):
        ax.set(xlim=(0.0, 1.06 * found.n[-1]), ylim=(-0.02, 1.03))
    curves(left, n, theory, labels)
    data_sets(right, found, 0, labels)
    left.set_title(
        r"theory: $nL_\alpha + \lambda_\alpha\,\log n + \frac{1}{2}\Vert w^*\Vert^2$", fontsize=9.5
    )
    right.set_title(f"MCMC, mean of {len(found.data_seeds)} data sets", fontsize=9.5)
    panels.label("sample size $n$", "probability of the phase", shared=True)
    panels.legend(phase_entries(labels), panels.width, 0.52 * panels.height, loc="center right", **PHASES)
    return panels.finished(
        f"Occupancy of the phases, $c = {found.c}$, $r = 2$, $\\beta = {found.betas[0]:g}$",
        f"MCMC: parallel tempering. {MARKS}",
    )
