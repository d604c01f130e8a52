"""Logdirs in, diagnoses out: what the command line, the plugin, notebooks and scripts call."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import Any

from tb_diagnose import event_file
from tb_diagnose.diagnosis import engine
from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.reader import tensorboard_runs
from tb_diagnose.reader.logdir import Folder, check, folders, read_plainly
from tb_diagnose.reader.runs import read, with_metrics
from tb_diagnose.reader.tag_names import NO_TAGS, UserTags

WORTH_A_PROCESS = 24
"""Folders below which starting processes takes longer than it saves."""
DAMAGED = "is damaged: what comes behind the damage was not read."
CHUNK = 8
"""Folders that a process is handed at a time."""


@dataclass(frozen=True)
class Seen:
    """What was found in one run's folders.

    Args:
        diagnoses: The oldest run first; empty where nothing was recognised.
        tags: Scalars that were there, where nothing was recognised.
        problems: What could not be read, a sentence each.
    """

    diagnoses: tuple[Diagnosis, ...] = ()
    tags: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


class Diagnoses(list[Diagnosis]):
    """What `diagnose` returns: a list, which prints itself, and shows itself as a page in a notebook.

    Args:
        found: The diagnoses.
        message: One sentence where there are none.
        problems: What could not be read, a sentence each.
        logdir: Where they were found: it names a run that is the logdir itself.
    """

    def __init__(
        self,
        found: Iterable[Diagnosis] = (),
        message: str | None = None,
        problems: Sequence[str] = (),
        logdir: str = "",
    ) -> None:
        super().__init__(found)
        self.message = message
        self.problems = tuple(problems)
        self.logdir = logdir

    def __str__(self) -> str:
        from tb_diagnose.report.text import text

        said = [text(found, name=name) for name, found in self._named()] or [self.message or ""]
        return "\n\n".join([*said, *self.problems])

    def _repr_html_(self) -> str:
        from tb_diagnose.report import notebook

        return notebook.block(self._named(), self.message, self.problems)

    def _named(self) -> list[tuple[str, Diagnosis]]:
        from tb_diagnose.report.run_name import name_of

        return [(name_of(found, self.logdir), found) for found in self]


def diagnose(
    logdir: str | os.PathLike[str], *, accuracy_tags: tuple[str, ...] = (), loss_tags: tuple[str, ...] = ()
) -> Diagnoses:
    """Diagnoses every run below a folder.

    Args:
        logdir: A logdir, as for `tensorboard --logdir`.
        accuracy_tags: Scalars that hold accuracy under a name that says something else.
        loss_tags: The same for the loss.

    Returns:
        A list with one `Diagnosis` a run, by name; empty when there is none. It shows itself readably in a
        notebook and when printed.

    Raises:
        FileNotFoundError: there is no such folder.
        NotADirectoryError: it is a file.
    """
    path = check(logdir)
    parts, problems = folders(path)
    seen = [look(folder, UserTags(tuple(accuracy_tags), tuple(loss_tags))) for folder in parts]
    found = [one for some in seen for one in some.diagnoses]
    message = None if found else tensorboard_runs.nothing(sorted({tag for some in seen for tag in some.tags}), path)
    return Diagnoses(found, message, [*problems, *(problem for some in seen for problem in some.problems)], path)


def look(folder: Folder, user_tags: UserTags = NO_TAGS) -> Seen:
    """Reads and judges one run's folders; names alone put them together, and what is in them may part them again."""
    from tensorboard import context

    ctx = context.RequestContext()
    with _complaints() as problems:
        try:
            provider = event_file.open_runs(folder.runs)
            index = tensorboard_runs.index(provider, ctx, "")
            named = tensorboard_runs.names(index, user_tags)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the other runs are shown
            return Seen((engine.unreadable(folder.name, error),), problems=tuple(problems))
        found = [one for name, parts in named.items() for one in judged(provider, ctx, "", name, parts, user_tags)]
    unreadable = [problem for problem in problems if not problem.endswith(DAMAGED)]
    if not found and unreadable:
        found = [engine.unreadable(folder.name, OSError(unreadable[0]))]
    return Seen(tuple(found), tuple(tensorboard_runs.tags(index)) if not found else (), tuple(problems))


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
    found: Sequence[Folder], processes: int, then: Callable[[Seen], Any], user_tags: UserTags = NO_TAGS
) -> Iterator[Any]:
    """`then` of each run's diagnoses, in order, as they come; several processes share the work where it is much.

    Args:
        found: From `folders`.
        processes: Processes at most.
        then: Makes what is wanted of it, in the process that read it; must be importable.
        user_tags: Names of scalars that the user has given.
    """
    work = partial(_look_then, then=then, user_tags=user_tags)
    if processes < 2 or len(found) < WORTH_A_PROCESS:
        yield from map(work, found)
        return
    pool = ProcessPoolExecutor(processes, get_context("spawn"), initializer=read_plainly)
    try:
        yield from pool.map(work, found, chunksize=CHUNK)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _look_then(folder: Folder, then: Callable[[Seen], Any], user_tags: UserTags) -> Any:
    return then(look(folder, user_tags))


def newest(folder: str, name: str) -> Diagnosis:
    """The diagnosis of the newest run in one folder.

    Raises:
        FileNotFoundError: no run was written there.
    """
    try:
        evidence = event_file.newest(folder, name)
    except event_file.NewerSchemaError as error:
        return engine.unreadable(name, error)
    if evidence is None:
        raise FileNotFoundError(f"No run was written to {folder!r}.")
    return engine.judge(with_metrics(evidence))


def judged(provider: Any, ctx: Any, experiment: str, name: str, parts: list[str], user_tags: UserTags = NO_TAGS) -> list[Diagnosis]:
    """The diagnoses of one name, the oldest first; arguments as for `read`."""
    try:
        return [engine.judge(evidence) for evidence in read(provider, ctx, experiment, name, parts, user_tags)]
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the other runs are shown
        return [engine.unreadable(name, error)]
