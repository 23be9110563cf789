"""Hull counts: the catalogue's own labels, SciPy's hull, and the thresholds from both sides."""

import numpy as np
import pytest
from scipy.spatial import ConvexHull

from kgon.base.verdicts import KgonError
from kgon.kgons import hull
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.kgons.symmetry import rotate
from kgon.kgons.values import standard_point
from kgon.potential.kernels import hull as kernel


@pytest.mark.parametrize("c", [4, 6, 9, 13, 30])
def test_every_label_spells_itself(c):
    labels = Catalogue(c).labels
    points = [standard_point(label, c) for label in labels]
    rng = np.random.default_rng(c)
    W = np.array([rotate(W, rng.uniform(0, 7), reflect=bool(rng.integers(2))) for W, _ in points])
    found = hull.counts(W, np.array([b for _, b in points]))
    assert hull.names(found, c).tolist() == [label.name for label in labels]


def test_without_a_depth_it_is_the_convex_hull():
    rng = np.random.default_rng(1)
    out = np.empty(12, dtype=np.int64)
    for _ in range(300):
        W = rng.normal(size=(2, 12))
        n = kernel.vertices(W, 0.0, out)
        expected = ConvexHull(W.T).vertices  # counter-clockwise as well
        start = int(np.flatnonzero(out[:n] == expected[0])[0])
        assert np.roll(out[:n], -start).tolist() == expected.tolist()


def test_flat_vertices_are_taken_away_one_at_a_time():
    square = np.array([[1.0, 0, -1, 0, 0, 0], [0, 1, 0, -1, 0, 0]])
    b = np.zeros(6)

    def k(*columns):
        W = square.copy()
        for j, column in zip((4, 5), columns, strict=False):
            W[:, j] = column
        return int(hull.counts([W], [b])[0, 0])

    out = 0.5 + hull.DEPTH / np.sqrt(2)
    assert (k((out - 1e-9, out - 1e-9)), k((out + 1e-9, out + 1e-9))) == (4, 5)
    assert k((1.0, 0.0)) == k((1.0, 0.04)) == k((0.98, 0.03)) == 4  # two columns at one vertex are one vertex
    assert k((1.3, 0.0)) == 4  # the old vertex is inside now
    flat = np.array([[1.0, -1, 0, 0], [0, 0, 0.01, -0.01]])
    assert [int(x) for x in hull.counts([flat, 0 * flat], np.zeros((2, 4)))[:, 0]] == [2, 1]


def test_thresholds_of_biases():
    W, b = standard_point(Label(4, 1, 1), 6)
    for bias, positive in ((1 / 24 + 1e-12, 1), (1 / 24, 0)):
        moved = b.copy()
        moved[4] = bias
        assert hull.counts([W], [moved])[0].tolist() == [4, positive, 1]
    for bias, off in ((-1.0, 1), (-1.0 + 1e-12, 0)):
        moved = b.copy()
        moved[0] = bias
        assert hull.counts([W], [moved])[0].tolist() == [4, 1, off]


def test_counts_are_invariant():
    rng = np.random.default_rng(2)
    for _ in range(100):
        W, b, order = rng.normal(size=(2, 8)), rng.normal(size=8), rng.permutation(8)
        turned = rotate(W, rng.uniform(0, 7), reflect=True)[:, order]
        np.testing.assert_array_equal(hull.counts([W], [b]), hull.counts([turned], [b[order]]))


def test_bad_sizes():
    with pytest.raises(KgonError, match="r = 2"):
        hull.counts(np.zeros((1, 3, 6)), np.zeros((1, 6)))
