"""How often the hull rule and the nearest k-gon name posterior draws as their basin."""

import dataclasses

import numpy as np
import pytest

from kgon import KgonError, Verdict
from kgon.experiments.posterior import Chains, measure_naming
from kgon.experiments.posterior import naming as module

FEW = Chains(ensembles=4, draws=12, thin=4)


def test_at_large_n_all_ways_agree_and_at_small_n_they_do_not():
    """At n = 10⁵ a draw is within 0.05 of its minimum, much less than the thresholds of the hull."""
    found = measure_naming((50.0, 1e5), chains=FEW)
    assert found.hull[1] == found.nearest[1] == 1
    assert found.hull[0] < 0.7 and found.nearest[0] < 0.3
    assert found.misnamed_by_hull[1] == found.misnamed_by_nearest[1] == "none of 48"
    assert found.unnamed[1] == 0 < found.unnamed[0] <= 1 - found.hull[0]


def test_shares_are_those_of_the_names(monkeypatch):
    """Counted again one by one, with names of hulls that are all but one in four wrong."""
    names = module.classify

    def spoilt(W, b):
        found = names(W, b)
        known = np.arange(len(found.basin)) % 4 == 0
        return type(found)(c=found.c, model=None, **{
            "label": found.basin, "configuration": None, "distance": None, "basin": found.basin,
            "hull": np.where(known, found.basin, "none of these"),
        })  # fmt: skip

    monkeypatch.setattr(module, "classify", spoilt)
    found = measure_naming((100.0, 1e4), chains=FEW)
    assert found.hull.tolist() == [0.25, 0.25] and found.nearest.tolist() == [1, 1]
    assert found.hull_stderr.tolist() == [0, 0]  # each ensemble has three of twelve
    assert found.rises_below(1e4) is not Verdict.CONFIRMED


@pytest.mark.parametrize(
    ("shares", "verdict"),
    [([0.4, 0.6, 0.9], "CONFIRMED"), ([0.4, 0.41, 0.9], "UNDECIDED"), ([0.6, 0.4, 0.9], "REFUTED")],
)
def test_the_verdict_takes_every_step_and_its_error(shares, verdict):
    found = measure_naming((100.0, 200.0, 400.0), chains=Chains(ensembles=2, draws=4, thin=1))
    found = dataclasses.replace(found, hull=np.array(shares), hull_stderr=np.full(3, 0.02))
    assert found.rises_below(400) is Verdict[verdict]
    with pytest.raises(KgonError, match="two sizes"):
        found.rises_below(150)


@pytest.mark.parametrize("c", [3, 65])
def test_features_without_k_gons_are_refused_before_anything_is_sampled(monkeypatch, c):
    monkeypatch.setattr(module, "temper", None)
    with pytest.raises(KgonError, match=f"c must be an integer from 4 to 64, got {c}"):
        measure_naming((100.0,), c=c, chains=FEW)
