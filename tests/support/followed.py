"""Small certificates of branches, each followed once in a process; not to be changed, but copied."""

import functools

from kgon.branches.certificate import branch_certificate
from kgon.branches.follow import follow_branch


@functools.cache
def pentagon_branch():
    """5⁺ over the importance of its positive column, near 1."""
    return branch_certificate(follow_branch("5+", role="positive", lower=0.9, upper=1.1, certify=True))


@functools.cache
def square_branch():
    """4⁺ over the importance of its positive column."""
    return branch_certificate(follow_branch("4+", role="positive", lower=0.5, upper=1.2, certify=True))
