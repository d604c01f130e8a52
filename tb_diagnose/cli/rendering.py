"""One run as the command line shows it: rendered in the process that read it, small enough to be handed on."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from tb_diagnose.api import Look
from tb_diagnose.assistant.brief import brief
from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.diagnosis.sweep import SweepRun, sweep_run
from tb_diagnose.report import html, markdown, serialize
from tb_diagnose.report.plain import plain
from tb_diagnose.report.run_name import name_of
from tb_diagnose.report.telling import told
from tb_diagnose.report.text import text
from tb_diagnose.report.visible import escaped_json
from tb_diagnose.report.wording import worded
from tb_diagnose.status.status import STATUSES


@dataclass(frozen=True)
class RenderedRun:
    """One run.

    Args:
        logdir: Where it was found.
        run: Its name.
        status: Its status.
        headline: One sentence.
        cause: Id of the first probable cause, None without any.
        rendered: The whole report in the form that was asked for; empty for a line.
        of_sweep: What a sweep takes from it.
        part: Its part of an HTML document, where one was asked for.
    """

    logdir: str
    run: str
    status: str
    headline: str
    cause: str | None
    rendered: str
    of_sweep: SweepRun
    part: html.Part | None = None


@dataclass(frozen=True)
class RenderedFolder:
    """What one run's folders gave.

    Args:
        runs: The oldest run first.
        tags: Scalars that were there, where nothing was recognised.
        problems: What could not be read, a sentence each.
    """

    runs: tuple[RenderedRun, ...]
    tags: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def render(
    look: Look,
    logdir: str,
    form: str,
    width: int,
    color: bool,
    prefix: str | None = None,
    with_html: bool = False,
    class_names: bool = False,
) -> RenderedFolder:
    """The runs of one folder.

    Args:
        look: What was found there.
        logdir: The logdir, which names a run that is the logdir itself.
        form: "text", "full" (every cause is named), "json", "markdown", "brief", or "line", which takes no report.
        width: Columns of the terminal.
        color: Whether it shows colours.
        prefix: What stands before the names, where there are several logdirs.
        with_html: Whether the parts of an HTML document are wanted too.
        class_names: Whether a brief tells names of classes.
    """

    def rendered(diagnosis: Diagnosis) -> RenderedRun:
        name = name_of(diagnosis, logdir, prefix)
        return RenderedRun(
            logdir,
            name,
            diagnosis.status.name,
            worded(diagnosis).headline,
            diagnosis.probable_causes[0].cause.id if diagnosis.probable_causes else None,
            brief(diagnosis, name, from_files=True, class_names=class_names).rstrip()
            if form == "brief"
            else _report(diagnosis, name, logdir, form, width, color),
            sweep_run(diagnosis, name),
            html.part(diagnosis, name) if with_html else None,
        )

    return RenderedFolder(tuple(told(run, rendered) for run in look.diagnoses), look.tags, look.problems)


def _report(diagnosis: Diagnosis, name: str, logdir: str, form: str, width: int, color: bool) -> str:
    if form == "line":
        return ""
    if form == "json":
        report = {"logdir": logdir, **plain(serialize.as_json(diagnosis))}
        return escaped_json(json.dumps(report, indent=2, ensure_ascii=False))
    if form == "markdown":
        return markdown.page(diagnosis, name)
    return text(diagnosis, width, name, color, full=form == "full")


def summary(runs: Iterable[RenderedRun]) -> str:
    """`3 runs: 1 stalled, 2 reached`, the worst first."""
    counts = Counter(run.status for run in runs)
    total = sum(counts.values())
    listed = ", ".join(f"{counts[status]:,} {status}" for status in STATUSES if counts[status])
    return f"{total:,} run{'' if total == 1 else 's'}: {listed}"
