"""Sample the occupancy of the phases against n, with the population loss and with data sets and their spread.

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
from kgon.experiments.posterior.chains import DATA_SETS, POPULATION, Chains, Source, ladder_from, tempered
from kgon.experiments.posterior.draws import RUNS
from kgon.experiments.posterior.mixing import OccupancyMixing
from kgon.experiments.posterior.occupancy_result import PosteriorOccupancy
from kgon.free_energy.conventions import check_beta
from kgon.kgons.basins import Basins
from kgon.potential.model import TMS
from kgon.sampling.diagnostics import spread_error

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
    c: int | TMS = 6,
    betas: Sequence[float | str] = BETAS,
    seed: int = 0,
    work: Work = HERE,
) -> PosteriorOccupancy:
    """Sample the occupancy of all phases by parallel tempering.

    Parameters
    ----------
    effort : OccupancyEffort
        ``QUICK``, ``FULL``, or one of your own.
    c : int or TMS
        Features (r = 2); or a model with probabilities and importances of its own, whose basins are those of
        its k-gons, as in ``sample_evidence``.
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
    tms, seed = TMS.of(c), check_seed(seed)
    whole = Source(c=tms.c, model=tms.own)
    sizes, phases = _strengths(effort.n, inverse), Basins(tms).phases
    population = {
        f"population-{k}": (whole, sizes, effort.population, seed, (POPULATION, k)) for k in range(RUNS)
    }
    runs = list(work.run(tempered, population, "population run").values())
    members = _by_ensemble(np.concatenate([run["basin"] for run in runs], axis=1), len(phases))
    sources = [replace(whole, n=n, data_seed=k) for n in effort.n for k in range(1, effort.sets + 1)]
    tasks = dict(_task(source, inverse, effort.chains, seed, runs[0]) for source in sources)
    sets = list(work.run(tempered, tasks, "data set").values())
    # By β, n, data set and phase; the strengths of a data set are its βn.
    shares, errors = np.zeros((2, len(inverse), len(effort.n), effort.sets, len(phases)))
    for at, (source, run) in enumerate(zip(sources, sets, strict=True)):
        strengths = _strengths([source.n], inverse)
        for i, beta in enumerate(inverse):
            each = _by_ensemble(run["basin"][strengths.index(float(beta) * source.n)], len(phases))
            place = i, *divmod(at, effort.sets)
            shares[place], errors[place] = each.mean(axis=0), spread_error(each, axis=0)
    return PosteriorOccupancy(
        c=whole.c,
        n=effort.n,
        betas=tuple(float(beta) for beta in inverse),
        labels=phases,
        members=members[[[sizes.index(float(beta) * n) for n in effort.n] for beta in inverse]],
        runs=len(runs),
        data_seeds=tuple(range(1, effort.sets + 1)),
        sets=shares,
        sets_stderr=errors,
        mixing=OccupancyMixing.of(runs, sets),
        chains=effort.chains,
        population_chains=effort.population,
        seed=seed,
        model=whole.model,
    )


def _strengths(n: Sequence[float], betas: Sequence[Fraction]) -> list[float]:
    """Every βn once, increasing."""
    return sorted({float(beta) * size for size in n for beta in betas})


def _task(
    source: Source, betas: Sequence[Fraction], chains: Chains, seed: int, measured: Arrays
) -> tuple[str, tuple[Any, ...]]:
    """Name and arguments of ``tempered`` for a data set; its ladder comes from what the population showed."""
    n, sizes = int(source.n), _strengths([source.n], betas)
    place = (DATA_SETS, n, source.data_seed)
    task = source, sizes, chains, seed, place, ladder_from(measured, sizes)
    return f"set-{source.data_seed:03d}-n-{n}", task


def _by_ensemble(basin: NDArray[Any], count: int) -> Floats:
    """Shares (…, ensembles, phases) from the phases (…, ensembles, draws) of all draws."""
    return np.asarray(np.mean(basin[..., None] == np.arange(count), axis=-2))
