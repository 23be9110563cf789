"""Hold loss against λ̂ for all 18 k-gons of six features, with observed transitions and rank statistics.

The published figure shows 14 of them.  Exact λ exists at the local minima only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import ClassVar

from scipy.stats import kendalltau, spearmanr

from kgon.base import text
from kgon.base.results import Result, part, result
from kgon.base.verdicts import Health, KgonError, Verdict
from kgon.base.work import HERE, Work
from kgon.experiments.antecedent import PUBLISHED
from kgon.experiments.llc.at_kgons import estimate_runs, estimates_in
from kgon.experiments.llc.settings import SGLD, Localiser, Sampler
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label

PUBLISHED_DENSITY = Localiser(n=5000)
LEVEL = 0.05
"""Largest p-value that decides."""
LEAST = 5
"""Fewest points of a rank statistic: with five, a perfect order has p = 1/120."""
TRANSITIONS = tuple(pairwise(PUBLISHED))
"""Those of the text's developmental stages."""


@result
class RankTest(Result):
    """Whether higher loss goes with lower complexity, by ranks.

    Attributes
    ----------
    complexity : str
        What the loss is held against.
    count : int
        Points.
    spearman, spearman_p, kendall, kendall_p : float
        ρ and τ of loss against complexity, and the p-values of "not negative".
    verdict : Verdict
        CONFIRMED: both are negative with p ≤ 0.05.  REFUTED: neither is negative.  UNDECIDED otherwise.
    """

    complexity: str
    count: int
    spearman: float
    spearman_p: float
    kendall: float
    kendall_p: float
    verdict: Verdict

    def headline(self) -> str:
        return (
            f"loss against {self.complexity}, {self.count} points: rho = {self.spearman:.2f} (p = "
            f"{self.spearman_p:.2g}), tau = {self.kendall:.2f} (p = {self.kendall_p:.2g}): {self.verdict}"
        )


def rank_test(loss: Sequence[float], complexity: Sequence[float], name: str = "complexity") -> RankTest:
    """Test "the higher the loss, the lower the complexity" by Spearman's ρ and Kendall's τ, one-sided.

    Raises
    ------
    KgonError
        Unequal lengths, fewer than 5 points, or values that are all equal or not finite.

    Examples
    --------
    >>> rank_test([1, 2, 3, 4, 5], [9, 8, 8, 3, 1])
    <loss against complexity, 5 points: rho = -0.97 (p = 0.0024), tau = -0.95 (p = 0.011): CONFIRMED>
    """
    if len(loss) != len(complexity) or len(loss) < LEAST:
        raise KgonError(
            f"a rank test takes at least {LEAST} pairs, got {len(loss)} losses and {len(complexity)} values"
        )
    for kind, values in (("loss", loss), (name, complexity)):
        if not all(math.isfinite(x) for x in values) or len(set(values)) < 2:
            raise KgonError(f"{kind} must be finite and not constant, got {list(values)}")
    rho = spearmanr(loss, complexity, alternative="less")
    tau = kendalltau(loss, complexity, alternative="less")
    negative = (rho.statistic < 0, tau.statistic < 0)
    if all(negative) and max(rho.pvalue, tau.pvalue) <= LEVEL:
        verdict = Verdict.CONFIRMED
    else:
        verdict = Verdict.UNDECIDED if any(negative) else Verdict.REFUTED
    return RankTest(
        complexity=name,
        count=len(loss),
        spearman=float(rho.statistic),
        spearman_p=float(rho.pvalue),
        kendall=float(tau.statistic),
        kendall_p=float(tau.pvalue),
        verdict=verdict,
    )


def exact_ranks() -> RankTest:
    """Rank the losses of the ten local minima of six features against their exact λ."""
    minima = [p for p in Catalogue(6) if p.lambda_ is not None and p.configuration != "opposite"]
    return rank_test([p.loss for p in minima], [float(p.lambda_ or 0) for p in minima], "exact λ")


@result
class MeasuredPhase(Result):
    """A k-gon with its loss, λ and λ̂.

    Attributes
    ----------
    label : str
    loss : float
    lambda_ : float or None
        Exact; None where the k-gon is no local minimum.
    lambda_hat, stderr : float
    health : Health
    """

    schema: ClassVar[str] = "loss-lambda-hat-phase"
    json_names: ClassVar[dict[str, str]] = {"lambda_": "lambda"}

    label: str
    loss: float
    lambda_: float | None
    lambda_hat: float
    stderr: float
    health: Health

    @property
    def summary(self) -> str:
        """L and λ̂ with its error, in words."""
        return f"L = {self.loss:.5f}, lambda-hat = {text.with_error(self.lambda_hat, self.stderr)}"

    def headline(self) -> str:
        return f"{self.label}: {self.summary}"


@result
class LossComplexity(Result):
    """Loss and λ̂ of all 18 k-gons of six features, and whether they rank as the text says.

    Attributes
    ----------
    localiser : Localiser
        n, β and γ.
    sampler : str
    phases : tuple of MeasuredPhase
        By falling loss.
    transitions : tuple of (str, str)
        Observed in training.
    exact, sampled : RankTest
        Loss against exact λ of the minima, and against λ̂ of all.
    falling : tuple of bool
        Whether loss falls and λ̂ rises along each transition.
    health : Health
        How many λ̂ are not to be trusted; with any, ``sampled`` is UNDECIDED.
    seed : int
    """

    schema: ClassVar[str] = "loss-lambda-hat"

    localiser: Localiser = part(precision="gamma")
    sampler: str
    phases: tuple[MeasuredPhase, ...]
    transitions: tuple[tuple[str, str], ...]
    exact: RankTest
    sampled: RankTest
    falling: tuple[bool, ...]
    health: Health
    seed: int

    def headline(self) -> str:
        at = self.localiser
        return (
            f"{len(self.phases)} k-gons, n = {at.n:g}, beta = {at.beta:.4g}, gamma = {at.gamma:g}, "
            f"{self.sampler}: {self.exact.verdict} with exact λ, {self.sampled.verdict} with λ̂"
        )

    def rows(self) -> Sequence[tuple[str, str]]:
        return [
            *((x.label, x.summary) for x in self.phases),
            ("exact λ", self.exact.headline()),
            ("λ̂", self.sampled.headline()),
            *(
                (f"{a} → {b}", "loss falls, λ̂ rises" if holds else "not: loss falls, λ̂ rises")
                for (a, b), holds in zip(self.transitions, self.falling, strict=True)
            ),
            *self.health.rows(),
        ]


def measure_loss_lambda_hat(
    sampler: Sampler = SGLD,
    localiser: Localiser = PUBLISHED_DENSITY,
    *,
    transitions: Sequence[tuple[str | Label, str | Label]] = TRANSITIONS,
    seed: int = 0,
    work: Work = HERE,
) -> LossComplexity:
    """Sample λ̂ of the 18 k-gons of six features, by default with the published settings.

    Parameters
    ----------
    sampler, localiser, seed
        As in ``estimate_llc``, on the population loss.
    transitions : sequence of (label, label)
        Observed in training; the default is the text's 4⁺⁺⁻ → 4⁺ → 5.
    work : Work

    Returns
    -------
    LossComplexity

    Raises
    ------
    KgonError
        As ``estimate_llc``, or a transition between labels that do not occur.

    Examples
    --------
    >>> found = measure_loss_lambda_hat(SGLD.but(chains=4))
    >>> found.exact.verdict, len(found.phases)
    (<Verdict.CONFIRMED: 'CONFIRMED'>, 18)
    """
    catalogue = Catalogue(6)
    pairs = tuple((str(catalogue[a].name), str(catalogue[b].name)) for a, b in transitions)
    points = sorted((p for p in catalogue if p.configuration != "opposite"), key=lambda p: -p.loss)
    tasks = {str(p.name): ([(str(p.name), localiser, sampler)], None, seed) for p in points}
    found = [estimates_in(x)[0] for x in work.run(estimate_runs, tasks, "λ̂ of k-gon").values()]
    phases = tuple(
        MeasuredPhase(
            label=str(p.name),
            loss=p.loss,
            lambda_=None if p.lambda_ is None else float(p.lambda_),
            lambda_hat=estimate.lambda_hat,
            stderr=estimate.stderr,
            health=estimate.health,
        )
        for p, estimate in zip(points, found, strict=True)
    )
    sick = sum(not x.health.good for x in phases)
    health = Health.of((sick > 0, "{sick} of {count} λ̂ are not to be trusted"), sick=sick, count=len(phases))
    ranks = rank_test([x.loss for x in phases], [x.lambda_hat for x in phases], "λ̂")
    by_label = {x.label: x for x in phases}
    for pair in pairs:
        for label in pair:
            if label not in by_label:
                raise KgonError(f"transitions are between the 18 published k-gons, got {label}")
    return LossComplexity(
        localiser=localiser,
        sampler=sampler.kind,
        phases=phases,
        transitions=pairs,
        exact=exact_ranks(),
        sampled=replace(ranks, verdict=health.judged(ranks.verdict)),
        health=health,
        falling=tuple(
            by_label[a].loss > by_label[b].loss and by_label[a].lambda_hat < by_label[b].lambda_hat
            for a, b in pairs
        ),
        seed=seed,
    )
