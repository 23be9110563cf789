"""Occupancy of the phases against n by sampling: population loss, and real data sets with their spread.

With the population loss all sizes and all β are rungs of one ladder; with data every set and every n is a
posterior of its own, whose ladder holds βn for all β.  Data set k at n is ``kgon.sample(TMS(c), n, seed=k)``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgon.base.checks import Floats, check_increasing, check_integer, check_seed
from kgon.base.runs import Arrays
from kgon.base.verdicts import KgonError
from kgon.base.work import HERE, Work
from kgon.experiments.posterior.chains import DATA_SETS, POPULATION, Chains, Source, tempered
from kgon.experiments.posterior.draws import LARGEST_RHAT, LARGEST_Z, LEAST_ROUND_TRIPS, RUNS, between_runs
from kgon.experiments.posterior.occupancy_result import PosteriorOccupancy
from kgon.free_energy.conventions import check_beta
from kgon.kgons.basins import OTHER, Basins
from kgon.sampling.diagnostics import rhat, spread_error
from kgon.sampling.tempering import ladder_for

SIZES = (100, 160, 210, 270, 340, 420, 600, 850, 1200)
"""Default n."""
BETAS: tuple[float | str, ...] = (1, "1/2")
QUICK, FULL = Chains(ensembles=4, draws=50), Chains(ensembles=16, draws=100, thin=6)
"""Chains of every data set."""
QUICK_WHOLE, FULL_WHOLE = Chains(ensembles=12, draws=100), Chains(ensembles=32, draws=100)
"""Chains of each of the two population runs."""
QUICK_SETS, FULL_SETS = 6, 20
QUICK_SIZES = (100, 200, 400, 800)
SEEN = 0.02
"""Share from which on a phase is looked at for mixing."""
LEAST_SET_TRIPS = 20
"""Of a data set, all ensembles together: its error, 0.1 at most, is then small against the spread of sets."""
SETS_RHAT = 1.15
"""Of the worst of many data sets, whose chains have some ten effective draws each: √(1 + 1/10) and chance."""


def posterior_occupancy(
    n: Sequence[float] | None = None,
    *,
    c: int = 6,
    betas: Sequence[float | str] = BETAS,
    sets: int | None = None,
    full: bool = False,
    chains: Chains | None = None,
    population: Chains | None = None,
    seed: int = 0,
    work: Work = HERE,
) -> PosteriorOccupancy:
    """Occupancy of all phases by parallel tempering.

    Parameters
    ----------
    n : sequence of float, optional
        Sample sizes, increasing; whole numbers where there are data sets.
    c : int
    betas : sequence
        Inverse temperatures.
    sets : int, optional
        Data sets per n, with seeds 1, 2, …; at least 2, or 0 for the population loss alone.
    full : bool
        20 data sets at nine sizes with 16 ensembles, instead of 6 at four with 4, where these are not given.
    chains, population : Chains, optional
        Of every data set; of each of the two runs with the population loss.
    seed : int
        Of the sampling.
    work : Work

    Returns
    -------
    PosteriorOccupancy

    Raises
    ------
    KgonError
        An option out of range.

    Examples
    --------
    >>> few = Chains(ensembles=2, draws=8)
    >>> found = posterior_occupancy([20, 40], betas=[1], sets=2, chains=few, population=few)
    >>> found.sets.shape, np.allclose(found.sets.sum(axis=-1), 1)
    ((1, 2, 2, 11), True)
    """
    wanted = tuple(check_increasing("n", (SIZES if full else QUICK_SIZES) if n is None else n).tolist())
    inverse = [check_beta(beta) for beta in betas]
    if not inverse or len(set(inverse)) < len(inverse):
        raise KgonError(f"the betas must be different, got {[float(x) for x in inverse]}")
    count = check_integer("sets", (FULL_SETS if full else QUICK_SETS) if sets is None else sets, 0)
    if count == 1:
        raise KgonError("sets must be 0, for the population loss alone, or at least 2, got 1")
    chosen, whole = (
        chains or (FULL if full else QUICK),
        population or (FULL_WHOLE if full or not count else QUICK_WHOLE),
    )
    c, seed = check_integer("c", c, 4), check_seed(seed)
    for size in wanted if count else ():
        Source(c=c, n=size, data=1)  # refuses what is no whole number before anything is sampled
    labels = (*Basins(c).labels, OTHER)
    runs = _population(c, wanted, inverse, whole, seed, work)
    names = {(k, size): f"set-{k:03d}-n-{int(size)}" for size in wanted for k in range(1, count + 1)}
    tasks = {name: _task(c, size, inverse, k, chosen, seed, runs[0]) for (k, size), name in names.items()}
    found = work.run(tempered, tasks, "data set")
    shares = np.zeros((len(inverse), len(wanted), count, len(labels)))
    errors = np.zeros_like(shares)
    for (k, size), name in names.items():
        strengths = _strengths([size], inverse)
        for i, beta in enumerate(inverse):
            at = i, wanted.index(size), k - 1
            by_ensemble = _by_ensemble(found[name]["basin"][strengths.index(float(beta) * size)], len(labels))
            shares[at] = by_ensemble.mean(axis=0)
            errors[at] = spread_error(by_ensemble, axis=0)
    sizes = _strengths(wanted, inverse)
    pooled = np.stack([part["basin"] for part in runs], axis=1)  # (sizes, runs, ensembles, draws)
    members = np.array([_by_ensemble(x.reshape(-1, x.shape[-1]), len(labels)) for x in pooled])
    place = [[sizes.index(float(beta) * size) for size in wanted] for beta in inverse]
    trips = [int(part["round_trips"].sum()) for part in found.values()]
    population_trips = tuple(int(part["round_trips"].sum()) for part in runs)
    population_rhat = _largest_rhat([x.reshape(-1, x.shape[-1]) for x in pooled])
    sets_rhat = _largest_rhat([basin for part in found.values() for basin in part["basin"]])
    z = max(between_runs(x, _seen(x)) or 0.0 for x in pooled)
    return PosteriorOccupancy(
        c=c,
        n=wanted,
        betas=tuple(float(beta) for beta in inverse),
        labels=labels,
        members=members[place],
        runs=len(runs),
        data_seeds=tuple(range(1, count + 1)),
        sets=shares,
        sets_stderr=errors,
        population_rhat=population_rhat,
        sets_rhat=sets_rhat,
        largest_z=z if math.isfinite(z) else None,
        population_trips=population_trips,
        round_trips=(min(trips), max(trips)) if trips else (),
        health=_health(population_trips, population_rhat, z, trips, sets_rhat),
        ensembles=chosen.ensembles,
        draws=chosen.draws,
        thin=chosen.thin,
        population_draws=whole.draws,
        population_thin=whole.thin,
        seed=seed,
    )


def _strengths(n: Sequence[float], betas: Sequence[Fraction]) -> list[float]:
    """Every βn once, increasing."""
    return sorted({float(beta) * size for size in n for beta in betas})


def _population(
    c: int,
    n: Sequence[float],
    betas: Sequence[Fraction],
    chains: Chains,
    seed: int,
    work: Work,
) -> list[Arrays]:
    """Independent runs with the population loss, all sizes on one ladder."""
    sizes = _strengths(n, betas)
    tasks: dict[str, tuple[Any, ...]] = {
        f"population-{k}": (Source(c=c), sizes, chains, seed, (POPULATION, k)) for k in range(RUNS)
    }
    return list(work.run(tempered, tasks, "population run").values())


def _task(
    c: int, n: float, betas: Sequence[Fraction], data: int, chains: Chains, seed: int, measured: Arrays
) -> tuple[Any, ...]:
    """Arguments of ``tempered`` for one data set; its ladder is that of the population, as measured."""
    sizes = _strengths([n], betas)
    ladder = ladder_for(measured["strengths"], measured["rejection"], measured["step_sizes"], sizes)
    source = Source(c=c, n=n, data=data)
    return source, sizes, chains, seed, (DATA_SETS, int(n), data), (ladder.strengths, ladder.step_sizes)


def _by_ensemble(basin: NDArray[Any], count: int) -> Floats:
    """Shares (ensembles, labels) from the basins (ensembles, draws); the last label is that of −1."""
    names = np.where(basin < 0, count - 1, basin)
    return np.stack([np.mean(names == k, axis=1) for k in range(count)], axis=1)


def _seen(basin: NDArray[Any]) -> list[int]:
    """Phases with at least 2 % of the draws."""
    return [int(k) for k in np.unique(basin) if np.mean(basin == k) >= SEEN]


def _largest_rhat(basins: Sequence[NDArray[Any]]) -> float:
    """Largest split R̂ of the indicators of the phases that are seen; basins are (chains, draws)."""
    indicators = [(basin == k).astype(np.float64) for basin in basins for k in _seen(basin)]
    return max((rhat(indicator, ranks=False) or 1.0 for indicator in indicators), default=1.0)


def _health(
    population_trips: Sequence[int], population_rhat: float, z: float, trips: Sequence[int], sets_rhat: float
) -> str:
    """``good``, or every reason not to believe the shares."""
    reasons = []
    if sum(population_trips) < LEAST_ROUND_TRIPS:
        reasons.append(f"only {sum(population_trips)} round trips with the population loss")
    if population_rhat > LARGEST_RHAT:
        reasons.append(f"R-hat with the population loss {population_rhat:.3f} exceeds {LARGEST_RHAT}")
    if z > LARGEST_Z:
        reasons.append(f"the runs with the population loss differ by {z:.1f} standard errors")
    if few := sum(trip < LEAST_SET_TRIPS for trip in trips):
        reasons.append(f"{few} of {len(trips)} data sets have fewer than {LEAST_SET_TRIPS} round trips")
    if sets_rhat > SETS_RHAT:
        reasons.append(f"R-hat of a data set {sets_rhat:.3f} exceeds {SETS_RHAT}")
    return "; ".join(reasons) or "good"
