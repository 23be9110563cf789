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

from kgon.base import work
from kgon.base.runs import RunFolder
from kgon.base.verdicts import KgonError
from kgon.base.work import run_tasks

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
    found = run_tasks(square, TASKS, workers=workers)
    assert values(found) == SQUARES
    assert list(found) == list(TASKS)


def test_executors_and_pools_are_workers():
    with ThreadPoolExecutor(3) as executor, ThreadPool(2) as pool:
        assert values(run_tasks(square, TASKS, workers=executor)) == SQUARES
        assert values(run_tasks(square, TASKS, workers=pool.map)) == SQUARES


def test_what_is_finished_is_not_done_again(tmp_path):
    tasks = {name: (*task, str(tmp_path)) for name, task in TASKS.items()}
    first = dict(list(tasks.items())[:2])
    run_tasks(counted, first, folder=tmp_path / "run")
    assert values(run_tasks(counted, tasks, folder=tmp_path / "run")) == SQUARES
    assert (tmp_path / "calls").read_text().split() == ["0", "1", "2", "3", "4", "5"]


def test_another_key_or_a_damaged_file_is_done_again(tmp_path):
    tasks = {"x": (2, str(tmp_path))}
    for key in ("a", "b", "b"):
        run_tasks(counted, tasks, folder=tmp_path / "run", key=key)
    assert (tmp_path / "calls").read_text().split() == ["2", "2"]
    whole = (tmp_path / "run" / "x.npz").read_bytes()
    (tmp_path / "run" / "x.npz").write_bytes(whole[: len(whole) // 2])
    assert RunFolder(tmp_path / "run", "b").read("x") is None
    run_tasks(counted, tasks, folder=tmp_path / "run", key="b")
    assert (tmp_path / "calls").read_text().split() == ["2", "2", "2"]


def test_a_killed_process_costs_only_what_it_was_doing(tmp_path):
    tasks = {name: (*task, str(tmp_path)) for name, task in TASKS.items()}
    assert values(run_tasks(kills_its_process_once, tasks, workers=2)) == SQUARES
    assert (tmp_path / "killed").exists()


def test_processes_that_die_again_and_again_are_an_error():
    with pytest.raises(KgonError, match="killed 4 times in a row"):
        run_tasks(kills_its_process, {"a": (1,), "b": (2,)}, workers=2)


def test_an_error_of_a_task_comes_through(tmp_path):
    with pytest.raises(ZeroDivisionError):
        run_tasks(divide, {"fine": (1,), "wrong": (0,)}, workers=2, folder=tmp_path)
    assert RunFolder(tmp_path, "").read("fine") is not None


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
        run_tasks(slow_unless_zero, tasks, workers=2, folder=tmp_path / "run")
    assert RunFolder(tmp_path / "run", "").read("fine") is not None


def test_results_of_other_sources_are_not_gone_on_with(tmp_path, monkeypatch):
    folder = RunFolder(tmp_path, "a")
    folder.write("x", square(2))
    assert RunFolder(tmp_path, "a").read("x")["square"] == 4
    monkeypatch.setattr(work, "code_hash", lambda: "other")
    assert RunFolder(tmp_path, "a").read("x") is None


@pytest.mark.parametrize("part", range(8))
def test_a_flipped_byte_never_passes_for_a_finished_task(tmp_path, part):
    folder = RunFolder(tmp_path, "a")
    folder.write("x", {"square": np.arange(5), "key": np.array("own")})
    path = tmp_path / "x.npz"
    whole = bytearray(path.read_bytes())
    for at in range(part, len(whole), 8):
        damaged = whole.copy()
        damaged[at] ^= 0x5A
        path.write_bytes(bytes(damaged))
        found = folder.read("x")
        if found is not None:  # the byte is one that nobody reads
            assert set(found) == {"square", "key"} and np.array_equal(found["square"], np.arange(5))


def test_finished_tasks_count_as_progress(tmp_path):
    lines = []
    run_tasks(square, dict(list(TASKS.items())[:4]), folder=tmp_path)
    run_tasks(square, TASKS, folder=tmp_path, progress=lines.append)
    assert lines == ["task 5 of 6", "task 6 of 6"]


@pytest.mark.parametrize("workers", [0, 65, 1.5, True, "2", None])
def test_unusable_workers_are_refused(workers):
    with pytest.raises(KgonError, match="workers must be an integer from 1 to 64"):
        run_tasks(square, TASKS, workers=workers)


def test_progress_goes_to_a_callable_or_to_stderr(capsys):
    lines = []
    run_tasks(square, TASKS, progress=lines.append, what="chain")
    assert lines == [f"chain {k} of 6" for k in range(1, 7)]
    run_tasks(square, TASKS, progress=True, what="chain")
    assert capsys.readouterr().err == "chain 6 of 6\n"
    run_tasks(square, TASKS)
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
        "from test_work import leaves_its_number\nfrom kgon.base.work import run\n"
        f"if __name__ == '__main__': run(leaves_its_number, {{'a': ({str(tmp_path)!r},), "
        f"'b': ({str(tmp_path)!r},)}}, workers=2)\n"
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
