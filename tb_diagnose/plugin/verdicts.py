"""Rows of the list that were judged before, kept on disk: TensorBoard starts again, and ten thousand runs are the same.

A row is found by the event files that it was judged from, their sizes and times, and by the code that judged it. The
file may be deleted at any time. Whatever is wrong with it, runs are judged as without it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import sqlite3
import sys
import threading
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from tb_diagnose import storage
from tb_diagnose.diagnosis.score import Score
from tb_diagnose.diagnosis.sweep import SweepRun

MOST_BYTES = 2**27
"""A larger file is begun anew: room for some hundred thousand runs."""
OFF = "off"
PACKAGE = Path(__file__).parent.parent

Row = dict[str, Any]


def default_folder() -> str:
    """The user's cache folder, as each system has it."""
    home = Path.home()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return str(base / "tb_diagnose")


class Verdicts:
    """Rows on disk.

    Args:
        folder: Where; made when missing, for this user alone. None keeps nothing.
    """

    def __init__(self, folder: str | None) -> None:
        self._lock = threading.Lock()
        self._file: sqlite3.Connection | None = None
        if folder is None:
            return
        try:
            self._file = _opened(Path(folder))
        except (OSError, sqlite3.Error):
            self._file = None

    def key(self, logdir: str, name: str, parts: Sequence[str], tags: Any) -> str | None:
        """What the rows of a run are found by; None where nothing is kept of it.

        Args:
            logdir: The logdir, as TensorBoard was given it.
            name: The run.
            parts: Its TensorBoard runs.
            tags: Names of scalars that the user has given.
        """
        if self._file is None or not logdir or storage.is_remote(storage.located(logdir)):
            return None
        root = os.path.realpath(storage.located(logdir))
        try:
            files = [
                [entry.path, entry.stat().st_size, entry.stat().st_mtime_ns]
                for part in parts
                for entry in sorted(os.scandir(os.path.join(root, part)), key=lambda entry: entry.name)
                if "tfevents" in entry.name
            ]
        except OSError:
            return None
        said = json.dumps([_code(), name, files, repr(tags)])
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest() if files else None

    def get(self, key: str) -> tuple[list[Row], list[SweepRun]] | None:
        """The rows of a run, and what a sweep takes from it; None where they are not known."""
        try:
            with self._lock:
                if self._file is None:
                    return None
                found = self._file.execute("SELECT said FROM verdicts WHERE key = ?", (key,)).fetchone()
            return None if found is None else _read(found[0])
        except (sqlite3.Error, ValueError, TypeError, KeyError):
            return None

    def put(self, key: str, rows: list[Row], of_sweep: Sequence[SweepRun]) -> None:
        """Keeps them."""
        try:
            said = json.dumps({"rows": rows, "of_sweep": [dataclasses.asdict(run) for run in of_sweep]})
            if _read(said) != (rows, list(of_sweep)):
                return  # JSON cannot hold it as it is
            with self._lock:
                if self._file is not None:
                    self._file.execute("INSERT OR REPLACE INTO verdicts VALUES (?, ?)", (key, said))
        except (sqlite3.Error, ValueError, TypeError):
            return


def _opened(folder: Path) -> sqlite3.Connection:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / "verdicts.sqlite"
    if path.exists() and path.stat().st_size > MOST_BYTES:
        path.unlink()
    try:
        return _with_table(path)
    except sqlite3.DatabaseError:  # it is damaged
        path.unlink()
        return _with_table(path)


def _with_table(path: Path) -> sqlite3.Connection:
    file = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=1)
    try:
        file.execute("PRAGMA synchronous = OFF")  # what is lost with the machine is judged again
        file.execute("CREATE TABLE IF NOT EXISTS verdicts (key TEXT PRIMARY KEY, said TEXT) WITHOUT ROWID")
    except sqlite3.Error:
        file.close()
        raise
    return file


def _read(said: str) -> tuple[list[Row], list[SweepRun]]:
    content: Mapping[str, Any] = json.loads(said)
    runs = [
        SweepRun(**{**run, "scores": tuple(Score(**score) for score in run["scores"])}) for run in content["of_sweep"]
    ]
    return list(content["rows"]), runs


@lru_cache(maxsize=1)
def _code() -> str:
    """A name of the code that judges: another version judges anew, and so does one that somebody works on."""
    files = [[str(path), path.stat().st_size, path.stat().st_mtime_ns] for path in sorted(PACKAGE.rglob("*.py"))]
    return hashlib.sha256(json.dumps(files).encode()).hexdigest()
