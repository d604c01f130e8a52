"""The command line: `tb-diagnose LOGDIR`, `tb-diagnose causes`, `tb-diagnose explain ID`."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import types
from collections.abc import Sequence

USAGE = "tb-diagnose [--json] LOGDIR  |  tb-diagnose causes  |  tb-diagnose explain ID"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and returns its exit status: 0, or 2 for what cannot be read."""
    # TensorBoard loads TensorFlow for its file access when it is installed; plain files need none of it.
    sys.modules.setdefault("tensorboard.compat.notf", types.ModuleType("tensorboard.compat.notf"))
    logging.getLogger("tensorboard").setLevel(logging.ERROR)  # its notes on event files are not for a user's eyes
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["causes"] and not os.path.isdir("causes"):
        return _causes(words[1:])
    if words[:1] == ["explain"] and not os.path.isdir("explain"):
        return _explain(words[1:])
    return _diagnose(words)


def _diagnose(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        "tb-diagnose",
        usage=USAGE,
        description="Tells why the accuracy of the trainings in a logdir does not move.",
        epilog="causes: lists what it can tell. explain ID: what a cause is, how it is measured and what to change.",
    )
    parser.add_argument("logdir", metavar="LOGDIR", help="a logdir, as for tensorboard --logdir")
    parser.add_argument("--json", action="store_true", help="print a list with one object a training")
    for what in ("accuracy", "loss"):
        parser.add_argument(
            f"--{what}-tag",
            action="append",
            default=[],
            metavar="TAG",
            help=f"a scalar that holds {what} under a name that says something else; may be given several times",
        )
    options = parser.parse_args(words)
    from rich.console import Console

    from tb_diagnose import report, trainings

    try:
        found = trainings.diagnose(
            options.logdir, accuracy_tags=tuple(options.accuracy_tag), loss_tags=tuple(options.loss_tag)
        )
    except OSError as error:
        return _fail(str(error))
    if options.json:
        print(json.dumps(report.plain([report.as_json(d) for d in found]), indent=2, ensure_ascii=False))
        return 0
    console = Console(highlight=False, soft_wrap=False)
    if not found:
        console.print(
            f"No training was found in {options.logdir}: no run was logged by tb_diagnose or keras.callbacks.TensorBoard.",
            markup=False,
        )
    here = os.path.basename(os.path.abspath(options.logdir))
    for index, diagnosis in enumerate(found):
        if index:
            console.print()
        name = here + diagnosis.training.removeprefix(".") if diagnosis.training.startswith(".") else diagnosis.training
        report.print_report(diagnosis, console, name)
    return 0


def _causes(words: Sequence[str]) -> int:
    if words:
        return _fail(f"`causes` takes no argument. Received: {' '.join(words)!r}.")
    from rich.console import Console
    from rich.table import Table

    from tb_diagnose.causes import CATALOGUE

    table = Table("id", "cause", "family", box=None, pad_edge=False)
    for entry in CATALOGUE.values():
        table.add_row(entry.id, entry.title, entry.family)
    Console(highlight=False).print(table)
    return 0


def _explain(words: Sequence[str]) -> int:
    from rich.console import Console
    from rich.markdown import Markdown

    from tb_diagnose import report
    from tb_diagnose.causes import CATALOGUE

    if len(words) != 1 or words[0] not in CATALOGUE:
        return _fail(f"There is no cause {' '.join(words)!r}. Expected one of: {', '.join(CATALOGUE)}.")
    page = report.explain(CATALOGUE[words[0]])
    console = Console(highlight=False)
    console.print(Markdown(page)) if console.is_terminal else print(page, end="")
    return 0


def _fail(sentence: str) -> int:
    print(f"tb-diagnose: {sentence}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
