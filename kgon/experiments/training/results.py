"""Hold labelled training runs: plateaus, runs, transitions, and critical points that are no k-gons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np

from kgon.base.results import Result, only_given, result
from kgon.base.verdicts import Verdict
from kgon.experiments.training.plateaus import UNRESOLVED
from kgon.experiments.training.rates import TransitionRate, pairs_of, transition_rates
from kgon.numerics.exact_intervals import LEVEL
from kgon.potential.model import TMS
from kgon.sampling.optimiser import KINDS, PLAIN, Optimiser


@result
class Plateau(Result):
    """A stretch of a training run at one critical point of L.

    Attributes
    ----------
    label : str
        Of the catalogue; or ``L=0.069289``, the loss of a critical point that is no k-gon; or ``unresolved``.
    catalogued : bool
    alternatives : tuple of str
        Other critical points that root finding arrives at from here: the sample does not tell them apart.
    start, end : int
        Steps.
    loss : float
        Mean population loss.
    critical_loss : float or None
        L at the critical point.
    gap, expected_gap : float or None
        L(mean point) − L(critical point), and what the sample's shift accounts for
        (``plateaus.expected_gap``).
    W, biases : (2, c) and (c,) arrays
        Mean point of the longest flat stretch.
    """

    label: str
    catalogued: bool
    alternatives: tuple[str, ...]
    start: int
    end: int
    loss: float
    critical_loss: float | None
    gap: float | None
    expected_gap: float | None
    W: np.ndarray
    biases: np.ndarray

    @property
    def kind(self) -> str:
        """``catalogued``, ``other`` or ``unresolved``."""
        if self.catalogued:
            return "catalogued"
        return "unresolved" if self.label == UNRESOLVED else "other"

    def headline(self) -> str:
        return f"plateau {self.label}, steps {self.start} to {self.end}, L = {self.loss:.5f}"

    def rows(self) -> Sequence[tuple[str, str]]:
        if self.gap is None or self.expected_gap is None:
            return [("critical point", "not found")]
        return [
            ("L of the critical point", f"{self.critical_loss:.8g}"),
            ("L − that, of the mean point", f"{self.gap:.2e}"),
            ("accounted for by the sample", f"{self.expected_gap:.2e}"),
        ]


@result
class TrainingRun(Result):
    """One trajectory of SGD or gradient flow, with its plateaus.

    Attributes
    ----------
    seed, index : int
        It is trajectory ``index`` of ``kgon train --seed seed``.
    start : str
    plateaus : tuple of Plateau
    """

    seed: int
    index: int
    start: str
    plateaus: tuple[Plateau, ...]

    @property
    def resolved(self) -> list[Plateau]:
        """The plateaus with a critical point, in order."""
        return [plateau for plateau in self.plateaus if plateau.label != UNRESOLVED]

    @property
    def stages(self) -> list[str]:
        """Labels of the plateaus with a critical point, in order."""
        labels = [plateau.label for plateau in self.resolved]
        return [label for k, label in enumerate(labels) if k == 0 or label != labels[k - 1]]

    def headline(self) -> str:
        return f"trajectory {self.index} from {self.start}: {' → '.join(self.stages) or 'no plateau'}"

    def rows(self) -> Sequence[tuple[str, str]]:
        return [(p.label, f"steps {p.start} to {p.end}, L = {p.loss:.5f}") for p in self.plateaus]


@result
class OtherPoint(Result):
    """A critical point of L that runs rested on and that is no k-gon of the catalogue.

    Attributes
    ----------
    label : str
    loss, gradient_norm : float
        L and ‖∇L‖.
    W, biases : (2, c) and (c,) arrays
    smooth : bool
        Whether L is C² there.
    negative, zero : int
        Eigenvalues of the Hessian; at a kink, of its limit from one side.
    proof : Verdict
        PROVED where an exact critical point of this kind was proved to exist within 1e-6
        (``certify_near``); otherwise CONFIRMED: so says floating point.
    nearest : str
        The k-gon nearest in parameters.
    distance : float
        To it.
    level : str
        The k-gon nearest in loss.
    above : float
        L less that of ``level``.
    trajectories, alternative : int
        How many have a plateau of this name, and how many one to which it is an alternative.
    """

    label: str
    loss: float
    gradient_norm: float
    W: np.ndarray
    biases: np.ndarray
    smooth: bool
    negative: int
    zero: int
    proof: Verdict
    nearest: str
    distance: float
    level: str
    above: float
    trajectories: int
    alternative: int

    def headline(self) -> str:
        return (
            f"{self.label}: plateau of {self.trajectories} runs, alternative in {self.alternative}; "
            f"|grad L| = {self.gradient_norm:.0e}~, {self.negative} negative and {self.zero} zero "
            f"eigenvalues: {self.proof}"
        )

    def rows(self) -> Sequence[tuple[str, str]]:
        columns = [
            f"({x:.4f}, {y:.4f}; {b:.4f})"
            for (x, y), b in zip(np.asarray(self.W).T, np.asarray(self.biases), strict=True)
        ]
        return [
            ("loss L", f"{self.loss:.10g}~"),
            ("nearest k-gon", f"{self.nearest}, at distance {self.distance:.3g}~"),
            (
                "nearest level",
                f"{self.level}, L is {abs(self.above):.2g} {'above' if self.above > 0 else 'below'}",
            ),
            ("L is C²", "yes" if self.smooth else "no"),
            *((f"column {j} (W; b)", text) for j, text in enumerate(columns)),
        ]


@result
class TransitionCount(Result):
    """How often one critical point followed another.

    Attributes
    ----------
    first, second : str
    count : int
    delta_loss : float
        Between the critical points.
    delta_lambda : Fraction or None
        Exact; None where one of the two has no known λ: it is not a local minimum, or no k-gon.
    """

    first: str
    second: str
    count: int
    delta_loss: float
    delta_lambda: Fraction | None

    def headline(self) -> str:
        change = "undefined" if self.delta_lambda is None else f"{float(self.delta_lambda):+g}"
        return f"{self.first} → {self.second}: {self.count} times, ΔL = {self.delta_loss:.5f}, Δλ = {change}"


@result
class Training(Result):
    """Many training runs: where they rest, for how long, and between which points they move.

    Attributes
    ----------
    c, seed : int
    starts : tuple of str
    protocol : dict
        The fields of ``Protocol``; ``optimiser`` only where it is another than plain SGD.
    flow : bool
        Gradient flow instead of SGD.
    trajectories : tuple of TrainingRun
    transitions : tuple of TransitionCount
        Between consecutive plateaus that have a critical point, the most frequent first.
    others : tuple of OtherPoint
        Critical points beside the catalogue, by loss.
    catalogued, other, unresolved, moving : float
        Fractions of the time: on plateaus of k-gons, of other critical points, of none, and between.
    ambiguous : float
        Part of it on plateaus with alternatives.
    catalogued_stderr : float or None
        From the spread over trajectories; None for one.
    model : TMS or None
        The model, where its weights are not uniform; λ is then not known, and names of k-gons are those that
        branches from equal weights lead to.
    """

    c: int
    seed: int
    starts: tuple[str, ...]
    protocol: dict[str, Any]
    flow: bool
    trajectories: tuple[TrainingRun, ...]
    transitions: tuple[TransitionCount, ...]
    others: tuple[OtherPoint, ...]
    catalogued: float
    other: float
    unresolved: float
    moving: float
    ambiguous: float
    catalogued_stderr: float | None
    model: TMS | None = only_given()

    also: ClassVar[tuple[str, ...]] = ("rates",)

    @property
    def rates(self) -> tuple[TransitionRate, ...]:
        """How often runs make each transition, with bounds; those to the lowest point, never seen, too."""
        return transition_rates(self.trajectories, pairs_of(self.trajectories, TMS.of(self.model or self.c)))

    @property
    def optimiser(self) -> Optimiser:
        """The optimiser of the protocol."""
        return Optimiser(**self.protocol.get("optimiser", {}))

    @property
    def method(self) -> str:
        """How it was trained, in words: SGD, Adam, gradient flow …"""
        return "gradient flow" if self.flow else KINDS[self.optimiser.kind]

    def headline(self) -> str:
        count = len(self.trajectories)
        many = "trajectory" if count == 1 else "trajectories"
        error = "" if self.catalogued_stderr is None else f" ± {100 * self.catalogued_stderr:.1f}"
        return (
            f"{count} {many} of {self.method}, c = {self.c}: {100 * self.catalogued:.1f}{error}% of the time "
            f"on catalogued plateaus, {self.other:.1%} on others, {self.unresolved:.1%} on unresolved ones"
        )

    def rows(self) -> Sequence[tuple[str, str]]:
        ends = Counter(run.plateaus[-1].label for run in self.trajectories if run.plateaus)
        falls = sum(t.count for t in self.transitions if t.delta_loss < 0)
        known = [t for t in self.transitions if t.delta_lambda is not None]
        rises = sum(t.count for t in known if t.delta_lambda is not None and t.delta_lambda > 0)
        total = sum(t.count for t in self.transitions)
        protocol = ", ".join(f"{key} = {x}" for key, x in self.protocol.items() if key != "optimiser")
        return [
            ("protocol", protocol),
            *([("optimiser", str(self.optimiser))] if self.optimiser != PLAIN else []),
            ("start", ", ".join(self.starts) + f"; seed {self.seed}"),
            ("no plateau", f"{self.moving:.1%} of the time"),
            ("with alternatives", f"{self.ambiguous:.1%} of the time"),
            ("last plateau", ", ".join(f"{label}: {count}" for label, count in ends.most_common())),
            ("transitions", f"{total}; L falls in {falls}; chances at {LEVEL:.0%}"),
            ("with λ on both sides", f"{sum(t.count for t in known)}; λ rises in {rises}"),
            *(x.row for x in self.rates),
            *((f"  not a k-gon: {point.label}", point.headline()) for point in self.others),
        ]


def added_up(runs: Mapping[str, Training]) -> list[TransitionCount]:
    """Add up the transitions from all kinds of start: each once with the sum of its counts, by name."""
    found: dict[tuple[str, str], TransitionCount] = {}
    for training in runs.values():
        for x in training.transitions:
            same = found.get((x.first, x.second))
            found[x.first, x.second] = replace(x, count=x.count + (same.count if same else 0))
    return [found[ends] for ends in sorted(found)]
