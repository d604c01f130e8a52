"""The list of runs from an index that `tb-diagnose review` has made; event files are read for a report only."""

from __future__ import annotations

import dataclasses
import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.reader.tag_names import NO_TAGS, UserTags
from tb_diagnose.report.catalogue import title_of
from tb_diagnose.report.list_row import pending
from tb_diagnose.report.run_name import name_of

if TYPE_CHECKING:
    from tb_diagnose.fleet.index import Index
    from tb_diagnose.fleet.summary import Count

KEPT = 32
"""Runs of which the diagnosis is kept: people go back to what they have looked at."""
MOST = 500
"""Runs of one page."""
PAGE = 200
"""Runs of a page where nobody says how many."""
AS_THEY_ARE = ("status", "since", "until", "unit", "headline", "epochs", "accuracy", "data", "model")


def index_in(logdir: str) -> str:
    """The logdir, where it is an index itself; otherwise "". Nothing of the extra is needed to tell."""
    try:
        told = json.loads(Path(logdir, "index.json").read_bytes())
        return logdir if str(told["written_by"]).startswith("tb_diagnose ") else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""


class Indexed:
    """The runs of an index.

    Args:
        folder: Folder of the index.
        tags: Names of scalars that the user has given.
    """

    def __init__(self, folder: str, tags: UserTags = NO_TAGS) -> None:
        self._folder = folder
        self._tags = tags
        self._lock = threading.Lock()
        self._index: Index | None = None
        self._diagnoses: OrderedDict[tuple[int, str], Diagnosis] = OrderedDict()

    def page(
        self, where: str = "", sort: str = "newest", run: str = "", offset: int = 0, limit: int = PAGE
    ) -> dict[str, Any]:
        """One page: `runs`, as rows of the list, and `index`, what is beyond them.

        A run that is asked for by its name comes first where it is not on the page.

        Raises:
            ValueError: the filter or the order cannot be understood.
            OSError: the index cannot be read.
        """
        from tb_diagnose.fleet import where as filters
        from tb_diagnose.fleet.page import SORTS, page, row_named

        if sort not in SORTS:
            raise ValueError(f"A list is sorted by one of {', '.join(SORTS)}. Received: {sort!r}.")
        if offset < 0 or not 0 < limit <= MOST:
            raise ValueError(f"A page has 1 to {MOST} runs and begins at 0 or later. Received: {limit} from {offset}.")
        index = self._opened()
        found = page(index, filters.where(where) if where else None, sort, offset, limit)
        runs = [_listed(row) for row in found.rows]
        beyond = row_named(index, run) if run and all(row["run"] != run for row in runs) else None
        return {
            "runs": runs if beyond is None else [_listed(beyond), *runs],
            "index": {"total": found.total, "statuses": dict(found.statuses), "offset": offset, "shown": len(runs)},
        }

    def overview(self, where: str = "") -> dict[str, Any]:
        """What holds the runs up, what it cost and which to look at, without the `schema` of an Overview.

        Raises:
            ValueError: the filter cannot be understood.
            OSError: the index cannot be read.
        """
        from tb_diagnose.fleet import where as filters
        from tb_diagnose.fleet.page import listed_name
        from tb_diagnose.fleet.summary import summary

        found = summary(self._opened(), filters.where(where) if where else None)
        return {
            **dataclasses.asdict(found),
            "lost_fraction": found.lost_fraction,
            "causes_by_week": [_count(count) for count in found.causes_by_week],
            "causes_by_model": [_count(count) for count in found.causes_by_model],
            "look_at": [
                {
                    "run": listed_name(row),
                    "status": row["status"],
                    "cause": _cause(row["cause"]),
                    "headline": row["headline"],
                    "lost_hours": row["lost_hours"],
                }
                for row in found.look_at
            ],
        }

    def diagnosis(self, name: str) -> Diagnosis | None:
        """The diagnosis of a run by the name that it is listed by, read when it is asked for; None where there is none.

        Raises:
            OSError: its event files, or the index, cannot be read.
        """
        from tb_diagnose.fleet.opening import opened_run
        from tb_diagnose.fleet.page import row_named

        row = row_named(self._opened(), name)
        if row is None:
            return None
        key = (row["reading"], row["run"])
        with self._lock:
            if key in self._diagnoses:
                self._diagnoses.move_to_end(key)
                return self._diagnoses[key]
        look = opened_run(row["logdir"], row["folder"], row["parts"], self._tags)
        found = {name_of(each, row["logdir"]): each for each in look.diagnoses}.get(row["run"])
        if found is None:
            raise FileNotFoundError(f"The event files of {name!r} are not there any more, or hold no such run.")
        named = dataclasses.replace(found, run=name)
        with self._lock:
            self._diagnoses[key] = named
            while len(self._diagnoses) > KEPT:
                self._diagnoses.popitem(last=False)
        return named

    def _opened(self) -> Index:
        """The index as it is now; the same object as long as nothing was written, for it keeps what it has read."""
        from tb_diagnose.fleet.index import opened

        now = opened(self._folder)
        with self._lock:
            if self._index is None or self._index != now:
                self._index = now
            return self._index


def _listed(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the index as one of the list."""
    from tb_diagnose.fleet.page import listed_name

    causes = [_cause(each["id"]) for each in row["causes"] or ()]
    return {
        **pending(listed_name(row), row["updated"].timestamp()),
        **{name: row[name] for name in AS_THEY_ARE},
        "cause": causes[0] if causes else None,
        "causes": causes,
        "accuracy_of": _accuracy_of(row),
        "spark": row["spark"] or [],
    }


def _accuracy_of(row: Mapping[str, Any]) -> str | None:
    """Which samples the accuracy of a row is of."""
    if row["accuracy"] is None:
        return None
    is_validation = any(score["kind"] == "validation accuracy" for score in row["scores"] or ())
    return "validation" if is_validation else "training"


def _count(count: Count) -> dict[str, Any]:
    return {**dataclasses.asdict(count), "cause": _cause(count.cause)}


def _cause(id_: str | None) -> dict[str, str] | None:
    """A CauseName."""
    return None if id_ is None else {"id": id_, "title": title_of(id_)}
