"""The command line: `tb-diagnose LOGDIR`, `tb-diagnose causes`, `tb-diagnose explain ID`."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from tb_diagnose.cli.rendering import Row, Rows
    from tb_diagnose.reader.tag_names import UserTags

USAGE = "tb-diagnose [options] LOGDIR ...  |  tb-diagnose causes  |  tb-diagnose explain ID"
MANY = 20
"""Runs from which on each gets a line instead of a report."""
EVERY = 5.0
"""Seconds between two looks at a live run."""
STOPPED = 130
"""Exit status of a program that Ctrl-C has ended."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line.

    Returns:
        Its exit status: 0; 1 where a run has a status of `--fail-on`; 2 for what cannot be read.
    """
    from tb_diagnose.reader.logdir import read_plainly

    read_plainly()
    for stream in (sys.stdout, sys.stderr):  # folders may have names that are no text
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["causes"] and not os.path.isdir("causes"):
        return _causes(words[1:])
    if words[:1] == ["explain"] and not os.path.isdir("explain"):
        return _explain(words[1:])
    options = _parser().parse_args(words)
    try:
        wrong = _unknown_statuses(options.fail_on) or _contradiction(options)
        if wrong:
            return _fail(wrong)
        if options.compare:
            return _compare(options)
        return _watch(options) if options.watch else _diagnose(options)
    except BrokenPipeError:  # `| head` has seen enough
        sys.stdout = open(os.devnull, "w")  # nothing is left to be flushed at the end
        return 0
    except OSError as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return STOPPED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "tb-diagnose",
        usage=USAGE,
        description="Tells why the accuracy of the runs in a logdir does not move.",
        epilog="causes: lists what it can tell. explain ID: what a cause is, how it is measured and what to change.",
    )
    parser.add_argument("logdirs", metavar="LOGDIR", nargs="+", help="a logdir, as for tensorboard --logdir")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print a list with one object a run")
    form.add_argument("--markdown", action="store_true", help="print the reports as Markdown, for an issue or a chat")
    form.add_argument("--compare", nargs=2, metavar=("A", "B"), help="what differs between two runs, by name")
    form.add_argument("--full", action="store_true", help=f"print whole reports even of more than {MANY} runs")
    parser.add_argument("--junit", metavar="FILE", help="also write JUnit XML, one test case a run")
    parser.add_argument(
        "--html", metavar="FILE", help="also write the reports as one HTML file that needs nothing else"
    )
    parser.add_argument(
        "--fail-on",
        metavar="STATUS,...",
        type=lambda text: tuple(word.strip() for word in text.split(",") if word.strip()),
        default=(),
        help="exit with status 1 when a run has one of these, such as stalled,diverged",
    )
    parser.add_argument("--watch", action="store_true", help="look again every few seconds, until Ctrl-C")
    parser.add_argument(
        "--jobs",
        type=int,
        default=os.cpu_count() or 1,
        metavar="N",
        help="processes that read (default: one a core)",
    )
    for what in ("accuracy", "loss"):
        parser.add_argument(
            f"--{what}-tag",
            action="append",
            default=[],
            metavar="TAG",
            help=f"a scalar that holds {what} under a name that says something else; may be given several times",
        )
    return parser


def _unknown_statuses(asked: Sequence[str]) -> str | None:
    from tb_diagnose.status.status import STATUSES

    unknown = [status for status in asked if status not in STATUSES]
    if not unknown:
        return None
    return f"`--fail-on` knows no status {unknown[0]!r}. Expected: some of {', '.join(STATUSES)}."


def _contradiction(options: argparse.Namespace) -> str | None:
    """A sentence for options that have nothing to do with each other."""
    for one in ("watch", "compare"):
        for other in ("json", "markdown", "full", "junit", "html", "fail_on", "compare"):
            if one != other and getattr(options, one) and getattr(options, other):
                return f"`--{one}` cannot be combined with `--{other.replace('_', '-')}`."
    if options.junit and options.html and os.path.abspath(options.junit) == os.path.abspath(options.html):
        return f"`--junit` and `--html` cannot write the same file. Received: {options.html!r}."
    return None


def _diagnose(options: argparse.Namespace) -> int:
    from rich.text import Text

    from tb_diagnose.cli import rendering
    from tb_diagnose.reader import tensorboard_runs
    from tb_diagnose.report import html, junit
    from tb_diagnose.status.status import STATUSES

    form = "json" if options.json else "markdown" if options.markdown else "text"
    console = _console()
    found: list[Row] = []
    tags: set[str] = set()
    stopped, written = False, 0
    count, parts = _parts(options, form, console)
    lines = form == "text" and count > MANY and not options.full
    try:
        for part in parts:
            for problem in part.problems:
                _say(problem)
            tags |= set(part.tags)
            for row in part.rows:
                try:
                    _print(row, form, lines, written, console)
                except (
                    BrokenPipeError
                ):  # `| head` has seen enough; the files that were asked for are still to be written
                    if not (options.junit or options.html):
                        raise
                    sys.stdout = open(os.devnull, "w")
                written += 1
                found.append(row)
    except KeyboardInterrupt:
        stopped = True
        _say(f"stopped after {len(found):,} runs; about {count:,} there are.")
    if form == "json":
        print("\n]" if written else "[]")
    elif not found and not stopped:
        print(tensorboard_runs.nothing(sorted(tags), ", ".join(options.logdirs)))
    if lines and found:
        console.print(f"\n{rendering.summary(found)}. `--full` prints the reports.", markup=False)
        _separations(found, console)
    if options.junit:
        cases = [junit.Case(r.logdir, r.run, r.status, r.headline, Text.from_ansi(r.rendered).plain) for r in found]
        junit.write(options.junit, cases, options.fail_on or STATUSES[:6])
    if options.html:
        nothing = None if found else tensorboard_runs.nothing(sorted(tags), ", ".join(options.logdirs))
        html.write(options.html, [row.part for row in found if row.part is not None], nothing)
    if stopped:
        return STOPPED
    if any(row.status in options.fail_on for row in found):
        return 1
    return 2 if found and all(row.status == "unreadable" for row in found) else 0


def _parts(options: argparse.Namespace, form: str, console: Console) -> tuple[int, Iterator[Rows]]:
    """About how many runs there are, and what each one's folders give."""
    from tb_diagnose import api
    from tb_diagnose.cli import rendering
    from tb_diagnose.reader import logdir

    user_tags = _user_tags(options)
    found = []
    for path in options.logdirs:
        folders, problems = logdir.folders(logdir.check(path))
        for problem in problems:
            _say(problem)
        found.append((path, folders))
    count = sum(len(folders) for _, folders in found)

    def parts() -> Iterator[Rows]:
        with _progress(count) as advance:
            for path, folders in found:
                shown = path if len(options.logdirs) > 1 else None
                then = partial(
                    rendering.rows,
                    logdir=path,
                    shown=shown,
                    form=form,
                    width=console.width,
                    color=console.is_terminal and form == "text",
                    with_html=bool(options.html),
                )
                for part in api.look_through(folders, options.jobs, then, user_tags):
                    yield part
                    advance()

    return count, parts()


def _user_tags(options: argparse.Namespace) -> UserTags:
    from tb_diagnose.reader.tag_names import UserTags

    return UserTags(tuple(options.accuracy_tag), tuple(options.loss_tag))


def _print(row: Row, form: str, lines: bool, written: int, console: Console) -> None:
    if form == "json":
        text = "\n".join("  " + line for line in row.rendered.splitlines())
        print(("[\n" if not written else ",\n") + text, end="")
    elif lines:
        cause = f"  {row.cause}" if row.cause else ""
        console.print(f"{row.run}  {row.status}{cause}", markup=False, soft_wrap=True)
    else:
        print(("\n" if written else "") + row.rendered)


def _progress(count: int) -> Any:
    """A bar on the terminal's error stream, where somebody looks at it and there is something to wait for."""
    from contextlib import nullcontext

    from rich.console import Console

    console = Console(stderr=True)
    if count <= MANY or not console.is_terminal:
        return nullcontext(lambda: None)
    from contextlib import contextmanager

    from rich.progress import Progress

    @contextmanager
    def bar() -> Iterator[Any]:
        with Progress(console=console, transient=True) as progress:
            task = progress.add_task("Reading runs", total=count)
            yield lambda: progress.advance(task)

    return bar()


def _separations(found: Sequence[Row], console: Console) -> None:
    """What the runs that go well have in common, where a setting tells them from the others."""
    from tb_diagnose.diagnosis import comparison

    for one in comparison.separations([(row.settings, row.status) for row in found]):
        table = _table(one.name, "go well", "do not")
        for value, good, bad in one.counts:
            table.add_row(_shown(value), f"{good:,}", f"{bad:,}")
        console.print(f"\n{one.name} alone tells {one.right:.0%} of them apart:", markup=False)
        console.print(table)


def _compare(options: argparse.Namespace) -> int:
    """Two runs side by side: settings and data first, then where their series part."""
    from rich.text import Text

    from tb_diagnose import api
    from tb_diagnose.diagnosis.comparison import compare
    from tb_diagnose.reader import logdir
    from tb_diagnose.report.run_name import name_of

    user_tags = _user_tags(options)
    found: dict[str, list[Any]] = {name: [] for name in options.compare}
    for path in options.logdirs:
        parts, problems = logdir.folders(logdir.check(path))
        for folder in parts:
            # A run may be parted in two, and an earlier one has the name of the newest before its own.
            if any(folder.name == "." or name.endswith(folder.name) or folder.name in name for name in options.compare):
                seen = api.look(folder, user_tags)
                problems += seen.problems
                for one in seen.diagnoses:
                    names = {one.run, name_of(one, path), name_of(one, path, path)}
                    for name in names & set(options.compare):
                        found[name].append(one)
        for problem in problems:
            _say(problem)
    for name, some in found.items():
        where = ", ".join(options.logdirs)
        if len(some) != 1:
            many = f"{len(some)} runs have the name" if some else "There is no run"
            return _fail(
                f"{many} {name!r} in {where}. Expected: the name of one, with its logdir before it if need be."
            )
    one, other = (found[name][0] for name in options.compare)
    comparison = compare(one.evidence, other.evidence)
    console = _console()
    for name, diagnosis in zip(options.compare, (one, other)):
        console.print(f"{name}: {diagnosis.headline}", markup=False)
    settings = _table("what differs", *options.compare)
    for difference in comparison.differences:
        settings.add_row(Text(difference.name), *map(_shown, difference.values))
    series = _table("series that part", f"since {comparison.unit}", *options.compare)
    for parting in comparison.partings:
        series.add_row(parting.name, str(parting.since), *map(_shown, parting.values))
    together = (
        "No series part." if comparison.unit else "Their series cannot be compared: they share too few epochs or steps."
    )
    for table, nothing in ((settings, "No setting and no fact of the data differs."), (series, together)):
        console.print()
        console.print(table if table.sample_count else nothing)
    return 0


def _table(*columns: str) -> Any:
    """A table of texts: names and values may hold what rich would read as markup."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(Text(column))
    return table


def _shown(value: Any) -> Any:
    from rich.text import Text

    from tb_diagnose.causes import number

    if value is None:
        return "-"
    return Text(number(value) if isinstance(value, float) else str(value))


def _watch(options: argparse.Namespace) -> int:
    """Shows the runs again whenever they have changed."""
    shown = None
    console = _console()
    while True:
        _, parts = _parts(options, "text", console)
        found = [row for part in parts for row in part.rows]
        text = "\n\n".join(row.rendered for row in found) or "No run yet."
        if text != shown:
            console.clear()
            print(text)
            console.print(
                f"\n{time.strftime('%H:%M:%S')}, looks again every {EVERY:g} s; Ctrl-C ends this.", style="dim"
            )
            shown = text
        time.sleep(EVERY)


def _console() -> Console:
    from rich.console import Console

    return Console(highlight=False, soft_wrap=False, emoji=False)


def _causes(words: Sequence[str]) -> int:
    if words:
        return _fail(f"`causes` takes no argument. Received: {' '.join(words)!r}.")
    from rich.table import Table

    from tb_diagnose.causes import CATALOGUE

    table = Table("id", "cause", "family", box=None, pad_edge=False)
    for entry in CATALOGUE.values():
        table.add_row(entry.id, entry.title, entry.family)
    _console().print(table)
    return 0


def _explain(words: Sequence[str]) -> int:
    from rich.markdown import Markdown

    from tb_diagnose.causes import CATALOGUE
    from tb_diagnose.report.catalogue import explain

    if len(words) != 1 or words[0] not in CATALOGUE:
        return _fail(f"There is no cause {' '.join(words)!r}. Expected one of: {', '.join(CATALOGUE)}.")
    page = explain(CATALOGUE[words[0]])
    console = _console()
    console.print(Markdown(page)) if console.is_terminal else print(page, end="")
    return 0


def _say(sentence: str) -> None:
    print(f"tb-diagnose: {sentence}", file=sys.stderr)


def _fail(sentence: str) -> int:
    _say(sentence)
    return 2


if __name__ == "__main__":
    sys.exit(main())
