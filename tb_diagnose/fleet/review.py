"""Reads the runs of some logdirs into an index: those that are new, or have changed since they were read."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from tb_diagnose.fleet.engine import Engine, results
from tb_diagnose.fleet.group import groups
from tb_diagnose.fleet.index import IndexWriter
from tb_diagnose.fleet.listing import event_files
from tb_diagnose.fleet.run_folder import RunFolder, run_folders
from tb_diagnose.fleet.run_row import Row


@dataclass
class Progress:
    """How far a review is.

    Args:
        read: Folders that were read.
        unchanged: Folders that were not, because they are as they were.
        statuses: Runs that were read, by their status.
    """

    read: int = 0
    unchanged: int = 0
    statuses: Counter[str] = field(default_factory=Counter)


def listed(logdirs: Sequence[str], complain: Callable[[str], None]) -> Iterator[RunFolder]:
    """The runs of some logdirs, one after the other.

    Args:
        logdirs: Paths and addresses.
        complain: Takes a sentence for each folder that cannot be read.

    Raises:
        OSError: a logdir cannot be read.
    """
    for logdir in dict.fromkeys(logdirs):
        yield from run_folders(logdir, event_files(logdir, complain))


def review(
    logdirs: Sequence[str],
    writer: IndexWriter,
    engine: Engine,
    complain: Callable[[str], None],
    again: bool = False,
) -> Iterator[tuple[Progress, Sequence[Row]]]:
    """Reads what is to be read into an index. Gives after each group how far it is, and the rows of the group; at the
    end once more, for there may be no group.

    Args:
        logdirs: Paths and addresses.
        writer: Of the index.
        engine: Who reads.
        complain: Takes a sentence for each thing that cannot be read.
        again: Whether what has not changed is read, too.

    Raises:
        OSError: a logdir cannot be read, or the index not be written.
    """
    progress = Progress()
    known = np.zeros(0, np.int64) if again else writer.index.known(time.time())

    def to_be_read() -> Iterator[RunFolder]:
        for folder in listed(logdirs, complain):
            place = int(np.searchsorted(known, folder.version))
            if place < len(known) and known[place] == folder.version:
                progress.unchanged += 1
            else:
                yield folder

    for read in results(groups(to_be_read()), engine):
        writer.add(read.rows)
        for problem in read.problems:
            complain(problem)
        progress.read += len({row["key"] for row in read.rows})
        progress.statuses.update(row["status"] for row in read.rows if "status" in row)
        yield progress, read.rows
    yield progress, ()
