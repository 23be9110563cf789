"""What the columns of a point do, in numbers that rotations, reflections and permutations leave alone.

A column is *live* if its own input switches its output on, *positive* if its bias is, and silent otherwise.
Where a silent column is costs nothing as a rule, so that it is left out of a comparison.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kgon.base.checks import Floats


class Roles(NamedTuple):
    """Which columns of m points are live, and which are positive: two (m, c) bool arrays."""

    live: NDArray[np.bool_]
    positive: NDArray[np.bool_]


def roles_of(W: Floats, b: Floats) -> Roles:
    """Find the roles of the columns of points W (m, 2, c), b (m, c).

    The border of both is 1/(4c), half the bias of a positive column of a k-gon; live columns of the critical
    points that are known answer to their own input with 0.3 or more.

    Examples
    --------
    >>> W, b = np.array([[[1.0, 0.0, 0.0, 0.0], [0.0] * 4]]), np.array([[0.0, 0.125, -0.5, 0.0]])
    >>> [role.astype(int).tolist() for role in roles_of(W, b)]
    [[[1, 0, 0, 0]], [[0, 1, 0, 0]]]
    """
    border = 1 / (4 * b.shape[1])
    positive = b > border
    return Roles(~positive & (np.sum(W * W, axis=1) + b > border), positive)


@dataclass(frozen=True, slots=True)
class Shapes:
    """The shapes of m points: what two images of one critical point have in common.

    Attributes
    ----------
    counts : (m, 2k) int array
        Live and positive columns, of each of k classes.
    columns : (m, 2c) array
        Lengths, then biases, of both: each sorted, 0 in the place of silent columns.
    products : (m, c(c − 1)/2) array
        W_i·W_j of every two live columns: sorted, 0 in the place of other pairs.
    """

    counts: NDArray[np.int64]
    columns: Floats
    products: Floats

    @classmethod
    def of(cls, W: Floats, b: Floats, classes: Sequence[Sequence[int]] | None = None) -> Shapes:
        """Describe points W (m, 2, c), b (m, c); only columns of one class may be exchanged, by default all.

        Numbers are sorted within every class of columns, or of pairs of columns, and stand in its order.
        """
        groups = [np.array(own) for own in classes or [range(b.shape[1])]]
        live, positive = roles_of(W, b)
        gram = np.einsum("kri,krj->kij", W, W)
        working, lengths = live | positive, np.sqrt(np.einsum("kii->ki", gram))
        columns = [np.sort(np.where(working, x, 0.0)[:, own], axis=1) for x in (lengths, b) for own in groups]
        products = []
        for k, own in enumerate(groups):
            first, second = np.triu_indices(len(own), 1)
            pairs = [(own[first], own[second])]
            pairs += [(np.repeat(own, len(other)), np.tile(other, len(own))) for other in groups[k + 1 :]]
            heard = (np.where(live[:, i] & live[:, j], gram[:, i, j], 0.0) for i, j in pairs)
            products += [np.sort(x, axis=1) for x in heard]
        counts = [role[:, own].sum(axis=1) for own in groups for role in (live, positive)]
        return cls(
            counts=np.stack(counts, axis=1),
            columns=np.concatenate(columns, axis=1),
            products=np.concatenate(products, axis=1),
        )

    def __getitem__(self, rows: NDArray[np.int64]) -> Shapes:
        """Keep the shapes of some of the points."""
        return Shapes(self.counts[rows], self.columns[rows], self.products[rows])

    def agree(self, others: Shapes, within: float, *, products: bool = True) -> NDArray[np.bool_]:
        """Say which of the m shapes agree with the m others, one by one: (m,) bools.

        Lengths and biases may differ by ``within``, products by the change of the longest two columns that
        this allows.  Products of the others that are NaN may be anything, and without ``products`` all of
        them.
        """
        reach = 2 * within * np.maximum(others.columns[:, : others.columns.shape[1] // 2].max(axis=1), 1.0)
        apart = np.abs(self.products - others.products) > reach[:, None]  # false for NaN
        same = np.all(self.counts == others.counts, axis=1)
        same &= np.all(np.abs(self.columns - others.columns) <= within, axis=1)
        return np.asarray(same & ~np.any(apart & products, axis=1))
