"""The options of `tb-diagnose LOGDIR ...`, and what is wrong with some of them."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from tb_diagnose.reader.tag_names import UserTags

USAGE = """tb-diagnose run train.py [ARGS ...]         runs a program as it is, and says why its accuracy does not move
       tb-diagnose [options] LOGDIR ...            the same of past runs
       tb-diagnose review LOGDIR ... --out DIR     reads many runs, here or in a bucket, into an index
       tb-diagnose fleet DIR                       what is in it: causes by week, hours lost, runs to look at
       tb-diagnose patch LOGDIR  |  tb-diagnose causes  |  tb-diagnose explain ID  |  tb-diagnose mcp"""
EPILOG = (
    "run: logs every fit of a program; `tb-diagnose run --help` has its options. "
    "patch LOGDIR: what to change in your own files, as a diff for `git apply`. "
    "review: reads the runs that have changed into an index; `tb-diagnose review --help` has its options. "
    "fleet: sums such an index up. "
    "causes: lists what it can tell. explain ID: what a cause is, how it is measured and what to change. "
    "mcp LOGDIR: the server that coding assistants ask. "
    "These words are always commands: a folder named so is ./run, ./patch, ./review, ./fleet, ./causes, ./explain or "
    "./mcp."
)
MANY = 20
"""Number of runs from which each gets a line instead of a report."""


def parse(words: Sequence[str]) -> argparse.Namespace:
    """The options in the words of a command line; a mistake ends the program with a sentence and status 2."""
    return _parser().parse_args(words)


def mistake(options: argparse.Namespace) -> str | None:
    """A sentence for what is wrong with the options; None where nothing is."""
    return unknown_status(options.fail_on) or _contradiction(options)


def user_tags(options: argparse.Namespace) -> UserTags:
    """Names of scalars that the user has given."""
    return UserTags(tuple(options.accuracy_tag), tuple(options.loss_tag))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "tb-diagnose",
        usage=USAGE,
        description="Tells why the accuracy of the runs in a logdir does not move.",
        epilog=EPILOG,
    )
    parser.add_argument("logdirs", metavar="LOGDIR", nargs="+", help="a logdir, as for tensorboard --logdir")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print a list with one object a run")
    form.add_argument("--markdown", action="store_true", help="print the reports as Markdown, for an issue or a chat")
    form.add_argument(
        "--brief", action="store_true", help="print a text of at most 6,000 characters a run, for a coding assistant"
    )
    form.add_argument("--compare", nargs=2, metavar=("A", "B"), help="what differs between two runs, by name")
    form.add_argument(
        "--full",
        action="store_true",
        help=f"name every cause that was checked, and print whole reports even of more than {MANY} runs",
    )
    parser.add_argument("--junit", metavar="FILE", help="also write JUnit XML, one test case a run")
    parser.add_argument(
        "--html", metavar="FILE", help="also write the reports as one HTML file that needs nothing else"
    )
    add_fail_on(parser, "a run has one of these, such as stalled,diverged")
    parser.add_argument(
        "--class-names", action="store_true", help="let a brief tell names of classes where the log quotes them"
    )
    parser.add_argument("--watch", action="store_true", help="look again every few seconds, until Ctrl-C")
    add_jobs(parser)
    add_tags(parser)
    return parser


def add_fail_on(parser: argparse.ArgumentParser, when: str) -> None:
    """Adds the option that makes statuses an exit status.

    Args:
        parser: The parser.
        when: When the command exits with 1, as its help says it.
    """
    parser.add_argument(
        "--fail-on", metavar="STATUS,...", type=statuses, default=(), help=f"exit with status 1 when {when}"
    )


def add_jobs(parser: argparse.ArgumentParser) -> None:
    """Adds the option for the number of processes."""
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="processes that read (default: one a core)"
    )


def add_tags(parser: argparse.ArgumentParser) -> None:
    """Adds the options that name scalars."""
    for what in ("accuracy", "loss"):
        parser.add_argument(
            f"--{what}-tag",
            action="append",
            default=[],
            metavar="TAG",
            help=f"a scalar that holds {what} under a name that says something else; may be given several times",
        )


def statuses(text: str) -> tuple[str, ...]:
    """The words between the commas of an option."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def unknown_status(asked: Sequence[str]) -> str | None:
    """A sentence for a word of `--fail-on` that is no status; None where all are."""
    from tb_diagnose.status.status import STATUSES  # NumPy comes with it, which `--help` does not wait for

    unknown = [status for status in asked if status not in STATUSES]
    if not unknown:
        return None
    return f"`--fail-on` knows no status {unknown[0]!r}. Expected: some of {', '.join(STATUSES)}."


def _contradiction(options: argparse.Namespace) -> str | None:
    """A sentence for options that cannot be combined."""
    if options.class_names and not options.brief:
        return "`--class-names` is about a brief: give `--brief` too."
    for exclusive in ("watch", "compare"):
        for other in ("json", "markdown", "brief", "full", "junit", "html", "fail_on", "compare"):
            if exclusive != other and getattr(options, exclusive) and getattr(options, other):
                return f"`--{exclusive}` cannot be combined with `--{other.replace('_', '-')}`."
    if options.junit and options.html and os.path.abspath(options.junit) == os.path.abspath(options.html):
        return f"`--junit` and `--html` cannot write the same file. Received: {options.html!r}."
    return None
