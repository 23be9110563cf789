"""Loss against λ̂, ranks, and the staircases of one run."""

import itertools

import numpy as np
import pytest

from kgon.base.verdicts import KgonError, Verdict
from kgon.experiments.llc.against_loss import LossComplexity, measure_loss_lambda_hat, rank_test
from kgon.experiments.llc.settings import SGLD
from kgon.experiments.training.staircases import Staircases, build_staircases, opposing


def test_ranks_without_ties_against_all_permutations():
    """ρ and τ from their definitions; the exact p-value of τ by counting all 720 orders."""
    rng = np.random.default_rng(0)
    x, y = rng.permutation(6), rng.permutation(6)

    def tau(a):
        return sum(np.sign((x[i] - x[j]) * (a[i] - a[j])) for i in range(6) for j in range(i)) / 15

    found = rank_test(x.tolist(), y.tolist())
    assert found.kendall == pytest.approx(tau(y))
    assert found.spearman == pytest.approx(1 - 6 * np.sum((x - y) ** 2) / (6 * 35))
    smaller = np.mean([tau(np.array(p)) <= tau(y) + 1e-12 for p in itertools.permutations(range(6))])
    assert found.kendall_p == pytest.approx(smaller)


def test_verdicts_of_ranks():
    loss = list(range(12))
    assert rank_test(loss, loss[::-1]).verdict is Verdict.CONFIRMED
    assert rank_test(loss, loss).verdict is Verdict.REFUTED
    assert rank_test(loss, [5, 6, 4, 7, 3, 8, 2, 9, 1, 10, 0, 11]).verdict is Verdict.REFUTED
    assert rank_test(loss, [6, 5, 7, 4, 8, 3, 9, 2, 10, 1, 11, 0]).verdict is Verdict.UNDECIDED
    for bad in ([1, 2], [1, 1, 1, 1, 1], [1, 2, 3, 4, np.nan], [1, 2, 3]):
        with pytest.raises(KgonError):
            rank_test(list(range(len(bad))), bad)
    with pytest.raises(KgonError, match="5 losses and 6 values"):
        rank_test(list(range(5)), list(range(6)))


@pytest.fixture(scope="module")
def published():
    return measure_loss_lambda_hat()


def test_all_18_labels_and_the_transitions_of_the_text(published):
    assert len(published.phases) == len({x.label for x in published.phases}) == 18
    assert published.transitions == (("4++-", "4+"), ("4+", "5")) and published.falling == (True, True)
    assert [x.label for x in published.phases if x.lambda_ is not None] == [
        "4----", "4---", "4--", "4-", "4", "4+", "4++", "5", "5+", "6",
    ]  # fmt: skip
    assert published.exact.count == 10 and published.sampled.count == 18
    # At γ = 1 and n = 5000 chains leave every k-gon, except 6: λ̂ of the saddles is negative.
    by_label = {x.label: x for x in published.phases}
    assert by_label["4++-"].lambda_hat < -5 and "lower" in str(by_label["4++-"].health)
    assert "lower" not in str(by_label["6"].health)
    assert LossComplexity.from_json(published.to_json()).to_json() == published.to_json()


def test_ranks_of_loss_against_exact_lambda(published):
    """Ten minima, L and λ known exactly; ρ from average ranks written down by hand."""
    ranks = [1, 2, 3, 4, 6, 7, 9, 5, 9, 9]  # of λ = 0 1 2 5.5 7.5 8 8.5 7 8.5 8.5, by falling loss
    expected = np.corrcoef(np.arange(10), ranks)[0, 1]
    assert published.exact.spearman == pytest.approx(-expected)
    assert published.exact.verdict is Verdict.CONFIRMED
    # Against λ̂ they fall as clearly, but what is not to be trusted confirms nothing.
    assert max(published.sampled.spearman_p, published.sampled.kendall_p) < 1e-3
    assert published.sampled.verdict is Verdict.UNDECIDED
    assert str(published.health) in str(published) and "not to be trusted" in str(published.health)


def test_transitions_are_the_callers():
    few = SGLD.but(chains=2, steps=12)
    found = measure_loss_lambda_hat(few, transitions=[("6", "5"), ("4", "5")])
    assert found.transitions == (("6", "5"), ("4", "5")) and not found.falling[0]
    with pytest.raises(KgonError, match="18 published"):
        measure_loss_lambda_hat(few, transitions=[("4--:opposite", "5")])
    with pytest.raises(KgonError):
        measure_loss_lambda_hat(transitions=[("3", "5")])


@pytest.mark.slow
def test_staircases_of_the_text():
    found = build_staircases(points=50)
    assert [x.plateau.label for x in found.stages] == ["4++-", "4+", "5"]
    # λ̂ rises from stage to stage, of chains too short to be trusted.
    stages = [[getattr(x, name) for x in found.stages] for name in ("loss", "lambda_hat", "stderr")]
    assert opposing(*stages) is Verdict.CONFIRMED and not found.series.health.good
    assert found.verdict is Verdict.UNDECIDED
    assert found.series.localiser.n == 1000 and found.series.localiser.gamma == 1
    # The losses of the k-gons, 0.152778, 0.104167 and 0.068741, up to the shift of the training data.
    assert np.allclose([x.loss for x in found.stages], [0.152778, 0.104167, 0.068741], atol=2e-3)
    assert Staircases.from_json(found.to_json()).to_json() == found.to_json()


def test_verdicts_of_staircases():
    assert opposing([3, 2, 1], [0.0, 1.0, 2.0], [0.1] * 3) is Verdict.CONFIRMED
    assert opposing([3, 2, 1], [0.0, 1.0, 0.2], [0.1] * 3) is Verdict.REFUTED
    assert opposing([1, 2], [0.0, 1.0], [0.1] * 2) is Verdict.REFUTED
    assert opposing([2, 1], [0.0, 1.0], [1.0] * 2) is Verdict.UNDECIDED
    assert opposing([2], [0.0], [1.0]) is Verdict.UNDECIDED
