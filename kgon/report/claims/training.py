"""The text's claims about training and about the order of phases, held against labelled SGD runs."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping

from kgon.base.verdicts import Verdict
from kgon.experiments.llc.against_loss import LEVEL, RankTest
from kgon.experiments.training.results import Training, TransitionCount
from kgon.kgons.labels import Label
from kgon.kgons.names import parse_name
from kgon.report.artefact import claims
from kgon.report.claims.claim import Claim

TransitionKey = tuple[str, str]

ENOUGH = 100
"""Runs of each kind of start without an exception that confirm an "always"."""
BETWEEN = 0.2
"""Largest share of the time between plateaus at which training goes by plateaus and jumps."""


@claims()
def rank_claims(ranks: RankTest) -> list[Claim]:
    """Judge whether higher-energy phases have lower complexity, by rank statistics with exact λ."""
    return [
        Claim(
            name="higher-energy phases mostly have lower complexity (exact λ of the ten minima)",
            published="mostly",
            ours=f"Spearman {ranks.spearman:.2f} (p = {ranks.spearman_p:.1g}), Kendall {ranks.kendall:.2f} "
            f"(p = {ranks.kendall_p:.1g})",
            rule=f"both rank correlations of L and λ negative with one-sided p <= {LEVEL:g}",
            verdict=ranks.verdict,
        )
    ]


@claims()
def training_claims(training: Mapping[str, Training]) -> list[Claim]:
    """Judge what the text says of SGD by runs of the published protocol.

    Parameters
    ----------
    training : mapping
        Kind of start → labelled runs.
    """
    runs = training
    transitions: Counter[TransitionKey] = Counter()
    changes: dict[TransitionKey, TransitionCount] = {}
    for found in runs.values():
        for item in found.transitions:
            transitions[item.first, item.second] += item.count
            changes[item.first, item.second] = item
    counts = ", ".join(f"{len(found.trajectories)} from {start}" for start, found in runs.items())
    return [
        _always(runs, counts),
        _phase_transitions(runs),
        _from_4_to_5(transitions),
        _polygons(transitions),
        _complexity(transitions, changes),
        _free_energy(transitions, changes, next(iter(runs.values())).protocol["n"]),
    ]


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
        published="yes",
        ours=f"time between plateaus: {shown}",
        verdict=Verdict.of(max(shares.values()) <= BETWEEN, proved=False),
        rule=f"at most {BETWEEN:.0%} of the time is spent between plateaus",
    )


def _k(label: str) -> int | None:
    """Vertices of a k-gon; None for the name of another critical point."""
    name = parse_name(label)
    return name.k if isinstance(name, Label) else None


def _between_kgons(transitions: Counter[TransitionKey]) -> list[tuple[int, int, int]]:
    """k before, k after and count of the transitions between k-gons."""
    found = []
    for (first, second), count in transitions.items():
        before, after = _k(first), _k(second)
        if before is not None and after is not None:
            found.append((before, after, count))
    return found


def _from_4_to_5(transitions: Counter[TransitionKey]) -> Claim:
    seen = {pair: count for pair, count in transitions.items() if (_k(pair[0]), _k(pair[1])) == (4, 5)}
    shown = ", ".join(f"{a} → {b}: {count}" for (a, b), count in sorted(seen.items()))
    return Claim(
        name="a 4-gon can turn into a 5-gon during SGD",
        published="yes",
        ours=shown or "not seen in these runs",
        verdict=Verdict.of(True if seen else None, proved=False),
        rule="such a transition between two plateaus is observed",
    )


def _polygons(transitions: Counter[TransitionKey]) -> Claim:
    pairs = _between_kgons(transitions)
    total = sum(count for *_, count in pairs)
    fewer = sum(count for before, after, count in pairs if after < before)
    more = sum(count for before, after, count in pairs if after > before)
    return Claim(
        name="SGD proceeds by forming increasingly complex polygons",
        published="yes",
        ours=f"of {total} transitions between k-gons k rises in {more}, stays in {total - more - fewer} and "
        f"falls in {fewer}",
        verdict=Verdict.of(None if not total else fewer == 0 and more > 0, proved=False),
        rule="the number k of vertices never falls between plateaus, and rises in some",
    )


def _complexity(
    transitions: Counter[TransitionKey], changes: Mapping[TransitionKey, TransitionCount]
) -> Claim:
    known = {pair: x for pair, x in changes.items() if x.delta_lambda is not None and x.delta_loss < 0}
    good = {pair for pair, x in known.items() if (x.delta_lambda or 0) > 0}
    total = sum(transitions[pair] for pair in known)
    shown = "; ".join(
        f"{a} → {b}: Δλ = {float(x.delta_lambda or 0):+g}" for (a, b), x in sorted(known.items())
    )
    return Claim(
        name="in all cases a decrease in loss comes with an increase in complexity (exact λ)",
        published="all observed transitions",
        ours=f"{sum(transitions[pair] for pair in good)} of {total} with λ on both sides, of "
        f"{transitions.total()} in all" + (f" ({shown})" if shown else ""),
        verdict=Verdict.of(None if not total else len(good) == len(known), proved=False),
        rule="Δλ > 0 in every observed transition with ΔL < 0 whose ends both have a λ",
    )


def _free_energy(
    transitions: Counter[TransitionKey], changes: Mapping[TransitionKey, TransitionCount], n: float
) -> Claim:
    known = {pair: x for pair, x in changes.items() if x.delta_lambda is not None}
    falls = {pair: n * x.delta_loss + float(x.delta_lambda or 0) * math.log(n) for pair, x in known.items()}
    shown = "; ".join(f"{a} → {b}: {value:.1f}" for (a, b), value in sorted(falls.items()))
    return Claim(
        name=f"transitions of SGD lower the free energy (theory none, n = {n}, β = 1)",
        published="yes",
        ours=f"ΔF in nats: {shown}" if shown else "no transition with λ on both sides in these runs",
        verdict=Verdict.of(None if not falls else all(value < 0 for value in falls.values()), proved=False),
        rule="nΔL + Δλ log n < 0 in every observed transition whose ends both have a λ",
    )
