"""Runs a script on one of Keras's backends: Keras takes its backend when it is imported, so in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

_COMPILED = tempfile.TemporaryDirectory(prefix="compiled_by_jax_")
"""What JAX has compiled, for whoever compiles the same: of most scripts that is half of their time."""
CACHED = {
    "JAX_COMPILATION_CACHE_DIR": _COMPILED.name,
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
}


def run_on(backend: str, script: Path, *arguments: str) -> list[Any]:
    """What a script prints as JSON objects, one a line.

    Args:
        backend: Keras's backend.
        script: A script beside this file.
        arguments: Its arguments.
    """
    path = os.pathsep.join([str(script.parent.parent.parent), str(script.parent)])
    given = {"KERAS_BACKEND": backend, "PYTHONPATH": path, "TF_CPP_MIN_LOG_LEVEL": "3"}
    environment = {**os.environ, **CACHED, **given}
    command = [sys.executable, str(script), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"')]
