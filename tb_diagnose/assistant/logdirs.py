"""The logdirs that an assistant may ask about, and nothing beside them."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from tb_diagnose import api, storage
from tb_diagnose.assistant.marking import CLOSING, OPENING, run_name
from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.reader import logdir
from tb_diagnose.report.run_name import name_of

KEPT = 256
"""Folders whose diagnoses are kept: an assistant asks of the same runs again."""
Tell = Callable[[int, int], None]
"""Told how many of how many are done; it may raise, to stop."""


class UnknownError(Exception):
    """What the asker can put right, in one sentence that says what is expected."""


@dataclass(frozen=True)
class Place:
    """The folders of one name.

    Args:
        given: The logdir, as it was given.
        folder: The folders.
        newest: When something was last written there (s), 0 where that is not known.
    """

    given: str
    folder: logdir.Folder
    newest: float


@dataclass(frozen=True)
class Run:
    """A run with the name that an assistant knows it by: marked, where it could be a sentence."""

    name: str
    diagnosis: Diagnosis


class Logdirs:
    """Finds and judges the runs of some logdirs. What a link leads to outside of them is left out.

    Args:
        given: The logdirs.
    """

    def __init__(self, given: Sequence[str]) -> None:
        self.given = tuple(given)
        self._kept: OrderedDict[tuple[str, str], tuple[object, tuple[Run, ...]]] = OrderedDict()
        self._lock = threading.Lock()  # a reading that nobody waits for any more may go on for a moment

    def places(self) -> list[Place]:
        """All places with runs, the one that was written to last first.

        Raises:
            UnknownError: no logdir is there.
        """
        found: list[Place] = []
        missing = []
        for given in self.given:
            try:
                path = logdir.check(given)
                folders, _ = logdir.folders(path)
            except OSError as error:
                missing.append(str(error))
                continue
            root = path if storage.is_remote(path) else os.path.realpath(path)
            for folder in folders:
                written = {run: _written(below, root) for run, below in folder.runs.items()}
                runs = {run: below for run, below in folder.runs.items() if written[run] is not None}
                if runs:
                    newest = max(moment for moment in written.values() if moment is not None)
                    found.append(Place(given, logdir.Folder(folder.name, runs), newest))
        if missing and not found:
            raise UnknownError(" ".join(missing))
        return sorted(found, key=lambda place: (-place.newest, place.given, place.folder.name))

    def runs_at(self, place: Place) -> tuple[Run, ...]:
        """The runs of one place, the oldest first; read again only where something was written since."""
        key, state = (place.given, place.folder.name), _state(place.folder)
        with self._lock:
            known = self._kept.get(key)
        if known is not None and known[0] == state and state is not None:
            return known[1]
        prefix = place.given if len(self.given) > 1 else None
        runs = tuple(
            Run(run_name(name_of(diagnosis, place.given, prefix)), diagnosis)
            for diagnosis in api.look(place.folder).diagnoses
        )
        with self._lock:
            self._kept.pop(key, None)
            self._kept[key] = (state, runs)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return runs

    def all_runs(self, tell: Tell) -> Iterator[Run]:
        """All runs, those that were written to last first.

        Args:
            tell: Told of each place that is done.
        """
        places = self.places()
        for number, place in enumerate(places):
            tell(number, len(places))
            yield from reversed(self.runs_at(place))
        tell(len(places), len(places))

    def newest(self, count: int = 1) -> list[Run]:
        """The runs that were written to last.

        Raises:
            UnknownError: there is none.
        """
        found: list[Run] = []
        for place in self.places():
            found += reversed(self.runs_at(place))
            if len(found) >= count:
                break
        if not found:
            raise UnknownError(f"There is no run in {', '.join(self.given)} yet.")
        return found[:count]

    def run(self, name: str | None) -> Run:
        """The run of that name, or the one that was written to last.

        Raises:
            UnknownError: there is no such run.
        """
        if name is None:
            return self.newest()[0]
        for place in self.places():
            folder = place.folder.name
            # Of a run that is parted in two, the earlier one has the name of the folder in its own.
            if folder == "." or folder in name or run_name(folder).strip(OPENING + CLOSING) in name:
                for run in self.runs_at(place):
                    if name in (run.name, run.diagnosis.run):
                        return run
        raise UnknownError(f"There is no run {name[:200]!r}. Expected: a name from list_runs, exactly as it is there.")


def _written(path: str, root: str) -> float | None:
    """When an event file in a folder was last written to, 0 where that is not known.

    None where the folder, or an event file of it, lies outside the logdir.
    """
    if storage.is_remote(root):
        return 0.0
    if not _is_below(path, root):
        return None
    newest = 0.0
    for entry in _event_files(path):
        if entry.is_symlink() and not _is_below(entry.path, root):
            return None
        with suppress(OSError):  # it may be gone by now
            newest = max(newest, entry.stat().st_mtime)
    return newest


def _event_files(path: str) -> list[os.DirEntry[str]]:
    with suppress(OSError), os.scandir(path) as entries:
        return [entry for entry in entries if "tfevents" in entry.name]
    return []


def _is_below(path: str, root: str) -> bool:
    real = os.path.realpath(path)
    return real == root or real.startswith(os.path.join(root, ""))


def _state(folder: logdir.Folder) -> object | None:
    """What changes when something is written to a folder; None where that cannot be seen."""
    if any(map(storage.is_remote, folder.runs.values())):
        return None
    try:
        stats = [(entry.path, entry.stat()) for path in folder.runs.values() for entry in _event_files(path)]
    except OSError:
        return None  # a file that has just gone
    return tuple(sorted((file, found.st_size, found.st_mtime_ns) for file, found in stats))
