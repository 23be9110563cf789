"""Test the Bayesian antecedent hypothesis on a list of transitions, with exact λ and with sampled λ̂.

If every dynamical transition α → β has a Bayesian antecedent of type A, then each lowers the loss and raises
the learning coefficient, and along consecutive transitions the slope ΔL/Δλ increases (its negative value
becomes shallower).  Exact λ only local minima have; ``sampled_estimates`` gives λ̂ at any k-gon.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, pairwise
from typing import ClassVar

from kgon.base import text
from kgon.base.results import Result, result
from kgon.base.verdicts import KgonError, Verdict
from kgon.base.work import HERE, Work
from kgon.experiments.llc.estimate import LocalEstimate, llc
from kgon.free_energy.energies import Phase
from kgon.free_energy.phases import Given, list_phases, loss_of, parse_phase
from kgon.free_energy.quantities import Quantity
from kgon.kgons.catalogue import Catalogue
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
        Exact; None where one of the two is not a local minimum.  Of numbers of one's own with an error or an
        enclosure the middle, which ``reason`` says.
    delta_lambda_hat, stderr : float or None
        From sampled λ̂.
    slope, slope_hat, slope_stderr : float or None
        ΔL/Δλ, exact and sampled.
    verdict, verdict_hat : Verdict
        Whether ΔL < 0 < Δλ, with that λ and with λ̂; the latter is None where λ̂ was not sampled.
    basis : str
        Whose λ that is: "exact" of k-gons, "given" where one of the two is a phase of one's own.
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
    basis: str
    reason: str

    def headline(self) -> str:
        exact = "undefined" if self.delta_lambda is None else str(self.delta_lambda)
        sampled = "λ̂ not sampled" if self.verdict_hat is None else f"{self.verdict_hat} sampled"
        return (
            f"{self.first} → {self.second}: ΔL = {self.delta_loss:.6g}, Δλ = {exact}: "
            f"{self.verdict} {self.basis}, {sampled}"
        )

    def rows(self) -> Sequence[tuple[str, str]]:
        exact = "undefined" if self.delta_lambda is None else f"{float(self.delta_lambda):g}"
        lines = [
            ("ΔL", f"{self.delta_loss:.8g}"),
            (f"Δλ {self.basis}", exact),
            ("Δλ sampled", _pm(self.delta_lambda_hat, self.stderr)),
            (f"ΔL/Δλ {self.basis}", "" if self.slope is None else f"{self.slope:.6g}"),
            ("ΔL/Δλ sampled", _pm(self.slope_hat, self.slope_stderr)),
            (f"verdict, {self.basis} λ", str(self.verdict)),
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

    @property
    def basis(self) -> str:
        """Whose λ it is: "exact" of k-gons, "given" where a state is a phase of one's own."""
        return "given" if any(x.basis == "given" for x in self.transitions) else "exact"

    def headline(self) -> str:
        sampled = "λ̂ not sampled" if self.verdict_hat is None else f"{self.verdict_hat} with sampled λ"
        return f"{' → '.join(self.states)}: {self.verdict} with {self.basis} λ, {sampled}"

    def rows(self) -> Sequence[tuple[str, str]]:
        lines: list[tuple[str, str]] = []
        for t in self.transitions:
            lines += [(f"{t.first} → {t.second}", ""), *((f"  {key}", value) for key, value in t.rows())]
        if len(self.transitions) > 1:
            lines.append((f"slopes increase, {self.basis} λ", str(self.ordering)))
            if self.ordering_hat is not None:
                lines.append(("slopes increase, sampled λ", str(self.ordering_hat)))
        return lines


def _pm(value: float | None, error: float | None) -> str:
    return "" if value is None or error is None else text.with_error(value, error)


def assess_antecedent(
    states: Sequence[Given],
    c: int = 6,
    *,
    estimates: Mapping[str, tuple[float, float]] | None = None,
) -> Antecedent:
    """Test the antecedent hypothesis on consecutive states.

    Parameters
    ----------
    states : sequence of labels and phases
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
    points = [_State.of(state, c) for state in list_phases(states)]
    names = [point.name for point in points]
    if len(points) < 2:
        raise KgonError(f"a chain of transitions has at least two states, got {len(points)}")
    for before, after in pairwise(names):
        if before == after:
            raise KgonError(f"a transition leads to another state, got {before} twice in a row")
    sampled = None
    if estimates is not None:
        own = {name: name for name in names}
        sampled = {own.get(key) or str(Catalogue(c)[key].name): x for key, x in estimates.items()}
    for key, (value, error) in (sampled or {}).items():
        if not (math.isfinite(value) and 0 < error < math.inf):
            raise KgonError(
                f"the estimate of {key} needs a finite value and a positive error, got {value} ± {error}"
            )
    transitions = tuple(_transition(*pair, sampled) for pair in pairwise(points))
    ordering, exact = _ordering(points), [t.verdict for t in transitions]
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


def assess_pairs(c: int = 6) -> list[JudgedTransition]:
    """Judge every pair of local minima, from a higher loss to a lower, as if it were a transition.

    Of two configurations with one label, which have one loss, the adjacent one stands for both.

    Examples
    --------
    >>> found = assess_pairs(5)
    >>> [f"{x.first} → {x.second}" for x in found if x.verdict is not Verdict.PROVED]
    ['4+ → 5']
    """
    names = [p.name for p in reversed(Catalogue(c).phases()) if p.configuration == "adjacent"]
    return [assess_antecedent(pair, c).transitions[0] for pair in combinations(names, 2)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """A state of the chain: its loss, and λ where it has one."""

    name: str
    loss: Quantity
    lambda_: Quantity | None
    given: bool

    @classmethod
    def of(cls, given: Given, c: int) -> _State:
        if isinstance(given, str) and "=" in given:
            given = parse_phase(given)
        if isinstance(given, Phase):
            return cls(name=given.name, loss=given.loss, lambda_=given.lambda_, given=True)
        point = Catalogue(c)[given]
        known = None if point.lambda_ is None else Quantity.of(point.lambda_)
        return cls(name=str(point.name), loss=loss_of(point.name, c), lambda_=known, given=False)

    def slope(self, after: _State) -> Quantity | None:
        """ΔL/Δλ to a next state, with its error to first order; None where λ is missing or Δλ may be 0."""
        if self.lambda_ is None or after.lambda_ is None:
            return None
        rise = after.lambda_ - self.lambda_
        return (after.loss - self.loss).over(rise) if rise.sign else None


def _positive(value: Quantity) -> Verdict:
    """Whether a number is above 0: proved where it is exact or enclosed, else beyond its standard errors."""
    if value.stderr:
        return Verdict.of_margin(float(value), value.stderr, LIMIT)
    return Verdict.of(None if value.sign is None else value.sign > 0, proved=True)


def _transition(a: _State, b: _State, sampled: Mapping[str, tuple[float, float]] | None) -> JudgedTransition:
    """Judge one transition by its λ, and by λ̂ where both ends have one; None is not sampled."""
    first, second = a.name, b.name
    fall = a.loss - b.loss
    falls = _positive(fall)
    delta_loss = -float(fall)
    slope = a.slope(b)
    reasons = []
    delta: Fraction | None = None
    if a.lambda_ is None or b.lambda_ is None:
        missing = " and ".join(x.name for x in (a, b) if x.lambda_ is None)
        reasons.append(f"{missing}: not a local minimum, λ is not defined")
        verdict = Verdict.UNDECIDED if falls.holds else Verdict.joint([falls, Verdict.UNDECIDED])
    else:
        rise = b.lambda_ - a.lambda_
        delta = rise.exact if rise.exact is not None else Fraction(float(rise))
        verdict = Verdict.joint([falls, _positive(rise)])
        if rise.exact is None or rise.stderr:
            reasons.append(f"Δλ = {rise}")
        if _positive(rise) is Verdict.REFUTED:
            reasons.append(
                f"λ does not rise: {a.lambda_.exact or a.lambda_} → {b.lambda_.exact or b.lambda_}"
            )
    if falls is Verdict.UNDECIDED:
        reasons.append(f"ΔL = {-fall}")
    if falls is Verdict.REFUTED:
        reasons.append("the loss does not fall")
    delta_hat = error = slope_hat = slope_error = None
    verdict_hat = None
    if sampled is not None:
        verdict_hat = Verdict.joint([falls, Verdict.UNDECIDED])
    if sampled is not None and first in sampled and second in sampled:
        delta_hat = sampled[second][0] - sampled[first][0]
        error = math.hypot(sampled[first][1], sampled[second][1])
        if falls is not Verdict.REFUTED:
            verdict_hat = Verdict.joint([falls, Verdict.of_margin(delta_hat, error, LIMIT)])
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
        slope=None if slope is None else float(slope),
        slope_hat=slope_hat,
        slope_stderr=slope_error,
        verdict=verdict,
        verdict_hat=verdict_hat,
        basis="given" if a.given or b.given else "exact",
        reason="; ".join(reasons),
    )


def _ordering(states: Sequence[_State]) -> Verdict:
    """Whether the slopes increase along the chain; UNDECIDED where one is missing."""
    slopes = [a.slope(b) for a, b in pairwise(states)]
    known = [x for x in slopes if x is not None]
    if len(known) < len(slopes) or len(slopes) < 2:
        return Verdict.UNDECIDED
    return Verdict.joint(_positive(y - x) for x, y in pairwise(known))


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
    states: Sequence[Given],
    c: int = 6,
    *,
    n: float = 5000.0,
    gamma: float = GAMMA,
    seed: int = 0,
    work: Work = HERE,
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
    work : Work
        Who samples; each state is a task.

    Returns
    -------
    estimates : dict
        label → (λ̂, Monte Carlo error).
    left_out : dict
        label → why its chains are not to be believed.
    """
    found: dict[str, tuple[float, float]] = {}
    left_out: dict[str, str] = {}
    named = [state.label if isinstance(state, Phase) else state for state in list_phases(states)]
    labels = list(dict.fromkeys(str(Catalogue(c)[name].name) for name in named))
    estimates = work.map(_estimated, [(label, c, n, gamma, seed) for label in labels])
    for state, estimate in zip(labels, estimates, strict=True):
        if not estimate.health.good:
            left_out[state] = str(estimate.health)
        elif estimate.stderr > 0:
            found[state] = (estimate.lambda_hat, estimate.stderr)
        else:
            left_out[state] = "the loss is constant on all draws"
    return found, left_out


def _estimated(label: str, c: int, n: float, gamma: float, seed: int) -> LocalEstimate:
    """λ̂ at one state: a task of ``Work.map``."""
    return llc(label, n=n, tms=TMS(c), gamma=gamma, seed=seed)
