"""Some runs that are read as one task: enough of them to be worth the way, and few enough bytes to be fetched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tb_diagnose.fleet.run_folder import RunFolder

MOST_RUNS = 32
"""Runs of a group: about half a second of work, against a millisecond that a task costs."""
MOST_BYTES = 64 * 2**20
"""Bytes of a group, unless one run alone has more: a worker keeps them on its disk while it reads."""
Group = tuple[RunFolder, ...]


def groups(folders: Iterable[RunFolder]) -> Iterator[Group]:
    """Puts runs together as they come."""
    waiting: list[RunFolder] = []
    size = 0
    for folder in folders:
        if waiting and (len(waiting) == MOST_RUNS or size + folder.size > MOST_BYTES):
            yield tuple(waiting)
            waiting, size = [], 0
        waiting.append(folder)
        size += folder.size
    if waiting:
        yield tuple(waiting)
