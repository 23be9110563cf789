"""Draws of the posterior ∝ exp(−βn L_n(w)) φ(w) that mix between the phases, with the proof of mixing."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from kgon.base import text
from kgon.base.checks import Floats, check_integer, check_positive, check_seed
from kgon.base.extras import check_extra
from kgon.base.files import write_with
from kgon.base.results import Result, jsonable, result
from kgon.base.verdicts import KgonError
from kgon.base.work import HERE, Work
from kgon.experiments.posterior.chains import POSTERIOR, Chains, Source, tempered
from kgon.free_energy.conventions import check_beta
from kgon.kgons.basins import OTHER, Basins
from kgon.sampling.diagnostics import ess, rhat, spread_error

RUNS = 2
"""Independent runs: each adapts a ladder of its own."""
LARGEST_RHAT = 1.05
"""Split R̂ up to which the chains agree.

Vehtari et al. (2021) ask 1.01 of few long chains; many chains of e effective draws each show √(1 + 1/e).
"""
LEAST_ROUND_TRIPS = 50
"""Of all ensembles together: each is an independent look at the phases."""
LEAST_ESS = 100.0
LARGEST_Z = 4.0
"""Standard errors by which the occupancies of two runs may differ."""
SEEN = 0.02
"""Share from which on a phase is looked at for mixing."""


@result
class Posterior(Result):
    """Draws of one posterior.

    Attributes
    ----------
    c : int
    n, beta : float
        s = βn is the strength of the loss.
    source : str
        ``population`` or the data set.
    data_seed : int or None
    labels : tuple of str
        Basins by increasing loss, and ``other``.
    occupancy, stderr : (labels,) arrays
        Share of the draws in each basin and its Monte Carlo error, from the spread of the ensembles.
    w : (chains, draws, d) array
        Flat parameters; the chains of run 0 come first.  A chain is the top rung of one ensemble.
    loss : (chains, draws) array
        The loss that was sampled.
    basin : (chains, draws) int array
        Index of ``labels``.
    ess, rhat : float or None
        Of the loss.
    occupancy_ess, occupancy_rhat : float or None
        Smallest and largest of the indicators of the phases that hold at least 2 %.
    largest_z : float or None
        Largest difference of an occupancy between two runs, in standard errors.
    round_trips : tuple of int
        Of each run.
    barrier : tuple of float
        Communication barrier Λ of each run.
    acceptance, rejection : tuple of float
        Lowest and highest of the Hamiltonian moves by rung, and of the exchanges.
    rungs : tuple of int
    health : str
        ``good``, or what speaks against the draws, separated by semicolons.
    runs, ensembles, draws, thin, seed : int
    """

    schema: ClassVar[str] = "posterior"

    c: int
    n: float
    beta: float
    source: str
    data_seed: int | None
    labels: tuple[str, ...]
    occupancy: np.ndarray
    stderr: np.ndarray
    w: np.ndarray
    loss: np.ndarray
    basin: np.ndarray
    ess: float | None
    rhat: float | None
    occupancy_ess: float | None
    occupancy_rhat: float | None
    largest_z: float | None
    round_trips: tuple[int, ...]
    barrier: tuple[float, ...]
    acceptance: tuple[float, ...]
    rejection: tuple[float, ...]
    rungs: tuple[int, ...]
    health: str
    runs: int
    ensembles: int
    draws: int
    thin: int
    seed: int

    @property
    def healthy(self) -> bool:
        """Whether nothing speaks against the draws."""
        return self.health == "good"

    def headline(self) -> str:
        shares = sorted(zip(self.occupancy, self.stderr, self.labels, strict=True), reverse=True)
        shown = ", ".join(f"{label}: {share_text(x, e)}" for x, e, label in shares if x >= SEEN)
        trust = "healthy" if self.healthy else "not to be trusted"
        return f"posterior at n = {self.n:g}, beta = {self.beta:g} ({self.source}): {shown}; {trust}"

    def rows(self) -> Sequence[tuple[str, str]]:
        phases = zip(self.labels, self.occupancy, self.stderr, strict=True)
        return [
            *((f"occupancy of {label}", share_text(x, e)) for label, x, e in phases if x > 0),
            ("effective draws, loss; phases", f"{_number(self.ess, 0)}; {_number(self.occupancy_ess, 0)}"),
            ("split R̂, loss; phases", f"{_number(self.rhat, 4)}; {_number(self.occupancy_rhat, 4)}"),
            ("between runs", "-" if self.largest_z is None else f"|z| <= {self.largest_z:.2f}"),
            ("round trips by run", ", ".join(map(str, self.round_trips))),
            ("communication barrier Λ; rungs", f"{max(self.barrier):.1f}; {max(self.rungs)}"),
            ("acceptance of the moves", f"{self.acceptance[0]:.2f} to {self.acceptance[1]:.2f}"),
            ("rejection of the exchanges", f"{self.rejection[0]:.2f} to {self.rejection[1]:.2f}"),
            (
                "runs × ensembles × draws",
                f"{self.runs} × {self.ensembles} × {self.draws}, every {self.thin}th, seed {self.seed}",
            ),
            *(("health", reason) for reason in self.health.split("; ")),
        ]

    @property
    def points(self) -> tuple[Floats, Floats]:
        """W (chains·draws, 2, c) and b (chains·draws, c) of all draws."""
        flat = self.w.reshape(-1, self.w.shape[-1])
        split = flat.shape[1] - self.c
        return flat[:, :split].reshape(len(flat), -1, self.c), flat[:, split:]

    def data(self) -> dict[str, Any]:
        """Fields as JSON types, without the draws (``save`` writes them)."""
        everything = Result.data(self)
        return {name: value for name, value in everything.items() if name not in ("w", "loss", "basin")}


def share_text(value: float, error: float) -> str:
    """A share with its error, where it has one."""
    return text.with_error(float(value), float(error)) if error > 0 else f"{value:.4f}"


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def sample_posterior(
    n: float,
    *,
    c: int = 6,
    beta: float | str = 1,
    data: int | None = None,
    chains: Chains | None = None,
    runs: int = RUNS,
    seed: int = 0,
    work: Work = HERE,
) -> Posterior:
    """Sample the posterior by parallel tempering with Hamiltonian moves, from the prior up.

    Parameters
    ----------
    n : float
        Sample size.
    c : int
        Features (r = 2).
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
    >>> found.w.shape, round(float(found.occupancy.sum()), 12)
    ((4, 8, 18), 1.0)
    """
    n, runs, seed = check_positive("n", n), check_integer("runs", runs, 1), check_seed(seed)
    c, data = check_integer("c", c, 4), None if data is None else check_seed(data, "the seed of a data set")
    inverse, chosen = check_beta(beta), chains or Chains()
    source = Source(c=c, n=None if data is None else n, data=data)
    labels = (*Basins(c).labels, OTHER)
    strength = float(inverse) * n
    place = (POSTERIOR, 0 if data is None else data + 1)
    options = {"c": c, "n": n, "beta": inverse, "data": data, **jsonable(chosen), "runs": runs, "seed": seed}
    file = work.claim("posterior.json", options, counts=("runs",))
    tasks = {
        f"run-{k:02d}": (source, (strength,), chosen, seed, (*place, k), None, True) for k in range(runs)
    }
    parts = list(work.run(tempered, tasks, "run").values())
    basin = np.concatenate([part["basin"][0] for part in parts]).astype(np.int64)
    basin[basin < 0] = len(labels) - 1
    loss = np.concatenate([part["loss"][0] for part in parts])
    share = np.array([np.mean(basin == k) for k in range(len(labels))])
    seen = [k for k in range(len(labels)) if share[k] >= SEEN]
    indicators = [(basin == k).astype(np.float64) for k in seen]
    sizes = [x for x in map(ess, indicators) if x is not None]
    splits = [x for x in (rhat(indicator, ranks=False) for indicator in indicators) if x is not None]
    trips = tuple(int(part["round_trips"].sum()) for part in parts)
    z = between_runs(basin.reshape(runs, -1, chosen.draws), seen)
    overall_ess, overall_rhat = ess(loss), rhat(loss)
    outcome = Posterior(
        c=c,
        n=n,
        beta=float(inverse),
        source=str(source),
        data_seed=data,
        labels=labels,
        occupancy=share,
        stderr=np.array([float(spread_error(np.mean(basin == k, axis=1))) for k in range(len(labels))]),
        w=np.concatenate([part["w"][0] for part in parts]),
        loss=loss,
        basin=basin,
        ess=overall_ess,
        rhat=overall_rhat,
        occupancy_ess=min(sizes, default=None),
        occupancy_rhat=max(splits, default=None),
        largest_z=z,
        round_trips=trips,
        barrier=tuple(float(part["rejection"].sum()) for part in parts),
        acceptance=_ends([part["acceptance"] for part in parts]),
        rejection=_ends([part["rejection"] for part in parts]),
        rungs=tuple(len(part["strengths"]) for part in parts),
        health=_health(trips, [overall_rhat, *splits], [overall_ess, *sizes], z),
        runs=runs,
        ensembles=chosen.ensembles,
        draws=chosen.draws,
        thin=chosen.thin,
        seed=seed,
    )
    file.write(outcome)
    return outcome


def _ends(values: list[np.ndarray]) -> tuple[float, float]:
    return float(min(x.min() for x in values)), float(max(x.max() for x in values))


def between_runs(basin: np.ndarray, seen: Sequence[int]) -> float | None:
    """Largest absolute difference of an occupancy between two runs, over its standard error.

    Parameters
    ----------
    basin : (runs, chains, draws) int array
    seen : sequence of int
        The phases that are looked at.

    Returns
    -------
    float, or None for a single run
        Infinite where two runs without any spread differ.
    """
    if len(basin) < 2:
        return None
    largest = 0.0
    for k in seen:
        shares = (basin == k).mean(axis=2)
        mean, error = shares.mean(axis=1), spread_error(shares, axis=1)
        for i, j in itertools.combinations(range(len(basin)), 2):
            gap, joint = abs(mean[i] - mean[j]), math.hypot(error[i], error[j])
            if gap > 0:
                largest = max(largest, gap / joint if joint > 0 else math.inf)
    return largest


def _health(
    trips: Sequence[int], splits: Sequence[float | None], sizes: Sequence[float | None], z: float | None
) -> str:
    """``good``, or every reason not to believe the draws."""
    reasons = []
    if sum(trips) < LEAST_ROUND_TRIPS:
        reasons.append(f"only {sum(trips)} round trips, {LEAST_ROUND_TRIPS} are wanted")
    worst = max((x for x in splits if x is not None), default=1.0)
    if worst > LARGEST_RHAT:
        reasons.append(f"R-hat {worst:.3f} exceeds {LARGEST_RHAT}, the ensembles disagree")
    least = min((x for x in sizes if x is not None), default=math.inf)
    if least < LEAST_ESS:
        reasons.append(f"only {least:.0f} effective draws, {LEAST_ESS:g} are wanted")
    if z is not None and z > LARGEST_Z:
        reasons.append(f"the runs differ by {z:.1f} standard errors")
    return "; ".join(reasons) or "good"


def to_datatree(found: Posterior) -> Any:
    """The draws as an ArviZ-compatible ``xarray.DataTree`` (extra ``[arviz]``).

    Groups ``posterior`` (``W``, ``b``, ``basin``) and ``sample_stats`` (``loss``, ``lp`` = −βn·loss + log φ).
    """
    check_extra("arviz", "netCDF")
    import arviz_base

    split = found.w.shape[-1] - found.c
    W = found.w[..., :split].reshape(*found.w.shape[:-1], -1, found.c)
    d = found.w.shape[-1]
    prior = -0.5 * np.sum(found.w**2, axis=-1) - 0.5 * d * math.log(2 * math.pi)
    return arviz_base.from_dict(
        {
            "posterior": {"W": W, "b": found.w[..., split:], "basin": found.basin},
            "sample_stats": {"loss": found.loss, "lp": prior - found.beta * found.n * found.loss},
        },
        dims={"W": ["dimension", "feature"], "b": ["feature"]},
        attrs={"/": {"labels": ",".join(found.labels), "result": found.to_json()}},
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
        chains, draws = found.loss.shape
        return write_with(
            file,
            lambda temporary: np.savez(
                temporary, W=W, b=b, chain=np.repeat(np.arange(chains), draws), loss=found.loss.ravel(),
                basin=found.basin.ravel(), labels=np.array(found.labels), result=np.array(found.to_json()),
            ),
        )  # fmt: skip
    raise KgonError(f"{file}: draws are written as .npz or .nc")
