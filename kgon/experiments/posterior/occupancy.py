"""Occupancy of the phases against n by sampling: population loss, and real data sets with their spread.

With the population loss all sizes and all β are rungs of one ladder; with data every set and every n is a
posterior of its own, whose ladder holds βn for all β.  Data set k at n is ``kgon.sample(TMS(c), n, seed=k)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgon.base.checks import Floats, assign, check_increasing, check_integer, check_seed, refusal
from kgon.base.runs import Arrays
from kgon.base.verdicts import KgonError
from kgon.base.work import HERE, Work
from kgon.experiments.posterior.chains import DATA_SETS, POPULATION, Chains, Source, tempered
from kgon.experiments.posterior.draws import RUNS
from kgon.experiments.posterior.mixing import OccupancyMixing
from kgon.experiments.posterior.occupancy_result import PosteriorOccupancy
from kgon.free_energy.conventions import check_beta
from kgon.kgons.basins import OTHER, Basins
from kgon.sampling.diagnostics import spread_error
from kgon.sampling.tempering import ladder_for

BETAS: tuple[float | str, ...] = (1, "1/2")


@dataclass(frozen=True, slots=True, kw_only=True)
class OccupancyEffort:
    """At which sizes the posterior is sampled, and how much.

    Attributes
    ----------
    n : tuple of float
        Sample sizes, increasing; whole numbers where there are data sets.
    sets : int
        Data sets per n, with seeds 1, 2, …; at least 2, or 0 for the population loss alone.
    chains, population : Chains
        Of every data set; of each of the two runs with the population loss.
    """

    n: tuple[float, ...]
    sets: int
    chains: Chains
    population: Chains

    def __post_init__(self) -> None:
        if check_integer("sets", self.sets, 0) == 1:
            raise refusal("sets", "0, for the population loss alone, or at least 2", self.sets)
        assign(self, n=tuple(float(x) for x in check_increasing("n", self.n)))


QUICK = OccupancyEffort(
    n=(100, 200, 400, 800),
    sets=6,
    chains=Chains(ensembles=4, draws=50),
    population=Chains(ensembles=12, draws=100),
)
FULL = OccupancyEffort(
    n=(100, 160, 210, 270, 340, 420, 600, 850, 1200),
    sets=20,
    chains=Chains(ensembles=16, draws=100, thin=6),
    population=Chains(ensembles=32, draws=100),
)


def posterior_occupancy(
    effort: OccupancyEffort = QUICK,
    *,
    c: int = 6,
    betas: Sequence[float | str] = BETAS,
    seed: int = 0,
    work: Work = HERE,
) -> PosteriorOccupancy:
    """Occupancy of all phases by parallel tempering.

    Parameters
    ----------
    effort : OccupancyEffort
        ``QUICK``, ``FULL``, or one of your own.
    c : int
    betas : sequence
        Inverse temperatures.
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
    >>> effort = OccupancyEffort(n=(20, 40), sets=2, chains=few, population=few)
    >>> found = posterior_occupancy(effort, betas=[1])
    >>> found.sets.shape, np.allclose(found.sets.sum(axis=-1), 1)
    ((1, 2, 2, 11), True)
    """
    inverse = [check_beta(beta) for beta in betas]
    if not inverse or len(set(inverse)) < len(inverse):
        raise KgonError(f"the betas must be different, got {[float(x) for x in inverse]}")
    whole, seed = Source(c=c), check_seed(seed)
    data = {
        (size, k): replace(whole, n=size, data_seed=k) for size in effort.n for k in range(1, effort.sets + 1)
    }
    sizes = _strengths(effort.n, inverse)
    population = {
        f"population-{k}": (whole, sizes, effort.population, seed, (POPULATION, k)) for k in range(RUNS)
    }
    runs = list(work.run(tempered, population, "population run").values())
    tasks = {
        f"set-{k:03d}-n-{int(size)}": _task(source, inverse, effort.chains, seed, runs[0])
        for (size, k), source in data.items()
    }
    found = dict(zip(data, work.run(tempered, tasks, "data set").values(), strict=True))
    labels = (*Basins(whole.c).labels, OTHER)
    members = _by_ensemble(np.concatenate([run["basin"] for run in runs], axis=1), len(labels))
    place = [[sizes.index(float(beta) * size) for size in effort.n] for beta in inverse]
    shares, errors = np.zeros((2, len(inverse), len(effort.n), effort.sets, len(labels)))
    for (size, k), arrays in found.items():
        strengths, at = _strengths([size], inverse), (effort.n.index(size), k - 1)
        for i, beta in enumerate(inverse):
            each = _by_ensemble(arrays["basin"][strengths.index(float(beta) * size)], len(labels))
            shares[i, *at], errors[i, *at] = each.mean(axis=0), spread_error(each, axis=0)
    return PosteriorOccupancy(
        c=whole.c,
        n=effort.n,
        betas=tuple(float(beta) for beta in inverse),
        labels=labels,
        members=members[place],
        runs=len(runs),
        data_seeds=tuple(range(1, effort.sets + 1)),
        sets=shares,
        sets_stderr=errors,
        mixing=OccupancyMixing.of(runs, list(found.values())),
        chains=effort.chains,
        population_chains=effort.population,
        seed=seed,
    )


def _strengths(n: Sequence[float], betas: Sequence[Fraction]) -> list[float]:
    """Every βn once, increasing."""
    return sorted({float(beta) * size for size in n for beta in betas})


def _task(
    source: Source, betas: Sequence[Fraction], chains: Chains, seed: int, measured: Arrays
) -> tuple[Any, ...]:
    """Arguments of ``tempered`` for one data set; its ladder is that of the population, as measured."""
    sizes, place = _strengths([source.n], betas), (DATA_SETS, int(source.n), source.data_seed)
    ladder = ladder_for(measured["strengths"], measured["rejection"], measured["step_sizes"], sizes)
    return source, sizes, chains, seed, place, (ladder.strengths, ladder.step_sizes)


def _by_ensemble(basin: NDArray[Any], count: int) -> Floats:
    """Shares (…, ensembles, labels) from basins (…, ensembles, draws); the last label is that of −1."""
    names = np.where(basin < 0, count - 1, basin)
    return np.stack([np.mean(names == k, axis=-1) for k in range(count)], axis=-1)
