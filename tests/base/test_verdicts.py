"""Verdicts are joined by the weakest, and errors of the package bear its public name."""

import itertools
import math
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgon.base.verdicts import KgonError, UndecidedError, Verdict

WEAKEST_FIRST = [Verdict.REFUTED, Verdict.UNDECIDED, Verdict.CONFIRMED, Verdict.PROVED]


@pytest.mark.parametrize("several", [*itertools.product(Verdict, repeat=3)])
def test_the_weakest_verdict_decides(several):
    assert Verdict.joint(several) is min(several, key=WEAKEST_FIRST.index)
    assert Verdict.joint(iter(several)) is Verdict.joint(several)


def test_of_nothing_nothing_is_known():
    assert Verdict.joint([]) is Verdict.UNDECIDED


def test_a_verdict_has_no_truth_value():
    for verdict in Verdict:
        with pytest.raises(TypeError, match=r"use \.holds or `is Verdict\.PROVED`"):
            bool(verdict)
        with pytest.raises(TypeError, match=str(verdict)):
            assert verdict
        with pytest.raises(TypeError):
            any([verdict])
        assert verdict.holds is (verdict in ("PROVED", "CONFIRMED"))


def test_what_is_neither_true_nor_false_is_undecided():
    assert Verdict.of(None, proved=True) is Verdict.of(None, proved=False) is Verdict.UNDECIDED


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6), st.floats(0, 10))
def test_a_margin_decides_beyond_its_error(value, error, limit):
    verdict = Verdict.of_margin(value, error, limit)
    assert (verdict is Verdict.UNDECIDED) == (abs(value) <= limit * error)
    assert verdict is not Verdict.PROVED
    if verdict is not Verdict.UNDECIDED:
        assert verdict.holds == (value > 0)
        assert Verdict.of_margin(-value, error, limit).holds == (value < 0)


@pytest.mark.parametrize(("value", "error"), [(math.nan, 1.0), (1.0, math.nan), (1e9, math.inf), (0.0, 0.0)])
def test_a_margin_without_a_finite_value_and_error_decides_nothing(value, error):
    assert Verdict.of_margin(value, error, 3.0) is Verdict.UNDECIDED


def test_errors_bear_the_public_name():
    assert f"{KgonError.__module__}.{KgonError.__qualname__}" == "kgon.KgonError"
    assert type(pickle.loads(pickle.dumps(KgonError("no")))) is KgonError


def test_errors_are_value_errors():
    assert issubclass(KgonError, ValueError) and issubclass(UndecidedError, KgonError)
