"""Irregular minima: critical by quadrature, minima by differences, and what random descents find."""

import numpy as np
import pytest
from scipy.spatial import ConvexHull
from support import truth

from kgon.kgons.catalogue import Catalogue
from kgon.kgons.irregular import Irregular, irregular_minima, search_irregular, starts
from kgon.kgons.symmetry import rotate
from kgon.potential.descent import descend
from kgon.potential.kernels import critical
from kgon.potential.kernels._jit import known
from kgon.potential.loss import Potential
from kgon.potential.model import TMS

POINTS = {f"{c} {point.name}": (c, point) for c in (7, 8) for point in irregular_minima(c)}


def gradient(c, w):
    grad_W, grad_b = truth.gradient(w[: 2 * c].reshape(2, c), w[2 * c :], np.full(c, 1 / c), np.ones(c))
    return np.concatenate([grad_W.ravel(), grad_b])


@pytest.mark.parametrize(("c", "point"), POINTS.values(), ids=POINTS)
class TestEveryOne:
    def test_is_critical_by_the_integral(self, c, point):
        w = TMS(c).pack(point.W, point.b)
        assert np.linalg.norm(gradient(c, w)) < 1e-11
        assert truth.loss(point.W, point.b, np.full(c, 1 / c), np.ones(c)) == pytest.approx(
            point.loss, abs=1e-14
        )

    def test_is_a_minimum_by_differences_of_the_gradient(self, c, point):
        w, step = TMS(c).pack(point.W, point.b), 1e-5
        hessian = np.array(
            [(gradient(c, w + step * e) - gradient(c, w - step * e)) / (2 * step) for e in np.eye(3 * c)]
        )
        values = np.linalg.eigvalsh((hessian + hessian.T) / 2)
        assert values[0] > -1e-8
        dead = int(np.sum(~point.W.any(axis=0)))
        # flat: the rotation, dead columns, biases of mute ones
        assert int(np.sum(values < 1e-4)) == 1 + 3 * dead + point.name.mute

    def test_has_the_vertices_of_its_name(self, c, point):
        own = np.sum(point.W**2, axis=0) + point.b
        live = (own > 0.2) & (point.b < 0)
        hull = ConvexHull(point.W[:, live].T)  # columns at one vertex count once
        corners = point.W[:, live][:, hull.vertices]
        shared = [
            int(np.sum(np.linalg.norm(point.W[:, live] - corner[:, None], axis=0) < 1e-6))
            for corner in corners.T
        ]
        images = [shared[j:] + shared[:j] for j in range(len(shared))]
        assert point.name.k == len(hull.vertices)
        assert point.name.vertices == max(tuple(way) for x in images for way in (x, x[::-1]))
        assert point.name.sigma == np.sum(point.b > 0)
        silent = ~live & (point.b < 0)
        assert point.name.mute == np.sum(silent & (np.hypot(*point.W) > 0.2))

    def test_has_no_distance_to_its_images_and_one_to_others(self, c, point):
        rng = np.random.default_rng(0)
        order = rng.permutation(c)
        W, b = rotate(point.W, 2.1, reflect=True)[:, order], point.b[order]
        assert point.distance(W, b) < 1e-9
        assert point.distance(W, b + 0.02 * (b > 0)) == pytest.approx(
            0.02 * np.sqrt(point.name.sigma), abs=1e-6
        )
        assert all(point.distance(p.W, p.biases) > 0.1 for p in Catalogue(c) if p.k != point.name.k)


def test_biases_of_silent_columns_and_places_of_dead_ones_cost_no_distance():
    (doubled,) = (point for point in irregular_minima(8) if str(point.name) == "6:211111")
    dead = int(np.flatnonzero(~doubled.W.any(axis=0))[0])
    W, b = doubled.W.copy(), doubled.b.copy()
    W[:, dead], b[dead] = (0.2, 0.1), -0.9
    assert doubled.distance(W, b) < 1e-9
    b[dead] = -0.05 + 0.01  # its own input switches it on by 0.01
    assert doubled.distance(W, b) == pytest.approx(0.01, abs=1e-9)


def test_losses_of_seven_features_and_one_dead_column_more():
    losses = {str(point.name): point.loss for point in irregular_minima(7)}
    assert {name: round(7 * loss, 6) for name, loss in losses.items()} == {
        "6:211111": 0.630329,
        "5+:mute": 0.709861,
    }
    # A dead column costs 1/3 of c L and changes nothing else.
    eight = {str(point.name): point.loss for point in irregular_minima(8)}
    assert 8 * eight["6:211111"] == pytest.approx(7 * losses["6:211111"] + 1 / 3, abs=1e-12)


def test_a_doubled_vertex_lies_on_an_axis_of_symmetry():
    (doubled,) = (point for point in irregular_minima(7) if str(point.name) == "6:211111")
    apart = np.linalg.norm(doubled.W[:, :, None] - doubled.W[:, None, :], axis=0) + 9 * np.eye(7)
    first = int(np.argmin(apart.min(axis=0)))
    turned = rotate(doubled.W, -float(np.arctan2(*doubled.W[::-1, first])))
    mirrored = np.diag([1.0, -1.0]) @ turned
    for column, bias in zip(mirrored.T, doubled.b, strict=True):
        at = np.argmin(np.linalg.norm(turned - column[:, None], axis=0) + np.abs(doubled.b - bias))
        assert np.allclose(turned[:, at], column, atol=1e-9) and doubled.b[at] == pytest.approx(
            bias, abs=1e-9
        )


def test_six_features_have_none():
    assert irregular_minima(6) == () and search_irregular(6) == ()
    assert list(starts(5)) == []


@pytest.mark.parametrize(("c", "count"), [(6, 300), (7, 300), (8, 150)])
def test_descents_from_random_points_find_no_other_minimum(c, count):
    """Long descents that know no level, then root finding: every smooth minimum has a known loss."""
    tms, rng = TMS(c), np.random.default_rng(c)
    w = rng.standard_normal((count, 3 * c)) * rng.choice([0.3, 1.0], (count, 1))
    w = descend(tms, w, levels=[], max_steps=4000).w
    loss, norm = np.empty(count), np.empty(count)
    none = np.zeros(count, dtype=np.int64)
    critical.zeros(w, none, 2, c, tms.probability, tms.importance, 1e-13, 100, known(2), loss, norm)
    potential = Potential(tms)
    levels = np.array([p.loss for p in Catalogue(c)] + [p.loss for p in irregular_minima(c)])
    new, seen = [], set()
    for k in np.flatnonzero(norm <= 1e-12):
        W, b = tms.unpack(w[k])
        gaps = np.abs(levels - loss[k])
        if gaps.min() <= 1e-9:
            seen.add(int(gaps.argmin()))
        elif np.linalg.eigvalsh(potential.hessian(W, b))[0] > -1e-6:
            new.append(loss[k])
    assert new == []
    assert len(seen) >= 6
    assert c == 6 or max(seen) >= len(Catalogue(c))  # some are irregular


def test_names_say_what_is_irregular():
    assert Irregular(6, 1, (2, 1, 1, 1, 1, 1)).pretty == "6⁺ with a doubled vertex"
    assert Irregular(6, 0, (3, 1, 1, 1, 1, 1)).pretty == "6 with a tripled vertex"
    assert Irregular(6, 0, (2, 1, 2, 1, 1, 1)).pretty == "6 with columns 2 1 2 1 1 1 at its vertices"
    assert Irregular(5, 1, (1,) * 5, 2).pretty == "5⁺ with 2 mute columns"
    assert Irregular(6, 0, (2, 1, 1, 1, 1, 1), 1).name == "6:211111-mute"
    assert Irregular(5, 1, (1,) * 5, 1).latex == r"5^{+}_{\text{mute}}"
