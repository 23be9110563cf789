"""Convergence of many chains: split R̂, effective sample size and Monte Carlo error (arviz-stats)."""

from __future__ import annotations

from typing import Any

import numpy as np

from kgon.base.checks import Floats, real_array
from kgon.base.verdicts import KgonError

LEAST_DRAWS = 4
"""Draws per chain that a split R̂ needs."""


def rhat(draws: Floats, *, ranks: bool = True) -> float | None:
    """Compute split R̂ (Vehtari et al. 2021); None for draws that are all equal.

    Parameters
    ----------
    draws : (chains, n) array
        At least 2 chains of at least 4 finite draws.
    ranks : bool
        Normalise by ranks, which copes with heavy tails; without, for indicators, which have neither.

    Returns
    -------
    float or None
        1 at convergence.  About √(1 + 1/e) for chains of e effective draws each, so that many short
        chains do not reach the 1.01 asked of a few long ones.

    Raises
    ------
    KgonError
        Wrong shape, or a draw that is not finite.

    Examples
    --------
    >>> draws = np.random.default_rng(0).standard_normal((4, 500))
    >>> rhat(draws) < 1.01, rhat(draws + [[0], [0], [0], [2]]) > 1.2, rhat(np.ones((4, 500)))
    (True, True, None)
    """
    return _statistic("rhat", draws, method="rank" if ranks else "split")


def ess(draws: Floats) -> float | None:
    """Compute the effective sample size of the mean over all chains; None for draws that are all equal.

    Parameters and errors as in ``rhat``.
    """
    return _statistic("ess", draws, method="mean")


def monte_carlo_error(draws: Floats) -> float:
    """Compute the standard error of the mean over all chains, sd/√ess; 0 for draws that are all equal.

    Parameters and errors as in ``rhat``.
    """
    return effective(draws)[1]


def effective(draws: Floats) -> tuple[float | None, float]:
    """Compute the effective sample size and the standard error that goes with it, in one pass."""
    size = ess(draws)
    return size, 0.0 if size is None else float(np.std(draws, ddof=1) / np.sqrt(size))


def jackknife_error(left_out: Floats) -> Floats:
    """Compute a standard error (…) from estimates (count, …) that each leave out one equal part."""
    count = len(left_out)
    return np.asarray(np.sqrt((count - 1) / count * np.sum((left_out - left_out.mean(axis=0)) ** 2, axis=0)))


def spread_error(values: Floats, *, axis: int = -1) -> Any:
    """Compute the standard error of the mean along an axis of independent values, two or more."""
    return np.std(values, axis=axis, ddof=1) / np.sqrt(values.shape[axis])


def _statistic(name: str, draws: Floats, **options: Any) -> float | None:
    values = real_array("draws", draws)
    if values.ndim != 2 or values.shape[0] < 2 or values.shape[1] < LEAST_DRAWS:
        raise KgonError(
            f"draws must be (chains, n) with at least 2 chains of {LEAST_DRAWS} draws, got {values.shape}"
        )
    if not np.isfinite(values).all():
        raise KgonError(f"draws must be finite, {int(np.sum(~np.isfinite(values)))} of them are not")
    if values.min() == values.max():  # no variance to compare: not converged, not unconverged
        return None
    if np.all(np.ptp(values, axis=1) == 0):  # every chain stays where it is, and not all at one place
        return np.inf if name == "rhat" else float(len(values))
    from arviz_stats.base.array import array_stats  # here, because it takes a second to import

    return float(getattr(array_stats, name)(values, chain_axis=0, draw_axis=1, **options))
