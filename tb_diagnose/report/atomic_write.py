"""A file that is there whole or not at all: who reads it while it is written sees the one before."""

from __future__ import annotations

import os
from pathlib import Path


def write(path: str, content: bytes) -> None:
    """Writes a file.

    Args:
        path: The file; its folder must exist.
        content: All of it.

    Raises:
        OSError: it cannot be written.
    """
    if os.path.exists(path) and not os.path.isfile(path):
        Path(path).write_bytes(content)  # a device or a pipe
        return
    path = os.path.realpath(path)  # what a link points at is replaced, not the link
    temporary = f"{path}.{os.getpid()}"
    try:
        Path(temporary).write_bytes(content)
        os.replace(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)
