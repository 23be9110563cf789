"""Ctrl-C ends a command with exit code 130 and one line, wherever it is pressed."""

import os
import signal
import subprocess
import sys
import time

import pytest
from support.command import run
from support.interrupted import faults, heeded

from kgon.cli.interrupt import interruptible

LINE = "kgon evidence: interrupted; --out keeps what is finished\n"


def pressed(*_, **__):
    raise KeyboardInterrupt


def test_an_interrupted_command_is_exit_130_and_one_line(capsys, monkeypatch):
    monkeypatch.setattr("kgon.free_energy.n_crit", pressed)
    assert run(capsys, "ncrit", "5", "6") == (130, "", "kgon ncrit: interrupted\n")
    monkeypatch.setattr("kgon.experiments.posterior.sample_evidence", pressed)
    assert run(capsys, "evidence") == (130, "", LINE)


def test_an_error_that_a_library_makes_of_the_key_is_the_key(capsys, monkeypatch):
    """As pybind11 does where the key is pressed while a compiled module is loaded."""

    def loads(*_, **__):
        try:
            pressed()
        except KeyboardInterrupt as key:
            raise ImportError("initialization failed") from key

    monkeypatch.setattr("kgon.free_energy.n_crit", loads)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert run(capsys, "ncrit", "5", "6") == (130, "", "kgon ncrit: interrupted\n")
    finally:
        signal.signal(signal.SIGINT, before)


AT_THE_ENDS = """
import atexit, builtins, os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from kgon.__main__ import run
if sys.argv.pop() == "first":
    original = builtins.__import__

    def loads(name, *rest):
        if name == "kgon.cli.parser":
            os.kill(os.getpid(), signal.SIGINT)
        return original(name, *rest)

    builtins.__import__ = loads
else:
    class Last:
        def __del__(self, kill=os.kill, own=os.getpid(), key=signal.SIGINT):
            kill(own, key)

    sys.last = Last()
raise SystemExit(run())
"""


@pytest.mark.parametrize(
    ("when", "expected"), [("first", (130, "", "kgon: interrupted\n")), ("last", (0, "kgon", ""))]
)
def test_the_key_is_answered_during_the_first_imports_and_after_the_last_word(tmp_path, when, expected):
    (tmp_path / "job.py").write_text(AT_THE_ENDS)
    done = subprocess.run(
        [sys.executable, str(tmp_path / "job.py"), "--version", when], capture_output=True, text=True,
        check=False, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert (done.returncode, done.stdout[:4], done.stderr) == expected


IN_EXEC = """
import kgon.free_energy.crossings
from kgon.cli import main

def pressed(*_, **__):
    exec("raise KeyboardInterrupt")

kgon.free_energy.crossings.n_crit = pressed
raise SystemExit(main(["ncrit", "5", "6"]))
"""


def test_the_exit_code_stays_where_a_text_was_executed(tmp_path):
    """Python would end by the signal, code −2, as it remembers an interrupt within ``exec`` of a text."""
    (tmp_path / "job.py").write_text(IN_EXEC)
    command = [sys.executable, "-m", "job"]
    path = os.pathsep.join([str(tmp_path), *sys.path])
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": path}
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "kgon ncrit: interrupted\n")


COMPILED = """
import os, signal, threading, time
import numpy as np
from numba import njit
from kgon.cli.interrupt import interruptible

@njit
def busy(n):
    found = np.zeros(3)
    for k in range(n):
        found[k % 3] += np.sin(k)
    return found, found > 0

def press():
    time.sleep(0.1)
    os.kill(os.getpid(), signal.SIGINT)

busy(3)
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
for _ in range(3):
    thread = threading.Thread(target=press)
    try:
        with interruptible():
            thread.start()
            for _ in range(40):  # the key always falls into compiled code, and must not wait for the last
                busy(3_000_000)
            print("too late")
    except KeyboardInterrupt:
        print("interrupted")
    thread.join()
"""


def test_compiled_code_hands_over_its_result_before():
    """Without the pause an exception meets Numba where it builds the array: a SystemError, or a crash."""
    command = [sys.executable, "-c", COMPILED]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "interrupted\n" * 3, "")


WHILE_PROCESSES_BEGIN = """
import signal, threading, time
from kgon.base.interrupts import interrupts_held

other = threading.Thread(target=time.sleep, args=(5,), daemon=True)
other.start()  # may be given the signal, as the threads of numerical libraries are
signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    with interrupts_held():
        signal.pthread_kill(other.ident, signal.SIGINT)
        time.sleep(0.2)
        print("begun")
    print("lost")
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="signals of threads")
def test_a_key_that_another_thread_is_given_waits_until_processes_have_begun():
    """Else a process that had just begun would miss its first message, and say so in a traceback."""
    command = [sys.executable, "-c", WHILE_PROCESSES_BEGIN]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "begun\ninterrupted\n", "")


SWALLOWED = """
import ctypes, os, signal, threading
from kgon.cli.interrupt import interruptible

def press(*_):
    os.kill(os.getpid(), signal.SIGINT)
    for _ in range(100):  # the handler runs here
        pass

class Last:
    def __del__(self):
        press()

def finalizer():
    Last()

def callback():
    called = ctypes.CFUNCTYPE(None)(press)
    called()

def optional():
    try:
        press()
    except:
        pass

signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
for swallow in (finalizer, callback, optional):
    try:
        with interruptible():
            swallow()
            if swallow is not optional:
                threading.Event().wait(20)  # as for a worker
    except KeyboardInterrupt:
        print("interrupted")
"""


def test_a_key_that_is_swallowed_is_pressed_again():
    """Python only prints what is raised in finalizers and callbacks; a library may go on without a module."""
    command = [sys.executable, "-c", SWALLOWED]
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "interrupted\n" * 3, "")
    assert time.monotonic() - began < 15


WHILE_WRITTEN = """
import os, signal, sys
from kgon.cli import main
from kgon.cli.outcome import Outcome

signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
Outcome.printed = lambda *_: "x" * 1_000_000
presses = int(sys.argv.pop())

class Slow:
    def __getattr__(self, name):
        return getattr(sys.__stdout__, name)

    def write(self, text):
        written = sys.__stdout__.write(text[:1000])
        for _ in range(presses if len(text) > 1 else 0):
            os.kill(os.getpid(), signal.SIGINT)
        return written + sys.__stdout__.write(text[1000:])

sys.stdout = Slow()
raise SystemExit(main(["ncrit", "5", "6"]))
"""


@pytest.mark.parametrize(
    ("presses", "expected"), [(1, (0, 1_000_001, "")), (3, (130, 1000, "kgon ncrit: interrupted\n"))]
)
def test_an_answer_that_is_being_written_is_written_whole_unless_one_insists(presses, expected):
    command = [sys.executable, "-c", WHILE_WRITTEN, str(presses)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, len(done.stdout), done.stderr) == expected


@pytest.mark.parametrize("handler", [signal.SIG_IGN, pressed])
def test_what_others_do_with_the_signal_stays(handler):
    before = signal.signal(signal.SIGINT, handler)
    try:
        with interruptible():
            assert signal.getsignal(signal.SIGINT) is handler
        assert signal.getsignal(signal.SIGINT) is handler
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("delay", [0.6, 1.2, 2, 4, 8, 12])
def test_ctrl_c_while_replicates_run(tmp_path, delay, workers):
    """At the start, while processes begin, while compiled code runs; the key reaches all processes."""
    command = [sys.executable, "-m", "kgon", "evidence", "--full", "--no-progress", "--out", str(tmp_path)]
    process = subprocess.Popen(
        [*command, "--workers", str(workers)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=heeded, start_new_session=True,
    )  # fmt: skip
    time.sleep(delay)
    os.killpg(process.pid, signal.SIGINT)
    assert (*process.communicate(), process.returncode) == ("", LINE, 130)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "workers"), [("train", 1), ("train", 2)])
def test_a_run_that_was_interrupted_leaves_what_one_that_was_not_does(tmp_path, name, workers):
    """Two random moments; ``tests/support/interrupted.py`` presses at as many as one likes."""
    assert [*faults(name, workers, tmp_path, presses=2, seed=1)] == []
