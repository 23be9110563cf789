"""Sampled evidence in the place of a theory: n_crit, occupancy and dominance from ``Evidence``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from kgon.crossings import CriticalSize, Crossing
from kgon.experiments.evidence import Evidence
from kgon.experiments.evidence import evidence as sample
from kgon.free_energy import Dominance, check_beta, strengths
from kgon.model import Floats
from kgon.results import KgonError

_QUICK: dict[int, Evidence] = {}


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
        """The labels with commas between them."""
        return ",".join(self.labels)

    def _estimates(self, n: ArrayLike, beta: Any) -> Floats:
        strength = strengths(n, beta)
        flat = [self.evidence.free_energy(self.labels, float(s)) for s in np.ravel(strength)]
        return np.array([list(x) for x in flat]).T.reshape(2, *np.shape(strength))

    def free_energy(self, n: ArrayLike, *, beta: Any = 1) -> Floats:
        """F_n by sampling."""
        return np.asarray(self._estimates(n, beta)[0])

    def stderr(self, n: ArrayLike, *, beta: Any = 1) -> Floats:
        """Its standard error."""
        return np.asarray(self._estimates(n, beta)[1])


def quick_evidence(c: int = 6, *, workers: int = 1) -> Evidence:
    """The evidence of the quick setting (about 30 core seconds), kept for the next call."""
    if c not in _QUICK:
        _QUICK[c] = sample(c, workers=workers)
    return _QUICK[c]


def sampled_phase(evidence: Evidence, text: str) -> SampledPhase:
    """The basin of a label, or of several with commas between them.

    Raises
    ------
    KgonError
        A label without a basin of its own.
    """
    labels = tuple(part.strip() for part in text.split(","))
    if len(set(labels)) < len(labels):
        raise KgonError(f"a union names each basin once, got {text!r}")
    for label in labels:
        if label not in evidence.labels[:-2]:
            raise KgonError(f"{label!r} is none of the sampled basins {', '.join(evidence.labels[:-2])}")
    return SampledPhase(evidence, labels)


def sampled_crossing(evidence: Evidence, first: str, second: str, *, beta: Any = 1) -> Crossing:
    """The smallest n at which two basins have equal sampled free energies, with its standard error."""
    a, b = sampled_phase(evidence, first), sampled_phase(evidence, second)
    inverse = float(check_beta(beta))
    same = set(a.labels) == set(b.labels)
    found = None if same else evidence.find_crossing(a.labels, b.labels)
    roots: tuple[CriticalSize, ...] = ()
    if found is not None:
        s, error = found
        low, high = max(s * 0.99, evidence.sizes[0]), min(s * 1.01, evidence.sizes[-1])
        gaps = [
            evidence.free_energy(b.labels, x).value - evidence.free_energy(a.labels, x).value
            for x in (low, high)
        ]
        names = (a.name, b.name) if gaps[0] > gaps[1] else (b.name, a.name)
        roots = (
            CriticalSize(
                n=s / inverse,
                lower=(s - error) / inverse,
                upper=(s + error) / inverse,
                stderr=error / inverse,
                below=names[0],
                above=names[1],
            ),
        )
    known = evidence.measured(a.labels, b.labels)
    where = "nowhere" if known is None else f"at {known[0]:g} <= beta n <= {known[1]:g}"
    return Crossing(
        first=a.name, second=b.name, c=evidence.c, theory="evidence", beta=inverse, delta_loss=None,
        delta_lambda=None, delta_c=None, kind="", everywhere=same, roots=roots,
        note=f"both measured {where}; lower and upper are one standard error away",
    )  # fmt: skip


def _shares(evidence: Evidence, strength: Floats, weights: Floats) -> Floats:
    """Share of each row but ``all`` at each s: (rows, sizes); 0 without mass, NaN where not measured.

    Where all basins were counted they make up the whole; above, where only the targets are followed, the
    whole is the larger of the global estimate and their sum.
    """
    masses, whole = evidence.masses, evidence.labels.index("all")
    total = np.array([masses.curve([whole], float(s), weights) for s in strength])
    rows = [
        [masses.curve([row], float(s), weights) for s in strength] for row in range(whole)
    ]  # fmt: skip
    free = np.array(rows)
    share = np.where(np.isposinf(free), 0.0, np.exp(total - np.where(np.isposinf(free), np.nan, free)))
    found = np.nansum(share, axis=0)
    return np.asarray(share / np.where(strength <= evidence.counted, found, np.maximum(found, 1.0)))


def sampled_occupancy(
    evidence: Evidence, n: Sequence[float] | Floats, *, beta: Any = 1
) -> dict[str, tuple[Floats, Floats]]:
    """Share of the posterior in each basin by sample size: label → probability and standard error.

    A basin that was not measured at some n is given 0 there, with an error of NaN.

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
    seen = np.isfinite(values)
    return {
        label: (np.where(seen[row], values[row], 0.0), np.where(seen[row], errors[row], np.nan))
        for row, label in enumerate(evidence.labels[:-1])
        if np.nansum(values[row]) > 0
    }


def sampled_dominance(evidence: Evidence, *, beta: Any = 1) -> list[Dominance]:
    """Which basin, or ``other``, holds the largest share of the posterior, over the sampled range of n."""
    inverse = float(check_beta(beta))
    s = np.geomspace(evidence.sizes[0], evidence.sizes[-1], 200)
    s[0], s[-1] = evidence.sizes[0], evidence.sizes[-1]
    shares = sampled_occupancy(evidence, s / inverse, beta=beta)
    names = list(shares)
    best = np.argmax([values for values, _ in shares.values()], axis=0)
    ranges: list[Dominance] = []
    edge = evidence.sizes[0] / inverse
    for k in range(1, len(s) + 1):
        if k == len(s) or best[k] != best[k - 1]:
            stop = evidence.sizes[-1] / inverse
            if k < len(s):
                root = evidence.find_crossing(names[best[k - 1]], names[best[k]])
                stop = (float(s[k]) if root is None else root.value) / inverse
            ranges.append(Dominance(label=names[best[k - 1]], n_from=edge, n_to=stop))
            edge = stop
    return ranges
