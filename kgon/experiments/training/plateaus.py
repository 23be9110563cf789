"""Plateaus of a training run, and the critical points of L whose losses they show.

A plateau is a maximal stretch of time over which the recorded population loss stays within a band, and which
lasts for a least time.  The band is a twentieth of the smallest spacing between the catalogue's levels, or
eight times the noise of the loss where that is more: so many standard deviations hold the range of thousands
of draws.

Its critical point is found, not looked up: root finding on ∇L starts at the mean of the plateau's points, and
at those of parts of it.  A root counts if its loss differs from that of the mean by less than half the
smallest spacing, that is if no other level could be meant.  It is named by its loss and its columns; one that
is no k-gon gets the name of its loss.

Training on n samples shifts the point by H⁻¹∇L_n and raises L by about ½ ∇L_nᵀH⁻¹∇L_n, which is reported
beside the gap that is seen.  Around some k-gons lie saddles nearer than that: they cannot be told apart on
such a sample.  Where several roots count, the plateau has the name of the k-gon among them, or else of the
one nearest in loss; the others are its alternatives.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kgon.base.checks import Floats
from kgon.kgons.catalogue import Catalogue
from kgon.numerics.zeros import critical_point, newton_homotopy
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
SAME_LOSS = 1e-7
"""Distance in loss within which a root with ‖∇L‖ ≤ 1e-9 has the loss of a critical point."""
SAME_COLUMN = 1e-4
"""The same for the length and the bias of a column: ‖∇L‖ over an eigenvalue of at least 1e-5."""
ZERO_EIGENVALUE = 1e-6
"""Hessian eigenvalues below this fraction of the largest count as zero."""
UNRESOLVED = "unresolved"
"""Name of a plateau without a critical point."""


def noise_of(loss: Floats) -> float:
    """Standard deviation of a recorded loss about its trend, from the median size of its second differences.

    First differences would take a steady fall for noise.
    """
    return float(1.4826 * np.median(np.abs(np.diff(loss, 2))) / np.sqrt(6)) if len(loss) > 2 else 0.0


def flat_segments(steps: np.ndarray, loss: Floats, *, band: float, least: float) -> list[tuple[int, int]]:
    """The longest stretch with max − min ≤ band, then the longest before and after it, and so on.

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
    """The longest stretch within records low … high; two queues hold the candidates for max and min."""
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


@dataclass(frozen=True, slots=True)
class Levels:
    """Losses and columns of the k-gons of c features, to name critical points with."""

    c: int
    labels: tuple[str, ...]
    loss: Floats
    live: tuple[tuple[int, float, float], ...]
    sigma: tuple[int, ...]

    @classmethod
    def of(cls, c: int) -> Levels:
        """Those of the catalogue; configurations of one label are one."""
        points = {p.label: p for p in sorted(Catalogue(c), key=lambda p: p.name, reverse=True)}
        chosen = sorted(points.values(), key=lambda p: (p.loss, p.label))
        return cls(
            c=c,
            labels=tuple(p.label for p in chosen),
            loss=np.array([p.loss for p in chosen]),
            live=tuple((p.k - p.phi, p.length, p.bias) for p in chosen),
            sigma=tuple(p.sigma for p in chosen),
        )

    @property
    def spacing(self) -> float:
        """Smallest distance between two different levels."""
        gaps = np.diff(self.loss)
        return float(gaps[gaps > SAME_LOSS].min())

    def name(self, W: Floats, b: Floats, loss: float) -> str | None:
        """The label of a critical point W (2, c), b (c,), or None: its loss, and its columns.

        k − φ columns have the polygon's length and bias, σ have W = 0 and b = 1/(2c), the others do not
        answer to their own input.  Where these and the angles between the live columns are depends on the
        place in the flat set.
        """
        size = np.hypot(*W)
        off = b <= -(size**2) + SAME_COLUMN
        positive = (size <= SAME_COLUMN) & (np.abs(b - 1 / (2 * self.c)) <= SAME_COLUMN)
        for label, level, (count, length, bias), sigma in zip(
            self.labels, self.loss, self.live, self.sigma, strict=True
        ):
            live = (np.abs(size - length) <= SAME_COLUMN) & (np.abs(b - bias) <= SAME_COLUMN)
            kinds = (int(live.sum()), int(positive.sum()), int((off & ~live & ~positive).sum()))
            if abs(loss - level) <= SAME_LOSS and kinds == (count, sigma, self.c - count - sigma):
                return label
        return None


def critical_points(potential: Potential, starts: Sequence[Floats]) -> list[Floats]:
    """Zeros of ∇L that root finding reaches from some points, one of each loss, in the order they were found.

    Levenberg–Marquardt with several first dampings, and once more from the end of a Newton homotopy: the
    4-gons sit on kinks of ∇L, where any one of these may stall.
    """
    tms = potential.tms

    def gradient(w: Floats) -> Floats:
        return np.asarray(potential.flat(w[None])[1][0])

    def hessian(w: Floats) -> Floats:
        return np.asarray(potential.hessian(*tms.unpack(w)))

    found: list[Floats] = []
    losses: list[float] = []
    for start in [*starts, newton_homotopy(gradient, hessian, starts[0])]:
        for damping in DAMPINGS:
            w, norm = critical_point(gradient, hessian, start, damping=damping)
            loss = float(potential.flat(w[None])[0][0])
            if norm <= CRITICAL and all(abs(loss - other) > SAME_LOSS for other in losses):
                found.append(w)
                losses.append(loss)
    return found


def spectrum(potential: Potential, w: Floats) -> tuple[Floats, Floats]:
    """Eigenvalues of the Hessian (at a kink: of its limit from one side), small ones set to 0, and axes."""
    values, axes = np.linalg.eigh(potential.hessian(*potential.tms.unpack(w)))
    values[np.abs(values) <= ZERO_EIGENVALUE * np.abs(values).max()] = 0.0
    return values, axes


def expected_gap(potential: Potential, empirical: EmpiricalLoss, w: Floats) -> float:
    """½ ∇L_nᵀ|H|⁺∇L_n at a critical point of L: how far the sample's critical point lies above it in L."""
    values, axes = spectrum(potential, w)
    along = axes.T @ empirical.flat(w[None])[1][0]
    used = values != 0
    return float(0.5 * np.sum(along[used] ** 2 / np.abs(values[used])))


def plateaus_of(
    tms: TMS, path: Trajectory, empirical: EmpiricalLoss, levels: Levels
) -> dict[str, np.ndarray]:
    """Flat stretches of a trajectory with their roots.

    Returns
    -------
    dict of arrays
        ``first``, ``last`` (p,): records; ``mean`` (p, d): mean point; ``root`` (q, d): critical points found
        from there; ``owner`` (q,): whose; ``expected`` (q,): ``expected_gap`` there.
    """
    potential = Potential(tms)
    band = max(BAND * levels.spacing, NOISE * noise_of(path.loss))
    run = float(path.steps[-1] - path.steps[0])
    segments = flat_segments(path.steps, path.loss, band=band, least=LEAST * run)
    means, roots, owners = [], [], []
    for k, (first, last) in enumerate(segments):
        points = path.w[first : last + 1]
        means.append(points.mean(axis=0))
        parts = [part.mean(axis=0) for part in np.array_split(points, PARTS) if len(part)]
        found = critical_points(potential, [means[-1], *parts])
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
