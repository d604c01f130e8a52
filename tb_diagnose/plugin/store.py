"""What the plugin knows of the runs in a logdir: all names at once, and of those that somebody asked for, the rest.

Listing costs TensorBoard one look at its index. A run is read and judged when it is asked for, and again when its
runs have grown; of those that were judged the rows are kept, which are small, and the last few diagnoses, which hold arrays.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tb_diagnose import api
from tb_diagnose.diagnosis import comparison, engine
from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.reader import tensorboard_runs, third_party
from tb_diagnose.reader.tag_names import Own
from tb_diagnose.report.list_row import row

KEPT = 32
"""Names of which the diagnoses are kept: who looks at a run goes back to the ones looked at before."""
FRESH = 0.5
"""Seconds for which a list is good: TensorBoard itself reads new events every few seconds."""
FRESH_TIMES = 4
"""The same as a multiple of what the list took: of ten thousand runs it is made for most of a second."""
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
    """What is kept of a name: its version, its rows, the settings of its runs with the status of each, and until when
    they hold without a new event (wall time)."""

    version: Any
    rows: list[dict[str, Any]]
    chosen: list[tuple[Mapping[str, Any], str]]
    until: float


class Store:
    """The runs behind a data provider.

    Args:
        provider: TensorBoard data provider.
        own: Names of scalars that the user has given.
    """

    def __init__(self, provider: Any, own: Own = Own()) -> None:
        self._provider = provider
        self._own = own
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
        ends: dict[str, list[tuple[str, int, float]]] = {}
        for listed in (index.ours, index.scalars):
            for run, tags in listed.items():
                ends.setdefault(run, []).extend((tag, e.max_step, e.max_wall_time) for tag, e in tags.items())
        found = {}
        for name, parts in tensorboard_runs.names(index, self._own).items():
            version = tuple((run, tuple(sorted(ends.get(run, ())))) for run in parts)
            last = max((ended for run in parts for _, _, ended in ends.get(run, ())), default=None)
            found[name] = Listed(tuple(parts), hash(version), last)
        with self._lock:  # nothing is kept of what is gone
            for key in [key for key in self._rows if key[0] == experiment and key[1] not in found]:
                del self._rows[key]
                self._diagnoses.pop(key, None)
            now = time.monotonic()
            self._listed[experiment] = (now + max(FRESH, FRESH_TIMES * (now - began)), found)
        return found

    def known(self, experiment: str, name: str, listed: Listed) -> list[dict[str, Any]] | None:
        """The rows of a name, the newest run first; None where it was not judged, or has grown since."""
        with self._lock:
            kept = self._rows.get((experiment, name))
        return kept.rows if kept is not None and kept.version == listed.version and time.time() < kept.until else None

    def rows(self, ctx: Any, experiment: str, name: str, listed: Listed) -> list[dict[str, Any]]:
        """The same, judged where it was not."""
        known = self.known(experiment, name, listed)
        return known if known is not None else self._judge(ctx, experiment, name, listed)[1]

    def diagnoses(self, ctx: Any, experiment: str, name: str, listed: Listed) -> list[Diagnosis]:
        """The diagnoses of one name, the oldest first."""
        return self._judge(ctx, experiment, name, listed)[0]

    def chosen(self, experiment: str) -> list[tuple[Mapping[str, Any], str]]:
        """Settings and status of every run that was judged."""
        with self._lock:
            return [one for key, kept in self._rows.items() if key[0] == experiment for one in kept.chosen]

    def _judge(
        self, ctx: Any, experiment: str, name: str, listed: Listed
    ) -> tuple[list[Diagnosis], list[dict[str, Any]]]:
        key = (experiment, name)
        with self._lock:
            mine = self._busy.setdefault(key, threading.Lock())
        with mine:  # two requests for the same run judge it once
            known = self.known(experiment, name, listed)
            with self._lock:
                kept = self._diagnoses.get(key)
                if kept is not None and kept[0] == listed.version and known is not None:
                    self._diagnoses.move_to_end(key)
                    return kept[1], known
            found = api.judged(self._provider, ctx, experiment, name, list(listed.parts), self._own)
            try:
                judged = _judged(listed.version, found)
            except Exception as error:  # noqa: BLE001 - one odd run must not cost the list
                found = [engine.unreadable(name, error)]
                judged = _judged(listed.version, found)
            with self._lock:
                self._rows[key] = judged
                self._diagnoses[key] = (listed.version, found)
                self._diagnoses.move_to_end(key)
                while len(self._diagnoses) > KEPT:
                    self._diagnoses.popitem(last=False)
                self._busy.pop(key, None)
        return found, judged.rows


def _judged(version: Any, found: Sequence[Diagnosis]) -> _Judged:
    """What is kept of a name's runs, the oldest first."""
    chosen = [(comparison.chosen(one.evidence), one.status.name) for one in found]
    return _Judged(version, [row(one) for one in reversed(found)], chosen, _holds_until(found))


def _holds_until(found: Sequence[Diagnosis]) -> float:
    """When a judgement may change without a new event: a run that is silent has crashed, or has ended."""
    if not all(one.evidence.finished_epochs for one in found):
        return 0.0
    silent = [one.evidence.last_sign + third_party.OVER for one in found if one.evidence.last_sign is not None]
    return min((end for end in silent if end > time.time()), default=float("inf"))


def newest_first(found: dict[str, Listed]) -> Sequence[str]:
    """Names in the order of the list."""
    return sorted(found, key=lambda name: (-(found[name].updated or 0.0), name))
