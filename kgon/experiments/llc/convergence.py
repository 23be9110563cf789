"""λ̂ at 5, 5⁺ and 6 from n = 5·10³ to 5·10⁶: against the exact λ, and against the published λ̂ at n = 5000.

Four series: HMC on the population loss with γ = 1 (the published localiser) and γ = 100, HMC on data sets
with γ = 100, and SGLD as published, γ = 1, 500 steps, on population and data.  The published ε = 10⁻³ is
unstable where s = βn exceeds 4/(ε h), h the largest curvature of L (1.25 at 6: from n = 33 000 on), so that
beyond n = 5000 it is scaled with 1/s.  At n = 5000 SGLD is also run with other ε and numbers of steps, and
each is held against the published values.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, ClassVar

import numpy as np

from kgon.base import text
from kgon.base.agreement import Agreement
from kgon.base.checks import check_integer
from kgon.base.results import Result, result
from kgon.base.runs import Arrays
from kgon.base.work import HERE, Work
from kgon.experiments.llc.estimate import llc
from kgon.free_energy.learning import learning_coefficient
from kgon.kgons.catalogue import Catalogue
from kgon.potential.data import sample
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.model import TMS
from kgon.sampling.diagnostics import spread_error
from kgon.sampling.langevin import STEP_SIZE

PUBLISHED = {"5": 7.705, "5+": 9.906, "6": 9.027}
"""λ̂ at n = 5000 (Chen et al. 2023), without error bars."""
PUBLISHED_N = 5000
SIZES = (5_000, 15_000, 50_000, 150_000, 500_000, 1_500_000, 5_000_000)
QUICK_DATA = (5_000, 50_000, 500_000)
"""Sizes of the data sets in the quick setting."""
WIDE, NARROW = 1.0, 100.0
"""γ: the published one, and one that holds the chains."""
SETTINGS = ((1e-3, 500), (5e-4, 1000), (2e-4, 2500), (1e-3, 10_000))
"""ε and steps that are held against the published values."""
RESOLUTION = 0.25
"""Largest standard error of a comparison with a published value: half the spacing of λ."""
LIMIT = 3.0


@result
class ConvergencePoint(Result):
    """One λ̂.

    Attributes
    ----------
    label, sampler, source : str
        ``source``: population or data.
    n, beta, gamma : float
    step_size : float or None
    steps : int
    data_sets : int
        Over which λ̂ is averaged; 0 for the population.
    lambda_hat, stderr : float
        The error over data sets, where there are several, is that of their spread.
    escaped, bias : float
    left : float or None
        Means over data sets; see ``LocalEstimate``.
    health : str
        Of the first data set that is not healthy.
    """

    schema: ClassVar[str] = "llc-convergence-point"

    label: str
    sampler: str
    source: str
    n: float
    beta: float
    gamma: float
    step_size: float | None
    steps: int
    data_sets: int
    lambda_hat: float
    stderr: float
    escaped: float
    left: float | None
    bias: float
    health: str

    @property
    def gone(self) -> bool:
        """Whether chains left for lower losses."""
        return "lower" in self.health

    def headline(self) -> str:
        return (
            f"{self.label}, n = {self.n:g}, {self.sampler} on the {self.source}, gamma = {self.gamma:g}: "
            f"{text.with_error(self.lambda_hat, self.stderr)}"
        )

    def rows(self) -> Sequence[tuple[str, str]]:
        return [("steps", str(self.steps)), ("health", self.health)]


@result
class Convergence(Result):
    """λ̂ against n.

    Attributes
    ----------
    points : tuple of ConvergencePoint
        All series; the runs of ``SETTINGS`` at n = 5000 are in ``attempts``.
    attempts : tuple of ConvergencePoint
        SGLD at n = 5000 on the population, γ = 1, with the ε and steps of ``SETTINGS``.
    agreements : tuple of Agreement
        Each attempt against the published λ̂, in the same order.
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
        """The points of one series, by n."""
        key = (label, sampler, source, gamma)
        return [x for x in self.points if (x.label, x.sampler, x.source, x.gamma) == key]

    def headline(self) -> str:
        sizes = sorted({x.n for x in self.points})
        gone = sum(x.gone for x in self.points)
        return (
            f"lambda-hat of {', '.join(self.exact)} at {len(sizes)} sizes, {sizes[0]:g} to {sizes[-1]:g}: "
            f"{gone} of {len(self.points)} runs left for lower losses"
        )

    def rows(self) -> Sequence[tuple[str, str]]:
        return [(x.headline(), x.health) for x in self.points] + [
            (f"{x.label}, eps = {x.step_size:g}, {x.steps} steps against the text", a.headline())
            for x, a in zip(self.attempts, self.agreements, strict=True)
        ]


_Run = tuple[str, dict[str, Any]]
"""A label and options of ``llc``."""
_FIELDS = ("lambda_hat", "stderr", "escaped", "left", "bias", "beta", "draws", "health")


def measure_llc_convergence(
    *,
    full: bool = False,
    sizes: Sequence[int] = SIZES,
    seed: int = 0,
    work: Work = HERE,
) -> Convergence:
    """Sample λ̂ at 5, 5⁺ and 6 of six features at every n, with β = 1/log n.

    Parameters
    ----------
    full : bool
        256 Hamiltonian chains of 300 draws in place of 72 of 100, data sets of all sizes in place of three,
        ten of each in place of one, and more chains in the comparison with the published values.
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
    >>> found = measure_llc_convergence(sizes=[5000])
    >>> narrow, = found.series("6", "hmc", "population", 100.0)
    >>> narrow.health
    'good'
    """
    for n in sizes:
        check_integer("n", n, 2)
    tasks: dict[str, tuple[int, list[_Run], int | None, int]] = {}
    for n in sizes:
        tasks[f"{n}-population"] = (
            n,
            _runs(n, ("hmc", WIDE), ("hmc", NARROW), ("sgld", WIDE), full=full),
            None,
            seed,
        )
        sets = 10 if full else int(n in QUICK_DATA)
        for k in range(1000 * seed, 1000 * seed + sets):
            tasks[f"{n}-data-{k}"] = (n, _runs(n, ("hmc", NARROW), ("sgld", WIDE), full=full), k, k)
    attempts = [
        (label, {"sampler": "sgld", "chains": (10 if full else 1) * (100 if steps < 10_000 else 20),
                 "gamma": WIDE, "step_size": size, "steps": steps})
        for size, steps in SETTINGS for label in PUBLISHED
    ]  # fmt: skip
    tasks["attempts"] = (PUBLISHED_N, attempts, None, seed)
    found = work.run(_task, tasks, "λ̂")
    points = []
    for n in sizes:
        for kind in ("population", "data"):
            same = [name for name in tasks if name.startswith(f"{n}-{kind}")]
            if same:
                points += _points([found[name] for name in same], *tasks[same[0]][:2], kind)
    tried = _points([found["attempts"]], PUBLISHED_N, attempts, "population")
    return Convergence(
        points=tuple(points),
        attempts=tuple(tried),
        agreements=tuple(
            Agreement.compare(PUBLISHED[x.label], x.lambda_hat, x.stderr, resolution=RESOLUTION, limit=LIMIT)
            for x in tried
        ),
        exact={label: float(learning_coefficient(label).lambda_) for label in PUBLISHED},
        seed=seed,
    )


def _strength(n: float) -> float:
    return n / float(np.log(n))


def _runs(n: int, *kinds: tuple[str, float], full: bool) -> list[_Run]:
    """Every label with each sampler and γ."""
    scaled = STEP_SIZE * _strength(PUBLISHED_N) / _strength(n)
    rest: dict[str, dict[str, Any]] = {
        "hmc": {} if full else {"chains": 72, "steps": 100},
        "sgld": {"chains": 20, "step_size": scaled},
    }
    return [
        (label, {"sampler": sampler, "gamma": gamma} | rest[sampler])
        for label in PUBLISHED
        for sampler, gamma in kinds
    ]


def _task(n: int, runs: list[_Run], data: int | None, seed: int) -> Arrays:
    """λ̂ of all runs on one loss: a task of ``Work.run``."""
    tms = TMS(6)
    loss = "population" if data is None else EmpiricalLoss(tms, *sample(tms, n, seed=data))
    found = []
    for label, options in runs:
        point = Catalogue(6)[label]
        found.append(llc(point.W, point.biases, n=n, loss=loss, seed=seed, **options))
    rows = {name: [getattr(x, name) for x in found] for name in _FIELDS}
    rows["left"] = [np.nan if x is None else x for x in rows["left"]]
    return {name: np.array(values) for name, values in rows.items()}


def _points(found: list[Arrays], n: int, runs: list[_Run], source: str) -> list[ConvergencePoint]:
    """One point for every run: of the population, or the mean over data sets."""
    points = []
    for k, (label, options) in enumerate(runs):
        column = {name: np.array([arrays[name][k] for arrays in found]) for name in _FIELDS}
        values, several = column["lambda_hat"], len(found) > 1
        bad = [str(x) for x in column["health"] if x != "good"]
        points.append(
            ConvergencePoint(
                label=label,
                sampler=options["sampler"],
                source=source,
                n=float(n),
                beta=float(column["beta"][0]),
                gamma=options["gamma"],
                step_size=options.get("step_size"),
                steps=int(column["draws"][0]),
                data_sets=len(found) if source == "data" else 0,
                lambda_hat=float(values.mean()),
                stderr=float(spread_error(values) if several else column["stderr"][0]),
                escaped=float(column["escaped"].mean()),
                left=None if np.isnan(column["left"]).any() else float(column["left"].mean()),
                bias=float(column["bias"].mean()),
                health=bad[0] if bad else "good",
            )
        )
    return points


@cache
def cached_convergence(full: bool = False) -> Convergence:
    """The experiment with its defaults, once per process: tables and figure share it."""
    return measure_llc_convergence(full=full)
