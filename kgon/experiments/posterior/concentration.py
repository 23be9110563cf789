"""Measure whether the posterior concentrates at critical points: how far draws are from descent's end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kgon.base import text
from kgon.base.checks import Floats
from kgon.base.results import Result, result
from kgon.base.streams import stream
from kgon.base.verdicts import Verdict
from kgon.experiments.posterior.chains import CONCENTRATION, SHORT, Chains
from kgon.kgons.basins import Basins
from kgon.potential.descent import ARRIVED_NORM
from kgon.sampling.diagnostics import spread_error
from kgon.sampling.tempering import temper

SIZES = (100.0, 1000.0, 10_000.0)
FALL = 2.0
"""Factor by which the median distance falls at least for every factor of ten in n; n^(−1/2) has 3.2."""


@result
class Concentration(Result):
    """How far posterior draws are from the critical points below them, with the population loss.

    Attributes
    ----------
    c : int
    sizes : tuple of float
        s = βn.
    median, stderr : (sizes,) arrays
        Median over the draws of ‖w − w*‖, w* the end of the descent from w; its error from the ensembles.
    excess : (sizes,) array
        Mean of s (L(w) − L(w*)), of order λ where the posterior is concentrated.
    in_catalogue : (sizes,) array
        Share of the draws whose w* is a k-gon.
    verdict : Verdict
        Whether the median falls by ``FALL`` or more for every factor of ten, beyond two standard errors;
        UNDECIDED within them.
    round_trips : int
        Of all ensembles together.
    """

    c: int
    sizes: tuple[float, ...]
    median: np.ndarray
    stderr: np.ndarray
    excess: np.ndarray
    in_catalogue: np.ndarray
    round_trips: int
    verdict: Verdict

    @property
    def shown(self) -> str:
        """The medians in words, without the verdict."""
        medians = ", ".join(
            f"{text.with_error(float(m), float(e))} at n = {s:g}"
            for s, m, e in zip(self.sizes, self.median, self.stderr, strict=True)
        )
        return f"median distance to a critical point: {medians}"

    def headline(self) -> str:
        return f"{self.shown}: {self.verdict}"

    def rows(self) -> Sequence[tuple[str, str]]:
        columns = zip(self.sizes, self.median, self.stderr, self.excess, self.in_catalogue, strict=True)
        lines = [
            (
                f"n = {s:g}",
                f"distance {text.with_error(float(m), float(e))}, s(L − L*) = {x:.2f}, k-gons {k:.2%}",
            )
            for s, m, e, x, k in columns
        ]
        return [*lines, ("round trips", str(self.round_trips))]


def measure_concentration(
    sizes: Sequence[float] = SIZES, *, c: int = 6, chains: Chains = SHORT, seed: int = 0
) -> Concentration:
    """Sample the posterior of the population loss at several s = βn and descend from every draw.

    Parameters
    ----------
    sizes : sequence of float
        Increasing.
    c : int
    chains : Chains
    seed : int

    Examples
    --------
    >>> measure_concentration((100, 1000), chains=Chains(ensembles=4, draws=10)).verdict
    <Verdict.CONFIRMED: 'CONFIRMED'>
    """
    basins = Basins(c)
    found = temper(stream(seed, CONCENTRATION), basins.potential, sizes, **chains.by_name())
    flat = found.w.reshape(-1, found.w.shape[-1])
    ends = basins.descend(flat, tolerance=ARRIVED_NORM)
    distance = np.linalg.norm(flat - ends.w, axis=1).reshape(found.loss.shape)
    excess = found.sizes[:, None, None] * (found.loss - ends.loss.reshape(found.loss.shape))
    median = np.median(distance, axis=(1, 2))
    error = spread_error(np.median(distance, axis=2), axis=1)
    return Concentration(
        c=c,
        sizes=tuple(map(float, found.sizes)),
        median=median,
        stderr=error,
        excess=excess.mean(axis=(1, 2)),
        in_catalogue=(basins.named(ends) >= 0).reshape(found.loss.shape).mean(axis=(1, 2)),
        round_trips=int(found.round_trips.sum()),
        verdict=_verdict(found.sizes, median, error),
    )


def _verdict(sizes: Floats, median: Floats, error: Floats) -> Verdict:
    """Whether every ratio of neighbouring medians is large enough, beyond two standard errors of each."""
    wanted = FALL ** np.log10(sizes[1:] / sizes[:-1])
    margins, errors = median[:-1] - wanted * median[1:], error[:-1] + wanted * error[1:]
    return Verdict.joint(Verdict.of_margin(x, e, 2.0) for x, e in zip(margins, errors, strict=True))
