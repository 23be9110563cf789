"""The page of run times: what ``python docs/run_times.py`` measured, by command.

The script runs each command once, in a process and a folder of their own, with compiled kernels and an empty
store, so that nothing is read that an earlier run has made.
"""

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import kgon

PAGE = "run-times"
MEASURED = Path(__file__).with_name("run-times.json")
COMMANDS = (
    "--help", "catalogue", "catalogue -c 8", "verify 6", "verify 4++", "classify run", "exact 6",
    "exists --k 3:24", "certify 5 --out certificates", "certify --out certificates",
    "check certificates/c6_6.json", "prove global-minimum -c 4", "prove global-minimum -c 5",
    "prove global-minimum -c 6", "ncrit 5 6", "ncrit 5,5+ 6 --theory laplace2", "phases",
    "occupancy --n 100:1200:50", "search --starts 2000 --below 1/9",
    "continue 6 --from 0.25 --to 1 --against 5+",
    "continue 6 --from 0.25 --to 1 --against 5+ --certify", "llc 5", "llc 6 --n 5000", "evidence",
    "sample --n 200 --data 1", "antecedent 4++- 4+ 5", "train --trajectories 1 --start 4++- --out run",
    "landscape", "explorer --out explorer.html", "table phases", "figure energy-levels", "store",
    "bench",
)  # fmt: skip
"""Every command, with the settings that a newcomer would choose; their order here is that of the page."""
FIRST = {"classify run": "train --trajectories 1 --start 4++- --out run"}
"""What has to be run before a command, where that is another one."""
LONG = ("reproduce",)
"""What is not run by itself: its time is that of the parts, as its own ``timings.json`` has them."""


def measure(kept: Path) -> dict[str, object]:
    """Run every command; the seconds of the main job's parts are those of ``kept``, its ``timings.json``."""
    seconds: dict[str, float] = {}
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        place = {**os.environ, "KGON_STORE": str(Path(folder) / "store")}
        ordered = sorted(COMMANDS, key=lambda x: x in FIRST)  # those that need another one come last
        for command in ordered:
            before = time.perf_counter()
            line = [sys.executable, "-m", "kgon", *shlex.split(command)]
            done = subprocess.run(line, cwd=folder, env=place, capture_output=True, text=True, check=False)
            if done.returncode not in (0, 1):
                raise SystemExit(f"kgon {command}: {done.stderr}")
            seconds[command] = round(time.perf_counter() - before, 2)
            print(f"{seconds[command]:8.2f} s  kgon {command}", flush=True)
    timings = json.loads(kept.read_text(encoding="utf-8"))["known"]
    return {
        "machine": f"{'two' if os.cpu_count() == 2 else os.cpu_count()} cores",
        "load": round(load, 1),
        "kgon": kgon.__version__,
        "seconds": {command: seconds[command] for command in COMMANDS},
        "parts": {"reproduce": round(sum(timings.values()))},
    }


def table() -> str:
    """Write the table of the page."""
    found = json.loads(MEASURED.read_text(encoding="utf-8"))
    lines = [
        f"Measured on {found['machine']} with kgon {found['kgon']}; the load of the machine was "
        f"{found['load']} as the measurement began, so "
        + ("a machine with nothing else to do is faster." if found["load"] > 1 else "little else ran."),
        "| command | seconds |\n|---|---:|",
    ]
    rows = [f"| `kgon {command}` | {said(seconds)} |" for command, seconds in found["seconds"].items()]
    parts = [
        f"| `kgon {command}` | {said(seconds)} of work, which two processes share |"
        for command, seconds in found["parts"].items()
    ]
    return "\n\n".join(lines) + "\n" + "\n".join(rows + parts) + "\n"


def said(seconds: float) -> str:
    """Seconds, as precisely as another run would give them."""
    return f"{seconds:.1f}" if seconds < 10 else f"{seconds:.0f}"


def write(app: object, page: str, source: list[str]) -> None:
    """Add the table to the page as it is read."""
    if page == PAGE:
        source[0] += "\n" + table()


def setup(app: object) -> None:
    """Register with Sphinx."""
    app.connect("source-read", write)  # type: ignore[attr-defined]


if __name__ == "__main__":
    reader = argparse.ArgumentParser(description="Time every command, and keep the seconds for the page.")
    reader.add_argument("timings", type=Path, help="timings.json of a run of kgon reproduce")
    found = measure(reader.parse_args().timings)
    MEASURED.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
