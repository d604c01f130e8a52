"""`log`: one record of a model, for custom training loops."""

from __future__ import annotations

import os
import time
import weakref
from dataclasses import replace
from typing import Any

from tb_diagnose import storage
from tb_diagnose.recorder import arguments, objective
from tb_diagnose.recorder.guard import Guard
from tb_diagnose.recorder.prepare import prepare
from tb_diagnose.recorder.session import Session

PROBE_SAMPLES = 512
"""Samples of the probe batch."""
_SESSIONS: weakref.WeakKeyDictionary[Any, dict[str, Session]] = weakref.WeakKeyDictionary()
_GUARDS: weakref.WeakKeyDictionary[Any, Guard] = weakref.WeakKeyDictionary()
_DEFAULT_LOGDIRS: weakref.WeakKeyDictionary[Any, str] = weakref.WeakKeyDictionary()


def log(
    model: Any,
    data: Any,
    logdir: str | os.PathLike[str] | None = None,
    *,
    step: int | None = None,
    validation_data: Any = None,
    loss_fn: objective.LossFunction | None = None,
    loss: Any = None,
    optimizer: Any = None,
) -> None:
    """Logs one epoch of a custom training loop; call it once after each epoch.

    The first call also writes the facts. Called before the first optimizer step it records the state
    before training as epoch 0, which tells more causes apart.

    Example:

    ```python
    tb_diagnose.log(model, (x, y), "logs/run1", loss_fn=loss_fn, optimizer=optimizer)
    for epoch in range(10):
        loss = train_one_epoch(model)
        tb_diagnose.log(model, (x, y), "logs/run1", loss_fn=loss_fn, optimizer=optimizer, loss=loss)
    ```

    Args:
        model: A built `keras.Model`, or torch's DistributedDataParallel around one. It need not be compiled. Of several
            processes that train it together, the first one writes.
        data: The training data: `(x, y)` or `(x, y, sample_weight)` arrays, or a `tf.data.Dataset` of batches.
            Read at the first call for this model. None: the data are not looked at, and what is logged is the model,
            its weights and `loss`.
        logdir: Folder of this run. Defaults to `logs/<date-time>`, said once.
        step: TensorBoard step of this record. Defaults to one after the last.
        validation_data: The validation data, of the same kinds as `data`, or None.
        loss_fn: The loop's own loss, `loss_fn(y_true, y_pred)`: one of Keras's, or any function of two tensors.
            Losses and gradients are measured with it, and it is asked whether it compares each output with its own
            label. Defaults to the compiled loss, if there is one.
        loss: The loss that the loop measured in this epoch, a number. None before the first epoch.
        optimizer: The optimizer that the loop uses, of Keras or of PyTorch. Defaults to the compiled one, if there is
            one.

    Raises:
        TypeError: an argument is of a wrong kind, or the labels are strings.
        ValueError: `data` is empty or its arrays differ in length, `logdir` cannot be written, or the model is not
            built. During a run, after the first call for a model, errors are one warning.
    """
    with _guard_of(model)("logging an epoch", unless=(TypeError, ValueError)):
        told = objective.Objective(loss_fn, optimizer)
        _log(arguments.unwrapped(model), data, logdir, step, validation_data, told, loss)


def _guard_of(model: Any) -> Guard:
    """Tells each failure of a model's loop once."""
    try:
        return _GUARDS.setdefault(model, Guard())
    except TypeError:  # it is no model: what is about to be raised says so
        return Guard()


def _log(
    model: Any, data: Any, logdir: Any, step: int | None, validation_data: Any, told: objective.Objective, loss: Any
) -> None:
    arguments.check_model(model)
    arguments.check_loop(told.loss_fn, loss, told.optimizer)
    if logdir is None:
        logdir = _default_logdir(model)
    objective.use(model, replace(told, in_shape=objective.of(model).in_shape))
    sessions = _SESSIONS.setdefault(model, {})
    key = _key(logdir)
    session = sessions.get(key)
    metrics = {} if loss is None else {"loss": float(loss)}
    if session is None:
        if step is not None and (isinstance(step, bool) or not hasattr(step, "__index__") or step < 0):
            raise ValueError(f"`step` is not a step. Expected: an integer from 0. Received: {step!r}.")
        session = prepare(logdir, data, validation_data, 0 if data is None else PROBE_SAMPLES)
        session.begin(model, first_step=step)
        sessions[key] = session
        session.write_step({"kind": "loop", "told": _told(told.loss_fn, told.optimizer)})
        if session.begin_measuring(model, trained=loss is not None):
            return
    session.record(model, metrics, {}, step=step)


def _told(loss_fn: Any, optimizer: Any) -> list[str]:
    """Names of what a loop has told of itself."""
    return [name for name, value in (("loss_fn", loss_fn), ("optimizer", optimizer)) if value is not None]


def _key(logdir: Any) -> str:
    """One key for all spellings of a folder."""
    if not isinstance(logdir, (str, os.PathLike)):
        return str(logdir)
    path = storage.located(os.fspath(logdir))
    return path if storage.is_remote(path) else os.path.abspath(path)


def _default_logdir(model: Any) -> str:
    if model not in _DEFAULT_LOGDIRS:
        logdir = os.path.join("logs", time.strftime("%Y%m%d-%H%M%S"))
        same = sum(taken.startswith(logdir) for taken in _DEFAULT_LOGDIRS.values())
        _DEFAULT_LOGDIRS[model] = f"{logdir}-{same + 1}" if same else logdir
        print(f"tb_diagnose: logging to {_DEFAULT_LOGDIRS[model]}; open it with: tensorboard --logdir logs")
    return _DEFAULT_LOGDIRS[model]
