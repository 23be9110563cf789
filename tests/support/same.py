"""Equality of results, field by field."""

import dataclasses

import numpy as np

from kgon.base.results import Result


def same(x, y):
    """Equality through arrays, results and tuples, types included."""
    if isinstance(x, Result):
        return type(x) is type(y) and all(
            same(getattr(x, f.name), getattr(y, f.name)) for f in dataclasses.fields(x)
        )
    if isinstance(x, np.ndarray):
        return isinstance(y, np.ndarray) and np.array_equal(x, y) and x.shape == y.shape
    if isinstance(x, tuple):
        return isinstance(y, tuple) and len(x) == len(y) and all(map(same, x, y))
    return type(x) is type(y) and x == y
