"""Who is told that a run, or a trial of it, begins and ends: the terminal, a notebook, the process that
`tb-diagnose run` watches from."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any


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

    def found_from_anywhere(self) -> Run:
        """The same with absolute paths: a program may go to another folder."""
        folder, logdir = (path if "://" in path else os.path.abspath(path) for path in (self.folder, self.logdir))
        return replace(self, folder=folder, logdir=logdir)


def printed(run: Run, verbose: int) -> None:
    """Prints the short verdict of a run that has ended, unless it is to be quiet."""
    if verbose:
        from tb_diagnose.api import newest
        from tb_diagnose.report.verdict import verdict

        print(verdict(newest(run.folder, run.logdir), run.logdir, run.said))


def printed_trial(run: Run, trial: Any, verbose: int) -> None:
    """Prints what each change brought, beside the output of the program."""
    if verbose and trial is not None:
        print(trial, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class OfTrials:
    """Who is told of the trials of runs.

    Args:
        begins: Called before one with the `verbose` of its callback; returns that with which the trial tells of itself.
        ended: Called after one with what each change brought (None where nothing was tried) and `verbose`.
        keeps: Takes each call of `fit` that is over, also one that raised, in place of a trial after it; None: nobody.
    """

    begins: Callable[[Run, int], int] = lambda run, verbose: verbose
    ended: Callable[[Run, Any, int], None] = printed_trial
    keeps: Callable[[Any], None] | None = None


_at_begin: list[Callable[[Run], None]] = []
_at_end: list[Callable[[Run, int], None]] = [printed]
_of_trials: list[OfTrials] = [OfTrials()]


def watch(
    at_begin: Callable[[Run], None] | None, at_end: Callable[[Run, int], None], of_trials: OfTrials
) -> Callable[[], None]:
    """From now on, tells of runs.

    Args:
        at_begin: Called when the event file of a run is open.
        at_end: Called when a `fit` has returned or raised, in place of what was called before; gets `verbose` too.
        of_trials: Who is told of trials, in place of who was told before.

    Returns:
        What ends it.
    """
    if at_begin is not None:
        _at_begin.append(at_begin)
    _at_end.append(at_end)
    _of_trials.append(of_trials)

    def stop() -> None:
        if at_begin in _at_begin:
            _at_begin.remove(at_begin)
        if at_end in _at_end:
            _at_end.remove(at_end)
        if of_trials in _of_trials:
            _of_trials.remove(of_trials)

    return stop


def begun(run: Run) -> None:
    """Tells that a run has begun."""
    for tell in _at_begin:
        tell(run)


def ended(run: Run, verbose: int) -> None:
    """Tells that a run has ended."""
    _at_end[-1](run, verbose)


def trying(run: Run, verbose: int) -> int:
    """Tells that a trial of a run begins; returns the `verbose` with which it is to tell of itself."""
    return _of_trials[-1].begins(run, verbose)


def keeper() -> Callable[[Any], None] | None:
    """Who takes the calls of `fit` that are over; None where a trial may follow each of them."""
    return _of_trials[-1].keeps


def tried(run: Run, trial: Any, verbose: int) -> None:
    """Tells that the trial has ended.

    Args:
        run: The run.
        trial: What each change brought; None where nothing was tried.
        verbose: That of the callback.
    """
    _of_trials[-1].ended(run, trial, verbose)


@contextmanager
def silent() -> Iterator[None]:
    """Within it, nobody is told of a run: it is none of the program's."""
    at_begin, at_end, of_trials = list(_at_begin), list(_at_end), list(_of_trials)
    _at_begin.clear()
    _at_end.append(lambda run, verbose: None)
    _of_trials.append(OfTrials())
    try:
        yield
    finally:
        _at_begin[:], _at_end[:], _of_trials[:] = at_begin, at_end, of_trials
