"""Claims on branches and saddles: what they rest on decides the verdict."""

import dataclasses

import pytest

from kgon.base.verdicts import Verdict
from kgon.branches.atlas import all_maxwell_points, exchanges
from kgon.report.claims.landscape import branch_claims, landscape_claims


def judged(branches):
    return branch_claims(branches, exchanges(branches, all_maxwell_points(branches)))


@pytest.fixture
def branches(hexagon, pentagon):
    return [hexagon, pentagon]


def test_the_claims_on_branches_are_proved(branches):
    found = judged(branches)
    assert [claim.verdict for claim in found] == [Verdict.PROVED] * 3
    assert "0.658197812" in found[0].ours and "0.390357856" in found[1].ours


def test_without_a_proof_of_the_branch_nothing_is_proved(branches):
    bare = [
        dataclasses.replace(
            branch,
            proof=None,
            events=tuple(dataclasses.replace(event, status="converged") for event in branch.events),
        )
        for branch in branches
    ]
    assert [claim.verdict for claim in judged(bare)] == [
        Verdict.CONFIRMED, Verdict.CONFIRMED, Verdict.UNDECIDED,
    ]  # fmt: skip


def test_without_the_fold_the_claim_is_undecided(branches):
    six, five = branches
    cut = dataclasses.replace(six, events=())
    assert judged([cut, five])[1].verdict is Verdict.UNDECIDED


def test_the_claims_on_saddles(landscape):
    gate, slope = landscape_claims(landscape)
    assert gate.verdict is Verdict.CONFIRMED and "0.06933325" in gate.ours
    assert slope.verdict is Verdict.PROVED


def test_without_the_saddle_or_the_rim_the_claims_are_undecided(landscape):
    kept = tuple(e for e in landscape.edges if (e.first, e.second) not in (("5+", "6"), ("5", "5+")))
    gate, slope = landscape_claims(dataclasses.replace(landscape, edges=kept))
    assert gate.verdict is Verdict.UNDECIDED and slope.verdict is Verdict.UNDECIDED


def test_a_higher_saddle_decides_nothing_as_a_lower_one_may_be_left(landscape):
    def judged(edges):
        return landscape_claims(dataclasses.replace(landscape, edges=tuple(edges)))[0]

    raised = [dataclasses.replace(edge, saddle_loss=edge.saddle_loss + 0.0005) for edge in landscape.edges]
    assert judged(raised).verdict is Verdict.UNDECIDED and "above 5" in judged(raised).ours
    lowered = [dataclasses.replace(edge, saddle_loss=edge.saddle_loss - 0.01) for edge in landscape.edges]
    assert judged(lowered).verdict is Verdict.UNDECIDED
    assert judged([*lowered, *landscape.edges]).verdict is Verdict.CONFIRMED
