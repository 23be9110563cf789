"""Count how much of a sample one evaluation of the empirical loss looks at: a few amplitudes, not n."""

from __future__ import annotations

from collections.abc import Sequence
from math import log2
from typing import ClassVar

import numpy as np

from kgon.base.checks import check_integer
from kgon.base.results import Result, result
from kgon.potential.data import sample
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.model import TMS

SIZES = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
"""Sample sizes of the experiment."""
FULL_SIZES = (*SIZES, 3_000_000, 10_000_000)
"""Sample sizes of the full experiment."""


@result
class CostRow(Result):
    """The stored amplitudes that one evaluation examines, at one n.

    Attributes
    ----------
    n, c : int
        Sample size and features.
    points : int
        Random points (W, b) ~ N(0, I) over which the mean is taken.
    mean, stderr : float
        Amplitudes examined per evaluation, and the standard error of the mean.
    largest : int
        The most that any of the points needed.
    bound : float
        c² (log2(n/c) + 1), see ``bound``.
    """

    schema: ClassVar[str] = "cost"

    n: int
    c: int
    points: int
    mean: float
    stderr: float
    largest: int
    bound: float

    def headline(self) -> str:
        return f"n = {self.n}: {self.mean:.1f} amplitudes on average, bound {self.bound:.1f}"


def bound(n: int, c: int) -> float:
    """Bound the amplitudes of an evaluation by c² (log2(n/c) + 1), for n ≥ 2c.

    Each of the c² pairs needs at most one binary search among the n_i samples of a feature, which looks
    at ⌊log2 n_i⌋ + 1 amplitudes at most.  Σ n_i = n and log2 is concave, so the sum over features is
    largest where they are equal.
    """
    return c * c * (log2(n / c) + 1)


def probe_counts(
    *, c: int = 6, sizes: Sequence[int] = SIZES, points: int = 200, seed: int = 0
) -> list[CostRow]:
    """Count the amplitudes examined per evaluation, at the same random points for every n.

    Parameters
    ----------
    c : int
        Features (r = 2).
    sizes : sequence of int
        Sample sizes, each at least 2c.
    points : int
        Random points, at least 2.
    seed : int
        Seed of the points and of the samples.

    Examples
    --------
    >>> row, = probe_counts(sizes=[1000], points=20)
    >>> row.largest <= row.bound
    True
    """
    tms = TMS(c)
    check_integer("points", points, 2)
    for n in sizes:
        check_integer("n", n, 2 * c)
    rng = np.random.default_rng(seed)
    W, b = rng.standard_normal((points, tms.r, c)), rng.standard_normal((points, c))
    rows = []
    for n in sizes:
        empirical = EmpiricalLoss(tms, *sample(tms, n, seed=seed))
        counts = np.array([empirical.probes(W[k], b[k]) for k in range(points)])
        rows.append(
            CostRow(
                n=n,
                c=c,
                points=points,
                mean=float(counts.mean()),
                stderr=float(counts.std(ddof=1) / np.sqrt(points)),
                largest=int(counts.max()),
                bound=bound(n, c),
            )
        )
    return rows
