"""How often runs move from one point to another: counted by hand, bounded, and never seen."""

from itertools import count

import numpy as np
import pytest

from kgon.experiments.training.rates import pairs_of, transition_rates
from kgon.experiments.training.results import Plateau, TrainingRun
from kgon.experiments.training.runs import train
from kgon.experiments.training.trajectory import TrainingSettings, train_once
from kgon.numerics.exact_intervals import binomial_interval, poisson_interval
from kgon.potential.model import TMS
from kgon.sampling.optimiser import Optimiser
from kgon.sampling.sgd import Protocol


def plateau(label, start, end):
    return Plateau(
        label=label, catalogued=label != "unresolved", alternatives=(), start=start, end=end, loss=0.1,
        critical_loss=None, gap=None, expected_gap=None, W=np.zeros((2, 6)), biases=np.zeros(6),
    )  # fmt: skip


INDICES = count()


def run(*parts, index=None):
    """A run of plateaus, each a label and its steps, one after another; on samples of its own."""
    found, at = [], 0
    for label, steps in parts:
        found.append(plateau(label, at, at + steps))
        at += steps + 10
    return TrainingRun(
        seed=0, index=next(INDICES) if index is None else index, start="4+", plateaus=tuple(found)
    )


RUNS = (
    run(("4+", 100), ("5", 300)),
    run(("4+", 50), ("unresolved", 70), ("5", 200)),
    run(("4+", 400)),
    run(("4", 20), ("4+", 30), ("4", 40), ("4+", 60)),
    run(("5", 500)),
    run(),
)


def test_runs_moves_and_steps_are_those_counted_by_hand():
    found = {(x.first, x.second): x for x in transition_rates(RUNS, pairs_of(RUNS, TMS(6)))}
    counted = {pair: (x.runs, x.moved, x.count, x.steps) for pair, x in found.items()}
    assert counted == {
        ("4+", "5"): (4, 2, 2, 640),
        ("4", "4+"): (1, 1, 2, 60),
        ("4+", "4"): (4, 1, 1, 640),
        ("4+", "6"): (4, 0, 0, 640),
        ("5", "6"): (3, 0, 0, 1000),
    }
    for x in found.values():
        assert (x.lower, x.upper) == binomial_interval(x.moved, x.runs)
        assert (x.rate_lower, x.rate_upper) == poisson_interval(x.count, x.steps)
    never = found["5", "6"]
    assert never.lower == 0.0 and never.upper == pytest.approx(1 - 0.025 ** (1 / 3))
    assert never.headline().startswith(
        "5 → 6: never seen in 3 runs that rested at 5; chance at most 0.71 (95%)"
    )
    assert never.row == ("  5 → 6", "never seen in 3 runs at 5; chance at most 0.71")
    assert found["4", "4+"].row == ("  4 → 4+", "2 times in 1 of 1 run at 4; chance 0.025 to 1")


@pytest.mark.parametrize("runs", [1, 2, 5, 7, 28, 150, 191])
def test_what_is_written_holds_what_is_bounded(runs):
    """Rounded to the nearest, 1 − 0.025 of one run without the event would read at most 0.97."""
    moves = [run(("4+", 1000 + k), ("5", 10)) for k in range(runs // 7)]
    stays = [run(("4+", 13)) for _ in range(runs - len(moves))]
    (found,) = transition_rates([*moves, *stays], [("4+", "5")])
    for lower, upper, words in (
        (found.lower, found.upper, found.bounds),
        (1e6 * found.rate_lower, 1e6 * found.rate_upper, found.per_million),
    ):
        *low, high = [float(x) for x in words.removeprefix("at most ").split(" to ")]
        assert upper <= high <= 1.1 * upper
        assert all(0.9 * lower <= x <= lower for x in low) and len(low) == (found.moved > 0)


def test_runs_on_the_same_samples_are_one_trial():
    """Run k of every kind of start draws its samples from the stream (seed, k)."""
    one = run(("4+", 100), ("5", 300), index=7)
    twin, other, elsewhere = (run(("5", 50), index=7), run(("5", 40), index=8), run(("6", 9), index=9))
    (found,) = transition_rates([one, twin, other, elsewhere], [("5", "6")])
    assert (found.runs, found.steps, found.moved) == (2, 340, 0)


def test_run_k_has_the_same_samples_from_any_start():
    settings = [
        TrainingSettings(starts=(start,), protocol=Protocol(n=50, epochs=20)) for start in ("5", "random")
    ]
    first, second = (train_once(x, 3) for x in settings)
    assert np.array_equal(first["amplitude"], second["amplitude"]) and not np.array_equal(
        first["W"], second["W"]
    )


def test_a_pair_from_where_no_run_rested_has_no_rate():
    (one,) = transition_rates(RUNS, [("6", "5"), ("5", "4")])
    assert (one.first, one.second, one.runs, one.moved) == ("5", "4", 3, 0)
    assert transition_rates([], [("5", "6")]) == ()


def test_of_other_weights_the_lowest_is_that_of_the_model():
    # The importance of the last column is less: the hexagon, the lowest point, has it among its vertices.
    tms = TMS(6, importance=[1, 1, 1, 1, 1, 0.9])
    ((first, second),) = pairs_of([run(("5", 9))], tms)
    assert (first, second.split(",")[0]) == ("5", "6")


def test_training_says_what_was_never_seen():
    optimiser = Optimiser(kind="adam")
    protocol = Protocol(n=200, learning_rate=0.001, epochs=60, optimiser=optimiser)
    found = train(trajectories=3, start="5", protocol=protocol, seed=2)
    (never,) = found.rates
    assert (never.first, never.second, never.runs, never.moved) == ("5", "6", 3, 0)
    assert found.data()["rates"] == [never.data()]
    assert type(found).from_json(found.to_json()).rates[0].data() == never.data()
    assert "never seen in 3 runs at 5; chance at most 0.71" in str(found)
    assert found.headline().startswith("3 trajectories of Adam, c = 6")
