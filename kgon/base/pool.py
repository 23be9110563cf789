"""A pool of processes that outlives its work, and the loss of a process now and then."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import current_process, get_context
from multiprocessing.connection import Connection, wait
from typing import Any, Self, TypeVar

from kgon.base.interrupts import interrupts_held
from kgon.base.verdicts import KgonError

_T = TypeVar("_T")
BREAKS = 3
"""Times in a row that a pool may lose a process without finishing a task before the work is given up."""


class Pool:
    """Processes of our own, spawned, as forks of threads may deadlock.

    Where one is killed, all are replaced: whoever waits for a result meets ``BrokenProcessPool``, calls
    ``renew`` and submits again.  On Ctrl-C all leave at once.

    Attributes
    ----------
    workers : int
    executor : ProcessPoolExecutor
        Those that work at the moment.
    """

    def __init__(self, workers: int) -> None:
        check_main_is_guarded()
        self.workers = workers
        self._lock = threading.Lock()
        self._breaks = 0
        self._open()

    def _open(self) -> None:
        context = get_context("spawn")
        reader, self._writer = context.Pipe(duplex=False)
        self.executor = ProcessPoolExecutor(
            self.workers, mp_context=context, initializer=_leave_with_parent, initargs=(reader,)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *more: object) -> None:
        if kind is not None:
            self._writer.close()
        self.executor.shutdown(cancel_futures=kind is not None)
        self._writer.close()

    def submit(self, function: Callable[..., _T], *arguments: Any) -> Future[_T]:
        """Let a process call a function of the top level of a module."""
        with interrupts_held():
            return self.executor.submit(function, *arguments)

    def praise(self) -> None:
        """Say that a task was finished since the last loss."""
        self._breaks = 0

    def renew(self, broken: ProcessPoolExecutor, left: int) -> None:
        """Replace the processes after a loss, once for all who met it.

        Raises
        ------
        KgonError
            Processes were lost again and again, without a task finished.
        """
        with self._lock:
            if broken is not self.executor:
                return
            self._writer.close()
            broken.shutdown(wait=False)
            self._breaks += 1
            if self._breaks > BREAKS:
                raise KgonError(
                    f"processes ended {self._breaks} times in a row: {left} tasks are left.  Out of memory, "
                    "fewer workers may help; a script needs if __name__ == '__main__': around its calls"
                ) from None
            self._open()


def check_main_is_guarded() -> None:
    """Refuse to work while a spawned process imports the script that spawned it: it would do all again.

    Raises
    ------
    KgonError
        The calls of that script are not below ``if __name__ == "__main__":``.
    """
    if getattr(current_process(), "_inheriting", False):
        raise KgonError(
            "a process imports the script that started it, and meets the same call: put the script's calls "
            "below if __name__ == '__main__':"
        )


def _leave_with_parent(reader: Connection) -> None:
    """Let this process end when the one that made it closes the other end of the pipe, or is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes: the parent answers it

    def watch() -> None:
        wait([reader])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
