"""Arguments checked before training: every error names the argument, what was expected and what was received."""

from __future__ import annotations

import os
from typing import Any

from tb_diagnose.recorder.data import Data


def check_logdir(logdir: Any) -> str:
    """The logdir as a path. Raises TypeError or ValueError when nothing can be written there."""
    if not isinstance(logdir, (str, os.PathLike)):
        raise TypeError(f"`logdir` is not a path. Expected: a string or a path. Received: {logdir!r}.")
    path = os.fspath(logdir)
    ancestor = os.path.abspath(path)
    while not os.path.lexists(ancestor):
        ancestor = os.path.dirname(ancestor)
    if not os.path.isdir(ancestor):
        raise ValueError(
            f"`logdir` cannot be a folder. Expected: a folder or a new path. Received: {path!r}, but {ancestor} is a file."
        )
    if not os.access(ancestor, os.W_OK | os.X_OK):
        raise ValueError(f"`logdir` is not writable. Expected: a folder that this user may write. Received: {path!r}.")
    return path


def check_model(model: Any) -> None:
    """Raises TypeError or ValueError for a model that is not compiled or not built."""
    check_compiled(model)
    if not model.built:
        raise ValueError(
            "`model` is not built. Expected: a model that knows its input shape, such as one that starts with "
            f"keras.Input(shape). Received: {model.name!r}, not built."
        )


def check_compiled(model: Any) -> None:
    """Raises TypeError or ValueError for a model whose loss is not known."""
    if not hasattr(model, "stateless_call"):
        raise TypeError(f"`model` is not a Keras 3 model. Expected: keras.Model. Received: a {type(model).__name__}.")
    if not getattr(model, "compiled", False):
        raise ValueError(
            "`model` is not compiled. Expected: model.compile(loss=..., optimizer=...) before logging, so that the loss is known. "
            f"Received: {model.name!r}, not compiled."
        )


def check_alike(data: Data, validation: Data | None) -> None:
    """Raises ValueError when validation samples have another form than training samples."""
    if validation is None:
        return
    ours = [a.shape[1:] for a in data.inputs] + [data.y.shape[1:]]
    theirs = [a.shape[1:] for a in validation.inputs] + [validation.y.shape[1:]]
    if [len(shape) for shape in ours] != [len(shape) for shape in theirs] or ours[-1] != theirs[-1]:
        raise ValueError(
            "`validation_data` has samples of another shape than `data`. "
            f"Expected: inputs and labels of shapes {ours}. Received: {theirs}."
        )
    if validation.y.dtype.kind not in "biuf" and data.y.dtype.kind in "biuf":
        raise TypeError(
            "`validation_data` has labels that are not numbers. Expected: labels as in `data`. "
            f"Received: labels of dtype {validation.y.dtype}."
        )
