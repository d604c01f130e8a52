"""`tb-diagnose LOGDIR --watch`: the reports again whenever they have changed."""

from __future__ import annotations

import argparse
import time

from rich.console import Console

from tb_diagnose.cli.console import console
from tb_diagnose.cli.reading import find, rendered_folders

INTERVAL = 5
"""Seconds between two looks at a live run."""


def watch(options: argparse.Namespace) -> int:
    """Shows the runs until Ctrl-C."""
    shown = None
    terminal = console()
    while True:
        text = _reports(options, terminal)
        if text != shown:
            terminal.clear()
            print(text)
            if not terminal.is_terminal:
                print(f"\n{_clock()}")
            shown = text
        _wait(terminal)


def _reports(options: argparse.Namespace, terminal: Console) -> str:
    """The reports; a sentence where there are none, be it that the folder is not made yet."""
    try:
        found = find(options)
    except FileNotFoundError:
        return f"Waiting for {', '.join(options.logdirs)}: there is no such folder yet."
    folders = rendered_folders(found, options, "text", terminal)
    return "\n\n".join(run.rendered for folder in folders for run in folder.runs) or "No run yet."


def _wait(terminal: Console) -> None:
    """Waits for the next look; a clock that ticks says that somebody is still there."""
    for _ in range(INTERVAL):
        if terminal.is_terminal:
            terminal.print(_clock(), style="dim", end="\r")
        time.sleep(1)


def _clock() -> str:
    return f"{time.strftime('%H:%M:%S')}, looks again every {INTERVAL} s; Ctrl-C ends this."
