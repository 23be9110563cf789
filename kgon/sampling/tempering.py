"""Parallel tempering in s = βn, from the prior up: draws of the posterior that mix between phases.

An *ensemble* has one replica at every rung s_0 = 0 < s_1 < … < s_t of a ladder; the replica at s_k has the
target exp(−s_k L(w)) φ(w), φ = N(0, I).  An iteration draws anew from the prior at s_0, makes one Hamiltonian
move at every other rung, and proposes to exchange neighbours, in turn those of even and of odd k (the scheme
that does not reverse: Okabe et al. 2001, Syed et al. 2022).  A replica that comes down to the prior forgets
everything, so that every *round trip* to the top brings an independent draw there.

Ladder and step sizes are adapted in rounds before the first draw and frozen then: the rungs share the
communication barrier Λ, the sum of the mean rejections of the exchanges, equally.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgon.base.checks import Floats, check_increasing, check_integer
from kgon.base.verdicts import KgonError
from kgon.potential.loss import Loss
from kgon.sampling import hmc
from kgon.sampling.hmc import State, Target
from kgon.sampling.smc import Ladder

REJECTION = 0.35
"""Mean rejection of an exchange that the number of rungs aims at: little is gained by closer rungs."""
FIRST_RUNGS = 24
"""Rungs above the prior in the first round."""
ROUNDS = (30, 60, 120, 240)
"""Iterations of the rounds of adaptation; a ladder comes from the second half of each."""
SETTLE = 240
"""Iterations with the final ladder before the first draw, the first half of them with step sizes adapting."""
LEAPFROGS = 8
FIRST_STEP = 0.1
"""Step size at s = 100 in the first round; it falls like s^(−1/4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """Draws at the rungs that were asked for, and what tells how well the ladder mixes.

    Attributes
    ----------
    sizes : (k,) array
        s of the rungs.
    w : (k, ensembles, draws, d) array
        Flat parameters.
    loss : (k, ensembles, draws) array
    ladder : Ladder
    acceptance : (t,) array
        Of the Hamiltonian moves, by rung.
    rejection : (t,) array
        Of the exchanges between each rung and the next one.
    round_trips : (ensembles,) int array
        Journeys of a replica from the prior to the top and back, all replicas of an ensemble together.
    iterations : int
        After adaptation.
    """

    sizes: Floats
    w: Floats
    loss: Floats
    ladder: Ladder
    acceptance: Floats
    rejection: Floats
    round_trips: NDArray[np.int64]
    iterations: int

    @property
    def barrier(self) -> float:
        """Λ: the round trips of an ideal ladder take 2 + 2Λ iterations of each replica (Syed et al. 2022)."""
        return float(self.rejection.sum())


def temper(
    rng: np.random.Generator,
    loss: Loss,
    sizes: Sequence[float],
    *,
    ensembles: int = 16,
    draws: int = 100,
    thin: int = 4,
    leapfrogs: int = LEAPFROGS,
    ladder: Ladder | None = None,
) -> Draws:
    """Sample exp(−s L(w)) φ(w) at several s at once.

    Parameters
    ----------
    rng : Generator
    loss : Loss
        L or L_n.
    sizes : sequence of float
        s = βn of the draws, positive and increasing; the last is the top of the ladder.
    ensembles : int
        Independent ladders that move together, at least 2.
    draws : int
        Draws of each ensemble and size, at least 4.
    thin : int
        Iterations from one draw to the next.
    leapfrogs : int
        Leapfrog steps of a Hamiltonian move.
    ladder : Ladder, optional
        Rungs to use, from 0 through all sizes to the last, for instance those of a similar loss; only the
        step sizes are adapted then.

    Returns
    -------
    Draws

    Raises
    ------
    KgonError
        An option out of range.
    """
    check_integer("ensembles", ensembles, 2)
    check_integer("draws", draws, 4)
    check_integer("thin", thin, 1)
    check_integer("leapfrogs", leapfrogs, 1)
    wanted = check_increasing("the sizes", sizes)
    if ladder is not None:
        rungs = ladder.strengths
        if rungs[0] != 0 or rungs[-1] != wanted[-1] or not np.isin(wanted, rungs).all():
            raise KgonError(f"the ladder must lead from 0 through {wanted.tolist()}, got {rungs.tolist()}")
    climb = _Climb(rng, loss, ladder or _first_ladder(wanted), ensembles, leapfrogs)
    for iterations in ROUNDS if ladder is None else ():
        for half in (False, True):
            climb.forget()
            climb.iterate(iterations // 2, adapt=True)
            if half:
                climb.change(adapted_ladder(climb.ladder.strengths, climb.rejection(), wanted))
    for adapt in (True, False):
        climb.forget()
        climb.iterate(SETTLE // 2, adapt=adapt)
    climb.forget()
    at = np.searchsorted(climb.ladder.strengths, wanted)
    w = np.empty((len(wanted), ensembles, draws, loss.tms.dimension))
    values = np.empty(w.shape[:-1])
    for k in range(draws):
        climb.iterate(thin)
        w[:, :, k] = climb.grid(climb.state.w)[:, at].transpose(1, 0, 2)
        values[:, :, k] = climb.grid(climb.state.loss)[:, at].T
    return Draws(
        sizes=wanted,
        w=w,
        loss=values,
        ladder=climb.ladder,
        acceptance=climb.accepted / climb.iterations,
        rejection=climb.rejection(),
        round_trips=climb.trips.copy(),
        iterations=climb.iterations,
    )


def ladder_for(strengths: Floats, rejection: Floats, step_sizes: Floats, sizes: Sequence[float]) -> Ladder:
    """Choose a ladder to other sizes, from what was measured on one that reaches at least as high.

    Parameters
    ----------
    strengths, rejection, step_sizes : (t + 1,), (t,), (t,) arrays
        Of the ladder that was measured.
    sizes : sequence of float
        s of the draws, increasing, at most ``strengths[-1]``.
    """
    rungs = adapted_ladder(strengths, rejection, np.array(sizes, dtype=np.float64))
    return Ladder(strengths=rungs, step_sizes=np.interp(rungs[1:], strengths[1:], step_sizes))


def _first_ladder(wanted: Floats) -> Ladder:
    """Rungs in geometric progression from s = 1 or below."""
    strengths = np.geomspace(min(1.0, wanted[0]), wanted[-1], FIRST_RUNGS)
    strengths = np.unique(np.concatenate([[0.0], strengths[:-1], wanted]))
    return Ladder(strengths=strengths, step_sizes=_first_steps(strengths))


def _first_steps(strengths: Floats) -> Floats:
    return np.asarray(FIRST_STEP * np.minimum((100.0 / strengths[1:]) ** 0.25, 3.0))


def adapted_ladder(strengths: Floats, rejection: Floats, wanted: Floats) -> Floats:
    """Choose strengths that share the communication barrier equally, with a rung at every wanted one.

    Parameters
    ----------
    strengths : (t + 1,) array
        Of the ladder that was measured.
    rejection : (t,) array
        Mean rejection between neighbours.
    wanted : (k,) array
        The last is the last strength.

    Returns
    -------
    (u + 1,) array
        Each interval between wanted strengths is divided into steps of at most ``REJECTION``.
    """
    barrier = np.concatenate([[0.0], np.cumsum(np.maximum(rejection, 1e-3))])
    marks = np.interp(np.concatenate([[0.0], wanted]), strengths, barrier)
    pieces = [np.zeros(1)]
    for low, high, end in zip(marks[:-1], marks[1:], wanted, strict=True):
        steps = max(1, int(np.ceil((high - low) / REJECTION)))
        inner = np.interp(np.linspace(low, high, steps + 1)[1:-1], barrier, strengths)
        pieces.append(np.append(inner, end))
    return np.concatenate(pieces)


class _Climb:
    """Ensembles on their way; arrays of chains are ordered by ensemble, then by rung."""

    def __init__(
        self, rng: np.random.Generator, loss: Loss, ladder: Ladder, ensembles: int, leapfrogs: int
    ) -> None:
        self.rng, self.loss, self.ensembles, self.leapfrogs = rng, loss, ensembles, leapfrogs
        self.ladder = ladder
        rungs = len(ladder.strengths)
        self.state = State.at(loss, rng.standard_normal((ensembles * rungs, loss.tms.dimension)))
        self.parity = 0
        self._start()

    def _start(self) -> None:
        """Counters of a new ladder."""
        shape = self.ensembles, len(self.ladder.strengths)
        self._unmoved = np.tile(np.arange(shape[1]), (shape[0], 1))
        self._first = shape[1] * np.arange(shape[0])[:, None]
        self._above = np.flatnonzero(self._unmoved)
        self.replica = self._unmoved.copy()
        # +1: last at the prior, −1: last at the top, 0: neither yet; by replica.
        self.heading = np.zeros(shape, dtype=np.int64)
        self.steps = self.ladder.step_sizes.copy()
        self.forget()

    def forget(self) -> None:
        """Set the counts to zero."""
        rungs = len(self.ladder.step_sizes)
        self.accepted, self.refused, self.proposed = np.zeros(rungs), np.zeros(rungs), np.zeros(rungs)
        self.trips = np.zeros(self.ensembles, dtype=np.int64)
        self.iterations = 0

    def rejection(self) -> Floats:
        """Mean rejection of the exchanges, by pair."""
        return np.asarray(self.refused / np.maximum(self.proposed, 1.0))

    def grid(self, values: NDArray) -> NDArray:
        """Values of all chains as (ensembles, rungs, …)."""
        return values.reshape(self.ensembles, -1, *values.shape[1:])

    def change(self, strengths: Floats) -> None:
        """Go on with another ladder: every new rung takes the replicas of the nearest old one below it."""
        old = self.ladder.strengths
        below = np.searchsorted(old, strengths, side="right") - 1
        steps = np.interp(strengths[1:], old[1:], self.steps)
        rows = (np.arange(self.ensembles)[:, None] * len(old) + below).ravel()
        self.state = self.state.take(rows)
        self.ladder = Ladder(strengths=strengths, step_sizes=steps)
        self._start()

    def iterate(self, iterations: int, *, adapt: bool = False) -> None:
        """Draw at the prior, move elsewhere, exchange."""
        target = Target(loss=self.loss, strength=np.tile(self.ladder.strengths[1:], self.ensembles))
        for _ in range(iterations):
            moved, accepted = hmc.step(
                self.rng, self.state.take(self._above), target,
                step_size=np.tile(self.steps, self.ensembles), leapfrogs=self.leapfrogs,
            )  # fmt: skip
            fresh = State.at(self.loss, self.rng.standard_normal((self.ensembles, self.loss.tms.dimension)))
            self.state = self._joined(moved, fresh)
            rate = self.grid(accepted).mean(axis=0)
            self.accepted += rate
            if adapt:
                self.steps = self.steps * np.exp(0.2 * (rate - hmc.ACCEPTANCE))
            self._exchange()
            self.iterations += 1
        if adapt:
            self.ladder = Ladder(strengths=self.ladder.strengths, step_sizes=self.steps)

    def _joined(self, moved: State, fresh: State) -> State:
        """One state from the chains above the prior and those at it."""
        w = np.empty((self._unmoved.size, moved.w.shape[1]))
        loss, gradient = np.empty(len(w)), np.empty_like(w)
        for here, part in ((self._above, moved), (self._first[:, 0], fresh)):
            w[here], loss[here], gradient[here] = part.w, part.loss, part.gradient
        return State(w, loss, gradient)

    def _exchange(self) -> None:
        """Exchange neighbours k, k + 1 with k of one parity, and count round trips."""
        strengths, loss = self.ladder.strengths, self.grid(self.state.loss)
        lower, upper = slice(self.parity, -1, 2), slice(self.parity + 1, None, 2)
        self.parity = 1 - self.parity
        gain = (strengths[upper] - strengths[lower]) * (loss[:, upper] - loss[:, lower])
        swapped = self.rng.standard_exponential(gain.shape) > -gain
        pairs = slice(lower.start, None, 2)
        self.proposed[pairs] += 1.0
        self.refused[pairs] += 1.0 - swapped.mean(axis=0)
        order = self._unmoved.copy()
        order[:, lower] += swapped
        order[:, upper] -= swapped
        rows = (self._first + order).ravel()
        self.state = self.state.take(rows)
        self.replica = self.replica.ravel()[rows].reshape(order.shape)
        ensemble = np.arange(self.ensembles)
        bottom, top = self.replica[:, 0], self.replica[:, -1]
        self.trips += self.heading[ensemble, bottom] == -1
        self.heading[ensemble, bottom] = 1
        arriving = self.heading[ensemble, top] == 1
        self.heading[ensemble[arriving], top[arriving]] = -1
