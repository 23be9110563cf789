"""The published way to name a point: vertices of the convex hull, positive and large negative biases.

Chen et al. 2023 name a critical point by the number k of vertices of the convex hull of W's columns, the
number σ of positive biases and the number φ of large negative biases.  Away from critical points these
numbers need thresholds; ``counts`` states ours.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kgon.kgons.catalogue import Catalogue
from kgon.kgons.nearest_kgon import plane_points
from kgon.potential.kernels import hull as kernel

DEPTH = 0.05
"""By how much a vertex sticks out from the segment between its neighbours, at least."""


def depth(c: int) -> float:
    """Say by how much a vertex must stick out: ``DEPTH``, or a quarter of what those of the regular c-gon do.

    Examples
    --------
    >>> depth(6), round(depth(30), 4)
    (0.05, 0.0055)
    """
    return float(min(DEPTH, (1.0 - np.cos(2.0 * np.pi / c)) / 4.0))


def counts(W: ArrayLike, b: ArrayLike) -> NDArray[np.int64]:
    """Count vertices k, positive columns σ and switched-off vertices φ of many points.

    - k: vertices of the convex hull of the columns, without those that stick out from the segment between
      their neighbours by at most ``depth(c)``; they are taken away one at a time, the flattest first.
    - σ: biases above 1/(4c), half that of a positive column.
    - φ: vertices that their own input does not switch on, b_i ≤ −‖W_i‖².

    Parameters
    ----------
    W : (m, 2, c) array_like
    b : (m, c) array_like

    Returns
    -------
    (m, 3) int array

    Examples
    --------
    >>> point = Catalogue(6)["4++-"]
    >>> counts([point.W], [point.biases]).tolist()
    [[4, 2, 1]]
    """
    weights, biases = plane_points(W, b)
    m, c = biases.shape
    found = np.empty((m, 3), dtype=np.int64)
    kernel.counts(weights, biases, depth(c), 1.0 / (4 * c), found)
    return found


def names(found: NDArray[np.int64], c: int) -> NDArray[np.str_]:
    """Spell the labels of counts, without configuration; empty where the catalogue has no such label.

    Examples
    --------
    >>> names(np.array([[5, 1, 0], [3, 0, 0], [5, 0, 2]]), 6).tolist()
    ['5+', '', '']
    """
    known = {(label.k, label.sigma, label.phi): label.name for label in Catalogue(c).labels}
    different, where = np.unique(found, axis=0, return_inverse=True)
    texts = [known.get((int(k), int(sigma), int(phi)), "") for k, sigma, phi in different]
    return np.array(texts, dtype=np.str_)[where.reshape(-1)]
