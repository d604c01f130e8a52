"""Folders and files where TensorBoard reads them: on this machine, or behind an address such as `gs://bucket/logs`.

Addresses go through `tensorboard.compat.tf.io.gfile`, the access that TensorBoard itself reads with: TensorFlow's
where it is installed, fsspec's otherwise. Local paths need neither.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.:-]+://")
"""A scheme has two letters or more: `C://logs` is a path of Windows. Chains such as `simplecache::s3://` count, too."""
LOCAL = "file://"
Result = TypeVar("Result")


class Source(Protocol):
    """A file that is read."""

    def read(self, size: int, /) -> bytes: ...


class Sink(Protocol):
    """A file that is written."""

    def write(self, data: bytes, /) -> Any: ...

    def flush(self) -> None: ...

    def close(self) -> None: ...


def located(path: str) -> str:
    """The path that is meant: `~` is the home folder, and `file://` needs no address."""
    path = path[len(LOCAL) :] if path.startswith(LOCAL) else path
    return path if is_remote(path) else os.path.expanduser(path)


def is_remote(path: str) -> bool:
    """Whether a path is an address, which only TensorBoard's file access can read."""
    return ADDRESS.match(path) is not None


def join(folder: str, name: str) -> str:
    """The path of something in a folder."""
    return f"{folder.rstrip('/')}/{name}" if is_remote(folder) else os.path.join(folder, name)


def parent(folder: str) -> str:
    """The folder above; of an address without a folder, the address itself."""
    if not is_remote(folder):
        return os.path.dirname(os.path.normpath(folder)) or "."
    scheme, _, path = folder.rstrip("/").partition("://")
    return f"{scheme}://{path.rpartition('/')[0] or path}"


def exists(path: str) -> bool:
    """Whether there is a file or a folder.

    Raises:
        OSError: the address cannot be reached.
    """
    return _reached(path, lambda: bool(_gfile().exists(path))) if is_remote(path) else os.path.exists(path)


def names_in(folder: str) -> list[str]:
    """Names of what is in a folder; empty where there is none.

    Raises:
        OSError: the address cannot be reached.
    """
    if not is_remote(folder):
        return os.listdir(folder) if os.path.isdir(folder) else []
    return _reached(folder, lambda: [str(name) for name in _gfile().listdir(folder)] if _gfile().isdir(folder) else [])


def make_folder(folder: str) -> None:
    """Makes a folder and those above it, where they are missing.

    Raises:
        OSError: it cannot be made.
    """
    if is_remote(folder):
        _reached(folder, lambda: bool(_gfile().makedirs(folder)))
    else:
        os.makedirs(folder, exist_ok=True)


def make_new_folder(folder: str) -> bool:
    """Makes a folder that nobody else has: of several processes that ask for one name, one alone gets it.

    Stores behind an address cannot promise that.

    Returns:
        Whether it was made; not, where there is something of that name.

    Raises:
        OSError: it cannot be made.
    """
    if is_remote(folder):
        is_new = not exists(folder)
        if is_new:
            make_folder(folder)
        return is_new
    os.makedirs(parent(folder), exist_ok=True)
    try:
        os.mkdir(folder)
    except FileExistsError:
        return False
    return True


def create(path: str) -> Sink:
    """Opens a new file.

    Raises:
        OSError: it cannot be written.
    """
    return _RemoteFile(path) if is_remote(path) else open(path, "ab")  # noqa: SIM115 - the caller closes it


@contextmanager
def open_to_read(path: str) -> Iterator[Source]:
    """Opens a file that is there.

    Raises:
        OSError: it cannot be opened, or, while it is read, not be read.
    """
    if is_remote(path):
        yield _RemoteSource(path)
        return
    with open(path, "rb") as file:
        yield file


class _RemoteSource:
    """A file behind an address, which is there once its first bytes are asked for."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file = _reached(path, lambda: _gfile().GFile(path, "rb"))

    def read(self, size: int, /) -> bytes:
        return bytes(_reached(self._path, lambda: self._file.read(size)))


class _RemoteFile:
    """A file behind an address. Most stores cannot append to an object: each flush writes it as a whole."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._content = bytearray()
        self._flushed = 0

    def write(self, data: bytes, /) -> None:
        self._content += data

    def flush(self) -> None:
        if len(self._content) == self._flushed:
            return

        def put() -> None:
            with _gfile().GFile(self._path, "wb") as file:
                file.write(bytes(self._content))

        _reached(self._path, put)
        self._flushed = len(self._content)

    def close(self) -> None:
        self.flush()


def _gfile() -> Any:
    from tensorboard.compat import tf

    return tf.io.gfile


def _reached(path: str, action: Callable[[], Result]) -> Result:
    """What an action gives; whatever its library raises is one kind of error."""
    try:
        return action()
    except Exception as error:  # noqa: BLE001 - TensorFlow's, fsspec's or those of a store's own library
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise OSError(f"{path} cannot be reached: {reason}") from error
