"""A logdir on disk, one run's folders at a time: nothing is kept of a run once it has been looked at."""

from __future__ import annotations

import logging
import os
import re
import sys
import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tb_diagnose import storage
from tb_diagnose.event_data import EventData
from tb_diagnose.reader import tensorboard_runs


@dataclass(frozen=True)
class Folder:
    """The folders of one run.

    Args:
        name: Its name, as in the list of runs.
        runs: Paths by TensorBoard run.
    """

    name: str
    runs: dict[str, str] = field(default_factory=dict)


def check(logdir: str | os.PathLike[str]) -> str:
    """The path of a logdir.

    Raises:
        FileNotFoundError: there is no such folder.
        NotADirectoryError: it is a file.
        OSError: TensorBoard knows no way to read it.
    """
    path = storage.located(os.fspath(logdir))
    try:
        there = storage.exists(path)
    except OSError as error:
        raise OSError(f"`logdir` {path!r} cannot be read: {error}") from error
    if not there:
        raise FileNotFoundError(f"`logdir` does not exist. Expected: a folder with event files. Received: {path!r}.")
    if storage.is_remote(path):
        return path.rstrip("/")
    if not os.path.isdir(path):
        raise NotADirectoryError(f"`logdir` is a file. Expected: a folder with event files. Received: {path!r}.")
    return path


def folders(logdir: str) -> tuple[list[Folder], list[str]]:
    """The runs below a folder by name, and what could not be read."""
    problems: list[str] = []
    by_name: dict[str, Folder] = {}
    for path in sorted(_with_events(logdir, problems)):
        run = path[len(logdir) :].strip("/\\").replace(os.sep, "/") or "."
        name = tensorboard_runs.above(run) if tensorboard_runs.named_like_a_part(run) else run
        by_name.setdefault(name, Folder(name)).runs[run] = path
    for name in list(by_name):  # PyTorch writes hyperparameters into a folder named by the time
        if (
            re.fullmatch(tensorboard_runs.STAMP, tensorboard_runs.last(name))
            and tensorboard_runs.above(name) in by_name
        ):
            by_name[tensorboard_runs.above(name)].runs.update(by_name.pop(name).runs)
    return [by_name[name] for name in sorted(by_name)], problems


def data(logdir: str, runs: Iterable[str]) -> EventData | None:
    """What is in the event files of some TensorBoard runs; None where they cannot be read on this machine.

    Args:
        logdir: The logdir, as TensorBoard was given it; "" where it was given none.
        runs: Names of TensorBoard runs.
    """
    path = storage.located(logdir)
    if not path or storage.is_remote(path):
        return None
    by_run = {run: os.path.join(path, run) for run in runs}
    if not all(map(os.path.isdir, by_run.values())):
        return None
    found = EventData(by_run)
    return None if found.unreadable else found


def _with_events(logdir: str, problems: list[str]) -> Iterator[str]:
    """Folders that hold event files, each once, however many links lead there."""
    if storage.is_remote(logdir):
        from tensorboard.backend.event_processing import io_wrapper

        yield from io_wrapper.GetLogdirSubdirectories(logdir)
        return
    visited: set[tuple[int, int]] = set()

    def unreadable(error: OSError) -> None:
        if error.filename == logdir:
            raise error  # then nothing of it can be read
        problems.append(f"{error.filename} could not be read ({error.strerror}).")

    for path, below, files in os.walk(logdir, onerror=unreadable, followlinks=True):
        try:
            status = os.stat(path)
        except OSError as error:
            unreadable(error)
            continue
        if (status.st_dev, status.st_ino) in visited:
            below.clear()  # a link back to a folder that was visited already
            continue
        visited.add((status.st_dev, status.st_ino))
        below.sort(key=lambda name: (os.path.islink(os.path.join(path, name)), name))  # `latest -> run2` is run2
        if any("tfevents" in name for name in files):
            yield path


def read_plainly() -> None:
    """Keeps TensorBoard from loading an installed TensorFlow for its file access; plain files need none of it."""
    sys.modules.setdefault("tensorboard.compat.notf", types.ModuleType("tensorboard.compat.notf"))
    logging.getLogger("tensorboard").setLevel(logging.ERROR)  # its notes on event files are not for a user's eyes
