"""The posterior about a minimum, by Hamiltonian chains with trajectories as long as pays.

A k-gon's posterior is wide along its rotations, which matter to nothing, and of like width in all other
directions.  There one preconditioner of short reach serves, and a trajectory of a quarter of the slowest
oscillation ends almost independent of its start.  How many leapfrog steps that takes is found in the warm-up,
from what the loss is a function of: WᵀW and b, which fix W up to O(r).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from kgon.base.checks import Floats, check_integer
from kgon.potential.loss import Loss
from kgon.potential.model import TMS
from kgon.sampling.hmc import State, Target, adapted_step_size, step
from kgon.sampling.localised import warm_up

LENGTHS = (3, 4, 6, 8, 11, 16, 22)
"""Leapfrog steps of a trajectory to choose from."""
FIXED = 4.0
"""What a move costs beside its leapfrog steps, in such steps: random numbers, acceptance."""
ADAPTING, MEASURING = 10, 20
"""Moves of every length to adapt the step size, and to measure what they bring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuned:
    """Chains that have reached their target, and moves that suit it.

    Attributes
    ----------
    target : Target
    state : State
        Of m chains.
    scale : (d, d) array
        Preconditioner, see ``hmc.step``.
    step_size : float
    leapfrogs : int
        Steps of a trajectory.
    """

    target: Target
    state: State
    scale: Floats
    step_size: float
    leapfrogs: int

    def move(self, rng: np.random.Generator) -> tuple[State, NDArray[np.bool_]]:
        """Move every chain once; say which moves were accepted."""
        size, leapfrogs, scale = self.step_size, self.leapfrogs, self.scale
        return step(rng, self.state, self.target, step_size=size, leapfrogs=leapfrogs, scale=scale)

    def draw(self, rng: np.random.Generator, draws: int) -> BasinDraws:
        """Draw so many times with every chain, each time after one move."""
        check_integer("draws", draws, 1)
        moves = self
        w = np.empty((len(self.state), draws, self.state.w.shape[1]))
        loss, accepted = np.empty(w.shape[:-1]), np.empty(draws)
        for k in range(draws):
            state, took = moves.move(rng)
            moves = replace(moves, state=state)
            w[:, k], loss[:, k], accepted[k] = state.w, state.loss, np.mean(took)
        return BasinDraws(w=w, loss=loss, acceptance=float(accepted.mean()))


@dataclass(frozen=True, slots=True, kw_only=True)
class BasinDraws:
    """Draws of all chains.

    Attributes
    ----------
    w : (chains, draws, d) array
        Flat parameters.
    loss : (chains, draws) array
        L or L_n.
    acceptance : float
        Mean over all moves.
    """

    w: Floats
    loss: Floats
    acceptance: float


def tune_chains(
    rng: np.random.Generator,
    loss: Loss,
    minimum: Floats,
    *,
    strength: float,
    precision: float = 1.0,
    chains: int = 256,
) -> Tuned:
    """Bring chains from a minimum to exp(−s L(w) − ½ γ ‖w‖²), and choose their moves.

    Nothing keeps the chains in the basin of the minimum: where s is small they leave it.

    Parameters
    ----------
    rng : Generator
    loss : Loss
        L or L_n.
    minimum : (d,) array
        Where the chains start, within s^(−1/2).
    strength : float
        s = βn > 0.
    precision : float
        γ > 0 of the Gaussian prior.
    chains : int
        At least 4d, so that their covariance means something.

    Returns
    -------
    Tuned

    Raises
    ------
    KgonError
        Too few chains, or s or γ out of range.

    Examples
    --------
    >>> from kgon.potential.loss import Potential
    >>> rng, minimum = np.random.default_rng(0), np.array([1.0, 0.0, 0.0, 1.0, 0.0, 0.0])  # W = 1, b = 0
    >>> tuned = tune_chains(rng, Potential(TMS(2)), minimum, strength=1000.0)
    >>> found = tuned.draw(rng, 50)
    >>> found.w.shape, 0.7 < found.acceptance < 0.9, float(found.loss.mean()) < 0.01
    ((256, 50, 6), True, True)
    """
    tms = loss.tms
    check_integer("chains", chains, 4 * tms.dimension)
    target = Target(loss=loss, strength=strength, precision=precision)
    width = 1.0 / np.sqrt(strength + precision)
    state = State.at(loss, minimum + width * rng.standard_normal((chains, tms.dimension)))
    state, reaches, _ = warm_up(rng, state, target, width)
    scale, step_size = reaches.roots[-1], reaches.sizes[-1]
    moves = Tuned(target=target, state=state, scale=scale, step_size=step_size, leapfrogs=LENGTHS[0])
    found = []
    for leapfrogs in LENGTHS:
        moves, worth = _tried(rng, replace(moves, leapfrogs=leapfrogs))
        found.append((worth, moves))
    _, best = max(found, key=itemgetter(0))
    return replace(best, state=moves.state)


def _tried(rng: np.random.Generator, moves: Tuned) -> tuple[Tuned, float]:
    """Adapt the step size to the length, go on, and estimate the effective draws per leapfrog step."""
    for _ in range(ADAPTING):
        state, took = moves.move(rng)
        step_size = adapted_step_size(moves.step_size, took, rate=0.2)
        moves = replace(moves, state=state, step_size=step_size)
    seen = [moves.state.w]
    for _ in range(MEASURING):
        moves = replace(moves, state=moves.move(rng)[0])
        seen.append(moves.state.w)
    numbers = _decisive(moves.target.loss.tms, np.array(seen))
    return moves, effective_share(numbers) / (FIXED + moves.leapfrogs)


def _decisive(tms: TMS, w: Floats) -> Floats:
    """Compute the entries of WᵀW, each once, and b (…, n) of points w (…, d)."""
    W, b = tms.unpack(w)
    gram = np.einsum("...hi,...hj->...ij", W, W)
    i, j = np.triu_indices(tms.c)
    return np.concatenate([gram[..., i, j], b], axis=-1)


def effective_share(numbers: Floats) -> float:
    """Estimate the effective draws per draw of the worst of some numbers from their changes in one move.

    Parameters
    ----------
    numbers : (moves + 1, chains, n) array
        In the stationary state.

    Returns
    -------
    float
        (1 − ρ)/(1 + ρ) for the largest correlation ρ ≥ 0 of a number before and after a move; at most 1.
    """
    spread = numbers.reshape(-1, numbers.shape[-1]).var(axis=0)
    rho = 1.0 - np.mean(np.diff(numbers, axis=0) ** 2, axis=(0, 1)) / (2.0 * spread)
    worst = max(0.0, float(np.max(rho)))
    return (1.0 - worst) / (1.0 + worst)
