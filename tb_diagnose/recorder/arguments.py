"""Arguments checked before training: every error names the argument, what was expected and what was received."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from tb_diagnose import event_file, storage
from tb_diagnose.recorder import processes, torch_optimizer
from tb_diagnose.recorder.data import Data


class LogdirError(ValueError):
    """A `logdir` that a user must correct: no other error ends a run."""


def check_logdir(logdir: Any) -> str:
    """The folder that is meant, on this machine or behind an address that TensorBoard can read.

    Raises:
        TypeError: it is not a path.
        LogdirError: this process is the one that writes, and nothing can be written there, or a newer version wrote
            there.
    """
    if not isinstance(logdir, (str, os.PathLike)) or not isinstance(os.fspath(logdir), str):
        raise TypeError(f"`logdir` is not a path. Expected: a string or a path. Received: {logdir!r}.")
    path = storage.located(os.fspath(logdir))
    if not processes.is_chief():
        return path  # another process writes there, and this one may be on a machine that cannot
    if storage.is_remote(path):
        _check_address(path)
    else:
        _check_folder(path)
    try:
        event_file.check_schema(storage.join(path, event_file.RUN))
    except event_file.NewerSchemaError as error:
        raise newer_schema(path, error) from error
    return path


def _check_address(path: str) -> None:
    try:
        storage.exists(path)
    except OSError as error:
        raise LogdirError(
            "`logdir` is an address that cannot be reached. Expected: a folder, or an address that TensorBoard reads, "
            f"such as gs://bucket/logs. Received: {path!r} ({error})."
        ) from error


def _check_folder(path: str) -> None:
    ancestor = os.path.abspath(path)
    while not os.path.lexists(ancestor):
        ancestor = os.path.dirname(ancestor)
    if not os.path.isdir(ancestor):
        raise LogdirError(
            f"`logdir` cannot be a folder. Expected: a folder or a new path. Received: {path!r}, but {ancestor} is a "
            "file."
        )
    if not os.access(ancestor, os.W_OK | os.X_OK):
        raise LogdirError(f"`logdir` is not writable. Expected: a folder that this user may write. Received: {path!r}.")


def newer_schema(logdir: str, error: event_file.NewerSchemaError) -> LogdirError:
    """The error for a folder that a newer version wrote into: two schemas in one folder could not be read."""
    return LogdirError(
        f"`logdir` holds a run of a newer tb_diagnose (schema {error.schema}; this version writes schema "
        f"{event_file.SCHEMA}). Expected: another folder, or the newer version here: "
        f"`pip install --upgrade tb-diagnose`. Received: {logdir!r}."
    )


def check_probe_samples(probe_samples: Any) -> int:
    """The number of probe samples. Raises ValueError for anything that is no number from 0."""
    if not isinstance(probe_samples, (int, np.integer)) or isinstance(probe_samples, bool) or probe_samples < 0:
        raise ValueError(
            f"`probe_samples` must be a number of samples. Expected: an integer from 0. Received: {probe_samples!r}."
        )
    return int(probe_samples)


def check_model(model: Any) -> None:
    """Raises TypeError or ValueError for what is no Keras model, or is not built."""
    _check_keras(model)
    if not model.built:
        raise ValueError(
            "`model` is not built. Expected: a model that knows its input shape, such as one that starts with "
            f"keras.Input(shape). Received: {model.name!r}, not built."
        )


def check_loop(loss_fn: Any, loss: Any, optimizer: Any) -> None:
    """Raises TypeError for what a loop cannot have: each of them may be None."""
    if loss_fn is not None and not callable(loss_fn):
        raise TypeError(
            "`loss_fn` is not a function. Expected: a callable loss_fn(y_true, y_pred), such as "
            f"keras.losses.BinaryCrossentropy(). Received: {loss_fn!r}."
        )
    if loss is not None and np.ndim(loss) != 0:
        raise TypeError(
            "`loss` is not a number. Expected: the mean loss of the epoch. "
            f"Received: an array of shape {np.shape(loss)}."
        )
    if optimizer is not None and not hasattr(optimizer, "learning_rate") and not torch_optimizer.is_one(optimizer):
        raise TypeError(
            "`optimizer` is not an optimizer of Keras or PyTorch. Expected: the one that the loop uses, such as "
            f"keras.optimizers.Adam(). Received: a {type(optimizer).__name__}."
        )


def unwrapped(model: Any) -> Any:
    """The Keras model inside torch's DistributedDataParallel; any other object as it is."""
    inside = getattr(model, "module", None)
    return inside if not hasattr(model, "stateless_call") and hasattr(inside, "stateless_call") else model


def check_compiled(model: Any) -> None:
    """Raises TypeError or ValueError for a model whose loss is not known."""
    _check_keras(model)
    if not getattr(model, "compiled", False):
        raise ValueError(
            "`model` is not compiled. Expected: model.compile(loss=..., optimizer=...) before logging, so that the "
            f"loss is known. Received: {model.name!r}, not compiled."
        )


def _check_keras(model: Any) -> None:
    if not hasattr(model, "stateless_call"):
        raise TypeError(f"`model` is not a Keras 3 model. Expected: keras.Model. Received: a {type(model).__name__}.")


def check_alike(data: Data, validation: Data | None) -> None:
    """Raises ValueError when validation samples have another form than training samples."""
    if validation is None:
        return
    expected = [array.shape[1:] for array in data.inputs] + [data.y.shape[1:]]
    received = [array.shape[1:] for array in validation.inputs] + [validation.y.shape[1:]]
    same_axes = [len(shape) for shape in expected] == [len(shape) for shape in received]
    if not same_axes or expected[-1] != received[-1]:
        raise ValueError(
            "`validation_data` has samples of another shape than `data`. "
            f"Expected: inputs and labels of shapes {expected}. Received: {received}."
        )
    if validation.y.dtype.kind not in "biuf" and data.y.dtype.kind in "biuf":
        raise TypeError(
            "`validation_data` has labels that are not numbers. Expected: labels as in `data`. "
            f"Received: labels of dtype {validation.y.dtype}."
        )
