"""Measure how often a posterior draw is named by hull or nearest k-gon as by the basin that it is in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kgon.base.checks import Floats, check_integer
from kgon.base.results import Result, result
from kgon.base.streams import stream
from kgon.base.text import with_error
from kgon.base.verdicts import KgonError, Verdict
from kgon.experiments.posterior.chains import NAMING, SHORT, Chains
from kgon.kgons.catalogue import MAX_FEATURES
from kgon.kgons.classification import classify
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.sampling.diagnostics import spread_error
from kgon.sampling.tempering import temper

SIZES = (50.0, 100.0, 200.0, 400.0, 800.0, 1600.0)


@result
class NamedDraws(Result):
    """How many posterior draws have the same name by hull or nearest k-gon as by basin (population loss).

    Attributes
    ----------
    c : int
    sizes : tuple of float
        s = βn.
    hull, nearest : (sizes,) arrays
        Shares of the draws that the published rule of hull and biases, and the nearest k-gon, name as their
        basin.
    unnamed : (sizes,) array
        Share of the draws whose numbers of vertices and biases are no k-gon's.
    hull_stderr, nearest_stderr : (sizes,) arrays
        Standard errors, from the ensembles.
    draws : int
        Of each size, in all ensembles.
    round_trips : int
        Of all ensembles together.
    """

    c: int
    sizes: tuple[float, ...]
    hull: np.ndarray
    hull_stderr: np.ndarray
    unnamed: np.ndarray
    nearest: np.ndarray
    nearest_stderr: np.ndarray
    draws: int
    round_trips: int

    @property
    def shown(self) -> str:
        """The shares that the hull names otherwise, in words."""
        return ", ".join(f"{x} at n = {s:g}" for s, x in zip(self.sizes, self.misnamed_by_hull, strict=True))

    @property
    def misnamed_by_hull(self) -> list[str]:
        """The shares that the hull names otherwise than the basin, with their errors, by size."""
        return [self._other(*x) for x in zip(self.hull, self.hull_stderr, strict=True)]

    @property
    def misnamed_by_nearest(self) -> list[str]:
        """The same of the nearest k-gon."""
        return [self._other(*x) for x in zip(self.nearest, self.nearest_stderr, strict=True)]

    def _other(self, share: float, stderr: float) -> str:
        if share == 1:
            return f"none of {self.draws}"  # an error of 0 would say too much
        return with_error(1 - float(share), float(stderr))

    def headline(self) -> str:
        return f"draws that the hull names otherwise than their basin: {self.shown}"

    def rows(self) -> Sequence[tuple[str, str]]:
        columns = zip(self.sizes, self.misnamed_by_hull, self.unnamed, self.misnamed_by_nearest, strict=True)
        lines = [
            (f"n = {s:g}", f"by hull {x}, of these no k-gon {none:.2g}; by the nearest k-gon {far}")
            for s, x, none, far in columns
        ]
        return [*lines, ("round trips", str(self.round_trips))]

    def rises_below(self, n: float, limit: float = 2.0) -> Verdict:
        """Judge whether the hull misnames more draws the smaller the size is, of all sizes up to n.

        Parameters
        ----------
        n : float
        limit : float
            Standard errors of a difference within which it is UNDECIDED.

        Raises
        ------
        KgonError
            Fewer than two of the sizes are up to n.
        """
        known = [k for k, s in enumerate(self.sizes) if s <= n]
        if len(known) < 2:
            raise KgonError(f"at least two sizes up to n = {n:g} are needed, there are {list(self.sizes)}")
        gains = np.diff(self.hull[known])
        errors = np.hypot(self.hull_stderr[known][1:], self.hull_stderr[known][:-1])
        return Verdict.joint(
            Verdict.of_margin(float(x), float(e), limit) for x, e in zip(gains, errors, strict=True)
        )


def measure_naming(
    sizes: Sequence[float] = SIZES, *, c: int = 6, chains: Chains = SHORT, seed: int = 0
) -> NamedDraws:
    """Sample the posterior of the population loss at several s = βn, and name every draw in three ways.

    Parameters
    ----------
    sizes : sequence of float
        Increasing.
    c : int
    chains : Chains
    seed : int

    Examples
    --------
    >>> found = measure_naming((1e4, 1e6), chains=Chains(ensembles=4, draws=10))
    >>> bool(found.hull[1] > 0.9)
    True
    """
    tms = TMS(check_integer("c", c, 4, MAX_FEATURES))
    found = temper(stream(seed, NAMING), Potential(tms), sizes, **chains.by_name())
    names = classify(*tms.unpack(found.w.reshape(-1, tms.dimension)))
    shape = found.loss.shape
    basin, by_hull, by_nearest = (np.asarray(x) for x in (names.basin, names.hull, names.label))
    hull, hull_stderr = _share(by_hull == basin, shape)
    nearest, nearest_stderr = _share(by_nearest == basin, shape)
    return NamedDraws(
        c=c,
        sizes=tuple(map(float, found.sizes)),
        hull=hull,
        hull_stderr=hull_stderr,
        unnamed=_share(by_hull == "", shape)[0],
        nearest=nearest,
        nearest_stderr=nearest_stderr,
        draws=shape[1] * shape[2],
        round_trips=int(found.round_trips.sum()),
    )


def _share(right: np.ndarray, shape: tuple[int, ...]) -> tuple[Floats, Floats]:
    """Share of the draws, by size, and its standard error, from the ensembles."""
    each = np.mean(right.reshape(shape), axis=2)
    return np.asarray(each.mean(axis=1)), np.asarray(spread_error(each, axis=1))
