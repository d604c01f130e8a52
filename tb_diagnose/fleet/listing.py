"""The event files below a logdir, one after the other: a bucket of millions is never held in a list.

On this machine folders are walked through, of S3 the keys are listed page by page in their order, and other stores are
walked through folder by folder by fsspec. All below a folder comes together in each of the three.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

from tb_diagnose import storage
from tb_diagnose.event_data import EMPTY
from tb_diagnose.fleet.run_folder import EventFile
from tb_diagnose.fleet.store import modified, reached, store_of

EVENTS = "tfevents"
"""Part of the name of every event file."""


def event_files(logdir: str, complain: Callable[[str], None]) -> Iterator[EventFile]:
    """The event files of a logdir, those below one folder together.

    Args:
        logdir: A path or an address, from `located`.
        complain: Takes a sentence for each folder that cannot be read.

    Raises:
        OSError: the logdir cannot be read.
    """
    if not storage.is_remote(logdir):
        yield from _on_this_machine(logdir, complain)
        return
    filesystem, root = store_of(logdir)
    found = _of_s3(filesystem, root) if hasattr(filesystem, "call_s3") else _by_walking(filesystem, root)
    with reached(logdir):
        yield from found


def _is_event_file(name: str) -> bool:
    return EVENTS in name and not name.endswith(EMPTY)


def _on_this_machine(logdir: str, complain: Callable[[str], None]) -> Iterator[EventFile]:
    top = os.path.realpath(logdir)
    elsewhere: set[str] = set()

    def walk(path: str, folder: str) -> Iterator[EventFile]:
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    below = entry.name if folder == "." else f"{folder}/{entry.name}"
                    if entry.is_dir():
                        if not entry.is_symlink() or _leads_elsewhere(entry.path, top, elsewhere):
                            yield from walk(entry.path, below)
                    elif _is_event_file(entry.name):
                        about = entry.stat()
                        yield EventFile(folder, entry.name, about.st_size, str(about.st_mtime_ns), about.st_mtime)
        except OSError as error:
            if folder == ".":
                raise
            complain(f"{error.filename or path} could not be read ({error.strerror}).")

    return walk(logdir, ".")


def _leads_elsewhere(link: str, top: str, elsewhere: set[str]) -> bool:
    """Whether a link leads to a folder that is not walked through anyway; each such folder once."""
    target = os.path.realpath(link)
    if f"{target}/".startswith(f"{top}/") or f"{top}/".startswith(f"{target}/") or target in elsewhere:
        return False
    elsewhere.add(target)
    return True


def _of_s3(filesystem: Any, root: str) -> Iterator[EventFile]:
    """All keys of a bucket below a prefix, a thousand at a time; S3 gives them in their order."""
    bucket, _, prefix = root.partition("/")
    prefix = f"{prefix}/" if prefix else ""
    more: dict[str, str] = {}
    while True:
        page = filesystem.call_s3("list_objects_v2", Bucket=bucket, Prefix=prefix, **more)
        for entry in page.get("Contents", ()):
            folder, _, name = entry["Key"][len(prefix) :].rpartition("/")
            if _is_event_file(name):
                yield EventFile(folder or ".", name, entry["Size"], entry["ETag"], entry["LastModified"].timestamp())
        if not page.get("IsTruncated"):
            return
        more = {"ContinuationToken": page["NextContinuationToken"]}


def _by_walking(filesystem: Any, root: str) -> Iterator[EventFile]:
    for path, _, files in filesystem.walk(root, detail=True, on_error="raise"):
        folder = path[len(root) :].strip("/") or "."
        for name, about in files.items():
            if _is_event_file(name):
                at = modified(about)
                tag = str(about.get("ETag") or about.get("etag") or about.get("generation") or at)
                yield EventFile(folder, name, about.get("size") or 0, tag, at)
