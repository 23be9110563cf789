"""``kgon continue`` as a user meets it."""

import json
from pathlib import Path

import pytest
from support.command import data_of, run


def test_a_branch_against_another_with_its_proof(capsys, tmp_path):
    argv = ("continue", "6", "--to", "0.6", "--against", "5+", "--certify", "--out", str(tmp_path / "run"))
    data = data_of(capsys, *argv)
    (event,) = data["events"]
    assert (event["kind"], event["status"]) == ("maxwell", "proved")
    assert event["lower"] <= event["parameter"] <= event["upper"] <= event["lower"] + 1e-9
    assert event["parameter"] == pytest.approx(0.6581978127, abs=1e-10)
    assert data["proof"]["verdict"] == "PROVED" and data["points"][0]["parameter"] == 0.6
    code, out, _ = run(capsys, *argv)
    assert code == 0 and "0.6581978126" in out and "PROVED" in out
    kept = json.loads((tmp_path / "run" / "branch.json").read_text())
    assert kept["data"]["events"] == data["events"]


def test_other_parameters(capsys):
    data = data_of(capsys, "continue", "5", "--parameter", "c", "--from", "5", "--to", "7")
    assert [round(data["points"][k]["loss"], 6) for k in (0, -1)] == [0.015826, 0.083271]
    data = data_of(capsys, "continue", "5", "--parameter", "betan", "--to", "1000", "--against", "6")
    assert [round(event["parameter"], 3) for event in data["events"]] == [601.005]
    data = data_of(capsys, "continue", "6", "--parameter", "probability[5]", "--to", "0.05")
    assert [event["kind"] for event in data["events"]] == ["fold"]
    data = data_of(capsys, "continue", "6", "--from", "0.3", "--to", "3", "--switch", "1")
    assert [half["events"][0]["kind"] for half in data] == ["fold", "fold"]


def test_equal_free_energy(capsys):
    code, out, _ = run(
        capsys, "continue", "6", "--to", "0.6", "--against", "5", "--n", "400", "--theory", "laplace"
    )
    assert code == 0 and "same free energy as 5 (dead): n = 400, β = 1, laplace" in out


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("6", "--to", "1"), "give a range that contains it, got 1 to 1"),
        (("6", "--to", "-1"), "a positive number is wanted, got '-1'"),
        (("6", "--to", "0.5", "--parameter", "weight[0]"), "got 'weight[0]'"),
        (("6", "--to", "0.5", "--parameter", "importance[6]"), "from 0 to 5, got 'importance[6]'"),
        (("6", "--to", "0.5", "--role", "dead"), "can be vertex, got 'dead'"),
        (("6", "--to", "0.5", "--against", "7"), "label 7 needs at least 7 features"),
        (("6", "--to", "0.5", "--theory", "prior"), "are for --n"),
        (("6", "--to", "0.5", "--switch", "1", "--certify"), "--certify is not for --switch"),
        (("6", "--to", "7", "--parameter", "c", "--certify"), "--certify is not for --parameter c"),
        (("6", "--to", "7", "--parameter", "c", "--against", "5"), "--against is not for --parameter c"),
        (("5", "--to", "9", "--parameter", "betan", "--beta", "2"), "--beta is not for --parameter betan"),
        (("4+", "--to", "0.3", "--parameter", "probability[5]"), "sits on a kink"),
    ],
)
def test_refusals(capsys, argv, words):
    code, out, err = run(capsys, "continue", *argv)
    assert code == 2 and out == "" and words in err and len(err.splitlines()) == 1


@pytest.mark.slow  # every branch is followed with proof
@pytest.mark.usefixtures("common_store")
def test_the_table_and_the_figure(capsys, tmp_path):
    code, out, _ = run(capsys, "table", "branches")
    assert code == 0 and "the lowest loss changes hands" in out and "fold" in out
    code, out, _ = run(capsys, "figure", "branches", "--out", str(tmp_path), "--format", "svg")
    assert code == 0
    svg = Path(out.strip()).read_text()
    for kind in ("fold", "maxwell", "stable", "unstable"):
        assert f'id="{kind}"' in svg


def test_a_range_that_is_not_covered_is_no_success(capsys, tmp_path):
    """Steps that run out are said and end with 1; a wide range takes longer steps, and is covered."""
    code, out, _ = run(capsys, "continue", "6", "--to", "3", "--points", "5", "--out", str(tmp_path))
    assert code == 1
    assert (
        "max points: given up at 1." in out and "the range is not covered: more --max-points may help" in out
    )
    assert run(capsys, "continue", "6", "--to", "3", "--max-points", "500", "--out", str(tmp_path))[0] == 0
    code, out, _ = run(capsys, "continue", "6", "--to", "1000")
    assert code == 0 and "at 1000" in out
