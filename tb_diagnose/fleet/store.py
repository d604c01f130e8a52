"""A store behind an address, by fsspec: `s3://bucket/logs`, `gs://bucket/logs`, `memory://logs`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

OF_THIS_PROCESS = "memory://"
"""Beginning of addresses that no other process can read."""


def store_of(address: str) -> tuple[Any, str]:
    """The file system behind an address, and the path in it.

    Raises:
        OSError: there is none, or a library for it is missing.
    """
    import fsspec

    with reached(address):
        # Listings are not kept: one of a bucket would be all of it.
        filesystem, path = fsspec.core.url_to_fs(address, use_listings_cache=False, skip_instance_cache=False)
    return filesystem, str(path).rstrip("/")


def check(address: str) -> None:
    """Looks whether there is something at an address.

    Raises:
        FileNotFoundError: there is nothing.
        OSError: it cannot be reached.
    """
    filesystem, path = store_of(address)
    with reached(address):
        there = filesystem.exists(path)
        # `exists` of S3 takes a refusal for an absence; listing says which of the two it is.
        if not there:
            there = bool(filesystem.ls(path))
    if not there:
        raise FileNotFoundError(
            f"`logdir` does not exist. Expected: an address with event files. Received: {address!r}."
        )


@contextmanager
def reached(address: str) -> Iterator[None]:
    """Within it, whatever the library of a store raises is one kind of error, in one sentence.

    Raises:
        OSError: the address cannot be reached.
    """
    try:
        yield
    except GeneratorExit:
        raise
    except Exception as error:  # noqa: BLE001 - each store's library has errors of its own
        raise OSError(f"{address} cannot be reached: {reason_of(error)}.") from error


def reason_of(error: Exception) -> str:
    """What a store's library says in its error: one line, without the full stop."""
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
    if isinstance(error, ImportError):
        reason = f"{reason}. Expected: fsspec's package for it, such as s3fs or gcsfs"
    elif isinstance(error, FileNotFoundError):
        reason = f"there is nothing of that name ({reason})"
    return reason.rstrip(".")


def modified(about: Mapping[str, Any]) -> float:
    """Wall time of the last change by what a store says of a file; 0 where it does not."""
    for name in ("LastModified", "mtime", "updated", "last_modified", "created"):
        value = about.get(name)
        if isinstance(value, datetime):
            return value.timestamp()
        if isinstance(value, (int, float)):
            return float(value)
        if isinstance(value, str):
            return datetime.fromisoformat(value).timestamp()
    return 0.0
