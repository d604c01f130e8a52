"""What `tb-diagnose run` says of the runs of a program: before the first step, at the first stall, and at the end."""

from __future__ import annotations

import os
import shutil
import textwrap
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TextIO

from tb_diagnose import storage
from tb_diagnose.cli.options import MANY
from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.report.verdict import is_news, warning

QUIET = 10.0
"""Seconds after the end of a `fit` in which its model may go on with another: loops that call it for one epoch each
have one verdict, not one an epoch."""
SHARE = 0.05
"""Share of the time that is spent on reading a run while it trains."""
NARROWEST = 40
"""Columns below which lines are not broken any shorter."""
PIPE = 100
"""Columns of a table that goes to no terminal."""
EARLY = ("too short to tell",)
"""Statuses that a run may leave when its model goes on."""


@dataclass
class _Run:
    """What is known of one run.

    Args:
        folder: Its event files.
        logdir: Its folder.
        ended: When its last `fit` ended; None while it trains.
        said: Whether its verdict has been given since.
        warned: Whether its first stall has been said.
        settled: Whether the end of a `fit` was taken for the end of the run.
        trying: Whether a trial of it is made.
        tried: Whether one has ended, which is not said yet.
        seen: Size of its event files at the last look.
        explained: Ids of the causes that were explained before its first step: they are not explained again.
    """

    folder: str
    logdir: str
    ended: float | None = None
    said: bool = False
    warned: bool = False
    settled: bool = False
    trying: bool = False
    tried: bool = False
    seen: int = -1
    explained: tuple[str, ...] = ()


class Verdicts:
    """Follows the journal of a program, and says what there is to say.

    Args:
        journal: The journal.
        logdir: Folder of the runs, absolute.
        shown: The same as the user gave it.
        stream: Where it is said.
    """

    def __init__(self, journal: str, logdir: str, shown: str, stream: TextIO) -> None:
        self._journal = journal
        self._logdir = logdir
        self._shown = shown
        self._stream = stream
        self._position = 0
        self._runs: dict[str, _Run] = {}
        self._has_keras = False
        self._next_look = 0.0

    def look(self) -> None:
        """Looks while the program runs."""
        self._follow()
        now = time.monotonic()
        for run in self._runs.values():
            if run.trying:  # its verdict waits for what the trial shows
                continue
            if run.tried:
                self._say_tried(run)
            if run.ended is None and not run.warned and now >= self._next_look:
                self._look_at(run)
            elif run.ended is not None and not run.said and not run.settled and now - run.ended > QUIET:
                self._settle(run)

    def close(self) -> None:
        """Says what is still to be said when the program has ended."""
        self._follow()
        for run in self._runs.values():
            if run.tried:
                self._say_tried(run)
        left = [run for run in self._runs.values() if not run.said]
        if len(left) > MANY:
            self._say(*map(self._line, left), f"tb-diagnose: The reports: {self._where()}")
        elif left:
            lines = [line for run in left for line in self._verdict(run)]
            self._say(*lines, self._closing(left[0] if len(left) == 1 else None))
        elif not self._runs:
            reason = "" if self._has_keras else ", and the program has not imported Keras 3"
            self._say(f"tb-diagnose: No fit of Keras was called{reason}: there is nothing to diagnose.")

    def _follow(self) -> None:
        """Reads what is new in the journal."""
        from tb_diagnose.recorder.program import read_journal

        with open(self._journal, "rb") as file:
            file.seek(self._position)
            new = file.read()
        whole = new[: new.rfind(b"\n") + 1]
        self._position += len(whole)
        for line in read_journal(whole.decode(errors="replace")):
            if line.event == "keras":
                self._has_keras = True
            elif line.event == "problem":
                self._say(f"tb-diagnose: {line.sentence}")
            elif line.event == "begun":
                run = self._runs.setdefault(line.folder, _Run(line.folder, line.logdir))
                run.ended, run.said, run.trying = None, False, False
            elif line.folder in self._runs:
                run = self._runs[line.folder]
                run.trying = line.event == "trying"
                if line.event == "tried":
                    run.tried = not line.said
                elif line.event == "ended":
                    run.ended, run.said = time.monotonic(), line.said

    def _look_at(self, run: _Run) -> None:
        """Judges a run that trains, where it has gone on since the last look."""
        size = _size(run.folder)
        if size == run.seen:
            return
        run.seen = size
        started = time.monotonic()
        diagnosis = self._judge(run)
        found = None if diagnosis is None or run.explained or diagnosis.evidence.get("error") else warning(diagnosis)
        if found is not None:
            sentence, cause = found
            run.explained = (cause,)
            self._say(f"tb-diagnose: {self._name(run)}, before its first step: {sentence}")
        elif diagnosis is not None and is_news(diagnosis):
            run.warned = True
            self._say(*self._verdict(run, diagnosis, ", still training"), self._closing(run))
        ended = time.monotonic()
        self._next_look = ended + (ended - started) / SHARE

    def _settle(self, run: _Run) -> None:
        """Gives the verdict of a run whose model seems to be done, once; of one that goes on, at the end."""
        run.settled = True
        diagnosis = self._judge(run)
        if diagnosis is not None and diagnosis.status.name not in EARLY:
            run.said = True
            self._say(*self._verdict(run, diagnosis), self._closing(run))

    def _say_tried(self, run: _Run) -> None:
        """Says what a trial has shown, with the verdict where that has not been given."""
        from tb_diagnose.report.trial_table import text

        run.tried = False
        diagnosis = self._judge(run)
        if diagnosis is None or diagnosis.trial is None:
            return
        lines = [f"tb-diagnose: {self._name(run)}:"] if run.said else self._verdict(run, diagnosis)
        run.said = True
        width = max(self._columns() - 2, NARROWEST)
        table = "\n".join(f"  {line}" for line in text(diagnosis.trial, width).splitlines() if line)
        self._say(*lines, table, self._closing(run))

    def _columns(self) -> int:
        """Columns that there are; of a pipe, as many as are easily read."""
        return shutil.get_terminal_size().columns if self._stream.isatty() else PIPE

    def _judge(self, run: _Run) -> Diagnosis | None:
        """The diagnosis of a run as far as it is written; None where nothing of it can be read."""
        from tb_diagnose.api import newest

        try:
            return newest(run.folder, self._name(run))
        except Exception:  # noqa: BLE001 - the program goes on, and so does its exit status
            return None

    def _verdict(self, run: _Run, diagnosis: Diagnosis | None = None, when: str = "") -> list[str]:
        from tb_diagnose.report.verdict import verdict_lines

        diagnosis = diagnosis or self._judge(run)
        first, *more = (
            ["Its events cannot be read."]
            if diagnosis is None
            else [*verdict_lines(diagnosis, run.explained), *self._as_diff(run, diagnosis)]
        )
        return [f"tb-diagnose: {self._name(run)}{when}: {first}", *(f"  {line}" for line in more)]

    def _as_diff(self, run: _Run, diagnosis: Diagnosis) -> list[str]:
        """How to have what is to be changed as a diff, where there is one to be made."""
        name = _below(run.logdir, self._logdir)
        if name is None or not any(named.finding.edits for named in diagnosis.probable_causes):
            return []
        return [f"The same as a diff: tb-diagnose patch {self._shown}{f' --run {name}' if len(self._runs) > 1 else ''}"]

    def _line(self, run: _Run) -> str:
        diagnosis = self._judge(run)
        status = "unreadable" if diagnosis is None else diagnosis.status.name
        causes = () if diagnosis is None else diagnosis.probable_causes
        return f"tb-diagnose: {self._name(run)}  {status}" + (f"  {causes[0].cause.id}" if causes else "")

    def _name(self, run: _Run) -> str:
        """The folder of a run as the user would write it."""
        below = _below(run.logdir, self._logdir)
        if below is not None:
            return storage.join(self._shown, below)
        return _below(run.logdir, os.getcwd()) or run.logdir

    def _closing(self, run: _Run | None) -> str:
        return f"  The whole report: {self._where(run)}"

    def _where(self, run: _Run | None = None) -> str:
        """Where the report is to be seen: of one run, or of all."""
        from tb_diagnose.reader.open_tensorboard import address

        found = address(run.logdir) if run is not None else None
        if found is not None:
            return found
        logdir = self._shown
        if run is not None and _below(run.logdir, self._logdir) is None:
            logdir = storage.parent(self._name(run))
        return f"tensorboard --logdir {logdir}, then the Diagnosis tab."

    def _say(self, *lines: str) -> None:
        """Prints lines of our own: the program may have left off in the middle of one."""
        with suppress(OSError, ValueError):  # nobody listens
            # A table has its own lines.
            shown = (line if "\n" in line or not self._stream.isatty() else _wrapped(line) for line in lines)
            self._stream.write("\n".join(["", *shown, ""]))
            self._stream.flush()


def _wrapped(line: str) -> str:
    """A line broken between words at the width of the terminal; what follows stands further in."""
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    width = max(shutil.get_terminal_size().columns, NARROWEST)
    return textwrap.fill(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _below(folder: str, logdir: str) -> str | None:
    """The path of a folder below a logdir; None where it is elsewhere."""
    start = logdir.rstrip("/\\")
    return folder[len(start) + 1 :] if folder.startswith((f"{start}/", f"{start}{os.sep}")) else None


def _size(folder: str) -> int:
    """Bytes of the event files in a folder; of an address the number of looks, since it may have changed."""
    if storage.is_remote(folder):
        return time.monotonic_ns()
    with suppress(OSError):
        return sum(entry.stat().st_size for entry in os.scandir(folder) if entry.is_file())
    return -1
