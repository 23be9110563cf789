"""Samples of the data distribution: x = μ e_i, i ~ p, μ ~ U[0, 1]."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kgon.model import TMS, Floats, check_integer


def generator(seed: int) -> np.random.Generator:
    """A PCG64 generator; the seed must be an integer of at least 0."""
    return np.random.default_rng(check_integer("seed", seed, 0))


def stream(seed: int, *key: int) -> np.random.Generator:
    """A Philox generator of its own for every key: those of one seed and different keys are independent."""
    sequence = np.random.SeedSequence(check_integer("seed", seed, 0), spawn_key=key)
    return np.random.Generator(np.random.Philox(sequence))


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
    """``sample`` from a generator in use."""
    check_integer("n", n, 1)
    feature = rng.choice(tms.c, size=n, p=tms.probability / tms.probability.sum()).astype(np.int64)
    return feature, rng.random(n)
