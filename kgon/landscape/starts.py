"""The starts of a search and where they end, as independent tasks of ``Work.run``.

Starts know nothing of the k-gons.  Those of the first round are random; those of the second come from the
critical points that the first has found: between two of them, turned and permuted at random, as saddles are;
or one with columns switched off, emptied or copied, as many critical points differ from others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kgon.base.checks import Floats
from kgon.base.runs import Arrays
from kgon.base.streams import stream
from kgon.base.work import HERE, Work
from kgon.kgons.names import SEARCHED
from kgon.potential.descent import Ends
from kgon.potential.model import TMS
from kgon.potential.roots import find_roots

CHUNK = 500
"""Starts of a task."""
SCALES = (0.3, 1.3)
"""Standard deviation of the parameters of a random start: log-uniform between these."""
ALTERED = 0.15
"""Chance of a column of a start to be switched off as an output, to have W_j = 0, to be a copy of another."""
SMALL = (1e-3, 0.3)
"""Lengths of columns on the verge: log-uniform between these."""
LONGEST_DESCENT = 2000
"""Half of the starts first descend, for a number of gradient steps that is log-uniform up to this."""
JITTER = 0.02
"""Standard deviation of what is added to what is not random otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSettings:
    """What decides where the starts of a chunk end, beside its number and the parents: model and seed."""

    c: int
    r: int
    seed: int
    model: TMS | None = None

    @property
    def tms(self) -> TMS:
        """The model, without the common factor of its importances."""
        return TMS.of(self.model or self.c, self.r).scaled


def search_round(
    settings: SearchSettings, number: int, starts: int, parents: Floats, *, work: Work = HERE
) -> Ends:
    """Follow the starts of round 1, without parents, or of round 2, between the points ``parents`` (k, d).

    The ends do not depend on the workers, and those of fewer starts are the first of more.
    """
    tasks = {}
    for chunk in range(-(-starts // CHUNK)):
        count = min(CHUNK, starts - chunk * CHUNK)
        name = f"round-{number}-{chunk:05d}" + ("" if count == CHUNK else f"-{count}")
        tasks[name] = (settings, number, chunk, count, parents)
    found = work.run(ends_of_chunk, tasks, f"search, round {number}, chunk")
    return Ends.joined([Ends(**arrays) for arrays in found.values()])


def ends_of_chunk(settings: SearchSettings, number: int, chunk: int, count: int, parents: Floats) -> Arrays:
    """Follow the first ``count`` starts of a chunk to where they end: the fields of ``Ends``, by name."""
    tms, rng = settings.tms, stream(settings.seed, number, chunk)
    w = related(rng, tms, parents, CHUNK) if len(parents) else random(rng, tms, CHUNK)
    ends = find_roots(tms, w[:count], descents(rng, CHUNK)[:count])
    return {name: getattr(ends, name) for name in ends.__slots__}


def roots_below(ends: Ends, limit: float) -> Ends:
    """Keep the ends that are roots with L < limit, and surely so."""
    return ends.take(ends.converged & (ends.loss < limit - SEARCHED.loss))


def random(rng: Generator, tms: TMS, count: int) -> Floats:
    """Draw normal starts (count, d) of many scales, altered."""
    low, high = np.log(SCALES)
    scale = np.exp(rng.uniform(low, high, (count, 1)))
    return altered(rng, tms, scale * rng.standard_normal((count, tms.dimension)))


def altered(rng: Generator, tms: TMS, w: Floats) -> Floats:
    """Alter points (m, d): some outputs off, some W_j = 0, some columns copied, some on the verge; jittered.

    An output is off whose bias is below −W_i·W_j for every i.  A copy has the same bias.  A column on the
    verge is small, and its own input is about to switch its output on: there L bends like 1/‖W_j‖², and only
    starts very near to a root end there.
    """
    W, b = tms.unpack(w)
    off, empty, copied, verge = rng.random((4, *b.shape)) < ALTERED
    reach = np.maximum(np.einsum("khi,khj->kij", W, W).max(axis=1), 0.0)
    b = np.where(off, -reach - rng.random(b.shape), b)
    W = np.where(empty[:, None, :], 0.0, W)
    source = np.where(copied, rng.integers(tms.c, size=b.shape), np.arange(tms.c))
    W, b = np.take_along_axis(W, source[:, None, :], axis=2), np.take_along_axis(b, source, axis=1)
    W, b = W + JITTER * rng.standard_normal(W.shape), b + JITTER * rng.standard_normal(b.shape)
    low, high = np.log(SMALL)
    size = np.where(verge, np.exp(rng.uniform(low, high, b.shape)), np.linalg.norm(W, axis=1))
    W *= (size / np.linalg.norm(W, axis=1))[:, None, :]
    return np.asarray(tms.pack(W, np.where(verge, -rng.uniform(0.5, 1.0, b.shape) * size**2, b)))


def related(rng: Generator, tms: TMS, parents: Floats, count: int) -> Floats:
    """Draw starts (count, d) between two of the points (k, d), and points altered, by turns."""
    first, second = parents[rng.integers(len(parents), size=(2, count))]
    starts = starts_between(rng, tms, first, second)
    starts[::2] = altered(rng, tms, first)[::2]
    return starts


def starts_between(rng: Generator, tms: TMS, first: Floats, second: Floats) -> Floats:
    """Draw starts (m, d) anywhere between two points (m, d), the second turned and permuted at random."""
    W, b = tms.unpack(second)
    order = rng.permuted(np.tile(np.arange(tms.c), (len(b), 1)), axis=1)
    Q, R = np.linalg.qr(rng.standard_normal((len(b), tms.r, tms.r)))
    turn = Q * np.sign(np.einsum("kii->ki", R))[:, None, :]
    turned = turn @ np.take_along_axis(W, order[:, None, :], axis=2)
    other = tms.pack(turned, np.take_along_axis(b, order, axis=1))
    share = rng.random((len(b), 1))
    return np.asarray((1 - share) * first + share * other + JITTER * rng.standard_normal(other.shape))


def descents(rng: Generator, count: int) -> NDArray[np.int64]:
    """Draw how many gradient steps each start first takes: (count,) ints."""
    steps = np.exp(rng.uniform(0.0, np.log(LONGEST_DESCENT), count)).astype(np.int64)
    return np.where(rng.random(count) < 0.5, steps, 0)
