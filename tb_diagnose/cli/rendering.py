"""One run as the command line shows it: rendered in the process that read it, small enough to be handed on."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tb_diagnose.api import Seen
from tb_diagnose.diagnosis.comparison import chosen
from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.report import html, markdown, serialize
from tb_diagnose.report.run_name import name_of
from tb_diagnose.report.text import print_report
from tb_diagnose.status.status import STATUSES


@dataclass(frozen=True)
class Row:
    """One run.

    Args:
        logdir: Where it was found.
        run: Its name.
        status: Its status.
        headline: One sentence.
        cause: Id of the first probable cause, None without any.
        rendered: The whole report in the form that was asked for.
        settings: What was set, by name, for comparing a sweep; not what was measured.
        part: Its part of an HTML document, where one was asked for.
    """

    logdir: str
    run: str
    status: str
    headline: str
    cause: str | None
    rendered: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    part: html.Part | None = None


@dataclass(frozen=True)
class Rows:
    """What one run's folders gave.

    Args:
        rows: The oldest run first.
        tags: Scalars that were there, where nothing was recognised.
        problems: What could not be read, a sentence each.
    """

    rows: tuple[Row, ...]
    tags: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def rows(
    seen: Seen, logdir: str, form: str, width: int, color: bool, shown: str | None = None, with_html: bool = False
) -> Rows:
    """The runs of one folder.

    Args:
        seen: What was found there.
        logdir: The logdir, which names a run that is the logdir itself.
        form: "text", "json" or "markdown".
        width: Columns of the terminal.
        color: Whether it shows colours.
        shown: What stands before the names, where there are several logdirs.
        with_html: Whether the parts of an HTML document are wanted too.
    """
    made = tuple(_row(found, logdir, form, width, color, shown, with_html) for found in seen.diagnoses)
    return Rows(made, seen.tags, seen.problems)


def _row(found: Diagnosis, logdir: str, form: str, width: int, color: bool, shown: str | None, with_html: bool) -> Row:
    name = name_of(found, logdir, shown)
    if form == "json":
        rendered = json.dumps(
            {"logdir": logdir, **serialize.plain(serialize.as_json(found))}, indent=2, ensure_ascii=False
        )
    elif form == "markdown":
        rendered = markdown.page(found, name)
    else:
        rendered = _text(found, name, width, color)
    first = found.probable_causes[0].cause.id if found.probable_causes else None
    part = html.part(found, name) if with_html else None
    return Row(logdir, name, found.status.name, found.headline, first, rendered, chosen(found.evidence), part)


def _text(found: Diagnosis, name: str, width: int, color: bool) -> str:
    from rich.console import Console

    console = Console(
        file=io.StringIO(),
        width=width,
        force_terminal=color,
        no_color=not color,
        highlight=False,
        emoji=False,
        legacy_windows=False,
    )
    print_report(found, console, name)
    return console.file.getvalue().rstrip("\n")  # type: ignore[attr-defined]


def summary(found: Iterable[Row]) -> str:
    """`3 runs: 1 stalled, 2 reached`, the worst first."""
    counts = Counter(row.status for row in found)
    total = sum(counts.values())
    listed = ", ".join(f"{counts[status]:,} {status}" for status in STATUSES if counts[status])
    return f"{total:,} run{'' if total == 1 else 's'}: {listed}"
