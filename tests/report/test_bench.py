"""The benchmark runs and its figures are consistent; speed itself is not tested here."""

import pytest
from support.command import need

from kgon.base.verdicts import KgonError
from kgon.report import bench


@pytest.fixture
def without_jax(monkeypatch):
    monkeypatch.setattr(bench, "installed", list)


def test_rates(without_jax):
    outcome = bench.run_benchmarks(4, repeats=2)
    assert outcome.ratio_to_jax is None
    assert "not installed" in str(outcome)
    assert len(outcome.rates) == 7
    for rate in outcome.rates:
        assert 0 < rate.slowest <= rate.per_second <= rate.fastest


def test_repeats():
    with pytest.raises(KgonError, match="repeats"):
        bench.run_benchmarks(repeats=0)


@pytest.mark.integration
def test_jax_computes_the_same_loss():
    need("jax")
    outcome = bench.run_benchmarks(6, repeats=1)  # refuses to compare unequal losses
    assert outcome.ratio_to_jax is not None
