"""Free energies of basins as they were sampled, to ask for F at any s and for where two are equal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kgon.base.checks import Floats, check_integer
from kgon.base.results import Record, Result, null_for_nan, only_given, part, result
from kgon.base.text import with_error
from kgon.base.verdicts import KgonError, UndecidedError
from kgon.experiments.posterior.evidence_plan import ALL, Marks, Plan
from kgon.experiments.posterior.evidence_sampling import Replicate
from kgon.experiments.posterior.masses import Masses, MassEstimate, shares_of
from kgon.potential.model import TMS
from kgon.sampling.diagnostics import spread_error

PRINTED_SHARE = 0.05
"""Share at some size from which on a basin is printed where no basin is sampled on its own."""
Names = str | Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceEffort(Record):
    """How much is sampled: particles of each of several independent replicates.

    Attributes
    ----------
    particles, replicates : int
        At least 16 and 2.
    """

    particles: int
    replicates: int

    def __post_init__(self) -> None:
        check_integer("replicates", self.replicates, 2)

    def __str__(self) -> str:
        return f"{self.replicates} × {self.particles}"


@result
class FreeEnergies(Record):
    """Free energies, evidence and shares at the sizes that were sampled.

    Attributes
    ----------
    table, table_stderr : (rows, sizes) arrays
        F and its standard error; NaN where nothing was measured or no particle was seen.
    log_z, log_z_stderr : (sizes,) arrays
        log ∫ exp(−s L) φ and its standard error.
    mean_loss : (sizes,) array
        E[L] of the whole posterior, −d log Z/ds.
    shares : (rows − 1, sizes) array
        Mass of each basin and of ``other`` as a fraction of their sum.
    """

    table: Floats = null_for_nan()
    table_stderr: Floats = null_for_nan()
    log_z: Floats
    log_z_stderr: Floats
    mean_loss: Floats
    shares: Floats = null_for_nan()

    @classmethod
    def of(cls, masses: Masses) -> FreeEnergies:
        """Estimate them from masses whose last row is the whole."""
        rows, ones = range(len(masses.reference)), np.ones(masses.replicates)
        estimates = np.array([[masses.free_energy([row], s) for s in masses.sizes] for row in rows])
        known = np.isfinite(estimates[..., 1:])
        table, errors = np.moveaxis(np.where(known, estimates, np.nan), 2, 0)
        return cls(
            table=table,
            table_stderr=errors,
            log_z=-table[-1],
            log_z_stderr=errors[-1],
            mean_loss=masses.nodes([rows[-1]], ones)[1],
            shares=shares_of(np.array([masses.nodes([row], ones)[0] for row in rows[:-1]])),
        )


@result
class EvidenceChecks(Record):
    """Numbers that tell whether the runs went well.

    Attributes
    ----------
    rungs : tuple of int
        Rungs of the global ladder and of the restricted runs.
    smallest_ess : float
        Smallest effective sample size of the weights of a rung, as a fraction.
    acceptance : tuple of float
        Lowest and highest acceptance rate of a rung.
    smallest_inside : float
        Smallest fraction of composite moves that ended inside their basin.
    unclassified : float
        Largest share of ``other`` at a size.
    overlap_z : float or None
        Largest absolute z between a restricted run and counting, where both exist; the z of one pair is the
        mean of the difference over its standard error.
    structure : tuple of int
        End points whose structure was compared with their label, and how many agreed.
    """

    rungs: tuple[int, ...]
    smallest_ess: float
    acceptance: tuple[float, ...]
    smallest_inside: float
    unclassified: float
    overlap_z: float | None
    structure: tuple[int, ...]

    @classmethod
    def of(
        cls, plan: Plan, found: Sequence[Replicate], labels: Sequence[str], unclassified: float
    ) -> EvidenceChecks:
        """Gather them from all replicates."""
        rates = np.concatenate([x.acceptance for x in found])
        return cls(
            rungs=tuple(len(ladder.step_sizes) for ladder in (plan.ladder, *plan.ladders)),
            smallest_ess=float(min(x.ess.min() for x in found)),
            acceptance=(float(rates.min()), float(rates.max())),
            smallest_inside=float(min(x.inside.min() for x in found)),
            unclassified=unclassified,
            overlap_z=_overlap(found, [labels.index(label) for label in plan.targets]),
            structure=tuple(int(x) for x in np.sum([x.structure for x in found], axis=0)),
        )

    def rows(self) -> list[tuple[str, str]]:
        """Lines of a printed result."""
        checked, agreed = self.structure
        return [
            ("smallest ESS of a rung", f"{self.smallest_ess:.2f}"),
            ("acceptance", f"{self.acceptance[0]:.2f} to {self.acceptance[1]:.2f}"),
            ("in no basin", f"at most {self.unclassified:.2%}"),
            ("restricted against counted", "-" if self.overlap_z is None else f"|z| <= {self.overlap_z:.2f}"),
            ("structure agrees with label", f"{agreed} of {checked}"),
        ]


def _overlap(found: Sequence[Replicate], rows: Sequence[int]) -> float | None:
    """Find the largest |z| of restricted run less counting, over the rows and sizes that have both."""
    largest = None
    for row in rows:
        counted = np.array([record.counted[row] for record in found])
        restricted = np.array([record.log_mass[row] for record in found])
        for j in np.flatnonzero(np.isfinite(counted).any(axis=0)):
            top = np.nanmax(counted[:, j])
            gap = np.exp(restricted[:, j] - top) - np.exp(counted[:, j] - top)
            error = float(spread_error(gap))
            if error > 0:
                largest = max(largest or 0.0, abs(float(gap.mean())) / error)
    return largest


@result
class Evidence(Result):
    """Free energies F = −log ∫_basin exp(−s L) φ of the basins of c features.

    Standard errors come from the spread of a few replicates: compare them with Student's t of
    ``replicates`` − 1 degrees of freedom; below 1000 particles they are about a fifth too small.

    Attributes
    ----------
    c, seed : int
    model : TMS or None
        The model, where its weights are not uniform.
    effort : EvidenceEffort
    marks : Marks
    labels : tuple of str
        The rows: local minima by increasing loss, then ``other`` (no k-gon) and ``all``.
    targets : tuple of str
        Basins that were sampled apart from the rest above ``marks.split``.
    masses : Masses
        What every replicate found, to average, join and interpolate.
    energies : FreeEnergies
    checks : EvidenceChecks
    """

    c: int
    seed: int
    effort: EvidenceEffort = part()
    marks: Marks = part()
    labels: tuple[str, ...]
    targets: tuple[str, ...]
    masses: Masses = part()
    energies: FreeEnergies = part()
    checks: EvidenceChecks = part()
    model: TMS | None = only_given()

    @property
    def sizes(self) -> tuple[float, ...]:
        """The values of s = βn that were sampled."""
        return self.masses.sizes

    def free_energy(self, names: Names, s: float) -> MassEstimate:
        """F of a basin, or of several together, at any s between the sizes.

        Between two sizes it is interpolated with the measured derivative dF/ds = E[L] (``masses.hermite``).

        Parameters
        ----------
        names : str or sequence of str
            Rows, such as ``"6"`` or ``("5", "5+")``.
        s : float
            βn, within the sizes.

        Raises
        ------
        KgonError
            Unknown name, s out of range, or no mass measured there.
        """
        if not self.sizes[0] <= s <= self.sizes[-1]:
            raise KgonError(
                f"s = {s!r} is outside the sizes {self.sizes[0]:g} to {self.sizes[-1]:g} that were sampled"
            )
        found = self.masses.free_energy(self._rows(names), s)
        if not math.isfinite(found.stderr):
            raise KgonError(f"the mass of {names} was not measured at s = {s:g}: no particle was found there")
        return found

    def noise(self, names: Names, s: float) -> Floats:
        """The error (R,) of F at any s by replicate: the sum of squares is the variance."""
        rows, masses = self._rows(names), self.masses
        return masses.noise(lambda weights: masses.curve(rows, s, weights))

    def find_crossing(self, first: Names, second: Names) -> MassEstimate | None:
        """The smallest s at which two basins, or several together, have equal free energies.

        Returns
        -------
        MassEstimate or None
            None where they are equal nowhere that both were measured (``gap`` says where).

        Raises
        ------
        UndecidedError
            If there is one, but not in every subset of the replicates.
        """
        one, other, masses = self._rows(first), self._rows(second), self.masses
        found = masses.jackknife(lambda weights: masses.crossing(one, other, weights))
        if math.isnan(found.value):
            return None
        if math.isnan(found.stderr):
            raise UndecidedError(
                f"{first} and {second} have equal free energies near s = {found.value:.4g}, but not in every "
                "subset of the replicates: sample more"
            )
        return found

    def gap(self, first: Names, second: Names) -> tuple[Floats, Floats]:
        """F of the first less that of the second at the sizes, and its standard error.

        Not finite where one of them has no mass in the mean, or in some subset of the replicates.
        """
        one, other, masses = self._rows(first), self._rows(second), self.masses

        def gaps(weights: Floats) -> Floats:
            return np.asarray(masses.nodes(one, weights)[0] - masses.nodes(other, weights)[0])

        with np.errstate(invalid="ignore"):  # neither has a mass
            return masses.jackknife_array(gaps)

    def headline(self) -> str:
        errors = self.energies.table_stderr[[self.labels.index(label) for label in self.targets]]
        error = f", stderr up to {np.nanmax(errors):.2g}" if np.nansum(errors) > 0 else ""
        names = ", ".join(self.targets) or "none"
        return (
            f"free energies at c = {self.c}, s = βn from {self.sizes[0]:g} to {self.sizes[-1]:g}; "
            f"basins sampled on their own: {names}{error}"
        )

    def rows(self) -> Sequence[tuple[str, str]]:
        seen = np.nan_to_num(self.energies.shares).max(axis=1) >= PRINTED_SHARE
        names = self.targets or [label for label, known in zip(self.labels, seen, strict=False) if known]
        shown = [(label, self.labels.index(label)) for label in (*names, ALL)]
        values, errors = self.energies.table, self.energies.table_stderr
        lines = []
        for j, s in enumerate(self.sizes):
            cells = (
                f"{label}: {with_error(values[i, j], errors[i, j])}"
                for label, i in shown
                if not np.isnan(values[i, j])
            )
            lines.append((f"F at s = {s:g}", "   ".join(cells)))
        return [
            *lines,
            ("replicates × particles", f"{self.effort}, seed {self.seed}"),
            *self.checks.rows(),
        ]

    def _rows(self, names: Names) -> list[int]:
        """The rows of some names, which must be there, different, and not joined with the whole."""
        wanted = [names] if isinstance(names, str) else list(names)
        for name in wanted:
            if name not in self.labels:
                raise KgonError(f"{name!r} is none of the basins {', '.join(self.labels)}")
        if not wanted or len(set(wanted)) < len(wanted) or (ALL in wanted and len(wanted) > 1):
            raise KgonError(f"basins to be joined must be different and not {ALL}, got {wanted}")
        return [self.labels.index(name) for name in wanted]
