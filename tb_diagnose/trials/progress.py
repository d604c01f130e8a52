"""What a person sees of a trial while it runs: what is to come, and on a terminal how far it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


class Told:
    """Says what trials are made.

    Args:
        progress: The bar; None where there is no terminal, or nothing is to be said.
    """

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress

    def more(self, count: int) -> None:
        """More trials are to come than was said."""
        if self._progress is not None:
            task = self._progress.tasks[0]
            self._progress.update(task.id, total=(task.total or 0) + count)

    def begins(self, what: str) -> None:
        """A trial begins."""
        if self._progress is not None:
            self._progress.update(self._progress.tasks[0].id, description=what)

    def ended(self) -> None:
        """It has ended."""
        if self._progress is not None:
            self._progress.advance(self._progress.tasks[0].id)


def say(sentence: str) -> None:
    """Says something beside the output of the program."""
    _console().print(f"tb_diagnose: {sentence}", soft_wrap=True)


def _console() -> Console:
    return Console(stderr=True, highlight=False, markup=False)


@contextmanager
def told(trials: int, epochs: int, seconds: float, verbose: int) -> Iterator[Told]:
    """Says how many trials are to come and how long they take; on a terminal it shows a bar within.

    Args:
        trials: Their number.
        epochs: Epochs of each.
        seconds: Seconds that they are expected to take.
        verbose: 0 says nothing.
    """
    if not verbose:
        yield Told(None)
        return
    say(
        f"{trials:,} trial{'' if trials == 1 else 's'} of {epochs:,} epoch{'' if epochs == 1 else 's'}, "
        f"about {max(round(seconds), 1):,} s. Ctrl+C ends them and keeps what is done."
    )
    console = _console()
    if not console.is_terminal:
        yield Told(None)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    # What the program prints meanwhile stays where it is printed.
    bar = Progress(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False)
    with bar as progress:
        progress.add_task("", total=trials)
        yield Told(progress)
