"""The claims on sampled λ̂, by splits with parts of chosen size."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kgon.base.verdicts import Health, Verdict
from kgon.experiments.llc.bias import Amount
from kgon.report.claims.lambda_hat import lambda_hat_claims


def changed(found, label, **numbers):
    """The check with parts of one split replaced: (value, error) by name."""
    parts = {name: Amount(name=name, value=x, stderr=error) for name, (x, error) in numbers.items()}
    splits = tuple(replace(x, **parts) if x.label == label else x for x in found.splits)
    return replace(found, splits=splits)


def verdicts(found):
    return [x.verdict.value for x in lambda_hat_claims(found)]


def test_finite_n_lifts_the_published_values_and_their_sampler_lowers_them(published):
    """Both halves are decided, the second against what was said."""
    claims = lambda_hat_claims(published)
    assert verdicts(published) == ["CONFIRMED", "CONFIRMED", "REFUTED"]
    assert all(x.second_hand and x.quoted.endswith("[S]") for x in claims)
    assert "5: +" in claims[1].ours and "6: -" in claims[2].ours


@pytest.mark.parametrize(
    ("density", "verdict"),
    [((0.35, 0.03), "CONFIRMED"), ((0.33, 0.03), "UNDECIDED"), ((0.15, 0.03), "REFUTED")],
)
def test_an_overshoot_counts_beyond_half_the_spacing_and_three_errors(published, density, verdict):
    assert verdicts(changed(published, "6", density=density))[1] == verdict


@pytest.mark.parametrize(
    ("sampling", "verdict"),
    [
        ((0.15, 0.03), "CONFIRMED"),
        ((-0.15, 0.03), "CONFIRMED"),
        ((-0.17, 0.03), "UNDECIDED"),
        ((-0.1, 0.2), "UNDECIDED"),
        ((0.35, 0.03), "REFUTED"),
    ],
)
def test_the_sampler_is_acquitted_only_within_half_the_spacing(published, sampling, verdict):
    for label in ("5", "5+", "6"):
        published = changed(published, label, sampling=(0.0, 0.01))
    assert verdicts(published)[2] == "CONFIRMED"
    assert verdicts(changed(published, "5+", sampling=sampling))[2] == verdict


def test_chains_in_the_basin_that_disagree_decide_nothing(published):
    sick = Health(("the chains in the basin disagree",))
    splits = tuple(replace(x, health=sick) for x in published.splits)
    found = [x.verdict for x in lambda_hat_claims(replace(published, splits=splits))]
    assert found[1:] == [Verdict.UNDECIDED, Verdict.UNDECIDED]
    assert verdicts(changed(published, "6", whole=(2.0, 0.1)))[0] == "REFUTED"
