"""Measure the learning coefficient λ by simulation alone: localised posterior, and volumes of sublevel sets.

λ is the exponent of vol{w near w*: L(w) − L(w*) < ε} ~ C ε^λ (log 1/ε)^(m−1).  Two estimators, which see
nothing but values and gradients of L:

- **energy**: λ̂ = s E[L(w) − L(w*)] under p ∝ exp(−s L − ½ γ ‖w − w*‖²), at s = βn that of ``llc``;
- **volume**: for uniform points of {L − L* < ε} within ‖w − w*‖ < R, (L − L*)/ε has the distribution
  function t^λ, so that λ̂ = −1/mean log((L − L*)/ε).

Both tend to λ as s → ∞ and ε → 0.  To get there, ``learning_check`` shrinks the neighbourhood (R = γ^(−1/2)
= 2·10⁻³, so that the set L = L* is straight) and makes the plate around that set far thinner (s up to 10¹³).
What is left is the plate's edges, where the set ends at walls: a share of order s^(−1/2)/R, removed by a fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from kgon.base import text
from kgon.base.agreement import Agreement
from kgon.base.checks import check_number
from kgon.base.results import Result, result
from kgon.base.streams import generator
from kgon.base.verdicts import Health, Verdict
from kgon.base.work import HERE, Work
from kgon.experiments.llc.measures import LIMITS
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.kgons.values import as_label
from kgon.potential.model import TMS
from kgon.sampling.exponent import ExponentSeries, energy_series, volume_series

RADIUS = 2e-3
"""R of the neighbourhood."""
STRENGTHS = (1e11, 1e12, 1e13)
"""s of the energies; the levels of the volumes are λ̂/s."""
LIMIT = 4.0
"""Standard errors that an agreement may be off: with 100 comparisons one in 160 runs fails by chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckEffort:
    """How much is sampled for a check of λ, and how well that must decide.

    Attributes
    ----------
    chains, draws : int
        Of each size; chains at least 4d.
    resolution : float
        Largest standard error that decides; λ of neighbouring cases differ by ½.
    """

    chains: int
    draws: int
    resolution: float


QUICK = CheckEffort(chains=256, draws=240, resolution=0.06)
FULL = CheckEffort(chains=512, draws=480, resolution=0.03)


@result
class LearningCheck(Result):
    """λ of a k-gon held against two simulations.

    Attributes
    ----------
    label, configuration : str
    c : int
    expected : float
        λ, as handed in.
    energy, volume : Agreement
        The limits of the two series against ``expected``; error bars of a λ of 0 are upper bounds.
    energies, volumes : ExponentSeries
        s E[L − L*] by s, and −1/mean log((L − L*)/ε) by ε.
    verdict : Verdict
        REFUTED if lower losses were found; UNDECIDED if R̂ exceeds 1.1; else the weaker of the agreements.
    """

    label: str
    configuration: str
    c: int
    expected: float
    energy: Agreement
    volume: Agreement
    energies: ExponentSeries
    volumes: ExponentSeries
    verdict: Verdict

    @property
    def rhat(self) -> float | None:
        """The largest split R̂; None where L is constant."""
        return max((x.rhat for x in (self.energies, self.volumes) if x.rhat is not None), default=None)

    @property
    def below(self) -> float:
        """The share of draws with L < L(w*) beyond rounding, in the series that has more of them."""
        return max(self.energies.below, self.volumes.below)

    def against(self, expected: float) -> LearningCheck:
        """Hold the same simulations against another λ.

        Raises
        ------
        KgonError
            An ``expected`` that is not a finite number of at least 0.
        """
        check_number("expected", expected, 0)
        judged = _judged(expected, self.energies, self.volumes, self.energy.resolution)
        return replace(self, expected=float(expected), **judged)

    def headline(self) -> str:
        name = Label.parse(self.label + (":opposite" if self.configuration == "opposite" else "")).pretty
        energy, volume = (text.with_error(x.estimate, x.stderr) for x in (self.energy, self.volume))
        return (
            f"{name}, c = {self.c}: lambda = {self.expected:g}, by energy {energy}, by volume {volume}: "
            f"{self.verdict}"
        )

    def rows(self) -> Sequence[tuple[str, str]]:
        def lines(name: str, series: ExponentSeries) -> list[tuple[str, str]]:
            return [
                (f"{name} = {size:.1e}", text.with_error(float(value), float(error)))
                for size, value, error in zip(series.sizes, series.estimates, series.errors, strict=True)
            ]

        return [
            ("λ expected", f"{self.expected:g}"),
            *lines("s E[L − L*] at s", self.energies),
            ("limit by energy", self.energy.headline()),
            *lines("−1/mean log at ε", self.volumes),
            ("limit by volume", self.volume.headline()),
            ("split R̂", "none: L is constant" if self.rhat is None else f"{self.rhat:.4f}"),
            ("draws below L(w*)", f"{self.below:.1%}"),
            ("verdict", str(self.verdict)),
        ]


def learning_check(
    label: str | Label, c: int = 6, *, expected: float, effort: CheckEffort = FULL, seed: int = 0
) -> LearningCheck:
    """Hold a learning coefficient against energy and volume of simulations near the k-gon.

    Parameters
    ----------
    label : str or Label
        At its standard representative.
    c : int
        Number of features.
    expected : float
        λ to be tested; the simulation does not use it.
    effort : CheckEffort
        ``FULL`` or ``QUICK``.
    seed : int

    Returns
    -------
    LearningCheck

    Raises
    ------
    KgonError
        A label that does not occur, or an ``expected`` that is not a finite number of at least 0.

    Examples
    --------
    >>> few = CheckEffort(chains=72, draws=60, resolution=0.1)
    >>> learning_check("4---", expected=1, effort=few).verdict
    <Verdict.CONFIRMED: 'CONFIRMED'>
    """
    check_number("expected", expected, 0)
    name = as_label(label)
    point = Catalogue(c)[name]
    tms = TMS(c)
    centre = tms.pack(point.W, point.biases)
    first, second = generator(seed).spawn(2)
    chains, draws = max(effort.chains, 4 * tms.dimension), effort.draws
    energies = energy_series(
        first, tms, centre, radius=RADIUS, strengths=STRENGTHS, chains=chains, draws=draws
    )
    # Levels at the mean energy, so that both estimators see plates of about the same width.
    levels = [max(energies.limit, 0.5) / s for s in STRENGTHS]
    # The variance of −1/mean log is λ²/ess, and a chain forgets in about d moves.
    share = max(1, (energies.limit / 7.5) ** 2) * tms.dimension / 18
    volumes = volume_series(
        second, tms, centre, radius=RADIUS, levels=levels, members=chains, draws=round(draws * min(share, 4))
    )
    return LearningCheck(
        label=point.label,
        configuration=point.configuration,
        c=c,
        expected=float(expected),
        energies=energies,
        volumes=volumes,
        **_judged(expected, energies, volumes, effort.resolution),
    )


def _judged(
    expected: float, energies: ExponentSeries, volumes: ExponentSeries, resolution: float
) -> dict[str, Any]:
    """Hold both series against a λ: the fields of the check that depend on it."""
    energy, volume = (
        Agreement.compare(float(expected), x.limit, x.stderr, resolution=resolution, ess=x.ess, limit=LIMIT)
        for x in (energies, volumes)
    )
    below, split = max(x.below for x in (energies, volumes)), max(x.rhat or 1.0 for x in (energies, volumes))
    verdict = _verdict([energy.verdict, volume.verdict], below, split)
    return {"energy": energy, "volume": volume, "verdict": verdict}


def learning_checks(
    expected: Sequence[tuple[str | Label, float]],
    c: int = 6,
    *,
    effort: CheckEffort = FULL,
    work: Work = HERE,
) -> list[LearningCheck]:
    """Hold several coefficients, each with its k-gon, against simulations; each is a task."""
    return work.map(_checked, [(label, c, value, effort) for label, value in expected])


def _checked(label: str | Label, c: int, expected: float, effort: CheckEffort) -> LearningCheck:
    """One coefficient: a task of ``Work.map``."""
    return learning_check(label, c, expected=expected, effort=effort)


def _verdict(agreements: Sequence[Verdict], below: float, split: float) -> Verdict:
    """Join two agreements with the health of the samples: share of lower draws, largest split R̂."""
    least = Verdict.of(below == 0, proved=False)  # no draw lies lower than the point itself
    mixed = Health.of((split > LIMITS.rhat, "the chains disagree"))
    return Verdict.joint([*map(mixed.judged, agreements), least])
