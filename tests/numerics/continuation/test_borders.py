"""Branches across borders of smoothness, where the Jacobian jumps."""

import math

import numpy as np
import pytest
from support.systems import Equations, bump, followed, graph, scalar, tent

from kgon.base.verdicts import Status
from kgon.numerics.continuation import follow, resume, switch
from kgon.numerics.continuation.walk import Branch

TRUE = 1e-10


def _walk(system, x, p, **options):
    options = {"lower": -1.0, "upper": 1.0, **options}
    return followed(system, x, p, **options)


def _at(event, x, p):
    assert event.kind == "border" and event.status is Status.CONVERGED
    assert abs(event.parameter - p) <= TRUE and np.abs(event.x - np.asarray(x)).max() <= TRUE
    assert event.lower - 1e-14 <= p <= event.upper + 1e-14
    assert event.upper - event.lower <= 1e-10


@pytest.mark.parametrize(
    ("left", "right"), [(1, -1), (3, -3), (0.1, -30), (100, -100), (0.05, -0.05), (5, -0.1)]
)
def test_a_branch_turns_at_a_border(left, right):
    """The tangents may make any angle, 178.9° for slopes ±100."""
    branch = _walk(tent(left, right), [-0.5 / left], -0.5, lower=-0.9)
    assert branch.ended == "lower"
    (event,) = branch.events
    _at(event, [0], 0)
    assert event.turns and event.negative == (0, 1)
    assert branch.x[-1, 0] == pytest.approx(-0.9 / right, rel=1e-12)


@pytest.mark.parametrize(("left", "right"), [(1, 2), (1, 0.01), (1, 50), (-2, -0.3)])
def test_a_branch_goes_on_across_a_border(left, right):
    direction = 1 if left > 0 else -1
    branch = _walk(tent(left, right), [-0.5 / abs(left)], -0.5 * direction, direction=direction)
    (event,) = branch.events
    _at(event, [0], 0)
    assert not event.turns and event.negative[0] == event.negative[1]
    assert branch.x[-1, 0] == pytest.approx(1 / abs(right), rel=1e-12)
    expected = np.where(branch.x[:, 0] < 0, left, right) * branch.x[:, 0]
    assert np.abs(branch.parameter - expected).max() < 1e-12


def test_an_absolute_value():
    """|x| = p: the branches x = ±p meet at a right angle."""
    system = scalar(
        lambda x, p: abs(x) - p,
        lambda x, p: 1 if x > 0 else -1,
        lambda x, p: -1,
        watch=lambda x, p: {"zero": x},
        borders=("zero",),
    )
    branch = _walk(system, [1], 1, direction=-1)
    (event,) = branch.events
    _at(event, [0], 0)
    assert event.turns and branch.ended == "upper" and branch.x[-1, 0] == pytest.approx(-1)


@pytest.mark.parametrize("gap", [0.3, 1e-2, 1e-3, 1e-4, 1e-5])
def test_a_border_crossed_twice_within_a_step(gap):
    branch = _walk(bump(gap), [0], -1)
    assert len(branch.events) == 2
    _at(branch.events[0], [1 - gap], -math.sqrt(gap))
    _at(branch.events[1], [1 - gap], math.sqrt(gap))
    assert branch.ended == "upper"


@pytest.mark.parametrize("gap", [-1e-5, -1e-3, -1e-2])
def test_a_border_that_is_only_approached_is_no_event(gap):
    assert not _walk(bump(gap), [0], -1).events


@pytest.mark.parametrize("apart", [0.1, 1e-3, 1e-6])
def test_a_row_of_borders(apart):
    """A polygon with corners at x = 0, apart, 2 apart, … and slopes 1, 2, ½, 3, ⅓."""
    slopes = [1, 2, 0.5, 3, 1 / 3, 1]
    corners = apart * np.arange(5)

    def height(x):
        edges = np.clip(x - corners, 0, [apart] * 4 + [np.inf])
        return min(x, 0) + float(edges @ slopes[1:])

    system = graph(
        height,
        lambda x: slopes[int(np.searchsorted(corners, x, side="right"))],
        watch=lambda x, p: {f"corner {i}": x - corner for i, corner in enumerate(corners)},
        borders=[f"corner {i}" for i in range(5)],
    )
    branch = _walk(system, [-0.5], -0.5)
    assert branch.ended == "upper"
    assert [event.name for event in branch.events] == [f"corner {i}" for i in range(5)]
    for event, corner in zip(branch.events, corners, strict=True):
        _at(event, [corner], height(corner))


def _pieces(x):
    """x up to 1/2, then with slope −2."""
    return np.where(x < 0.5, x, 1.5 - 2 * x)


TWO_CORNERS = Equations(
    lambda x, p: _pieces(x) - p,
    lambda x, p: np.diag(np.where(x < 0.5, 1.0, -2.0)),
    lambda x, p: [-1, -1],
    watch=lambda x, p: {"first": x[0] - 0.5, "second": x[1] - 0.5},
    borders=("first", "second"),
)


def test_two_borders_at_once_and_an_inertia_that_jumps():
    branch = _walk(TWO_CORNERS, [0, 0], 0)
    (event,) = branch.events
    _at(event, [0.5, 0.5], 0.5)
    assert event.name == "first, second" and event.negative == (0, 2) and event.turns
    assert np.abs(branch.x[:, 0] - branch.x[:, 1]).max() < 1e-12
    after = branch.arclength >= event.arclength - 1e-9
    assert after.any() and (branch.negative == 2 * after).all()


def test_the_other_ways_on_from_two_borders():
    """Of the four half branches at (½, ½) one arrives, one is taken, and two mix the pieces."""
    (event,) = _walk(TWO_CORNERS, [0, 0], 0).events
    ways = switch(TWO_CORNERS, event)
    assert len(ways) == 2
    ends = []
    for x, p, tangent in ways:
        branch = follow(TWO_CORNERS, x, p, tangent=tangent, lower=-1, upper=1)
        assert not branch.events and branch.negative[0] == branch.negative[-1] == 1
        ends.append(tuple(np.round(branch.x[-1], 9).tolist()))
    assert sorted(ends) == [(-1.0, 1.25), (1.25, -1.0)]


def test_where_one_branch_does_not_go_on_the_end_is_told():
    """max(x, 0) = max(p, 0): beyond the corner every point is a solution."""
    system = scalar(
        lambda x, p: max(x, 0) - max(p, 0),
        lambda x, p: 1 if x > 0 else 0,
        lambda x, p: -1 if p > 0 else 0,
        watch=lambda x, p: {"x": x, "p": p},
        borders=("x", "p"),
    )
    branch = _walk(system, [0.7], 0.7, direction=-1)
    assert branch.ended == "border: no continuation" and branch.status is Status.STALLED
    (event,) = branch.events
    _at(event, [0], 0)
    assert event.name == "p, x" and switch(system, event) == []
    assert resume(system, branch).ended == "border: no continuation"


def test_a_branch_may_become_vertical_at_a_border():
    """max(x, 0) = p: for x < 0 it is the line p = 0, on which nothing else happens."""
    system = scalar(
        lambda x, p: max(x, 0) - p,
        lambda x, p: 1 if x > 0 else 0,
        lambda x, p: -1,
        watch=lambda x, p: {"zero": x, "later": x + 0.3},
        borders=("zero",),
    )
    branch = _walk(system, [0.7], 0.7, direction=-1, max_points=60)
    assert branch.ended == "max points"
    assert [event.kind for event in branch.events] == ["border", "watch"]
    _at(branch.events[0], [0], 0)
    assert abs(branch.events[1].x[0] + 0.3) < TRUE
    assert branch.x[-1, 0] < -2 and abs(branch.parameter[-1]) < 1e-15


@pytest.mark.parametrize("direction", [1, -1])
def test_a_closed_polygon(direction):
    """|x| + |p| = 1 has corners at four borders."""
    system = scalar(
        lambda x, p: abs(x) + abs(p) - 1,
        lambda x, p: np.sign(x) or 1,
        lambda x, p: np.sign(p) or 1,
        watch=lambda x, p: {"x": x, "p": p},
        borders=("x", "p"),
    )
    branch = _walk(system, [0.5], 0.5, direction=direction, lower=-2, upper=2)
    assert branch.ended == "closed"
    assert [event.name for event in branch.events] == (["x", "p"] if direction == 1 else ["p", "x"]) * 2
    assert [event.turns for event in branch.events] == [event.name == "x" for event in branch.events]
    from_corner = _walk(system, [1], 0, direction=direction, lower=-2, upper=2)
    assert from_corner.ended == "closed" and len(from_corner.events) == 4


def test_a_start_on_a_border_takes_the_side_it_leads_to():
    branch = _walk(tent(1, 2), [0], 0)
    assert not branch.events and branch.x[-1, 0] == pytest.approx(0.5)
    back = _walk(tent(1, 2), [0], 0, direction=-1)
    assert not back.events and back.x[-1, 0] == pytest.approx(-1)


def test_a_branch_inside_a_border_is_no_event():
    """x₁ = 0 all along, where ∂F/∂x₁ jumps."""
    system = Equations(
        lambda x, p: [x[0] + abs(x[0]) / 2, x[1] - p],
        lambda x, p: [[1.5 if x[0] > 0 else 0.5, 0], [0, 1]],
        lambda x, p: [0, -1],
        watch=lambda x, p: {"inside": x[0], "later": x[1] - 0.25},
        borders=("inside",),
    )
    branch = _walk(system, [0, -0.5], -0.5)
    assert [event.name for event in branch.events] == ["later"] and branch.ended == "upper"


def test_a_fold_just_after_a_border():
    """p = x up to 1/2, then 1/2 + d²/4 − (x − 1/2 − d/2)² + …: fold at x = 1/2 + 1/2."""

    def height(x):
        return x if x < 0.5 else x - (x - 0.5) ** 2

    system = graph(
        height,
        lambda x: 1 if x < 0.5 else 2 - 2 * x,
        watch=lambda x, p: {"join": x - 0.5},
        borders=("join",),
    )
    branch = _walk(system, [-0.5], -0.5)
    assert [event.kind for event in branch.events] == ["border", "fold"]
    _at(branch.events[0], [0.5], 0.5)
    assert abs(branch.events[1].parameter - 0.75) < TRUE and abs(branch.events[1].x[0] - 1) < 1e-8


@pytest.mark.parametrize("m", range(6, 16))
def test_a_branch_goes_on_from_a_border(m):
    """One of these stops in the corner."""
    whole = _walk(tent(1, -1), [-0.5], -0.5)
    corner = int(np.argmin(np.abs(whole.x[:, 0])))
    assert 6 <= corner + 1 < 16
    part = _walk(tent(1, -1), [-0.5], -0.5, max_points=m)
    again = resume(tent(1, -1), Branch.from_json(part.to_json()))
    assert (again.x == whole.x).all() and (again.negative == whole.negative).all()
    assert len(again.events) == 1
