"""λ̂ at every point of a trajectory, by short Langevin chains with the published settings."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np

from kgon.base import text
from kgon.base.checks import Floats, check_integer, real_array
from kgon.base.results import Result, jsonable, result
from kgon.base.runs import Arrays
from kgon.base.table import Column, Table
from kgon.base.verdicts import KgonError
from kgon.base.work import HERE, Work
from kgon.experiments.llc.estimate import CHAINS, check_options, health, measure
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.loss import Loss
from kgon.sampling.langevin import STEP_SIZE, STEPS, Langevin, run_langevin

GROUP = 20
"""Points of one task."""
MEASURES = (
    "lambda_hat", "stderr", "bias", "ess", "rhat", "rhat_distance", "acceptance", "escaped", "far",
)  # fmt: skip


@result
class LocalSeries(Result):
    """λ̂ at t points; see ``LocalEstimate`` for what the fields mean at each.

    Attributes
    ----------
    n, beta, precision, step_size : float
    sampler : str
    steps, chains, burn_in, seed : int
    batch : int or None
    lambda_hat, stderr, bias, ess, rhat, rhat_distance, acceptance, escaped, far : (t,) arrays
        NaN where the chains diverged, and where the loss was constant (ess, rhat, rhat_distance).
    health : tuple of str
    """

    schema: ClassVar[str] = "local-series"

    n: float
    beta: float
    precision: float
    sampler: str
    step_size: float
    steps: int
    chains: int
    burn_in: int
    batch: int | None
    seed: int
    lambda_hat: np.ndarray
    stderr: np.ndarray
    bias: np.ndarray
    ess: np.ndarray
    rhat: np.ndarray
    rhat_distance: np.ndarray
    acceptance: np.ndarray
    escaped: np.ndarray
    far: np.ndarray
    health: tuple[str, ...]

    def data(self) -> dict[str, Any]:
        """Fields as JSON types; null for NaN."""
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {
            name: [None if np.isnan(x) else float(x) for x in value] if name in MEASURES else jsonable(value)
            for name, value in fields.items()
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Rebuild a result from ``data()``."""
        fields = {
            name: np.array(value, dtype=np.float64) if name in MEASURES else value
            for name, value in data.items()
        }
        return cls(**fields | {"health": tuple(data["health"])})

    def headline(self) -> str:
        good = sum(reason == "good" for reason in self.health)
        return (
            f"lambda-hat at {len(self.health)} points, n = {self.n:g}, beta = {self.beta:.4g}, gamma = "
            f"{self.precision:g}, {self.sampler}: {good} healthy"
        )

    @property
    def healthy(self) -> bool:
        """Whether nothing speaks against any of the estimates."""
        return all(reason == "good" for reason in self.health)

    def rows(self) -> Sequence[tuple[str, str]]:
        return [(f"point {k}", self._cell(k)) for k in range(len(self.health))]

    def _cell(self, k: int) -> str:
        if np.isnan(self.lambda_hat[k]):
            return "diverged"
        return text.with_error(float(self.lambda_hat[k]), float(self.stderr[k]))

    def table(self, losses: Floats) -> Table:
        """One row per point, with the population loss there, (t,)."""
        rows = [
            {"point": str(k), "loss": f"{loss:.6f}", "hat": self._cell(k), "health": self.health[k]}
            for k, loss in enumerate(losses)
        ]
        columns = [Column("point", "point", align="r"), Column("loss", "L", align="r")]
        columns += [Column("hat", "λ̂", align="r"), Column("health", "health")]
        return Table(name="llc", title=self.headline(), columns=columns, rows=rows)


def llc_along(
    loss: Loss,
    w: Floats,
    *,
    n: float | None = None,
    beta: float | None = None,
    gamma: float = 1.0,
    sampler: str = "sgld",
    step_size: float = STEP_SIZE,
    steps: int = STEPS,
    burn_in: int = 0,
    chains: int = CHAINS,
    batch: int | None = None,
    seed: int = 0,
    work: Work = HERE,
) -> LocalSeries:
    """λ̂ along a trajectory, at the published settings unless told otherwise.

    Chains of 500 steps do not reach the stationary density along flat directions: their ``health`` says so,
    and λ̂ is what that short a chain finds.

    Parameters
    ----------
    loss : Loss
        The population loss, or that of the training data.
    w : (t, d) array
        Flat parameters, one point each.
    n : float, optional
        Sample size; that of the data where ``loss`` has them.
    beta : float, optional
        Default 1/log n.
    gamma : float
    sampler : str
        ``sgld`` or ``mala``.
    step_size : float
        ε, for MALA as well.
    steps, burn_in, chains : int
        At each point; at least 12, 0 and 2.
    batch : int, optional
        Samples that estimate the gradient of a step of SGLD; default: the whole loss.
    seed : int
        Chain k at point t draws from ``Philox(SeedSequence(seed, spawn_key=(t, k)))``.
    work : Work

    Returns
    -------
    LocalSeries

    Raises
    ------
    KgonError
        An option out of range, or points of the wrong shape.

    Examples
    --------
    >>> from kgon.potential.model import TMS
    >>> from kgon.potential.loss import Potential
    >>> w = np.zeros((2, 18))
    >>> w[:, 12:] = [[0.0], [-9.0]]  # an output at its switch, and a dead network
    >>> unstable, dead = llc_along(Potential(TMS(6)), w, n=1000).lambda_hat
    >>> bool(unstable < 0), float(dead)
    (True, 0.0)
    """
    points = real_array("w", w)
    d = loss.tms.dimension
    if points.ndim != 2 or points.shape[1] != d or not len(points) or not np.isfinite(points).all():
        raise KgonError(f"w must be finite points of shape (t, {d}) with t of at least 1, got {points.shape}")
    if isinstance(loss, EmpiricalLoss):
        if n not in (None, loss.n):
            raise KgonError(f"the data set has {loss.n} samples, n says {n!r}")
        n = float(loss.n)
    if n is None:
        raise KgonError("n, the sample size, is wanted with the population loss")
    inverse = check_options(n, beta, gamma, sampler)
    if sampler == "hmc":
        raise KgonError("sampler must be sgld or mala along a trajectory, got 'hmc'")
    check_integer("steps", steps, 12)
    check_integer("chains", chains, 2)
    settings = Langevin(
        strength=inverse * float(n),
        precision=float(gamma),
        step_size=step_size,
        steps=steps,
        burn_in=burn_in,
        metropolis=sampler == "mala",
        batch=batch,
    )
    tasks = {
        f"points-{first:06d}": (loss, points[first : first + GROUP], first, settings, chains, seed)
        for first in range(0, len(points), GROUP)
    }
    found = work.run(_group, tasks, f"group of {GROUP} points")
    columns = {name: np.concatenate([arrays[name] for arrays in found.values()]) for name in MEASURES}
    return LocalSeries(
        **columns,
        health=tuple(str(reason) for arrays in found.values() for reason in arrays["health"]),
        n=float(n),
        beta=inverse,
        precision=float(gamma),
        sampler=sampler,
        step_size=float(step_size),
        steps=steps,
        chains=chains,
        burn_in=burn_in,
        batch=batch,
        seed=seed,
    )


def _group(loss: Loss, points: Floats, first: int, settings: Langevin, chains: int, seed: int) -> Arrays:
    """The measures at consecutive points: a task of ``Work.run``."""
    rows, reasons = [], []
    for k, point in enumerate(points):
        found = run_langevin(loss, point, settings, chains=chains, seed=seed, key=(first + k,))
        if found.diverged:
            rows.append([np.nan] * len(MEASURES))
            reasons.append(f"diverged at step size {settings.step_size:g}")
            continue
        measured = measure(found)
        rows.append([np.nan if measured[name] is None else measured[name] for name in MEASURES])
        reasons.append(health(measured, batch=settings.batch))
    table = np.array(rows, dtype=np.float64)
    return {**{name: table[:, i] for i, name in enumerate(MEASURES)}, "health": np.array(reasons)}
