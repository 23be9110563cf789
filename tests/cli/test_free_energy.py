"""The command line of sampling: evidence, antecedent, diagrams."""

import json

import numpy as np
import pytest
from support.command import data_of, run


def test_evidence_is_written_resumed_and_used(capsys, tmp_path):
    folder = tmp_path / "run"
    argv = ("evidence", "--n", "2,4", "--out", str(folder), "--no-progress")
    first = data_of(capsys, *argv)
    assert data_of(capsys, *argv) == first
    file = str(folder / "evidence.json")
    shares = data_of(capsys, "occupancy", "--n", "3", "--theory", "evidence", "--evidence", file)
    assert sum(row["probability"] for row in shares) == pytest.approx(1)
    assert all(row["stderr"] is not None for row in shares if row["probability"])
    found = data_of(capsys, "ncrit", "5", "6", "--theory", "evidence", "--evidence", file)
    assert found["roots"] == [] and found["theory"] == "evidence"
    assert data_of(capsys, "phases", "--theory", "evidence", "--evidence", file)
    code, _, err = run(capsys, "occupancy", "--n", "100", "--theory", "evidence", "--evidence", file)
    assert code == 2 and "from 2 to 4" in err
    bad = tmp_path / "bad.json"
    bad.write_text("{}")
    code, _, err = run(capsys, "ncrit", "5", "6", "--theory", "evidence", "--evidence", str(bad))
    assert code == 2 and "not an evidence.json" in err


def test_antecedent_says_what_is_refuted(capsys):
    code, out, _ = run(capsys, "antecedent", "--json")
    data = json.loads(out)["data"]
    assert code == 1 and data["states"] == ["4++-", "4+", "5"]
    assert [t["verdict"] for t in data["transitions"]] == ["UNDECIDED", "REFUTED"]
    assert (data["verdict"], data["verdict_hat"]) == ("REFUTED", "UNDECIDED")
    assert run(capsys, "antecedent", "4", "6")[0] == 0


def test_diagrams_have_their_grid(capsys):
    beta = data_of(capsys, "phases", "--diagram", "beta", "--n", "100,1000", "--values", "1/2,1")
    assert np.shape(beta["lowest"]) == (2, 2) and beta["values"] == [0.5, 1.0]
    steps = data_of(capsys, "phases", "--diagram", "beta", "--n", "100,1000", "--values", "0.5:1:0.5")
    assert steps["values"] == beta["values"] and steps["lowest"] == beta["lowest"]
    importance = data_of(
        capsys,
        "phases",
        "--diagram",
        "importance",
        "--n",
        "200",
        "--values",
        "0.5:1:0.25",
        "--theory",
        "laplace",
    )
    assert np.shape(importance["lowest"]) == (3, 1) and importance["beta"] == 1.0
