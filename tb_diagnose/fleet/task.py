"""What a worker does: reads and judges a group of runs. It needs tb_diagnose, and fsspec for what is behind an
address."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from tb_diagnose import api, storage
from tb_diagnose._version import __version__
from tb_diagnose.diagnosis import engine
from tb_diagnose.fleet.group import Group
from tb_diagnose.fleet.run_folder import RunFolder
from tb_diagnose.fleet.run_row import Row, of_folder, run_row
from tb_diagnose.fleet.store import reached, store_of
from tb_diagnose.reader.logdir import Folder, read_plainly
from tb_diagnose.reader.tag_names import NO_TAGS, UserTags


class OtherVersionError(Exception):
    """A worker would judge by another version than the one that asks."""


class NotSeenError(Exception):
    """A worker on another machine does not have the folder of a logdir."""


class UnreadableError(OSError):
    """Nothing of a run could be read; the message is a sentence for the user."""

    for_people = True


@dataclass(frozen=True)
class Read:
    """What came of a group.

    Args:
        rows: A row for each run, and one without a status for each folder in which none was recognized.
        problems: What could not be read, a sentence each.
    """

    rows: tuple[Row, ...]
    problems: tuple[str, ...] = ()


def read_group(group: Group, version: str, user_tags: UserTags = NO_TAGS) -> Read:
    """Reads and judges the runs of a group.

    Args:
        group: The runs.
        version: Version of tb_diagnose that asks.
        user_tags: Names of scalars that the user has given.

    Raises:
        OtherVersionError: this is another version.
        NotSeenError: a folder is not on this machine.
    """
    if version != __version__:
        raise OtherVersionError(__version__)
    for logdir in {folder.logdir for folder in group if not storage.is_remote(folder.logdir)}:
        if not os.path.isdir(logdir):
            raise NotSeenError(logdir)
    read_plainly()
    rows: list[Row] = []
    problems: list[str] = []
    with _on_this_machine(group) as places:
        for folder in group:
            read = _read(folder, places[folder.key], user_tags)
            rows += read.rows
            problems += read.problems
    return Read(tuple(rows), tuple(problems))


def _read(folder: RunFolder, place: str | Exception, user_tags: UserTags) -> Read:
    """The rows of one folder.

    Args:
        folder: The folder.
        place: Its logdir on this machine, or why it is not there.
        user_tags: Names of scalars that the user has given.
    """
    try:
        if isinstance(place, Exception):
            raise place
        look = api.look(Folder(folder.name, {run: os.path.join(place, run) for run in folder.files}), user_tags)
        rows = tuple(run_row(diagnosis, folder) for diagnosis in look.diagnoses)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the other runs are read
        return Read((run_row(engine.unreadable(folder.name, error), folder),))
    # Where a file lies for a moment is not where it is.
    problems = tuple(each.replace(place, folder.logdir) for each in look.problems)
    if not rows and problems:
        rows = (run_row(engine.unreadable(folder.name, UnreadableError(problems[0].rstrip("."))), folder),)
    return Read(rows or (of_folder(folder),), problems)


def died(folder: RunFolder) -> Row:
    """The row of a run that ended the process that read it."""
    error = UnreadableError("This run could not be read: each process that read it was ended by it")
    return {**run_row(engine.unreadable(folder.name, error), folder), "settled_until": float("inf")}


@contextmanager
def _on_this_machine(group: Group) -> Iterator[Mapping[int, str | Exception]]:
    """Where the logdir of each run is on this machine, by its key: fetched there, where it is behind an address."""
    with tempfile.TemporaryDirectory(prefix="tb_diagnose") as kept:
        places: dict[int, str | Exception] = {}
        for folder in group:
            if not storage.is_remote(folder.logdir):
                places[folder.key] = folder.logdir
        remote = [folder for folder in group if storage.is_remote(folder.logdir)]
        for number, folder in enumerate(remote):
            places[folder.key] = os.path.join(kept, str(number))
        try:
            _fetch(remote, places)
        except OSError:  # one of them is gone or refused: which of them, one by one tells
            for folder in remote:
                try:
                    _fetch([folder], places)
                except OSError as error:
                    places[folder.key] = error
        yield places


def _fetch(folders: list[RunFolder], places: Mapping[int, str | Exception]) -> None:
    """Copies the event files of some runs of one logdir, side by side.

    Raises:
        OSError: one of them cannot be fetched.
    """
    for logdir in {folder.logdir for folder in folders}:
        filesystem, root = store_of(logdir)
        sources, targets = [], []
        for folder in folders:
            for run, files in folder.files.items() if folder.logdir == logdir else ():
                below = os.path.join(str(places[folder.key]), run)
                os.makedirs(below, exist_ok=True)
                sources += [f"{root}/{file.name}" if run == "." else f"{root}/{run}/{file.name}" for file in files]
                targets += [os.path.join(below, file.name) for file in files]
        with reached(logdir):
            filesystem.get(sources, targets)
