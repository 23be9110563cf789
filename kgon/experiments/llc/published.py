"""Run the chains of the published λ̂ as they are described, and hold both against each other.

Table K.1 has λ̂ of 5, 5⁺ and 6 at n = 5000: ten chains of SGLD with γ = 0.1, ε = 5·10⁻⁵ and 10 000 steps, of
which those with more than 5 % of their draws below L(w*) are discarded (``settings.PROTOCOL``).  Whether that
loss is the population's or that of data is not said: both are run.  ``llc.bias`` says where the difference to
λ comes from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from kgon.base.agreement import Agreement
from kgon.base.results import Result, result
from kgon.base.runs import Arrays
from kgon.base.work import HERE, Work
from kgon.experiments.llc.at_kgons import Run, estimate_runs
from kgon.experiments.llc.bias import FULL_SPLIT, QUICK_SPLIT, BiasSplit, SplitEffort, split_bias
from kgon.experiments.llc.convergence import ConvergencePoint, points_of
from kgon.experiments.llc.settings import (
    PROTOCOL,
    PUBLISHED,
    PUBLISHED_CHAINS,
    PUBLISHED_N,
    SGLD,
    WIDE,
    Localiser,
    Sampler,
)

SPACING = 0.5
"""Smallest difference of two λ of k-gons: the effect size of every comparison here."""
OTHERS = (
    *(SGLD.but(chains=100, step_size=0.5 / steps, steps=steps) for steps in (500, 1000, 2500)),
    SGLD.but(chains=20, step_size=1e-3, steps=10_000),
)
"""Chains at γ = 1: three as long as the published ones, ε · steps = 0.5, and one twenty times as long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedEffort:
    """How much is sampled beside the published protocol itself, ten chains at each k-gon.

    Attributes
    ----------
    split : SplitEffort
    data_sets : int
        Of 5000 samples, each with ten chains.
    others : tuple of Sampler
        Other chains that are held against the published values, with γ = 1.
    """

    split: SplitEffort
    data_sets: int
    others: tuple[Sampler, ...] = ()


QUICK = PublishedEffort(split=QUICK_SPLIT, data_sets=1)
FULL = PublishedEffort(split=FULL_SPLIT, data_sets=10, others=OTHERS)


@result
class PublishedCheck(Result):
    """The published λ̂ by their own protocol, and what of them is not λ.

    Attributes
    ----------
    points : tuple of ConvergencePoint
        λ̂ by the protocol, on the population loss and on data; then by other chains, if any.
    agreements : tuple of Agreement
        Whether each is the published value, in the same order (see ``as_published``).
    splits : tuple of BiasSplit
        One for each label.
    seed : int
    """

    schema: ClassVar[str] = "llc-published"

    points: tuple[ConvergencePoint, ...]
    agreements: tuple[Agreement, ...]
    splits: tuple[BiasSplit, ...]
    seed: int

    def headline(self) -> str:
        agree = sum(x.verdict.holds for x in self.agreements)
        return (
            f"published lambda-hat at n = {PUBLISHED_N}: {agree} of {len(self.points)} runs agree with them"
        )

    def rows(self) -> Sequence[tuple[str, str]]:
        return [
            *((x.headline(), a.headline()) for x, a in zip(self.points, self.agreements, strict=True)),
            *((f"lambda-hat - lambda of {x.label}", x.headline()) for x in self.splits),
        ]


def as_published(label: str, estimate: float, stderr: float) -> Agreement:
    """Hold a λ̂ against the published one, whose error bar is the spread of ten chains.

    They agree within three standard errors of their difference; UNDECIDED where that error exceeds the
    spacing of λ.  Of short chains it is asked whether they say the same, not whether they are to be believed.
    """
    published = PUBLISHED[label]
    error = float(np.hypot(published.error / np.sqrt(PUBLISHED_CHAINS), stderr))
    return Agreement.compare(published.value, estimate, error, resolution=SPACING)


def measure_published(
    effort: PublishedEffort = QUICK,
    *,
    labels: Sequence[str] = tuple(PUBLISHED),
    seed: int = 0,
    work: Work = HERE,
) -> PublishedCheck:
    """Sample λ̂ at n = 5000 by the published protocol, and split its difference to λ.

    Parameters
    ----------
    effort : PublishedEffort
    labels : sequence of str
        Some of 5, 5+ and 6.
    seed : int
        Of the chains on the population; data set k and its chains have the seed 1000·seed + k.
    work : Work

    Returns
    -------
    PublishedCheck

    Examples
    --------
    >>> few = PublishedEffort(split=SplitEffort(chains=16, draws=20), data_sets=1)
    >>> found = measure_published(few, labels=["6"])
    >>> [(x.source, str(a.verdict)) for x, a in zip(found.points, found.agreements)]
    [('population', 'CONFIRMED'), ('data', 'CONFIRMED')]
    """
    protocol: list[Run] = [(label, *PROTOCOL) for label in labels]
    wide = Localiser(n=PUBLISHED_N, gamma=WIDE)
    others: list[Run] = [(label, wide, sampler) for sampler in effort.others for label in labels]
    sets = range(1000 * seed, 1000 * seed + effort.data_sets)
    tasks = {"population": (protocol, None, seed), **{f"data-{k}": (protocol, k, k) for k in sets}}
    if others:
        tasks["others"] = (others, None, seed)
    found = work.run(estimate_runs, tasks, "λ̂")
    points = points_of([found["population"]], protocol, "population")
    points += points_of([found[f"data-{k}"] for k in sets], protocol, "data")
    if others:
        points += points_of([found["others"]], others, "population")
    splits = work.inside("bias").run(_split, {x: (x, effort.split, seed) for x in labels}, "λ̂ − λ of k-gon")
    return PublishedCheck(
        points=tuple(points),
        agreements=tuple(as_published(x.label, x.lambda_hat, x.stderr) for x in points),
        splits=tuple(BiasSplit.from_json(str(x["split"])) for x in splits.values()),
        seed=seed,
    )


def _split(label: str, effort: SplitEffort, seed: int) -> Arrays:
    """One split as text: a task of ``Work.run``."""
    return {"split": np.array(split_bias(label, effort, seed=seed).to_json())}
