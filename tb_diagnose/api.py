"""Logdirs in, diagnoses out: what the command line, the plugin, notebooks and scripts call."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import Any, TypeVar

from tb_diagnose import event_file
from tb_diagnose.diagnosis import engine
from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.event_data import EventData
from tb_diagnose.reader import tensorboard_runs
from tb_diagnose.reader.logdir import Folder, check, folders, read_plainly
from tb_diagnose.reader.runs import read, with_metrics
from tb_diagnose.reader.tag_names import NO_TAGS, UserTags

WORTH_A_PROCESS = 24
"""Folders below which starting processes takes longer than it saves."""
CHUNK = 8
"""Folders that a process is handed at a time."""
Result = TypeVar("Result")


@dataclass(frozen=True)
class Look:
    """What is in one run's folders.

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
        diagnoses: The diagnoses.
        message: One sentence where there are none.
        problems: What could not be read, a sentence each.
        logdir: Where they were found: it names a run that is the logdir itself.
    """

    def __init__(
        self,
        diagnoses: Iterable[Diagnosis] = (),
        message: str | None = None,
        problems: Sequence[str] = (),
        logdir: str = "",
    ) -> None:
        super().__init__(diagnoses)
        self.message = message
        self.problems = tuple(problems)
        self.logdir = logdir

    def __str__(self) -> str:
        from tb_diagnose.report.telling import told
        from tb_diagnose.report.text import text

        reports = [told(diagnosis, partial(text, name=name)) for name, diagnosis in self._named()] or [
            self.message or ""
        ]
        return "\n\n".join([*reports, *self.problems])

    def _repr_html_(self) -> str:
        from tb_diagnose.report import notebook

        return notebook.block(self._named(), self.message, self.problems)

    def _named(self) -> list[tuple[str, Diagnosis]]:
        from tb_diagnose.report.run_name import name_of

        return [(name_of(diagnosis, self.logdir), diagnosis) for diagnosis in self]


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
        OSError: an address cannot be reached.
    """
    path = check(logdir)
    user_tags = UserTags(tuple(accuracy_tags), tuple(loss_tags))
    parts, problems = folders(path)
    looks = [look(folder, user_tags) for folder in parts]
    diagnoses = [diagnosis for each in looks for diagnosis in each.diagnoses]
    tags = sorted({tag for each in looks for tag in each.tags})
    message = None if diagnoses else tensorboard_runs.nothing(tags, path)
    return Diagnoses(diagnoses, message, [*problems, *(problem for each in looks for problem in each.problems)], path)


def look(folder: Folder, user_tags: UserTags = NO_TAGS) -> Look:
    """Reads and judges one run's folders; names alone put them together, and what is in them may part them again."""
    from tensorboard import context

    ctx = context.RequestContext()
    try:
        data = EventData(folder.runs)
        index = tensorboard_runs.index(data, ctx, "")
        named = tensorboard_runs.names(index, user_tags)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the other runs are shown
        return Look((engine.unreadable(folder.name, error),))
    diagnoses = [
        diagnosis for name, parts in named.items() for diagnosis in judged(data, ctx, "", name, parts, user_tags)
    ]
    if not diagnoses and data.unreadable:
        diagnoses = [engine.unreadable(folder.name, OSError(data.unreadable[0]))]
    tags = () if diagnoses else tuple(tensorboard_runs.tags(index))
    return Look(tuple(diagnoses), tags, (*data.unreadable, *data.damaged))


def look_through(
    parts: Sequence[Folder], processes: int, then: Callable[[Look], Result], user_tags: UserTags = NO_TAGS
) -> Iterator[Result]:
    """What `then` makes of each run's diagnoses, in order; several processes share the work where it is much.

    Args:
        parts: From `folders`.
        processes: Processes at most.
        then: Makes what is wanted of it, in the process that read it; must be importable.
        user_tags: Names of scalars that the user has given.
    """
    work = partial(_look_then, then=then, user_tags=user_tags)
    if processes < 2 or len(parts) < WORTH_A_PROCESS:
        yield from map(work, parts)
        return
    pool = ProcessPoolExecutor(processes, get_context("spawn"), initializer=read_plainly)
    try:
        yield from pool.map(work, parts, chunksize=CHUNK)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _look_then(folder: Folder, then: Callable[[Look], Result], user_tags: UserTags) -> Result:
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


def report_address(logdir: str) -> str | None:
    """The address of a run's report, where a TensorBoard is running on its logdir; None otherwise."""
    from tb_diagnose.reader.open_tensorboard import address

    return address(logdir)


def judged(
    provider: Any, ctx: Any, experiment: str, name: str, parts: list[str], user_tags: UserTags = NO_TAGS
) -> list[Diagnosis]:
    """The diagnoses of one name, the oldest first; arguments as for `read`."""
    try:
        return [engine.judge(evidence) for evidence in read(provider, ctx, experiment, name, parts, user_tags)]
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the other runs are shown
        return [engine.unreadable(name, error)]
