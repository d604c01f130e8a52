"""`python -m tb_diagnose.trials.of_program SETTINGS`: runs a program, then a trial of the model of its last `fit`.

The program is run as it is and logged; the copies are trained on what its `fit` was given. This is a process of its
own, since the program may do what it likes with its interpreter.
"""

from __future__ import annotations

import functools
import inspect
import json
import math
import os
import runpy
import sys
import traceback
from collections.abc import Mapping, Sequence
from typing import Any

from tb_diagnose.on_import import ImportHook
from tb_diagnose.recorder import watchers

MADE, NOT_MADE = 0, 1
"""Exit statuses: a trial was made, or none could be."""
PASSED_ON = ("epochs", "batch_size", "shuffle", "class_weight")
"""Arguments of `fit` that a trial takes too."""


class LastFit:
    """The last call of `fit` of a program, and where it was logged."""

    def __init__(self) -> None:
        self.model: Any = None
        self.arguments: Mapping[str, Any] = {}
        self.logdir: str | None = None

    def watch(self, logdir: str) -> None:
        """Logs every `fit` and takes note of it; called when Keras was imported."""
        import keras

        from tb_diagnose.recorder.autolog import autolog

        autolog(logdir, verbose=0)
        watchers.watch(self._begun, lambda run, verbose: None, watchers.OfTrials())
        fit = keras.Model.fit
        signature = inspect.signature(fit)

        @functools.wraps(fit)
        def noted(model: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                bound = signature.bind(model, *args, **kwargs)
                self.model, self.arguments = model, dict(bound.arguments)
            except TypeError:
                pass  # Keras says in its own words what is wrong with the call
            return fit(model, *args, **kwargs)

        keras.Model.fit = noted

    def _begun(self, run: watchers.Run) -> None:
        self.logdir = os.path.abspath(run.logdir) if "://" not in run.logdir else run.logdir


def data_of(arguments: Mapping[str, Any]) -> tuple[Any, Any]:
    """Training and validation samples, as `trial` takes them, of the arguments of `fit`.

    Args:
        arguments: By name.
    """
    x, y, weight = (arguments.get(name) for name in ("x", "y", "sample_weight"))
    given, share = arguments.get("validation_data"), arguments.get("validation_split") or 0.0
    if y is None:
        return x, given
    parts = [x, y] if weight is None else [x, y, weight]
    if given is not None or not share:
        return tuple(parts), given
    count = math.floor(len(y) * (1 - share))  # as Keras parts them
    return tuple(part[:count] for part in parts), tuple(part[count:] for part in parts)


def main(words: Sequence[str]) -> int:
    """Runs the program and the trial; returns the exit status."""
    settings = json.loads(words[0])
    last = LastFit()
    ImportHook("keras", lambda: last.watch(settings["logdir"])).install()
    sys.argv = [settings["script"], *settings["arguments"]]
    sys.path[0] = os.path.dirname(os.path.abspath(settings["script"]))
    try:
        runpy.run_path(settings["script"], run_name="__main__")
    except SystemExit:
        pass
    except Exception:  # noqa: BLE001 - a fit that raises is tried as well: a change may help it
        traceback.print_exc()
    if last.model is None or last.logdir is None:
        print("No trial: the program has called no fit of Keras.")
        return NOT_MADE
    return _tried(last, settings)


def _tried(last: LastFit, settings: Mapping[str, Any]) -> int:
    from tb_diagnose.trials.trial import trial

    training, validation = data_of(last.arguments)
    given = {name: last.arguments[name] for name in PASSED_ON if last.arguments.get(name) is not None}
    try:
        found = trial(
            last.model,
            training,
            validation_data=validation,
            logdir=last.logdir,
            budget=settings["budget"],
            seeds=settings["seeds"],
            **given,
        )
    except (TypeError, ValueError, FileNotFoundError) as error:
        print(f"No trial: {error}")
        return NOT_MADE
    print(found)
    return MADE if any(row.values for row in found.rows) else NOT_MADE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
