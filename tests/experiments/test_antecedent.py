"""The antecedent test on chains whose answer is known by hand."""

from fractions import Fraction
from pathlib import Path

import pytest

from kgon.base.verdicts import KgonError, Verdict
from kgon.base.work import Work
from kgon.experiments.antecedent import PUBLISHED, Antecedent, assess_antecedent, sampled_estimates

ROOT = Path(__file__).parents[2]


def test_the_transitions_of_the_text():
    found = assess_antecedent(["4++-", "4+", "5"])
    first, second = found.transitions
    assert first.verdict is Verdict.UNDECIDED and "not a local minimum" in first.reason
    assert second.delta_lambda == -1 and second.verdict is Verdict.REFUTED
    assert found.verdict is Verdict.REFUTED and found.ordering is Verdict.UNDECIDED


def test_a_chain_that_holds():
    """4⁻⁻ → 4⁻ → 4: λ 2, 5.5, 7.5 and ΔL = −1/18 each: the slope steepens, so the ordering fails."""
    found = assess_antecedent(["4--", "4-", "4"])
    assert [t.verdict for t in found.transitions] == [Verdict.PROVED, Verdict.PROVED]
    assert [t.slope for t in found.transitions] == pytest.approx([-1 / 18 / 3.5, -1 / 18 / 2])
    assert found.ordering is Verdict.REFUTED and found.verdict is Verdict.REFUTED
    held = assess_antecedent(["4", "4+", "6"])  # −1/144/½ < −0.05597/½? no: −0.0139 > −0.112
    assert [t.delta_lambda for t in held.transitions] == [Fraction(1, 2), Fraction(1, 2)]
    assert held.ordering is Verdict.REFUTED
    good = assess_antecedent(["4---", "4-", "6"])  # −0.0247 < … with Δλ = 4.5 and 3: −0.0247, −0.0395
    assert good.ordering is Verdict.REFUTED
    fine = assess_antecedent(["4", "6"])
    assert fine.verdict is Verdict.PROVED and fine.ordering is Verdict.UNDECIDED
    rising = assess_antecedent(["4-", "4", "4++"])  # −0.0278, then −0.0139: shallower
    assert rising.ordering is Verdict.PROVED and rising.verdict is Verdict.PROVED


def test_lambda_of_ones_own_is_not_called_exact():
    found = assess_antecedent(["A=0.07,7±0.1,3.6", "B=0.05,8.5,6.4"])
    assert found.verdict is Verdict.CONFIRMED and found.basis == "given" and "exact" not in str(found)
    assert assess_antecedent(["4", "6"]).basis == "exact"
    far = assess_antecedent(["4", "6", "B=0.04,9,6.4"])
    assert [x.basis for x in far.transitions] == ["exact", "given"] and far.basis == "given"


def test_sampled_signs_need_three_standard_errors():
    clear = assess_antecedent(["4+", "5"], estimates={"4+": (5.0, 0.1), "5": (7.0, 0.1)})
    assert clear.transitions[0].verdict_hat is Verdict.CONFIRMED
    assert clear.transitions[0].verdict is Verdict.REFUTED  # exact and sampled need not agree
    noisy = assess_antecedent(["4+", "5"], estimates={"4+": (5.0, 1.0), "5": (7.0, 1.0)})
    assert noisy.transitions[0].verdict_hat is Verdict.UNDECIDED
    down = assess_antecedent(["4+", "5"], estimates={"4+": (9.0, 0.1), "5": (7.0, 0.1)})
    assert down.transitions[0].verdict_hat is Verdict.REFUTED


def test_a_rising_loss_is_refuted_whatever_lambda_does():
    found = assess_antecedent(["6", "5"], estimates={"6": (1.0, 0.1), "5": (9.0, 0.1)})
    assert found.verdict is Verdict.REFUTED and found.verdict_hat is Verdict.REFUTED
    assert "loss does not fall" in found.transitions[0].reason


def test_sampled_slopes_carry_their_error():
    found = assess_antecedent(
        ["4-", "4", "4++"], estimates={"4-": (4.0, 0.01), "4": (6.0, 0.01), "4++": (9.0, 0.01)}
    ).transitions[0]
    assert found.slope_hat == pytest.approx(-1 / 18 / 2)
    assert found.slope_stderr == pytest.approx(1 / 18 / 4 * 0.01 * 2**0.5)


def test_sampled_estimates_come_near_the_exact_values_at_large_n():
    """At n = 10⁷, β = 1/log n, the Morse–Bott points are within 0.5 of λ (their 1/s terms are below 0.1)."""
    found, left_out = sampled_estimates(["6", "5+"], n=1e7)
    assert not left_out
    for value, error in found.values():
        assert error < 0.2 and abs(value - 8.5) < 0.5


def test_finite_n_can_reverse_the_order():
    """λ falls from 4⁺ to 5; λ̂ rises at n = 5000 and falls at n = 10⁶, by 0.4 and more."""
    small, _ = sampled_estimates(["4+", "5"])
    large, _ = sampled_estimates(["4+", "5"], n=1e6)
    verdicts = [
        assess_antecedent(["4+", "5"], estimates=x).transitions[0].verdict_hat for x in (small, large)
    ]
    assert verdicts == [Verdict.CONFIRMED, Verdict.REFUTED]
    assert all(error < 0.1 for found in (small, large) for _, error in found.values())


def test_chains_that_leave_give_no_estimate():
    found, left_out = sampled_estimates(["4++-"], n=1e6)
    assert not found and "something lower is near" in left_out["4++-"]


def test_round_trip():
    found = assess_antecedent(["4", "6"])
    assert Antecedent.from_json(found.to_json()).transitions[0].delta_lambda == 1.0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: assess_antecedent(["5"]), "at least two states, got 1"),
        (lambda: assess_antecedent(["5", "5"]), "5 twice in a row"),
        (lambda: assess_antecedent(["5", "x"]), "unknown label 'x'"),
        (lambda: assess_antecedent(["5", "6"], estimates={"5": (7.0, 0.0)}), "estimate of 5"),
    ],
)
def test_refusals(call, words):
    with pytest.raises(KgonError, match=words):
        call()


def test_what_was_not_sampled_has_no_verdict_and_no_row():
    found = assess_antecedent(PUBLISHED)
    assert found.verdict_hat is found.ordering_hat is None
    assert all(x.verdict_hat is None for x in found.transitions)
    assert str(found).count("sampled") == 1 and "λ̂ not sampled" in found.headline()
    assert Antecedent.from_json(found.to_json()).to_json() == found.to_json()
    sampled = assess_antecedent(PUBLISHED, estimates={})  # sampled, and no chain was to be believed
    assert sampled.verdict_hat is Verdict.UNDECIDED and "verdict, sampled λ" in str(sampled)


def test_the_docs_say_what_the_command_says(kept):
    """docs/learning-coefficients.md quotes the two differences, and the state without λ̂."""
    text = " ".join(kept.fill((ROOT / "docs/learning-coefficients.md").read_text(encoding="utf-8")).split())
    for n, size in ((5000, "5000"), (1e6, "10^6")):
        estimates, left_out = sampled_estimates(PUBLISHED, n=n)
        assert list(left_out) == ["4++-"] and "no local minimum" in left_out["4++-"]
        step = assess_antecedent(PUBLISHED, estimates=estimates).transitions[1]
        assert f"by {step.delta_lambda_hat:.3f} ± {step.stderr:.3f} at $n={size}$" in text
    assert "no λ̂ of 4++-: w* is no local minimum" in text


def test_each_state_is_a_task():
    shared = []

    def workers(function, tasks):
        shared.extend(tasks)
        return map(function, tasks)

    found = sampled_estimates(["4----", "4---", "4----"], 4, n=1e7, work=Work(workers=workers))
    assert [task[0] for task in shared] == ["4----", "4---"]
    assert found == sampled_estimates(["4----", "4---"], 4, n=1e7)
