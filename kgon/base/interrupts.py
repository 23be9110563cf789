"""Ctrl-C where processes begin, and where a library makes another error of it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back while processes begin: they inherit that, and so are deaf to it from their start.

    Another thread may be given the signal, which the main thread then answers wherever it is: so its handler
    waits, too.
    """
    others, held = signal.getsignal(signal.SIGINT), []
    main = threading.current_thread() is threading.main_thread() and others is not None
    if main:
        signal.signal(signal.SIGINT, lambda *_: held.append(True))
    mask = getattr(signal, "pthread_sigmask", None)  # not on Windows
    before = mask(signal.SIG_BLOCK, {signal.SIGINT}) if mask else set()
    try:
        yield
    finally:
        if mask:
            mask(signal.SIG_SETMASK, before)
        if main:
            signal.signal(signal.SIGINT, others)
        if held:
            signal.raise_signal(signal.SIGINT)


def is_interrupt(error: BaseException | None) -> bool:
    """Whether an error comes of Ctrl-C, as the ImportError of a compiled module that was being loaded."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None
