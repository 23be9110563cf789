"""What samplers with an ensemble of chains share: preconditioners, and the end of a warm-up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kgon.base.checks import Floats

REACHES = (np.inf, 20.0, 2.0)
"""Cuts of the preconditioner's standard deviations, in units of the smallest."""
STAGES = 80
"""Most updates of the covariance in a warm-up."""
GROWTH = 0.1
"""A warm-up goes on while the ensemble's size still grows by more than this fraction ..."""
PATIENCE = 4
"""... in any of so many stages."""


def scales(points: Floats, reaches: tuple[float, ...] = REACHES) -> list[Floats]:
    """Compute roots of the covariance of points (m, d), with the standard deviations cut at each reach.

    Returns
    -------
    list of (d, d) arrays
        S with S Sᵀ the covariance, its eigenvalues cut at (reach × smallest standard deviation)².
    """
    variances, axes = np.linalg.eigh(np.cov(points.T).reshape(points.shape[1], -1))
    deviations = np.sqrt(np.maximum(variances, variances[-1] * 1e-14))
    return [axes * np.minimum(deviations, reach * deviations[0]) for reach in reaches]


def size(points: Floats) -> float:
    """Measure how wide points (m, d) are spread: the root of their summed variances."""
    return float(np.sqrt(np.var(points, axis=0).sum()))


def settled(sizes: Sequence[float]) -> bool:
    """Say whether the ensemble has stopped growing, from its size after every stage so far."""
    return len(sizes) > PATIENCE and max(sizes[-PATIENCE:]) < (1 + GROWTH) * sizes[-PATIENCE - 1]
