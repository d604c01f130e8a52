"""A limit that holds where nobody looks at the time: building a model, tracing its step, measuring it."""

from __future__ import annotations

import _thread
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def time_limit(ends: float) -> Iterator[threading.Event]:
    """Within it, what takes longer than until then is broken off, as Ctrl+C breaks it off: between two steps of Python.

    That is possible in the main thread alone, and only where Ctrl+C does what it does in Python by itself: a program
    that takes it for something else must not be told that somebody has pressed it.

    Args:
        ends: Time (`time.monotonic`) at which it is broken off.

    Yields:
        Whether it was, which is known behind it.
    """
    over = threading.Event()
    is_possible = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )
    if not is_possible:
        yield over
        return

    def end() -> None:
        over.set()
        _thread.interrupt_main()

    timer = threading.Timer(min(max(ends - time.monotonic(), 0.0), threading.TIMEOUT_MAX), end)
    timer.daemon = True
    try:
        timer.start()
        try:
            yield over
        finally:
            timer.cancel()
            timer.join()  # an interruption that is under way comes here, and not behind the block
    except KeyboardInterrupt:
        if not over.is_set():
            raise
