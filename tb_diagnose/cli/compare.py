"""`tb-diagnose LOGDIR --compare A B`: two runs side by side."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from tb_diagnose import api
from tb_diagnose.cli.console import cell, console, fail, say, table
from tb_diagnose.cli.options import user_tags
from tb_diagnose.diagnosis.comparison import Comparison, compare
from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.reader import logdir
from tb_diagnose.report.run_name import name_of
from tb_diagnose.report.wording import worded


def compare_runs(options: argparse.Namespace) -> int:
    """Prints settings and data first, then where the series part; returns the exit status."""
    pair = []
    for name in options.compare:
        named = _named(name, options)
        if len(named) != 1:
            many = f"{len(named)} runs have the name" if named else "There is no run"
            return fail(
                f"{many} {name!r} in {', '.join(options.logdirs)}. "
                "Expected: the name of one, with its logdir before it if need be."
            )
        pair.append(named[0])
    _print(options.compare, pair)
    return 0


def _named(name: str, options: argparse.Namespace) -> list[Diagnosis]:
    """The runs of that name. A folder of that name comes before an earlier run in another one."""
    candidates = [(run, folder) for run, folder, names in _candidates(name, options) if name in names]
    own_folder = [run for run, folder in candidates if run.run == folder]
    return own_folder or [run for run, _ in candidates]


def _candidates(name: str, options: argparse.Namespace) -> Iterator[tuple[Diagnosis, str, set[str]]]:
    """Runs that may be meant: each with the name of its folder, and with the names that it goes by."""
    for given in options.logdirs:
        path = logdir.check(given)
        folders, problems = logdir.folders(path)
        for folder in folders:
            # A run may be parted in two, and an earlier one has the name of the newest before its own.
            if folder.name == "." or folder.name in name:
                look = api.look(folder, user_tags(options))
                problems += look.problems
                for run in look.diagnoses:
                    yield run, folder.name, {run.run, name_of(run, path), name_of(run, path, given)}
        for problem in problems:
            say(problem)


def _print(names: tuple[str, str], pair: list[Diagnosis]) -> None:
    terminal = console()
    for name, diagnosis in zip(names, pair, strict=True):
        terminal.print(f"{name}: {worded(diagnosis).headline}", markup=False)
    comparison = compare(pair[0].evidence, pair[1].evidence)
    settings = table("what differs", *names)
    for difference in comparison.differences:
        settings.add_row(cell(difference.name), *map(cell, difference.values))
    series = table("series that part", f"since {comparison.unit}", *names)
    for parting in comparison.partings:
        series.add_row(cell(parting.name), str(parting.since), *map(cell, parting.values))
    for rows, otherwise in (
        (settings, "No setting and no fact of the data differs."),
        (series, _without_partings(comparison)),
    ):
        terminal.print()
        terminal.print(rows if rows.row_count else otherwise)


def _without_partings(comparison: Comparison) -> str:
    if comparison.unit:
        return "No series part."
    return "Their series cannot be compared: they share too few epochs or steps."
