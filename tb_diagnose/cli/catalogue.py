"""`tb-diagnose causes` and `tb-diagnose explain ID`."""

from __future__ import annotations

from collections.abc import Sequence

from rich.markdown import Markdown

from tb_diagnose.causes import CATALOGUE
from tb_diagnose.cli.console import cell, console, fail, table
from tb_diagnose.report.catalogue import explain as page_of


def causes(words: Sequence[str]) -> int:
    """Lists all causes; returns the exit status."""
    if words:
        return fail(f"`causes` takes no argument. Received: {' '.join(words)!r}. A folder of this name is ./causes.")
    listed = table("id", "cause", "family")
    for cause in CATALOGUE.values():
        listed.add_row(cell(cause.id), cell(cause.title), cell(cause.family))
    console().print(listed)
    return 0


def explain(words: Sequence[str]) -> int:
    """Prints the page of one cause; returns the exit status."""
    if len(words) != 1 or words[0] not in CATALOGUE:
        asked = " ".join(words)
        received = f"There is no cause {asked!r}." if asked else "`explain` takes the id of a cause."
        return fail(f"{received} Expected one of: {', '.join(CATALOGUE)}. A folder of this name is ./explain.")
    page = page_of(CATALOGUE[words[0]])
    terminal = console()
    if terminal.is_terminal:
        terminal.print(Markdown(page))
    else:
        print(page, end="")
    return 0
