"""Follow λ̂ at 5, 5⁺ and 6 from n = 5·10³ to 5·10⁶, against the exact λ and the published λ̂ at n = 5000.

Four series: HMC on the population loss with γ = 1 (the published localiser) and γ = 100, HMC on data sets
with γ = 100, and SGLD as published, γ = 1, 500 steps, on population and data.  The published ε = 10⁻³ is
unstable where s = βn exceeds 4/(ε h), h the largest curvature of L (1.25 at 6: from n = 33 000 on), so that
beyond n = 5000 it is scaled with 1/s.  At n = 5000 SGLD is also run as the published values were made with,
γ = 0.1 and ε = 5·10⁻⁵, and with other ε and numbers of steps, and each is held against the published values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from kgon.base import text
from kgon.base.agreement import Agreement
from kgon.base.checks import check_integer
from kgon.base.results import Result, part, result
from kgon.base.runs import Arrays
from kgon.base.verdicts import Health
from kgon.base.work import HERE, Work
from kgon.experiments.llc.at_kgons import Run, estimate_runs, estimates_in
from kgon.experiments.llc.measures import MeasureColumns
from kgon.experiments.llc.settings import HMC, QUICK_HMC, SGLD, Localiser, Sampler
from kgon.free_energy.learning import learning_coefficient
from kgon.sampling.diagnostics import spread_error
from kgon.sampling.langevin import STEP_SIZE


class Published(NamedTuple):
    """A published λ̂ and its error bar, of which is not said whether it is the spread of the chains."""

    value: float
    error: float


PUBLISHED = {"5": Published(7.705, 0.85), "5+": Published(9.906, 1.27), "6": Published(9.027, 0.59)}
"""λ̂ at n = 5000 (Chen et al. 2023, table K.1)."""
PUBLISHED_N = 5000
SHORT = (1e-3, 500), (5e-4, 1000), (2e-4, 2500)
"""ε and steps with ε · steps = 0.5, as the published ones have."""
SIZES = (5_000, 15_000, 50_000, 150_000, 500_000, 1_500_000, 5_000_000)
WIDE, NARROW = 1.0, 100.0
"""γ: that of the published λ̂ along trajectories, and one that holds the chains."""
PROTOCOL = 0.1, SGLD.but(step_size=5e-5, steps=10_000, discard=0.05)
"""γ and ten chains as the published values were made with (table K.1)."""
SETTINGS = (
    *((WIDE, SGLD.but(chains=100, step_size=size, steps=steps)) for size, steps in SHORT),
    (WIDE, SGLD.but(chains=20, step_size=1e-3, steps=10_000)),
    PROTOCOL,
)
"""γ and chains that are held against the published values."""
RESOLUTION = 0.25
"""Largest standard error of ours in a comparison with a published value: half the spacing of λ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvergenceEffort:
    """How much is sampled where λ̂ is followed over n.

    Attributes
    ----------
    hmc : Sampler
        Of the Hamiltonian series.
    data_sets : int
        Of each size.
    data_sizes : tuple of int or None
        Those that have data sets; None is all.
    attempts : int
        How many times the chains of ``SETTINGS`` are run; at 0 nothing is held against the text.
    """

    hmc: Sampler
    data_sets: int
    data_sizes: tuple[int, ...] | None
    attempts: int


QUICK = ConvergenceEffort(hmc=QUICK_HMC, data_sets=1, data_sizes=(5_000, 50_000, 500_000), attempts=1)
FULL = ConvergenceEffort(hmc=HMC, data_sets=10, data_sizes=None, attempts=10)


@result
class ConvergencePoint(Result):
    """λ̂ of one k-gon at one n, on the population loss or averaged over data sets.

    Attributes
    ----------
    label, source : str
        ``source``: population or data.
    localiser : Localiser
    sampler : Sampler
    data_sets : int
        Over which λ̂ is averaged; 0 for the population.
    lambda_hat, stderr : float
        The error over data sets, where there are several, is that of their spread.
    escaped, bias, spread : float
    left : float or None
        Means over data sets; see ``Measures``.
    discarded : int
        Chains that were discarded, of all data sets.
    health : Health
        Of the first data set that is not healthy.
    """

    schema: ClassVar[str] = "llc-convergence-point"

    label: str
    source: str
    localiser: Localiser = part(precision="gamma")
    sampler: Sampler = part()
    data_sets: int
    lambda_hat: float
    stderr: float
    escaped: float
    left: float | None
    bias: float
    spread: float
    discarded: int
    health: Health

    @property
    def gone(self) -> bool:
        """Whether chains left for lower losses."""
        return "lower" in str(self.health)

    def headline(self) -> str:
        return (
            f"{self.label}, n = {self.localiser.n:g}, {self.sampler.kind} on the {self.source}, gamma = "
            f"{self.localiser.gamma:g}: {text.with_error(self.lambda_hat, self.stderr)}"
        )


@result
class Convergence(Result):
    """λ̂ against n in four series, and the attempts to find the published values again.

    Attributes
    ----------
    points : tuple of ConvergencePoint
        All series; the runs of ``SETTINGS`` at n = 5000 are in ``attempts``.
    attempts : tuple of ConvergencePoint
        SGLD at n = 5000 on the population, as ``SETTINGS`` say.
    agreements : tuple of Agreement
        Whether each attempt is within the published error, in the same order.
    exact : dict
        Label to λ.
    seed : int
    """

    schema: ClassVar[str] = "llc-convergence"

    points: tuple[ConvergencePoint, ...]
    attempts: tuple[ConvergencePoint, ...]
    agreements: tuple[Agreement, ...]
    exact: dict[str, float]
    seed: int

    def series(self, label: str, sampler: str, source: str, gamma: float) -> list[ConvergencePoint]:
        """Select the points of one series, in the order of n."""
        key = (label, sampler, source, gamma)
        found = [(x, (x.label, x.sampler.kind, x.source, x.localiser.gamma)) for x in self.points]
        return [x for x, own in found if own == key]

    def headline(self) -> str:
        sizes = sorted({x.localiser.n for x in self.points})
        gone = sum(x.gone for x in self.points)
        return (
            f"lambda-hat of {', '.join(self.exact)} at {len(sizes)} sizes, {sizes[0]:g} to {sizes[-1]:g}: "
            f"{gone} of {len(self.points)} runs left for lower losses"
        )

    def rows(self) -> Sequence[tuple[str, str]]:
        return [(x.headline(), str(x.health)) for x in self.points] + [
            (
                f"{x.label}, eps = {x.sampler.step_size:g}, {x.sampler.steps} steps against the text",
                a.headline(),
            )
            for x, a in zip(self.attempts, self.agreements, strict=True)
        ]


def measure_llc_convergence(
    effort: ConvergenceEffort = QUICK,
    *,
    sizes: Sequence[int] = SIZES,
    seed: int = 0,
    work: Work = HERE,
) -> Convergence:
    """Sample λ̂ at 5, 5⁺ and 6 of six features at every n, with β = 1/log n.

    Parameters
    ----------
    effort : ConvergenceEffort
    sizes : sequence of int
        Above 1; n = 5000 is compared with the text whether or not it is among them.
    seed : int
        Of the chains on the population; data set k and its chains have the seed 1000·seed + k.
    work : Work

    Returns
    -------
    Convergence

    Examples
    --------
    >>> from dataclasses import replace
    >>> found = measure_llc_convergence(replace(QUICK, attempts=0), sizes=[5000])
    >>> narrow, = found.series("6", "hmc", "population", 100.0)
    >>> narrow.health.good
    True
    """
    tasks: dict[str, tuple[list[Run], int | None, int]] = {}
    for n in (check_integer("n", n, 2) for n in sizes):
        scaled = SGLD.but(chains=20, step_size=STEP_SIZE * _strength(PUBLISHED_N) / _strength(n))
        narrow, wide = (effort.hmc, NARROW), (scaled, WIDE)
        tasks[f"{n}-population"] = (_runs(n, (effort.hmc, WIDE), narrow, wide), None, seed)
        sets = effort.data_sets if effort.data_sizes is None or n in effort.data_sizes else 0
        for k in range(1000 * seed, 1000 * seed + sets):
            tasks[f"{n}-data-{k}"] = (_runs(n, narrow, wide), k, k)
    attempts = [
        (label, Localiser(n=PUBLISHED_N, gamma=gamma), sampler.but(chains=effort.attempts * sampler.count(0)))
        for gamma, sampler in SETTINGS
        for label in PUBLISHED
        if effort.attempts
    ]
    tasks["attempts"] = (attempts, None, seed)
    found = work.run(estimate_runs, tasks, "λ̂")
    points = []
    for n in sizes:
        for kind in ("population", "data"):
            same = [name for name in tasks if name.startswith(f"{n}-{kind}")]
            if same:
                points += _points([found[name] for name in same], tasks[same[0]][0], kind)
    tried = _points([found["attempts"]], attempts, "population")
    return Convergence(
        points=tuple(points),
        attempts=tuple(tried),
        agreements=tuple(_within_error(PUBLISHED[x.label], x) for x in tried),
        exact={label: float(learning_coefficient(label).lambda_) for label in PUBLISHED},
        seed=seed,
    )


def _within_error(published: Published, found: ConvergencePoint) -> Agreement:
    """Whether λ̂ is within the published error; UNDECIDED where its own is too large to say."""
    limit = published.error / found.stderr
    return Agreement.compare(
        published.value,
        found.lambda_hat,
        found.stderr,
        resolution=RESOLUTION,
        limit=limit,
        health=found.health,
    )


def _strength(n: float) -> float:
    """s = βn at the published β = 1/log n."""
    return n / float(np.log(n))


def _runs(n: int, *kinds: tuple[Sampler, float]) -> list[Run]:
    """Combine every label with each sampler and γ."""
    return [(label, Localiser(n=n, gamma=gamma), sampler) for label in PUBLISHED for sampler, gamma in kinds]


def _points(found: list[Arrays], runs: list[Run], source: str) -> list[ConvergencePoint]:
    """One point for every run: of the population, or the mean over data sets."""
    points = []
    by_run = zip(*map(estimates_in, found), strict=True)
    for (label, localiser, sampler), estimates in zip(runs, by_run, strict=True):
        columns = MeasureColumns.of([x.estimate for x in estimates])
        left = np.array([x.estimate.left for x in estimates], dtype=np.float64)
        points.append(
            ConvergencePoint(
                label=label,
                source=source,
                localiser=localiser,
                sampler=sampler,
                data_sets=len(found) if source == "data" else 0,
                lambda_hat=float(columns.lambda_hat.mean()),
                stderr=float(spread_error(columns.lambda_hat) if len(found) > 1 else columns.stderr[0]),
                escaped=float(columns.escaped.mean()),
                left=None if np.isnan(left).any() else float(left.mean()),
                bias=float(columns.bias.mean()),
                spread=float(np.mean([x.estimate.spread for x in estimates])),
                discarded=sum(x.estimate.discarded for x in estimates),
                health=next((x.health for x in estimates if not x.health.good), Health()),
            )
        )
    return points
