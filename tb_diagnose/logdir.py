"""A logdir on disk, one training's folders at a time: nothing is kept of a training once it has been looked at."""

from __future__ import annotations

import logging
import os
import re
import sys
import types
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from typing import Any

from tb_diagnose import diagnosis, events, runs, trainings
from tb_diagnose.tags import Own

WORTH_A_PROCESS = 24
"""Folders below which starting processes takes longer than it saves."""
DAMAGED = "is damaged: what comes behind the damage was not read."
CHUNK = 8
"""Folders that a process is handed at a time."""


@dataclass(frozen=True)
class Folder:
    """The folders of one training.

    Args:
        name: Its name, as in the list of trainings.
        runs: Paths by TensorBoard run.
    """

    name: str
    runs: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Seen:
    """What was found in one training's folders.

    Args:
        diagnoses: The oldest training first; empty where nothing was recognised.
        tags: Scalars that were there, where nothing was recognised.
        problems: What could not be read, a sentence each.
    """

    diagnoses: tuple[diagnosis.Diagnosis, ...] = ()
    tags: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


class Diagnoses(list[diagnosis.Diagnosis]):
    """What `diagnose` returns: a list, which prints itself, and shows itself as a page in a notebook.

    Args:
        found: The diagnoses.
        message: One sentence where there are none.
        problems: What could not be read, a sentence each.
        logdir: Where they were found: it names a training that is the logdir itself.
    """

    def __init__(
        self,
        found: Iterable[diagnosis.Diagnosis] = (),
        message: str | None = None,
        problems: Sequence[str] = (),
        logdir: str = "",
    ) -> None:
        super().__init__(found)
        self.message = message
        self.problems = tuple(problems)
        self.logdir = logdir

    def __str__(self) -> str:
        from tb_diagnose import report

        said = [report.text(found, name=name) for name, found in self._named()] or [self.message or ""]
        return "\n\n".join([*said, *self.problems])

    def _repr_html_(self) -> str:
        from tb_diagnose import page

        return page.block(self._named(), self.message, self.problems)

    def _named(self) -> list[tuple[str, diagnosis.Diagnosis]]:
        from tb_diagnose import rows

        return [(rows.name_of(found, self.logdir), found) for found in self]


def diagnose(
    logdir: str | os.PathLike[str], *, accuracy_tags: tuple[str, ...] = (), loss_tags: tuple[str, ...] = ()
) -> Diagnoses:
    """Diagnoses every training below a folder.

    Args:
        logdir: A logdir, as for `tensorboard --logdir`.
        accuracy_tags: Scalars that hold accuracy under a name that says something else.
        loss_tags: The same for the loss.

    Returns:
        A list with one `Diagnosis` a training, by name; empty when there is none. It shows itself readably in a
        notebook and when printed.

    Raises:
        FileNotFoundError: there is no such folder.
        NotADirectoryError: it is a file.
    """
    path = check(logdir)
    parts, problems = folders(path)
    seen = [look(folder, Own(tuple(accuracy_tags), tuple(loss_tags))) for folder in parts]
    found = [one for some in seen for one in some.diagnoses]
    message = None if found else runs.nothing(sorted({tag for some in seen for tag in some.tags}), path)
    return Diagnoses(found, message, [*problems, *(problem for some in seen for problem in some.problems)], path)


def check(logdir: str | os.PathLike[str]) -> str:
    """The path of a logdir.

    Raises:
        FileNotFoundError: there is no such folder.
        NotADirectoryError: it is a file.
        OSError: TensorBoard knows no way to read it.
    """
    path = os.fspath(logdir)
    if is_remote(path):
        return _check_remote(path)
    if not os.path.exists(path):
        raise FileNotFoundError(f"`logdir` does not exist. Expected: a folder with event files. Received: {path!r}.")
    if not os.path.isdir(path):
        raise NotADirectoryError(f"`logdir` is a file. Expected: a folder with event files. Received: {path!r}.")
    return path


def _check_remote(path: str) -> str:
    from tensorboard.compat import tf

    try:
        found = tf.io.gfile.exists(path)
    except Exception as error:  # noqa: BLE001 - whatever the file system's own library raises
        raise OSError(f"`logdir` {path!r} cannot be read: {error}") from error
    if not found:
        raise FileNotFoundError(f"`logdir` does not exist. Expected: a folder with event files. Received: {path!r}.")
    return path.rstrip("/")


def is_remote(path: str) -> bool:
    """Whether a path is for TensorBoard's file access (`gs://`, `s3://`, whatever fsspec knows)."""
    return "://" in path


def folders(logdir: str) -> tuple[list[Folder], list[str]]:
    """The trainings below a folder by name, and what could not be read."""
    problems: list[str] = []
    found: dict[str, Folder] = {}
    for path in sorted(_with_events(logdir, problems)):
        run = path[len(logdir) :].strip("/\\").replace(os.sep, "/") or "."
        name = runs.above(run) if runs.named_like_a_part(run) else run
        found.setdefault(name, Folder(name)).runs[run] = path
    for name in list(found):  # PyTorch writes hyperparameters into a folder named by the time
        if re.fullmatch(runs.STAMP, runs.last(name)) and runs.above(name) in found:
            found[runs.above(name)].runs.update(found.pop(name).runs)
    return [found[name] for name in sorted(found)], problems


def _with_events(logdir: str, problems: list[str]) -> Iterator[str]:
    """Folders that hold event files, each once, however many links lead there."""
    if is_remote(logdir):
        from tensorboard.backend.event_processing import io_wrapper

        yield from io_wrapper.GetLogdirSubdirectories(logdir)
        return
    seen: set[tuple[int, int]] = set()

    def unreadable(error: OSError) -> None:
        if error.filename == logdir:
            raise error  # then nothing of it can be read
        problems.append(f"{error.filename} could not be read ({error.strerror}).")

    for path, below, files in os.walk(logdir, onerror=unreadable, followlinks=True):
        try:
            status = os.stat(path)
        except OSError as error:
            unreadable(error)
            continue
        if (status.st_dev, status.st_ino) in seen:
            below.clear()  # a link back to a folder that was visited already
            continue
        seen.add((status.st_dev, status.st_ino))
        below.sort(key=lambda name: (os.path.islink(os.path.join(path, name)), name))  # `latest -> run2` is run2
        if any("tfevents" in name for name in files):
            yield path


def look(folder: Folder, own: Own = Own()) -> Seen:
    """Reads and judges one training's folders; names alone put them together, and what is in them may part them again."""
    from tensorboard import context

    ctx = context.RequestContext()
    with _complaints() as problems:
        try:
            provider = events.open_runs(folder.runs)
            index = runs.index(provider, ctx, "")
            named = runs.names(index, own)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the other trainings are shown
            return Seen((diagnosis.unreadable(folder.name, error),), problems=tuple(problems))
        found = [one for name, parts in named.items() for one in trainings.judged(provider, ctx, "", name, parts, own)]
    unreadable = [problem for problem in problems if not problem.endswith(DAMAGED)]
    if not found and unreadable:
        found = [diagnosis.unreadable(folder.name, OSError(unreadable[0]))]
    return Seen(tuple(found), tuple(runs.tags(index)) if not found else (), tuple(problems))


def read_plainly() -> None:
    """Keeps TensorBoard from loading TensorFlow for its file access, where it is installed; plain files need none of it."""
    sys.modules.setdefault("tensorboard.compat.notf", types.ModuleType("tensorboard.compat.notf"))
    logging.getLogger("tensorboard").setLevel(logging.ERROR)  # its notes on event files are not for a user's eyes


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """What TensorBoard's reader says of broken files, a sentence each; it says so to its log alone, and reads on."""
    said: list[str] = []
    log = logging.getLogger("tensorboard")

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            text = record.getMessage()
            if text.startswith("Truncated record") and "crc32 check" in text:
                path = text.removeprefix("Truncated record in ").partition(" (")[0]
                said.append(f"{path} {DAMAGED}")
            elif text.startswith(("Unable to", "Failed to")):
                said.append(f"{text}.")

    listener = Listener(logging.DEBUG)
    level, spread = log.level, log.propagate
    log.setLevel(logging.DEBUG)
    log.propagate = False
    log.addHandler(listener)
    try:
        yield said
    finally:
        log.removeHandler(listener)
        log.setLevel(level)
        log.propagate = spread


def look_through(
    found: Sequence[Folder], processes: int, then: Callable[[Seen], Any], own: Own = Own()
) -> Iterator[Any]:
    """`then` of each training's diagnoses, in order, as they come; several processes share the work where it is much.

    Args:
        found: From `folders`.
        processes: Processes at most.
        then: Makes what is wanted of it, in the process that read it; must be importable.
        own: Names of scalars that the user has given.
    """
    work = partial(_look_then, then=then, own=own)
    if processes < 2 or len(found) < WORTH_A_PROCESS:
        yield from map(work, found)
        return
    pool = ProcessPoolExecutor(processes, get_context("spawn"), initializer=read_plainly)
    try:
        yield from pool.map(work, found, chunksize=CHUNK)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _look_then(folder: Folder, then: Callable[[Seen], Any], own: Own) -> Any:
    return then(look(folder, own))
