"""A limit that holds where nobody looks at the time: building a model, tracing its step, measuring it."""

from __future__ import annotations

import _thread
import signal
import threading
import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")
AGAIN = 2.0
"""Seconds after which it is interrupted once more: Python passes over what is raised while it collects garbage."""


class TimeOverError(Exception):
    """Something was broken off."""


def within_time(ends: float, work: Callable[[], Result]) -> Result:
    """Does something that is broken off at a time as Ctrl+C breaks it off: between two steps of Python.

    That is possible in the main thread alone, and only where Ctrl+C does what it does in Python by itself: a program
    that takes it for something else must not be told that somebody has pressed it. Elsewhere it takes what it takes.

    Args:
        ends: Time (`time.monotonic`) at which it is broken off.
        work: What is done; it leaves things as they were where an exception ends it.

    Raises:
        TimeOverError: it was broken off.
        Exception: whatever it raises.
    """
    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    ):
        return work()
    over, done = threading.Event(), threading.Event()
    watch = threading.Thread(target=_watch, args=(ends, over, done), daemon=True)
    # Not a context manager: between the end of its block and its own code there is a step that nothing guards.
    try:
        watch.start()
        return work()
    except KeyboardInterrupt as error:
        if over.is_set():
            raise TimeOverError from error
        raise
    finally:
        _end(watch, over, done)


def _watch(ends: float, over: threading.Event, done: threading.Event) -> None:
    """Interrupts the main thread from that time on, until it is done."""
    if done.wait(min(max(ends - time.monotonic(), 0.0), threading.TIMEOUT_MAX)):
        return
    over.set()
    while True:
        _thread.interrupt_main()
        if done.wait(AGAIN):
            return


def _end(watch: threading.Thread, over: threading.Event, done: threading.Event) -> None:
    """Ends the interruptions: one that is under way comes here, and not later."""
    while True:
        try:
            done.set()
            if watch.ident is not None:
                watch.join()
            return
        except KeyboardInterrupt:
            if not over.is_set():
                raise
