"""Sample the posterior ∝ exp(−βn L_n(w)) φ(w) by chains that mix between the phases, and show that they do.

``sample_posterior`` makes a ``Posterior``: the draws, the share of each phase and how the chains have mixed.
``save`` writes its draws, also for ArviZ.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgon.base import text
from kgon.base.checks import Floats, check_integer, check_seed
from kgon.base.extras import check_extra
from kgon.base.files import write_with
from kgon.base.results import Record, Result, jsonable, left_out, part, result
from kgon.base.runs import Arrays
from kgon.base.verdicts import Health, KgonError
from kgon.base.work import HERE, Work
from kgon.experiments.posterior.chains import POSTERIOR, STANDARD, Chains, Source, tempered
from kgon.experiments.posterior.mixing import SEEN, Mixing
from kgon.free_energy.conventions import check_beta
from kgon.kgons.basins import Basins
from kgon.potential.model import TMS
from kgon.sampling.diagnostics import spread_error

RUNS = 2
"""Independent runs: each adapts a ladder of its own."""


@result
class PosteriorDraws(Record):
    """The draws of all chains; those of run 0 come first.

    Attributes
    ----------
    w : (chains, draws, d) array
        Flat parameters.  A chain is the top rung of one ensemble.
    loss : (chains, draws) array
        The loss that was sampled.
    basin : (chains, draws) int array
        Index of the phase; that of ``other`` is the last.
    """

    w: np.ndarray
    loss: np.ndarray
    basin: np.ndarray

    @classmethod
    def of(cls, runs: Sequence[Arrays]) -> PosteriorDraws:
        """Join the draws of several runs, from what ``tempered`` gives for one strength."""
        return cls(
            **{name: np.concatenate([run[name][0] for run in runs]) for name in ("w", "loss", "basin")}
        )


@result
class Shares(Record):
    """The share of each basin in the posterior.

    Attributes
    ----------
    labels : tuple of str
        Basins by increasing loss, and ``other``.
    occupancy, stderr : (labels,) arrays
        Share of the draws in each basin and its Monte Carlo error, from the spread of the ensembles.
    """

    labels: tuple[str, ...]
    occupancy: np.ndarray
    stderr: np.ndarray

    @classmethod
    def of(cls, labels: Sequence[str], basin: NDArray[np.int64]) -> Shares:
        """Count the draws in each phase, from the phases (chains, draws) of all."""
        inside = basin == np.arange(len(labels))[:, None, None]
        return cls(
            labels=tuple(labels),
            occupancy=inside.mean(axis=(1, 2)),
            stderr=spread_error(inside.mean(axis=2)),
        )

    def headline(self) -> str:
        """The shares of the phases that are seen, the largest first."""
        shares = sorted(zip(self.occupancy, self.stderr, self.labels, strict=True), reverse=True)
        return ", ".join(f"{label}: {share_text(x, e)}" for x, e, label in shares if x >= SEEN)

    def rows(self) -> list[tuple[str, str]]:
        """Lines of a printed result."""
        phases = zip(self.labels, self.occupancy, self.stderr, strict=True)
        return [(f"occupancy of {label}", share_text(x, e)) for label, x, e in phases if x > 0]


@result
class Posterior(Result):
    """Draws of one posterior ∝ exp(−βn L(w)) φ(w), the share of each basin, and whether the chains mixed.

    Attributes
    ----------
    source : Source
        Which loss, at which n and β.
    chains : Chains
        How much was sampled in each run.
    runs, seed : int
    draws : PosteriorDraws
        Not in JSON; ``save`` writes them.
    shares : Shares
    mixing : Mixing
    """

    source: Source = part()
    chains: Chains = part()
    runs: int
    seed: int
    draws: PosteriorDraws = left_out()
    shares: Shares = part()
    mixing: Mixing = part()

    @property
    def health(self) -> Health:
        """Every reason not to believe the draws."""
        return self.mixing.health

    @property
    def points(self) -> tuple[Floats, Floats]:
        """The points of all draws, W (chains·draws, 2, c) and b (chains·draws, c)."""
        return TMS(self.source.c).unpack(self.draws.w.reshape(-1, self.draws.w.shape[-1]))

    def data(self) -> dict[str, Any]:
        return {**Result.data(self), "source": str(self.source)}

    def headline(self) -> str:
        at = self.source
        return (
            f"posterior at n = {at.n:g}, beta = {at.beta:g} ({at}): {self.shares.headline()}; "
            f"{self.health.trust}"
        )

    def rows(self) -> Sequence[tuple[str, str]]:
        drawn = f"{self.runs} × {self.chains.ensembles} × {self.chains.draws}, every {self.chains.thin}th"
        model = [] if self.source.model is None else [("model", str(self.source.model))]
        return [
            *model,
            *self.shares.rows(),
            *self.mixing.rows(),
            ("runs × ensembles × draws", f"{drawn}, seed {self.seed}"),
            *self.health.rows(),
        ]


def share_text(value: float, error: float) -> str:
    """Write a share with its error, where it has one."""
    return text.with_error(float(value), float(error)) if error > 0 else f"{value:.4f}"


def sample_posterior(
    n: float,
    *,
    c: int | TMS = 6,
    beta: float | str = 1,
    data: int | None = None,
    chains: Chains = STANDARD,
    runs: int = RUNS,
    seed: int = 0,
    work: Work = HERE,
) -> Posterior:
    """Sample the posterior by parallel tempering with Hamiltonian moves, from the prior up.

    Parameters
    ----------
    n : float
        Sample size.
    c : int or TMS
        Features (r = 2); or a model with probabilities and importances of its own.
    beta : float or str
        Inverse temperature, such as 0.5 or "1/2".
    data : int, optional
        Seed of a data set of n samples (``kgon.sample``).  Default: the population loss.
    chains : Chains, optional
        How much is sampled in each run.
    runs : int
        Independent runs, at least 1; two or more show whether they agree.
    seed : int
    work : Work
        A task is one run.  Its folder keeps them, to go on with, and gets ``posterior.json``.

    Returns
    -------
    Posterior

    Raises
    ------
    KgonError
        An option out of range, or a folder whose ``posterior.json`` has other settings or more runs.

    Examples
    --------
    >>> found = sample_posterior(20, chains=Chains(ensembles=4, draws=8), runs=1)
    >>> found.draws.w.shape, round(float(found.shares.occupancy.sum()), 12)
    ((4, 8, 18), 1.0)
    """
    tms = TMS.of(c)
    source = Source(c=tms.c, n=n, beta=float(check_beta(beta)), data_seed=data, model=tms.own)
    runs, seed = check_integer("runs", runs, 1), check_seed(seed)
    options = {**jsonable(source), **jsonable(chains), "runs": runs, "seed": seed}
    file = work.claim("posterior.json", options, counts=("runs",))
    place = (POSTERIOR, 0 if source.data_seed is None else source.data_seed + 1)
    tasks = {
        f"run-{k:02d}": (source, (source.strength,), chains, seed, (*place, k), None, True)
        for k in range(runs)
    }
    found = list(work.run(tempered, tasks, "run").values())
    draws = PosteriorDraws.of(found)
    outcome = Posterior(
        source=source,
        chains=chains,
        runs=runs,
        seed=seed,
        draws=draws,
        shares=Shares.of(Basins(source.tms).phases, draws.basin),
        mixing=Mixing.of(found, draws.loss, draws.basin),
    )
    file.write(outcome)
    return outcome


def to_datatree(found: Posterior) -> Any:
    """Give the draws as an ArviZ-compatible ``xarray.DataTree`` (extra ``[arviz]``).

    Groups ``posterior`` (``W``, ``b``, ``basin``) and ``sample_stats`` (``loss``, ``lp`` = −βn·loss + log φ).
    """
    check_extra("arviz", "netCDF")
    import arviz_base

    draws, source = found.draws, found.source
    W, b = TMS(source.c).unpack(draws.w)
    prior = -0.5 * np.sum(draws.w**2, axis=-1) - 0.5 * draws.w.shape[-1] * math.log(2 * math.pi)
    return arviz_base.from_dict(
        {
            "posterior": {"W": W, "b": b, "basin": draws.basin},
            "sample_stats": {"loss": draws.loss, "lp": prior - source.strength * draws.loss},
        },
        dims={"W": ["dimension", "feature"], "b": ["feature"]},
        attrs={"/": {"labels": ",".join(found.shares.labels), "result": found.to_json()}},
    )


def save(found: Posterior, path: str | Path) -> Path:
    """Write the draws: .npz, or .nc for ArviZ (extra ``[arviz]``).

    The .npz holds ``W`` (m, r, c) and ``b`` (m, c), which every command reads; ``chain``, ``loss`` and
    ``basin`` (m,); ``labels``; and the ``result`` as JSON.
    """
    file = Path(path)
    if file.suffix == ".nc":
        tree = to_datatree(found)
        return write_with(file, lambda temporary: tree.to_netcdf(temporary, engine="h5netcdf"))
    if file.suffix == ".npz":
        W, b = found.points
        chains, draws = found.draws.loss.shape
        arrays: dict[str, Any] = {
            "W": W,
            "b": b,
            "chain": np.repeat(np.arange(chains), draws),
            "loss": found.draws.loss.ravel(),
            "basin": found.draws.basin.ravel(),
            "labels": np.array(found.shares.labels),
            "result": np.array(found.to_json()),
        }
        return write_with(file, lambda temporary: np.savez(temporary, **arrays))
    raise KgonError(f"{file}: draws are written as .npz or .nc")
