"""Claims on training: each can come out either way."""

from fractions import Fraction

import numpy as np
import pytest

from kgon.base.verdicts import Verdict
from kgon.experiments.llc.against_loss import exact_ranks
from kgon.experiments.training.results import Plateau, Training, TrainingRun, TransitionCount
from kgon.report.claims.training import rank_claims, training_claims


def plateau(label, catalogued=True):
    return Plateau(
        label=label, catalogued=catalogued, alternatives=(), start=0, end=10, loss=0.1, critical_loss=0.1,
        gap=0.0, expected_gap=0.0, W=np.zeros((2, 6)), biases=np.zeros(6),
    )  # fmt: skip


def training(stages, transitions, *, runs=100, moving=0.05, bad=0):
    """Runs through some stages; ``bad`` of them also rest on a point outside the catalogue."""
    trajectories = [
        TrainingRun(
            seed=0, index=k, start="4",
            plateaus=tuple(plateau(x) for x in stages) + ((plateau("L=0.1", False),) if k < bad else ()),
        )
        for k in range(runs)
    ]  # fmt: skip
    return Training(
        c=6, seed=0, starts=("4",), protocol={"n": 1000}, flow=False, trajectories=tuple(trajectories),
        transitions=tuple(
            TransitionCount(first=a, second=b, count=n, delta_loss=loss, delta_lambda=change)
            for a, b, n, loss, change in transitions
        ),
        others=(), catalogued=1 - moving, other=0.0, unresolved=0.0, moving=moving, ambiguous=0.0,
        catalogued_stderr=None,
    )  # fmt: skip


UP = ("4", "5", 3, -0.04, Fraction(1))
DOWN = ("4+", "5", 2, -0.035, Fraction(-1))
SADDLE = ("4++-", "4+", 5, -0.05, None)


@pytest.mark.parametrize(
    ("found", "verdicts"),
    [
        (
            training(["4", "5"], [UP, SADDLE]),
            "CONFIRMED CONFIRMED CONFIRMED CONFIRMED CONFIRMED CONFIRMED UNDECIDED CONFIRMED",
        ),
        (
            training(["4", "5"], [UP, DOWN], bad=1),
            "REFUTED CONFIRMED CONFIRMED CONFIRMED REFUTED CONFIRMED CONFIRMED CONFIRMED",
        ),
        (
            training(["4"], [], runs=5, moving=0.5),
            "UNDECIDED REFUTED UNDECIDED UNDECIDED UNDECIDED UNDECIDED UNDECIDED UNDECIDED",
        ),
        (
            training(["5", "4"], [("5", "4", 1, 0.04, Fraction(1, 2))]),
            "CONFIRMED CONFIRMED UNDECIDED REFUTED UNDECIDED REFUTED CONFIRMED CONFIRMED",
        ),
        (  # ten transitions between 4-gons: whether k rises was not seen, and is not refuted
            training(["4", "4+"], [("4", "4+", 10, -0.007, Fraction(1, 2))]),
            "CONFIRMED CONFIRMED UNDECIDED UNDECIDED CONFIRMED CONFIRMED CONFIRMED UNDECIDED",
        ),
    ],
)
def test_every_claim_can_fail(found, verdicts):
    assert " ".join(claim.verdict for claim in training_claims({"4-gons": found})) == verdicts


def test_the_run_of_the_stages_shows_what_can_happen():
    """A claim does not contradict the figure of the same run."""
    found, path = training(["4"], [], runs=5), None
    (example,) = training(["4++-", "4+", "5"], [], runs=1).trajectories
    claims = training_claims({"4-gons": found}, (example, path))
    assert claims[2].verdict is Verdict.CONFIRMED and claims[2].ours == "4+ → 5: in the run of figure stages"
    assert training_claims({"4-gons": found})[2].verdict is Verdict.UNDECIDED
    # k rises in it, λ falls from 8 to 7: no claim stands against a figure of the same run.
    assert [x.verdict.value for x in claims[3:]] == [
        "CONFIRMED",
        "REFUTED",
        "CONFIRMED",
        "UNDECIDED",
        "UNDECIDED",
    ]
    assert "4+ → 5: Δλ = -1" in claims[4].ours


def test_five_to_six_is_refuted_by_one_run_and_confirmed_by_many():
    few, many = training(["4", "5"], [], runs=99), training(["4", "5"], [], runs=100)
    one = training(["5", "6"], [("5", "6", 1, -0.02, Fraction(3, 2))], runs=1)
    found = [training_claims({"4-gons": x})[-1] for x in (few, many, one)]
    assert [str(x.verdict) for x in found] == ["UNDECIDED", "CONFIRMED", "REFUTED"]
    assert "never seen in 100 runs that rested at 5; chance at most 0.037" in found[1].ours


def test_ranks_are_those_of_the_ten_minima():
    (claim,) = rank_claims(exact_ranks())
    assert claim.verdict is Verdict.CONFIRMED and claim.ours.startswith("Spearman -0.9")
