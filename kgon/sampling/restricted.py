"""The density about a point restricted to a set, such as the basin of the point, by Hamiltonian chains.

At small s = βn, or without a barrier, the density exp(−s L(w) − ½ γ ‖w − w*‖²) has most of its mass away from
w*, and its means say nothing of w*.  Restricted to the basin it has no such mass.  A move is several
Hamiltonian ones, refused as a whole where they end outside, so that the set is tested once (``smc.move``
says why that is exact).  Each of them takes a preconditioner of one of several reaches, as in
``sampling.localised``, drawn anew: their mean is reversible, and so is a power of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kgon.base.checks import Floats, check_integer
from kgon.base.verdicts import KgonError
from kgon.potential.loss import Loss
from kgon.sampling.ensemble import REACHES, scales
from kgon.sampling.hmc import State, Target
from kgon.sampling.localised import STEP_LIMITS, Reaches
from kgon.sampling.smc import Inside

MOVES, LEAPFROGS = 9, 6
"""Hamiltonian moves of a composite one, and leapfrog steps of each."""
LEAST_STEP = 0.05
"""Smallest step size of a reach: a set wider than its walls allow takes smaller ones than ``STEP_LIMITS``."""
WARMING, RENEWED = 40, 4
"""Composite moves of the warm-up, and those between two updates of its preconditioners."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictedDraws:
    """Draws of the restricted density, of all chains.

    Attributes
    ----------
    excess : (chains, draws) array
        L(w) − L(w*).
    square : (chains, draws) array
        ‖w − w*‖².
    w : (chains, d) array
        Last position of every chain.
    inside : float
        Share of the composite moves that ended in the set.
    acceptance : float
        Of the Hamiltonian moves.
    """

    excess: Floats
    square: Floats
    w: Floats
    inside: float
    acceptance: float


def sample_restricted(
    rng: np.random.Generator,
    loss: Loss,
    centre: Floats,
    inside: Inside,
    *,
    strength: float,
    precision: float = 1.0,
    chains: int = 72,
    draws: int = 100,
) -> RestrictedDraws:
    """Sample exp(−s L(w) − ½ γ ‖w − w*‖²) restricted to a set.

    Parameters
    ----------
    rng : Generator
    loss : Loss
        L or L_n.
    centre : (d,) array
        w*, a point of the set.
    inside : callable
        The indicator of the set: a mask (m,) of the points of a ``State``, such as ``Basins.inside``.
    strength : float
        s = βn ≥ 0.
    precision : float
        γ > 0.
    chains : int
        At least 4d, so that their covariance means something.
    draws : int
        Draws per chain, one after each composite move; preconditioners and step sizes are adapted before.

    Returns
    -------
    RestrictedDraws

    Raises
    ------
    KgonError
        Too few chains or draws, or a centre that is no point of the model or outside the set.

    Examples
    --------
    Without loss on a half-space through the centre: half a Gaussian, with the same E‖w − w*‖² = d/γ.

    >>> from kgon.potential.loss import Potential
    >>> from kgon.potential.model import TMS
    >>> rng, loss = np.random.default_rng(0), Potential(TMS(2, 1))
    >>> found = sample_restricted(rng, loss, np.zeros(4), lambda x: x.w[:, 3] >= 0, strength=1e-9)
    >>> bool(abs(found.square.mean() - 4) < 0.2), bool((found.w[:, 3] >= 0).all())
    (True, True)
    """
    centre = loss.tms.one_flat(centre)
    d = len(centre)
    check_integer("chains", chains, 4 * d)
    check_integer("draws", draws, 1)
    target = Target(loss=loss, strength=strength, precision=precision, centre=centre)
    base = State.at(loss, centre[None])
    if not inside(base)[0]:
        raise KgonError("the centre is not in the set that the density is restricted to")
    width = 1.0 / np.sqrt(strength + precision)
    near = State.at(loss, centre + width * rng.standard_normal((chains, d)))
    state = near.where(inside(near), base.take(np.zeros(chains, dtype=np.int64)))
    reaches = Reaches(
        roots=[width * np.eye(d)] * len(REACHES), leapfrogs=LEAPFROGS, limits=(LEAST_STEP, STEP_LIMITS[1])
    )
    for k in range(1, WARMING + 1):
        state, _, _ = _move(rng, state, target, inside, reaches, adapt=True)
        if k % RENEWED == 0:
            reaches.roots = scales(state.w)
    excess, square, rates = np.empty((draws, chains)), np.empty((draws, chains)), np.empty((draws, 2))
    for k in range(draws):
        state, *rates[k] = _move(rng, state, target, inside, reaches)
        excess[k] = state.loss - base.loss[0]
        square[k] = np.sum(target.from_centre(state.w) ** 2, axis=1)
    accepted, stayed = rates.mean(axis=0)
    return RestrictedDraws(
        excess=np.ascontiguousarray(excess.T),
        square=np.ascontiguousarray(square.T),
        w=state.w,
        inside=float(stayed),
        acceptance=float(accepted),
    )


def _move(
    rng: np.random.Generator,
    state: State,
    target: Target,
    inside: Inside,
    reaches: Reaches,
    *,
    adapt: bool = False,
) -> tuple[State, float, float]:
    """Make a composite move of every chain; the shares that were accepted, and that ended inside."""
    start, accepted = state, []
    for kind in rng.integers(len(REACHES), size=MOVES):
        state, took = reaches.move(rng, state, target, kind, adapt=adapt)
        accepted.append(float(np.mean(took)))
    stays = inside(state)
    return state.where(stays, start), float(np.mean(accepted)), float(np.mean(stays))
