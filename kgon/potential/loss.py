"""The TMS potential: loss, gradient and Hessian in float64, and the empirical loss of a sample."""

from __future__ import annotations

from abc import ABC
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from operator import mul
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kgon.base.checks import Floats, assign, check_integer
from kgon.potential import any_number
from kgon.potential.kernels import batch, point
from kgon.potential.kernels import hessian as hessian_kernel
from kgon.potential.kernels._jit import known, writable
from kgon.potential.model import LARGEST_PARAMETER, TMS, check_tms
from kgon.potential.regions import regions

TINY = 2.0**-480
"""Entries of W below this, and a bias: products may underflow, and with them the region of a pair."""
NO_SAMPLES = np.empty(0, dtype=np.int64)


def gradient_norms(grad_W: Floats, grad_b: Floats) -> Floats:
    """Compute ‖∇L‖ (…) of gradients (…, r, c) and (…, c)."""
    norms: Floats = np.sqrt(np.sum(grad_W**2, axis=(-2, -1)) + np.sum(grad_b**2, axis=-1))
    return norms


class Compiled(NamedTuple):
    """A compiled function and its first argument, see ``Loss.compiled``."""

    evaluate: Any
    packed: Floats


class Loss(ABC):
    """A loss of the model that one kernel evaluates: that of the population, or of a sample.

    Methods take one point, W (r, c) and b (c,), or a batch, W (m, r, c) and b (m, c).

    Attributes
    ----------
    tms : TMS
    packed : array
        All that the loss is made of, as ``kernels.point.pack`` puts it together.  Not to be changed; that it
        can be is for speed, as Python hands read-only arrays to compiled code in twice the time.
    """

    __slots__ = ()

    tms: TMS
    packed: Floats

    @property
    def kernel_arrays(self) -> point.Arrays:
        """The arrays by which a kernel evaluates the loss: views of ``packed``."""
        return point.unpack(self.packed)  # type: ignore[no-any-return]

    def loss(self, W: ArrayLike, b: ArrayLike) -> float | Floats:
        """Compute the loss: a float, or (m,) floats for a batch."""
        return self.loss_and_gradient(W, b)[0]

    def gradient(self, W: ArrayLike, b: ArrayLike) -> tuple[Floats, Floats]:
        """Compute the gradient with respect to W and b, in their shapes; see ``loss_and_gradient``."""
        _, grad_W, grad_b = self.loss_and_gradient(W, b)
        return grad_W, grad_b

    def loss_and_gradient(
        self, W: ArrayLike, b: ArrayLike, *, threads: int = 1
    ) -> tuple[float | Floats, Floats, Floats]:
        """Compute loss and gradient together, in one pass; the numbers depend neither on batch nor threads.

        The population loss is C¹ except where some W_j = 0 and b_j = 0; there the derivative with respect to
        b_j is the one-sided one from b_j > 0 (see ``Potential.differentiable``).  A loss is a mean of
        squares: what rounding makes negative is 0.

        Parameters
        ----------
        W, b : array_like
            One point or a batch.
        threads : int
            Among which a batch is divided.

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
        weights, biases = (writable(x) for x in self.tms.shaped(W, b))
        grad_W, grad_b = np.empty_like(weights), np.empty_like(biases)
        limits = TINY, LARGEST_PARAMETER
        loss: float | Floats
        if weights.ndim == 2:
            loss, usual = point.checked(weights, biases, grad_W, grad_b, *limits, self.packed)
            loss = max(loss, 0.0)
        else:
            loss = np.empty(weights.shape[:-2])
            flat = (
                x.reshape(-1, *x.shape[weights.ndim - 2 :]) for x in (weights, biases, loss, grad_W, grad_b)
            )
            self._write(*flat, threads=threads)
            np.maximum(loss, 0.0, out=loss)
            usual = all(point.usual(x, *limits) for x in (weights, biases))
        return (loss, grad_W, grad_b) if usual else self._looked_at(weights, biases, loss, grad_W, grad_b)

    def _looked_at(
        self, W: Floats, b: Floats, loss: float | Floats, grad_W: Floats, grad_b: Floats
    ) -> tuple[float | Floats, Floats, Floats]:
        """Refuse numbers that no loss is computed for; return what was found of others."""
        self.tms.point(W, b)
        return loss, grad_W, grad_b

    def compiled(self) -> Compiled:
        """Give the compiled function that evaluates the loss, to be called from other compiled code.

        Returns
        -------
        Compiled
            ``evaluate, packed``: ``evaluate(packed, w, gradient)`` returns the loss at one flat parameter w
            (d,) and writes its gradient (d,), both contiguous.  Nothing is checked: other sizes read and
            write beyond the arrays, and the loss at NaN may be a number.  All losses share one function: only
            ``packed``, an array of all that the loss is made of, differs.

        Examples
        --------
        Gradient descent in one compiled loop:

        >>> import numba
        >>> import numpy as np
        >>> from kgon.potential import Potential, TMS
        >>> tms = TMS(5)
        >>> evaluate, packed = Potential(tms).compiled()
        >>> @numba.njit
        ... def descend(packed, w, rate, steps):
        ...     gradient = np.empty_like(w)
        ...     for _ in range(steps):
        ...         evaluate(packed, w, gradient)
        ...         w -= rate * gradient
        ...     return evaluate(packed, w, gradient)
        >>> angles = 2 * np.pi * np.arange(5) / 5
        >>> w = tms.pack(np.array([np.cos(angles), np.sin(angles)]), np.zeros(5))
        >>> round(descend(packed, w, 0.1, 2000), 6)  # the 5-gon
        0.015826
        """
        return Compiled(point.evaluate, self.packed)

    def flat(self, w: Floats) -> tuple[Floats, Floats]:
        """Compute loss (m,) and gradient (m, d) at flat parameters w (m, d), without any check."""
        split = self.tms.r * self.tms.c
        W = np.ascontiguousarray(w[:, :split]).reshape(len(w), self.tms.r, self.tms.c)
        b = np.ascontiguousarray(w[:, split:])
        loss, grad_W, grad_b = np.empty(len(w)), np.empty_like(W), np.empty_like(b)
        self._write(W, b, loss, grad_W, grad_b)
        return loss, np.concatenate([grad_W.reshape(len(w), -1), grad_b], axis=1)

    def _write(
        self, W: Floats, b: Floats, loss: Floats, grad_W: Floats, grad_b: Floats, *, threads: int = 1
    ) -> None:
        """Write loss (m,) and gradient of points W (m, r, c), b (m, c)."""
        packed = self.packed
        if check_integer("threads", threads, 1) == 1:
            batch.losses_gradients(packed, W, b, loss, grad_W, grad_b)
            return
        parts = zip(*(np.array_split(x, threads) for x in (W, b, loss, grad_W, grad_b)), strict=True)
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(lambda part: batch.losses_gradients(packed, *part), parts))


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
    packed: Floats = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_tms(self.tms)
        assign(self, packed=point.pack(self.tms.probability, self.tms.importance, NO_SAMPLES))

    def _looked_at(
        self, W: Floats, b: Floats, loss: float | Floats, grad_W: Floats, grad_b: Floats
    ) -> tuple[float | Floats, Floats, Floats]:
        """Refuse numbers that are too large; use exact fractions where products of floats underflow."""
        self.tms.point(W, b)
        sizes = np.abs(W).max(axis=-2)
        lost = np.any((sizes > 0) & (sizes < TINY) & (np.abs(b) < TINY), axis=-1)
        losses = np.asarray(loss)
        for k in map(tuple, np.argwhere(lost)):
            losses[k], grad_W[k], grad_b[k] = self._exactly(W[k], b[k])
        return losses if losses.ndim else float(losses), grad_W, grad_b

    def _exactly(self, W: Floats, b: Floats) -> tuple[float, Floats, Floats]:
        p, importance = any_number.fractions(np.array([self.tms.probability, self.tms.importance]))
        *rows, biases = any_number.fractions(np.vstack([W, b]))
        loss = any_number.loss(rows, biases, probability=p, importance=importance)
        grad_W, grad_b = any_number.gradient(rows, biases, probability=p, importance=importance)
        return float(loss), np.array(grad_W, dtype=np.float64), np.array(grad_b, dtype=np.float64)

    def gradient_norm(self, W: ArrayLike, b: ArrayLike) -> float:
        """Compute the Euclidean norm of ∇L at one point."""
        return float(gradient_norms(*self.gradient(*self.tms.one_point(W, b))))

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
        flat_W = writable(weights.reshape(-1, self.tms.r, self.tms.c))
        flat_b = writable(biases.reshape(-1, self.tms.c))
        p, importance = self.packed[1:].reshape(2, self.tms.c)
        hessian_kernel.hessians(flat_W, flat_b, p, importance, out, known(self.tms.r))
        return out.reshape(*shape, d, d)

    def flat_hessian(self, w: Floats) -> Floats:
        """Compute the Hessian (d, d) at a flat parameter w (d,), without any check."""
        (d,), r, c = w.shape, self.tms.r, self.tms.c
        p, importance = self.packed[1:].reshape(2, c)
        flat, out = np.array(w), np.empty((1, d, d))
        W, b = flat[: r * c].reshape(1, r, c), flat[None, r * c :]
        hessian_kernel.hessians(W, b, p, importance, out, known(r))
        return np.asarray(out[0])

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
