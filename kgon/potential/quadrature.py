"""The loss with several active features by quadrature: slow, and independent of every closed form.

The inputs of one set of active features fill a cube, which is integrated one feature after another.  In each
the integral over those inside is a polynomial between the places where a corner of what is inside meets
y = 0; there Gauss–Legendre quadrature is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import ArrayLike

from kgon.base.checks import Floats
from kgon.base.verdicts import KgonError
from kgon.potential.model import TMS, check_any_tms

MOST_FEATURES = 6
"""Largest c: the time grows like c!, and worse."""


def loss_by_quadrature(tms: TMS, W: ArrayLike, b: ArrayLike) -> float:
    """Compute the loss of one point by integrating ‖x − f(x)‖², set by set of active features.

    Parameters
    ----------
    tms : TMS
        Any inputs; at most ``MOST_FEATURES`` features where several may be active.
    W, b : (r, c) and (c,) arrays

    Raises
    ------
    KgonError
        Wrong shapes, or too many features.

    Examples
    --------
    >>> round(loss_by_quadrature(TMS(2, inputs="exactly:2"), np.zeros((2, 2)), np.zeros(2)), 6)  # 2 E x²
    0.666667
    """
    if check_any_tms(tms).inputs.one:
        return tms.loss_by_quadrature(W, b)
    weights, biases = tms.one_point(W, b)
    if tms.c > MOST_FEATURES:
        raise KgonError(f"quadrature takes at most {MOST_FEATURES} features, got {tms.c}")
    gram = weights.T @ weights
    total = 0.0
    for active, chance in _sets(tms):
        for j in range(tms.c):
            slopes, target = [float(gram[i, j]) for i in active], active.index(j) if j in active else None

            def error(x: Sequence[float], y: float, at: int | None = target) -> float:
                return float(((0.0 if at is None else x[at]) - max(y, 0.0)) ** 2)

            total += chance * tms.importance[j] * _integral(error, slopes, float(biases[j]), ())
    return float(total)


def _sets(tms: TMS) -> Iterator[tuple[tuple[int, ...], float]]:
    """The sets of active features with their probabilities."""
    for size in range(tms.c + 1):
        for active in combinations(range(tms.c), size):
            p = tms.probability
            if tms.inputs.independent:
                chance = float(np.prod(np.where(np.isin(np.arange(tms.c), active), p, 1 - p)))
            else:
                chance = (size == tms.inputs.count) / comb(tms.c, size)
            if chance:
                yield active, chance


def _integral(
    error: Callable[[Sequence[float], float], float], slopes: Sequence[float], y: float, x: tuple[float, ...]
) -> float:
    """∫ error(x, y + Σ a_i x_i) over those features that x does not hold yet, the next one outermost."""
    if not slopes:
        return error(x, y)
    a, rest = slopes[0], slopes[1:]
    corners = np.array([0.0])
    for s in rest:
        corners = np.concatenate([corners, corners + s])
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        kinks = -(y + corners) / a
    edges = np.concatenate([[0.0], np.unique(kinks[(kinks > 0) & (kinks < 1)]), [1.0]])
    nodes, node_weights = _rule(len(rest))
    pieces = (
        (high - low) / 2 * w * _integral(error, rest, y + a * at, (*x, at))
        for low, high in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
        for at, w in ((low + (high - low) / 2 * (1 + t), w) for t, w in zip(nodes, node_weights, strict=True))
    )
    return float(sum(pieces))


def _rule(inside: int) -> tuple[Floats, Floats]:
    """Gauss's rule that is exact for the degree 2 + ``inside`` of the integral over the features inside."""
    nodes, weights = np.polynomial.legendre.leggauss((2 + inside) // 2 + 1)
    return nodes, weights
