"""Put sampled evidence in the place of a theory: n_crit, occupancy and dominance from ``Evidence``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from kgon.base.checks import Floats
from kgon.base.results import result
from kgon.base.text import listed
from kgon.base.verdicts import KgonError, Verdict
from kgon.experiments.posterior.evidence_result import Evidence
from kgon.experiments.posterior.masses import MassEstimate, shares_of
from kgon.free_energy.conventions import check_beta, strengths
from kgon.free_energy.crossings import Crossing
from kgon.free_energy.dominance import Dominance, OccupancyCurves
from kgon.free_energy.energies import Noise
from kgon.free_energy.roots import CriticalSize
from kgon.kgons.basins import OTHER

LIMIT = 3.0
"""Standard errors beyond which the sign of a difference of sampled free energies counts as known."""


@dataclass(frozen=True, slots=True, eq=False)
class SampledPhase:
    """A basin, or several together, with its sampled free energy (the protocol of ``FreeEnergy``).

    Attributes
    ----------
    evidence : Evidence
    labels : tuple of str
    """

    evidence: Evidence
    labels: tuple[str, ...]

    @property
    def name(self) -> str:
        """The labels, with commas between them."""
        return ",".join(self.labels)

    def free_energy(self, n: ArrayLike, *, beta: Any = 1) -> Floats:
        """The sampled free energy F_n, at one or many n."""
        strength = strengths(n, beta)
        flat = [self.evidence.free_energy(self.labels, float(s)).value for s in np.ravel(strength)]
        return np.reshape(flat, np.shape(strength))

    def noise(self, n: ArrayLike, *, beta: Any = 1) -> Noise:
        """The error of the sampled F_n by replicate, (R, …), as the jackknife finds it."""
        evidence, strength = self.evidence, strengths(n, beta)
        flat = [evidence.noise(self.labels, float(s)) for s in np.ravel(strength)]
        return {"runs": np.reshape(np.transpose(flat), (-1, *np.shape(strength)))}


def sampled_phase(evidence: Evidence, text: str) -> SampledPhase:
    """Take the basin of a label, or of several with commas between them, as a phase.

    Raises
    ------
    KgonError
        A label without a basin of its own.
    """
    labels = tuple(listed(text))
    if len(set(labels)) < len(labels):
        raise KgonError(f"a union names each basin once, got {text!r}")
    for label in labels:
        if label not in evidence.labels[:-2]:
            raise KgonError(f"{label!r} is none of the sampled basins {', '.join(evidence.labels[:-2])}")
    return SampledPhase(evidence, labels)


@result
class SampledCrossing(Crossing):
    """The smallest n at which two sampled free energies are equal, if it can be told.

    Attributes
    ----------
    verdict : Verdict
        CONFIRMED where a root was found, and where the sign of F_B − F_A is the same at all sizes, beyond
        ``LIMIT`` standard errors; else UNDECIDED.
    """

    schema: ClassVar[str] = Crossing.schema

    verdict: Verdict

    @property
    def absence(self) -> str:
        """What is said where there is no root."""
        return "none" if self.verdict.holds else "not measured: UNDECIDED"


def sampled_crossing(evidence: Evidence, first: str, second: str, *, beta: Any = 1) -> SampledCrossing:
    """Find the smallest n at which two basins have equal sampled free energies, with its standard error."""
    a, b = sampled_phase(evidence, first), sampled_phase(evidence, second)
    inverse = float(check_beta(beta))
    same = set(a.labels) == set(b.labels)
    found = None if same else evidence.find_crossing(a.labels, b.labels)
    gap, error = evidence.gap(a.labels, b.labels)
    known = np.array(evidence.sizes)[np.isfinite(gap)]
    where = f"at {known[0]:g} <= beta n <= {known[-1]:g}" if len(known) else "nowhere"
    where += f" (sampled: {evidence.sizes[0]:g} to {evidence.sizes[-1]:g})"
    apart = bool((gap > LIMIT * error).all() or (gap < -LIMIT * error).all())
    return SampledCrossing(
        first=a.name,
        second=b.name,
        c=evidence.c,
        theory="evidence",
        beta=inverse,
        delta_loss=None,
        delta_lambda=None,
        delta_c=None,
        kind="",
        everywhere=same,
        roots=() if found is None else (_critical_size(a, b, found, inverse),),
        note=f"both measured {where}; lower and upper are one standard error away",
        open=None,
        verdict=Verdict.of(same or found is not None or apart or None, proved=False),
    )


def _critical_size(a: SampledPhase, b: SampledPhase, found: MassEstimate, beta: float) -> CriticalSize:
    """The crossing at s as a sample size, with the phase that prevails on either side."""
    s, error = found
    sizes = a.evidence.sizes
    n = np.array([max(s * 0.99, sizes[0]), min(s * 1.01, sizes[-1])])
    low, high = b.free_energy(n) - a.free_energy(n)
    below, above = (a.name, b.name) if low > high else (b.name, a.name)
    return CriticalSize(
        n=s / beta,
        lower=(s - error) / beta,
        upper=(s + error) / beta,
        stderr=error / beta,
        below=below,
        above=above,
    )


def _shares(evidence: Evidence, strength: Floats, weights: Floats) -> Floats:
    """Shares (rows, sizes) of each row but ``all`` at each s."""
    curve, rows = evidence.masses.curve, range(len(evidence.labels) - 1)
    return shares_of(np.array([curve([row], strength, weights) for row in rows]))


def sampled_occupancy(
    evidence: Evidence, n: Sequence[float] | Floats, *, beta: Any = 1
) -> dict[str, tuple[Floats, Floats]]:
    """Compute the share of each basin in the posterior, by n: label → probability and standard error.

    The shares at one n sum to 1.  Their errors are those of the ratio of a mass to the sum of all, which the
    same replicates give: with the error of the sum, and the covariance of the two.

    Raises
    ------
    KgonError
        βn outside the sizes that were sampled.
    """
    strength = np.atleast_1d(strengths(n, beta))
    low, high = evidence.sizes[0], evidence.sizes[-1]
    if strength.min() < low or strength.max() > high:
        raise KgonError(
            f"beta n must be from {low:g} to {high:g}, where the evidence was sampled, "
            f"got {strength.min():g} to {strength.max():g}"
        )
    values, errors = evidence.masses.jackknife_array(lambda weights: _shares(evidence, strength, weights))
    return {
        label: (values[row], errors[row])
        for row, label in enumerate(evidence.labels[:-1])
        if label == OTHER or np.nansum(values[row]) > 0
    }


def sampled_curves(evidence: Evidence, n: Sequence[float], *, beta: Any = 1) -> OccupancyCurves:
    """Collect ``sampled_occupancy`` as curves."""
    shares = sampled_occupancy(evidence, n, beta=beta)
    note = "share of each basin in the sampled posterior; other: in no basin; 0.000000: no particle was there"
    about = {"c": evidence.c, "theory": "evidence", "beta": str(beta), "model": evidence.model}
    return OccupancyCurves.of(n, shares, notes=(note,), **about)


def sampled_dominance(evidence: Evidence, *, beta: Any = 1) -> list[Dominance]:
    """Find which basin, or ``other``, holds the largest share of the posterior, where any was measured."""
    inverse = float(check_beta(beta))
    s = np.geomspace(evidence.sizes[0], evidence.sizes[-1], 200)
    s[0], s[-1] = evidence.sizes[0], evidence.sizes[-1]
    occupied = sampled_occupancy(evidence, s / inverse, beta=beta)
    names, share = list(occupied), np.nan_to_num([values for values, _ in occupied.values()], nan=-1.0)
    known = share.max(axis=0) >= 0
    s, share = s[known], share[:, known]
    best = np.argmax(share, axis=0)
    changes = np.flatnonzero(np.diff(best))
    edges = [s[0]]
    for k in changes:
        old, new = best[k], best[k + 1]
        lead, lag = share[old, k] - share[new, k], share[new, k + 1] - share[old, k + 1]
        edges.append(s[k] * (s[k + 1] / s[k]) ** (lead / (lead + lag)))
    leaders = [names[best[k]] for k in (*changes, -1)]
    return [
        Dominance(
            label=label,
            n_from=float(start / inverse),
            n_to=float(stop / inverse),
            n_from_stderr=None,  # not known: the shares of neighbouring sizes have common samples
            n_to_stderr=None,
        )
        for label, start, stop in zip(leaders, edges, [*edges[1:], s[-1]], strict=True)
    ]
