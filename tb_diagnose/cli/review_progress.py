"""How far a review is, on standard error: a bar on a terminal, elsewhere a line a minute."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from tb_diagnose.cli.console import say

if TYPE_CHECKING:
    from tb_diagnose.fleet.review import Progress

LINE = 60.0
"""Seconds between two lines, where nobody looks on."""
AFTER = 2.0
"""Seconds after which the runs are counted: before, most reviews are over."""


@dataclass
class _Count:
    """Runs in the logdirs, as far as they were counted."""

    runs: int = 0
    is_whole: bool = False


@contextmanager
def shown(logdirs: Sequence[str]) -> Iterator[Callable[[Progress], None]]:
    """Within it, shows how far a review is.

    The runs are listed a second time to count them, beside the reading: the listing itself is only a little ahead.
    """
    count, over = _Count(), threading.Event()
    threading.Thread(target=_count, args=(logdirs, count, over), daemon=True).start()
    terminal = Console(stderr=True)
    try:
        if terminal.is_terminal:
            with _bar(terminal) as bar:
                task = bar.add_task("Reading runs", total=None, rate="")
                began = time.monotonic()

                def show(progress: Progress) -> None:
                    total = count.runs if count.is_whole else None
                    done = progress.read + progress.unchanged
                    bar.update(task, completed=done, total=total, rate=_rate(progress, began))

                yield show
        else:
            yield _lines(count)
    finally:
        over.set()


def _bar(terminal: Console) -> Bar:
    return Bar(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=terminal,
        transient=True,
    )


def _lines(count: _Count) -> Callable[[Progress], None]:
    began = time.monotonic()
    due = began + LINE

    def show(progress: Progress) -> None:
        nonlocal due
        now = time.monotonic()
        if now < due:
            return
        due = now + LINE
        done = progress.read + progress.unchanged
        of = f" of {count.runs:,}" if count.is_whole else ""
        left = (count.runs - done) * (now - began) / max(done, 1) / 60
        say(f"{done:,}{of} runs, {_rate(progress, began)}{f', {left:,.0f} min left' if count.is_whole else ''}")

    return show


def _rate(progress: Progress, began: float) -> str:
    return f"{progress.read / max(time.monotonic() - began, 1e-9):,.0f} a second"


def _count(logdirs: Sequence[str], count: _Count, over: threading.Event) -> None:
    from tb_diagnose.fleet.review import listed

    if over.wait(AFTER):
        return
    try:
        for _ in listed(logdirs, lambda _: None):
            count.runs += 1
            if over.is_set():
                return
        count.is_whole = True
    except OSError:
        pass  # the review itself says so
