"""Uniform samples of a sublevel set {h < ε} within a ball, by an ensemble of hit-and-run chains.

If vol{h < ε} ~ C ε^λ, then h/ε of a uniform point follows the distribution function t^λ: λ is read off
a sample, and the height function h is all that is used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kgon.base.checks import Floats, check_integer, check_positive
from kgon.base.verdicts import KgonError
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.sampling.ensemble import STAGES, scales, settled, size
from kgon.sampling.hmc import State

Height = Callable[[Floats], Floats]
"""Heights (m,) of points (m, d)."""

BRACKET = 4.0
"""Length of the first bracket of a line, in standard deviations of the ensemble."""
SHRINKS = 60
"""Most shrinkages of a bracket; a chain that finds nothing stays where it is."""
ROUNDS = 12
"""Moves of every reach between two updates of the covariance in the warm-up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SublevelDraws:
    """Uniform draws of a sublevel set within a ball, of all members of the ensemble.

    Attributes
    ----------
    heights : (members, draws) array
        h of the draws, all below the level.
    points : (members, d) array
        Last position of every member.
    evaluations : int
        Heights computed, warm-up included.
    """

    heights: Floats
    points: Floats
    evaluations: int


def loss_height(tms: TMS, centre: Floats) -> Height:
    """Build the height function L(w) − L(w*) of flat parameters (m, d)."""
    loss = Potential(tms)
    base = State.at(loss, centre[None]).loss[0]
    return lambda points: State.at(loss, points).loss - base


@dataclass(slots=True)
class _Body:
    """The set {h < level, ‖w − centre‖ < radius}, counting evaluations of h."""

    height: Height
    centre: Floats
    level: float
    radius: float
    evaluations: int = 0

    def heights(self, points: Floats) -> Floats:
        """h inside the ball, infinity outside."""
        self.evaluations += len(points)
        inside = np.sum((points - self.centre) ** 2, axis=1) < self.radius**2
        return np.where(inside, self.height(points), np.inf)


def hit_and_run(
    rng: np.random.Generator, body: _Body, points: Floats, heights: Floats, root: Floats
) -> tuple[Floats, Floats]:
    """Make one hit-and-run move of every member: to a uniform point of a random line, by shrinkage.

    The bracket, of fixed length, is laid at random around the member and shrunk towards it until a point
    lies in the body (Neal 2003, without stepping out).  Direction and bracket length do not depend on the
    member's position, so the uniform distribution is kept.
    """
    m, d = points.shape
    z = rng.standard_normal((m, d))
    direction = (z / np.linalg.norm(z, axis=1, keepdims=True)) @ root.T
    low = -BRACKET * rng.random((m,))
    high = low + BRACKET
    points, heights = points.copy(), heights.copy()
    open_ = np.arange(m)
    for _ in range(SHRINKS):
        t = rng.uniform(low[open_], high[open_])
        proposal = points[open_] + t[:, None] * direction[open_]
        found = body.heights(proposal)
        inside = found < body.level
        hit, miss = open_[inside], open_[~inside]
        points[hit], heights[hit] = proposal[inside], found[inside]
        t = t[~inside]
        low[miss] = np.where(t < 0, t, low[miss])
        high[miss] = np.where(t < 0, high[miss], t)
        open_ = miss
        if not len(open_):
            break
    return points, heights


def measure_sublevel(
    rng: np.random.Generator,
    height: Height,
    centre: Floats,
    *,
    level: float,
    radius: float,
    members: int,
    draws: int,
    thin: int = 1,
) -> SublevelDraws:
    """Sample {h < level} ∩ {‖w − centre‖ < radius} uniformly.

    Parameters
    ----------
    rng : Generator
    height : callable
        h of points (m, d) → (m,).
    centre : (d,) array
        A point with h < level, from which the members spread.
    level, radius : float
        ε > 0 and R > 0.
    members : int
        Chains, at least 4d; they share only directions, which are frozen after the warm-up.
    draws : int
        Draws kept per member.
    thin : int
        Rounds (one move of each reach) per draw kept.

    Returns
    -------
    SublevelDraws

    Raises
    ------
    KgonError
        A size that is too small, a level or radius that is not positive, or h(centre) ≥ level.
    """
    d = len(centre)
    check_positive("level", level)
    check_positive("radius", radius)
    for name, value, least in (("members", members, 4 * d), ("draws", draws, 1), ("thin", thin, 1)):
        check_integer(name, value, least)
    body = _Body(height, centre, level, radius)
    points = np.tile(centre, (members, 1))
    heights = body.heights(points)
    if not heights[0] < level:
        raise KgonError(f"the centre must lie below the level {level:g}, its height is {heights[0]:g}")
    points, heights, roots = _warm_up(rng, body, points, heights)
    kept = np.empty((draws, members))
    for k in range(draws):
        for _ in range(thin):
            for root in roots:
                points, heights = hit_and_run(rng, body, points, heights, root)
        kept[k] = heights
    return SublevelDraws(heights=np.ascontiguousarray(kept.T), points=points, evaluations=body.evaluations)


def _warm_up(
    rng: np.random.Generator, body: _Body, points: Floats, heights: Floats
) -> tuple[Floats, Floats, list[Floats]]:
    """Spread the members from the centre until the ensemble stops growing."""
    d = points.shape[1]
    # Full brackets of a ball's radius shrink to the body's width in a few halvings.
    roots = [body.radius * np.eye(d)]
    spread: list[float] = []
    for _ in range(STAGES):
        for _ in range(ROUNDS):
            for root in roots:
                points, heights = hit_and_run(rng, body, points, heights, root)
        roots = scales(points)
        spread.append(size(points))
        if settled(spread):
            break
    return points, heights, roots
