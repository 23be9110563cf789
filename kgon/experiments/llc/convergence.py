"""Follow λ̂ at 5, 5⁺ and 6 from n = 5·10³ to 5·10⁶, against the exact λ.

Four series: HMC on the population loss with γ = 1 (the published localiser) and γ = 100, HMC on data sets
with γ = 100, and SGLD as published, γ = 1, 500 steps, on population and data.  The published ε = 10⁻³ is
unstable where s = βn exceeds 4/(ε h), h the largest curvature of L (1.25 at 6: from n = 33 000 on), so that
beyond n = 5000 it is scaled with 1/s.  The chains of the published λ̂ are in ``llc.published``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from kgon.base import text
from kgon.base.checks import check_integer
from kgon.base.results import Result, part, result
from kgon.base.runs import Arrays
from kgon.base.verdicts import Health
from kgon.base.work import HERE, Work
from kgon.experiments.llc.at_kgons import Run, estimate_runs, estimates_in
from kgon.experiments.llc.measures import MeasureColumns
from kgon.experiments.llc.settings import (
    HMC,
    NARROW,
    PUBLISHED,
    PUBLISHED_N,
    QUICK_HMC,
    SGLD,
    WIDE,
    Localiser,
    Sampler,
)
from kgon.free_energy.learning import learning_coefficient
from kgon.sampling.diagnostics import spread_error
from kgon.sampling.langevin import STEP_SIZE

SIZES = (5_000, 15_000, 50_000, 150_000, 500_000, 1_500_000, 5_000_000)
"""n at which λ̂ is followed."""


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
    """

    hmc: Sampler
    data_sets: int
    data_sizes: tuple[int, ...] | None


QUICK = ConvergenceEffort(hmc=QUICK_HMC, data_sets=1, data_sizes=(5_000, 50_000, 500_000))
FULL = ConvergenceEffort(hmc=HMC, data_sets=10, data_sizes=None)


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
    """λ̂ against n in four series.

    Attributes
    ----------
    points : tuple of ConvergencePoint
        All series.
    exact : dict
        Label to λ.
    seed : int
    """

    schema: ClassVar[str] = "llc-convergence"

    points: tuple[ConvergencePoint, ...]
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
        return [(x.headline(), str(x.health)) for x in self.points]


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
        Above 1.
    seed : int
        Of the chains on the population; data set k and its chains have the seed 1000·seed + k.
    work : Work

    Returns
    -------
    Convergence

    Examples
    --------
    >>> found = measure_llc_convergence(sizes=[5000])
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
    found = work.run(estimate_runs, tasks, "λ̂")
    points = []
    for n in sizes:
        for kind in ("population", "data"):
            same = [name for name in tasks if name.startswith(f"{n}-{kind}")]
            if same:
                points += points_of([found[name] for name in same], tasks[same[0]][0], kind)
    return Convergence(
        points=tuple(points),
        exact={label: float(learning_coefficient(label).lambda_) for label in PUBLISHED},
        seed=seed,
    )


def _strength(n: float) -> float:
    """s = βn at the published β = 1/log n."""
    return n / float(np.log(n))


def _runs(n: int, *kinds: tuple[Sampler, float]) -> list[Run]:
    """Combine every label with each sampler and γ."""
    return [(label, Localiser(n=n, gamma=gamma), sampler) for label in PUBLISHED for sampler, gamma in kinds]


def points_of(found: list[Arrays], runs: list[Run], source: str) -> list[ConvergencePoint]:
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
