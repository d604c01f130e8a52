"""Whether a run is still at work."""

from __future__ import annotations

import os
import socket
import time

from tb_diagnose.evidence import Evidence

SIGN_OF_LIFE = 3600.0
"""Seconds without an event after which a run without any epoch counts as crashed although its process lives: a
notebook lives on after its fit has raised."""
ELSEWHERE = 600.0
"""The same for a process on another machine, of which nothing else is known."""


def is_alive(evidence: Evidence) -> bool:
    """Whether the process that writes this run may still be at work on its first epoch."""
    silence = time.time() - evidence.last_sign if evidence.last_sign is not None else float("inf")
    environment = evidence.get("environment") or {}
    process = environment.get("process")
    if environment.get("host") != socket.gethostname() or process is None:
        return silence < ELSEWHERE
    if process == os.getpid():
        return False  # asked from the run's own process: its fit has returned or raised
    if os.name == "nt":
        return silence < SIGN_OF_LIFE  # there, signal 0 would interrupt the process
    try:
        os.kill(process, 0)
    except PermissionError:
        pass  # somebody else's, and alive
    except OSError:
        return False
    return silence < SIGN_OF_LIFE
