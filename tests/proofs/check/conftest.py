"""What several tests of the checkers share."""

import functools
from dataclasses import astuple

import pytest

from kgon.proofs.check.intervals import Interval96 as Interval
from kgon.proofs.check.minimum import covering, steps


def numbers(argument):
    """A step or a box as plain numbers, which can be compared."""
    values = argument if argument is None or isinstance(argument, tuple) else astuple(argument)
    return values and tuple((x.lo, x.hi) if isinstance(x, Interval) else x for x in values)


def walked_once():
    """``covering.walk``, which follows a tree that holds once: a pure function of the tree, box and bound."""
    walk, known = covering.walk, {}

    def again(code, low, high, bound, where):
        key = (code, low, high, bound.func, *map(numbers, bound.args))
        if key not in known:
            known[key] = walk(code, low, high, bound, where)
        return known[key]

    return again


@pytest.fixture(scope="module")
def quick():
    """What most mutants leave as it was is computed once.

    The constants of a polygon are a pure function of near, and most of the time of a small certificate; the
    trees are most of the time of a large one.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps, "polygon", functools.cache(steps.polygon))
        patch.setattr(covering, "walk", walked_once())
        yield
