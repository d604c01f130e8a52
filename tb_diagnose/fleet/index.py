"""The index: Parquet files, and a list of those that count, in a folder or an object store.

    index.json                                      schema, the names of all files that count, and whether each run
                                                    is in them once, as at the end of a review
    day=2026-11-27/3f2a...parquet                   runs by the day (UTC) of their last event
    new/3f2a...parquet                              runs as they were read, not put to their days yet

The list is replaced as a whole, after the files that it names were written: whoever reads or stops at any moment has
the index as it was before or after. What is not in the list is left over from a process that was ended, and is removed
by the next one that writes.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from tb_diagnose._version import __version__
from tb_diagnose.fleet.columns import COLUMNS, SCHEMA, table
from tb_diagnose.fleet.place import Place, place_of
from tb_diagnose.fleet.run_row import Row

NAME = "index.json"
NEW = "new"
FILE = "__filename"
"""Column that pyarrow itself adds: where the file of a row is."""
FLUSH_ROWS, FLUSH_SECONDS = 5_000, 20.0
"""Rows, and seconds, after which what was read is written: so much is read again where a process is killed."""
SPREAD_ROWS = 100_000
"""Rows from which the new ones are put to their days while a review goes on."""
PART_ROWS = 20_000
"""Rows of a file at most: so many are held in memory at once, however many runs ended on one day."""


@dataclass(frozen=True)
class Index:
    """An index as it was at one moment.

    Args:
        place: Where it is.
        files: Names of the Parquet files that count.
        is_folded: Whether no folder is in them as it was read earlier: nothing outdated need be looked for.
    """

    place: Place
    files: tuple[str, ...]
    is_folded: bool = False

    def paths(self) -> list[str]:
        return [self.place.path(name) for name in self.files]

    def dataset(self) -> Any:
        """All rows, as a dataset of pyarrow: those of earlier readings of a run among them."""
        return self._dataset

    @cached_property
    def _dataset(self) -> Any:  # it keeps what the ends of its files say
        return dataset_of(self.place, self.files)

    def current(self) -> Any:
        """A filter for the rows of the last reading of each folder, in which a run was recognized."""
        outdated = self.outdated
        is_run = pc.field("status").is_valid()
        return is_run & ~pc.field("reading").isin(pa.array(outdated, pa.int64())) if len(outdated) else is_run

    @cached_property
    def outdated(self) -> np.ndarray:
        """Readings of folders that were read again later, shape `(reading,)`."""
        if self.is_folded:
            return np.zeros(0, np.int64)
        columns = self.dataset().to_table(columns=["key", "reviewed", "reading"])
        keys, readings = columns["key"].to_numpy(), columns["reading"].to_numpy()
        order = np.lexsort((columns["reviewed"].cast(pa.int64()).to_numpy(), keys))
        keys, readings = keys[order], readings[order]
        earlier = (keys[:-1] == keys[1:]) & (readings[:-1] != readings[1:])
        return np.unique(readings[:-1][earlier])

    def known(self, now: float) -> np.ndarray:
        """Versions of folders that need not be read again as long as they are the same, sorted, shape `(folder,)`.

        Args:
            now: Wall time in s.
        """
        is_settled = pc.field("settled_until").is_null() | (pc.field("settled_until") > now)
        versions = self.dataset().to_table(columns=["version"], filter=is_settled)["version"]
        return np.unique(versions.to_numpy())


def dataset_of(place: Place, names: Sequence[str]) -> Any:
    """The rows of some files of an index, as a dataset of pyarrow."""
    paths = [place.path(name) for name in names]
    return ds.dataset(paths, schema=COLUMNS, format="parquet", filesystem=place.filesystem)


def name_in(path: str) -> str:
    """The name in an index of a file that is somewhere."""
    return "/".join(path.split("/")[-2:])


def opened(folder: str) -> Index:
    """The index in a folder.

    Args:
        folder: A path, or an address of an object store.

    Raises:
        FileNotFoundError: there is none.
        OSError: it cannot be read, or is of a newer form.
    """
    place = place_of(folder)
    content = place.read(NAME)
    if content is None:
        raise FileNotFoundError(
            f"There is no index in {place.address!r}. Expected: the DIR of `tb-diagnose review LOGDIR --out DIR`."
        )
    return _index(place, content)


def _index(place: Place, content: bytes) -> Index:
    """The index that a list tells of."""
    try:
        told = json.loads(content)
        schema, files = int(told["schema"]), tuple(map(str, told["files"]))
        is_folded = told.get("folded") is True
    except (ValueError, KeyError, TypeError) as error:
        raise OSError(f"The index in {place.address!r} is damaged: {NAME} cannot be read ({error}).") from error
    if schema > SCHEMA:
        by = told.get("written_by", "a newer one")
        raise OSError(
            f"The index in {place.address!r} was written by a newer tb_diagnose ({by}; its schema is {schema}, and "
            f"{SCHEMA} is the newest that this one reads). Update tb_diagnose."
        )
    return Index(place, files, is_folded)


class IndexWriter:
    """Adds to an index. From `writing`.

    Args:
        index: As it is.
    """

    def __init__(self, index: Index) -> None:
        self.index = index
        self._rows: list[Row] = []
        self._next = time.monotonic() + FLUSH_SECONDS
        self._waiting = 0

    def add(self, rows: Iterable[Row]) -> None:
        """Adds what was read of some folders; all rows of a folder together.

        Raises:
            OSError: it cannot be written.
        """
        self._rows += rows
        if len(self._rows) >= FLUSH_ROWS or time.monotonic() > self._next:
            self.flush()

    def flush(self) -> None:
        """Writes what was added."""
        if self._rows:
            name = self._written(NEW, table(self._rows, time.time()))
            self._commit((*self.index.files, name))
            self._waiting += len(self._rows)
            self._rows = []
            if self._waiting >= SPREAD_ROWS:
                self._spread()
        self._next = time.monotonic() + FLUSH_SECONDS

    def fold(self) -> None:
        """Puts new rows to the days of their runs, and leaves few files a day, without what was read again."""
        self._spread()
        by_day: dict[str, list[str]] = {}
        for name in self.index.files:
            by_day.setdefault(_day_of(name), []).append(name)
        outdated = pa.array(self.index.outdated, pa.int64())
        stale = self._with_outdated(outdated)
        for day, names in sorted(by_day.items()):
            small = [name for name in names if len(names) > 1 and self._rows_in(name) < PART_ROWS]
            mended = [name for name in names if name in stale]
            moved = {*small, *mended} if mended or len(small) > 1 else set()
            if moved:
                parts = self._parts(sorted(moved), ~pc.field("reading").isin(outdated))
                written = [self._written(day, part.sort_by([("updated", "descending")])) for part in parts]
                self._commit([*(name for name in self.index.files if name not in moved), *written])
        if not self.index.is_folded:
            self._commit(self.index.files, is_folded=True)

    def _spread(self) -> None:
        """Puts new rows to the days of their runs, beside what is there: each row is moved once."""
        self._waiting = 0
        new = [name for name in self.index.files if _day_of(name) == NEW]
        if not new:
            return
        kept = [name for name in self.index.files if name not in new]
        days = dataset_of(self.index.place, new).to_table(columns=["day"])["day"]
        for first, last in _ranges(days):
            for part in self._parts(new, (pc.field("day") >= first) & (pc.field("day") <= last)):
                for day in pc.unique(part["day"]):
                    kept.append(self._written(f"day={day}", part.filter(pc.equal(part["day"], day))))
        self._commit(kept)

    def _parts(self, names: Sequence[str], wanted: Any) -> Iterator[Any]:
        """Rows of some files, as tables of `PART_ROWS` rows at most.

        Args:
            names: Of the files.
            wanted: A filter.
        """
        held: list[Any] = []
        rows = dataset_of(self.index.place, names)
        for batch in rows.to_batches(filter=wanted, batch_size=FLUSH_ROWS, batch_readahead=1, fragment_readahead=1):
            while batch.num_rows:
                room = PART_ROWS - sum(each.num_rows for each in held)
                held.append(batch.slice(0, room))
                batch = batch.slice(room)
                if batch.num_rows:
                    yield pa.Table.from_batches(held, COLUMNS)
                    held = []
        if held:
            yield pa.Table.from_batches(held, COLUMNS)

    def _rows_in(self, name: str) -> int:
        """Rows of a file, by what its end says."""
        return int(dataset_of(self.index.place, [name]).count_rows())

    def _with_outdated(self, outdated: Any) -> set[str]:
        """Files in which there are rows that were read again."""
        if not len(outdated):
            return set()
        found = self.index.dataset().to_table(columns=[FILE], filter=pc.field("reading").isin(outdated))[FILE]
        return set(map(name_in, pc.unique(found).to_pylist()))

    def _written(self, folder: str, rows: Any) -> str:
        """Writes a new file with these rows; returns its name."""
        name = f"{folder}/{uuid.uuid4().hex}.parquet"
        content = pa.BufferOutputStream()
        pq.write_table(rows, content, compression="zstd")
        self.index.place.write(name, content.getvalue().to_pybytes())
        pa.default_memory_pool().release_unused()  # it would keep what the largest parts took
        return name

    def _commit(self, files: Sequence[str], is_folded: bool = False) -> None:
        """From here on, these files are the index."""
        before = self.index
        if opened(before.place.address) != before:  # nothing keeps others away from a store
            raise OSError(
                f"Another `tb-diagnose review` has written to {before.place.address!r} meanwhile. What it wrote is "
                "kept. Give the same command again when it has ended."
            )
        after = Index(before.place, tuple(files), is_folded)
        _write_list(after)
        self.index = after
        before.place.remove(set(before.files) - set(files))


@contextmanager
def writing(folder: str) -> Iterator[IndexWriter]:
    """A writer of the index in a folder, which is made where there is none. What was added is written at the end,
    whatever ends it.

    Args:
        folder: A path, or an address of an object store.

    Raises:
        OSError: it cannot be written, is of a newer form, or another process writes to it.
    """
    place = place_of(folder)
    with place.alone():
        content = place.read(NAME)
        if content is None:
            strange = place.holds()
            if strange:
                raise OSError(
                    f"{place.address!r} holds something else ({strange[0]!r}). Expected: an index, or a new folder."
                )
            found = Index(place, ())
            _write_list(found)
        else:
            found = _index(place, content)
        writer = IndexWriter(found)
        place.remove({name for name in place.left_over() if _is_part(name)} - set(writer.index.files))
        try:
            yield writer
        finally:
            writer.flush()
        writer.fold()


def _write_list(index: Index) -> None:
    told = {
        "schema": SCHEMA,
        "written_by": f"tb_diagnose {__version__}",
        "folded": index.is_folded,
        "files": list(index.files),
    }
    index.place.write(NAME, json.dumps(told, indent=1).encode())


def _is_part(name: str) -> bool:
    return _day_of(name) == NEW or name.startswith("day=")


def _day_of(name: str) -> str:
    return name.partition("/")[0]


def _ranges(days: Any) -> Iterator[tuple[Any, Any]]:
    """First and last days between which there are `PART_ROWS` rows at most, or one day."""
    counts = pa.table({"day": days}).group_by("day").aggregate([("day", "count")]).sort_by("day")
    first, last, rows = None, None, 0
    for day, count in zip(counts["day"], counts["day_count"].to_pylist(), strict=True):
        if first is not None and rows + count > PART_ROWS:
            yield first, last
            first, rows = None, 0
        first, last, rows = day if first is None else first, day, rows + count
    if first is not None:
        yield first, last
