"""Claims: the rules can refute, and the verdicts are the ones the mathematics gives."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from flint import arb

from kgon.base.verdicts import Verdict
from kgon.experiments.posterior.chains import Chains
from kgon.experiments.posterior.evidence import sample_evidence
from kgon.experiments.posterior.evidence_result import EvidenceEffort
from kgon.experiments.posterior.mixing import OccupancyMixing
from kgon.experiments.posterior.occupancy_result import PosteriorOccupancy
from kgon.proofs.global_minimum import prove_global_minimum
from kgon.report.claims.claim import rounding_claim
from kgon.report.claims.evaluate import evaluate_claims
from kgon.report.claims.kgons import loss_gap
from kgon.report.claims.landscape import minimum_claims
from kgon.report.claims.posterior import evidence_claims, occupancy_claims


@pytest.fixture(scope="module")
def found(theorem):
    return {claim.name: claim for claim in evaluate_claims(minimum=theorem)}


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
        "l of the 8-gon, as the text has it",
        "b of the 8-gon, as the text has it",
        "h_8 = 3kL of the 8-gon at c = 8",
        "12-gon: the second pair (l, b) is a critical point too",
        "App. E.1, second equation as printed",
        "Theorem F.2 as printed: vertices of a k-gon at multiples of 2π/c",
        "n_crit(4⁺ → 5) at c = 5, theory prior, β = 1",
        "no regular 9-gon is a critical point",
        "toy posterior: W₁ is centred at the origin",
        "among all local minima (theory prior, β = 1): 5 dominant for n from 100 to 600",
        "the transitions 4⁺⁺⁻ → 4⁺ → 5 raise λ",
    }


@pytest.mark.slow
def test_the_posterior_is_judged_by_its_evidence():
    effort = EvidenceEffort(particles=512, replicates=4)
    sampled = sample_evidence(sizes=(50.0, 150.0, 250.0, 400.0, 650.0), effort=effort)
    near_600, half, dominant = evidence_claims(sampled)
    assert near_600.verdict is Verdict.REFUTED
    assert abs(near_600.difference) > 250 > 150 > abs(half.difference)
    assert dominant.verdict is Verdict.REFUTED


@pytest.fixture(scope="module")
def coarse():
    """Evidence at sizes from 50 on, and from 150 on."""
    few = EvidenceEffort(particles=64, replicates=2)
    return [sample_evidence(sizes=sizes, effort=few) for sizes in ((50.0, 150.0, 650.0), (150.0, 650.0))]


@pytest.mark.parametrize(
    ("margin", "verdict"),
    [(0.3, Verdict.CONFIRMED), (0.1, Verdict.UNDECIDED), (-0.1, Verdict.UNDECIDED), (-0.3, Verdict.REFUTED)],
)
def test_a_share_that_leads_within_the_errors_decides_nothing(monkeypatch, coarse, margin, verdict):
    """Errors of 0.05 each: the lead must be 0.2, and at every size."""
    sampled, low = coarse

    def shares(evidence, n):
        lead = np.full(len(n), 0.3)
        lead[1] = margin
        error = np.full(len(n), 0.05)
        return {"5": ((1 + lead) / 2, error), "6": ((1 - lead) / 2, error)}

    monkeypatch.setattr("kgon.report.claims.posterior.sampled_occupancy", shares)
    assert evidence_claims(sampled)[2].verdict is verdict
    assert evidence_claims(low)[2].verdict is Verdict.UNDECIDED


def occupancy(six, *, spread=0.0, trips=90, rival=None):
    """Six data sets with given shares of 6 at n = 100, 300, 600 and 1200; the rest is 5, or all ``rival``."""
    shift = spread * np.array([-1.0, 1.0, -1.0, 1.0, -1.0, 1.0])[None, None]
    share = np.array(six)[None, :, None] + shift
    sets = np.stack([share, 1 - share, np.zeros_like(share), np.zeros_like(share)], axis=-1)
    if rival is not None:
        sets[:, :, rival] = [0, 0, 1, 0]
    mixing = OccupancyMixing(
        population_rhat=1.0, sets_rhat=1.0, largest_z=1.0, population_trips=(trips,), round_trips=(90, 90)
    )
    drawn = Chains(ensembles=2, draws=4, thin=1)
    return PosteriorOccupancy(
        c=6, n=(100.0, 300.0, 600.0, 1200.0), betas=(1.0,), labels=("6", "5", "4", "other"), members=sets,
        runs=1, data_seeds=tuple(range(1, 7)), sets=sets, sets_stderr=sets, mixing=mixing, chains=drawn,
        population_chains=drawn, seed=0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("six", "options", "verdicts"),
    [
        ([0.1, 0.2, 0.49, 0.9], {}, ["CONFIRMED", "CONFIRMED"]),
        ([0.1, 0.6, 0.8, 0.9], {}, ["REFUTED", "REFUTED"]),
        ([0.3, 0.4, 0.49, 0.7], {"spread": 0.25}, ["UNDECIDED", "UNDECIDED"]),
        ([0.1, 0.2, 0.3, 0.4], {}, ["UNDECIDED", "CONFIRMED"]),
        ([0.1, 0.6, 0.8, 0.9], {"trips": 3}, ["UNDECIDED", "UNDECIDED"]),
        # In one of six sets everything is 4: the mean margin over it is 0.5 ± 0.3.
        ([0.1, 0.2, 0.45, 0.9], {"rival": 0}, ["CONFIRMED", "UNDECIDED"]),
    ],
)
def test_data_sets_judge_the_occupancy_claim(six, options, verdicts):
    found = occupancy_claims(occupancy(six, **options))
    assert [str(claim.verdict) for claim in found] == verdicts


def test_the_global_minimum_is_proved_and_only_if_the_theorem_is(found):
    assert found["the 6-gon is the global minimum"].verdict is Verdict.PROVED
    assert found["c = 8: the regular octagon is not the global minimum"].verdict is Verdict.PROVED
    open_ = replace(prove_global_minimum(5), verdict=Verdict.UNDECIDED)
    assert minimum_claims(open_)[0].verdict is Verdict.UNDECIDED


def test_every_claim_states_its_rule_and_source(found):
    for claim in found.values():
        assert claim.rule and claim.source and claim.published and claim.ours


def test_difference_of_the_pentagons():
    assert loss_gap() == Fraction(1, 144)
