"""A diagnosis in plain words: for a terminal, a pipe, and the end of `fit`."""

from __future__ import annotations

import io

from rich.console import Console
from rich.text import Text

from tb_diagnose.diagnosis.result import Diagnosis, Named
from tb_diagnose.report.advice import advice
from tb_diagnose.report.sections import folded_answers, labelled, other_answers
from tb_diagnose.report.wording import worded

COLOURS = {
    "stalled": "bold red",
    "diverged": "bold red",
    "crashed": "bold red",
    "unreadable": "bold red",
    "not generalizing": "bold red",
    "misreported": "bold red",
    "unfinished": "bold yellow",
    "learning": "bold green",
    "reached": "bold green",
    "too short to tell": "bold yellow",
}


def text(
    diagnosis: Diagnosis, width: int = 100, name: str | None = None, color: bool = False, full: bool = False
) -> str:
    """The report in plain words, as the command line prints it.

    Args:
        diagnosis: What to write.
        width: Columns.
        name: Its name, if another than its own.
        color: Whether the terminal shows colours.
        full: Whether every cause is named that was not found.
    """
    written = io.StringIO()
    console = Console(
        force_jupyter=False,  # in a notebook rich would show it at once, and write nothing
        file=written,
        width=width,
        force_terminal=color,
        no_color=not color,
        highlight=False,
        emoji=False,
        legacy_windows=False,
    )
    print_report(diagnosis, console, name, full)
    return written.getvalue().rstrip()


def print_report(diagnosis: Diagnosis, console: Console, name: str | None = None, full: bool = False) -> None:
    """Prints one run to a terminal or a pipe."""
    diagnosis = worded(diagnosis)
    title = Text(name or diagnosis.run, style="bold")
    title.append(f"  {diagnosis.status.name}", style=COLOURS.get(diagnosis.status.name, ""))
    console.print(title, soft_wrap=True)
    _indented(diagnosis.headline, 2, console)
    for named in diagnosis.probable_causes:
        _print_finding(named, diagnosis, console, "Probable cause")
    for named in diagnosis.notes:
        _print_finding(named, diagnosis, console, "Note")
    if full:
        for label, causes in other_answers(diagnosis):
            _indented(f"{label}: {', '.join(cause.id for cause in causes)}", 2, console, style="dim")
    else:
        _indented(folded_answers(diagnosis), 2, console, style="dim")
    for cause, error in diagnosis.failed:
        _indented(f"Failed: {cause.id} ({error})", 2, console, style="red")
    closing = advice(diagnosis)
    if closing:
        _indented(closing, 2, console)


def _print_finding(named: Named, diagnosis: Diagnosis, console: Console, kind: str) -> None:
    line = Text("  ")
    line.append(f"{kind}: ", style="bold" if kind != "Note" else "")
    line.append(named.cause.title, style="bold yellow" if kind != "Note" else "")
    line.append(f" ({named.cause.id})", style="dim")
    console.print(line, soft_wrap=True)
    for label, value in labelled(named, " -> ", diagnosis):
        _indented(value, 4, console, label)


def _indented(value: str, indent: int, console: Console, label: str = "", style: str = "") -> None:
    """Prints wrapped text behind an indent, its label before the first line; no trailing blanks."""
    margin = indent + (LABEL_WIDTH if label else 0)
    for number, line in enumerate(Text(value, style=style).wrap(console, max(console.width - margin, 20))):
        line.rstrip()
        head = Text(" " * indent)
        head.append(f"{label if not number else '':<{margin - indent}}", style="dim")
        console.print(head + line, soft_wrap=True)


LABEL_WIDTH = 10
