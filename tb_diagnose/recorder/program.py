"""Inside a program under `tb-diagnose run`: every `fit` is logged, and a journal tells the watching process of it.

The settings travel in an environment variable, so that the processes that the program starts are logged as well.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tb_diagnose.on_import import ImportHook
from tb_diagnose.recorder import watchers

VARIABLE = "TB_DIAGNOSE_RUN"
"""Environment variable with the settings; its presence switches logging on."""
OLDEST_KERAS = 3
"""Version of Keras from which a program is logged."""
STARTUP = str(Path(__file__).with_name("startup"))
"""Folder of the `sitecustomize` that Python runs as it starts."""


@dataclass(frozen=True)
class Settings:
    """How a program is logged.

    Args:
        logdir: Folder of the runs, absolute: the program may go elsewhere.
        journal: File that the program's processes append to; it must exist.
        probe_samples: As in `autolog`.
        source: As in `autolog`.
        trial: As in `autolog`.
        quiet: Whether a trial says nothing of itself.
    """

    logdir: str
    journal: str
    probe_samples: int
    source: bool
    trial: bool
    quiet: bool

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """The environment for the program."""
        path = os.pathsep.join(filter(None, [STARTUP, base.get("PYTHONPATH")]))
        return {**base, "PYTHONPATH": path, VARIABLE: json.dumps(asdict(self))}


@dataclass(frozen=True)
class Line:
    """One line of the journal.

    Args:
        event: "keras" (imported, and its fits are logged), "begun", "ended", "trying", "tried", or
            "problem".
        folder: Event files of the run.
        logdir: Folder of the run.
        said: Whether the program itself has printed the verdict.
        sentence: What the problem is.
    """

    event: str
    folder: str = ""
    logdir: str = ""
    said: bool = False
    sentence: str = ""


def read_journal(text: str) -> list[Line]:
    """The lines of a journal; a line that was not written whole is left out."""
    lines = []
    for line in text.splitlines():
        with suppress(ValueError, TypeError):
            lines.append(Line(**json.loads(line)))
    return lines


def start() -> None:
    """Called as Python starts: waits for Keras. Imports nothing that reads the environment."""
    settings = Settings(**json.loads(os.environ[VARIABLE]))
    ImportHook("keras", lambda: _switch_on(settings)).install()


def _switch_on(settings: Settings) -> None:
    write = _writer(settings.journal)
    try:
        import keras

        if int(keras.__version__.split(".")[0]) < OLDEST_KERAS:
            return
        from tb_diagnose.recorder.autolog import autolog

        autolog(
            settings.logdir,
            probe_samples=settings.probe_samples,
            verbose=0,
            source=settings.source,
            trial=settings.trial,
        )
    except Exception as error:  # noqa: BLE001 - the program is worth more than its diagnosis
        write(Line("problem", sentence=f"nothing is logged ({type(error).__name__}: {error})"))
        return
    write(Line("keras"))

    def begun(run: watchers.Run) -> None:
        write(_line("begun", run))

    def ended(run: watchers.Run, verbose: int) -> None:
        write(_line("ended", run, bool(verbose)))
        watchers.printed(run, verbose)  # of a callback of the program's own, as without us

    def trying(run: watchers.Run, verbose: int) -> int:
        write(_line("trying", run))
        return verbose or int(not settings.quiet)

    def tried(run: watchers.Run, trial: Any, verbose: int) -> None:
        write(_line("tried", run, bool(verbose)))
        watchers.printed_trial(run, trial, verbose)

    watchers.watch(begun, ended, watchers.OfTrials(trying, tried))


def _line(event: str, run: watchers.Run, said: bool = False) -> Line:
    """A line about a run."""
    there = run.found_from_anywhere()
    return Line(event, there.folder, there.logdir, said)


def _writer(journal: str) -> Callable[[Line], None]:
    """Appends lines: each in one write, so that several processes do not mix theirs."""

    def write(line: Line) -> None:
        with suppress(OSError):  # the watching process may be gone
            file = os.open(journal, os.O_WRONLY | os.O_APPEND)
            try:
                os.write(file, (json.dumps(asdict(line)) + "\n").encode())
            finally:
                os.close(file)

    return write
