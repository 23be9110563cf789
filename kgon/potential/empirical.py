"""The empirical loss L_n of a data set, in at most O(c² log n) an evaluation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kgon.base.checks import Floats, assign, real_array, rectangular
from kgon.base.verdicts import KgonError
from kgon.potential.kernels import empirical, point
from kgon.potential.loss import Loss
from kgon.potential.model import TMS, check_tms


@dataclass(frozen=True, slots=True, init=False, eq=False, repr=False)
class EmpiricalLoss(Loss):
    """L_n(w) = (1/n) Σ ‖x − f(x)‖² over samples x = μ e_i, evaluated in at most O(c² log n).

    Exact up to rounding, about 1e-16·(1 + (W_i·W_j)² + b_j²) summed over the pairs: far below 1e-12 of
    1 + L_n for parameters of usual size.

    Parameters
    ----------
    tms : TMS
        Sizes and importances; the probabilities do not enter.
    feature : (n,) array_like of int
        Active feature i of each sample, 0 … c − 1.
    amplitude : (n,) array_like
        μ of each sample, in [0, 1].

    Examples
    --------
    >>> tms = TMS(2, r=1)
    >>> L = EmpiricalLoss(tms, [0, 1, 1], [0.5, 0.2, 1.0])
    >>> round(L.loss([[1.0, 0.0]], [0.0, 0.0]), 12)  # column 0 perfect, column 1 dead
    0.346666666667
    """

    tms: TMS
    n: int
    packed: Floats

    def __init__(self, tms: TMS, feature: ArrayLike, amplitude: ArrayLike) -> None:
        check_tms(tms)
        mu, index = real_array("amplitude", amplitude), rectangular("feature", feature)
        if mu.ndim != 1 or index.shape != mu.shape or mu.size == 0:
            raise KgonError(
                f"feature and amplitude must be equally long and not empty, got {index.shape} and {mu.shape}"
            )
        if not np.issubdtype(index.dtype, np.integer) or index.min() < 0 or index.max() >= tms.c:
            raise KgonError(f"feature must hold integers from 0 to {tms.c - 1}, got {_outside(index)}")
        if not (np.isfinite(mu).all() and mu.min() >= 0 and mu.max() <= 1):
            raise KgonError(f"amplitude must lie in [0, 1], got {_outside(mu)}")
        order = np.lexsort((mu, index))
        mu = np.ascontiguousarray(mu[order])
        start = np.searchsorted(index[order], np.arange(tms.c + 1)).astype(np.int64)
        packed = point.pack(tms.probability, tms.importance, start)
        arrays = point.unpack(packed)
        arrays.amplitude[:] = mu
        empirical.prefix_sums(mu, start, arrays.power1, arrays.power2)
        empirical.fill_table(mu, start, arrays.table)
        assign(self, tms=tms, n=int(mu.size), packed=packed)

    def __repr__(self) -> str:
        return f"<EmpiricalLoss of {self.n} samples, {self.tms}>"

    def probes(self, W: ArrayLike, b: ArrayLike) -> int:
        """Count the stored amplitudes that one evaluation looks at, at one point."""
        weights, biases = self.tms.one_point(W, b)
        _, *arrays = self.kernel_arrays  # of all but the probabilities
        room = np.empty_like(weights), np.empty_like(biases)
        return int(empirical.loss_gradient(weights, biases, *arrays, *room)[1])


def _outside(values: NDArray) -> str:
    """The range of what was given, for an error message."""
    if values.dtype.kind not in "iuf":
        return f"values of type {values.dtype}"
    return f"values from {values.min()} to {values.max()}"
