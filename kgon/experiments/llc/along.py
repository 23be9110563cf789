"""Estimate λ̂ at every point of a trajectory, by short Langevin chains with the published settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from kgon.base import text
from kgon.base.checks import Floats, real_array
from kgon.base.results import Result, part, result
from kgon.base.runs import Arrays
from kgon.base.table import Column, Table
from kgon.base.verdicts import Health, KgonError
from kgon.base.work import HERE, Work
from kgon.experiments.llc.measures import MeasureColumns, Measures
from kgon.experiments.llc.settings import SGLD, Localiser, Sampler
from kgon.potential.loss import Loss
from kgon.sampling.langevin import run_langevin

GROUP = 20
"""Points of one task."""


@result
class LocalSeries(Result):
    """λ̂ at the t points of a trajectory, with the health of the chains at each.

    Attributes
    ----------
    estimates : MeasureColumns
    localiser : Localiser
        n, β and γ.
    sampler : Sampler
    seed : int
    by_point : tuple of Health
    """

    json_names: ClassVar[dict[str, str]] = {"by_point": "health"}

    estimates: MeasureColumns = part()
    localiser: Localiser = part()
    sampler: Sampler = part()
    seed: int
    by_point: tuple[Health, ...]

    @property
    def health(self) -> Health:
        """How many points have chains that are not to be believed."""
        sick, points = sum(not x.good for x in self.by_point), len(self.by_point)
        return Health.of((sick > 0, "{sick} of {points} points are not healthy"), sick=sick, points=points)

    @property
    def lambda_hat(self) -> Floats:
        """λ̂ at every point (t,); NaN where the chains diverged."""
        return self.estimates.lambda_hat

    @property
    def stderr(self) -> Floats:
        """The Monte Carlo error of λ̂ at every point (t,)."""
        return self.estimates.stderr

    def headline(self) -> str:
        density, healthy = self.localiser, sum(x.good for x in self.by_point)
        return (
            f"lambda-hat at {len(self.by_point)} points, n = {density.n:g}, beta = {density.beta:.4g}, "
            f"gamma = {density.gamma:g}, {self.sampler.kind}: {healthy} healthy"
        )

    def rows(self) -> Sequence[tuple[str, str]]:
        return [(f"point {k}", self._cell(k)) for k in range(len(self.by_point))]

    def _cell(self, k: int) -> str:
        """Write λ̂ at point k with its error, or that the chains diverged."""
        value = float(self.lambda_hat[k])
        return "diverged" if np.isnan(value) else text.with_error(value, float(self.stderr[k]))

    def table_with(self, losses: Floats) -> Table:
        """Make a table with a row per point, and the population loss (t,) there."""
        rows = [
            {"point": str(k), "loss": f"{loss:.6f}", "hat": self._cell(k), "health": str(self.by_point[k])}
            for k, loss in enumerate(losses)
        ]
        columns = [Column("point", "point", align="r"), Column("loss", "L", align="r")]
        columns += [Column("hat", "λ̂", align="r"), Column("health", "health")]
        return Table(name="llc", title=self.headline(), columns=columns, rows=rows)


def estimate_llc_along(
    loss: Loss,
    w: Floats,
    localiser: Localiser,
    sampler: Sampler = SGLD,
    *,
    seed: int = 0,
    work: Work = HERE,
) -> LocalSeries:
    """Estimate λ̂ along a trajectory, by chains as short as the published ones unless told otherwise.

    Chains of 500 steps do not reach the stationary density along flat directions: their ``health`` says so,
    and λ̂ is what that short a chain finds.

    Parameters
    ----------
    loss : Loss
        The population loss, or that of the training data.
    w : (t, d) array
        Flat parameters, one point each.
    localiser : Localiser
        ``Localiser.of(loss)`` takes n from the data.
    sampler : Sampler
        SGLD or MALA, whose step size is not adapted here.
    seed : int
        Chain k at point t draws from ``Philox(SeedSequence(seed, spawn_key=(t, k)))``.
    work : Work

    Returns
    -------
    LocalSeries

    Raises
    ------
    KgonError
        Another sampler, or points of the wrong shape.

    Examples
    --------
    >>> from kgon.potential.model import TMS
    >>> from kgon.potential.loss import Potential
    >>> w = np.zeros((2, 18))
    >>> w[:, 12:] = [[0.0], [-9.0]]  # an output at its switch, and a dead network
    >>> unstable, dead = estimate_llc_along(Potential(TMS(6)), w, Localiser(n=1000)).lambda_hat
    >>> bool(unstable < 0), float(dead)
    (True, 0.0)
    """
    points, d = real_array("w", w), loss.tms.dimension
    if points.ndim != 2 or points.shape[1] != d or not len(points) or not np.isfinite(points).all():
        raise KgonError(f"w must be finite points of shape (t, {d}) with t of at least 1, got {points.shape}")
    if sampler.kind == "hmc":
        raise KgonError("sampler must be sgld or mala along a trajectory, got 'hmc'")
    if sampler.discard is not None:
        raise KgonError(f"along a trajectory no chain is discarded, got discard {sampler.discard:g}")
    used = sampler.but(step_size=sampler.langevin(localiser).step_size)
    tasks = {
        f"points-{first:06d}": (loss, points[first : first + GROUP], first, localiser, used, seed)
        for first in range(0, len(points), GROUP)
    }
    found = work.run(_group, tasks, f"group of {GROUP} points").values()
    columns = {name: np.concatenate([arrays[name] for arrays in found]) for name in next(iter(found))}
    health = tuple(Health.parse(str(text)) for text in columns.pop("health"))
    estimates = MeasureColumns(**columns)
    return LocalSeries(estimates=estimates, localiser=localiser, sampler=used, seed=seed, by_point=health)


def _group(
    loss: Loss, points: Floats, first: int, localiser: Localiser, sampler: Sampler, seed: int
) -> Arrays:
    """Measure λ̂ at consecutive points, from number ``first`` on: a task of ``Work.run``."""
    settings, many = sampler.langevin(localiser), sampler.count(points.shape[1])
    unstable = Health((f"diverged at step size {settings.step_size:g}",))
    found: list[Measures | None] = []
    for k, point in enumerate(points):
        walked = run_langevin(loss, point, settings, chains=many, seed=seed, key=(first + k,))
        found.append(None if walked.diverged else Measures.of_langevin(walked))
    health = [unstable if x is None else x.health(batch=sampler.batch) for x in found]
    return {**MeasureColumns.of(found).by_name(), "health": np.array([str(x) for x in health])}
