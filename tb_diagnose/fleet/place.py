"""Where an index stands: a folder of this machine, or an address of an object store by fsspec.

Both put a file there atomically: a folder by a file of another name that then takes the name, a store because
an object is there only when all of it has arrived.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol

from tb_diagnose import storage
from tb_diagnose.fleet.store import modified, reached, reason_of, store_of
from tb_diagnose.report import atomic_write

LOCK = "writing.lock"
LEFT_OVER = 3600.0
"""Seconds after which an object that is not in the list is left over. A younger one may be what another process, which
nothing keeps away from a store, is about to add."""


class Place(Protocol):
    """Where the files of an index are. Their names are `index.json` and `folder/name.parquet`."""

    @property
    def address(self) -> str:
        """The path or the address."""

    @property
    def filesystem(self) -> Any:
        """What pyarrow reads with; None for a path of this machine."""

    def path(self, name: str) -> str:
        """Path of a file, as `filesystem` takes it."""

    def read(self, name: str) -> bytes | None:
        """All of a file, None where there is none.

        Raises:
            OSError: it cannot be read.
        """

    def write(self, name: str, content: bytes) -> None:
        """Puts a file there atomically, also in the place of another one.

        Raises:
            OSError: it cannot be written; a sentence.
        """

    def remove(self, names: Iterable[str]) -> None:
        """Removes files as far as possible."""

    def holds(self) -> list[str]:
        """Names of what is there, without what is below folders.

        Raises:
            OSError: it cannot be read.
        """

    def left_over(self) -> Iterator[str]:
        """Names of the files in folders that no process is about to add to the list, those in the list among them.

        Raises:
            OSError: it cannot be read.
        """

    def alone(self) -> Any:
        """A context within which no other process of this machine writes there, where that can be had.

        Raises:
            OSError: another one does, or the place cannot be made.
        """


def place_of(address: str) -> Place:
    """The place behind a path or an address.

    Raises:
        OSError: there is no library for the address.
    """
    address = storage.located(address)
    return InStore(address.rstrip("/")) if storage.is_remote(address) else OnDisk(address)


@dataclass(frozen=True)
class OnDisk:
    """A folder of this machine.

    Args:
        address: Its path.
    """

    address: str
    filesystem = None

    def path(self, name: str) -> str:
        return os.path.join(self.address, name)

    def read(self, name: str) -> bytes | None:
        try:
            with open(self.path(name), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def write(self, name: str, content: bytes) -> None:
        try:
            os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
            atomic_write.write(self.path(name), content)
        except OSError as error:
            raise _not_written(self.address, os.strerror(error.errno) if error.errno else str(error)) from error

    def remove(self, names: Iterable[str]) -> None:
        for name in names:
            with suppress(OSError):
                os.unlink(self.path(name))
            with suppress(OSError):  # the folder, where it is empty now
                os.rmdir(os.path.dirname(self.path(name)))

    def holds(self) -> list[str]:
        return sorted(name for name in os.listdir(self.address) if name != LOCK)

    def left_over(self) -> Iterator[str]:
        for folder in os.scandir(self.address):
            if folder.is_dir():
                yield from (f"{folder.name}/{name}" for name in os.listdir(folder.path))

    @contextmanager
    def alone(self) -> Iterator[None]:
        os.makedirs(self.address, exist_ok=True)
        try:
            import fcntl
        except ImportError:  # Windows
            yield
            return
        with open(self.path(LOCK), "w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # goes with the process
            except OSError as error:
                raise OSError(
                    f"Another `tb-diagnose review` writes to {self.address!r}. Wait until it has ended."
                ) from error
            yield


@dataclass(frozen=True)
class InStore:
    """An address of an object store.

    Args:
        address: Such as `s3://bucket/index`.
    """

    address: str

    @property
    def filesystem(self) -> Any:
        return store_of(self.address)[0]  # fsspec keeps it

    def path(self, name: str) -> str:
        return f"{store_of(self.address)[1]}/{name}"

    def read(self, name: str) -> bytes | None:
        with reached(self.address):
            try:
                return bytes(self.filesystem.cat_file(self.path(name)))
            except FileNotFoundError:
                return None

    def write(self, name: str, content: bytes) -> None:
        try:
            self.filesystem.pipe_file(self.path(name), content)
        except Exception as error:  # noqa: BLE001 - each store's library has errors of its own
            raise _not_written(self.address, reason_of(error)) from error

    def remove(self, names: Iterable[str]) -> None:
        for name in names:
            with suppress(Exception):
                self.filesystem.rm_file(self.path(name))

    def holds(self) -> list[str]:
        with reached(self.address):
            try:
                found = self.filesystem.ls(self.path("").rstrip("/"), detail=False)
            except FileNotFoundError:
                return []
        names = (str(path).rstrip("/").rpartition("/")[2] for path in found)
        return sorted(name for name in names if name)

    def left_over(self) -> Iterator[str]:
        before = time.time() - LEFT_OVER
        with reached(self.address):
            found = self.filesystem.find(self.path("").rstrip("/"), detail=True)
        for path, about in found.items():
            if modified(about) < before:
                yield str(path)[len(self.path("")) :]

    @contextmanager
    def alone(self) -> Iterator[None]:
        yield  # a store has no lock that goes with the process


def _not_written(address: str, reason: str) -> OSError:
    return OSError(
        f"{address!r} cannot be written: {reason}. What was written before is kept; the same command goes on from "
        "there."
    )
