"""Evidence of each basin at finite n: −log ∫_basin exp(−s L(w)) φ(w) dw, s = βn, by sequential Monte Carlo.

Everything depends on β and n only through s = βn.  The estimate of a mass is unbiased in every replicate;
replicates are averaged on the scale of Z, and every standard error comes from their spread (``masses``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kgon.base.checks import check_integer
from kgon.base.results import Record, Result, jsonable, part, result
from kgon.base.text import with_error
from kgon.base.verdicts import KgonError, UndecidedError
from kgon.base.work import HERE, Work
from kgon.experiments.posterior.evidence_sampling import (
    ALL,
    EvidenceSettings,
    Marks,
    Plan,
    Replicate,
    planned,
    records,
)
from kgon.experiments.posterior.masses import Masses, MassEstimate, shares_of
from kgon.kgons.basins import OTHER, Basins

SIZES = (50.0, 100.0, 150.0, 200.0, 250.0, 300.0, 400.0, 500.0, 700.0, 1000.0, 1400.0, 2000.0)
"""Default s = βn."""
PRINTED_SHARE = 0.05
"""Share at some size from which on a basin is printed where no basin is sampled on its own."""
Names = str | Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceEffort(Record):
    """How much is sampled.

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


QUICK = EvidenceEffort(particles=768, replicates=8)
FULL = EvidenceEffort(particles=8192, replicates=16)


@result
class FreeEnergies(Record):
    """What the masses say at the sizes that were sampled.

    Attributes
    ----------
    table, table_stderr : tuple of tuple of float or None
        F and its standard error (rows, sizes); None where nothing was measured or no particle was seen.
    log_z, log_z_stderr : (sizes,) array
        log ∫ exp(−s L) φ.
    mean_loss : (sizes,) array
        E[L] of the whole posterior, −d log Z/ds.
    shares : tuple of tuple of float or None
        Mass of each basin and of ``other`` as a fraction of their sum; above ``counted``, where only the
        targets are measured, of the whole posterior or of their sum, whichever is larger.
    """

    table: tuple[tuple[float | None, ...], ...]
    table_stderr: tuple[tuple[float | None, ...], ...]
    log_z: np.ndarray
    log_z_stderr: np.ndarray
    mean_loss: np.ndarray
    shares: tuple[tuple[float | None, ...], ...]

    @classmethod
    def of(cls, masses: Masses, counted: np.ndarray) -> FreeEnergies:
        """From masses whose last row is the whole, and where all basins were counted, (sizes,) bool."""
        count, ones = len(masses.reference), np.ones(masses.replicates)
        table = [_row(masses, [i]) for i in range(count)]
        free = np.array([masses.nodes([i], ones)[0] for i in range(count)])
        return cls(
            table=tuple(tuple(cell.value if cell else None for cell in row) for row in table),
            table_stderr=tuple(tuple(cell.stderr if cell else None for cell in row) for row in table),
            log_z=np.array([-cell.value for cell in table[-1] if cell]),
            log_z_stderr=np.array([cell.stderr for cell in table[-1] if cell]),
            mean_loss=masses.nodes([count - 1], ones)[1],
            shares=tuple(
                tuple(None if math.isnan(x) else float(x) for x in row) for row in shares_of(free, counted)
            ),
        )


@result
class EvidenceChecks(Record):
    """What tells whether the runs went well.

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
        Largest share of ``other`` at a counted size.
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
        cls, chosen: Plan, found: Sequence[Replicate], labels: tuple[str, ...], unclassified: float
    ) -> EvidenceChecks:
        """From all replicates."""
        rates = np.concatenate([x.acceptance for x in found])
        return cls(
            rungs=tuple(len(ladder.step_sizes) for ladder in (chosen.ladder, *chosen.ladders)),
            smallest_ess=float(min(x.ess.min() for x in found)),
            acceptance=(float(rates.min()), float(rates.max())),
            smallest_inside=float(min(x.inside.min() for x in found)),
            unclassified=unclassified,
            overlap_z=_overlap(chosen, found, labels),
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


@result
class Evidence(Result):
    """Free energies F = −log ∫_basin exp(−s L) φ of the basins of c features.

    Standard errors come from the spread of a few replicates: compare them with Student's t of
    ``replicates`` − 1 degrees of freedom; below 1000 particles they are about a fifth too small.

    Attributes
    ----------
    c, seed : int
    effort : EvidenceEffort
    marks : Marks
    labels : tuple of str
        The rows: local minima by increasing loss, then ``other`` (no k-gon) and ``all``.
    targets : tuple of str
        Basins that were sampled apart from the rest above ``marks.split``.
    masses : Masses
        To average, join and interpolate.
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

    @property
    def sizes(self) -> tuple[float, ...]:
        """s = βn."""
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
        rows, masses = self._rows(names), self.masses
        found = masses.jackknife(lambda weights: masses.curve(rows, s, weights))
        if not math.isfinite(found.stderr):
            raise KgonError(
                f"the mass of {names} was not measured at s = {s:g}: above {self.marks.counted:g} only the "
                f"targets {', '.join(self.targets)} are followed, below it what particles are found in"
            )
        return found

    def crossing(self, first: Names, second: Names) -> MassEstimate:
        """The smallest s at which F of the two are equal.

        Raises
        ------
        KgonError
            If there is none where both were measured.
        UndecidedError
            As ``find_crossing``.
        """
        found = self.find_crossing(first, second)
        if found is None:
            raise KgonError(f"{first} and {second} have no equal free energies within the sizes sampled")
        return found

    def find_crossing(self, first: Names, second: Names) -> MassEstimate | None:
        """The same, or None if there is none where both were measured.

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

    def measured(self, *names: Names) -> tuple[float, float] | None:
        """The smallest and the largest size at which all of these have a mass; None if there is none."""
        rows = [row for name in names for row in self._rows(name)]
        free = self.masses.nodes
        ones = np.ones(self.effort.replicates)
        known = np.all([np.isfinite(free([row], ones)[0]) for row in rows], axis=0)
        sizes = np.array(self.sizes)[known]
        return (float(sizes[0]), float(sizes[-1])) if len(sizes) else None

    def headline(self) -> str:
        rows = [self.energies.table_stderr[self.labels.index(label)] for label in self.targets]
        errors = [x for row in rows for x in row if x]
        error = f", stderr up to {max(errors):.2g}" if errors else ""
        names = ", ".join(self.targets) or "none"
        return (
            f"free energies at c = {self.c}, s = βn from {self.sizes[0]:g} to {self.sizes[-1]:g}; "
            f"basins sampled on their own: {names}{error}"
        )

    def rows(self) -> Sequence[tuple[str, str]]:
        seen = [
            label
            for label, row in zip(self.labels, self.energies.shares, strict=False)
            if max(x or 0 for x in row) >= PRINTED_SHARE
        ]
        shown = [*(self.targets or seen), ALL]
        lines = []
        for j, s in enumerate(self.sizes):
            cells = []
            for label in shown:
                i = self.labels.index(label)
                value, error = self.energies.table[i][j], self.energies.table_stderr[i][j]
                if value is not None and error is not None:
                    cells.append(f"{label}: {with_error(value, error)}")
            lines.append((f"F at s = {s:g}", "   ".join(cells)))
        return [
            *lines,
            ("replicates × particles", f"{self.effort}, seed {self.seed}"),
            *self.checks.rows(),
        ]

    def _rows(self, names: Names) -> list[int]:
        wanted = [names] if isinstance(names, str) else list(names)
        for name in wanted:
            if name not in self.labels:
                raise KgonError(f"{name!r} is none of the basins {', '.join(self.labels)}")
        if not wanted or len(set(wanted)) < len(wanted) or (ALL in wanted and len(wanted) > 1):
            raise KgonError(f"basins to be joined must be different and not {ALL}, got {wanted}")
        return [self.labels.index(name) for name in wanted]


def combine_replicates(settings: EvidenceSettings, chosen: Plan, found: Sequence[Replicate]) -> Evidence:
    """The result of all replicates (at least 2)."""
    labels = (*Basins(settings.c).labels, OTHER, ALL)
    log_mass, loss = (np.array([getattr(x, name) for x in found]) for name in ("log_mass", "loss"))
    masses = Masses.of(settings.sizes, log_mass, loss)
    counted = np.array(settings.sizes) <= settings.marks.counted
    energies = FreeEnergies.of(masses, counted)
    other = [x or 0.0 for x in energies.shares[labels.index(OTHER)]]
    unclassified = float(np.max(np.array(other)[counted], initial=0.0))
    return Evidence(
        c=settings.c,
        seed=settings.seed,
        effort=EvidenceEffort(particles=settings.particles, replicates=len(found)),
        marks=settings.marks,
        labels=labels,
        targets=chosen.targets,
        masses=masses,
        energies=energies,
        checks=EvidenceChecks.of(chosen, found, labels, unclassified),
    )


def _row(masses: Masses, rows: list[int]) -> list[MassEstimate | None]:
    """F and its standard error at the sizes; None where nothing was measured or seen."""

    def cell(s: float) -> MassEstimate | None:
        found = masses.jackknife(lambda weights: masses.curve(rows, s, weights))
        return found if math.isfinite(found.stderr) else None

    return [cell(s) for s in masses.sizes]


def _overlap(chosen: Plan, found: Sequence[Replicate], labels: tuple[str, ...]) -> float | None:
    """Largest |z| of restricted run less counting, over the targets and sizes that have both."""
    largest = None
    for row in (labels.index(label) for label in chosen.targets):
        counted = np.array([record.counted[row] for record in found])
        restricted = np.array([record.log_mass[row] for record in found])
        for j in np.flatnonzero(np.isfinite(counted).any(axis=0)):
            top = np.nanmax(counted[:, j])
            gap = np.exp(restricted[:, j] - top) - np.exp(counted[:, j] - top)
            error = float(gap.std(ddof=1)) / math.sqrt(len(gap))
            if error > 0:
                largest = max(largest or 0.0, abs(float(gap.mean())) / error)
    return largest


def read_evidence(path: str | Path) -> Evidence:
    """The evidence of a file that ``sample_evidence`` wrote.

    Raises
    ------
    KgonError
        The file is missing or holds something else.
    """
    try:
        found = Evidence.from_json(Path(path).read_text(encoding="utf-8"))
        shape, masses = (found.effort.replicates, len(found.labels), len(found.sizes)), found.masses
        fits = masses.relative.shape == masses.loss.shape == shape
        if not (fits and masses.known.shape == shape[1:] and found.labels[-2:] == (OTHER, ALL)):
            raise ValueError("the arrays do not fit")
    except OSError as error:
        raise KgonError(f"{path}: cannot be read ({error.strerror})") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise KgonError(f"{path}: not an evidence.json that kgon evidence wrote") from None
    return found


def sample_evidence(
    c: int = 6,
    *,
    sizes: Sequence[float] = SIZES,
    effort: EvidenceEffort = QUICK,
    marks: Marks | None = None,
    targets: Sequence[str] | None = None,
    seed: int = 0,
    work: Work = HERE,
) -> Evidence:
    """Free energies of all basins, under the population loss and the prior N(0, I).

    Parameters
    ----------
    c : int
        Features (r = 2).
    sizes : sequence of float
        s = βn at which F is wanted, positive and increasing.
    effort : EvidenceEffort
        ``QUICK``, ``FULL``, or one of your own.
    marks : Marks, optional
        s where the restricted runs begin and where they divide, and up to which all basins are counted by
        descent.  Default 300, 700 and 400 at c = 6, in proportion to c.
    targets : sequence of str, optional
        Basins that are sampled apart from the rest above ``marks.split``.  Default: those with at least 2 %
        of a pilot there.
    seed : int
    work : Work
        Its folder keeps the pilot and every finished replicate, to go on with, and gets ``evidence.json``.

    Returns
    -------
    Evidence

    Raises
    ------
    KgonError
        An option out of range, a target in whose basin no particle is, or a folder whose ``evidence.json``
        has other settings or more replicates.

    Examples
    --------
    >>> found = sample_evidence(sizes=(2.0, 4.0), effort=EvidenceEffort(particles=64, replicates=2))
    >>> found.labels[:3], found.energies.log_z.shape
    (('6', '5+', '5'), (2,))
    """
    settings = EvidenceSettings(
        c=c,
        sizes=tuple(sizes),
        particles=effort.particles,
        marks=Marks.at(Basins(c).tms.c) if marks is None else marks,
        targets=None if targets is None else tuple(targets),
        seed=seed,
    )
    options = {**jsonable(settings), "replicates": effort.replicates}
    file = work.claim("evidence.json", options, counts=("replicates",))
    chosen = planned(settings, work)
    outcome = combine_replicates(settings, chosen, records(settings, chosen, effort.replicates, work))
    file.write(outcome)
    return outcome
