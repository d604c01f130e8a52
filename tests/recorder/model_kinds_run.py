"""Trains each kind of model with and without logging, and prints what differs and what was recorded, a line a kind.

A process of its own: Keras takes its backend when it is imported. `python model_kinds_run.py FOLDER [KIND ...]`
"""

from __future__ import annotations

import json
import random
import sys
import time
import traceback
import warnings
from pathlib import Path
from typing import Any

import keras
import model_kinds
import numpy as np

import tb_diagnose
from tb_diagnose import event_file


def trained(name: str) -> dict[str, Any]:
    """Trains a program, and says all that logging must leave alone."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(4)
    program = model_kinds.KINDS[name].make()
    model = program.model
    arguments = {"batch_size": model_kinds.BATCH, "epochs": model_kinds.EPOCHS, "verbose": 0, **program.fit}
    history = model.fit(program.x, program.y, **arguments).history
    optimizer = [] if model.optimizer is None else model.optimizer.variables
    variables = (*model.variables, *optimizer, *model.metrics_variables)
    return {
        "variables": [np.array(keras.ops.convert_to_numpy(v.value)).tobytes() for v in variables],
        "history": history,
        "state": [str(random.getstate()), str(np.random.get_state())],
        "drawn": drawn(),
        "predicted": [
            np.array(keras.ops.convert_to_numpy(part)).tobytes()
            for part in keras.tree.flatten(model.predict(program.x, verbose=0, batch_size=model_kinds.BATCH))
        ],
    }


def drawn() -> list[Any]:
    """What the next random operations give."""
    found = [np.array(keras.random.normal((2,))).tolist()] if keras.backend.backend() != "torch" else []
    if "torch" in sys.modules:
        import torch

        found.append(torch.rand(2).tolist())
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        found.append(tf.random.uniform((2,)).numpy().tolist())
    return found


def compared(name: str, logdir: Path) -> dict[str, Any]:
    """What differs, our warnings, and what was recorded."""
    started = time.monotonic()
    with warnings.catch_warnings(record=True) as before:
        warnings.simplefilter("always")
        without = trained(name)
    plain = time.monotonic() - started
    with warnings.catch_warnings(record=True) as given, tb_diagnose.autolog(logdir, verbose=0):
        warnings.simplefilter("always")
        with_log = trained(name)
    known = {_text(w) for w in before}
    recorded = event_file.newest(str(next(logdir.iterdir()) / "diagnosis"))
    (diagnosis,) = tb_diagnose.diagnose(str(logdir))
    return {
        "different": [part for part in without if without[part] != with_log[part]],
        "warnings": sorted({_text(w) for w in given} - known),
        "epochs": recorded.epochs.tolist(),
        "status": diagnosis.status.name,
        "named": [named.cause.id for named in diagnosis.probable_causes],
        "untold": {cause.id: missing for cause, missing in diagnosis.could_not_tell},
        "failed": [cause.id for cause, _ in diagnosis.failed],
        "series": sorted(recorded.series),
        "seconds": [round(plain, 1), round(time.monotonic() - started - plain, 1)],
    }


def _text(warning: Any) -> str:
    return f"{warning.category.__name__}: {str(warning.message).splitlines()[0][:200]}"


def main(arguments: list[str]) -> None:
    """Prints `{"kind": ...}` a line."""
    for name in arguments[1:] or model_kinds.of(keras.backend.backend()):
        try:
            found = compared(name, Path(arguments[0]) / name.replace(" ", "_"))
        except Exception:  # noqa: BLE001 - said in the result
            found = {"error": traceback.format_exc()}
        print(json.dumps({"kind": name, **found}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
