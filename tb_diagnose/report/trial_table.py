"""The table "What each change brings": for a terminal, and its cells for other reports."""

from __future__ import annotations

import io

from rich.box import SIMPLE
from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from tb_diagnose.diagnosis.trial import CONTROL, NOT_TRIED, Row, Trial
from tb_diagnose.report.visible import Terminal

TITLE = "What each change brings"
NOTHING = "There is nothing to try: no finding has a change."
TOO_SOON = "A third of the budget of {budget:g} s was over before anything was known: nothing was tried."
STYLES = {"proven": "bold green", "makes it worse": "red", CONTROL: "dim", NOT_TRIED: "dim"}


def heads(trial: Trial) -> tuple[str, str, str]:
    """The heads of its columns."""
    return "change", trial.measure, "verdict"


def cells(row: Row) -> tuple[str, str, str]:
    """What is changed, the measure with its standard deviation over the seeds, and the verdict with its ground."""
    what = "as it is" if not row.causes else f"{row.called}: {', '.join(row.changes)}" if row.changes else row.called
    if row.verdict == NOT_TRIED or not row.causes:
        return what, row.measured, row.reason
    if row.reason:
        return what, row.measured, f"{row.verdict}. {row.reason}"
    return what, row.measured, f"{row.verdict}: {row.doubt}" if row.doubt else row.verdict


def print_table(trial: Trial, console: Console, indent: int = 0) -> None:
    """Prints the table and how it was measured."""
    if not trial.rows:
        console.print(" " * indent + (TOO_SOON.format(budget=trial.budget) if trial.stopped == "budget" else NOTHING))
        return
    table = Table(box=SIMPLE, title=TITLE, title_justify="left", title_style="bold", pad_edge=False)
    for number, head in enumerate(heads(trial)):
        table.add_column(head, justify="right" if number == 1 else "left", no_wrap=number == 1)
    for row in trial.rows:
        what, measured, verdict = cells(row)
        table.add_row(what.replace("`", ""), measured, verdict, style=STYLES.get(row.verdict, ""))
    console.print(Padding(table, (0, 0, 0, indent)))
    if trial.sentence():
        console.print(Padding(trial.sentence(), (0, 0, 0, indent)), style="dim")


def text(trial: Trial, width: int = 100) -> str:
    """The table in plain words, as `print(trial)` shows it."""
    written = io.StringIO()
    console = Terminal(
        force_jupyter=False, file=written, width=width, no_color=True, highlight=False, emoji=False, markup=False
    )
    print_table(trial, console)
    return "\n".join(line.rstrip() for line in written.getvalue().rstrip().splitlines())
