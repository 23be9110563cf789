"""Random streams keyed by a seed and what they are for, the same for any number of workers."""

from __future__ import annotations

import numpy as np

from kgon.base.checks import check_seed


def generator(seed: int) -> np.random.Generator:
    """Make a PCG64 generator from a seed, an integer of at least 0."""
    return np.random.default_rng(check_seed(seed))


def stream(seed: int, *key: int) -> np.random.Generator:
    """Make the Philox generator of a key: those of one seed and different keys are independent."""
    sequence = np.random.SeedSequence(check_seed(seed), spawn_key=key)
    return np.random.Generator(np.random.Philox(sequence))
