"""Find the plateaus of a training run, and the critical points of L whose losses they show.

A plateau is a maximal stretch of time over which the recorded population loss stays within a band, and which
lasts for a least time.  The band is a twentieth of the smallest spacing between the catalogue's levels, or
eight times the noise of the loss where that is more: so many standard deviations hold the range of thousands
of draws.

Its critical point is found, not looked up: root finding on ∇L starts at the mean of the plateau's points, and
at those of parts of it.  A root counts if its loss differs from that of the mean by less than half the
smallest spacing, that is if no other level could be meant.  It is named by its structure
(``kgon.kgons.names``).

Training on n samples shifts the point by H⁻¹∇L_n and raises L by about ½ ∇L_nᵀH⁻¹∇L_n, which is reported
beside the gap that is seen.  Around some k-gons lie saddles nearer than that: they cannot be told apart on
such a sample.  Where several roots count, the plateau has the name of the k-gon among them, or else of the
one nearest in loss; the others are its alternatives.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np

from kgon.base.checks import Floats
from kgon.base.verdicts import KgonError
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.names import RESTED, known_at
from kgon.numerics.zeros import Method, critical_point, newton_homotopy
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.sampling.sgd import Trajectory

BAND = 1 / 20
"""Width of a plateau, in units of the smallest spacing of levels ..."""
NOISE = 8.0
"""... or in standard deviations of the recorded loss's noise, if that is more."""
LEAST = 1 / 50
"""Least length of a plateau, as a part of the run: 90 epochs of the published 4500."""
CRITICAL = 1e-9
"""‖∇L‖ at which a root has been found."""
DAMPINGS = (1e-12, 1e-8, 1e-4, 1e-1)
"""First dampings of the root finding: from Newton's step to a short one."""
PARTS = 3
"""Root finding starts at the mean of a plateau and at those of so many parts of it."""
ZERO_EIGENVALUE = 1e-6
"""Hessian eigenvalues below this fraction of the largest count as zero."""
UNRESOLVED = "unresolved"
"""Name of a plateau without a critical point."""


def noise_of(loss: Floats) -> float:
    """Estimate the noise of a recorded loss, its standard deviation about the trend.

    From the median size of its second differences; first differences would take a steady fall for noise.
    """
    return float(1.4826 * np.median(np.abs(np.diff(loss, 2))) / np.sqrt(6)) if len(loss) > 2 else 0.0


def flat_segments(steps: np.ndarray, loss: Floats, *, band: float, least: float) -> list[tuple[int, int]]:
    """Find the longest stretch with max − min ≤ band, then the longest before and after it, and so on.

    Parameters
    ----------
    steps, loss : (k,) arrays
    band : float
        In units of the loss.
    least : float
        Least length, in steps.

    Returns
    -------
    list of (int, int)
        First and last record of each, in order.

    Examples
    --------
    >>> flat_segments(np.arange(8), np.array([5.0, 1, 1, 1, 0.5, 0, 0, 0]), band=0.1, least=2)
    [(1, 3), (5, 7)]
    """
    found: list[tuple[int, int]] = []
    todo = [(0, len(loss) - 1)]
    while todo:
        low, high = todo.pop()
        best = _longest(steps, loss, low, high, band)
        if best is not None and steps[best[1]] - steps[best[0]] >= least:
            found.append(best)
            todo += [(low, best[0] - 1), (best[1] + 1, high)]
    return sorted(found)


def _longest(steps: np.ndarray, loss: Floats, low: int, high: int, band: float) -> tuple[int, int] | None:
    """Find the longest stretch within records low … high; two queues hold the candidates for max and min."""
    largest: deque[int] = deque()
    smallest: deque[int] = deque()
    best, first = None, low
    for last in range(low, high + 1):
        while largest and loss[largest[-1]] <= loss[last]:
            largest.pop()
        while smallest and loss[smallest[-1]] >= loss[last]:
            smallest.pop()
        largest.append(last)
        smallest.append(last)
        while loss[largest[0]] - loss[smallest[0]] > band:
            first += 1
            for queue in (largest, smallest):
                if queue[0] < first:
                    queue.popleft()
        if best is None or steps[last] - steps[first] > steps[best[1]] - steps[best[0]]:
            best = (first, last)
    return best


def level_spacing(tms: TMS) -> float:
    """The smallest distance between two different losses of the k-gons of a model.

    Raises
    ------
    KgonError
        No two are known that differ: there is nothing to tell plateaus by.
    """
    losses = [point.loss for point in Catalogue(tms.c)] if tms.equal else known_at(tms).loss
    gaps = np.diff(np.sort(losses))
    different = gaps[gaps > RESTED.loss]
    if not len(different):
        raise KgonError(f"at {tms} no two k-gons of different loss are known: plateaus cannot be told apart")
    return tms.strength * float(different.min())


def critical_points(potential: Potential, starts: Sequence[Floats]) -> list[Floats]:
    """Find the zeros of ∇L that root finding reaches from some points, one of each loss, in that order.

    Levenberg–Marquardt with several first dampings, and once more from the end of a Newton homotopy: the
    4-gons sit on kinks of ∇L, where any one of these may stall.
    """

    def gradient(w: Floats) -> Floats:
        return np.asarray(potential.flat(w[None])[1][0])

    found: list[Floats] = []
    losses: list[float] = []
    for start in [*starts, newton_homotopy(gradient, potential.flat_hessian, starts[0])]:
        for damping in DAMPINGS:
            w, norm = critical_point(gradient, potential.flat_hessian, start, Method(damping=damping))
            loss = float(potential.flat(w[None])[0][0])
            if norm <= CRITICAL and all(abs(loss - other) > RESTED.loss for other in losses):
                found.append(w)
                losses.append(loss)
    return found


def spectrum(potential: Potential, w: Floats) -> tuple[Floats, Floats]:
    """Compute the eigenvalues of the Hessian, small ones set to 0, and axes; at a kink, of its limit."""
    values, axes = np.linalg.eigh(potential.flat_hessian(w))
    values[np.abs(values) <= ZERO_EIGENVALUE * np.abs(values).max()] = 0.0
    return values, axes


def expected_gap(potential: Potential, empirical: EmpiricalLoss, w: Floats) -> float:
    """How far the sample's critical point lies above one of L, in L: ½ ∇L_nᵀ|H|⁺∇L_n there."""
    values, axes = spectrum(potential, w)
    along = axes.T @ empirical.flat(w[None])[1][0]
    used = values != 0
    return float(0.5 * np.sum(along[used] ** 2 / np.abs(values[used])))


def plateaus_of(tms: TMS, path: Trajectory, empirical: EmpiricalLoss) -> dict[str, np.ndarray]:
    """Find the flat stretches of a trajectory, and the critical points that each leads to.

    Returns
    -------
    dict of arrays
        ``first``, ``last`` (p,): records; ``mean`` (p, d): mean point; ``root`` (q, d): critical points found
        from there; ``owner`` (q,): whose; ``expected`` (q,): ``expected_gap`` there.
    """
    potential = Potential(tms)
    band = max(BAND * level_spacing(tms), NOISE * noise_of(path.loss))
    run = float(path.steps[-1] - path.steps[0])
    segments = flat_segments(path.steps, path.loss, band=band, least=LEAST * run)
    means, roots, owners = [], [], []
    for k, (first, last) in enumerate(segments):
        points = path.w[first : last + 1]
        means.append(points.mean(axis=0))
        parts = [part.mean(axis=0) for part in np.array_split(points, PARTS) if len(part)]
        found = critical_points(Potential(tms.scaled), [means[-1], *parts])
        roots += found
        owners += [k] * len(found)
    d = tms.dimension
    return {
        "first": np.array([first for first, _ in segments], dtype=np.int64),
        "last": np.array([last for _, last in segments], dtype=np.int64),
        "mean": np.array(means).reshape(-1, d),
        "root": np.array(roots).reshape(-1, d),
        "owner": np.array(owners, dtype=np.int64),
        "expected": np.array([expected_gap(potential, empirical, root) for root in roots]),
    }
