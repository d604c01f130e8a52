"""`tb-diagnose mcp [LOGDIR ...]`: the server of the Model Context Protocol, which coding assistants ask."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from tb_diagnose.cli.console import fail

EPILOG = (
    "It speaks the Model Context Protocol over standard input and output, so a client starts it; `docs/assistants.md` "
    "says how. It reads these logdirs and nothing else, and writes nothing. With --allow-run it runs programs of the "
    "working directory when it is asked to, and reads them for diffs. Exit status: 0 when the client has gone; 2 where "
    "the package mcp is missing. This word is always a command: a folder named so is ./mcp."
)
INTERRUPTED = 130
"""Exit status of a program that Ctrl-C has ended."""


def mcp(words: Sequence[str]) -> int:
    """Serves until the client goes; returns the exit status."""
    options = _parser().parse_args(list(words))
    try:
        from tb_diagnose.assistant.server import serve
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] not in ("mcp", "anyio", "jsonschema"):
            raise
        return fail("The package mcp is missing. Install it with: pip install 'tb-diagnose[mcp]'")
    # The client may start it anywhere: what is found later is what was meant now.
    given = [path if "://" in path else os.path.abspath(path) for path in options.logdirs] or [os.path.abspath("logs")]
    try:
        serve(given, options.allow_run)
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "tb-diagnose mcp", description="Answers coding assistants about the runs of some logdirs.", epilog=EPILOG
    )
    parser.add_argument("logdirs", metavar="LOGDIR", nargs="*", help="a logdir, as for tensorboard (default: logs)")
    parser.add_argument(
        "--allow-run", action="store_true", help="let the assistant run Python programs of the working directory"
    )
    return parser
