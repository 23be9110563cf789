import math
from fractions import Fraction

import numpy as np
import pytest

from kgon.base import checks
from kgon.base.verdicts import KgonError

NOTHING = [None, "six", [], {}, object(), True, np.True_, 1j, math.nan, [1, 2], np.arange(3), Ellipsis]
"""What is no number at all."""


@pytest.mark.parametrize("value", NOTHING, ids=lambda value: type(value).__name__)
def test_what_is_no_number_is_refused_with_one_sentence(value):
    for check in (
        lambda: checks.check_integer("n", value, 1),
        lambda: checks.check_seed(value),
        lambda: checks.check_number("n", value),
        lambda: checks.check_positive("n", value),
        lambda: checks.check_choice("n", value, ("a", "b")),
    ):
        with pytest.raises(KgonError, match=r"^\w+ must be .*, got .") as caught:
            check()
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("six", [6, np.int8(6), np.int64(6), np.uint16(6)], ids=repr)
def test_integers_of_numpy_count(six):
    assert type(checks.check_integer("n", six, 6, 6)) is int
    assert type(checks.check_seed(six)) is int
    assert checks.check_number("n", six) == checks.check_positive("n", six) == 6.0


@pytest.mark.parametrize("half", [0.5, np.float32(0.5), np.float64(0.5), Fraction(1, 2)], ids=repr)
def test_numbers_of_numpy_count(half):
    assert type(checks.check_number("x", half, 0, 1)) is float
    assert checks.check_positive("x", half) == 0.5
    with pytest.raises(KgonError, match="x must be an integer of at least 0"):
        checks.check_integer("x", half, 0)


@pytest.mark.parametrize("value", [0, -1, math.inf, -math.inf, 10**400, np.float64("inf")], ids=str)
def test_positive_is_positive_and_finite(value):
    with pytest.raises(KgonError, match=r"^tol must be positive and finite, got "):
        checks.check_positive("tol", value)


def test_bounds_are_named():
    for call, message in (
        (lambda: checks.check_number("x", 2, 0, 1), "x must be a number from 0 to 1, got 2"),
        (lambda: checks.check_number("x", -1, 0), "x must be a finite number of at least 0, got -1"),
        (lambda: checks.check_number("x", math.inf), "x must be a finite number, got inf"),
        (lambda: checks.check_positive("n", np.float64(1), 1), "n must be a finite number above 1, got 1.0"),
        (lambda: checks.check_integer("c", 3, 4), "c must be an integer of at least 4, got 3"),
        (lambda: checks.check_integer("c", np.int64(65), 4, 64), "c must be an integer from 4 to 64, got 65"),
        (lambda: checks.check_choice("way", "up", ("a", "b")), "way must be one of a, b, got 'up'"),
        (lambda: checks.check_seed(-1), "seed must be an integer of at least 0, got -1"),
    ):
        with pytest.raises(KgonError) as caught:
            call()
        assert str(caught.value) == message


def test_a_long_value_is_cut():
    with pytest.raises(KgonError, match=r"got array\(\[.* …$") as caught:
        checks.check_positive("x", np.zeros((50, 50)))
    assert len(str(caught.value)) < 200 and "\n" not in str(caught.value)


def test_increasing_numbers():
    assert checks.check_increasing("n", (1, np.int64(2), 3.5)).tolist() == [1.0, 2.0, 3.5]
    assert checks.check_increasing("t", [0, 1], zero=True).tolist() == [0.0, 1.0]
    for values in ([0, 1], [2, 1], [1, 1], [-1, 2], [], 1.0, [[1, 2]], [1, math.inf], [math.nan]):
        with pytest.raises(KgonError, match="n must be positive, finite and increasing, got"):
            checks.check_increasing("n", values)
    with pytest.raises(KgonError, match="t must be finite and increasing from 0 or more"):
        checks.check_increasing("t", [-1, 2], zero=True)
    with pytest.raises(KgonError, match="n must hold real numbers"):
        checks.check_increasing("n", ["1", "2"])
    with pytest.raises(KgonError, match="n is not a rectangular array"):
        checks.check_increasing("n", [[1], [2, 3]])
