"""Sampled occupancies of the phases against n, with the n at which two of them are equal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from kgon.base import text
from kgon.base.checks import Floats
from kgon.base.results import Result, only_given, part, result
from kgon.base.verdicts import Health, KgonError
from kgon.experiments.posterior.chains import Chains
from kgon.experiments.posterior.draws import share_text
from kgon.experiments.posterior.mixing import OccupancyMixing
from kgon.free_energy.dominance import OccupancyCurves
from kgon.kgons.basins import OTHER
from kgon.kgons.labels import Label
from kgon.kgons.names import parse_known
from kgon.potential.model import TMS
from kgon.sampling.diagnostics import jackknife_error, spread_error

SHOWN = 3
"""Phases per line of the printed result."""
LARGEST_LOG = 8.0
"""Cut of the log ratio of two shares, for phases that no draw is in."""


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
    members : (betas, n, runs · ensembles, labels) array
        By ensemble of the runs with the population loss, those of run 0 first.
    runs : int
        Independent runs with the population loss.
    data_seeds : tuple of int
    sets, sets_stderr : (betas, n, sets, labels) arrays
        By data set; the error is that of the sampling.
    mixing : OccupancyMixing
    chains, population_chains : Chains
        Of every data set; of every run with the population loss.
    seed : int
    model : TMS or None
        The model, where its weights are not uniform.
    """

    c: int
    n: tuple[float, ...]
    betas: tuple[float, ...]
    labels: tuple[str, ...]
    members: np.ndarray
    runs: int
    data_seeds: tuple[int, ...]
    sets: np.ndarray
    sets_stderr: np.ndarray
    mixing: OccupancyMixing = part()
    chains: Chains = part()
    population_chains: Chains = part(
        ensembles="population_ensembles", draws="population_draws", thin="population_thin"
    )
    seed: int
    model: TMS | None = only_given()

    @property
    def population(self) -> Floats:
        """Shares with the population loss, (betas, n, labels): all ensembles together."""
        return np.asarray(self.members.mean(axis=2))

    @property
    def population_stderr(self) -> Floats:
        """Their standard errors, from the spread of the ensembles."""
        return np.asarray(spread_error(self.members, axis=2))

    def by_run(self) -> tuple[Floats, Floats]:
        """Shares with the population loss and their standard errors by run, (runs, betas, n, labels)."""
        shape = (*self.members.shape[:2], self.runs, -1, len(self.labels))
        parts = np.moveaxis(self.members.reshape(shape), 2, 0)
        return parts.mean(axis=3), spread_error(parts, axis=3)

    @property
    def health(self) -> Health:
        """Whether to believe the shares."""
        return self.mixing.health

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
        several, mixing, whole = len(self.data_seeds) > 0, self.mixing, self.population_chains
        trips = ", ".join(map(str, mixing.population_trips))
        drawn = f"{self.runs} × {whole.ensembles} × {whole.draws}, every {whole.thin}th"
        rows = [
            ("", f"population loss{' | mean over data sets' if several else ''}"),
            *lines,
            *self._crossovers(),
            ("population: runs × ensembles × draws", f"{drawn}; seed {self.seed}"),
            (
                "  split R̂; between runs; round trips",
                f"{mixing.population_rhat:.3f}; |z| <= {mixing.largest_z:.2f}; {trips}",
            ),
        ]
        if several:
            low, high = min(mixing.round_trips), max(mixing.round_trips)
            drawn = f"{self.chains.ensembles} × {self.chains.draws}, every {self.chains.thin}th"
            rows += [
                ("per data set: ensembles × draws", drawn),
                ("  split R̂; round trips", f"at most {mixing.sets_rhat:.3f}; {low} to {high}"),
            ]
        return [*rows, *self.health.rows()]

    def _crossovers(self) -> list[tuple[str, str]]:
        """n at which the lowest phase overtakes the next one with fewer vertices and dead columns."""
        lowest, *others = (parse_known(label) for label in self.labels if label != OTHER)
        polygons = (x for x in others if isinstance(x, Label) and not x.sigma and not x.phi)
        rival = next((str(x) for x in polygons if x.k != lowest.k), None)
        lines = []
        for i, beta in enumerate(self.betas if rival else ()):
            cells = []
            for data in (False, True) if self.data_seeds else (False,):
                found = self.crossover((str(rival),), (str(lowest),), i, data=data)
                cells.append("-" if found is None else text.with_error(*found))
            lines.append((f"{rival} and {lowest} equal, beta = {beta:g}", "n = " + " | ".join(cells)))
        return lines

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
        return float(shares.mean()), float(spread_error(shares)), float(shares.std(ddof=1))

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

    def curves(self, beta: Any = 1) -> OccupancyCurves:
        """The shares at the first β, which is ``beta``, as curves."""
        what = f"mean over {len(self.data_seeds)} data sets per n" if self.data_seeds else "population loss"
        notes = (
            f"share of each basin in the posterior by parallel tempering, {what}; other: no k-gon",
            f"mixing: {self.health}",
        )
        about = {"c": self.c, "theory": "mcmc", "beta": str(beta), "health": self.health, "model": self.model}
        return OccupancyCurves.of(self.n, self.shares(), notes=notes, **about)

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

        The log ratio of the mean shares is interpolated in log n.  The error is a delete-one jackknife: over
        the data sets, or over the population's ensembles.

        Returns
        -------
        (n, stderr), or None where the ratio does not change sign once within ``n`` in every subset.
        """
        one, two = self.index(*first), self.index(*second)
        parts = np.moveaxis((self.sets if data else self.members)[beta], 1, 0)  # (averaged over, n, labels)
        shares = [parts[:, :, k].sum(axis=2) for k in (one, two)]
        size = np.log(np.array(self.n, dtype=np.float64))

        def crossing(keep: np.ndarray) -> float:
            a, b = (share[keep].mean(axis=0) for share in shares)
            with np.errstate(divide="ignore", invalid="ignore"):
                ratio = np.clip(np.log(a / b), -LARGEST_LOG, LARGEST_LOG)
            return root(size, ratio)

        count = len(parts)
        whole = crossing(np.ones(count, dtype=np.bool_)) if count else math.nan
        left_out = np.array([crossing(np.arange(count) != k) for k in range(count)])
        if math.isnan(whole) or np.isnan(left_out).any():
            return None
        return math.exp(whole), math.exp(whole) * float(jackknife_error(left_out))


def root(x: Floats, y: Floats) -> float:
    """The only sign change of y by linear interpolation; NaN if there is none or more than one."""
    known = np.flatnonzero(np.isfinite(y))
    x, y = x[known], y[known]
    changes = np.flatnonzero((y[1:] > 0) != (y[:-1] > 0))
    if len(changes) != 1:
        return math.nan
    k = int(changes[0])
    return float(x[k] - y[k] * (x[k + 1] - x[k]) / (y[k + 1] - y[k]))
