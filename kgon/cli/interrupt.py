"""Ctrl-C: it waits for compiled code to hand over its result, and ends a command in one line."""

from __future__ import annotations

import _thread
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from kgon.base.interrupts import is_interrupt

HANDING_OVER = "_numba_unpickle"
"""Python function that Numba's compiled code runs to build its result; an exception there ends in SystemError
or a segmentation fault."""
PAUSE = 0.02
"""Seconds until the key is looked at again."""


@contextmanager
def interruptible() -> Iterator[None]:
    """Raise ``KeyboardInterrupt`` where it can be caught, also where a library made another error of it.

    A key that was pressed is never lost: not in a finalizer, whose errors Python only prints, nor where a
    library goes on without the module that was being loaded.  Nothing changes where interrupts are ignored
    (``nohup``) or handled by others, or outside the main thread.
    """
    if not _ours():
        yield
        return
    key, others = _Key(), sys.unraisablehook

    def unraisable(said: sys.UnraisableHookArgs) -> None:
        if said.exc_type is KeyboardInterrupt or is_interrupt(said.exc_value):
            key.press_again()
        else:
            others(said)

    signal.signal(signal.SIGINT, key)
    sys.unraisablehook = unraisable
    try:
        yield
    except Exception as error:
        if is_interrupt(error):
            raise KeyboardInterrupt from error
        raise
    finally:
        key.over = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
        sys.unraisablehook = others
    if key.pressed:
        raise KeyboardInterrupt


@contextmanager
def unbroken() -> Iterator[None]:
    """Let the answer be written whole: a key comes too late for it, and only a second one breaks it off.

    The second is for a reader that does not read on.  Others' handlers stay, as in `interruptible`.
    """
    if not _ours():
        yield
        return
    signal.signal(signal.SIGINT, lambda *_: signal.signal(signal.SIGINT, signal.default_int_handler))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _ours() -> bool:
    """Whether Ctrl-C is ours to answer: not where it is ignored, others do, or outside the main thread."""
    main = threading.current_thread() is threading.main_thread()
    return main and signal.getsignal(signal.SIGINT) is signal.default_int_handler


def answered() -> None:
    """Let the exit code be ours after Ctrl-C.

    Where it meets ``exec`` of a text, as when a dataclass is made, Python remembers that and at its end kills
    itself by the signal, although the exception was caught; the next ``exec`` makes it forget.
    """
    exec("")


def _hands_over(frame: FrameType | None) -> bool:
    while frame is not None and frame.f_code.co_name != HANDING_OVER:
        frame = frame.f_back
    return frame is not None


class _Key:
    """What is done where Ctrl-C is pressed."""

    pressed, over = False, False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self.pressed = True
        self._raise(frame)

    def _raise(self, frame: FrameType | None, *event: object) -> None:
        """Raise it here, or, while a result is handed over, at the first call or return after that."""
        if _hands_over(frame):
            sys.setprofile(self._raise)
            return
        if event:
            sys.setprofile(None)
        raise KeyboardInterrupt

    def press_again(self) -> None:
        """Press the key a little later, so that even a main thread that waits for others hears it."""
        later = threading.Timer(PAUSE, self._press)
        later.daemon = True
        later.start()

    def _press(self) -> None:
        if self.over:
            return
        if hasattr(signal, "pthread_kill"):
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        else:
            _thread.interrupt_main()
