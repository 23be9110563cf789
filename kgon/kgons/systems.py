"""Write the critical points of the potential as square systems with one real parameter.

A system leaves out what L does not see: the rotation (one column stays on the first axis) and the columns
that take no part (W = 0 and b < 0: their output is off, and as inputs they reach no output of negative bias).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kgon.base.checks import Floats, assign
from kgon.base.verdicts import KgonError
from kgon.kgons.symmetry import rotate
from kgon.numerics.continuation.curve import Key
from kgon.potential.kernels import hessian as hessian_kernel
from kgon.potential.kernels import point as point_kernel
from kgon.potential.kernels._jit import known
from kgon.potential.parameters import WeightLine

SYMMETRIC = 1e-9
"""Distance below which a mirror image counts as the point itself; what follows is exact on the subspace."""

SHORT = 0.1
"""Length below which a column does not show the direction of the axis."""

BIAS, PAIR = "b", "pair"
"""Kinds of functions that are watched along a branch."""


@dataclass(frozen=True, slots=True, init=False, eq=False, repr=False)
class CriticalPoints:
    """∇L = 0 in the coordinates that L sees, with a parameter of the weights p_i I_j (r = 2).

    The unknowns are all coordinates (column, 0, 1 or 2: the rows of W, and b) of the columns that take
    part, except the second one of the gauge column, which stays on the first axis.  Rotation invariance makes
    that component of the gradient vanish with the others.

    Parameters
    ----------
    W, b : (2, c) and (c,) arrays
        A point to start from.
    parameter : WeightLine
    gauge : int, optional
        The column to turn to the first axis, not zero.  Default: one in whose axis the point is its own
        mirror image, if there is one, not varied if possible; else one that is varied, or the longest.

    Attributes
    ----------
    W, b : arrays
        The point, turned.
    gauge : int
    idle : tuple of int
        Columns that take no part.
    order : tuple of (column, 0 | 1 | 2)
        The unknowns.
    """

    symmetric = True

    W: Floats
    b: Floats
    parameter: WeightLine
    gauge: int
    idle: tuple[int, ...]
    order: tuple[tuple[int, int], ...]
    _index: NDArray[np.int64]

    def __init__(self, W: Floats, b: Floats, *, parameter: WeightLine, gauge: int | None = None) -> None:
        c = len(b)
        norms = np.hypot(*W)
        if not norms.max() > SHORT:
            raise KgonError("every W_i is zero: there is no branch to follow")
        if gauge is None:
            # Rounded, so that the columns of a regular polygon are equally long and come in their order.
            order_of = [(j not in parameter.columns, -round(float(norms[j]), 6), j) for j in range(c)]
            candidates = [j for *_, j in sorted(order_of) if norms[j] > SHORT]
            mirrored = [j for j in candidates if _images(_turned(W, j), b, parameter, j) is not None]
            # The column that is varied may shrink to zero: the one opposite, if there is one, does not.
            still = [j for j in mirrored if j not in parameter.columns]
            gauge = (still or mirrored or candidates)[0]
        turned = _turned(W, gauge)
        idle = tuple(int(j) for j in range(c) if norms[j] == 0 and b[j] < 0)
        used = [j for j in range(c) if j not in idle]
        if idle and any(b[j] >= 0 for j in used):
            raise KgonError(
                "beside a column with b >= 0 a column at W = 0, b < 0 takes part with W alone: such points "
                "are not followed"
            )
        order = tuple((j, i) for j in used for i in range(3) if (j, i) != (gauge, 1))
        index = np.array([i * c + j for j, i in order])
        assign(
            self, W=turned, b=b.copy(), parameter=parameter, gauge=gauge, idle=idle, order=order, _index=index
        )

    # --- x and (W, b) ---------------------------------------------------------------------------

    @property
    def start(self) -> Floats:
        """The unknowns at the point given."""
        return self.unknowns(self.W, self.b)

    def unknowns(self, W: Floats, b: Floats) -> Floats:
        """Find the unknowns x of a point whose gauge column lies on the axis."""
        return np.concatenate([W.ravel(), b])[self._index]

    def point(self, x: Floats) -> tuple[Floats, Floats]:
        """Build W and b of the unknowns."""
        w = np.concatenate([self.W.ravel(), self.b])
        w[self._index] = x
        c = len(self.b)
        return w[: 2 * c].reshape(2, c), w[2 * c :]

    # --- what continuation asks -------------------------------------------------------------------

    def _weights(self, p: float) -> tuple[Floats, Floats]:
        return _in_floats(self.parameter, p)

    def _slopes(self, p: float) -> list[tuple[Floats, Floats]]:
        """Pairs (p, I) whose losses add up to ∂L/∂parameter: of one of them the slope."""
        at, slope = self._weights(p), _in_floats(self.parameter, None)
        pairs = (at[0], slope[1]), (slope[0], at[1])
        return [pair for pair, moving in zip(pairs, slope[::-1], strict=True) if moving.any()]

    def _evaluate(self, x: Floats, weights: tuple[Floats, Floats]) -> tuple[float, Floats]:
        W, b = self.point(x)
        grad_W, grad_b = np.empty_like(W), np.empty_like(b)
        loss = point_kernel.population(W, b, *weights, grad_W, grad_b)
        return float(loss), np.concatenate([grad_W.ravel(), grad_b])[self._index]

    def loss(self, x: Floats, p: float) -> float:
        """Evaluate L."""
        return self._evaluate(x, self._weights(p))[0]

    def loss_slope(self, x: Floats, p: float) -> float:
        """Evaluate ∂L/∂p, along a branch also dL/dp, as the gradient is zero there."""
        return sum(self._evaluate(x, part)[0] for part in self._slopes(p))

    def equations(self, x: Floats, p: float) -> Floats:
        """Evaluate ∇L in the unknowns, (n,)."""
        return self._evaluate(x, self._weights(p))[1]

    def derivative(self, x: Floats, p: float) -> Floats:
        """Evaluate ∂∇L/∂p, (n,)."""
        return np.asarray(np.sum([self._evaluate(x, part)[1] for part in self._slopes(p)], axis=0))

    def jacobian(self, x: Floats, p: float) -> Floats:
        """Evaluate the Hessian in the unknowns, (n, n)."""
        W, b = self.point(x)
        H = np.empty((3 * len(b), 3 * len(b)))
        hessian_kernel.hessian(W, b, *self._weights(p), H, known(len(W)))
        return np.asarray(H[np.ix_(self._index, self._index)])

    def watch(self, x: Floats, p: float) -> Mapping[Key, float]:
        """Watch functions whose signs are the regions of the pairs, and the length of the gauge's column.

        Their keys are (BIAS, j) of b_j, (PAIR, i, j) of W_i·W_j + b_j and ``gauge``.  An idle column takes
        part from where some b_j is positive.
        """
        W, b = self.point(x)
        used = [j for j in range(len(b)) if j not in self.idle]
        gram = W.T @ W
        found: dict[Key, float] = {(BIAS, j): float(b[j]) for j in used}
        found |= {(PAIR, i, j): float(gram[i, j] + b[j]) for i in used for j in used}
        found["gauge"] = float(W[0, self.gauge])
        return found

    def border(self, key: Key) -> bool:
        """Say whether F′ jumps there: where an output meets its own input, ‖W_j‖² + b_j = 0.

        The pair functions of different columns are twice continuously differentiable at their borders,
        except where W_i·W_j = b_j = 0.
        """
        return key[0] == PAIR and key[1] == key[2] if isinstance(key, tuple) else False

    # --- symmetry -----------------------------------------------------------------------------------

    def reflection(self) -> Floats:
        """Write the mirror image in the axis as a signed permutation of the unknowns; else the identity.

        Columns are exchanged only where their weights agree for every value of the parameter, so that L is
        invariant exactly.
        """
        n = len(self.order)
        image = _images(self.W, self.b, self.parameter, self.gauge)
        if image is None:
            return np.eye(n)
        place = {index: k for k, index in enumerate(self.order)}
        R = np.zeros((n, n))
        for (j, i), k in place.items():
            R[place[image[j], i], k] = -1.0 if i == 1 else 1.0
        return R


@lru_cache(maxsize=16)
def _in_floats(parameter: WeightLine, p: float | None) -> tuple[Floats, Floats]:
    """Weights at p, rounded once from exact ones, or their slopes: kept, as each step asks often for few."""
    exact = parameter.affine[1] if p is None else parameter.weights(Fraction(p))
    first, second = (np.array([float(x) for x in part]) for part in exact)
    for each in (first, second):
        each.flags.writeable = False
    return first, second


def _turned(W: Floats, gauge: int) -> Floats:
    """W with a column exactly on the first axis, and exact zeros where it had them."""
    turned = rotate(W, -float(np.arctan2(W[1, gauge], W[0, gauge])))
    turned[:, np.hypot(*W) == 0] = 0.0
    turned[1, gauge] = 0.0
    return turned


def _images(W: Floats, b: Floats, parameter: WeightLine, gauge: int) -> dict[int, int] | None:
    """Mirror images of the columns in the first axis; None unless the point is its own mirror image."""
    c = len(b)
    at, slope = parameter.affine
    weights = [(at[0][j], at[1][j], slope[0][j], slope[1][j]) for j in range(c)]
    image: dict[int, int] = {}
    for j in range(c):
        if not W[:, j].any():  # at W = 0 (several may coincide): its own
            image[j] = j
            continue
        mirrored = np.array([W[0, j], -W[1, j], b[j]])
        gaps = np.abs(np.array([*W, b]) - mirrored[:, None]).max(axis=0)
        same = [i for i in range(c) if gaps[i] < SYMMETRIC and weights[i] == weights[j]]
        if not same:
            return None
        image[j] = same[0]
    if image[gauge] != gauge or any(image[image[j]] != j for j in image):
        return None
    return image


def subspaces(R: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find integer bases (n, m) of the vectors that a signed involutive permutation keeps, and reverses."""
    n = len(R)
    even: list[NDArray[np.int64]] = []
    odd: list[NDArray[np.int64]] = []
    for k in range(n):
        image = int(np.argmax(np.abs(R[:, k])))
        sign = int(R[image, k])
        unit = np.zeros(n, dtype=np.int64)
        if image == k:
            unit[k] = 1
            (even if sign > 0 else odd).append(unit)
        elif image > k:
            for vectors, value in ((even, sign), (odd, -sign)):
                vector = unit.copy()
                vector[k], vector[image] = 1, value
                vectors.append(vector)
    shape = (-1, n)
    return np.array(even, dtype=np.int64).reshape(shape).T, np.array(odd, dtype=np.int64).reshape(shape).T
