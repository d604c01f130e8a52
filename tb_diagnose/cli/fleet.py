"""`tb-diagnose fleet DIR`: what holds many runs up, what it costs, and which of them to look at."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tb_diagnose import storage
from tb_diagnose.cli.console import cell, console, fail, stop_writing, table
from tb_diagnose.cli.fleet_extra import missing
from tb_diagnose.cli.options import add_fail_on, unknown_status
from tb_diagnose.report.catalogue import title_of
from tb_diagnose.report.plain import plain
from tb_diagnose.report.wording import spaced

if TYPE_CHECKING:
    from tb_diagnose.fleet.summary import Count, Summary

CAUSES = 3
"""Causes that are named of a week or of a kind of model."""
WEEKS, MODELS = 8, 5
"""Weeks, the last ones, and kinds of models that are shown; --json has all."""
NAME = 60
"""Characters of a list of layers that are shown."""
EPILOG = (
    "A filter compares what stands in the index (run, logdir, status, cause, epochs, accuracy, hours, lost_hours, "
    "updated, layers) or a setting by its name. Exit status: 1 where a run has a status of --fail-on, 2 for what "
    "cannot be read."
)


def fleet(words: Sequence[str]) -> int:
    """Prints the summary; returns the exit status."""
    options = _parser().parse_args(list(words))
    wrong = missing("`fleet`") or unknown_status(options.fail_on)
    if wrong:
        return fail(wrong)
    from tb_diagnose.fleet.index import opened
    from tb_diagnose.fleet.summary import summary

    try:
        index = opened(options.index)
        wanted = _filter(options)
        found = summary(index, wanted)
        if options.csv:
            _print_rows(index, wanted)
        elif options.json:
            print(json.dumps(plain(_as_json(found)), indent=2, ensure_ascii=False))
        else:
            _print(found)
    except BrokenPipeError:  # `--csv | head` has seen enough
        stop_writing()
    except (OSError, ValueError) as error:
        return fail(str(error))
    return 1 if any(found.statuses.get(status) for status in options.fail_on) else 0


def _filter(options: argparse.Namespace) -> Any:
    from tb_diagnose.fleet.since import since
    from tb_diagnose.fleet.where import where

    wanted = where(options.where) if options.where else None
    if options.since:
        moment = since(options.since, datetime.now(UTC))
        recent = where(f"updated >= '{moment.isoformat()}'")
        wanted = recent if wanted is None else recent & wanted
    return wanted


def _as_json(found: Summary) -> dict[str, Any]:
    from dataclasses import asdict

    return {**asdict(found), "lost_fraction": found.lost_fraction}


def _print_rows(index: Any, wanted: Any) -> None:
    """One line a run, as CSV."""
    from tb_diagnose.fleet.table import FLAT, flat_rows

    writer = csv.DictWriter(sys.stdout, FLAT, lineterminator="\n")
    writer.writeheader()
    writer.writerows(flat_rows(index, wanted))


def _print(found: Summary) -> None:
    terminal = console()
    if not found.runs:
        terminal.print("No run fits.")
        return
    listed = ", ".join(f"{count:,} {status}" for status, count in found.statuses.items())
    terminal.print(f"{found.runs:,} run{'' if found.runs == 1 else 's'}: {listed}", markup=False, soft_wrap=True)
    if found.lost_fraction is not None:
        lost = spaced(f"{found.lost_fraction:.0%}")
        terminal.print(
            f"{duration(found.lost_hours)} of {duration(found.hours)} ({lost}) came after a run had "
            f"stalled or diverged; {found.timed_runs:,} runs tell how long they took.",
            soft_wrap=True,
        )
    _print_counts("week of", found.causes_by_week, WEEKS, newest=True)
    _print_counts("layers", found.causes_by_model, MODELS)
    if found.compared_runs:
        _print_settings(found)
    if found.look_at:
        terminal.print("\nTo look at first, by the time lost; `tb-diagnose FOLDER` prints the report:", soft_wrap=True)
        for row in found.look_at:
            lost = duration(row["lost_hours"])
            line = f"{lost:>8}  {row['status']}  {title_of(row['cause']) if row['cause'] else '-'}  {_folder(row)}"
            terminal.print(line, markup=False, soft_wrap=True)


def _print_counts(name: str, counts: Sequence[Count], most: int, newest: bool = False) -> None:
    groups: dict[str, list[Count]] = {}
    for count in counts:
        groups.setdefault(count.of, []).append(count)
    names = list(groups)[-most:] if newest else list(groups)[:most]
    if not names:
        return
    listed = table(name, "runs", "most frequent causes")
    for group in names:
        causes = ", ".join(f"{title_of(each.cause)} ({each.runs:,})" for each in groups[group][:CAUSES])
        listed.add_row(cell(group[:NAME]), f"{groups[group][0].all_runs:,}", causes)
    console().print()
    console().print(listed)


def _print_settings(found: Summary) -> None:
    shares = [(each.name, spaced(f"{each.explains or 0.0:.0%}")) for each in found.separating]
    names = ", ".join(f"{name} ({share} of the differences)" for name, share in shares)
    told = f"tell apart by {found.score}: {names}" if names else "no setting tells them apart"
    console().print(f"\nOf {found.compared_runs:,} runs on the same data, {told}.", markup=False, soft_wrap=True)


def duration(hours: float) -> str:
    """`3,200 h`, `12 min`, `40 s`."""
    if hours >= 1:
        return f"{hours:,.0f} h" if hours >= 10 else f"{hours:.1f} h"
    return f"{hours * 60:.0f} min" if hours * 60 >= 1 else f"{hours * 3600:.0f} s"


def _folder(row: Mapping[str, Any]) -> str:
    return str(row["logdir"]) if row["folder"] == "." else storage.join(row["logdir"], row["folder"])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "tb-diagnose fleet",
        description="Sums up an index that `tb-diagnose review` has made.",
        epilog=EPILOG,
        allow_abbrev=False,
    )
    parser.add_argument("index", metavar="DIR", help="the DIR of `tb-diagnose review LOGDIR --out DIR`")
    parser.add_argument("--since", metavar="WHEN", help="only runs of the last 12h, 7d, 2w, or since a date")
    parser.add_argument("--where", metavar="FILTER", help="only runs that fit, such as \"optimizer.name = 'sgd'\"")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print all of it as one object")
    form.add_argument("--csv", action="store_true", help="print a line a run instead")
    add_fail_on(parser, "one of these runs has such a status")
    return parser
