"""Hamiltonian Monte Carlo for many independent chains at once, on the population loss or that of a sample.

The target is ``p(w) ∝ exp(−s L(w) − ½ γ ‖w − w₀‖²)``: with s = βn, γ = 1, w₀ = 0 the posterior under the
prior N(0, I); with w₀ = w* the posterior localised at a point.  All chains of a call move together, so
that the batch kernel does the work; random numbers come from the generator handed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from kgon.base.checks import Floats, check_positive
from kgon.base.verdicts import KgonError
from kgon.potential.kernels import hamiltonian as kernel
from kgon.potential.loss import Loss

ACCEPTANCE = 0.8
"""Acceptance rate that the step size is adapted to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The density p(w) ∝ exp(−s L(w) − ½ γ ‖w − w₀‖²) that is sampled.

    Attributes
    ----------
    loss : Loss
        L or L_n.
    strength : float or (m,) array
        s = βn ≥ 0, the factor of the loss; an array has one of its own for every chain.
    precision : float
        γ > 0 of the Gaussian factor.
    centre : (d,) array or None
        w₀; None is the origin.
    """

    loss: Loss
    strength: float | Floats
    precision: float = 1.0
    centre: Floats | None = None

    def __post_init__(self) -> None:
        if not (np.all(np.isfinite(self.strength)) and np.all(np.asarray(self.strength) >= 0)):
            raise KgonError(f"the strength βn must be finite and at least 0, got {self.strength!r}")
        check_positive("the precision", self.precision)

    def from_centre(self, w: Floats) -> Floats:
        """Compute w − w₀ for points w (m, d)."""
        return w if self.centre is None else w - self.centre

    def gradient(self, state: State) -> Floats:
        """Compute the gradient (m, d) of −log p."""
        return np.reshape(self.strength, (-1, 1)) * state.gradient + self.precision * self.from_centre(
            state.w
        )

    def change(self, old: State, new: State) -> Floats:
        """Compute log p(old) − log p(new), (m,), of differences first, so that large s costs no digits."""
        moved = new.w - old.w
        middle = self.from_centre(0.5 * (new.w + old.w))
        quadratic = self.precision * np.sum(moved * middle, axis=1)
        return np.asarray(self.strength * (new.loss - old.loss) + quadratic)


@dataclass(frozen=True, slots=True)
class State:
    """Points of m chains with their loss and gradient.

    Attributes
    ----------
    w : (m, d) array
        Flat parameters (W row-major, then b).
    loss : (m,) array
    gradient : (m, d) array
        ∇L.
    """

    w: Floats
    loss: Floats
    gradient: Floats

    @classmethod
    def at(cls, loss: Loss, w: Floats) -> State:
        """Evaluate the loss at w (m, d)."""
        return cls(w, *loss.flat(w))

    def __len__(self) -> int:
        return len(self.w)

    def take(self, index: np.ndarray) -> Self:
        """Keep the chains with these indices (or where a mask is true)."""
        return type(self)(self.w[index], self.loss[index], self.gradient[index])

    def where(self, mask: np.ndarray, other: State) -> State:
        """Take the chains of ``self`` where the mask is true, else those of ``other``."""
        tall = mask[:, None]
        return State(
            np.where(tall, self.w, other.w),
            np.where(mask, self.loss, other.loss),
            np.where(tall, self.gradient, other.gradient),
        )


def step(
    rng: np.random.Generator,
    state: State,
    target: Target,
    *,
    step_size: float | Floats,
    leapfrogs: int,
    scale: Floats | None = None,
) -> tuple[State, NDArray[np.bool_]]:
    """Make one Hamiltonian move of every chain, each with its own step size within ±20 %.

    Parameters
    ----------
    rng : Generator
    state : State
    target : Target
    step_size : float or (m,) array
    leapfrogs : int
        Leapfrog steps of a trajectory.
    scale : (d, d) array, optional
        Matrix S of the preconditioner: the moves are isotropic in S⁻¹w.

    Returns
    -------
    State
    (m,) bool array
        Which proposals were accepted.
    """
    m, d = state.w.shape
    momentum = rng.standard_normal((m, d))
    size = step_size * rng.uniform(0.8, 1.2, m)
    strength = np.empty(m)
    strength[:] = target.strength
    new = State(np.array(state.w), np.empty(m), np.array(state.gradient))
    p = momentum.copy()
    kernel.trajectories(
        target.loss.packed,
        _motion(target, scale, leapfrogs, d),
        new.w,
        p,
        new.gradient,
        new.loss,
        size,
        strength,
    )
    with np.errstate(over="ignore", invalid="ignore"):  # a trajectory may diverge: it is rejected
        kinetic = np.sum(momentum**2, axis=1)
        change = target.change(state, new) + 0.5 * (np.sum(p**2, axis=1) - kinetic)
    # −log of a uniform number is exponential; the comparison is false for NaN.
    accepted = np.asarray(rng.standard_exponential(m) > change)
    return new.where(accepted, state), accepted


def _motion(target: Target, scale: Floats | None, leapfrogs: int, d: int) -> kernel.Motion:
    """What the chains of a move have in common."""
    matrix = np.empty((0, 0)) if scale is None else np.ascontiguousarray(scale, dtype=np.float64)
    centre = np.zeros(d) if target.centre is None else np.ascontiguousarray(target.centre, dtype=np.float64)
    return kernel.Motion(float(target.precision), centre, matrix, np.ascontiguousarray(matrix.T), leapfrogs)


def adapted_step_size(step_size: float, accepted: np.ndarray, *, rate: float = 0.5) -> float:
    """Adapt the step size to the acceptance of one move (only between, not during, estimates)."""
    return float(step_size * np.exp(rate * (np.mean(accepted) - ACCEPTANCE)))
