"""Long commands that are killed and started again give the bytes of an unbroken run."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMANDS = {
    "sample": (
        ("sample", "--n", "100", "--data", "1", "--runs", "3", "--ensembles", "8", "--draws", "40"),
        "run-*.npz",
        ("draws.npz", "posterior.json"),
    ),
    "occupancy": (
        ("occupancy", "--n", "10,20", "--theory", "mcmc", "--sets", "2"),
        "set-*.npz",
        (),
    ),
    "evidence": (
        ("evidence", "--n", "20,40"),
        "replicate-*.npz",
        ("evidence.json",),
    ),
    "search": (
        ("search", "--starts", "12000", "--below", "0.1"),
        "round-*.npz",
        ("search.json", "points.npz"),
    ),
}


def arguments(name, folder, workers):
    options = ("--out", str(folder), "--workers", str(workers), "--no-progress", "--json")
    return [sys.executable, "-m", "kgon", *COMMANDS[name][0], *options]


def whole(name, folder, workers):
    """Data that the command prints, and the bytes that it writes."""
    done = subprocess.run(arguments(name, folder, workers), capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    files = [(Path(folder) / file).read_bytes() for file in COMMANDS[name][2]]
    return json.loads(done.stdout)["data"], files


def killed(name, folder, workers, files):
    """Start the command, and kill it with SIGKILL as soon as so many tasks are finished."""
    pattern = COMMANDS[name][1]
    process = subprocess.Popen(
        arguments(name, folder, workers), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while len(list(folder.glob(pattern))) < files:
            assert process.poll() is None, "finished before it could be killed"
            time.sleep(0.02)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    return {path.name: path.stat().st_mtime_ns for path in folder.glob(pattern)}


@pytest.mark.slow
@pytest.mark.parametrize("name", list(COMMANDS))
def test_a_killed_run_goes_on_where_it_was(name, tmp_path):
    unbroken = whole(name, tmp_path / "unbroken", 2)
    folder = tmp_path / "killed"
    first = killed(name, folder, 1, 1)
    killed(name, folder, 2, len(first) + 1)
    assert whole(name, folder, 1) == unbroken
    after = {path.name: path.stat().st_mtime_ns for path in folder.glob(COMMANDS[name][1])}
    assert all(after[file] == when for file, when in first.items()), "a finished task was done again"
