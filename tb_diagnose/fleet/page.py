"""One page of an index, filtered and sorted: pyarrow looks through the columns that it takes, and only the rows of the
page are read whole."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tb_diagnose import storage
from tb_diagnose.fleet.index import FILE, Index, dataset_of, name_in
from tb_diagnose.fleet.run_folder import short_name
from tb_diagnose.status.status import STATUSES

SORTS: Mapping[str, tuple[str, str]] = {
    "newest": ("updated", "descending"),
    "oldest": ("updated", "ascending"),
    "worst": ("status", "ascending"),
    "cost": ("lost_seconds", "descending"),
    "best": ("accuracy", "descending"),
    "name": ("run", "ascending"),
}
"""By name: the column, and its order. Of equal ones the newest come first."""
EARLIER = re.compile(r" \(earlier \d+\)$")


@dataclass(frozen=True)
class Page:
    """Some runs of an index.

    Args:
        total: Runs that fit the filter.
        statuses: How many of these have each status, the worst first.
        rows: Those of the page, with all columns.
    """

    total: int
    statuses: Mapping[str, int]
    rows: tuple[Mapping[str, Any], ...]


def page(index: Index, wanted: Any = None, sort: str = "newest", offset: int = 0, limit: int = 50) -> Page:
    """One page.

    Args:
        index: The index.
        wanted: A filter, from `where`; None for all runs.
        sort: A key of `SORTS`.
        offset: Runs before the page.
        limit: Runs of the page.
    """
    column, order = SORTS[sort]
    chosen = index.current() if wanted is None else index.current() & wanted
    columns = list(dict.fromkeys(("reading", "run", "status", "updated", column, FILE)))
    found = index.dataset().to_table(columns=columns, filter=chosen)
    counts = {row["values"].as_py(): row["counts"].as_py() for row in pc.value_counts(found["status"])}
    if column == "status":
        found = found.append_column("place", pc.index_in(found["status"], pa.array(STATUSES)))
        column = "place"
    keys = list(dict.fromkeys(((column, order), ("updated", "descending"), ("run", "ascending"))))
    # The order of the first so many is all that is needed.
    first = pc.select_k_unstable(found.select([*dict(keys)]), min(offset + limit, len(found)), keys) if found else None
    at = found.take(first[offset:]) if first is not None else found
    statuses = {status: counts[status] for status in STATUSES if status in counts}
    return Page(found.num_rows, statuses, tuple(_whole(index, at)))


def listed_name(row: Mapping[str, Any]) -> str:
    """The name of a run among those of all logdirs: its folder, and which of several runs in it."""
    folder = row["logdir"] if row["folder"] == "." else storage.join(row["logdir"], row["folder"])
    earlier = EARLIER.search(row["run"])
    is_of_the_folder = row["folder"] == row["run"]  # a folder may be named like an earlier run
    return folder if earlier is None or is_of_the_folder else f"{folder}{earlier[0]}"


def row_named(index: Index, name: str) -> Mapping[str, Any] | None:
    """The row of the run with this name, None where there is none.

    Args:
        index: The index.
        name: From `listed_name`.
    """
    logdirs = pc.unique(index.dataset().to_table(columns=["logdir"])["logdir"]).to_pylist()
    for folder in dict.fromkeys((name, EARLIER.sub("", name))):
        below = [each for each in logdirs if folder == each or folder.startswith(f"{each.rstrip('/')}/")]
        keys = [short_name(each, folder[len(each.rstrip("/")) :].strip("/") or ".") for each in below]
        wanted = index.current() & pc.field("key").isin(pa.array(keys, pa.int64()))
        for row in index.dataset().to_table(filter=wanted).to_pylist():
            if listed_name(row) == name:
                return dict(row)
    return None


def _whole(index: Index, chosen: Any) -> list[Mapping[str, Any]]:
    """All columns of some rows, in their order; only the files are read that they stand in."""
    if not chosen.num_rows:
        return []
    files = [name_in(path) for path in pc.unique(chosen[FILE]).to_pylist()]
    readings = pc.field("reading").isin(chosen["reading"].combine_chunks())
    rows = dataset_of(index.place, files).to_table(filter=readings)
    by_name = {(row["reading"], row["run"]): row for row in rows.to_pylist()}
    order = zip(chosen["reading"].to_pylist(), chosen["run"].to_pylist(), strict=True)
    return [by_name[name] for name in order if name in by_name]
