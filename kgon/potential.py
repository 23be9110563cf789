"""The TMS potential: loss, gradient and Hessian in float64, and the empirical loss of a sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kgon.kernels import batch, empirical, pairs, point
from kgon.kernels import hessian as hessian_kernel
from kgon.model import TMS, Floats, real_array
from kgon.results import KgonError

REGION_NAMES = {pairs.OFF: "off", pairs.ON: "on", pairs.RISING: "rising", pairs.FALLING: "falling"}


class Loss(Protocol):
    """What simulations need of a loss: that of the population, or of a sample."""

    @property
    def tms(self) -> TMS:
        """The model."""

    @property
    def kernel_arrays(self) -> point.Arrays:
        """What a kernel needs to evaluate it at one point."""

    def flat(self, w: Floats) -> tuple[Floats, Floats]:
        """Loss (m,) and gradient (m, d) at flat parameters (m, d), unchecked."""


@dataclass(frozen=True, slots=True)
class Potential:
    """Population loss L of a toy model of superposition (Chen et al. 2023, Lemma 3.1).

    All methods take one point, W (r, c) and b (c,), or a batch, W (m, r, c) and b (m, c).

    Parameters
    ----------
    tms : TMS
        Sizes, input probabilities, output importances.

    Examples
    --------
    >>> import numpy as np
    >>> L = Potential(TMS(4))
    >>> W = np.array([[1., 0, -1, 0], [0, 1, 0, -1]])
    >>> L.loss(W, np.zeros(4))
    0.0
    >>> round(L.loss(W, np.full(4, -2.0)), 6)
    0.333333
    """

    tms: TMS

    def loss(self, W: ArrayLike, b: ArrayLike) -> float | Floats:
        """L(W, b): a float, or (m,) floats for a batch."""
        return self.loss_and_gradient(W, b)[0]

    def gradient(self, W: ArrayLike, b: ArrayLike) -> tuple[Floats, Floats]:
        """∇L with respect to W and b, in their shapes; see ``loss_and_gradient``."""
        _, grad_W, grad_b = self.loss_and_gradient(W, b)
        return grad_W, grad_b

    def loss_and_gradient(self, W: ArrayLike, b: ArrayLike) -> tuple[float | Floats, Floats, Floats]:
        """Loss and gradient together (one pass).

        L is C¹ except where some W_j = 0 and b_j = 0; there the derivative with respect to b_j is
        the one-sided one from b_j > 0 (see ``differentiable``).

        Returns
        -------
        loss : float or (m,) array
        grad_W : (r, c) or (m, r, c) array
        grad_b : (c,) or (m, c) array

        Raises
        ------
        KgonError
            Wrong shape, or a value that is not finite.
        """
        weights, biases = self.tms.point(W, b)
        shape = weights.shape[:-2]
        flat_W = weights.reshape(-1, self.tms.r, self.tms.c)
        flat_b = biases.reshape(-1, self.tms.c)
        loss = np.empty(len(flat_W))
        grad_W, grad_b = np.empty_like(flat_W), np.empty_like(flat_b)
        tms = self.tms
        batch.loss_gradient(flat_W, flat_b, tms.probability, tms.importance, loss, grad_W, grad_b)
        value = loss.reshape(shape) if shape else float(loss[0])
        return value, grad_W.reshape(weights.shape), grad_b.reshape(biases.shape)

    @property
    def kernel_arrays(self) -> point.Arrays:
        """The arguments of ``kernels.point.loss_gradient``."""
        none = np.empty(0)
        return point.Arrays(
            self.tms.probability, self.tms.importance, none, np.zeros(1, dtype=np.int64), none, none
        )

    def flat(self, w: Floats) -> tuple[Floats, Floats]:
        """Loss (m,) and gradient (m, d) at flat parameters w (m, d), without any check."""
        tms = self.tms
        W, b, loss, grad_W, grad_b = _unpacked(tms, w)
        batch.loss_gradient(W, b, tms.probability, tms.importance, loss, grad_W, grad_b)
        return loss, np.concatenate([grad_W.reshape(len(w), -1), grad_b], axis=1)

    def gradient_norm(self, W: ArrayLike, b: ArrayLike) -> float:
        """Euclidean norm of ∇L at one point."""
        grad_W, grad_b = self.gradient(*self._single(W, b))
        return float(np.sqrt(np.sum(grad_W**2) + np.sum(grad_b**2)))

    def hessian(self, W: ArrayLike, b: ArrayLike) -> Floats:
        """Hessian of L in the flat parameter (W row-major, then b).

        L is C² except where a pair has W_i·W_j = b_j = 0 (i ≠ j), or ‖W_j‖² + b_j = 0 with b_j < 0,
        or W_j = 0 and b_j = 0.  There the Hessian is the limit from one side; ``smooth`` tells.

        Returns
        -------
        (d, d) or (m, d, d) array
        """
        weights, biases = self.tms.point(W, b)
        shape = weights.shape[:-2]
        d = self.tms.dimension
        out = np.empty((int(np.prod(shape, dtype=int)), d, d))
        flat_W = weights.reshape(-1, self.tms.r, self.tms.c)
        flat_b = biases.reshape(-1, self.tms.c)
        hessian_kernel.hessians(flat_W, flat_b, self.tms.probability, self.tms.importance, out)
        return out.reshape(*shape, d, d)

    def regions(self, W: ArrayLike, b: ArrayLike) -> NDArray[np.str_]:
        """Region signature: a (c, c) array of names, entry (i, j) for input i and output j."""
        weights, biases = self._single(W, b)
        gram = weights.T @ weights
        return np.array(
            [
                [REGION_NAMES[pairs.region(gram[i, j], biases[j])] for j in range(self.tms.c)]
                for i in range(self.tms.c)
            ]
        )

    def differentiable(self, W: ArrayLike, b: ArrayLike) -> bool:
        """Whether L is differentiable: no output has W_j = 0 and b_j = 0 (with I_j p_j > 0)."""
        weights, biases = self._single(W, b)
        weight = self.tms.probability * self.tms.importance
        return not np.any((np.sum(weights**2, axis=0) == 0) & (biases == 0) & (weight > 0))

    def smooth(self, W: ArrayLike, b: ArrayLike, *, tol: float = 1e-12) -> bool:
        """Whether L is C² near the point: no pair within ``tol`` of a kink of its gradient."""
        weights, biases = self._single(W, b)
        gram = weights.T @ weights
        near_zero = np.abs(biases)[None, :] <= tol
        kink = near_zero & (np.abs(gram) <= tol)
        norms = np.diag(gram)
        switch = (np.abs(norms + biases) <= tol) & (biases <= 0)
        return not (kink.any() or switch.any())

    def _single(self, W: ArrayLike, b: ArrayLike) -> tuple[Floats, Floats]:
        weights, biases = self.tms.point(W, b)
        if weights.ndim != 2:
            raise KgonError(f"one point is wanted, W of shape (r, c); got {weights.shape}")
        return weights, biases


@dataclass(frozen=True, slots=True, init=False, eq=False, repr=False)
class EmpiricalLoss:
    """L_n(w) = (1/n) Σ ‖x − f(x)‖² over samples x = μ e_i, evaluated in O(c² log n).

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
    _amplitude: Floats
    _start: NDArray[np.int64]
    _power1: Floats
    _power2: Floats

    def __init__(self, tms: TMS, feature: ArrayLike, amplitude: ArrayLike) -> None:
        mu = real_array("amplitude", amplitude)
        index = np.asarray(feature)
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
        power1, power2 = empirical.empty_prefix(mu.size, tms.c)
        empirical.prefix_sums(mu, start, power1, power2)
        for name, value in (
            ("tms", tms),
            ("n", int(mu.size)),
            ("_amplitude", mu),
            ("_start", start),
            ("_power1", power1),
            ("_power2", power2),
        ):
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return f"<EmpiricalLoss of {self.n} samples, {self.tms}>"

    def loss(self, W: ArrayLike, b: ArrayLike) -> float:
        """L_n at one point."""
        return self.loss_and_gradient(W, b)[0]

    def loss_and_gradient(self, W: ArrayLike, b: ArrayLike) -> tuple[float, Floats, Floats]:
        """L_n and its gradient at one point: float, (r, c), (c,)."""
        value, _, grad_W, grad_b = self._evaluate(W, b)
        return value, grad_W, grad_b

    @property
    def kernel_arrays(self) -> point.Arrays:
        """The arguments of ``kernels.point.loss_gradient``."""
        tms = self.tms
        return point.Arrays(
            tms.probability, tms.importance, self._amplitude, self._start, self._power1, self._power2
        )

    def flat(self, w: Floats) -> tuple[Floats, Floats]:
        """Loss (m,) and gradient (m, d) at flat parameters w (m, d), without any check."""
        W, b, loss, grad_W, grad_b = _unpacked(self.tms, w)
        point.losses_gradients(self.kernel_arrays, W, b, loss, grad_W, grad_b)
        return loss, np.concatenate([grad_W.reshape(len(w), -1), grad_b], axis=1)

    def probes(self, W: ArrayLike, b: ArrayLike) -> int:
        """Number of stored amplitudes that one evaluation looks at."""
        return self._evaluate(W, b)[1]

    def _evaluate(self, W: ArrayLike, b: ArrayLike) -> tuple[float, int, Floats, Floats]:
        weights, biases = self.tms.point(W, b)
        if weights.ndim != 2:
            raise KgonError(f"one point is wanted, W of shape (r, c); got {weights.shape}")
        grad_W, grad_b = np.empty_like(weights), np.empty_like(biases)
        value, probes = empirical.loss_gradient(
            weights,
            biases,
            self.tms.importance,
            self._amplitude,
            self._start,
            self._power1,
            self._power2,
            grad_W,
            grad_b,
        )
        return value, probes, grad_W, grad_b


def _unpacked(tms: TMS, w: Floats) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """W and b of flat parameters (m, d), and room for loss and gradients."""
    split = tms.r * tms.c
    W = np.ascontiguousarray(w[:, :split]).reshape(len(w), tms.r, tms.c)
    b = np.ascontiguousarray(w[:, split:])
    return W, b, np.empty(len(w)), np.empty_like(W), np.empty_like(b)


def _outside(values: NDArray) -> str:
    """The range of what was given, for an error message."""
    if values.dtype.kind not in "iuf":
        return f"values of type {values.dtype}"
    return f"values from {values.min()} to {values.max()}"
