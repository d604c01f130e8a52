"""What the plugin knows of the runs in a logdir: all names at once, and of those that somebody asked for, the rest.

Listing costs TensorBoard one look at its index. A run is read and judged when it is asked for, and again when it has
grown. The rows of all judged runs are kept, which are small, and the last few diagnoses, which hold arrays.

A run is read from its own event files where they are on this machine, as the command line does: TensorBoard's default
loader keeps a thousand values of a scalar, and of two runs in one folder only what the second has not overwritten.
"""

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from operator import itemgetter
from typing import Any

from tb_diagnose import api
from tb_diagnose.diagnosis import engine
from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.diagnosis.sweep import SweepRun, sweep_run
from tb_diagnose.plugin.verdicts import Verdicts
from tb_diagnose.reader import logdir, tensorboard_runs
from tb_diagnose.reader.settled import settled_until
from tb_diagnose.reader.tag_names import NO_TAGS, UserTags
from tb_diagnose.report.list_row import row

KEPT = 32
"""Names of which the diagnoses are kept: people go back to the runs that they have looked at."""
FRESH = 0.5
"""Seconds for which a list is kept: TensorBoard itself reads new events every few seconds."""
FRESH_TIMES = 4
"""The same as a multiple of the time that listing took: ten thousand runs take most of a second."""
EARLIER = re.compile(r" \(earlier \d+\)$")
Key = tuple[str, str]
"""Experiment and name."""


@dataclass(frozen=True)
class Listed:
    """One name in the list.

    Args:
        parts: Its TensorBoard runs.
        version: Changes when one of them has grown.
        updated: Wall time of the last event, None when unknown.
    """

    parts: tuple[str, ...]
    version: Any
    updated: float | None


@dataclass(frozen=True)
class _Judged:
    """What is kept of a name: its version, its rows, what a sweep takes from its runs, and until when they hold without
    a new event (wall time)."""

    version: Any
    rows: list[dict[str, Any]]
    of_sweep: Sequence[SweepRun]
    until: float


class Store:
    """The runs behind a data provider.

    Args:
        provider: TensorBoard data provider.
        tags: Names of scalars that the user has given.
        logdir: What the data provider reads; "" where that is not known.
        cache: Folder in which rows are kept for the next start; None keeps none.
    """

    def __init__(self, provider: Any, tags: UserTags = NO_TAGS, logdir: str = "", cache: str | None = None) -> None:
        self._provider = provider
        self._tags = tags
        self._logdir = logdir
        self._verdicts = Verdicts(cache)
        self._lock = threading.Lock()
        self._rows: dict[Key, _Judged] = {}
        self._diagnoses: OrderedDict[Key, tuple[Any, list[Diagnosis]]] = OrderedDict()
        self._busy: dict[Key, threading.Lock] = {}
        self._listed: dict[str, tuple[float, dict[str, Listed]]] = {}

    def listing(self, ctx: Any, experiment: str) -> dict[str, Listed]:
        """All names with their runs, from one look at TensorBoard's index; a page asks several times in a moment."""
        with self._lock:
            until, kept = self._listed.get(experiment, (0.0, {}))
        began = time.monotonic()
        if began < until:
            return kept
        index = tensorboard_runs.index(self._provider, ctx, experiment)
        ends: dict[str, list[tuple[str, int | None, float | None]]] = {}  # None of a tag that has no values
        for listed in (index.tensors, index.scalars):
            for run, tags in listed.items():
                ends.setdefault(run, []).extend((tag, e.max_step, e.max_wall_time) for tag, e in tags.items())
        listing = {}
        for name, parts in tensorboard_runs.names(index, self._tags).items():
            version = tuple((run, tuple(sorted(ends.get(run, ()), key=itemgetter(0)))) for run in parts)
            times = (wall_time for run in parts for _, _, wall_time in ends.get(run, ()))
            updated = max((at for at in times if at is not None and isfinite(at)), default=None)
            listing[name] = Listed(tuple(parts), hash(version), updated)
        with self._lock:  # nothing is kept of what is gone
            for key in [key for key in self._rows if key[0] == experiment and key[1] not in listing]:
                del self._rows[key]
                self._diagnoses.pop(key, None)
            now = time.monotonic()
            self._listed[experiment] = (now + max(FRESH, FRESH_TIMES * (now - began)), listing)
        return listing

    def known(self, experiment: str, name: str, listed: Listed) -> list[dict[str, Any]] | None:
        """The rows of a name, the newest run first; None where it was not judged, or has grown since."""
        with self._lock:
            kept = self._rows.get((experiment, name))
        return kept.rows if kept is not None and kept.version == listed.version and time.time() < kept.until else None

    def rows(self, ctx: Any, experiment: str, name: str, listed: Listed) -> list[dict[str, Any]]:
        """The same, judged where it was not."""
        known = self.known(experiment, name, listed)
        if known is None:
            known = self._judged_before(experiment, name, listed)
        return known if known is not None else self._judge(ctx, experiment, name, listed)[1]

    def _judged_before(self, experiment: str, name: str, listed: Listed) -> list[dict[str, Any]] | None:
        """The rows that an earlier TensorBoard has judged from the same files; None where there are none."""
        key = self._verdicts.key(self._logdir, name, listed.parts, self._tags)
        kept = None if key is None else self._verdicts.get(key)
        if kept is None:
            return None
        with self._lock:
            self._rows[(experiment, name)] = _Judged(listed.version, *kept, float("inf"))
        return kept[0]

    def diagnoses(self, ctx: Any, experiment: str, name: str, listed: Listed) -> list[Diagnosis]:
        """The diagnoses of one name, the oldest first."""
        return self._judge(ctx, experiment, name, listed)[0]

    def of_sweep(self, experiment: str) -> list[SweepRun]:
        """What a sweep takes from every run that was judged."""
        with self._lock:
            return [run for key, kept in self._rows.items() if key[0] == experiment for run in kept.of_sweep]

    def _judge(
        self, ctx: Any, experiment: str, name: str, listed: Listed
    ) -> tuple[list[Diagnosis], list[dict[str, Any]]]:
        key = (experiment, name)
        with self._lock:
            busy = self._busy.setdefault(key, threading.Lock())
        with busy:  # two requests for the same run judge it once
            known = self.known(experiment, name, listed)
            with self._lock:
                kept = self._diagnoses.get(key)
                if kept is not None and kept[0] == listed.version and known is not None:
                    self._diagnoses.move_to_end(key)
                    return kept[1], known
            files = self._verdicts.key(self._logdir, name, listed.parts, self._tags)
            try:
                diagnoses = self._diagnosed(ctx, experiment, name, list(listed.parts))
                judged = _judged(listed.version, diagnoses)
            except Exception as error:  # noqa: BLE001 - one odd run must not cost the list
                diagnoses = [engine.unreadable(name, error)]
                judged = _judged(listed.version, diagnoses)
            if files is not None and judged.until == float("inf"):  # else it changes without a new event
                self._verdicts.put(files, judged.rows, judged.of_sweep)
            with self._lock:
                self._rows[key] = judged
                self._diagnoses[key] = (listed.version, diagnoses)
                self._diagnoses.move_to_end(key)
                while len(self._diagnoses) > KEPT:
                    self._diagnoses.popitem(last=False)
                self._busy.pop(key, None)
        return diagnoses, judged.rows

    def _diagnosed(self, ctx: Any, experiment: str, name: str, parts: list[str]) -> list[Diagnosis]:
        files = logdir.data(self._logdir, parts)
        found = [] if files is None else api.judged(files, ctx, experiment, name, parts, self._tags)
        # Files that were deleted a moment ago are in TensorBoard's memory still.
        return found or api.judged(self._provider, ctx, experiment, name, parts, self._tags)


def _judged(version: Any, diagnoses: Sequence[Diagnosis]) -> _Judged:
    """What is kept of a name's runs, the oldest first."""
    rows = [row(diagnosis) for diagnosis in reversed(diagnoses)]
    return _Judged(version, rows, list(map(sweep_run, diagnoses)), _holds_until(diagnoses))


def _holds_until(diagnoses: Sequence[Diagnosis]) -> float:
    """Wall time until which the judgement of all of them holds without a new event."""
    return min((settled_until(each.evidence, each.status.name) for each in diagnoses), default=float("inf"))


def newest_first(listing: Mapping[str, Listed]) -> Sequence[str]:
    """Names in the order of the list."""
    return sorted(listing, key=lambda name: (-(listing[name].updated or 0.0), name))


def listed_as(run: str, listing: Collection[str]) -> str | None:
    """The name under which a run is listed; None where it is not.

    It is the run's own name, and for an earlier run in a folder, ` (earlier 1)`, that of the folder. A folder may
    really be named so, and then has its own entry.
    """
    if run in listing:
        return run
    folder = EARLIER.sub("", run)
    return folder if folder in listing else None
