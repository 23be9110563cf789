"""Series of checkpoints: which files, in which order, and what is said of them."""

import numpy as np
import pytest

from kgon.base.verdicts import KgonError
from kgon.experiments.training.checkpoints import CheckpointSeries, files_of, read_series
from kgon.kgons.catalogue import Catalogue
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.potential.points import write_point
from kgon.potential.steps import step_of, steps_of


def write(path, label):
    point = Catalogue(6)[label]
    return write_point(path, point.W, point.biases)


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
    assert series.step == (0.25, 0.3, 0.5) and series.names.basin is None
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
