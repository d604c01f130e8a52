"""The command line: `tb-diagnose LOGDIR`, and the commands that `options.USAGE` lists."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line.

    Returns:
        Its exit status: 0; 1 where a run has a status of `--fail-on`; 2 for what cannot be read; of `run`, that of the
        program.
    """
    from tb_diagnose.reader.logdir import read_plainly

    read_plainly()  # before anything imports TensorBoard's file access
    for stream in (sys.stdout, sys.stderr):  # folders may have names that are no text
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    words = list(sys.argv[1:] if arguments is None else arguments)
    # Always commands, whatever folders there are: a script must mean the same everywhere.
    if words[:1] == ["run"]:
        from tb_diagnose.cli.run import run

        return run(words[1:])
    if words[:1] == ["causes"]:
        from tb_diagnose.cli.catalogue import causes

        return causes(words[1:])
    if words[:1] == ["explain"]:
        from tb_diagnose.cli.catalogue import explain

        return explain(words[1:])
    if words[:1] == ["patch"]:
        from tb_diagnose.cli.patch import patch

        return patch(words[1:])
    if words[:1] == ["review"]:
        from tb_diagnose.cli.review import review

        return review(words[1:])
    if words[:1] == ["fleet"]:
        from tb_diagnose.cli.fleet import fleet

        return fleet(words[1:])
    if words[:1] == ["mcp"]:
        from tb_diagnose.cli.assistant import mcp

        return mcp(words[1:])
    return _over_logdirs(words)


def _over_logdirs(words: Sequence[str]) -> int:
    from tb_diagnose.cli.compare import compare_runs
    from tb_diagnose.cli.console import fail
    from tb_diagnose.cli.diagnose import STOPPED, diagnose
    from tb_diagnose.cli.options import mistake, parse
    from tb_diagnose.cli.watch import watch

    options = parse(words)
    wrong = mistake(options)
    if wrong:
        return fail(wrong)
    try:
        if options.compare:
            return compare_runs(options)
        return watch(options) if options.watch else diagnose(options)
    except BrokenPipeError:  # `| head` has seen enough
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - nothing is left to be flushed at the end
        return 0
    except OSError as error:
        return fail(str(error))
    except KeyboardInterrupt:
        return STOPPED


if __name__ == "__main__":
    sys.exit(main())
