"""Occupancy of the phases against n by sampling: population loss, and real data sets with their spread.

With the population loss all sizes and all β are rungs of one ladder; with data every set and every n is a
posterior of its own, whose ladder holds βn for all β.  Data set k at n is ``kgon.sample(TMS(c), n, seed=k)``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from kgon.experiments.basins import OTHER, Basins
from kgon.experiments.posterior import LARGEST_RHAT, RUNS, share_text, spread_error
from kgon.experiments.posterior_run import Chains, Source, key, tempered
from kgon.free_energy import check_beta
from kgon.model import Floats, check_integer
from kgon.parallel import Arrays, Progress, Workers, run
from kgon.results import KgonError, Result, result
from kgon.simulate.diagnostics import rhat
from kgon.simulate.tempering import ladder_for

SIZES = (100, 160, 210, 270, 340, 420, 600, 850, 1200)
"""Default n."""
BETAS: tuple[float | str, ...] = (1, "1/2")
QUICK, FULL = Chains(ensembles=4, draws=50), Chains(ensembles=16, draws=100, thin=6)
"""Chains of every data set."""
QUICK_POPULATION, POPULATION = Chains(ensembles=12, draws=100), Chains(ensembles=32, draws=100)
"""Chains of each of the two population runs."""
QUICK_SETS, FULL_SETS = 6, 20
QUICK_SIZES = (100, 200, 400, 800)
FIRST_SET = 1000
"""Index of the random numbers of the first data set; the population runs have the first ones."""
SEEN = 0.02
"""Share from which on a phase is looked at for mixing."""
LEAST_ROUND_TRIPS = 20
"""Of a data set, all ensembles together: its error, 0.1 at most, is then small against the spread of sets."""
SETS_RHAT = 1.15
"""Of the worst of many data sets, whose chains have some ten effective draws each: √(1 + 1/10) and chance."""
SHOWN = 3
"""Phases per line of the printed result."""


@result
class PosteriorOccupancy(Result):
    """Occupancy of every phase, sampled.

    Attributes
    ----------
    c : int
    n : tuple of float
    betas : tuple of float
    labels : tuple of str
        Basins by increasing loss, and ``other``.
    population, population_stderr : (betas, n, labels) arrays
        With the population loss; all runs together.
    runs : (runs, betas, n, labels) array
        The same by run; the runs are independent.
    runs_stderr : (runs, betas, n, labels) array
    data_seeds : tuple of int
    sets, sets_stderr : (betas, n, sets, labels) arrays
        By data set; the error is that of the sampling.
    population_rhat, sets_rhat : float
        Largest split R̂ of the indicators of phases that hold 2 % or more.
    round_trips : tuple of int
        Smallest and largest number in one data set, all ensembles together.
    health : str
        ``good``, or what speaks against the draws, separated by semicolons.
    ensembles, draws : int
        Of every data set.
    seed : int
    """

    schema: ClassVar[str] = "posterior-occupancy"

    c: int
    n: tuple[float, ...]
    betas: tuple[float, ...]
    labels: tuple[str, ...]
    population: np.ndarray
    population_stderr: np.ndarray
    runs: np.ndarray
    runs_stderr: np.ndarray
    data_seeds: tuple[int, ...]
    sets: np.ndarray
    sets_stderr: np.ndarray
    population_rhat: float
    sets_rhat: float
    round_trips: tuple[int, ...]
    health: str
    ensembles: int
    draws: int
    seed: int

    @property
    def healthy(self) -> bool:
        """Whether nothing speaks against the shares."""
        return self.health == "good"

    def headline(self) -> str:
        betas = ", ".join(f"{beta:g}" for beta in self.betas)
        return (
            f"occupancy at c = {self.c} for n = {self.n[0]:g} to {self.n[-1]:g}, beta = {betas}: population "
            f"loss and {len(self.data_seeds)} data sets per n"
        )

    def rows(self) -> Sequence[tuple[str, str]]:
        lines = []
        for i, beta in enumerate(self.betas):
            for j, n in enumerate(self.n):
                largest = sorted(range(len(self.labels)), key=lambda k: -self.population[i, j, k])[:SHOWN]
                cells = [self._cell(i, j, k) for k in sorted(largest)]
                lines.append((f"n = {n:g}, beta = {beta:g}", "   ".join(cells)))
        several = len(self.data_seeds) > 0
        return [
            ("", f"population loss{' | mean over data sets' if several else ''}"),
            *lines,
            ("split R̂, population", f"at most {self.population_rhat:.3f}"),
            *([("split R̂, data sets", f"at most {self.sets_rhat:.3f}")] if several else []),
            *([("round trips per data set", " to ".join(map(str, self.round_trips)))] if several else []),
            ("health", self.health),
            ("sampling per data set", f"{self.ensembles} ensembles × {self.draws} draws, seed {self.seed}"),
        ]

    def _cell(self, beta: int, n: int, k: int) -> str:
        error = self.population_stderr[beta, n, k]
        whole = share_text(self.population[beta, n, k], error)
        if not self.data_seeds:
            return f"{self.labels[k]}: {whole}"
        mean, error, _ = self.over_sets(beta, n, [k])
        return f"{self.labels[k]}: {whole} | {share_text(mean, error)}"

    def over_sets(self, beta: int, n: int, labels: Sequence[int]) -> tuple[float, float, float]:
        """Mean over the data sets of the share of some labels, its standard error, and the spread (sd)."""
        shares = self.sets[beta, n][:, list(labels)].sum(axis=1)
        return float(shares.mean()), spread_error(shares), float(shares.std(ddof=1))

    def shares(self, beta: int = 0) -> dict[str, tuple[Floats, Floats]]:
        """Share and standard error of every label by n: mean over the data sets where there are any."""
        found = {}
        for k, label in enumerate(self.labels):
            if self.data_seeds:
                both = [self.over_sets(beta, j, [k])[:2] for j in range(len(self.n))]
                found[label] = np.array([x for x, _ in both]), np.array([x for _, x in both])
            else:
                found[label] = self.population[beta, :, k], self.population_stderr[beta, :, k]
        return found

    def notes(self) -> list[str]:
        """What was sampled, and whether it mixed."""
        what = f"mean over {len(self.data_seeds)} data sets per n" if self.data_seeds else "population loss"
        return [
            f"share of each basin in the posterior by parallel tempering, {what}; other: no k-gon",
            f"mixing: {self.health}",
        ]

    def index(self, *labels: str) -> list[int]:
        """Positions of labels."""
        for label in labels:
            if label not in self.labels:
                raise KgonError(f"{label!r} is none of the basins {', '.join(self.labels)}")
        return [self.labels.index(label) for label in labels]

    def crossover(
        self, first: Sequence[str], second: Sequence[str], beta: int, *, data: bool
    ) -> tuple[float, float] | None:
        """n at which two unions of phases are equally occupied, on average, and its standard error.

        The log ratio of the mean shares is interpolated in log n; the error is a delete-one jackknife over
        data sets, and for the population propagates that of the shares.

        Returns
        -------
        (n, stderr), or None where the ratio does not change sign once within ``n``.
        """
        one, two = self.index(*first), self.index(*second)
        size = np.log(np.array(self.n, dtype=np.float64))
        if not data:
            a, b = (self.population[beta][:, k].sum(axis=1) for k in (one, two))
            ea, eb = (np.hypot.reduce(self.population_stderr[beta][:, k], axis=1) for k in (one, two))
            with np.errstate(divide="ignore", invalid="ignore"):
                ratio, error = np.log(a / b), np.hypot(ea / a, eb / b)
            at = _root(size, ratio)
            if at is None:
                return None
            value, left, slope = at
            return math.exp(value), math.exp(value) * float(np.max(error[left : left + 2])) / abs(slope)
        shares = [self.sets[beta][:, :, k].sum(axis=2) for k in (one, two)]

        def crossing(keep: NDArray[np.bool_]) -> float:
            with np.errstate(divide="ignore", invalid="ignore"):
                found = _root(size, np.log(shares[0][:, keep].mean(axis=1) / shares[1][:, keep].mean(axis=1)))
            return math.nan if found is None else found[0]

        count = len(self.data_seeds)
        whole = crossing(np.ones(count, dtype=np.bool_))
        left_out = np.array([crossing(np.arange(count) != k) for k in range(count)])
        if math.isnan(whole) or np.isnan(left_out).any():
            return None
        error = math.sqrt((count - 1) / count * np.sum((left_out - left_out.mean()) ** 2))
        return math.exp(whole), math.exp(whole) * error


def _root(x: Floats, y: Floats) -> tuple[float, int, float] | None:
    """The only sign change of y by linear interpolation: place, index on its left, slope."""
    known = np.flatnonzero(np.isfinite(y))
    x, y = x[known], y[known]
    changes = np.flatnonzero(np.sign(y[1:]) != np.sign(y[:-1]))
    if len(changes) != 1:
        return None
    k = int(changes[0])
    slope = (y[k + 1] - y[k]) / (x[k + 1] - x[k])
    return float(x[k] - y[k] / slope), int(known[k]), float(slope)


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
    workers: Workers = 1,
    folder: str | Path | None = None,
    progress: Progress = None,
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
    workers, folder, progress
        See ``parallel.run``.

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
    wanted = tuple(float(x) for x in ((SIZES if full else QUICK_SIZES) if n is None else n))
    if not wanted or not all(0 < x < math.inf for x in wanted) or any(a >= b for a, b in pairwise(wanted)):
        raise KgonError(f"n must be positive, finite and increasing, got {list(wanted)}")
    inverse = [check_beta(beta) for beta in betas]
    if not inverse or len(set(inverse)) < len(inverse):
        raise KgonError(f"the betas must be different, got {[float(x) for x in inverse]}")
    count = check_integer("sets", (FULL_SETS if full else QUICK_SETS) if sets is None else sets, 0)
    if count == 1:
        raise KgonError("sets must be 0, for the population loss alone, or at least 2, got 1")
    chosen, whole = (
        chains or (FULL if full else QUICK),
        population or (POPULATION if full or not count else QUICK_POPULATION),
    )
    labels = (*Basins(c).labels, OTHER)
    runs = _population(c, wanted, inverse, whole, seed, workers, folder, progress)
    sized = {
        f"set-{k:03d}-n-{size:g}": _task(c, size, inverse, k, chosen, seed, runs[0])
        for size in wanted
        for k in range(1, count + 1)
    }
    found = run(
        tempered,
        sized,
        workers=workers,
        folder=folder,
        key=key(chosen, c=c, n=wanted, betas=[str(x) for x in inverse], whole=key(whole), seed=seed),
        progress=progress,
        what="data set",
    )
    by_run, run_errors = _population_shares(runs, wanted, inverse, len(labels))
    pooled = np.concatenate([_by_ensemble(part, wanted, inverse, len(labels)) for part in runs], axis=2)
    shares = np.zeros((len(inverse), len(wanted), count, len(labels)))
    errors = np.zeros_like(shares)
    parts = iter(found.values())
    for j, size in enumerate(wanted):
        strengths = _strengths([size], inverse)
        for k in range(count):
            basin = next(parts)["basin"]
            for i, beta in enumerate(inverse):
                here = basin[strengths.index(float(beta) * size)]
                shares[i, j, k], errors[i, j, k] = _shares(here, len(labels))
    trips = [int(part["round_trips"].sum()) for part in found.values()]
    population_rhat = _largest_rhat(
        [np.concatenate([part["basin"][k] for part in runs]) for k in range(len(runs[0]["basin"]))]
    )
    sets_rhat = _largest_rhat([basin for part in found.values() for basin in part["basin"]])
    return PosteriorOccupancy(
        c=c,
        n=wanted,
        betas=tuple(float(beta) for beta in inverse),
        labels=labels,
        population=pooled.mean(axis=2),
        population_stderr=pooled.std(axis=2, ddof=1) / math.sqrt(pooled.shape[2]),
        runs=by_run,
        runs_stderr=run_errors,
        data_seeds=tuple(range(1, count + 1)),
        sets=shares,
        sets_stderr=errors,
        population_rhat=population_rhat,
        sets_rhat=sets_rhat,
        health=_health(trips, population_rhat, sets_rhat),
        round_trips=(min(trips), max(trips)) if trips else (),
        ensembles=chosen.ensembles,
        draws=chosen.draws,
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
    workers: Workers,
    folder: str | Path | None,
    progress: Progress,
) -> list[Arrays]:
    """Independent runs with the population loss, all sizes on one ladder."""
    sizes = _strengths(n, betas)
    tasks: dict[str, tuple[Any, ...]] = {
        f"population-{k}": (Source(c=c), sizes, chains, seed, k) for k in range(RUNS)
    }
    found = run(
        tempered, tasks, workers=workers, folder=folder, key=key(chains, c=c, sizes=sizes, seed=seed),
        progress=progress, what="population run",
    )  # fmt: skip
    return list(found.values())


def _task(
    c: int, n: float, betas: Sequence[Fraction], data: int, chains: Chains, seed: int, measured: Arrays
) -> tuple[Any, ...]:
    """Arguments of ``tempered`` for one data set; its ladder is that of the population, as measured."""
    sizes = _strengths([n], betas)
    ladder = ladder_for(measured["strengths"], measured["rejection"], measured["step_sizes"], sizes)
    source = Source(c=c, n=n, data=data)
    # One stream of random numbers per data set and n.
    return source, sizes, chains, seed, FIRST_SET * (int(n) + 1) + data, (ladder.strengths, ladder.step_sizes)


def _shares(basin: NDArray[Any], count: int) -> tuple[Floats, Floats]:
    """Share of every label and its error from the spread of the ensembles: basin is (ensembles, draws)."""
    names = np.where(basin < 0, count - 1, basin)
    by_ensemble = np.array([np.mean(names == k, axis=1) for k in range(count)])
    return by_ensemble.mean(axis=1), by_ensemble.std(axis=1, ddof=1) / math.sqrt(by_ensemble.shape[1])


def _by_ensemble(part: Arrays, n: Sequence[float], betas: Sequence[Fraction], count: int) -> Floats:
    """Shares (betas, n, ensembles, labels) of a population run."""
    sizes = _strengths(n, betas)
    names = np.where(part["basin"] < 0, count - 1, part["basin"])
    shares = np.stack([np.mean(names == k, axis=2) for k in range(count)], axis=-1)
    return np.array([[shares[sizes.index(float(beta) * size)] for size in n] for beta in betas])


def _population_shares(
    runs: Sequence[Arrays], n: Sequence[float], betas: Sequence[Fraction], count: int
) -> tuple[Floats, Floats]:
    """Shares and errors (runs, betas, n, labels)."""
    parts = [_by_ensemble(part, n, betas, count) for part in runs]
    errors = [part.std(axis=2, ddof=1) / math.sqrt(part.shape[2]) for part in parts]
    return np.array([part.mean(axis=2) for part in parts]), np.array(errors)


def _health(trips: Sequence[int], population_rhat: float, sets_rhat: float) -> str:
    """``good``, or every reason not to believe the shares."""
    reasons = []
    few = sum(trip < LEAST_ROUND_TRIPS for trip in trips)
    if few:
        reasons.append(f"{few} of {len(trips)} data sets have fewer than {LEAST_ROUND_TRIPS} round trips")
    for name, value, limit in (
        ("with the population loss", population_rhat, LARGEST_RHAT), ("of a data set", sets_rhat, SETS_RHAT),
    ):  # fmt: skip
        if value > limit:
            reasons.append(f"R-hat {name} {value:.3f} exceeds {limit}")
    return "; ".join(reasons) or "good"


def _largest_rhat(basins: Sequence[NDArray[Any]]) -> float:
    """Largest split R̂ of the indicators of phases with at least 2 %."""
    largest = 1.0
    for basin in basins:
        for k in np.unique(basin):
            indicator = (basin == k).astype(np.float64)
            if indicator.mean() >= SEEN:
                largest = max(largest, rhat(indicator, ranks=False) or 1.0)
    return largest
