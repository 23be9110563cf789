"""Courses: what is followed, over which range and which ways, and what it is compared with."""

import pytest

from kgon.base.verdicts import KgonError
from kgon.branches.course import FEWEST, STEPS, Course


@pytest.mark.parametrize(
    ("lower", "upper", "ways"), [(0.5, 1.0, (-1,)), (1.0, 1.5, (1,)), (0.5, 1.5, (-1, 1))]
)
def test_the_ways_are_those_in_which_the_range_goes_on(lower, upper, ways):
    course = Course.of("6", "importance[5]", lower, upper)
    assert course.ways == ways and course.start == 1.0
    assert course.steps.longest == STEPS.longest


def test_on_a_wide_range_the_steps_are_longer():
    course = Course.of("6", "importance[5]", 1.0, 1001.0, points=70)
    assert course.steps.longest == 1000.0 / FEWEST and course.steps.max_points == 70


def test_a_course_is_compared_with_every_other_role_and_not_with_itself():
    course = Course.of("5+", "importance[5]", 0.5, 1.0, role="vertex")
    others = list(course.against(["5+", "6"]))
    assert [(str(x.label), x.role) for x in others] == [("5+", "positive"), ("6", "vertex")]
    assert {(x.lower, x.upper, x.parameter.name) for x in others} == {(0.5, 1.0, "importance[5]")}


@pytest.mark.parametrize(("lower", "upper"), [(1.0, 1.0), (0.2, 0.9), (1.1, 2.0)])
def test_a_range_without_its_start_or_without_length_is_refused(lower, upper):
    with pytest.raises(KgonError, match="give a range that contains it"):
        Course.of("6", "importance[5]", lower, upper)
