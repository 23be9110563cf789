"""The command train: resumed to the same bits, its fields, bad input."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from kgon import cli
from kgon.cli import training
from kgon.sampling.optimiser import KINDS, SCHEDULES


@pytest.mark.slow
def test_a_killed_command_goes_on_to_the_same_bits(tmp_path, capsys):
    argv = ["train", "--trajectories", "5", "--start", "4++-,random", "--epochs", "300", "--seed", "6"]
    folder = tmp_path / "run"
    process = subprocess.Popen(
        [sys.executable, "-m", "kgon", *argv, "--no-progress", "--out", str(folder)],
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 120
    while len(list(folder.glob("trajectory-*.npz"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    kept = {path.name: path.stat().st_mtime_ns for path in folder.glob("trajectory-*.npz")}
    assert 2 <= len(kept) < 5 and not (folder / "training.json").exists()
    for place, workers in ((folder, "1"), (tmp_path / "whole", "2")):
        assert cli.main([*argv, "--no-progress", "--out", str(place), "--workers", workers]) == 0
    capsys.readouterr()
    assert all((folder / name).stat().st_mtime_ns == then for name, then in kept.items())
    for path in sorted(folder.glob("trajectory-*.npz")):
        with np.load(path) as one, np.load(tmp_path / "whole" / path.name) as two:
            assert one.files == two.files
            assert all(np.array_equal(one[field], two[field]) for field in one.files)
    texts = [(place / "training.json").read_bytes() for place in (folder, tmp_path / "whole")]
    assert texts[0] == texts[1]


def test_the_command_has_the_contracts_fields(capsys):
    argv = ["train", "--trajectories", "2", "--start", "5", "--n", "200", "--batch", "50", "--epochs", "300"]
    assert cli.main([*argv, "--learning-rate", "0.02", "--json", "--no-progress"]) == 0
    out = capsys.readouterr()
    document = json.loads(out.out)
    assert document["schema"] == "kgon/train/1" and out.err == ""
    runs = document["data"]["trajectories"]
    assert [run["seed"] for run in runs] == [0, 0] and [run["index"] for run in runs] == [0, 1]
    assert {"label", "start", "end", "loss"} <= runs[0]["plateaus"][0].keys()
    assert document["data"]["protocol"] == {"n": 200, "batch": 50, "learning_rate": 0.02, "epochs": 300}
    assert cli.main([*argv, "--no-progress", "--flow"]) == 0
    assert "gradient flow" in capsys.readouterr().out


def test_other_training_by_the_command(tmp_path, capsys):
    argv = ["train", "--trajectories", "1", "--start", "5", "--n", "100", "--epochs", "40", "--no-progress"]
    plain = [*argv, "--out", str(tmp_path / "plain")]
    assert cli.main([*plain, "--optimiser", "sgd", "--json"]) == 0
    assert "optimiser" not in json.loads(capsys.readouterr().out)["data"]["protocol"]
    other = ["--optimiser", "momentum", "--weight-decay", "1/1000", "--schedule", "cosine", "--batch", "all"]
    assert cli.main([*argv, *other, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["data"]["protocol"] == {
        "n": 100, "batch": 100, "learning_rate": 0.005, "epochs": 40,
        "optimiser": {"kind": "momentum", "momentum": 0.9, "weight_decay": 0.001, "schedule": "cosine"},
    }  # fmt: skip
    assert cli.main([*argv, *other]) == 0
    text = capsys.readouterr().out
    assert "1 trajectory of SGD with momentum" in text
    assert "SGD with momentum, momentum = 0.9, weight_decay = 0.001, schedule = cosine" in text
    assert cli.main([*plain, "--optimiser", "adam"]) == 2  # the folder is of another training
    assert "was made with other settings" in capsys.readouterr().err


def test_the_choices_of_the_command_are_those_of_the_package():
    assert tuple(KINDS) == training.OPTIMISERS and tuple(SCHEDULES) == training.SCHEDULES


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ([], "--trajectories"),
        (["--trajectories", "0"], "trajectories must be an integer from 1 to 1000000, got 0"),
        (["--trajectories", "many"], "many"),
        (["--trajectories", "1", "--start", "7"], "4-gons, random or small: label 7 needs"),
        (["--trajectories", "1", "--start", "prior"], "unknown label 'prior'"),
        (["--trajectories", "1", "--start", ""], "unknown label ''"),
        (["--trajectories", "1", "--batch", "2000"], "batch must be an integer from 1 to 1000, got 2000"),
        (["--trajectories", "1", "--n", "0"], "n must be"),
        (["--trajectories", "1", "--epochs", "0"], "epochs must be"),
        (["--trajectories", "1", "--learning-rate", "-1"], "'-1'"),
        (["--trajectories", "1", "--seed", "-1"], "seed must be"),
        (["--trajectories", "1", "--workers", "0"], "workers must be"),
        (["--trajectories", "1", "--batch", "some"], "a number of samples or all is wanted, got 'some'"),
        (["--trajectories", "1", "--optimiser", "rmsprop"], "'rmsprop'"),
        (["--trajectories", "1", "--momentum", "0.9"], "--momentum 0.9 is for --optimiser momentum"),
        (["--trajectories", "1", "--optimiser", "adam", "--momentum", "0.9"], "--optimiser momentum"),
        (["--trajectories", "1", "--optimiser", "momentum", "--momentum", "1"], "a number from 0 to"),
        (["--trajectories", "1", "--weight-decay", "-0.1"], "'-0.1'"),
        (["--trajectories", "1", "--schedule", "steps"], "'steps'"),
        (["--trajectories", "1", "--flow", "--optimiser", "adam"], "--optimiser is not for --flow"),
        (["--trajectories", "1", "--flow", "--weight-decay", "1"], "--weight-decay is not for --flow"),
        (["--trajectories", "1", "--learning-rate", "30", "--epochs", "9"], "a learning rate below 30"),
    ],
)
def test_bad_input_is_one_line(capsys, argv, words):
    try:
        code = cli.main(["train", *argv])
    except SystemExit as stop:
        code = stop.code
    err = capsys.readouterr().err
    assert code == 2 and words in err and len(err.strip().splitlines()) == 1
