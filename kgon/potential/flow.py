"""Gradient flow dw/dt = −∇L(w), of the population loss or of a sample's.

One unit of t is 1/η steps of gradient descent with learning rate η.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.integrate import solve_ivp

from kgon.base.checks import Floats, check_increasing, check_number
from kgon.base.verdicts import KgonError
from kgon.potential.loss import Loss

FLOW_ERROR = 1e-7
"""Default error of a step in every coordinate, relative to one plus its size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A solution of the gradient flow dw/dt = −∇L(w), at the times of its steps.

    Attributes
    ----------
    time : (k,) array
    w : (k, d) array
    loss : (k,) array
        The loss that is descended.
    """

    time: Floats
    w: Floats
    loss: Floats


def gradient_flow(
    loss: Loss, w: Floats, times: Sequence[float] | Floats, *, tolerance: float = FLOW_ERROR
) -> Flow:
    """Solve the flow from w at time 0, by an explicit Runge–Kutta pair of orders 5 and 4.

    ∇L is only piecewise smooth; the control of the step takes care of its kinks.

    Parameters
    ----------
    loss : Loss
    w : (d,) array
        Start.
    times : sequence of float
        Increasing times from 0 or more at which to record.
    tolerance : float
        Error of a step in a coordinate, relative to one plus its size; between 1e-13 and 0.1.

    Returns
    -------
    Flow

    Raises
    ------
    KgonError
        Bad times or tolerance, a wrong shape of w, or an integration that failed.

    Examples
    --------
    >>> from kgon.potential.model import TMS
    >>> from kgon.potential.loss import Potential
    >>> path = gradient_flow(Potential(TMS(1, 1)), np.array([0.8, 0.1]), [0.0, 10.0, 100.0])
    >>> np.round(path.loss, 4).tolist()
    [0.0172, 0.0, 0.0]
    """
    at = check_increasing("times", times, zero=True)
    check_number("the tolerance", tolerance, 1e-13, 0.1)
    if w.shape != (loss.tms.dimension,):
        raise KgonError(f"w must have shape ({loss.tms.dimension},), got {w.shape}")
    if at[-1] == 0:
        points = np.array(w[None])
    else:
        found = solve_ivp(
            lambda _, x: -loss.flat(x[None])[1][0],
            (0.0, at[-1]),
            w,
            t_eval=at,
            method="RK45",
            rtol=tolerance,
            atol=tolerance,
        )
        if not found.success:
            raise KgonError(f"the gradient flow could not be followed: {found.message}")
        points = found.y.T.copy()
    return Flow(time=at, w=points, loss=loss.flat(points)[0])
