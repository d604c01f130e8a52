"""Who is told that a run begins and ends: the terminal, a notebook, the process that `tb-diagnose run` watches from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    """A run that is recorded in this process.

    Args:
        folder: Where its event files are.
        logdir: The folder of the run.
        said: Ids of the causes that were explained while it trained.
    """

    folder: str
    logdir: str
    said: tuple[str, ...] = ()


def printed(run: Run, verbose: int) -> None:
    """Prints the short verdict of a run that has ended, unless it is to be quiet."""
    if verbose:
        from tb_diagnose.api import newest
        from tb_diagnose.report.verdict import verdict

        print(verdict(newest(run.folder, run.logdir), run.logdir, run.said))


_at_begin: list[Callable[[Run], None]] = []
_at_end: list[Callable[[Run, int], None]] = [printed]


def watch(at_begin: Callable[[Run], None] | None, at_end: Callable[[Run, int], None]) -> Callable[[], None]:
    """From now on, tells of runs.

    Args:
        at_begin: Called when the event file of a run is open.
        at_end: Called when a `fit` has returned or raised, in place of what was called before; gets `verbose` too.

    Returns:
        What ends it.
    """
    if at_begin is not None:
        _at_begin.append(at_begin)
    _at_end.append(at_end)

    def stop() -> None:
        if at_begin in _at_begin:
            _at_begin.remove(at_begin)
        if at_end in _at_end:
            _at_end.remove(at_end)

    return stop


def begun(run: Run) -> None:
    """Tells that a run has begun."""
    for tell in _at_begin:
        tell(run)


def ended(run: Run, verbose: int) -> None:
    """Tells that a run has ended."""
    _at_end[-1](run, verbose)


@contextmanager
def silent() -> Iterator[None]:
    """Within it, nobody is told of a run: it is none of the program's."""
    at_begin, at_end = list(_at_begin), list(_at_end)
    _at_begin.clear()
    _at_end.append(lambda run, verbose: None)
    try:
        yield
    finally:
        _at_begin[:], _at_end[:] = at_begin, at_end
