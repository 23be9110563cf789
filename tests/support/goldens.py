"""Compare what the working tree prints with what the commit before the move of the modules printed.

Both trees run the same commands, ``python -m kgon ...``, in this environment; nothing is imported from kgon,
so no import path matters.  What counts as the same:

- text, LaTeX, CSV and certificates: byte for byte; exit codes too;
- JSON documents (those with ``provenance``): as data, options included, without ``ENVELOPE`` and ``VARYING``;
- .npz: names, types, shapes and bytes of the arrays, without ``RUN_FOLDER``;
- ``_generated.py``, wherever it is: its code without the docstring of the module.

Of the files that a command writes only those that a job names are compared: results, not the files of a run
folder that say where work goes on.  With ``--kept FOLDER`` the base's outputs stay in ``FOLDER/KEY/JOB`` and
serve the next run; KEY names the base commit and the versions of what the numbers depend on (not the
processor, whose last digits may be others).
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np

BASE = "a47599e"
"""The last commit before the modules moved."""
CHECKOUT = Path(__file__).resolve().parents[2]
DEPENDENCIES = ("numpy", "scipy", "numba", "python-flint", "mpmath", "matplotlib")
ENVELOPE = ("provenance", "kgon")
"""Fields of a JSON document with versions."""
VARYING = ("seconds", "code", "version")
"""Fields at any depth: the clock of ``prove``, the only one outside ``bench``; hash of the
sources and version in the settings that ``evidence.json`` quotes."""
RUN_FOLDER = ("run key", "run fields")
"""Arrays of a run folder's own."""
MOST_LINES = 3
"""Lines shown of a difference."""

Lines = dict[str, list[str]]
"""What is compared of a job: lines by the command that printed them, or by the file that holds them."""
MISSING = ["missing"]
"""In place of the lines of a file that is not there."""


@dataclass(frozen=True, slots=True)
class Job:
    """Commands that run in one folder, empty at first, and patterns of the files that are compared."""

    commands: str
    results: str = ""
    certificates: str = ""
    """Results that the checkers of both trees read, too."""


EVIDENCE = """evidence --n 50,200,400,800 --out run --json;
table theories --evidence run/evidence.json --out tables;
table evidence --evidence run/evidence.json --out tables;
ncrit 5,5+ 6 --theory evidence --evidence run/evidence.json --json;
phases --theory evidence --evidence run/evidence.json --json;
occupancy --n 100:700:100 --theory evidence --evidence run/evidence.json --json"""
SAMPLE = "sample --n 200 --ensembles 4 --draws 20 --json"
ALONG = """train --trajectories 1 --start random --n 200 --epochs 30 --out run --json;
classify run/trajectory-0000.npz --json; classify run/trajectory-0000.npz --out labels.npz;
llc run/trajectory-0000.npz --n 200 --data run/trajectory-0000.npz --steps 100 --chains 4 --json"""
LABELS = """verify 4++ --json; verify 6; verify 5+ -c 7; exact 6 --json; exact 4++; exact 8 -c 9 --json;
antecedent --json; antecedent --sampled; llc 4+ --json"""
TABLES = """catalogue learning phases ncrit ncrit-every-pair transitions exact existence claims
llc-convergence llc-published loss-lambda-hat sgd-transitions landscape branches"""
"""Of ``kgon table --list`` theories and evidence are in the job evidence; learning-check takes 144 s."""
COMMANDS = """reproduce catalogue verify classify exact exists certify prove check ncrit phases occupancy
search continue llc evidence sample antecedent train landscape table figure bench"""
THEORIES = "none prior laplace laplace2"
BRANCH = "--from 0.25 --to 3 --certify --out run --no-progress --json"
PROVED = {"certificates": "certificates/*.json"}
FOLLOWED = {"results": "run/branch.json", "certificates": "run/certificate.json"}
LLC = "llc 6 --n 500 --json --sampler"

JOBS = {
    **{f"certify-{c}": Job(f"certify -c {c} --json", **PROVED) for c in range(4, 9)},
    **{f"minimum-{c}": Job(f"prove global-minimum -c {c} --json", **PROVED) for c in range(4, 9)},
    "branch-6": Job(f"continue 6 --against 5+ {BRANCH}", **FOLLOWED),
    "branch-5+": Job(f"continue 5+ {BRANCH}", **FOLLOWED),
    "sgd": Job("train --trajectories 1 --epochs 500 --out run --json", "run/training.json run/tra*.npz"),
    "along": Job(ALONG, "run/trajectory-*.npz labels.npz"),
    "evidence": Job(EVIDENCE, "run/evidence.json tables/*"),
    "sample": Job(f"{SAMPLE}; {SAMPLE} --data 1 --out run", "run/draws.npz run/posterior.json"),
    "llc-sgld": Job(f"{LLC} sgld --steps 200"),
    "llc-sgld-batch": Job(f"{LLC} sgld --steps 200 --data 1 --batch 20 --step-size 1e-4"),
    "llc-mala": Job(f"{LLC} mala --steps 2000"),
    "llc-hmc": Job(f"{LLC} hmc --steps 20 --chains 72; {LLC} hmc --data 1 --steps 20 --chains 72"),
    "search": Job("search --starts 600 --json"),
    **{f"table-{name}": Job(f"table {name} --out tables", "tables/*") for name in TABLES.split()},
    "catalogue": Job("; ".join(f"catalogue -c {c} --format {x}" for c in (5, 7) for x in ("text", "latex"))),
    "ncrit": Job("; ".join(f"ncrit 5 6 --theory {x} --json" for x in THEORIES.split())),
    "phases": Job("phases; phases --json --theory laplace; phases --diagram beta"),
    "occupancy": Job("occupancy --n 100:1200:100; occupancy --n 100:1200:100 --theory laplace --json"),
    "labels": Job(LABELS),
    "exists": Job("exists --k 3:9; exists --k 3:9 --json; table existence; table existence --format latex"),
    "lists": Job("table --list; figure --list --json"),
    "help": Job("; ".join(["--help", *(f"{name} --help" for name in COMMANDS.split())])),
}
PRINTED, CHECKERS = "printed-functions", "checkers"
"""Jobs that are no commands: ``_generated.py``; each tree's ``kgon check`` of the other's certificates."""


class Tree:
    """A copy of the package, and the folder that keeps what its commands give."""

    def __init__(self, root: Path, outputs: Path) -> None:
        self.root, self.outputs = root, outputs

    def kgon(self, command: str, folder: Path) -> dict[str, Any]:
        """Run one command in a folder: exit code, stdout, and the last line of stderr if it broke."""
        done = subprocess.run(
            [sys.executable, "-m", "kgon", *command.split()],
            cwd=folder, env={**os.environ, "PYTHONPATH": str(self.root), "OPENBLAS_NUM_THREADS": "1"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        broken = done.returncode not in (0, 1) or "Traceback" in done.stderr
        error = done.stderr.strip().splitlines()[-1:] if broken else []
        return {"command": command, "code": done.returncode, "stdout": done.stdout, "error": error}

    def run(self, name: str) -> tuple[Path, list[dict[str, Any]]]:
        """Run a job unless that is done: the folder of its files, and a record of each command."""
        record, files = self.outputs / name / "record.json", self.outputs / name / "files"
        commands = [x.strip() for x in JOBS[name].commands.split(";")]
        if record.exists():
            kept = json.loads(record.read_text())
            if [x["command"] for x in kept] == commands:
                return files, kept
        shutil.rmtree(self.outputs / name, ignore_errors=True)
        files.mkdir(parents=True)
        found = [self.kgon(command, files) for command in commands]
        record.write_text(json.dumps(found))
        return files, found

    def results(self, name: str) -> Lines:
        """What is compared of a job that is commands."""
        files, records = self.run(name)
        names = names_of(files, f"{JOBS[name].results} {JOBS[name].certificates}")
        printed = {record["command"]: printed_lines(record) for record in records}
        return printed | {file: file_lines(files / file) for file in names}

    def printed_functions(self) -> Lines:
        """The code of ``_generated.py``."""
        (path,) = (self.root / "kgon").rglob("_generated.py")
        module = ast.parse(path.read_text(encoding="utf-8"))
        code = module.body[1:] if ast.get_docstring(module) else module.body
        return {path.name: ast.dump(ast.Module(code, []), indent=1).splitlines()}

    def reports_on(self, writer: Tree) -> Lines:
        """What this tree's checkers say of a tree's certificates."""
        found = {}
        for name, job in JOBS.items():
            if job.certificates:
                files, _ = writer.run(name)
                command = f"check --json {' '.join(names_of(files, job.certificates))}"
                found[name] = printed_lines(self.kgon(command, files))
        return found


def names_of(files: Path, patterns: str) -> list[str]:
    """The files that match; a pattern that nothing matches stands for itself."""
    paths = [path for x in patterns.split() for path in sorted(files.glob(x)) or [files / x]]
    return [path.relative_to(files).as_posix() for path in paths]


def printed_lines(record: Mapping[str, Any]) -> list[str]:
    """Exit code and stdout of a command, and its error if it broke."""
    return [f"exit code {record['code']}", *record["error"], *plain(record["stdout"])]


def plain(text: str) -> list[str]:
    """The lines of a text; a JSON document as data, without what may differ."""
    document = parsed(text)
    if not isinstance(document, dict) or "provenance" not in document:
        return text.split("\n")
    kept = {key: value for key, value in document.items() if key not in ENVELOPE}
    return json.dumps(constant(kept), indent=1, sort_keys=True, ensure_ascii=False).split("\n")


def parsed(text: str) -> Any:
    """JSON data, or None where a text is not JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def constant(value: Any) -> Any:
    """JSON data without the fields ``VARYING``; an object written as a string is read."""
    if isinstance(value, str) and isinstance(inner := parsed(value), dict):
        value = inner
    if isinstance(value, dict):
        return {key: constant(item) for key, item in value.items() if key not in VARYING}
    return [constant(item) for item in value] if isinstance(value, list) else value


def file_lines(path: Path) -> list[str]:
    """The lines of a file, or what there is of each array."""
    if not path.exists():
        return MISSING
    if path.suffix != ".npz":
        return plain(path.read_bytes().decode("utf-8", "surrogateescape"))
    lines = []
    with np.load(path, allow_pickle=False) as archive:
        for name in sorted({*archive.files} - {*RUN_FOLDER}):
            array = archive[name]
            if array.dtype.kind == "U" and array.ndim == 0:  # the result, as JSON, beside the draws
                lines += [name, *plain(str(array))]
            else:
                digest = hashlib.sha256(array.tobytes()).hexdigest()
                lines.append(f"{name}: {array.dtype} {array.shape} {digest}")
    return lines


def compared(name: str, base: Tree, tree: Tree) -> tuple[Lines, Lines]:
    """What the two trees give of a job."""
    if name == PRINTED:
        return base.printed_functions(), tree.printed_functions()
    if name == CHECKERS:
        read = base.reports_on(tree)
        return {x: ["exit code 0", *lines[1:]] for x, lines in read.items()}, tree.reports_on(base)
    before = base.results(name)
    broken = [x["error"][0] for x in base.run(name)[1] if x["error"]]
    if broken or MISSING in before.values():
        raise SystemExit(f"the base fails: job {name}: {broken or 'a result is missing'}")
    return before, tree.results(name)


def differences(before: Lines, after: Lines) -> list[str]:
    """Names of what differs, each with the first lines that do."""
    found = []
    for name in sorted({*before, *after}):
        sides = before.get(name, MISSING), after.get(name, MISSING)
        pairs = enumerate(zip_longest(*sides, fillvalue=""), 1)
        differing = [(line, old, new) for line, (old, new) in pairs if old != new]
        found += [f"    {name}: {len(differing)} lines"] if differing else []
        for line, old, new in differing[: 1 if MISSING in sides else MOST_LINES]:
            first = next((k for k, (x, y) in enumerate(zip(old, new, strict=False)) if x != y), 0)
            begin = max(0, first - 40)
            found += [f"      {line} base: {old[begin:][:120]}", f"      {line} tree: {new[begin:][:120]}"]
    return found


def git(*arguments: str) -> bytes:
    """What git says of the repository."""
    return subprocess.run(["git", "-C", str(CHECKOUT), *arguments], capture_output=True, check=True).stdout


def base_tree(commit: str, kept: Path) -> Tree:
    """The tree of the base commit, extracted once, and its outputs."""
    revision = git("rev-parse", "--short=12", f"{commit}^{{commit}}").decode().strip()
    versions = [f"python{platform.python_version()}", *(f"{name}{version(name)}" for name in DEPENDENCIES)]
    folder = kept.resolve() / "-".join([revision, *versions])
    root, partial = folder / "base", folder / "partial"
    if not root.exists():
        partial.mkdir(parents=True, exist_ok=True)
        subprocess.run(["tar", "-x", "-C", str(partial)], input=git("archive", revision), check=True)
        partial.rename(root)
    return Tree(root, folder)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the jobs named, or all of them; 1 if anything differs."""
    names = [*JOBS, PRINTED, CHECKERS]
    parser = argparse.ArgumentParser(description="Compare what the working tree prints with the base commit.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="jobs (default: all)")
    parser.add_argument("--base", default=BASE, metavar="COMMIT", help=f"default {BASE}")
    parser.add_argument("--tree", type=Path, default=CHECKOUT, metavar="DIR", help="default: this checkout")
    parser.add_argument("--kept", type=Path, metavar="FOLDER", help="keep the base's outputs there")
    parser.add_argument("--list", action="store_true", help="list the jobs")
    args = parser.parse_args(arguments)
    if unknown := sorted({*args.names} - {*names}):
        parser.error(f"unknown: {', '.join(unknown)}; --list lists the jobs")
    if args.list:
        print("\n".join(names))
        return 0
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="goldens-") as temporary:
        base = base_tree(args.base, args.kept or Path(temporary, "kept"))
        tree = Tree(args.tree.resolve(), Path(temporary, "tree"))
        for name in args.names or names:
            start = time.monotonic()
            found = differences(*compared(name, base, tree))
            wrong += bool(found)
            took = f"{time.monotonic() - start:6.1f} s"
            print(f"{name:<24} {'DIFFERS' if found else 'ok':<8} {took}", *found, sep="\n", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
