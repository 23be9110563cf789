"""Every theory beside the sampled evidence."""

import numpy as np
import pytest

from kgon.base.verdicts import KgonError
from kgon.experiments.posterior.theory_curves import hold_against
from kgon.kgons.catalogue import Catalogue


def test_without_constants_a_gap_is_n_times_that_of_the_losses_and_lambda_log_n(evidence):
    found = hold_against(evidence, [])
    assert found.n[0] == 50 and found.n[-1] == 650 and list(found.sizes) == [50, 150, 300, 650]
    points = Catalogue(6)
    for label, coefficient in {"5": 7, "5+": 8.5, "6": 8.5}.items():
        loss = points[label].loss - points["6"].loss
        expected = loss * found.n + (coefficient - 8.5) * np.log(found.n)
        np.testing.assert_allclose(found.gaps["none"][label], expected, rtol=0, atol=1e-9)


def test_shares_add_up_to_one_and_at_its_sizes_the_evidence_is_what_was_measured(evidence):
    found = hold_against(evidence, [])
    np.testing.assert_allclose(sum(found.shares["none"].values()), 1, rtol=0, atol=1e-12)
    for label, (share, error) in found.measured.items():
        assert share.shape == error.shape == (4,)
        near = found.sampled[label][[0, -1]]  # the curve ends at the least and the largest size
        np.testing.assert_allclose(near, share[[0, -1]], rtol=0, atol=1e-9, equal_nan=True)


def test_a_temperature_moves_the_sizes_alone(evidence):
    cold, warm = hold_against(evidence, []), hold_against(evidence, [], beta=2)
    np.testing.assert_allclose(2 * warm.n, cold.n, rtol=1e-12)
    np.testing.assert_allclose(2 * warm.sizes, cold.sizes, rtol=1e-12)
    for label, share in cold.sampled.items():
        np.testing.assert_allclose(warm.sampled[label], share, rtol=0, atol=1e-9, equal_nan=True)


def test_evidence_of_other_features_is_no_evidence(evidence):
    with pytest.raises(KgonError, match="has 6 features, not 7"):
        hold_against(evidence, [], c=7)
