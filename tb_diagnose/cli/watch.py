"""`tb-diagnose LOGDIR --watch`: the reports again whenever they have changed."""

from __future__ import annotations

import argparse
import time

from tb_diagnose.cli.console import console
from tb_diagnose.cli.reading import find, rendered_folders

INTERVAL = 5.0
"""Seconds between two looks at a live run."""


def watch(options: argparse.Namespace) -> int:
    """Shows the runs until Ctrl-C."""
    shown = None
    terminal = console()
    while True:
        folders = rendered_folders(find(options), options, "text", terminal)
        text = "\n\n".join(run.rendered for folder in folders for run in folder.runs) or "No run yet."
        if text != shown:
            terminal.clear()
            print(text)
            now = time.strftime("%H:%M:%S")
            terminal.print(f"\n{now}, looks again every {INTERVAL:g} s; Ctrl-C ends this.", style="dim")
            shown = text
        time.sleep(INTERVAL)
