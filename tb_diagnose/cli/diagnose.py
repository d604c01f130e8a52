"""`tb-diagnose LOGDIR ...`: a report of each run, or a line of each where there are many."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text

from tb_diagnose.cli.console import console, say, stop_writing
from tb_diagnose.cli.options import MANY
from tb_diagnose.cli.ranking import print_better_runs, print_ranking, print_separations
from tb_diagnose.cli.reading import find, rendered_folders
from tb_diagnose.cli.rendering import RenderedRun, summary
from tb_diagnose.diagnosis.sweep import sweep
from tb_diagnose.reader.tensorboard_runs import nothing
from tb_diagnose.report import html, junit
from tb_diagnose.report.advice import ALL_IS_WELL
from tb_diagnose.report.visible import visible
from tb_diagnose.status.status import STATUSES

STOPPED = 130
"""Exit status of a program that Ctrl-C has ended."""
FEW = 3
"""Runs from which those that differ in a setting are ranked below their reports; two are compared."""
FAILURES = tuple(STATUSES[: STATUSES.index("unreadable")])
"""Statuses that JUnit calls failures, where none was asked for."""


def diagnose(options: argparse.Namespace) -> int:
    """Prints the reports, and writes the files that were asked for; returns the exit status."""
    form = next((form for form in ("json", "markdown", "brief", "full") if getattr(options, form)), "text")
    terminal = console()
    found = find(options)
    count = sum(len(folders) for _, folders in found)
    into_file = bool(options.html) and form == "text"  # who asks for a file wants it there, and not here, too
    lines = form == "text" and count > MANY
    printer = _Printer(form, lines, terminal)
    unread = (lines or into_file) and not options.junit  # a report that nobody sees takes as long to write as any other
    keep_on = bool(options.junit or options.html)
    runs: list[RenderedRun] = []
    tags: set[str] = set()
    stopped = False
    try:
        for folder in rendered_folders(found, options, "line" if unread else form, terminal):
            for problem in folder.problems:
                say(problem)
            tags |= set(folder.tags)
            for run in folder.runs:
                if not into_file:
                    with _listener(keep_on):
                        printer.print(run)
                runs.append(run)
    except KeyboardInterrupt:
        stopped = True
        say(f"stopped after {len(runs):,} of about {count:,} runs.")
    message = None if runs else nothing(sorted(tags), ", ".join(options.logdirs))
    with _listener(keep_on):
        if message is not None or not into_file:
            printer.end(runs, None if stopped else message)
    _write_files(options, runs, message)
    if into_file:
        with _listener(keep_on):
            print(f"Wrote {options.html}")
    if stopped:
        return STOPPED
    if any(run.status in options.fail_on for run in runs):
        return 1
    return 2 if runs and all(run.status == "unreadable" for run in runs) else 0


@contextmanager
def _listener(keep_on: bool) -> Iterator[None]:
    """Within it, nobody may listen: `| head` has seen enough, and the files that were asked for are to be written."""
    try:
        yield
    except BrokenPipeError:
        if not keep_on:
            raise
        stop_writing()


def _write_files(options: argparse.Namespace, runs: Sequence[RenderedRun], message: str | None) -> None:
    if options.junit:
        cases = [
            junit.Case(run.logdir, run.run, run.status, run.headline, Text.from_ansi(run.rendered).plain)
            for run in runs
        ]
        junit.write(options.junit, cases, options.fail_on or FAILURES)
    if options.html:
        html.write(options.html, [run.part for run in runs if run.part is not None], message)


class _Printer:
    """Prints runs as they come; where each gets a line, when all are there, since the best is to come first.

    Reports of runs that somebody has to look at come last, nearest to the prompt, and healthy runs before them.

    Args:
        form: "text", "full", "json", "markdown" or "brief".
        lines: Whether each run gets a line instead of a report.
        terminal: Where to.
    """

    def __init__(self, form: str, lines: bool, terminal: Console) -> None:
        self._form = form
        self._lines = lines
        self._terminal = terminal
        self._count = 0
        self._kept: list[str] = []

    def print(self, run: RenderedRun) -> None:
        """Prints one run."""
        first = self._count == 0
        if self._form == "json":
            text = "\n".join(f"  {line}" for line in run.rendered.splitlines())
            print(("[\n" if first else ",\n") + text, end="")
        elif self._form == "text" and not self._lines and run.status not in ALL_IS_WELL:
            self._kept.append(run.rendered)
        elif not self._lines:
            between = "" if first or self._form == "text" else "\n"
            print(between + run.rendered)
        self._count += 1

    def end(self, runs: Sequence[RenderedRun], message: str | None) -> None:
        """Prints what comes behind the last run.

        Args:
            runs: All runs.
            message: A sentence where there are none.
        """
        for place, rendered in enumerate(self._kept):
            print(("\n" if place or self._count > len(self._kept) else "") + rendered)
        if self._form == "json":
            print("\n]" if self._count else "[]")
        elif message is not None:
            print(visible(message))
        elif self._form in ("text", "full"):
            self._summarize(runs)

    def _summarize(self, runs: Sequence[RenderedRun]) -> None:
        """A line for each run, of a sweep ranked by score with what separates its runs; nothing below a few reports."""
        found = sweep([run.of_sweep for run in runs])
        is_sweep = bool(found.settings) and len(runs) >= FEW
        if not self._lines:
            print_better_runs(found, self._terminal)
        if not self._lines and not is_sweep:
            return
        if not self._lines:
            self._terminal.print()
        if is_sweep:
            print_ranking(found, self._terminal)
        else:
            for run in runs:
                cause = f"  {run.cause}" if run.cause else ""
                self._terminal.print(f"{run.run}  {run.status}{cause}", markup=False, soft_wrap=True)
        if self._lines:
            self._terminal.print(f"\n{summary(runs)}. `--full` prints the reports.", markup=False)
        if is_sweep:
            print_separations(found, self._terminal)
