"""Who reads: this process, the processes of this machine, or a Dask cluster. One loop serves all of them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, ProcessPoolExecutor, wait
from multiprocessing import get_context
from typing import Protocol

from tb_diagnose._version import __version__
from tb_diagnose.fleet.group import Group
from tb_diagnose.fleet.task import Read, died, read_group
from tb_diagnose.reader.logdir import read_plainly
from tb_diagnose.reader.tag_names import NO_TAGS, UserTags

AHEAD = 2
"""Groups that are handed out for each process, so that none waits for the next one."""
PAUSE = 0.5
"""Seconds between two looks for a worker, while there is none."""
PATIENCE = 5.0
"""Seconds after which the loop looks whether there are more workers, or none."""


class Engine(Protocol):
    """Reads groups of runs."""

    def submit(self, group: Group) -> Future[Read]:
        """Hands out a group."""

    @property
    def slots(self) -> int:
        """Groups that may be handed out at a time; 0 while nobody is there to read them."""

    def is_death(self, error: BaseException) -> bool:
        """Whether an error says that the process that read a group is gone."""

    def explained(self, error: BaseException) -> BaseException:
        """What is to be raised for an error that is none of the group's: one with a sentence for the user, if need
        be."""

    def close(self) -> None:
        """Ends it."""


class InThisProcess:
    """Reads one group after the other."""

    slots = 1

    def __init__(self, user_tags: UserTags = NO_TAGS) -> None:
        self._user_tags = user_tags

    def submit(self, group: Group) -> Future[Read]:
        done: Future[Read] = Future()
        done.set_result(read_group(group, __version__, self._user_tags))
        return done

    def is_death(self, error: BaseException) -> bool:
        return False

    def explained(self, error: BaseException) -> BaseException:
        return error

    def close(self) -> None:
        pass


class Processes:
    """Some processes of this machine.

    Args:
        count: How many.
        user_tags: Names of scalars that the user has given.
    """

    def __init__(self, count: int, user_tags: UserTags = NO_TAGS) -> None:
        self._count = count
        self._user_tags = user_tags
        self._pool = self._started()
        self.slots = AHEAD * count

    def submit(self, group: Group) -> Future[Read]:
        try:
            return self._pool.submit(read_group, group, __version__, self._user_tags)
        except BrokenExecutor:  # all of its groups have failed, too
            self._pool.shutdown(wait=False)
            self._pool = self._started()
            return self._pool.submit(read_group, group, __version__, self._user_tags)

    def is_death(self, error: BaseException) -> bool:
        return isinstance(error, BrokenExecutor)

    def explained(self, error: BaseException) -> BaseException:
        return error

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _started(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self._count, get_context("spawn"), initializer=read_plainly)


def results(groups: Iterable[Group], engine: Engine) -> Iterator[Read]:
    """What comes of each group, as they are done; never more than a few are on their way.

    Of groups whose process died, each run is read again alone: the one that did it is a row, the others are read.
    """
    waiting = iter(groups)
    out: dict[Future[Read], tuple[Group, bool]] = {}  # with each group, whether it is read alone
    suspects: deque[Group] = deque()
    is_over = False
    while out or suspects or not is_over:
        if suspects and not out and engine.slots:
            alone = suspects.popleft()
            out[engine.submit(alone)] = alone, True
        while not suspects and not is_over and len(out) < engine.slots:
            group = next(waiting, None)
            if group is None:
                is_over = True
            else:
                out[engine.submit(group)] = group, False
        if not out:
            time.sleep(0 if is_over else PAUSE)
            continue
        done, _ = wait(out, PATIENCE, FIRST_COMPLETED)
        for future in done:
            group, was_alone = out.pop(future)
            error = future.exception()
            if error is None:
                yield future.result()
            elif not engine.is_death(error):
                raise engine.explained(error) from error
            elif was_alone:
                yield Read((died(group[0]),))
            else:
                suspects.extend((folder,) for folder in group)
