"""A diagnosis in plain words: for a terminal, a pipe, and the end of `fit`."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from tb_diagnose.diagnosis.result import Diagnosis, Named
from tb_diagnose.fixes.line import Line
from tb_diagnose.report.advice import ALL_IS_WELL, advice
from tb_diagnose.report.extent import extent
from tb_diagnose.report.sections import AS_KERAS_HAS_IT, folded_answers, labelled, note_kind, other_answers
from tb_diagnose.report.serialize import lines_to_change, patch
from tb_diagnose.report.trial_table import print_table
from tb_diagnose.report.visible import Terminal
from tb_diagnose.report.wording import CODE, worded

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
    console = Terminal(
        force_jupyter=False,  # in a notebook rich would show it at once, and write nothing
        file=written,
        width=width,
        force_terminal=color,
        no_color=not color,
        highlight=False,
        emoji=False,
        markup=False,
        legacy_windows=False,
    )
    print_report(diagnosis, console, name, full)
    return written.getvalue().rstrip()


def print_report(diagnosis: Diagnosis, console: Console, name: str | None = None, full: bool = False) -> None:
    """Prints one run to a terminal or a pipe: what is to be changed comes last, nearest to the prompt.

    A run of which nobody asks for more is a line, unless all is asked for.
    """
    diagnosis = worded(diagnosis)
    title = Text(name or diagnosis.run, style="bold")
    title.append(f"  {diagnosis.status.name}", style=COLOURS.get(diagnosis.status.name, ""))
    come = extent(diagnosis.evidence)
    if come:
        title.append(f"  {come}", style="dim")
    if diagnosis.status.name in ALL_IS_WELL and not full and diagnosis.trial is None:
        _print_line(title, diagnosis, console)
        return
    console.print(title, soft_wrap=True)
    _indented(diagnosis.headline, 2, console)
    if full:
        for label, causes in other_answers(diagnosis):
            _indented(f"{label}: {', '.join(cause.id for cause in causes)}", 2, console, style="dim")
    else:
        _indented(folded_answers(diagnosis), 2, console, style="dim")
    for cause, error in diagnosis.failed:
        _indented(f"Failed: {cause.id} ({error})", 2, console, style="red")
    for named in diagnosis.notes:
        _print_finding(named, diagnosis, console, note_kind(diagnosis))
    changed = patch(diagnosis)
    for named in diagnosis.probable_causes:
        _print_finding(named, diagnosis, console, CAUSE, changed)
    if diagnosis.trial is not None:
        print_table(diagnosis.trial, console, 2)
    _print_diff(diagnosis, console)
    closing = advice(diagnosis)
    if closing:
        _indented(closing, 2, console)


def _print_finding(named: Named, diagnosis: Diagnosis, console: Console, kind: str, code: Sequence[Line] = ()) -> None:
    line = Text()
    line.append(f"{kind}: ", style="bold" if kind == CAUSE else "")
    line.append(named.cause.title, style="bold yellow" if kind == CAUSE else "")
    line.append(f" ({named.cause.id})", style="dim")
    for number, part in enumerate(_broken(line, console.width - 4)):
        console.print(Text("    " if number else "  ") + part, soft_wrap=True)
    for label, value in labelled(named, " -> ", diagnosis, code):
        _indented(value, 4, console, label)


def _print_line(title: Text, diagnosis: Diagnosis, console: Console) -> None:
    """Prints a healthy run: its headline beside its name where both are short enough for a line."""
    title.append(f"  {diagnosis.headline}")
    folded = len(diagnosis.notes) + len(diagnosis.failed)
    if folded:
        title.append(f" ({folded} note{'' if folded == 1 else 's'}, if you want: --full)", style="dim")
    width = console.width - 2 * (title.cell_len > console.width)
    for number, line in enumerate(_broken(title, width)):
        line.rstrip()
        console.print(Text("  " if number else "") + line, soft_wrap=True)


def _print_diff(diagnosis: Diagnosis, console: Console) -> None:
    """Prints the lines to change, each as it is: code is not broken."""
    changed = lines_to_change(diagnosis)
    if not changed:
        return
    title = "What is proven, as lines of the program:" if diagnosis.proven else "As lines of the program:"
    console.print(Text(f"  {title}"), soft_wrap=True)
    for line in changed:
        if line["place"]:
            console.print(Text(f"    # {line['place']}", style="dim"), soft_wrap=True)
        for side, sign, style in (("old", "-", "red"), ("new", "+", "green")):
            if line[side]:
                shown = Text(f"    {sign} {line[side]}", style=style)
                if side == "old" and line["inferred"]:
                    shown.append(f"  # {AS_KERAS_HAS_IT}", style="dim")
                console.print(shown, soft_wrap=True)


def _broken(value: Text, width: int) -> list[Text]:
    """A text broken between words, but not inside code: what is longer than a line has one of its own."""
    lines = []
    for paragraph in value.split("\n", allow_blank=True):
        glued = CODE.sub(lambda code: code[0].replace(" ", GLUE), paragraph.plain)
        at = 0
        for line in textwrap.wrap(glued, width, break_long_words=False, break_on_hyphens=False, **AS_IT_IS) or [""]:
            at = glued.index(line, at)
            lines.append(paragraph[at : at + len(line)])
            at += len(line)
    return lines


def _indented(value: str, indent: int, console: Console, label: str = "", style: str = "") -> None:
    """Prints wrapped text behind an indent, its label before the first line; no trailing blanks."""
    margin = indent + (LABEL_WIDTH if label else 0)
    for number, line in enumerate(_broken(Text(value, style=style), max(console.width - margin, 20))):
        line.rstrip()
        head = Text(" " * indent)
        head.append(f"{label if not number else '':<{margin - indent}}", style="dim")
        console.print(head + line, soft_wrap=True)


LABEL_WIDTH = 10
CAUSE = "Probable cause"
AS_IT_IS: Mapping[str, Any] = {"replace_whitespace": False, "expand_tabs": False}
GLUE = "\ue000"
"""Stands for a blank inside code while lines are broken: a letter that nobody uses."""
