"""Claims: the rules can refute, and the verdicts are the ones the mathematics gives."""

from fractions import Fraction

import pytest
from flint import arb

from kgon.experiments.claims import claims, loss_gap, rounding_claim, sampled_claims
from kgon.experiments.evidence import evidence
from kgon.results import Verdict


@pytest.fixture(scope="module")
def found():
    return {claim.name: claim for claim in claims()}


def test_rounding_rule():
    assert rounding_claim("x", "0.0482", arb("0.04819237")).verdict is Verdict.PROVED
    assert rounding_claim("x", "0.0481", arb("0.04819237")).verdict is Verdict.REFUTED
    assert rounding_claim("x", "0.0482", arb(0.04825, 1e-9)).verdict is Verdict.UNDECIDED
    assert rounding_claim("x", "601", arb("601.4999")).verdict is Verdict.PROVED
    assert rounding_claim("x", "601", arb("601.5001")).verdict is Verdict.REFUTED


def test_what_is_refuted_is_exactly_what_should_be(found):
    refuted = {name for name, claim in found.items() if claim.verdict is Verdict.REFUTED}
    assert refuted == {
        "c of the 6-gon = ½‖w*‖²",
        "no regular 9-gon is a critical point",
        "toy posterior: W₁ is centred at the origin",
        "among all local minima (theory prior, β = 1): 5 dominant for n from 100 to 600",
        "the transitions 4⁺⁺⁻ → 4⁺ → 5 raise λ",
    }


def test_the_posterior_is_judged_by_its_evidence():
    """The range of 5 is decided; the crossover of data sets is not, as no data set was sampled."""
    sampled = evidence(sizes=(50.0, 150.0, 250.0, 400.0, 650.0), particles=512, replicates=4)
    near_600, half, dominant = sampled_claims(sampled)
    assert near_600.verdict is half.verdict is Verdict.UNDECIDED
    assert abs(near_600.difference) > 250 > 150 > abs(half.difference)
    assert dominant.verdict is Verdict.REFUTED


def test_the_global_minimum_is_not_claimed(found):
    assert found["the 6-gon is the global minimum"].verdict is Verdict.UNDECIDED


def test_every_claim_states_its_rule_and_source(found):
    for claim in found.values():
        assert claim.rule and claim.source and claim.published and claim.ours


def test_difference_of_the_pentagons():
    assert loss_gap() == Fraction(1, 144)
