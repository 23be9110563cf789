"""Branches that are followed: against Newton's method on quadrature, known values, and each other."""

import dataclasses
import json

import numpy as np
import pytest
from scipy.optimize import root
from support import truth
from support.exhaustive import exhaustive

from kgon.base.verdicts import KgonError
from kgon.base.work import Work
from kgon.branches import atlas
from kgon.branches.compare import continue_branch, switch_branch
from kgon.branches.energy import SampleSize, energy_points
from kgon.branches.follow import follow_branch
from kgon.branches.maxwell import maxwell_points, sheets
from kgon.branches.real_c import RegularPolygons, follow_polygon
from kgon.branches.results import KgonBranch
from kgon.branches.sample_size import follow_strength
from kgon.free_energy.crossings import n_crit
from kgon.kgons.polygons import regular_polygons
from kgon.kgons.symmetry import orbit_distance


def weights(value):
    return np.full(6, 1 / 6), np.array([1, 1, 1, 1, 1, value])


@pytest.fixture(scope="module")
def six():
    return follow_branch("6", lower=0.25, upper=3.0)


@pytest.mark.parametrize(
    ("label", "role"),
    exhaustive([("6", "vertex"), ("5+", "vertex"), ("5", "vertex")], quick=[("6", "vertex")]),
)
def test_points_are_roots_of_the_gradient_by_quadrature(label, role):
    """A general root finder on complex-step gradients, from points moved aside, comes back to the branch."""
    branch = follow_branch(label, role=role, lower=0.3, upper=2.0)
    rng = np.random.default_rng(3)
    for point in branch.points[1::9]:
        p, importance = weights(point.parameter)
        live = [j for j in range(6) if point.W[:, j].any() or point.b[j] > 0]

        def gradient(x, point=point, live=live, p=p, importance=importance):
            W, b = point.W.copy(), point.b.copy()
            W[:, live], b[live] = x[: 2 * len(live)].reshape(2, -1), x[2 * len(live) :]
            grad_W, grad_b = truth.gradient(W, b, p, importance)
            return np.concatenate([grad_W[:, live].ravel(), grad_b[live]])

        x = np.concatenate([point.W[:, live].ravel(), point.b[live]])
        assert np.abs(gradient(x)).max() < 1e-12
        found = root(gradient, x + 1e-4 * rng.standard_normal(len(x)), method="lm", options={"xtol": 1e-15})
        W, b = point.W.copy(), point.b.copy()
        W[:, live], b[live] = found.x[: 2 * len(live)].reshape(2, -1), found.x[2 * len(live) :]
        assert orbit_distance(W, b, point.W, point.b).distance < 1e-7
        assert point.loss == pytest.approx(truth.loss(W, b, p, importance), abs=1e-13)


def test_the_slope_of_the_loss_is_the_partial_one(six):
    """dL/dp = ∂L/∂p along the branch: the cubic made of it goes through the points between."""
    for sheet in sheets(six):
        every_second = dataclasses.replace(
            sheet, **{x: getattr(sheet, x)[::2] for x in ("p", "loss", "slope", "x", "arclength", "minimum")}
        )
        inner = slice(1, -1, 2)
        for p, loss in zip(sheet.p[inner], sheet.loss[inner], strict=True):
            if p <= every_second.p[-1] and p - every_second.p[0] > 0.05:
                assert every_second.at(float(p))[0] == pytest.approx(loss, abs=2e-5)
        # A central difference of the loss against the slope, where the points are dense.
        middle = np.diff(sheet.loss) / np.diff(sheet.p) - (sheet.slope[1:] + sheet.slope[:-1]) / 2
        assert np.abs(middle).max() < 5e-3


def test_what_happens_to_the_hexagon(six):
    kinds = [event.kind for event in six.events]
    assert kinds == ["region", "region", "branch point", "fold"]
    assert six.events[-1].parameter == pytest.approx(0.390357856852, abs=1e-11)
    assert six.ended == ("at 3", "at 3")
    assert {point.negative for point in six.points} == {0, 1, 2}
    assert np.all(np.diff([point.arclength for point in six.points]) > 0)


def test_a_range_that_begins_or_ends_at_the_catalogues_value():
    down = follow_branch("5+", role="vertex", lower=0.5, upper=1.0)
    up = follow_branch("5+", role="vertex", lower=1.0, upper=1.5)
    both = follow_branch("5+", role="vertex", lower=0.5, upper=1.5)
    assert down.ended == ("at 0.5", "begins at 1") and up.ended == ("begins at 1", "at 1.5")
    assert both.points[0].loss == pytest.approx(down.points[0].loss, abs=1e-14)
    assert both.points[-1].loss == pytest.approx(up.points[-1].loss, abs=1e-14)


def test_roles_that_leave_the_polygon_alone():
    """A dead or positive last column: the pentagon stays, and L is affine in its importance."""
    for label, role, slope in (("5", "dead", 1 / 18), ("5+", "positive", 1 / 18 - 1 / 144)):
        branch = follow_branch(label, role=role, lower=0.25, upper=3.0)
        assert branch.events == ()
        assert np.allclose(np.diff(branch.losses) / np.diff(branch.values), slope, atol=1e-12)


def test_branches_that_cross_at_the_pitchfork():
    halves = switch_branch("6", lower=0.25, upper=3.0)
    assert len(halves) == 2
    first, second = halves
    fold = first.events[0]
    assert fold.kind == "fold" and fold.parameter == pytest.approx(0.9433076908, abs=1e-9)
    # Mirror images of one another, and asymmetric.
    for a, b in zip(first.points[::10], second.points[::10], strict=True):
        assert a.loss == pytest.approx(b.loss, abs=1e-12)
        assert orbit_distance(a.W, a.b, b.W, b.b).distance < 1e-6
    p, importance = weights(first.points[-1].parameter)
    grad_W, grad_b = truth.gradient(first.points[-1].W, first.points[-1].b, p, importance)
    assert max(np.abs(grad_W).max(), np.abs(grad_b).max()) < 1e-12
    with pytest.raises(KgonError, match=r"1 branch points .* got number 2"):
        switch_branch("6", 2, lower=0.25, upper=3.0)


def test_maxwell_points_have_equal_loss_by_quadrature(six):
    five = follow_branch("5+", role="vertex", lower=0.25, upper=3.0)
    (event,) = maxwell_points(six, five)
    assert "6 (vertex) of index 1" in event.name
    p, importance = weights(event.parameter)
    for branch in (six, five):
        sheet = min(sheets(branch), key=lambda x: abs(x.at(event.parameter)[0] - event.loss))
        x = sheet.at(event.parameter)[1]
        for _ in range(8):
            x = x - np.linalg.solve(
                sheet.system.jacobian(x, event.parameter), sheet.system.equations(x, event.parameter)
            )
        assert truth.loss(*sheet.system.point(x), p, importance) == pytest.approx(event.loss, abs=1e-13)
    assert [x.parameter for x in maxwell_points(five, six)] == pytest.approx([event.parameter], abs=1e-12)


def test_equal_free_energy_at_the_catalogues_point_is_n_crit():
    """At the n where 5⁺ and 6 are equal with the prior's constants, the branches cross at importance 1."""
    (critical,) = [x for x in n_crit("5+", "6").roots if x.n > 10]
    six = follow_branch("6", lower=0.8, upper=1.2)
    five = follow_branch("5+", role="positive", lower=0.8, upper=1.2)
    found = energy_points(six, five, SampleSize(critical.n))
    assert [event.parameter for event in found] == pytest.approx([1.0], abs=1e-9)
    # At twice β half the n does the same, as far as λ log n goes: Δλ = 0 between these two.
    found = energy_points(six, five, SampleSize(critical.n / 2, beta=2, theory="prior"))
    assert [event.parameter for event in found] == pytest.approx([1.0], abs=1e-9)


@pytest.mark.slow
def test_the_lowest_loss_changes_hands_once():
    branches = atlas.importance_branches()
    assert len(branches) == 12
    found = atlas.exchanges(branches, atlas.all_maxwell_points(branches))
    assert [(branch.name, event.name) for branch, event in found] == [
        ("5+ (positive)", "same loss as 6 (vertex)")
    ]
    assert found[0][1].parameter == pytest.approx(0.658197812682883, abs=1e-12)


def test_polygons_with_a_real_number_of_columns():
    found = follow_polygon("5", lower=4, upper=12)
    (start, neighbour) = found.events
    assert start.kind == "border" and start.parameter == pytest.approx(4, abs=1e-9)
    assert "neighbour 2" in neighbour.name
    system = RegularPolygons()
    values = np.array([point.parameter for point in found.points])
    assert np.all(np.diff(values) > 0) and all(point.negative == 0 for point in found.points[1:])
    for k in range(5, 13):  # one curve through them all
        (polygon,) = regular_polygons(k)
        near = found.points[int(np.argmin(np.abs(values - k)))]
        x = np.array([near.length**2, near.bias])
        for _ in range(20):
            x = x - np.linalg.solve(system.jacobian(x, k), system.equations(x, k))
        assert x == pytest.approx([float(polygon.length_squared), float(polygon.bias)], abs=1e-12)
    x, c, h = np.array([1.5, -0.4]), 6.5, 1e-6
    numeric = (system.equations(x, c + h) - system.equations(x, c - h)) / (2 * h)
    assert system.derivative(x, c) == pytest.approx(numeric, abs=1e-9)


def test_the_strength_as_parameter():
    found = follow_strength("5", lower=10, upper=1e4, against=["6", "5+"])
    assert [round(event.parameter, 3) for event in found.events] == [601.005, 1593.172]
    assert all(event.status == "proved" for event in found.events)
    energies = [point.energy for point in found.points]
    assert energies[0] == pytest.approx(10 * found.points[0].loss + 7 * np.log(10) + 3.62417, abs=1e-5)


@pytest.mark.slow
def test_results_survive_json_and_folders(tmp_path):
    options = {"lower": 0.6, "upper": 1.0, "against": ["5+"], "certify": True}
    first = continue_branch("6", work=Work(folder=tmp_path), **options)
    files = sorted(path.name for path in tmp_path.iterdir())
    assert "6-vertex-backward.npz" in files and "5+-positive-proof.npz" in files and "branch.json" in files
    stamps = [path.stat().st_mtime_ns for path in sorted(tmp_path.glob("*.npz"))]
    again = continue_branch("6", work=Work(folder=tmp_path), **options)
    assert [path.stat().st_mtime_ns for path in sorted(tmp_path.glob("*.npz"))] == stamps
    with pytest.raises(KgonError, match=r'branch\.json was made with other settings \(label "6", now "5"'):
        continue_branch("5", work=Work(folder=tmp_path), **options)
    apart = continue_branch("6", work=Work(workers=2), **options)
    assert first.to_json() == again.to_json() == apart.to_json()
    back = KgonBranch.from_json(first.to_json())
    assert back.to_json() == first.to_json()
    data = json.loads(first.to_json())["data"]
    assert {"parameter", "loss"} <= set(data["points"][0])
    assert {"kind", "parameter", "lower", "upper", "status"} <= set(data["events"][0])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: follow_branch("6", lower=2, upper=3), "contains it, got 2 to 3"),
        (lambda: follow_branch("6", lower=1, upper=1), "got 1 to 1"),
        (lambda: follow_branch("6", role="dead", lower=1, upper=2), "can be vertex, got 'dead'"),
        (lambda: follow_branch("4+", parameter="probability[5]", lower=0.1, upper=0.3), "kink"),
        (lambda: follow_branch("5+", lower=1, upper=2, c=7), "takes part with W alone"),
        (lambda: SampleSize(100, theory="laplace2"), "one of none, prior, laplace, got 'laplace2'"),
        (lambda: SampleSize(0), "n must be positive"),
        (lambda: follow_polygon("5+", lower=5, upper=6), "got 5\\+"),
        (lambda: follow_polygon("5", lower=3, upper=6), "within 4 to 64"),
        (lambda: follow_strength("5", lower=0, upper=6), r"increasing, got \[0.0, 6.0\]"),
    ],
)
def test_refusals(call, words):
    with pytest.raises(KgonError, match=words):
        call()


def test_what_stops_a_branch_is_told():
    """Over its probability the saddle beyond the hexagon ends where its last column vanishes: at 5⁺."""
    branch = follow_branch("6", parameter="probability[5]", lower=0.05, upper=0.2)
    assert [event.kind for event in branch.events].count("fold") == 1
    branch = follow_branch("6", parameter="probability[5]", lower=0.05, upper=0.4)
    last = branch.points[0]
    assert "2 eigenvalues are near zero" in branch.ended[0] and np.hypot(*last.W[:, 5]) < 1e-2
    five = follow_branch("5+", parameter="probability[5]", lower=0.16, upper=0.4)
    (event,) = five.events
    assert event.kind == "inertia" and "0 → 2" in event.name
    assert last.parameter == pytest.approx(event.parameter, abs=1e-6)
    branch = follow_branch("8", parameter="importance[0,2,4,6]", lower=0.3, upper=1.0, c=8)
    assert "near a kink of the gradient" in branch.ended[0]


def test_an_unused_column_that_begins_to_take_part_ends_a_branch():
    branch = follow_branch("6", parameter="importance[6]", role="vertex", lower=0.3, upper=2.0, c=7)
    assert branch.events[0].kind == "takes part" and "takes part at 1.5122684" in branch.ended[0]
    assert all((point.b[:6] < 1e-9).sum() >= 5 and point.b[6] < 0 for point in branch.points)
