r"""Langevin chains about a point: SGLD, as λ̂ was published with, and MALA, which is exact.

The target is p(w) ∝ exp(−U), U(w) = s L(w) + ½ γ ‖w − w*‖², as in ``simulate.localised``.  SGLD moves by

    w′ = w − (ε/2) ∇U(w) + N(0, ε)

and accepts every move, so that it samples p only as ε → 0; MALA adds the Metropolis test.

**Step-size bias.**  Where the unadjusted chain is stationary, E‖w′ − w*‖² = E‖w − w*‖² says exactly

    E[(w − w*)·∇U] = d + (ε/4) E‖∇U‖²,

where p has d.  If U is homogeneous of degree 2 about w*, then U = ½ (w − w*)·∇U, and E[U] exceeds its value
d/2 by (ε/8) E‖∇U‖².  Direction by direction of a quadratic U = ½ Σ kᵢ xᵢ², E[kᵢ xᵢ²] = 1/(1 − ε kᵢ/4),
and the part s (L − L*) exceeds its value by exactly (ε/8) E[s∇L·∇U].  Gradients with independent noise η of
mean 0 in place of ∇U add at most (ε/8) E‖η‖².  The sum of the two is ``LangevinDraws.bias``: it needs no
second run.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from kgon.base.checks import (
    Floats,
    check_integer,
    check_number,
    check_positive,
    check_seed,
    refusal,
)
from kgon.base.runs import Arrays
from kgon.base.streams import stream
from kgon.base.verdicts import KgonError
from kgon.base.work import HERE, Work
from kgon.potential.kernels import langevin as kernel
from kgon.potential.loss import Loss

STEP_SIZE = 1e-3
"""ε of the published λ̂."""
STEPS = 500
"""Steps of the published λ̂ along trajectories."""
ACCEPTANCE = 0.574
"""Acceptance that the step size of MALA is adapted to (Roberts and Rosenthal 1998)."""
COLUMNS = ("excess", "square", "path", "acceptance", "force", "pull", "virial", "noise")
"""What is recorded of every chain."""
ROUNDS, ROUND = 60, 50
"""Rounds of the adaptation, and steps of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Langevin:
    """A target about a point, and how chains move on it.

    Attributes
    ----------
    strength, precision : float
        s > 0 and γ > 0.
    step_size : float
        ε > 0, the variance of a step's noise.  SGLD on a quadratic target is stable where ε < 4/k for its
        largest curvature k.
    steps, burn_in : int
        Steps recorded, at least 4, and steps before.
    metropolis : bool
        MALA.
    batch : int or None
        Samples, drawn with replacement, that estimate the gradient of a step; None takes the whole loss.
    places : int
        Positions of a chain that are recorded, at equal distances of steps; a divisor of ``steps``.  The
        last is where it ends.

    Raises
    ------
    KgonError
        A value out of range, a batch with the Metropolis test, or places that do not divide the steps.
    """

    strength: float
    precision: float = 1.0
    step_size: float = STEP_SIZE
    steps: int = STEPS
    burn_in: int = 0
    metropolis: bool = False
    batch: int | None = None
    places: int = 1

    def __post_init__(self) -> None:
        check_number("the strength βn", self.strength, 0)
        check_positive("precision", self.precision)
        check_positive("step_size", self.step_size)
        check_integer("steps", self.steps, 4)
        check_integer("burn_in", self.burn_in, 0)
        if self.steps % check_integer("places", self.places, 1):
            raise refusal("places", f"a divisor of the {self.steps} steps", self.places)
        if self.batch is not None:
            check_integer("batch", self.batch, 1)
            if self.metropolis:
                raise KgonError("the Metropolis test of MALA needs the whole gradient: no batch")


@dataclass(frozen=True, slots=True, kw_only=True)
class LangevinDraws:
    """What all Langevin chains recorded, and how they moved.

    Attributes
    ----------
    excess : (chains, steps) array
        L(w) − L(w*).
    square : (chains, steps) array
        ‖w − w*‖².
    path : (chains, places, d) array
        Positions of every chain, each at the end of one of ``places`` equal parts of its steps.
    acceptance : (chains,) array
        Mean probability with which MALA accepts the steps proposed: for SGLD that which they would have had.
    force : (chains,) array
        Mean ‖∇U‖².
    pull : (chains,) array
        Mean s∇L·∇U.
    virial : (chains,) array
        Mean (w − w*)·∇U: d for p.
    noise : (chains,) array
        Mean squared error of the gradient of U estimated from batches.
    settings : Langevin
    """

    excess: Floats
    square: Floats
    path: Floats
    acceptance: Floats
    force: Floats
    pull: Floats
    virial: Floats
    noise: Floats
    settings: Langevin

    @property
    def w(self) -> Floats:
        """Where every chain ends, (chains, d)."""
        return self.path[:, -1]

    def below(self) -> Floats:
        """The share of every chain's draws below L(w*), (chains,)."""
        return np.asarray(np.mean(self.excess < 0, axis=1))

    def keep(self, share: float) -> LangevinDraws:
        """Discard the chains with more than this share of their draws below L(w*)."""
        kept = self.below() <= share
        chains = {name: getattr(self, name)[kept] for name in COLUMNS}
        return LangevinDraws(**chains, settings=self.settings)

    @property
    def bias(self) -> float:
        """What the step size adds to s E[L − L*] where U is quadratic; 0 for MALA."""
        if self.settings.metropolis:
            return 0.0
        return float(self.settings.step_size / 8 * np.mean(self.pull + self.noise))

    @property
    def diverged(self) -> bool:
        """Whether a chain left the numbers; its draws from there on are NaN."""
        return bool(np.isnan(self.excess).any())


def run_langevin(
    loss: Loss,
    centre: Floats,
    settings: Langevin,
    *,
    chains: int,
    seed: int = 0,
    key: tuple[int, ...] = (),
    work: Work = HERE,
) -> LangevinDraws:
    """Run chains that start at w*, each with its own generator.

    Parameters
    ----------
    loss : Loss
        L or L_n.
    centre : (d,) array
        w*.
    settings : Langevin
    chains : int
        At least 2.
    seed : int
    key : tuple of int
        Chain k draws from ``Philox(SeedSequence(seed, spawn_key=(*key, k)))``.
    work : Work
        Who runs the chains; the numbers do not depend on it.

    Returns
    -------
    LangevinDraws

    Raises
    ------
    KgonError
        Fewer than 2 chains, or a batch of the population loss, which has no samples.

    Examples
    --------
    Without loss p is the Gaussian of the localiser, and E‖w − w*‖² = d/γ.

    >>> from kgon.potential.model import TMS
    >>> from kgon.potential.loss import Potential
    >>> settings = Langevin(strength=0.0, step_size=1.0, steps=4000, burn_in=50, metropolis=True)
    >>> found = run_langevin(Potential(TMS(6)), np.zeros(18), settings, chains=4)
    >>> bool(abs(found.square.mean() - 18) < 0.5)
    True
    """
    check_integer("chains", chains, 2)
    check_seed(seed)
    centre = loss.tms.one_flat(centre)
    if settings.batch is not None and not len(loss.kernel_arrays.amplitude):
        raise KgonError(f"a batch of {settings.batch} is drawn from data; the population loss has none")
    firsts = range(0, chains, kernel.TOGETHER)
    parts = [range(first, min(first + kernel.TOGETHER, chains)) for first in firsts]
    tasks = {
        f"chain-{part[0]}": (loss, centre, settings, seed, tuple((*key, k) for k in part)) for part in parts
    }
    found = work.run(_chains, tasks, "chains")
    columns = {name: np.concatenate([arrays[name] for arrays in found.values()]) for name in COLUMNS}
    return LangevinDraws(**columns, settings=settings)


def _chains(
    loss: Loss, centre: Floats, settings: Langevin, seed: int, keys: tuple[tuple[int, ...], ...]
) -> Arrays:
    """Run the chains of some keys: a task of ``Work.run``."""
    return _run(loss, centre, np.tile(centre, (len(keys), 1)), settings, [stream(seed, *key) for key in keys])


def _run(
    loss: Loss, centre: Floats, w: Floats, settings: Langevin, rngs: list[np.random.Generator]
) -> Arrays:
    """Move the chains of one task from w (m, d), each with its generator."""
    m = len(w)
    w, centre = np.array(w, dtype=np.float64), np.ascontiguousarray(centre)
    parts = settings.places
    drawn = np.full((parts, 2, m, settings.steps // parts), np.nan)
    sums, path = np.empty((parts, m, kernel.SUMS)), np.empty((parts, *w.shape))
    floats = (float(settings.strength), float(settings.precision), float(settings.step_size))
    dynamics = kernel.Dynamics(*floats, settings.metropolis, settings.batch or 0)
    given = tuple(rngs + rngs[:1] * (kernel.TOGETHER - m))  # lanes of chains, some of them of nobody
    for k in range(parts):
        skip = 0 if k else settings.burn_in
        kernel.chains(given, loss.kernel_arrays, w, centre, dynamics, skip, *drawn[k], sums[k])
        path[k] = w
    excess, square = drawn.transpose(1, 2, 0, 3).reshape(2, m, settings.steps)
    means = dict(zip(("acceptance", "force", "pull", "virial", "noise"), sums.mean(axis=0).T, strict=True))
    return {"excess": excess, "square": square, "path": path.swapaxes(0, 1), **means}


def adapted(
    loss: Loss, centre: Floats, settings: Langevin, *, seed: int = 0, key: tuple[int, ...] = ()
) -> Langevin:
    """Adapt the step size of MALA until one chain from w* accepts ``ACCEPTANCE`` of its moves.

    The draws that it takes are thrown away: the step size of the chains proper is fixed.
    """
    rngs, w = [stream(seed, *key)], centre[None]
    log_size = float(np.log(1.0 / (settings.strength + settings.precision)))
    kept = []
    for k in range(ROUNDS):
        now = replace(settings, metropolis=True, step_size=float(np.exp(log_size)), steps=ROUND, burn_in=0)
        found = _run(loss, centre, w, now, rngs)
        w = found["path"][:, -1]
        log_size += 2.0 * (float(found["acceptance"][0]) - ACCEPTANCE) / (1 + k / 10)
        kept.append(log_size)
    return replace(settings, metropolis=True, step_size=float(np.exp(np.mean(kept[ROUNDS // 2 :]))))
