"""Press Ctrl-C at random moments of a command, and compare what the finished run leaves with an unbroken one.

As a script: ``python tests/support/interrupted.py FOLDER [--presses 20] [--workers 1 2] [JOB …]``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

JOBS = {
    "evidence": ["-c", "5", "--n", "50,100"],
    "sample": ["-c", "5", "--n", "200", "--runs", "4", "--draws", "50"],
    "train": ["--trajectories", "8", "--epochs", "200"],
    "search": ["--starts", "3000"],
    "reproduce": [],
}
"""Commands that can be gone on with, at settings that take seconds; the main job takes minutes."""
FIRST = 0.2
"""Seconds after which Python itself has begun: before, it answers the key alone."""
OF_THE_RUN = {"provenance", "folder", "seconds", "timings", "kept", "made", "times"}
"""What a run says of itself, by the name of the entry."""


def heeded() -> None:
    """Let Ctrl-C through in a new process, though a job in the background ignores it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Job:
    """One command with its folder and a store of its own."""

    def __init__(self, name: str, workers: int, folder: Path) -> None:
        self.name, self.folder = name, folder
        folder.mkdir(parents=True)
        self.out = folder / "out"
        options = [*JOBS[name], "--json", "--no-progress", "--workers", str(workers), "--out", str(self.out)]
        self.command = [sys.executable, "-m", "kgon", name, *options]
        self.environment = {**os.environ, "KGON_STORE": str(folder / "store")}

    def run(self, moment: float | None = None) -> tuple[str, str, int]:
        """Run it, and press the key after so many seconds; return stdout, stderr and the exit code."""
        process = subprocess.Popen(
            self.command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.environment,
            preexec_fn=heeded, start_new_session=True,
        )  # fmt: skip
        try:
            return (*process.communicate(timeout=moment), process.returncode)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGINT)
            return (*process.communicate(), process.returncode)

    def left(self) -> dict[str, str]:
        """What it leaves: of each file a hash, of JSON without what a run says of itself."""
        files = (
            x
            for x in sorted(self.out.rglob("*"))
            if x.is_file() and x.suffix not in {".html", ".lock"} and x.name != "timings.json"
        )
        return {str(x.relative_to(self.out)): hashlib.sha256(_content(x)).hexdigest()[:12] for x in files}


def _content(path: Path) -> bytes:
    if path.suffix != ".json":
        return path.read_bytes()
    return json.dumps(_lasting(json.loads(path.read_text())), sort_keys=True).encode()


def _lasting(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _lasting(x) for name, x in value.items() if name not in OF_THE_RUN}
    return [_lasting(x) for x in value] if isinstance(value, list) else value


def answer(text: str) -> Any:
    """What ``--json`` printed, without what a run says of itself."""
    return _lasting(json.loads(text))["data"]


def faults(name: str, workers: int, folder: Path, presses: int, seed: int = 0) -> Iterator[str]:
    """Press the key so often, and yield every way in which a run was not as it should be."""
    rng, began = random.Random(f"{name} {workers} {seed}"), time.monotonic()
    whole = Job(name, workers, folder / "whole")
    text, said, code = whole.run()
    length = time.monotonic() - began
    if code or said:
        yield f"unbroken: exit {code}, {said!r}"
        return
    longest = min(0.9 * length, max(10.0, 2 * length / presses))
    line, pressed, tries, job = f"kgon {name}: interrupted; --out keeps what is finished\n", 0, 0, None
    while pressed < presses or job is not None:
        job = job or Job(name, workers, folder / f"broken-{tries}")
        tries += 1
        moment = rng.uniform(FIRST, longest) if pressed < presses else None
        got, said, code = job.run(moment)
        if code == 130:
            pressed += 1
            if got or said not in (line, "kgon: interrupted\n"):
                yield f"pressed after {moment:.2f} s: {got[:60]!r}, {said!r}"
        elif (code, said) != (0, ""):
            pressed += 1
            yield f"pressed after {moment} s: exit {code}, {said[-600:]!r}"
        else:
            if answer(got) != answer(text):
                yield "the answer of the finished run is another"
            mine, its = job.left(), whole.left()
            other = sorted(x for x in mine | its if mine.get(x) != its.get(x))
            if other:
                yield f"files of the finished run are others: {', '.join(other[:8])}"
            job = None


def main() -> int:
    """Run the jobs asked for; 1 if anything was not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("jobs", nargs="*", default=list(JOBS), metavar="JOB")
    parser.add_argument("--presses", type=int, default=20)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    bad = 0
    for name in options.jobs:
        for workers in options.workers:
            found = list(
                faults(name, workers, options.folder / f"{name}-{workers}", options.presses, options.seed)
            )
            bad += len(found)
            print(f"{name}, {workers} workers, {options.presses} presses: {len(found)} faults", flush=True)
            for text in found:
                print(f"  {text}", flush=True)
    return int(bad > 0)


if __name__ == "__main__":
    raise SystemExit(main())
