"""`tb-diagnose review LOGDIR... --out DIR`: reads many runs into an index, those that have changed since last time."""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tb_diagnose import storage
from tb_diagnose.cli.console import fail, say
from tb_diagnose.cli.diagnose import FAILURES, STOPPED
from tb_diagnose.cli.fleet_extra import missing
from tb_diagnose.cli.options import add_fail_on, add_jobs, add_tags, unknown_status, user_tags
from tb_diagnose.reader import logdir
from tb_diagnose.report import junit
from tb_diagnose.status.status import STATUSES

if TYPE_CHECKING:
    from tb_diagnose.fleet.engine import Engine
    from tb_diagnose.fleet.review import Progress

EPILOG = (
    "DIR holds Parquet files, one row a run. Runs of which no file has changed are not read again: the same command "
    "goes on where it was stopped, and a schedule reads what is new. `tb-diagnose fleet DIR` tells what is in it. Exit "
    "status: 1 where a run has a status of --fail-on, 2 for what cannot be read, 130 where Ctrl-C ended it."
)


def review(words: Sequence[str]) -> int:
    """Reads the runs; returns the exit status."""
    options = _parser().parse_args(list(words))
    wrong = missing("`review`") or unknown_status(options.fail_on) or _mistake(options)
    if wrong:
        return fail(wrong)
    try:
        logdirs = [_checked(path) for path in options.logdirs]
        return _review(options, logdirs)
    except OSError as error:
        return fail(_in_words(error))
    except KeyboardInterrupt:
        return STOPPED


def _review(options: argparse.Namespace, logdirs: list[str]) -> int:
    from tb_diagnose.cli.review_progress import shown
    from tb_diagnose.fleet import review as reviewing
    from tb_diagnose.fleet.index import writing

    progress = reviewing.Progress()
    cases: list[junit.Case] = []
    stopped = False
    engine = _engine(options, logdirs)
    try:
        with writing(options.out) as writer, shown(logdirs) as show:
            try:
                for progress, rows in reviewing.review(logdirs, writer, engine, say, options.again):
                    show(progress)
                    if options.junit and options.new_only:
                        cases += map(_case, (row for row in rows if "status" in row))
            except KeyboardInterrupt:
                stopped = True
    finally:
        engine.close()
    if stopped:
        say(f"stopped after {progress.read:,} runs. They are kept; the same command goes on from there.")
        return STOPPED
    counts, all_cases = (progress.statuses, cases) if options.new_only else _of_index(options, logdirs)
    print(_summary(progress, counts, options.new_only))
    if options.junit:
        junit.write(options.junit, all_cases, options.fail_on or FAILURES)
    return 1 if any(counts[status] for status in options.fail_on) else 0


def _of_index(options: argparse.Namespace, logdirs: Sequence[str]) -> tuple[Counter[str], list[junit.Case]]:
    """All runs of these logdirs, whenever they were read: how many have each status, and JUnit's cases of them."""
    from tb_diagnose.fleet.index import opened
    from tb_diagnose.fleet.table import rows_of_logdirs

    counts: Counter[str] = Counter()
    cases: list[junit.Case] = []
    for row in rows_of_logdirs(opened(options.out), logdirs):
        counts[row["status"]] += 1
        if options.junit:
            cases.append(_case(row))
    return counts, cases


def _case(row: Mapping[str, str]) -> junit.Case:
    return junit.Case(row["logdir"], row["run"], row["status"], row["headline"], row["headline"])


def _summary(progress: Progress, counts: Counter[str], new_only: bool) -> str:
    total = sum(counts.values())
    listed = ", ".join(f"{counts[status]:,} {status}" for status in STATUSES if counts[status]) or "none"
    read = f"Read {progress.read:,} folder{'' if progress.read == 1 else 's'}; {progress.unchanged:,} have not changed."
    return f"{read}\n{total:,} run{'' if total == 1 else 's'}{' read now' if new_only else ''}: {listed}"


def _engine(options: argparse.Namespace, logdirs: Sequence[str]) -> Engine:
    from tb_diagnose.fleet.engine import InThisProcess, Processes
    from tb_diagnose.fleet.store import OF_THIS_PROCESS

    tags = user_tags(options)
    if options.scheduler:
        from tb_diagnose.fleet.cluster import Cluster

        return Cluster(options.scheduler, say, options.jobs, tags)
    if options.jobs < 2 or any(path.startswith(OF_THIS_PROCESS) for path in logdirs):
        return InThisProcess(tags)
    return Processes(options.jobs, tags)


def _checked(path: str) -> str:
    """A logdir, by the same name wherever the command is given: of a path the whole one.

    Raises:
        OSError: it cannot be read.
    """
    located = storage.located(path)
    if not storage.is_remote(located):
        return os.path.abspath(logdir.check(located))
    from tb_diagnose.fleet import store

    store.check(located)
    return located.rstrip("/")


def _mistake(options: argparse.Namespace) -> str | None:
    if options.scheduler:
        from tb_diagnose.fleet.store import OF_THIS_PROCESS

        lacking = missing("`--scheduler`", ("distributed",))
        if lacking:
            return lacking
        if any(path.startswith(OF_THIS_PROCESS) for path in options.logdirs):
            return f"No worker of a cluster can read an address of {OF_THIS_PROCESS}."
    if options.jobs < 1:
        return f"`--jobs` takes 1 or more. Received: {options.jobs}."
    return None


def _in_words(error: OSError) -> str:
    """A sentence; of an error of the system, which has none, one is made."""
    if error.strerror is None:
        return str(error)
    where = f" {error.filename}" if error.filename else ""
    return f"{error.strerror}{where and ':'}{where}."


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "tb-diagnose review",
        description="Reads the runs of logdirs, here or in a bucket, into an index of Parquet files.",
        epilog=EPILOG,
        allow_abbrev=False,
    )
    parser.add_argument("logdirs", metavar="LOGDIR", nargs="+", help="a folder, or an address such as s3://bucket/logs")
    parser.add_argument(
        "--out",
        metavar="DIR",
        required=True,
        help="folder or s3://bucket/folder of the index; made where there is none",
    )
    add_jobs(parser)
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="read on a Dask cluster: tcp://host:8786, or `local` for one on this machine with N workers",
    )
    parser.add_argument(
        "--again", action="store_true", help="read what has not changed, too, as after an update of tb_diagnose"
    )
    add_fail_on(parser, "a run of these logdirs has one of these, such as stalled,diverged")
    parser.add_argument(
        "--new-only", action="store_true", help="let --fail-on and --junit look only at runs that were read now"
    )
    parser.add_argument("--junit", metavar="FILE", help="also write JUnit XML, one test case a run")
    add_tags(parser)
    return parser
