"""λ by simulation: the exact values confirmed, wrong ones refuted."""

import functools

import numpy as np
import pytest
from support.exhaustive import exhaustive

from kgon.base.verdicts import KgonError, Verdict
from kgon.base.work import Work
from kgon.experiments.llc import two_ways as module
from kgon.experiments.llc.two_ways import QUICK, CheckEffort, LearningCheck, learning_check, learning_checks
from kgon.kgons.catalogue import Catalogue
from kgon.sampling.hmc import Target

EXACT = {
    "4": 7.5, "4+": 8, "4++": 8.5, "4-": 5.5, "4--": 2, "4--:opposite": 4.5, "4---": 1, "4----": 0,
    "5": 7, "5+": 8.5, "6": 8.5,
}  # fmt: skip
"""λ at c = 6, proved elsewhere."""


def exact(point, c):
    """λ of a local minimum by the rule of its kind."""
    if point.k > 4:  # the Hessian's rank: all but the rotation and (W, b) of each dead column
        return (3 * c - 1 - 3 * point.name.roles(c).count("dead")) / 2
    if point.phi == 0:
        return (2 * c + 3 + point.sigma) / 2
    if point.phi == 2:
        return 2 if point.configuration == "adjacent" else (c + 3) / 2
    return {1: (c + 5) / 2, 3: 1, 4: 0}[point.phi]


FEW = CheckEffort(chains=8, draws=40, resolution=1.0)
"""Where the numbers themselves do not matter."""


@functools.cache
def simulated(label, c):
    return learning_check(label, c, expected=0, effort=QUICK)


def quick(label, c, expected):
    """The simulations are those of the expectation 0: it does not steer them."""
    return simulated(label, c).against(expected)


def near(check):
    """Both limits close to λ, in figures and not in standard errors."""
    return all(
        abs(x.estimate - check.expected) < 0.25 and x.stderr <= 0.07 for x in (check.energy, check.volume)
    )


@pytest.mark.parametrize("label", exhaustive(["4", "4--", "4----", "6"], quick=["6"]))
def test_exact_values_are_confirmed(label):
    check = quick(label, 6, EXACT[label])
    assert check.verdict is Verdict.CONFIRMED and near(check)


@pytest.mark.parametrize("wrong", exhaustive([-0.5, 0.5], quick=[0.5]))
@pytest.mark.parametrize("label", exhaustive(["4", "4--", "6"], quick=["6"]))
def test_a_value_wrong_by_a_half_is_refuted(label, wrong):
    check = quick(label, 6, EXACT[label] + wrong)
    assert check.verdict is check.energy.verdict is check.volume.verdict is Verdict.REFUTED


@pytest.mark.slow
def test_zero_is_refuted_where_it_is_wrong_and_a_half_where_it_is_zero():
    assert quick("4---", 6, 0.0).verdict is Verdict.REFUTED
    assert quick("4----", 6, 0.5).verdict is Verdict.REFUTED


@pytest.mark.slow
@pytest.mark.parametrize("label", EXACT)
def test_all_minima_of_six_features(label):
    check = learning_check(label, 6, expected=EXACT[label])
    assert check.verdict is Verdict.CONFIRMED
    for x in (check.energy, check.volume):
        assert abs(x.estimate - x.expected) < 0.1 and x.stderr <= 0.03


@pytest.mark.slow
@pytest.mark.parametrize("c", [4, 5, 7, 8])
def test_minima_of_other_numbers_of_features(c):
    """Every minimum up to c = 5; of c = 7 and 8 one of each k, φ and configuration."""
    minima = [p for p in Catalogue(c) if p.is_minimum]
    if c > 6:
        minima = list({(p.k, p.phi, p.configuration): p for p in minima}.values())
    checks = [quick(p.name, c, exact(p, c)) for p in minima]
    assert [x.label for x in checks if not near(x) or x.verdict is Verdict.REFUTED] == []


@pytest.mark.slow
def test_a_saddle_is_refuted_whatever_is_expected():
    check = quick("5+", 7, 8.5)
    assert check.below > 0.5
    assert check.verdict is Verdict.REFUTED


def test_noise_and_bad_mixing_never_confirm():
    agree = [Verdict.CONFIRMED, Verdict.CONFIRMED]
    assert module._verdict(agree, 0.0, 1.01) is Verdict.CONFIRMED
    assert module._verdict(agree, 0.0, 1.2) is Verdict.UNDECIDED
    assert module._verdict(agree, 1e-6, 1.01) is Verdict.REFUTED
    assert module._verdict([Verdict.CONFIRMED, Verdict.UNDECIDED], 0.0, 1.01) is Verdict.UNDECIDED
    assert module._verdict([Verdict.UNDECIDED, Verdict.REFUTED], 0.0, 1.01) is Verdict.REFUTED
    assert module._verdict([Verdict.UNDECIDED, Verdict.REFUTED], 0.0, 1.2) is Verdict.UNDECIDED
    assert module._verdict([Verdict.REFUTED, Verdict.REFUTED], 1e-6, 1.2) is Verdict.REFUTED


@pytest.mark.slow  # the right rule is held against the same numbers each time
def test_a_wrong_acceptance_rule_is_noticed(monkeypatch):
    right = Target.change
    monkeypatch.setattr(Target, "change", lambda self, old, new: 0.9 * right(self, old, new))
    few = CheckEffort(chains=128, draws=120, resolution=0.2)  # λ̂ is off by 0.9
    check = learning_check("6", 6, expected=8.5, effort=few)
    assert check.energy.verdict is Verdict.REFUTED  # the volume knows nothing of the acceptance
    assert check.volume.verdict is Verdict.CONFIRMED


def test_a_seed_fixes_every_bit_and_the_expectation_steers_nothing():
    first, again = (learning_check("4---", 4, expected=value, effort=FEW) for value in (0, 1))
    assert again.to_json() == first.against(1).to_json() != first.to_json()


def test_results_print_and_survive_json():
    check = quick("6", 6, EXACT["6"])
    assert check.headline().startswith("6, c = 6: lambda = 8.5")
    assert LearningCheck.from_json(check.to_json()).to_json() == check.to_json()
    flat = learning_check("4----", 6, expected=0, effort=FEW)
    assert flat.rhat is None and "constant" in str(flat)
    assert LearningCheck.from_json(flat.to_json()).to_json() == flat.to_json()


@pytest.mark.parametrize("expected", [-1, np.nan, np.inf])
def test_an_impossible_expectation_is_refused(expected):
    with pytest.raises(KgonError, match="expected must be"):
        learning_check("6", 6, expected=expected)
    with pytest.raises(KgonError, match="expected must be"):
        quick("6", 6, EXACT["6"]).against(expected)


def test_each_coefficient_is_a_task():
    shared = []

    def workers(function, tasks):
        shared.extend(tasks)
        return map(function, tasks)

    expected = [("4---", 1.0), ("4----", 0.0)]
    found = learning_checks(expected, 4, effort=FEW, work=Work(workers=workers))
    assert [(task[0], task[2]) for task in shared] == expected
    alone = learning_check("4---", 4, expected=1.0, effort=FEW)
    assert [x.expected for x in found] == [1.0, 0.0] and found[0].to_json() == alone.to_json()
