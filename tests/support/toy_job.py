"""A toy main job, in a package of its own that tests may edit: two studies, two tables."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from kgon.base import fingerprint
from kgon.base.sources import Sources
from kgon.report import artefact
from kgon.report.reproduce import Reproduction, run_main_job
from kgon.report.store import Store

FILES = {
    "__init__.py": "",
    "kernels.py": '''
import numpy as np

FACTOR = 2.0
OTHER = 5.0

def scaled(x, factor=3):
    return {"y": np.array([x * FACTOR * factor])}

def plain(x):
    """Add."""
    return x + OTHER
''',
    "studies.py": '''
import os
import time
from dataclasses import dataclass
from pathlib import Path

from kgon.report.artefact import study
from toy.kernels import plain, scaled

def log(name):
    if "TOY_LOG" in os.environ:
        with open(os.environ["TOY_LOG"], "a") as file:
            file.write(name + "\\n")
        time.sleep(0.2)

@dataclass(frozen=True)
class Point:
    x: float
    y: object

@study()
def numbers(work, c: int = 6):
    """Scale."""
    log("numbers")
    found = work.run(scaled, {"one": (1,), "two": (c,)})
    return Point(float(c), (found["one"]["y"], found["two"]["y"]))

@study()
def words(folder, c: int = 6):
    """Write."""
    log("words")
    (folder / "words.txt").write_text("words")
    return [str(plain(c))]

@study()
def both(numbers: Point, words):
    """Join."""
    log("both")
    return (numbers.x, words)
''',
    "shown.py": '''
from kgon.base.table import Column, Table
from kgon.report.artefact import table
from toy.studies import Point, log

@table()
def first(numbers: Point) -> Table:
    """Show the first."""
    log("first")
    cells = [Column("y", "y", cell=lambda x: f"{x[0]:g}")]
    return Table.of(numbers.y, cells, name="first", title="caption of the first")

@table()
def second(words) -> Table:
    """Show the second."""
    log("second")
    return Table.of(words, [Column("w", "w", cell=str)], name="second", title="caption of the second")

@table()
def third(both) -> Table:
    """Show the third."""
    log("third")
    return Table.of([both], [Column("b", "b", cell=str)], name="third", title="caption of the third")
''',
}
EVERYTHING = {
    "study numbers", "study words", "study both", "table first", "table second", "table third",
}  # fmt: skip


def write(place: Path) -> Path:
    """Write the package into a folder, and return its own."""
    package = place / "toy"
    package.mkdir()
    for name, text in FILES.items():
        (package / name).write_text(text)
    return package


def declare(package: Path) -> None:
    """Let this process take the toy's artefacts for those of kgon, and read them anew."""
    if str(package.parent) not in sys.path:
        sys.path.insert(0, str(package.parent))
    for name in [x for x in sys.modules if x.partition(".")[0] == "toy"]:
        del sys.modules[name]
    artefact.HOME = "toy"
    artefact.MODULES = {**{kind: [] for kind in artefact.MODULES}, "study": ["studies"], "table": ["shown"]}
    artefact.SOURCES = Sources(package)
    artefact.artefacts.cache_clear()
    fingerprint._read.cache_clear()


def main_job(
    package: Path, out: Path, store: Path | None, tell: Any = lambda _: None, **how: Any
) -> Reproduction:
    """Do the toy main job."""
    declare(package)
    kept = None if store is None else Store(store, tell)
    return run_main_job(out, store=kept, **how)


def tree(folder: Path) -> dict[str, bytes]:
    """Everything that a run wrote but what may differ: times, and parts of its work."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".npz" and path.name not in ("timings.json", "claims.json")
    }


if __name__ == "__main__":
    place, out, store, workers = sys.argv[1:]
    main_job(
        Path(place), Path(out), Path(store), workers=int(workers),
        progress=lambda line: print(line, flush=True),
    )  # fmt: skip
