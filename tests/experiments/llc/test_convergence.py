"""λ̂ against n: towards λ where the chains are held, and marked where they left."""

import numpy as np
import pytest

from kgon.base.verdicts import KgonError
from kgon.experiments.llc.convergence import FULL, SIZES, Convergence, measure_llc_convergence
from kgon.experiments.llc.settings import PUBLISHED

EXACT = {"5": 7.0, "5+": 8.5, "6": 8.5}
"""Proved elsewhere."""


@pytest.fixture
def found(llc):
    return llc


@pytest.mark.parametrize("label", EXACT)
def test_lambda_hat_tends_to_lambda_from_below_where_it_is_held(found, label):
    """γ = 100: healthy everywhere; within 0.25, half the spacing of λ, from n = 5·10⁵."""
    points = found.series(label, "hmc", "population", 100.0)
    assert [x.localiser.n for x in points] == list(SIZES) and len(SIZES) >= 7
    assert all(x.health.good for x in points)
    assert found.exact[label] == EXACT[label]
    assert all(x.stderr < 0.08 for x in points)
    assert all(abs(x.lambda_hat - EXACT[label]) < 0.25 for x in points if x.localiser.n >= 5e5)
    assert points[0].lambda_hat < EXACT[label] - 2
    data = found.series(label, "hmc", "data", 100.0)
    assert abs(data[-1].lambda_hat - EXACT[label]) < 0.35 and data[-1].localiser.n == 5e5


def test_chains_leave_5_and_5_plus_at_the_published_size_and_are_marked(found):
    for sampler, source in (("hmc", "population"), ("sgld", "population"), ("sgld", "data")):
        for label, gone in (("5", True), ("5+", True), ("6", False)):
            first = found.series(label, sampler, source, 1.0)[0]
            assert first.localiser.n == 5000 and first.gone is gone


def test_results_survive_json_and_bad_sizes_are_refused(found):
    assert Convergence.from_json(found.to_json()).to_json() == found.to_json()
    assert "left for lower losses" in repr(found)
    for sizes in ([1], [5000.5], ["many"]):
        with pytest.raises(KgonError, match="n must be an integer of at least 2"):
            measure_llc_convergence(sizes=sizes)


@pytest.mark.slow
def test_data_sets_scatter_about_the_population():
    """Ten data sets of n = 5000: the mean differs from the population's λ̂ by less than 0.3."""
    full = measure_llc_convergence(FULL, sizes=[5000])
    for label in PUBLISHED:
        (data,) = full.series(label, "hmc", "data", 100.0)
        (population,) = full.series(label, "hmc", "population", 100.0)
        assert data.data_sets == 10 and data.health.good and population.health.good
        assert np.hypot(data.stderr, population.stderr) < 0.1
        assert abs(data.lambda_hat - population.lambda_hat) < 0.3
