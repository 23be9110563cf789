"""Nearest k-gon and verification: symmetry, flat families, near-misses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linear_sum_assignment, minimize, minimize_scalar
from support.exhaustive import exhaustive

from kgon.base.verdicts import KgonError, Verdict
from kgon.kgons import nearest_kgon
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.kgons.nearest_kgon import nearest
from kgon.kgons.symmetry import rotate
from kgon.kgons.values import standard_point
from kgon.potential.kernels import flat_sets
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.proofs.verification import verify

POINTS = list(Catalogue(6))


@pytest.mark.parametrize("c", [4, 5, 7])
def test_every_kgon_is_nearest_to_itself(c):
    for point in Catalogue(c):
        found = nearest(point.W, point.biases)
        assert found.label == str(point.name)
        assert found.distance < 1e-12


@given(
    index=st.integers(0, len(POINTS) - 1),
    order=st.permutations(range(6)),
    angle=st.floats(0, 7),
    reflect=st.booleans(),
)
def test_the_answer_does_not_depend_on_the_representative(index, order, angle, reflect):
    point = POINTS[index]
    W = rotate(point.W, angle, reflect=reflect)[:, order]
    found = nearest(W, point.biases[order])
    assert found.label == str(point.name)
    assert found.distance < 1e-12
    # dead and switched-off columns may be exchanged: both are free to move
    kept = [j for j, role in enumerate(point.name.roles(6)) if role in ("live", "positive")]
    np.testing.assert_allclose(point.biases[order][found.columns][kept], point.biases[kept], atol=1e-12)


def test_a_dead_column_moves_freely_inside_its_pentagon():
    point = Catalogue(6)["5"]
    W, b = point.W.copy(), point.biases.copy()
    W[:, 5], b[5] = (0.1, 0.05), -0.4
    assert nearest(W, b).distance < 1e-12
    assert Potential(TMS(6)).gradient_norm(W, b) < 1e-15


def test_outside_the_pentagon_the_distance_is_that_of_the_nearest_flat_point():
    """Against a second algorithm: a dense grid on the pentagon's flat set."""
    point = Catalogue(6)["5"]
    W, b = point.W.copy(), point.biases.copy()
    W[:, 5], b[5] = (0.3, 0.1), -0.2
    x, y = np.meshgrid(np.linspace(-0.4, 0.4, 801), np.linspace(-0.4, 0.4, 801))
    live = point.W[:, :5]
    inner = np.tensordot(live.T, np.stack([x, y]), axes=1)
    allowed = (inner <= -point.biases[0]).all(axis=0)
    ceiling = -np.maximum(inner.max(axis=0), x**2 + y**2)
    gap = (x - 0.3) ** 2 + (y - 0.1) ** 2 + np.maximum(b[5] - ceiling, 0) ** 2
    expected = np.sqrt(gap[allowed].min())
    # the live columns stay in place: the true distance can only be smaller by turning the polygon
    assert nearest(W, b).distance == pytest.approx(expected, abs=2e-3)


def test_a_switched_off_column_may_leave_its_vertex_only_without_a_positive_column():
    # 4+- with its column moved is no longer critical: nearer is 4-, at the distance 1/(2c) that
    # switches its positive column off
    for label, near, expected in (("4-", "4-", 0.0), ("4+-", "4-", 1 / 12)):
        point = Catalogue(6)[label]
        W, b = point.W.copy(), point.biases.copy()
        W[:, 0] *= 0.5
        found = nearest(W, b)
        assert found.label == near
        assert found.distance == pytest.approx(expected, abs=1e-9)
        norm = Potential(TMS(6)).gradient_norm(W, b)
        assert (norm < 1e-15) == (label == "4-")


def test_gradient_descent_from_noise_ends_at_a_catalogued_kgon():
    rng = np.random.default_rng(5)
    tms = TMS(6)
    potential = Potential(tms)

    def objective(w):
        W, b = tms.unpack(w)
        loss, grad_W, grad_b = potential.loss_and_gradient(W, b)
        return loss, np.concatenate([grad_W.ravel(), grad_b])

    point = Catalogue(6)["6"]
    start = tms.pack(point.W, point.biases) + rng.normal(0, 0.02, 18)
    W, b = tms.unpack(minimize(objective, start, jac=True, method="BFGS", options={"gtol": 1e-12}).x)
    found = verify(W, b)
    assert (found.nearest, found.critical) == ("6", Verdict.PROVED)
    assert found.distance < 1e-6


def cost_at(label, W, b, angle, reflect):
    """cost[j, i] of column i as column j of the representative, the point turned by ``angle``."""
    c = len(b)
    target, target_b = standard_point(label, c)
    x = rotate(W, angle, reflect=reflect)
    cost = np.empty((c, c))
    live = [j for j, role in enumerate(label.roles(c)) if role == "live"]
    box = [0.0, 0.0, 0.0, 0.0] if label.k > 4 else [
        0.0 if 2 in live else -np.inf, 0.0 if 0 in live else np.inf,
        0.0 if 3 in live else -np.inf, 0.0 if 1 in live else np.inf,
    ]  # fmt: skip
    for j, role in enumerate(label.roles(c)):
        if role in ("live", "positive") or label.sigma:
            gap = b - target_b[j]
            if role in ("dead", "switched-off"):
                gap = np.maximum(b + target[:, j] @ target[:, j], 0)
            cost[j] = np.sum((x - target[:, [j]]) ** 2, axis=0) + gap**2
        elif label.k > 4:
            length, bias = target[0, 0], target_b[0]
            cost[j] = [
                flat_sets.beside_polygon(np.hypot(*w), np.arctan2(w[1], w[0]), e, label.k, length, -bias)[0]
                for w, e in zip(x.T, b, strict=True)
            ]
        else:
            cost[j] = [
                flat_sets.beside_square(w[0], w[1], e, np.array(box))[0] for w, e in zip(x.T, b, strict=True)
            ]
    return cost


def distance_by_grid(W, b, label, angles=120):
    """Distance to one label: the best permutation at every angle of a grid, then between its points."""

    def at(angle, reflect):
        cost = cost_at(label, W, b, angle, reflect)
        return cost[linear_sum_assignment(cost)].sum()

    step = 2 * np.pi / angles
    grid = sorted(
        (at(k * step, reflect), k * step, reflect) for k in range(angles) for reflect in (False, True)
    )
    best = grid[0][0]
    for _, angle, reflect in grid[:6]:
        found = minimize_scalar(
            at,
            args=(reflect,),
            bounds=(angle - step, angle + step),
            method="bounded",
            options={"xatol": 1e-9},
        )
        best = min(best, found.fun)
    return np.sqrt(max(best, 0.0))


@pytest.mark.parametrize("c", exhaustive([4, 5, 6], quick=[5]))
@pytest.mark.parametrize("kind", exhaustive(["random", "near", "degenerate"], quick=["near"]))
def test_nearest_against_a_grid_of_angles_and_all_labels(c, kind):
    rng = np.random.default_rng([c, len(kind)])
    labels = Catalogue(c).labels
    for _ in range(3):
        W, b = rng.normal(0, 0.9, (2, c)), rng.normal(-0.2, 0.6, c)
        if kind == "near":
            W, b = standard_point(labels[rng.integers(len(labels))], c)
            W, b = W + rng.normal(0, 0.15, (2, c)), b + rng.normal(0, 0.15, c)
        if kind == "degenerate":  # equal columns, columns on the axes, biases on the borders
            W, b = np.round(W), np.round(b)
        found = nearest(W, b)
        every = [distance_by_grid(W, b, label) for label in labels]
        assert found.distance == pytest.approx(min(every), abs=2e-7)  # the grid's end is not polished further
        assert every[labels.index(Label.parse(found.label))] == pytest.approx(found.distance, abs=2e-7)


def test_the_grid_notices_a_wrong_distance():
    W, b = standard_point(Label(4, 0, 1), 5)
    assert distance_by_grid(W * 1.01, b, Label(4, 0, 1)) > 0.01
    assert distance_by_grid(W, b, Label(5)) > 0.3


@given(
    values=arrays(float, 18, elements=st.floats(-2, 2)),
    order=st.permutations(range(6)),
    angle=st.floats(0, 7),
    reflect=st.booleans(),
)
def test_distance_is_invariant(values, order, angle, reflect):
    W, b = values[:12].reshape(2, 6), values[12:]
    moved = nearest(rotate(W, angle, reflect=reflect)[:, order], b[order])
    # 1e-10 of the squared distance, twice, and rounding where the distance is nearly 0
    assert moved.distance == pytest.approx(nearest(W, b).distance, rel=2e-10, abs=1e-9)


def test_distance_is_lipschitz():
    """It is the distance to a set: moving the point by s changes it by at most s."""
    rng = np.random.default_rng(8)
    for _ in range(300):
        W, b = rng.normal(0, 0.8, (2, 6)), rng.normal(-0.2, 0.5, 6)
        dW, db = rng.normal(0, 0.05, (2, 6)), rng.normal(0, 0.05, 6)
        size = np.sqrt(np.sum(dW**2) + np.sum(db**2))
        assert abs(nearest(W + dW, b + db).distance - nearest(W, b).distance) <= size + 1e-9


def test_the_columns_are_where_the_distance_says():
    """Where a label pins every column: those of the answer, aligned by Procrustes, are at the distance."""
    rng = np.random.default_rng(9)
    for label in map(Label.parse, ("6", "5+", "4++", "4++-", "4++--:opposite")):
        target, target_b = standard_point(label, 6)
        q = np.linalg.qr(rng.normal(size=(2, 2)))[0]
        order = rng.permutation(6)
        W = (q @ (target + rng.normal(0, 0.02, (2, 6))))[:, order]
        b = (target_b + rng.normal(0, 0.02, 6))[order]
        found = nearest(W, b)
        assert found.label == str(label)
        u, _, vt = np.linalg.svd(target @ W[:, found.columns].T)
        off = [j for j, role in enumerate(label.roles(6)) if role == "switched-off"]
        gap = b[found.columns] - target_b
        gap[off] = np.maximum(b[found.columns][off] + 1, 0)
        distance = np.sqrt(np.sum((u @ vt @ W[:, found.columns] - target) ** 2) + np.sum(gap**2))
        assert found.distance == pytest.approx(distance, abs=1e-12)


def test_many_points_are_the_points_one_by_one():
    rng = np.random.default_rng(10)
    W, b = rng.normal(0, 0.8, (40, 2, 7)), rng.normal(-0.2, 0.5, (40, 7))
    row, distance = nearest_kgon.nearest_of_many(W, b)
    for p in range(40):
        found = nearest(W[p], b[p])
        assert (str(Catalogue(7).labels[row[p]]), distance[p]) == (found.label, found.distance)


def test_more_features_use_a_multi_start_search(monkeypatch):
    for label in (Label(11), Label(12), Label(10, 1), Label(4, 2, 1), Label(4, 0, 2), Label(5)):
        W, b = standard_point(label, 12)
        rng = np.random.default_rng(12)
        order = rng.permutation(12)
        found = nearest(rotate(W, 1.0, reflect=True)[:, order], b[order])
        assert found.label == str(label) and found.distance < 1e-12
    # Where both searches run, the multi-start one finds nothing nearer, and mostly the same.
    W, b = rng.normal(0, 0.8, (25, 2, 6)), rng.normal(-0.2, 0.5, (25, 6))
    _, exact = nearest_kgon.nearest_of_many(W, b)
    monkeypatch.setattr(nearest_kgon, "MAX_EXACT", 5)
    _, searched = nearest_kgon.nearest_of_many(W, b)
    assert np.all(searched >= exact * (1 - 1e-9))
    assert np.median(searched - exact) < 1e-9


def test_bad_points():
    with pytest.raises(KgonError, match="one point"):
        nearest(np.zeros((3, 2, 6)), np.zeros((3, 6)))
    with pytest.raises(KgonError, match="many points"):
        nearest_kgon.nearest_of_many(np.zeros((2, 6)), np.zeros(6))
    with pytest.raises(KgonError, match="c <= 64"):
        nearest(np.zeros((2, 65)), np.zeros(65))
    with pytest.raises(KgonError, match="finite"):
        nearest(np.full((2, 6), np.nan), np.zeros(6))


def test_bad_shapes():
    with pytest.raises(KgonError, match="r = 2"):
        nearest(np.eye(3), np.zeros(3))
