"""The command line: `tb-diagnose LOGDIR`, and the commands that `options.USAGE` lists."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

COMMANDS = {
    "run": "run",
    "causes": "catalogue",
    "explain": "catalogue",
    "patch": "patch",
    "review": "review",
    "fleet": "fleet",
    "mcp": "assistant",
}
"""Commands that are not over logdirs, and their modules: only that of the command is imported."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line.

    Returns:
        Its exit status: 0; 1 where a run has a status of `--fail-on`; 2 for what cannot be read; of `run`, that of the
        program.
    """
    for stream in (sys.stdout, sys.stderr):  # folders may have names that are no text
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    words = list(sys.argv[1:] if arguments is None else arguments)
    # Always commands, whatever folders there are: a script must mean the same everywhere.
    if words and words[0] in COMMANDS:
        _read_plainly()
        module = importlib.import_module(f"tb_diagnose.cli.{COMMANDS[words[0]]}")
        return int(getattr(module, words[0])(words[1:]))
    return _over_logdirs(words)


def _read_plainly() -> None:
    """Before anything imports TensorBoard's file access."""
    from tb_diagnose.reader.logdir import read_plainly

    read_plainly()


def _over_logdirs(words: Sequence[str]) -> int:
    from tb_diagnose.cli.options import mistake, parse

    options = parse(words)  # `--help` ends here, before anything that takes time to import
    _read_plainly()
    from tb_diagnose.cli.compare import compare_runs
    from tb_diagnose.cli.console import fail, stop_writing
    from tb_diagnose.cli.diagnose import STOPPED, diagnose
    from tb_diagnose.cli.watch import watch

    wrong = mistake(options)
    if wrong:
        return fail(wrong)
    try:
        if options.compare:
            return compare_runs(options)
        return watch(options) if options.watch else diagnose(options)
    except BrokenPipeError:  # `| head` has seen enough
        stop_writing()
        return 0
    except OSError as error:
        return fail(str(error))
    except KeyboardInterrupt:
        return STOPPED


if __name__ == "__main__":
    sys.exit(main())
