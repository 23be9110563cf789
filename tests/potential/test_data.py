"""Samples of the data distribution."""

import numpy as np
import pytest
from scipy import stats

from kgon.base.verdicts import KgonError
from kgon.potential.data import sample
from kgon.potential.model import TMS


def test_features_follow_the_probabilities():
    p = np.array([0.5, 0.3, 0.15, 0.05])
    feature, _ = sample(TMS(4, probability=p), 100_000, seed=1)
    counts = np.bincount(feature, minlength=4)
    assert stats.chisquare(counts, 100_000 * p).pvalue > 1e-3
    assert stats.chisquare(counts, np.full(4, 25_000)).pvalue < 1e-9  # and not the uniform ones


def test_amplitudes_are_uniform_and_independent_of_the_feature():
    feature, amplitude = sample(TMS(3), 100_000, seed=2)
    assert amplitude.min() >= 0 and amplitude.max() < 1
    for i in range(3):
        assert stats.kstest(amplitude[feature == i], "uniform").pvalue > 1e-3


def test_a_feature_without_probability_never_occurs():
    feature, _ = sample(TMS(3, probability=[0.5, 0, 0.5]), 10_000, seed=3)
    assert set(feature.tolist()) == {0, 2}


def test_the_seed_decides_everything():
    first, again, other = (sample(TMS(6), 1000, seed=s) for s in (5, 5, 6))
    assert np.array_equal(first[0], again[0]) and np.array_equal(first[1], again[1])
    assert not np.array_equal(first[1], other[1])
    assert first[0].dtype == np.int64 and first[1].dtype == np.float64


@pytest.mark.parametrize("n", [0, -1, 2.5, True, "10", None])
def test_the_size_is_checked(n):
    with pytest.raises(KgonError, match="n must be an integer of at least 1, got"):
        sample(TMS(6), n, seed=0)
