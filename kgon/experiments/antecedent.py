"""Test the Bayesian antecedent hypothesis on a list of transitions, with exact λ and with sampled λ̂.

If every dynamical transition α → β has a Bayesian antecedent of type A, then each lowers the loss and raises
the learning coefficient, and along consecutive transitions the slope ΔL/Δλ increases (its negative value
becomes shallower).  Exact λ only local minima have; ``sampled_estimates`` gives λ̂ at any k-gon.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import ClassVar

from kgon.base import text
from kgon.base.results import Result, result
from kgon.base.verdicts import KgonError, Verdict
from kgon.experiments.llc.estimate import llc
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.kgons.values import list_labels, loss_ball
from kgon.potential.model import TMS

LIMIT = 3.0
"""Standard errors beyond which a sampled sign counts as decided."""
GAMMA = 100.0
"""Default precision of the localiser of sampled λ̂."""
PUBLISHED = ("4++-", "4+", "5")
"""The transitions of the text's developmental stages."""


@result
class JudgedTransition(Result):
    """One transition between k-gons, and whether it is as the hypothesis says.

    Attributes
    ----------
    first, second : str
    delta_loss : float
        L(second) − L(first).
    delta_lambda : Fraction or None
        Exact; None where one of the two is not a local minimum.
    delta_lambda_hat, stderr : float or None
        From sampled λ̂.
    slope, slope_hat, slope_stderr : float or None
        ΔL/Δλ, exact and sampled.
    verdict, verdict_hat : Verdict
        Whether ΔL < 0 < Δλ, with exact λ and with λ̂; the latter is None where λ̂ was not sampled.
    reason : str
        Why UNDECIDED or REFUTED, where it is.
    """

    schema: ClassVar[str] = "transition"

    first: str
    second: str
    delta_loss: float
    delta_lambda: Fraction | None
    delta_lambda_hat: float | None
    stderr: float | None
    slope: float | None
    slope_hat: float | None
    slope_stderr: float | None
    verdict: Verdict
    verdict_hat: Verdict | None
    reason: str

    def headline(self) -> str:
        exact = "undefined" if self.delta_lambda is None else str(self.delta_lambda)
        sampled = "λ̂ not sampled" if self.verdict_hat is None else f"{self.verdict_hat} sampled"
        return (
            f"{self.first} → {self.second}: ΔL = {self.delta_loss:.6g}, Δλ = {exact}: {self.verdict} exact, "
            f"{sampled}"
        )

    def rows(self) -> Sequence[tuple[str, str]]:
        exact = "undefined" if self.delta_lambda is None else f"{float(self.delta_lambda):g}"
        lines = [
            ("ΔL", f"{self.delta_loss:.8g}"),
            ("Δλ exact", exact),
            ("Δλ sampled", _pm(self.delta_lambda_hat, self.stderr)),
            ("ΔL/Δλ exact", "" if self.slope is None else f"{self.slope:.6g}"),
            ("ΔL/Δλ sampled", _pm(self.slope_hat, self.slope_stderr)),
            ("verdict, exact λ", str(self.verdict)),
            ("verdict, sampled λ", str(self.verdict_hat)),
            *([("reason", self.reason)] if self.reason else []),
        ]
        return [x for x in lines if self.verdict_hat is not None or "sampled" not in x[0]]


@result
class Antecedent(Result):
    """The antecedent hypothesis on a chain of transitions, with exact λ and with sampled λ̂.

    Attributes
    ----------
    c : int
    states : tuple of str
    transitions : tuple of JudgedTransition
    ordering, ordering_hat : Verdict
        Whether the slopes increase along the chain, exact and sampled; UNDECIDED where a slope is missing or,
        with fewer than two transitions, where there is nothing to order.
    verdict, verdict_hat : Verdict
        The whole hypothesis, with exact λ and with sampled λ̂: REFUTED if any part is, else UNDECIDED if any
        part is.  ``ordering_hat`` and ``verdict_hat`` are None where λ̂ was not sampled.
    """

    c: int
    states: tuple[str, ...]
    transitions: tuple[JudgedTransition, ...]
    ordering: Verdict
    ordering_hat: Verdict | None
    verdict: Verdict
    verdict_hat: Verdict | None

    def headline(self) -> str:
        sampled = "λ̂ not sampled" if self.verdict_hat is None else f"{self.verdict_hat} with sampled λ"
        return f"{' → '.join(self.states)}: {self.verdict} with exact λ, {sampled}"

    def rows(self) -> Sequence[tuple[str, str]]:
        lines: list[tuple[str, str]] = []
        for t in self.transitions:
            lines += [(f"{t.first} → {t.second}", ""), *((f"  {key}", value) for key, value in t.rows())]
        if len(self.transitions) > 1:
            lines.append(("slopes increase, exact λ", str(self.ordering)))
            if self.ordering_hat is not None:
                lines.append(("slopes increase, sampled λ", str(self.ordering_hat)))
        return lines


def _pm(value: float | None, error: float | None) -> str:
    return "" if value is None or error is None else text.with_error(value, error)


def assess_antecedent(
    states: Sequence[Label | str],
    c: int = 6,
    *,
    estimates: Mapping[str, tuple[float, float]] | None = None,
) -> Antecedent:
    """Test the antecedent hypothesis on consecutive states.

    Parameters
    ----------
    states : sequence of labels
        At least two, each different from the one before; for instance those of a training run.
    c : int
    estimates : mapping, optional
        label → (λ̂, standard error) for some or all states, of a sampling; without one there is no sampled
        verdict, and where one of a transition is missing it is UNDECIDED.

    Returns
    -------
    Antecedent

    Raises
    ------
    KgonError
        Fewer than two states, a repeated one, an unknown label, or an estimate with a bad error.

    Examples
    --------
    >>> assess_antecedent(["4++-", "4+", "5"])
    <4++- → 4+ → 5: REFUTED with exact λ, λ̂ not sampled>
    """
    points = [Catalogue(c)[state] for state in list_labels(states)]
    names = [str(point.name) for point in points]
    if len(points) < 2:
        raise KgonError(f"a chain of transitions has at least two states, got {len(points)}")
    for before, after in pairwise(names):
        if before == after:
            raise KgonError(f"a transition leads to another state, got {before} twice in a row")
    sampled = None
    if estimates is not None:
        sampled = {str(Catalogue(c)[key].name): value for key, value in estimates.items()}
    for key, (value, error) in (sampled or {}).items():
        if not (math.isfinite(value) and 0 < error < math.inf):
            raise KgonError(
                f"the estimate of {key} needs a finite value and a positive error, got {value} ± {error}"
            )
    lambdas = {str(point.name): point.lambda_ for point in points}
    transitions = tuple(_transition(*pair, c, lambdas, sampled) for pair in pairwise(names))
    ordering, exact = _ordering([t.slope for t in transitions]), [t.verdict for t in transitions]
    ordering_hat = None if estimates is None else _ordering_hat(transitions)
    hats = [t.verdict_hat for t in transitions if t.verdict_hat is not None]
    ordered = len(transitions) > 1
    return Antecedent(
        c=c,
        states=tuple(names),
        transitions=transitions,
        ordering=ordering,
        ordering_hat=ordering_hat,
        verdict=Verdict.joint([*exact, ordering] if ordered else exact),
        verdict_hat=None
        if ordering_hat is None
        else Verdict.joint([*hats, ordering_hat] if ordered else hats),
    )


def _transition(
    first: str,
    second: str,
    c: int,
    lambdas: Mapping[str, Fraction | None],
    sampled: Mapping[str, tuple[float, float]] | None,
) -> JudgedTransition:
    """Judge one transition by exact λ, and by λ̂ where both ends have one; None is not sampled."""
    delta_loss = float(loss_ball(Label.parse(second), c) - loss_ball(Label.parse(first), c))
    a, b = lambdas[first], lambdas[second]
    reasons = []
    delta: Fraction | None = None
    if a is None or b is None:
        missing = " and ".join(name for name in (first, second) if lambdas[name] is None)
        reasons.append(f"{missing}: not a local minimum, λ is not defined")
        verdict = Verdict.UNDECIDED if delta_loss < 0 else Verdict.REFUTED
    else:
        delta = b - a
        verdict = Verdict.of(delta_loss < 0 < delta, proved=True)
        if delta <= 0:
            reasons.append(f"λ does not rise: {a} → {b}")
    if delta_loss >= 0:
        reasons.append("the loss does not fall")
    delta_hat = error = slope_hat = slope_error = None
    verdict_hat = None
    if sampled is not None:
        verdict_hat = Verdict.UNDECIDED if delta_loss < 0 else Verdict.REFUTED
    if sampled is not None and first in sampled and second in sampled:
        delta_hat = sampled[second][0] - sampled[first][0]
        error = math.hypot(sampled[first][1], sampled[second][1])
        if delta_loss < 0:
            verdict_hat = Verdict.of_margin(delta_hat, error, LIMIT)
        if abs(delta_hat) > LIMIT * error:
            slope_hat = delta_loss / delta_hat
            slope_error = abs(slope_hat / delta_hat) * error
    return JudgedTransition(
        first=first,
        second=second,
        delta_loss=delta_loss,
        delta_lambda=delta,
        delta_lambda_hat=delta_hat,
        stderr=error,
        slope=delta_loss / float(delta) if delta else None,
        slope_hat=slope_hat,
        slope_stderr=slope_error,
        verdict=verdict,
        verdict_hat=verdict_hat,
        reason="; ".join(reasons),
    )


def _ordering(slopes: Sequence[float | None]) -> Verdict:
    """Whether exact slopes increase along the chain; UNDECIDED where one is missing."""
    known = [x for x in slopes if x is not None]
    if len(known) < len(slopes) or len(slopes) < 2:
        return Verdict.UNDECIDED
    return Verdict.of(all(x < y for x, y in pairwise(known)), proved=True)


def _ordering_hat(transitions: Sequence[JudgedTransition]) -> Verdict:
    """Whether sampled slopes increase along the chain beyond their errors; UNDECIDED where one is missing."""
    if len(transitions) < 2:
        return Verdict.UNDECIDED
    verdicts = []
    for a, b in pairwise(transitions):
        if a.slope_hat is None or b.slope_hat is None:
            return Verdict.UNDECIDED
        assert a.slope_stderr is not None and b.slope_stderr is not None
        # Consecutive slopes share a state; the larger error of a shared λ̂ is not cancelled: conservative.
        error = a.slope_stderr + b.slope_stderr
        verdicts.append(Verdict.of_margin(b.slope_hat - a.slope_hat, error, LIMIT))
    return Verdict.joint(verdicts)


def sampled_estimates(
    states: Sequence[Label | str],
    c: int = 6,
    *,
    n: float = 5000.0,
    gamma: float = GAMMA,
    seed: int = 0,
) -> tuple[dict[str, tuple[float, float]], dict[str, str]]:
    """Sample λ̂ at each state at finite n, with the published β = 1/log n.

    Parameters
    ----------
    states : sequence of labels
    c : int
    n : float
        Sample size; published: 5000.
    gamma : float
        Precision of the localiser.  With the published γ = 1 chains that mix leave most points for lower
        losses; the default holds them.  λ̂ at finite n depends on it, and tends to λ as n → ∞.
    seed : int

    Returns
    -------
    estimates : dict
        label → (λ̂, Monte Carlo error).
    left_out : dict
        label → why its chains are not to be believed.
    """
    found: dict[str, tuple[float, float]] = {}
    left_out: dict[str, str] = {}
    for state in dict.fromkeys(str(Catalogue(c)[state].name) for state in list_labels(states)):
        estimate = llc(state, n=n, tms=TMS(c), gamma=gamma, seed=seed)
        if not estimate.health.good:
            left_out[state] = str(estimate.health)
        elif estimate.stderr > 0:
            found[state] = (estimate.lambda_hat, estimate.stderr)
        else:
            left_out[state] = "the loss is constant on all draws"
    return found, left_out
