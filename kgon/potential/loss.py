"""The TMS potential: loss, gradient and Hessian in float64, and the empirical loss of a sample."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import lru_cache
from operator import mul

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kgon.base.checks import Floats
from kgon.potential import any_number
from kgon.potential.kernels import batch, point
from kgon.potential.kernels import hessian as hessian_kernel
from kgon.potential.model import TMS, check_tms
from kgon.potential.regions import regions

TINY = 2.0**-480
"""Entries of W below this, and a bias: products may underflow, and with them the region of a pair."""


class Loss(ABC):
    """A loss of the model that one kernel evaluates: that of the population, or of a sample.

    Methods take one point, W (r, c) and b (c,), or a batch, W (m, r, c) and b (m, c).
    """

    __slots__ = ()

    tms: TMS

    @property
    @abstractmethod
    def kernel_arrays(self) -> point.Arrays:
        """The arrays by which a kernel evaluates the loss: those of ``point.Arrays``."""

    def loss(self, W: ArrayLike, b: ArrayLike) -> float | Floats:
        """Compute the loss: a float, or (m,) floats for a batch."""
        return self.loss_and_gradient(W, b)[0]

    def gradient(self, W: ArrayLike, b: ArrayLike) -> tuple[Floats, Floats]:
        """Compute the gradient with respect to W and b, in their shapes; see ``loss_and_gradient``."""
        _, grad_W, grad_b = self.loss_and_gradient(W, b)
        return grad_W, grad_b

    def loss_and_gradient(self, W: ArrayLike, b: ArrayLike) -> tuple[float | Floats, Floats, Floats]:
        """Compute loss and gradient together, in one pass.

        The population loss is C¹ except where some W_j = 0 and b_j = 0; there the derivative with respect to
        b_j is the one-sided one from b_j > 0 (see ``Potential.differentiable``).

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
        loss, grad_W, grad_b = self._evaluated(
            weights.reshape(-1, *weights.shape[-2:]), biases.reshape(-1, self.tms.c)
        )
        shape = weights.shape[:-2]
        value = loss.reshape(shape) if shape else float(loss[0])
        return value, grad_W.reshape(weights.shape), grad_b.reshape(biases.shape)

    def flat(self, w: Floats) -> tuple[Floats, Floats]:
        """Compute loss (m,) and gradient (m, d) at flat parameters w (m, d), without any check."""
        split = self.tms.r * self.tms.c
        W = np.ascontiguousarray(w[:, :split]).reshape(len(w), self.tms.r, self.tms.c)
        loss, grad_W, grad_b = self._evaluated(W, np.ascontiguousarray(w[:, split:]))
        return loss, np.concatenate([grad_W.reshape(len(w), -1), grad_b], axis=1)

    def _evaluated(self, W: Floats, b: Floats) -> tuple[Floats, Floats, Floats]:
        loss, grad_W, grad_b = np.empty(len(W)), np.empty_like(W), np.empty_like(b)
        batch.losses_gradients(self.kernel_arrays, W, b, loss, grad_W, grad_b)
        return loss, grad_W, grad_b


@dataclass(frozen=True, slots=True)
class Potential(Loss):
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

    def __post_init__(self) -> None:
        check_tms(self.tms)

    def loss_and_gradient(self, W: ArrayLike, b: ArrayLike) -> tuple[float | Floats, Floats, Floats]:
        """Compute loss and gradient together; in exact fractions where products of floats underflow."""
        loss, grad_W, grad_b = Loss.loss_and_gradient(self, W, b)
        weights, biases = self.tms.point(W, b)
        sizes = np.abs(weights).max(axis=-2)
        lost = np.any((sizes > 0) & (sizes < TINY) & (np.abs(biases) < TINY), axis=-1)
        if not lost.any():
            return loss, grad_W, grad_b
        losses = np.asarray(loss)
        for k in map(tuple, np.argwhere(lost)):
            losses[k], grad_W[k], grad_b[k] = self._exactly(weights[k], biases[k])
        return losses if losses.ndim else float(losses), grad_W, grad_b

    def _exactly(self, W: Floats, b: Floats) -> tuple[float, Floats, Floats]:
        p, importance = any_number.fractions(np.array([self.tms.probability, self.tms.importance]))
        *rows, biases = any_number.fractions(np.vstack([W, b]))
        loss = any_number.loss(rows, biases, probability=p, importance=importance)
        grad_W, grad_b = any_number.gradient(rows, biases, probability=p, importance=importance)
        return float(loss), np.array(grad_W, dtype=np.float64), np.array(grad_b, dtype=np.float64)

    @property
    def kernel_arrays(self) -> point.Arrays:
        """The arrays of the model; none of samples."""
        none = np.empty(0)
        return point.Arrays(
            self.tms.probability, self.tms.importance, none, np.zeros(1, dtype=np.int64), none, none
        )

    def gradient_norm(self, W: ArrayLike, b: ArrayLike) -> float:
        """Compute the Euclidean norm of ∇L at one point."""
        grad_W, grad_b = self.gradient(*self.tms.one_point(W, b))
        return float(np.sqrt(np.sum(grad_W**2) + np.sum(grad_b**2)))

    def hessian(self, W: ArrayLike, b: ArrayLike) -> Floats:
        """Compute the Hessian (d, d) of L in the flat parameter (W row-major, then b).

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
        """Find the regions exactly: a (c, c) array of names, entry (i, j) for input i and output j."""
        weights, biases = self.tms.one_point(W, b)
        columns = [tuple(x) for x in np.vstack([weights, biases]).T.tolist()]
        return np.array([
            [_region("diag" if i == j else "off", x, y) for j, y in enumerate(columns)]
            for i, x in enumerate(columns)
        ])  # fmt: skip

    def differentiable(self, W: ArrayLike, b: ArrayLike) -> bool:
        """Say whether L is differentiable: no output has W_j = 0 and b_j = 0 (with I_j p_j > 0)."""
        weights, biases = self.tms.one_point(W, b)
        weight = self.tms.probability * self.tms.importance
        return not np.any(np.all(weights == 0, axis=0) & (biases == 0) & (weight > 0))

    def smooth(self, W: ArrayLike, b: ArrayLike, *, tol: float = 1e-12) -> bool:
        """Say whether L is C² near a point: no pair lies within ``tol`` of a kink of its gradient."""
        weights, biases = self.tms.one_point(W, b)
        gram = weights.T @ weights
        near_zero = np.abs(biases)[None, :] <= tol
        kink = near_zero & (np.abs(gram) <= tol)
        norms = np.diag(gram)
        switch = (np.abs(norms + biases) <= tol) & (biases <= 0)
        return not (kink.any() or switch.any())


@lru_cache(maxsize=1 << 17)
def _region(kind: str, column: tuple[float, ...], output: tuple[float, ...]) -> str:
    """The region of a pair of columns (W_j, b_j), the floats taken for what they are exactly.

    The polygons of many labels share their columns, and unused columns are alike: each pair is decided once.
    """
    (*first, _), (*second, b) = any_number.fractions(np.array([column, output]))
    (name,) = regions(kind, sum(map(mul, first, second)), b)
    return name
