import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.pool import ThreadPool
from pathlib import Path

import numpy as np
import pytest

import kgon
from kgon.base import fingerprint
from kgon.base import work as work_module
from kgon.base.fingerprint import Fingerprint
from kgon.base.results import Result, result
from kgon.base.runs import ResultFile, RunFolder
from kgon.base.verdicts import KgonError
from kgon.base.work import Work, seldom

TASKS = {f"x{k}": (k,) for k in range(6)}
SQUARES = {f"x{k}": k * k for k in range(6)}


def square(x):
    return {"square": np.array(x * x)}


def counted(x, folder):
    """Leaves one line per call."""
    with (Path(folder) / "calls").open("a") as stream:
        stream.write(f"{x}\n")
    return square(x)


def kills_its_process_once(x, folder):
    """The third task takes its process with it, the first time."""
    mark = Path(folder) / "killed"
    if x == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return square(x)


def kills_its_process(x):
    os.kill(os.getpid(), signal.SIGKILL)


def values(found):
    return {name: arrays["square"].item() for name, arrays in found.items()}


@pytest.mark.parametrize("workers", [1, 2, map])
def test_every_kind_of_worker_gives_the_same(workers):
    found = Work(workers=workers).run(square, TASKS)
    assert values(found) == SQUARES
    assert list(found) == list(TASKS)


def test_executors_and_pools_are_workers():
    with ThreadPoolExecutor(3) as executor, ThreadPool(2) as pool:
        assert values(Work(workers=executor).run(square, TASKS)) == SQUARES
        assert values(Work(workers=pool.map).run(square, TASKS)) == SQUARES


def test_what_is_finished_is_not_done_again(tmp_path):
    tasks = {name: (*task, str(tmp_path)) for name, task in TASKS.items()}
    first = dict(list(tasks.items())[:2])
    work = Work(folder=tmp_path / "run")
    work.run(counted, first)
    assert values(work.run(counted, tasks)) == SQUARES
    assert (tmp_path / "calls").read_text().split() == ["0", "1", "2", "3", "4", "5"]


def test_another_key_or_a_damaged_file_is_done_again(tmp_path):
    work = Work(folder=tmp_path / "run")
    for x in (3, 2, 2, 3):
        assert values(work.run(counted, {"x": (x, str(tmp_path))})) == {"x": x * x}
    assert (tmp_path / "calls").read_text().split() == ["3", "2"]
    beside, first = sorted((tmp_path / "run").iterdir())
    assert first.name == "x.npz" and beside.name.startswith("x-")
    whole = first.read_bytes()
    first.write_bytes(whole[: len(whole) // 2])
    for x in (3, 2):
        work.run(counted, {"x": (x, str(tmp_path))})
    assert (tmp_path / "calls").read_text().split() == ["3", "2", "3"]
    assert first.read_bytes() == whole


def test_a_killed_process_costs_only_what_it_was_doing(tmp_path):
    tasks = {name: (*task, str(tmp_path)) for name, task in TASKS.items()}
    assert values(Work(workers=2).run(kills_its_process_once, tasks)) == SQUARES
    assert (tmp_path / "killed").exists()


def test_processes_that_die_again_and_again_are_an_error():
    with pytest.raises(KgonError, match="ended 4 times in a row"):
        Work(workers=2).run(kills_its_process, {"a": (1,), "b": (2,)})


UNGUARDED = """
import sys
sys.path.insert(0, {support!r})
from support import toy_job
from pathlib import Path

toy_job.main_job(Path({toy!r}), Path({place!r}) / "out", Path({place!r}) / "store", workers=2)
"""


def test_a_script_whose_calls_are_not_guarded_is_told_so_and_waits_for_no_lock(tmp_path):
    from support import toy_job

    script, tests = tmp_path / "script.py", str(Path(__file__).parents[1])
    script.write_text(UNGUARDED.format(support=tests, toy=str(toy_job.write(tmp_path)), place=str(tmp_path)))
    path = os.pathsep.join([str(Path(kgon.__path__[0]).parent), *sys.path])
    done = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True, text=True, timeout=120, check=False, env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    assert done.returncode == 1
    assert "put the script's calls below if __name__ == '__main__':" in done.stderr
    assert "a script needs if __name__ == '__main__'" in done.stderr.splitlines()[-1]


def test_an_error_of_a_task_comes_through(tmp_path):
    with pytest.raises(ZeroDivisionError):
        Work(workers=2, folder=tmp_path).run(divide, {"fine": (1,), "wrong": (0,)})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fine.npz"]


def divide(x):
    return {"square": np.array(1 // x)}


def slow_unless_zero(x, folder):
    """The other one fails while this one is at work."""
    if x == 0:
        while not (Path(folder) / "begun").exists():
            time.sleep(0.01)
        raise ZeroDivisionError
    (Path(folder) / "begun").touch()
    time.sleep(0.5)
    return square(x)


def test_what_had_begun_when_a_task_failed_is_kept(tmp_path):
    tasks = {"wrong": (0, str(tmp_path)), "fine": (2, str(tmp_path))}
    with pytest.raises(ZeroDivisionError):
        Work(workers=2, folder=tmp_path / "run").run(slow_unless_zero, tasks)
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == ["fine.npz"]


def test_results_of_other_sources_are_not_gone_on_with(tmp_path, monkeypatch):
    """They are made again in the place of the old ones."""
    work, tasks = Work(folder=tmp_path / "run"), {"x": (2, str(tmp_path))}
    work.run(counted, tasks)
    monkeypatch.setattr(fingerprint, "hash_of_sources", lambda files: "other")
    for _ in range(2):
        assert values(work.run(counted, tasks)) == {"x": 4}
    assert (tmp_path / "calls").read_text().split() == ["2", "2"]
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["x.npz"]


KEY = Fingerprint("a", "b")


def test_a_task_of_other_settings_keeps_its_file(tmp_path):
    folder, other = RunFolder(tmp_path), Fingerprint("c" * 20, "b")
    folder.write("x", KEY, square(2))
    assert folder.read("x", other) is None
    folder.write("x", other, square(3))
    assert folder.read("x", KEY)["square"] == 4 and folder.read("x", other)["square"] == 9
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x-cccccccccccc.npz", "x.npz"]
    assert folder.read("x", Fingerprint("a", "newer")) is None


def test_a_file_that_somebody_else_wrote_is_left_alone(tmp_path):
    np.savez(tmp_path / "x.npz", W=np.ones(3))
    folder = RunFolder(tmp_path)
    folder.write("x", KEY, square(2))
    assert folder.read("x", KEY)["square"] == 4
    with np.load(tmp_path / "x.npz") as archive:
        assert archive.files == ["W"]


def test_without_a_folder_arguments_may_be_anything():
    assert values(Work().run(square, {"x": (complex(2, 0).real,)})) == {"x": 4.0}
    assert Work().run(lambda: {"a": np.ones(1)}, {"x": ()})["x"]["a"] == 1
    with pytest.raises(KgonError, match="function of a module's top level"):
        Work(folder="nowhere").run(lambda: {"a": np.ones(1)}, {"x": ()})


@result
class Number(Result):
    """A result of one number."""

    value: float

    def headline(self):
        return f"{self.value}"


OPTIONS = {"seed": 0, "sizes": (1.0, 2.0), "runs": 3, "targets": None}
MODEL = {"c": 6, "importance": [1.0, 1.0, 1.0, 1.0, 1.0, 0.9]}


def test_an_outcome_is_replaced_by_one_of_the_same_options_or_of_more_runs(tmp_path):
    for k, runs in enumerate((3, 3, 5)):
        file = Work(folder=tmp_path).claim("out.json", {**OPTIONS, "runs": runs}, counts=("runs",))
        file.write(Number(value=float(k)))
    written = json.loads((tmp_path / "out.json").read_text())
    assert written["data"] == {"value": 2.0} and written["options"] == {
        "seed": 0, "sizes": [1.0, 2.0], "runs": 5, "targets": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "counts", "words"),
    [
        ({"seed": 1}, ("runs",), "(seed 0, now 1)"),
        ({"runs": 2}, ("runs",), "(runs 3, now 2)"),
        ({"runs": 4}, (), "(runs 3, now 4)"),
        ({"runs": 4, "seed": 2}, ("runs",), "(seed 0, now 2)"),
        ({"sizes": (1.0,), "targets": "6"}, (), '(sizes [1.0, 2.0], now [1.0]; targets null, now "6")'),
        ({"more": list(range(99))}, (), "(more null, now [0, 1, 2, 3,"),
    ],
)
def test_an_outcome_of_other_options_is_never_replaced(tmp_path, change, counts, words):
    path = tmp_path / "run" / "out.json"
    ResultFile.claim(path, OPTIONS).write(Number(value=1.0))
    before = path.read_bytes()
    with pytest.raises(KgonError) as refused:
        ResultFile.claim(path, {**OPTIONS, **change}, counts=counts)
    assert path.read_bytes() == before
    message = str(refused.value)
    assert f"{path} was made with other settings {words}" in message
    assert f"give another folder than {path.parent}" in message and len(message) < 400


@pytest.mark.parametrize("text", ["{}", "[]", "1", '{"options": 3}', '{"data": {}, "options": {}}'])
def test_a_file_without_options_is_not_one_of_these_options(tmp_path, text):
    (tmp_path / "out.json").write_text(text)
    with pytest.raises(KgonError, match="other settings"):
        ResultFile.claim(tmp_path / "out.json", OPTIONS)


@pytest.mark.parametrize("content", [b"", b"{", b'{"options": {"seed"', b"\xff\x00"])
def test_a_damaged_outcome_is_made_again(tmp_path, content):
    (tmp_path / "out.json").write_bytes(content)
    ResultFile.claim(tmp_path / "out.json", OPTIONS).write(Number(value=1.0))
    assert json.loads((tmp_path / "out.json").read_text())["data"] == {"value": 1.0}


def test_without_a_folder_nothing_is_written():
    file = Work().claim("out.json", OPTIONS)
    file.write(Number(value=1.0))
    assert file.path is None and not Path("out.json").exists()
    assert Work().inside("deeper").folder is None


def test_folders_inside_folders(tmp_path):
    inner = Work(folder=str(tmp_path), workers=map).inside("one").inside("two")
    assert inner.folder == tmp_path / "one" / "two" and inner.workers is map


@pytest.mark.parametrize("part", range(8))
def test_a_flipped_byte_never_passes_for_a_finished_task(tmp_path, part):
    folder = RunFolder(tmp_path)
    folder.write("x", KEY, {"square": np.arange(5), "key": np.array("own")})
    path = tmp_path / "x.npz"
    whole = bytearray(path.read_bytes())
    for at in range(part, len(whole), 8):
        damaged = whole.copy()
        damaged[at] ^= 0x5A
        path.write_bytes(bytes(damaged))
        found = folder.read("x", KEY)
        if found is not None:  # the byte is one that nobody reads
            assert set(found) == {"square", "key"} and np.array_equal(found["square"], np.arange(5))


def test_finished_tasks_count_as_progress(tmp_path):
    lines = []
    work = Work(folder=tmp_path, progress=lines.append)
    Work(folder=tmp_path).run(square, dict(list(TASKS.items())[:4]))
    work.run(square, TASKS)
    assert lines == ["task 5 of 6", "task 6 of 6"]


@pytest.mark.parametrize("workers", [0, 65, 1.5, True, "2", None])
def test_unusable_workers_are_refused(workers):
    with pytest.raises(KgonError, match="workers must be an integer from 1 to 64"):
        Work(workers=workers)


def test_progress_goes_to_a_callable_or_to_stderr(capsys):
    lines = []
    Work(progress=lines.append).run(square, TASKS, "chain")
    assert lines == [f"chain {k} of 6" for k in range(1, 7)]
    Work(progress=True).run(square, TASKS, "chain")
    assert capsys.readouterr().err == "chain 6 of 6\n"
    Work().run(square, TASKS)
    assert capsys.readouterr().err == ""


def leaves_its_number(folder):
    """Say who is at work, and work on."""
    (Path(folder) / f"pid-{os.getpid()}").touch()
    time.sleep(60)


def runs(pid):
    """Whether a process is there and no zombie (Linux)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_workers_leave_with_a_killed_parent(tmp_path):
    code = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from test_work import leaves_its_number\nfrom kgon.base.work import Work\n"
        f"if __name__ == '__main__': Work(workers=2).run(leaves_its_number, {{'a': ({str(tmp_path)!r},), "
        f"'b': ({str(tmp_path)!r},)}})\n"
    )
    script = tmp_path / "script.py"
    script.write_text(code)
    parent = subprocess.Popen([sys.executable, str(script)])
    deadline = time.monotonic() + 60
    while len(pids := list(tmp_path.glob("pid-*"))) < 2:
        assert parent.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    workers = [int(path.name.removeprefix("pid-")) for path in pids]
    assert all(runs(pid) for pid in workers)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    deadline = time.monotonic() + 20
    while any(runs(pid) for pid in workers):
        assert time.monotonic() < deadline, "the workers outlive their parent"
        time.sleep(0.05)


def test_a_single_task_needs_no_other_process():
    """What no other process could be sent, such as a function without a name, shows where it is computed."""
    assert Work(workers=2).map(lambda x: x + 1, [(1,)]) == [2]


def test_lines_of_progress_are_passed_on_seldom(monkeypatch):
    now, told = iter([0.0, 4.0, 6.0, 6.0, 10.0, 12.0, 12.0]), []
    monkeypatch.setattr(work_module.time, "monotonic", lambda: next(now))
    say = seldom(told.append)  # at 0 s
    for line in ("at 4 s", "at 6 s", "at 10 s", "at 12 s"):
        say(line)
    monkeypatch.undo()
    assert told == ["at 6 s", "at 12 s"]
    seldom(None)("to nobody")


def test_of_an_option_with_parts_the_part_that_differs_is_told(tmp_path):
    """Of two models the first 40 letters are often the same."""
    path = tmp_path / "out.json"
    ResultFile.claim(path, {"model": MODEL}).write(Number(value=1.0))
    other = {**MODEL, "importance": [1.0, 1.0, 1.0, 1.0, 1.0, 0.8]}
    with pytest.raises(KgonError, match=r"\(model\.importance \[.*0\.9\], now \[.*0\.8\]\)"):
        ResultFile.claim(path, {"model": other})
