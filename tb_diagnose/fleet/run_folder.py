"""The folders of one run with its event files, as a listing tells them: what a run is read from, and whether it has
changed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from tb_diagnose.reader import tensorboard_runs

STAMP = re.compile(tensorboard_runs.STAMP)
NAME_BYTES = 8
"""Bytes of a name made from others: among 10,000,000 runs two have the same by a chance of one in 400,000."""


class EventFile(NamedTuple):
    """An event file in a listing.

    Args:
        folder: Its folder below the logdir, "." for the logdir itself.
        name: Its name.
        size: Bytes.
        tag: Changes whenever its content does: an ETag, or the time of its last change.
        modified: Wall time of its last change in s.
    """

    folder: str
    name: str
    size: int
    tag: str
    modified: float


@dataclass(frozen=True)
class RunFolder:
    """The folders of one run.

    Args:
        logdir: The logdir that it was found in: a path or an address.
        name: Its name, as in the list of runs.
        files: Its event files, by the TensorBoard run that each folder is.
    """

    logdir: str
    name: str
    files: Mapping[str, tuple[EventFile, ...]]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for files in self.files.values() for file in files)

    @property
    def modified(self) -> float:
        """Wall time of the last change in s."""
        return max(file.modified for files in self.files.values() for file in files)

    @cached_property
    def key(self) -> int:
        """Names the folder among all that there are."""
        return short_name(self.logdir, self.name)

    @cached_property
    def version(self) -> int:
        """Names the folder as it is: another one after any change."""
        told = (part for files in self.files.values() for f in files for part in (f.folder, f.name, str(f.size), f.tag))
        return short_name(self.logdir, self.name, *told)


def short_name(*parts: str) -> int:
    """A whole number of 64 bits, with a sign, for some texts."""
    digest = hashlib.blake2b("\0".join(parts).encode(errors="surrogateescape"), digest_size=NAME_BYTES).digest()
    return int.from_bytes(digest, "little", signed=True)


@dataclass
class _Open:
    """A folder of which files may still come.

    Args:
        name: Its name below the logdir.
        events: Its own event files.
        parts: Those of folders below that are parts of the run that it is.
        stamps: Runs below that are named by a time: of PyTorch, these are the hyperparameters of the run above.
    """

    name: str
    events: list[EventFile] = field(default_factory=list)
    parts: dict[str, tuple[EventFile, ...]] = field(default_factory=dict)
    stamps: list[RunFolder] = field(default_factory=list)


def run_folders(logdir: str, files: Iterable[EventFile]) -> Iterator[RunFolder]:
    """The runs of a logdir as its files come; by names alone, as `reader.logdir.folders` does it.

    Args:
        logdir: The logdir.
        files: Its event files. All below a folder must come one after the other.
    """
    stack = [_Open(".")]
    for file in files:
        while not _is_inside(file.folder, stack[-1].name):
            yield from _closed(logdir, stack)
        path = "" if stack[-1].name == "." else stack[-1].name
        for part in file.folder[len(path) :].strip("/").split("/") if file.folder != stack[-1].name else ():
            path = f"{path}/{part}" if path else part
            stack.append(_Open(path))
        stack[-1].events.append(file)
    while stack:
        yield from _closed(logdir, stack)


def _is_inside(folder: str, other: str) -> bool:
    return other == "." or folder == other or folder.startswith(f"{other}/")


def _closed(logdir: str, stack: list[_Open]) -> Iterator[RunFolder]:
    """Takes the last folder from the stack: its run, unless the folder above decides on it."""
    top = stack.pop()
    above = stack[-1] if stack else None
    own = dict(top.parts)
    if top.events and above is not None and tensorboard_runs.named_like_a_part(top.name):
        above.parts[top.name] = tuple(top.events)
    elif top.events:
        own[top.name] = tuple(top.events)
    if not own:
        yield from top.stamps
        return
    for stamp in top.stamps:
        own |= stamp.files
    # Their order must not depend on that of the listing: a version is made from it.
    run = RunFolder(logdir, top.name, {name: tuple(sorted(own[name])) for name in sorted(own)})
    if above is not None and STAMP.fullmatch(tensorboard_runs.last(top.name)):
        above.stamps.append(run)
    else:
        yield run
