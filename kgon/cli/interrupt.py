"""Ctrl-C: it waits for compiled code to hand over its result, and ends a command in one line."""

from __future__ import annotations

import _thread
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

HANDING_OVER = "_numba_unpickle"
"""Python function that Numba's compiled code runs to build its result; an exception there ends in SystemError
or a segmentation fault."""
PAUSE = 0.02
"""Seconds until the key is looked at again."""


@contextmanager
def interruptible() -> Iterator[None]:
    """Raise ``KeyboardInterrupt`` where it can be caught, also where a library made another error of it.

    Nothing changes where interrupts are ignored (``nohup``) or handled by others, or outside the main thread.
    """
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, _pressed)
    try:
        yield
    except Exception as error:
        if _of_the_key(error):
            raise KeyboardInterrupt from error
        raise
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _of_the_key(error: BaseException | None) -> bool:
    """Whether an error comes of Ctrl-C, as the ImportError of a compiled module that was being loaded."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


def answered() -> None:
    """Let the exit code be ours after Ctrl-C.

    Where it meets ``exec`` of a text, as when a dataclass is made, Python remembers that and at its end kills
    itself by the signal, although the exception was caught; the next ``exec`` makes it forget.
    """
    exec("")


def _pressed(number: int, frame: FrameType | None) -> None:
    while frame is not None:
        if frame.f_code.co_name == HANDING_OVER:
            later = threading.Timer(PAUSE, _thread.interrupt_main)
            later.daemon = True
            later.start()
            return
        frame = frame.f_back
    raise KeyboardInterrupt
