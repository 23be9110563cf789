"""Share the posterior among the phases by sample size, and find which phase dominates where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from kgon.base.checks import Floats
from kgon.base.results import Result, only_given, result
from kgon.base.table import Column, Table
from kgon.base.text import with_error
from kgon.base.verdicts import Health, KgonError
from kgon.free_energy.conventions import check_beta, check_sizes, covered, name_basis, strengths
from kgon.free_energy.crossings import Crossing, crossing
from kgon.free_energy.energies import GivenPhase, Phase, joint_noise, scaled_noise, standard_error
from kgon.free_energy.phases import Given, comparison_note, phases_of
from kgon.free_energy.roots import DEVIATIONS
from kgon.free_energy.theories import THEORIES
from kgon.potential.model import TMS


def occupancy(
    n: Floats | Sequence[float],
    c: int = 6,
    *,
    theory: str = "prior",
    beta: Any = 1,
    among: Sequence[Given] | None = None,
) -> dict[str, Floats]:
    """Find the probability of each phase by sample size: label → (len(n),) array.

    Parameters
    ----------
    n : sequence of float
    c, theory, beta
        As in ``phase``.
    among : sequence of labels and phases, optional
        The phases to compare; default as in ``phases_of``.

    Raises
    ------
    KgonError
        As ``phases_of``; βn below 50 in an expansion in 1/n.

    Examples
    --------
    >>> at = occupancy([300.0, 900.0], among=["5", "5+", "6"])
    >>> bool(at["5"][0] > at["6"][0]), bool(at["6"][1] > at["5"][1])
    (True, True)
    """
    phases = phases_of(c, theory=theory, among=among)
    return {p.name: row for p, row in zip(phases, _shares(n, phases, theory, beta), strict=True)}


def _shares(n: Floats | Sequence[float], phases: Sequence[Phase], theory: str, beta: Any) -> Floats:
    """The probability of each phase (p, m) at each of m sizes."""
    sizes = np.atleast_1d(check_sizes(n))
    if not covered(theory, sizes, beta).all():
        raise KgonError(
            f"theory {theory} is an expansion in 1/n and says nothing below beta n = "
            f"{THEORIES[theory].least_strength:g}, got {strengths(sizes, beta).min():g}"
        )
    energies = np.array([p.free_energy(sizes, beta=beta) for p in phases])
    weights = np.exp(energies.min(axis=0) - energies)
    return np.asarray(weights / weights.sum(axis=0))


def _errors(n: Floats, phases: Sequence[Phase], shares: Floats, beta: Any) -> Floats:
    """The standard errors (p, m) of shares to first order in those of F: δp_i = p_i (Σ p_j δF_j − δF_i)."""
    noises = [p.noise(n, beta=beta) for p in phases]
    mean = joint_noise([scaled_noise(x, share) for x, share in zip(noises, shares, strict=True)])
    own = [joint_noise([mean, scaled_noise(x, -1.0)]) for x in noises]
    errors = [share * standard_error(x) for share, x in zip(shares, own, strict=True)]
    return np.array([np.broadcast_to(row, n.shape) for row in errors])


@result
class OccupancyCurves(Result):
    """Share of every phase in the posterior, by sample size.

    Attributes
    ----------
    c : int
    theory : str
        Where the shares come from: a theory, or ``evidence`` or ``mcmc`` for sampled ones.
    beta : str
        Inverse temperature, as it was given.
    n : tuple of float
    labels : tuple of str
    probability, stderr : tuple of tuple of (float or None)
        By n, then by label; None where it was not measured, and where a theory has no error.
    notes : tuple of str
        Which phases are compared, or what was sampled.
    health : Health
        Of the sampling, if there was any.
    given : tuple of GivenPhase
        The numbers of the phases of one's own.
    model : TMS or None
        The model, where its weights are not uniform.
    """

    c: int
    theory: str
    beta: str
    n: tuple[float, ...]
    labels: tuple[str, ...]
    probability: tuple[tuple[float | None, ...], ...]
    stderr: tuple[tuple[float | None, ...], ...]
    notes: tuple[str, ...]
    health: Health = Health()
    given: tuple[GivenPhase, ...] = ()
    model: TMS | None = only_given()

    @property
    def basis(self) -> str:
        """Where the constants come from: a theory, or the user."""
        return name_basis(self.theory, given={phase.name for phase in self.given} >= set(self.labels))

    @classmethod
    def of(
        cls, n: Sequence[float] | Floats, shares: Mapping[str, tuple[Floats, Floats]], **about: Any
    ) -> OccupancyCurves:
        """Collect curves from probabilities and errors by label, (len(n),) arrays with NaN where unknown."""
        probability, stderr = (
            tuple(tuple(None if np.isnan(x) else float(x) for x in row) for row in zip(*columns, strict=True))
            for columns in zip(*shares.values(), strict=True)
        )
        return cls(n=tuple(n), labels=tuple(shares), probability=probability, stderr=stderr, **about)

    def records(self) -> list[dict[str, Any]]:
        """List a dict for each n and label: n, label, probability, stderr."""
        return [
            {"n": n, "label": label, "probability": p, "stderr": error}
            for n, *row in zip(self.n, self.probability, self.stderr, strict=True)
            for label, p, error in zip(self.labels, *row, strict=True)
        ]

    def headline(self) -> str:
        kind = "Theoretical" if self.theory in THEORIES else "Sampled"
        return f"{kind} occupancy, c = {self.c}, {self.basis}, β = {self.beta}"

    def rows(self) -> Sequence[tuple[str, str]]:
        return [
            (f"n = {x['n']:g}, {x['label']}", _cell(x["probability"], x["stderr"])) for x in self.records()
        ]

    def table(self) -> Table:
        """Make a table with a row for each sample size and a column for each phase.

        In a model of one's own it is the other way round, as its phases have long names.
        """
        cells = [list(map(_cell, *row)) for row in zip(self.probability, self.stderr, strict=True)]
        notes, heads, names = self.notes, list(self.labels), [f"{n:g}" for n in self.n]
        first = "n"
        if self.model is not None:
            notes, first = (*notes, f"model: {self.model}"), "phase"
            cells = list(map(list, zip(*cells, strict=True)))
            heads, names = [f"n = {n}" for n in names], heads
        rows = [
            {first: name, **dict(zip(heads, row, strict=True))}
            for name, row in zip(names, cells, strict=True)
        ]
        columns = [Column(first, first, align="l" if first == "phase" else "r")]
        columns += [Column(name, name, align="r") for name in heads]
        return Table(name="occupancy", title=self.headline(), columns=columns, rows=rows, notes=notes)

    def __str__(self) -> str:
        return str(self.table())


def _cell(probability: float | None, stderr: float | None) -> str:
    if probability is None:
        return "-"
    return with_error(probability, stderr) if stderr else f"{probability:.6f}"


def occupancy_curves(
    n: Sequence[float],
    c: int = 6,
    *,
    theory: str = "prior",
    beta: Any = 1,
    among: Sequence[Given] | None = None,
) -> OccupancyCurves:
    """Collect the occupancy of the phases by sample size, and say which phases are left out.

    Parameters
    ----------
    n, c, theory, beta, among
        As in ``occupancy``.

    Examples
    --------
    >>> print(occupancy_curves([300.0, 900.0], among=["5", "6"]))
    Theoretical occupancy, c = 6, theory prior, β = 1
    <BLANKLINE>
      n         6         5
    ───  ────────  ────────
    300  0.005802  0.994198
    900  0.996085  0.003915
    <BLANKLINE>
    compared: 5, 6; local minima left out: 4, 4-, 4--, 4---, 4----, 4+, 4++, 5+
    """
    sizes = np.atleast_1d(check_sizes(n))
    phases = phases_of(c, theory=theory, among=among)
    found = _shares(sizes, phases, theory, beta)
    errors = _errors(sizes, phases, found, beta)
    errors = np.where(errors.any(axis=1, keepdims=True), errors, np.nan)
    note = comparison_note(c, theory=theory, among=among)
    rows = {p.name: (row, error) for p, row, error in zip(phases, found, errors, strict=True)}
    given = tuple(p.record for p in phases if p.gon is None)
    about = {"c": c, "theory": theory, "beta": str(beta), "notes": (note,), "given": given}
    return OccupancyCurves.of(sizes, rows, **about)


@result
class Dominance(Result):
    """A range of n on which one phase has the lowest free energy.

    Attributes
    ----------
    label : str
    n_from, n_to : float or None
        Both ends; None where they are open.
    n_from_stderr, n_to_stderr : float or None
        Their standard errors to first order, where numbers of the phases are estimates.
    """

    label: str
    n_from: float | None
    n_to: float | None
    n_from_stderr: float | None = only_given(shown=False)
    n_to_stderr: float | None = only_given(shown=False)

    @property
    def ends(self) -> tuple[str, str]:
        """The two ends as they are written: an open one is 1 or ∞."""
        low = "1" if self.n_from is None else _end(self.n_from, self.n_from_stderr)
        return low, "∞" if self.n_to is None else _end(self.n_to, self.n_to_stderr)

    def headline(self) -> str:
        low, high = self.ends
        return f"{self.label}: n from {low} to {high}"

    def table(self) -> Table:
        """Tabulate the range in one row."""
        low, high = self.ends
        row = {"label": self.label, "low": low, "high": high}
        columns = [
            Column("label", "phase"),
            Column("low", "n from", "$n$ from", "r"),
            Column("high", "n to", "$n$ to", "r"),
        ]
        return Table(name="phases", title="Phases of lowest free energy", columns=columns, rows=[row])


def _end(n: float, stderr: float | None) -> str:
    return with_error(n, stderr) if stderr else f"{n:.6g}"


def _least_size(phases: Sequence[Phase], theory: str, beta: Any) -> float:
    """The n from which on every phase has a free energy, and at least 1."""
    strength = THEORIES[theory].least_strength
    if any(p.by_strength and p.multiplicity > 1 for p in phases):
        strength = max(strength, 1.0)
    return max(1.0, strength / float(check_beta(beta)))


def dominant_phases(
    c: int = 6,
    *,
    theory: str = "prior",
    beta: Any = 1,
    among: Sequence[Given] | None = None,
) -> list[Dominance]:
    """Find which phase has the lowest F_n, for n ≥ 1 (an expansion in 1/n: for βn ≥ 50 too).

    Where log log βn enters, it is for βn > 1.  Phases that agree for every n share a range, ``A or B``.

    Parameters
    ----------
    c, theory, beta
        As in ``n_crit``.
    among : sequence of labels and phases, optional
        The phases to compare; default as in ``phases_of``.

    Examples
    --------
    >>> [p.headline() for p in dominant_phases(among=["5", "5+", "6"])]
    ['5+: n from 1 to 1.00233', '5: n from 1.00233 to 601.005', '6: n from 601.005 to ∞']
    """
    return dominance_and_doubt(c, theory=theory, beta=beta, among=among)[0]


def dominance_and_doubt(
    c: int = 6, *, theory: str = "prior", beta: Any = 1, among: Sequence[Given] | None = None
) -> tuple[list[Dominance], str]:
    """Find which phase has the lowest F_n, and between which the errors of estimates leave the changes open.

    Parameters
    ----------
    c, theory, beta, among
        As in ``dominant_phases``.

    Returns
    -------
    ranges : list of Dominance
    doubt : str
        A sentence that names the pairs whose number of changes is open; empty where there are none.
    """
    phases = phases_of(c, theory=theory, among=among)
    pairs = [crossing(a, b, c, theory=theory, beta=beta) for a, b in combinations(phases, 2)]
    ranges = _ranges(phases, pairs, _least_size(phases, theory, beta), beta)
    return ranges, _doubt([f"{both.first} and {both.second}" for both in pairs if both.open])


def _ranges(phases: Sequence[Phase], pairs: Sequence[Crossing], least: float, beta: Any) -> list[Dominance]:
    """The ranges of n from a least one on, between the crossings of all pairs of phases."""
    alike = {p.name: {p.name} for p in phases}
    crossings: dict[float, float | None] = {}
    for both in pairs:
        for root in both.roots:
            if root.n > least:  # of pairs that change at one n, the error of the least certain
                crossings[root.n] = max(crossings.get(root.n), root.stderr, key=lambda x: x or 0.0)
        if both.everywhere:
            alike[both.first].add(both.second)
            alike[both.second].add(both.first)
    edges = [least]
    for n in sorted(crossings):
        if n > edges[-1] * (1 + 1e-12):  # three phases may meet in one n
            edges.append(n)
    found: list[tuple[str, float | None]] = []
    for low, up in zip(edges, [*edges[1:], 4 * edges[-1]], strict=True):
        middle = (low * up) ** 0.5
        lowest = min(phases, key=lambda p: float(p.free_energy(middle, beta=beta)))
        label = " or ".join(p.name for p in phases if p.name in alike[lowest.name])
        if not found or found[-1][0] != label:
            found.append((label, low if found or least > 1 else None))
    ends = [start for _, start in found[1:]] + [None]
    return [
        Dominance(
            label=label,
            n_from=start,
            n_to=stop,
            n_from_stderr=None if start is None else crossings.get(start),
            n_to_stderr=None if stop is None else crossings.get(stop),
        )
        for (label, start), stop in zip(found, ends, strict=True)
    ]


def _doubt(pairs: Sequence[str]) -> str:
    """Say for which pairs of phases it is open how often they change."""
    if not pairs:
        return ""
    return f"open within {DEVIATIONS} standard errors: how often the lower changes of {', of '.join(pairs)}"
