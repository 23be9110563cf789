"""Hessians from one side: against differences of the slow gradient, and what they say of λ."""

import numpy as np
import pytest
from support import truth

from kgon.base.verdicts import KgonError, Verdict
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.kgons.one_sided import _directions, is_analytic, one_sided_hessian, one_sided_ranks
from kgon.kgons.values import rational_square


def by_differences(W, b, dW, db, t=1e-3, step=1e-6):
    """3c times the Hessian at (W, b) + t (dW, db), by differences of the gradient, columns first."""
    c = len(b)

    def gradient(W, b):
        grad_W, grad_b = truth.gradient(W, b, np.full(c, 1 / c), np.ones(c))
        return np.vstack([grad_W, grad_b]).T.ravel()

    def at(column):
        move = step * np.eye(3 * c)[column].reshape(c, 3).T
        return gradient(W + t * dW + move[:2], b + t * db + move[2])

    moved = [(at(k), -step) for k in range(3 * c)]
    base = gradient(W + t * dW, b + t * db)
    return 3 * c * np.array([(x - base) / -s for x, s in moved])


@pytest.mark.parametrize(("label", "c"), [("4", 4), ("4-", 5), ("4+", 5), ("4+-", 6)])
def test_the_limit_agrees_with_differences_beside_the_point(label, c):
    name = Label.parse(label)
    W, b = rational_square(name, c)
    for dW, db in _directions(name, c):
        exact = one_sided_hessian(W, b, dW, db)
        ours = np.array([[float(x.p) / float(x.q) for x in row] for row in exact.tolist()])
        theirs = by_differences(*(np.array(x, dtype=float) for x in (W, b, dW, db)))
        assert np.abs(ours - theirs).max() < 0.05 * max(1, np.abs(ours).max())
        assert np.array_equal(ours, ours.T)


def test_the_published_ranks_at_four_features():
    square, off = (one_sided_ranks(label, 4) for label in ("4", "4-"))
    assert [float(x) for x in square.halves] == [4, 4.5, 5, 5.5]
    assert [float(x) for x in off.halves] == [3, 3.5, 4, 4.5]
    assert square.complete is off.complete is Verdict.PROVED


@pytest.mark.parametrize("c", [4, 6])
def test_ranks_between_live_columns_and_what_rotates(c):
    """Live lengths and biases are always fixed; a rotation never is."""
    for point in Catalogue(c):
        if point.k == 4:
            found = one_sided_ranks(point.name, c)
            live = 4 - point.phi
            assert found.ranks[0] >= 2 * live and found.ranks[-1] <= 3 * c - (1 if live else 0)
            assert found.kink is not point.smooth
            if not point.sigma:
                assert found.ranks[0] == 2 * live and found.complete is Verdict.PROVED
                assert found.ranks[0] <= 2 * point.lambda_ <= found.ranks[-1]
            else:
                assert found.complete is (Verdict.UNDECIDED if live else Verdict.PROVED)


@pytest.mark.parametrize("c", [5, 8])
def test_where_the_loss_is_analytic(c):
    """Nowhere does a k-gon sit on a border that is not a kink, too."""
    for point in Catalogue(c):
        assert is_analytic(point.name, c) is (point.k > 4 or point.phi == 4)
        assert point.smooth is is_analytic(point.name, c)


def test_a_polygon_with_one_hessian_is_refused():
    with pytest.raises(KgonError, match="5\\+ has one Hessian"):
        one_sided_ranks("5+")
    with pytest.raises(KgonError, match="needs at least"):
        one_sided_ranks("4", 3)
