"""`tb-diagnose patch LOGDIR [--run NAME] > fix.diff`: the diff of the user's own files for all probable causes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tb_diagnose import api
from tb_diagnose.cli.console import fail, say
from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.report import program_patch
from tb_diagnose.report.run_name import name_of

COMPLETE, INCOMPLETE = 0, 1
"""Exit statuses: the diff holds all that is to be changed, or something is left to do by hand, or there is no diff."""
EPILOG = (
    "Run it in the folder from which the program was started. Nothing is applied: `git apply fix.diff` does that. "
    "Standard output is the diff and nothing else. Exit status: 0 where the diff holds all edits of the probable "
    "causes; 1 where some are left to do by hand, or there is none; 2 where something cannot be read. "
    "This word is always a command: a folder named so is ./patch."
)


def patch(words: Sequence[str]) -> int:
    """Prints the diff; returns the exit status."""
    options = _parser().parse_args(list(words))
    try:
        diagnoses = api.diagnose(options.logdir)
    except OSError as error:
        return fail(str(error))
    for problem in diagnoses.problems:
        say(problem)
    named = [(name_of(diagnosis, options.logdir), diagnosis) for diagnosis in diagnoses]
    if options.run is not None:
        named = [(name, diagnosis) for name, diagnosis in named if options.run in (name, diagnosis.run)]
        if not named:
            return fail(f"There is no run {options.run!r} in {options.logdir}.")
    if not named:
        return fail(diagnoses.message or f"There is no run in {options.logdir}.")
    chosen = _newest(named)
    if chosen is None:
        say("no run has an edit: nothing is to be changed, or what to change leaves something to decide.")
        return INCOMPLETE
    name, diagnosis = chosen
    if len(named) > 1:
        say(f"this is for {name}, the newest run with an edit; `--run NAME` takes another.")
    return _print(diagnosis)


def _newest(named: Sequence[tuple[str, Diagnosis]]) -> tuple[str, Diagnosis] | None:
    """The run with an edit that was written to last."""
    edited = [pair for pair in named if any(each.finding.edits for each in pair[1].probable_causes)]
    return max(edited, key=lambda pair: pair[1].evidence.last_sign or 0.0, default=None)


def _print(diagnosis: Diagnosis) -> int:
    made = program_patch.program_patch(diagnosis)
    sys.stdout.buffer.write(made.diff)
    sys.stdout.buffer.flush()
    for left in made.by_hand:
        say(f"{left.place or 'to change by hand'}: {left.cause}. Not in the diff: {left.why}. Change: {left.what}")
    for remark in made.remarks:
        say(remark)
    return COMPLETE if made.diff and not made.by_hand else INCOMPLETE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "tb-diagnose patch",
        description="Prints what all probable causes of a run change in the program that trained it, as a diff.",
        epilog=EPILOG,
    )
    parser.add_argument("logdir", metavar="LOGDIR", help="a logdir, as for tensorboard --logdir")
    parser.add_argument("--run", metavar="NAME", help="the run (default: the newest one that has an edit)")
    return parser
