"""Sequential Monte Carlo in s = βn: the normalising constant of exp(−s L(w)) φ(w) and samples from it.

Particles start at the prior φ = N(0, I) and follow a ladder of strengths s (Del Moral, Doucet and Jasra
2006, with Hamiltonian moves): at each rung they are weighted by exp(−Δs L), resampled systematically, and
moved by a kernel that keeps the new target invariant.  Along a *fixed* ladder with fixed step sizes the
product of the mean weights is an unbiased estimate of Z(s)/Z(s₀), whatever the mixing: independent runs
are averaged on the scale of Z.  ``pilot`` chooses ladder and step sizes in a run of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgon.base.checks import Floats, check_integer
from kgon.base.verdicts import KgonError
from kgon.potential.loss import Loss
from kgon.sampling import hmc
from kgon.sampling.hmc import State, Target

Inside = Callable[[State], NDArray[np.bool_]]
"""Which of some points lie in the set that the target is restricted to."""

ESS = 0.85
"""Effective sample size, as a fraction, that the pilot keeps at every rung."""
FIRST_STEP = 0.3
"""Step size with which the pilot begins at the prior."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """The Hamiltonian moves that particles make at one rung.

    Attributes
    ----------
    count : int
        Hamiltonian moves.
    leapfrogs : int
        Leapfrog steps of each.
    """

    count: int = 6
    leapfrogs: int = 8

    def __post_init__(self) -> None:
        check_integer("count of the moves", self.count, 1)
        check_integer("leapfrogs of the moves", self.leapfrogs, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """The strengths s = βn through which a run climbs, with a step size for each.

    Attributes
    ----------
    strengths : (t + 1,) array
        s of the start and of the t rungs, increasing.
    step_sizes : (t,) array
        Leapfrog step size at each rung.
    """

    strengths: Floats
    step_sizes: Floats

    def __post_init__(self) -> None:
        if self.strengths.ndim != 1 or len(self.strengths) != len(self.step_sizes) + 1:
            raise KgonError(
                f"a ladder of t rungs has t + 1 strengths and t step sizes, got {len(self.strengths)} and "
                f"{len(self.step_sizes)}"
            )
        if not (self.strengths[0] >= 0 and np.all(np.diff(self.strengths) > 0)):
            raise KgonError(f"the strengths must increase from at least 0, got {self.strengths.tolist()}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one run up a ladder gives: evidence and particles.

    Attributes
    ----------
    ladder : Ladder
    log_z : (t + 1,) array
        log of the estimate of Z(s)/Z(s₀) at each strength; the first is 0.
    loss : (t + 1,) array
        Mean of L over the particles, after the moves.
    ess : (t,) array
        Effective sample size of the weights of each rung, as a fraction of the particles.
    acceptance : (t,) array
        Fraction of the Hamiltonian moves that were accepted.
    inside : (t,) array
        Fraction of the particles whose composite move ended inside the set; 1 without a set.
    kept : dict of float to State
        Particles (equally weighted) at the strengths asked for.
    """

    ladder: Ladder
    log_z: Floats
    loss: Floats
    ess: Floats
    acceptance: Floats
    inside: Floats
    kept: dict[float, State]

    def at(self, strength: float) -> int:
        """Find the position of a strength among the rungs; refuse one that is none."""
        found = np.flatnonzero(self.ladder.strengths == strength)
        if not len(found):
            raise KgonError(f"{strength!r} is not a rung of the ladder")
        return int(found[0])


def prior(rng: np.random.Generator, loss: Loss, particles: int) -> State:
    """Draw independent points of the prior N(0, I)."""
    check_integer("particles", particles, 2)
    return State.at(loss, rng.standard_normal((particles, loss.tms.dimension)))


def resampled(rng: np.random.Generator, weights: Floats, count: int | None = None) -> NDArray[np.intp]:
    """Draw indices by systematic resampling: i occurs ⌊x⌋ or ⌈x⌉ times, x = count·w_i/Σw.

    Parameters
    ----------
    rng : Generator
        One uniform number is drawn.
    weights : (m,) array
        Not negative, not all zero.
    count : int, optional
        How many indices; default m.
    """
    number = len(weights) if count is None else count
    total = np.cumsum(weights)
    points = (rng.random() + np.arange(number)) * (total[-1] / number)
    # Rounding may put the last point on the total: it belongs to the last index with weight.
    last = np.flatnonzero(weights)[-1]
    return np.asarray(np.minimum(np.searchsorted(total, points, side="right"), last))


def log_weights(state: State, change: float) -> tuple[Floats, float, float]:
    """Compute weights exp(−Δs L) up to a factor, the log of their mean, and the effective share of the m."""
    lowest = float(np.min(state.loss))
    weights = np.exp(-change * (state.loss - lowest))
    mean = float(np.mean(weights))
    return weights, float(np.log(mean)) - change * lowest, mean**2 / float(np.mean(weights**2))


def move(
    rng: np.random.Generator,
    state: State,
    target: Target,
    moves: Moves,
    step_size: float,
    *,
    inside: Inside | None = None,
    adapt: bool = False,
) -> tuple[State, float, float, float]:
    """Make the composite move of one rung with every particle.

    The Hamiltonian move K is reversible for the target π, hence so is Kᵐ.  Used as *one* proposal and
    refused where it ends outside a set B, it is reversible for π restricted to B (the Metropolis ratio of
    a π-reversible proposal is 1 within B and 0 outside), so that B is tested once per composite move.
    Where in between the path runs does not matter.

    Parameters
    ----------
    rng, state, target, moves, step_size
        As in ``hmc.step``.
    inside : callable, optional
        Indicator of B; the points of ``state`` must lie in B.
    adapt : bool
        Adapt the step size after each Hamiltonian move.  That breaks reversibility: for pilots.

    Returns
    -------
    State
    acceptance, inside : float
        Fractions of accepted Hamiltonian moves, and of composite moves that ended inside.
    step_size : float
    """
    start, accepted = state, []
    moved: NDArray[np.bool_] = np.zeros(len(state), dtype=np.bool_)
    for _ in range(moves.count):
        state, took = hmc.step(rng, state, target, step_size=step_size, leapfrogs=moves.leapfrogs)
        accepted.append(float(np.mean(took)))
        moved = moved | took
        if adapt:
            step_size = hmc.adapted_step_size(step_size, took)
    fraction = 1.0
    if inside is not None:
        stays = np.ones(len(state), dtype=np.bool_)
        stays[moved] = inside(state.take(moved))
        state = state.where(stays, start)
        fraction = float(np.mean(stays))
    return state, float(np.mean(accepted)), fraction, step_size


def run_smc(
    rng: np.random.Generator,
    state: State,
    loss: Loss,
    ladder: Ladder,
    *,
    moves: Moves | None = None,
    inside: Inside | None = None,
    keep: Sequence[float] = (),
) -> Run:
    """Take particles up a fixed ladder.

    Parameters
    ----------
    rng : Generator
    state : State
        Particles, equally weighted, of the target at ``ladder.strengths[0]``.
    loss : Loss
        L or L_n.
    ladder : Ladder
    moves : Moves, optional
    inside : callable, optional
        The set B that the target is restricted to (see ``move``).  ``log_z`` is then that of ∫_B.
    keep : sequence of float
        Strengths at which the particles are wanted.

    Returns
    -------
    Run
    """
    climb = _Climb(rng, state, loss, float(ladder.strengths[0]), moves or Moves(), inside, tuple(keep))
    for strength, step_size in zip(ladder.strengths[1:], ladder.step_sizes, strict=True):
        climb.rung(float(strength), float(step_size))
    return climb.finished()


def pilot(
    rng: np.random.Generator,
    state: State,
    loss: Loss,
    start: float,
    sizes: Sequence[float],
    *,
    moves: Moves | None = None,
    inside: Inside | None = None,
    keep: Sequence[float] = (),
    ess: float = ESS,
    step_size: float = FIRST_STEP,
) -> Run:
    """Choose a ladder through all ``sizes`` and its step sizes; the estimates of this run are biased.

    Each rung is as high as the effective sample size allows; the step size follows the acceptance rate.

    Parameters
    ----------
    rng, state, loss, moves, inside, keep
        As in ``run_smc``.
    start : float
        s of the particles.
    sizes : sequence of float
        Strengths above ``start``, increasing, at which there must be a rung.
    ess : float
        Smallest effective sample size of a rung, as a fraction, in (0, 1).
    step_size : float
        The first.
    """
    if not 0 < ess < 1:
        raise KgonError(f"the effective sample size wanted must lie between 0 and 1, got {ess!r}")
    if not (len(sizes) and np.all(np.diff([start, *sizes]) > 0)):
        raise KgonError(f"the sizes must increase from {start:g}, got {list(sizes)}")
    climb = _Climb(rng, state, loss, start, moves or Moves(), inside, tuple(keep))
    for size in sizes:
        while climb.strength < size:
            following = _next_strength(climb.state, climb.strength, float(size), ess)
            step_size = climb.rung(following, step_size, adapt=True)
    return climb.finished()


def _next_strength(state: State, strength: float, limit: float, ess: float) -> float:
    """Largest strength up to ``limit`` at which the effective sample size is at least ``ess``."""
    if log_weights(state, limit - strength)[2] >= ess:
        return limit
    low, high = 0.0, limit - strength
    while high - low > 1e-6 * high:  # terminates: the effective sample size at low → 0 is 1
        middle = 0.5 * (low + high)
        if log_weights(state, middle)[2] >= ess:
            low = middle
        else:
            high = middle
    return strength + (low or high)


class _Climb:
    """A run in progress."""

    def __init__(
        self,
        rng: np.random.Generator,
        state: State,
        loss: Loss,
        strength: float,
        moves: Moves,
        inside: Inside | None,
        keep: tuple[float, ...],
    ) -> None:
        self.rng, self.state, self.target_loss, self.strength = rng, state, loss, strength
        self.moves, self.inside, self.keep = moves, inside, keep
        self.strengths, self.log_z, self.loss = [strength], [0.0], [float(np.mean(state.loss))]
        self.ess: list[float] = []
        self.step_sizes: list[float] = []
        self.acceptance: list[float] = []
        self.fraction_inside: list[float] = []
        self.kept = {strength: state} if strength in keep else {}

    def rung(self, strength: float, step_size: float, *, adapt: bool = False) -> float:
        """Weight, resample and move to the next strength; the step size afterwards."""
        weights, log_mean, ess = log_weights(self.state, strength - self.strength)
        self.state = self.state.take(resampled(self.rng, weights))
        target = Target(loss=self.target_loss, strength=strength)
        self.state, acceptance, inside, step_size = move(
            self.rng, self.state, target, self.moves, step_size, inside=self.inside, adapt=adapt
        )
        self.strength = strength
        self.strengths.append(strength)
        self.log_z.append(self.log_z[-1] + log_mean)
        self.loss.append(float(np.mean(self.state.loss)))
        self.ess.append(ess)
        self.step_sizes.append(step_size)
        self.acceptance.append(acceptance)
        self.fraction_inside.append(inside)
        if strength in self.keep:
            self.kept[strength] = self.state
        return step_size

    def finished(self) -> Run:
        """What was recorded."""
        return Run(
            ladder=Ladder(strengths=np.array(self.strengths), step_sizes=np.array(self.step_sizes)),
            log_z=np.array(self.log_z),
            loss=np.array(self.loss),
            ess=np.array(self.ess),
            acceptance=np.array(self.acceptance),
            inside=np.array(self.fraction_inside),
            kept=self.kept,
        )
