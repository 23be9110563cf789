"""How branches begin, end, stop and go on; their options."""

import itertools
import math

import numpy as np
import pytest
from support.systems import CIRCLE, FOLD, PITCHFORK, bratu, cusp, followed, graph, scalar

from kgon.base.verdicts import KgonError, Status
from kgon.numerics.continuation import resume
from kgon.numerics.continuation.walk import Branch


def _walk(system, x, p, **options):
    options = {"lower": -2.0, "upper": 2.0, **options}
    return followed(system, x, p, **options)


def _kinds(branch):
    return [event.kind for event in branch.events]


def test_a_branch_is_the_same_every_time():
    first, second = (_walk(bratu(2), np.zeros(2), 0.3, upper=5, lower=0.3) for _ in range(2))
    assert first.of("branch point")
    assert first.to_json() == second.to_json()


@pytest.mark.parametrize("m", [1, 2, 7, 20, 33])
def test_a_branch_goes_on_where_it_stopped(m):
    whole = _walk(bratu(2), [0, 0], 1, upper=5, lower=1)
    part = _walk(bratu(2), [0, 0], 1, upper=5, lower=1, max_points=m)
    assert part.ended == "max points" and part.status is Status.EXHAUSTED and len(part.parameter) == m
    again = resume(bratu(2), Branch.from_json(part.to_json()))
    for name in ("parameter", "x", "tangent", "negative", "arclength"):
        assert (getattr(again, name) == getattr(whole, name)).all()
    assert again.ended == whole.ended and again.steps.step == whole.steps.step
    for event, other in zip(again.events, whole.events, strict=True):
        assert event.kind == other.kind and abs(event.parameter - other.parameter) < 1e-14


def test_a_closed_branch_closes_after_an_interruption():
    whole = _walk(CIRCLE, [0.6], 0.8)
    part = _walk(CIRCLE, [0.6], 0.8, max_points=10)
    again = resume(CIRCLE, part)
    assert again.ended == "closed" and (again.x == whole.x).all()
    assert resume(CIRCLE, again).data() == again.data()


def test_a_branch_can_be_continued_further():
    part = _walk(cusp(1), [-1.5], -(1.5**3) + 1.5, lower=-3, upper=0)
    assert part.ended == "upper" and part.parameter[-1] == 0 and not part.events
    further = resume(cusp(1), part, upper=3)
    assert _kinds(further) == ["fold", "fold"] and further.parameter[-1] == 3
    with pytest.raises(KgonError, match="no point of a solution curve"):
        resume(cusp(2), part)


def test_backwards_is_the_same_curve():
    forth = _walk(cusp(1), [-1.5], -(1.5**3) + 1.5, lower=-3)
    back = _walk(cusp(1), forth.x[-1], 2.0, direction=-1, lower=-(1.5**3) + 1.5)
    assert back.ended == "lower" and abs(back.x[-1, 0] + 1.5) < 1e-12
    for event, other in zip(forth.events, reversed(back.events), strict=True):
        assert abs(event.parameter - other.parameter) < 1e-14
        assert event.negative == other.negative[::-1]


def test_the_start_is_corrected():
    branch = _walk(FOLD, [1.05], -1)
    assert branch.parameter[0] == -1 and abs(branch.x[0, 0] - 1) < 1e-14
    at_fold = _walk(FOLD, [0.01], 0.0, lower=-1)  # no solution at p slightly above
    assert abs(at_fold.x[0, 0] ** 2 + at_fold.parameter[0]) < 1e-12


def test_a_step_that_cannot_be_made_ends_the_branch():
    """p = √x cannot be followed into x < 0."""
    system = graph(
        lambda x: math.sqrt(x) if x >= 0 else math.nan, lambda x: 0.5 / math.sqrt(abs(x) or 1e-300)
    )
    branch = _walk(system, [1], 1, direction=-1)
    assert branch.ended == "step too small" and branch.status is Status.STALLED
    assert branch.x[-1, 0] < 1e-3


def test_progress_is_told():
    lines = []
    branch = _walk(FOLD, [1], -1, progress=lines.append)
    assert len(lines) >= len(branch.parameter) - 1 and "points" in lines[-1]


def test_a_branch_prints_itself():
    branch = _walk(FOLD, [1], -1)
    assert "1 event," in repr(branch) and "fold" in str(branch)
    assert "fold at p =" in repr(branch.events[0]) and "interval" in str(branch.events[0])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lower": 1.0, "upper": 1.0}, "lower must be less than upper, got 1 and 1"),
        ({"lower": 0.0}, r"p must lie in \[lower, upper\] = \[0, 2\], got -1"),
        ({"direction": 0}, "direction must be 1 or -1, got 0"),
        ({"step": 0.2}, "0 < shortest <= step <= longest, got shortest=1e-09, step=0.2, longest=0.1"),
        ({"max_points": 0}, "max_points must be an integer of at least 1, got 0"),
        ({"tangent": [1.0]}, r"tangent must have n \+ 1 = 2 numbers, not all zero, got \[1.0\]"),
        ({"flat": 1}, "flat must be an integer from 0 to 0, got 1"),
        ({"tol": 0.0}, "tol must be positive and finite, got 0"),
    ],
)
def test_options_are_checked(options, message):
    with pytest.raises(KgonError, match=message):
        _walk(FOLD, [1], -1, **options)


def test_starts_without_a_curve_are_refused():
    with pytest.raises(KgonError, match="no solution"):
        _walk(scalar(lambda x, p: x * x + 1 + p * p, lambda x, p: 2 * x, lambda x, p: 2 * p), [1], 0)
    with pytest.raises(KgonError, match="give flat= if that is so by design"):
        _walk(PITCHFORK, [0], 0)


def test_a_start_at_a_branch_point_needs_a_tangent():
    for tangent, direction in itertools.product(([1, 0], [0, 1]), (1, -1)):
        branch = _walk(PITCHFORK, [0], 0, tangent=np.array(tangent, float), direction=direction, upper=1)
        assert not branch.events
        end = (branch.x[-1, 0], branch.parameter[-1])
        assert end == pytest.approx((direction, 1) if tangent[0] else (0, (-2, 1)[direction == 1]))
