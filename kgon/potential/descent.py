"""Gradient descent of many points to the end: the map from a point to the minimum it belongs to.

The *basin* of a minimum is the set of points from which this descent ends there.  It is a set with a
computable indicator, which is what sampling needs; halving the step moves its borders by little (about
one posterior point in a thousand ends elsewhere at s = βn = 100, fewer above), so that it stands for the
basin of the gradient flow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgon.base.checks import Floats, check_integer, check_positive
from kgon.base.verdicts import KgonError
from kgon.potential.kernels import descent as kernel
from kgon.potential.kernels._jit import writable
from kgon.potential.loss import Loss, Potential
from kgon.potential.model import TMS, check_tms

STEP = 1.0
"""Default κ of the step κ / (1 + max_j ‖W_j‖²).

The Hessian of L grows like ‖W_j‖².  With uniform inputs and c ≥ 4 its largest eigenvalue is about
1 + max_j ‖W_j‖² for points of the prior (at most 2.1 times that in 2000 draws at c = 6, 2.9 times at c = 4)
and less at the polygons, so that κ = 1 descends for small and for large ``w``.  With fewer features, each
the more probable, the Hessian is larger: κ = 0.3 is right for c = 1.
"""
ARRIVED_NORM = 1e-4
"""Default ‖∇L‖ at which a point near a level counts as arrived."""
LEVEL_TOLERANCE = 1e-5
"""Default distance of L from a level within which a point is near that level.

A minimum whose Hessian is at least μ across its flat set has L − L* ≤ ‖∇L‖²/2μ nearby: 2.5e-7 for the
default ``ARRIVED_NORM`` and μ = 0.02, the smallest such eigenvalue among the k-gons of c = 6.
"""
ZERO_GRADIENT = 1e-9
"""‖∇L‖ at which a point has arrived wherever it is."""
MAX_STEPS = 3000
"""Default number of steps after which a point is given up (a thousand reach a minimum as a rule)."""
SETTLING = 300
"""Default number of steps of ``settled_loss``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """Where the iterations from m starts stopped: descents, or root finding after a descent.

    Attributes
    ----------
    w : (m, d) array
        Flat parameters.
    loss, gradient_norm : (m,) arrays
        L and ‖∇L‖ there.
    steps : (m,) int array
        Gradient steps taken.
    converged : (m,) bool array
        Arrived: at a level or at zero gradient, or at a root; false where the iteration stopped early, or was
        given up.
    """

    w: Floats
    loss: Floats
    gradient_norm: Floats
    steps: NDArray[np.int64]
    converged: NDArray[np.bool_]

    @classmethod
    def joined(cls, parts: Sequence[Ends]) -> Ends:
        """Put the ends of several sets of starts one after another."""
        return cls(**{name: np.concatenate([getattr(x, name) for x in parts]) for name in cls.__slots__})

    def take(self, rows: NDArray[Any]) -> Ends:
        """Keep some of the ends: positions, or a mask."""
        return Ends(**{name: getattr(self, name)[rows] for name in self.__slots__})

    def put(self, rows: NDArray[np.int64], later: Ends) -> None:
        """Replace some ends (positions) by where those iterations stopped later; their steps are added up."""
        later.steps[:] += self.steps[rows]
        for name in self.__slots__:
            getattr(self, name)[rows] = getattr(later, name)


def descend(
    tms: TMS,
    w: Floats,
    *,
    step: float = STEP,
    levels: Sequence[float] | Floats | None = None,
    tolerance: float = ARRIVED_NORM,
    level_tolerance: float = LEVEL_TOLERANCE,
    below: float = -np.inf,
    max_steps: int = MAX_STEPS,
) -> Ends:
    """Follow −∇L from every point by steps κ/(1 + max_j ‖W_j‖²), until it has arrived.

    Parameters
    ----------
    tms : TMS
    w : (m, d) array
        Flat parameters.
    step : float
        κ of ``STEP``, positive.
    levels : sequence of float, optional
        Losses at which a descent may end: a point within ``level_tolerance`` of one of them and with
        ‖∇L‖ ≤ ``tolerance`` has arrived.  Elsewhere a small gradient only means that a saddle is passed
        slowly.  Without levels the gradient alone decides.
    tolerance, level_tolerance : float
    below : float
        Stop a point as soon as its loss is below this.
    max_steps : int
        At least 1.

    Returns
    -------
    Ends

    Raises
    ------
    KgonError
        Wrong shape of w, or an option out of range.

    Examples
    --------
    >>> ends = descend(TMS(1, 1), np.array([[0.5, 0.0], [0.1, -1.0]]), step=0.3)
    >>> bool(ends.converged.all()), np.round(ends.loss, 6).tolist()  # the second one is dead
    (True, [0.0, 0.333333])
    """
    if w.ndim != 2 or w.shape[1] != check_tms(tms).dimension:
        raise KgonError(f"w must have shape (m, {tms.dimension}), got {w.shape}")
    check_positive("the step", step)
    check_integer("max_steps", max_steps, 1)
    split = tms.r * tms.c
    W = w[:, :split].copy().reshape(len(w), tms.r, tms.c)
    b = w[:, split:].copy()
    stop = kernel.Stop(
        still=tolerance if levels is None else ZERO_GRADIENT,
        levels=np.asarray([] if levels is None else levels, dtype=np.float64),
        tolerance=tolerance,
        level_tolerance=level_tolerance,
        below=below,
        max_steps=max_steps,
    )
    weights = writable(tms.probability), writable(tms.importance)
    loss, norm, steps, converged = kernel.descend(W, b, *weights, step, stop)
    ends = np.concatenate([W.reshape(len(w), split), b], axis=1)
    return Ends(w=ends, loss=loss, gradient_norm=norm, steps=steps, converged=converged)


def settled_loss(loss: Loss, w: Floats, *, steps: int = SETTLING) -> Floats:
    """Compute the loss (m,) that so many steps of the descent reach from points (m, d), on any loss.

    Nothing tests whether they have arrived: for comparing points that a barrier separates.
    """
    check_integer("steps", steps, 1)
    if isinstance(loss, Potential):
        return descend(loss.tms, w, tolerance=0.0, max_steps=steps).loss
    x = w.copy()
    for _ in range(steps):
        x -= gradient_step(loss, x, STEP)
    return loss.flat(x)[0]


def gradient_step(loss: Loss, w: Floats, step: float) -> Floats:
    """Compute what a descent subtracts from points w (m, d): κ/(1 + max_j ‖W_j‖²) ∇L, κ = ``step``."""
    r, c = loss.tms.r, loss.tms.c
    longest = np.max(np.sum(w[:, : r * c].reshape(-1, r, c) ** 2, axis=1), axis=1)
    return np.asarray(step / (1.0 + longest)[:, None] * loss.flat(w)[1])
