"""What a person sees of a trial while it runs: what is to come, and on a terminal how far it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

LONG = 100.0
"""Seconds from which a time is said in minutes."""
SURPRISE = 1.5
"""How many times longer or shorter it must take than was said for it to be said anew."""


class Told:
    """Says what trials are made.

    Args:
        progress: The bar; None where there is no terminal, or nothing is to be said.
        epochs: Epochs of each, as was said.
        seconds: Seconds that they are expected to take, as was said.
        verbose: 0 says nothing.
    """

    def __init__(self, progress: Progress | None, epochs: int = 0, seconds: float = 0.0, verbose: int = 0) -> None:
        self._progress, self._epochs, self._seconds, self._verbose = progress, epochs, seconds, verbose

    def more(self, count: int) -> None:
        """More trials are to come than was said."""
        if self._progress is not None:
            task = self._progress.tasks[0]
            self._progress.update(task.id, total=(task.total or 0) + count)

    def begins(self, what: str) -> None:
        """A trial begins."""
        if self._progress is not None:
            self._progress.update(self._progress.tasks[0].id, description=what)

    def left(self, seconds: float, epochs: int) -> None:
        """The control has shown how long the others take, which is said where it is not what was said before.

        Args:
            seconds: Seconds that all that is left is expected to take.
            epochs: Epochs of each.
        """
        if not self._verbose:
            return
        if epochs != self._epochs or not 1 / SURPRISE < seconds / max(self._seconds, 1) < SURPRISE:
            trials = "" if epochs == self._epochs else f", trials of {_counted(epochs, 'epoch')}"
            say(f"about {duration(seconds)} left{trials}.")
            self._seconds, self._epochs = seconds, epochs

    def ended(self) -> None:
        """It has ended."""
        if self._progress is not None:
            self._progress.advance(self._progress.tasks[0].id)


def say(sentence: str) -> None:
    """Says something beside the output of the program."""
    _console().print(f"tb_diagnose: {sentence}", soft_wrap=True)


def duration(seconds: float) -> str:
    """A time as a person says it: 40 s, 3 min."""
    return f"{max(round(seconds), 1)} s" if seconds < LONG else f"{round(seconds / 60)} min"


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def _console() -> Console:
    return Console(stderr=True, highlight=False, markup=False)


@contextmanager
def told(trials: int, epochs: int, seconds: float, budget: float, verbose: int) -> Iterator[Told]:
    """Says how many trials are to come and how long they take; on a terminal it shows a bar within.

    Args:
        trials: Their number.
        epochs: Epochs of each.
        seconds: Seconds that they are expected to take.
        budget: Seconds that they take at most.
        verbose: 0 says nothing.
    """
    if not verbose or not trials:
        yield Told(None, epochs, 0.0, verbose)
        return
    say(
        f"{_counted(trials, 'trial')} of {_counted(epochs, 'epoch')}, about {duration(seconds)}, at most "
        f"{duration(budget)}. Ctrl+C ends them and keeps what is done."
    )
    console = _console()
    if not console.is_terminal:
        yield Told(None, epochs, seconds, verbose)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    # What the program prints meanwhile stays where it is printed.
    bar = Progress(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False)
    with bar as progress:
        progress.add_task("", total=trials)
        yield Told(progress, epochs, seconds, verbose)
