"""Training runs: independent of who computes them, resumable after a kill, labelled as they were made."""

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from kgon.base.verdicts import KgonError, Verdict
from kgon.base.work import Work
from kgon.experiments.training.results import Training
from kgon.experiments.training.runs import combine_runs, labelled, train
from kgon.experiments.training.trajectory import (
    TrainingSettings,
    path_of,
    run_trajectories,
    starts_of,
    train_once,
)
from kgon.kgons.catalogue import Catalogue
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.sampling.sgd import Protocol

SHORT = Protocol(n=100, batch=10, learning_rate=0.02, epochs=200)


def differences(first, second):
    """Names of the fields in which trajectories differ in any bit."""
    assert len(first) == len(second)
    return [
        (k, field)
        for k, (one, two) in enumerate(zip(first, second, strict=True))
        for field in one.keys() | two.keys()
        if field not in one or field not in two or one[field].tobytes() != two[field].tobytes()
    ]


@pytest.mark.slow
def test_numbers_do_not_depend_on_the_workers_or_on_the_other_trajectories():
    settings = TrainingSettings(starts="4+-,random,6", protocol=SHORT, seed=3)
    found = run_trajectories(settings, 5)
    assert differences(found, run_trajectories(settings, 5, work=Work(workers=2))) == []
    with ThreadPoolExecutor(2) as executor:
        assert differences(found, run_trajectories(settings, 5, work=Work(workers=executor))) == []
    assert differences([found[3]], [train_once(settings, 3)]) == []
    assert not np.array_equal(found[0]["W"], found[3]["W"])  # equal starts, other samples
    other = run_trajectories(TrainingSettings(starts="4+-,random,6", protocol=SHORT, seed=4), 1)
    assert not np.array_equal(found[0]["W"], other[0]["W"])


def test_starts_are_where_they_are_said_to_be():
    settings = TrainingSettings(
        starts=("5", "random", "small"), protocol=Protocol(n=2, batch=1, epochs=1), seed=1
    )
    starts = [path_of(arrays).w[0] for arrays in run_trajectories(settings, 60)]
    point = Catalogue(6)["5"]
    gaps = np.array(starts[::3]) - TMS(6).pack(point.W, point.biases)
    # 20 × 18 numbers each: the standard deviation is known to 4 %.
    for values, size in ((gaps, 0.01), (starts[1::3], 1.0), (starts[2::3], 0.1)):
        assert np.std(values) == pytest.approx(size, rel=0.15)
        assert abs(np.mean(values)) < 4 * size / np.sqrt(360)


def test_the_4_gons_are_the_fifteen_labels():
    assert len(starts_of("4-gons", 6)) == len(set(starts_of("4-gons", 6))) == 15
    assert starts_of("4-gons, 6 ,small", 6)[15:] == ("6", "small")
    assert starts_of(["4--:opposite"], 6) == ("4--:opposite",)


def test_the_text_s_stages_are_seen():
    """Trajectory 54 goes the way of the text's animation: 4++- → 4+ → 5."""
    settings = TrainingSettings(starts="4++-")
    run = combine_runs(settings, [train_once(settings, 54)], first=54)
    assert run.trajectories[0].stages == ["4++-", "4+", "5"]
    assert [(t.first, t.second, t.count) for t in run.transitions] == [("4+", "5", 1), ("4++-", "4+", 1)]
    last, before = run.transitions
    assert last.delta_lambda == Catalogue(6)["5"].lambda_ - Catalogue(6)["4+"].lambda_ == -1
    assert before.delta_lambda is None
    assert last.delta_loss == pytest.approx(Catalogue(6)["5"].loss - Catalogue(6)["4+"].loss, abs=1e-12)
    assert run.catalogued + run.other + run.unresolved + run.moving == pytest.approx(1)
    for plateau in run.trajectories[0].plateaus:
        assert plateau.critical_loss == pytest.approx(Catalogue(6)[plateau.label].loss, abs=1e-9)
        assert plateau.label not in plateau.alternatives


def test_a_plateau_beside_the_catalogue_is_named_and_examined():
    """Trajectory 83 of seed 2 rests on the saddle that lies 5·10⁻⁴ above the 5-gon."""
    settings = TrainingSettings(starts="random", seed=2)
    run = combine_runs(settings, [train_once(settings, 83)], first=83)
    assert run.trajectories[0].stages == ["L=0.069289", "5+"]
    (point,) = run.others
    assert (point.negative, point.zero, point.smooth, point.proof) == (1, 1, True, Verdict.PROVED)
    assert point.loss == pytest.approx(0.06928935213807, abs=1e-13)  # an enclosure proves it: certify_near
    assert Potential(TMS(6)).gradient_norm(point.W, point.biases) < 1e-9
    assert point.level == "5" and point.above == pytest.approx(5.5e-4, abs=1e-5)
    assert 0 < run.other < 0.1


@pytest.mark.slow
def test_the_flow_leaves_4_plus_on_the_samples_on_which_sgd_leaves_it():
    """What decides is the sample, not the noise of the steps (docs/training.md)."""
    ends = [
        [
            run.plateaus[-1].label
            for run in train(
                trajectories=60, start="4+", seed=4, flow=flow, work=Work(workers=2)
            ).trajectories
        ]
        for flow in (False, True)
    ]
    left = [np.array([label != "4+" for label in labels]) for labels in ends]
    assert 9 <= left[0].sum() <= 31  # a third, within 3 standard errors of a binomial, 0.06 each
    assert np.mean(left[0] == left[1]) >= 0.95  # by chance it would be 0.56
    assert {label for labels in ends for label in labels} == {"4+", "5"}


def test_runs_from_minima_stay_and_the_result_is_json():
    found = train(trajectories=4, start="6,5+", protocol=Protocol(epochs=400), seed=5)
    assert [run.stages for run in found.trajectories] == [["6"], ["5+"]] * 2
    assert found.catalogued > 0.9 and found.catalogued_stderr is not None
    for run in found.trajectories:  # the expected gap is good to about half at n = 1000 (test_plateaus)
        assert run.plateaus[-1].gap == pytest.approx(run.plateaus[-1].expected_gap, rel=0.7)
    assert not found.transitions and not found.others
    again = Training.from_json(found.to_json())
    assert again.to_json() == found.to_json()
    assert repr(again) == repr(found) and "4 trajectories of SGD" in str(found)


def test_gradient_flow_starts_where_sgd_does_and_ends_near():
    options = {"starts": "5+", "protocol": Protocol(n=300, epochs=2000), "seed": 8}
    (sgd,), (flow,) = (run_trajectories(TrainingSettings(flow=kind, **options), 1) for kind in (False, True))
    assert np.array_equal(sgd["W"][0], flow["W"][0]) and np.array_equal(sgd["steps"], flow["steps"])
    assert np.all(np.diff(flow["empirical"]) <= 1e-12)
    assert flow["empirical"][-1] == pytest.approx(sgd["empirical"][-1], abs=2e-4)
    assert flow["empirical"][-1] < flow["empirical"][0] - 1e-4


def test_finished_trajectories_are_kept_and_belong_to_their_settings(tmp_path):
    settings = TrainingSettings(starts="5", protocol=SHORT)
    outcome, found = labelled(settings, 3, work=Work(folder=tmp_path))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "training.json", *(f"trajectory-{k:04d}.npz" for k in range(3)),
    ]  # fmt: skip
    with np.load(tmp_path / "trajectory-0001.npz", allow_pickle=False) as archive:
        assert np.array_equal(archive["W"], found[1]["W"])
    assert json.loads((tmp_path / "training.json").read_text())["data"] == outcome.data()
    changed = TrainingSettings(starts="5", protocol=SHORT, noise=0.02)
    work, written = Work(folder=tmp_path), (tmp_path / "training.json").read_bytes()
    with pytest.raises(KgonError, match=r"made with other settings \(noise 0\.01, now 0\.02\)"):
        labelled(changed, 3, work=work)
    with pytest.raises(KgonError, match=r"made with other settings \(trajectories 3, now 2\)"):
        labelled(settings, 2, work=work)
    assert (tmp_path / "training.json").read_bytes() == written
    assert not differences(found, labelled(settings, 3, work=work)[1])
    more = labelled(settings, 4, work=work)[1]  # goes on, and may replace the shorter list
    assert not differences(found, more[:3]) and len(more) == 4
    assert json.loads((tmp_path / "training.json").read_text())["options"]["trajectories"] == 4


def test_bad_noise_is_refused():
    for noise in (-1, float("nan"), True):
        with pytest.raises(KgonError, match="noise must be a finite number of at least 0"):
            train(trajectories=1, noise=noise)
