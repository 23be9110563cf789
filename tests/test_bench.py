"""The benchmark runs and its figures are consistent; speed itself is not tested here."""

import pytest
from command import need

from kgon import bench
from kgon.results import KgonError


@pytest.fixture
def without_jax(monkeypatch):
    monkeypatch.setattr(bench.importlib.util, "find_spec", lambda name: None)


def test_rates(without_jax):
    outcome = bench.bench(4, repeats=2)
    assert outcome.ratio_to_jax is None
    assert "not installed" in str(outcome)
    assert len(outcome.rates) == 7
    for rate in outcome.rates:
        assert 0 < rate.slowest <= rate.per_second <= rate.fastest


def test_repeats():
    with pytest.raises(KgonError, match="repeats"):
        bench.bench(repeats=0)


@pytest.mark.integration
def test_jax_computes_the_same_loss():
    need("jax")
    outcome = bench.bench(6, repeats=1)  # refuses to compare unequal losses
    assert outcome.ratio_to_jax is not None
