"""Series of checkpoints: which files, in which order, and what is said of them."""

import numpy as np
import pytest

from kgon.base.verdicts import KgonError, KgonWarning
from kgon.base.work import Work
from kgon.experiments.training.checkpoints import read_runs, read_series
from kgon.experiments.training.order import list_files, put_in_order
from kgon.experiments.training.series import CheckpointSeries
from kgon.experiments.training.trajectory import TrainingSettings, run_trajectories
from kgon.kgons.catalogue import Catalogue
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.potential.points import write_point
from kgon.potential.steps import step_of, steps_of
from kgon.sampling.sgd import Protocol


def write(path, label, **more):
    point = Catalogue(6)[label]
    if more:
        return np.savez(path, W=point.W, b=point.biases, **more)
    return write_point(path, point.W, point.biases)


def files_of(paths):
    """The files of paths, by their names alone."""
    files = list(list_files(paths))
    places, _ = put_in_order(files, [None] * len(files))
    return [files[k] for k in places]


@pytest.fixture
def run(tmp_path):
    for step, label in ((10, "4+"), (9, "4++-"), (100, "4+"), (1000, "5")):
        write(tmp_path / f"run2-step{step}.npz", label)
    (tmp_path / "log.txt").write_text("not a point")
    return tmp_path


def test_files_come_in_the_order_of_their_numbers(run):
    names = [f"run2-step{step}.npz" for step in (9, 10, 100, 1000)]
    assert [file.name for file in files_of(run)] == names
    assert [file.name for file in files_of(str(run / "run2-*"))] == names
    assert [file.name for file in files_of([run / name for name in names[::-1]])] == names
    assert [file.name for file in files_of([run, run / names[0]])] == names  # nothing twice
    write(run / "final.npz", "5")
    assert [file.name for file in files_of(run)] == [*names, "final.npz"]
    odd = write(run / "step[1].json", "5")  # an existing file is no pattern
    assert files_of(str(odd)) == [odd]


def test_names_without_a_step_stay_as_they_were_given(tmp_path):
    names = ["zero", "ok", "near"]
    for name in names:
        write(tmp_path / f"{name}.npz", "5")
    assert [file.stem for file in files_of([tmp_path / f"{name}.npz" for name in names])] == names
    assert [file.stem for file in files_of(tmp_path)] == sorted(names)  # a folder has no order of its own
    assert [file.stem for file in files_of([str(tmp_path / "z*"), tmp_path])] == ["zero", "near", "ok"]


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("step-12.pt", 12),
        ("epoch3_step0040.pth", 40),
        ("final.pt", None),
        ("7.npz", 7),
        ("v2/model.npz", None),
    ],
)
def test_steps(name, step):
    assert step_of(name) == step


@pytest.mark.parametrize(
    ("names", "steps"),
    [
        # in the order of the steps; the folder lists them in another one
        (["t0.25", "t0.3", "t0.5", "t2.0", "t10.5"], [0.25, 0.3, 0.5, 2.0, 10.5]),
        (["ckpt_1e-3", "ckpt_5e-3", "ckpt_2e-2", "ckpt_1e2"], [1e-3, 5e-3, 2e-2, 100.0]),
        (["step=5_lr=1e-3", "step=20_lr=1e-3", "step=100_lr=1e-3"], [5, 20, 100]),
        (["step=5_seed=7", "step=20_seed=7"], [5, 20]),
        (["epoch=2-val_loss=0.32", "epoch=10-val_loss=0.5", "epoch=11-val_loss=0.1"], [2, 10, 11]),
        (["epoch0-step9", "epoch0-step10", "epoch1-step11"], [9, 10, 11]),
        (["step9-epoch0", "step10-epoch0", "step11-epoch1"], [9, 10, 11]),
        (["t=-1.5", "t=-0.5", "t=0.25"], [-1.5, -0.5, 0.25]),
        (["v1.2-9", "v1.2-10"], [9, 10]),
        (["model-v2-9", "model-v2-80", "model-v2"], [9, 80, None]),
    ],
)
def test_the_number_that_varies_is_the_step(tmp_path, names, steps):
    for name in names:
        (tmp_path / f"{name}.npz").touch()
    files = files_of([tmp_path / f"{name}.npz" for name in names[::-1]])
    assert [file.stem for file in files] == names == [file.stem for file in files_of(tmp_path)]
    assert steps_of(files) == steps


@pytest.mark.parametrize(
    "names", [["zero", "ok"], ["b1", "a1"], ["b-lr1e-3", "a-lr1e-3"], ["p2", "q1"], ["t0.10", "t0.1"]]
)
def test_where_no_number_varies_the_order_is_that_of_the_command_line(tmp_path, names):
    paths = [tmp_path / f"{name}.npz" for name in names]
    for path in paths:
        path.touch()
    assert files_of(paths) == paths and steps_of(paths) == [None, None]


@pytest.mark.parametrize("names", [["step5-run1", "step5-run2", "step6-run1"]])
def test_names_that_do_not_tell_the_step_are_refused(tmp_path, names):
    for name in names:
        (tmp_path / f"{name}.npz").touch()
    with pytest.raises(KgonError, match="the steps in the names do not increase"):
        files_of(tmp_path)


def test_a_series_with_importances_is_that_of_its_model(tmp_path):
    tms = TMS(6, importance=[1, 2, 1, 1, 1, 1])
    point = Catalogue(6)["5"]
    for t in (0.25, 0.3, 0.5):
        np.savez(tmp_path / f"t{t}.npz", W=t * point.W, b=point.biases, importance=tms.importance)
    series = read_series(tmp_path)
    assert series.step == (0.25, 0.3, 0.5) and series.names.model == tms
    assert series.names.basin.tolist() == ["4----", "4----", "5, dead column 5"]
    potential = Potential(tms)
    expected = [potential.loss(t * point.W, point.biases) for t in series.step]
    np.testing.assert_allclose(series.loss, expected, rtol=1e-15)
    assert "0.25" in series.text()
    again = CheckpointSeries.from_json(series.to_json())
    assert again.step == series.step
    np.savez(tmp_path / "t0.4.npz", W=point.W, b=point.biases)
    with pytest.raises(KgonError, match="different importances or probabilities"):
        read_series(tmp_path)


def test_what_is_said_of_each_checkpoint(run):
    series = read_series(run)
    assert series.step == (9, 10, 100, 1000)
    assert series.stages() == ["4++-", "4+", "5"]
    assert series.changed.tolist() == [False, True, False, True]
    assert repr(series) == "<4 checkpoints, c = 6: 4++- → 4+ → 5>"
    potential = Potential(TMS(6))
    for k, record in enumerate(series.records()):
        assert record["loss"] == pytest.approx(potential.loss(series.W[k], series.b[k]), abs=1e-15)
        norm = potential.gradient_norm(series.W[k], series.b[k])
        assert record["gradient_norm"] == pytest.approx(norm, abs=1e-15)
    assert [r["basin"] for r in series.records()] == ["other", "4+", "4+", "5"]
    lines = series.text().splitlines()
    assert [("→" in line) for line in lines[4:]] == [False, True, False, True]
    again = CheckpointSeries.from_json(series.to_json())
    assert again.to_dict() == series.to_dict()
    assert "1000" in str(series)


def test_what_is_refused(run, tmp_path):
    with pytest.raises(KgonError, match="no checkpoints"):
        read_series(str(run / "*.pt"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(KgonError, match="no checkpoints"):
        read_series(tmp_path / "empty")
    with pytest.raises(KgonError, match="name at least one"):
        read_series([])
    with pytest.raises(KgonError, match="no such file"):
        read_series(run / "run2-step11.npz")
    write(run / "run3-step5.npz", "6")
    with pytest.raises(KgonError, match="5 comes after 1000"):
        read_series(run)
    (run / "run3-step5.npz").unlink()
    write_point(run / "run2-step2000.npz", np.zeros((2, 5)), np.zeros(5))
    with pytest.raises(KgonError, match=r"different numbers of features: \[5, 6\]"):
        read_series(run)
    write_point(run / "run2-step2000.npz", np.zeros((3, 2, 6)), np.zeros((3, 6)))
    with pytest.raises(KgonError, match=r"step2000.*one point per file, this holds 3"):
        read_series(run)
    write_point(run / "run2-step2000.npz", np.zeros((3, 6)), np.zeros(6))
    with pytest.raises(KgonError, match=r"step2000.*r = 2"):
        read_series(run)


# --- steps in the files, and orders -------------------------------------------------------------------------


@pytest.fixture
def contrary(tmp_path):
    """Files whose names count the other way than the steps in them."""
    for name, step, label in (("ckpt-1", 30, "5"), ("ckpt-2", 20, "4+"), ("ckpt-3", 10, "4++-")):
        write(tmp_path / f"{name}.npz", label, step=step)
    return tmp_path


def test_steps_in_the_files_come_before_those_in_the_names(tmp_path):
    for name, step, label in (("b", 1, "4"), ("a", 2, "4+"), ("epoch=3", 300, "5")):
        write(tmp_path / f"{name}.npz", label, global_step=step, epoch=7)
    series = read_series(tmp_path)
    assert series.step == (1, 2, 300) and series.stages() == ["4", "4+", "5"]


def test_orders_that_contradict_are_refused_until_one_is_chosen(contrary):
    with pytest.raises(KgonError, match="their names say the other order: --order step or --order name"):
        read_series(contrary)
    found = {order: read_series(contrary, order=order) for order in ("given", "name", "step")}
    assert found["step"].step == (10, 20, 30) and found["step"].stages() == ["4++-", "4+", "5"]
    assert found["name"].step == (1, 2, 3) and found["name"].stages() == ["5", "4+", "4++-"]
    assert found["given"].step == (30, 20, 10) and found["given"].stages() == ["5", "4+", "4++-"]
    files = [contrary / f"ckpt-{k}.npz" for k in (2, 3, 1)]
    assert read_series(files, order="given").step == (20, 10, 30)
    with pytest.raises(KgonError, match="order must be one of given, name, step, got 'time'"):
        read_series(contrary, order="time")
    write(contrary / "ckpt-4.npz", "5")
    with pytest.raises(KgonError, match=r"ckpt-4\.npz says no step: --order step needs one in each file"):
        read_series(contrary, order="step")
    assert read_series(contrary).step == (1, 2, 3, 4)  # where one file lacks it, the names count


def test_steps_that_repeat_are_no_order(tmp_path):
    for name in ("ckpt-8", "ckpt-9", "ckpt-10"):
        write(tmp_path / f"{name}.npz", "5", step=0)
    assert read_series(tmp_path).step == (8, 9, 10)


def test_names_that_do_not_tell_may_be_given_in_order(tmp_path):
    for name in ("step5-run2", "step5-run1", "step6-run1"):
        write(tmp_path / f"{name}.npz", "5")
    with pytest.raises(KgonError, match="--order given says that they are in order"):
        read_series(tmp_path)
    files = [tmp_path / f"{name}.npz" for name in ("step5-run2", "step6-run1", "step5-run1")]
    series = read_series(files, order="given")
    assert series.files == tuple(map(str, files)) and series.step == (None, None, None)


def test_change_points_have_the_differences_of_their_kgons(run):
    kgons, series = Catalogue(6), read_series(run)
    first, second = series.changes
    assert (first.step, first.first, first.second) == (10, "4++-", "4+")
    assert (second.step, second.first, second.second) == (1000, "4+", "5")
    assert first.delta_lambda is None  # the 4++- is a saddle
    assert second.delta_lambda == kgons["5"].lambda_ - kgons["4+"].lambda_ == -1
    assert second.delta_loss == kgons["5"].loss - kgons["4+"].loss < 0
    assert second.checkpoint == str(run / "run2-step1000.npz")
    changes = [record["change"] for record in series.records()]
    assert [change and (change["from"], change["to"]) for change in changes] == [
        None, ("4++-", "4+"), None, ("4+", "5")
    ]  # fmt: skip
    assert "step 1000: 4+ → 5, ΔL = -0.0" in repr(second)
    shown = series.changes_table().text().splitlines()[-2:]
    assert shown[0].split()[:3] == ["10", "4++-", "4+"] and shown[0].split()[-1] == "undefined"
    assert float(shown[1].split()[-1]) == float(second.delta_lambda)
    again = CheckpointSeries.from_json(series.to_json())
    assert [repr(change) for change in again.changes] == [repr(change) for change in series.changes]


@pytest.mark.parametrize("factor", [2.0, None])
def test_differences_are_those_of_the_model(tmp_path, factor):
    """A common factor of the importances is one of ΔL; at others the k-gons are no critical points."""
    importance = [2.0] * 6 if factor else [1, 1, 1, 1, 1, 2]
    for step, label in ((1, "4+"), (2, "5")):
        write(tmp_path / f"step-{step}.npz", label, importance=importance)
    (change,) = read_series(tmp_path).changes
    gap = Catalogue(6)["5"].loss - Catalogue(6)["4+"].loss
    assert change.delta_loss == (pytest.approx(factor * gap) if factor else None)
    assert (change.delta_lambda is None) == (factor is None)


# --- series in one file, and folders of them ----------------------------------------------------------------


def trajectory(path, labels, **more):
    points = [Catalogue(6)[label] for label in labels]
    np.savez(path, W=np.stack([p.W for p in points]), b=np.stack([p.biases for p in points]), **more)


def test_what_train_keeps_is_one_run_per_file(tmp_path):
    settings = TrainingSettings(starts=("5",), protocol=Protocol(n=50, batch=10, epochs=20))
    run_trajectories(settings, 2, work=Work(folder=tmp_path))
    (tmp_path / "training.json").write_text('{"schema": "kgon/training/1", "data": {}}')
    with pytest.warns(KgonWarning, match=r"passed over: .*training\.json: a result of kgon's"):
        runs = read_runs(tmp_path)
    assert [run.files[0] for run in runs] == [f"{tmp_path}/trajectory-000{k}.npz[0]" for k in (0, 1)]
    for k, found in enumerate(runs):
        with np.load(tmp_path / f"trajectory-000{k}.npz") as kept:
            np.testing.assert_array_equal(found.W, kept["W"])
            np.testing.assert_array_equal(found.loss, kept["loss"])
            assert found.step == tuple(kept["steps"].tolist())
    with pytest.warns(KgonWarning), pytest.raises(KgonError, match="there are 2 runs"):
        read_series(tmp_path)


def test_a_long_series_shows_its_changes(tmp_path):
    trajectory(tmp_path / "long.npz", ["4+"] * 70 + ["5"] * 30, steps=np.arange(100) * 10)
    lines = read_series(tmp_path / "long.npz").text().splitlines()
    assert [line.split()[0] for line in lines[4:]] == ["0", "690", "700", "990"]


def test_files_of_one_point_and_of_several_are_no_run(tmp_path):
    trajectory(tmp_path / "long.npz", ["4+", "5"], steps=np.arange(2))
    write(tmp_path / "one.npz", "5")
    with pytest.raises(KgonError, match=r"long\.npz: a series takes one point per file, this holds 2"):
        read_series(tmp_path)
    with pytest.raises(KgonError, match="the order of what it holds is given or step"):
        read_series(tmp_path / "long.npz", order="name")


def test_what_a_folder_holds_beside_is_named_and_what_was_asked_for_is_needed(run, tmp_path):
    (tmp_path / "config.json").write_text('{"lr": 0.1}')
    (tmp_path / "metrics.csv").write_text("step,loss\n1,0.5\n")
    with pytest.warns(KgonWarning) as said:
        assert read_series(run).step == (9, 10, 100, 1000)
    assert sorted(str(each.message).split(": ")[1].rpartition("/")[2] for each in said) == [
        "config.json", "metrics.csv"
    ]  # fmt: skip
    with pytest.raises(KgonError, match=r"config\.json: no entry named W or weight"):
        read_series([run, tmp_path / "config.json"])
    (tmp_path / "broken.npz").write_bytes(b"PK\x03\x04")
    with pytest.raises(KgonError, match=r"broken\.npz: the file is damaged"):
        read_series(run)
