"""Agreement of theory and simulation: noise can never pass, and a simulation proves nothing."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.same import same

from kgon.base.agreement import Agreement
from kgon.base.verdicts import KgonError, Verdict

FINITE = st.floats(-1e12, 1e12)
POSITIVE = st.floats(1e-9, 1e6)


@given(FINITE, FINITE, POSITIVE, POSITIVE, st.none() | POSITIVE)
def test_agreements_go_to_json_and_back(expected, estimate, stderr, resolution, ess):
    agreement = Agreement.compare(expected, estimate, stderr, resolution=resolution, ess=ess)
    assert same(agreement, Agreement.from_json(agreement.to_json()))


@given(FINITE, FINITE, POSITIVE, POSITIVE)
def test_noise_never_passes(expected, estimate, stderr, resolution):
    verdict = Agreement.compare(expected, estimate, stderr, resolution=resolution).verdict
    if stderr > resolution:
        assert verdict is Verdict.UNDECIDED
    elif abs(estimate - expected) > 3 * stderr:
        assert verdict is Verdict.REFUTED
    elif abs(estimate - expected) < 2.999 * stderr:
        assert verdict is Verdict.CONFIRMED


@given(FINITE, FINITE, POSITIVE, POSITIVE, st.floats(1.0, 1e6))
def test_more_noise_never_turns_into_confirmation_beyond_the_resolution(
    expected, estimate, stderr, resolution, factor
):
    noisier = Agreement.compare(expected, estimate, stderr * factor, resolution=resolution)
    if stderr * factor > resolution:
        assert noisier.verdict is not Verdict.CONFIRMED
        assert noisier.verdict is not Verdict.PROVED


def test_simulation_proves_nothing():
    assert Agreement.compare(1, 1, 0.1, resolution=1).verdict is Verdict.CONFIRMED
    assert Verdict.of(True, proved=True) is Verdict.PROVED
    assert Verdict.of(False, proved=True) is Verdict.REFUTED
    assert Verdict.of(True, proved=False) is Verdict.CONFIRMED


@pytest.mark.parametrize(
    ("stderr", "resolution"),
    [(0.0, 1.0), (-1.0, 1.0), (math.nan, 1.0), (0.1, 0.0), (0.1, -1.0), (0.1, math.nan)],
)
def test_a_comparison_needs_a_positive_error_and_resolution(stderr, resolution):
    with pytest.raises(KgonError, match="must be positive"):
        Agreement.compare(1.0, 1.0, stderr, resolution=resolution)


def test_an_unbounded_resolution_is_no_resolution():
    with pytest.raises(KgonError, match="resolution"):
        Agreement.compare(1.0, 500.0, 1e9, resolution=math.inf)


def test_an_estimate_that_is_not_a_number_decides_nothing():
    with pytest.raises(KgonError, match="estimate"):
        Agreement.compare(1.0, math.nan, 0.1, resolution=1.0)


@pytest.mark.parametrize("stderr", [math.inf, math.nan, 0.0, -1.0])
def test_a_standard_error_is_positive_and_finite(stderr):
    with pytest.raises(KgonError, match="stderr"):
        Agreement.compare(1.0, 1.0, stderr, resolution=1.0)
