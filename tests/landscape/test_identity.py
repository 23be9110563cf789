"""Which roots are one critical point: planted orbits, families and coincidences, and their Hessians."""

import mpmath
import numpy as np
import pytest
from support import truth

from kgon.kgons.catalogue import Catalogue
from kgon.kgons.symmetry import rotate
from kgon.landscape.identity import described, distinct, products_and_roles
from kgon.landscape.starts import SearchSettings, roots_below, search_round
from kgon.potential.descent import Ends
from kgon.potential.loss import Potential
from kgon.potential.model import TMS

HALF = np.sqrt(0.5)
SQUARE = np.array([[1.0, 0, -1, 0], [0, 1, 0, -1]])


def ends_of(tms, points):
    """Roots as a round gives them."""
    w = np.array([tms.pack(W, b) for W, b in points])
    loss, gradient = Potential(tms).flat(w)
    norm = np.linalg.norm(gradient, axis=1)
    assert norm.max() < 1e-12
    return Ends(w=w, loss=loss, gradient_norm=norm, steps=np.zeros(len(w)), converged=norm < 1e-12)


def moved(rng, W, b):
    """Another point of the orbit."""
    Q, _ = np.linalg.qr(rng.normal(size=(len(W), len(W))))
    order = rng.permutation(len(b))
    return (Q @ W)[:, order], b[order]


def hits(points):
    return [point.hits for point in points]


@pytest.fixture(scope="module")
def five():
    """Roots of 1500 random starts at c = 5."""
    settings = SearchSettings(c=5, r=2, seed=0)
    return roots_below(search_round(settings, 1, 1500, np.empty((0, 15))), np.inf)


def test_the_list_does_not_depend_on_rotations_permutations_and_order(five):
    tms, rng = TMS(5), np.random.default_rng(0)
    other = rng.permutation(len(five.w))
    changed = ends_of(tms, [moved(rng, *tms.unpack(w)) for w in five.w[other]])
    first, second = distinct(tms, five), distinct(tms, changed)
    assert len(first) > 40
    assert sum(hits(first)) == sum(hits(second)) == len(five.w)
    for a, b in zip(first, second, strict=True):
        # within rounding, equal losses may change places
        assert a.loss == pytest.approx(b.loss, abs=1e-12)
    for name in ("hits", "kink", "isolated", "free"):
        assert sorted(getattr(x, name) for x in first) == sorted(getattr(x, name) for x in second)


def test_dead_columns_anywhere_are_one_point_and_come_to_rest():
    tms, rng = TMS(6), np.random.default_rng(1)
    pentagon = Catalogue(6)["5"]
    points = []
    for _ in range(20):
        W, b = pentagon.W.copy(), pentagon.biases.copy()
        W[:, 5] = rng.uniform(-0.15, 0.15, 2)
        b[5] = rng.uniform(-3, -0.4)
        points.append(moved(rng, W, b))
    (point,) = distinct(tms, ends_of(tms, points))
    assert (point.hits, point.index, point.nullity, point.free, point.isolated) == (20, 0, 4, 4, True)
    dead = np.argmin(np.hypot(*point.W))
    assert (point.W[:, dead].tolist(), point.b[dead]) == ([0.0, 0.0], -0.5)


def test_distinct_points_of_one_loss_stay_apart():
    """Two vertices of a square split, neighbours or opposite: equal loss, lengths, biases and spectrum."""
    tms, rng = TMS(6), np.random.default_rng(2)
    near = np.concatenate([SQUARE[:, [0, 0, 1, 1]] * HALF, SQUARE[:, 2:]], axis=1)
    far = np.concatenate([SQUARE[:, [0, 0, 2, 2]] * HALF, SQUARE[:, [1, 3]]], axis=1)
    plain = Catalogue(6)["4"]
    planted = [(near, np.zeros(6))] * 5 + [(far, np.zeros(6))] * 7 + [(plain.W, plain.biases)] * 3
    found = distinct(tms, ends_of(tms, [moved(rng, *point) for point in planted]))
    assert sorted(hits(found)) == [3, 5, 7]
    assert all(point.kink and point.isolated for point in found)
    assert np.ptp([point.loss for point in found]) < 1e-15


def test_near_duplicates_stay_apart(five):
    """0.113277435 and 0.113277452 differ by 2e-8 in loss."""
    losses = [point.loss for point in distinct(TMS(5), five) if 0.1132770 < point.loss < 0.1132780]
    assert np.round(losses, 9).tolist() == [0.113277272, 0.113277435, 0.113277452, 0.113277868]


def test_a_flat_family_is_one_with_its_corners():
    """4⁻⁻ at c = 4: two unit columns at any angle from 90° to 180°."""
    tms, rng = TMS(4), np.random.default_rng(3)
    planted = []
    for angle in [np.pi / 2] * 4 + [np.pi] * 3 + list(rng.uniform(1.7, 3.1, 20)):
        W = np.zeros((2, 4))
        W[:, 0] = [1, 0]
        W[:, 1] = rotate(W[:, :1], angle)[:, 0]
        planted.append(moved(rng, W, np.array([0, 0, -0.5, -0.7])))
    (family,) = distinct(tms, ends_of(tms, planted))
    assert (family.hits, family.isolated) == (27, False)
    # one of other lengths, of the same loss, is another
    split = np.zeros((2, 4))
    split[0, :2], split[1, 2] = HALF, 1
    other = [(split, np.array([0, 0, 0, -0.5]))] * 2
    assert sorted(hits(distinct(tms, ends_of(tms, planted + other)))) == [2, 27]


@pytest.mark.parametrize(("c", "r", "least"), [(4, 2, 4), (3, 2, 2), (4, 3, 3)])
def test_index_and_nullity_by_differences_of_the_integral(c, r, least):
    """Hessian from second differences in 50 digits, which knows nothing of the closed form."""
    tms = TMS(c, r)
    ends = search_round(SearchSettings(c=c, r=r, seed=1), 1, 500, np.empty((0, tms.dimension)))
    points = distinct(tms, roots_below(ends, np.inf))
    smooth = [point for point in points if not point.kink and point.isolated]
    # away from borders of regions, at which a difference would mix the two sides
    inside = [x for x in smooth if np.abs(x.W.T @ x.W + x.b).min() > 1e-6 and np.abs(x.b).min() > 1e-6]
    assert len(inside) >= least
    for point in inside[:least]:
        with mpmath.workdps(50):
            H = truth.LossInMpmath(tms).hessian(tms.pack(point.W, point.b), mpmath.mpf(10) ** -12)
        values = np.linalg.eigvalsh(H)
        assert np.sum(values < -1e-6) == point.index
        assert np.sum(np.abs(values) <= 1e-6) == point.nullity


def test_a_root_that_cannot_be_tidied_is_left_as_it_is():
    """A dead column that balances a positive one is heard: it must not be moved to 0."""
    tms = TMS(6)
    square = Catalogue(6)["4++-"]
    point = described(tms, tms.pack(square.W, square.biases), 2)
    assert point.norm < 1e-15
    assert point.loss == pytest.approx(square.loss, abs=1e-15)
    assert np.allclose(np.sort(np.hypot(*point.W)), [0, 0, 1, 1, 1, 1])
    assert products_and_roles(tms, tms.pack(point.W, point.b)[None])[2][0].tolist().count(1) == 1
