"""A program in a process of its own, with the terminal, the signals and the exit status of this one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import FrameType
from typing import Any

FORWARDED = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGBREAK")
"""Signals that are meant for the program; those that this system has."""
FROM_TERMINAL = ("SIGINT", "SIGQUIT", "SIGBREAK")
"""Those that a terminal sends to every process in the foreground: the program has got them already."""
NICENESS = 10
"""How far this process stands back behind the program: it only looks on."""


class Program:
    """Starts a program.

    Args:
        command: The command line.
        environment: Its environment.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._early: list[int] = []
        self._before: dict[int, Any] = {}
        self._process: subprocess.Popen[bytes] | None = None
        for name in FORWARDED:
            number = getattr(signal, name, None)
            # What is ignored here (nohup, a shell's background job) is ignored in the program, too.
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._forward)
        self._process = subprocess.Popen(command, env=environment)
        for number in self._early:
            self._process.send_signal(number)
        if hasattr(os, "nice"):
            os.nice(NICENESS)

    def ends_within(self, seconds: float) -> bool:
        """Waits for the end of the program; returns whether it came. Then signals are for this process again."""
        assert self._process is not None
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        for number, handler in self._before.items():
            signal.signal(number, handler)
        return True

    def exit(self) -> int:
        """The exit status of the program; where a signal has ended it, this process ends by the same."""
        assert self._process is not None
        status = self._process.wait()
        if status >= 0 or os.name == "nt":
            return status
        sys.stdout.flush()
        sys.stderr.flush()
        with suppress(Exception):
            import resource

            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file of this process would be in the way
        with suppress(OSError, ValueError):  # SIGKILL has no handler
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
        return 128 - status  # where the signal does not end a process

    def _forward(self, number: int, frame: FrameType | None) -> None:
        if signal.Signals(number).name in FROM_TERMINAL and _in_foreground():
            return
        if self._process is None:
            self._early.append(number)
        elif self._process.returncode is None:
            with suppress(OSError):
                self._process.send_signal(number)


def _in_foreground() -> bool:
    """Whether a terminal sends its signals to this process, and so to the program."""
    if os.name == "nt":
        return True
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
