"""The columns of the index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from tb_diagnose.fleet.run_row import Row

SCHEMA = 1
"""Version of the form of the index. A change of it is read by no older tb_diagnose."""
COLUMNS = pa.schema(
    [
        ("schema", pa.int16()),
        ("logdir", pa.string()),
        ("folder", pa.string()),
        ("run", pa.string()),
        ("status", pa.string()),  # null: no run was recognized in the folder
        ("since", pa.int64()),
        ("until", pa.int64()),
        ("where", pa.string()),
        ("unit", pa.string()),
        ("headline", pa.string()),
        ("cause", pa.string()),
        ("causes", pa.list_(pa.struct([("id", pa.string()), ("harm", pa.float32()), ("certainty", pa.float32())]))),
        ("cause_ids", pa.string()),  # " a b ": a filter finds " a " in it
        ("epochs", pa.int64()),
        ("updated", pa.timestamp("ms", "UTC")),
        ("seconds", pa.float64()),
        ("lost_seconds", pa.float64()),
        ("accuracy", pa.float64()),
        ("scores", pa.list_(pa.struct([("kind", pa.string()), ("of", pa.string()), ("value", pa.float64())]))),
        ("spark", pa.list_(pa.float32())),
        ("data", pa.string()),
        ("model", pa.string()),
        ("layers", pa.string()),
        ("texts", pa.map_(pa.string(), pa.string())),
        ("numbers", pa.map_(pa.string(), pa.float64())),
        ("parts", pa.list_(pa.string())),
        ("reviewed", pa.timestamp("ms", "UTC")),
        ("key", pa.int64()),
        ("version", pa.int64()),
        ("reading", pa.int64()),
        ("settled_until", pa.float64()),
        ("day", pa.date32()),
    ]
)
"""One row a run. `key` names its folder, `version` the folder as it was read, and `reading` this reading of it; `parts`
are the TensorBoard runs that it is made of."""
EARLIEST = 0.0
"""Wall time in s before which no event was written: a clock that was not set."""


def table(rows: Sequence[Row], reviewed: float) -> Any:
    """The rows of one part of the index.

    Args:
        rows: Each with some of the columns.
        reviewed: Wall time in s at which they were read. What claims to be later has a clock that is ahead.
    """
    at = round(reviewed * 1000)
    whole = []
    for row in rows:
        updated = min(max(row.get("updated", reviewed), EARLIEST), reviewed)
        whole.append(
            {
                **row,
                "schema": SCHEMA,
                "updated": round(updated * 1000),
                "reviewed": at,
                "reading": row["key"] ^ at,
                "day": int(updated // 86_400),
            }
        )
    return pa.Table.from_pylist(whole, COLUMNS)
