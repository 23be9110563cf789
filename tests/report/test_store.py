"""The store: what did not change is read, what did is made, and nothing in a file is trusted."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import toy_job
from support.toy_job import EVERYTHING, main_job, tree

from kgon.report import artefact, store
from kgon.report.agenda import Agenda
from kgon.report.artefact import Registry
from kgon.report.graph import in_order, make_one
from kgon.report.keeping import look_at_store, prune_store
from kgon.report.recipes import CHECKERS, reached_by
from kgon.report.store import Store


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the toy package; kgon's own artefacts are back afterwards."""
    before = {name: getattr(artefact, name) for name in ("HOME", "MODULES", "SOURCES")}
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield toy_job.write(tmp_path)
    for name, value in before.items():
        setattr(artefact, name, value)
    artefact.artefacts.cache_clear()


def made(package: Path, place: Path, **how: Any) -> set[str]:
    """Do the main job and say what was made, not read."""
    told: list[str] = []
    found = main_job(package, place / "out", place / "store", progress=told.append, **how)
    assert found.failed == {}
    return {line.partition(",")[0] for line in told if line.startswith(("study", "table")) and ", " in line}


def edit(package: Path, name: str, old: str, new: str) -> None:
    file = package / name
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


class AtOnce(Executor):
    """Has done what it is handed before it is asked whether it has: others may, in a race."""

    def submit(self, fn: Any, /, *args: Any, **more: Any) -> Future[Any]:
        found: Future[Any] = Future()
        found.set_result(fn(*args, **more))
        return found


def test_what_ends_at_once_hands_out_the_rest(toy: Path, tmp_path: Path) -> None:
    assert made(toy, tmp_path, workers=AtOnce()) == EVERYTHING
    assert made(toy, tmp_path, workers=AtOnce()) == set()


def test_the_second_time_nothing_is_made_and_no_module_of_it_imported(toy: Path, tmp_path: Path) -> None:
    assert made(toy, tmp_path) == EVERYTHING
    first = tree(tmp_path / "out")
    assert "words/quick/words.txt" in first and "tables/third.tex" in first
    (tmp_path / "out" / "words" / "quick" / "words.txt").unlink()
    assert made(toy, tmp_path) == set()
    assert tree(tmp_path / "out") == first
    assert not any(name.startswith("toy.") for name in sys.modules)


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("kernels.py", "FACTOR = 2.0", "FACTOR = 4.0", {"study numbers", "study both", "table first"}),
        ("kernels.py", "factor=3", "factor=7", {"study numbers", "study both", "table first"}),
        ("kernels.py", "OTHER = 5.0", "OTHER = 6.0",
         {"study words", "study both", "table second", "table third"}),
        ("studies.py", "[str(plain(c))]", "[str(plain(c) + 0)]", {"study words"}),  # the same value
        ("shown.py", "caption of the first", "another", {"table first"}),
        ("kernels.py", '"""Add."""', '"""Add both."""\n    # now', set()),
    ],
)  # fmt: skip
def test_a_change_remakes_what_depends_on_it(
    toy: Path, tmp_path: Path, file: str, old: str, new: str, expected: set[str]
) -> None:
    made(toy, tmp_path)
    edit(toy, file, old, new)
    assert made(toy, tmp_path) == expected


def test_a_changed_version_remakes_what_imports_it(
    toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(toy, tmp_path)
    monkeypatch.setattr(store, "version_of", lambda name: "77" if name == "numpy" else "")
    monkeypatch.setattr(store, "NUMERICAL", ("numpy",))
    assert made(toy, tmp_path) == {"study numbers"}  # which has the same value


def test_a_dry_run_says_why(toy: Path, tmp_path: Path) -> None:
    def plan() -> dict[str, str]:
        toy_job.declare(toy)
        wanted = list(artefact.artefacts("table").values())
        found = Agenda(in_order(wanted), {}, store=Store(tmp_path / "store"))
        return {str(each): reason for each, reason in found.reasons()}

    assert set(plan().values()) == {"never made"} and plan().keys() == EVERYTHING
    made(toy, tmp_path)
    assert plan() == {}
    edit(toy, "kernels.py", "OTHER = 5.0", "OTHER = 6.0")
    assert plan() == {
        "study words": "source of toy.kernels changed",
        "study both": "input words is made again",
        "table second": "input words is made again",
        "table third": "input both is made again",
    }
    edit(toy, "shown.py", "caption of the first", "another")
    assert plan()["table first"] == "source of toy.shown changed"


def test_what_fails_is_listed_and_made_when_it_is_mended(toy: Path, tmp_path: Path) -> None:
    edit(toy, "shown.py", "cells = [", "cells = None or 1 / 0 or [")
    found = main_job(toy, tmp_path / "out", tmp_path / "store")
    assert found.failed == {"table first": "ZeroDivisionError('float division by zero')"} or list(
        found.failed
    ) == ["table first"]
    assert "tables/third.txt" in found.files
    edit(toy, "shown.py", "cells = None or 1 / 0 or [", "cells = [")
    assert made(toy, tmp_path) == {"table first"}


def test_fail_fast_begins_nothing_more(toy: Path, tmp_path: Path) -> None:
    edit(toy, "studies.py", 'log("numbers")', "1 / 0")
    found = main_job(toy, tmp_path / "out", tmp_path / "store", fail_fast=True)
    assert list(found.failed) == ["study numbers"] and not any("tables" in name for name in found.files)


def test_one_and_two_workers_agree(toy: Path, tmp_path: Path) -> None:
    for workers in (1, 2):
        assert main_job(toy, tmp_path / f"{workers}", tmp_path / f"s{workers}", workers=workers).failed == {}
    assert tree(tmp_path / "1") == tree(tmp_path / "2") != {}
    assert [x.name for x in sorted((tmp_path / "s1" / "entries").rglob("*.json"))] == [
        x.name for x in sorted((tmp_path / "s2" / "entries").rglob("*.json"))
    ]


def process(toy: Path, out: Path, kept: Path, workers: int, log: Path) -> subprocess.Popen[str]:
    """The toy main job in a process of its own."""
    path = os.pathsep.join([str(toy.parent), *sys.path])
    environment = {**os.environ, "PYTHONPATH": path, "TOY_LOG": str(log)}
    command = [sys.executable, "-m", "support.toy_job", str(toy), str(out), str(kept), str(workers)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def test_a_killed_run_completes_to_the_same_bytes(toy: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    whole = process(toy, tmp_path / "whole", tmp_path / "s0", 1, log)
    whole.communicate()
    assert whole.returncode == 0 and len(log.read_text().split()) == 6
    log.unlink()
    for moment in range(1, 6):  # each in the store that the one before has left
        killed = process(toy, tmp_path / "out", tmp_path / "store", 1 + moment % 2, log)
        assert killed.stdout is not None
        for _ in range(2):
            killed.stdout.readline()
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
    last = process(toy, tmp_path / "out", tmp_path / "store", 1, log)
    last.communicate()
    assert last.returncode == 0
    assert tree(tmp_path / "out") == tree(tmp_path / "whole")


def test_two_processes_do_nothing_twice(toy: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    both = [process(toy, tmp_path / f"{k}", tmp_path / "store", 1, log) for k in range(2)]
    for each in both:
        each.communicate()
        assert each.returncode == 0
    assert sorted(log.read_text().split()) == ["both", "first", "numbers", "second", "third", "words"]
    assert tree(tmp_path / "0") == tree(tmp_path / "1")


def test_a_store_that_cannot_be_written_is_said_once(toy: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told: list[str] = []
    found = main_job(toy, tmp_path / "out", tmp_path / "file" / "store", told.append)
    assert found.failed == {} and "tables/third.txt" in found.files
    (line,) = told
    assert line.startswith("nothing is kept") and "KGON_STORE" in line


class Dangerous:
    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (77,)


def hostile(path: Path) -> list[bytes]:
    """What may stand in a file of the store in the place of what was written."""
    content = path.read_bytes()
    found = [b"", content[: len(content) // 2], b"[1, 2]", b"[" * 100_000, pickle.dumps(Dangerous())]
    if path.suffix == ".npz":
        other = path.with_name("other")
        with other.open("wb") as stream:
            np.savez(stream, a0=np.array([Dangerous()], dtype=object))
        found.append(other.read_bytes())
        other.unlink()
    return found


def test_damaged_and_hostile_files_are_made_anew_with_a_word(toy: Path, tmp_path: Path) -> None:
    made(toy, tmp_path)
    first = tree(tmp_path / "out")
    kept = tmp_path / "store"
    files = [x for x in sorted(kept.rglob("*")) if x.suffix in (".json", ".npz", ".bin") and x.parent != kept]
    assert {x.suffix for x in files} == {".json", ".npz", ".bin"}
    for k, way in enumerate(("empty", "half", "other", "deep", "pickle")):
        for path in files:
            path.write_bytes(hostile(path)[-1 if way == "pickle" else k])
        for part in (tmp_path / "out").rglob("*.npz"):
            part.unlink()
        told: list[str] = []
        found = main_job(toy, tmp_path / "out", kept, told.append)
        assert found.failed == {} and any("made anew" in line for line in told), way
        assert tree(tmp_path / "out") == first
    assert made(toy, tmp_path) == set()


def test_a_class_that_has_no_place_there_is_refused(toy: Path, tmp_path: Path) -> None:
    """A file may be whole by its hash, and still holds only what the artefact's own code can make."""
    made(toy, tmp_path)
    edit(toy, "shown.py", "caption of the first", "another")
    (path,) = (tmp_path / "store" / "entries" / "study-numbers").glob("*.json")
    whole = json.loads(path.read_text())
    text = json.dumps({"value": ["object", "subprocess.Popen", {"args": "true"}], "arrays": []})
    content = store.digest(text.encode())
    whole["entry"]["content"] = content
    whole["sha256"] = store.digest(json.dumps(whole["entry"]).encode())
    path.write_text(json.dumps(whole))
    target = Store(tmp_path / "store").object_file(content, "json")
    target.parent.mkdir(exist_ok=True)
    target.write_text(text)
    told: list[str] = []
    assert main_job(toy, tmp_path / "out", tmp_path / "store", told.append).failed == {}
    assert any("subprocess.Popen has no place here" in line for line in told), told


def test_pruning_leaves_what_a_run_reads(toy: Path, tmp_path: Path) -> None:
    made(toy, tmp_path)
    edit(toy, "kernels.py", "FACTOR = 2.0", "FACTOR = 4.0")
    made(toy, tmp_path)
    toy_job.declare(toy)
    kept = Store(tmp_path / "store")
    assert sorted(look_at_store(kept).stale) == ["study both", "study numbers", "table first"]
    found = prune_store(kept)
    assert found.kept == 6 and look_at_store(kept).stale == () and found.stale_size > 0
    assert made(toy, tmp_path) == set()


@pytest.mark.parametrize("name", ["minimum", "point_certificates", "branches"])
def test_what_is_called_checked_depends_on_the_checkers(name: str) -> None:
    reached = reached_by(artefact.artefacts("study")[name])
    assert reached is not None and CHECKERS in reached.modules


def test_a_study_that_is_kept_has_its_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kgon.report.studies.LARGEST_K", 12)
    first, again = (
        make_one(Registry("study"), "existence", {}, store=Store(tmp_path)).value for _ in range(2)
    )
    assert {k: x.to_json() for k, x in again.items()} == {k: x.to_json() for k, x in first.items()} != {}


def test_a_study_that_is_kept_and_damaged_is_made_anew(tmp_path: Path) -> None:
    told: list[str] = []
    first = make_one(Registry("study"), "end_slacks", {}, store=Store(tmp_path)).value
    for path in tmp_path.glob("objects/*/*.json"):
        path.write_text("{")
    again = make_one(Registry("study"), "end_slacks", {}, store=Store(tmp_path, told.append)).value
    assert [x.slack.tolist() for x in again] == [x.slack.tolist() for x in first] != []
    assert len(told) == 1 and "study end_slacks is made anew" in told[0] and "damaged" in told[0]


def test_finished_parts_of_other_options_lie_elsewhere(toy: Path, tmp_path: Path) -> None:
    """A file says with which options it was made, and others are refused: a table of another c goes on."""
    edit(
        toy, "studies.py", 'found = work.run(',
        'work.claim("out.json", {"c": c}).write(Outcome(c=c))\n    found = work.run(',
    )  # fmt: skip
    edit(toy, "studies.py", "@study()\ndef numbers", "@result\nclass Outcome(Result):\n    c: int\n\n"
         "    def headline(self):\n        return str(self.c)\n\n@study()\ndef numbers")  # fmt: skip
    edit(toy, "studies.py", "import os\n", "import os\nfrom kgon.base.results import Result, result\n")
    toy_job.declare(toy)
    for c in (4, 5, 4, 6):
        made = make_one(Registry("table"), "first", {"c": c}, store=Store(tmp_path / "store")).value
        assert [row["y"] for row in made.rows] == ["6", f"{6 * c}"]
    assert len(list((tmp_path / "store" / "runs" / "numbers" / "quick").iterdir())) == 3


def test_every_artefact_has_a_recipe() -> None:
    for kind in artefact.MODULES:
        for each in artefact.artefacts(kind).values():
            assert reached_by(each) is not None, each
