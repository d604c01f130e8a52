"""The logdirs that an assistant may ask about, and nothing beside them."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
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
            inside = [(_within(folder, path), folder.name) for folder in folders]
            found += [
                Place(given, logdir.Folder(name, runs), max(map(_written, runs.values())))
                for runs, name in inside
                if runs
            ]
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


def _within(folder: logdir.Folder, root: str) -> dict[str, str]:
    """The folders of a run that lie in the logdir, with all their event files."""
    if storage.is_remote(root):
        return dict(folder.runs)
    real = os.path.realpath(root)
    return {name: path for name, path in folder.runs.items() if all(_is_below(file, real) for file in _files(path))}


def _files(path: str) -> Iterator[str]:
    yield path
    yield from (entry.path for entry in os.scandir(path) if "tfevents" in entry.name)


def _is_below(path: str, root: str) -> bool:
    return os.path.commonpath([os.path.realpath(path), root]) == root


def _written(path: str) -> float:
    """When an event file in a folder was last written to."""
    if storage.is_remote(path):
        return 0.0
    return max((os.path.getmtime(file) for file in _files(path) if os.path.isfile(file)), default=0.0)


def _state(folder: logdir.Folder) -> object | None:
    """What changes when something is written to a folder; None where that cannot be seen."""
    if any(map(storage.is_remote, folder.runs.values())):
        return None
    stats = [(file, os.stat(file)) for path in folder.runs.values() for file in sorted(_files(path))]
    return tuple((file, found.st_size, found.st_mtime_ns) for file, found in stats)
