"""The potential where several features may be active at once, exactly: loss, gradient and Hessian.

L(w) = E Σ_j I_j (x_j − f_j(x))² with x_j = U_j ~ U[0, 1] where feature j is active and 0 elsewhere.  Here in
float64, by ``kernels.several``; in exact fractions and balls in ``kgon.potential.several_exact``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kgon.base.checks import Floats, assign, check_integer
from kgon.base.streams import generator
from kgon.base.verdicts import KgonError
from kgon.potential.data import draw_inputs
from kgon.potential.kernels import several as kernel
from kgon.potential.kernels import several_hessian
from kgon.potential.loss import TINY, Potential, gradient_norms
from kgon.potential.model import TMS, check_any_tms
from kgon.potential.several_exact import LawAndWeights, exact_jet

MOST_FEATURES = 12
"""Largest c: the time of a loss grows like c² 2^c."""
CHUNK = 20_000
"""Inputs that a sampled loss takes at a time."""


class SampledLoss(NamedTuple):
    """A mean over random inputs, and its standard error."""

    loss: float
    stderr: float


@dataclass(frozen=True, slots=True)
class SparsePotential:
    """Population loss of a model in which several features may be active at once.

    Methods take one point, W (r, c) and b (c,), or a batch, W (m, r, c) and b (m, c), of c ≤ 12 features.

    Parameters
    ----------
    tms : TMS
        Of any ``inputs``; those with one active feature at a time give the numbers of ``Potential``.

    Examples
    --------
    What is never reconstructed costs E x² = p/3 a feature:

    >>> L = SparsePotential(TMS(6, inputs="bernoulli:0.05"))
    >>> round(L.loss(np.zeros((2, 6)), -np.ones(6)), 12)
    0.1
    """

    tms: TMS
    inactive: Floats = field(init=False, repr=False, compare=False)
    active: Floats = field(init=False, repr=False, compare=False)
    accept: Floats = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_any_tms(self.tms)
        law = LawAndWeights.fractions(self.tms).law
        names = ("inactive", "active", "accept")
        assign(self, **{name: np.array(getattr(law, name), dtype=np.float64) for name in names})

    def loss(self, W: ArrayLike, b: ArrayLike) -> float | Floats:
        """Compute the loss: a float, or (m,) floats for a batch."""
        return self.loss_and_gradient(W, b)[0]

    def gradient(self, W: ArrayLike, b: ArrayLike) -> tuple[Floats, Floats]:
        """Compute the gradient with respect to W and b, in their shapes; see ``loss_and_gradient``."""
        _, grad_W, grad_b = self.loss_and_gradient(W, b)
        return grad_W, grad_b

    def loss_and_gradient(self, W: ArrayLike, b: ArrayLike) -> tuple[float | Floats, Floats, Floats]:
        """Compute loss and gradient together, in one pass.

        Both are accurate to 1e-12, relative to 1 + L, however small W_i·W_j is: columns that are zero or
        orthogonal take the same way.  L is C¹ except where W_j = 0 and b_j = 0; there the derivative in b_j
        is the one-sided one from b_j > 0.

        Returns
        -------
        loss : float or (m,) array
        grad_W : (r, c) or (m, r, c) array
        grad_b : (c,) or (m, c) array

        Raises
        ------
        KgonError
            Wrong shape, a value that is not finite, or more than 12 features.
        """
        weights, biases = self._checked(W, b)
        shape = weights.shape[:-2]
        flat_W, flat_b = weights.reshape(-1, *weights.shape[-2:]), biases.reshape(-1, self.tms.c)
        loss, grad_W, grad_b = np.empty(len(flat_W)), np.empty_like(flat_W), np.empty_like(flat_b)
        self._write(flat_W, flat_b, loss, grad_W, grad_b)
        np.maximum(loss, 0.0, out=loss)
        sizes = np.abs(flat_W).max(axis=-2)
        lost = np.any((sizes > 0) & (sizes < TINY) & (np.abs(flat_b) < TINY), axis=-1)
        for k in np.flatnonzero(lost):  # the products of floats underflow
            loss[k], grad_W[k], grad_b[k] = self._exactly(flat_W[k], flat_b[k])
        value = loss.reshape(shape) if shape else float(loss[0])
        return value, grad_W.reshape(weights.shape), grad_b.reshape(biases.shape)

    def flat(self, w: Floats) -> tuple[Floats, Floats]:
        """Compute loss (m,) and gradient (m, d) at flat parameters w (m, d)."""
        loss, grad_W, grad_b = self.loss_and_gradient(*self.tms.unpack(w))
        return np.asarray(loss), self.tms.pack(grad_W, grad_b)

    def gradient_norm(self, W: ArrayLike, b: ArrayLike) -> float:
        """Compute the Euclidean norm of ∇L at one point."""
        return float(gradient_norms(*self.gradient(*self.tms.one_point(W, b))))

    def hessian(self, W: ArrayLike, b: ArrayLike) -> Floats:
        """Compute the Hessian (d, d) or (m, d, d) of L in the flat parameter (W row-major, then b).

        L is C² except where ``smooth`` says; there it is one-sided.
        """
        weights, biases = self._checked(W, b)
        d = self.tms.dimension
        flat_W, flat_b = weights.reshape(-1, *weights.shape[-2:]), biases.reshape(-1, self.tms.c)
        out = np.empty((len(flat_W), d, d))
        law = self.inactive, self.active, self.accept
        several_hessian.hessians(flat_W, flat_b, self.tms.importance, *law, out)
        return out.reshape(*weights.shape[:-2], d, d)

    def differentiable(self, W: ArrayLike, b: ArrayLike) -> bool:
        """Say whether L is differentiable: no output has W_j = 0 and b_j = 0 (with I_j p_j > 0)."""
        weights, biases = self.tms.one_point(W, b)
        weight = self.tms.probability * self.tms.importance
        return not np.any(np.all(weights == 0, axis=0) & (biases == 0) & (weight > 0))

    def smooth(self, W: ArrayLike, b: ArrayLike, *, tol: float = 1e-12) -> bool:
        """Say whether L is C² near a point: no output is within ``tol`` of a kink of its gradient.

        Those are b_j = 0, where some input with a probability above 0 leaves y = b_j: none is active (with
        independent features), or only columns orthogonal to W_j; and ‖W_j‖² + b_j = 0 with b_j ≤ 0, where j
        may be active alone or with such columns.
        """
        weights, biases = self.tms.one_point(W, b)
        gram = weights.T @ weights
        for j, bias in enumerate(biases):
            silent = np.abs(gram[j]) <= tol
            own = np.arange(self.tms.c) == j
            switches = abs(gram[j, j] + bias) <= tol and bias <= 0 and self.active[j] > 0
            if (abs(bias) <= tol and self._alone(silent)) or (switches and self._alone(silent | own, own)):
                return False
        return True

    def _alone(self, some: NDArray[np.bool_], among: NDArray[np.bool_] | None = None) -> bool:
        """Whether inputs with a probability above 0 have all their active features among some, and these."""
        if np.any(self.inactive[~some] == 0):
            return False
        least = 0 if among is None else int(among.sum())
        possible = self.accept[least : int(some.sum()) + 1] if len(self.accept) > 1 else self.accept
        return bool(np.any(possible > 0))

    def sampled(self, W: ArrayLike, b: ArrayLike, *, n: int = 100_000, seed: int = 0) -> SampledLoss:
        """Estimate the loss of one point from n random inputs, for any number of features.

        Returns
        -------
        SampledLoss
            ``loss, stderr``.
        """
        weights, biases = self.tms.one_point(W, b)
        rng, count = generator(seed), check_integer("n", n, 2)
        total = squares = 0.0
        for start in range(0, count, CHUNK):
            x = draw_inputs(rng, self.tms, min(CHUNK, count - start))
            cost = (x - self.tms.forward(x, weights, biases)) ** 2 @ self.tms.importance
            total += float(cost.sum())
            squares += float(cost @ cost)
        mean = total / count
        return SampledLoss(mean, float(np.sqrt(max(squares / count - mean**2, 0.0) / (count - 1))))

    def _checked(self, W: ArrayLike, b: ArrayLike) -> tuple[Floats, Floats]:
        if self.tms.c > MOST_FEATURES:
            raise KgonError(
                f"the exact loss of {self.tms!r} would take 2^{self.tms.c} terms an output; at most "
                f"{MOST_FEATURES} features are taken, SparsePotential.sampled estimates the loss of more"
            )
        weights, biases = self.tms.point(W, b)
        return np.ascontiguousarray(weights), np.ascontiguousarray(biases)

    def _write(self, W: Floats, b: Floats, loss: Floats, grad_W: Floats, grad_b: Floats) -> None:
        law = self.inactive, self.active, self.accept
        second = self.tms.probability / 3
        kernel.evaluate_points(W, b, self.tms.importance, second, *law, loss, grad_W, grad_b)

    def _exactly(self, W: Floats, b: Floats) -> tuple[float, Floats, Floats]:
        found = exact_jet(self.tms, W, b)
        gradient = np.array(found.gradient, dtype=np.float64).reshape(self.tms.c, self.tms.r + 1)
        return float(found.loss), gradient[:, :-1].T, gradient[:, -1]


def potential_of(tms: TMS) -> Potential | SparsePotential:
    """Build the population loss of a model, whichever features are active at once."""
    return Potential(tms) if check_any_tms(tms).inputs.one else SparsePotential(tms)
