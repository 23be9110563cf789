"""The commands landscape and search."""

import json
import os

import pytest
from support.command import data_of, run

from kgon.landscape.graph import Landscape


def test_the_command(capsys, tmp_path):
    out = os.fspath(tmp_path / "out")
    data = data_of(
        capsys, "landscape", "-c", "5", "--starts", "60", "--trials", "2", "--out", out, "--no-progress"
    )
    assert {node["label"] for node in data["nodes"]} >= {"4", "4+", "5"}
    assert {(edge["from"], edge["to"]) for edge in data["edges"]} >= {("4+", "5"), ("4", "4+")}
    kept = Landscape.from_json((tmp_path / "out" / "landscape.json").read_text())
    assert kept.data() == data
    code, _, err = run(capsys, "landscape", "--starts", "-4")
    assert code == 2 and "starts" in err and err.count("\n") == 1
    code, _, err = run(capsys, "landscape", "-c", "20")
    assert code == 2 and "from 4 to 12, got 20" in err


def test_the_command_takes_weights_and_writes_every_format(capsys):
    options = ["landscape", "-c", "4", "--starts", "0", "--trials", "0", "--no-progress"]
    own = [*options, "--importance", "1,1,1,1/2"]
    data = data_of(capsys, *own)
    assert data["model"]["importance"] == [1, 1, 1, 0.5]
    assert {x["label"] for x in data["nodes"]} >= {"4", "4-, live columns 0 1 2", "4-, live columns 0 1 3"}
    assert data["missing"] == []
    for form, word in (("latex", "$4^{-}$, live columns 0 1 2"), ("markdown", "| 4-, live columns 0 1 3 |"),
                       ("csv", '"4-, live columns 0 1 3"')):  # fmt: skip
        code, out, _ = run(capsys, *own, "--format", form)
        assert code == 0 and word in out, out
        assert form == "csv" or "importance 1,1,1,0.5" in out
    plain = json.dumps(data_of(capsys, *options))
    assert "missing" not in plain and "unnamed" not in plain and "model" not in plain
    likely = data_of(capsys, *options, "--probability", "0.2,0.2,0.2,0.4")
    assert likely["nodes"][0]["loss"] == pytest.approx(0.0, abs=1e-12)


def test_command(capsys, tmp_path):
    folder = str(tmp_path / "found")
    options = ("search", "--starts", "600", "-c", "4", "--below", "1/12", "--no-progress")
    data = data_of(capsys, *options, "--out", folder)
    assert {"loss", "index", "hits", "label", "certificate"} <= data[0].keys()
    assert (data[0]["label"], data[0]["index"]) == ("4", 0)
    assert all(point["loss"] < 1 / 12 for point in data)
    saved = json.loads((tmp_path / "found" / "search.json").read_text())
    assert saved["data"]["points"] == data
    code, out, _ = run(capsys, *options)
    assert code == 0
    assert "distinct critical points with L < 0.0833333" in out
    code, _, err = run(capsys, "verify", str(tmp_path / "found" / "points.npz"))
    assert code == 2  # many points: verify takes one
    assert "one point" in err
    code, _, err = run(capsys, "search", "--starts", "many")
    assert code == 2
    assert "invalid int value: 'many'" in err
