"""What is compared is compared honestly: the clock is one of the tests', speed itself is not tested here."""

import pytest
from support.command import need, run

from kgon.base.verdicts import KgonError
from kgon.report import contest, cost, speed
from kgon.report.contest import GOALS, OURS, PEERS, POINT, Amounts, Bench, check_same
from kgon.report.cost import measure_costs
from kgon.report.figures.seconds import draw_costs
from kgon.report.speed import Speed, measure_speed, save_speed
from kgon.report.timing import timed

TINY = Amounts(batch=8, epochs=1, trajectories=2, steps=8, warm_up=20, draws=40)


@pytest.fixture
def alone(monkeypatch):
    monkeypatch.setattr(speed, "installed", list)


def test_kgon_does_every_task_alone(alone):
    told = []
    found = measure_speed(4, repeats=2, amounts=TINY, tell=told.append)
    assert [x.task for x in found.contests] == list(GOALS) == told[1:]
    for each in found.contests:
        assert each.rates[OURS] > 0 and each.first[OURS] > 0 and not each.ratios
    assert found.missing == tuple(PEERS) and found.headline() == "0 of 0 goals met in this run"
    assert "not installed" in str(found) and not found.costs
    assert Speed.from_json(found.to_json()).contests[0].rates == found.contests[0].rates


def test_rates_are_medians_of_repetitions_in_turn(monkeypatch):
    """Ours does 10 units in 10 ms, but once in 100 ms; the other 5 in 24 ms: 4.8 times as fast."""
    now, turns = [0.0], []
    monkeypatch.setattr(speed.time, "perf_counter", lambda: now[0])

    def way(name, units, seconds, slow=()):
        def call():
            turns.append(name)
            now[0] += 0.1 if turns.count(name) in slow else seconds
            return lambda: units

        return call

    ways = {OURS: way(OURS, 10, 0.01, slow=(1, 3)), "other": way("other", 5, 0.024)}
    found = speed._contest(POINT, ways, {OURS: 0.0, "other": 2.0}, 3)
    assert found.first == pytest.approx({OURS: 0.1, "other": 2.024})  # with what went before
    assert found.rates == pytest.approx({OURS: 1000.0, "other": 5 / 0.024})
    assert found.ratios == pytest.approx({"other": 4.8}) and found.goal == GOALS[POINT]
    calls = {OURS: 5, "other": 2}  # each repetition takes 50 ms or so
    assert turns[4:] == 3 * [*calls[OURS] * [OURS], *calls["other"] * ["other"]]
    joined = Speed(c=6, contests=(found,), missing=(), costs=(), conditions="")
    assert joined.headline() == "0 of 1 goals met in this run" and "4.8 x" in str(joined)


def test_a_loss_that_is_another_is_not_compared():
    bench = Bench(4, 0, TINY)
    right = bench.potential.loss(bench.W, bench.b)
    check_same("another", right, bench)
    with pytest.raises(KgonError, match="the loss in another differs"):
        check_same("another", right * (1 + 1e-8), bench)


def test_the_effective_draws_are_those_of_the_worst():
    """Independent draws of all but one bias, which moves slowly."""
    bench = Bench(4, 0, TINY)
    w = contest.generator(1).standard_normal((4, 300, 12))
    independent = bench.least_draws(w)()
    w[..., -1] = contest.generator(2).standard_normal((4, 300)).cumsum(axis=1)
    assert bench.least_draws(w)() < 0.1 * independent


def test_costs_grow_with_what_they_say(alone, tmp_path):
    sizes = {"features": (4, 32), "sizes": (100, 1000), "chains": (2, 32), "workers": (1,)}
    found = list(measure_costs(Bench(4, 0, TINY), **sizes))
    assert [x.by for x in found] == ["c", "n", "chains", "workers"]
    assert found[0].seconds[1] > found[0].seconds[0]  # 64 times as many pairs
    whole = measure_speed(4, repeats=1, amounts=TINY)
    written = save_speed(whole, tmp_path)
    assert [path.name for path in written] == ["speed.json"]
    figure = draw_costs(found)
    assert [ax.get_xlabel() for ax in figure.axes] == ["c", "n", "chains", "workers"]
    assert [ax.get_title() for ax in figure.axes] == [x.what for x in found]


@pytest.mark.slow
def test_costs_are_measured_with_workers():
    """By processes that are there before the clock runs."""
    assert cost._shared(Bench(4, 0, TINY), 2) > 0


@pytest.mark.parametrize("argv", ["bench --costs", "bench rates --repeats 3", "bench --out run"])
def test_what_belongs_to_the_comparison_is_refused_without_it(capsys, argv):
    code, _, error = run(capsys, *argv.split())
    assert code == 2 and "is for kgon bench speed" in error


def test_repeats():
    with pytest.raises(KgonError, match="repeats"):
        measure_speed(repeats=0)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "module"), [(name, module) for name, (module, _) in PEERS.items()])
def test_others_do_what_they_are_asked(name, module):
    if module == "devinterp":  # of an extra that not every run of the tests has
        pytest.importorskip(module)
    need(module)
    for task, way in contest.ways_of(name, Bench(4, 0, TINY)).items():
        assert timed(way)[1] > 0, task
