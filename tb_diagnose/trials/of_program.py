"""`python -m tb_diagnose.trials.of_program SETTINGS`: runs a program, then a trial of its last `fit`.

The program is run as it is and logged; the trial is the one of `after_fit`, whatever the run has shown. This is a
process of its own, since the program may do what it likes with its interpreter.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from tb_diagnose.on_import import ImportHook
from tb_diagnose.recorder import watchers

if TYPE_CHECKING:
    from tb_diagnose.trials.after_fit import Ended

MADE, NOT_MADE = 0, 1
"""Exit statuses: a trial was made, or none could be."""


class LastFit:
    """The last call of `fit` of a program, and what a trial of it needs.

    Args:
        logdir: Where every `fit` is logged.
    """

    def __init__(self, logdir: str) -> None:
        self.ended: Ended | None = None
        self._logdir = logdir
        self._stop: Callable[[], None] = lambda: None

    def watch(self) -> None:
        """Logs every `fit` and takes note of it; called when Keras was imported."""
        from tb_diagnose.recorder.autolog import autolog

        autolog(self._logdir, verbose=0)
        keeps = watchers.OfTrials(keeps=self._keep)
        self._stop = watchers.watch(None, lambda run, verbose: None, keeps)

    def stop(self) -> None:
        """The program is over."""
        self._stop()

    def _keep(self, ended: Any) -> None:
        self.ended = ended


def main(words: Sequence[str]) -> int:
    """Runs the program and the trial; returns the exit status."""
    settings = json.loads(words[0])
    last = LastFit(settings["logdir"])
    ImportHook("keras", last.watch).install()
    sys.argv = [settings["script"], *settings["arguments"]]
    sys.path[0] = os.path.dirname(os.path.abspath(settings["script"]))
    try:
        runpy.run_path(settings["script"], run_name="__main__")
    except SystemExit:
        pass
    except Exception:  # noqa: BLE001 - a fit that raises is tried as well: a change may help it
        traceback.print_exc()
    last.stop()
    if last.ended is None:
        print("No trial: the program has called no fit of Keras.")
        return NOT_MADE
    from tb_diagnose.trials import after_fit

    try:
        print(after_fit.trial_of(last.ended, budget=settings["budget"], seeds=settings["seeds"]))
    except after_fit.CannotTryError as error:
        print(f"No trial: {error}")
        return NOT_MADE
    return MADE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
