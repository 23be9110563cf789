"""Judge whether chains have mixed between the phases: round trips, R̂, effective draws, run against run."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from kgon.base.checks import Floats
from kgon.base.results import Record, result
from kgon.base.runs import Arrays
from kgon.base.verdicts import Health
from kgon.sampling.diagnostics import ess, rhat, spread_error

LARGEST_RHAT = 1.05
"""Split R̂ up to which the chains agree.

Vehtari et al. (2021) ask 1.01 of few long chains; many chains of e effective draws each show √(1 + 1/e).
"""
LEAST_ROUND_TRIPS = 50
"""Round trips wanted of all ensembles together: each is an independent look at the phases."""
LEAST_ESS = 100.0
"""Effective draws wanted: an occupancy of one half then has an error of 0.05."""
LARGEST_Z = 4.0
"""Standard errors by which the occupancies of two runs may differ."""
LEAST_SET_TRIPS = 20
"""Round trips wanted of a data set: its error, 0.1 at most, is then small against the spread of sets."""
SETS_RHAT = 1.15
"""Split R̂ of the worst of many data sets, of ten effective draws a chain: √(1 + 1/10) and chance."""
LARGEST = 1e6
"""R̂ and z are not reported beyond: JSON has no infinity, which they are where chains have no spread."""
SEEN = 0.02
"""Share from which on a phase is looked at for mixing."""


@result
class Mixing(Record):
    """How independent runs of one posterior have mixed.

    Attributes
    ----------
    ess, rhat : float or None
        Of the loss.
    occupancy_ess, occupancy_rhat : float or None
        Smallest and largest of the indicators of the phases that hold at least 2 %.
    largest_z : float or None
        Largest difference of an occupancy between two runs, in standard errors; None for a single run.
    round_trips : tuple of int
        Of each run.
    barrier : tuple of float
        Communication barrier Λ of each run.
    acceptance, rejection : tuple of float
        Lowest and highest of the Hamiltonian moves by rung, and of the exchanges.
    rungs : tuple of int
    """

    also: ClassVar[tuple[str, ...]] = ("health",)

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

    @classmethod
    def of(cls, runs: Sequence[Arrays], loss: Floats, basin: NDArray[np.int64]) -> Mixing:
        """Look at the arrays of ``tempered`` for each run; loss and basin (chains, draws) are of all runs."""
        seen = phases_seen(basin)
        indicators = [(basin == k).astype(np.float64) for k in seen]
        return cls(
            ess=ess(loss),
            rhat=_capped(rhat(loss)),
            occupancy_ess=min(_known(map(ess, indicators)), default=None),
            occupancy_rhat=_capped(max(_known(rhat(x, ranks=False) for x in indicators), default=None)),
            largest_z=_capped(between_runs(basin.reshape(len(runs), -1, basin.shape[1]), seen)),
            round_trips=tuple(int(run["round_trips"].sum()) for run in runs),
            barrier=tuple(float(run["rejection"].sum()) for run in runs),
            acceptance=_ends([run["acceptance"] for run in runs]),
            rejection=_ends([run["rejection"] for run in runs]),
            rungs=tuple(len(run["strengths"]) for run in runs),
        )

    @property
    def health(self) -> Health:
        """Every reason not to believe the draws."""
        trips = sum(self.round_trips)
        worst = max(_known([self.rhat, self.occupancy_rhat]), default=1.0)
        least = min(_known([self.ess, self.occupancy_ess]), default=math.inf)
        return Health.of(
            (trips < LEAST_ROUND_TRIPS, "only {trips} round trips, {wanted} are wanted"),
            (worst > LARGEST_RHAT, "R-hat {worst:.3f} exceeds {limit}, the ensembles disagree"),
            (least < LEAST_ESS, "only {least:.0f} effective draws, {size:g} are wanted"),
            ((self.largest_z or 0) > LARGEST_Z, "the runs differ by {z:.1f} standard errors"),
            **{"trips": trips, "worst": worst, "least": least, "z": self.largest_z},
            wanted=LEAST_ROUND_TRIPS,
            limit=LARGEST_RHAT,
            size=LEAST_ESS,
        )

    def rows(self) -> list[tuple[str, str]]:
        """Lines of a printed result."""
        return [
            ("effective draws, loss; phases", f"{_number(self.ess, 0)}; {_number(self.occupancy_ess, 0)}"),
            ("split R̂, loss; phases", f"{_number(self.rhat, 4)}; {_number(self.occupancy_rhat, 4)}"),
            ("between runs", "-" if self.largest_z is None else f"|z| <= {self.largest_z:.2f}"),
            ("round trips by run", ", ".join(map(str, self.round_trips))),
            ("communication barrier Λ; rungs", f"{max(self.barrier):.1f}; {max(self.rungs)}"),
            ("acceptance of the moves", f"{self.acceptance[0]:.2f} to {self.acceptance[1]:.2f}"),
            ("rejection of the exchanges", f"{self.rejection[0]:.2f} to {self.rejection[1]:.2f}"),
        ]


@result
class OccupancyMixing(Record):
    """How the runs with the population loss, and those with data sets, have mixed.

    Attributes
    ----------
    population_rhat, sets_rhat : float
        Largest split R̂ of the indicators of phases that hold 2 % or more.
    largest_z : float
        Largest difference of an occupancy between two runs with the population loss, in standard errors.
    population_trips : tuple of int
        Round trips of each run, all ensembles together.
    round_trips : tuple of int
        The same of every data set.
    """

    also: ClassVar[tuple[str, ...]] = ("health",)

    population_rhat: float
    sets_rhat: float
    largest_z: float
    population_trips: tuple[int, ...]
    round_trips: tuple[int, ...]

    @classmethod
    def of(cls, population: Sequence[Arrays], sets: Sequence[Arrays]) -> OccupancyMixing:
        """Look at what ``tempered`` gives for the runs with the population loss, and for every data set."""
        pooled = np.stack([run["basin"] for run in population], axis=1)  # (sizes, runs, ensembles, draws)
        return cls(
            population_rhat=_largest_rhat(x.reshape(-1, x.shape[-1]) for x in pooled),
            sets_rhat=_largest_rhat(basin for run in sets for basin in run["basin"]),
            largest_z=min(LARGEST, max(between_runs(x, phases_seen(x)) or 0.0 for x in pooled)),
            population_trips=tuple(int(run["round_trips"].sum()) for run in population),
            round_trips=tuple(int(run["round_trips"].sum()) for run in sets),
        )

    @property
    def health(self) -> Health:
        """Every reason not to believe the shares."""
        trips, few = sum(self.population_trips), sum(x < LEAST_SET_TRIPS for x in self.round_trips)
        return Health.of(
            (trips < LEAST_ROUND_TRIPS, "only {trips} round trips with the population loss"),
            (
                self.population_rhat > LARGEST_RHAT,
                "R-hat with the population loss {population_rhat:.3f} exceeds {limit}",
            ),
            (
                self.largest_z > LARGEST_Z,
                "the runs with the population loss differ by {largest_z:.1f} standard errors",
            ),
            (few > 0, "{few} of {sets} data sets have fewer than {least} round trips"),
            (self.sets_rhat > SETS_RHAT, "R-hat of a data set {sets_rhat:.3f} exceeds {sets_limit}"),
            **{**self.by_name(), "trips": trips, "few": few, "sets": len(self.round_trips)},
            least=LEAST_SET_TRIPS,
            limit=LARGEST_RHAT,
            sets_limit=SETS_RHAT,
        )


def phases_seen(basin: NDArray[Any]) -> list[int]:
    """Find the phases with at least 2 % of the draws."""
    return [int(k) for k in np.unique(basin) if np.mean(basin == k) >= SEEN]


def between_runs(basin: NDArray[Any], seen: Sequence[int]) -> float | None:
    """Compare the occupancies of runs: the largest absolute difference of two, over its standard error.

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


def _largest_rhat(basins: Iterable[NDArray[Any]]) -> float:
    """Largest split R̂ of the indicators of the phases that are seen; basins are (chains, draws)."""
    indicators = [(basin == k).astype(np.float64) for basin in basins for k in phases_seen(basin)]
    return min(LARGEST, max((rhat(x, ranks=False) or 1.0 for x in indicators), default=1.0))


def _capped(value: float | None) -> float | None:
    return None if value is None else min(value, LARGEST)


def _known(values: Iterable[float | None]) -> list[float]:
    return [x for x in values if x is not None]


def _ends(values: Sequence[Floats]) -> tuple[float, float]:
    return float(min(x.min() for x in values)), float(max(x.max() for x in values))


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
