"""``kgon classify`` as a user meets it."""

import csv
import json
import os

import numpy as np
import pytest

from kgon import cli
from kgon.cli import classify
from kgon.kgons.catalogue import Catalogue
from kgon.potential.points import write_point

POINTS = list(Catalogue(6))


def run(capsys, *argv):
    try:
        code = cli.main(["classify", *map(str, argv)])
    except SystemExit as stop:
        code = int(stop.code)
    out, err = capsys.readouterr()
    return code, out, err


def data_of(capsys, *argv):
    code, out, _ = run(capsys, *argv, "--json")
    assert code == 0
    return json.loads(out)["data"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_point("one.npz", POINTS[0].W, POINTS[0].biases)
    write_point("one.csv", POINTS[0].W, POINTS[0].biases)
    write_point("all.npz", np.array([p.W for p in POINTS]), np.array([p.biases for p in POINTS]))
    write_point("cube.json", np.eye(3), np.zeros(3))
    write_point("triple.json", np.ones((2, 3)), np.zeros(3))
    for step, label in ((8, "4++-"), (50, "4+"), (100, "4+"), (1000, "5")):
        point = Catalogue(6)[label]
        write_point(f"run/step-{step}.npz", point.W, point.biases)


def test_one_point_and_many(capsys, folder):
    record = {"label": "4", "configuration": "adjacent", "distance": 0.0, "basin": "4", "hull": "4"}
    assert data_of(capsys, "one.npz") == data_of(capsys, "one.csv") == [record]
    code, out, err = run(capsys, "one.npz")
    assert (code, err) == (0, "") and "nearest 4, basin 4, hull 4" in out
    many = data_of(capsys, "all.npz")
    assert [r["label"] for r in many] == [str(p.name) for p in POINTS]
    _, out, _ = run(capsys, "all.npz")
    assert "nearest and basin differ at 10 points" in out


def test_a_series_marks_what_changes(capsys, folder):
    for argv in (
        ("run",),
        ("run/step-*.npz",),
        ("run/step-1000.npz", *(f"run/step-{s}.npz" for s in (8, 50, 100))),
    ):
        rows = data_of(capsys, *argv)
        assert [row["step"] for row in rows] == [8, 50, 100, 1000]
        assert [row["label"] for row in rows] == ["4++-", "4+", "4+", "5"]
        assert [row["changed"] for row in rows] == [False, True, False, True]
        assert rows[3]["loss"] == pytest.approx(Catalogue(6)["5"].loss) and rows[3]["gradient_norm"] < 1e-12
    _, out, _ = run(capsys, "run")
    assert "4++- → 4+ → 5" in out and out.count("→ ") == 4


def test_files_without_a_step_are_in_the_order_of_the_command_line(capsys, folder):
    for name, label in (("zero", "4"), ("ok", "5"), ("near", "5")):
        write_point(f"{name}.npz", Catalogue(6)[label].W, Catalogue(6)[label].biases)
    rows = data_of(capsys, "zero.npz", "ok.npz", "near.npz")
    assert [row["checkpoint"] for row in rows] == ["zero.npz", "ok.npz", "near.npz"]
    assert [row["changed"] for row in rows] == [False, True, False]


def test_many_points_go_to_a_file(capsys, folder, monkeypatch):
    monkeypatch.setattr(classify, "MOST_LISTED", 20)
    code, out, err = run(capsys, "all.npz", "--json")
    assert (code, out) == (2, "") and "--out labels.npz" in err
    data = data_of(capsys, "all.npz", "--out", "labels.npz")
    assert data["points"] == 21 and data["counts"]["nearest"]["4--"] == 2
    assert data["differ"] == {"nearest and basin": 10, "nearest and hull": 0, "basin and hull": 10}
    with np.load("labels.npz", allow_pickle=False) as file:
        assert file["label"].tolist() == [str(p.name) for p in POINTS]
        assert set(file.files) == {"label", "configuration", "distance", "basin", "hull"}
    data_of(capsys, "all.npz", "--out", "labels.csv")
    with open("labels.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["hull"] for row in rows] == [p.label for p in POINTS]


def test_a_long_series_goes_to_a_file(capsys, folder, monkeypatch):
    monkeypatch.setattr(classify, "MOST_LISTED", 20)
    with np.load("all.npz") as many:
        np.savez("series.npz", **many, step=np.arange(21))
    code, out, err = run(capsys, "series.npz", "--json")
    assert (code, out) == (2, "") and "holds 21 points; above 20 the list is written" in err
    (data,) = data_of(capsys, "series.npz", "--out", "labels.csv")
    assert data["points"] == 21 and len(data["changes"]) == 20
    change = data["changes"][0]
    assert change.keys() == {"checkpoint", "step", "from", "to", "delta_loss", "delta_lambda"}
    assert (change["checkpoint"], change["step"]) == ("series.npz[1]", 1)
    np.savez("none.npz", W=np.zeros((0, 2, 6)), b=np.zeros((0, 6)))
    for argv in (["none.npz"], ["none.npz", "--order", "given"], ["none.npz", "one.npz"]):
        code, out, err = run(capsys, *argv)
        assert (code, out, err.count("\n")) == (2, "", 1)


def test_a_series_in_a_file(capsys, folder):
    write_point("run/final.npz", POINTS[0].W, POINTS[0].biases)
    rows = data_of(capsys, "run", "--out", "series.npz")
    assert rows[-1]["step"] is None
    with np.load("series.npz", allow_pickle=False) as file:
        assert file["step"].tolist() == [8, 50, 100, 1000, -1]
        np.testing.assert_array_equal(file["loss"], [row["loss"] for row in rows])


@pytest.mark.parametrize(
    ("argv", "names"),
    [
        (["missing.npz"], "no such file"),
        (["run/*.pt"], "no checkpoints"),
        (["cube.json"], "r = 2"),
        (["triple.json"], "4 <= c"),
        (["one.npz", "all.npz"], "one point per file"),
        (["one.npz", "cube.json"], "cube.json"),
        (["one.npz", "--out", "labels.txt"], "'labels.txt'"),
        (["one.npz", "--workers", "0"], "workers"),
        ([], "required"),
    ],
)
def test_bad_input_is_exit_2_and_one_line(capsys, folder, argv, names):
    code, out, err = run(capsys, *argv)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert names in err


def test_importances_in_a_file_are_read(capsys, folder):
    """With other importances the basins are those that branches of the k-gons lead to."""
    point = Catalogue(6)["5"]
    np.savez("weighted.npz", W=point.W, b=point.biases, importance=[1, 1, 1, 1, 1, 2])
    np.savez("plain.npz", W=point.W, b=point.biases, importance=[1] * 6, probability=[1 / 6] * 6)
    code, out, err = run(capsys, "weighted.npz")
    assert (code, err) == (0, "") and "model: importance 1,1,1,1,1,2" in out and "nearest 5" in out
    (record,) = data_of(capsys, "weighted.npz")
    assert (record["label"], record["basin"], record["hull"]) == ("5", "5, dead column 5", "5")
    assert data_of(capsys, "plain.npz")[0]["basin"] == "5"
    np.savez("other.npz", W=point.W, b=point.biases, scale_factor=2.0)
    code, out, err = run(capsys, "other.npz")
    assert (code, out) == (2, "") and "not understood: scale_factor" in err


def test_steps_with_decimals(capsys, folder):
    for t, label in ((0.5, "5"), (0.25, "4"), (0.3, "4")):
        write_point(f"decimals/t{t}.npz", Catalogue(6)[label].W, Catalogue(6)[label].biases)
    rows = data_of(capsys, "decimals", "--out", "series.csv")
    assert [(row["step"], row["label"]) for row in rows] == [(0.25, "4"), (0.3, "4"), (0.5, "5")]
    with open("series.csv", newline="") as file:
        assert [row["step"] for row in csv.DictReader(file)] == ["0.25", "0.3", "0.5"]


@pytest.mark.skipif(os.name != "posix", reason="file names are text here")
def test_names_of_files_may_be_anything(capsys, folder):
    """Bytes that are no text, what a terminal would obey, and what ends a row of CSV."""
    os.mkdir("odd")
    for name in (b"\xffa1.npz", b'=a\x1b[31m,"\n2.npz'):
        with open(b"odd/" + name, "wb") as file, open("one.npz", "rb") as good:
            file.write(good.read())
    code, out, err = run(capsys, "odd", "--out", "odd.csv")
    assert (code, err) == (0, "") and "\x1b" not in out
    with open("odd.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["checkpoint"] for row in rows} == {"odd/\\udcffa1.npz", 'odd/=a\x1b[31m,"\n2.npz'}
    assert {row["label"] for row in rows} == {"4"}
    assert len(data_of(capsys, "odd")) == 2


def test_points_of_three_dimensions_are_named_by_the_nearest_solid(folder, capsys):
    octahedron = np.hstack([np.eye(3), -np.eye(3)])
    write_point("solid.npz", 1.001 * octahedron[:, ::-1], np.zeros(6))
    (found,) = data_of(capsys, "solid.npz")
    assert found["solid"] == "octahedron" and found["distance"] == pytest.approx(0.001 * 6**0.5)
    write_point("two.npz", np.array([octahedron, 1.1 * octahedron]), np.zeros((2, 6)))
    code, out, err = run(capsys, "two.npz", "--out", "names.csv")
    assert code == 0 and out.count("octahedron") == 2 and "r = 3" in out + err
    with open("names.csv", newline="") as file:
        assert [row["solid"] for row in csv.DictReader(file)] == ["octahedron"] * 2
    code, _, err = run(capsys, "cube.json")
    assert code == 2 and "4 <= c <= 12" in err and err.startswith("kgon classify: error: cube.json: ")
