"""Nearest k-gon and verification: symmetry, flat families, near-misses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from kgon import classify
from kgon.catalogue import Catalogue
from kgon.classify import nearest, verify
from kgon.geometry import rotate
from kgon.model import TMS
from kgon.potential import Potential
from kgon.results import KgonError, Verdict

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


def test_near_misses_are_refuted():
    for label in ("4", "4++", "5", "5+", "6"):
        point = Catalogue(6)[label]
        for j in range(2):
            b = point.biases.copy()
            b[j] += 1e-4
            assert verify(point.W, b).critical is Verdict.REFUTED
        assert verify(point.W * 1.00001, point.biases).critical is Verdict.REFUTED


def test_where_l_is_not_differentiable_nothing_is_critical():
    found = verify(np.zeros((2, 4)), np.array([0.0, -1, -1, -1]))
    assert found.critical is Verdict.REFUTED
    assert "linearly" in found.reason
    # the near-miss: just inside the dead region all is flat
    assert verify(np.zeros((2, 4)), np.full(4, -1e-9)).critical is not Verdict.REFUTED


def test_other_sizes_have_no_nearest_kgon():
    found = verify(np.eye(3), np.zeros(3))
    assert (found.nearest, found.distance) == (None, None)
    assert found.critical is Verdict.CONFIRMED  # the identity is perfect at r = c = 3
    skewed = TMS(6, importance=[1, 1, 1, 1, 1, 2])
    point = Catalogue(6)["6"]
    assert verify(point.W, point.biases, tms=skewed).nearest is None


@pytest.mark.parametrize("tol", [0, -1, np.nan, np.inf])
def test_bad_tolerance(tol):
    with pytest.raises(KgonError, match="tol must be positive"):
        verify(np.eye(3), np.zeros(3), tol=tol)


def test_bad_shapes():
    with pytest.raises(KgonError, match="r = 2"):
        nearest(np.eye(3), np.zeros(3))
    with pytest.raises(KgonError, match="one point"):
        verify(np.zeros((5, 2, 6)), np.zeros((5, 6)))


def test_labels_left_out_by_the_bound_are_not_nearer():
    """Against the distance to every label, without the bound."""
    rng = np.random.default_rng(11)
    for _ in range(12):
        c = int(rng.integers(4, 8))
        W, b = rng.normal(0, 0.9, (2, c)), rng.normal(-0.2, 0.6, c)
        targets = [classify._Target.of(W, b, label) for label in Catalogue(c).labels]
        every = [target.distance(W, b).distance for target in targets]
        assert nearest(W, b).distance == pytest.approx(min(every), abs=1e-12)
        assert all(t.bound <= found + 1e-9 for t, found in zip(targets, every, strict=True))
