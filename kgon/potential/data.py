"""Samples of the data distribution: x = μ e_i, i ~ p, μ ~ U[0, 1], or with several active features."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kgon.base.checks import Floats, check_integer
from kgon.base.streams import generator
from kgon.potential.model import TMS, check_any_tms, check_tms


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


def sample_inputs(tms: TMS, n: int, *, seed: int) -> Floats:
    """Draw n inputs x as they are, whichever features of the model are active at once.

    Parameters
    ----------
    tms : TMS
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
    (n, c) array

    Examples
    --------
    >>> x = sample_inputs(TMS(6, inputs="exactly:2"), 1000, seed=1)
    >>> x.shape, set((x > 0).sum(axis=1).tolist())
    ((1000, 6), {2})
    """
    return draw_inputs(generator(seed), tms, n)


def draw_inputs(rng: np.random.Generator, tms: TMS, n: int) -> Floats:
    """Draw n inputs x (n, c) from a generator in use; see ``sample_inputs``."""
    check_any_tms(tms)
    check_integer("n", n, 1)
    if tms.inputs.one:
        feature, amplitude = draw(rng, tms, n)
        x = np.zeros((n, tms.c))
        x[np.arange(n), feature] = amplitude
        return x
    chances = rng.random((n, tms.c))
    if tms.inputs.independent:
        active = chances < tms.probability
    else:
        active = chances.argsort(axis=1).argsort(axis=1) < tms.inputs.count
    return np.where(active, rng.random((n, tms.c)), 0.0)
