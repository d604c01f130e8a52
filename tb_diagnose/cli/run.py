"""`tb-diagnose run train.py ARGS`: the program as it is, with every `fit` in it logged and judged.

The program runs in a process of its own, with this one's input and output; it is judged here, so that it is not slowed
down. Its exit status is kept.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress

from tb_diagnose import storage
from tb_diagnose.cli.console import fail, say
from tb_diagnose.cli.program import Program
from tb_diagnose.cli.verdicts import Verdicts

EPILOG = (
    "The program gets its own arguments, input, output and exit status; what tb-diagnose says goes to standard error. "
    "Processes that the program starts are logged as well. A verdict is given for each run: at its first stall, and "
    "when it has ended or crashed."
)
LOOK = 1.0
"""Seconds between two looks at what the program has logged."""


def run(words: Sequence[str]) -> int:
    """Runs a program; returns its exit status, or 2 where it cannot be logged.

    Args:
        words: What stands behind `run` on the command line.
    """
    own, command = split(words)
    parser = _parser()
    options = parser.parse_args(own)
    if not command:
        folder = " A folder of this name is ./run." if os.path.isdir("run") else ""
        parser.error(f"the program is missing. Expected: a script, or -m and a module.{folder}")
    wrong = _mistake(options)
    if wrong:
        return fail(wrong)
    handle, journal = tempfile.mkstemp(prefix="tb-diagnose-", suffix=".journal")
    os.close(handle)
    try:
        return _run(options, command, journal)
    finally:
        with suppress(OSError):
            os.remove(journal)


def split(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Our own options, and the program with its arguments: it begins with the first word that is none of ours."""
    index = 0
    while index < len(words):
        word = words[index]
        if word == "--":
            return list(words[:index]), list(words[index + 1 :])
        if not word.startswith("-") or word == "-" or re.match("-[mc]", word):
            break
        index += 2 if word in ("--logdir", "--probe-samples") else 1
    return list(words[:index]), list(words[index:])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "tb-diagnose run",
        usage="tb-diagnose run [options] train.py [ARGS ...]  |  tb-diagnose run [options] -m MODULE [ARGS ...]",
        description="Runs a program without a change to it; every fit of Keras in it is logged and judged.",
        epilog=EPILOG,
        allow_abbrev=False,
    )
    parser.add_argument("--logdir", default="logs", metavar="DIR", help="folder of the runs (default: logs)")
    parser.add_argument(
        "--trial",
        action="store_true",
        help="after a fit that has not learned, train copies of its model with what the diagnosis proposes, and say "
        "which change helps",
    )
    parser.add_argument("--no-source", action="store_true", help="keep no lines of the program in the logs")
    parser.add_argument("--quiet", action="store_true", help="log only, and say nothing")
    parser.add_argument(
        "--probe-samples",
        type=int,
        default=512,
        metavar="N",
        help="samples on which predictions and gradients are measured; 0: the data are not looked at (default: 512)",
    )
    return parser


def _mistake(options: argparse.Namespace) -> str | None:
    """A sentence for what is wrong with the options; None where nothing is. Nothing is left behind."""
    from tb_diagnose.recorder import arguments

    try:
        arguments.check_probe_samples(options.probe_samples)
        if storage.is_remote(storage.located(options.logdir)):
            return None  # the program may reach what this process, without TensorFlow, cannot
        _try_folder(arguments.check_logdir(options.logdir))
    except ValueError as error:
        return str(error).replace("`logdir`", "`--logdir`").replace("`probe_samples`", "`--probe-samples`")
    except OSError as error:
        return (
            "`--logdir` cannot be written. Expected: a folder that this user may write. "
            f"Received: {options.logdir!r} ({error.strerror})."
        )
    return None


def _try_folder(path: str) -> None:
    """Makes a folder and removes what was not there before: the program may make it itself."""
    missing = []
    while not os.path.exists(path):
        missing.append(path)
        path = os.path.dirname(os.path.abspath(path))
    try:
        for folder in reversed(missing):
            os.mkdir(folder)
        with tempfile.TemporaryFile(dir=missing[0] if missing else path):
            pass
    finally:
        for folder in missing:
            with suppress(OSError):
                os.rmdir(folder)


def _run(options: argparse.Namespace, command: list[str], journal: str) -> int:
    from tb_diagnose.recorder.program import Settings

    logdir = storage.located(options.logdir)
    settings = Settings(
        logdir=logdir if storage.is_remote(logdir) else os.path.abspath(logdir),
        journal=journal,
        probe_samples=options.probe_samples,
        source=not options.no_source,
        trial=options.trial,
        quiet=options.quiet,
    )
    program = Program([sys.executable, *interpreter_options(sys.orig_argv), *command], settings.environment(os.environ))
    verdicts = Verdicts(journal, settings.logdir, options.logdir, sys.stderr)
    while not program.ends_within(LOOK):
        if not options.quiet:
            _attempt(verdicts.look)
    can_start = command[0].startswith("-") or os.path.exists(command[0])  # Python has said so otherwise
    if not options.quiet and can_start:
        _attempt(verdicts.close)
    return program.exit()


def _attempt(action: Callable[[], None]) -> None:
    """Whatever goes wrong with our words, the program goes on, and its exit status is kept."""
    try:
        action()
    except Exception as error:  # noqa: BLE001 - see above
        say(f"a verdict cannot be given ({type(error).__name__}: {error}).")
    except KeyboardInterrupt:
        pass


def interpreter_options(words: Sequence[str]) -> list[str]:
    """Options of Python itself, such as `-u`, in the words that started this process: the program gets them too."""
    options: list[str] = []
    rest = iter(words[1:])
    for word in rest:
        if word.startswith("--"):
            options += [word, next(rest, "")] if word == "--check-hash-based-pycs" else [word]
            continue
        match = re.fullmatch("-([^mcWX]*)([mcWX]?)(.*)", word)
        if match is None or word == "-":
            break
        letters, takes, value = match.groups()
        options += [f"-{letters}"] if letters else []
        if takes in ("m", "c"):
            break
        if takes:
            options.append(f"-{takes}{value or next(rest, '')}")
    return options
