"""λ̂ at 5, 5⁺ and 6 from n = 5·10³ to 5·10⁶: against the exact λ, and against the published λ̂ at n = 5000.

Four series: HMC on the population loss with γ = 1 (the published localiser) and γ = 100, HMC on data sets
with γ = 100, and SGLD as published, γ = 1, 500 steps, on population and data.  The published ε = 10⁻³ is
unstable where s = βn exceeds 4/(ε h), h the largest curvature of L (1.25 at 6: from n = 33 000 on), so that
beyond n = 5000 it is scaled with 1/s.  At n = 5000 SGLD is also run with other ε and numbers of steps, and each is
held against the published values.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from kgon import _format
from kgon.catalogue import Catalogue
from kgon.experiments.llc import llc
from kgon.learning import learning_coefficient
from kgon.model import check_integer
from kgon.parallel import Arrays, Progress, Workers, run
from kgon.results import Agreement, Result, result
from kgon.simulate.sgld import STEP_SIZE

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
    escaped, left, bias : float
        Shares of draws and of chains, and step-size bias, the mean over data sets; see ``LocalEstimate``.
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
    left: float
    bias: float
    health: str

    @property
    def gone(self) -> bool:
        """Whether chains left for lower losses."""
        return "lower" in self.health

    def headline(self) -> str:
        return (
            f"{self.label}, n = {self.n:g}, {self.sampler} on the {self.source}, gamma = {self.gamma:g}: "
            f"{_format.with_error(self.lambda_hat, self.stderr)}"
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


_Arguments = tuple[str, int, dict[str, Any], tuple[int, ...], int]


def llc_convergence(
    *,
    full: bool = False,
    sizes: Sequence[int] = SIZES,
    seed: int = 0,
    workers: Workers = 1,
    folder: str | Path | None = None,
    progress: Progress = None,
) -> Convergence:
    """Sample λ̂ at 5, 5⁺ and 6 of six features at every n, with β = 1/log n.

    Parameters
    ----------
    full : bool
        256 Hamiltonian chains of 300 draws in place of 72 of 100, data sets of all sizes in place of three,
        ten of each in place of one, and more chains in the comparison with the published values.
    sizes : sequence of int
        Above 1; n = 5000 is compared with the text whether or not it is among
        them.
    seed : int
        Of the chains; data set k has the seed 1000·seed + k.
    workers, folder, progress
        See ``kgon.parallel.run``.

    Returns
    -------
    Convergence

    Examples
    --------
    >>> found = llc_convergence(sizes=[5000])
    >>> narrow, = found.series("6", "hmc", "population", 100.0)
    >>> narrow.health
    'good'
    """
    for n in sizes:
        check_integer("n", n, 2)
    many = (1 if not full else 10) * np.ones(len(sizes), dtype=int)
    if not full:
        many = np.where(np.isin(sizes, QUICK_DATA), many, 0)
    hmc: dict[str, Any] = {"sampler": "hmc"} | ({} if full else {"chains": 72, "steps": 100})
    tasks: dict[str, _Arguments] = {}
    for label in PUBLISHED:
        for n, sets in zip(sizes, many, strict=True):
            scaled = STEP_SIZE * _strength(PUBLISHED_N) / _strength(n)
            sgld: dict[str, Any] = {"sampler": "sgld", "chains": 20, "gamma": WIDE, "step_size": scaled}
            tasks |= {
                f"{label}-{n}-hmc-{WIDE:g}": (label, n, hmc | {"gamma": WIDE}, (), seed),
                f"{label}-{n}-hmc-{NARROW:g}": (label, n, hmc | {"gamma": NARROW}, (), seed),
                f"{label}-{n}-sgld": (label, n, sgld, (), seed),
            }
            data = tuple(1000 * seed + k for k in range(sets))
            if data:
                tasks[f"{label}-{n}-hmc-data"] = (label, n, hmc | {"gamma": NARROW}, data, seed)
                tasks[f"{label}-{n}-sgld-data"] = (label, n, sgld, data, seed)
    attempts: dict[str, _Arguments] = {}
    for size, steps in SETTINGS:
        chains = (10 if full else 1) * (100 if steps < 10_000 else 20)
        options = {"sampler": "sgld", "chains": chains, "gamma": WIDE, "step_size": size, "steps": steps}
        for label in PUBLISHED:
            attempts[f"{label}-attempt-{size:g}-{steps}"] = (label, PUBLISHED_N, options, (), seed)
    found = run(
        _task, tasks | attempts, workers=workers, folder=folder, key=f"{seed} {full}", progress=progress,
        what="λ̂",
    )  # fmt: skip
    ours = tuple(_point(found[name], *tasks[name][:4]) for name in tasks)
    tried = tuple(_point(found[name], *attempts[name][:4]) for name in attempts)
    return Convergence(
        points=ours,
        attempts=tried,
        agreements=tuple(
            Agreement.compare(PUBLISHED[x.label], x.lambda_hat, x.stderr, resolution=RESOLUTION, limit=LIMIT)
            for x in tried
        ),
        exact={label: float(learning_coefficient(label).lambda_) for label in PUBLISHED},
        seed=seed,
    )


def _strength(n: float) -> float:
    return n / float(np.log(n))


def _task(label: str, n: int, options: dict[str, Any], data: tuple[int, ...], seed: int) -> Arrays:
    """λ̂ of the population, or of every data set: a task of ``parallel.run``."""
    point = Catalogue(6)[label]
    sources = data or ("population",)
    found = [llc(point.W, point.biases, n=n, loss=x, seed=seed, **options) for x in sources]
    names = ("lambda_hat", "stderr", "escaped", "left", "bias", "beta", "draws", "health")
    return {name: np.array([getattr(x, name) for x in found]) for name in names}


def _point(
    found: Arrays, label: str, n: int, options: dict[str, Any], data: tuple[int, ...]
) -> ConvergencePoint:
    values = found["lambda_hat"]
    errors = found["stderr"]
    several = len(values) > 1
    error = np.std(values, ddof=1) / np.sqrt(len(values)) if several else errors[0]
    bad = [str(x) for x in found["health"] if x != "good"]
    return ConvergencePoint(
        label=label,
        sampler=options["sampler"],
        source="data" if data else "population",
        n=float(n),
        beta=float(found["beta"][0]),
        gamma=options["gamma"],
        step_size=options.get("step_size"),
        steps=int(found["draws"][0]),
        data_sets=len(data),
        lambda_hat=float(values.mean()),
        stderr=float(error),
        escaped=float(found["escaped"].mean()),
        left=float(found["left"].mean()),
        bias=float(found["bias"].mean()),
        health=bad[0] if bad else "good",
    )


@cache
def quick_convergence() -> Convergence:
    """The quick setting, once per process."""
    return llc_convergence()
