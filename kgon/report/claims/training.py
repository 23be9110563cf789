"""Judge the text's claims about training and about the order of phases by labelled SGD runs."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

from kgon.base.verdicts import Verdict
from kgon.experiments.llc.against_loss import LEVEL, RankTest
from kgon.experiments.training.rates import transition_rates
from kgon.experiments.training.results import Training, TrainingRun, TransitionCount, added_up
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.kgons.names import parse_name
from kgon.report.artefact import claims
from kgon.report.claims.claim import MECHANISTIC, PAPER, THERMODYNAMIC, Claim
from kgon.sampling.sgd import Trajectory

ENOUGH = 100
"""Runs of each kind of start without an exception that confirm an "always"."""
NEVER = ("5", "6")
"""The Bayesian transition that the paper did not see in training."""
INCONCLUSIVE = 2
"""Observed transitions that the paper calls inconclusive."""
BETWEEN = 0.2
"""Largest share of the time between plateaus at which training goes by plateaus and jumps."""


@claims(command="kgon table loss-lambda-hat")
def rank_claims(ranks: RankTest) -> list[Claim]:
    """Judge whether higher-energy phases have lower complexity, by rank statistics with exact λ."""
    return [
        Claim(
            name="higher-energy phases mostly have lower complexity (exact λ of the ten minima)",
            group=MECHANISTIC,
            published="mostly",
            ours=f"Spearman {ranks.spearman:.2f} (p = {ranks.spearman_p:.1g}), Kendall {ranks.kendall:.2f} "
            f"(p = {ranks.kendall_p:.1g})",
            rule=f"both rank correlations of L and λ negative with one-sided p <= {LEVEL:g}",
            verdict=ranks.verdict,
        )
    ]


@claims(command="kgon table sgd-transitions")
def training_claims(
    training: Mapping[str, Training], example_run: tuple[TrainingRun, Trajectory] | None = None
) -> list[Claim]:
    """Judge what the text says of SGD by runs of the published protocol.

    One event proves that it can happen, and one exception that it does not always; what a small sample does
    not show is left open.

    Parameters
    ----------
    training : mapping
        Kind of start → labelled runs.
    example_run : (TrainingRun, Trajectory), optional
        The run that the figure of stages shows: what it shows counts, too.
    """
    seen = added_up(training)
    counts = ", ".join(f"{len(found.trajectories)} from {start}" for start, found in training.items())
    stages = [] if example_run is None else example_run[0].stages
    together = [*seen, *_between_kgons(stages, [(x.first, x.second) for x in seen])]
    return [
        _always(training, counts),
        _phase_transitions(training),
        _from_4_to_5(seen, stages),
        _polygons(together),
        _complexity(together),
        _free_energy(together, next(iter(training.values())).protocol["n"]),
        _inconclusive(together),
        _never(training),
    ]


def _between_kgons(stages: Sequence[str], known: Sequence[tuple[str, str]]) -> list[TransitionCount]:
    """The transitions of one run between k-gons of six features, but for those that are known."""
    found = []
    for first, second in dict.fromkeys(pairwise(stages)):
        if (first, second) not in known and None not in (_k(first), _k(second)):
            a, b = Catalogue(6)[first], Catalogue(6)[second]
            rise = None if a.lambda_ is None or b.lambda_ is None else b.lambda_ - a.lambda_
            found.append(
                TransitionCount(
                    first=first, second=second, count=1, delta_loss=b.loss - a.loss, delta_lambda=rise
                )
            )
    return found


def _always(runs: Mapping[str, Training], counts: str) -> Claim:
    kinds = [
        {plateau.kind for plateau in run.plateaus}
        for training in runs.values()
        for run in training.trajectories
    ]
    bad = sum("other" in found for found in kinds)
    unclear = sum("unresolved" in found and "other" not in found for found in kinds)
    total = sum(len(training.trajectories) for training in runs.values())
    enough = all(len(training.trajectories) >= ENOUGH for training in runs.values())
    shares = ", ".join(f"{start}: {training.catalogued:.1%}" for start, training in runs.items())
    return Claim(
        name=f"SGD always plateaus on a known k-gon ({counts})",
        group=MECHANISTIC,
        published="always",
        ours=f"{bad} of {total} runs rest on another critical point, {unclear} where none was found; time on "
        f"k-gons: {shares}",
        verdict=Verdict.of(False if bad else True if enough and not unclear else None, proved=False),
        rule=f"no plateau on anything else; confirmed by at least {ENOUGH} runs of each kind without "
        "exception",
    )


def _phase_transitions(runs: Mapping[str, Training]) -> Claim:
    shares = {start: training.moving for start, training in runs.items()}
    shown = ", ".join(f"{start}: {share:.1%}" for start, share in shares.items())
    return Claim(
        name="SGD proceeds via phase transitions",
        group=THERMODYNAMIC,
        published="yes",
        ours=f"time between plateaus: {shown}",
        verdict=Verdict.of(max(shares.values()) <= BETWEEN, proved=False),
        rule=f"at most {BETWEEN:.0%} of the time is spent between plateaus",
    )


def _k(label: str) -> int | None:
    """Vertices of a k-gon; None for the name of another critical point."""
    name = parse_name(label)
    return name.k if isinstance(name, Label) else None


def _from_4_to_5(seen: Sequence[TransitionCount], example: Sequence[str]) -> Claim:
    pairs = [(x.first, x.second, str(x.count)) for x in seen]
    pairs += [(*pair, "in the run of figure stages") for pair in pairwise(example)]
    shown = [f"{a} → {b}: {where}" for a, b, where in pairs if (_k(a), _k(b)) == (4, 5)]
    return Claim(
        name="a 4-gon can turn into a 5-gon during SGD",
        group=MECHANISTIC,
        published="yes",
        ours=", ".join(shown) or "not seen in these runs",
        verdict=Verdict.of(True if shown else None, proved=False),
        rule="such a transition between two plateaus is observed",
    )


def _polygons(seen: Sequence[TransitionCount]) -> Claim:
    rises: Counter[bool | None] = Counter()
    for x in seen:
        before, after = _k(x.first), _k(x.second)
        if before is not None and after is not None:
            rises[None if before == after else after > before] += x.count
    return Claim(
        name="SGD proceeds by forming increasingly complex polygons",
        group=MECHANISTIC,
        published="yes",
        ours=f"of {rises.total()} transitions between k-gons k rises in {rises[True]}, stays in "
        f"{rises[None]} and falls in {rises[False]}",
        verdict=Verdict.of(False if rises[False] else True if rises[True] else None, proved=False),
        rule="the number k of vertices never falls between observed plateaus, and rises in some; undecided "
        "where it always stays",
    )


def _with_lambda(seen: Sequence[TransitionCount]) -> list[tuple[TransitionCount, float]]:
    """The transitions with λ on both sides, and Δλ."""
    return [(x, float(x.delta_lambda)) for x in seen if x.delta_lambda is not None]


def _complexity(seen: Sequence[TransitionCount]) -> Claim:
    known = [(x, change) for x, change in _with_lambda(seen) if x.delta_loss < 0]
    good = [x for x, change in known if change > 0]
    shown = "; ".join(f"{x.first} → {x.second}: Δλ = {change:+g}" for x, change in known)
    return Claim(
        name="in all cases a decrease in loss comes with an increase in complexity (exact λ)",
        group=THERMODYNAMIC,
        published="all observed transitions",
        ours=f"{sum(x.count for x in good)} of {sum(x.count for x, _ in known)} with λ on both sides, of "
        f"{sum(x.count for x in seen)} in all" + (f" ({shown})" if shown else ""),
        verdict=Verdict.of(len(good) == len(known) if known else None, proved=False),
        rule="Δλ > 0 in every observed transition with ΔL < 0 whose ends both have a λ",
    )


def _inconclusive(seen: Sequence[TransitionCount]) -> Claim:
    """Name the observed transitions whose λ is known on both sides and does not rise."""
    known = _with_lambda(seen)
    bad = [(x, change) for x, change in known if not (x.delta_loss < 0 < change)]
    undefined = len(seen) - len(known)
    shown = ", ".join(f"{x.first} → {x.second} (Δλ = {change:+g})" for x, change in bad) or "none"
    few = len(bad) <= INCONCLUSIVE
    return Claim(
        name="all observed transitions but two have Bayesian antecedents (exact λ)",
        group=THERMODYNAMIC,
        source=PAPER,
        published="two inconclusive, not named where this is quoted",
        ours=f"not ΔL < 0 < Δλ: {shown}; {undefined} of {len(seen)} kinds of transition begin or end where "
        "there is no λ",
        verdict=Verdict.of(None if few and (undefined or not known) else few, proved=False),
        rule=f"ΔL < 0 < Δλ in every kind of transition that was observed, but for {INCONCLUSIVE}; undecided "
        "while some have no λ",
    )


def _never(runs: Mapping[str, Training]) -> Claim:
    """Bound how often training goes from 5 to 6, which the posterior does."""
    found = transition_rates([run for training in runs.values() for run in training.trajectories], [NEVER])
    shown = "; ".join(x.headline() for x in found) or "no run rested at 5"
    moved, rested = sum(x.moved for x in found), sum(x.runs for x in found)
    return Claim(
        name="5 → 6 is never seen in SGD",
        group=MECHANISTIC,
        source=PAPER,
        published="never",
        ours=shown,
        verdict=Verdict.of(False if moved else True if rested >= ENOUGH else None, proved=False),
        rule=f"none of the runs that rested at 5 went to 6; confirmed by at least {ENOUGH} of them",
    )


def _free_energy(seen: Sequence[TransitionCount], n: float) -> Claim:
    known = _with_lambda(seen)
    falls = [(x, n * x.delta_loss + change * math.log(n)) for x, change in known]
    shown = "; ".join(f"{x.first} → {x.second}: {value:.1f}" for x, value in falls)
    return Claim(
        name=f"transitions of SGD lower the free energy (theory none, n = {n}, β = 1)",
        group=THERMODYNAMIC,
        published="yes",
        ours=f"ΔF in nats: {shown}" if shown else "no transition with λ on both sides in these runs",
        verdict=Verdict.of(all(value < 0 for _, value in falls) if falls else None, proved=False),
        rule="nΔL + Δλ log n < 0 in every observed transition whose ends both have a λ",
    )
