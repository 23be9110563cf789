"""Embed posterior draws at several n in a plane by t-SNE: do the phases, named by descent, form clusters?

Distances are taken modulo O(2) × S_c, exactly, so that every k-gon is one cluster and not one for each of its
mirror images and permutations; all draws are embedded together.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgon.base.checks import Floats, check_integer
from kgon.base.results import Result, result
from kgon.base.verdicts import KgonError
from kgon.base.work import HERE, Work
from kgon.experiments.posterior.chains import PROJECTION, Chains, Source, ladder_from, tempered
from kgon.free_energy.conventions import check_beta
from kgon.kgons.basins import Basins
from kgon.potential.kernels import orbit
from kgon.potential.model import TMS

SIZES = (300, 500, 700, 1000)
BETAS: tuple[float | str, ...] = (1, "1/2")
QUICK, FULL = 60, 200
"""Draws per posterior."""
ENSEMBLES, THIN = 8, 40
"""Ensembles of a posterior; iterations from one draw to the next, of the order of a round trip."""
PILOT = Chains(ensembles=ENSEMBLES, draws=4, thin=1)
"""On the population loss, whose ladder serves the data sets."""
MOST_FEATURES = 7
"""Every permutation is tried for every pair of draws."""


@result
class Projection(Result):
    """Posterior draws in a plane in which near draws are near, and whether neighbours are of one phase.

    Attributes
    ----------
    c : int
    n : tuple of int
    betas : tuple of float
    data_seed : int or None
        Of the data sets; None is the population loss.
    labels : tuple of str
        Basins, and ``other``.
    xy : (betas, n, draws, 2) array
        t-SNE coordinates; all draws share one embedding.
    basin : (betas, n, draws) int array
        Index of ``labels``.
    neighbours : float
        Share of the draws whose nearest neighbour modulo symmetry, among all, has the same phase.
    by_chance : float
        The same for neighbours chosen at random.
    perplexity : float
    round_trips : tuple of int
        Of all ensembles together, by n.
    seed : int
    """

    c: int
    n: tuple[int, ...]
    betas: tuple[float, ...]
    data_seed: int | None
    labels: tuple[str, ...]
    xy: np.ndarray
    basin: np.ndarray
    neighbours: float
    by_chance: float
    perplexity: float
    round_trips: tuple[int, ...]
    seed: int

    def headline(self) -> str:
        draws = self.basin.size
        return (
            f"t-SNE of {draws} draws: the nearest neighbour has the same phase for {self.neighbours:.1%} of "
            f"them ({self.by_chance:.1%} by chance)"
        )

    def rows(self) -> Sequence[tuple[str, str]]:
        lines = []
        for i, beta in enumerate(self.betas):
            for j, n in enumerate(self.n):
                shares = [np.mean(self.basin[i, j] == k) for k in range(len(self.labels))]
                cells = [f"{self.labels[k]}: {share:.2f}" for k, share in enumerate(shares) if share >= 0.01]
                lines.append((f"n = {n}, beta = {beta:g}", "   ".join(cells)))
        return [
            *lines,
            ("round trips by n", ", ".join(map(str, self.round_trips))),
            ("perplexity, seed", f"{self.perplexity:g}, {self.seed}"),
        ]


def orbit_distances(W: Floats, b: Floats) -> Floats:
    """Compute the distances modulo O(2) × S_c between all points, exactly.

    Parameters
    ----------
    W : (m, 2, c) array
        With c ≤ 7.
    b : (m, c) array

    Returns
    -------
    (m, m) array

    Examples
    --------
    >>> W = np.array([[[1.0, 0.0], [0.0, 2.0]], [[0.0, 2.0], [1.0, 0.0]]])
    >>> orbit_distances(W, np.zeros((2, 2))).tolist()
    [[0.0, 0.0], [0.0, 0.0]]
    """
    weights, biases = TMS(W.shape[-1], W.shape[-2]).point(W, b)
    if weights.ndim != 3 or weights.shape[1] != 2 or weights.shape[2] > MOST_FEATURES:
        raise KgonError(f"W must have shape (m, 2, c) with c <= {MOST_FEATURES}, got {weights.shape}")
    permutations = np.array(list(itertools.permutations(range(weights.shape[2]))))
    out = np.empty((len(weights), len(weights)))
    orbit.distances(weights, biases, permutations, out)
    return out


def project_draws(
    n: Sequence[int] = SIZES,
    *,
    c: int = 6,
    betas: Sequence[float | str] = BETAS,
    data: int | None = 1,
    draws: int = QUICK,
    perplexity: float = 30.0,
    seed: int = 0,
    work: Work = HERE,
) -> Projection:
    """Sample the posterior at several n and β, and embed all draws in one plane by t-SNE.

    Parameters
    ----------
    n : sequence of int
    c : int
        4 to 7 features.
    betas : sequence
    data : int or None
        Seed of the data sets; None for the population loss.
    draws : int
        Per posterior; ``QUICK``, ``FULL``, or another number of at least 4.
    perplexity : float
        Of t-SNE: the number of neighbours that matter; less than a third of all draws.
    seed : int
    work : Work

    Raises
    ------
    KgonError
        scikit-learn is missing, or an option is out of range.
    """
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    wanted = [check_integer("n", x, 1) for x in n]
    inverse = [float(check_beta(beta)) for beta in betas]
    check_integer("c", c, 4, MOST_FEATURES)
    count = check_integer("draws", draws, 4)
    if not wanted or not inverse:
        raise KgonError(f"at least one n and one beta are wanted, got {wanted} and {list(betas)}")
    total = count * len(wanted) * len(inverse)
    if not 1 <= perplexity < total / 3:
        raise KgonError(f"perplexity must lie from 1 to a third of all {total} draws, got {perplexity!r}")
    found = _sampled(wanted, inverse, Source(c=c, n=1, data_seed=data), count, seed, work)
    basin = found["basin"]
    distances = orbit_distances(*TMS(c).unpack(found["w"].reshape(total, -1)))
    tsne = TSNE(metric="precomputed", init="random", perplexity=perplexity, random_state=seed)
    with threadpool_limits(1):  # sums do not depend on the number of threads; others compute beside this
        xy = tsne.fit_transform(distances)
    neighbours, by_chance = _of_one_phase(distances, basin.ravel())
    return Projection(
        c=c,
        n=tuple(wanted),
        betas=tuple(inverse),
        data_seed=data,
        labels=Basins(c).phases,
        xy=np.asarray(xy, dtype=np.float64).reshape(*basin.shape, 2),
        basin=basin,
        neighbours=neighbours,
        by_chance=by_chance,
        perplexity=float(perplexity),
        round_trips=tuple(found["round_trips"].tolist()),
        seed=seed,
    )


def _sampled(
    n: list[int], betas: list[float], source: Source, count: int, seed: int, work: Work
) -> dict[str, NDArray[Any]]:
    """Draw from each posterior, on a ladder that the population showed.

    Returns
    -------
    dict
        ``w``, ``basin`` of the last draws of all ensembles in turn, by β, n and draw; ``round_trips`` by n.
    """
    chains = Chains(ensembles=ENSEMBLES, draws=max(4, -(-count // ENSEMBLES)), thin=THIN)
    sizes = {size: sorted({beta * size for beta in betas}) for size in n}
    every_size = sorted({size for x in sizes.values() for size in x})
    pilot = replace(source, data_seed=None), every_size, PILOT, seed, (PROJECTION, 0)
    measured = work.run(tempered, {"population": pilot}, "pilot")["population"]
    tasks = {}
    for k in n:
        ladder = ladder_from(measured, sizes[k])
        tasks[f"n-{k}"] = (replace(source, n=k), sizes[k], chains, seed, (PROJECTION, k), ladder, True)
    runs = work.run(tempered, tasks, "posterior")
    found = {"round_trips": np.array([int(runs[f"n-{k}"]["round_trips"].sum()) for k in n])}
    for name in ("w", "basin"):
        wanted = [[runs[f"n-{k}"][name][sizes[k].index(beta * k)] for k in n] for beta in betas]
        every = np.moveaxis(np.array(wanted), 2, 3)  # by β, n, draw and ensemble
        found[name] = every.reshape(*every.shape[:2], -1, *every.shape[4:])[:, :, -count:]
    return found


def _of_one_phase(distances: Floats, basin: NDArray[np.int64]) -> tuple[float, float]:
    """Shares of the points whose nearest neighbour, and whose random one, is in the same basin."""
    others = distances + np.diag(np.full(len(basin), np.inf))
    shares = np.bincount(basin) / len(basin)
    return float(np.mean(basin[np.argmin(others, axis=1)] == basin)), float(np.sum(shares**2))
