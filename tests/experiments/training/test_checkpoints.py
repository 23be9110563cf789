"""Series of checkpoints: which files, in which order, and what is said of them."""

import numpy as np
import pytest

from kgon.base.verdicts import KgonError
from kgon.experiments.training.checkpoints import CheckpointSeries, files_of, read_series
from kgon.experiments.training.steps import step_of
from kgon.kgons.catalogue import Catalogue
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.potential.points import write_point


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
