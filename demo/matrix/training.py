"""One run, in a process that has made others before: build, fit, and say how it ended."""

from __future__ import annotations

import gc
import math
import shutil
import time
import warnings
from functools import lru_cache
from pathlib import Path
from typing import Any

from demo import score
from demo.matrix import plan
from demo.setups import NotApplicable


def train(job: plan.Job, folder: str) -> dict[str, Any]:
    """Trains a job into a folder, emptied first, and returns its outcome.

    Returns:
        `not_applicable` or `broken` with a sentence, where there was nothing to train; otherwise `error` (what `fit`
        raised, or None), `metrics` at the end by Keras's names, `warnings` of tb_diagnose and the skill that
        `score.measured` returns.
    """
    started, worked = time.monotonic(), time.process_time()
    clean(Path(folder))
    one_thread()
    try:
        setup = plan.build(job)
    except NotApplicable as reason:
        return {"not_applicable": str(reason)}
    except Exception as error:  # noqa: BLE001 - a mistake in a fault file is no harm that the fault does
        return {"broken": f"{type(error).__name__}: {error}"}
    import keras

    keras.backend.clear_session()
    gc.collect()
    outcome: dict[str, Any] = {"error": None, "metrics": {}, "score": None, "training_score": None}
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            history = setup.train(folder, job.seed)
            outcome["metrics"] = {name: values[-1] for name, values in history.history.items()}
        except NotApplicable as reason:
            return {"not_applicable": str(reason)}
        except Exception as error:  # noqa: BLE001 - some faults make Keras raise: that too is harm
            outcome["error"] = _first_words(f"{type(error).__name__}: {error}")
    if outcome["error"] is None:
        outcome |= score.measured(plan.base(job.setup) if job.faults else setup, setup, history)
    outcome["warnings"] = sorted({_first_words(str(w.message)) for w in said if "tb_diagnose" in str(w.message)})
    outcome["seconds"] = round(time.monotonic() - started, 2)
    outcome["cpu_seconds"] = round(time.process_time() - worked, 2)
    return {name: plain(value) for name, value in outcome.items()}


@lru_cache(None)
def one_thread() -> None:
    """Holds the backend to one thread, as runs are trained side by side. To be called before anything is trained.

    JAX takes this from the environment alone: see `workers.ENVIRONMENT`.
    """
    import keras

    if keras.backend.backend() == "torch":
        import torch

        torch.set_num_threads(1)
    elif keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)


def in_a_line(error: Exception) -> str:
    """An error as an outcome has it."""
    return f"{type(error).__name__}: {_first_words(str(error))}"


def _first_words(message: str) -> str:
    return " ".join(message.split())[:200]


def plain(value: Any) -> Any:
    """The same for JSON: Python's own numbers, None for what is not finite."""
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if value is None or isinstance(value, (str, bool, int)):
        return value
    return float(value) if math.isfinite(value) else None


def clean(folder: Path) -> None:
    """An empty folder: what a run left that was stopped in the middle is removed."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
