"""Many cheap runs on disk: two real ones, written once, and copies of their event files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from places import ROOT


def copies(folder: Path, root: Path, count: int, start: int = 0) -> list[Path]:
    """Copies of a run below a logdir, a hundred to a group.

    Args:
        folder: The run.
        root: The logdir.
        count: How many.
        start: Number of the first.
    """
    made = []
    for number in range(start, start + count):
        made.append(root / f"group{number // 100:03}" / f"{folder.name}{number:05}")
        shutil.copytree(folder, made[-1])
    return made


def command(*arguments: object, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """`tb-diagnose` in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "tb_diagnose", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
    )


def beginning_with(folder: Path, program: str) -> dict[str, str]:
    """An environment in which each Python begins with some lines.

    Args:
        folder: Where the module with them may lie.
        program: The lines.
    """
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(program)
    return {"PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])}


DEADLY = """
import builtins, os
_open = builtins.open
def open(path, *arguments, **options):
    if "deadly" in str(path) and "tfevents" in str(path) and "r" in (arguments or ("r",))[0]:
        os._exit(9)
    return _open(path, *arguments, **options)
builtins.open = open
"""


def deadly(folder: Path) -> dict[str, str]:
    """An environment in which whoever opens an event file with `deadly` in its path is gone, as after a crash inside a
    library or for want of memory.

    Args:
        folder: Where the module that does it may lie.
    """
    return beginning_with(folder, DEADLY)


STOPPING = """
import builtins, os, signal
_open, _seen = builtins.open, set()
def open(path, *arguments, **options):
    if "tfevents" in str(path):
        _seen.add(str(path))
        if len(_seen) == {at}:
            os.kill(os.getpid(), signal.SIGINT)
    return _open(path, *arguments, **options)
builtins.open = open
"""


def stopping(folder: Path, at: int) -> dict[str, str]:
    """An environment in which Ctrl-C is pressed when so many event files have been opened.

    Args:
        folder: Where the module that does it may lie.
        at: Number of the event file.
    """
    return beginning_with(folder, STOPPING.format(at=at))
