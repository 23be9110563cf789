"""Embed posterior draws at several n in a plane by t-SNE: do the phases, named by descent, form clusters?

Distances are taken modulo O(2) × S_c, exactly, so that every k-gon is one cluster and not one for each of its
mirror images and permutations; all draws are embedded together.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgon.base.checks import Floats, check_integer
from kgon.base.extras import check_extra
from kgon.base.results import Result, result
from kgon.base.verdicts import KgonError
from kgon.base.work import HERE, Work
from kgon.experiments.posterior.chains import PROJECTION, Chains, Source, tempered
from kgon.free_energy.conventions import check_beta
from kgon.kgons.basins import Basins
from kgon.potential.kernels import orbit
from kgon.potential.model import TMS

SIZES = (300, 500, 700, 1000)
BETAS: tuple[float | str, ...] = (1, "1/2")
QUICK, FULL = 60, 200
"""Draws per posterior."""
THIN = 40
"""Iterations from one draw to the next: of the order of a round trip."""
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
    """Sample the posterior at several n and β, and embed all draws in one plane by t-SNE (extra ``[tsne]``).

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
    check_extra("tsne", "t-SNE")
    from sklearn.manifold import TSNE

    wanted = [check_integer("n", x, 1) for x in n]
    inverse = [check_beta(beta) for beta in betas]
    check_integer("c", c, 4, MOST_FEATURES)
    count = check_integer("draws", draws, 4)
    if not wanted or not inverse:
        raise KgonError(f"at least one n and one beta are wanted, got {wanted} and {list(betas)}")
    total = count * len(wanted) * len(inverse)
    if not 1 <= perplexity < total / 3:
        raise KgonError(f"perplexity must lie from 1 to a third of all {total} draws, got {perplexity!r}")
    chains = Chains(ensembles=8, draws=max(4, -(-count // 8)), thin=THIN)
    sizes = {size: sorted({float(beta) * size for beta in inverse}) for size in wanted}
    tasks = {
        f"n-{k}": (Source(c=c, n=k, data_seed=data), sizes[k], chains, seed, (PROJECTION, k), None, True)
        for k in wanted
    }
    found = work.run(tempered, tasks, "posterior")

    def drawn(name: str) -> NDArray[Any]:
        """What there is of the last draws of all ensembles in turn, by β and n."""
        runs = [[found[f"n-{k}"][name][sizes[k].index(float(beta) * k)] for k in wanted] for beta in inverse]
        every = np.moveaxis(np.array(runs), 2, 3)  # by β, n, draw and ensemble
        return every.reshape(*every.shape[:2], -1, *every.shape[4:])[:, :, -count:]

    w, basin = drawn("w"), drawn("basin")
    distances = orbit_distances(*TMS(c).unpack(w.reshape(total, -1)))
    embedding = TSNE(
        metric="precomputed", init="random", perplexity=perplexity, random_state=seed
    ).fit_transform(distances)
    names = basin.ravel()
    alone = distances + np.diag(np.full(total, np.inf))
    shares = np.bincount(names) / total
    return Projection(
        c=c,
        n=tuple(wanted),
        betas=tuple(float(beta) for beta in inverse),
        data_seed=data,
        labels=Basins(c).phases,
        xy=np.asarray(embedding, dtype=np.float64).reshape(*basin.shape, 2),
        basin=basin,
        neighbours=float(np.mean(names[np.argmin(alone, axis=1)] == names)),
        by_chance=float(np.sum(shares**2)),
        perplexity=float(perplexity),
        round_trips=tuple(int(found[f"n-{k}"]["round_trips"].sum()) for k in wanted),
        seed=seed,
    )
