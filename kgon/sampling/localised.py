"""The posterior localised at a point, sampled by Hamiltonian chains that adapt to a thin, flat density.

Near a degenerate minimum the density is a plate: of width s^(−1/2) across the set L = L* and of width
γ^(−1/2) along it, where it may end at walls.  No single step size serves both, so the moves alternate
between *reaches*: the preconditioner is the Cholesky-like root of the ensemble's covariance with its
standard deviations cut at so many times the smallest.  The shortest reach moves across the plate, the
longest along it.  Everything is adapted in the warm-up and frozen before the first draw.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kgon.base.checks import Floats, check_integer
from kgon.base.verdicts import KgonError
from kgon.potential.loss import Loss
from kgon.sampling.ensemble import REACHES, STAGES, scales, settled, size
from kgon.sampling.hmc import State, Target, adapted_step_size, step

STEP_SIZES = (0.3, 0.4, 0.7)
"""Step size of each reach before adaptation."""
STEP_LIMITS = (0.1, 0.9)
"""Adaptation stays within these: at walls a low acceptance at long reach is better than no long moves."""
LEAPFROGS = 3
ROUNDS = 6
"""Moves of every reach between two updates of the covariance in the warm-up."""
STRONGEST = 1e14
"""Largest s at which rounding of L (about 1e-17) stays below 0.01 of an energy."""


@dataclass(slots=True, kw_only=True)
class Reaches:
    """Hamiltonian moves of several reaches, each with a preconditioner and a step size that adapts.

    Attributes
    ----------
    roots : list of (d, d) array
        Preconditioners by reach, see ``ensemble.scales``.
    sizes : list of float
        Step sizes by reach.
    leapfrogs : int
        Leapfrog steps of a move.
    limits : (float, float)
        Adaptation keeps the step sizes within these.
    """

    roots: list[Floats]
    sizes: list[float] = field(default_factory=lambda: list(STEP_SIZES))
    leapfrogs: int = LEAPFROGS
    limits: tuple[float, float] = STEP_LIMITS

    def move(
        self, rng: np.random.Generator, state: State, target: Target, kind: int, *, adapt: bool = False
    ) -> tuple[State, NDArray[np.bool_]]:
        """Make one move of a reach with every chain, and say which were accepted; adapt its step size."""
        size, root = self.sizes[kind], self.roots[kind]
        state, accepted = step(rng, state, target, step_size=size, leapfrogs=self.leapfrogs, scale=root)
        if adapt:
            self.sizes[kind] = float(np.clip(adapted_step_size(size, accepted, rate=0.2), *self.limits))
        return state, accepted


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalDraws:
    """Draws of the localised posterior, of all chains.

    Attributes
    ----------
    excess : (chains, draws) array
        L(w) − L(w*).
    w : (chains, d) array
        Last position of every chain.
    acceptance : (3,) array
        Mean acceptance rate by reach.
    step_sizes : (3,) array
        Step size by reach, after the warm-up.
    stages : int
        Updates of the covariance that the warm-up took.
    """

    excess: Floats
    w: Floats
    acceptance: Floats
    step_sizes: Floats
    stages: int


def sample_localised(
    rng: np.random.Generator,
    loss: Loss,
    centre: Floats,
    *,
    strength: float,
    precision: float,
    chains: int,
    draws: int,
) -> LocalDraws:
    """Sample p(w) ∝ exp(−s L(w) − ½ γ ‖w − w*‖²) with chains that start next to w*.

    Parameters
    ----------
    rng : Generator
    loss : Loss
        L or L_n.
    centre : (d,) array
        w*.
    strength : float
        s = βn, above 0 and at most 1e14 (there float64 no longer resolves the energies).
    precision : float
        γ > 0; γ^(−1/2) is the radius of the neighbourhood that counts.
    chains : int
        At least 4d, so that their covariance means something.
    draws : int
        Draws per chain, one after each move; reaches take turns.

    Raises
    ------
    KgonError
        Too few chains or draws, or s out of range.
    """
    d = loss.tms.dimension
    for name, value, least in (("chains", chains, 4 * d), ("draws", draws, len(REACHES))):
        check_integer(name, value, least)
    if not 0 < strength <= STRONGEST:
        raise KgonError(f"the strength βn must lie above 0 and be at most {STRONGEST:g}, got {strength!r}")
    centre = loss.tms.one_flat(centre)
    target = Target(loss=loss, strength=strength, precision=precision, centre=centre)
    base = State.at(loss, centre[None]).loss[0]
    # As wide as the density is where L is steepest: the ensemble then grows along the flat set.
    width = 1.0 / np.sqrt(strength + precision)
    state = State.at(loss, centre + width * rng.standard_normal((chains, d)))
    state, reaches, stages = warm_up(rng, state, target, width)
    excess, rates = np.empty((draws, chains)), np.zeros((len(REACHES), 2))
    for k in range(draws):
        kind = k % len(REACHES)
        state, accepted = reaches.move(rng, state, target, kind)
        excess[k] = state.loss - base
        rates[kind] += np.mean(accepted), 1
    return LocalDraws(
        excess=np.ascontiguousarray(excess.T),
        w=state.w,
        acceptance=rates[:, 0] / rates[:, 1],
        step_sizes=np.array(reaches.sizes),
        stages=stages,
    )


def warm_up(
    rng: np.random.Generator, state: State, target: Target, width: float
) -> tuple[State, Reaches, int]:
    """Move the chains and update covariance and step sizes until the ensemble stops growing."""
    reaches = Reaches(roots=[width * np.eye(state.w.shape[1])] * len(REACHES))
    spread: list[float] = []
    for _ in range(STAGES):
        for _ in range(ROUNDS):
            for kind in range(len(REACHES)):
                state, _ = reaches.move(rng, state, target, kind, adapt=True)
        reaches.roots = scales(state.w)
        spread.append(size(state.w))
        if settled(spread):
            break
    return state, reaches, len(spread)
