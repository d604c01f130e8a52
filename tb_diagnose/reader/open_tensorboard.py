"""Where a TensorBoard that is running shows a run: each leaves a note in the folder for temporary files."""

from __future__ import annotations

import base64
import json
import os
import socket
from contextlib import suppress
from typing import Any
from urllib.parse import quote

PATIENCE = 0.2
"""Seconds to wait for an answer of this machine: a note may be older than the last start of the machine."""


def address(folder: str) -> str | None:
    """Address of a run's report in a TensorBoard that is running on this machine.

    Args:
        folder: Folder of the run; None of an address such as `gs://bucket/logs` is looked for.

    Returns:
        The address; None where no TensorBoard shows this folder.
    """
    from tensorboard import manager

    found = []
    with suppress(Exception):  # notes of another version, or of another user
        for info in manager.get_all():
            run = _run_name(folder, _logdir(info))
            if run is not None and _answers(info.port):
                found.append((info.start_time, f"http://localhost:{info.port}{_path(info.path_prefix)}", run))
    if not found:
        return None
    _, page, run = max(found)
    return f"{page}#diagnosis&p.diagnosis.run={quote(run, safe='')}"


def _logdir(info: Any) -> str:
    """The absolute logdir; a relative one is taken from where TensorBoard was started, which its note holds."""
    started_in = ""
    with suppress(ValueError, TypeError, KeyError):
        started_in = str(json.loads(base64.b64decode(info.cache_key))["working_directory"])
    return os.path.join(started_in, os.path.expanduser(info.logdir)) if info.logdir else ""


def _run_name(folder: str, logdir: str) -> str | None:
    """Name of a run below a logdir; None where it is not there."""
    if not os.path.isabs(logdir):
        return None
    run = os.path.relpath(os.path.realpath(folder), os.path.realpath(logdir))
    return None if run.split(os.sep)[0] == os.pardir else run.replace(os.sep, "/")


def _path(prefix: str) -> str:
    inner = prefix.strip("/")
    return f"/{inner}/" if inner else "/"


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("localhost", port), PATIENCE).close()
    except OSError:
        return False
    return True
