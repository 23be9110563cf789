"""One model on every command: options, entries of files, and what results say of it."""

import json

import numpy as np
import pytest
from support.command import data_of, run

from kgon.kgons import Catalogue, Label, point_at
from kgon.potential import TMS, Potential
from kgon.proofs import verify

HALF = "1,1,1,1,1,1/2"
MODEL = TMS(6, importance=[1, 1, 1, 1, 1, 0.5])
SAID = {"c": 6, "r": 2, "importance": [1, 1, 1, 1, 1, 0.5], "probability": [1 / 6] * 6}


@pytest.fixture
def stored(tmp_path):
    def write(name, label, model=MODEL, **entries):
        W, b = point_at(Label.parse(label), model)
        np.savez(tmp_path / name, W=W, b=b, **entries)
        return str(tmp_path / name)

    return write


def test_verify_proves_where_the_branch_of_a_label_leads(capsys, stored):
    data = data_of(capsys, "verify", "6", "--importance", HALF)
    assert (data["critical"], data["name"], data["model"]) == ("PROVED", "6", SAID)
    assert data["nearby"]["negative"] == 0 and data["nearest"] is None
    data = data_of(capsys, "verify", stored("p.npz", "5+, positive column 3"), "--importance", HALF)
    assert (data["critical"], data["name"]) == ("PROVED", "5+, positive column 3")
    same = data_of(capsys, "verify", stored("q.npz", "5+", importance=MODEL.importance))
    assert (same["critical"], same["name"]) == ("PROVED", "5+, positive column 5")
    # the catalogue's hexagon itself is no critical point of this model
    six = Catalogue(6)["6"]
    found = verify(six.W, six.biases, tms=MODEL)
    assert str(found.critical) == "REFUTED" and found.nearest is None and found.name is None
    code, out, _ = run(capsys, "verify", "5⁺, positive column 3", "--importance", HALF)
    assert (
        code == 0
        and "importance 1,1,1,1,1,0.5" in out
        and "whose branch from equal weights leads here" in out
    )


def test_verify_says_why_a_point_has_no_name(capsys, tmp_path):
    code, _, err = run(capsys, "verify", "6", "--importance", "1,1,1,1,1,0.3")
    assert code == 2 and "the branch of 6 turns back at a fold, at importance 1,1,1,1,1,0.390358" in err
    tms = TMS(4, importance=[1, 1, 1, 0.5])
    np.savez(tmp_path / "x.npz", W=np.eye(2, 4), b=[0, 0, -1, -1], importance=tms.importance)
    data = data_of(capsys, "verify", str(tmp_path / "x.npz"))
    assert data["critical"] == "PROVED" and data["name"] == "4--, live columns 0 1"


def test_classify_knows_the_basins_of_the_model(capsys, stored):
    path = stored("p.npz", "5+, positive column 2")
    (record,) = data_of(capsys, "classify", path, "--importance", HALF)
    assert (record["label"], record["basin"]) == ("5+", "5+, positive column 4")
    code, out, _ = run(capsys, "classify", path, "--importance", HALF)
    assert code == 0 and "model: importance 1,1,1,1,1,0.5" in out and "branches from equal weights" in out
    code, _, err = run(
        capsys, "classify", stored("q.npz", "5", importance=[1] * 5 + [2]), "--importance", HALF
    )
    assert code == 2 and "q.npz has another importance than --importance says" in err
    series = [stored(f"step-{k}.npz", label) for k, label in ((1, "4"), (2, "5"))]
    rows = data_of(capsys, "classify", *series, "--importance", HALF)
    assert [row["basin"] for row in rows] == ["4, dead columns 4 5", "5, dead column 5"]
    losses = [float(Potential(MODEL).loss(*point_at(Label.parse(x), MODEL))) for x in ("4", "5")]
    assert [row["loss"] for row in rows] == losses


@pytest.mark.slow
def test_the_catalogue_of_a_model(capsys):
    data = data_of(capsys, "catalogue", "-c", "5", "--importance", "1,1,1,1,1/20")
    assert data["model"]["importance"] == [1, 1, 1, 1, 0.05]
    listed = {x["label"]: x for x in data["kgons"]}
    assert listed["4+, positive column 4"]["critical"] == "PROVED"
    assert "fold" in listed["5"]["ended"]
    for text, x in listed.items():
        assert (x["loss"] is None) is bool(x["ended"]), text
    doubled = data_of(capsys, "catalogue", "-c", "5", "--importance", "2,2,2,2,2")["kgons"]
    plain = data_of(capsys, "catalogue", "-c", "5")
    assert [x["loss"] for x in doubled] == pytest.approx([2 * x["loss"] for x in plain], rel=1e-14)
    assert [(x["lambda"], x["is_minimum"]) for x in doubled] == [
        (x["lambda"], x["is_minimum"]) for x in plain
    ]
    assert {x["critical"] for x in doubled} == {"PROVED"}


@pytest.mark.slow
def test_search_takes_a_common_factor_out(capsys):
    found = [
        data_of(capsys, "search", "--starts", "40", "-c", "4", "--below", str(0.2 * f), "--no-progress",
                "--importance", ",".join(map(str, [f, f, f, f / 2])))
        for f in (1.0, 4.0)
    ]  # fmt: skip
    one, four = found
    assert [x["label"] for x in one] == [x["label"] for x in four] and one
    assert [4 * x["loss"] for x in one] == [x["loss"] for x in four]
    assert all(x["certificate"] is None or x["certificate"]["verdict"] == "PROVED" for x in one)
    assert any(x["label"] == "4" for x in one)


def test_continue_follows_the_way_to_a_model(capsys):
    data = data_of(capsys, "continue", "6", "--importance", HALF)
    assert (data["parameter"], data["role"]) == ("importance=1,1,1,1,1,0.5", "columns in order")
    W, b = point_at(Label(6), MODEL)
    assert data["points"][-1]["loss"] == pytest.approx(float(Potential(MODEL).loss(W, b)), abs=1e-14)
    code, out, _ = run(capsys, "continue", "5⁺ (positive)", "--to", "0.6", "--against", "6")
    assert code == 0 and "0.65819" in out
    for argv, words in (
        (["6", "--importance", HALF, "--parameter", "importance[5]"], "begins where all weights are equal"),
        (["6", "--importance", HALF, "--probability", "1/7,1/7,1/7,1/7,1/7,2/7", "--certify"],
         "kgon verify proves the point at the end"),
        (["6", "--importance", "2,2,2,2,2,2"], "a common factor, which moves no k-gon"),
        (["6"], "--to is missing"),
        (["5+ (positive)", "--role", "vertex", "--to", "2"], "names a role already"),
    ):  # fmt: skip
        code, _, err = run(capsys, "continue", *argv)
        assert code == 2 and words in err and err.count("\n") == 1, argv


def test_a_landscape_takes_a_common_factor_out(capsys):
    options = ["landscape", "-c", "4", "--starts", "0", "--trials", "0", "--no-progress"]
    one, two = data_of(capsys, *options), data_of(capsys, *options, "--importance", "2,2,2,2")
    assert two["model"]["importance"] == [2] * 4 and "model" not in one
    assert [x["loss"] for x in two["nodes"]] == [2 * x["loss"] for x in one["nodes"]]
    assert [x["barrier"] for x in two["edges"]] == [2 * x["barrier"] for x in one["edges"]]
    code, _, err = run(capsys, *options, "--importance", "2,2,2,0.001")
    assert code == 2 and "differ by a factor of 1000 at most" in err and "2,2,2,0.001" in err


@pytest.mark.slow
def test_what_is_sampled_and_trained_is_the_model(capsys, tmp_path):
    out = ["--out", str(tmp_path), "--no-progress", "--importance", HALF]
    sampled = data_of(
        capsys, "sample", "--n", "30", "--runs", "1", "--ensembles", "2", "--draws", "4", *out, code=1
    )
    assert sampled["model"] == SAID and "5, dead column 5" in sampled["labels"]
    with np.load(tmp_path / "draws.npz") as draws:
        assert Potential(MODEL).loss(draws["W"], draws["b"]) == pytest.approx(draws["loss"], rel=1e-12)
    short = [
        "train",
        "--trajectories",
        "1",
        "--start",
        "5+, positive column 2",
        "--epochs",
        "60",
        "--n",
        "200",
    ]
    data = data_of(capsys, *short, *out)
    assert data["model"] == SAID and data["starts"] == ["5+, positive column 2"]
    assert json.loads((tmp_path / "training.json").read_text())["options"]["model"] == SAID
    plateaus = data["trajectories"][0]["plateaus"]
    assert {x["label"] for x in plateaus if x["catalogued"]} == {"5+, positive column 4"}
    code, _, err = run(capsys, *short, "--out", str(tmp_path))
    assert code == 2 and "model" in err and "give another folder" in err
    code, _, err = run(capsys, "train", "--trajectories", "1", "--start", "6", "--importance", "1,1,1,1,1,.3")
    assert code == 2 and "turns back at a fold" in err


@pytest.mark.parametrize(
    "argv",
    [
        ["classify", "x.npz"], ["search", "--starts", "2"], ["train", "--trajectories", "1"],
        ["sample", "--n", "5"], ["evidence"], ["continue", "6"], ["landscape"], ["catalogue"],
        ["verify", "6"], ["llc", "6"],
    ],
)  # fmt: skip
def test_weights_that_are_none_are_refused_by_every_command(capsys, tmp_path, monkeypatch, argv):
    monkeypatch.chdir(tmp_path)
    point = Catalogue(6)["6"]
    np.savez("x.npz", W=point.W, b=point.biases)
    for option, words in (
        ("--importance=1,2", "importance must have shape (6,)"),
        ("--probability=1,x", "is a list of numbers"),
        ("--probability=1,1,1,1,1,1", "probability must sum to 1"),
    ):  # fmt: skip
        code, out, err = run(capsys, *argv, option)
        assert (code, out, err.count("\n")) == (2, "", 1) and words in err, err
