"""What all commands print with."""

from __future__ import annotations

import os
import sys
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tb_diagnose.causes import number
from tb_diagnose.report.visible import Terminal, visible


def console() -> Console:
    """The terminal or the pipe that standard output is."""
    return Terminal(highlight=False, soft_wrap=False, emoji=False)


def table(*columns: str) -> Table:
    """A table of texts: names and values may hold what rich would read as markup."""
    made = Table(box=None, pad_edge=False)
    for column in columns:
        made.add_column(Text(column))
    return made


def cell(value: Any) -> Text:
    """A value in a table."""
    if value is None:
        return Text("-")
    return Text(number(value) if isinstance(value, float) else str(value))


def shortened(name: str, most: int) -> str:
    """Cuts the middle out of a long name: names differ at their ends."""
    if len(name) <= most:
        return name
    end = most // 2
    return f"{name[: most - 1 - end]}…{name[-end:]}"


def say(sentence: str) -> None:
    """Prints a sentence for the user beside the output."""
    print(visible(f"tb-diagnose: {sentence}"), file=sys.stderr)


def stop_writing() -> None:
    """From here on, standard output goes nowhere: `| head` has seen enough, and a flush at the end would raise."""
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - it stays open to the end


def fail(sentence: str) -> int:
    """Says what is wrong; returns the exit status."""
    say(sentence)
    return 2
