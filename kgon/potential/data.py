"""Samples of the data distribution: x = μ e_i, i ~ p, μ ~ U[0, 1]."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kgon.base.checks import Floats, check_integer
from kgon.base.streams import generator
from kgon.potential.model import TMS, check_tms


def sample(tms: TMS, n: int, *, seed: int) -> tuple[NDArray[np.int64], Floats]:
    """Draw n inputs as (feature, amplitude), the arguments of ``EmpiricalLoss``.

    Parameters
    ----------
    tms : TMS
        The probabilities p.
    n : int
        Sample size, at least 1.
    seed : int
        Seed of a PCG64 generator.

    Raises
    ------
    KgonError
        Not a model, or a size or seed that is no such integer.

    Returns
    -------
    feature : (n,) int array
    amplitude : (n,) array

    Examples
    --------
    >>> feature, amplitude = sample(TMS(6), 1000, seed=1)
    >>> feature.shape, bool(0 <= amplitude.min() <= amplitude.max() < 1)
    ((1000,), True)
    """
    return draw(generator(seed), tms, n)


def draw(rng: np.random.Generator, tms: TMS, n: int) -> tuple[NDArray[np.int64], Floats]:
    """Draw n inputs from a generator in use; see ``sample``."""
    check_tms(tms)
    check_integer("n", n, 1)
    feature = rng.choice(tms.c, size=n, p=tms.probability / tms.probability.sum()).astype(np.int64)
    return feature, rng.random(n)
