"""Evidence of each basin at finite n: −log ∫_basin exp(−s L(w)) φ(w) dw, s = βn, by sequential Monte Carlo.

Everything depends on β and n only through s = βn.  The estimate of a mass is unbiased in every replicate;
replicates are averaged on the scale of Z, and every standard error comes from their spread (``masses``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np

from kgon.base.checks import check_increasing, check_integer, check_positive, check_seed
from kgon.base.results import Result, jsonable, result
from kgon.base.text import with_error
from kgon.base.verdicts import KgonError, UndecidedError
from kgon.base.work import HERE, Work
from kgon.experiments.posterior.evidence_sampling import (
    ALL,
    EvidenceSettings,
    Plan,
    Replicate,
    planned,
    records,
)
from kgon.experiments.posterior.masses import Masses, MassEstimate, shares_of
from kgon.kgons.basins import OTHER, Basins

SIZES = (50.0, 100.0, 150.0, 200.0, 250.0, 300.0, 400.0, 500.0, 700.0, 1000.0, 1400.0, 2000.0)
"""Default s = βn."""
SPLIT, SEPARATE, COUNTED = 300.0, 700.0, 400.0
"""s at which restricted runs begin and divide, and up to which all basins are counted, for c = 6; for other c
in proportion.

Below 300 particles still pass between 6 and {5, 5+}, which hold three fifths and two fifths of the posterior
there; at 700 5 and 5+ are about equal and pass little between each other.
"""
QUICK, FULL = (768, 8), (8192, 16)
"""Particles and replicates of the two settings."""
PRINTED_SHARE = 0.05
"""Share at some size from which on a basin is printed where no basin is sampled on its own."""
Names = str | Sequence[str]


@result
class Evidence(Result):
    """Free energies F = −log ∫_basin exp(−s L) φ of the basins of c features.

    Standard errors come from the spread of a few replicates: compare them with Student's t of
    ``replicates`` − 1 degrees of freedom; below 1000 particles they are about a fifth too small.

    Attributes
    ----------
    c : int
    sizes : tuple of float
        s = βn.
    labels : tuple of str
        The rows: local minima by increasing loss, then ``other`` (no k-gon) and ``all``.
    targets : tuple of str
        Basins that were sampled apart from the rest above ``split``.
    table, table_stderr : tuple of tuple of float or None
        F and its standard error (rows, sizes); None where nothing was measured or no particle was seen.
    log_z, log_z_stderr : (sizes,) array
        log ∫ exp(−s L) φ.
    mean_loss : (sizes,) array
        E[L] of the whole posterior, −d log Z/ds.
    shares : tuple of tuple of float or None
        Mass of each basin and of ``other`` as a fraction of their sum; above ``counted``, where only the
        targets are measured, of the whole posterior or of their sum, whichever is larger.
    particles, replicates, seed : int
    split : float or None
        s where the restricted runs begin.
    separate : float
        s where those of a group such as {5, 5+} divide.
    counted : float
        Largest s at which all basins were counted.
    rungs : tuple of int
        Rungs of the global ladder and of the restricted runs.
    reference : (rows, sizes) array
        Logarithm that ``relative`` is relative to.
    relative, loss : (replicates, rows, sizes) arrays
        Mass of each replicate over exp(reference), and E[L] in the basin (0 without a particle).
    known : (rows, sizes) bool array
        Where the mass was measured.
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

    schema: ClassVar[str] = "evidence"

    c: int
    sizes: tuple[float, ...]
    labels: tuple[str, ...]
    targets: tuple[str, ...]
    table: tuple[tuple[float | None, ...], ...]
    table_stderr: tuple[tuple[float | None, ...], ...]
    log_z: np.ndarray
    log_z_stderr: np.ndarray
    mean_loss: np.ndarray
    shares: tuple[tuple[float | None, ...], ...]
    particles: int
    replicates: int
    seed: int
    split: float | None
    separate: float
    counted: float
    rungs: tuple[int, ...]
    reference: np.ndarray
    relative: np.ndarray
    loss: np.ndarray
    known: np.ndarray
    smallest_ess: float
    acceptance: tuple[float, ...]
    smallest_inside: float
    unclassified: float
    overlap_z: float | None
    structure: tuple[int, ...]

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
                f"the mass of {names} was not measured at s = {s:g}: above {self.counted:g} only the targets "
                f"{', '.join(self.targets)} are followed, below it what particles are found in"
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
        ones = np.ones(self.replicates)
        known = np.all([np.isfinite(free([row], ones)[0]) for row in rows], axis=0)
        sizes = np.array(self.sizes)[known]
        return (float(sizes[0]), float(sizes[-1])) if len(sizes) else None

    def headline(self) -> str:
        errors = [x for label in self.targets for x in self.table_stderr[self.labels.index(label)] if x]
        error = f", stderr up to {max(errors):.2g}" if errors else ""
        names = ", ".join(self.targets) or "none"
        return (
            f"free energies at c = {self.c}, s = βn from {self.sizes[0]:g} to {self.sizes[-1]:g}; "
            f"basins sampled on their own: {names}{error}"
        )

    def rows(self) -> Sequence[tuple[str, str]]:
        seen = [
            label
            for label, row in zip(self.labels, self.shares, strict=False)
            if max(x or 0 for x in row) >= PRINTED_SHARE
        ]
        shown = [*(self.targets or seen), ALL]
        lines = []
        for j, s in enumerate(self.sizes):
            cells = []
            for label in shown:
                i = self.labels.index(label)
                value, error = self.table[i][j], self.table_stderr[i][j]
                if value is not None and error is not None:
                    cells.append(f"{label}: {with_error(value, error)}")
            lines.append((f"F at s = {s:g}", "   ".join(cells)))
        checked, agreed = self.structure
        return [
            *lines,
            ("replicates × particles", f"{self.replicates} × {self.particles}, seed {self.seed}"),
            ("smallest ESS of a rung", f"{self.smallest_ess:.2f}"),
            ("acceptance", f"{self.acceptance[0]:.2f} to {self.acceptance[1]:.2f}"),
            ("in no basin", f"at most {self.unclassified:.2%}"),
            ("restricted against counted", "-" if self.overlap_z is None else f"|z| <= {self.overlap_z:.2f}"),
            ("structure agrees with label", f"{agreed} of {checked}"),
        ]

    def _rows(self, names: Names) -> list[int]:
        wanted = [names] if isinstance(names, str) else list(names)
        for name in wanted:
            if name not in self.labels:
                raise KgonError(f"{name!r} is none of the basins {', '.join(self.labels)}")
        if not wanted or len(set(wanted)) < len(wanted) or (ALL in wanted and len(wanted) > 1):
            raise KgonError(f"basins to be joined must be different and not {ALL}, got {wanted}")
        return [self.labels.index(name) for name in wanted]

    @property
    def masses(self) -> Masses:
        """The masses, to average, join and interpolate."""
        return Masses(
            sizes=self.sizes,
            reference=self.reference,
            relative=self.relative,
            loss=self.loss,
            known=self.known,
        )


def combine_replicates(settings: EvidenceSettings, chosen: Plan, found: Sequence[Replicate]) -> Evidence:
    """The result of all replicates (at least 2)."""
    labels = (*Basins(settings.c).labels, OTHER, ALL)
    masses = Masses.of(
        settings.sizes,
        np.array([record.log_mass for record in found]),
        np.array([record.loss for record in found]),
    )
    everything = labels.index(ALL)
    table = [_row(masses, [i]) for i in range(len(labels))]
    log_z, ones = table[everything], np.ones(masses.replicates)
    free = np.array([masses.nodes([i], ones)[0] for i in range(len(labels))])
    counted = np.array([s <= settings.counted for s in settings.sizes])
    share = shares_of(free, counted)
    return Evidence(
        c=settings.c,
        sizes=settings.sizes,
        labels=labels,
        targets=chosen.targets,
        table=tuple(tuple(cell.value if cell else None for cell in row) for row in table),
        table_stderr=tuple(tuple(cell.stderr if cell else None for cell in row) for row in table),
        log_z=np.array([-cell.value for cell in log_z if cell]),
        log_z_stderr=np.array([cell.stderr for cell in log_z if cell]),
        mean_loss=masses.nodes([everything], ones)[1],
        shares=tuple(tuple(None if math.isnan(x) else float(x) for x in row) for row in share),
        particles=settings.particles,
        replicates=len(found),
        seed=settings.seed,
        split=settings.split,
        separate=settings.separate,
        counted=settings.counted,
        rungs=tuple(len(ladder.step_sizes) for ladder in (chosen.ladder, *chosen.ladders)),
        reference=masses.reference,
        relative=masses.relative,
        loss=masses.loss,
        known=masses.known,
        smallest_ess=float(min(record.ess.min() for record in found)),
        acceptance=(
            float(min(record.acceptance.min() for record in found)),
            float(max(record.acceptance.max() for record in found)),
        ),
        smallest_inside=float(min(record.inside.min() for record in found)),
        unclassified=float(np.max(share[labels.index(OTHER)][counted], initial=0.0)),
        overlap_z=_overlap(chosen, found, labels),
        structure=tuple(int(x) for x in np.sum([record.structure for record in found], axis=0)),
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
        shape = (found.replicates, len(found.labels), len(found.sizes))
        fits = found.relative.shape == found.loss.shape == shape
        if not (fits and found.known.shape == shape[1:] and found.labels[-2:] == (OTHER, ALL)):
            raise ValueError("the arrays do not fit")
    except OSError as error:
        raise KgonError(f"{path}: cannot be read ({error.strerror})") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise KgonError(f"{path}: not an evidence.json that kgon evidence wrote") from None
    return found


def sample_evidence(
    c: int = 6,
    *,
    sizes: Sequence[float] | None = None,
    full: bool = False,
    particles: int | None = None,
    replicates: int | None = None,
    seed: int = 0,
    work: Work = HERE,
    split: float | None = None,
    separate: float | None = None,
    counted: float | None = None,
    targets: Sequence[str] | None = None,
) -> Evidence:
    """Free energies of all basins, under the population loss and the prior N(0, I).

    Parameters
    ----------
    c : int
        Features (r = 2).
    sizes : sequence of float, optional
        s = βn at which F is wanted, positive and increasing.  Default ``SIZES``.
    full : bool
        16 replicates of 8192 particles instead of 8 of 768, where these are not given.
    particles, replicates : int, optional
        At least 16 and 2.
    seed : int
    work : Work
        Its folder keeps the pilot and every finished replicate, to go on with, and gets ``evidence.json``.
    split, separate, counted : float, optional
        s where the restricted runs begin and where they divide, and up to which all basins are counted by
        descent.  Default 300, 700 and 400 at c = 6, in proportion to c.
    targets : sequence of str, optional
        Basins that are sampled apart from the rest above ``split``.  Default: those with at least 2 % of a
        pilot there.

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
    >>> found = sample_evidence(sizes=(2.0, 4.0), particles=64, replicates=2)
    >>> found.labels[:3], found.log_z.shape
    (('6', '5+', '5'), (2,))
    """
    settings = _settings(c, sizes, full, particles, seed, (split, separate, counted), targets)
    count = check_integer("replicates", (FULL if full else QUICK)[1] if replicates is None else replicates, 2)
    options = {**jsonable(settings), "replicates": count}
    file = work.claim("evidence.json", options, counts=("replicates",))
    chosen = planned(settings, work)
    outcome = combine_replicates(settings, chosen, records(settings, chosen, count, work))
    file.write(outcome)
    return outcome


def _settings(
    c: int,
    sizes: Sequence[float] | None,
    full: bool,
    particles: int | None,
    seed: int,
    marks: tuple[float | None, ...],
    targets: Sequence[str] | None,
) -> EvidenceSettings:
    basins = Basins(c)
    wanted = tuple(check_increasing("sizes", SIZES if sizes is None else sizes).tolist())
    names, defaults = ("split", "separate", "counted"), (SPLIT, SEPARATE, COUNTED)
    split, separate, counted = (
        check_positive(name, default * c / 6 if mark is None else mark)
        for name, mark, default in zip(names, marks, defaults, strict=True)
    )
    for label in targets or ():
        basins.index(label)
    return EvidenceSettings(
        c=basins.tms.c,
        sizes=wanted,
        particles=check_integer(
            "particles", (FULL if full else QUICK)[0] if particles is None else particles, 16
        ),
        seed=check_seed(seed),
        split=split if split < wanted[-1] else None,
        separate=separate,
        counted=counted,
        targets=None if targets is None else tuple(targets),
    )
