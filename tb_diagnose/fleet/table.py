"""Rows of an index, as they come from its files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tb_diagnose.fleet.index import Index

OF_A_CASE = ("logdir", "run", "status", "headline")
FLAT = (
    *("logdir", "folder", "run", "status", "since", "until", "unit", "cause", "epochs", "updated", "seconds"),
    *("lost_seconds", "accuracy", "layers", "headline"),
)
"""Columns of one value each."""


def rows_of_logdirs(index: Index, logdirs: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Name, status and headline of every run of some logdirs.

    Args:
        index: The index.
        logdirs: As they were reviewed.
    """
    wanted = index.current() & pc.field("logdir").isin(pa.array(list(logdirs)))
    for batch in index.dataset().to_batches(columns=list(OF_A_CASE), filter=wanted):
        yield from batch.to_pylist()


def flat_rows(index: Index, wanted: Any) -> Iterator[dict[str, Any]]:
    """What can stand in one line of every run that is wanted.

    Args:
        index: The index.
        wanted: A filter, from `where`; None for all runs.
    """
    chosen = index.current() if wanted is None else index.current() & wanted
    for batch in index.dataset().to_batches(columns=list(FLAT), filter=chosen):
        yield from batch.to_pylist()
